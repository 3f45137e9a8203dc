"""Every list of the staff can be taken along as it stands: CSV and XLSX, what it shows and no more, without formulas, streamed."""

import csv
import io
import zipfile

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils.safestring import mark_safe

from core.list_exports import as_text
from core.models import LedgerEntry
from tests.complaints.desk import QUEUE, accepted
from tests.factories import OrganisationFactory, complaint, member, staff

pytestmark = pytest.mark.django_db


def rows(answer):
    assert answer.streaming
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def texts(workbook):
    book = zipfile.ZipFile(io.BytesIO(workbook))
    return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def test_a_list_as_it_is_narrowed_down(sign_in):
    person = staff()
    mine, _other = accepted(by=person), complaint()
    client = sign_in(person)
    sheets = dict(client.get(QUEUE, {"desk": "mine", "p": "1"}).context["sheets"])
    header, *lines = rows(client.get(sheets["csv"]))
    assert header[:3] == ["number", "state", "deadline"]
    assert [line[0].split()[0] for line in lines] == [mine.number]
    assert lines[0][1] == "accepted"
    assert "<" not in "".join(lines[0])
    answer = client.get(sheets["xlsx"])
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == 2
    assert "no-store" in answer["Cache-Control"]


def test_each_sheet_that_is_taken_is_in_the_ledger_without_what_was_looked_for(sign_in):
    person = staff()
    sign_in(person).get(f"{QUEUE}sheet/csv/?desk=all&q=Hanna+Holder")
    entry = LedgerEntry.objects.get(kind="list.taken_along")
    assert (entry.actor, entry.payload["list"]) == (person.public_id, "complaints_complaint")
    assert "Hanna" not in str(entry.payload)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_is_given_where_no_test_has_begun_a_transaction(sign_in, kind):
    case = complaint()
    answer = sign_in(staff()).get(f"{QUEUE}sheet/{kind}/?desk=all")
    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    assert case.number in (content.decode() if kind == "csv" else texts(content))
    assert LedgerEntry.objects.filter(kind="list.taken_along").count() == 1


def test_cells_carry_no_formulas(sign_in):
    holder = member(OrganisationFactory(name='=HYPERLINK("https://evil.example")'))
    complaint(by=holder)
    (line,) = rows(sign_in(staff()).get(f"{QUEUE}sheet/csv/?desk=all"))[1:]
    assert any(cell.startswith("'=HYPERLINK") for cell in line)


def test_what_is_no_list_or_nobodys_business_is_not_given(sign_in, client):
    worker = sign_in(staff())
    assert worker.get(f"{QUEUE}sheet/pdf/").status_code == 404
    assert worker.get(f"{QUEUE}sheet/csv/?unheard_of__exact=1").status_code == 404
    assert worker.post(f"{QUEUE}sheet/csv/").status_code == 405
    assert client.get(f"{QUEUE}sheet/csv/").status_code == 302
    assert sign_in(member()).get(f"{QUEUE}sheet/csv/").status_code == 302
    without_role = staff()
    without_role.groups.clear()
    assert sign_in(without_role).get(f"{QUEUE}sheet/csv/").status_code == 403
    assert not LedgerEntry.objects.filter(kind="list.taken_along").exists()


def test_every_list_has_one(sign_in):
    """Penalties, targets, letters and all others: the columns of the list, whatever draws them."""
    complaint()
    client = sign_in(staff("administrator"))
    places = [made.place for made in admin.site._registry.values() if hasattr(made, "as_sheet")]
    assert "governance_penalty" in places
    for place in places:
        answer = client.get(reverse(f"admin:{place}_sheet", args=["csv"]))
        assert answer.status_code in (200, 403), place
        if answer.status_code == 200:
            assert rows(answer)[0], place


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (True, "yes"), (3, 3), (["a", None], "a, "), ("<b>", "<b>"), ("a\n  b", "a b"),
        (mark_safe('<span class="rv-due" title="2026-03-05 12:00">in 2 days</span>'), "2026-03-05 12:00 in 2 days"),
        (mark_safe('<bdi>Shoe &lt;b title="x"&gt;</bdi><i></i>'), 'Shoe <b title="x">'),
    ],
)  # fmt: skip
def test_a_value_is_read_as_on_the_page(value, text):
    assert as_text(value) == text

"""Every list of the parties as CSV and XLSX: what the list shows, what the filters leave, nobody else's, no formulas."""

import csv
import io

import pytest
import python_calamine

from accounts.models import Organisation
from complaints import services
from tests.complaints.counter import answered, clock_says_told
from tests.factories import FilingFactory, OrganisationFactory, an_original, complaint, member, staff

pytestmark = pytest.mark.django_db
LISTS = ("complaints", "filings", "originals", "notices", "counter-notices")


def taken(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    content = b"".join(answer.streaming_content)
    assert "no-store" in answer["Cache-Control"]
    if ".xlsx" in path:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_index(0).to_python()
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def case():
    """A complaint that was upheld and answered, of a holder whose right is called by a formula."""
    holder, reviewer = member(), staff()
    right = FilingFactory(organisation=holder.organisation, created_by=holder, title="=1+1")
    case = complaint(by=holder, filing=right)
    services.accept(complaint=case, by=reviewer)
    found = [services.Found(target=ct, upheld=True, rule="U1", facts="@A copy.") for ct in case.targets.all()]
    services.decide(complaint=case, by=reviewer, findings=found)
    clock_says_told(case)
    return case


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_holder_takes_complaints_rights_and_answers_home(sign_in, case, kind):
    answer = answered(case)
    client, holder = sign_in(case.filed_by), case.filed_by
    original = an_original(holder)
    (_head, line) = taken(client, f"/complaints/export.{kind}")
    assert (line[0], line[4]) == (case.number, "'=1+1")
    (_head, *lines) = taken(client, f"/filings/export.{kind}")
    assert ("'=1+1", "yes") in {(line[2], line[11]) for line in lines}
    (_head, line) = taken(client, f"/originals/export.{kind}")
    assert line[0] == original.number
    # It is not passed on yet: the complainant does not know of it.
    assert len(taken(client, f"/counter-notices/export.{kind}")) == 1
    (_head, line) = taken(sign_in(answer.filed_by), f"/counter-notices/export.{kind}")
    assert (line[0], line[4]) == (answer.number, case.number)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_merchant_takes_its_notices_home_without_what_the_complainant_pasted(sign_in, case, kind):
    link = case.targets.get()
    link.link = "https://mall.example/pasted?tracking=1"
    link.save(update_fields=["link"])
    merchant = answered(case).filed_by
    (_head, line) = taken(sign_in(merchant), f"/notices/export.{kind}")
    assert line[0] == case.decisions.get().statements.get().number
    assert (line[4], line[10]) == ("'=1+1", "'@A copy.")
    assert link.link not in line
    assert link.target.url in line


@pytest.mark.parametrize("name", LISTS)
def test_a_stranger_takes_only_the_header_home(sign_in, case, name):
    answered(case)
    an_original(case.filed_by)
    strangers = member(), member(OrganisationFactory(kind=Organisation.Kind.MERCHANT))
    for stranger in strangers:
        for kind in ("csv", "xlsx"):
            assert len(taken(sign_in(stranger), f"/{name}/export.{kind}")) == 1
    client = sign_in(strangers[0])
    client.logout()
    assert client.get(f"/{name}/export.csv").status_code == 302


def test_the_filters_of_a_list_hold_for_its_sheet_and_stand_in_its_address(sign_in, case):
    client = sign_in(case.filed_by)
    assert "/filings/export.xlsx?state=approved" in client.get("/filings/?state=approved").content.decode()
    assert len(taken(client, "/filings/export.xlsx?state=approved")) == 2
    assert len(taken(client, "/filings/export.xlsx?state=draft")) == 1


def test_staff_take_all_complaints_home(sign_in, case):
    other = complaint()
    lines = taken(sign_in(staff()), "/complaints/export.xlsx")
    assert {line[0] for line in lines[1:]} == {case.number, other.number}

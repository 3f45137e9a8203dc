"""A row of many complaints names files that were handed in before, as a single complaint does; nobody else's, and once."""

import pytest

from complaints import lanes
from complaints.bulk import services as bulk
from complaints.models import Complaint, Evidence, Import, ImportFile
from core import files
from core.models import PrivateFile
from tests.complaints.test_sheets_of_links_over_the_api import (  # noqa: F401  fixtures
    SIGNED,
    URL,
    api,
    handed_in,
    holder,
    listings,
    program,
    right,
    said,
)  # fmt: skip
from tests.complaints.test_wizard import png
from tests.factories import complaint, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(api):  # noqa: F811
    return lambda by=api: uploaded(by)


def uploaded(by):
    answer = by.post("/api/v1/evidence", {"file": png()})
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def sent(api, body, status=201):  # noqa: F811
    answer = api.post(URL, body, "application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def faults(sheet):
    return [(bad["row"], cell["role"], cell["message"]) for bad in sheet["preview"]["faults"] for cell in bad["cells"]]


def files_of(case):
    return {row.file.public_id for row in case.evidence.all()}


def all_sent():
    while bulk.complain_due():
        pass


def test_each_complaint_has_the_files_that_its_rows_name(api, right, listings, file):  # noqa: F811
    seam, label = file(), file()
    rows = [
        {"link": listings[0].url, "evidence": [seam, label]},
        {"link": listings[1].url, "evidence": [label, seam]},
        {"link": listings[2].url},
    ]
    sheet = sent(api, {"rows": rows, "confirm": SIGNED, **said(right)})
    assert sheet["progress"]["waiting"] == 3
    all_sent()
    one, other = Complaint.objects.order_by("pk")
    assert (files_of(one), one.targets.count()) == ({seam, label}, 2)
    assert (files_of(other), other.targets.count()) == (set(), 1)


def test_files_are_kept_for_a_complaint_that_is_sent_days_later(api, right, listings, file, stopped):  # noqa: F811
    seam, forgotten = file(), file()
    sent(api, {"rows": [{"link": listings[0].url, "evidence": [seam]}], "confirm": SIGNED, **said(right)})
    stopped.advance(days=2)
    files.sweep_orphans()
    assert not PrivateFile.objects.filter(public_id=forgotten).exists()
    all_sent()
    assert files_of(Complaint.objects.get()) == {seam}
    assert not ImportFile.objects.exists(), "the complaint has it now"


def test_a_sheet_that_is_stopped_holds_its_files_no_longer(api, right, listings, file):  # noqa: F811
    rows = [{"link": listings[0].url, "evidence": [file()]}]
    sheet = sent(api, {"rows": rows, "confirm": SIGNED, **said(right)})
    assert ImportFile.objects.exists()
    assert api.post(f"{URL}/{sheet['id']}/stop", {}, "application/json").status_code == 200
    assert not ImportFile.objects.exists()


def test_a_kind_of_infringement_that_needs_an_attachment_goes_with_it(api, right, listings, file):  # noqa: F811
    shop = {"link": listings[0].shop.url, "infringement": "shop_name"}
    sheet = sent(api, {"rows": [shop], **said(right)})
    assert [role for _row, role, _said in faults(sheet)] == ["infringement"]
    sent(api, {"rows": [{**shop, "evidence": [file()]}], "confirm": SIGNED, **said(right)})
    all_sent()
    assert Complaint.objects.get().evidence.count() == 1


def test_a_file_that_is_not_yours_is_a_fault_of_its_row_alone(api, right, listings):  # noqa: F811
    foreign = uploaded(program(member()))
    rows = [{"link": listings[0].url, "evidence": [foreign]}, {"link": listings[1].url, "evidence": ["nonsense"]},
            {"link": listings[2].url}]  # fmt: skip
    sheet = sent(api, {"rows": rows, **said(right)})
    assert faults(sheet) == [
        (1, "evidence", f"{foreign} is no file of yours."), (2, "evidence", "nonsense is no file of yours."),
    ]  # fmt: skip
    refused = sent(api, {"rows": rows, "confirm": {**SIGNED, "all_or_nothing": True}, **said(right)}, 422)
    assert set(refused["errors"]) == {"rows.1.evidence", "rows.2.evidence"}
    assert not Evidence.objects.exists()


def test_a_file_of_another_case_is_a_fault(api, right, listings, file):  # noqa: F811
    seam = file()
    sent(api, {"rows": [{"link": listings[0].url, "evidence": [seam]}], "confirm": SIGNED, **said(right)})
    all_sent()
    sheet = sent(api, {"rows": [{"link": listings[1].url, "evidence": [seam]}], **said(right)})
    assert faults(sheet) == [(1, "evidence", f"{seam} belongs to another case. Upload it anew.")]


def test_a_file_beside_two_complaints_is_a_fault_of_the_second(api, right, listings, file):  # noqa: F811
    seam = file()
    own = "The label is printed and not woven, and the box is none of ours."
    rows = [
        {"link": listings[0].url, "evidence": [seam]},
        {"link": listings[1].url, "evidence": [seam], "description": own},
    ]
    ((row, role, words),) = faults(sent(api, {"rows": rows, **said(right)}))
    assert (row, role) == (2, "evidence")
    assert words.startswith(f"{seam} stands in row 1, which goes into another complaint")


def test_a_row_that_is_left_out_takes_no_file_from_another(api, right, listings, file):  # noqa: F811
    one, two = file(), file()
    named = ([one], [one, two], [two])
    rows = [{"link": listing.url, "evidence": ids} for listing, ids in zip(listings, named, strict=False)]
    assert [(row, role) for row, role, _said in faults(sent(api, {"rows": rows, **said(right)}))] == [(2, "evidence")]


def test_a_row_names_no_more_than_twenty_files(api, right, listings):  # noqa: F811
    rows = [{"link": listings[0].url, "evidence": [f"fil_{n}" for n in range(21)]}]
    ((row, role, words),) = faults(sent(api, {"rows": rows, **said(right)}))
    assert (row, role) == (1, "evidence")
    assert words.startswith("At most 20 files")


def test_more_links_than_a_complaint_takes_do_not_share_a_file(api, right, listings, file, monkeypatch):  # noqa: F811
    terms = lanes.TERMS[lanes.Lane.NORMAL]
    monkeypatch.setitem(lanes.TERMS, lanes.Lane.NORMAL, lanes.Terms(terms.lane, 2, 1000, 1.0, terms.words))
    seam = file()
    rows = [{"link": listing.url, "evidence": [seam]} for listing in listings]
    ((row, role, words),) = faults(sent(api, {"rows": rows, **said(right)}))
    assert (row, role) == (3, "evidence")
    assert "at most 2 links" in words


def test_what_happened_to_a_file_since_leaves_out_its_rows_with_the_reason(api, right, listings, file):  # noqa: F811
    seam = file()
    rows = [{"link": listings[0].url, "evidence": [seam]}, {"link": listings[1].url}]
    sheet = sent(api, {"rows": rows, "confirm": SIGNED, **said(right)})
    Evidence.objects.create(
        complaint=complaint(by=right.created_by),
        file=PrivateFile.objects.get(public_id=seam),
        added_by=right.created_by,
    )
    all_sent()
    first, second = api.get(f"{URL}/{sheet['id']}/rows").json()["results"]
    assert (first["state"], second["state"]) == ("left_out", "complained")
    assert "belongs to another case" in first["message"]


@pytest.mark.parametrize("wrong", ["fil_1", None, [7], [["x"]], {"id": "x"}])
def test_evidence_is_a_list_of_ids(api, right, wrong):  # noqa: F811
    refused = sent(api, {"rows": [{"link": "x"}, {"link": "x", "evidence": wrong}], **said(right)}, 422)
    assert set(refused["errors"]) == {"rows.2.evidence"}
    assert not Import.objects.exists()


def test_a_file_of_rows_names_evidence_in_a_column_that_is_chosen(api, right, listings, file):  # noqa: F811
    one, two = file(), file()
    sheet = f'link,files\n{listings[0].url},"{one}, {two}"\n'.encode()
    kept = handed_in(api, sheet, **{"columns.evidence": "B"}, **said(right))
    assert kept["columns"] == {"link": "A", "evidence": "B"}
    headers = {"If-Match": api.get(f"{URL}/{kept['id']}")["ETag"]}
    assert api.post(f"{URL}/{kept['id']}/confirm", SIGNED, "application/json", headers=headers).status_code == 200
    all_sent()
    assert files_of(Complaint.objects.get()) == {one, two}

"""Programs hand in a sheet of links, read every bad cell, confirm, and read what became of each row."""

import csv
import io

import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.api_keys.services import make_key
from complaints.bulk import services as bulk
from complaints.models import Complaint, Import, ImportRow
from tests.factories import FilingFactory, ListingFactory, ShopFactory, member

pytestmark = pytest.mark.django_db
URL = "/api/v1/complaints/sheets"
WORDS = "The seams differ from ours and the label has no number."
SIGNED = {"signature": "Ada Holder", "good_faith": True}


@pytest.fixture
def holder():
    return member(name="Ada Holder")


@pytest.fixture
def right(holder):
    return FilingFactory(organisation=holder.organisation, created_by=holder, title="OWN MARK")


@pytest.fixture
def listings():
    return ListingFactory.create_batch(3, shop=ShopFactory())


def program(holder, *scopes):
    _row, secret = make_key(
        organisation=holder.organisation, by=holder, name="x", scopes=scopes or ["complaints:write"], days=30
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def api(holder):
    return program(holder)


def links(listings, *more):
    return "\n".join(["link", *(listing.url for listing in listings), *more]).encode()


def handed_in(api, content, *, status=201, key=None, **said):
    headers = {"Idempotency-Key": key} if key else {}
    answer = api.post(URL, {"file": SimpleUploadedFile("links.csv", content), **said}, headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def said(right):
    return {"filing": right.public_id, "infringement": "counterfeit", "description": WORDS}


def post(api, path, body, status=200, **headers):
    answer = api.post(f"{URL}/{path}", body, "application/json", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def seen(api, sheet):
    return {"If-Match": api.get(f"{URL}/{sheet['id']}")["ETag"]}


def confirm(api, sheet, body=SIGNED, status=200, **headers):
    return post(api, f"{sheet['id']}/confirm", body, status, **{**seen(api, sheet), **headers})


def test_a_sheet_is_judged_at_once_confirmed_and_followed_row_by_row(api, holder, right, listings):
    sheet = handed_in(api, links(listings, "https://unknown.example/1"), **said(right))
    assert (sheet["state"], sheet["columns"], sheet["row_count"]) == ("unconfirmed", {"link": "A"}, 4)
    preview = sheet["preview"]
    assert (preview["good"], preview["bad"], preview["becomes"]) == (3, 1, {"complaints": 1})
    (bad,) = preview["faults"]
    assert (bad["row"], bad["name"]) == (5, "https://unknown.example/1")
    assert [(cell["cell"], cell["role"]) for cell in bad["cells"]] == [("A5", "link")]
    assert "not a marketplace" in bad["cells"][0]["message"]
    assert not ImportRow.objects.exists()
    confirmed = confirm(api, sheet)
    assert (confirmed["state"], confirmed["progress"]["waiting"], confirmed["progress"]["left_out"]) == (
        "running",
        3,
        1,
    )
    while bulk.complain_due():
        pass
    now = api.get(f"{URL}/{sheet['id']}").json()
    assert now["state"] == "done"
    assert now["progress"] == {"total": 4, "waiting": 0, "done": 3, "left_out": 1, "given_up": 0}
    case = Complaint.objects.get()
    rows = api.get(f"{URL}/{sheet['id']}/rows").json()["results"]
    assert [(row["row"], row["state"], row["complaint"], row["outcome"]) for row in rows] == [
        (2, "complained", case.public_id, "pending"), (3, "complained", case.public_id, "pending"),
        (4, "complained", case.public_id, "pending"), (5, "left_out", None, None),
    ]  # fmt: skip
    assert rows[0]["standing"]["label"] == "up"
    lines = list(
        csv.reader(
            io.StringIO(b"".join(api.get(f"{URL}/{sheet['id']}/result.csv").streaming_content).decode("utf-8-sig"))
        )
    )
    assert [line[0] for line in lines[1:]] == ["2", "3", "4", "5"]
    assert [one["id"] for one in api.get(URL).json()["results"]] == [sheet["id"]]


def test_columns_are_chosen_by_their_letters_and_bad_names_are_refused(api, right, listings):
    content = "A1,B1\n" + "\n".join(f"{WORDS},{listing.url}" for listing in listings)
    sheet = handed_in(api, content.encode())
    assert (sheet["columns"], sheet["preview"], sheet["header"]) == ({}, None, ["A1", "B1"])
    assert api.get(f"{URL}/{sheet['id']}/preview").status_code == 422
    for wrong in ({"link": "B1"}, {"price": "A"}, {"link": "A", "description": "A"}):
        refused = post(api, f"{sheet['id']}/columns", {"columns": wrong, **said(right)}, 422)
        assert set(refused["errors"]) & {"columns", "link"}
    confirm(api, sheet, status=422)
    missing = post(api, f"{sheet['id']}/columns", {"columns": {"link": "B"}}, 422)
    assert set(missing["errors"]) == {"filing", "infringement", "description"}
    chosen = {"columns": {"link": "B", "description": "A"}, "filing": right.public_id, "infringement": "counterfeit"}
    judged = post(api, f"{sheet['id']}/columns", chosen)
    assert (judged["columns"], judged["preview"]["good"]) == ({"link": "B", "description": "A"}, 3)
    assert api.get(f"{URL}/{sheet['id']}/preview").json() == judged["preview"]


def test_the_same_key_is_the_same_sheet_and_another_file_under_it_is_refused(api, right, listings):
    first = handed_in(api, links(listings), key="one", **said(right))
    assert handed_in(api, links(listings), key="one", **said(right)) == first
    assert handed_in(api, links(listings[:1]), key="one", status=422, **said(right))["code"] == "idempotency_key_reused"
    assert Import.objects.count() == 1
    confirmed = [confirm(api, first, **{"Idempotency-Key": "two"})["confirmed_at"] for _n in range(2)]
    assert confirmed[0] == confirmed[1]


def test_a_sheet_is_thrown_away_before_it_is_confirmed_and_stopped_after(api, right, listings):
    first = handed_in(api, links(listings), **said(right))
    assert api.delete(f"{URL}/{first['id']}").status_code == 204
    assert api.get(f"{URL}/{first['id']}").status_code == 404
    second = handed_in(api, links(listings), **said(right))
    post(api, f"{second['id']}/stop", {}, 404)
    confirm(api, second)
    assert api.delete(f"{URL}/{second['id']}").status_code == 409
    stopped = post(api, f"{second['id']}/stop", {})
    assert (stopped["state"], stopped["progress"]["left_out"]) == ("done", 3)
    assert "was stopped" in api.get(f"{URL}/{second['id']}/rows").json()["results"][0]["message"]
    assert bulk.complain_due() == 0
    assert post(api, f"{second['id']}/stop", {}, 409)["code"] == "wrong_state"


def test_rows_come_in_pages(api, right, listings):
    sheet = handed_in(api, links(listings), **said(right))
    confirm(api, sheet)
    found, address = [], f"{URL}/{sheet['id']}/rows?page_size=2"
    while address:
        page = api.get(address).json()
        found += [row["row"] for row in page["results"]]
        address = page["next"]
    assert found == [2, 3, 4]


def test_nothing_is_sent_without_signature_and_good_faith(api, right, listings):
    sheet = handed_in(api, links(listings), **said(right))
    assert set(confirm(api, sheet, {}, 422)["errors"]) == {"signature", "good_faith"}
    refused = confirm(api, sheet, {"signature": "Ada", "good_faith": False}, 422)
    assert set(refused["errors"]) == {"good_faith"}
    assert not ImportRow.objects.exists()


def test_what_is_no_sheet_and_a_right_of_somebody_else_are_said_by_their_field(api, listings):
    assert set(handed_in(api, b"\x89PNG\r\n\x1a\n\x00", status=422)["errors"]) == {"file"}
    assert set(api.post(URL, {}).json()["errors"]) == {"file"}
    foreign = handed_in(api, links(listings), status=422, filing=FilingFactory().public_id)
    assert set(foreign["errors"]) == {"filing"}
    assert not Import.objects.exists()


def test_a_key_that_only_reads_and_a_stranger_get_no_further(holder, api, right, listings):
    sheet = handed_in(api, links(listings), **said(right))
    reading = program(holder, "complaints:read")
    assert reading.get(f"{URL}/{sheet['id']}").status_code == 200
    assert reading.post(f"{URL}/{sheet['id']}/confirm", SIGNED, "application/json").status_code == 403
    stranger = program(member())
    for path in ("", "/preview", "/rows", "/result.csv"):
        assert stranger.get(f"{URL}/{sheet['id']}{path}").status_code == 404
    assert stranger.get(URL).json()["results"] == []


def test_reading_rows_asks_the_database_as_often_for_many_as_for_few(api, right, django_assert_max_num_queries):
    listings = ListingFactory.create_batch(60, shop=ShopFactory())
    sheet = handed_in(api, links(listings), **said(right))
    confirm(api, sheet)
    while bulk.complain_due():
        pass
    api.get(URL)
    with django_assert_max_num_queries(20):
        assert len(api.get(f"{URL}/{sheet['id']}/rows").json()["results"]) == 60


def test_what_is_signed_is_what_was_seen(api, right, listings):
    sheet = handed_in(api, links(listings), **said(right))
    before = seen(api, sheet)
    assert api.get(f"{URL}/{sheet['id']}/preview")["ETag"] == before["If-Match"]
    assert post(api, f"{sheet['id']}/confirm", SIGNED, 428)["code"] == "precondition_required"
    chosen = {"columns": {"link": "A"}, **said(right), "description": "Another description, said for all of the rows."}
    post(api, f"{sheet['id']}/columns", chosen)
    assert post(api, f"{sheet['id']}/confirm", SIGNED, 412, **before)["code"] == "precondition_failed"
    assert not ImportRow.objects.exists()
    confirm(api, sheet)
    assert post(api, f"{sheet['id']}/confirm", SIGNED)["state"] == "running"


def test_the_result_is_a_workbook_too(api, right, listings):
    sheet = handed_in(api, links(listings), **said(right))
    assert api.get(f"{URL}/{sheet['id']}/result.xlsx").status_code == 404
    confirm(api, sheet)
    answer = api.get(f"{URL}/{sheet['id']}/result.xlsx")
    assert answer["Content-Disposition"].endswith('.xlsx"')
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert [row[0] for row in book.get_sheet_by_index(0).to_python()[1:]] == [2, 3, 4]

"""A program complains of many links in one POST: rows in JSON, with a line of result for each, and nothing twice."""

import pytest

from complaints.bulk import services as bulk
from complaints.models import Complaint, Import, ImportBatch, ImportRow
from core.imports.services import MOST_UNCONFIRMED
from tests.complaints.test_sheets_of_links_over_the_api import (  # noqa: F401  fixtures
    SIGNED,
    URL,
    WORDS,
    api,
    holder,
    listings,
    right,
    said,
)  # fmt: skip
from tests.factories import FilingFactory, ListingFactory, ShopFactory

pytestmark = pytest.mark.django_db


def sent(api, body, status=201, **headers):  # noqa: F811
    answer = api.post(URL, body, "application/json", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def rows(listings, *more):  # noqa: F811
    return [*({"link": listing.url} for listing in listings), *more]


def fates(api, sheet):  # noqa: F811
    return api.get(f"{URL}/{sheet['id']}/rows").json()["results"]


def all_sent():
    while bulk.complain_due():
        pass


def test_rows_are_confirmed_in_the_same_call_and_each_has_its_fate(api, right, listings):  # noqa: F811
    bad = {"link": "https://unknown.example/1"}
    sheet = sent(api, {"rows": rows(listings, bad), "confirm": SIGNED, "name": "Week 12", **said(right)})
    assert (sheet["state"], sheet["name"], sheet["row_count"]) == ("running", "Week 12", 4)
    assert (sheet["progress"]["waiting"], sheet["progress"]["left_out"]) == (3, 1)
    all_sent()
    case = Complaint.objects.get()
    found = fates(api, sheet)
    assert [(row["row"], row["state"], row["complaint"]) for row in found] == [
        (1, "complained", case.public_id), (2, "complained", case.public_id), (3, "complained", case.public_id),
        (4, "left_out", None),
    ]  # fmt: skip
    assert "not a marketplace" in found[3]["message"]
    assert case.targets.count() == 3


def test_rows_may_say_for_themselves_what_others_leave_to_all(api, holder, right, listings):  # noqa: F811
    other = FilingFactory(organisation=holder.organisation, created_by=holder, title="OTHER MARK")
    own = "The label is printed and not woven, and the box is none of ours."
    body = rows(listings[:2], {"link": listings[2].url, "filing": other.public_id, "description": own})
    sheet = sent(api, {"rows": body, "confirm": SIGNED, **said(right)})
    all_sent()
    assert {row["state"] for row in fates(api, sheet)} == {"complained"}
    assert sorted(Complaint.objects.values_list("filing__title", "description")) == [
        ("OTHER MARK", own), ("OWN MARK", WORDS)
    ]  # fmt: skip


def test_without_confirm_rows_are_judged_and_wait(api, right, listings):  # noqa: F811
    sheet = sent(api, {"rows": rows(listings, {"link": "nothing"}), **said(right)})
    preview = sheet["preview"]
    assert (sheet["state"], preview["good"], preview["bad"], preview["becomes"]) == (
        "unconfirmed", 3, 1, {"complaints": 1},
    )  # fmt: skip
    assert [(f["row"], f["cells"][0]["cell"], f["cells"][0]["role"]) for f in preview["faults"]] == [(4, "", "link")]
    assert not ImportRow.objects.exists()
    headers = {"If-Match": api.get(f"{URL}/{sheet['id']}")["ETag"]}
    answer = api.post(f"{URL}/{sheet['id']}/confirm", SIGNED, "application/json", headers=headers)
    assert answer.json()["progress"]["waiting"] == 3


def test_all_or_nothing_names_the_bad_rows_and_writes_none(api, right, listings):  # noqa: F811
    body = {"rows": rows(listings, {"link": "nothing"}), **said(right), "confirm": {**SIGNED, "all_or_nothing": True}}
    refused = sent(api, body, 422, **{"Idempotency-Key": "one"})
    assert set(refused["errors"]) == {"rows.4.link"}
    assert not Import.objects.exists()
    # The key was given back: mended, the same call is carried out.
    mended = sent(api, {**body, "rows": rows(listings)}, **{"Idempotency-Key": "one"})
    assert mended["progress"]["waiting"] == 3


def test_the_same_key_writes_nothing_twice(api, right, listings):  # noqa: F811
    body = {"rows": rows(listings), "confirm": SIGNED, **said(right)}
    first = sent(api, body, **{"Idempotency-Key": "one"})
    assert sent(api, body, **{"Idempotency-Key": "one"}) == first
    other = {**body, "rows": rows(listings[:1])}
    assert sent(api, other, 422, **{"Idempotency-Key": "one"})["code"] == "idempotency_key_reused"
    all_sent()
    assert (Import.objects.count(), Complaint.objects.count()) == (1, 1)


def test_the_same_links_again_are_left_out(api, right, listings):  # noqa: F811
    body = {"rows": rows(listings), "confirm": SIGNED, **said(right)}
    sent(api, body)
    all_sent()
    refused = sent(api, body, 422)
    assert "No row of this sheet can be complained of" in str(refused["errors"])
    assert Complaint.objects.count() == 1


def test_its_page_counts_rows_as_the_program_does(api, holder, right, listings, sign_in):  # noqa: F811
    sheet = sent(api, {"rows": rows(listings), **said(right)})
    page = sign_in(holder).get(f"/complaints/import/{sheet['id']}/").content.decode()
    assert [page.count(f'<th scope="row">{number}</th>') for number in (1, 2, 3)] == [1, 1, 1]


def test_what_is_confirmed_at_once_takes_the_place_of_no_sheet_that_waits(api, right, listings):  # noqa: F811
    waiting = {sent(api, {"rows": rows(listings), **said(right)})["id"] for _n in range(MOST_UNCONFIRMED)}
    sent(api, {"rows": rows(listings), "confirm": SIGNED, **said(right)})
    assert set(Import.objects.filter(confirmed_at=None).values_list("public_id", flat=True)) == waiting


def test_a_crash_in_the_middle_is_gone_on_with(api, right, monkeypatch):  # noqa: F811
    listings = ListingFactory.create_batch(3, shop=ShopFactory())  # noqa: F811
    words = [f"{WORDS} Number {n}." for n in range(3)]
    body = [{"link": one.url, "description": said} for one, said in zip(listings, words, strict=True)]
    sheet = sent(api, {"rows": body, "confirm": SIGNED, **said(right)})
    submit, died = bulk.services.submit_complaint, []

    def dies_once(**given):
        made = submit(**given)
        if len(died) < 1:
            died.append(made)
            raise RuntimeError("killed")
        return made

    monkeypatch.setattr(bulk.services, "submit_complaint", dies_once)
    bulk.complain_due()
    assert [row["state"] for row in fates(api, sheet)].count("waiting") == 1
    ImportBatch.objects.filter(done_at=None).update(due_at=sheet["created_at"])
    all_sent()
    assert {row["state"] for row in fates(api, sheet)} == {"complained"}
    assert Complaint.objects.count() == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rows"),
        ({"rows": []}, "rows"),
        ({"rows": {"link": "x"}}, "rows"),
        ({"rows": "x"}, "rows"),
        ({"rows": [1]}, "rows.1"),
        ({"rows": [{"link": 7}]}, "rows.1"),
        ({"rows": [{"link": None}]}, "rows.1"),
        ({"rows": [{"link": "x"}, {"price": "x"}]}, "rows.2"),
        ({"rows": [{"link": "a\x00b"}]}, "rows.1.link"),
        ({"rows": [{"link": "a\ud800b"}]}, "rows.1.link"),
        ({"rows": [{"link": "x" * 10_001}]}, "rows.1.link"),
        ({"rows": [{"link": "x"}], "confirm": {}}, "confirm.signature"),
        ({"rows": [{"link": "x"}], "confirm": {**SIGNED, "good_faith": 1}}, "confirm.good_faith"),
        ({"rows": [{"link": "x"}], "confirm": "yes"}, "confirm"),
        ({"rows": [{"link": "x"}], "filing": "flg_" + "0" * 26}, "filing"),
        ({"rows": [{"link": "x"}]}, "description"),
        ({"rows": [{"link": "x"}], "name": "x" * 151}, "name"),
    ],
)
def test_what_is_wrong_is_said_by_its_place(api, right, body, field):  # noqa: F811
    refused = sent(api, body, 422)
    assert any(name.startswith(field) for name in refused["errors"]), refused["errors"]
    assert not Import.objects.exists()


def test_a_thousand_rows_come_in_one_call(api, right, django_assert_max_num_queries):  # noqa: F811
    shop = ShopFactory()
    body = rows(
        ListingFactory.build_batch(1, shop=shop), *({"link": f"https://unknown.example/{n}"} for n in range(999))
    )
    with django_assert_max_num_queries(60):
        sheet = sent(api, {"rows": body, **said(right)})
    assert (sheet["row_count"], sheet["preview"]["bad"] >= 999) == (1000, True)

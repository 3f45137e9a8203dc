"""The list of complaints as a sheet: what the filters leave, a line for each link, nobody else's, and no formulas."""

import csv
import io

import pytest

from tests.factories import FilingFactory, ListingFactory, ShopFactory, complaint, member

pytestmark = pytest.mark.django_db


def exported(client, query=""):
    answer = client.get(f"/complaints/export.csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


@pytest.fixture
def holder():
    return member()


@pytest.fixture
def case(holder):
    right = FilingFactory(organisation=holder.organisation, created_by=holder, title="=OWN MARK")
    return complaint(*ListingFactory.create_batch(2, shop=ShopFactory(title="@Bargains")), by=holder, filing=right)


def test_a_line_says_of_each_link_what_the_list_and_the_case_say(sign_in, holder, case):
    complaint()
    lines = exported(sign_in(holder))
    assert [line["Link"] for line in lines] == [ct.link for ct in case.targets.order_by("pk")]
    assert {line["Case"] for line in lines} == {case.number}
    assert {(line["State"], line["Decision about the link"]) for line in lines} == {("submitted", "not decided yet")}


def test_what_would_be_a_formula_is_read_as_text(sign_in, holder, case):
    assert {(line["Right"], line["Seller"]) for line in exported(sign_in(holder))} == {("'=OWN MARK", "'@Bargains")}


def test_the_filters_of_the_list_hold_for_the_sheet(sign_in, holder, case):
    client = sign_in(holder)
    assert (
        'href="/complaints/export.csv?state=submitted"'
        in client.get("/complaints/?state=submitted&page=1").content.decode()
    )
    assert len(exported(client, f"?q={case.number}")) == 2
    assert exported(client, "?state=closed") == []
    assert exported(client, "?q=nothing") == []


def test_it_is_asked_in_one_statement_however_many_links_there_are(
    sign_in, holder, case, django_assert_max_num_queries
):
    client = sign_in(holder)
    client.get("/complaints/")
    complaint(*ListingFactory.create_batch(20, shop=ShopFactory()), by=holder)
    with django_assert_max_num_queries(8):
        assert len(exported(client)) == 22


def test_a_stranger_exports_nothing_of_others(sign_in, case):
    assert exported(sign_in(member())) == []

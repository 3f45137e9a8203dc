"""Findings of patrol in the public register: from when the shop was told, without persons or what was written."""

import csv
import io

import pytest

from filings.models import Filing
from governance.register import findings
from patrol import services as patrol
from tests.factories import ListingFactory, ShopFactory, staff
from tests.governance.penalties import senior
from tests.patrol.build import FACTS, a_candidate, a_finding, a_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def published(client, finding):
    """Everything that the public reads: the list, the page, the table."""
    table = b"".join(client.get("/register/findings/findings.csv").streaming_content).decode("utf-8-sig")
    page = client.get(f"/register/findings/{finding.public_id}/")
    api = client.get(f"/api/v1/register-findings/{finding.public_id}")
    assert client.get("/api/v1/register-findings").json()["results"] == [api.json()]
    return [api.content.decode(), client.get("/register/findings/").content.decode(), page.content.decode(), table]


def test_it_stands_there_from_when_its_shop_was_told_and_says_that_it_was_reversed(client, shop, merchant, work_off):
    finding = a_finding(a_candidate(target=ListingFactory(shop=shop, title="Shoes, call 13812345678")))
    Filing.objects.update(owner_name="张三丰")
    assert client.get(f"/register/findings/{finding.public_id}/").status_code == 404
    assert client.get(f"/api/v1/register-findings/{finding.public_id}").status_code == 404
    assert finding.number not in client.get("/register/findings/").content.decode()
    work_off()
    for text in published(client, finding):
        assert finding.number in text
        assert "Bargain Shoes" in text
        assert "张**" in text or "\\u5f20**" in text
        never = ["13812345678", "张三丰", FACTS, finding.decided_by.name, merchant.email, merchant.organisation.name]
        assert not [words for words in never if words in text]
    reversal = patrol.reverse(candidate=finding.candidate, by=senior(), reason="It is genuine.", appeal="apl_x")
    work_off()
    row = list(csv.DictReader(io.StringIO(published(client, finding)[3])))
    assert [(r["number"], r["outcome"], r["reversed_on_appeal"]) for r in row] == [(finding.number, "reversed", "True")]
    assert client.get(f"/register/findings/{reversal.public_id}/").status_code == 404


def test_a_page_of_them_asks_once(shop, work_off, django_assert_num_queries):
    for _ in range(3):
        a_finding(a_candidate(target=ListingFactory(shop=shop)))
    work_off()
    with django_assert_num_queries(1):
        assert len(findings.read(findings.published())) == 3


@pytest.fixture
def two(shop, work_off):
    """A finding that stands, and one of another right and shop that was reversed."""
    stands = a_finding(a_candidate(a_profile(), ListingFactory(shop=shop)))
    profile = a_profile(right="publishing", kind="book")
    book = a_candidate(profile, ListingFactory(shop=ShopFactory(title="Corner of books")))
    gone = patrol.uphold(candidate=book, by=staff(), rule="U3", facts=FACTS)
    patrol.reverse(candidate=book, by=senior(), reason="It is genuine.")
    work_off()
    return stands, gone


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"q": "Bargain Shoes"}, [0]), ({"q": "number"}, [1]), ({"q": "title"}, [1]), ({"shop": "corner"}, [1]),
        ({"right": "publishing"}, [1]), ({"infringement": "counterfeit"}, [0]), ({"outcome": "reversed"}, [1]),
        ({"outcome": "upheld"}, [0]), ({"until": "2001-01-01"}, []), ({}, [0, 1]),
    ],
)  # fmt: skip
def test_it_is_searched_alike_on_the_page_in_the_feed_the_table_and_by_api(client, two, asked, wanted):
    words = {"number": two[1].number, "title": two[1].candidate.profile.filing.title}
    asked = asked | {"q": words.get(asked.get("q", ""), asked.get("q", ""))}
    table = b"".join(client.get("/register/findings/findings.csv", asked).streaming_content).decode("utf-8-sig")
    texts = [
        client.get("/register/findings/", asked).content.decode(), table,
        client.get("/register/findings/feed.atom", asked).content.decode(),
        client.get("/api/v1/register-findings", asked).content.decode(),
    ]  # fmt: skip
    for text in texts:
        assert [n for n, finding in enumerate(two) if finding.public_id in text] == wanted


def test_a_filter_that_cannot_be_read_is_named(client, two):
    for address in ("/register/findings/", "/register/findings/feed.atom", "/api/v1/register-findings"):
        assert client.get(address, {"since": "soon"}).status_code == 422


def test_what_a_reader_has_already_is_not_sent_again_until_something_changes(client, two, stopped):
    for address in ("/register/findings/", f"/register/findings/{two[0].public_id}/", "/register/findings/feed.atom"):
        first = client.get(address)
        assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    stopped.advance(minutes=1)
    patrol.reverse(candidate=two[0].candidate, by=senior(), reason="It is genuine.")
    after = client.get("/register/findings/feed.atom", headers={"if-none-match": first["ETag"]})
    assert after.status_code == 200
    assert after.content.decode().index(two[0].public_id) < after.content.decode().index(two[1].public_id)

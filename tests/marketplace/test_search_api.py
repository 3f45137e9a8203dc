"""`GET /api/v1/marketplace/search`: for verified rights holders and agencies that may complain, page by page."""

import pytest

from accounts.models import Organisation
from accounts.roles import OrgRole
from marketplace.search import access
from tests.factories import MarketplaceFactory, OrganisationFactory, member
from tests.marketplace.selling import a_shop, sell
from tests.test_keys_open_what_their_scopes_say import keyed

pytestmark = pytest.mark.django_db
URL = "/api/v1/marketplace/search"


@pytest.fixture
def mall(db):
    return MarketplaceFactory(slug="mall")


@pytest.fixture
def holder(sign_in):
    return sign_in(member())


def test_a_hit_says_what_a_complaint_needs_and_nothing_of_the_seller_as_a_person(mall, holder):
    shop = sell(
        mall, "", kind="shop", name="Harbour Lane", external_id="s1", operator_name="Zhang San",
        operator_uscc="91330100MA2AXXXX0X", contact_email="seller@example.com",
    )  # fmt: skip
    shoe = sell(mall, "耐克 Nike 跑鞋", shop_external_id="s1", price="399.00", currency="CNY", category="鞋靴/运动鞋")
    answer = holder.get(URL, {"words": "耐克"})
    assert answer.status_code == 200
    (hit,) = answer.json()["results"]
    assert answer.json()["next"] is None
    assert (hit["id"], hit["kind"], hit["title"]) == (shoe.public_id, "listing", "耐克 Nike 跑鞋")
    assert (hit["price"], hit["currency"], hit["category"]) == ("399.00", "CNY", "鞋靴/运动鞋")
    assert hit["shop"] == {"id": shop.public_id, "name": "Harbour Lane"}
    assert hit["link"] == "https://mall.example/product/" + shoe.external_id
    for personal in ("Zhang San", "91330100", "seller@example.com"):
        assert personal not in answer.content.decode()
    resolved = holder.post(
        "/api/v1/marketplace/links/resolve", {"links": [hit["link"]]}, content_type="application/json"
    )
    assert resolved.json()["results"][0]["target"]["id"] == shoe.public_id


def test_next_leads_through_all_of_it(mall, holder):
    for number in range(5):
        sell(mall, f"Nike {number}")
    address, found = f"{URL}?words=nike&kind=listing&kind=video&page_size=2", []
    while address:
        page = holder.get(address).json()
        found += [hit["title"] for hit in page["results"]]
        address = page["next"]
    assert found == [f"Nike {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "words"),
        ({"words": "   "}, "words"),
        ({"words": "x" * 201}, "words"),
        ({"words": "a\u202eb"}, "words"),
        ({"words": "nike", "kind": "car"}, "kind"),
        ({"words": "nike", "marketplace": "nowhere"}, "marketplace"),
        ({"words": "nike", "price_from": "1"}, "currency"),
        ({"words": "nike", "price_from": "NaN", "currency": "CNY"}, "price_from"),
        ({"words": "nike", "price_from": "5", "price_to": "1", "currency": "CNY"}, "price_to"),
        ({"words": "nike", "currency": "'--"}, "currency"),
        ({"words": "nike", "published_since": "yesterday"}, "published_since"),
        ({"words": "nike", "published_since": "0001-01-01"}, "published_since"),
        ({"words": "nike", "published_since": "2026-02-02", "published_until": "2026-02-01"}, "published_until"),
        ({"words": "nike", "order": "price"}, "order"),
        ({"words": "nike", "cursor": "-1"}, "cursor"),
        ({"words": "nike", "cursor": "n99999999999999999999999"}, "cursor"),
        ({"words": "nike", "page_size": "0"}, "page_size"),
        ({"words": "nike", "page_size": "1e3"}, "page_size"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(mall, holder, asked, field):
    answer = holder.get(URL, asked)
    assert answer.status_code == 422
    assert answer.json()["errors"].get(field), answer.json()


def test_search_is_for_those_who_may_complain(mall, sign_in, client):
    assert client.get(URL, {"words": "nike"}).status_code in (401, 403)
    waiting = OrganisationFactory(state=Organisation.State.SUBMITTED)
    merchant = OrganisationFactory(kind=Organisation.Kind.MERCHANT)
    for refused, code in (
        (member(waiting), "organisation_not_verified"),
        (member(merchant), "not_for_merchants"),
        (member(role=OrgRole.READER), "forbidden"),
    ):
        answer = sign_in(refused).get(URL, {"words": "nike"})
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    agency = OrganisationFactory(kind=Organisation.Kind.AGENCY)
    assert sign_in(member(agency, role=OrgRole.COMPLAINANT)).get(URL, {"words": "nike"}).status_code == 200


def test_nobody_reads_the_whole_market_through_it(mall, holder, monkeypatch):
    monkeypatch.setattr(access, "MOST_A_MINUTE", 2)
    assert [holder.get(URL, {"words": "nike"}).status_code for _n in range(3)] == [200, 200, 429]


def test_a_key_with_its_scope_searches(mall, client):
    a_shop(mall, "Harbour Lane", "s1")
    _row, key = keyed("complaints:read")
    answer = client.get(URL, {"seller": "harbour"}, headers={"Authorization": f"Bearer {key}"})
    assert [hit["kind"] for hit in answer.json()["results"]] == ["shop"]

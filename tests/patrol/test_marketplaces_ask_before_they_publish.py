"""`POST /api/v1/marketplace/precheck`: signed like events; pass, review or block, with reasons and the rule."""

import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from accounts.models import Organisation
from core import clock
from marketplace.models import Target
from marketplace.services import HoldCause, place_holds
from patrol import prechecks, terms
from patrol.models import AuthorisedShop, Precheck
from tests.factories import FilingFactory, MarketplaceFactory, OrganisationFactory, ShopFactory, staff
from tests.patrol.helpers import a_profile

pytestmark = pytest.mark.django_db
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBtYWxsIGZvciB0ZXN0cw=="
URL = "/api/v1/marketplace/precheck"


@pytest.fixture(autouse=True)
def fresh(stopped):
    terms.forget()


@pytest.fixture
def mall():
    return MarketplaceFactory(slug="mall", inbound_secret=SECRET)


@pytest.fixture
def book():
    filing = FilingFactory(kind="publishing")
    profile = a_profile(
        filing=filing, kind="book", name="三体全集", list_price="168.00", currency="CNY", price_floor="60.00"
    )
    profile.terms.create(text="三体全集")
    return profile


def ask(client, body, *, secret=SECRET, **headers):
    text = body if isinstance(body, str) else json.dumps(body)
    at = clock.unmoved()
    signed = {
        "ippro-marketplace": "mall", "webhook-id": "m1", "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("m1", at, text),
    }  # fmt: skip
    return client.post(URL, text, content_type="application/json", headers={**signed, **headers})


def listing(title, **data):
    return {"shop_external_id": "s1", "title": title, "category": "books", "currency": "CNY", **data}


PIRATE = listing("三体全集 高清扫描 复印版", price="9.90")


def test_a_copy_is_blocked_with_reasons_and_the_rule(client, mall, book):
    said = ask(client, PIRATE).json()
    assert (said["answer"], said["rule"], said["profile"]) == ("block", "U3", book.public_id)
    assert said["score"] > 0.5
    assert any("三体全集" in reason for reason in said["reasons"])
    assert "wording.copy" in {one["signal"] for one in said["signals"]}
    assert not Target.objects.filter(kind="listing").exists(), "nothing is on sale yet"


def test_what_has_nothing_to_do_with_what_is_watched_passes(client, mall, book):
    said = ask(client, listing("Garden chair", price="99.00")).json()
    assert (said["answer"], said["reasons"], said["rule"], said["profile"]) == ("pass", [], "", None)


def test_what_is_merely_suspicious_is_for_a_person(client, mall, book):
    said = ask(client, listing("三体全集", price="58.00")).json()
    assert (said["answer"], said["rule"]) == ("review", "U3")


def test_no_score_alone_blocks_but_where_staff_let_it_take_down(client, mall, book):
    cheap = listing("三体全集 二手 九成新", price="5.00")
    said = ask(client, cheap).json()
    assert said["score"] >= 0.9, "it bears the name, and the brand wrote both prices"
    assert said["answer"] == "review"
    assert all("floor" not in one["data"] for one in said["signals"]), "the floor is the brand's"
    book.is_automatic = True
    book.save()
    assert ask(client, cheap).json()["answer"] == "block"


def test_a_known_shop_is_judged_by_its_new_name(client, mall, book):
    ShopFactory(marketplace=mall, external_id="s1", title="A shop")
    renamed = {"kind": "shop", "external_id": "s1", "name": "三体全集 复印版 专卖"}
    assert ask(client, renamed).json()["answer"] == "block"
    assert Target.objects.get(external_id="s1").title == "A shop", "nothing changed yet"


def test_what_other_marketplaces_shut_is_not_told(client, mall, book):
    elsewhere = ShopFactory(marketplace=MarketplaceFactory(), operator_uscc="91330100MA2AXXXX0X")
    ShopFactory(marketplace=mall, external_id="s1", operator_uscc="91330100MA2AXXXX0X")
    place_holds(targets=[elsewhere], cause=HoldCause("pen_1"))
    said = ask(client, PIRATE).json()
    assert "seller.banned_operator" in {one["signal"] for one in Precheck.objects.get().signals}
    assert "seller.banned_operator" not in {one["signal"] for one in said["signals"]}
    assert not any("operator" in reason for reason in said["reasons"])


def test_the_same_question_has_the_same_answer_once(client, mall, book):
    first, again = ask(client, PIRATE).json(), ask(client, PIRATE).json()
    assert first == again
    assert Precheck.objects.count() == 1
    shop = ShopFactory(marketplace=mall, external_id="s1")
    AuthorisedShop.objects.create(profile=book, shop=shop)
    assert ask(client, PIRATE).json()["answer"] == "pass", "its shop may sell by now"
    assert Precheck.objects.count() == 2


def test_nothing_of_a_shop_that_is_shut_or_of_its_operators_other_shops_is_published(client, mall):
    shop = ShopFactory(marketplace=mall, external_id="s1", operator_uscc="91330100MA2AXXXX0X")
    other = ShopFactory(marketplace=mall, external_id="s2", operator_uscc="91330100MA2AXXXX0X")
    honest = ShopFactory(marketplace=mall, external_id="s3")
    place_holds(targets=[shop], cause=HoldCause("pen_1"))
    held = ask(client, listing("Garden chair")).json()
    assert (held["answer"], [one["signal"] for one in held["signals"]]) == ("block", ["shop.held"])
    linked = ask(client, listing("Garden chair", shop_external_id=other.external_id)).json()
    assert (linked["answer"], linked["rule"]) == ("block", "M10")
    assert "s1" in linked["reasons"][0]
    assert ask(client, listing("Garden chair", shop_external_id=honest.external_id)).json()["answer"] == "pass"


def test_shops_of_the_same_merchant_are_linked_too(client, mall):
    merchant = OrganisationFactory(kind=Organisation.Kind.MERCHANT)
    shut, _open = (ShopFactory(marketplace=mall, external_id=f"s{n}", operator=merchant) for n in (1, 2))
    place_holds(targets=[shut], cause=HoldCause("pen_1"))
    assert ask(client, listing("Garden chair", shop_external_id="s2")).json()["answer"] == "block"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ("{", 400, ""),
        ([], 422, "data"),
        ({"title": 7}, 422, "title"),
        (listing("x", price="cheap"), 422, "price"),
        (listing("x", images=["ftp://x"]), 422, "images"),
        ({"kind": "castle", "title": "x"}, 422, "kind"),
        ({"kind": ["listing"], "title": "x"}, 422, "kind"),
        (listing("x", shop_external_id="\n"), 422, "shop_external_id"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(client, mall, body, status, field):
    answer = ask(client, body)
    assert answer.status_code == status
    assert field in answer.content.decode()
    assert not Precheck.objects.exists()


@pytest.mark.parametrize(
    "body", [{}, {"title": ""}, listing("书" * 500), listing("x", images=["https://a.example/b"] * 50)]
)
def test_what_says_little_or_much_is_answered(client, mall, book, body):
    assert ask(client, body).json()["answer"] == "pass"


def test_who_did_not_sign_learns_nothing(client, mall, book):
    assert ask(client, PIRATE, secret="whsec_YSBuZXdlciBzZWNyZXQgb2YgdGhlIG1hbGwgZm9yIHRlc3Rz").status_code == 401
    assert client.post(URL, "{}", content_type="application/json").status_code == 401
    assert not Precheck.objects.exists()


def test_other_kinds_can_be_asked_about(client, mall, book):
    assert ask(client, {**PIRATE, "kind": "video"}).json()["answer"] == "block"
    assert ask(client, {"kind": "shop", "external_id": "s9", "name": "A shop"}).json()["answer"] == "pass"


def test_staff_see_what_was_asked_and_it_is_forgotten_after_a_year(client, mall, book, sign_in, stopped):
    ask(client, PIRATE)
    row = Precheck.objects.get()
    desk = sign_in(staff())
    assert "U3" in desk.get("/admin/patrol/precheck/?answer=block").content.decode()
    assert "三体全集" in desk.get(f"/admin/patrol/precheck/{row.pk}/change/").content.decode()
    stopped.advance(days=364)
    assert prechecks.forget_old() == 0
    stopped.set(clock.now() + timedelta(days=2))
    assert prechecks.forget_old() == 1


def test_the_number_of_queries_does_not_grow_with_what_is_watched(client, mall, book, django_assert_max_num_queries):
    ask(client, PIRATE)
    for _n in range(5):
        a_profile().terms.create(text="三体全集")
    ask(client, PIRATE)
    with django_assert_max_num_queries(25):
        ask(client, PIRATE)

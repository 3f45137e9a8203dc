"""What a marketplace says becomes its mirror: in batches, late, twice, and beside broken events."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Organisation
from core import clock
from core.models import OutboxMessage
from core.outbox import Consumer
from ippro.wiring import CONSUMERS
from marketplace import services
from marketplace.ingest import forget_old_events, ingest
from marketplace.models import Enforcement, Marketplace, ReceivedEvent, Target, TargetVersion

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def afternoon():
    with clock.frozen(NOON + timedelta(hours=6)) as stopped:
        yield stopped


@pytest.fixture
def mall(db):
    return Marketplace.objects.create(slug="mall", name="Mall", connector="demo")


def event(number, type="listing.upserted", /, *, minutes=0, version=None, **data):
    made = {
        "id": f"e{number}",
        "type": type,
        "occurred_at": (NOON + timedelta(minutes=minutes)).isoformat(),
        "data": {"external_id": "1", **data},
    }
    return made if version is None else made | {"version": version}


def take_in(mall, *events):
    return [result.status for result in ingest(marketplace=mall, events=list(events))]


def test_a_listing_and_its_shop_come_into_the_mirror(mall):
    results = take_in(
        mall,
        event(
            1, "shop.upserted", external_id="s1", name="Shoes & Co", share_token="#SHOP-8F3K#",
            operator_name="Shoes Ltd", operator_uscc="91330100ma2axxxx0x", contact_email="seller@example.com",
            contact_language="zh-Hans", url="https://mall.example/shop/s1",
        ),
        event(
            2, shop_external_id="s1", title="Shoe", price="129.005", currency="cny", category="shoes",
            images=["https://mall.example/1.jpg"], attributes={"brand": "No"}, state="up",
        ),
    )  # fmt: skip
    assert results == ["applied", "applied"]
    shop, listing = Target.objects.get(kind="shop"), Target.objects.get(kind="listing")
    assert (shop.title, shop.share_token, shop.operator_uscc) == (
        "Shoes & Co",
        "SHOP-8F3K",
        "91330100MA2AXXXX0X",
    )
    assert (shop.contact_email, shop.contact_language) == ("seller@example.com", "zh-hans")
    assert listing.shop == shop
    assert (str(listing.price), listing.currency, listing.attributes) == ("129.01", "CNY", {"brand": "No"})
    assert (listing.observed, listing.observed_at, listing.first_seen_at) == ("up", NOON, NOON)
    assert list(listing.versions.values_list("version", "content__title")) == [(1, "Shoe")]


def test_the_contact_of_a_shop_stands_nowhere_in_clear(mall):
    take_in(mall, event(1, "shop.upserted", name="Shoes", contact_email="seller@example.com"))
    assert "seller@example.com" not in str(TargetVersion.objects.get().content)


def test_a_repeated_event_changes_nothing(mall):
    assert take_in(mall, event(1, title="Shoe"), event(1, title="Shoe")) == ["applied", "duplicate"]
    assert take_in(mall, event(1, title="Boot")) == ["duplicate"]
    assert Target.objects.get().title == "Shoe"
    assert ReceivedEvent.objects.count() == 1


def test_older_news_is_stale_and_remembered(mall):
    assert take_in(mall, event(1, title="New", minutes=5), event(2, title="Old")) == ["applied", "stale"]
    assert Target.objects.get().title == "New"
    assert take_in(mall, event(2, title="Old")) == ["duplicate"]


def test_ids_are_forgotten_after_a_month_and_a_repetition_changes_nothing(mall, afternoon):
    take_in(mall, event(1, title="Old"), event(2, title="New", minutes=1))
    afternoon.advance(days=29)
    assert forget_old_events() == 0
    afternoon.advance(days=2)
    assert forget_old_events() == 2
    assert take_in(mall, event(1, title="Old")) == ["stale"]
    assert take_in(mall, event(2, title="New", minutes=1)) == ["applied"]
    assert TargetVersion.objects.count() == 2


def test_the_version_of_the_marketplace_orders_before_the_time(mall):
    take_in(mall, event(1, title="Third", version=3), event(2, title="Second", version=2, minutes=5))
    assert Target.objects.get().title == "Third"


def test_the_same_content_again_is_no_new_version(mall):
    take_in(mall, event(1, title="Shoe"), event(2, title="Shoe", minutes=1), event(3, title="Boot", minutes=2))
    assert list(TargetVersion.objects.order_by("version").values_list("version", "content__title")) == [
        (1, "Shoe"),
        (2, "Boot"),
    ]


def test_a_listing_may_come_before_its_shop(mall):
    take_in(mall, event(1, title="Shoe", shop_external_id="s1"))
    shop = Target.objects.get(kind="shop")
    assert (shop.version, Target.objects.get(kind="listing").shop) == (0, shop)
    take_in(mall, event(2, "shop.upserted", external_id="s1", name="Shoes & Co", minutes=-5))
    shop.refresh_from_db()
    assert (shop.version, shop.title) == (1, "Shoes & Co")


def test_a_listing_that_is_known_moves_to_a_shop_that_is_not(mall):
    take_in(mall, event(1, title="Shoe"))
    take_in(mall, event(2, title="Shoe", shop_external_id="s1", minutes=1))
    assert Target.objects.get(kind="listing").shop.external_id == "s1"


def test_a_state_may_come_before_its_listing(mall):
    take_in(mall, event(1, "target.state_changed", kind="listing", state="down", minutes=2))
    take_in(mall, event(2, title="Shoe", state="up"))
    listing = Target.objects.get()
    assert (listing.title, listing.observed) == ("Shoe", "down")


def test_a_removed_listing_is_gone(mall):
    take_in(mall, event(1, title="Shoe", state="up"), event(2, "target.removed", kind="listing", minutes=1))
    assert Target.objects.get().observed == "missing"


def test_a_video_and_a_listing_may_share_an_id(mall):
    take_in(mall, event(1, title="Shoe"), event(2, "video.upserted", title="Film"))
    assert set(Target.objects.values_list("kind", "title")) == {("listing", "Shoe"), ("video", "Film")}


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ("no object", "object"),
        ({}, "id"),
        (event(1) | {"id": "x" * 129}, "id"),
        (event(1) | {"type": "listing.exploded"}, "type"),
        (event(1) | {"type": ["listing.upserted"]}, "type"),
        (event(1) | {"occurred_at": "yesterday"}, "occurred_at"),
        (event(1) | {"occurred_at": "2026-03-02T12:00:00"}, "occurred_at"),
        (event(1) | {"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        (event(1) | {"occurred_at": "2026-02-30T12:00:00Z"}, "occurred_at"),
        (event(1, minutes=60 * 24), "future"),
        (event(1, version=-1), "version"),
        (event(1, version=True), "version"),
        (event(1, version=2**63), "version"),
        (event(1) | {"data": []}, "data"),
        (event(1, external_id="a\x00b"), "external_id"),
        (event(1, external_id=""), "external_id"),
        (event(1, shop_external_id={}), "shop_external_id"),
        (event(1, price="cheap"), "price"),
        (event(1, price="NaN"), "price"),
        (event(1, price="-1"), "price"),
        (event(1, price="9" * 40), "price"),
        (event(1, url="javascript:alert(1)"), "url"),
        (event(1, images="https://mall.example/1.jpg"), "images"),
        (event(1, images=["https://mall.example/1.jpg"] * 51), "images"),
        (event(1, images=["data:image/png;base64,x"]), "images"),
        (event(1, title=5), "title"),
        (event(1, state="hidden"), "state"),
        (event(1, attributes=[]), "attributes"),
        (event(1, attributes={"a": "x" * 30_000}), "attributes"),
        (event(1, attributes={"a": [[[[[[[]]]]]]]}), "attributes"),
        (event(1, "shop.upserted", contact_email="nobody"), "contact_email"),
        (event(1, "shop.upserted", operator_uscc="9" * 19), "operator_uscc"),
        (event(1, "target.removed", kind="island"), "kind"),
        (event(1, "target.state_changed", kind="listing"), "state"),
    ],
)
def test_a_broken_event_is_rejected_with_a_word_and_stops_no_other(mall, broken, word):
    answers = ingest(marketplace=mall, events=[broken, event(2, title="Good", external_id="2")])
    assert [a.status for a in answers] == ["rejected", "applied"]
    assert word in answers[0].detail
    assert Target.objects.get().title == "Good"


def test_a_rejected_event_may_be_mended_under_its_id(mall):
    assert take_in(mall, event(1, price="cheap")) == ["rejected"]
    assert take_in(mall, event(1, price="5")) == ["applied"]


def test_an_odd_title_keeps_no_listing_out(mall):
    assert take_in(mall, event(1, title="a\x00b\ud800" + "x" * 600)) == ["applied"]
    title = Target.objects.get().title
    assert len(title) == 500
    assert "\x00" not in title


def test_a_changed_target_is_told_to_the_house(mall, monkeypatch):
    monkeypatch.setitem(CONSUMERS, "target.changed", (Consumer("core.outbox.publish"),))
    take_in(mall, event(1, title="Shoe", shop_external_id="s1"), event(2, title="Shoe", minutes=1))
    assert list(OutboxMessage.objects.values_list("subject", flat=True)) == [
        Target.objects.get(kind="listing").public_id
    ]


def test_a_shop_belongs_to_the_verified_merchant_with_its_credit_code(mall):
    code = "91330100MA2AXXXX0X"
    merchant = Organisation.objects.create(
        kind="merchant", name="Shoes Ltd", uscc=code, state="verified", number="ORG-1"
    )
    Organisation.objects.create(kind="merchant", name="Fake", uscc=code, state="submitted", number="ORG-2")
    take_in(mall, event(1, "shop.upserted", name="Shoes", operator_uscc=code))
    assert Target.objects.get().operator == merchant
    take_in(mall, event(2, "shop.upserted", name="Shoes", operator_uscc="", minutes=1))
    assert Target.objects.get().operator is None


# --- what is held -----------------------------------------------------------------------------------


@pytest.fixture
def taken_down(mall):
    take_in(mall, event(1, title="Shoe", state="up"))
    listing = Target.objects.get()
    services.place_holds(targets=[listing], cause=services.HoldCause("cmp_1"))
    Enforcement.objects.update(confirmed="down", confirmed_at=NOON + timedelta(hours=1), due_at=None)
    Target.objects.update(observed="down", observed_at=NOON + timedelta(hours=1))
    return listing


def test_a_held_listing_that_comes_up_again_is_ordered_down_anew(taken_down, mall):
    before = Enforcement.objects.get().version
    relisted = event(2, "target.state_changed", kind="listing", state="up", minutes=90)
    assert take_in(mall, relisted) == ["applied"]
    enforcement = Enforcement.objects.get()
    assert enforcement.version == before + 1
    assert enforcement.due_at is not None
    assert take_in(mall, relisted) == ["duplicate"]
    assert Enforcement.objects.get().version == before + 1
    assert Target.objects.get().observed == "up"


def test_old_news_of_a_held_listing_orders_nothing(taken_down, mall):
    before = Enforcement.objects.get().version
    assert take_in(mall, event(2, "target.state_changed", kind="listing", state="up", minutes=30)) == ["stale"]
    assert Enforcement.objects.get().version == before
    assert Target.objects.get().observed == "down"


@pytest.fixture
def held_shop(mall, monkeypatch):
    monkeypatch.setattr(services, "carries_shops", lambda marketplace: False)
    take_in(mall, event(1, "shop.upserted", external_id="s1", name="Shoes"))
    shop = Target.objects.get()
    services.place_holds(targets=[shop], cause=services.HoldCause("cmp_1"))
    return shop


def test_a_listing_that_comes_into_a_held_shop_is_down_at_once(held_shop, mall):
    take_in(mall, event(2, title="Shoe", shop_external_id="s1"))
    assert Enforcement.objects.get(target__kind="listing").desired == "down"


def test_a_listing_that_leaves_a_held_shop_is_down_no_longer(held_shop, mall):
    take_in(mall, event(2, title="Shoe", shop_external_id="s1"), event(3, title="Boot", external_id="2"))
    take_in(mall, event(4, title="Shoe", shop_external_id="s2", minutes=1))
    assert Enforcement.objects.get(target__external_id="1").desired == "up"
    assert not Enforcement.objects.filter(target__external_id="2").exists()


def test_a_thousand_listings_of_a_held_shop_are_held_at_once(held_shop, mall, django_assert_max_num_queries):
    listings = [event(f"l{i}", external_id=str(i), title="Shoe", shop_external_id="s1") for i in range(1000)]
    with django_assert_max_num_queries(200):
        take_in(mall, *listings)
    assert Enforcement.objects.filter(desired="down").count() == 1000


# --- size -------------------------------------------------------------------------------------------


def catalogue(size, minutes=0):
    shops = [event(f"{minutes}s{i}", "shop.upserted", external_id=f"s{i}", name=f"Shop {i}") for i in range(100)]
    return shops + [
        event(
            f"{minutes}l{i}", external_id=str(i), shop_external_id=f"s{i % 100}", title=f"Shoe {i}", price=f"{i}.50",
            currency="CNY", images=[f"https://mall.example/{i}.jpg"], state="up", minutes=minutes,
            description=f"{minutes} words", url=f"https://mall.example/product/{i}",
        )
        for i in range(size - 100)
    ]  # fmt: skip


def test_a_thousand_events_are_taken_in_by_as_many_queries_as_a_few_chunks_need(mall, django_assert_max_num_queries):
    for minutes in (0, 1):
        events = catalogue(1000, minutes)
        with django_assert_max_num_queries(150):
            results = take_in(mall, *events)
        assert set(results) == {"applied"}
    assert Target.objects.count() == 1000
    assert TargetVersion.objects.count() == 1900

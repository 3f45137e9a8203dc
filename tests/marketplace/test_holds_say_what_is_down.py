"""A target must be down while at least one hold is active on it, or on its shop where shops go item by item."""

import pytest

from core.models import LedgerEntry
from marketplace.models import Enforcement, Hold
from marketplace.services import HoldCause, came_into_shop, place_holds, reconcile_batch, release_holds
from tests.factories import ListingFactory, staff

pytestmark = pytest.mark.django_db

ONE, TWO = HoldCause("cmp_one", "C-1"), HoldCause("cmp_two", "C-2")


@pytest.fixture
def listing(shop):
    return ListingFactory(shop=shop)


def must_be(target):
    found = Enforcement.objects.filter(target=target).first()
    return found.desired if found else "up"


def test_hold_orders_a_takedown_that_is_due_at_once(listing, no_broker, django_capture_on_commit_callbacks):
    reviewer = staff()
    with django_capture_on_commit_callbacks(execute=True):
        holds = place_holds(targets=[listing], cause=ONE, actor=reviewer)
    assert [h.target for h in holds] == [listing]
    assert list(Enforcement.objects.due()) == [listing.enforcement]
    assert must_be(listing) == "down"
    assert no_broker == ["marketplace.tasks.reconcile_due"]
    entry = LedgerEntry.objects.get(kind="hold.placed")
    assert (entry.subject, entry.actor, entry.payload["cause"]) == (listing.public_id, reviewer.public_id, "cmp_one")


def test_same_cause_holds_a_target_once(listing):
    place_holds(targets=[listing, listing], cause=ONE)
    version = listing.enforcement.version
    assert place_holds(targets=[listing], cause=ONE) == []
    listing.enforcement.refresh_from_db()
    assert Hold.objects.count() == 1
    assert listing.enforcement.version == version
    assert LedgerEntry.objects.filter(kind="hold.placed").count() == 1


def test_listing_stays_down_while_another_complaint_holds_it(listing, market):
    place_holds(targets=[listing], cause=ONE)
    place_holds(targets=[listing], cause=TWO)
    reconcile_batch()
    release_holds(cause="cmp_one", reason="complaint withdrawn")
    reconcile_batch()
    assert (must_be(listing), market.shows(listing)) == ("down", "down")
    release_holds(cause="cmp_two", reason="complaint withdrawn")
    reconcile_batch()
    assert (must_be(listing), market.shows(listing)) == ("up", "up")


def test_release_of_some_targets_leaves_the_others(shop):
    one, two = ListingFactory.create_batch(2, shop=shop)
    place_holds(targets=[one, two], cause=ONE)
    released = release_holds(cause="cmp_one", reason="withdrawn", targets=[one])
    assert [h.target for h in released] == [one]
    assert (must_be(one), must_be(two)) == ("up", "down")
    assert Hold.objects.get(target=one).release_reason == "withdrawn"
    assert LedgerEntry.objects.filter(kind="hold.released").count() == 1


def test_release_of_nothing_changes_nothing(listing):
    assert release_holds(cause="cmp_unknown", reason="") == []
    assert not Enforcement.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_order_that_was_never_sent_is_taken_back_by_the_next(listing, market):
    place_holds(targets=[listing], cause=ONE)
    release_holds(cause="cmp_one", reason="withdrawn")
    reconcile_batch()
    assert [[o.desired for o in call] for call in market.calls] == [["up"]]
    assert market.shows(listing) == "up"


# --- shops ---------------------------------------------------------------------------------------------------


def test_shop_is_one_order_where_the_marketplace_carries_shops(shop, market):
    listing = ListingFactory(shop=shop)
    place_holds(targets=[shop], cause=ONE)
    reconcile_batch()
    assert [o.ref.kind for o in market.calls[0]] == ["shop"]
    assert market.shows(shop) == "down"
    assert not Enforcement.objects.filter(target=listing).exists()


def test_shop_is_held_item_by_item_where_the_marketplace_does_not(item_shop, market):
    items = ListingFactory.create_batch(3, shop=item_shop)
    other = ListingFactory()
    place_holds(targets=[item_shop], cause=ONE)
    reconcile_batch()
    assert {market.shows(i) for i in items} == {"down"}
    assert not Enforcement.objects.filter(target__in=[item_shop, other]).exists()
    release_holds(cause="cmp_one", reason="withdrawn")
    reconcile_batch()
    assert {market.shows(i) for i in items} == {"up"}


def test_listing_in_a_held_shop_goes_up_only_when_both_are_let_go(item_shop):
    listing = ListingFactory(shop=item_shop)
    place_holds(targets=[item_shop], cause=ONE)
    place_holds(targets=[listing], cause=TWO)
    assert must_be(listing) == "down"
    release_holds(cause="cmp_two", reason="withdrawn")
    assert must_be(listing) == "down"
    place_holds(targets=[listing], cause=TWO)
    release_holds(cause="cmp_one", reason="withdrawn")
    assert must_be(listing) == "down"
    release_holds(cause="cmp_two", reason="withdrawn")
    assert must_be(listing) == "up"


def test_shop_and_its_listing_held_in_one_go(item_shop):
    listing = ListingFactory(shop=item_shop)
    place_holds(targets=[item_shop, listing], cause=ONE)
    assert Hold.objects.active().count() == 2
    release_holds(cause="cmp_one", reason="withdrawn")
    assert must_be(listing) == "up"


def test_listing_that_comes_into_a_held_shop_is_down_and_goes_up_when_it_leaves(item_shop):
    place_holds(targets=[item_shop], cause=ONE)
    listing = ListingFactory(shop=item_shop)
    came_into_shop(targets=[listing])
    assert must_be(listing) == "down"
    listing.shop = ListingFactory(shop__marketplace=item_shop.marketplace).shop
    listing.save()
    came_into_shop(targets=[listing])
    assert must_be(listing) == "up"


def test_hold_on_a_shop_of_five_hundred_is_a_bounded_number_of_queries(item_shop, django_assert_max_num_queries):
    ListingFactory.create_batch(500, shop=item_shop)
    with django_assert_max_num_queries(35):
        place_holds(targets=[item_shop], cause=ONE)
    assert Enforcement.objects.filter(desired="down").count() == 500

"""Holds take products of a real Vendure off its shelves, and releasing them puts the products back."""

import json
import os
import signal

import pytest

from core import clock
from marketplace.catalogue import import_catalogue
from marketplace.models import Enforcement, Hold, Target
from marketplace.services import HoldCause, place_holds, reconcile_batch, release_holds
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory
from tests.vendure.server import PASSWORD, NotInstalled, Vendure, install

pytestmark = [pytest.mark.vendure, pytest.mark.django_db]
MANY = 220


@pytest.fixture(scope="module")
def vendure():
    try:
        install()
    except NotInstalled as why:
        pytest.skip(str(why))
    with Vendure() as running:
        yield running


@pytest.fixture
def mall(vendure):
    return MarketplaceFactory(
        connector="vendure", storefront_url=vendure.url,
        config={"url": vendure.url, "product_url": vendure.url + "/product/{id}"},
        secrets=json.dumps({"username": "superadmin", "password": PASSWORD}),
    )  # fmt: skip


@pytest.fixture
def shop(mall):
    return ShopFactory(marketplace=mall)


def reconcile():
    while reconcile_batch():
        pass


def test_a_product_is_down_while_anybody_holds_it(vendure, shop):
    listing = ListingFactory(shop=shop, external_id=vendure.create("Running shoe"))
    for case in ("cmp_1", "cmp_2"):
        place_holds(targets=[listing], cause=HoldCause(case))
    reconcile()
    assert not vendure.is_public(listing.external_id)
    release_holds(cause="cmp_1", reason="withdrawn")
    reconcile()
    assert not vendure.is_public(listing.external_id)
    release_holds(cause="cmp_2", reason="withdrawn")
    reconcile()
    assert vendure.is_public(listing.external_id)


def test_hundreds_go_down_in_bulk_and_come_back(vendure, shop):
    listings = [ListingFactory(shop=shop, external_id=vendure.create(f"Shoe {n}")) for n in range(MANY)]
    place_holds(targets=listings, cause=HoldCause("cmp_bulk"))
    reconcile()
    assert Enforcement.objects.filter(confirmed="down", due_at=None).count() == MANY
    assert not any(vendure.is_public(t.external_id) for t in listings[::20])
    release_holds(cause="cmp_bulk", reason="withdrawn")
    reconcile()
    assert Enforcement.objects.filter(confirmed="up", due_at=None).count() == MANY
    assert all(vendure.is_public(t.external_id) for t in listings[::20])


def test_a_deleted_product_is_given_up_visibly_and_costs_nobody_else(vendure, shop):
    listings = [ListingFactory(shop=shop, external_id=vendure.create(f"Bag {n}")) for n in range(3)]
    vendure.delete(listings[1].external_id)
    place_holds(targets=listings, cause=HoldCause("cmp_gone"))
    reconcile()
    states = {e.target_id: e for e in Enforcement.objects.all()}
    assert states[listings[1].pk].dead_at
    assert [states[t.pk].confirmed for t in (listings[0], listings[2])] == ["down", "down"]


def test_a_held_shop_is_carried_product_by_product(vendure, shop):
    listings = [ListingFactory(shop=shop, external_id=vendure.create(f"Hat {n}")) for n in range(2)]
    place_holds(targets=[shop], cause=HoldCause("pen_1"))
    reconcile()
    assert not any(vendure.is_public(t.external_id) for t in listings)
    assert Hold.objects.active().count() == 1


def test_its_catalogue_fills_the_mirror(vendure, mall):
    on_sale, hidden = vendure.create("Teapot"), vendure.create("Broken teapot", enabled=False)
    import_catalogue(marketplace=mall)
    mirrored = {t.external_id: t for t in Target.objects.filter(marketplace=mall, kind="listing")}
    assert (mirrored[on_sale].title, mirrored[on_sale].observed) == ("Teapot", "up")
    assert mirrored[on_sale].url == f"{vendure.url}/product/{on_sale}"
    assert mirrored[hidden].observed == "down"
    assert mirrored[on_sale].shop.external_id == mall.slug


def test_an_order_waits_while_vendure_is_stopped_and_goes_through_afterwards(vendure, shop, stopped):
    listing = ListingFactory(shop=shop, external_id=vendure.create("Lamp"))
    shop.marketplace.config |= {"timeout_seconds": 1}
    shop.marketplace.save()
    os.kill(vendure.process.pid, signal.SIGSTOP)
    try:
        place_holds(targets=[listing], cause=HoldCause("cmp_wait"))
        reconcile()
        waiting = Enforcement.objects.get()
        assert waiting.confirmed == "up"
        assert waiting.due_at > clock.now()
    finally:
        os.kill(vendure.process.pid, signal.SIGCONT)
    stopped.advance(hours=1)
    reconcile()
    assert Enforcement.objects.get().confirmed == "down"
    assert not vendure.is_public(listing.external_id)

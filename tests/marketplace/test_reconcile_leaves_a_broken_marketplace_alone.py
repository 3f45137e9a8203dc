"""The circuit breaker: a marketplace that fails is paused, tried again with one batch, and resumed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from core import clock
from core.models import LedgerEntry
from marketplace import services
from marketplace.connectors.base import Outcome, TransientError
from marketplace.models import Enforcement, Marketplace
from marketplace.services import (
    BREAKER_LONGEST_PAUSE,
    BREAKER_PAUSE,
    BREAKER_THRESHOLD,
    HoldCause,
    place_holds,
    reconcile_batch,
    release_holds,
    reset_breaker,
)
from tests.factories import ListingFactory, staff
from tests.marketplace import fake

pytestmark = pytest.mark.django_db
ONE = HoldCause("cmp_one", "C-1")


@pytest.fixture
def listings(shop, stopped, monkeypatch):
    """More listings to take down than calls that fail, one a call."""
    monkeypatch.setattr(fake.FakeConnector, "max_batch", 1)
    listings = ListingFactory.create_batch(BREAKER_THRESHOLD + 3, shop=shop)
    place_holds(targets=listings, cause=ONE)
    return listings


@pytest.fixture
def paused(listings, market):
    market.then(*[fake.broken] * BREAKER_THRESHOLD)
    reconcile_batch()
    return Marketplace.objects.get(slug=listings[0].marketplace.slug)


def test_failures_in_a_row_pause_the_marketplace(paused, listings, market):
    assert len(market.calls) == BREAKER_THRESHOLD
    assert paused.breaker_open_until == clock.now() + BREAKER_PAUSE
    assert paused.breaker_reason == "answered 503"
    assert reconcile_batch() == 0


def test_who_was_not_called_for_keeps_the_attempt_and_is_due(paused):
    waiting = Enforcement.objects.filter(tries__isnull=True)
    assert waiting.count() == 3
    assert {(e.attempts, e.leased_until) for e in waiting} == {(0, None)}


def test_after_the_pause_one_success_closes_the_breaker(paused, listings, market, stopped):
    stopped.set(paused.breaker_open_until)
    reconcile_batch()
    paused.refresh_from_db()
    assert (paused.breaker_failures, paused.breaker_open_until, paused.breaker_reason) == (0, None, "")
    stopped.advance(minutes=5)
    reconcile_batch()
    assert {market.shows(listing) for listing in listings} == {"down"}


def test_failure_after_the_pause_opens_it_at_once_for_twice_as_long_up_to_a_limit(paused, market, stopped):
    pauses = []
    for _ in range(8):
        stopped.set(Marketplace.objects.get(pk=paused.pk).breaker_open_until)
        stopped.advance(hours=1)
        calls = len(market.calls)
        market.then(fake.no_connection)
        reconcile_batch()
        assert len(market.calls) + len(market.looks) > calls
        assert not market.script
        pauses.append(Marketplace.objects.get(pk=paused.pk).breaker_open_until - clock.now())
    assert pauses[0] == BREAKER_PAUSE * 2
    assert pauses == sorted(pauses)
    assert pauses[-1] == BREAKER_LONGEST_PAUSE


def test_staff_resume_a_paused_marketplace(paused, listings, market, stopped):
    reset_breaker(marketplace=paused, by=staff())
    assert LedgerEntry.objects.filter(kind="marketplace.resumed", subject=paused.public_id).exists()
    assert reconcile_batch() > 0
    assert "down" in {market.shows(listing) for listing in listings}


def test_order_that_comes_while_the_breaker_opens_is_not_miscounted(listings, market):
    def failing_while_withdrawn(market, orders):
        release_holds(cause="cmp_one", reason="withdrawn")
        fake.broken(market, orders)

    market.then(*[fake.broken] * (BREAKER_THRESHOLD - 1), failing_while_withdrawn)
    reconcile_batch()
    assert set(Enforcement.objects.values_list("desired", flat=True)) == {"up"}
    assert min(Enforcement.objects.values_list("attempts", flat=True)) == 0


def test_retry_after_is_respected_for_order_and_marketplace(listings, market, stopped):
    market.then(fake.throttled)
    reconcile_batch()
    assert len(market.calls) == 1
    mall = Marketplace.objects.get(pk=listings[0].marketplace_id)
    assert (mall.breaker_open_until - clock.now()).total_seconds() == 120
    tried = Enforcement.objects.get(tries__isnull=False)
    assert (tried.due_at - clock.now()).total_seconds() == 120
    stopped.advance(seconds=119)
    assert reconcile_batch() == 0
    stopped.advance(seconds=1)
    reconcile_batch()
    assert {market.shows(listing) for listing in listings} == {"down"}


@pytest.mark.parametrize(("seconds", "kept"), [(-5, 1), (0, 1), (7, 7), (10**9, 86_400)])
def test_retry_after_is_kept_within_reason(seconds, kept):
    asked = services.TransientError("answered 429", retry_after_seconds=seconds)
    assert services._asked_to_wait(asked).total_seconds() == kept


def test_refusals_are_answers_and_pause_nothing(listings, market):
    market.then(*[fake.refused] * len(listings))
    reconcile_batch()
    assert Marketplace.objects.get(pk=listings[0].marketplace_id).breaker_failures == 0
    assert Enforcement.objects.dead().count() == len(listings)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_while_a_failure_is_counted_targets_of_the_marketplace_are_taken_in(shop):
    mall = shop.marketplace

    def takes_one_in():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '3s'")
            ListingFactory(shop=shop, marketplace=mall)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as other:
        services._feed_breaker(mall, [Outcome(TransientError("answered 503"))], clock.now())
        other.submit(takes_one_in).result(timeout=10)
    mall.refresh_from_db()
    assert mall.breaker_failures == 1

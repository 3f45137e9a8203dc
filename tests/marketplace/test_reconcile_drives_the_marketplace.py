"""Whatever the marketplace answers, and wherever a worker dies, it ends up showing what the holds say."""

import random
from datetime import timedelta

import pytest

from core import clock, obligations
from core.models import LedgerEntry, OutboxMessage
from core.obligations import LEASE, MAX_ATTEMPTS
from marketplace import services
from marketplace.connectors.base import PermanentError, TransientError
from marketplace.errors import NotDead
from marketplace.ingest import ingest
from marketplace.models import Enforcement, EnforcementAttempt, Marketplace, Target
from marketplace.services import HoldCause, observed, place_holds, reconcile_batch, release_holds, retry_enforcement
from marketplace.tasks import reconcile_due
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, staff
from tests.marketplace import fake
from tests.marketplace.fake import WorkerKilled

pytestmark = pytest.mark.django_db
ONE = HoldCause("cmp_one", "C-1")


@pytest.fixture
def listing(shop):
    return ListingFactory(shop=shop)


@pytest.fixture
def held(listing, stopped):
    """A listing whose takedown was ordered and not sent yet."""
    place_holds(targets=[listing], cause=ONE)
    return listing


def now_of(target):
    return Enforcement.objects.get(target=target)


def killed(market, how):
    market.then(how)
    with pytest.raises(WorkerKilled):
        reconcile_batch()


# --- one order ----------------------------------------------------------------------------------------------


def test_confirmed_takedown_is_settled_seen_recorded_and_told(held, market, stopped):
    assert reconcile_due() == 1
    row = now_of(held)
    assert row.is_settled
    assert (row.confirmed, row.confirmed_at, row.attempts, row.sent_version) == ("down", clock.now(), 0, None)
    held.refresh_from_db()
    assert (held.observed, held.observed_at) == ("down", clock.now())
    assert LedgerEntry.objects.filter(kind="enforcement.down", subject=held.public_id).count() == 1
    assert {*OutboxMessage.objects.values_list("event", "subject")} == {("enforcement.settled", held.public_id)}
    assert reconcile_due() == 0
    assert len(market.calls) == 1


def test_idempotency_key_is_made_of_target_and_version_and_stays_for_a_retry(held, market, stopped):
    market.then(fake.no_connection)
    reconcile_batch()
    stopped.advance(seconds=5)
    reconcile_batch()
    assert [[o.idempotency_key for o in call] for call in market.calls] == [[f"{held.public_id}:1"]] * 2
    release_holds(cause="cmp_one", reason="withdrawn")
    reconcile_batch()
    assert market.calls[-1][0].idempotency_key == f"{held.public_id}:2"


def test_task_delivered_twice_calls_once(held, market):
    reconcile_due()
    reconcile_due()
    assert len(market.calls) == 1


def test_only_what_is_due_is_tried_again_with_doubling_waits(held, market, stopped, monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    monkeypatch.setattr(services, "BREAKER_THRESHOLD", 1000)
    market.then(*[fake.no_connection] * 3)
    waits = []
    for _ in range(3):
        reconcile_batch()
        row = now_of(held)
        waits.append((row.due_at - clock.now()).total_seconds())
        assert reconcile_batch() == 0
        stopped.set(row.due_at)
    assert waits == [2, 4, 8]
    reconcile_batch()
    assert market.shows(held) == "down"


@pytest.mark.parametrize("attempts", [1, 5, 12, 40])
def test_waits_have_jitter_and_a_ceiling(attempts):
    waits = {obligations.backoff(attempts).total_seconds() for _ in range(50)}
    ceiling = min(3600, 2**attempts)
    assert len(waits) > 10
    assert all(ceiling / 2 <= w <= ceiling for w in waits)


# --- outcomes that nobody knows --------------------------------------------------------------------------------


def test_time_out_that_had_its_effect_is_read_back_and_not_sent_again(held, market, stopped):
    market.then(fake.time_out_with_effect)
    reconcile_batch()
    assert not now_of(held).is_settled
    stopped.advance(seconds=5)
    reconcile_batch()
    assert now_of(held).is_settled
    assert (len(market.calls), len(market.looks)) == (1, 1)


def test_time_out_without_effect_is_read_back_and_sent_again(held, market, stopped):
    market.then(fake.time_out_without_effect)
    reconcile_batch()
    stopped.advance(seconds=5)
    reconcile_batch()
    assert market.shows(held) == "down"
    assert now_of(held).is_settled
    assert (len(market.calls), len(market.looks)) == (2, 1)


def test_order_undone_by_the_seller_while_its_outcome_was_unknown_is_sent_under_a_fresh_key(held, market, stopped):
    market.then(fake.time_out_with_effect)
    reconcile_batch()
    market.relist(held)
    stopped.advance(seconds=5)
    reconcile_batch()
    assert market.shows(held) == "down"
    assert now_of(held).is_settled


def test_look_that_fails_leaves_the_outcome_unknown(held, market, stopped):
    market.then(fake.time_out_with_effect)
    reconcile_batch()
    market.look_script.append(lambda m: fake.no_connection(m, ()))
    stopped.advance(seconds=5)
    reconcile_batch()
    assert now_of(held).sent_version is not None
    stopped.advance(seconds=10)
    reconcile_batch()
    assert now_of(held).is_settled
    assert len(market.calls) == 1


def test_order_without_an_answer_counts_as_unknown(shop, market, stopped):
    one, two = ListingFactory.create_batch(2, shop=shop)
    place_holds(targets=[one, two], cause=ONE)
    market.then(fake.only(one.external_id, otherwise=None))
    reconcile_batch()
    assert now_of(one).is_settled
    assert now_of(two).sent_version == 1
    stopped.advance(seconds=5)
    reconcile_batch()
    assert market.shows(two) == "down"


def test_missing_counts_as_down(held, market, stopped):
    market.shown[fake.ref(held)] = "missing"
    market.then(fake.time_out_without_effect)
    reconcile_batch()
    stopped.advance(seconds=5)
    reconcile_batch()
    assert now_of(held).is_settled
    assert len(market.calls) == 1


def test_missing_does_not_count_as_up(held, market, stopped):
    reconcile_batch()
    release_holds(cause="cmp_one", reason="withdrawn")
    market.shown[fake.ref(held)] = "missing"
    market.then(fake.time_out_without_effect, fake.refused)
    reconcile_batch()
    stopped.advance(seconds=5)
    reconcile_batch()
    assert now_of(held).dead_at is not None


def test_bug_of_a_connector_is_a_failure_that_is_tried_again(held, market, stopped, caplog):
    market.then(fake.bug)
    reconcile_batch()
    row = now_of(held)
    assert row.last_error == "connector failed: KeyError"
    assert "broke its contract" in caplog.text
    stopped.set(row.due_at)
    reconcile_batch()
    assert now_of(held).is_settled


# --- workers that die ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [fake.killed_before, fake.killed_after])
def test_killed_worker_leaves_a_lease_that_runs_out_and_the_next_looks_first(held, market, stopped, how):
    killed(market, how)
    assert reconcile_batch() == 0
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    assert reconcile_batch() == 1
    assert market.shows(held) == "down"
    assert now_of(held).is_settled
    assert len(market.looks) == 1
    assert len(market.calls) == (2 if how is fake.killed_before else 1)


def test_worker_killed_between_answer_and_record(held, market, stopped, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(services, "_record", lambda *_: (_ for _ in ()).throw(WorkerKilled()))
        with pytest.raises(WorkerKilled):
            reconcile_batch()
    assert market.shows(held) == "down"
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    reconcile_batch()
    assert now_of(held).is_settled
    assert len(market.calls) == 1


def test_worker_killed_in_the_middle_of_its_batches_loses_none(shop, market, stopped, monkeypatch):
    monkeypatch.setattr(fake.FakeConnector, "max_batch", 2)
    listings = ListingFactory.create_batch(5, shop=shop)
    place_holds(targets=listings, cause=ONE)
    market.then(fake.ok, fake.killed_after)
    with pytest.raises(WorkerKilled):
        reconcile_batch()
    assert Enforcement.objects.filter(confirmed="down").count() == 2
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    reconcile_due()
    assert {market.shows(listing) for listing in listings} == {"down"}
    assert all(now_of(listing).is_settled for listing in listings)


# --- newer orders ---------------------------------------------------------------------------------------------------


def meanwhile(happening, answer=fake.ok):
    def answered(market, orders):
        happening()
        return answer(market, orders)

    return answered


@pytest.mark.parametrize(
    "answer", [fake.ok, fake.time_out_with_effect, fake.time_out_without_effect, fake.no_connection, fake.refused]
)
def test_order_overtaken_while_in_flight_goes_out_next(held, market, stopped, answer):
    market.then(meanwhile(lambda: release_holds(cause="cmp_one", reason="withdrawn"), answer))
    reconcile_due()
    row = now_of(held)
    assert (row.desired, row.confirmed) == ("up", "up")
    assert row.is_settled
    assert market.shows(held) == "up"


def test_new_order_waits_for_the_call_that_is_under_way(held, market):
    market.then(meanwhile(lambda: (release_holds(cause="cmp_one", reason="withdrawn"), reconcile_due())))
    reconcile_batch()
    assert len(market.calls) == 1
    reconcile_due()
    assert market.shows(held) == "up"


def test_answer_that_comes_after_another_worker_took_over_orders_anew(held, market, stopped):
    def slow(market, orders):
        stopped.advance(seconds=LEASE.total_seconds() + 1)
        release_holds(cause="cmp_one", reason="withdrawn")
        reconcile_due()
        assert market.shows(held) == "up"
        return market.carry_out(orders)

    market.then(slow)
    reconcile_batch()
    assert market.shows(held) == "down"
    reconcile_due()
    assert market.shows(held) == "up"
    assert now_of(held).is_settled


def test_batch_whose_lease_ran_out_before_its_turn_is_left_to_who_has_it_now(shop, market, stopped, monkeypatch):
    monkeypatch.setattr(fake.FakeConnector, "max_batch", 1)
    first, waiting = ListingFactory.create_batch(2, shop=shop)
    place_holds(targets=[first, waiting], cause=ONE)

    def slow(market, orders):
        stopped.advance(seconds=LEASE.total_seconds() + 1)
        reconcile_due()
        return market.carry_out(orders)

    market.then(slow)
    reconcile_batch()
    reconcile_due()
    assert sum(order.ref == fake.ref(waiting) for call in market.calls for order in call) == 1
    assert all(e.is_settled for e in Enforcement.objects.all())


# --- relisting --------------------------------------------------------------------------------------------------------


def test_relisting_after_a_confirmed_takedown_is_ordered_anew_and_recorded(held, market, stopped):
    reconcile_batch()
    market.relist(held)
    observed(target=held, state="up", at=stopped.advance(minutes=5))
    reconcile_due()
    assert market.shows(held) == "down"
    assert LedgerEntry.objects.filter(kind="target.relisted", subject=held.public_id).count() == 1


def test_relisting_seen_while_the_order_is_in_flight_is_ordered_anew(held, market, stopped):
    def undone(market, orders):
        answers = market.carry_out(orders)
        market.relist(held)
        observed(target=held, state="up", at=stopped.advance(seconds=1))
        stopped.advance(seconds=1)
        return answers

    market.then(undone)
    reconcile_due()
    assert market.shows(held) == "down"
    assert now_of(held).is_settled


@pytest.mark.parametrize("news_comes", ["while in flight", "after the answer"])
def test_relisting_between_effect_and_answer_is_ordered_anew_whenever_the_news_comes(held, market, stopped, news_comes):
    event = {"id": "e1", "type": "target.state_changed", "data": {"kind": "listing", "state": "up"}}
    event["data"]["external_id"] = held.external_id

    def undone(market, orders):
        answers = market.carry_out(orders)
        market.relist(held)
        event["occurred_at"] = stopped.advance(seconds=1).isoformat()
        if news_comes == "while in flight":
            ingest(marketplace=held.marketplace, events=[event])
        stopped.advance(seconds=1)
        return answers

    market.then(undone)
    reconcile_batch()
    ingest(marketplace=held.marketplace, events=[event])
    reconcile_due()
    assert market.shows(held) == "down"
    assert now_of(held).is_settled


def test_news_from_before_the_takedown_orders_nothing(held, market, stopped):
    reconcile_batch()
    observed(target=held, state="up", at=clock.now() - timedelta(minutes=5))
    assert reconcile_batch() == 0
    held.refresh_from_db()
    assert held.observed == "down"


def test_listing_that_nobody_holds_may_go_up(held, market, stopped):
    reconcile_batch()
    release_holds(cause="cmp_one", reason="withdrawn")
    reconcile_batch()
    observed(target=held, state="up", at=stopped.advance(minutes=5))
    assert reconcile_batch() == 0


# --- bulk ------------------------------------------------------------------------------------------------------------


def test_orders_go_out_in_calls_as_large_as_the_connector_takes(shop, market):
    listings = ListingFactory.create_batch(250, shop=shop)
    place_holds(targets=listings, cause=ONE)
    assert reconcile_due() == 250
    assert [len(call) for call in market.calls] == [100, 100, 50]


def test_bulk_of_four_hundred_is_a_bounded_number_of_queries(shop, market, django_assert_max_num_queries):
    place_holds(targets=ListingFactory.create_batch(400, shop=shop), cause=ONE)
    with django_assert_max_num_queries(120):
        reconcile_batch()
    assert not Enforcement.objects.due().exists()


def test_each_order_of_a_bulk_has_its_own_outcome(shop, market, stopped):
    done, later, never = ListingFactory.create_batch(3, shop=shop)
    place_holds(targets=[done, later, never], cause=ONE)

    def mixed(market, orders):
        answers = fake.only(done.external_id, otherwise=TransientError("busy"))(market, orders)
        return answers | {fake.ref(never): fake.Outcome(PermanentError("the marketplace refused"))}

    market.then(mixed)
    reconcile_batch()
    assert now_of(done).is_settled
    assert now_of(later).due_at > clock.now()
    assert now_of(never).dead_at is not None
    assert {(a.enforcement.target_id, a.outcome) for a in EnforcementAttempt.objects.all()} == {
        (done.pk, "confirmed"), (later.pk, "TransientError"), (never.pk, "PermanentError"),
    }  # fmt: skip
    assert Marketplace.objects.get(pk=shop.marketplace_id).breaker_failures == 0


def test_marketplaces_do_not_wait_for_each_other(market, stopped):
    targets = [ListingFactory(shop=ShopFactory(marketplace=MarketplaceFactory(connector="fake"))) for _ in range(2)]
    place_holds(targets=targets, cause=ONE)
    market.then(fake.broken)
    reconcile_batch()
    assert sorted(market.shows(t) for t in targets) == ["down", "up"]


# --- giving up ---------------------------------------------------------------------------------------------------------


def test_refused_order_is_dead_with_its_reason_told_and_tried_again_by_staff(held, market):
    market.then(fake.refused)
    reconcile_batch()
    row = now_of(held)
    assert (row.due_at, row.last_error) == (None, "the marketplace refused")
    assert row.dead_at is not None
    assert {*OutboxMessage.objects.values_list("event", "subject")} == {("enforcement.settled", held.public_id)}
    assert reconcile_batch() == 0
    retry_enforcement(enforcement=row, by=staff())
    reconcile_batch()
    assert now_of(held).is_settled
    with pytest.raises(NotDead):
        retry_enforcement(enforcement=row, by=staff())


def test_order_is_given_up_visibly_after_the_last_attempt(held, market, stopped, monkeypatch):
    monkeypatch.setattr(services, "BREAKER_THRESHOLD", 1000)
    market.then(*[fake.no_connection] * MAX_ATTEMPTS)
    for _ in range(MAX_ATTEMPTS):
        assert reconcile_batch() == 1
        stopped.advance(hours=2)
    assert now_of(held).dead_at is not None
    assert reconcile_batch() == 0
    assert EnforcementAttempt.objects.count() == MAX_ATTEMPTS


def test_new_order_brings_a_dead_row_back_to_life(held, market):
    market.then(fake.refused)
    reconcile_batch()
    release_holds(cause="cmp_one", reason="withdrawn")
    assert now_of(held).dead_at is None
    reconcile_batch()
    assert now_of(held).is_settled


def test_kind_that_the_marketplace_cannot_take_down_is_given_up_with_the_reason(item_shop, market):
    film = ListingFactory(shop=item_shop, kind=Target.Kind.VIDEO)
    listing = ListingFactory(shop=item_shop)
    place_holds(targets=[film, listing], cause=ONE)
    reconcile_batch()
    assert "video" in now_of(film).last_error
    assert now_of(film).dead_at is not None
    assert now_of(listing).is_settled


def test_misconfigured_marketplace_is_said_and_not_called(stopped):
    listing = ListingFactory(shop__marketplace__connector="none_such")
    place_holds(targets=[listing], cause=ONE)
    reconcile_batch()
    assert "misconfigured" in now_of(listing).last_error
    assert now_of(listing).dead_at is not None


def test_disabled_marketplace_is_not_called_until_it_is_enabled(held, market, shop):
    Marketplace.objects.update(is_enabled=False)
    assert reconcile_batch() == 0
    Marketplace.objects.update(is_enabled=True)
    assert reconcile_batch() == 1
    assert market.shows(held) == "down"

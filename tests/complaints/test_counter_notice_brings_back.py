"""A counter-notice brings back what was taken down: on the day, exactly once, and both sides are told."""

from datetime import UTC, datetime, timedelta

import pytest

from complaints import counter_clock, counter_notices
from complaints.deadlines import window
from complaints.models import CounterNotice
from complaints.regimes import CN_ECOMMERCE
from complaints.tasks import pass_counter_deadlines, pass_deadlines
from core import clock
from core.models import LedgerEntry
from marketplace.models import Hold, Marketplace
from tests.complaints.counter import (
    answered,
    deliver_letters,
    forwarded,
    held,
    letters,
    told,
    waiting,
)
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, staff

pytestmark = pytest.mark.django_db


def outcomes(made):
    return list(made.links.order_by("pk").values_list("outcome", flat=True))


@pytest.fixture
def case(stopped, holder, listings, merchant):
    return told(*listings, by=holder)


def test_on_the_day_the_links_are_released_exactly_once_and_both_are_told(case, stopped):
    made = waiting(case)
    end = window(CN_ECOMMERCE, "counter-notice-delivered", made.delivered_at).closes_at
    assert made.deadline_at == end
    stopped.set(end - timedelta(microseconds=1))
    assert pass_counter_deadlines() == 0
    assert len(held(case)) == 3
    stopped.set(end)
    assert pass_counter_deadlines() == 1
    assert pass_counter_deadlines() == 0
    assert held(case) == set()
    assert LedgerEntry.objects.filter(kind="hold.released").count() == 3
    made.refresh_from_db()
    assert (made.state, made.deadline_at, outcomes(made)) == ("concluded", None, ["released"] * 3)
    assert set(case.targets.values_list("outcome", flat=True)) == {"reinstated"}
    deliver_letters()
    assert len({letter.to for letter in letters("counter_notice_settled")}) == 2


def test_while_it_is_open_the_complaint_does_not_close(case, stopped):
    made = waiting(case)
    case.refresh_from_db()
    assert (case.state, case.deadline_at) == ("countered", None)
    stopped.set(made.deadline_at - timedelta(seconds=1))
    pass_deadlines()
    case.refresh_from_db()
    assert case.state == "countered"
    stopped.set(made.deadline_at)
    pass_counter_deadlines()
    case.refresh_from_db()
    assert (case.state, case.deadline_at) == ("notified", clock.now() + CN_ECOMMERCE.closing)


def test_a_beat_that_stood_still_for_two_days_releases_at_once(case, stopped):
    made = waiting(case)
    stopped.set(made.deadline_at + timedelta(days=2))
    assert pass_counter_deadlines() == 1
    assert held(case) == set()


def test_a_clock_that_jumps_back_releases_nothing_early(case, stopped):
    made = waiting(case)
    stopped.set(made.deadline_at + timedelta(days=1))
    stopped.set(made.deadline_at - timedelta(days=10))
    assert counter_clock.put_back([made.pk]) == 0
    assert len(held(case)) == 3


def test_a_worker_that_is_killed_half_way_leaves_nothing_half_done(case, stopped, monkeypatch):
    made = waiting(case)
    stopped.set(made.deadline_at)
    with monkeypatch.context() as dying:
        dying.setattr(counter_clock.counter_links, "resume_all", lambda complaints: exec("raise SystemExit"))
        with pytest.raises(SystemExit):
            pass_counter_deadlines()
    made.refresh_from_db()
    assert (made.state, len(held(case))) == ("waiting", 3)
    assert pass_counter_deadlines() == 1
    assert LedgerEntry.objects.filter(kind="hold.released").count() == 3


def test_one_that_cannot_be_moved_stops_no_other(case, stopped, monkeypatch, caplog):
    other = told(ListingFactory())
    broken, fine = waiting(case), waiting(other)
    stopped.set(max(broken.deadline_at, fine.deadline_at))
    release = counter_clock.counter_links.enforcement.release_for_each

    def refuses(*, held, reason, actor=None):
        assert case.public_id not in {cause for cause, _target in held}
        return release(held=held, reason=reason, actor=actor)

    monkeypatch.setattr(counter_clock.counter_links.enforcement, "release_for_each", refuses)
    assert pass_counter_deadlines() == 1
    assert (len(held(case)), held(other)) == (3, set())


def test_the_waiting_period_runs_from_when_the_letter_was_taken(case, stopped):
    made = forwarded(case)
    assert pass_counter_deadlines() == 0
    stopped.advance(minutes=7)
    deliver_letters()
    sent = clock.now()
    stopped.advance(minutes=2)
    assert pass_counter_deadlines() == 1
    made.refresh_from_db()
    assert (made.delivered_at, made.delivered_by) == (sent, "letter")


def test_or_from_when_the_complainant_opened_it(case, stopped, sign_in, holder):
    made = forwarded(case)
    stopped.advance(minutes=1)
    assert sign_in(holder).get(f"/counter-notices/{made.public_id}/").status_code == 200
    made.refresh_from_db()
    assert (made.delivered_at, made.delivered_by, made.state) == (clock.now(), "opened", "waiting")


def test_a_mail_server_that_takes_nothing_does_not_keep_the_merchant_waiting(case, stopped):
    made = forwarded(case)
    stopped.advance(hours=5)
    assert pass_counter_deadlines() == 1
    made.refresh_from_db()
    assert (made.delivered_by, made.delivered_at) == ("shown", made.forwarded_at + CN_ECOMMERCE.notification)


def test_in_the_united_states_it_runs_from_receipt_and_opens_on_the_tenth_business_day(db, holder, market):
    from core.clock import frozen

    with frozen(datetime(2026, 11, 20, 15, tzinfo=UTC)):
        shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="us"))
        holder.organisation.contact_phone = "+1 212 555 0100"
        holder.organisation.save()
        made = waiting(told(ListingFactory(shop=shop), by=holder))
        assert made.received_at == datetime(2026, 11, 20, 15, tzinfo=UTC)
        assert made.deadline_at == datetime(2026, 12, 7, 5, tzinfo=UTC)


def test_in_the_union_nothing_is_released_by_time(stopped, market):
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="eu"))
    made = answered(told(ListingFactory(shop=shop)))
    with pytest.raises(counter_notices.WrongState):
        counter_notices.forward(counter_notice=made, by=staff())
    counter_notices.take_up(counter_notice=made, by=staff())
    stopped.advance(days=400)
    pass_counter_deadlines()
    made.refresh_from_db()
    assert (made.state, Hold.objects.active().count()) == ("in_review", 1)
    assert Marketplace.objects.count() == 1
    assert CounterNotice.objects.count() == 1

"""A counter-notice brings back what was taken down: on the day, exactly once, and both sides are told."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.roles import StaffRole
from complaints import counter_clock, counter_notices
from complaints.deadlines import window
from complaints.models import CounterNotice, Proceeding
from complaints.regimes import CN_ECOMMERCE
from complaints.tasks import pass_counter_deadlines, pass_deadlines, recount_waiting_periods
from core import clock
from core.errors import Invalid
from core.models import LedgerEntry
from marketplace.models import Hold, Marketplace
from tests.complaints.counter import (
    a_proof,
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


@pytest.fixture
def american(stopped, holder, market):
    """An answer under American law that came on 20 November 2026: the window is 7 to 11 December."""
    stopped.set(datetime(2026, 11, 20, 15, tzinfo=UTC))
    holder.organisation.contact_phone = "+1 212 555 0100"
    holder.organisation.save()
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="us"))
    return answered(told(ListingFactory(shop=shop), by=holder))


def reaches(made):
    deliver_letters()
    pass_counter_deadlines()
    made.refresh_from_db()
    return made.state, made.deadline_at


OPENS, CLOSES = datetime(2026, 12, 7, 5, tzinfo=UTC), datetime(2026, 12, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("checked_at", "until"),
    [
        (datetime(2026, 11, 24, 15, tzinfo=UTC), OPENS),
        (datetime(2026, 12, 2, 5, tzinfo=UTC), OPENS),
        (datetime(2026, 12, 4, 5, tzinfo=UTC), datetime(2026, 12, 9, 5, tzinfo=UTC)),
        (datetime(2026, 12, 8, 15, tzinfo=UTC), datetime(2026, 12, 11, 17, tzinfo=UTC)),
    ],
)
def test_what_was_passed_on_late_leaves_the_complainant_a_turn_inside_the_window(american, stopped, checked_at, until):
    stopped.set(checked_at)
    counter_notices.forward(counter_notice=american, by=staff())
    assert reaches(american) == ("waiting", until)
    stopped.set(until)
    assert pass_counter_deadlines() == 1
    american.refresh_from_db()
    assert american.state == "concluded"
    assert until < CLOSES
    # Counted anew, it stays where it was.
    assert recount_waiting_periods() == 0


def test_proof_in_the_turn_that_was_left_keeps_it_down(american, stopped, holder):
    stopped.set(datetime(2026, 12, 9, 15, tzinfo=UTC))
    counter_notices.forward(counter_notice=american, by=staff())
    reaches(american)
    stopped.advance(days=1)
    assert recount_waiting_periods() == 0
    counter_notices.prove(counter_notice=american, by=holder, proof=a_proof(holder))
    stopped.set(CLOSES)
    pass_counter_deadlines()
    assert len(held(american.complaint)) == 1


def test_under_american_law_only_a_lawsuit_keeps_it_down_and_the_letters_say_so(american, stopped, holder):
    counter_notices.forward(counter_notice=american, by=staff())
    with pytest.raises(Invalid) as refused:
        counter_notices.prove(counter_notice=american, by=holder, proof=a_proof(holder, kind="authority"))
    assert list(refused.value.errors) == ["kind"]
    assert "Sue for a court order" in refused.value.errors["kind"][0]
    assert not Proceeding.objects.exists()
    _state, until = reaches(american)
    deliver_letters()
    bodies = [m.body for m in (*letters("counter_notice_forwarded"), *letters("counter_notice_waiting"))]
    assert len(bodies) == 3
    assert not any("competent authority" in body for body in bodies)
    stopped.set(until)
    pass_counter_deadlines()
    assert held(american.complaint) == set()


def test_what_nobody_checks_is_passed_on_when_the_window_opens_and_put_back_inside_it(american, stopped):
    staff(StaffRole.SENIOR_REVIEWER)
    stopped.set(OPENS - timedelta(microseconds=1))
    pass_counter_deadlines()
    american.refresh_from_db()
    assert american.state == "submitted"
    stopped.set(OPENS)
    pass_counter_deadlines()
    entry = LedgerEntry.objects.get(kind="counter_notice.pass_on")
    assert (entry.actor, LedgerEntry.objects.filter(kind="counter_notice.passed").count()) == ("system", 1)
    state, until = reaches(american)
    assert state == "waiting"
    assert OPENS < until < CLOSES
    stopped.set(until)
    pass_counter_deadlines()
    assert held(american.complaint) == set()


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

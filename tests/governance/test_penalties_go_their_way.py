"""A penalty is proposed by the ladder, heard, confirmed, in force, and over; a ban needs two people."""

import pytest

from accounts.roles import OrgRole, StaffRole
from complaints import services as complaints
from complaints.deadlines import window
from complaints.regimes import REGIMES, Event
from core import clock
from core.errors import DomainError, Forbidden, Invalid, NotYours, WrongState
from core.models import Letter
from governance.models import Penalty, Strike
from governance.penalties import services
from governance.penalties.counting import points_of
from governance.penalties.ladder import propose, steps_of
from governance.penalties.points import add_strike, take_back_points
from marketplace.models import Hold, Restriction
from marketplace.restrictions import done_by_hand, restrict_batch
from rulebook.selectors import ladder_in_force
from tests.factories import member, merchant_of, staff
from tests.governance.penalties import decided, in_force, in_hearing, senior

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]
S = Penalty.State


def proposed(shop, measure="suspension"):
    """A penalty of this kind, as the ladder would have proposed it."""
    book = ladder_in_force("shop")
    step = next(s for s in steps_of(book) if s.measure == measure)
    return propose(shop=shop, step=step, ladder=book, points=step.points, strikes=[])


def is_held(shop):
    return Hold.objects.active().filter(target=shop).exists()


def test_the_highest_step_that_is_reached_is_proposed_and_lower_ones_that_wait_give_way(shop, work_off, stopped):
    decided(shop, work_off, infringement="copied_image")
    assert Penalty.objects.get().measure == "warning"
    decided(shop, work_off)
    assert [(p.measure, p.state) for p in Penalty.objects.order_by("pk")] == [
        ("warning", S.DROPPED),
        ("demotion", S.PROPOSED),
    ]


def test_a_shop_is_told_and_heard_before_anything_is_confirmed(shop, merchant, work_off, stopped):
    penalty = in_hearing(proposed(shop))
    assert Letter.objects.filter(template="penalty_hearing").count() == 1
    with pytest.raises(WrongState):
        services.confirm(penalty=penalty, by=staff(), reason="At once.")
    services.state_position(penalty=penalty, by=merchant, text="Here are our invoices.")
    services.confirm(penalty=penalty, by=staff(), reason="The invoices are of another shop.")
    penalty.refresh_from_db()
    assert (penalty.state, is_held(shop)) == (S.IN_FORCE, True)
    assert Letter.objects.filter(template="penalty_in_force").count() == 1


@pytest.mark.parametrize("regime", ["cn", "eu", "us"])
def test_a_shop_is_heard_for_as_long_as_the_page_of_its_law_says(shop, stopped, regime):
    shop.marketplace.regime = regime
    shop.marketplace.save()
    said = window(REGIMES[regime], Event.PENALTY_ANNOUNCED, clock.now())
    assert in_hearing(proposed(shop)).deadline_at == said.closes_at


def test_a_suspension_holds_the_shop_for_its_days_and_not_longer(shop, stopped):
    penalty = in_force(proposed(shop), stopped)
    assert is_held(shop)
    stopped.set(penalty.ends_at)
    stopped.advance(microseconds=-1)
    assert services.pass_deadlines() == 0
    stopped.advance(microseconds=1)
    assert services.pass_deadlines() == 1
    assert services.pass_deadlines() == 0
    penalty.refresh_from_db()
    assert (penalty.state, is_held(shop)) == (S.ENDED, False)


def test_a_ban_needs_two_senior_people_and_holds_the_shop_until_it_is_lifted(shop, stopped):
    penalty = in_hearing(proposed(shop, "ban"))
    stopped.advance(days=8)
    first = senior()
    with pytest.raises(Forbidden):
        services.confirm(penalty=penalty, by=staff(), reason="Out.")
    penalty = services.confirm(penalty=penalty, by=first, reason="Four counterfeit decisions.")
    assert (penalty.state, is_held(shop)) == (S.CONFIRMED, False)
    for nobody in (first, staff(), staff(StaffRole.AUDITOR)):
        with pytest.raises(Forbidden):
            services.put_ban_in_force(penalty=penalty, by=nobody)
    penalty = services.put_ban_in_force(penalty=penalty, by=senior())
    assert (penalty.state, penalty.ends_at, is_held(shop)) == (S.IN_FORCE, None, True)
    stopped.advance(days=4000)
    assert services.pass_deadlines() == 0
    services.lift(penalty=penalty, by=senior(), reason="The company has new owners.")
    assert not is_held(shop)


def test_nobody_decides_about_a_shop_of_a_merchant_to_which_they_belong(shop, merchant, stopped):
    reviewer = staff()
    reviewer.memberships.create(organisation=shop.operator, role=OrgRole.READER)
    with pytest.raises(Forbidden):
        services.open_hearing(penalty=proposed(shop), by=reviewer)


@pytest.mark.parametrize("measure", ["limits", "demotion", "deposit"])
def test_milder_measures_are_told_to_the_marketplace_and_lifted_again(shop, stopped, measure):
    penalty = in_force(proposed(shop, measure), stopped)
    row = Restriction.objects.get(shop=shop)
    assert (row.desired, is_held(shop)) == ([measure], False)
    restrict_batch()
    row.refresh_from_db()
    # This marketplace has no such call: people carry it out and say so.
    assert (row.is_by_hand, row.confirmed, row.due_at) == (True, [], None)
    done_by_hand(restriction=row, by=staff(StaffRole.ADMINISTRATOR))
    row.refresh_from_db()
    assert (row.confirmed, row.is_by_hand) == ([measure], False)
    services.lift(penalty=penalty, by=senior(), reason="Mended.")
    row.refresh_from_db()
    assert row.desired == []
    assert row.due_at is not None


def test_a_penalty_whose_decision_is_reversed_is_reversed_with_it_and_the_shop_comes_back(shop, work_off, stopped):
    cases = []
    for _ in range(2):
        cases.append(decided(shop, work_off))
        stopped.advance(days=1)
    penalty = in_force(Penalty.objects.get(measure="suspension"), stopped)
    assert (points_of(shop), is_held(shop)) == (36, True)
    complaints.withdraw(complaint=cases[0], by=cases[0].filed_by)
    work_off()
    penalty.refresh_from_db()
    assert (points_of(shop), penalty.state, is_held(shop)) == (12, S.REVERSED, False)


def test_points_that_merely_expire_reverse_nothing(shop, work_off, stopped):
    decided(shop, work_off)
    penalty = in_force(Penalty.objects.get(), stopped)
    stopped.advance(days=400)
    services.pass_deadlines()
    penalty.refresh_from_db()
    assert (points_of(shop), penalty.state) == (0, S.ENDED)


def test_an_appeal_reverses_a_penalty_and_takes_points_back(shop, work_off, stopped):
    decided(shop, work_off)
    penalty = in_force(Penalty.objects.get(), stopped)
    with pytest.raises(Forbidden):
        services.reverse_penalty(penalty=penalty, by=penalty.confirmed_by, reason="I was wrong.")
    services.reverse_penalty(penalty=penalty, by=senior(), reason="Decided on appeal.")
    take_back_points(strikes=Strike.objects.all(), reason="decided on appeal", by=senior())
    assert points_of(shop) == 0
    assert take_back_points(strikes=Strike.objects.all(), reason="again") == []


def test_strangers_and_readers_say_nothing_in_a_hearing(shop, merchant, stopped):
    penalty = in_hearing(proposed(shop))
    with pytest.raises(NotYours):
        services.state_position(penalty=penalty, by=member(), text="Hello.")
    with pytest.raises(Forbidden):
        services.state_position(penalty=penalty, by=merchant_of(shop, role=OrgRole.READER), text="Hello.")
    with pytest.raises(Invalid):
        services.state_position(penalty=penalty, by=merchant, text="  ")


def test_staff_count_points_that_no_complaint_is_about_once(shop, stopped):
    by = senior()
    assert add_strike(shop=shop, code="M9", cause="cmp_x", number="C-1", by=by).points == 4
    assert add_strike(shop=shop, code="M9", cause="cmp_x", number="C-1", by=by) is None
    with pytest.raises(DomainError):
        add_strike(shop=shop, code="U1", cause="cmp_x", number="C-1", by=by)

"""Suspension for misuse: a warning on what staff confirmed, further abuse confirmed by another, a time, an end."""

from datetime import timedelta

import pytest

from accounts.roles import OrgRole, StaffRole
from complaints import services
from complaints.abuse import findings, suspension
from complaints.models import AbuseFinding, Complaint, Lane, Suspension
from complaints.regimes import CN_ECOMMERCE
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter
from tests.complaints.helpers import shown_by_a_new_case
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def senior(db):
    return staff(StaffRole.SENIOR_REVIEWER)


@pytest.fixture
def other_senior(db):
    return staff(StaffRole.SENIOR_REVIEWER)


def a_finding(holder, senior, key="2026-Q1"):
    """A finding that staff confirmed."""
    made = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key=key, figures={"n": 2})
    shown_by_a_new_case(made)
    return findings.confirm(finding=made, by=senior, reason="They wrote it twice.")


@pytest.fixture
def warned(stopped, holder, senior):
    return suspension.warn(
        organisation=holder.organisation, by=senior, findings=[a_finding(holder, senior)], facts="Two threats."
    )


@pytest.fixture
def suspended(warned, holder, senior, other_senior, stopped):
    stopped.advance(days=3)
    again = a_finding(holder, senior, "2026-Q2")
    return suspension.suspend(suspension=warned, by=other_senior, findings=[again], facts="Two more threats.")


def test_a_finding_alone_does_nothing(stopped, holder, senior):
    made = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="q", figures={"n": 1})
    assert complaint(by=holder).lane == Lane.NORMAL
    with pytest.raises(Invalid):
        suspension.warn(organisation=holder.organisation, by=senior, findings=[made], facts="Threats.")
    assert not Suspension.objects.exists()


def test_a_warning_says_why_and_leads_into_the_slow_lane(warned, holder):
    case = complaint(by=holder)
    assert (case.lane, case.lane_reason) == (Lane.SLOW, "warned")
    letter = Letter.objects.get(template="suspension_warned")
    assert "Two threats." in letter.body
    assert "You threatened a seller" in letter.body
    assert "appeal" in letter.body
    entry = LedgerEntry.objects.get(kind="suspension.warn")
    assert entry.payload["findings"] == [warned.findings.get().public_id]
    assert "Two threats." not in str(entry.payload)
    assert warned.notified_at is not None


def test_a_reviewer_does_not_warn_and_who_warned_does_not_suspend(warned, holder, reviewer, senior, stopped):
    stopped.advance(days=1)
    again = a_finding(holder, senior, "2026-Q2")
    with pytest.raises(Forbidden):
        suspension.suspend(suspension=warned, by=senior, findings=[again], facts="More.")
    with pytest.raises(Forbidden):
        suspension.suspend(suspension=warned, by=reviewer, findings=[again], facts="More.")
    with pytest.raises(Forbidden):
        suspension.warn(organisation=member().organisation, by=reviewer, findings=[again], facts="More.")


def test_only_what_was_found_after_the_warning_suspends(warned, other_senior):
    with pytest.raises(WrongState, match="A warning alone suspends nobody"):
        suspension.suspend(suspension=warned, by=other_senior, findings=[warned.findings.get()], facts="The same.")


def test_what_was_found_before_the_warning_does_not_suspend_beside_what_came_after(
    warned, holder, senior, other_senior, stopped
):
    stopped.advance(days=1)
    a_finding(holder, senior, "2026-Q2")
    with pytest.raises(Invalid):
        suspension.suspend(suspension=warned, by=other_senior, findings=[warned.findings.get()], facts="The same.")


def test_one_warning_stands_at_a_time(warned, holder, senior):
    with pytest.raises(WrongState):
        suspension.warn(
            organisation=holder.organisation, by=senior, findings=list(warned.findings.all()), facts="Again."
        )


def test_a_suspended_complainant_sends_nothing_and_is_told_until_when(suspended, holder):
    with pytest.raises(Forbidden, match="until 2026-04-05") as refused:
        complaint(by=holder)
    assert suspended.number in str(refused.value)
    assert "appeal" in str(refused.value)
    draft = services.keep_draft(public_id="drf_" + "1" * 26, by=holder, data={"description": "x"})
    assert draft.data == {"description": "x"}


def test_open_complaints_go_into_the_slow_lane_with_the_reason(holder, senior, other_senior, stopped):
    case = complaint(by=holder)
    promised = case.deadline_at
    first = suspension.warn(
        organisation=holder.organisation, by=senior, findings=[a_finding(holder, senior)], facts="Threats."
    )
    case.refresh_from_db()
    assert (case.lane, case.deadline_at) == (Lane.NORMAL, promised)
    stopped.advance(hours=1)
    again = a_finding(holder, senior, "2026-Q2")
    suspension.suspend(suspension=first, by=other_senior, findings=[again], facts="More threats.")
    case.refresh_from_db()
    assert (case.lane, case.lane_reason) == (Lane.SLOW, "suspended")
    assert case.deadline_at - case.state_since_at == 2 * CN_ECOMMERCE.admission
    assert LedgerEntry.objects.get(kind="complaint.slowed").subject == case.public_id


def test_a_suspension_ends_by_itself_and_the_next_one_is_longer(suspended, holder, senior, other_senior, stopped):
    assert suspended.deadline_at - suspended.suspended_at == timedelta(days=30)
    stopped.set(suspended.deadline_at - timedelta(seconds=1))
    assert suspension.pass_deadlines() == 0
    stopped.set(suspended.deadline_at)
    assert (suspension.pass_deadlines(), suspension.pass_deadlines()) == (1, 0)
    assert Letter.objects.filter(template="suspension_over").count() == 1
    complaint(by=holder)
    second = suspension.warn(
        organisation=holder.organisation, by=senior, findings=[a_finding(holder, senior, "a")], facts="Again."
    )
    stopped.advance(days=1)
    more = a_finding(holder, senior, "b")
    second = suspension.suspend(suspension=second, by=other_senior, findings=[more], facts="Again and again.")
    assert second.deadline_at - second.suspended_at == timedelta(days=90)


def test_a_warning_lapses_after_a_year(warned, holder, stopped):
    stopped.advance(days=365)
    assert suspension.pass_deadlines() == 1
    warned.refresh_from_db()
    assert warned.state == "lapsed"
    assert complaint(by=holder).lane == Lane.NORMAL


@pytest.mark.parametrize(("was_wrong", "state"), [(False, "lifted"), (True, "reversed")])
def test_an_appeal_that_succeeds_lets_complain_again(suspended, holder, senior, was_wrong, state):
    with pytest.raises(Invalid):
        suspension.lift_suspension(suspension=suspended, by=senior, reason=" ")
    lifted = suspension.lift_suspension(
        suspension=suspended, by=senior, reason="Another wrote it.", was_wrong=was_wrong
    )
    assert lifted.state == state
    assert "Another wrote it." in Letter.objects.get(template="suspension_over").body
    assert complaint(by=holder).lane == Lane.NORMAL


def test_only_who_may_complain_is_told(stopped, holder, senior):
    member(holder.organisation, role=OrgRole.READER)
    colleague = member(holder.organisation, role=OrgRole.COMPLAINANT)
    suspension.warn(organisation=holder.organisation, by=senior, findings=[a_finding(holder, senior)], facts="Threats.")
    assert {letter.user for letter in Letter.objects.all()} == {holder, colleague}


def test_staff_of_the_complainant_do_not_decide_on_it(stopped, holder, senior):
    partial = staff(StaffRole.SENIOR_REVIEWER)
    partial.memberships.create(organisation=holder.organisation, role=OrgRole.READER)
    made = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="q", figures={"n": 1})
    with pytest.raises(Forbidden):
        findings.dismiss(finding=made, by=partial, reason="Nothing.")
    with pytest.raises(Forbidden):
        suspension.warn(
            organisation=holder.organisation, by=partial, findings=[a_finding(holder, senior)], facts="Threats."
        )


def test_a_finding_is_decided_once(stopped, holder, senior):
    made = a_finding(holder, senior)
    with pytest.raises(WrongState):
        findings.dismiss(finding=made, by=senior, reason="No.")
    assert Complaint.objects.count() == 0

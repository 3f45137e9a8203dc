"""What happens otherwise: each deadline does what the case page promised, once, and stops no other."""

import pytest

from accounts.roles import StaffRole
from complaints import services
from complaints.models import Complaint
from complaints.regimes import CN_ECOMMERCE
from complaints.tasks import pass_deadlines
from core import clock
from core.models import LedgerEntry
from marketplace.models import Hold
from tests.factories import complaint, staff

pytestmark = pytest.mark.django_db


def test_returned_notice_lapses_and_may_be_filed_anew(submitted, reviewer, stopped, holder, listings):
    services.return_for_supplement(complaint=submitted, by=reviewer, missing="The order.")
    stopped.advance(seconds=CN_ECOMMERCE.supplement.total_seconds() - 1)
    assert pass_deadlines() == 0
    stopped.advance(seconds=1)
    assert pass_deadlines() == 1
    assert pass_deadlines() == 0
    submitted.refresh_from_db()
    assert (submitted.state, submitted.deadline_at) == ("rejected", None)
    assert LedgerEntry.objects.get(kind="complaint.lapse").actor == "system"
    complaint(*listings, by=holder, filing=submitted.filing)


def test_upheld_case_is_notified_then_closed_and_stays_down(upheld, stopped, market):
    stopped.set(upheld.deadline_at)
    assert pass_deadlines() == 1
    upheld.refresh_from_db()
    assert (upheld.state, upheld.deadline_at) == ("notified", clock.now() + CN_ECOMMERCE.closing)
    stopped.set(upheld.deadline_at)
    assert pass_deadlines() == 1
    upheld.refresh_from_db()
    assert (upheld.state, upheld.deadline_at) == ("closed", None)
    assert Hold.objects.active().count() == 3
    stopped.advance(days=1000)
    assert pass_deadlines() == 0


def test_case_that_cannot_be_moved_stops_no_other(upheld, submitted, reviewer, stopped, monkeypatch, caplog):
    returned = services.return_for_supplement(complaint=complaint(), by=reviewer, missing="The order.")
    stopped.set(returned.deadline_at)
    monkeypatch.setattr(services.letters, "tell_outcome", lambda complaint: 1 / 0)
    assert pass_deadlines() == 1
    assert upheld.number in caplog.text
    upheld.refresh_from_db()
    assert upheld.state == "upheld"
    assert Complaint.objects.get(pk=returned.pk).state == "rejected"


def test_many_that_cannot_be_moved_starve_none_of_the_others(reviewer, stopped, monkeypatch):
    """Those due longest come first: one sweep goes on past them, and until nothing is due."""
    cases = [services.return_for_supplement(complaint=complaint(), by=reviewer, missing="It.") for _ in range(7)]
    stopped.set(cases[-1].deadline_at)
    broken = {case.pk for case in cases[:3]}
    move = services.pass_deadline

    def refuses(*, complaint):
        assert complaint.pk not in broken
        return move(complaint=complaint)

    monkeypatch.setattr(services, "pass_deadline", refuses)
    assert services.pass_deadlines(limit=2) == 4
    assert Complaint.objects.filter(state="rejected").count() == 4


def test_cases_that_wait_for_staff_do_not_stand_before_those_that_move(submitted, reviewer, stopped):
    staff(StaffRole.SENIOR_REVIEWER)
    waiting = [complaint() for _ in range(3)]
    returned = services.return_for_supplement(complaint=submitted, by=reviewer, missing="The order.")
    stopped.set(returned.deadline_at)
    for _sweep in range(3):
        services.pass_deadlines(limit=2)
    returned.refresh_from_db()
    assert returned.state == "rejected"
    assert LedgerEntry.objects.filter(kind="complaint.overdue").count() == len(waiting)


def test_deadline_that_was_moved_since_it_was_read_does_nothing(submitted, reviewer, stopped):
    stopped.set(submitted.deadline_at)
    services.accept(complaint=submitted, by=reviewer)
    assert services.pass_deadline(complaint=submitted) is False


def test_without_a_senior_reviewer_overdue_cases_do_not_stand_before_those_that_move(submitted, reviewer, stopped):
    waiting = [complaint() for _ in range(3)]
    returned = services.return_for_supplement(complaint=submitted, by=reviewer, missing="The order.")
    stopped.set(returned.deadline_at)
    assert services.pass_deadlines(limit=2) == 1 + len(waiting)
    returned.refresh_from_db()
    assert returned.state == "rejected"
    services.pass_deadlines(limit=2)
    overdue = LedgerEntry.objects.filter(kind="complaint.overdue")
    assert {entry.subject for entry in overdue} == {case.public_id for case in waiting}
    assert [entry.payload["told"] for entry in overdue] == [0, 0, 0]
    assert services.pass_deadlines() == 0


def test_case_that_is_overdue_again_in_another_state_is_said_again(submitted, reviewer, stopped):
    stopped.set(submitted.deadline_at)
    assert services.pass_deadlines() == 1
    stopped.advance(seconds=1)
    accepted = services.accept(complaint=submitted, by=reviewer)
    stopped.set(accepted.deadline_at)
    assert [services.pass_deadlines() for _sweep in range(2)] == [1, 0]
    said = LedgerEntry.objects.filter(kind="complaint.overdue").values_list("payload__state", flat=True)
    assert list(said) == ["submitted", "accepted"]


def test_cases_that_were_said_to_be_overdue_cost_no_queries(stopped, django_assert_num_queries):
    late = [complaint() for _ in range(3)]
    stopped.set(late[-1].deadline_at)
    services.pass_deadlines()
    with django_assert_num_queries(2):
        services.pass_deadlines()

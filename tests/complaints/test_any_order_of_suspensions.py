"""Warnings, findings, suspensions and time in any order: what must always hold of them does."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from accounts.roles import StaffRole
from complaints import lanes
from complaints.abuse import findings, suspension
from complaints.abuse.lifecycle import SUSPENSION
from complaints.models import AbuseFinding, Suspension
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry
from tests.any_order import Undone
from tests.complaints.helpers import shown_by_a_new_case
from tests.factories import member, staff

pytestmark = pytest.mark.django_db
BY = st.sampled_from(["first", "second", "reviewer", "holder"])


class AnyOrder(Undone):
    def __init__(self):
        super().__init__()
        self.holder = member()
        self.people = {
            "first": staff(StaffRole.SENIOR_REVIEWER), "second": staff(StaffRole.SENIOR_REVIEWER),
            "reviewer": staff(), "holder": self.holder,
        }  # fmt: skip

    def attempt(self, step):
        """Take a step: one entry in the ledger, or an error and nothing."""
        self.time.advance(seconds=1)
        before, entries = list(Suspension.objects.order_by("pk").values()), LedgerEntry.objects.count()
        try:
            step()
        except DomainError:
            assert list(Suspension.objects.order_by("pk").values()) == before
            assert LedgerEntry.objects.count() == entries
        else:
            assert LedgerEntry.objects.count() == entries + 1

    @property
    def last(self):
        return Suspension.objects.first()

    @rule(by=BY, is_abuse=st.booleans())
    def something_is_found(self, by, is_abuse):
        self.time.advance(seconds=1)
        made = AbuseFinding.objects.create(
            organisation=self.holder.organisation, pattern="threats", key=str(AbuseFinding.objects.count()),
            figures={"n": 1}, found_at=clock.now(),
        )  # fmt: skip
        shown_by_a_new_case(made)
        decide = findings.confirm if is_abuse else findings.dismiss
        self.attempt(lambda: decide(finding=made, by=self.people[by], reason="So."))

    @rule(by=BY)
    def warn(self, by):
        found = list(AbuseFinding.objects.filter(state="confirmed")[:1])
        self.attempt(
            lambda: suspension.warn(
                organisation=self.holder.organisation, by=self.people[by], findings=found, facts="Facts."
            )
        )

    @rule(by=BY)
    def suspend(self, by):
        if (row := self.last) is not None:
            found = suspension.found_since(row)
            self.attempt(lambda: suspension.suspend(suspension=row, by=self.people[by], findings=found, facts="Facts."))

    @rule(by=BY, was_wrong=st.booleans())
    def lift(self, by, was_wrong):
        if (row := self.last) is not None:
            self.attempt(
                lambda: suspension.lift_suspension(
                    suspension=row, by=self.people[by], reason="So.", was_wrong=was_wrong
                )
            )

    @rule(days=st.sampled_from([1, 31, 366]))
    def time_passes(self, days):
        self.time.advance(days=days)
        suspension.pass_deadlines()
        assert suspension.pass_deadlines() == 0

    @invariant()
    def one_stands_at_most_and_the_lane_follows_it(self):
        standing = list(Suspension.objects.standing())
        assert len(standing) <= 1
        where = lanes.placed(self.holder.organisation)
        assert where.lane == ("slow" if standing else "normal")
        for row in standing:
            assert row.deadline_at is not None

    @invariant()
    def nobody_is_suspended_without_a_warning_by_another_and_later_findings(self):
        for row in Suspension.objects.filter(suspended_at__isnull=False):
            assert row.suspended_by_id != row.warned_by_id
            assert row.findings.filter(found_at__lte=row.created_at).exists()
            assert row.findings.filter(found_at__gt=row.created_at, state="confirmed").exists()
            assert row.state in SUSPENSION.states


def test_any_order_of_warnings_and_suspensions():
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(max_examples=12, stateful_step_count=14, suppress_health_check=list(HealthCheck)),
    )

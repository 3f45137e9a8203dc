"""A power, what an agency sends under it, and time, in any order: nothing is sent or upheld outside a power in force."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import PowerOfAttorney
from accounts.powers import services as powers
from accounts.powers.services import Days, Scope
from complaints import services
from complaints.models import Complaint
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry
from tests.accounts.powers import an_agency
from tests.any_order import Undone
from tests.complaints.helpers import found
from tests.factories import FilingFactory, a_notice, member, staff

pytestmark = pytest.mark.django_db
BY = st.sampled_from(["holder", "agent", "reviewer"])


class AnyOrder(Undone):
    def __init__(self):
        super().__init__()
        holder, agent = member(), member(an_agency())
        self.people = {"holder": holder, "agent": agent, "reviewer": staff()}
        self.right = FilingFactory(organisation=holder.organisation, created_by=holder)
        #: cases that were upheld although no power was in force at that moment and the holder had said nothing
        self.astray = []

    def attempt(self, step):
        """Take a step; an error leaves everything as it was."""
        self.time.advance(seconds=1)
        before = self.everything()
        try:
            step()
        except DomainError:
            assert self.everything() == before
            return False
        return True

    @staticmethod
    def everything():
        return [list(model.objects.order_by("pk").values()) for model in (PowerOfAttorney, Complaint, LedgerEntry)]

    @property
    def power(self):
        return PowerOfAttorney.objects.first()

    @property
    def represents(self):
        """Whether the agency acts for the holder at this moment, counted from the days alone."""
        live = PowerOfAttorney.objects.filter(state="approved")
        return any(p.valid_from_on <= clock.today() <= p.valid_until_on for p in live)

    @rule(by=st.sampled_from(["holder", "agent"]), days=st.integers(0, 40), since=st.integers(0, 2))
    def a_power_is_handed_in(self, by, days, since):
        first = clock.today() + timedelta(days=since)
        parties = {name: self.people[who].organisation for name, who in (("holder", "holder"), ("agency", "agent"))}
        self.attempt(
            lambda: powers.submit_power(
                **parties, scope=Scope(), days=Days(first, first + timedelta(days=days)), kept=[], by=self.people[by]
            )
        )

    @initialize(days=st.integers(0, 10))
    def a_case_is_under_way(self, days):
        """The agency complained under a power in force, and the case waits for its decision."""
        self.a_power_is_handed_in(by="holder", days=days, since=0)
        powers.approve_power(power=self.power, by=self.people["reviewer"])
        self.the_agency_complains()
        self.go_on("accept", Complaint.objects.get())

    @precondition(lambda self: self.power)
    @rule(by=BY, step=st.sampled_from(["confirm", "approve", "return", "revoke"]))
    def somebody_takes_a_step(self, by, step):
        power, person = self.power, self.people[by]
        steps = {
            "confirm": lambda: powers.confirm_power(power=power, by=person),
            "approve": lambda: powers.approve_power(power=power, by=person),
            "return": lambda: powers.return_power(power=power, by=person, missing="A page."),
            "revoke": lambda: powers.revoke_power(power=power, by=person, reason="Over."),
        }
        self.attempt(steps[step])

    @rule()
    def the_agency_complains(self):
        agent, could = self.people["agent"], self.represents
        notice = a_notice(by=agent, filing=self.right)
        assert self.attempt(lambda: services.submit_complaint(notice=notice, by=agent)) is could

    @rule(step=st.sampled_from(["accept", "adopt", "withdraw"]), data=st.data())
    def a_case_goes_on(self, step, data):
        self.go_on(step, data.draw(st.sampled_from(list(Complaint.objects.order_by("pk")))))

    @rule()
    def staff_decide_every_case(self):
        for case in Complaint.objects.order_by("pk"):
            self.go_on("decide", case)

    def go_on(self, step, case):
        reviewer = self.people["reviewer"]
        steps = {
            "accept": lambda: services.accept(complaint=case, by=reviewer),
            "decide": lambda: services.decide(complaint=case, by=reviewer, findings=found(case)),
            "adopt": lambda: services.adopt(complaint=case, by=self.people["holder"]),
            "withdraw": lambda: services.withdraw(complaint=case, by=self.people["agent"]),
        }
        could = self.represents or (step != "withdraw" and case.adopted_at is not None) or step == "adopt"
        if self.attempt(steps[step]) and not could:
            self.astray.append((case, step))

    @rule(days=st.integers(1, 20), sweeps=st.booleans())
    def time_goes_by(self, days, sweeps):
        self.time.advance(days=days)
        if sweeps:
            powers.pass_days()

    @invariant()
    def nothing_was_done_outside_a_power(self):
        assert not self.astray

    @invariant()
    def every_complaint_names_its_power_and_its_holder(self):
        for case in Complaint.objects.select_related("power"):
            assert case.power.holder_id == case.holder_id == self.right.organisation_id
            assert case.power.agency_id == case.organisation_id

    @invariant()
    def what_is_over_stays_over(self):
        for power in PowerOfAttorney.objects.filter(state__in=PowerOfAttorney.OVER):
            assert not power.is_in_force()
            last = LedgerEntry.objects.filter(subject=power.public_id).last()
            assert last.kind in ("power.revoke", "power.expire")


def test_any_order():
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            settings.get_profile("few"), max_examples=12, stateful_step_count=18,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

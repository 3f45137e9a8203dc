"""Answers, proofs, concessions, orders, withdrawals and the clock in any order: what is held is what is upheld.

Every step leaves all as it was, or moves a counter-notice by its table; and no link is let go twice.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from complaints import counter_clock, counter_links, counter_notices, court_orders, services
from complaints.counter_lifecycle import LIFECYCLE
from complaints.court_orders import Ordered
from complaints.errors import ProofTooLate
from complaints.models import Complaint, ComplaintTarget, CounterNotice, CounterNoticeTarget, CourtOrder, Proceeding
from complaints.services import Found
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry, OutboxMessage
from marketplace.models import Hold
from tests.any_order import Undone
from tests.complaints.counter import a_proof, an_answer, statement_of, told
from tests.factories import ListingFactory, ShopFactory, member, merchant_of, staff

pytestmark = pytest.mark.django_db
PEOPLE = ("merchant", "merchant", "holder", "holder", "reviewer", "reviewer", "stranger", "partial")
SOMEBODY, SOME = st.sampled_from(PEOPLE), st.integers(0, 7)
TABLES = (
    Complaint, ComplaintTarget, CounterNotice, CounterNoticeTarget, Proceeding, CourtOrder, Hold, LedgerEntry,
    OutboxMessage,
)  # fmt: skip


class World:
    """One complaint of three links that was upheld, a second one of one of them, and everybody around."""

    def __init__(self) -> None:
        shop = ShopFactory()
        listings = ListingFactory.create_batch(3, shop=shop)
        holder = member()
        self.case = told(*listings, by=holder)
        self.other = told(listings[0])
        self.people = {
            "merchant": merchant_of(shop),
            "holder": holder,
            "reviewer": staff(),
            "stranger": member(),
            "partial": staff(),
            "other": staff(),
        }
        self.people["partial"].memberships.create(organisation=shop.operator, role="reader")


class AnyOrder(Undone):
    world: World

    @property
    def case(self) -> Complaint:
        return Complaint.objects.get(pk=self.world.case.pk)

    @property
    def answer(self) -> CounterNotice:
        """The latest one."""
        return CounterNotice.objects.order_by("-pk").first()

    def attempt(self, step):
        """Take a step: nothing of it is anywhere, or each case moved along arrows of its table."""
        self.time.advance(seconds=1)
        before, states = everything(), dict(CounterNotice.objects.values_list("pk", "state"))
        try:
            step()
        except ProofTooLate:
            assert dict(CounterNotice.objects.values_list("pk", "state")) == states
            return
        except DomainError:
            assert everything() == before
            return
        arrows = {(s, t.leads_to(s)) for t in LIFECYCLE.transitions for s in t.source}
        for pk, state in CounterNotice.objects.values_list("pk", "state"):
            was = states.get(pk, "submitted")
            two = {(a, d) for a, b in arrows for c, d in arrows if b == c}
            assert was == state or (was, state) in arrows | two, (was, state)

    def some(self, mask):
        return None if mask == 7 else [link for i, link in enumerate(self.answer.links.order_by("pk")) if mask >> i & 1]

    # --- people --------------------------------------------------------------------------------------------

    @rule(by=SOMEBODY, mask=SOME)
    def somebody_answers(self, by, mask):
        by = self.world.people[by]
        rows = [row for i, row in enumerate(self.case.targets.order_by("pk")) if mask >> i & 1]
        evidence = an_answer(self.world.people["merchant"]).evidence
        said = an_answer(self.world.people["merchant"], targets=None if mask == 7 else rows, evidence=evidence)
        statement = statement_of(self.case)
        self.attempt(lambda: counter_notices.submit_counter_notice(statement=statement, answer=said, by=by))

    @precondition(lambda self: self.answer)
    @rule(by=SOMEBODY, step=st.sampled_from(["forward", "forward", "return", "supplement", "take_up"]))
    def it_is_checked(self, by, step):
        made, by = self.answer, self.world.people[by]
        steps = {
            "forward": lambda: counter_notices.forward(counter_notice=made, by=by),
            "take_up": lambda: counter_notices.take_up(counter_notice=made, by=by),
            "return": lambda: counter_notices.return_for_supplement(counter_notice=made, by=by, missing="It."),
            "supplement": lambda: counter_notices.supplement(counter_notice=made, by=by, text="Here."),
        }
        self.attempt(steps[step])

    @precondition(lambda self: self.answer)
    @rule(by=SOMEBODY, step=st.sampled_from(["prove", "concede", "withdraw", "open"]), mask=SOME)
    def a_party_acts(self, by, step, mask):
        made, links, by = self.answer, self.some(mask), self.world.people[by]
        proof = a_proof(self.world.people["holder"])
        steps = {
            "prove": lambda: counter_notices.prove(counter_notice=made, by=by, proof=proof, links=links),
            "concede": lambda: counter_notices.concede(counter_notice=made, by=by, links=links),
            "withdraw": lambda: counter_notices.withdraw(counter_notice=made, by=by, links=links),
            "open": lambda: counter_notices.open_as_complainant(counter_notice=made, by=by),
        }
        self.attempt(steps[step])

    @precondition(lambda self: self.answer)
    @rule(by=SOMEBODY, keeps=st.booleans(), kind=st.sampled_from(["judgment", "interim"]), mask=SOME)
    def a_court_orders(self, by, keeps, kind, mask):
        made, links, by = self.answer, self.some(mask), self.world.people[by]
        order = Ordered(kind, keeps, "Court", "9", clock.today())
        self.attempt(lambda: counter_notices.record_order(counter_notice=made, by=by, order=order, links=links))

    @rule(by=SOMEBODY, keeps=st.booleans(), kind=st.sampled_from(["judgment", "interim"]), mask=SOME)
    def a_court_orders_about_the_case(self, by, keeps, kind, mask):
        rows = None if mask == 7 else [r for i, r in enumerate(self.case.targets.order_by("pk")) if mask >> i & 1]
        order, by = Ordered(kind, keeps, "Court", "10", clock.today()), self.world.people[by]
        self.attempt(lambda: court_orders.record_order(complaint=self.case, by=by, order=order, rows=rows))

    @rule(pick=st.integers(0, 2))
    def an_appeal_turns_a_link_round(self, pick):
        row, kept = self.case.targets.order_by("pk")[pick], self.kept_by_a_court()
        upheld = row.outcome == "dismissed"
        found = [Found(row, upheld, "U1" if upheld else "D3", "It was looked at again.")]
        by = self.world.people["other"]
        self.attempt(lambda: services.decide_anew(complaint=self.case, by=by, findings=found, appeal="apl_x"))
        assert kept <= self.kept_by_a_court()

    @precondition(lambda self: Proceeding.objects.exists())
    @rule(by=SOMEBODY, result=st.sampled_from(["infringement", "no_infringement", "over"]))
    def a_proceeding_ends(self, by, result):
        proceeding, by = Proceeding.objects.order_by("-pk").first(), self.world.people[by]
        kept = self.kept_by_a_court()
        self.attempt(
            lambda: counter_notices.end_proceeding(proceeding=proceeding, by=by, result=result, ended_on=clock.today())
        )
        # The orders of this machine are given in no proceeding that a complainant proves.
        assert kept == self.kept_by_a_court()

    @rule(mask=SOME)
    def the_complainant_withdraws(self, mask):
        rows = [row for i, row in enumerate(self.case.targets.order_by("pk")) if mask >> i & 1]
        self.attempt(lambda: services.withdraw(complaint=self.case, by=self.world.people["holder"], targets=rows))

    # --- the clock -----------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([0, 0, 1, 6, 16]), twice=st.booleans())
    def time_passes(self, days, twice):
        self.time.advance(days=days)
        kept = self.kept_by_a_court()
        self.attempt(counter_clock.pass_deadlines)
        if twice:
            before = everything()
            assert counter_clock.pass_deadlines() == 0
            assert everything() == before
        services.pass_deadlines()
        # No period lifts what a court keeps down.
        assert kept == self.kept_by_a_court()

    def kept_by_a_court(self):
        """Links that are down, and about which the last order of a court is that they stay so."""
        down = self.case.targets.filter(outcome="upheld").values_list("pk", flat=True)
        return {pk for pk, keeps_down in counter_links.last_orders(list(down)).items() if keeps_down}

    # --- what is always true -------------------------------------------------------------------------------------

    @invariant()
    def what_is_held_is_what_is_upheld(self):
        held = set(Hold.objects.active().values_list("target_id", "cause"))
        rows = ComplaintTarget.objects.filter(outcome="upheld")
        assert held == set(rows.values_list("target_id", "complaint__public_id"))

    @invariant()
    def nobody_can_answer_what_a_court_keeps_down(self):
        if not (kept := self.kept_by_a_court()):
            return
        offered = counter_notices.links_to_answer(statement_of(self.case), None)
        assert not kept & {row.pk for row in offered}

    @invariant()
    def a_link_is_open_only_where_its_case_is(self):
        open_ones = CounterNoticeTarget.objects.filter(outcome__in=CounterNoticeTarget.OPEN)
        assert not open_ones.exclude(counter_notice__state__in=CounterNotice.OPEN).exists()
        assert not CounterNotice.objects.still_open().exclude(links__in=open_ones).exists()
        assert not open_ones.exclude(complaint_target__outcome="upheld").exists()

    @invariant()
    def the_complaint_waits_exactly_while_an_answer_is_open(self):
        assert (self.case.state == "countered") == CounterNotice.objects.still_open().exists()

    @invariant()
    def no_hold_was_released_twice(self):
        released = LedgerEntry.objects.filter(kind="hold.released").values_list("payload__hold", flat=True)
        assert len(released) == len(set(released))

    @invariant()
    def a_deadline_runs_exactly_while_somebody_has_a_turn(self):
        for state, deadline in CounterNotice.objects.values_list("state", "deadline_at"):
            assert (deadline is None) == (state in ("in_proceedings", "concluded", "withdrawn", "lapsed"))


def everything():
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def test_any_order_of_answers():
    with clock.frozen(datetime(2026, 3, 3, 11, tzinfo=UTC)):
        AnyOrder.world = World()
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=settings().max_examples // 4,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )

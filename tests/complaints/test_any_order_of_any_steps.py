"""Any step by anybody in any order: either one ledger entry and a legal state, or an error and nothing changed."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from accounts.roles import OrgRole, StaffRole
from complaints import services
from complaints.lifecycle import LIFECYCLE
from complaints.models import Complaint, ComplaintTarget, Decision, Finding, StaffNote, StatementOfReasons
from complaints.services import Found
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry, OutboxMessage
from core.tasks import drain_outbox
from marketplace.models import Hold
from marketplace.tasks import reconcile_due
from tests.any_order import Undone
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, complaint, member, merchant_of, staff
from tests.marketplace.fake import FakeMarketplace, connect_fakes

pytestmark = pytest.mark.django_db

PEOPLE = (
    "holder", "colleague", "reader", "stranger", "merchant", "reviewer", "reviewer", "other", "senior", "auditor",
    "partial",
)  # fmt: skip
SOMEBODY = st.sampled_from(PEOPLE)
SOME = st.integers(0, 7)
TABLES = (
    Complaint,
    ComplaintTarget,
    Decision,
    Finding,
    StatementOfReasons,
    StaffNote,
    Hold,
    LedgerEntry,
    OutboxMessage,
)


class World:
    """One complaint, and everybody who may come across it."""

    def __init__(self) -> None:
        shops = ShopFactory.create_batch(2, marketplace=MarketplaceFactory(connector="fake"))
        listings = [ListingFactory(shop=shop) for shop in (*shops, shops[0])]
        holder = member()
        self.people = {
            "holder": holder,
            "colleague": member(holder.organisation, role=OrgRole.COMPLAINANT),
            "reader": member(holder.organisation, role=OrgRole.READER),
            "stranger": member(),
            "merchant": merchant_of(shops[0]),
            "reviewer": staff(),
            "other": staff(),
            "senior": staff(StaffRole.SENIOR_REVIEWER),
            "auditor": staff(StaffRole.AUDITOR),
            "partial": staff(),
        }
        self.people["partial"].memberships.create(organisation=holder.organisation, role=OrgRole.READER)
        self.case = complaint(*listings, by=holder)


class AnyOrder(Undone):
    world: World

    @property
    def case(self) -> Complaint:
        return Complaint.objects.get(pk=self.world.case.pk)

    def attempt(self, step, *, entries=1):
        """Take a step: it is in the table and in the ledger, or nothing of it is anywhere."""
        self.time.advance(seconds=1)
        before, case = everything(), self.case
        last = LedgerEntry.objects.latest("pk").pk
        try:
            moved = step(case)
        except DomainError:
            moved = False
        if moved is False:
            assert everything() == before
            return
        written = LedgerEntry.objects.filter(pk__gt=last, subject=case.public_id)
        assert written.count() == entries
        for entry in written:
            if entry.kind.removeprefix("complaint.") in {t.name for t in LIFECYCLE.transitions}:
                transition = LIFECYCLE[entry.kind.removeprefix("complaint.")]
                assert case.state in transition.source
                assert self.case.state == transition.target
                return
        assert self.case.state == case.state

    # --- people --------------------------------------------------------------------------------------------

    @initialize(to=st.sampled_from(["submitted", "accepted", "upheld", "notified"]))
    def the_case_stands_at(self, to):
        reviewer = self.world.people["reviewer"]
        if to != "submitted":
            services.accept(complaint=self.case, by=reviewer)
        if to in ("upheld", "notified"):
            self.decide("reviewer", 3, 7, False)
        if to == "notified":
            self.the_marketplace_answers()

    @rule(by=SOMEBODY)
    def accept(self, by):
        self.attempt(lambda case: services.accept(complaint=case, by=self.world.people[by]))

    @rule(by=SOMEBODY, words=st.sampled_from(["", "A picture."]))
    def send_back(self, by, words):
        by = self.world.people[by]
        self.attempt(lambda case: services.return_for_supplement(complaint=case, by=by, missing=words))

    @rule(by=SOMEBODY)
    def reject(self, by):
        self.attempt(lambda case: services.reject(complaint=case, by=self.world.people[by], reason="No."))

    @rule(by=SOMEBODY)
    def supplement(self, by):
        self.attempt(lambda case: services.supplement(complaint=case, by=self.world.people[by], text="Here."))

    @rule(by=SOMEBODY, to=st.one_of(st.none(), SOMEBODY))
    def assign(self, by, to):
        by, to = self.world.people[by], self.world.people[to] if to else None
        self.attempt(lambda case: services.assign(complaint=case, by=by, to=to))

    @rule(by=SOMEBODY, upheld=SOME, named=st.one_of(st.just(7), SOME), all_of_them=st.booleans())
    def decide(self, by, upheld, named, all_of_them):
        """On the pending links that are named, or on all links whatever became of them."""
        rows = enumerate(self.case.targets.order_by("pk"))
        findings = [
            Found(row, bool(upheld >> i & 1), "U1" if upheld >> i & 1 else "D1", "Compared.")
            for i, row in rows
            if all_of_them or (named >> i & 1 and row.outcome == "pending")
        ]
        by = self.world.people[by]
        self.attempt(lambda case: services.decide(complaint=case, by=by, findings=findings))

    @rule(by=st.sampled_from([*PEOPLE, "holder", "colleague"]), some=st.one_of(st.none(), SOME))
    def withdraw(self, by, some):
        rows = self.case.targets.order_by("pk")
        targets = None if some is None else [row for i, row in enumerate(rows) if some >> i & 1]
        self.attempt(lambda case: services.withdraw(complaint=case, by=self.world.people[by], targets=targets))

    @rule(by=SOMEBODY)
    def add_note(self, by):
        by = self.world.people[by]
        self.attempt(lambda case: services.add_note(complaint=case, by=by, text="Hm."), entries=0)

    # --- the clock, the marketplace ----------------------------------------------------------------------------

    @rule(is_due=st.booleans())
    def deadline_passes(self, is_due):
        if is_due and self.case.deadline_at:
            self.time.set(max(clock.now(), self.case.deadline_at))
        self.attempt(lambda case: services.pass_deadline(complaint=case))

    @rule()
    def the_marketplace_answers(self):
        self.time.advance(seconds=1)
        reconcile_due()
        drain_outbox()

    # --- what is always true -------------------------------------------------------------------------------------

    @invariant()
    def a_deadline_runs_exactly_while_somebody_has_a_turn(self):
        case = self.case
        assert (case.deadline_at is None) == (case.state in ("closed", "rejected", "withdrawn", "countered"))

    @invariant()
    def outcomes_fit_the_state(self):
        outcomes, state = set(self.case.targets.values_list("outcome", flat=True)), self.case.state
        if state in ("submitted", "returned", "accepted", "rejected"):
            assert "pending" in outcomes
            assert not outcomes & {"upheld", "dismissed"}
        elif state == "upheld":
            assert "upheld" in outcomes
            assert "pending" not in outcomes
        elif state == "dismissed":
            assert not outcomes & {"pending", "upheld"}
        elif state == "withdrawn":
            assert not outcomes & {"pending", "upheld"}
            assert "withdrawn" in outcomes

    @invariant()
    def what_is_held_is_what_is_upheld(self):
        upheld = self.case.targets.filter(outcome="upheld").values_list("target_id", flat=True)
        assert set(Hold.objects.active().values_list("target_id", flat=True)) == set(upheld)

    @invariant()
    def whoever_decided_is_no_party(self):
        parties = {self.world.people[name].pk for name in PEOPLE if name not in ("reviewer", "other", "senior")}
        assert not parties & set(Decision.objects.values_list("decided_by", flat=True))
        assert self.case.assigned_to_id not in parties


def everything():
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def test_any_order_of_any_steps(monkeypatch):
    connect_fakes(monkeypatch, FakeMarketplace())
    AnyOrder.world = World()
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=settings().max_examples // 2,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
        ),
    )

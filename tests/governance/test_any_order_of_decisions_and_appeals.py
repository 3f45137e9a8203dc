"""Decisions, appeals, withdrawals and bodies outside in any order: what is held is what is upheld, after every step."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from complaints import services as complaints
from complaints.models import Complaint, ComplaintTarget, Decision, Finding, StatementOfReasons
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry
from core.tasks import drain_outbox
from governance.appealable import decision_named
from governance.appeals import services
from governance.appeals.lifecycle import LIFECYCLE
from governance.models import Appeal, AppealDecision, OutOfCourtBody
from marketplace.models import Hold
from marketplace.tasks import reconcile_due
from tests.any_order import Undone
from tests.complaints.helpers import found
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, complaint, member, merchant_of, staff
from tests.governance.helpers import GROUNDS, REASONS
from tests.marketplace.fake import FakeMarketplace, connect_fakes

pytestmark = pytest.mark.django_db
PEOPLE = st.sampled_from(["holder", "merchant", "other_merchant", "stranger"])
REVIEWERS = st.sampled_from(["first", "second", "third"])
SOME = st.integers(0, 7)


class World:
    """One complaint about three links of two shops, told to everybody."""

    def __init__(self) -> None:
        shops = ShopFactory.create_batch(2, marketplace=MarketplaceFactory(connector="fake"))
        listings = [ListingFactory(shop=shop) for shop in (*shops, shops[0])]
        self.people = {
            "holder": member(), "merchant": merchant_of(shops[0]), "other_merchant": merchant_of(shops[1]),
            "stranger": member(), "first": staff(), "second": staff(), "third": staff(),
        }  # fmt: skip
        self.case = complaint(*listings, by=self.people["holder"])
        complaints.accept(complaint=self.case, by=self.people["first"])
        self.body = OutOfCourtBody.objects.create(name="Forum", regime="cn", certified_by="An authority")


class AnyOrder(Undone):
    world: World

    @property
    def case(self) -> Complaint:
        return Complaint.objects.get(pk=self.world.case.pk)

    def appeal(self, which: int) -> Appeal | None:
        rows = list(Appeal.objects.order_by("pk"))
        return rows[which % len(rows)] if rows else None

    def attempt(self, step):
        """Take a step: what was said before stays as it was said, and what is refused changes nothing."""
        self.time.advance(seconds=1)
        before, entries = said(), LedgerEntry.objects.count()
        try:
            with transaction.atomic():
                step()
        except DomainError:
            assert (said(), LedgerEntry.objects.count()) == (before, entries)
            return
        after = said()
        assert all(row in after[name] for name, rows in before.items() for row in rows)

    @initialize(dismissed=SOME)
    def everybody_is_told(self, dismissed):
        rows = list(self.case.targets.select_related("target").order_by("pk"))
        gone = [row.target for i, row in enumerate(rows) if dismissed >> i & 1]
        complaints.decide(complaint=self.case, by=self.world.people["first"], findings=found(self.case, dismissed=gone))
        for _ in range(2):
            drain_outbox()
            reconcile_due()
        drain_outbox()

    @rule(by=PEOPLE, which=st.integers(0, 9), links=st.one_of(st.none(), SOME))
    def submit(self, by, which, links):
        subjects = [*Decision.objects.order_by("pk"), *StatementOfReasons.objects.order_by("pk")]
        subject = subjects[which % len(subjects)].public_id
        chosen = None
        if links is not None:
            rows = self.case.targets.order_by("pk")
            chosen = [row.public_id for i, row in enumerate(rows) if links >> i & 1]
        self.attempt(
            lambda: services.submit_appeal(
                subject=subject, by=self.world.people[by], grounds=GROUNDS, links=chosen
            )
        )  # fmt: skip

    @rule(by=REVIEWERS, which=st.integers(0, 5))
    def take(self, by, which):
        if case := self.appeal(which):
            self.attempt(lambda: services.take(appeal=case, by=self.world.people[by]))

    @rule(by=REVIEWERS, which=st.integers(0, 5))
    def send_back(self, by, which):
        if case := self.appeal(which):
            by = self.world.people[by]
            self.attempt(lambda: services.return_for_supplement(appeal=case, by=by, missing="The invoices."))

    @rule(by=REVIEWERS, which=st.integers(0, 5), is_reversed=st.booleans(), some=SOME)
    def decide(self, by, which, is_reversed, some):
        if case := self.appeal(which):
            links = [link for i, link in enumerate(case.links.order_by("pk")) if some >> i & 1] or None
            rule = "D3" if case.kind == "takedown" else "U1"
            self.attempt(
                lambda: services.decide(
                    appeal=case, by=self.world.people[by], is_reversed=is_reversed, reasons=REASONS, links=links,
                    rule=rule,
                )
            )  # fmt: skip

    @rule(by=PEOPLE, which=st.integers(0, 5))
    def withdraw_appeal(self, by, which):
        if case := self.appeal(which):
            self.attempt(lambda: services.withdraw(appeal=case, by=self.world.people[by]))

    @rule(which=st.integers(0, 5), is_followed=st.booleans())
    def a_body_finds_for_the_appellant(self, which, is_followed):
        if case := self.appeal(which):
            today, people = clock.today(), self.world.people
            self.attempt(
                lambda: services.refer(
                    appeal=case, by=people["third"], body=self.world.body, reference="1", referred_on=today
                )
            )  # fmt: skip
            rule = "D3" if case.kind == "takedown" else "U1"
            self.attempt(
                lambda: services.conclude(
                    appeal=case, by=people["third"], finding="for_appellant", found_on=today, is_followed=is_followed,
                    reasons=REASONS, rule=rule,
                )
            )  # fmt: skip

    @rule(some=st.one_of(st.none(), SOME))
    def withdraw_complaint(self, some):
        rows = self.case.targets.order_by("pk")
        targets = None if some is None else [row for i, row in enumerate(rows) if some >> i & 1]
        holder = self.world.people["holder"]
        self.attempt(lambda: complaints.withdraw(complaint=self.case, by=holder, targets=targets))

    @rule(days=st.integers(1, 20))
    def time_passes(self, days):
        self.time.advance(days=days)
        complaints.pass_deadlines()
        services.pass_deadlines()

    @rule()
    def the_marketplace_answers(self):
        self.time.advance(seconds=1)
        reconcile_due()
        drain_outbox()

    # --- what is always true -----------------------------------------------------------------------------

    @invariant()
    def what_is_held_is_what_is_upheld(self):
        upheld = self.case.targets.filter(outcome="upheld").values_list("target_id", flat=True)
        assert set(Hold.objects.active().values_list("target_id", flat=True)) == set(upheld)

    @invariant()
    def the_outcome_of_a_link_is_its_last_finding(self):
        for link in ComplaintTarget.objects.exclude(outcome__in=["withdrawn", "pending"]):
            assert link.findings.order_by("pk").last().outcome == link.outcome

    @invariant()
    def nobody_decides_on_their_own_decision(self):
        for decision in AppealDecision.objects.select_related("appeal"):
            appeal = decision.appeal
            first = Decision.objects.filter(complaint=self.case, decided_at__lte=appeal.decided_at)
            assert decision.decided_by_id not in first.values_list("decided_by", flat=True)

    @invariant()
    def each_party_appeals_once_about_a_link(self):
        for appeal in Appeal.objects.exclude(state="withdrawn"):
            links = appeal.links.values("finding__complaint_target")
            others = Appeal.objects.exclude(state="withdrawn").exclude(pk=appeal.pk)
            assert not others.filter(
                organisation=appeal.organisation, kind=appeal.kind, links__finding__complaint_target__in=links
            ).exists()

    @invariant()
    def a_state_is_one_of_the_table(self):
        for appeal in Appeal.objects.all():
            assert appeal.state in LIFECYCLE.states
            assert (appeal.deadline_at is not None) == (appeal.state in Appeal.RUNNING)
            assert decision_named(appeal.subject)


def said():
    """What was decided and found: it is only ever added to."""
    return {
        "decisions": list(Decision.objects.order_by("pk").values()),
        "findings": list(Finding.objects.order_by("pk").values()),
        "statements": list(StatementOfReasons.objects.order_by("pk").values("pk", "number", "decision", "shop")),
        "on appeal": list(AppealDecision.objects.order_by("pk").values()),
    }


def test_any_order(monkeypatch):
    connect_fakes(monkeypatch, FakeMarketplace())
    AnyOrder.world = World()
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=settings().max_examples // 3,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )

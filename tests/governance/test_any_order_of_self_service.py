"""Asking, testing, taking down, reviews, appeals, answers and time in any order: what a removal counts for is what stands of it."""

from collections import Counter

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from accounts.roles import OrgRole, StaffRole
from complaints import counter_clock, counter_notices, selfservice
from complaints import services as complaints
from complaints.counter_notices import Anew
from complaints.models import (
    Complaint,
    ComplaintTarget,
    ConductMonth,
    CounterNotice,
    CounterNoticeTarget,
    Decision,
    Privilege,
    Removal,
    StatementOfReasons,
    TrainingAttempt,
)
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry
from core.tasks import drain_outbox
from governance.appealable import told_at
from governance.appeals import services as appeals
from governance.appeals.periods import appeal_window
from governance.models import Appeal, Strike
from governance.tasks import let_removals_stand
from marketplace.models import Enforcement, Hold
from marketplace.tasks import reconcile_due
from tests.any_order import Undone
from tests.complaints.counter import a_proof, an_answer
from tests.complaints.selfservice import RIGHT, WRONG, privilege, take_down
from tests.factories import (
    FilingFactory,
    ListingFactory,
    MarketplaceFactory,
    ShopFactory,
    member,
    merchant_of,
    staff,
)
from tests.governance.helpers import GROUNDS, REASONS
from tests.marketplace.fake import FakeMarketplace, connect_fakes

pytestmark = pytest.mark.django_db
HOLDERS = st.sampled_from(["holder", "holder", "holder", "colleague", "stranger"])
REVIEWERS = st.sampled_from(["first", "second", "senior", "first", "second", "senior", "holder"])
PEOPLE = st.sampled_from(["holder", "holder", "colleague", "senior", "senior", "stranger"])
WHICH, SOME = st.integers(0, 9), st.integers(0, 15)
#: what a link that a counter-notice put up again counts as, by the ground
GROUNDS_COUNT = {"conceded": "withdrawn", "no_infringement": "reversed", "reversed": "reversed"}
TABLES = (
    Privilege, TrainingAttempt, Removal, Complaint, ComplaintTarget, Decision, ConductMonth, CounterNotice, Appeal,
    Hold, Strike, LedgerEntry,
)  # fmt: skip


class World:
    """A holder with a record that is good enough, a colleague, and eight listings of two shops."""

    def __init__(self, regime: str) -> None:
        shops = ShopFactory.create_batch(2, marketplace=MarketplaceFactory(connector="fake", regime=regime))
        self.listings = [ListingFactory(shop=shop) for shop in shops * 4]
        holder = member()
        self.people = {
            "holder": holder, "colleague": member(holder.organisation, role=OrgRole.COMPLAINANT), "stranger": member(),
            "merchant": merchant_of(shops[0]), "other_merchant": merchant_of(shops[1]), "first": staff(),
            "second": staff(), "senior": staff(StaffRole.SENIOR_REVIEWER),
        }  # fmt: skip
        self.right = FilingFactory(organisation=holder.organisation, created_by=holder)


class AnyOrder(Undone):
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.people = self.world.people
        self.expected: Counter[str] = Counter()

    def attempt(self, step, *, reviews: Removal | None = None):
        """Take a step: what is refused changes nothing; of the rest is counted what became of the links."""
        self.time.advance(seconds=1)
        before, links, reviewed = everything(), outcomes(), reviewed_cases()
        try:
            with transaction.atomic():
                step()
        except DomainError:
            assert everything() == before
            return
        if reviews is not None:
            # A review looks at whatever was still down.
            now_seen = [o for case, o in links.values() if case == reviews.complaint_id and o == "upheld"]
            self.expected["upheld"] += len(now_seen)
            reviewed.add(reviews.complaint_id)
        for pk, (case, outcome) in outcomes().items():
            self.count(pk, links.get(pk, (case, "pending"))[1], outcome, is_counted=case in reviewed)
        self.everything_is_delivered()

    def count(self, link, before, after, *, is_counted):
        if (before, after) == ("dismissed", "upheld"):
            self.expected["reversed"] -= 1
        if before != "upheld" or after == "upheld":
            return
        how = {"withdrawn": "withdrawn", "dismissed": "reversed"}.get(after)
        if after == "reinstated":
            ground = CounterNoticeTarget.objects.filter(complaint_target=link).latest("settled_at").ground
            how = GROUNDS_COUNT.get(ground)
        if how == "reversed":
            self.expected.update(reversed=1, upheld=0 if is_counted else 1)
        elif how == "withdrawn" and is_counted:
            self.expected["withdrawn"] += 1

    def everything_is_delivered(self):
        while drain_outbox():
            pass

    def removal(self, which) -> Removal | None:
        """Those that nobody reviewed come first."""
        rows = Removal.objects.order_by(F("reviewed_at").asc(nulls_first=True), "-pk")
        return pick(rows.select_related("complaint", "privilege"), which)

    def merchant_of(self, statement):
        return self.people["merchant" if statement.shop == self.world.listings[0].shop else "other_merchant"]

    # --- the holder ----------------------------------------------------------------------------------------

    @initialize(removals=st.integers(0, 3), are_told=st.booleans())
    def the_record_is_good_enough(self, removals, are_told):
        privilege(self.people["holder"])
        for n in range(removals):
            self.take_down("holder", 1 + 2 * n, 2)
        if removals and are_told:
            self.time_passes(0)

    @rule(by=HOLDERS, first=st.integers(0, 7), n=st.integers(1, 3))
    def remove(self, by, first, n):
        self.take_down(by, first, n)

    def take_down(self, by, first, n):
        chosen = [self.world.listings[(first + i) % 8] for i in range(n)]
        self.attempt(lambda: take_down(self.people[by], *chosen, filing=self.world.right))

    @rule(which=WHICH, some=SOME)
    def withdraw(self, which, some):
        if removal := self.removal(which):
            rows = links_of(removal, some)
            self.attempt(
                lambda: complaints.withdraw(complaint=removal.complaint, by=self.people["holder"], targets=rows)
            )

    # --- staff ---------------------------------------------------------------------------------------------

    @rule(which=WHICH, by=REVIEWERS, wrong=st.sampled_from([0, 0, 0, 1, 1, 2, 15]))
    def review(self, which, by, wrong):
        if removal := self.removal(which):
            rows = links_of(removal, wrong)
            self.attempt(
                lambda: selfservice.review(removal=removal, by=self.people[by], wrong=rows, reason="Genuine."),
                reviews=removal,
            )

    @rule(step=st.sampled_from(["take_away", "give_up", "restore", "ask", "pass", "pass", "fail"]), by=PEOPLE)
    def the_privilege_moves(self, step, by):
        row, by = Privilege.objects.first(), self.people[by]
        steps = {
            "take_away": lambda: selfservice.take_away(privilege=row, by=by, reason="So."),
            "restore": lambda: selfservice.restore_privilege(privilege=row, by=by, reason="So."),
            "give_up": lambda: selfservice.give_up(privilege=row, by=by),
            "ask": lambda: selfservice.ask(by=by),
            "pass": lambda: selfservice.take_test(by=by, answers=RIGHT),
            "fail": lambda: selfservice.take_test(by=by, answers=WRONG),
        }
        self.attempt(steps[step])

    # --- redress -------------------------------------------------------------------------------------------

    @rule(which=WHICH)
    def a_shop_appeals(self, which):
        if statement := pick(StatementOfReasons.objects.order_by("-pk").select_related("shop"), which):
            self.appeal(statement, self.merchant_of(statement))

    @rule(which=WHICH, by=HOLDERS)
    def the_holder_appeals(self, which, by):
        if decision := pick(Decision.objects.filter(findings__outcome="dismissed").distinct(), which):
            self.appeal(decision, self.people[by])

    def appeal(self, subject, by):
        self.attempt(lambda: appeals.submit_appeal(subject=subject.public_id, by=by, grounds=GROUNDS))

    @rule(which=WHICH, by=REVIEWERS, is_reversed=st.booleans())
    def decide_the_appeal(self, which, by, is_reversed):
        if case := pick(Appeal.objects.running(), which):
            rule, by = "D3" if case.kind == "takedown" else "U1", self.people[by]

            def decide():
                appeals.take(appeal=case, by=by)
                appeals.decide(appeal=case, by=by, is_reversed=is_reversed, reasons=REASONS, rule=rule)

            self.attempt(decide)

    @rule(which=WHICH)
    def withdraw_the_appeal(self, which):
        if case := pick(Appeal.objects.running(), which):
            self.attempt(lambda: appeals.withdraw(appeal=case, by=case.filed_by))

    @rule(which=WHICH)
    def a_shop_answers(self, which):
        if statement := pick(StatementOfReasons.objects.order_by("-pk").select_related("shop"), which):
            by = self.merchant_of(statement)
            said = an_answer(by)
            self.attempt(lambda: counter_notices.submit_counter_notice(statement=statement, answer=said, by=by))

    @rule(which=WHICH, step=st.sampled_from(["forward", "concede", "prove", "withdraw", "take_up", "keep", "reverse"]))
    def the_answer_goes_on(self, which, step):
        made = pick(CounterNotice.objects.still_open(), which)
        if made is None:
            return
        holder, second = self.people["holder"], self.people["second"]
        steps = {
            "forward": lambda: counter_notices.forward(counter_notice=made, by=second),
            "concede": lambda: counter_notices.concede(counter_notice=made, by=holder),
            "prove": lambda: counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder)),
            "withdraw": lambda: counter_notices.withdraw(counter_notice=made, by=made.filed_by),
            "take_up": lambda: counter_notices.take_up(counter_notice=made, by=second),
            "keep": lambda: self.decide_the_answer(made, True),
            "reverse": lambda: self.decide_the_answer(made, False),
        }
        self.attempt(steps[step])

    def decide_the_answer(self, made, stands):
        open_links = made.links.filter(outcome__in=CounterNoticeTarget.OPEN)
        counter_notices.decide_anew(
            counter_notice=made, by=self.people["second"], findings=[Anew(link, stands, REASONS) for link in open_links]
        )

    # --- the clock, the marketplace ------------------------------------------------------------------------

    @rule(days=st.sampled_from([0, 0, 0, 0, 1, 2, 16, 31, 190]))
    def time_passes(self, days):
        self.time.advance(days=days)
        self.everything_is_delivered()
        reconcile_due()
        self.everything_is_delivered()
        for sweep in (complaints.pass_deadlines, counter_clock.pass_deadlines, appeals.pass_deadlines):
            self.attempt(sweep)
        self.attempt(let_removals_stand)
        before = everything()
        assert let_removals_stand() == 0
        assert everything() == before
        reconcile_due()
        for target in self.world.listings:
            row = Enforcement.objects.filter(target=target).first()
            assert row is None or row.confirmed == row.desired

    # --- what is always true -------------------------------------------------------------------------------

    @invariant()
    def a_listing_is_down_exactly_while_it_is_held(self):
        held = set(Hold.objects.active().values_list("target_id", "cause"))
        upheld = ComplaintTarget.objects.filter(outcome="upheld")
        assert held == set(upheld.values_list("target_id", "complaint__public_id"))
        down = Enforcement.objects.filter(desired="down").values_list("target_id", flat=True)
        assert set(down) == {target for target, _cause in held}

    @invariant()
    def the_score_is_what_the_decisions_say(self):
        months = ConductMonth.objects.filter(organisation=self.people["holder"].organisation)
        names = ("upheld", "dismissed", "withdrawn", "reversed")
        counted = months.aggregate(**{f"n_{name}": Sum(name) for name in names})
        if months.exists():
            found = {name: counted[f"n_{name}"] for name in names}
            assert found == {name: self.expected[name] + {"upheld": 60, "dismissed": 2}.get(name, 0) for name in names}

    @invariant()
    def a_shop_has_points_exactly_for_what_stands(self):
        stands = set()
        for row in ComplaintTarget.objects.filter(outcome="upheld").select_related("complaint__removal", "target"):
            last = row.findings.order_by("pk").last()
            if last.decision.on_appeal or row.complaint.removal.stands_at:
                stands.add((row.complaint.public_id, row.target.shop_id))
        struck = Strike.objects.standing().filter(cause__startswith="cmp_")
        assert set(struck.values_list("cause", "shop_id")) == stands
        assert struck.count() == len(stands)

    @invariant()
    def nothing_stands_before_staff_looked_or_the_time_to_appeal_was_over(self):
        for removal in Removal.objects.unreviewed().filter(stands_at__isnull=False).select_related("complaint"):
            told = told_at(removal.complaint.decisions.first())
            assert told is not None
            assert appeal_window(regime=removal.complaint.regime, notified_at=told).closes_at <= removal.stands_at
        assert not Removal.objects.filter(stands_at__isnull=False, due_at__isnull=False).exists()

    @invariant()
    def no_privilege_is_active_below_the_mark(self):
        standing = Privilege.objects.filter(state__in=["training", "active"])
        assert standing.count() <= 1
        for row in standing.filter(state="active"):
            seen = Removal.objects.filter(reviewed_at__isnull=False, at__gte=row.counts_since_at)
            wrong = sum(r.reversed_links for r in seen.filter(at__gt=clock.now() - selfservice.STAY_TIME))
            restored = Decision.objects.exclude(on_appeal="").filter(findings__outcome="upheld").exists()
            assert wrong < 2 or restored
            assert not selfservice.accuracy_of(row).is_below_the_mark

    def all_holds(self):
        self.a_listing_is_down_exactly_while_it_is_held()
        self.the_score_is_what_the_decisions_say()
        self.a_shop_has_points_exactly_for_what_stands()
        self.nothing_stands_before_staff_looked_or_the_time_to_appeal_was_over()
        self.no_privilege_is_active_below_the_mark()


def pick(rows, which):
    found = list(rows.all())
    return found[which % len(found)] if found else None


def links_of(removal, some):
    return [row for i, row in enumerate(removal.complaint.targets.order_by("pk")) if some >> i & 1]


def outcomes():
    """The case and outcome of every link, by its key."""
    return {
        pk: (case, outcome) for pk, case, outcome in ComplaintTarget.objects.values_list("pk", "complaint", "outcome")
    }


def reviewed_cases():
    return set(Removal.objects.filter(reviewed_at__isnull=False).values_list("complaint", flat=True))


def everything():
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


@pytest.mark.parametrize("regime", ["cn", "eu"])
def test_one_long_way(regime, monkeypatch):
    """What a search comes to late: reversed and restored, ended and given back, answered, and let stand by time."""
    connect_fakes(monkeypatch, FakeMarketplace())
    AnyOrder.world = World(regime)
    way = AnyOrder()
    steps = (
        ("the_record_is_good_enough", 2, True), ("a_shop_appeals", 0), ("review", 0, "first", 1),
        ("the_holder_appeals", 0, "holder"), ("decide_the_appeal", 1, "first", True),
        ("decide_the_appeal", 1, "second", True), ("decide_the_appeal", 0, "senior", True), ("review", 0, "second", 15),
        ("the_privilege_moves", "ask", "holder"), ("the_privilege_moves", "restore", "senior"),
        ("remove", "holder", 5, 3), ("time_passes", 1), ("a_shop_answers", 0), ("the_answer_goes_on", 0, "forward"),
        ("the_answer_goes_on", 0, "take_up"), ("time_passes", 1), ("the_answer_goes_on", 0, "concede"),
        ("the_answer_goes_on", 0, "reverse"), ("time_passes", 31), ("time_passes", 190),
    )  # fmt: skip
    try:
        for name, *how in steps:
            getattr(way, name)(*how)
            way.all_holds()
        done = set(LedgerEntry.objects.values_list("kind", flat=True))
        assert {"privilege.end", "privilege.restore", "complaint.decide_anew", "strike.taken_back"} <= done
        assert {"appeal.reverse", "complaint.removal_stands", "counter_notice.conclude"} <= done
    finally:
        way.teardown()


@pytest.mark.parametrize("regime", ["cn", "eu"])
def test_any_order_of_self_service(regime, monkeypatch):
    connect_fakes(monkeypatch, FakeMarketplace())
    AnyOrder.world = World(regime)
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=settings().max_examples // 5,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Whatever happens in whatever order, a listing is down exactly while an active hold exists.

Workers are greenlets that stop in the middle of their calls, so that complaints, relistings, other workers
and death come in between. One thing is left out, which only a re-check of the marketplace can find: a call
that has its effect after its lease ran out, by a worker that dies before it says so.
"""

import contextvars
import itertools
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.db import transaction
from greenlet import getcurrent, greenlet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from complaints import services as complaints
from complaints.models import Complaint, ComplaintTarget
from complaints.services import Found
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry
from core.obligations import LEASE
from core.tasks import drain_outbox
from marketplace.ingest import ingest
from marketplace.models import Enforcement, Hold, Marketplace, Target
from marketplace.services import carries_shops, reconcile_batch, reset_breaker, retry_enforcement
from marketplace.tasks import reconcile_due
from tests.factories import (
    FilingFactory,
    ListingFactory,
    MarketplaceFactory,
    ShopFactory,
    a_file,
    complaint,
    member,
    staff,
)
from tests.marketplace import fake
from tests.marketplace.fake import FakeMarketplace, WorkerKilled, connect_fakes

pytestmark = pytest.mark.django_db

ANSWERS = st.sampled_from(
    [
        fake.ok, fake.ok, fake.time_out_with_effect, fake.time_out_without_effect, fake.throttled, fake.broken,
        fake.no_connection, fake.refused, fake.bug,
    ]
)  # fmt: skip
HOLDER = st.integers(0, 1)
NTH = st.integers(0, 5)
SOME = st.integers(1, 31)


class Worker(greenlet):
    """One `reconcile_batch` that stops before each call, and again between its effect and its answer."""

    waits = ""
    called_at = effect_at = datetime.max.replace(tzinfo=UTC)

    def run(self, _answer=None) -> None:
        with suppress(WorkerKilled):
            reconcile_batch()

    def go_on(self, answer=fake.ok) -> None:
        # A greenlet has a context of its own; the clock in it must be ours.
        self.gr_context = contextvars.copy_context()
        self.switch(answer)

    def kill(self) -> None:
        self.gr_context = contextvars.copy_context()
        self.throw(WorkerKilled)

    def wait(self, where: str):
        """Called in the middle of the work: what the test wants to happen next."""
        self.waits = where
        return self.parent.switch()

    @property
    def is_heard_of(self) -> bool:
        """Whether others will find out about its effect even if it dies."""
        return self.waits != "after" or self.effect_at < self.called_at + LEASE


class Stepwise(FakeMarketplace):
    """Lets a worker wait around its calls; everybody else is answered at once."""

    def apply(self, orders):
        worker = getcurrent()
        if not isinstance(worker, Worker):
            return super().apply(orders)
        worker.called_at = clock.now()
        answer = worker.wait("before")
        worker.effect_at = clock.now()
        try:
            return answer(self, orders)
        finally:
            worker.wait("after")

    def observe(self, refs):
        seen = super().observe(refs)
        worker = getcurrent()
        if isinstance(worker, Worker) and worker.wait("look") is not fake.ok:
            fake.no_connection(self, ())
        return seen


class World:
    """What is there before anything happens: people, rights, shops on two marketplaces."""

    def __init__(self) -> None:
        self.reviewer = staff()
        self.holders = [member(), member()]
        self.rights = [FilingFactory(organisation=h.organisation) for h in self.holders]
        whole = ShopFactory(marketplace=MarketplaceFactory(connector="fake"))
        by_items = ShopFactory.create_batch(2, marketplace=MarketplaceFactory(connector="fake_items"))
        self.shops = [whole, *by_items]
        self.listings = [ListingFactory(shop=shop) for shop in (whole, whole, *by_items, by_items[0])]


class Enforcing(RuleBasedStateMachine):
    world: World
    market: Stepwise

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        type(self).market.__init__()
        self.stopped = clock.frozen(datetime(2026, 3, 3, 12, tzinfo=UTC))
        self.time = self.stopped.__enter__()
        self.workers: list[Worker] = []
        self.late_news: list[dict] = []
        self.event_ids = itertools.count()
        self.entries = 0

    # --- complaints ------------------------------------------------------------------------------------

    @initialize(holder=HOLDER, chosen=SOME, upheld=SOME)
    def somebody_complained(self, holder, chosen, upheld):
        self.complain(holder, chosen, False, upheld)

    @rule(holder=HOLDER, chosen=SOME, of_shops=st.booleans(), upheld=SOME)
    def complain(self, holder, chosen, of_shops, upheld):
        if case := self.filed(holder, chosen, of_shops):
            self.step(case, "accept")
            self.step(case, "decide", upheld)

    @rule(holder=HOLDER, chosen=SOME, of_shops=st.booleans())
    def submit(self, holder, chosen, of_shops):
        self.filed(holder, chosen, of_shops)

    def filed(self, holder, chosen, of_shops) -> Complaint | None:
        self.tick()
        things = self.world.shops if of_shops else self.world.listings
        targets = Target.objects.filter(pk__in=[t.pk for i, t in enumerate(things) if chosen >> i & 1])
        by = self.world.holders[holder]
        more = {"infringement": "shop_name", "evidence": [a_file(by)]} if of_shops else {}
        with suppress(DomainError):
            return complaint(*targets.order_by("pk"), by=by, filing=self.world.rights[holder], **more)
        return None

    @precondition(lambda self: self.cases())
    @rule(nth=NTH, step=st.sampled_from(["accept", "return", "supplement", "decide", "decide"]), upheld=SOME)
    def review(self, nth, step, upheld):
        self.step(self.cases()[nth % len(self.cases())], step, upheld)

    @precondition(lambda self: self.cases())
    @rule(nth=NTH, some=SOME, everything=st.booleans())
    def withdraw(self, nth, some, everything):
        case = self.cases()[nth % len(self.cases())]
        chosen = [t for i, t in enumerate(case.targets.order_by("pk")) if some >> i & 1]
        self.tick()
        with suppress(DomainError):
            complaints.withdraw(complaint=case, by=case.filed_by, targets=None if everything else chosen)

    def cases(self) -> list[Complaint]:
        return list(Complaint.objects.exclude(state__in=["withdrawn", "rejected", "dismissed"]).order_by("pk"))

    def step(self, case, step, upheld=0):
        self.tick()
        reviewer = self.world.reviewer
        with suppress(DomainError):
            if step == "accept":
                complaints.accept(complaint=case, by=reviewer)
            elif step == "return":
                complaints.return_for_supplement(complaint=case, by=reviewer, missing="A picture, please.")
            elif step == "supplement":
                complaints.supplement(complaint=case, by=case.filed_by, text="Here it is.")
            else:
                pending = case.targets.filter(outcome="pending").order_by("pk")
                findings = [
                    Found(t, bool(upheld >> i & 1), "U1" if upheld >> i & 1 else "D1", "Compared.")
                    for i, t in enumerate(pending)
                ]
                complaints.decide(complaint=case, by=reviewer, findings=findings)

    # --- workers ---------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.workers) < 3 and Enforcement.objects.due().exists())
    @rule()
    def worker_starts(self):
        self.tick()
        worker = Worker()
        worker.go_on()
        self.keep_running([*self.workers, worker])

    @precondition(lambda self: self.workers)
    @rule(nth=NTH, answer=ANSWERS)
    def worker_goes_on(self, nth, answer):
        self.tick()
        self.workers[nth % len(self.workers)].go_on(answer)
        self.keep_running(self.workers)

    @precondition(lambda self: any(w.is_heard_of for w in self.workers))
    @rule(nth=NTH)
    def worker_is_killed(self, nth):
        self.tick()
        mortal = [w for w in self.workers if w.is_heard_of]
        mortal[nth % len(mortal)].kill()
        self.keep_running(self.workers)

    def keep_running(self, workers):
        self.workers = [w for w in workers if not w.dead]

    @precondition(lambda self: Enforcement.objects.due().exists())
    @rule(answer=ANSWERS)
    def task_runs_through(self, answer):
        self.tick()
        self.market.script.append(answer)
        reconcile_due()
        self.market.script.clear()

    @rule()
    def events_are_delivered_and_deadlines_pass(self):
        self.tick()
        drain_outbox()
        complaints.pass_deadlines()

    # --- the marketplace, the clock, the staff ------------------------------------------------------------

    @precondition(lambda self: "down" in self.market.shown.values())
    @rule(nth=NTH, late=st.booleans())
    def seller_puts_it_up_again(self, nth, late):
        self.tick()
        down = [t for t in self.everything() if self.market.shows(t) == "down"]
        target = down[nth % len(down)]
        self.market.relist(target)
        event = self.event("target.state_changed", kind=target.kind, external_id=target.external_id, state="up")
        self.late_news.append(event | {"marketplace": target.marketplace})
        if not late:
            self.news_comes()

    @precondition(lambda self: self.late_news)
    @rule()
    def news_comes(self):
        self.tick()
        told, self.late_news = self.late_news, []
        for event in reversed(told):
            for _twice in range(2):
                ingest(marketplace=event["marketplace"], events=[event])

    @rule(nth=st.integers(2, 4), shop=st.integers(1, 2))
    def seller_moves_a_listing(self, nth, shop):
        self.tick()
        listing, shop = self.world.listings[nth], self.world.shops[shop]
        told = {"external_id": listing.external_id, "title": "Moved", "shop_external_id": shop.external_id}
        ingest(marketplace=listing.marketplace, events=[self.event("listing.upserted", **told)])

    def event(self, what, **data):
        return {
            "id": f"e{next(self.event_ids)}",
            "type": what,
            "occurred_at": clock.now().isoformat(),
            "data": data,
        }

    @rule(seconds=st.sampled_from([1, 10, LEASE.total_seconds() + 1, 3700, 6 * 86_400]))
    def time_passes(self, seconds):
        self.time.advance(seconds=seconds)

    @rule()
    def staff_try_again(self):
        self.tick()
        for row in Enforcement.objects.dead():
            retry_enforcement(enforcement=row, by=self.world.reviewer)
        for mall in Marketplace.objects.all():
            reset_breaker(marketplace=mall, by=self.world.reviewer)

    def tick(self):
        self.time.advance(milliseconds=1)

    # --- what is always true --------------------------------------------------------------------------------

    @invariant()
    def what_must_be_down_is_what_is_held(self):
        held = set(Hold.objects.active().values_list("target_id", flat=True))
        down = set(Enforcement.objects.filter(desired="down").values_list("target_id", flat=True))
        assert down == {t.pk for t in self.everything() if self.is_held(t, held)}

    @invariant()
    def a_hold_is_active_exactly_for_what_is_upheld(self):
        assert set(Hold.objects.active().values_list("target_id", "cause")) == set(
            ComplaintTarget.objects.filter(outcome="upheld").values_list("target_id", "complaint__public_id")
        )

    @invariant()
    def the_ledger_never_shrinks(self):
        entries = LedgerEntry.objects.count()
        assert entries >= self.entries
        self.entries = entries

    @invariant()
    def what_is_not_as_it_must_be_is_due_or_visibly_given_up(self):
        stuck = Enforcement.objects.filter(due_at__isnull=True, dead_at__isnull=True)
        assert not [e for e in stuck if e.desired != e.confirmed]

    def everything(self):
        return Target.objects.select_related("marketplace").order_by("pk")

    def is_held(self, target, held) -> bool:
        if carries_shops(target.marketplace):
            return target.pk in held
        return target.kind != Target.Kind.SHOP and bool({target.pk, target.shop_id} & held)

    # --- and in the end ---------------------------------------------------------------------------------------

    def teardown(self):
        try:
            while self.workers:
                self.workers[0].go_on()
                self.keep_running(self.workers)
            if self.late_news:
                self.news_comes()
            self.drain()
            held = set(Hold.objects.active().values_list("target_id", flat=True))
            shown = {t: self.market.shows(t) for t in self.everything()}
            assert shown == {t: "down" if self.is_held(t, held) else "up" for t in self.everything()}
        finally:
            for worker in self.workers:
                worker.kill()
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)
            self.stopped.__exit__(None, None, None)

    def drain(self):
        for _ in range(20):
            self.staff_try_again()
            self.time.advance(hours=2)
            reconcile_due()
            if all(row.is_settled for row in Enforcement.objects.all()):
                return
        raise AssertionError("the marketplace answers, and yet something is never settled")


def test_a_listing_is_down_exactly_while_held(monkeypatch, caplog):
    Enforcing.market = connect_fakes(monkeypatch, Stepwise())
    Enforcing.world = World()
    caplog.set_level("CRITICAL")
    run_state_machine_as_test(
        Enforcing,
        settings=settings(
            max_examples=settings().max_examples // 2,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
        ),
    )

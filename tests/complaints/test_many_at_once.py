"""Many at once, on PostgreSQL: one result, an error that says so for the rest, and no deadlock."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.roles import StaffRole
from complaints import services
from complaints.errors import TakenBySomebodyElse
from complaints.lanes import TooManyOpen
from complaints.models import Complaint, Decision, StatementOfReasons
from core import clock
from core.errors import DomainError, Invalid, WrongState
from core.ids import new_id
from core.models import LedgerEntry
from marketplace.models import Enforcement, EnforcementAttempt, Hold, Target
from marketplace.services import HoldCause, observed, place_holds, reconcile_batch, release_holds
from tests.complaints.helpers import found
from tests.complaints.selfservice import had
from tests.factories import (
    FilingFactory,
    ListingFactory,
    MarketplaceFactory,
    ShopFactory,
    a_notice,
    complaint,
    member,
    staff,
)
from tests.marketplace.fake import FakeConnector, FakeMarketplace, connect_fakes

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def on_postgresql(db):
    if connection.vendor != "postgresql":
        pytest.skip("races are tested on PostgreSQL: set DATABASE_URL")


@pytest.fixture
def market(monkeypatch):
    return connect_fakes(monkeypatch, FakeMarketplace())


@pytest.fixture
def shop(market):
    return ShopFactory(marketplace=MarketplaceFactory(connector="fake_items"))


def at_once(*steps):
    """Every step in a thread of its own, let go together; its result, or the domain's error that it raised."""
    together = Barrier(len(steps))

    def run(step):
        try:
            connection.ensure_connection()
            together.wait(timeout=60)
            return step()
        except DomainError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def accepted(*targets, by=None):
    case = complaint(*targets, by=by)
    Complaint.objects.filter(pk=case.pk).update(state="accepted")
    case.refresh_from_db()
    return case


def test_fifty_decisions_at_once_are_one(shop):
    case = accepted(*ListingFactory.create_batch(5, shop=shop))
    reviewers = [staff(), staff(), staff(StaffRole.SENIOR_REVIEWER)]

    def decide(reviewer):
        return lambda: services.decide(complaint=case, by=reviewer, findings=found(case))

    answers = at_once(*[decide(reviewers[i % 3]) for i in range(50)])
    assert [type(a) for a in answers].count(Decision) == 1
    assert {type(a) for a in answers} <= {Decision, WrongState, TakenBySomebodyElse}
    assert Decision.objects.count() == StatementOfReasons.objects.count() == 1
    assert Hold.objects.count() == 5
    assert LedgerEntry.objects.filter(kind="complaint.uphold").count() == 1


def test_one_draft_sent_twenty_times_at_once_is_one_complaint(shop):
    holder = member()
    draft = services.keep_draft(public_id=new_id("drf"), by=holder, data={})
    notice = a_notice(ListingFactory(shop=shop), by=holder)
    answers = at_once(*[lambda: services.submit_complaint(notice=notice, by=holder, draft=draft)] * 20)
    assert len(set(answers)) == 1
    assert Complaint.objects.get() == answers[0]


def test_the_same_notice_twenty_times_at_once_is_one_complaint(shop):
    holder = member()
    notice = a_notice(ListingFactory(shop=shop), by=holder)
    answers = at_once(*[lambda: services.submit_complaint(notice=notice, by=holder)] * 20)
    assert [type(a) for a in answers].count(Complaint) == 1
    assert {type(a) for a in answers} == {Complaint, Invalid}


def test_the_last_free_place_of_a_lane_is_given_once(shop):
    """Under rights of its own each, so that the notices wait for nothing else."""
    holder = member()
    had(holder.organisation, dismissed=20)
    notices = [a_notice(ListingFactory(shop=shop), by=holder) for _n in range(14)]
    for notice in notices[:9]:
        services.submit_complaint(notice=notice, by=holder)
    answers = at_once(*[lambda n=n: services.submit_complaint(notice=n, by=holder) for n in notices[9:]])
    assert [type(a) for a in answers].count(Complaint) == 1
    assert {type(a) for a in answers} == {Complaint, TooManyOpen}


def test_numbers_have_neither_gaps_nor_twins(shop):
    people = [member() for _ in range(10)]
    notices = [
        a_notice(ListingFactory(shop=shop), by=p, filing=FilingFactory(organisation=p.organisation)) for p in people
    ]
    at_once(*[lambda n=n, p=p: services.submit_complaint(notice=n, by=p) for n, p in zip(notices, people, strict=True)])
    numbers = sorted(int(number[-6:]) for number in Complaint.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 11))


def meanwhile(monkeypatch, module, name, step):
    """Has somebody else do `step` while the first call of a function is still to come; their answers."""
    called, answers = getattr(module, name), []

    def impatient():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        return step()

    def call(**given):
        monkeypatch.setattr(module, name, called)
        answers.extend(at_once(impatient))
        return called(**given)

    monkeypatch.setattr(module, name, call)
    return answers


def test_decision_that_waits_for_its_listings_holds_up_no_other(shop, monkeypatch):
    first, second, third = (accepted(ListingFactory(shop=shop)) for _ in range(3))
    services.decide(complaint=first, by=staff(), findings=found(first))

    def decide_the_third():
        return services.decide(complaint=third, by=staff(), findings=found(third))

    answers = meanwhile(monkeypatch, services.enforcement, "place_holds", decide_the_third)
    services.decide(complaint=second, by=staff(), findings=found(second))
    assert [type(answer) for answer in answers] == [Decision]


@pytest.mark.parametrize("_round", range(5))
def test_withdrawal_and_decision_at_once_leave_nothing_held_that_is_withdrawn(shop, _round):
    holder, reviewer = member(), staff()
    case = accepted(*ListingFactory.create_batch(10, shop=shop), by=holder)
    findings = found(case)
    at_once(
        lambda: services.decide(complaint=case, by=reviewer, findings=findings),
        lambda: services.withdraw(complaint=case, by=holder),
        lambda: services.withdraw(complaint=case, by=holder, targets=[f.target for f in findings[:3]]),
        lambda: services.decide(complaint=case, by=reviewer, findings=findings[3:]),
    )
    upheld = case.targets.filter(outcome="upheld").values_list("target_id", flat=True)
    assert set(Hold.objects.active().values_list("target_id", flat=True)) == set(upheld)
    assert set(Enforcement.objects.filter(desired="down").values_list("target_id", flat=True)) == set(upheld)
    case.refresh_from_db()
    assert case.state in ("withdrawn", "upheld")


def test_holds_placed_released_observed_and_reconciled_at_once(shop, market):
    """The same targets in every order by many, while workers record: no deadlock, and what is held is down."""
    listings = ListingFactory.create_batch(30, shop=shop)
    reversed_listings = listings[::-1]

    def place_and_release(cause, targets, keeps):
        def act():
            for _ in range(5):
                place_holds(targets=targets, cause=HoldCause(cause))
                release_holds(cause=cause, reason="")
            if keeps:
                place_holds(targets=targets[:10], cause=HoldCause(cause))

        return act

    def see():
        for listing in reversed_listings:
            observed(target=listing, state="up", at=clock.now())

    def work():
        for _ in range(10):
            reconcile_batch()

    at_once(
        place_and_release("one", listings, True),
        place_and_release("two", reversed_listings, False),
        place_and_release("shop", [shop], False),
        place_and_release("mixed", [*listings[:15], shop], False),
        see, work, work,
    )  # fmt: skip
    held = set(Hold.objects.active().values_list("target_id", flat=True))
    assert held == {listing.pk for listing in listings[:10]}
    assert set(Enforcement.objects.filter(desired="down").values_list("target_id", flat=True)) == held
    Enforcement.objects.update(leased_until=None)
    while reconcile_batch():
        pass
    assert {t.pk for t in Target.objects.filter(kind="listing") if market.shows(t) == "down"} == held


def test_two_workers_call_for_different_rows(shop, market, monkeypatch):
    monkeypatch.setattr(FakeConnector, "max_batch", 20)
    place_holds(targets=ListingFactory.create_batch(400, shop=shop), cause=HoldCause("one"))

    def work():
        tried = 0
        while some := reconcile_batch(40):
            tried += some
        return tried

    assert sum(at_once(work, work, work, work)) == 400
    ordered = [order.ref for call in market.calls for order in call]
    assert len(ordered) == len(set(ordered)) == 400
    assert EnforcementAttempt.objects.count() == 400
    assert not Enforcement.objects.filter(due_at__isnull=False).exists()

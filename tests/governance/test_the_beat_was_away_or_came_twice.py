"""The beat stood still over every deadline for two days, or two beats run at once: nothing early, nothing twice."""

from contextvars import copy_context
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import Count
from django.utils.module_loading import import_string

from complaints import counter_notices
from complaints import services as complaints
from complaints.abuse import findings, suspension
from complaints.models import AbuseFinding
from core.models import LedgerEntry, Letter
from filings import services as filings
from governance.appeals import services as appeals
from governance.models import Penalty
from ippro.celery import app
from tests.at_once import at_once
from tests.complaints.counter import answered, deliver_letters, statement_of, told, waiting
from tests.complaints.helpers import shown_by_a_new_case
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, complaint, member, merchant_of, staff
from tests.filings.build import submitted
from tests.governance.helpers import appeal
from tests.governance.penalties import decided, in_force, senior

#: the sweeps of the beat that pass deadlines of cases
SWEEPS = (
    "complaint-deadlines", "counter-notice-deadlines", "appeal-deadlines", "filing-deadlines", "end-penalties",
    "end-suspensions", "let-removals-stand",
)  # fmt: skip


def beat():
    for name in SWEEPS:
        import_string(app.conf.beat_schedule[name]["task"])()


@pytest.fixture
def due(stopped, work_off, market):
    """A case of each kind whose time runs, with its state once the time is over."""
    by, reviewer = member(), staff()
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake"))
    # first, since it moves the clock
    decided(shop, work_off)
    penalty = in_force(Penalty.objects.get(), stopped)
    returned = complaints.return_for_supplement(complaint=complaint(by=by), by=reviewer, missing="The order.")
    closing = told(ListingFactory(shop=shop), by=by)
    released = waiting(told(ListingFactory(shop=shop), by=by))
    lapsing = counter_notices.return_for_supplement(
        counter_notice=answered(told(ListingFactory(shop=shop), by=by)), by=staff(), missing="The invoice."
    )
    contested = told(ListingFactory(shop=shop), by=by)
    made = appeal(statement_of(contested).public_id, merchant_of(shop))
    second = staff()
    taken = appeals.take(appeal=made, by=second)
    returned_appeal = appeals.return_for_supplement(appeal=taken, by=second, missing="The invoices.")
    found = AbuseFinding.objects.create(organisation=by.organisation, pattern="threats", key="q", figures={"n": 2})
    shown_by_a_new_case(found)
    first = senior()
    warned = suspension.warn(
        organisation=by.organisation, by=first, facts="Two threats.",
        findings=[findings.confirm(finding=found, by=first, reason="Twice.")],
    )  # fmt: skip
    filing = submitted()
    filing = filings.return_for_supplement(filing=filing, by=reviewer, missing="Page two.")
    deliver_letters()
    return [
        (returned, "rejected"), (closing, "closed"), (released, "concluded"), (lapsing, "lapsed"),
        (returned_appeal, "under_review"), (warned, "lapsed"), (filing, "draft"), (penalty, "ended"),
    ]  # fmt: skip


def states(due):
    for case, _then in due:
        case.refresh_from_db()
    return [case.state for case, _then in due]


def entries_twice(since):
    """What the ledger tells twice of one subject since an entry."""
    told = LedgerEntry.objects.filter(pk__gt=since).order_by().values("kind", "subject").annotate(n=Count("pk"))
    return list(told.filter(n__gt=1))


@pytest.mark.django_db
def test_each_deadline_is_passed_at_its_moment_and_not_before(due, stopped):
    before = states(due)
    times = [case.deadline_at for case, _then in due]
    for moment in sorted(set(times)):
        for at in (moment - timedelta(microseconds=1), moment):
            stopped.set(at)
            beat()
            assert states(due) == [
                then if time <= at else was for (_case, then), was, time in zip(due, before, times, strict=True)
            ], at


@pytest.mark.django_db
def test_a_beat_that_was_away_for_two_days_catches_up_in_one_round(due, stopped, work_off):
    newest = LedgerEntry.objects.latest("pk").pk
    stopped.set(max(case.deadline_at for case, _then in due) + timedelta(days=2))
    beat()
    assert states(due) == [then for _case, then in due]
    assert entries_twice(newest) == []
    work_off()
    told, letters = LedgerEntry.objects.count(), Letter.objects.count()
    beat()
    work_off()
    assert (LedgerEntry.objects.count(), Letter.objects.count()) == (told, letters), "a second round finds nothing"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_do_everything_once(due, stopped, work_off):
    newest = LedgerEntry.objects.latest("pk").pk
    stopped.set(max(case.deadline_at for case, _then in due) + timedelta(days=2))
    # The stopped clock goes with each of them into its thread.
    at_once(*(partial(copy_context().run, beat) for _n in range(2)))
    beat()
    assert states(due) == [then for _case, then in due]
    assert entries_twice(newest) == []
    work_off()
    twice = Letter.objects.order_by().values("about", "template", "to", "user").annotate(n=Count("pk")).filter(n__gt=1)
    assert list(twice) == []

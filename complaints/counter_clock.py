"""What the clock does with counter-notices: delivery, lapse, the end of the waiting period, a calendar that moved.

Whatever is due is looked for in the database, so that a beat that stood still for two days loses nothing; each case is
judged again under its lock, so that two sweeps do it once, and never before the clock says so. What fell due in the same
minute is worked off many at a time.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from complaints import counter_links, letters
from complaints.counter_lifecycle import LIFECYCLE, put_back_at, waiting_period
from complaints.counter_notices import deliver, pass_on
from complaints.deadlines import Window
from complaints.models import Complaint, CounterNotice, CounterNoticeTarget
from complaints.regimes import REGIMES, Event
from core import clock
from core.models import Letter
from core.obligations import each_due, sweep
from core.outbox import publish

log = logging.getLogger("ippro.complaints")

State = CounterNotice.State
Outcome = CounterNoticeTarget.Outcome
Ground = CounterNoticeTarget.Ground
#: cases, and links of them, that are worked off in one transaction
CASES, LINKS = 200, 400


def pass_deadlines() -> int:
    """Do everything of counter-notices that is due; returns how many moved."""
    delivered = note_deliveries()
    lapsed = each_due(lambda: _due(State.RETURNED), pass_deadline)
    put_back = sum(_put_back_all())
    said = each_due(_late, pass_deadline) + each_due(_held_up, tell_held_up)
    return delivered + lapsed + put_back + said


def _due(*states: str) -> QuerySet[CounterNotice]:
    return CounterNotice.objects.past_deadline(clock.now()).filter(state__in=states).order_by("deadline_at", "pk")


def _late() -> QuerySet[CounterNotice]:
    return letters.not_yet_said(_due(State.SUBMITTED, State.IN_REVIEW), "counter_notice.overdue")


def _held_up() -> QuerySet[CounterNotice]:
    """Answers that staff have not passed on, under a law whose waiting period runs all the while from their receipt."""
    laws = [r.code for r in REGIMES.values() if r.waits_from == Event.COUNTER_NOTICE_RECEIVED]
    return _due(State.SUBMITTED).filter(complaint__regime__in=laws).select_related("complaint")


@transaction.atomic
def tell_held_up(case: CounterNotice) -> bool:
    """Pass on what nobody checked before its links may go up, and say so to the seniors: from then on the law counts days.

    Source: 17 U.S.C. § 512(g)(2)(C), not less than 10, nor more than 14, business days after receipt.
    """
    if waiting_period(case).opens_at > clock.now():
        return False
    made = _lock_all([case.pk]).get(case.pk)
    if made is None or made.state != State.SUBMITTED:
        return False
    letters.tell_overdue(made, "counter_notice", step="overdue_by_law")
    # All that the law asks for is there, or it would not have been taken: who checks it too late keeps nobody from
    # a turn, nor the links down beyond the window.
    pass_on(made, "pass_on", by=None)
    return True


# --- delivery ------------------------------------------------------------------------------------------


def note_deliveries(limit: int = 500) -> int:
    """Start the waiting period of what has reached its complainant: the letter was taken, or it stood on the page long enough."""
    taken = Letter.objects.filter(template="counter_notice_forwarded", done_at__isnull=False)
    of_this = taken.filter(about=OuterRef("public_id")).order_by("done_at").values("done_at")[:1]
    on_their_way = CounterNotice.objects.filter(state=State.FORWARDED).order_by("forwarded_at", "pk")

    def arrived() -> QuerySet[CounterNotice]:
        found = on_their_way.annotate(sent_at=Subquery(of_this))
        return found.filter(Q(sent_at__isnull=False) | Q(deadline_at__lte=clock.now()))

    return each_due(arrived, lambda case: _note_delivery(case, case.sent_at), limit=limit)


@transaction.atomic
def _note_delivery(case: CounterNotice, sent_at: datetime | None) -> bool:
    made = _lock_all([case.pk]).get(case.pk)
    if made is None or made.state != State.FORWARDED:
        return False
    if sent_at is not None:
        deliver(made, CounterNotice.Delivered.LETTER, at=max(sent_at, made.forwarded_at or sent_at))
    elif made.deadline_at is not None and made.deadline_at <= clock.now():
        # A mail server that takes nothing does not keep the merchant waiting: it stood on the page all the while.
        deliver(made, CounterNotice.Delivered.SHOWN, at=made.deadline_at)
    else:
        return False
    return True


# --- one by one --------------------------------------------------------------------------------------------


def _one_by_one(pk: int) -> bool:
    try:
        return pass_deadline(CounterNotice.objects.get(pk=pk))
    except Exception:
        log.exception("the deadline of counter-notice %s could not be passed", pk)
        return False


@transaction.atomic
def pass_deadline(case: CounterNotice) -> bool:
    """Do what happens otherwise, once a counter-notice's deadline has passed; running it twice does it once."""
    made = _lock_all([case.pk]).get(case.pk)
    if made is None or made.deadline_at is None or made.deadline_at > clock.now():
        return False
    if made.state == State.RETURNED:
        return _lapse(made)
    if made.state == State.FORWARDED:
        return _note_delivery(made, None)
    if made.state == State.WAITING:
        return put_back([made.pk]) == 1
    return letters.tell_overdue(made, "counter_notice")


def _lapse(made: CounterNotice) -> bool:
    """What waited for the supplement lapses; what an injunction keeps down meanwhile stays the court's to decide."""
    counter_links.settle(list(made.links.filter(outcome=Outcome.WAITING)), Outcome.LAPSED)
    if made.links.filter(outcome__in=CounterNoticeTarget.OPEN).exists():
        counter_links.move_on(made)
        publish("counter_notice.settled", made.public_id)
        return True
    LIFECYCLE.fire(made, "lapse", actor=None)
    counter_links.resume(made.complaint)
    publish("counter_notice.lapsed", made.public_id)
    return True


# --- the end of the waiting period ------------------------------------------------------------------------


def _put_back_all() -> Iterator[int]:
    """Batch after batch of what is due, until nothing is or a minute is over. A case that cannot be moved stops no other."""
    stuck: set[int] = set()
    for batch in sweep(partial(_batch, stuck)):
        try:
            yield put_back(batch)
        except Exception:
            log.exception("a batch of %s counter-notices could not be put back: they are taken one by one", len(batch))
            yield sum(_one_by_one(pk) for pk in batch)
        # What was moved is due no more; what still is was locked by somebody else, or failed.
        stuck.update(_due(State.WAITING).filter(pk__in=batch).values_list("pk", flat=True))


def _batch(leave_out: set[int]) -> list[int]:
    """The next cases that are due, with not too many links together."""
    due = _due(State.WAITING).exclude(pk__in=leave_out).annotate(n=Count("links")).values_list("pk", "n")[:CASES]
    batch: list[int] = []
    links = 0
    for pk, n in due:
        if batch and links + n > LINKS:
            break
        batch.append(pk)
        links += n
    return batch


@transaction.atomic
def put_back(pks: Sequence[int]) -> int:
    """Release every link of these cases that no proceeding keeps down; returns how many cases moved.

    Each end is counted anew first: a calendar that was published or changed since may have moved it.
    """
    now = clock.now()
    due = [
        made
        for made in _lock_all(pks).values()
        if made.state == State.WAITING and made.deadline_at is not None and made.deadline_at <= now
    ]
    known: dict[Any, Window] = {}
    ready = [made for made in due if not _moved_by_calendar(made, waiting_period(made, known))]
    by_pk = {made.pk: made for made in ready}
    links = list(
        CounterNoticeTarget.objects.filter(counter_notice__in=by_pk, outcome__in=CounterNoticeTarget.OPEN)
        .select_related("complaint_target__target")
        .order_by("pk")
    )
    for link in links:
        link.counter_notice = by_pk[link.counter_notice_id]
    waiting = [link for link in links if link.outcome == Outcome.WAITING]
    by_law = counter_links.kept_by_law([link.complaint_target_id for link in waiting])
    counter_links.settle([link for link in waiting if link.complaint_target_id in by_law], Outcome.SUSTAINED)
    counter_links.let_go(
        [link for link in waiting if link.outcome == Outcome.WAITING], Outcome.RELEASED, Ground.NO_PROOF
    )
    kept = {link.counter_notice_id for link in links if link.outcome == Outcome.SUSTAINED}
    LIFECYCLE.fire_all([made for made in ready if made.pk in kept], "put_back_rest", actor=None)
    LIFECYCLE.fire_all([made for made in ready if made.pk not in kept], "put_back", actor=None)
    counter_links.resume_all([made.complaint for made in ready if made.pk not in kept])
    publish("counter_notice.settled", *[made.public_id for made in ready])
    return len(due)


def recount() -> int:
    """Count every running waiting period anew, once a day: a calendar may have been published or changed.

    Returns how many ends moved.
    """
    moved = 0
    known: dict[Any, Window] = {}
    waiting = CounterNotice.objects.filter(state=State.WAITING).select_related("complaint").order_by("pk")
    for case in waiting.iterator():
        period = waiting_period(case, known)
        if (put_back_at(case, period), period.is_provisional) != (case.deadline_at, case.is_provisional):
            with transaction.atomic():
                made = _lock_all([case.pk]).get(case.pk)
                moved += made is not None and made.state == State.WAITING and _moved_by_calendar(made, period)
    return moved


def _moved_by_calendar(made: CounterNotice, period: Window) -> bool:
    """Move the end of a waiting period if it is another one by today's calendar, and tell both sides."""
    ends_at = put_back_at(made, period)
    if ends_at == made.deadline_at:
        if period.is_provisional != made.is_provisional:
            CounterNotice.objects.filter(pk=made.pk).update(is_provisional=period.is_provisional)
        return False
    before = made.deadline_at
    made.is_provisional = period.is_provisional
    LIFECYCLE.fire(
        made,
        "move_deadline",
        actor=None,
        writes=["is_provisional"],
        payload={"before": before.isoformat() if before else "", "now": ends_at.isoformat()},
    )
    publish("counter_notice.moved", made.public_id)
    # Moved to a moment that has passed already: the sweep takes it up again at once.
    return True


def _lock_all(pks: Sequence[int]) -> dict[int, CounterNotice]:
    """These cases under lock, their complaints first; what another worker has at the moment is left to it."""
    complaints = Complaint.objects.filter(counter_notices__in=pks).order_by("pk")
    held = {c.pk: c for c in complaints.select_for_update(of=("self",), no_key=True, skip_locked=True)}
    rows = CounterNotice.objects.filter(pk__in=pks, complaint__in=held).order_by("pk")
    found = {}
    for made in rows.select_for_update(of=("self",), no_key=True):
        made.complaint = held[made.complaint_id]
        found[made.pk] = made
    return found

"""Who gets which appeal by itself: the rule of `complaints/assigning.py`, for whoever takes appeals.

An appeal lies on somebody's desk until they take it up. What nobody took up, or lies with somebody who is away or has left, goes
back to all.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from complaints import assigning
from complaints.assigning import Work, Worker
from complaints.models import ReviewerProfile
from core import clock, ledger
from core.lifecycle import lock
from core.obligations import each_due
from governance.appealable import contested_in, has_party
from governance.appeals.lifecycle import LIFECYCLE
from governance.models import Appeal, AppealDecision

State = Appeal.State
QUEUE = ReviewerProfile.Queue.APPEALS
#: an appeal that nobody took up for so long after it came to them goes back to all
NOT_TAKEN_UP = timedelta(hours=48)
GIVEN_BACK = Q(kind="appeal.give_back")


def work_on_appeals(people: Collection[User], since: datetime) -> Work:
    """The appeals on each desk, and those that somebody decided or returned since then."""
    on_desk = Appeal.objects.awaiting_staff().filter(assigned_to__in=people)
    decided = AppealDecision.objects.filter(decided_at__gte=since, decided_by__in=people)
    return assigning.together(
        on_desk.values_list("assigned_to", "public_id"),
        decided.values_list("decided_by", "appeal__public_id"),
        assigning.steps_taken(people, ("appeal.return",), since),
    )


def assign_waiting(limit: int = 200) -> int:
    """Give appeals that nobody has to whoever fits and has least to do, the most urgent first; returns how many."""
    workers = [worker for worker in assigning.at_work() if QUEUE in worker.profile.queues]
    wanted = Q(pk__in=[])
    for worker in workers:
        if worker.has_room:
            wanted |= assigning.in_languages(worker.profile.languages)
    free = Appeal.objects.filter(wanted, state=State.SUBMITTED, assigned_to=None)
    waiting = list(free.order_by("deadline_at", "pk")[:limit]) if workers else []
    left = assigning.left_by(waiting, "appeal.assigned", GIVEN_BACK)
    return sum(_give(appeal, workers, left[appeal.public_id]) for appeal in waiting)


def _give(appeal: Appeal, workers: Sequence[Worker], not_to: set[str]) -> bool:
    fitting = assigning.least_loaded(workers, queue=QUEUE, language=appeal.language)
    asked = [worker for worker in fitting if worker.person.public_id not in not_to]
    if not asked:
        return False
    contested = contested_in(appeal)
    for worker in asked:
        person = worker.person
        if person.pk in contested.deciders or has_party(contested, person):
            continue
        if not put_on_desk(appeal=appeal, to=person, why="load"):
            return False
        worker.load += 1
        return True
    return False


@transaction.atomic
def put_on_desk(*, appeal: Appeal, to: User, why: str) -> bool:
    """Lay an appeal that nobody has on somebody's desk; False if somebody was faster, or it waits no longer."""
    appeal = lock(appeal)
    if appeal.state != State.SUBMITTED or appeal.assigned_to_id is not None:
        return False
    _moves(appeal, to, why)
    return True


def release_left(limit: int = 500) -> int:
    """Take appeals from the desks of who is away or has left, and what nobody took up; returns how many went back."""
    return sum(
        each_due(which, lambda appeal, why=why: release(appeal=appeal, why=why), limit=limit)  # type: ignore[misc]
        for why, which in _GOES_BACK.items()
    )


def _on_desks() -> QuerySet[Appeal]:
    return Appeal.objects.awaiting_staff().filter(assigned_to__isnull=False).order_by("pk")


def _of_who_left() -> QuerySet[Appeal]:
    return _on_desks().exclude(assigned_to__in=assigning.reviewers())


def _of_who_is_away() -> QuerySet[Appeal]:
    return _on_desks().filter(assigned_to__in=assigning.who_is_away().values("person"))


def _not_taken_up() -> QuerySet[Appeal]:
    return _on_desks().filter(state=State.SUBMITTED, assigned_at__lte=clock.now() - NOT_TAKEN_UP)


_GOES_BACK = {"left": _of_who_left, "away": _of_who_is_away, "idle": _not_taken_up}


@transaction.atomic
def release(*, appeal: Appeal, why: str) -> bool:
    """Put one appeal back for all, under its lock; False if somebody took it up in the meantime."""
    appeal = lock(appeal)
    if not _GOES_BACK[why]().filter(pk=appeal.pk).exists():
        return False
    if appeal.state == State.UNDER_REVIEW:
        LIFECYCLE.fire(appeal, "give_back", actor=None)
    _moves(appeal, None, why)
    return True


def _moves(appeal: Appeal, to: User | None, why: str) -> None:
    holder = appeal.assigned_to
    appeal.assigned_to, appeal.assigned_at = to, clock.now() if to else None
    appeal.save(update_fields=["assigned_to", "assigned_at"])
    ledger.record(
        kind="appeal.assigned", subject=appeal.public_id, actor=None,
        payload={
            "to": to.public_id if to else None, "why": why, **({"from": holder.public_id} if holder else {}),
        },
    )  # fmt: skip

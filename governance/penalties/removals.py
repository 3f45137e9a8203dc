"""When what a holder took down by itself counts against its shops: once none of them can appeal against it any more.

What staff reviewed stands from then on (`complaints/selfservice.py`); this is for the rest.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from complaints.models import ComplaintTarget, CounterNotice, Removal
from complaints.selfservice import let_stand
from core import clock
from core.lifecycle import lock
from core.obligations import each_due
from governance.appealable import told_at
from governance.appeals.periods import appeal_window
from governance.models import Appeal

#: when to look again at one whose shops were not told yet
_LATER = timedelta(hours=1)


def pass_deadlines(limit: int = 500) -> int:
    """Let removals stand that nobody can appeal against any more; returns how many moved. One that cannot stops no other."""
    return each_due(_due, lambda removal: pass_deadline(removal=removal), limit=limit)


def _due() -> QuerySet[Removal]:
    """What is due, in its order."""
    due = _undisputed().filter(due_at__lte=clock.now())
    return due.select_related("complaint").order_by("due_at", "pk")


def _undisputed() -> QuerySet[Removal]:
    """What an appeal or a merchant's answer still speaks about waits for that."""
    case = OuterRef("complaint")
    appealed = Appeal.objects.running().filter(links__finding__complaint_target__complaint=case)
    answered = CounterNotice.objects.still_open().filter(complaint=case)
    return Removal.objects.filter(~Exists(appealed), ~Exists(answered))


@transaction.atomic
def pass_deadline(*, removal: Removal) -> bool:
    """Let a removal stand whose shops' time to appeal is over; running it twice does it once."""
    complaint, removal = lock(removal.complaint), lock(removal)
    if removal.due_at is None or removal.due_at > clock.now():
        return False
    # Asked again under the lock: a merchant may have answered or appealed since it was looked for.
    if not _undisputed().filter(pk=removal.pk).exists():
        return False
    told = told_at(complaint.decisions.order_by("pk")[0])
    closes_at = appeal_window(regime=complaint.regime, notified_at=told).closes_at if told else clock.now() + _LATER
    if closes_at > clock.now():
        removal.due_at = closes_at
    elif complaint.targets.filter(outcome=ComplaintTarget.Outcome.UPHELD).exists():
        let_stand(removal=removal)
        return True
    else:
        removal.due_at = None
    removal.save(update_fields=["due_at"])
    return True

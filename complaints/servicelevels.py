"""Service levels of the queues: what each promises per lane, what is due, and what will be late before it is.

The promise itself is the deadline of each case: the regime's time, by the lane (`lanes.TERMS`). A case is at risk if, at
the pace of the last day and in the order of the deadlines, its turn comes after its deadline within the next day.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Lane
from core import clock
from core.models import LedgerEntry

#: so far ahead is looked, and so long back for the pace
HORIZON = PACE_OVER = timedelta(hours=24)
#: the pace is read from so many of the newest entries of the ledger, and no more cases than these are looked at
NEWEST_ENTRIES, MOST_CASES = 20_000, 20_000


@dataclass(frozen=True)
class Queue:
    """One queue: the state in which cases wait, and the steps that work them off."""

    name: str
    label: str | Promise
    state: str
    steps: tuple[str, ...]
    #: the share of cases that is to be answered in time, by lane
    targets: dict[Lane, float]


QUEUES = (
    Queue(
        "door", _("At the door"), Complaint.State.SUBMITTED,
        ("complaint.accept", "complaint.return", "complaint.reject"),
        {Lane.FAST: 0.99, Lane.NORMAL: 0.95, Lane.SLOW: 0.90},
    ),
    Queue(
        "decide", _("To decide"), Complaint.State.ACCEPTED, ("complaint.uphold", "complaint.dismiss"),
        {Lane.FAST: 0.99, Lane.NORMAL: 0.95, Lane.SLOW: 0.90},
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Level:
    """How one lane of one queue stands: cases that wait, are due within a day, will be late, and are late."""

    queue: Queue
    lane: Lane
    waiting: int
    due: int
    at_risk: int
    breached: int

    @property
    def target_percent(self) -> int:
        return round(100 * self.queue.targets[self.lane])

    @property
    def in_time_percent(self) -> int:
        """Share of what waits that is not late."""
        return 100 if not self.waiting else int(100 * (self.waiting - self.breached) / self.waiting)

    @property
    def is_missed(self) -> bool:
        return self.in_time_percent < self.target_percent


@dataclass(frozen=True)
class Forecast:
    """All queues, with how many cases an hour each works off at present."""

    levels: Sequence[Level]
    per_hour: dict[str, float]

    @property
    def at_risk(self) -> int:
        return sum(level.at_risk for level in self.levels)

    @property
    def breached(self) -> int:
        return sum(level.breached for level in self.levels)


def forecast() -> Forecast:
    """Where the queues stand now; three queries, however long they are."""
    now, pace = clock.now(), _pace()
    rows = Complaint.objects.awaiting_staff().filter(deadline_at__isnull=False).order_by("deadline_at", "pk")
    waiting = list(rows.values_list("state", "lane", "deadline_at")[:MOST_CASES])
    figures: Counter[tuple[str, str, str]] = Counter()
    for queue in QUEUES:
        per_hour = pace[queue.name]
        mine = ((lane, due) for state, lane, due in waiting if state == queue.state and due is not None)
        for turn, (lane, deadline) in enumerate(mine, 1):
            figures[queue.name, lane, "waiting"] += 1
            if deadline <= now:
                figures[queue.name, lane, "breached"] += 1
            elif deadline <= now + HORIZON:
                figures[queue.name, lane, "due"] += 1
                is_late = not per_hour or now + timedelta(hours=turn / per_hour) > deadline
                figures[queue.name, lane, "at_risk"] += is_late
    names = ("waiting", "due", "at_risk", "breached")
    return Forecast(
        [Level(queue, lane, *(figures[queue.name, lane, name] for name in names)) for queue in QUEUES for lane in Lane],
        pace,
    )


def _pace() -> dict[str, float]:
    """Cases an hour that each queue worked off in the last day."""
    newest = LedgerEntry.objects.aggregate(n=Max("pk"))["n"] or 0
    steps = [step for queue in QUEUES for step in queue.steps]
    recent = LedgerEntry.objects.filter(pk__gt=newest - NEWEST_ENTRIES, kind__in=steps, at__gt=clock.now() - PACE_OVER)
    done = dict(recent.order_by().values_list("kind").annotate(n=Count("pk")))
    hours = PACE_OVER / timedelta(hours=1)
    return {queue.name: sum(done.get(step, 0) for step in queue.steps) / hours for queue in QUEUES}

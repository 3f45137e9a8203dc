"""Service levels of the staff's queues: what each promises, how it stands, and what will be late before it is.

Which queues there are stands in one table, `ippro/queues.py`; this room only counts. A case is at risk if, at the pace
of the last day and in the order of what is due, its turn comes after its time within the next day.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Count, IntegerField, Max, Min, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from core import clock
from core.models import LedgerEntry

#: so far ahead is looked, and so long back for the pace
HORIZON = PACE_OVER = timedelta(hours=24)
#: the pace is read from so many of the newest entries of the ledger, and no more cases than these are looked at
NEWEST_ENTRIES, MOST_CASES = 20_000, 20_000


@dataclass(frozen=True)
class Level:
    """What a queue promises to one lane of parties, or to all: how long a case takes, and the share that is in time."""

    length: timedelta
    share: float
    lane: str = ""
    label: str | Promise = ""


@dataclass(frozen=True)
class Queue:
    """One queue of the staff: what waits in it, where, what is promised and why, and the steps that work it off."""

    name: str
    label: str | Promise
    #: where it stands among the staff's pages: `room_model`, and how its list is narrowed down to it
    place: str
    query: str
    #: what waits
    cases: Callable[[], QuerySet]
    levels: tuple[Level, ...]
    #: why it is promised: the law, or what the platform sets itself
    source: str | Promise
    #: kinds of ledger entries by which a case leaves it
    steps: tuple[str, ...]
    #: path to the moment since which a case waits, and to its own deadline; without one the length counts from the first
    since: str = "state_since_at"
    due: str = ""
    #: path to the lane, where parties have one
    lane: str = ""
    #: kinds of ledger entries by which a case comes into it; empty where the ledger says nothing of that
    arrivals: tuple[str, ...] = ()

    def of(self, level: Level) -> QuerySet:
        return self.cases().filter(**{self.lane: level.lane}) if level.lane else self.cases()

    def begins(self, level: Level) -> tuple[str, timedelta]:
        """From which moment a case is counted, and how long after it the case is due."""
        return (self.due, timedelta(0)) if self.due else (self.since, level.length)


@dataclass(frozen=True)
class Standing:
    """How one level of one queue stands: what waits, since when, what is due next, will be late, and is late."""

    queue: Queue
    level: Level
    waiting: int
    oldest_at: datetime | None
    next_due_at: datetime | None
    #: due within a day, and of these too late at the present pace
    due: int
    at_risk: int
    late: int

    @property
    def target_percent(self) -> int:
        return round(100 * self.level.share)

    @property
    def in_time_percent(self) -> int:
        """Share of what waits that is not late."""
        return 100 if not self.waiting else int(100 * (self.waiting - self.late) / self.waiting)

    @property
    def is_missed(self) -> bool:
        return self.in_time_percent < self.target_percent


@cache
def queues() -> tuple[Queue, ...]:
    """The table of the house."""
    found: tuple[Queue, ...] = import_string(settings.IPPRO_QUEUES)
    return found


def queues_at(place: str) -> list[Queue]:
    """The queues that stand in one list of the staff's pages."""
    return [queue for queue in queues() if queue.place == place]


def count_all(named: Mapping[str, QuerySet]) -> dict[str, int]:
    """How many rows each of some querysets has, in one query."""
    names = list(named)
    parts = [
        named[name].order_by().values(nth=Value(nth, IntegerField())).annotate(n=Count("pk")).values_list("nth", "n")
        for nth, name in enumerate(names)
    ]
    counted = dict(_union(parts)) if parts else {}
    return {name: counted.get(nth, 0) for nth, name in enumerate(names)}


def standings(of: Iterable[Queue] | None = None) -> list[Standing]:
    """Where the queues stand now, level by level; three queries, however many queues there are and however long."""
    levels = [(queue, level) for queue in (queues() if of is None else of) for level in queue.levels]
    if not levels:
        return []
    figures = {row[0]: row[1:] for row in _union([_figures(nth, *one) for nth, one in enumerate(levels)])}
    risks = _at_risk(levels) if any(found[3] for found in figures.values()) else Counter()
    found = []
    for nth, (queue, level) in enumerate(levels):
        waiting, oldest, following, due, late = figures.get(nth, (0, None, None, 0, 0))
        following = following + queue.begins(level)[1] if following else None
        found.append(Standing(queue, level, waiting, oldest, following, due, risks[nth], late))
    return found


def _figures(nth: int, queue: Queue, level: Level) -> QuerySet:
    field, after = queue.begins(level)
    now = clock.now() - after
    late = Q(**{f"{field}__lte": now})
    due = Q(**{f"{field}__gt": now, f"{field}__lte": now + HORIZON})
    rows = queue.of(level).order_by().values(nth=Value(nth, IntegerField()))
    return rows.annotate(
        n=Count("pk"), oldest=Min(queue.since), following=Min(field, filter=Q(**{f"{field}__gt": now})),
        n_due=Count("pk", filter=due), n_late=Count("pk", filter=late),
    ).values_list("nth", "n", "oldest", "following", "n_due", "n_late")  # fmt: skip


def _at_risk(levels: Sequence[tuple[Queue, Level]]) -> Counter[int]:
    """How many cases of each level will be late at the present pace: all its levels take turns by what is due."""
    now, pace = clock.now(), _pace({queue.name: queue for queue, _level in levels}.values())
    parts = []
    for nth, (queue, level) in enumerate(levels):
        field, after = queue.begins(level)
        soon = queue.of(level).order_by().filter(**{f"{field}__lte": now + HORIZON - after})
        parts.append(soon.values_list(Value(nth, IntegerField()), field))
    rows = [(levels[nth][1], nth, at) for nth, at in _union(parts)[:MOST_CASES]]
    waiting = sorted((at + levels[nth][0].begins(level)[1], nth) for level, nth, at in rows)
    risks, turns = Counter[int](), Counter[str]()
    for due_at, nth in waiting:
        name = levels[nth][0].name
        turns[name] += 1
        if due_at > now:
            per_hour = pace[name]
            risks[nth] += not per_hour or now + timedelta(hours=turns[name] / per_hour) > due_at
    return risks


def _pace(of: Iterable[Queue]) -> dict[str, float]:
    """Cases an hour that each queue worked off in the last day."""
    of = list(of)
    newest = LedgerEntry.objects.aggregate(n=Max("pk"))["n"] or 0
    steps = [step for queue in of for step in queue.steps]
    recent = LedgerEntry.objects.filter(pk__gt=newest - NEWEST_ENTRIES, kind__in=steps, at__gt=clock.now() - PACE_OVER)
    done = dict(recent.order_by().values_list("kind").annotate(n=Count("pk")))
    hours = PACE_OVER / timedelta(hours=1)
    return {queue.name: sum(done.get(step, 0) for step in queue.steps) / hours for queue in of}


def _union(parts: Sequence[QuerySet]) -> Any:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


@dataclass(frozen=True)
class LateSoon:
    """What a list says of one of its queues before somebody waits too long: how many will be late, and how many are."""

    queue: Queue
    at_risk: int
    late: int


def warnings_at(place: str) -> list[LateSoon]:
    """What is to be said above a list of the staff's pages; nothing while all is in time."""
    of = queues_at(place)
    found = standings(of)
    told = [
        LateSoon(
            queue, sum(s.at_risk for s in found if s.queue is queue), sum(s.late for s in found if s.queue is queue)
        )
        for queue in of
    ]
    return [warning for warning in told if warning.at_risk or warning.late]

"""Service levels of the staff's queues: what each promises, how it stands, and what will be late before it is.

Which queues there are stands in one table, `ippro/queues.py`; this room only counts. A case is at risk if, at the pace
of the last day and in the order of what is due, its turn comes after its time within the next day.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, Func, IntegerField, Max, Min, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from core import clock
from core.kept import kept
from core.models import LedgerEntry

#: so far ahead is looked, and so long back for the pace
HORIZON = PACE_OVER = timedelta(hours=24)
#: the pace is read from so many of the newest entries of the ledger
NEWEST_ENTRIES = 20_000


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


def standings(of: Iterable[Queue] | None = None) -> list[Standing]:
    """Where the queues stand, level by level; three queries, however many queues there are and however long.

    No older than `FIGURES_KEPT_SECONDS`.
    """
    asked = tuple(queues() if of is None else of)
    levels = [(queue, level) for queue in asked for level in queue.levels]
    name = "standings:" + (",".join(queue.name for queue in asked) if of is not None else "all")
    return [
        Standing(queue, level, *row)
        for (queue, level), row in zip(levels, kept(name, lambda: _rows(levels)), strict=True)
    ]


def _rows(levels: Sequence[tuple[Queue, Level]]) -> list[tuple[Any, ...]]:
    """What a standing says beside its queue and level, for each of some levels."""
    if not levels:
        return []
    figures = {row[0]: row[1:] for row in _union([_figures(nth, *one) for nth, one in enumerate(levels)])}
    found = []
    for nth, ((queue, level), (due, at_risk, late)) in enumerate(zip(levels, _outlook(levels), strict=True)):
        waiting, oldest, following = figures.get(nth, (0, None, None))
        following = following + queue.begins(level)[1] if following else None
        found.append((waiting, oldest, following, due, at_risk, late))
    return found


def _figures(nth: int, queue: Queue, level: Level) -> QuerySet:
    field, after = queue.begins(level)
    ahead = Q(**{f"{field}__gt": clock.now() - after})
    rows = queue.of(level).order_by().values(nth=Value(nth, IntegerField()))
    return rows.annotate(
        n=Count("pk"), oldest=Min(queue.since), following=Min(field, filter=ahead)
    ).values_list("nth", "n", "oldest", "following")  # fmt: skip


class _Minute(Func):
    """The minute in which a moment is, counted from 1970."""

    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 60)::bigint")

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # Twice doubled: once for the template, once for the values of the statement.
        return self.as_sql(compiler, connection, template="(CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / 60)")


def _outlook(levels: Sequence[tuple[Queue, Level]]) -> list[tuple[int, int, int]]:
    """Of each level how many are due within a day, how many of these will be late at the present pace, how many are late.

    All levels of a queue take turns by what is due. To the minute: however many wait, the database answers with the minutes of
    a day and of what is late.
    """
    now = clock.now()
    rows = [
        ((minute + 1) * 60 + after.total_seconds(), is_late, nth, n)
        for after, nth, is_late, minute, n in _minutes(levels, now)
    ]
    pace = _pace({queue.name: queue for queue, _level in levels}.values()) if any(not row[1] for row in rows) else {}
    due, risks, late, turns = Counter[int](), Counter[int](), Counter[int](), Counter[str]()
    for due_at, is_late, nth, n in sorted(rows):
        name = levels[nth][0].name
        if is_late:
            late[nth] += n
        else:
            due[nth] += n
            in_time = int(pace[name] * (due_at - now.timestamp()) / 3600) - turns[name]
            risks[nth] += n - min(max(in_time, 0), n)
        turns[name] += n
    return [(due[nth], risks[nth], late[nth]) for nth in range(len(levels))]


def _minutes(levels: Sequence[tuple[Queue, Level]], now: datetime) -> Iterator[tuple[Any, ...]]:
    """How many of each level are due in each minute until a day from now, and how long after that minute."""
    parts, after_of = [], []
    for nth, (queue, level) in enumerate(levels):
        field, after = queue.begins(level)
        after_of.append(after)
        soon = queue.of(level).order_by().filter(**{f"{field}__lte": now + HORIZON - after})
        is_over = When(**{f"{field}__lte": now - after}, then=Value(1))
        of_minute = soon.values(
            nth=Value(nth, IntegerField()), is_late=Case(is_over, default=Value(0), output_field=IntegerField()),
            minute=_Minute(F(field)),
        )  # fmt: skip
        parts.append(of_minute.annotate(n=Count("pk")).values_list("nth", "is_late", "minute", "n"))
    for row in _union(parts):
        yield after_of[row[0]], *row


def _pace(of: Iterable[Queue]) -> dict[str, float]:
    """Cases an hour that each queue worked off in the last day."""
    of = list(of)
    newest = LedgerEntry.objects.aggregate(n=Max("pk"))["n"] or 0
    steps = [step for queue in of for step in queue.steps]
    recent = LedgerEntry.objects.filter(pk__gt=newest - NEWEST_ENTRIES, kind__in=steps, at__gt=clock.now() - PACE_OVER)
    done = dict(recent.order_by().values_list("kind").annotate(n=Count("pk")))
    hours = _seen_of_a_day(newest) / timedelta(hours=1)
    return {queue.name: sum(done.get(step, 0) for step in queue.steps) / hours for queue in of}


def _seen_of_a_day(newest: int) -> timedelta:
    """Over what time the newest entries go back, where a day has more of them: no less than an hour."""
    if newest <= NEWEST_ENTRIES:
        return PACE_OVER
    before = (
        LedgerEntry.objects.filter(pk__lte=newest - NEWEST_ENTRIES).order_by("-pk").values_list("at", flat=True)[:1]
    )
    return min(PACE_OVER, max([timedelta(hours=1), *(clock.now() - at for at in before)]))


def _union(parts: Sequence[QuerySet]) -> Any:
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


@dataclass(frozen=True)
class LateSoon:
    """What a list says of one of its queues before somebody waits too long: how many will be late, and how many are."""

    queue: Queue
    at_risk: int
    late: int


def outlook(of: Iterable[Queue] | None = None) -> list[LateSoon]:
    """How many cases of each queue will be late, and how many are; no older than `FIGURES_KEPT_SECONDS`."""
    asked = tuple(queues() if of is None else of)
    levels = [(queue, level) for queue in asked for level in queue.levels]
    name = "outlook:" + (",".join(queue.name for queue in asked) if of is not None else "all")
    found = kept(name, lambda: _outlook(levels)) if levels else []
    risks, late = Counter[str](), Counter[str]()
    for (queue, _level), (_due, at_risk, is_late) in zip(levels, found, strict=True):
        risks[queue.name] += at_risk
        late[queue.name] += is_late
    return [LateSoon(queue, risks[queue.name], late[queue.name]) for queue in asked]


def warnings_at(place: str) -> list[LateSoon]:
    """What is to be said above a list of the staff's pages; nothing while all is in time."""
    return [told for told in outlook(queues_at(place)) if told.at_risk or told.late]

"""Figures of patrol for the dashboard and its tables: what was looked at, found, decided, and how fast it was down.

Every figure is read in a fixed number of queries, whatever the number of brands, categories and signals.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from core import clock
from marketplace.models import Enforcement
from patrol.models import Candidate, CandidateDecision, Inspection, Precheck, Recheck, ScanBatch

Outcome = CandidateDecision.Outcome
#: periods that the dashboard offers, in days
PERIODS = (7, 30, 90, 365)
RELISTED = (Recheck.Outcome.RELISTED_BY_SELLER, Recheck.Outcome.RELISTED_BY_OTHER)
#: brands and categories on the page; the tables to download have all
SHOWN = 20


@dataclass
class Line:
    """What was found and decided of one brand, category or week."""

    label: str
    found: int = 0
    upheld: int = 0
    dismissed: int = 0

    @property
    def decided(self) -> int:
        return self.upheld + self.dismissed

    @property
    def precision(self) -> float | None:
        """Which share of what was decided was upheld."""
        return self.upheld / self.decided if self.decided else None


@dataclass(frozen=True)
class Takedowns:
    """From the moment something was found until the marketplace had it down, in hours."""

    count: int
    median: float | None
    p90: float | None


@dataclass(frozen=True)
class Relistings:
    """Of takedowns that were looked at again: how many were put up again, by the same seller or another."""

    looked_at: int
    relisted: int

    @property
    def rate(self) -> float | None:
        return self.relisted / self.looked_at if self.looked_at else None


@dataclass(frozen=True)
class Figures:
    """Everything on the dashboard for one period, which ends now."""

    days: int
    since: datetime
    #: listings that were looked at because they were new or changed, and in scans
    changed: int
    scanned: int
    prechecks: dict[str, int]
    whole: Line
    reversed: int
    automated: int
    waiting: int
    signals: list[Line]
    brands: list[Line]
    categories: list[Line]
    weeks: list[Line]
    takedowns: Takedowns
    relistings: Relistings


def figures(days: int = 30) -> Figures:
    """The figures of the last `days` days."""
    since = clock.now() - timedelta(days=days)
    decided = _decided(since)
    found = list(
        Candidate.objects.filter(found_at__gte=since)
        .order_by()
        .values_list("profile__filing__organisation__name", "target__category", TruncDate("found_at"))
        .annotate(n=Count("pk"))
    )
    outcomes = Counter(row.outcome for row in decided)
    return Figures(
        days=days,
        since=since,
        changed=Inspection.objects.filter(inspected_at__gte=since).count(),
        scanned=ScanBatch.objects.filter(done_at__gte=since).aggregate(n=Sum("scanned"))["n"] or 0,
        prechecks=dict(Precheck.objects.filter(at__gte=since).order_by().values_list("answer").annotate(n=Count("pk"))),
        whole=Line("", sum(n for *_of, n in found), outcomes[Outcome.UPHELD], outcomes[Outcome.DISMISSED]),
        reversed=outcomes[Outcome.REVERSED],
        automated=sum(row.is_automated for row in decided if row.outcome == Outcome.UPHELD),
        waiting=Candidate.objects.awaiting_decision().count(),
        signals=_by_signal(decided),
        brands=_lines(((brand, n) for brand, _c, _d, n in found), ((row.brand, row.outcome) for row in decided)),
        categories=_lines(((cat, n) for _b, cat, _d, n in found), ((row.category, row.outcome) for row in decided)),
        weeks=_weeks(since.date(), ((day, n) for _b, _c, day, n in found), ((r.decided_on, r.outcome) for r in decided)),
        takedowns=_takedowns(since),
        relistings=_relistings(since),
    )  # fmt: skip


@dataclass(frozen=True)
class _Row:
    """One decision, with what the tables group it by."""

    outcome: str
    is_automated: bool
    decided_on: date
    brand: str
    category: str
    signals: frozenset[str]


def _decided(since: datetime) -> list[_Row]:
    rows = CandidateDecision.objects.filter(decided_at__gte=since).order_by().values_list(
        "outcome", "is_automated", "decided_at", "candidate__profile__filing__organisation__name",
        "candidate__target__category", "candidate__signals",
    )  # fmt: skip
    return [
        _Row(outcome, is_automated, at.date(), brand, category, frozenset(seen.get("signal", "") for seen in signals))
        for outcome, is_automated, at, brand, category, signals in rows
    ]


def _lines(found: Iterable[tuple[str, int]], decided: Iterable[tuple[str, str]]) -> list[Line]:
    """One line for each label, the one with most finds first."""
    lines: dict[str, Line] = {}
    for label, n in found:
        lines.setdefault(label, Line(label)).found += n
    for label, outcome in decided:
        _count(lines.setdefault(label, Line(label)), outcome)
    return sorted(lines.values(), key=lambda line: (-line.found, -line.decided, line.label))


def _count(line: Line, outcome: str) -> None:
    line.upheld += outcome == Outcome.UPHELD
    line.dismissed += outcome == Outcome.DISMISSED


def _by_signal(decided: Iterable[_Row]) -> list[Line]:
    """Of each signal, how often a person agreed among the decided candidates that showed it."""
    lines: dict[str, Line] = defaultdict(lambda: Line(""))
    for row in decided:
        if row.outcome == Outcome.REVERSED:
            continue
        for signal in row.signals:
            lines[signal].label = signal
            lines[signal].found += 1
            _count(lines[signal], row.outcome)
    return sorted(lines.values(), key=lambda line: (-(line.precision or 0), -line.decided, line.label))


def _weeks(since: date, found: Iterable[tuple[date, int]], decided: Iterable[tuple[date, str]]) -> list[Line]:
    """One line for each week of the period, by its Monday; weeks in which nothing happened too."""
    first, today = _monday(since), clock.today()
    lines = {
        monday: Line(monday.isoformat())
        for n in range((today - first).days // 7 + 1)
        if (monday := first + timedelta(weeks=n))
    }
    for day, n in found:
        lines.setdefault(_monday(day), Line(_monday(day).isoformat())).found += n
    for day, outcome in decided:
        _count(lines.setdefault(_monday(day), Line(_monday(day).isoformat())), outcome)
    return [lines[monday] for monday in sorted(lines)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _takedowns(since: datetime) -> Takedowns:
    """Of what was upheld and is confirmed down since: from the find to the marketplace's word, by nearest rank."""
    rows = Candidate.objects.filter(
        state=Candidate.State.UPHELD, target__enforcement__confirmed=Enforcement.State.DOWN,
        target__enforcement__confirmed_at__gte=since,
    ).order_by().values_list("found_at", "target__enforcement__confirmed_at")  # fmt: skip
    hours = sorted((down - found).total_seconds() / 3600 for found, down in rows if down is not None and down >= found)
    return Takedowns(len(hours), _rank(hours, 0.5), _rank(hours, 0.9))


def _rank(ordered: list[float], share: float) -> float | None:
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)] if ordered else None


def _relistings(since: datetime) -> Relistings:
    """By takedown, which is a target and the case that held it: looked at at least once with a result."""
    looked = Recheck.objects.filter(looked_at__gte=since).exclude(
        outcome__in=("", Recheck.Outcome.UNKNOWN, Recheck.Outcome.RELEASED)
    )
    rows = looked.order_by().values("target", "cause").annotate(again=Count("pk", filter=Q(outcome__in=RELISTED)))
    of_each = list(rows.values_list("again", flat=True))
    return Relistings(len(of_each), sum(again > 0 for again in of_each))


# --- as tables -------------------------------------------------------------------------------------------------

#: tables that can be downloaded, by their name in the address
TABLES = ("signals", "brands", "categories", "weeks")


def table(found: Figures, name: str) -> list[tuple[Any, ...]]:
    """One of `TABLES` with its heading, for a spreadsheet."""
    lines: list[Line] = getattr(found, name)
    heading = (name, "found", "upheld", "dismissed", "precision")
    return [heading, *((ln.label, ln.found, ln.upheld, ln.dismissed, _share(ln.precision)) for ln in lines)]


def _share(share: float | None) -> Any:
    return "" if share is None else round(share, 4)

"""Figures of patrol for the dashboard and its tables: what was looked at, found, decided, and how fast it was down.

Every figure is read in a fixed number of queries, whatever the number of brands, categories and signals.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Left, TruncDate
from django.utils import timezone

from complaints.models import Complaint
from core import clock
from marketplace.models import Enforcement
from patrol import risk
from patrol.models import Candidate, CandidateDecision, Inspection, Precheck, Recheck, ScanBatch

Outcome = CandidateDecision.Outcome
#: periods that the dashboard offers, in days
PERIODS = (7, 30, 90, 365)
RELISTED = (Recheck.Outcome.RELISTED_BY_SELLER, Recheck.Outcome.RELISTED_BY_OTHER)
#: brands and categories on the page; the tables to download have all
SHOWN = 20
#: of a public id of a case: three letters, a line, and a number in base 32
ID_LENGTH = 30


@dataclass
class Line:
    """What was found, decided, taken down and put up again of one brand, category, week or signal."""

    label: str
    found: int = 0
    upheld: int = 0
    dismissed: int = 0
    #: candidates on which a person had the last word, and how often that was that they infringe
    judged: int = 0
    confirmed: int = 0
    #: of each takedown from the find to the marketplace's word
    hours: list[float] = field(default_factory=list)
    #: takedowns that were looked at again, and how many of them were put up again
    looked_at: int = 0
    relisted: int = 0

    @property
    def decided(self) -> int:
        return self.upheld + self.dismissed

    @property
    def precision(self) -> float | None:
        """Which share of what people decided was upheld and not taken back: what went down by itself confirms only itself."""
        return self.confirmed / self.judged if self.judged else None

    @property
    def takedowns(self) -> "Takedowns":
        return Takedowns.of(self.hours)

    @property
    def relisting_rate(self) -> float | None:
        return self.relisted / self.looked_at if self.looked_at else None


@dataclass(frozen=True)
class Takedowns:
    """From the moment something was found until the marketplace had it down, in hours."""

    count: int
    median: float | None
    p90: float | None

    @classmethod
    def of(cls, hours: Iterable[float]) -> "Takedowns":
        """By nearest rank."""
        ordered = sorted(hours)
        return cls(len(ordered), _rank(ordered, 0.5), _rank(ordered, 0.9))


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


def figures(days: int = 30) -> Figures:
    """The figures of the last `days` days."""
    since = clock.now() - timedelta(days=days)
    decided = _decided(since)
    events = [*_found(since), *decided, *_taken_down(since), *_looked_at_again(since)]
    whole = Line("")
    for event in events:
        event.count(whole)
    return Figures(
        days=days,
        since=since,
        changed=Inspection.objects.filter(inspected_at__gte=since).count(),
        scanned=ScanBatch.objects.filter(done_at__gte=since).aggregate(n=Sum("scanned"))["n"] or 0,
        prechecks=dict(Precheck.objects.filter(at__gte=since).order_by().values_list("answer").annotate(n=Count("pk"))),
        whole=whole,
        reversed=sum(row.outcome == Outcome.REVERSED for row in decided),
        automated=sum(row.is_automated for row in decided if row.outcome == Outcome.UPHELD),
        waiting=Candidate.objects.awaiting_decision().count(),
        signals=_by_signal(decided),
        brands=_lines((event.brand, event) for event in events),
        categories=_lines((event.category, event) for event in events),
        weeks=_weeks(since.date(), events),
    )


@dataclass(frozen=True)
class _Event:
    """Something that counts in the line of its brand, its category and its week."""

    on: date
    brand: str
    category: str

    def count(self, line: Line) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class _Finds(_Event):
    n: int

    def count(self, line: Line) -> None:
        line.found += self.n


@dataclass(frozen=True)
class _Decision(_Event):
    outcome: str
    is_automated: bool
    #: the last one on its candidate in the period
    is_last: bool
    signals: frozenset[str]

    def count(self, line: Line) -> None:
        line.upheld += self.outcome == Outcome.UPHELD
        line.dismissed += self.outcome == Outcome.DISMISSED
        if self.is_last and not self.is_automated:
            line.judged += 1
            line.confirmed += self.outcome == Outcome.UPHELD


@dataclass(frozen=True)
class _Takedown(_Event):
    hours: float

    def count(self, line: Line) -> None:
        line.hours.append(self.hours)


@dataclass(frozen=True)
class _Look(_Event):
    """A takedown that was looked at again at least once."""

    is_relisted: bool

    def count(self, line: Line) -> None:
        line.looked_at += 1
        line.relisted += self.is_relisted


_BRAND, _CATEGORY = "profile__filing__organisation__name", "target__category"


def _found(since: datetime) -> list[_Finds]:
    rows = Candidate.objects.filter(first_found_at__gte=since).order_by()
    by_day = rows.values_list(TruncDate("first_found_at"), _BRAND, _CATEGORY).annotate(n=Count("pk"))
    return [_Finds(*row) for row in by_day]


def _decided(since: datetime) -> list[_Decision]:
    rows = list(
        CandidateDecision.objects.filter(decided_at__gte=since).order_by("decided_at", "pk").values_list(
            "pk", "candidate", "decided_at", f"candidate__{_BRAND}", f"candidate__{_CATEGORY}", "outcome", "is_automated",
            "snapshot", "candidate__state", "candidate__signals",
        )
    )  # fmt: skip
    last = {row[1]: row[0] for row in rows}
    return [
        _Decision(
            timezone.localdate(at), brand, category, outcome, is_automated, last[candidate] == pk,
            frozenset(seen.get("signal", "") for seen in risk.decided_on(snapshot, state, signals) or ()),
        )
        for pk, candidate, at, brand, category, outcome, is_automated, snapshot, state, signals in rows
    ]  # fmt: skip


def _lines(labelled: Iterable[tuple[str, _Event]]) -> list[Line]:
    """One line for each label, the one with most finds first."""
    lines: dict[str, Line] = {}
    for label, event in labelled:
        event.count(lines.setdefault(label, Line(label)))
    return sorted(lines.values(), key=lambda line: (-line.found, -line.decided, line.label))


def _by_signal(decided: Iterable[_Decision]) -> list[Line]:
    """Of each signal, how often a person agreed among the candidates that showed it and that people decided on."""
    lines: dict[str, Line] = {}
    for row in decided:
        if row.is_automated or not row.is_last:
            continue
        for signal in row.signals:
            line = lines.setdefault(signal, Line(signal))
            line.found += 1
            row.count(line)
    return sorted(lines.values(), key=lambda line: (-(line.precision or 0), -line.judged, line.label))


def _weeks(since: date, events: Iterable[_Event]) -> list[Line]:
    """One line for each week of the period, by its Monday; weeks in which nothing happened too."""
    first, today = _monday(since), clock.today()
    lines = {
        monday: Line(monday.isoformat())
        for n in range((today - first).days // 7 + 1)
        if (monday := first + timedelta(weeks=n))
    }
    for event in events:
        monday = _monday(event.on)
        event.count(lines.setdefault(monday, Line(monday.isoformat())))
    return [lines[monday] for monday in sorted(lines)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _taken_down(since: datetime) -> list[_Takedown]:
    """What was upheld and is confirmed down since: from when it was found to the marketplace's word."""
    down = "target__enforcement__confirmed_at"
    rows = Candidate.objects.filter(
        state=Candidate.State.UPHELD, target__enforcement__confirmed=Enforcement.State.DOWN, **{f"{down}__gte": since}
    ).order_by().values_list("first_found_at", down, _BRAND, _CATEGORY)  # fmt: skip
    return [
        _Takedown(timezone.localdate(at), brand, category, (at - found).total_seconds() / 3600)
        for found, at, brand, category in rows
        if at is not None and at >= found
    ]


def _rank(ordered: list[float], share: float) -> float | None:
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)] if ordered else None


def _looked_at_again(since: datetime) -> list[_Look]:
    """By takedown, which is a target and the case that held it: looked at at least once with a result.

    Its brand is whose right the case is about.
    """
    looked = Recheck.objects.filter(looked_at__gte=since).exclude(
        outcome__in=("", Recheck.Outcome.UNKNOWN, Recheck.Outcome.RELEASED)
    )
    # The case, and after it the time of its hold: `rechecks.case_of`.
    case = Left(OuterRef("cause"), ID_LENGTH)
    complaints = Complaint.objects.filter(public_id=case).values("filing__organisation__name")[:1]
    findings = CandidateDecision.objects.filter(public_id=case).values(f"candidate__{_BRAND}")[:1]
    rows = (
        looked.order_by()
        .annotate(brand=Coalesce(Subquery(complaints), Subquery(findings), Value("")))
        .values("target", "cause", "brand", _CATEGORY)
        .annotate(again=Count("pk", filter=Q(outcome__in=RELISTED)), at=Max("looked_at"))
    )
    return [_Look(timezone.localdate(row["at"]), row["brand"], row[_CATEGORY], row["again"] > 0) for row in rows]


# --- as tables -------------------------------------------------------------------------------------------------

#: tables that can be downloaded, by their name in the address
TABLES = ("signals", "brands", "categories", "weeks")


def table(found: Figures, name: str) -> list[tuple[Any, ...]]:
    """One of `TABLES` with its heading, for a spreadsheet."""
    lines: list[Line] = getattr(found, name)
    if name == "signals":
        heading: tuple[str, ...] = (name, "decided_by_people", "upheld", "precision")
        return [heading, *((ln.label, ln.judged, ln.confirmed, _share(ln.precision)) for ln in lines)]
    heading = (
        name, "found", "upheld", "dismissed", "decided_by_people", "precision", "takedowns", "median_hours_to_takedown",
        "p90_hours_to_takedown", "looked_at_again", "put_up_again", "relisting_rate",
    )  # fmt: skip
    return [
        heading,
        *(
            (
                ln.label, ln.found, ln.upheld, ln.dismissed, ln.judged, _share(ln.precision), ln.takedowns.count,
                _share(ln.takedowns.median), _share(ln.takedowns.p90), ln.looked_at, ln.relisted,
                _share(ln.relisting_rate),
            )
            for ln in lines
        ),
    ]  # fmt: skip


def _share(share: float | None) -> Any:
    return "" if share is None else round(share, 4)

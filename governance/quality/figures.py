"""Figures of each reviewer: how many of their decisions fell on appeal or after an answer, differed on a second look, how long
they took. Every share has its interval: of few decisions little can be told, and nobody is ranked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, F, QuerySet

from accounts.models import User
from complaints.models import Decision, Finding
from core import clock
from core.intervals import wilson
from governance.models import SecondLook

PERIODS = (30, 90, 365)
#: the time to a decision is told of so many of the newest
NEWEST = 20_000


@dataclass(frozen=True)
class Share:
    """A part of a whole and what it may really be: 95 of 100 such intervals hold the truth."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        low, high = wilson(self.part, self.whole)
        return 100 * low, 100 * high


@dataclass
class Figures:
    """What one reviewer decided in a period, and what became of it until now."""

    person: User | None
    decided: int = 0
    links: int = 0
    on_appeal: int = 0
    after_answer: int = 0
    looked_at: int = 0
    differing: int = 0
    #: drawn, and nobody was left who might look
    not_made: int = 0
    #: of those that differed, how often talking said that the second look was right
    lost: int = 0
    looks_made: int = 0
    hours: list[float] = field(default_factory=list)

    @property
    def reversed_on_appeal(self) -> Share:
        return Share(self.on_appeal, self.decided)

    @property
    def reversed_after_answer(self) -> Share:
        return Share(self.after_answer, self.decided)

    @property
    def differs(self) -> Share:
        return Share(self.differing, self.looked_at)

    @property
    def shares(self) -> list[tuple[str, Share]]:
        return [
            ("on_appeal", self.reversed_on_appeal), ("after_answer", self.reversed_after_answer), ("differs", self.differs),
        ]  # fmt: skip

    @property
    def median_hours(self) -> float | None:
        return median(self.hours) if self.hours else None

    @property
    def p90_hours(self) -> float | None:
        ordered = sorted(self.hours)
        return ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))] if ordered else None


def figures(days: int, people: Iterable[int] | None = None) -> list[Figures]:
    """Of everybody who decided something in the last `days` days, by name; or of some alone. Seven queries at most."""
    since = clock.now() - timedelta(days=days)
    made = Decision.objects.filter(decided_at__gte=since, on_appeal="", is_automated=False, decided_by__is_staff=True)
    looks = SecondLook.objects.filter(looked_at__gte=since)
    if people is not None:
        people = list(people)
        made, looks = made.filter(decided_by__in=people), looks.filter(looked_by__in=people)
    found: dict[int, Figures] = defaultdict(lambda: Figures(None))
    for pk, n, links in (
        made.order_by().values_list("decided_by").annotate(n=Count("pk", distinct=True), m=Count("findings"))
    ):
        found[pk].decided, found[pk].links = n, links
    for pk, kinds in _reversed(made, since).items():
        found[pk].on_appeal, found[pk].after_answer = kinds["apl"], kinds["other"]
    looked = SecondLook.objects.filter(decision__in=made.values("pk")).exclude(state=SecondLook.State.OPEN)
    for pk, state, conclusion, n in (
        looked.order_by().values_list("decision__decided_by", "state", "conclusion").annotate(n=Count("pk"))
    ):
        if state == SecondLook.State.NOT_MADE:
            found[pk].not_made += n
            continue
        found[pk].looked_at += n
        found[pk].differing += n * (state != SecondLook.State.AGREES)
        found[pk].lost += n * (conclusion == SecondLook.Conclusion.SECOND)
    for pk, n in looks.order_by().values_list("looked_by").annotate(n=Count("pk")):
        found[pk].looks_made = n
    newest = made.order_by("-decided_at").annotate(sent_at=F("complaint__created_at"))
    for pk, decided_at, sent_at in newest.values_list("decided_by", "decided_at", "sent_at")[:NEWEST]:
        found[pk].hours.append((decided_at - sent_at).total_seconds() / 3600)
    known = User.objects.in_bulk(found)
    for pk, line in found.items():
        line.person = known[pk]
    return sorted(found.values(), key=lambda line: (line.person.name or line.person.email, line.person.pk))  # type: ignore[union-attr]


def _reversed(made: QuerySet[Decision], since: datetime) -> dict[int, Counter[str]]:
    """How many of some decisions fell later, by who made them: on appeal, or after a merchant's answer or a review.

    A decision falls once, however many of its links were turned round: on appeal, if any of them was.
    """
    anew = Finding.objects.filter(decision__on_appeal__gt="", decision__decided_at__gte=since)
    later = list(anew.values_list("complaint_target", "outcome", "decision__on_appeal"))
    earlier = Finding.objects.filter(
        complaint_target__in={link for link, _outcome, _why in later}, decision__in=made.values("pk")
    )
    first = {link: (outcome, pk, by) for link, outcome, pk, by in earlier.values_list("complaint_target", "outcome", "decision", "decision__decided_by")}  # fmt: skip
    fell: dict[tuple[int, int], str] = {}
    for link, outcome, why in later:
        if link in first and first[link][0] != outcome:
            _was, decision, by = first[link]
            kind = "apl" if why.startswith("apl_") else "other"
            fell[by, decision] = "apl" if "apl" in (kind, fell.get((by, decision))) else "other"
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for (by, _decision), kind in fell.items():
        counted[by][kind] += 1
    return counted

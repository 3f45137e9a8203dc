"""The good-faith score of a complainant: what became of its links, from 0 to 100.

    score = 100 · (P · p + good) / (P + good + bad)
    good  = Σ weight · (upheld - withdrawn - reversed)
    bad   = Σ weight · (dismissed + ½ withdrawn + 2 reversed)

The sum goes over the months of a year; a month weighs half as much as one that is six months younger. P links of
which a share p was upheld stand before anybody's first (the prior), so that a few cases neither make nor break a
complainant. A withdrawal counts once the link had been upheld: a complainant who settles gives back what was counted
for it and half a link more. A decision that was reversed counts double, as the law doubles the damages of malice; one
that burdened the complainant and was itself reversed counts as if it had never been made.

What a holder took down by itself is its own word: it counts once somebody else has looked at it, and until then
neither for it nor against it.

Nothing follows from a score but what `lanes.py` and `selfservice.py` say openly, with the reason on each case.
Source: Alibaba's good-faith programme (admission by a threshold of upheld complaints, docs/explanation/sources.md);
E-Commerce Law art. 42(3); DSA art. 23(3) (numbers, share, gravity).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.models import (
    Complaint,
    ComplaintTarget,
    ConductMonth,
    CounterNoticeTarget,
    CourtOrder,
    Finding,
    Removal,
)
from core import clock

#: how long the past counts, and after how long half as much
MONTHS, HALF_LIFE_MONTHS = 12, 6
#: months that decide on self-service
RECENT_MONTHS = 6
#: links that stand before anybody's first, and the share of them that was upheld
PRIOR_LINKS, PRIOR_UPHELD_RATIO = 10, 0.7
WITHDRAWN_WEIGHS, REVERSED_WEIGHS = 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Month:
    """What became of a complainant's links in one month; `age` in months, 0 is the present one."""

    age: int
    upheld: int = 0
    dismissed: int = 0
    withdrawn: int = 0
    reversed: int = 0

    @property
    def weight(self) -> float:
        return 0.5 ** (self.age / HALF_LIFE_MONTHS)


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the explanation: so many links, and what each does to the score."""

    name: str
    links: int
    words: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class Score:
    """A complainant's score, with everything that it is made of."""

    months: Sequence[Month] = ()

    def _sum(self, name: str, within: int = MONTHS) -> int:
        return sum(getattr(m, name) for m in self.months if m.age < within)

    @property
    def upheld(self) -> int:
        return self._sum("upheld")

    @property
    def dismissed(self) -> int:
        return self._sum("dismissed")

    @property
    def withdrawn(self) -> int:
        return self._sum("withdrawn")

    @property
    def reversed(self) -> int:
        return self._sum("reversed")

    @property
    def decided(self) -> int:
        return self.upheld + self.dismissed

    @property
    def good(self) -> float:
        return max(0.0, sum(m.weight * (m.upheld - m.withdrawn - m.reversed) for m in self.months))

    @property
    def bad(self) -> float:
        return sum(
            m.weight * (m.dismissed + WITHDRAWN_WEIGHS * m.withdrawn + REVERSED_WEIGHS * m.reversed)
            for m in self.months
        )

    @property
    def value(self) -> int:
        """0 to 100, rounded down: a threshold is reached when it is reached."""
        prior = PRIOR_LINKS * PRIOR_UPHELD_RATIO
        # A hair is added for what floating point takes away: 27 of 30 are 90 and not 89.
        return int(100 * (prior + self.good) / (PRIOR_LINKS + self.good + self.bad) + 1e-9)

    @property
    def recent_decided(self) -> int:
        """Links decided in the last six months."""
        return self._sum("upheld", RECENT_MONTHS) + self._sum("dismissed", RECENT_MONTHS)

    @property
    def recent_upheld_ratio(self) -> float:
        """Share of those that was upheld and not reversed; 0 where none was decided."""
        kept = self._sum("upheld", RECENT_MONTHS) - self._sum("reversed", RECENT_MONTHS)
        return max(0, kept) / self.recent_decided if self.recent_decided else 0.0

    @property
    def recent_upheld_percent(self) -> int:
        return int(100 * self.recent_upheld_ratio + 1e-9)

    @property
    def parts(self) -> list[Part]:
        """What it is made of, in words that the complainant reads too."""
        return [
            Part("upheld", self.upheld, _("Links that were upheld raise the score."), True),
            Part("dismissed", self.dismissed, _("Links that were dismissed lower it."), False),
            Part(
                "withdrawn",
                self.withdrawn,
                _(
                    "Links that you withdrew after they were upheld count no longer for you, and half a link against you."
                ),
                False,
            ),
            Part(
                "reversed",
                self.reversed,
                _("Decisions for you that were reversed count no longer for you, and twice against you."),
                False,
            ),
        ]

    @property
    def in_words(self) -> str:
        if not self.decided:
            return _("Nothing of yours was decided in the last twelve months: you begin with %(score)d of 100.") % {
                "score": self.value
            }
        said = ngettext(
            "%(score)d of 100, from %(n)d link that was decided in the last twelve months.",
            "%(score)d of 100, from %(n)d links that were decided in the last twelve months.",
            self.decided,
        )
        return said % {"score": self.value, "n": self.decided}


def score_of(organisation_id: int) -> Score:
    """The score of a complainant now: one query over a year's months, however many complaints it sent."""
    return scored(ConductMonth.objects.filter(organisation_id=organisation_id, month_on__gt=before_the_first()))


def scored(months: Iterable[ConductMonth]) -> Score:
    """The score that these months, of one complainant, make now."""
    this = _month(clock.today())
    return Score(
        tuple(Month(_months_between(m.month_on, this), m.upheld, m.dismissed, m.withdrawn, m.reversed) for m in months)
    )


def before_the_first() -> date:
    """The month before the first one that counts at present."""
    return _back(_month(clock.today()), MONTHS)


def count(organisation_id: int, *, upheld: int = 0, dismissed: int = 0, withdrawn: int = 0, reversed: int = 0) -> None:
    """Count what became of a complainant's links, in the transaction that decides it.

    Holds the row of this month until the transaction ends: call it after the holds, before numbers are drawn.
    """
    figures = (upheld, dismissed, withdrawn, reversed)
    if not any(figures):
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a figure is counted in the transaction of its decision")
    # One statement, and Django's ORM has no such insert.
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO complaints_conductmonth AS known"
            " (organisation_id, month_on, upheld, dismissed, withdrawn, reversed) VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (organisation_id, month_on) DO UPDATE SET upheld = known.upheld + excluded.upheld,"
            " dismissed = known.dismissed + excluded.dismissed, withdrawn = known.withdrawn + excluded.withdrawn,"
            " reversed = known.reversed + excluded.reversed",
            [organisation_id, _month(clock.today()), *figures],
        )


def count_lost(lost: Mapping[Complaint, int], how: str) -> None:
    """Count links that are upheld no longer: `how` is `withdrawn` by their complainant, or `reversed`.

    What its holder took down and nobody reviewed was never counted as upheld: withdrawn it counts nothing, and who
    reverses it has looked at it. Same transaction and place as `count`.
    """
    unreviewed = Removal.objects.unreviewed().filter(complaint__in=[complaint.pk for complaint in lost])
    uncounted = set(unreviewed.values_list("complaint_id", flat=True))
    figures: dict[int, Counter[str]] = defaultdict(Counter)
    for complaint, links in lost.items():
        if complaint.pk not in uncounted:
            figures[complaint.organisation_id][how] += links
        elif how == "reversed":
            figures[complaint.organisation_id].update(upheld=links, reversed=links)
    for organisation, counted in sorted(figures.items()):
        count(organisation, **counted)


@dataclass(frozen=True, slots=True)
class Word:
    """What was said for good of a link: in which month, and whether it infringes."""

    month: date
    is_upheld: bool


def words_on(rows: Sequence[ComplaintTarget]) -> dict[int, list[Word]]:
    """Everything that was said for good of some links, by link in its order: by a person, in a proceeding, by a judgment.

    An interim injunction says nothing for good.
    """
    findings = Finding.objects.filter(complaint_target__in=rows)
    judgments = CourtOrder.objects.filter(targets__in=rows, kind=CourtOrder.Kind.JUDGMENT)
    ends = CounterNoticeTarget.objects.filter(
        complaint_target__in=rows, ground=CounterNoticeTarget.Ground.NO_INFRINGEMENT
    )
    said: list[tuple[datetime, int, bool]] = [
        (at, link, outcome == ComplaintTarget.Outcome.UPHELD)
        for link, at, outcome in findings.order_by("pk").values_list(
            "complaint_target", "decision__decided_at", "outcome"
        )
    ]
    said += judgments.order_by("pk").values_list("recorded_at", "targets", "keeps_down")
    said += [(at, link, False) for at, link in ends.values_list("settled_at", "complaint_target") if at is not None]
    words: dict[int, list[Word]] = defaultdict(list)
    for at, link, is_upheld in sorted(said, key=lambda one: one[0]):
        words[link].append(Word(_month(timezone.localdate(at)), is_upheld))
    return words


def count_upheld_anew(complaint: Complaint, words: Mapping[int, Sequence[Word]]) -> None:
    """Count links that are upheld after all: what burdened the complainant for them before is taken back.

    `words` are those on each before it was upheld anew. Same transaction and place as `count`.
    """
    taken_back: dict[date, Counter[str]] = defaultdict(Counter)
    new = 0
    for said in words.values():
        was_upheld = any(word.is_upheld for word in said)
        # The first of the last words against it counted; those that agreed with it did not count again.
        against = takewhile(lambda word: not word.is_upheld, reversed(said))
        month = [word.month for word in against][-1]
        taken_back[month]["reversed" if was_upheld else "dismissed"] += 1
        new += not was_upheld
    months = ConductMonth.objects.filter(organisation=complaint.organisation_id)
    for month, figures in sorted(taken_back.items()):
        months.filter(month_on=month).update(**{name: Greatest(F(name) - n, 0) for name, n in figures.items()})
    count(complaint.organisation_id, upheld=new)


def upheld_among(rows: Iterable[ComplaintTarget]) -> int:
    """How many of these links stand upheld at present; not those that only an injunction keeps down."""
    standing = [row for row in rows if row.outcome == ComplaintTarget.Outcome.UPHELD]
    return sum(said[-1].is_upheld for said in words_on(standing).values()) if standing else 0


def _month(day: date) -> date:
    return day.replace(day=1)


def _back(month: date, months: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 - months, 12)
    return date(years, index + 1, 1)


def _months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month

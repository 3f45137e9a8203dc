"""Three lanes for complaints, by how their complainant behaved: what each allows, and who is in which and why.

A complaint's lane is fixed when it is submitted, with its reason and the score of that moment; it changes how many
links and open complaints are taken and how soon the platform answers, never how a complaint is decided.
Source: Alibaba's good-faith programme (faster handling, higher limits); DSA art. 22 (priority), art. 23 (misuse).
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from complaints.goodfaith import Score, before_the_first, scored
from complaints.models import AbuseFinding, Complaint, ConductMonth, Lane, Suspension
from core import clock
from core.errors import Forbidden
from core.sql import Columns, marks, read

#: a score from here on leads into the fast lane, one below the other into the slow one
FAST_FROM, SLOW_BELOW = 90, 40
#: so many free places are more than notices of one complainant can be on their way at the same moment
NEAR_THE_LIMIT = 50
#: so long a confirmed finding of abuse keeps out of the fast lane
FINDING_COUNTS = timedelta(days=365)
#: states in which a complaint counts as open: the platform or the complainant still owes a step before the decision
UNDECIDED = (Complaint.State.SUBMITTED, Complaint.State.RETURNED, Complaint.State.ACCEPTED)
_MONTH, _SUSPENSION = Columns(ConductMonth, "month"), Columns(Suspension, "suspension")


@dataclass(frozen=True)
class Terms:
    """What one lane allows: links in one complaint, open complaints, and the share of the regime's time it takes."""

    lane: Lane
    links: int
    open_complaints: int
    time_ratio: float
    words: str | Promise

    def __str__(self) -> str:
        return str(self.lane.label)


TERMS = {
    terms.lane: terms
    for terms in (
        Terms(Lane.FAST, 900, 5000, 0.5, gettext_lazy("Larger complaints, more of them, answered in half the time.")),
        Terms(Lane.NORMAL, settings.MAX_LINKS_PER_COMPLAINT, 1000, 1.0, gettext_lazy("The usual limits and times.")),
        Terms(Lane.SLOW, 50, 10, 2.0, gettext_lazy("Small complaints, few at a time, answered in twice the time.")),
    )
}
#: more links than these are in no lane
MOST_LINKS = max(terms.links for terms in TERMS.values())

#: why somebody is in a lane, as staff and the complainant read it
REASONS = {
    "usual": gettext_lazy("The good-faith score is neither high nor low: %(score)d of 100."),
    "high_score": gettext_lazy("The good-faith score is high: %(score)d of 100."),
    "low_score": gettext_lazy("The good-faith score is low: %(score)d of 100."),
    "finding": gettext_lazy("Staff confirmed a finding of abuse within the last year, so that a score of %(score)d of 100 leads into no fast lane."),
    "warned": gettext_lazy("A warning of misuse stands."),
    "suspended": gettext_lazy("The complainant is suspended for misuse."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """The lane in which a complainant is now, why, by which score, and how many of its complaints are open."""

    lane: Lane
    reason: str
    score: Score
    open_complaints: int
    #: what stands against it at present: a warning or a suspension
    suspension: Suspension | None = None

    @property
    def terms(self) -> Terms:
        return TERMS[self.lane]

    @property
    def why(self) -> str:
        return in_words(self.reason, self.score.value)


def in_words(reason: str, score: int | None) -> str:
    """Why a complaint or a complainant is in its lane."""
    return str(REASONS.get(reason, REASONS["usual"])) % {"score": score or 0}


def why_of(complaint: Complaint) -> str:
    """Why a complaint went into its lane; empty for one that is older than the lanes."""
    return "" if complaint.lane_score is None else in_words(complaint.lane_reason, complaint.lane_score)


def placed(organisation: Organisation) -> Placed:
    """The lane in which a complainant is now. The first rule that applies says it."""
    score, standing, count = _known_of(organisation)

    def in_lane(lane: Lane, reason: str) -> Placed:
        return Placed(lane, reason, score, count, standing)

    if standing is not None:
        return in_lane(Lane.SLOW, standing.state)
    if score.value < SLOW_BELOW:
        return in_lane(Lane.SLOW, "low_score")
    if score.value < FAST_FROM:
        return in_lane(Lane.NORMAL, "usual")
    if _was_found_abusing(organisation):
        return in_lane(Lane.NORMAL, "finding")
    return in_lane(Lane.FAST, "high_score")


def _known_of(organisation: Organisation) -> tuple[Score, Suspension | None, int]:
    """Its score, the warning or suspension that counts at present, and how many of its complaints are open.

    By hand and in one statement, as every notice asks: mostly there is no suspension.
    """
    lines = read(
        f"SELECT {_MONTH}, {_SUSPENSION}, counted.open FROM "  # noqa: S608
        "(SELECT COUNT(*) AS open FROM complaints_complaint "
        f"WHERE organisation_id = %s AND state IN ({marks(UNDECIDED)})) counted "
        "LEFT JOIN complaints_conductmonth month ON month.organisation_id = %s AND month.month_on > %s "
        "LEFT JOIN complaints_suspension suspension "
        f"ON suspension.organisation_id = %s AND suspension.state IN ({marks(Suspension.STANDING)}) "
        "ORDER BY month.month_on",
        [
            *(organisation.pk, *UNDECIDED),
            *(organisation.pk, before_the_first()),
            *(organisation.pk, *Suspension.STANDING),
        ],
        _MONTH,
        _SUSPENSION,
    )
    _month, standing, count = lines[0]
    return scored(month for month, _standing, _count in lines if month), standing, count


def _was_found_abusing(organisation: Organisation) -> bool:
    confirmed = AbuseFinding.objects.filter(organisation=organisation, state=AbuseFinding.State.CONFIRMED)
    return confirmed.filter(decided_at__gte=clock.now() - FINDING_COUNTS).exists()


def in_time(period: timedelta, lane: str) -> timedelta:
    """How long the platform takes in a lane for what the regime gives `period`."""
    return period * TERMS[Lane(lane)].time_ratio


def place_of_a_notice(organisation: Organisation) -> Placed:
    """The lane of a notice that is sent now. Raises Suspended or TooManyOpen if the lane takes no more at present.

    Near the limit a complainant's notices take turns, so that two at once are not both the last one.
    """
    where = placed(organisation)
    if where.terms.open_complaints - where.open_complaints <= NEAR_THE_LIMIT:
        list(Organisation.objects.select_for_update(no_key=True).filter(pk=organisation.pk))
        where = placed(organisation)
    _require_room(where)
    return where


def _require_room(where: Placed) -> None:
    if where.suspension is not None and where.suspension.state == Suspension.State.SUSPENDED:
        raise Suspended(where.suspension)
    if where.open_complaints >= where.terms.open_complaints:
        raise TooManyOpen(where)


def too_many_links(links: int, where: Placed) -> str:
    said = _("A complaint takes at most %(most)d links, these are %(n)d. File the rest in another complaint.")
    said %= {"most": where.terms.links, "n": links}
    return said if where.lane != Lane.SLOW else f"{said} {where.why}"


class Suspended(Forbidden):
    """The complainant is suspended for misuse: it says until when, and that one can appeal."""

    code = "suspended"

    def __init__(self, suspension: Suspension) -> None:
        until = f"{timezone.localtime(suspension.deadline_at):%Y-%m-%d}" if suspension.deadline_at else ""
        super().__init__(
            _(
                "Your organisation is suspended for misuse (%(number)s) and can send no complaints until %(until)s."
                " What you write is kept as a draft. The page “Your standing” says why, and how to appeal."
            )
            % {"number": suspension.number, "until": until}
        )


class TooManyOpen(Forbidden):
    """The lane takes no more complaints before some of the open ones were decided."""

    code = "too_many_open"

    def __init__(self, where: Placed) -> None:
        super().__init__(
            _(
                "You have %(most)d complaints that wait for a decision, which is as many as your lane takes."
                " Keep this one as a draft and send it once some were decided. %(why)s"
            )
            % {"most": where.terms.open_complaints, "why": where.why}
        )

"""What staff read at their desk: what waits and in which order, what lies beside a decision, how often the engine is right.

It decides nothing and writes nothing but who looks at which match, so that two people are not led to the same one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.functional import Promise

from accounts.models import User
from core import clock
from core.intervals import wilson
from imageguard.models import CameraOriginal, Conflict, Match, Original

State = Match.State
#: so long a match that somebody opened is offered to nobody else
LOOKED_AT_SECONDS = 120
#: of the matches at the top of the queue, so many are tried for one that nobody has open
OFFERED = 20
REVIEW_ORDER = ("urgency", "-score", "pk")


# --- queues ------------------------------------------------------------------------------------------


def conflicts() -> QuerySet[Conflict]:
    """Every conflict with what its line says, open ones first, by the deadline of their original."""
    related = ("original__organisation", "rival__organisation", "rival_target__shop", "rival_image")
    proofs = CameraOriginal.objects.filter(original=OuterRef("original"))
    rows = Conflict.objects.select_related(*related).annotate(has_proof=Exists(proofs))
    return rows.order_by(F("settled_at").asc(nulls_first=True), F("original__deadline_at").asc(nulls_last=True), "pk")


def matches() -> QuerySet[Match]:
    """Every match with what its line says; `REVIEW_ORDER` puts those on top that are late, then the surest."""
    late = When(deadline_at__lte=clock.now(), then=Value(0))
    urgency = Case(late, default=Value(1), output_field=IntegerField())
    rows = Match.objects.select_related("original__organisation", "target__shop", "image", "decided_by")
    return rows.annotate(urgency=urgency)


def to_review() -> QuerySet[Match]:
    """What waits for a reviewer: what is late first, then the surest, since those are most likely copies."""
    return matches().filter(state=State.IN_REVIEW).order_by(*REVIEW_ORDER)


def without_own(waiting: QuerySet[Match], user: User) -> QuerySet[Match]:
    """Without those of an organisation to which this person belongs, on either side."""
    own = list(user.memberships.values_list("organisation_id", flat=True))
    if not own:
        return waiting
    theirs = Q(original__organisation__in=own) | Q(target__operator__in=own) | Q(target__shop__operator__in=own)
    return waiting.exclude(theirs)


def next_match(user: User, *, after: Match | None = None) -> Match | None:
    """The next match for this person: the most urgent that nobody else has open, after the one that was left."""
    waiting = without_own(to_review(), user)
    if after is not None:
        waiting = waiting.exclude(pk=after.pk)
    # Left without a decision: go on behind it, and begin anew at the end.
    behind = list(waiting.filter(_behind(after))[:OFFERED]) if after is not None else []
    for found in (behind, list(waiting[:OFFERED])):
        holders = cache.get_many([_open_key(match) for match in found])
        for match in found:
            if holders.get(_open_key(match), user.pk) == user.pk:
                return match
    return waiting.first()


def _behind(match: Match) -> Q:
    """What comes after a match in the order of `to_review`."""
    now = clock.now()
    same = Q(score__lt=match.score) | Q(score=match.score, pk__gt=match.pk)
    if match.deadline_at is not None and match.deadline_at <= now:
        return Q(deadline_at__gt=now) | (Q(deadline_at__lte=now) & same)
    return Q(deadline_at__gt=now) & same


def open_match(match: Match, user: User) -> None:
    """Note that somebody looks at a match now; whoever opened it first keeps it for two minutes."""
    cache.add(_open_key(match), user.pk, LOOKED_AT_SECONDS)


def _open_key(match: Match) -> str:
    return f"match-open-{match.public_id}"


def is_own(user: User, organisations: Iterable[int | None]) -> bool:
    """Whether somebody belongs to a party."""
    return user.memberships.filter(organisation__in=[pk for pk in organisations if pk]).exists()


def parties_of(case: Match | Conflict) -> list[int | None]:
    if isinstance(case, Match):
        return [case.original.organisation_id, case.target.seller.operator_id]
    return [*case.parties]


# --- how often the engine is right ---------------------------------------------------------------------


@dataclass(frozen=True)
class Precision:
    """Of `count` matches `right` were copies; with the interval in which the true share lies with 95 % certainty."""

    tier: str
    label: str | Promise
    days: int
    count: int
    right: int

    @property
    def percent(self) -> str:
        return f"{100 * self.right / self.count:.1f}" if self.count else "–"

    @property
    def interval(self) -> tuple[str, str] | None:
        low, high = wilson(self.right, self.count)
        return (f"{100 * low:.1f}", f"{100 * high:.1f}") if self.count else None


def precision() -> list[Precision]:
    """By tier, in the last 30 and 90 days. One query.

    Of what went to review: what reviewers decided. Of what was sure: everything found, and what a reviewer dismissed since
    is wrong; what nobody looked at counts as right.
    """
    now = clock.now()
    review, automatic = Match.Tier.REVIEW, Match.Tier.AUTOMATIC
    wrong = Q(state=State.DISMISSED)
    asked: dict[str, Count] = {}
    for days in (30, 90):
        since = now - timedelta(days=days)
        decided, found = Q(tier=review, decided_at__gte=since), Q(tier=automatic, created_at__gte=since)
        asked |= {
            f"{review}_{days}": Count("pk", filter=decided), f"{review}_{days}_wrong": Count("pk", filter=decided & wrong),
            f"{automatic}_{days}": Count("pk", filter=found), f"{automatic}_{days}_wrong": Count("pk", filter=found & wrong),
        }  # fmt: skip
    since = now - timedelta(days=90)
    recent = Match.objects.filter(Q(tier=review, decided_at__gte=since) | Q(tier=automatic, created_at__gte=since))
    counted = recent.aggregate(**asked)
    return [
        Precision(tier, tier.label, days, n := counted[f"{tier}_{days}"], n - counted[f"{tier}_{days}_wrong"])
        for tier in (automatic, review)
        for days in (30, 90)
    ]


# --- one case ----------------------------------------------------------------------------------------


def with_everything(originals: QuerySet[Original]) -> QuerySet[Original]:
    """Originals with what their page shows of them."""
    camera = CameraOriginal.objects.select_related("file", "added_by").order_by("pk")
    return originals.select_related("organisation", "image", "registered_by", "filing", "same_as").prefetch_related(
        Prefetch("camera_originals", queryset=camera), Prefetch("conflicts", queryset=conflicts())
    )


def match_counts(original: Original) -> list[tuple[str | Promise, int]]:
    """How many matches of an original are in which state; those states alone that there are."""
    counted = Match.objects.filter(original=original).order_by().values_list("state").annotate(n=Count("pk"))
    found = dict(counted)
    return [(state.label, found[state.value]) for state in State if state.value in found]


def siblings(conflict: Conflict) -> Sequence[Conflict]:
    """The other conflicts of the same original."""
    return list(conflicts().filter(original=conflict.original_id).exclude(pk=conflict.pk))

"""What signals add up to: a score from 0 to 1, and which scores are looked at.

A logistic model: the weights below are in log-odds, each times the strength of what was seen (0..1). They are what stands
until a version learned from decisions (`training.py`) is put in use. `docs/reference/patrol-signals.md` says what each
signal sees and what the thresholds were measured at.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from patrol.models import Candidate, CandidateDecision, RiskModel, WatchProfile
from patrol.signals import Seen

#: of a listing about which nothing was seen
BIAS = -4.0
WEIGHTS: Mapping[str, float] = {
    # ties to the goods: alone they make nothing suspicious, genuine goods bear them too
    "text.name": 1.6, "text.isbn": 1.6, "text.model": 1.2, "text.fuzzy": 1.2, "text.part": 0.8, "text.initials": 0.6,
    "image.cover": 1.8, "image.official": 1.8,
    # who hides a name knows why
    "text.disguised": 3.2, "text.code": 2.0,
    "wording.copy": 4.2, "wording.replica": 4.2,
    "price.floor": 2.6, "price.list": 2.0, "price.market": 1.6,
    "seller.new": 0.6, "seller.past": 1.2, "seller.banned_operator": 2.0, "seller.share": 0.8, "seller.sudden": 0.7,
    # what speaks for the seller
    "text.compatible": -3.5, "text.negated": -3.5, "text.honest": -0.8, "price.usual": -1.8,
}  # fmt: skip
#: what a person is shown, and what a rule that staff switched on for a profile may take down by itself
CANDIDATE, SURE = 0.5, 0.9


@dataclass(frozen=True, slots=True)
class Model:
    """Weights that are in use: the documented ones, or a version that was learned."""

    bias: float
    weights: Mapping[str, float]
    candidate: float
    sure: float
    #: the row; None for the documented weights
    row: RiskModel | None = None

    def score(self, seen: Iterable[Seen]) -> tuple[float, dict[str, float]]:
        """How likely it infringes, and what each signal adds to that in log-odds. Of one signal the strongest counts."""
        parts: dict[str, float] = {}
        for signal, strength in strengths(seen).items():
            if added := self.weights.get(signal, 0.0) * strength:
                parts[signal] = round(added, 4)
        return probability(self.bias + sum(parts.values())), parts


DOCUMENTED = Model(bias=BIAS, weights=WEIGHTS, candidate=CANDIDATE, sure=SURE)


def in_use() -> Model:
    """The model that stands now. One query."""
    version = RiskModel.objects.filter(is_in_use=True).values_list("version", flat=True).first()
    return DOCUMENTED if version is None else _learned(version)


def score(seen: Iterable[Seen]) -> tuple[float, dict[str, float]]:
    """By the model that stands now."""
    return in_use().score(seen)


#: no model made these scores, and none learns from them: goods were bought, or what was taken down was put up again
SCORED_BY_HAND = (Candidate.Source.SAMPLE, Candidate.Source.RECHECK)


def measured_precision(profile: WatchProfile) -> tuple[float, int]:
    """Of what people decided last on sure finds of a profile: which share was upheld, and how many decisions that were.

    Reversed counts as dismissed; what a rule held without a person counts for nothing until a person reversed it. Nor do
    finds whose score was set by hand: bought goods, and what was put up again. What was upheld of one shop in one go is one
    decision, as it is in its record: a hundred copies of one listing say no more than the first.
    """
    decided = CandidateDecision.objects.filter(_scored_at_least(in_use().sure), candidate__profile=profile)
    later = CandidateDecision.objects.filter(candidate=OuterRef("candidate"), pk__gt=OuterRef("pk"))
    by_people = decided.exclude(candidate__source__in=SCORED_BY_HAND).filter(~Exists(later), is_automated=False)
    act = Coalesce("decided_with", "pk")
    upheld = Count(act, filter=Q(outcome=CandidateDecision.Outcome.UPHELD), distinct=True)
    said = by_people.aggregate(decided=Count(act, distinct=True), upheld=upheld)
    return (said["upheld"] / said["decided"] if said["decided"] else 0.0), said["decided"]


#: states in which a candidate may show something else than what was decided on
SHOWS_ANEW = (Candidate.State.OPEN, Candidate.State.ASKED, Candidate.State.GONE)


def _scored_at_least(sure: float) -> Q:
    """By the score that was decided on; of decisions that did not keep it by the candidate's, where it shows the same still."""
    by_candidate = Q(snapshot__score__isnull=True, candidate__score__gte=sure)
    return Q(snapshot__score__gte=sure) | (by_candidate & ~Q(candidate__state__in=SHOWS_ANEW))


def decided_on(snapshot: Mapping[str, Any], state: str, signals: list[Any]) -> list[Any] | None:
    """The evidence that was decided on, not what its candidate shows by now; None where it was not kept.

    `state` and `signals` are the candidate's, which shows the same still unless it was found anew.
    """
    kept: list[Any] | None = snapshot.get("signals")
    return signals if kept is None and state not in SHOWS_ANEW else kept


def strengths(seen: Iterable[Seen]) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in seen:
        found[one.signal] = max(one.strength, found.get(one.signal, 0.0))
    return found


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


@lru_cache(maxsize=4)
def _learned(version: int) -> Model:
    row = RiskModel.objects.get(version=version)
    weights: dict[str, Any] = dict(row.weights)
    return Model(
        bias=float(weights.pop("bias", BIAS)), weights=weights, candidate=row.threshold,
        sure=float(row.calibration.get("sure", SURE)), row=row,
    )  # fmt: skip


def forget() -> None:
    """Keep nothing: for tests."""
    _learned.cache_clear()

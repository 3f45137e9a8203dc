"""Learning the weights of the risk model from what people decided on candidates.

A logistic regression that is pulled towards the documented weights: only what was found is ever decided on, so what was
seldom seen keeps the weight that it has. Calibrated by Platt's method on decisions that were not learned from, and
measured on the latest, which neither step saw. A version is put in use only if it is not worse than what stands.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts import roles
from accounts.models import User
from core import clock, ledger
from core.errors import Forbidden
from patrol import risk
from patrol.models import CandidateDecision, RiskModel
from patrol.risk import WEIGHTS, Model
from patrol.signals import Seen

log = logging.getLogger("ippro.patrol")

#: from so many decisions on, so many of each sort, weights are learned
DECISIONS, OF_EACH = 200, 40
#: of the decisions in the order of time: learned from, calibrated on; the rest is measured on
LEARN, CALIBRATE = 0.6, 0.15
#: how strongly weights are pulled towards the documented ones, against one decision
PULL = 1.0
#: nothing below it is shown to a person, whatever odd find was once upheld: else every listing that names the goods would be
LOWEST = 0.3
#: a find is sure from the score on at which so many of the decisions were upheld, and never below the documented one
SURE_PRECISION, SURE_AT_LEAST = 0.98, 20
EVERY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Example:
    """One candidate on which a person decided last."""

    strengths: Mapping[str, float]
    is_upheld: bool


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training: why there is no version, or the version and both measurements."""

    decisions: int
    upheld: int
    #: empty where a version was made
    why_not: str = ""
    row: RiskModel | None = None
    measured: Mapping[str, float] = field(default_factory=dict)
    before: Mapping[str, float] = field(default_factory=dict)
    is_better: bool = False


def examples() -> list[Example]:
    """What people decided, in the order of time; of each candidate its last decision. Reversed counts as dismissed.

    It is learned from the evidence that they saw, not from what the listing shows since.
    """
    last: dict[int, tuple[str, bool, list[Any] | None]] = {}
    rows = CandidateDecision.objects.exclude(candidate__source__in=risk.SCORED_BY_HAND).order_by("decided_at", "pk")
    for candidate, outcome, is_automated, snapshot, state, signals in rows.values_list(
        "candidate", "outcome", "is_automated", "snapshot", "candidate__state", "candidate__signals"
    ):
        last.pop(candidate, None)
        last[candidate] = (outcome, is_automated, risk.decided_on(snapshot, state, signals))
    return [
        Example(risk.strengths(_read(seen)), outcome == CandidateDecision.Outcome.UPHELD)
        for outcome, is_automated, seen in last.values()
        if not is_automated and seen is not None
    ]


def train(*, by: User | None = None, dry_run: bool = False) -> Trained:
    """Learn a version from all decisions, measure it, and put it in use if it is not worse. `dry_run` writes nothing.

    Raises Forbidden unless by the clock, a command or somebody who may change rules.
    """
    if by is not None and not roles.is_senior(by):
        raise Forbidden()
    known = examples()
    upheld = sum(e.is_upheld for e in known)
    if len(known) < DECISIONS or min(upheld, len(known) - upheld) < OF_EACH:
        return Trained(len(known), upheld, why_not="too_few")
    first, second = int(len(known) * LEARN), int(len(known) * (LEARN + CALIBRATE))
    learn, calibrate, held_out = known[:first], known[first:second], known[second:]
    if any(len({e.is_upheld for e in part}) < 2 for part in (learn, calibrate, held_out)):
        return Trained(len(known), upheld, why_not="one_sided")
    model, calibration = _calibrated(_learned(learn), learn, calibrate)
    measured, before = measure(model, held_out), measure(risk.in_use(), held_out)
    # One decision more or less is chance.
    one = 1 / max(1, sum(e.is_upheld for e in held_out))
    is_better = measured["precision"] >= before["precision"] and measured["recall"] >= before["recall"] - one - 1e-9
    found = Trained(len(known), upheld, measured=measured, before=before, is_better=is_better)
    if dry_run:
        return found
    row = _write(model, calibration, found, len(held_out), by)
    return Trained(len(known), upheld, row=row, measured=measured, before=before, is_better=is_better)


def train_if_due() -> bool:
    """A week after the last version; returns whether one was made."""
    latest = RiskModel.objects.aggregate(at=Max("trained_at"))["at"]
    if latest is not None and latest > clock.now() - EVERY:
        return False
    return train().row is not None


@transaction.atomic
def put_in_use(*, row: RiskModel | None, by: User) -> None:
    """Let a version stand that was learned before; None: the documented weights. Raises Forbidden."""
    if not roles.is_senior(by):
        raise Forbidden()
    _use(row, by)


def measure(model: Model, known: Sequence[Example]) -> dict[str, float]:
    """Precision and recall at the model's own threshold, Brier's score of its probabilities, and the area under the curve."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    scores = [_score(model, e) for e in known]
    truth = [e.is_upheld for e in known]
    taken = [t for s, t in zip(scores, truth, strict=True) if s >= model.candidate]
    return {
        "precision": sum(taken) / len(taken) if taken else 0.0, "recall": sum(taken) / max(1, sum(truth)),
        "brier": float(brier_score_loss(truth, scores)),
        "auc": float(roc_auc_score(truth, scores)) if len(set(truth)) == 2 else 0.0,
    }  # fmt: skip


def _score(model: Model, example: Example) -> float:
    return risk.probability(model.bias + sum(model.weights.get(s, 0.0) * x for s, x in example.strengths.items()))


def _learned(known: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """Bias and weights of the regression: log-loss, and the square of what they are away from the documented ones."""
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import expit

    names = sorted(WEIGHTS)
    x = np.array([[1.0, *(e.strengths.get(name, 0.0) for name in names)] for e in known])
    y = np.array([float(e.is_upheld) for e in known])
    start = np.array([risk.BIAS, *(WEIGHTS[name] for name in names)])

    def loss(w: Any) -> tuple[float, Any]:
        z = x @ w
        away = w - start
        away[0] = 0.0
        value = np.logaddexp(0.0, z).sum() - (y * z).sum() + PULL / 2 * (away**2).sum()
        return float(value), x.T @ (expit(z) - y) + PULL * away

    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return float(found[0]), {name: float(w) for name, w in zip(names, found[1:], strict=True)}


def _calibrated(
    learned: tuple[float, dict[str, float]], learn: Sequence[Example], known: Sequence[Example]
) -> tuple[Model, dict[str, float]]:
    """With Platt's slope and offset worked into the weights, so that parts of a score still add up, and its thresholds.

    Source: Platt, "Probabilistic Outputs for Support Vector Machines", 1999.
    """
    from sklearn.linear_model import LogisticRegression

    bias, weights = learned
    odds = [[bias + sum(weights.get(s, 0.0) * v for s, v in e.strengths.items())] for e in known]
    platt = LogisticRegression().fit(odds, [e.is_upheld for e in known])
    slope, offset = float(platt.coef_[0][0]), float(platt.intercept_[0])
    if slope <= 0:
        # So few or so odd decisions that they turn everything round: left as it was learned.
        slope, offset = 1.0, 0.0
    model = Model(slope * bias + offset, {s: slope * w for s, w in weights.items()}, risk.CANDIDATE, risk.SURE)
    seen = sorted(((_score(model, e), e.is_upheld) for e in (*learn, *known)), reverse=True)
    # Nothing that was upheld so far would have been missed.
    candidate = max(LOWEST, min([risk.CANDIDATE, *(score for score, is_upheld in seen if is_upheld)]) - 1e-6)
    sure, right = 1.0, 0
    for n, (score, is_upheld) in enumerate(seen, 1):
        right += is_upheld
        if n >= SURE_AT_LEAST and right / n >= SURE_PRECISION:
            sure = score
    sure = max(sure, risk.SURE)
    return Model(model.bias, model.weights, candidate, sure), {"slope": slope, "offset": offset, "sure": sure}


@transaction.atomic
def _write(model: Model, calibration: dict[str, float], found: Trained, measured_on: int, by: User | None) -> RiskModel:
    list(RiskModel.objects.select_for_update().order_by("pk"))
    latest = RiskModel.objects.aggregate(n=Max("version"))["n"] or 0
    row = RiskModel.objects.create(
        version=latest + 1, weights={"bias": model.bias, **model.weights}, calibration=calibration,
        trained_on=found.decisions - measured_on, measured_on=measured_on, precision_ratio=found.measured["precision"],
        recall_ratio=found.measured["recall"], threshold=model.candidate,
        measurements={"new": dict(found.measured), "before": dict(found.before), "upheld": found.upheld},
        trained_by=by,
    )  # fmt: skip
    log.info("risk model %s was learned from %s decisions", row, row.trained_on)
    if found.is_better:
        _use(row, by)
        row.is_in_use = True
    return row


def _use(row: RiskModel | None, by: User | None) -> None:
    list(RiskModel.objects.select_for_update().order_by("pk"))
    RiskModel.objects.filter(is_in_use=True).update(is_in_use=False)
    if row is not None:
        RiskModel.objects.filter(pk=row.pk).update(is_in_use=True)
    ledger.record(
        kind="risk_model.put_in_use", subject=row.public_id if row else "documented", actor=by,
        payload={"version": row.version if row else 0},
    )  # fmt: skip


def _read(seen: Any) -> list[Seen]:
    return [Seen(s["signal"], float(s["strength"])) for s in seen or () if isinstance(s, dict) and "signal" in s]

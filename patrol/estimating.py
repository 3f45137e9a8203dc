"""What a sample says of the market: the piracy rate with its confidence interval, by stratum and as a whole.

The whole is the stratified estimator: the rates of the strata, weighted by how many listings each has. Its variance is
that of proportions without replacement. Its interval is exact (Clopper–Pearson) for as many listings as a simple draw
would have needed for this variance, but never for more than were judged: it holds where nothing or nearly nothing was
found pirated, where the usual ± 1.96 standard errors would say "none at all".

Sources: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), eqs. 5.52–5.53 (stratified proportions and their variance),
section 5A.12 (strata with one unit), section 13.2 (bounds under non-response); E. L. Korn, B. I. Graubard, Survey
Methodology 24 (1998), 193–201 (the effective size); C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), 404–413.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Counted:
    """What became of the drawn listings of one stratum."""

    key: str
    #: in the frame
    listings: int
    drawn: int
    genuine: int
    pirated: int
    #: the brand could not tell
    unclear: int
    not_bought: int

    @property
    def judged(self) -> int:
        return self.genuine + self.pirated

    @property
    def unknown(self) -> int:
        """Drawn, and nobody knows: unclear, not bought, or still on its way."""
        return self.drawn - self.judged


def interval(pirated: float, judged: float) -> tuple[float, float]:
    """Clopper–Pearson for `pirated` of `judged`, which need not be whole numbers; (0, 1) where nothing was judged."""
    from scipy.stats import beta

    if judged <= 0:
        return 0.0, 1.0
    tail = (1 - CONFIDENCE) / 2
    low = float(beta.ppf(tail, pirated, judged - pirated + 1)) if pirated > 0 else 0.0
    high = float(beta.ppf(1 - tail, pirated + 1, judged - pirated)) if pirated < judged else 1.0
    return low, high


@dataclass(frozen=True)
class Whole:
    """The stratified estimate: rate, its variance, its interval, and of which share of the frame it speaks."""

    rate: float
    variance: float
    low: float
    high: float
    covers: float


def stratified(strata: Sequence[tuple[int, int, int]]) -> Whole | None:
    """From (listings, judged, pirated) of each stratum; None where nothing was judged at all.

    Strata in which nothing was judged say nothing: the others stand for them, and `covers` says how much they are.
    """
    known = [(listings, judged, pirated) for listings, judged, pirated in strata if judged]
    if not known:
        return None
    total = sum(listings for listings, _judged, _pirated in known)
    judged_in_all = sum(judged for _listings, judged, _pirated in known)
    pooled = sum(pirated for _listings, _judged, pirated in known) / judged_in_all
    rate = variance = 0.0
    for listings, judged, pirated in known:
        weight, share = listings / total, pirated / judged
        rate += weight * share
        # Of a single listing no spread can be told: that of the whole sample stands for it.
        spread = share * (1 - share) / (judged - 1) if judged > 1 else pooled * (1 - pooled)
        variance += weight**2 * (1 - judged / listings) * spread
    effective = min(judged_in_all, rate * (1 - rate) / variance) if variance > 0 else judged_in_all
    low, high = interval(rate * effective, effective)
    everything = sum(listings for listings, _judged, _pirated in strata)
    return Whole(rate, variance, low, high, total / everything)


def estimate(strata: Sequence[Counted]) -> dict[str, Any]:
    """The report of a sample: rates as shares of one, rounded to a hundredth of a per cent; plain JSON.

    `best` and `worst` are what the rate would be if all that nobody knows of were genuine, or pirated.
    """
    lines = []
    for s in strata:
        low, high = interval(s.pirated, s.judged)
        lines.append(
            {
                "key": s.key,
                "listings": s.listings,
                "drawn": s.drawn,
                "genuine": s.genuine,
                "pirated": s.pirated,
                "unclear": s.unclear,
                "not_bought": s.not_bought,
                "rate": _rounded(s.pirated / s.judged) if s.judged else None,
                "low": _rounded(low),
                "high": _rounded(high),
            }
        )
    whole = stratified([(s.listings, s.judged, s.pirated) for s in strata])
    best = stratified([(s.listings, s.drawn, s.pirated) for s in strata])
    worst = stratified([(s.listings, s.drawn, s.pirated + s.unknown) for s in strata])
    return {
        "confidence": CONFIDENCE,
        "strata": lines,
        "listings": sum(s.listings for s in strata),
        "drawn": sum(s.drawn for s in strata),
        "genuine": sum(s.genuine for s in strata),
        "pirated": sum(s.pirated for s in strata),
        "unclear": sum(s.unclear for s in strata),
        "not_bought": sum(s.not_bought for s in strata),
        "rate": _rounded(whole.rate) if whole else None,
        "standard_error": _rounded(whole.variance**0.5) if whole else None,
        "low": _rounded(whole.low) if whole else 0.0,
        "high": _rounded(whole.high) if whole else 1.0,
        "covers": _rounded(whole.covers) if whole else 0.0,
        "best": _rounded(best.rate) if best else 0.0,
        "best_low": _rounded(best.low) if best else 0.0,
        "worst": _rounded(worst.rate) if worst else 1.0,
        "worst_high": _rounded(worst.high) if worst else 1.0,
    }


def _rounded(share: float) -> float:
    return round(share, 4)

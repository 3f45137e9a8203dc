"""From evidence to a score, and from a score to a tier."""

from enum import StrEnum

import numpy as np

from imageguard.engine import pixels, thresholds
from imageguard.engine.geometry import Doubles
from imageguard.engine.verify import Evidence


class Tier(StrEnum):
    AUTOMATIC = "automatic"
    REVIEW = "review"
    NONE = "none"


def tier(score: float) -> Tier:
    if score >= thresholds.AUTOMATIC:
        return Tier.AUTOMATIC
    return Tier.REVIEW if score >= thresholds.REVIEW else Tier.NONE


def parts(evidence: Evidence) -> dict[str, float]:
    c, longest = evidence.comparison, max(evidence.comparison.frame)
    seen = evidence.own & (c.inside > 0.6)
    good = seen & (c.likeness > 0.7)
    drift = np.linalg.norm(c.drift, axis=-1)[good] / longest * 1000
    return {
        "points": float(evidence.points),
        "area": float(good.sum()) / c.likeness.size,
        "blocks": float(good.sum()),
        "agreement": float(good.sum()) / max(1, int(seen.sum())),
        "likeness": float(np.median(c.likeness[good])) if good.any() else 0.0,
        "detail": float(np.median(c.detail[good])) if good.any() else 0.0,
        "drift_permille": float(np.median(drift)) if good.any() else 9.0,
    }


def score(evidence: Evidence) -> float:
    p = parts(evidence)
    return float(min(1.0, p["agreement"] * min(1, p["blocks"] / 40) * 0.7))


def says_enough(evidence: Evidence) -> bool:
    """Whether enough of the original is its own to accuse anybody."""
    return bool(evidence.own.sum() >= 24)


def shared_area(evidence: Evidence) -> Doubles:
    """(n, 2) places of the original at which the suspect shows exactly the same."""
    c = evidence.comparison
    same = (c.contrast > pixels.FAINT) & (c.inside > 0.6) & (c.likeness > 0.7)
    return evidence.grid[same] if same.sum() >= 12 else np.zeros((0, 2))


def is_whole(evidence: Evidence) -> bool:
    """Whether nearly all that can be compared agrees, shared or not: then one is a copy of the other."""
    c = evidence.comparison
    seen = (c.contrast > pixels.FAINT) & (c.inside > 0.6)
    return bool((seen & (c.likeness > 0.7)).sum() >= 0.8 * max(1, int(seen.sum())))

"""From evidence to a score, and from a score to a tier."""

import math
from collections.abc import Iterator
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from imageguard.engine import pixels, thresholds
from imageguard.engine.geometry import Doubles
from imageguard.engine.images import Floats
from imageguard.engine.pixels import Comparison
from imageguard.engine.verify import Evidence

Blocks = NDArray[np.bool_]


class Tier(StrEnum):
    AUTOMATIC = "automatic"
    REVIEW = "review"
    NONE = "none"


def tier(score: float) -> Tier:
    if score >= thresholds.AUTOMATIC:
        return Tier.AUTOMATIC
    return Tier.REVIEW if score >= thresholds.REVIEW else Tier.NONE


def parts(evidence: Evidence) -> dict[str, float]:
    """What the score is made of, as plain numbers.

    area: share of the original's blocks that lie where the two pictures agree throughout. unshared: share of its blocks
    that no other original shows. agreement: of the blocks that can be compared, how many agree. middle: the same in
    the middle of what can be compared. contradiction: inside the outline of what agrees, how many do not. drift: how
    far, in thousandths of the original's longest side, whole regions would rather lie elsewhere. likeness, detail:
    correlation there, of all and of what is finest. foreign, gone: inside the outline of all that agrees, shared or
    not, how much shows another photograph, and how much of the original's is gone from it. heart: of the middle of the
    whole original, how much agrees; what hides under stickers and type is not counted, what is cut away counts little.
    """
    c = evidence.comparison
    seen = evidence.own & (c.inside > pixels.COVERED)
    good = seen & (c.likeness > thresholds.AGREES)
    core = _throughout(good, seen)
    if core.sum() < 6:
        return {
            "points": float(evidence.points), "area": 0.0, "unshared": 0.0, "agreement": 0.0, "middle": 0.0, "contradiction": 1.0,
            "drift": 9.0, "likeness": 0.0, "detail": 0.0, "soft": 0.0, "tone": 50.0, "foreign": 0.0, "gone": 0.0,
            "heart": 0.0,
        }  # fmt: skip
    outline = _outline(core) & seen
    foreign, gone = _foreign_and_gone(evidence)
    return {
        "points": float(evidence.points),
        "area": float(core.sum()) / core.size,
        "unshared": 1 - float(evidence.shared.mean()),
        "agreement": float(good.sum()) / float(seen.sum()),
        "middle": _in_the_middle(good, seen),
        "contradiction": float((outline & (c.likeness < thresholds.DIFFERS)).sum()) / float(outline.sum()),
        "drift": drift(c, core, good),
        "tone": _tone(c, good & (cv2.erode(core.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)),
        "soft": float(evidence.softness[core].mean()),
        "likeness": float(np.percentile(c.likeness[core], 25)),
        "detail": float(np.median(c.detail[core])),
        "foreign": foreign,
        "gone": gone,
        "heart": _heart(evidence),
    }


def score(evidence: Evidence) -> float:
    """0..1; how surely the suspect copies the original. Logistic in the parts, see `thresholds`."""
    return of_parts(parts(evidence))


def is_hopeless(from_afar: Evidence) -> bool:
    """Whether a closer look would not make a copy of it."""
    return score(from_afar) < thresholds.HOPELESS


def of_parts(p: dict[str, float]) -> float:
    if p["area"] <= 0:
        return 0.0
    w = thresholds.WEIGHTS
    evidence = w["constant"] + sum(w[name] * value for name, value in terms(p).items())
    value = 1 / (1 + math.exp(-max(-30.0, min(30.0, evidence))))
    return min(value, thresholds.DOUBTFUL_AT_MOST) if is_ground_alone(p) or is_another_photo(p) else value


def is_ground_alone(p: dict[str, float]) -> bool:
    """Whether what agrees may be no more than the ground on which each picture shows a thing of its own.

    A sticker or a line of type on a copy is drawn in flat colours and seldom hides the whole middle; another product on
    the same ground is a photograph, and stands where the original's does.
    """
    # What is left of a picture that is mostly shared may be ground as well, which nobody else has shown yet.
    if p["unshared"] < thresholds.MOSTLY_SHARED and p["agreement"] < thresholds.AGREES_IN_THE_REST:
        return True
    # What many share covers most of such a picture: then a thing is large beside what is left, unless that agrees throughout.
    beside = 1.0 if p["agreement"] >= thresholds.WHOLE else max(p["unshared"], thresholds.UNSHARED_LEAST)
    foreign = p["foreign"] / beside
    heart, gone = thresholds.HEART, thresholds.GONE
    if p["foreign"] <= thresholds.NO_OTHER_THING:  # then large type may be all there is
        gone = thresholds.GONE_UNDER_TYPE
        heart = thresholds.HEART_UNDER_TYPE if p["gone"] <= thresholds.NO_OTHER_THING else heart
    return p["heart"] < heart or foreign > thresholds.FOREIGN * p["heart"] or p["gone"] > gone * p["heart"]


def is_another_photo(p: dict[str, float]) -> bool:
    """Whether the camera may have moved and the light with it, however much agrees.

    The more agrees, the better it is known how it drifts, and the less is left that a sticker or another background could
    excuse.
    """
    if p["contradiction"] > thresholds.CONTRADICTED:
        return False
    most, least = thresholds.MUCH_AGREES
    lenient = _falling(p["agreement"], (least, most))
    moved, lit = (strict + lenient * (loose - strict) for strict, loose in (thresholds.MOVED, thresholds.LIT))
    return p["drift"] > moved and p["tone"] > lit


def terms(p: dict[str, float]) -> dict[str, float]:
    """The parts as they enter the sum."""
    exact = exactness(p)
    # Of the same photograph surely: then no more of it can be found than it does not share with others.
    area = (1 - exact) * p["area"] + exact * area_of_own(p)
    return {
        "area": math.log(min(area, thresholds.AREA_ENOUGH)),
        # A strip this thin may be a line of type that a thousand shops use.
        "sliver": max(0.0, math.log(thresholds.AREA_LEAST / area)),
        "exact": exact,
        "agreement": p["agreement"],
        "middle": p["middle"],
        "contradiction": p["contradiction"],
        "drift": math.log(p["drift"] + 0.1),
        "tone": math.log(p["tone"] + 1),
        # Flat colours and hard edges are everybody's; where all agrees it does not matter.
        "graphic": _between(0, thresholds.SOFT_ENOUGH - p["soft"], thresholds.GRAPHIC_MOST)
        * _between(0, 5 * (1 - p["agreement"]), 1),
    }


def exactness(p: dict[str, float]) -> float:
    """0..1: whether what agrees is of a photograph, lies quite still and in one light.

    Then it is the same photograph, also where half of it hides under stickers: no other photo of the scene does this.
    """
    return (
        _falling(p["drift"], thresholds.STILL)
        * _falling(p["tone"], thresholds.ONE_LIGHT)
        * _falling(p["soft"], thresholds.PHOTOGRAPHIC)
        * _falling(area_of_own(p), thresholds.MORE_THAN_A_BADGE)
    )


def area_of_own(p: dict[str, float]) -> float:
    """The area as a share of what the original does not share with others."""
    return p["area"] / max(p["unshared"], thresholds.UNSHARED_LEAST)


def _falling(value: float, ends: tuple[float, float]) -> float:
    """1 on the near side of the first of the ends, 0 beyond the second."""
    return _between(0, (ends[1] - value) / (ends[1] - ends[0]), 1)


def _between(least: float, value: float, most: float) -> float:
    return max(least, min(most, value))


def _throughout(good: Blocks, seen: Blocks) -> Blocks:
    """Blocks in whose neighbourhood (5 × 5) nearly all that can be compared agrees."""
    near = _mean(good.astype(np.float32), 5)
    return seen & (near > 0.7 * _mean(seen.astype(np.float32), 5)) & (near > 0.2)


def _mean(values: Floats, side: int) -> Floats:
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_CONSTANT), np.float32)


def _outline(blocks: Blocks) -> Blocks:
    """All blocks inside the convex hull of these."""
    filled = np.zeros(blocks.shape, np.uint8)
    places = np.argwhere(blocks)[:, ::-1].astype(np.int32)
    cv2.fillConvexPoly(filled, cv2.convexHull(np.ascontiguousarray(places)), 1)
    return filled > 0


def _in_the_middle(good: Blocks, seen: Blocks) -> float:
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    dy, dx = round((bottom - top) * 0.22), round((right - left) * 0.22)
    middle = np.s_[top + dy : bottom - dy, left + dx : right - dx]
    return float(good[middle].sum()) / max(1.0, float(seen[middle].sum()))


def _foreign_and_gone(evidence: Evidence) -> tuple[float, float]:
    c = evidence.comparison
    inside = c.inside > pixels.COVERED
    seen = inside & (c.contrast > pixels.FAINT)
    core = _throughout(seen & (c.likeness > thresholds.AGREES), seen)
    if core.sum() < 6:
        return 0.0, 0.0
    outline = _outline(core)
    clear = inside & (np.maximum(c.contrast, c.their_contrast) > 2 * pixels.FAINT)
    differs = outline & clear & (c.likeness < thresholds.DIFFERS)
    foreign = differs & (evidence.their_softness > thresholds.PHOTOGRAPHED)
    patches = cv2.morphologyEx(foreign.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    gone = sum(int(patch.sum()) for patch in _patches(differs) if _is_gone(evidence, patch, outline))
    whole = float(outline.sum())
    return float(patches.sum()) / whole, gone / whole


def _patches(blocks: Blocks) -> Iterator[Blocks]:
    """Those that hang together, so many blocks at least as a thing has."""
    opened = cv2.morphologyEx(blocks.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    count, labels = cv2.connectedComponents(opened, connectivity=4)
    sizes = np.bincount(labels.ravel(), minlength=count)
    return (labels == k for k in range(1, count) if sizes[k] >= thresholds.THING)


def _is_gone(evidence: Evidence, patch: Blocks, outline: Blocks) -> bool:
    """Whether the original shows a photographed thing here and the suspect the ground behind it.

    A sticker or type brings edges of its own; a thing that is gone took its edges with it. What agrees must stand all
    around: outside the outline another background may begin.
    """
    c = evidence.comparison
    if not outline[cv2.dilate(patch.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0].all():
        return False
    with_rim = cv2.dilate(patch.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ours, theirs = (np.percentile(contrast[with_rim], 80) for contrast in (c.contrast, c.their_contrast))
    softness, their_softness = (soft[patch].mean() for soft in (evidence.softness, evidence.their_softness))
    return bool(theirs < ours and softness > thresholds.PHOTOGRAPHED and their_softness > thresholds.SOFT_GROUND)


def _heart(evidence: Evidence) -> float:
    c = evidence.comparison
    rows, columns = c.likeness.shape
    dy, dx = round(0.3 * rows), round(0.3 * columns)
    middle = np.s_[dy : rows - dy, dx : columns - dx]
    there = c.contrast > pixels.FAINT
    if not there[middle].size or there[middle].mean() < thresholds.HEART_SEEN:
        return 1.0
    inside = c.inside > pixels.COVERED
    agrees = there & inside & (c.likeness > thresholds.AGREES)
    drawn = inside & (c.likeness < thresholds.DIFFERS) & (evidence.their_softness < thresholds.DRAWN)
    patches = cv2.morphologyEx(drawn.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    # At its rim a block shows some of the sticker and some of what is under it.
    hidden = (cv2.dilate(patches, np.ones((5, 5), np.uint8)) > 0) & ~agrees
    found, asked = agrees[middle].sum(), (there & inside & ~hidden)[middle].sum()
    cut_away = thresholds.CUT_AWAY * (there & ~inside)[middle].sum()
    return float(found) / max(1.0, float(asked + cut_away))


def drift(c: Comparison, core: Blocks, good: Blocks) -> float:
    """Noise makes single blocks stray, a camera that moved makes neighbours stray together: so means over 7 × 7
    blocks, each block trusted by how much there is in it to hold on to, root mean square, thousandths."""
    still = good | ((c.contrast < pixels.FAINT) & (c.their_contrast < 2 * pixels.FAINT))
    inner = core & good & (cv2.erode(still.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    used = inner if inner.sum() >= 20 else core
    likeness = np.clip(c.likeness, 0, 1)
    trust = used * np.minimum(c.contrast, 40) ** 2 * likeness**2 / (1.03 - likeness**2)
    total = np.maximum(_mean(trust.astype(np.float32), 7), 1e-6)
    x, y = (_mean((c.drift[..., k] * trust).astype(np.float32), 7) / total for k in (0, 1))
    square = (trust * (x**2 + y**2)).sum() / max(float(trust.sum()), 1e-6)
    return float(np.sqrt(square)) / max(c.frame) * 1000


def _tone(c: Comparison, core: Blocks) -> float:
    """How far, in grey levels, the suspect's brightness strays from one curve over the original's.

    An edit maps equal greys to equal greys, nearly everywhere; in another photo the light falls differently.
    """
    if core.sum() < 12:
        return thresholds.TONE_UNKNOWN
    ours, theirs = c.brightness[core].astype(np.float64).T
    design = np.vander(ours / 128 - 1, 3)
    weight = np.ones(len(ours))
    off = np.zeros(len(ours))
    for _again in range(4):
        curve = np.linalg.lstsq(design * weight[:, None], theirs * weight, rcond=None)[0]
        off = np.abs(design @ curve - theirs)
        weight = 1 / (1 + off / max(2.0, float(np.median(off))))
    return float(np.median(off))


def says_enough(evidence: Evidence) -> bool:
    """Whether enough of the original is its own to accuse anybody."""
    return bool(evidence.own.sum() >= thresholds.OWN_ENOUGH * evidence.own.size)


def shared_area(evidence: Evidence) -> Doubles:
    """(n, 2) places of the original at which the suspect shows exactly the same.

    Another photo of the same scene shares nothing: it is told apart by how it drifts, and masks would only leave the two
    without anything of their own.
    """
    c = evidence.comparison
    seen = (c.contrast > pixels.FAINT) & (c.inside > pixels.COVERED)
    good = seen & (c.likeness > thresholds.AGREES)
    same = _throughout(good, seen)
    nothing = np.zeros((0, 2))
    if same.sum() < 12:
        return nothing
    is_photograph = float(evidence.softness[same].mean()) > thresholds.SOFT_ENOUGH
    if is_photograph and drift(c, same, good) > thresholds.OF_ONE_PHOTO:
        return nothing
    return evidence.grid[same]


def is_whole(evidence: Evidence) -> bool:
    """Whether nearly all that can be compared agrees, shared or not: then one is a copy of the other."""
    c = evidence.comparison
    foreign, gone = _foreign_and_gone(evidence)
    # Of the whole, as what is shared counts here as well.
    if is_ground_alone(
        {"foreign": foreign, "gone": gone, "heart": _heart(evidence), "unshared": 1.0, "agreement": 1.0}
    ):
        return False
    seen = (c.contrast > pixels.FAINT) & (c.inside > pixels.COVERED)
    return bool((seen & (c.likeness > thresholds.AGREES)).sum() >= thresholds.WHOLE * max(1, int(seen.sum())))

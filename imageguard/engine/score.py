"""From evidence to a score, and from a score to a tier."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from imageguard.engine import pixels, thresholds
from imageguard.engine.evidence import Evidence
from imageguard.engine.geometry import Doubles
from imageguard.engine.images import Floats
from imageguard.engine.pixels import Comparison

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
    that no other original shows; own: the same, of blocks with something in them. agreement: of the blocks that can be
    compared, how many agree; uncovered: the same but for those that hide under stickers and type; shared: of what other
    originals show as well, how much agrees, covered or not (1 where it is too little). middle: how many of the uncovered
    agree in the middle of what can be compared. contradiction: how much of the outline of what agrees is uncovered and
    does not. drift: how far, in thousandths of the original's longest side, whole regions would rather lie elsewhere.
    tone: see `_tone`. likeness, detail: correlation there, of all and of what is finest. foreign, gone: inside the
    outline of all that agrees, shared or not, how much shows another photograph, and how much of the original's is gone
    from it. heart: of the middle of the whole original, how much agrees; what hides under stickers and type is not
    counted, what is cut away counts little.
    """
    c = evidence.comparison
    seen = evidence.own & (c.inside > pixels.COVERED)
    good = seen & (c.likeness > thresholds.AGREES)
    core = _throughout(good, seen)
    if core.sum() < 6:
        return {
            "points": float(evidence.points), "area": 0.0, "unshared": 0.0, "own": 0.0, "agreement": 0.0, "uncovered": 0.0,
            "shared": 0.0, "middle": 0.0, "contradiction": 1.0, "drift": 9.0, "likeness": 0.0, "detail": 0.0, "soft": 0.0,
            "tone": 50.0, "foreign": 0.0, "gone": 0.0, "heart": 0.0,
        }  # fmt: skip
    outline = _outline(core) & seen
    foreign, gone = _foreign_and_gone(evidence)
    covered = _covered(evidence)
    uncovered = seen & ~(covered & ~good)
    moved, lit = _drift_and_tone(c, core, good)
    return {
        "points": float(evidence.points),
        "area": float(core.sum()) / core.size,
        "unshared": 1 - float(evidence.shared.mean()),
        "own": float(evidence.own.mean()),
        "agreement": float(good.sum()) / float(seen.sum()),
        "uncovered": float(good.sum()) / max(1.0, float(uncovered.sum())),
        "shared": _shared(evidence),
        "middle": _in_the_middle(good, seen, uncovered),
        "contradiction": float((outline & uncovered & (c.likeness < thresholds.DIFFERS)).sum()) / float(outline.sum()),
        "drift": moved,
        "tone": lit,
        "soft": float(evidence.softness[core].mean()),
        "likeness": float(np.percentile(c.likeness[core], 25)),
        "detail": float(np.median(c.detail[core])),
        "foreign": foreign,
        "gone": gone,
        "heart": _heart(evidence, covered),
    }


@dataclass(frozen=True)
class Judgement:
    evidence: Evidence
    parts: dict[str, float]
    score: float  # 0..1; how surely the suspect copies the original


def judge(evidence: Evidence) -> Judgement:
    found = parts(evidence)
    return Judgement(evidence, found, of_parts(found))


def of_parts(p: dict[str, float]) -> float:
    """Logistic in the parts, see `thresholds`."""
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
    # What is left of a picture that is mostly shared may be ground as well, which nobody else has shown yet; but not where
    # the rest of the ground is gone.
    agrees = p["agreement"] >= thresholds.AGREES_IN_THE_REST or (
        p["agreement"] >= thresholds.AGREES_COVERED and p["uncovered"] >= thresholds.AGREES_UNCOVERED
    )
    if p["unshared"] < thresholds.MOSTLY_SHARED and not agrees and p["shared"] >= thresholds.GROUND_THERE:
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
    """Whether the camera may have moved and the light with it, however much agrees; logistic in the parts as well."""
    # The same package, held before another shelf: an edit puts a thing elsewhere in the light in which it was taken.
    if p["uncovered"] < thresholds.ELSEWHERE and p["tone"] > thresholds.LIT_ELSEWHERE:
        return True
    moved, lit = p["drift"], min(p["tone"], thresholds.TONE_MOST)
    both = min(math.log((moved + 0.02) / thresholds.MOVED), math.log((lit + 0.05) / thresholds.LIT))
    signs = {
        "drift": math.log(moved + 0.05),
        "tone": math.log(lit + 0.2),
        "both": both,
        # Another photo is less alike in what is finest than a copy that is as much alike as a whole.
        "likeness": math.log(1.03 - p["likeness"]),
        "detail": math.log(1.03 - p["detail"]),
        "heart": p["heart"],
    }
    w = thresholds.ANOTHER_PHOTO
    return w["constant"] + sum(w[name] * value for name, value in signs.items()) > 0


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
        "tone": math.log(min(p["tone"], thresholds.TONE_MOST) + 1),
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
    """The area as a share of what there is to see in the original that it does not share with others."""
    return p["area"] / max(p["own"], thresholds.OWN_LEAST)


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


def _grown(blocks: Blocks, side: int) -> Blocks:
    return np.asarray(cv2.dilate(blocks.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def _shrunk(blocks: Blocks, side: int) -> Blocks:
    return np.asarray(cv2.erode(blocks.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def _opened(blocks: Blocks, side: int) -> Blocks:
    """Without what is thinner than so many blocks."""
    return np.asarray(cv2.morphologyEx(blocks.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8)) > 0)


def _outline(blocks: Blocks) -> Blocks:
    """All blocks inside the convex hull of these."""
    filled = np.zeros(blocks.shape, np.uint8)
    places = np.argwhere(blocks)[:, ::-1].astype(np.int32)
    cv2.fillConvexPoly(filled, cv2.convexHull(np.ascontiguousarray(places)), 1)
    return filled > 0


def _in_the_middle(good: Blocks, seen: Blocks, asked: Blocks) -> float:
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    dy, dx = round((bottom - top) * 0.22), round((right - left) * 0.22)
    middle = np.s_[top + dy : bottom - dy, left + dx : right - dx]
    least = thresholds.MIDDLE_ASKED * float(seen[middle].sum())
    return float(good[middle].sum()) / max(1.0, least, float(asked[middle].sum()))


def _foreign_and_gone(evidence: Evidence) -> tuple[float, float]:
    c = evidence.comparison
    inside = c.inside > pixels.COVERED
    seen = inside & (c.contrast > pixels.FAINT)
    core = _throughout(seen & (c.likeness > thresholds.AGREES), seen)
    if core.sum() < 6:
        return 0.0, 0.0
    outline = _outline(core)
    clear = inside & (np.maximum(c.contrast, c.their_contrast) > 2 * pixels.FAINT)
    differs = clear & (c.likeness < thresholds.DIFFERS)
    # Another photograph that lies mostly outside is no thing on the ground, but another ground.
    others = _patches(differs & (evidence.their_softness > thresholds.PHOTOGRAPHED), opened_by=3)
    foreign = sum(there for patch in others if (there := int((patch & outline).sum())) >= patch.sum() / 2)
    things = _patches(differs & outline, opened_by=2, least=thresholds.THING)
    gone = sum(int(patch.sum()) for patch in things if _is_gone(evidence, patch, outline))
    whole = float(outline.sum())
    return foreign / whole, gone / whole


def _patches(blocks: Blocks, *, opened_by: int, least: int = 1) -> Iterator[Blocks]:
    """Those that hang together, `least` of them at least; what is thinner than `opened_by` blocks is left out."""
    opened = _opened(blocks, opened_by).astype(np.uint8)
    count, labels = cv2.connectedComponents(opened, connectivity=4)
    sizes = np.bincount(labels.ravel(), minlength=count)
    return (labels == k for k in range(1, count) if sizes[k] >= least)


def _is_gone(evidence: Evidence, patch: Blocks, outline: Blocks) -> bool:
    """Whether the original shows a photographed thing here and the suspect the ground behind it.

    A sticker or type brings edges of its own; a thing that is gone took its edges with it. What agrees must stand all
    around: outside the outline another background may begin.
    """
    c = evidence.comparison
    if not outline[_grown(patch, 5)].all():
        return False
    with_rim = _grown(patch, 3)
    ours, theirs = (np.percentile(contrast[with_rim], 80) for contrast in (c.contrast, c.their_contrast))
    softness, their_softness = (soft[patch].mean() for soft in (evidence.softness, evidence.their_softness))
    return bool(theirs < ours and softness > thresholds.PHOTOGRAPHED and their_softness > thresholds.SOFT_GROUND)


def _heart(evidence: Evidence, covered: Blocks) -> float:
    c = evidence.comparison
    rows, columns = c.likeness.shape
    dy, dx = round(0.3 * rows), round(0.3 * columns)
    middle = np.s_[dy : rows - dy, dx : columns - dx]
    there = c.contrast > pixels.FAINT
    if not there[middle].size or there[middle].mean() < thresholds.HEART_SEEN:
        return 1.0
    inside = c.inside > pixels.COVERED
    agrees = there & inside & (c.likeness > thresholds.AGREES)
    hidden = covered & ~agrees
    found, asked = agrees[middle].sum(), (there & inside & ~hidden)[middle].sum()
    cut_away = thresholds.CUT_AWAY * (there & ~inside)[middle].sum()
    return float(found) / max(1.0, float(asked + cut_away))


def _covered(evidence: Evidence) -> Blocks:
    """What lies under stickers and type, with their rims: there a block shows some of the sticker, some of what is under it."""
    c = evidence.comparison
    drawn = (
        (c.inside > pixels.COVERED) & (c.likeness < thresholds.DIFFERS) & (evidence.their_softness < thresholds.DRAWN)
    )
    return _grown(_opened(drawn, 3), 5)


def _shared(evidence: Evidence) -> float:
    """1 where too little is shared to be asked."""
    c = evidence.comparison
    there = evidence.shared & (c.contrast > pixels.FAINT) & (c.inside > pixels.COVERED)
    found = float((there & (c.likeness > thresholds.AGREES)).sum())
    return found / float(there.sum()) if there.sum() >= thresholds.SHARED_ENOUGH else 1.0


def _drift_and_tone(c: Comparison, core: Blocks, good: Blocks) -> tuple[float, float]:
    """Both of what lies beside nothing that was replaced, where that is enough; see `drift` and `_tone`.

    Beside a sticker, and at the rim of a thing that was cut out, a block sees both: it strays, and looks lit otherwise.
    """
    inner = _shrunk(core, 3)
    replaced = _replaced(c, core & good, inner & good)
    if (replaced & _grown(core, 3)).any():
        left = ~_grown(replaced, 3)
        alone = c.of_these(left)
        still_good = core & left & (alone.contrast > pixels.FAINT) & (alone.likeness > thresholds.AGREES)
        if still_good.sum() >= thresholds.LEFT_ENOUGH:
            return drift(alone, still_good, still_good), _tone(alone, still_good)
    return drift(c, core, good), _tone(c, good & inner)


def _replaced(c: Comparison, good: Blocks, inner: Blocks) -> Blocks:
    """Blocks whose grey does not follow from the original's as it does where the two agree."""
    used = inner if inner.sum() >= 12 else good
    if used.sum() < 12:
        return np.zeros(good.shape, np.bool_)
    curve, typical = _curve(c.grey[used])
    ours, theirs = c.grey[..., 0], c.grey[..., 1]
    known = np.clip(ours, ours[used].min(), ours[used].max())
    off = np.abs(np.polyval(curve, known / 128 - 1) - theirs)
    beyond = off > max(thresholds.REPLACED, thresholds.REPLACED_BESIDE * typical)
    return np.asarray(beyond & (c.inside > pixels.COVERED))


def drift(c: Comparison, core: Blocks, good: Blocks) -> float:
    """Noise makes single blocks stray, a camera that moved makes neighbours stray together: so means over 7 × 7
    blocks, each block trusted by how much there is in it to hold on to, root mean square, thousandths.
    """
    still = good | ((c.contrast < pixels.FAINT) & (c.their_contrast < 2 * pixels.FAINT))
    inner = core & good & _shrunk(still, 3)
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
    return thresholds.TONE_UNKNOWN if core.sum() < 12 else _curve(c.brightness[core])[1]


def _curve(grey: Floats) -> tuple[Doubles, float]:
    """The parabola that maps the first of (n, 2) grey levels, as shares of 128 over the middle, to the second; and how far
    half of them stray from it."""
    ours, theirs = grey.astype(np.float64).T
    design = np.vander(ours / 128 - 1, 3)
    weight, off = np.ones(len(ours)), np.zeros(len(ours))
    curve = np.zeros(3)
    for _again in range(4):
        curve = np.linalg.lstsq(design * weight[:, None], theirs * weight, rcond=None)[0]
        off = np.abs(design @ curve - theirs)
        weight = 1 / (1 + off / max(2.0, float(np.median(off))))
    return curve, float(np.median(off))


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
    whole = {"unshared": 1.0, "agreement": 1.0, "uncovered": 1.0, "shared": 1.0}
    if is_ground_alone({"foreign": foreign, "gone": gone, "heart": _heart(evidence, _covered(evidence)), **whole}):
        return False
    seen = (c.contrast > pixels.FAINT) & (c.inside > pixels.COVERED)
    return bool((seen & (c.likeness > thresholds.AGREES)).sum() >= thresholds.WHOLE * max(1, int(seen.sum())))

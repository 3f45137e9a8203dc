"""What a reviewer sees: the suspect laid on the original, what agrees and what differs, and what was done to it."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from PIL import Image

from imageguard.engine import edits, fingerprints, images, score
from imageguard.engine.distinctive import NotDistinctive
from imageguard.engine.edits import Edit
from imageguard.engine.evidence import Evidence
from imageguard.engine.geometry import Doubles
from imageguard.engine.images import Pixels
from imageguard.engine.score import Judgement, Tier
from imageguard.engine.shared import Mask
from imageguard.engine.suspect import Suspect
from imageguard.engine.verify import verify

#: longest side of the pictures shown
SHOWN = 720
_AGREES, _DIFFERS, _SHARED = (40, 170, 90), (220, 50, 50), (120, 120, 130)


class Verdict(StrEnum):
    COPY = "copy"
    PERHAPS = "perhaps"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True)
class Explanation:
    verdict: Verdict
    score: float  # 0..1; from 0.5 on automatic
    tier: Tier
    parts: dict[str, float]
    edits: tuple[Edit, ...]  # stable codes, most telling first
    mirrored: bool
    transform: Doubles | None  # original → suspect (mirrored, if so), shares of the longest sides
    original: Image.Image
    warped: Image.Image  # the suspect as it lies on the original
    overlay: Image.Image  # the original with green where they agree, red where they differ, grey where it is shared
    side_by_side: Image.Image  # original and suspect, with the area they have in common outlined


def explain(original: Image.Image, suspect: Image.Image | Suspect, mask: Mask) -> Explanation:
    """Works for any two pictures; where nothing agrees the pictures are shown as they are, with score 0."""
    looked = Suspect.of(suspect)
    ours, theirs = images.to_rgb(original), looked.pixels
    best, mirrored = _best(ours, original.size, looked, mask)
    ours, theirs = images.fit(ours, min(SHOWN, max(ours.shape[:2]))), images.fit(theirs, min(SHOWN, max(theirs.shape)))
    plain = Image.fromarray(ours)
    if best is None:
        return Explanation(
            Verdict.NOTHING_FOUND, 0.0, Tier.NONE, {}, (), False, None, plain, Image.fromarray(theirs), plain,
            _beside(ours, theirs),
        )  # fmt: skip
    evidence, tier = best.evidence, score.tier(best.score)
    turned = np.ascontiguousarray(theirs[:, ::-1]) if mirrored else theirs
    warped = _warped(turned, evidence.matrix, ours.shape)
    found = edits.name_edits(
        evidence, ours, warped, turned, mirrored=mirrored, sizes=(max(original.size), looked.longest)
    )
    verdict = {Tier.AUTOMATIC: Verdict.COPY, Tier.REVIEW: Verdict.PERHAPS}.get(tier, Verdict.NOTHING_FOUND)
    return Explanation(
        verdict, best.score, tier, best.parts, found, mirrored, evidence.matrix, plain, Image.fromarray(warped),
        _overlay(ours, evidence), _beside(ours, theirs, evidence.matrix, mirrored=mirrored),
    )  # fmt: skip


def _best(ours: Pixels, size: tuple[int, int], suspect: Suspect, mask: Mask) -> tuple[Judgement | None, bool]:
    try:
        made = fingerprints.of_pixels(ours, size)
    except NotDistinctive:
        return None, False
    found = [(judged, mirrored) for mirrored, view in suspect.views if (judged := verify(made, mask, view))]
    return max(found, key=lambda f: f[0].score, default=(None, False))


def _pixel_map(matrix: Doubles, ours: tuple[int, ...], theirs: tuple[int, ...]) -> Doubles:
    """From shares to pixels on both sides."""
    a, b = max(ours[:2]), max(theirs[:2])
    to_shares = np.array([[1 / a, 0, 0.5 / a], [0, 1 / a, 0.5 / a], [0, 0, 1.0]])
    to_pixels = np.array([[b, 0, -0.5], [0, b, -0.5], [0, 0, 1.0]])
    return np.asarray(to_pixels @ matrix @ to_shares, np.float64)


def _warped(theirs: Pixels, matrix: Doubles, shape: tuple[int, ...]) -> Pixels:
    full = _pixel_map(matrix, shape, theirs.shape)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpPerspective(theirs, full, shape[1::-1], flags=flags, borderValue=(235, 235, 238))
    return np.asarray(warped, np.uint8)


def _overlay(ours: Pixels, evidence: Evidence) -> Image.Image:
    h, w = ours.shape[:2]
    wash = cv2.cvtColor(images.grey(ours), cv2.COLOR_GRAY2RGB).astype(np.float32) * 0.5 + 110
    c = evidence.comparison
    seen = np.maximum(c.contrast, np.where(c.inside > 0.6, c.their_contrast, 0)) > 2
    agrees = seen & (c.inside > 0.6) & (c.likeness > 0.7)
    differs = seen & (c.inside > 0.6) & (c.likeness < 0.4)
    masked = evidence.mask.covers(evidence.grid.reshape(-1, 2)).reshape(seen.shape)
    for blocks, colour in ((agrees & ~masked, _AGREES), (differs, _DIFFERS), (agrees & masked, _SHARED)):
        strength = cv2.resize(blocks.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)[..., None] * 0.55
        wash = wash * (1 - strength) + np.array(colour, np.float32) * strength
    return Image.fromarray(np.clip(wash, 0, 255).astype(np.uint8))


def _beside(ours: Pixels, theirs: Pixels, matrix: Doubles | None = None, *, mirrored: bool = False) -> Image.Image:
    left, right = ours.copy(), theirs.copy()
    if matrix is not None:
        h, w = ours.shape[:2]
        corners = np.array([[[0, 0], [w, 0], [w, h], [0, h]]], np.float64)
        outline = cv2.perspectiveTransform(corners, _pixel_map(matrix, ours.shape, theirs.shape))
        if mirrored:
            outline[..., 0] = theirs.shape[1] - 1 - outline[..., 0]
        points = np.clip(outline, -4000, 4000).astype(np.int32)
        cv2.polylines(right, [points], True, _DIFFERS, max(2, max(right.shape) // 240), cv2.LINE_AA)
    height = max(left.shape[0], right.shape[0])
    gap = 16
    sheet = np.full((height, left.shape[1] + gap + right.shape[1], 3), 245, np.uint8)
    sheet[: left.shape[0], : left.shape[1]] = left
    sheet[: right.shape[0], left.shape[1] + gap :] = right
    return Image.fromarray(sheet)

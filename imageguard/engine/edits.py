"""What was done to a picture, read off how it lies on its original. Codes are stable; words are for the pages."""

from enum import StrEnum

import cv2
import numpy as np

from imageguard.engine import geometry
from imageguard.engine.evidence import Evidence
from imageguard.engine.images import Pixels


class Edit(StrEnum):
    MIRRORED = "mirrored"
    ROTATED = "rotated"
    CROPPED = "cropped"
    IN_COLLAGE = "in_collage"
    FRAMED = "framed"
    BACKGROUND_REPLACED = "background_replaced"
    OVERLAID = "overlaid"
    RECOLOURED = "recoloured"
    GREYSCALE = "greyscale"
    TILTED = "tilted"
    STRETCHED = "stretched"
    BLURRED = "blurred"
    RESIZED = "resized"
    RE_ENCODED = "re_encoded"


def name_edits(
    evidence: Evidence,
    ours: Pixels,
    warped: Pixels,
    theirs: Pixels,
    *,
    mirrored: bool,
    sizes: tuple[int, int],
) -> tuple[Edit, ...]:
    """The edits that can be told; `re_encoded` where none can. `ours` and `warped` lie on each other, in RGB."""
    found = {Edit.MIRRORED} if mirrored else set()
    found |= _of_the_map(evidence, ours, theirs, sizes)
    found |= _of_the_content(evidence)
    found |= _of_the_colours(evidence, ours, warped)
    return tuple(edit for edit in Edit if edit in found) or (Edit.RE_ENCODED,)


def _of_the_map(evidence: Evidence, ours: Pixels, theirs: Pixels, sizes: tuple[int, int]) -> set[Edit]:
    found = set()
    matrix = evidence.matrix
    h, w = np.array(ours.shape[:2]) / max(ours.shape[:2])
    their_h, their_w = np.array(theirs.shape[:2]) / max(theirs.shape[:2])
    step = 0.05
    along = geometry.project(matrix, np.array([w / 2, h / 2]) + np.array([[step, 0], [0, step], [0, 0]]))
    jacobian = np.stack([along[0] - along[2], along[1] - along[2]], axis=1) / step
    turn = np.degrees(np.arctan2(jacobian[1, 0] - jacobian[0, 1], jacobian[0, 0] + jacobian[1, 1]))
    large, small = np.linalg.svd(jacobian, compute_uv=False)
    if abs(turn) > 2:
        found.add(Edit.ROTATED)
    if abs(matrix[2, 0]) + abs(matrix[2, 1]) > 0.05:
        found.add(Edit.TILTED)
    elif large > 1.06 * small:
        found.add(Edit.STRETCHED)
    scale = np.sqrt(large * small) * sizes[1] / sizes[0]
    if not 0.93 < scale < 1.07:
        found.add(Edit.RESIZED)
    corners = geometry.project(matrix, np.array([[0, 0], [w, 0], [w, h], [0, h]]))
    canvas = np.array([[0, 0], [their_w, 0], [their_w, their_h], [0, their_h]])
    common, _shape = cv2.intersectConvexConvex(corners.astype(np.float32), canvas.astype(np.float32))
    if common < 0.97 * cv2.contourArea(corners.astype(np.float32)):
        found.add(Edit.CROPPED)
    if common < 0.93 * their_w * their_h:
        found.add(Edit.IN_COLLAGE if _is_busy_outside(theirs, corners) else Edit.FRAMED)
    return found


def _is_busy_outside(theirs: Pixels, corners: geometry.Doubles) -> bool:
    """Whether another picture stands beside the original, and not a plain frame or a few words."""
    grey = cv2.cvtColor(theirs, cv2.COLOR_RGB2GRAY)
    inside = np.zeros(grey.shape, np.uint8)
    grown = (corners - corners.mean(axis=0)) * 1.04 + corners.mean(axis=0)
    cv2.fillConvexPoly(inside, np.clip(grown * max(grey.shape), -9999, 9999).astype(np.int32), 1)
    values = grey.astype(np.float32)
    window = (15, 15)
    deviation = np.sqrt(np.maximum(cv2.blur(values * values, window) - cv2.blur(values, window) ** 2, 0))
    outside = inside == 0
    return bool(outside.any() and (deviation[outside] > 3).mean() > 0.4)


def _of_the_content(evidence: Evidence) -> set[Edit]:
    c = evidence.comparison
    seen = (np.maximum(c.contrast, c.their_contrast) > 4) & (c.inside > 0.6)
    differs, agrees = seen & (c.likeness < 0.4), seen & (c.likeness > 0.7)
    patches = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    if not agrees.any() or patches.sum() < max(4, 0.015 * seen.sum()):
        return set()
    ring = np.zeros(seen.shape, bool)
    edge = max(1, min(seen.shape) // 10)
    ring[:edge], ring[-edge:], ring[:, :edge], ring[:, -edge:] = True, True, True, True
    around = differs[ring & seen]
    within = differs[~ring & seen]
    if len(around) and len(within) and around.mean() > 0.7 and within.mean() < 0.6:
        return {Edit.BACKGROUND_REPLACED}
    return {Edit.OVERLAID}


def _of_the_colours(evidence: Evidence, ours: Pixels, warped: Pixels) -> set[Edit]:
    c = evidence.comparison
    agrees = (c.inside > 0.6) & (c.likeness > 0.7)
    if agrees.sum() < 6:
        return set()
    found = set()
    size = agrees.shape[1::-1]
    a, b = (cv2.resize(p, size, interpolation=cv2.INTER_AREA).astype(np.float32)[agrees] for p in (ours, warped))
    colourful = [float(np.mean(p.max(axis=1) - p.min(axis=1))) for p in (a, b)]
    if colourful[0] > 12 and colourful[1] < 0.35 * colourful[0]:
        found.add(Edit.GREYSCALE)
    elif float(np.median(np.abs(a - b).max(axis=1))) > 14:
        found.add(Edit.RECOLOURED)
    sharp = [np.abs(cv2.Laplacian(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.CV_32F)) for p in (ours, warped)]
    sharp_a, sharp_b = (float(cv2.resize(s, size, interpolation=cv2.INTER_AREA)[agrees].mean()) for s in sharp)
    if sharp_b < 0.45 * sharp_a and evidence.matrix[2, 2] > 0 and abs(np.linalg.det(evidence.matrix[:2, :2])) > 0.6:
        found.add(Edit.BLURRED)
    return found

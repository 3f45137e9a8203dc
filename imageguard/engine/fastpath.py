"""Near-identical copies, found by their hash in some milliseconds: re-encoded, resized, turned, mirrored, recoloured.

A hash alone proves nothing: two products in one shop template are often nearer to each other than a copy is to its
original. So every pair is also laid over each other, and must agree wherever there is something to see.
"""

from collections.abc import Callable

import cv2
import numpy as np

from imageguard.engine import hashes, pixels, score, thresholds
from imageguard.engine.fingerprints import Fingerprint
from imageguard.engine.geometry import Doubles
from imageguard.engine.hashes import Hashes
from imageguard.engine.images import Pixels
from imageguard.engine.pixels import Comparison

FRAME = 160
#: the eight hashes come in this order: mirrored or not, then turned so often by 90° against the clock
WAYS = ((False, 0), (False, 1), (False, 2), (False, 3), (True, 2), (True, 0), (True, 1), (True, 3))


def look_up(
    picture: Pixels, alike: Callable[[Hashes, int], list[tuple[str, int, int]]], most: int = thresholds.HASH_MOST
) -> list[tuple[str, bool, int, int]]:
    """(id, mirrored, quarter turns, bits that differ) of originals that may be the whole picture, nearest first."""
    near = alike(hashes.eight_hashes(picture), thresholds.HASH_NEAR)
    return [(id, *WAYS[way], distance) for id, way, distance in near[:most]]


def turned(shape: tuple[int, ...], original: Fingerprint, turns: int) -> Doubles:
    """The map original → suspect (mirrored, if so) where the whole suspect is the whole original, turned."""
    h, w = np.array(shape[:2]) / max(shape[:2])
    own_h, own_w = np.array(original.copy.shape) / max(original.copy.shape)
    turned_w, turned_h = (h, w) if turns % 2 else (w, h)
    stretch = np.diag([turned_w / own_w, turned_h / own_h, 1.0])
    back = (
        np.eye(3),
        np.array([[0, -1, w], [1, 0, 0], [0, 0, 1.0]]),
        np.array([[-1, 0, w], [0, -1, h], [0, 0, 1.0]]),
        np.array([[0, 1, 0], [-1, 0, h], [0, 0, 1.0]]),
    )[turns]
    return np.asarray(back @ stretch, np.float64)


def is_same(comparison: Comparison) -> bool:
    """Whether the pictures agree wherever there is something to see, and lie still; no product may hide in what differs."""
    seen = np.maximum(comparison.contrast, comparison.their_contrast) > 2 * pixels.FAINT
    if seen.sum() < thresholds.SAME_BLOCKS:
        return False
    differs = seen & (comparison.likeness < thresholds.SAME_LIKENESS)
    patch = differs[:-1, :-1] & differs[1:, :-1] & differs[:-1, 1:] & differs[1:, 1:]
    if differs.sum() > thresholds.SAME_DIFFERS * seen.sum() or patch.any():
        return False
    alike = seen & ~differs
    return score.drift(comparison, alike, alike) <= thresholds.SAME_DRIFT


def agreement(comparison: Comparison) -> float:
    """Share of what can be compared that agrees."""
    seen = comparison.contrast > pixels.FAINT
    return float((seen & (comparison.likeness > thresholds.AGREES)).sum()) / max(1.0, float(seen.sum()))


def compare(original: Fingerprint, picture: Pixels, *, mirrored: bool, turns: int) -> tuple[Comparison, Doubles]:
    """Lay the whole pictures over each other."""
    matrix = turned(picture.shape, original, turns)
    as_it_lies = np.asarray(cv2.flip(picture, 1), np.uint8) if mirrored else picture
    return pixels.lay_over(original.copy, as_it_lies, matrix, FRAME), matrix

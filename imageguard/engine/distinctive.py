"""Which pictures may not be registered, because they would accuse half the marketplace.

A plain colour, a gradient or a page of text (size charts, "read before you buy") has no content of its own; every
shop's looks alike to any method that compares pictures.
"""

from enum import StrEnum

import cv2
import numpy as np

from imageguard.engine import images, thresholds
from imageguard.engine.features import Features
from imageguard.engine.images import Pixels


class Reason(StrEnum):
    SMALL = "small"
    FLAT = "flat"
    TEXT = "text"


class NotDistinctive(ValueError):
    """The picture has nothing that another could be recognised by."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"not distinctive: {reason}")
        self.reason = reason


def check_size(size: tuple[int, int], picture: Pixels) -> None:
    """Raises NotDistinctive for pictures too small or too thin to look at."""
    if min(size) < thresholds.SMALLEST_SIDE or min(picture.shape) < 16:
        raise NotDistinctive(Reason.SMALL)


def check(picture: Pixels, found: Features) -> None:
    """Raises NotDistinctive for flat pictures and for pages of text."""
    if len(found) < thresholds.FEWEST_POINTS:
        raise NotDistinctive(Reason.FLAT)
    cells = np.unique(np.floor(found.xy * 12) @ [1, 12])
    if len(cells) < thresholds.FEWEST_PLACES:
        raise NotDistinctive(Reason.FLAT)
    if is_text_only(picture):
        raise NotDistinctive(Reason.TEXT)


def is_text_only(picture: Pixels) -> bool:
    """Paper of one shade, and on it nothing but many small marks: letters and lines of a table."""
    small = images.fit(picture, 640)
    blurred = cv2.GaussianBlur(small, (3, 3), 0)
    levels = cv2.calcHist([blurred], [0], None, [256], [0, 256])
    paper = int(np.argmax(levels))
    ink = np.asarray(cv2.absdiff(blurred, np.full_like(blurred, paper))) > 24
    if not 0.005 < ink.mean() < 0.35:
        return False
    _n, _labels, boxes, _centres = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    boxes = boxes[1:]
    boxes = boxes[boxes[:, cv2.CC_STAT_AREA] >= 6]
    if len(boxes) < thresholds.FEWEST_LETTERS:
        return False
    height = np.asarray(small.shape[0], np.float64)
    tall = boxes[:, cv2.CC_STAT_HEIGHT] > thresholds.TALLEST_LETTER * height
    inked = boxes[:, cv2.CC_STAT_AREA].astype(np.float64)
    return bool(inked[tall].sum() < 0.1 * inked.sum())

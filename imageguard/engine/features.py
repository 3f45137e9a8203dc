"""Local features: where a picture has something to recognise, and what it looks like there.

SIFT (Lowe, IJCV 2004) with the square-root normalisation of Arandjelović and Zisserman (CVPR 2012). A mirrored
picture needs no second extraction: mirroring permutes the bins of a descriptor.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from imageguard.engine.images import Floats, Pixels

#: below this contrast a point is mostly noise; 0.04 is the usual value, which finds nothing on a plain black coat
CONTRAST = 0.018
GRID = 6
#: sizes at which points are looked for, between one and twice of it
SIZES = 3


@dataclass(frozen=True)
class Features:
    """`n` points of a picture. Positions and sizes are in shares of its longest side, angles in radians."""

    xy: Floats  # (n, 2)
    size: Floats  # (n,)
    angle: Floats  # (n,), clockwise from the x axis, as y runs downwards
    descriptors: Floats  # (n, 128) RootSIFT

    def __len__(self) -> int:
        return len(self.size)


def extract(picture: Pixels, most: int, pool: int = 2, sizes: int = SIZES) -> Features:
    """The `most` points that say most, spread over the picture; fewer where there is little to see. `sizes`: see `SIZES`.

    They are chosen among the `pool * most` strongest. With too few of those a template's letters take them all, and
    of the product in its middle nothing is left.
    """
    longest = max(picture.shape)
    if min(picture.shape) < 16:
        return empty()
    sift = cv2.SIFT.create(nfeatures=pool * most, nOctaveLayers=sizes, contrastThreshold=CONTRAST)
    points, raw = sift.detectAndCompute(picture, None)
    if raw is None or not len(points):
        return empty()
    table = np.array([(p.pt[0], p.pt[1], p.size, p.angle, p.response) for p in points], np.float32)
    keep = _spread(table[:, :2] / longest, table[:, 4], most)
    table, raw = table[keep], np.asarray(raw, np.float32)[keep]
    root = np.sqrt(raw / np.maximum(raw.sum(axis=1, keepdims=True), 1e-6))
    return Features(table[:, :2] / longest, table[:, 2] / longest, np.deg2rad(table[:, 3]), root)


def empty() -> Features:
    nothing = np.zeros(0, np.float32)
    return Features(np.zeros((0, 2), np.float32), nothing, nothing, np.zeros((0, 128), np.float32))


def _spread(xy: Floats, response: Floats, most: int) -> NDArray[np.intp]:
    """Half by strength alone, half taken in turns from the cells of a grid, so that a loud banner leaves room."""
    order = np.argsort(-response, kind="stable")
    if len(order) <= most:
        return order
    cell = (np.minimum(xy * GRID, GRID - 1).astype(np.intp) @ np.array([1, GRID]))[order]
    by_cell = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[by_cell], np.arange(GRID * GRID))
    turn = np.empty(len(order), np.intp)
    turn[by_cell] = np.arange(len(order)) - starts[cell[by_cell]]
    turn[: most // 2] = -1
    return order[np.argsort(turn, kind="stable")[:most]]


def _mirror_bins() -> NDArray[np.intp]:
    row, column, bin_ = np.meshgrid(np.arange(4), np.arange(4), np.arange(8), indexing="ij")
    return (((3 - row) * 4 + column) * 8 + (8 - bin_) % 8).ravel()


MIRROR = _mirror_bins()


def mirrored(features: Features, width: float) -> Features:
    """Where `extract` would have found the points of the picture mirrored left to right, and at which angles.

    `width` is in shares of the longest side. Descriptors stay as they were; `MIRROR` permutes them.
    """
    xy = features.xy.copy()
    xy[:, 0] = width - xy[:, 0]
    return Features(xy, features.size, np.pi - features.angle, features.descriptors)

"""Whether two pictures, laid over each other, are the same picture: block by block, to a fraction of a pixel.

The alignment by points is refined on the pixels: every block says where it would rather lie (Lucas and Kanade, IJCAI
1981, on locally normalised pictures, so that light and colour do not matter), and the map follows the blocks that
agree among themselves. A copy then lies still everywhere; another photo of the same scene does not, because no flat
map undoes what a camera that moved has seen.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from imageguard.engine import geometry
from imageguard.engine.geometry import Doubles
from imageguard.engine.images import Floats, Pixels

STEP = 8
#: sigma of the window in which pictures are normalised and compared, pixels of the frame
WINDOW = 6.0
#: local contrast (grey levels) from which there is something to compare
FAINT = 2.5


@dataclass(frozen=True)
class Comparison:
    """Maps on a grid over the original, one value every `STEP` pixels."""

    matrix: Doubles  # original → suspect, shares of the longest sides, refined
    likeness: Floats  # -1..1, correlation of the normalised pictures
    detail: Floats  # the same for what is finest
    contrast: Floats  # the original's local contrast, grey levels
    their_contrast: Floats
    inside: Floats  # 0..1, how much of the block the suspect picture covers
    drift: Floats  # where the block would rather lie, pixels of the frame
    frame: tuple[int, int]  # (h, w)


class Pyramid:
    """A grey picture at halving sizes (by the root of two), made as they are asked for."""

    def __init__(self, picture: Pixels) -> None:
        self.longest = max(picture.shape)
        self._levels: dict[int, Pixels] = {0: picture}

    def level(self, per_pixel: float) -> tuple[Pixels, int]:
        """The level with about one pixel for one of the frame, and its longest side."""
        step = max(0, round(2 * np.log2(max(per_pixel, 1e-3))))
        if step not in self._levels:
            base = self._levels[0]
            size = tuple(max(8, round(n * 2 ** (-step / 2))) for n in base.shape[::-1])
            self._levels[step] = np.asarray(cv2.resize(base, size, interpolation=cv2.INTER_AREA), np.uint8)  # type: ignore[call-overload]
        picture = self._levels[step]
        return picture, max(picture.shape)


def compare(original: Pixels, suspect: Pyramid, matrix: Doubles) -> Comparison | None:
    """Lay `suspect` over `original` by `matrix`, refine, and say block by block what agrees."""
    longest = max(original.shape)
    jacobian_scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    per_pixel = jacobian_scale * suspect.longest / longest
    shrink = float(np.clip(per_pixel * 1.1, 0.35, 1.0))
    if shrink < 1:
        size = tuple(max(24, round(n * shrink)) for n in original.shape[::-1])
        original = np.asarray(cv2.resize(original, size, interpolation=cv2.INTER_AREA), np.uint8)  # type: ignore[call-overload]
        longest = max(original.shape)
        per_pixel = jacobian_scale * suspect.longest / longest
    level, level_longest = suspect.level(per_pixel)
    refined, hopeful = matrix, True
    if longest > 200:
        # Twice as far away the first steps cost a quarter, and reach twice as far.
        small = np.asarray(cv2.resize(original, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        refined, hopeful = _refine(small, *suspect.level(2 * per_pixel), refined, rounds=2)
    if not hopeful:
        return None
    level, level_longest = suspect.level(per_pixel)
    refined, _hopeful = _refine(original, level, level_longest, refined, rounds=2)
    return _judge(original, level, level_longest, refined)


def lay_over(original: Pixels, suspect: Pyramid, matrix: Doubles, longest: int) -> Comparison:
    """The same without refinement, at a coarser frame: for pictures that are known to lie on each other."""
    if longest < max(original.shape):
        scale = longest / max(original.shape)
        size = tuple(max(8, round(n * scale)) for n in original.shape[::-1])
        original = np.asarray(cv2.resize(original, size, interpolation=cv2.INTER_AREA), np.uint8)  # type: ignore[call-overload]
    per_pixel = np.sqrt(abs(np.linalg.det(matrix[:2, :2]))) * suspect.longest / max(original.shape)
    return _judge(original, *suspect.level(per_pixel), matrix)


def _prepared(picture: Pixels) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.float32)


def _refine(original: Pixels, level: Pixels, level_longest: int, matrix: Doubles, rounds: int) -> tuple[Doubles, bool]:
    """The map after some steps towards agreement, and whether there was any agreement to begin with."""
    ours, grid, longest = _prepared(original), _grid(original.shape), max(original.shape)
    ours_normal, contrast = _normalised(ours, np.ones_like(ours))
    some = False
    for _round in range(rounds):
        theirs, valid = _warp(level, level_longest, matrix, original.shape)
        theirs_normal, their_contrast = _normalised(theirs, valid)
        shift = _rather(ours_normal, theirs_normal, valid)
        likeness = _correlation(ours, theirs, valid)
        weight = _weight(*(_at(m, grid) for m in (likeness, contrast, their_contrast, _blur(valid))))
        if (weight > 0).sum() < 6:
            return matrix, some
        some = True
        moved = _follow(matrix, grid, _at(shift[..., 0], grid), _at(shift[..., 1], grid), weight, longest)
        if moved is None or not geometry.plausible(moved, grid / longest):
            return matrix, some
        matrix = moved
    return matrix, some


def _judge(original: Pixels, level: Pixels, level_longest: int, matrix: Doubles) -> Comparison:
    ours = _prepared(original)
    ours_normal, contrast = _normalised(ours, np.ones_like(ours))
    theirs, valid = _warp(level, level_longest, matrix, original.shape)
    theirs_normal, their_contrast = _normalised(theirs, valid)
    shift = _rather(ours_normal, theirs_normal, valid)
    grid, shape = _grid(original.shape), _grid_shape(original.shape)
    likeness, detail, contrast, their_contrast, inside, dx, dy = (
        _at(values, grid).reshape(shape)
        for values in (
            _correlation(ours, theirs, valid), _detail(ours, theirs, valid), contrast, their_contrast,
            _blur(valid), shift[..., 0], shift[..., 1],
        )
    )  # fmt: skip
    drift = np.stack([dx, dy], axis=-1)
    return Comparison(matrix, likeness, detail, contrast, their_contrast, inside, drift, original.shape[:2])


def _warp(level: Pixels, level_longest: int, matrix: Doubles, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    h, w = shape[:2]
    longest = max(h, w)
    # pixel centres: share = (pixel + 0.5) / longest
    frame = np.array([[1 / longest, 0, 0.5 / longest], [0, 1 / longest, 0.5 / longest], [0, 0, 1]])
    back = np.array([[level_longest, 0, -0.5], [0, level_longest, -0.5], [0, 0, 1.0]])
    full = back @ matrix @ frame
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    theirs = cv2.warpPerspective(level, full, (w, h), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    theirs = cv2.GaussianBlur(theirs, (0, 0), 0.8).astype(np.float32)
    full_cover = np.full(level.shape[:2], 255, np.uint8)
    valid = cv2.warpPerspective(full_cover, full, (w, h), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return theirs, (valid > 254).astype(np.float32)


def _blur(values: Floats, sigma: float = WINDOW) -> Floats:
    # Three box filters would be nearer to a Gauss; one is enough for means over a window.
    side = int(round(sigma * 3)) | 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT_101), np.float32)


def _normalised(picture: Floats, valid: Floats) -> tuple[Floats, Floats]:
    """Mean 0 and deviation 1 in every window, and the deviation itself in grey levels."""
    cover = np.maximum(_blur(valid), 1e-3)
    mean = _blur(picture * valid) / cover
    variance = _blur(picture * picture * valid) / cover - mean * mean
    deviation = np.sqrt(np.maximum(variance, 0))
    return (picture - mean) / np.sqrt(deviation**2 + 1.0), deviation


def _rather(ours: Floats, theirs: Floats, valid: Floats) -> Floats:
    """For every window the shift (x, y) in pixels that would lay theirs better on ours."""
    gx = cv2.Sobel(ours + theirs, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 16) * valid
    gy = cv2.Sobel(ours + theirs, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 16) * valid
    difference = theirs - ours
    xx, xy, yy = _blur(gx * gx), _blur(gx * gy), _blur(gy * gy)
    bx, by = _blur(gx * difference), _blur(gy * difference)
    trace, determinant = xx + yy, xx * yy - xy * xy
    damp = 0.02 * trace + 1e-4
    determinant = determinant + damp * trace + damp * damp
    dx = -((yy + damp) * bx - xy * by) / determinant
    dy = -((xx + damp) * by - xy * bx) / determinant
    return np.clip(np.stack([dx, dy], axis=-1), -3, 3).astype(np.float32)


def _correlation(ours: Floats, theirs: Floats, valid: Floats) -> Floats:
    """Pearson's correlation in every window; noise of one grey level is added, so that flat windows say nothing."""
    cover = np.maximum(_blur(valid), 1e-3)
    a, b = ours * valid, theirs * valid
    mean_a, mean_b = _blur(a) / cover, _blur(b) / cover
    together = _blur(a * theirs) / cover - mean_a * mean_b
    var_a = np.maximum(_blur(a * ours) / cover - mean_a**2, 0) + 1.0
    var_b = np.maximum(_blur(b * theirs) / cover - mean_b**2, 0) + 1.0
    return np.asarray(together / np.sqrt(var_a * var_b), np.float32)


def _detail(ours: Floats, theirs: Floats, valid: Floats) -> Floats:
    """Correlation of what is finer than some three pixels."""
    fine = [p - cv2.GaussianBlur(p, (0, 0), 1.6) for p in (ours, theirs)]
    product, a, b = _blur(fine[0] * fine[1] * valid), _blur(fine[0] ** 2 * valid), _blur(fine[1] ** 2 * valid)
    return np.asarray(product / np.sqrt((a + 0.05) * (b + 0.05)), np.float32)


def _grid_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    return max(1, shape[0] // STEP), max(1, shape[1] // STEP)


def _grid(shape: tuple[int, ...]) -> Doubles:
    rows, columns = _grid_shape(shape)
    x, y = np.meshgrid(np.arange(columns) * STEP + STEP // 2, np.arange(rows) * STEP + STEP // 2)
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)


def _at(values: Floats, grid: Doubles) -> Floats:
    x, y = grid.astype(np.intp).T
    return values[np.minimum(y, values.shape[0] - 1), np.minimum(x, values.shape[1] - 1)]


def _weight(likeness: Floats, contrast: Floats, their_contrast: Floats, inside: Floats) -> Floats:
    seen = (contrast > FAINT) & (their_contrast > 0.6 * FAINT) & (inside > 0.6)
    return np.where(seen & (likeness > 0.4), likeness**2, 0).astype(np.float32)


def _follow(matrix: Doubles, grid: Doubles, dx: Floats, dy: Floats, weight: Floats, longest: int) -> Doubles | None:
    """The map that carries the blocks where they would rather lie, outvoting those that stray."""
    used = weight > 0
    at = (grid[used] + 0.5) / longest
    to_frame = (grid[used] + 0.5 + np.stack([dx[used], dy[used]], axis=1)) / longest
    target = geometry.project(matrix, to_frame)
    w = weight[used].astype(np.float64)
    spread = float(np.prod(np.ptp(at, axis=0)))
    fitted = matrix
    for _again in range(3):
        if used.sum() >= 24 and spread > 0.06:
            fitted = geometry.perspective(at, target, w, start=fitted)
        elif used.sum() >= 6:
            fitted = geometry.affine(at, target, w)
        else:
            return None
        off = (
            np.linalg.norm(geometry.project(fitted, at) - target, axis=1)
            * longest
            / np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
        )
        typical = max(float(np.median(off)), 0.1)
        w = weight[used] / (1 + (off / (1.5 * typical)) ** 2)
    return fitted

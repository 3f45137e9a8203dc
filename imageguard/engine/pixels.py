"""Whether two pictures, laid over each other, are the same picture: block by block, to a fraction of a pixel.

The alignment by points is refined on the pixels. Every block says where it would rather lie (Lucas and Kanade, IJCAI
1981; with a gain and an offset of its own, so that light and colour do not matter), and the map follows the blocks
that agree among themselves. A copy then lies still everywhere; another photo of the same scene does not, because no
flat map undoes what a camera that moved has seen.

All sums are taken over blocks of `STEP` pixels and smoothed over three by three of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from imageguard.engine import geometry, images
from imageguard.engine.geometry import Doubles
from imageguard.engine.images import Floats, Pixels
from imageguard.engine.once import made_once

STEP = 8
#: local contrast (grey levels) from which there is something to compare
FAINT = 2.5
#: added to variances: what noise of one grey level adds
NOISE = 1.0
#: blocks that less than this is covered by the suspect are not compared
COVERED = 0.97
#: frames with a longer side, in pixels, are looked at from afar first
FAR = 160
#: unless they are as thin as this: half of it would not be a picture
THIN = 6 * STEP
#: the map is good enough when a step moves the blocks that agree by so many pixels in the mean, from afar and in the end
FAR_STILL, STILL = 0.1, 0.02
ROUNDS = 3


@dataclass(frozen=True)
class Comparison:
    """Maps over the original, one value for every block of `STEP` pixels; those that nobody asks for are not made."""

    matrix: Doubles  # original → suspect, shares of the longest sides, refined
    overlay: "_Overlay"
    inside: Floats  # 0..1, how much of the block the suspect picture covers
    from_afar: bool = False  # at half the size

    @property
    def theirs(self) -> Floats:
        """The suspect as it lies on the original, pixel by pixel, 0 in the middle of the grey levels."""
        return self.overlay.theirs

    @property
    def frame(self) -> tuple[int, int]:
        """(h, w)"""
        return self.overlay.frame.shape

    @property
    def likeness(self) -> Floats:
        """-1..1, correlation of the pictures."""
        return self.overlay.likeness

    @made_once
    def detail(self) -> Floats:
        """The same for what is finest."""
        ours, theirs = (p - cv2.GaussianBlur(p, (0, 0), 1.6) for p in (self.overlay.frame.picture, self.theirs))
        means = self.overlay.frame.means
        strength = (means(ours * ours) + 0.05) * (means(theirs * theirs) + 0.05)
        return np.asarray(means(ours * theirs) / np.sqrt(strength), np.float32)

    @made_once
    def contrast(self) -> Floats:
        """The original's local contrast, grey levels."""
        return np.sqrt(self.overlay.frame.variance)

    @made_once
    def their_contrast(self) -> Floats:
        return np.sqrt(self.overlay.variance)

    @property
    def drift(self) -> Floats:
        """(…, 2) where the block would rather lie, pixels of the frame."""
        return self.overlay.drift

    @made_once
    def brightness(self) -> Floats:
        """(…, 2) mean grey level of both, the original's and the suspect's."""
        return np.stack([self.overlay.frame.mean, self.overlay.mean], axis=-1) + np.float32(128)

    @made_once
    def grey(self) -> Floats:
        """(…, 2) the same of each block alone, without its neighbours."""
        return np.stack([_each(self.overlay.frame.picture), _each(self.theirs)], axis=-1) + np.float32(128)

    def of_these(self, blocks: NDArray[np.bool_]) -> "Comparison":
        """The same, all sums taken over these blocks alone, so that nothing of the others reaches into them."""
        frame = self.overlay.frame.of_these(blocks)
        return Comparison(self.matrix, _Overlay(frame, self.theirs), np.where(blocks, self.inside, 0), self.from_afar)


class Pyramid:
    """A grey picture at sizes falling by the root of two, made as they are asked for."""

    def __init__(self, picture: Pixels) -> None:
        self.longest = max(picture.shape)
        self._levels: dict[int, Pixels] = {0: picture}

    def level(self, per_pixel: float) -> Pixels:
        """The level with about one pixel for one of the frame, when the whole picture has `per_pixel`."""
        step = max(0, round(2 * np.log2(max(per_pixel, 1e-3))))
        if step not in self._levels:
            self._levels[step] = _resized(self._levels[0], 2 ** (-step / 2))
        return self._levels[step]


class _Frame:
    """An original ready to be compared; what depends on it alone is computed once."""

    def __init__(self, picture: Floats, longest: int, used: NDArray[np.bool_] | None = None) -> None:
        """`picture`: prepared, of whole blocks; `longest`: side of the picture with what is over; `used`: blocks over which
        sums are taken, all of them if None."""
        self.picture, self.longest, self.shape = picture, longest, (picture.shape[0], picture.shape[1])
        self._used = None if used is None else used.astype(np.float32)
        self._of_nine = None if used is None else np.maximum(_with_neighbours(used.astype(np.float32)), 1e-6)
        self.mean = self.means(picture)
        self.variance = np.maximum(self.means(picture * picture) - self.mean * self.mean, 0) + NOISE

    @classmethod
    def of(cls, picture: Pixels) -> Self:
        h, w = picture.shape[0] // STEP * STEP, picture.shape[1] // STEP * STEP
        return cls(_prepared(picture[:h, :w]), max(picture.shape))

    def of_these(self, blocks: NDArray[np.bool_]) -> "_Frame":
        return _Frame(self.picture, self.longest, blocks)

    def means(self, values: Floats) -> Floats:
        """Means over blocks, each with its neighbours."""
        if self._used is None or self._of_nine is None:
            return _with_neighbours(_each(values))
        return np.asarray(_with_neighbours(_each(values) * self._used) / self._of_nine, np.float32)

    @made_once
    def slopes(self) -> "_Slopes":
        return _Slopes(self)

    @made_once
    def grid(self) -> Doubles:
        """(n, 2) middles of the blocks, pixels."""
        rows, columns = self.mean.shape
        x, y = np.meshgrid(np.arange(columns) * STEP + STEP / 2, np.arange(rows) * STEP + STEP / 2)
        return np.stack([x.ravel(), y.ravel()], axis=1)

    @made_once
    def corners(self) -> Doubles:
        """(n, 2) corners of the blocks and of one more all around, held inside the picture, pixels."""
        (h, w), (rows, columns) = self.shape, self.mean.shape
        x, y = np.meshgrid(np.arange(-1, columns + 2) * STEP, np.arange(-1, rows + 2) * STEP)
        return np.stack([np.clip(x, 0, w).ravel(), np.clip(y, 0, h).ravel()], axis=1).astype(np.float64)


class _Slopes:
    """The slopes of a frame, and what is made of them to say where a block would rather lie."""

    def __init__(self, frame: _Frame) -> None:
        a, m = frame.picture, frame.mean
        ax, ay = (cv2.Sobel(a, cv2.CV_32F, *xy, ksize=3, scale=1 / 8) for xy in ((1, 0), (0, 1)))
        self.x, self.y = np.asarray(ax, np.float32), np.asarray(ay, np.float32)
        means = frame.means
        self.mean_x, self.mean_y = mx, my = means(self.x), means(self.y)
        # Slopes with whatever goes along with the brightness itself taken out: that is the gain's to explain.
        cx, cy = means(self.x * a) - mx * m, means(self.y * a) - my * m
        self.with_a = cx / frame.variance, cy / frame.variance
        xx = means(self.x * self.x) - mx * mx - cx * self.with_a[0]
        xy = means(self.x * self.y) - mx * my - cx * self.with_a[1]
        yy = means(self.y * self.y) - my * my - cy * self.with_a[1]
        damp = 0.02 * (xx + yy) + 0.02
        self.normal = xx + damp, xy, yy + damp


class _Overlay:
    """A suspect as it lies on a frame, block by block."""

    def __init__(self, frame: _Frame, theirs: Floats) -> None:
        self.frame, self.theirs = frame, theirs
        self.mean = frame.means(theirs)
        self.variance = np.maximum(frame.means(theirs * theirs) - self.mean * self.mean, 0) + NOISE
        self.together = frame.means(frame.picture * theirs) - frame.mean * self.mean
        self.likeness = np.asarray(self.together / np.sqrt(frame.variance * self.variance), np.float32)

    @made_once
    def drift(self) -> Floats:
        slopes, means = self.frame.slopes, self.frame.means
        bx = means(slopes.x * self.theirs) - slopes.mean_x * self.mean - slopes.with_a[0] * self.together
        by = means(slopes.y * self.theirs) - slopes.mean_y * self.mean - slopes.with_a[1] * self.together
        xx, xy, yy = slopes.normal
        gain = self.together / self.frame.variance
        scale = (xx * yy - xy * xy) * np.where(np.abs(gain) < 0.05, np.copysign(0.05, gain), gain)
        return np.clip(np.stack([(yy * bx - xy * by) / scale, (xx * by - xy * bx) / scale], axis=-1), -3, 3)


def compare(original: Pixels, suspect: Pyramid, matrix: Doubles, *, from_afar: bool = False) -> Iterator[Comparison]:
    """Lay `suspect` over `original` by `matrix`, refine, and say block by block what agrees; nothing where nothing does.

    With `from_afar` a large picture is shown at half the size first, for who need not look more closely then.
    """
    scale = geometry.scale(matrix)
    shrink = float(np.clip(scale * suspect.longest / max(original.shape) * 1.1, 0.35, 1.0))
    frame = _Frame.of(_resized(original, shrink))
    if frame.longest > FAR and min(frame.shape) >= THIN:
        # Twice as far away the first steps cost a quarter, and reach twice as far.
        far = _Frame.of(_resized(original, shrink / 2))
        level = suspect.level(scale * suspect.longest / far.longest)
        refined = _refined(far, level, matrix, FAR_STILL)
        if refined is None:
            return
        matrix = refined
        if from_afar:
            yield _compared(far, level, matrix, from_afar=True)
    level = suspect.level(scale * suspect.longest / frame.longest)
    refined = _refined(frame, level, matrix, STILL)
    if refined is not None:
        yield _compared(frame, level, refined)


def lay_over(original: Pixels, suspect: Pixels, matrix: Doubles, longest: int) -> Comparison:
    """The same without refinement, at a coarser frame: for pictures of which the one is laid over the whole of the other.

    The suspect is not made smaller but soft, so that one pixel in so many stands for those around it: a fifth of the work.
    """
    frame = _Frame.of(_resized(original, min(1.0, longest / max(original.shape))))
    scale = geometry.scale(matrix)
    side = 2 * int(scale * max(suspect.shape) / frame.longest / 2) + 1
    soft = np.asarray(cv2.blur(suspect, (side, side)), np.uint8) if side > 1 else suspect
    return Comparison(matrix, _Overlay(frame, _warped(soft, matrix, frame)), np.ones_like(frame.mean))


def _refined(frame: _Frame, level: Pixels, matrix: Doubles, still: float) -> Doubles | None:
    """The map after some steps towards agreement; None where there is no agreement to begin with."""
    for round_ in range(ROUNDS):
        inside = _inside(level, matrix, frame)
        overlay = _Overlay(frame, _warped(level, matrix, frame))
        likeness = overlay.likeness
        seen = (frame.variance > FAINT**2) & (overlay.variance > (0.6 * FAINT) ** 2) & (inside > COVERED)
        weight = np.where(seen & (likeness > 0.4), likeness**2, 0)
        # At the rim of what was covered or replaced a block sees both and strays: leave it out where others suffice.
        inner = cv2.erode(np.where(seen, likeness, 1.0).astype(np.float32), np.ones((3, 3))) > 0.4
        weight = (weight * inner if (weight * inner > 0).sum() >= 24 else weight).ravel()
        if (weight > 0).sum() < 6:
            return None if round_ == 0 else matrix
        moved = _follow(matrix, frame, overlay.drift.reshape(-1, 2), weight)
        if moved is None or not geometry.plausible(moved, frame.grid / frame.longest):
            return matrix
        at = frame.grid[weight > 0] / frame.longest
        step = np.abs(geometry.project(moved, at) - geometry.project(matrix, at)).mean()
        matrix = moved
        if step < still * geometry.scale(matrix) / frame.longest:
            break
    return matrix


def _follow(matrix: Doubles, frame: _Frame, drift: Floats, weight: Floats) -> Doubles | None:
    """The map that carries the blocks where they would rather lie, outvoting those that stray."""
    used = weight > 0
    target = geometry.project(matrix, frame.grid[used] / frame.longest)
    at = (frame.grid[used] + drift[used]) / frame.longest
    w = weight[used].astype(np.float64)
    wide = float(np.prod(np.ptp(at, axis=0))) > 0.06
    per_pixel = geometry.scale(matrix) / frame.longest
    fitted = matrix
    for _again in range(3):
        if used.sum() >= 24 and wide:
            fitted = geometry.perspective(at, target, w, start=fitted)
        elif used.sum() >= 6:
            fitted = geometry.affine(at, target, w)
        else:
            return None
        off = np.linalg.norm(geometry.project(fitted, at) - target, axis=1) / per_pixel
        w = weight[used] / (1 + (off / (1.5 * max(float(np.median(off)), 0.1))) ** 2)
    return fitted


def _compared(frame: _Frame, level: Pixels, matrix: Doubles, *, from_afar: bool = False) -> Comparison:
    return Comparison(matrix, _Overlay(frame, _warped(level, matrix, frame)), _inside(level, matrix, frame), from_afar)


def _resized(picture: Pixels, scale: float) -> Pixels:
    size = tuple(max(2 * STEP, round(n * scale)) for n in picture.shape[1::-1])
    if scale >= 1 and min(picture.shape) >= 2 * STEP:
        return picture
    size = size[0], size[1]
    return np.asarray(cv2.resize(images.halved(picture, size), size, interpolation=cv2.INTER_AREA), np.uint8)


def _prepared(picture: Pixels) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.float32) - 128


def _warped(level: Pixels, matrix: Doubles, frame: _Frame) -> Floats:
    """The suspect as it lies on the frame."""
    h, w = frame.shape
    ours, theirs = frame.longest, max(level.shape)
    # pixel centres: share = (pixel + 0.5) / longest
    to_shares = np.array([[1 / ours, 0, 0.5 / ours], [0, 1 / ours, 0.5 / ours], [0, 0, 1.0]])
    to_pixels = np.array([[theirs, 0, -0.5], [0, theirs, -0.5], [0, 0, 1.0]])
    full = to_pixels @ matrix @ to_shares
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    picture = cv2.warpPerspective(level, full, (w, h), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return _prepared(np.asarray(picture, np.uint8))


def _inside(level: Pixels, matrix: Doubles, frame: _Frame) -> Floats:
    """How much of each block, with its neighbours, the suspect covers: judged by the four corners of the nine."""
    ours, theirs = frame.longest, max(level.shape)
    there = geometry.project(matrix, frame.corners / ours) * theirs
    covered = ((there >= -0.5) & (there <= np.array(level.shape[1::-1]) + 0.5)).all(axis=1)
    corner = covered.reshape(frame.shape[0] // STEP + 3, frame.shape[1] // STEP + 3).astype(np.float32)
    return np.asarray((corner[:-3, :-3] + corner[3:, :-3] + corner[:-3, 3:] + corner[3:, 3:]) / 4, np.float32)


def _each(values: Floats) -> Floats:
    """Means over blocks."""
    size = values.shape[1] // STEP, values.shape[0] // STEP
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _with_neighbours(blocks: Floats) -> Floats:
    return np.asarray(cv2.blur(blocks, (3, 3), borderType=cv2.BORDER_REPLICATE), np.float32)

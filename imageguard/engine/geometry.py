"""Which map carries an original onto part of a suspect picture, judged by matched points.

Every match of two SIFT points is a whole hypothesis of scale, rotation and shift (fast spatial matching: Philbin et
al., CVPR 2007), so all of them are tried, without chance; the best is widened to an affine map and, where points
suffice, a perspective one. Coordinates are shares of each picture's longest side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imageguard.engine.features import Features
from imageguard.engine.images import Floats

Doubles = NDArray[np.float64]

#: two descriptors further apart than this (squared, after projection) do not show the same thing
FARTHEST = 0.55
MOST_MATCHES = 500
#: how far a point may lie from where the map puts it, in shares of the original's longest side, round by round
TOLERANCES = (0.05, 0.03, 0.016, 0.01)
POINTS_FOR_PERSPECTIVE = 12


@dataclass(frozen=True)
class Matches:
    ours: NDArray[np.intp]  # which points of the original …
    theirs: NDArray[np.intp]  # … look like which of the suspect picture
    weight: Floats  # 0..1, how clearly


@dataclass(frozen=True)
class Alignment:
    matrix: Doubles  # (3, 3) original → suspect
    inliers: Matches
    points: int  # inliers that stand apart from each other, in both pictures


def match(ours: Floats, theirs: Floats) -> Matches:
    """Points that look alike: for each of `ours` the two nearest of `theirs`, for each of `theirs` the nearest."""
    nothing = np.zeros(0, np.intp)
    if len(ours) < 3 or len(theirs) < 3:
        return Matches(nothing, nothing, np.zeros(0, np.float32))
    d = (ours**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1)[None] - 2 * ours @ theirs.T
    nearest, third = _nearest_two(d)
    nearest_back, third_back = _nearest_two(np.ascontiguousarray(d.T))
    i = np.concatenate([np.repeat(np.arange(len(ours)), 2), nearest_back[:, 0]])
    j = np.concatenate([nearest.ravel(), np.arange(len(theirs))])
    pair = np.unique(i * len(theirs) + j)
    i, j = pair // len(theirs), pair % len(theirs)
    distance = np.maximum(d[i, j], 0)
    near = distance < FARTHEST
    i, j, distance = i[near], j[near], distance[near]
    # A match is clear when the next candidates, seen from either side, are much further away.
    doubt = distance / np.maximum(np.minimum(third[i], third_back[j]), 1e-6)
    order = np.argsort(doubt, kind="stable")[:MOST_MATCHES]
    return Matches(i[order], j[order], np.clip(1.25 - doubt[order], 0.1, 1).astype(np.float32))


def _nearest_two(distance: Floats) -> tuple[NDArray[np.intp], Floats]:
    """For each row the (n, 2) columns with least distance, nearest first, and how far the third is.

    Three sweeps for the least take a tenth of the time of one partition.
    """
    left, rows = distance.copy(), np.arange(len(distance))
    nearest = np.empty((len(distance), 2), np.intp)
    for k in (0, 1):
        nearest[:, k] = np.argmin(left, axis=1)
        left[rows, nearest[:, k]] = np.inf
    return nearest, left.min(axis=1)


def align(original: Features, suspect: Features, found: Matches) -> Alignment | None:
    """The map that most matches agree on; None where no five do."""
    if len(found.ours) < 5:
        return None
    u, v = original.xy[found.ours].astype(np.float64), suspect.xy[found.theirs].astype(np.float64)
    best: Alignment | None = None
    for supporters in _similar(original, suspect, found, u, v):
        aligned = _widen(u, v, found, supporters)
        if aligned is not None and (best is None or aligned.points > best.points):
            best = aligned
        if best is not None and best.points >= 12:
            break
    return best


def _similar(original: Features, suspect: Features, found: Matches, u: Doubles, v: Doubles) -> list[NDArray[np.bool_]]:
    """The supporters of the best hypotheses, one per match tried; at most two that differ."""
    turn = suspect.angle[found.theirs] - original.angle[found.ours]
    grow = np.log(suspect.size[found.theirs] / original.size[found.ours])
    direction = np.exp(1j * turn)
    factor = np.exp(grow) * direction
    a, b = u @ [1, 1j], v @ [1, 1j]
    shift = b - factor * a
    # In units of the original, in single precision and without a root or a cosine: this is a quarter of a million pairs.
    back = np.stack([1 / factor, -shift / factor]).astype(np.complex64)[..., None]
    off = b.astype(np.complex64) * back[0] + (back[1] - a.astype(np.complex64))
    supports = off.real**2 + off.imag**2 < TOLERANCES[0] ** 2
    supports &= np.abs(grow[:, None] - grow[None]) < 0.6
    supports &= np.outer(direction.real, direction.real) + np.outer(direction.imag, direction.imag) > 0.8
    votes = supports @ found.weight
    first = int(np.argmax(votes))
    votes = np.where(supports[first], 0, votes)
    second = int(np.argmax(votes))
    return [supports[first], supports[second]] if votes[second] > 2 else [supports[first]]


def _widen(u: Doubles, v: Doubles, found: Matches, supporters: NDArray[np.bool_]) -> Alignment | None:
    inside, matrix = supporters, np.eye(3)
    for round_, tolerance in enumerate(TOLERANCES):
        if inside.sum() < 4:
            return None
        matrix = affine(u[inside], v[inside], found.weight[inside])
        if round_ >= 1 and _apart(u[inside], v[inside]) >= POINTS_FOR_PERSPECTIVE:
            matrix = perspective(u[inside], v[inside], found.weight[inside], start=matrix)
        if not plausible(matrix, u[inside]):
            return None
        off = np.linalg.norm(project(matrix, u) - v, axis=1) / scale(matrix)
        inside = off < tolerance
    points = _apart(u[inside], v[inside])
    if points < 4:
        return None
    return Alignment(matrix, Matches(found.ours[inside], found.theirs[inside], found.weight[inside]), points)


def _apart(u: Doubles, v: Doubles) -> int:
    """How many of the matches are not the same spot again: counted in cells of 1 % in both pictures."""
    ours, theirs = ((np.floor(x * 100) @ [1, 1000]) for x in (u, v))
    return min(len(np.unique(ours)), len(np.unique(theirs)))


def plausible(matrix: Doubles, at: Doubles) -> bool:
    """Whether a thief would do this: 1/12 to 6 times the size, stretched 2.2 times at most, not turned inside out."""
    if not np.isfinite(matrix).all():
        return False
    depth = at @ matrix[2, :2] + matrix[2, 2]
    if depth.min() < 0.4 * depth.max():
        return False
    middle = at.mean(axis=0)
    w = float(middle @ matrix[2, :2] + matrix[2, 2])
    jacobian = (matrix[:2, :2] - np.outer(project(matrix, middle[None])[0], matrix[2, :2])) / w
    if np.linalg.det(jacobian) <= 0:
        return False
    large, small = np.linalg.svd(jacobian, compute_uv=False)
    return bool(1 / 12 < np.sqrt(large * small) < 6 and large < 2.2 * small)


def scale(matrix: Doubles) -> float:
    """Suspect's units per unit of the original."""
    return float(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])) ** 0.5


def project(matrix: Doubles, points: Doubles) -> Doubles:
    out = points @ matrix[:2, :2].T + matrix[:2, 2]
    depth = points @ matrix[2, :2] + matrix[2, 2]
    return np.asarray(out / np.where(np.abs(depth) < 1e-9, 1e-9, depth)[:, None], np.float64)


def affine(u: Doubles, v: Doubles, weight: NDArray[np.floating]) -> Doubles:
    """Least squares, held towards a similarity where the points say too little."""
    w = np.sqrt(weight)[:, None]
    centre = (u * w**2).sum(axis=0) / (w**2).sum()
    design = np.column_stack([u - centre, np.ones(len(u))]) * w
    solution = _solved(design.T @ design, design.T @ (v * w))
    if len(u) < 6:
        a, b = (u - centre) @ [1, 1j], (v - solution[2]) @ [1, 1j]
        factor = (np.conj(a) * b * w[:, 0] ** 2).sum() / max((np.abs(a) ** 2 * w[:, 0] ** 2).sum(), 1e-12)
        solution[:2] = [[factor.real, factor.imag], [-factor.imag, factor.real]]
    matrix = np.eye(3)
    matrix[:2, :2] = solution[:2].T
    matrix[:2, 2] = solution[2] - matrix[:2, :2] @ centre
    return matrix


def perspective(u: Doubles, v: Doubles, weight: NDArray[np.floating], start: Doubles) -> Doubles:
    """Weighted least squares over eight parameters, once around from `start` (a direct linear solution)."""
    depth = u @ start[2, :2] + start[2, 2]
    w = weight / np.where(np.abs(depth) < 1e-9, 1e-9, depth) ** 2
    # The normal equations of rows (x, y, 1, 0, 0, 0, -x x', -y x') and (0, 0, 0, x, y, 1, -x y', -y y'), without the zeros.
    flat = np.column_stack([u, np.ones(len(u))])
    weighted = flat * w[:, None]
    square = (v**2).sum(axis=1) * w
    normal, target = np.zeros((8, 8)), np.zeros(8)
    normal[:3, :3] = normal[3:6, 3:6] = flat.T @ weighted
    for k in (0, 1):
        rows = slice(3 * k, 3 * k + 3)
        normal[rows, 6:] = -weighted.T @ (u * v[:, k : k + 1])
        normal[6:, rows] = normal[rows, 6:].T
        target[rows] = weighted.T @ v[:, k]
    # A little reluctance against perspective: points in one corner must not bend the rest of the picture.
    normal[6:, 6:] = (u * square[:, None]).T @ u + np.eye(2) * 0.003**2 * len(u)
    target[6:] = -square @ u
    return np.append(_solved(normal, target), 1.0).reshape(3, 3)


def _solved(normal: Doubles, target: Doubles) -> Doubles:
    """Least squares by the normal equations: of a thousand rows and eight columns a twentieth of the work of a
    decomposition, and as exact as is wanted, since everything is in shares of a side."""
    try:
        return np.asarray(np.linalg.solve(normal, target), np.float64)
    except np.linalg.LinAlgError:  # points on one line
        return np.asarray(np.linalg.lstsq(normal, target, rcond=None)[0], np.float64)

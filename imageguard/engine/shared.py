"""Area that counts as no evidence, because other originals show the same: templates, badges, a seller's floor.

A mask is a bitmap of 32 × 32 cells over the square on the longest side of an original. It is filled when originals
are registered: where a new one lies exactly on an old one, and is yet another picture, both are masked.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from imageguard.engine import geometry
from imageguard.engine.geometry import Doubles

CELLS = 32


class Mask:
    """Which cells are shared; immutable."""

    def __init__(self, cells: NDArray[np.bool_] | None = None) -> None:
        self.cells = np.zeros((CELLS, CELLS), bool) if cells is None else cells

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Empty or unreadable bytes are an empty mask."""
        if len(stored) != CELLS * CELLS // 8:
            return cls()
        return cls(np.unpackbits(np.frombuffer(stored, np.uint8)).astype(bool).reshape(CELLS, CELLS))

    def to_bytes(self) -> bytes:
        return np.packbits(self.cells).tobytes() if self.cells.any() else b""

    def __bool__(self) -> bool:
        return bool(self.cells.any())

    def __or__(self, other: "Mask") -> "Mask":
        return Mask(self.cells | other.cells)

    def covers(self, at: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(n, 2) positions in shares of the longest side → which lie in shared area."""
        column, row = np.clip((at * CELLS).astype(np.intp), 0, CELLS - 1).T
        return self.cells[row, column]

    def with_area(self, at: NDArray[np.floating]) -> "Mask":
        """Also the cells in which these (n, 2) positions lie, and their neighbours."""
        marked = np.zeros((CELLS + 2, CELLS + 2), bool)
        inside = at[((at >= 0) & (at < 1)).all(axis=1)]
        column, row = (inside * CELLS).astype(np.intp).T
        marked[row + 1, column + 1] = True
        grown = marked.copy()
        for axis in (0, 1):
            grown |= np.roll(grown, 1, axis) | np.roll(grown, -1, axis)
        return Mask(self.cells | grown[1:-1, 1:-1])


def other_side(at: Doubles, matrix: Doubles, *, mirrored: bool, width: float) -> Doubles:
    """Where positions of the original lie in the suspect as it came; `width` of the suspect in its longest sides."""
    there = geometry.project(matrix, at)
    if mirrored:
        there[:, 0] = width - there[:, 0]
    return there

"""Descriptors made small: principal components, product-quantised codes, and the words of the index.

A 128-number RootSIFT descriptor becomes 64 principal components (Ke and Sukthankar, CVPR 2004) and is stored as 32
bytes, each the nearest of 256 points in two of the dimensions (product quantisation: Jégou, Douze and Schmid, PAMI
2011). For the index a descriptor is one of 4096 words and 64 bits that say on which side of the word's centre it lies
(Hamming embedding: the same, ECCV 2008). `train.py` makes the numbers; they come with the package as `tables.npz`.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from imageguard.engine.features import MIRROR
from imageguard.engine.images import Floats, Pixels

FILE = Path(__file__).with_name("tables.npz")
DIMENSIONS, PARTS, WORDS, BITS = 64, 32, 4096, 64
#: points compared with all words at once: their distances then stay in the cache of one core
_AT_ONCE = 64


@dataclass(frozen=True)
class Tables:
    mean: Floats  # (128,)
    basis: Floats  # (128, 64)
    codebook: Floats  # (32, 256, 2)
    words: Floats  # (4096, 64)
    rotation: Floats  # (64, 64), orthogonal

    @classmethod
    def load(cls, file: Path = FILE) -> Self:
        with np.load(file) as stored:
            return cls(**{name: stored[name].astype(np.float32) for name in cls.__dataclass_fields__})

    def project(self, descriptors: Floats) -> Floats:
        """(n, 128) RootSIFT to (n, 64)."""
        return np.asarray((descriptors - self.mean) @ self.basis, np.float32)

    def mirrored(self, projected: Floats) -> Floats:
        """(n, 64) as they would be had the picture been mirrored, nearly: by way of the components that were kept."""
        return self.project((projected @ self.basis.T + self.mean)[:, MIRROR])

    def encode(self, projected: Floats) -> Pixels:
        """(n, 64) to (n, 32) bytes."""
        parts = projected.reshape(len(projected), PARTS, -1)
        codes = np.empty((len(projected), PARTS), np.uint8)
        for part in range(PARTS):
            book = self.codebook[part]
            codes[:, part] = np.argmin((book**2).sum(axis=1) - 2 * parts[:, part] @ book.T, axis=1)
        return codes

    def decode(self, codes: Pixels) -> Floats:
        """(n, 32) bytes to (n, 64)."""
        return self.codebook[np.arange(PARTS), codes].reshape(len(codes), DIMENSIONS)

    def nearest_words(self, projected: Floats, count: int = 1) -> NDArray[np.intp]:
        """(n, count) numbers of the nearest words, nearest first."""
        nearest = np.empty((len(projected), count), np.intp)
        for first in range(0, len(projected), _AT_ONCE):
            distance = projected[first : first + _AT_ONCE] @ self._toward_words
            distance += self._squares
            rows = np.arange(len(distance))
            for k in range(count):  # a few sweeps for the least are faster than one partition
                least = np.argmin(distance, axis=1)
                distance[rows, least] = np.inf
                nearest[first : first + _AT_ONCE, k] = least
        return nearest

    @cached_property
    def _toward_words(self) -> Floats:
        return np.ascontiguousarray(-2 * self.words.T)

    @cached_property
    def _squares(self) -> Floats:
        return np.asarray((self.words**2).sum(axis=1), np.float32)

    def signs(self, projected: Floats, words: NDArray[np.integer]) -> NDArray[np.uint64]:
        """On which side of the centre of its word each descriptor lies, in 64 rotated directions: (n,) bit strings."""
        side = (projected - self.words[words]) @ self.rotation > 0
        return np.packbits(side, axis=1).view(np.uint64)[:, 0]


@cache
def tables() -> Tables:
    """The numbers that come with the package."""
    return Tables.load()

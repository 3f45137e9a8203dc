"""A 256-bit hash that near-identical pictures share: PDQ (Meta, 2019), from the pdqhash package.

The hash is taken of a small square copy, which is a twentieth of the work, and never compared with anybody else's.
"""

import cv2
import numpy as np
import pdqhash
from numpy.typing import NDArray

from imageguard.engine import images
from imageguard.engine.images import Pixels

#: (4,) 64 bits each
Hash = NDArray[np.uint64]
#: (n, 4)
Hashes = NDArray[np.uint64]
SIDE = 96


def _square(picture: Pixels) -> Pixels:
    large = images.halved(picture, (2 * SIDE, 2 * SIDE))
    small = cv2.resize(large, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2RGB), np.uint8)


def perceptual_hash(picture: Pixels) -> Hash:
    bits, _quality = pdqhash.compute(_square(picture))
    return np.packbits(bits).view(np.uint64)


def eight_hashes(picture: Pixels) -> Hashes:
    """(8, 4): the hashes of the picture turned and mirrored in every way, for the price of one."""
    eight, _quality = pdqhash.compute_dihedral(_square(picture))
    return np.stack([np.packbits(bits).view(np.uint64) for bits in eight])


def distances(hashes: Hashes, asked: Hashes | Hash) -> NDArray[np.intp]:
    """(n, 4), and (n, 4) or (4,) → (n,) bits that differ."""
    return np.bitwise_count(hashes ^ asked).sum(axis=1, dtype=np.intp)

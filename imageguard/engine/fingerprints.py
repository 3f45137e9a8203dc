"""What the engine keeps of a picture: some 13 kB from which it can be found and checked without the picture.

A fingerprint holds a perceptual hash, up to `POINTS` local features and a small grey copy. It is made once, stored as
bytes beside its original, and never changes; a change of the format changes `VERSION`.
"""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imageguard.engine import distinctive, features, images
from imageguard.engine.features import Features
from imageguard.engine.hashes import Hash, perceptual_hash
from imageguard.engine.images import Floats, Pixels
from imageguard.engine.once import made_once
from imageguard.engine.tables import PARTS, WORDS, tables

VERSION = 1
POINTS = 256
#: longest side at which points are looked for, and of the grey copy, pixels
SIDE, COPY_SIDE = 448, 320
COPY_QUALITY = 45
#: 256 steps of sizes between 2⁻¹⁰ and 1 of the longest side
_SIZE_STEPS, _OCTAVES = 255, 10
_HEAD = struct.Struct("<BHHH32sI")
#: bytes of each point: position, size and angle, code, word
_EACH = 4 + 2 + PARTS + 2


class UnreadableFingerprint(ValueError):
    """These bytes are no fingerprint of a version that this engine knows."""


@dataclass(frozen=True, eq=False)
class Fingerprint:
    width: int  # of the picture in pixels, as it came
    height: int
    hash: Hash  # (4,) 256 bits
    points: NDArray[np.uint16]  # (n, 2) positions in 1/65535 of the longest side
    shape: Pixels  # (n, 2) size and angle in 256 steps
    codes: Pixels  # (n, 32) product-quantised descriptors
    words: NDArray[np.uint16]  # (n,) nearest words of the index, which take longest to find
    copy_bytes: bytes  # the small grey copy, WebP

    def to_bytes(self) -> bytes:
        head = _HEAD.pack(VERSION, self.width, self.height, len(self.points), self.hash.tobytes(), len(self.copy_bytes))
        arrays = (self.points, self.shape, self.codes, self.words)
        return b"".join((head, *(array.tobytes() for array in arrays), self.copy_bytes))

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Raises UnreadableFingerprint."""
        stored = bytes(stored)
        if len(stored) < _HEAD.size or stored[0] != VERSION:
            raise UnreadableFingerprint(f"version {stored[0] if stored else 'none'}, expected {VERSION}")
        _version, width, height, n, hash_bytes, copy_length = _HEAD.unpack_from(stored)
        at = _HEAD.size
        if len(stored) != at + n * _EACH + copy_length:
            raise UnreadableFingerprint("wrong length")
        points = np.frombuffer(stored, "<u2", 2 * n, at).reshape(n, 2)
        shape = np.frombuffer(stored, np.uint8, 2 * n, at + 4 * n).reshape(n, 2)
        codes = np.frombuffer(stored, np.uint8, PARTS * n, at + 6 * n).reshape(n, PARTS)
        words = np.frombuffer(stored, "<u2", n, at + (6 + PARTS) * n)
        if words.max(initial=0) >= WORDS:
            raise UnreadableFingerprint("unknown words")
        hash_, copy = np.frombuffer(hash_bytes, "<u8"), stored[at + n * _EACH :]
        return cls(width, height, hash_, points, shape, codes, words, copy)

    @made_once
    def copy(self) -> Pixels:
        """The small grey copy."""
        decoded = cv2.imdecode(np.frombuffer(self.copy_bytes, np.uint8), cv2.IMREAD_GRAYSCALE)
        if decoded is None:
            raise UnreadableFingerprint("no picture inside")
        return np.asarray(decoded, np.uint8)

    @made_once
    def projected(self) -> Floats:
        """(n, 64) descriptors as they were before coding, nearly."""
        return tables().decode(self.codes)

    @made_once
    def features(self) -> Features:
        """Positions, sizes and angles; the full descriptors are not kept."""
        size = 2.0 ** (self.shape[:, 0].astype(np.float32) / _SIZE_STEPS * _OCTAVES - _OCTAVES)
        angle = self.shape[:, 1].astype(np.float32) * np.float32(2 * np.pi / 256)
        nothing = np.zeros((len(self.points), 0), np.float32)
        xy = self.points.astype(np.float32) / np.float32(65535)
        return Features(xy, size.astype(np.float32), angle, nothing)


def fingerprint(image: Image.Image) -> Fingerprint:
    """Raises NotDistinctive when the picture has nothing that another could be recognised by."""
    return of_pixels(images.to_rgb(image), image.size)


def of_pixels(rgb: Pixels, size: tuple[int, int]) -> Fingerprint:
    """The same from decoded pixels; `size` is that of the picture as it came."""
    return examine(rgb, size)[0]


def examine(rgb: Pixels, size: tuple[int, int]) -> tuple[Fingerprint, Features]:
    """The fingerprint, and the points it was made of. Raises NotDistinctive."""
    picture = images.grey(rgb)
    distinctive.check_size(size, picture)
    found = features.extract(images.fit(picture, SIDE), POINTS, pool=4)
    distinctive.check(picture, found)
    octave = np.log2(np.maximum(found.size, 2.0**-_OCTAVES)) + _OCTAVES
    shape = np.stack(
        [octave / _OCTAVES * _SIZE_STEPS, np.round(found.angle % (2 * np.pi) * 256 / (2 * np.pi)) % 256], axis=1
    )
    projected = tables().project(found.descriptors)
    made = Fingerprint(
        width=min(size[0], 65535),
        height=min(size[1], 65535),
        hash=perceptual_hash(picture),
        points=np.clip(np.round(found.xy * 65535), 0, 65535).astype("<u2"),
        shape=np.clip(np.round(shape), 0, 255).astype(np.uint8),
        codes=tables().encode(projected),
        words=tables().nearest_words(projected)[:, 0].astype("<u2"),
        copy_bytes=_packed(images.fit(picture, COPY_SIDE)),
    )
    return made, found


def _packed(picture: Pixels) -> bytes:
    # Pillow and not OpenCV: of the same settings it makes as many bytes in two thirds of the time.
    with BytesIO() as packed:
        Image.fromarray(picture).save(packed, "WEBP", quality=COPY_QUALITY)
        return packed.getvalue()

"""A picture that is looked up, prepared once: its points, also mirrored, and its pixels at the sizes asked for."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from PIL import Image

from imageguard.engine import features, images, process
from imageguard.engine.features import Features
from imageguard.engine.fingerprints import Fingerprint
from imageguard.engine.images import Floats, Pixels
from imageguard.engine.index import Query
from imageguard.engine.once import made_once
from imageguard.engine.pixels import Pyramid
from imageguard.engine.tables import tables

#: a suspect may hold the original in a corner, so it is looked at more closely than an original
LOOKED_AT, POINTS = 640, 800
#: at two sizes in place of an original's three: a fifth less work, and 300 copies of development images under the 15 edits
#: that are hardest to find got the very scores that they get with three
SIZES = 2
#: and in haste, where somebody waits, half of the points of a smaller copy: half of the time, and nothing is found in a
#: small part of a collage
HASTY_LOOKED_AT, HASTY_POINTS = 448, 400
_SIZE_STEPS, _OCTAVES = 255, 10


@dataclass(frozen=True)
class View:
    """The picture as it is, or mirrored left to right."""

    features: Features
    projected: Floats  # (n, 64)
    picture: Pixels
    pyramid: Pyramid

    @made_once
    def query(self) -> Query:
        size = np.log2(np.maximum(self.features.size, 2.0**-_OCTAVES)) + _OCTAVES
        turn = np.round(self.features.angle % (2 * np.pi) * 256 / (2 * np.pi)).astype(np.int16) % 256
        return Query.of(self.projected, turn, np.round(size / _OCTAVES * _SIZE_STEPS).astype(np.int16))


class Suspect:
    """Nothing is computed before it is asked for, and nothing twice: a near-identical copy needs no points."""

    def __init__(self, pixels: Pixels, found: Features | None = None, projected: Floats | None = None) -> None:
        """`pixels`: in colour or grey; `found`: the points, where they are known; `projected`: their descriptors, where
        only those are."""
        self.pixels = pixels
        self.picture = images.grey(pixels)
        self.longest = max(pixels.shape[:2])  # of the picture as it came
        self._known = found
        self._projected = projected
        self._looked_at = (LOOKED_AT, POINTS)

    @classmethod
    def of(cls, image: "Image.Image | Fingerprint | Suspect") -> "Suspect":
        """Of a picture, or of what was stored of one; whoever has it already gets the same again."""
        if isinstance(image, Suspect):
            return image
        if isinstance(image, Fingerprint):
            return cls.of_fingerprint(image)
        made = cls(images.to_rgb(image))
        made.longest = max(image.size)
        return made

    @classmethod
    def hasty(cls, image: Image.Image) -> Self:
        """Of a picture for which somebody waits; its points are found when they are asked for."""
        made = cls(images.to_rgb(image))
        made.longest, made._looked_at = max(image.size), (HASTY_LOOKED_AT, HASTY_POINTS)
        return made

    @classmethod
    def of_fingerprint(cls, fingerprint: Fingerprint) -> Self:
        """From what was stored of an original: a third of the points, pixels of its small copy, no time to speak of."""
        return cls(fingerprint.copy, fingerprint.features, fingerprint.projected)

    @made_once
    def _found(self) -> Features:
        if self._known is not None:
            return self._known
        side, points = self._looked_at
        with process.all_cores():
            return features.extract(images.fit(self.picture, side), points, sizes=SIZES)

    @made_once
    def upright(self) -> View:
        projected = tables().project(self._found.descriptors) if self._projected is None else self._projected
        return View(self._found, projected, self.picture, Pyramid(self.picture))

    @made_once
    def mirrored(self) -> View:
        h, w = self.picture.shape
        found = features.mirrored(self._found, w / max(h, w))
        if self._projected is None:
            projected = tables().project(found.descriptors[:, features.MIRROR])
        else:
            projected = tables().mirrored(self._projected)
        picture = np.ascontiguousarray(self.picture[:, ::-1])
        return View(found, projected, picture, Pyramid(picture))

    @property
    def views(self) -> tuple[tuple[bool, View], ...]:
        return (False, self.upright), (True, self.mirrored)

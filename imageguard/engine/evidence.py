"""One original laid over one suspect picture, block by block: what of it is really to be seen there."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from imageguard.engine import pixels
from imageguard.engine.geometry import Doubles
from imageguard.engine.images import Floats, Pixels
from imageguard.engine.once import made_once
from imageguard.engine.pixels import Comparison
from imageguard.engine.shared import Mask


@dataclass(frozen=True)
class Evidence:
    points: int
    mask: Mask
    copy: Pixels  # of the original, small and grey
    comparison: Comparison

    @property
    def matrix(self) -> Doubles:
        return self.comparison.matrix

    @made_once
    def softness(self) -> Floats:
        return softness(self.copy, self.comparison.likeness.shape)

    @made_once
    def their_softness(self) -> Floats:
        return softness(self.comparison.theirs, self.comparison.likeness.shape)

    @made_once
    def grid(self) -> NDArray[np.float64]:
        """(rows, columns, 2) middles of the blocks, in shares of the original's longest side."""
        rows, columns = self.comparison.likeness.shape
        x, y = np.meshgrid(np.arange(columns), np.arange(rows))
        middle = np.stack([x, y], axis=-1) * pixels.STEP + pixels.STEP // 2 + 0.5
        return middle / max(self.comparison.frame)

    @made_once
    def shared(self) -> NDArray[np.bool_]:
        """Blocks that other originals show as well."""
        if not self.mask:
            return np.zeros(self.comparison.likeness.shape, np.bool_)
        return self.mask.covers(self.grid.reshape(-1, 2)).reshape(self.comparison.likeness.shape)

    @made_once
    def own(self) -> NDArray[np.bool_]:
        """Blocks with something in them that no other original shares."""
        return (self.comparison.contrast > pixels.FAINT) & ~self.shared


def softness(copy: Pixels | Floats, shape: tuple[int, ...]) -> Floats:
    """Which share of each block's pixels lies on a gentle slope: much in photographs, little in frames and letters.

    What is drawn in flat colours with hard edges (templates, badges, type) is everybody's; shading and texture are a
    picture's own. Where two products agree in their template mostly .10–.16 (up to .30), in copies from .16 (median .40).
    """
    values = copy.astype(np.float32)
    x, y = (cv2.Sobel(values, cv2.CV_32F, *direction, scale=1 / 8) for direction in ((1, 0), (0, 1)))
    slope = cv2.magnitude(x, y)
    gentle = ((slope > 1) & (slope < 8)).astype(np.float32)
    blocks = cv2.resize(gentle, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.blur(blocks, (3, 3), borderType=cv2.BORDER_REPLICATE), np.float32)

"""From any Pillow image to small arrays: the only place where the engine touches formats.

Everything behind this module works on 8-bit arrays of bounded size. Decoding files safely is not done here: whoever
opens the file limits size and formats first; what arrives is a Pillow image, of whatever mode and shape.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

#: an 8-bit grey (h, w) or colour (h, w, 3) picture
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: longest side that the engine ever works on: at 4:3 this is 0.8 megapixels
LONGEST = 1024
_ORIENTATION = 0x0112


def to_rgb(image: Image.Image, longest: int = LONGEST) -> Pixels:
    """The picture as 8-bit RGB with its longest side at most `longest`; transparency stands on white.

    16-bit, floating-point, palette and CMYK images are brought down to 8 bits; the EXIF orientation is applied.
    """
    if image.width < 1 or image.height < 1:
        return np.full((1, 1, 3), 255, np.uint8)
    image.draft("RGB", (longest * 2, longest * 2))  # JPEG only: decodes at a fraction of the size
    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        return _smaller(np.repeat(_eight_bits(np.asarray(image))[..., None], 3, axis=2), longest)
    if max(image.size) > 2 * longest:
        scale = 2 * longest / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        if image.mode == "P":
            image = image.convert("RGBA" if "transparency" in image.info else "RGB")
        image = image.resize(size, Image.Resampling.BOX)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, image)
    return _smaller(np.asarray(image if image.mode == "RGB" else image.convert("RGB")), longest)


def _eight_bits(values: NDArray[Any]) -> Pixels:
    """Integer pictures of more than 8 bits by their range, floating-point ones from 0..1 or 0..255."""
    clean = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    top = float(clean.max(initial=0.0))
    scale = 255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / 65535.0 if top <= 65535.0 else 255.0 / top
    return np.clip(clean * scale, 0, 255).astype(np.uint8)


def _smaller(pixels: Pixels, longest: int) -> Pixels:
    return np.ascontiguousarray(fit(pixels, longest) if max(pixels.shape[:2]) > longest else pixels)


def fit(pixels: Pixels, longest: int) -> Pixels:
    """Resized so that the longest side is `longest`, larger or smaller; never below one pixel."""
    h, w = pixels.shape[:2]
    scale = longest / max(h, w)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    if size == (w, h):
        return pixels
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(halved(pixels, size), size, interpolation=how), dtype=np.uint8)


def halved(pixels: Pixels, at_least: tuple[int, int]) -> Pixels:
    """Halved as often as it stays at least so wide and high: exact halves cost next to nothing, other shares do."""
    while (
        (h := pixels.shape[0]) % 2 == (w := pixels.shape[1]) % 2 == 0 and w >= 2 * at_least[0] and h >= 2 * at_least[1]
    ):
        pixels = np.asarray(cv2.resize(pixels, (w // 2, h // 2), interpolation=cv2.INTER_AREA), np.uint8)
    return pixels


def grey(rgb: Pixels) -> Pixels:
    return rgb if rgb.ndim == 2 else np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)

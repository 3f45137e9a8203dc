"""Covers drawn by code, and what sellers make of them: for the listings of `patrol_market.py` that show a picture.

No two covers have more in common than their layout: a painted ground, a drawing, a title and a press below it.
"""

import random
from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from benchmarks.imageguard import bannered, cropped, screen, uploaded

SIZE = (600, 800)


def cover(place: int, title: str) -> Image.Image:
    """The cover of one good, by its place in the market; the same each time."""
    rng = random.Random(f"cover {place}")
    drawn = _painted(rng)
    pen = ImageDraw.Draw(drawn, "RGBA")
    for _shape in range(rng.randrange(14, 26)):
        x, y = rng.randrange(-40, 600), rng.randrange(160, 700)
        corners = [(x + rng.randrange(-130, 130), y + rng.randrange(-130, 130)) for _n in range(rng.randrange(3, 8))]
        match rng.randrange(4):
            case 0:
                pen.polygon(corners, fill=_colour(rng, 190), outline=_colour(rng, 255))
            case 1:
                pen.ellipse((x, y, x + rng.randrange(20, 160), y + rng.randrange(20, 160)), fill=_colour(rng, 170))
            case 2:
                pen.line(corners, fill=_colour(rng, 255), width=rng.randrange(2, 9), joint="curve")
            case _:
                pen.text((x, y), rng.choice("&§¶#%@?ßÆØ"), fill=_colour(rng, 220), font_size=rng.randrange(40, 150))
    pen.rectangle((0, 30, 600, 130), fill=_colour(rng, 235))
    pen.text((40, 50), title[:22], fill="white", font_size=52, stroke_width=2, stroke_fill="black")
    pen.text((200, 745), f"PRESS {rng.randrange(100, 999)}", fill=_colour(rng, 255), font_size=28)
    return drawn


def _painted(rng: random.Random) -> Image.Image:
    """A ground of soft patches with some grain."""
    noise = np.random.default_rng(rng.randrange(2**32))
    patches = Image.fromarray(noise.integers(30, 225, (8, 6, 3), np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
    grain = noise.normal(0, 6, (SIZE[1], SIZE[0], 1))
    return Image.fromarray(np.clip(np.asarray(patches) + grain, 0, 255).astype(np.uint8))


def _colour(rng: random.Random, alpha: int) -> tuple[int, int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256), alpha


def _framed(picture: Image.Image) -> Image.Image:
    return ImageOps.expand(ImageOps.expand(picture, 30, "white"), 24, "#b01020")


#: what pirates make of a cover before they show it
EDITED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda p: p,
    "small": lambda p: p.resize((p.width // 2, p.height // 2)),
    "cropped": lambda p: cropped(p, 0.8),
    "mirrored": ImageOps.mirror,
    "recoloured": lambda p: ImageEnhance.Brightness(ImageEnhance.Color(p).enhance(0.2)).enhance(1.25),
    "framed": _framed,
    "bannered": bannered,
    "turned": lambda p: p.rotate(7, Image.Resampling.BICUBIC, expand=True, fillcolor="white"),
    "blurred": lambda p: p.filter(ImageFilter.GaussianBlur(1.5)),
    "photographed": screen,
}


def shown(picture: Image.Image, edit: str) -> bytes:
    """What lies under the address of a listing's picture."""
    held = BytesIO()
    uploaded(EDITED[edit](picture.convert("RGB")), 85).save(held, "JPEG", quality=80)
    return held.getvalue()

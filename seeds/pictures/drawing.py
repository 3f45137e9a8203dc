"""Primitives of the demo world's pictures: outlines, gradients, shading, text, noise.

Everything is drawn in a space of 1000 × 1000 units, masks at twice the final size so that edges are
smooth. Nothing here knows what a product is.
"""

import itertools
import random
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont, ImageOps

SIZE = 800
FINE = 2
UNIT = SIZE * FINE / 1000
FONT = Path(__file__).resolve().parent.parent.parent / "core" / "fonts" / "wqy-microhei.ttc"

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]


def rgb(colour: str | Colour) -> Colour:
    return ImageColor.getrgb(colour)[:3] if isinstance(colour, str) else colour  # type: ignore[return-value]


def mix(a: str | Colour, b: str | Colour, share: float) -> Colour:
    """`share` of b in a."""
    return tuple(round(x + (y - x) * share) for x, y in zip(rgb(a), rgb(b), strict=True))  # type: ignore[return-value]


def lighter(colour: str | Colour, share: float = 0.35) -> Colour:
    return mix(colour, (255, 255, 255), share)


def darker(colour: str | Colour, share: float = 0.35) -> Colour:
    return mix(colour, (0, 0, 0), share)


def luminance(colour: str | Colour) -> float:
    r, g, b = rgb(colour)
    return (0.299 * r + 0.587 * g + 0.114 * b) / 255


def ink_on(colour: str | Colour) -> Colour:
    """A colour of type that can be read on `colour`."""
    return (30, 28, 34) if luminance(colour) > 0.6 else (250, 248, 244)


@lru_cache(maxsize=128)
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), max(6, size))


def outline(path: str) -> list[list[tuple[float, float]]]:
    """The polygons of an SVG path in absolute M, L, C, Q, Z."""
    polygons: list[list[tuple[float, float]]] = []
    tokens = path.replace(",", " ").split()
    i, command = 0, "M"

    def point() -> tuple[float, float]:
        nonlocal i
        i += 2
        return float(tokens[i - 2]), float(tokens[i - 1])

    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
            if command == "Z":
                continue
        if command == "M":
            polygons.append([point()])
            command = "L"
        elif command == "L":
            polygons[-1].append(point())
        else:
            p0 = polygons[-1][-1]
            ends = [point() for _ in range(3 if command == "C" else 2)]
            if command == "Q":
                (qx, qy), (x, y) = ends
                ends = [
                    (p0[0] + (qx - p0[0]) * 2 / 3, p0[1] + (qy - p0[1]) * 2 / 3),
                    (x + (qx - x) * 2 / 3, y + (qy - y) * 2 / 3),
                    (x, y),
                ]
            (x1, y1), (x2, y2), (x3, y3) = ends
            for step in range(1, 19):
                t = step / 18
                u = 1 - t
                polygons[-1].append(
                    (
                        u**3 * p0[0] + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x3,
                        u**3 * p0[1] + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y3,
                    )
                )
    return polygons


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None) -> str:
    """The path of an ellipse."""
    ry = rx if ry is None else ry
    k, m = 0.5523 * rx, 0.5523 * ry
    return (
        f"M {cx - rx} {cy} C {cx - rx} {cy - m} {cx - k} {cy - ry} {cx} {cy - ry} "
        f"C {cx + k} {cy - ry} {cx + rx} {cy - m} {cx + rx} {cy} "
        f"C {cx + rx} {cy + m} {cx + k} {cy + ry} {cx} {cy + ry} "
        f"C {cx - k} {cy + ry} {cx - rx} {cy + m} {cx - rx} {cy} Z"
    )


def rect(x0: float, y0: float, x1: float, y1: float, r: float = 0) -> str:
    """The path of a rectangle with rounded corners."""
    if r <= 0:
        return f"M {x0} {y0} L {x1} {y0} L {x1} {y1} L {x0} {y1} Z"
    return (
        f"M {x0 + r} {y0} L {x1 - r} {y0} Q {x1} {y0} {x1} {y0 + r} L {x1} {y1 - r} Q {x1} {y1} {x1 - r} {y1} "
        f"L {x0 + r} {y1} Q {x0} {y1} {x0} {y1 - r} L {x0} {y0 + r} Q {x0} {y0} {x0 + r} {y0} Z"
    )


@lru_cache(maxsize=8)
def _ramp(direction: str) -> Image.Image:
    down = Image.linear_gradient("L")
    across = down.transpose(Image.Transpose.ROTATE_90)
    match direction:
        case "down":
            return down
        case "across":
            return across
        case "diagonal":
            return Image.blend(down, across, 0.5)
        case "cylinder":  # light from the left third, dark at both sides
            curve = [min(255, int(255 * abs((x / 255) - 0.34) * 1.5)) for x in range(256)]
            return across.point(curve)
        case "radial":
            return Image.radial_gradient("L")
    raise KeyError(direction)


def gradient(size: tuple[int, int], start: str | Colour, end: str | Colour, direction: str = "down") -> Image.Image:
    """A gradient of `size` from one colour to another: down, across, diagonal, cylinder or radial."""
    ramp = _ramp(direction).resize((max(1, size[0]), max(1, size[1])), Image.Resampling.BILINEAR)
    return ImageOps.colorize(ramp, rgb(start), rgb(end))


@lru_cache(maxsize=8)
def grain(seed: int = 1, side: int = SIZE) -> Image.Image:
    """A sheet of grey noise around 128, the same for the same seed."""
    small = Image.frombytes("L", (side, side), random.Random(seed).randbytes(side * side))
    return small.point([112 + v // 8 for v in range(256)])


def text_mask(text: str, size: float, *, bold: float = 0, spacing: float = 0, slant: float = 0) -> Image.Image:
    """Text as a mask that fits it; `size` in final pixels."""
    face = font(round(size * FINE))
    stroke = round(bold * FINE)
    gaps = spacing * FINE
    if spacing:
        widths = [face.getlength(c) + gaps for c in text]
        width = int(sum(widths)) + 4 * stroke + 8
    else:
        width = int(face.getlength(text)) + 4 * stroke + 8
    height = int(size * FINE * 1.35) + 2 * stroke
    mask = Image.new("L", (max(2, width), max(2, height)))
    draw = ImageDraw.Draw(mask)
    if spacing:
        x = float(stroke + 2)
        for c, w in zip(text, widths, strict=True):
            draw.text((x, stroke), c, 255, font=face, stroke_width=stroke)
            x += w
    else:
        draw.text((stroke + 2, stroke), text, 255, font=face, stroke_width=stroke)
    if slant:
        shift = slant * height
        mask = mask.transform(
            (width + int(abs(shift)), height), Image.Transform.AFFINE, (1, slant, -max(0.0, shift), 0, 1, 0),
            Image.Resampling.BILINEAR,
        )  # fmt: skip
    mask = mask.reduce(FINE)
    return mask.crop(mask.getbbox() or (0, 0, 1, 1))


class Art:
    """A picture on which parts are laid one over the other: transparent, or on an opaque `base`."""

    def __init__(self, base: Image.Image | None = None) -> None:
        self.image = base.convert("RGB").copy() if base is not None else Image.new("RGBA", (SIZE, SIZE))

    def mask(self, path: str) -> tuple[Box, Image.Image] | None:
        """The bounding box of a path, in pixels, and its smooth mask."""
        polygons = outline(path)
        xs = [x * UNIT / FINE for p in polygons for x, _ in p]
        ys = [y * UNIT / FINE for p in polygons for _, y in p]
        w, h = self.image.size
        box = (max(0, int(min(xs)) - 1), max(0, int(min(ys)) - 1), min(w, int(max(xs)) + 2), min(h, int(max(ys)) + 2))
        if box[2] <= box[0] or box[3] <= box[1]:
            return None
        fine = Image.new("L", ((box[2] - box[0]) * FINE, (box[3] - box[1]) * FINE))
        draw = ImageDraw.Draw(fine)
        for polygon in polygons:
            draw.polygon([(x * UNIT - box[0] * FINE, y * UNIT - box[1] * FINE) for x, y in polygon], fill=255)
        return box, fine.reduce(FINE)

    def part(
        self,
        path: str,
        fill: str | Colour,
        to: str | Colour | None = None,
        *,
        direction: str = "down",
        edge: float = 0.0,
        soft: int = 14,
        alpha: float = 1.0,
        blur: float = 0,
        texture: float = 0,
    ) -> "Art":
        """One part: outline, fill (or gradient), darkened `edge` that makes it look round, grain."""
        found = self.mask(path)
        if found is None:
            return self
        box, mask = found
        size = mask.size
        colour = gradient(size, fill, to, direction) if to is not None else Image.new("RGB", size, rgb(fill))
        if texture:
            sheet = grain(7).crop((0, 0, min(size[0], SIZE), min(size[1], SIZE))).resize(size)
            colour = Image.blend(colour, ImageChops.overlay(colour, Image.merge("RGB", [sheet] * 3)), texture)
        if edge:
            inner = ImageOps.invert(ImageOps.expand(mask, soft, 0).filter(ImageFilter.BoxBlur(soft * 0.7)))
            inner = inner.crop((soft, soft, soft + size[0], soft + size[1])).point(lambda v: int(v * edge))
            colour.paste((12, 8, 20), (0, 0), inner)
        if blur:
            pad = int(blur * 2)
            mask = softened(ImageOps.expand(mask, pad, 0), blur)
            colour = ImageOps.expand(colour, pad, rgb(fill))
            box = (box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad)
        if alpha < 1:
            mask = mask.point(lambda v: int(v * alpha))
        self.lay(colour, (box[0], box[1]), mask)
        return self

    def lay(self, colour: Image.Image, at: tuple[int, int], mask: Image.Image) -> None:
        """Composite a picture over this one, keeping its transparency right."""
        if self.image.mode == "RGB":
            self.image.paste(colour, at, mask)
            return
        layer = colour.convert("RGBA")
        layer.putalpha(mask)
        x, y = at
        source = (max(0, -x), max(0, -y))
        if source[0] < layer.width and source[1] < layer.height and x < self.image.width and y < self.image.height:
            self.image.alpha_composite(layer, (max(0, x), max(0, y)), source)

    def line(self, path: str, colour: str | Colour, width: float, *, dash: float = 0, alpha: float = 1.0) -> "Art":
        """A stroke along a path; `dash` makes it a seam."""
        w, h = self.image.size
        fine = Image.new("L", (w * FINE, h * FINE))
        draw = ImageDraw.Draw(fine)
        px = max(1, round(width * UNIT))
        for polygon in outline(path):
            points = [(x * UNIT, y * UNIT) for x, y in polygon]
            if dash:
                points = _resample(points, dash * UNIT)
                for a, b in zip(points[::2], points[1::2], strict=False):
                    draw.line([a, b], fill=255, width=px)
            else:
                draw.line(points, fill=255, width=px, joint="curve")
                for x, y in (points[0], points[-1]):
                    draw.ellipse((x - px / 2, y - px / 2, x + px / 2, y + px / 2), fill=255)
        box = fine.getbbox()
        if box is None:
            return self
        box = (box[0] // FINE * FINE, box[1] // FINE * FINE, -(-box[2] // FINE) * FINE, -(-box[3] // FINE) * FINE)
        mask = fine.crop(box).reduce(FINE)
        if alpha < 1:
            mask = mask.point(lambda v: int(v * alpha))
        self.lay(Image.new("RGB", mask.size, rgb(colour)), (box[0] // FINE, box[1] // FINE), mask)
        return self

    def text(
        self,
        text: str,
        centre: tuple[float, float],
        size: float,
        colour: str | Colour,
        *,
        bold: float = 0,
        spacing: float = 0,
        slant: float = 0,
        turn: float = 0,
        alpha: float = 1.0,
        anchor: str = "m",
        fit: float = 0,
    ) -> "Art":
        """Text at a point (units); anchor l, m or r; `fit` shrinks it to at most that many units wide."""
        mask = text_mask(text, size * SIZE / 1000, bold=bold, spacing=spacing, slant=slant)
        limit = fit * SIZE / 1000
        if fit and mask.width > limit:
            mask = mask.resize((int(limit), max(1, int(mask.height * limit / mask.width))), Image.Resampling.LANCZOS)
        if turn:
            mask = mask.rotate(turn, Image.Resampling.BICUBIC, expand=True)
        if alpha < 1:
            mask = mask.point(lambda v: int(v * alpha))
        x, y = centre[0] * SIZE / 1000, centre[1] * SIZE / 1000
        left = x if anchor == "l" else x - mask.width if anchor == "r" else x - mask.width / 2
        self.lay(Image.new("RGB", mask.size, rgb(colour)), (round(left), round(y - mask.height / 2)), mask)
        return self


def _resample(points: list[tuple[float, float]], step: float) -> list[tuple[float, float]]:
    out, rest = [points[0]], step
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        done = 0.0
        while length - done >= rest:
            done += rest
            out.append((x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length))
            rest = step
        rest -= length - done
    return out


def softened(mask: Image.Image, blur: float) -> Image.Image:
    """A mask or picture, blurred; what is very soft is blurred small, where it costs a sixteenth."""
    if blur < 6:
        return mask.filter(ImageFilter.GaussianBlur(blur))
    small = mask.reduce(4).filter(ImageFilter.GaussianBlur(blur / 4))
    return small.resize(mask.size, Image.Resampling.BILINEAR)


def put(
    picture: Image.Image,
    sprite: Image.Image,
    at: tuple[int, int],
    *,
    blur: float = 16,
    strength: float = 0.4,
    shift: tuple[int, int] = (0, 0),
) -> None:
    """Lay a transparent sprite on an opaque picture, over its own soft shadow moved by `shift`."""
    pad = int(blur * 2.5) // 4 * 4
    small = ImageOps.expand(sprite.getchannel("A").reduce(4), pad // 4, 0).filter(ImageFilter.GaussianBlur(blur / 4))
    small = small.point([int(v * strength) for v in range(256)])
    shadow = small.resize((small.width * 4, small.height * 4), Image.Resampling.BILINEAR)
    picture.paste((18, 12, 30), (at[0] - pad + shift[0], at[1] - pad + shift[1]), shadow)
    picture.paste(sprite, at, sprite)

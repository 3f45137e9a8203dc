"""Pictures as a shop shows them: an article on a ground, with price flags and Chinese words on them.

Each is drawn from a `Shot`; two shots that differ in anything give two different pictures.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops

from seeds.pictures.drawing import (
    SIZE,
    Art,
    Colour,
    darker,
    ellipse,
    gradient,
    grain,
    ink_on,
    lighter,
    mix,
    put,
    rect,
    softened,
)
from seeds.pictures.marks import figure
from seeds.pictures.products import Look, sprite

GROUNDS = ("studio", "podium", "table", "window", "festival", "marble", "duo", "shelf", "sky", "phone")


@dataclass(frozen=True)
class Shot:
    """One picture of one article: what, on which ground, seen how, with which words on it."""

    family: str
    look: Look
    ground: str = "studio"
    hue: str = "#dfe7ef"
    seed: int = 0
    price: str = ""
    flag: str = ""
    ribbon: str = ""
    count: int = 1
    zoom: float = 1.0


@lru_cache(maxsize=48)
def ground(kind: str, hue: str) -> Image.Image:
    """What stands behind and under an article."""
    pale, deep = lighter(hue, 0.55), darker(hue, 0.18)
    art = Art(base=gradient((SIZE, SIZE), pale, mix(hue, deep, 0.4), "radial"))
    match kind:
        case "podium":
            art.part(rect(0, 760, 1000, 1000), mix(hue, deep, 0.5), deep)
            art.part(
                "M 120 820 L 120 890 C 120 970 880 970 880 890 L 880 820 Z",
                lighter(hue, 0.35),
                darker(hue, 0.22),
                direction="cylinder",
            )
            art.part(ellipse(500, 820, 380, 78), lighter(hue, 0.7), lighter(hue, 0.3), direction="diagonal")
            art.part(ellipse(500, 430, 360), lighter(hue, 0.75), lighter(hue, 0.2), alpha=0.6)
        case "table":
            art.image.paste(gradient((SIZE, 560), lighter(hue, 0.6), lighter(hue, 0.2)), (0, 0))
            art.part(rect(0, 690, 1000, 1000), "#d9b48a", "#a97b4f", texture=0.6)
            rng = random.Random(hue)
            for _ in range(26):
                y = rng.randrange(700, 995)
                art.line(f"M {rng.randrange(-100, 400)} {y} C 300 {y - 8} 600 {y + 10} {rng.randrange(600, 1100)} {y}", "#7d552f", rng.choice([1.5, 2, 3]), alpha=0.2)  # fmt: skip
            art.part(ellipse(160, 560, 120, 130), "#7a9c74", "#4d6d4b", alpha=0.35, blur=18)
        case "window":
            art.image.paste(gradient((SIZE, SIZE), lighter(hue, 0.65), mix(hue, "#c9b8a4", 0.3), "diagonal"))
            for x in (60, 300, 540):
                art.part(
                    f"M {x} -40 L {x + 180} -40 L {x + 480} 1040 L {x + 300} 1040 Z", "#ffffff", alpha=0.32, blur=12
                )
            art.part(rect(0, 800, 1000, 1000), lighter(hue, 0.35), mix(hue, deep, 0.4), alpha=0.75)
            for i in range(6):
                art.part(
                    figure("leaf", 60 + i * 50, 60 + (i % 3) * 70, 240, mirrored=i % 2 == 0), deep, alpha=0.1, blur=9
                )
        case "festival":
            art.image.paste(gradient((SIZE, SIZE), "#ff5a4f", "#b3122b", "radial"))
            rng = random.Random(hue)
            for _ in range(60):
                x, y = rng.randrange(0, 1000), rng.randrange(0, 620)
                art.part(
                    figure("knot", x, y, rng.randrange(8, 34)),
                    rng.choice(["#ffd76a", "#ffe9b0", "#ff9a6a", "#ffffff"]),
                    alpha=0.7,
                )
            art.part(ellipse(500, 470, 370), "#fff1c9", "#ff8f5a", direction="radial", alpha=0.85)
            art.part("M 0 800 C 200 740 800 740 1000 800 L 1000 1000 L 0 1000 Z", "#d01f34", "#8e0c20")
        case "marble":
            art.image.paste(gradient((SIZE, SIZE), "#fbfaf8", "#dfdedd", "diagonal"))
            rng = random.Random(hue)
            for _ in range(9):
                x, y = rng.randrange(-100, 1000), rng.randrange(-100, 900)
                art.line(f"M {x} {y} C {x + 160} {y + 40} {x + 120} {y + 260} {x + 420} {y + 330}", "#9d9aa0", rng.choice([3, 6, 10]), alpha=0.16)  # fmt: skip
            art.image = softened(art.image, 2)
        case "duo":
            art.image.paste(gradient((SIZE, SIZE), lighter(hue, 0.4), hue, "diagonal"))
            art.part("M 0 1000 L 0 620 C 300 480 640 900 1000 560 L 1000 1000 Z", lighter(hue, 0.7), lighter(hue, 0.4))
            art.part(ellipse(780, 190, 130), "#ffffff", alpha=0.25)
            art.part(ellipse(170, 260, 70), "#ffffff", alpha=0.2)
        case "shelf":
            art.image.paste(gradient((SIZE, SIZE), "#efe9e1", "#cbbfb0"))
            for y in (270, 560, 850):
                for i in range(9):
                    h = 110 + (i * 37 + y) % 90
                    art.part(
                        rect(20 + i * 110, y - h, 106 + i * 110, y, 8),
                        mix(hue, "#8a6f5a", (i * 29 % 10) / 10),
                        alpha=0.55,
                    )
                art.part(rect(0, y, 1000, y + 26), "#a07f5d", "#6f5439")
            art.image = softened(art.image, 7)
            art.part(rect(0, 800, 1000, 1000), "#c49a6c", "#8d673f", texture=0.6)
        case "sky":
            art.image.paste(gradient((SIZE, SIZE), mix("#6fb6f2", hue, 0.3), "#f5fbff"))
            for x, y, r in (
                (150, 200, 80),
                (230, 180, 100),
                (320, 215, 76),
                (720, 330, 70),
                (800, 310, 96),
                (880, 340, 70),
            ):
                art.part(ellipse(x, y, r, r * 0.7), "#ffffff", alpha=0.75, blur=14)
            art.part("M 0 820 C 300 760 700 760 1000 820 L 1000 1000 L 0 1000 Z", "#9ccf7a", "#5f9a48")
        case "phone":  # a seller's own photograph, on a bed sheet under a lamp
            art.image.paste(gradient((SIZE, SIZE), mix("#d8cfc4", hue, 0.25), mix("#8f877c", hue, 0.2), "diagonal"))
            for i in range(7):
                art.line(
                    f"M {i * 160 - 120} -20 C {i * 150} 300 {i * 170 - 160} 700 {i * 150 + 60} 1020",
                    "#ffffff",
                    40,
                    alpha=0.08,
                )
                art.line(
                    f"M {i * 160 - 60} -20 C {i * 150 + 60} 300 {i * 170 - 100} 700 {i * 150 + 120} 1020",
                    "#5d5348",
                    26,
                    alpha=0.1,
                )
            art.image = softened(art.image, 9)
            art.part(ellipse(250, 160, 300, 220), "#fff6da", alpha=0.35, blur=50)
        case _:
            art.part(rect(0, 720, 1000, 1000), mix(hue, deep, 0.35), lighter(hue, 0.35))
            art.part(rect(0, 640, 1000, 800), mix(hue, lighter(hue, 0.3), 0.5), alpha=0.6, blur=26)
    picture = art.image.convert("RGB")
    return Image.blend(picture, ImageChops.overlay(picture, Image.merge("RGB", [grain(3)] * 3)), 0.35)


def price_flag(art: Art, price: str, *, colour: str | Colour = "#e3172e", word: str = "到手价") -> None:
    width = 300 + 50 * len(price)
    art.part(
        f"M 0 860 L {width - 60} 860 L {width} 1000 L 0 1000 Z",
        lighter(colour, 0.12),
        darker(colour, 0.15),
        direction="across",
    )
    art.text(word, (34, 930), 44, "#ffffff", anchor="l", bold=0.4)
    art.text("¥", (188, 944), 46, "#fff2a8", anchor="l", bold=0.6)
    art.text(price, (228, 932), 84, "#fff2a8", anchor="l", bold=1.4)


def corner_flag(art: Art, words: str, *, colour: str | Colour = "#e3172e") -> None:
    width = 60 + 48 * len(words)
    art.part(
        f"M 0 0 L {width} 0 L {width - 34} 84 L 0 84 Z", lighter(colour, 0.18), darker(colour, 0.12), direction="across"
    )
    art.text(words, (24, 42), 44, ink_on(colour), anchor="l", bold=0.5)


def _ribbon(art: Art, words: str, hue: str) -> None:
    art.part(rect(0, 0, 1000, 104), "#fff4d8", "#ffd98a", direction="across")
    art.text(words, (500, 54), 56, darker(mix("#b3122b", hue, 0.1), 0.1), bold=0.9, spacing=3, fit=940)


def product(shot: Shot) -> Image.Image:
    """The picture of an article, 800 × 800."""
    rng = random.Random(f"{shot.family}{shot.seed}{shot.look.seed}")
    art = Art(base=ground(shot.ground, shot.hue))
    article = sprite(shot.family, shot.look)
    places = {
        1: [(0.5, 0.0, 1.0)],
        2: [(0.34, -0.03, 0.78), (0.66, 0.03, 0.82)],
        3: [(0.25, -0.05, 0.6), (0.75, -0.05, 0.6), (0.5, 0.04, 0.76)],
    }[min(3, shot.count)]
    for x, dy, scale in places:
        scale *= shot.zoom * rng.uniform(0.84, 0.97)
        # What stands on something stands upright; what lies or hangs is seen at an angle.
        turn = rng.choice([0, 0, 0, rng.uniform(-7, 7)])
        if shot.ground in ("phone", "marble", "window"):
            turn = rng.choice([rng.uniform(-24, -8), rng.uniform(8, 24), rng.uniform(-6, 6)])
        limit = (620 if shot.family in ("book", "jar", "perfume") else 690) * scale
        factor = min(limit / article.width, limit * 1.02 / article.height)
        one = article.resize((max(1, int(article.width * factor)), max(1, int(article.height * factor))), Image.Resampling.BILINEAR, reducing_gap=2.0)  # fmt: skip
        if abs(turn) > 1:
            one = one.rotate(turn, Image.Resampling.BILINEAR, expand=True)
        cx = int(SIZE * x + rng.uniform(-22, 22))
        floor = SIZE * (0.86 + dy) if shot.ground not in ("phone", "marble") else SIZE * (0.5 + dy) + one.height / 2
        one = one.convert("RGBA")
        top = int(floor - one.height + rng.uniform(-8, 8))
        left = cx - one.width // 2
        shift = (rng.choice([-16, 16]), 22)
        if shot.ground not in ("phone", "marble", "window"):
            y = min(990, (top + one.height - 8) * 1000 / SIZE)
            art.part(ellipse(cx * 1000 / SIZE, y, one.width * 0.55, 26), "#14101c", alpha=0.38, blur=9)
        put(art.image, one, (left, top), blur=22, strength=0.42, shift=shift)
    if shot.ribbon:
        _ribbon(art, shot.ribbon, shot.hue)
    elif shot.flag:
        corner_flag(art, shot.flag, colour=rng.choice(["#e3172e", "#ff5b1f", "#16151c", "#0a7a55", "#7a35c9"]))
    if shot.price:
        price_flag(art, shot.price, word=rng.choice(["到手价", "券后价", "活动价", "直播价"]))
    return art.image.convert("RGB")


def video_cover(shot: Shot, *, title: str, length: str) -> Image.Image:
    """The first frame of a short video: the article, a title in large type, a play button."""
    art = Art(base=product(shot))
    art.part(rect(0, 560, 1000, 1000), "#000000", alpha=0.35, blur=40)
    half = (len(title) + 1) // 2 if len(title) > 9 else len(title)
    for i, row in enumerate([title[:half], title[half:]]):
        if row:
            art.text(row, (504, 156 + i * 108), 92, "#1b1024", bold=5, fit=900)
            art.text(row, (500, 150 + i * 108), 92, ("#ffffff", "#ffe14d")[i], bold=2.2, fit=896)
    art.part(ellipse(500, 520, 92), "#000000", alpha=0.45)
    art.part("M 470 468 L 560 520 L 470 572 Z", "#ffffff", alpha=0.95)
    art.part(rect(834, 916, 966, 972, 16), "#000000", alpha=0.6)
    art.text(length, (900, 944), 38, "#ffffff")
    for i in range(3):
        art.part(ellipse(920, 560 + i * 110, 34), "#ffffff", alpha=0.85)
        art.part(figure(("petal", "bird", "swift")[i], 920, 560 + i * 110, 36), "#e3325a")
    return art.image.convert("RGB")


def livestream_cover(shots: Sequence[Shot], *, host: str, watching: str, colour: str) -> Image.Image:
    """A livestream room: a host behind a counter with articles, banner and viewers."""
    art = Art(base=gradient((SIZE, SIZE), lighter(colour, 0.45), darker(colour, 0.3), "radial"))
    for i in range(7):
        art.part(ellipse(90 + i * 140, 150 + (i % 2) * 60, 60), "#ffffff", alpha=0.12, blur=8)
    art.part(rect(120, 130, 880, 300, 26), lighter(colour, 0.2), darker(colour, 0.2), edge=0.2)
    art.text(host + "的直播间", (500, 215), 76, ink_on(colour), bold=1.6, fit=700)
    rng = random.Random(host)
    skin = rng.choice(["#f3d0b4", "#f0c8a8", "#e6b590", "#d9a67e"])
    hair = rng.choice(["#2b2028", "#4a2f22", "#171a24", "#6b4430", "#8c3b3b"])
    long = rng.random() < 0.65
    art.part(
        "M 300 1000 C 300 740 380 690 500 690 C 620 690 700 740 700 1000 Z",
        mix(colour, "#ffffff", 0.75),
        mix(colour, "#ffffff", 0.35),
        edge=0.3,
    )
    art.part(rect(452, 600, 548, 720, 40), darker(skin, 0.12))
    if long:
        art.part(
            "M 352 600 C 320 380 420 330 500 330 C 580 330 680 380 648 600 C 660 690 610 700 600 640 L 400 640 C 390 700 340 690 352 600 Z",
            hair,
            darker(hair, 0.3),
        )
    else:
        art.part(
            "M 372 520 C 350 400 420 352 500 352 C 580 352 650 400 628 520 C 640 560 610 560 604 520 L 396 520 C 390 560 360 560 372 520 Z",
            hair,
            darker(hair, 0.3),
        )
    art.part(ellipse(500, 520, 112, 134), lighter(skin, 0.1), darker(skin, 0.06), edge=0.12)
    art.part(
        "M 384 500 C 380 400 440 380 500 380 C 560 380 620 400 616 500 C 590 440 560 430 500 432 C 440 430 410 440 384 500 Z",
        hair,
    )
    for x in (456, 544):
        art.part(ellipse(x, 524, 11, 13), "#32242a")
        art.part(ellipse(x - 8, 566, 22, 13), "#f29d92", alpha=0.5, blur=3)
        art.line(f"M {x - 20} 494 C {x - 6} 486 {x + 8} 486 {x + 20} 494", hair, 5)
    if rng.random() < 0.4:
        for x in (456, 544):
            art.line(ellipse(x, 524, 34, 30), "#33313a", 4)
        art.line("M 490 520 L 510 520", "#33313a", 4)
    art.part("M 464 592 C 484 620 516 620 536 592 C 520 600 480 600 464 592 Z", "#c8445a")
    art.part(rect(0, 830, 1000, 1000), lighter(colour, 0.65), lighter(colour, 0.2))
    for i, shot in enumerate(shots[:3]):
        one = sprite(shot.family, shot.look).copy()
        one.thumbnail((230, 250), Image.Resampling.BILINEAR, reducing_gap=2.0)
        one = one.convert("RGBA")
        x = (130, 670, 400)[i] - one.width // 2
        y = (690, 690, 770)[i] - one.height
        put(art.image, one, (x, y), blur=12, shift=(6, 12))
    art.part(rect(30, 30, 214, 92, 30), "#ff2f55", "#ff5f3c", direction="across")
    art.text("● 直播中", (122, 61), 36, "#ffffff", bold=0.5)
    art.part(rect(226, 30, 470, 92, 30), "#000000", alpha=0.4)
    art.text(watching + " 观看", (348, 61), 34, "#ffffff")
    for i, words in enumerate(("这款还有货吗？", "已拍，求快发")):
        art.part(rect(30, 905 + i * 44 - 18, 60 + len(words) * 32, 905 + i * 44 + 20, 18), "#000000", alpha=0.28)
        art.text(words, (46, 905 + i * 44), 28, "#ffffff", anchor="l")
    return art.image.convert("RGB")


def avatar(*, name: str, sign: str, colour: str, seed: int = 0) -> Image.Image:
    """A shop's round sign on a square, 400 × 400."""
    art = Art(base=gradient((SIZE, SIZE), lighter(colour, 0.3), darker(colour, 0.35), "diagonal"))
    ink = ink_on(mix(colour, "#000000", 0.1))
    match seed % 3:
        case 0:
            art.part(figure(sign, 500, 400, 420), ink, alpha=0.95)
            art.text(name[:4], (500, 780), 150, ink, bold=2, fit=800)
        case 1:
            art.part(ellipse(500, 500, 420), ink, alpha=0.12)
            rows = [name[:2], name[2:4]]
            for i, row in enumerate(rows):
                art.text(row, (500, 360 + i * 300), 270, ink, bold=4, fit=700)
        case _:
            art.part(ellipse(500, 500, 400), ink)
            art.part(figure(sign, 500, 500, 460), darker(colour, 0.1))
    return art.image.convert("RGB").resize((400, 400), Image.Resampling.LANCZOS)


def jpeg(picture: Image.Image, quality: int = 84) -> bytes:
    out = BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality, optimize=False, subsampling=2)
    return out.getvalue()

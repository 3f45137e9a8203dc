"""The goods of the demo world, drawn part by part: one function for each family.

A function takes a `Look` and returns a transparent sprite; the scene around it is made in `scenes.py`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

from PIL import Image

from seeds.pictures.drawing import SIZE, Art, darker, ellipse, ink_on, lighter, luminance, mix, outline, rect
from seeds.pictures.marks import FIGURES, figure


@dataclass(frozen=True)
class Look:
    """How one article looks: two colours, the brand's word and sign, and a seed for the details."""

    main: str
    accent: str
    word: str = ""
    sign: str = "star"
    second: str = ""
    seed: int = 0
    mirrored: bool = False


def _sign(art: Art, look: Look, x: float, y: float, size: float, colour: object, **kw: object) -> None:
    art.part(figure(look.sign, x, y, size, mirrored=look.mirrored), colour, **kw)  # type: ignore[arg-type]


def sneaker(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    sole = "#f6f3ec" if luminance(m) < 0.85 else "#e3e0da"
    art.part("M 96 742 C 92 690 104 668 130 664 L 870 690 C 912 700 922 730 906 764 C 892 790 860 792 820 792 L 160 790 C 116 790 100 776 96 742 Z", sole, darker(sole, 0.18), edge=0.35)  # fmt: skip
    art.part("M 108 770 L 898 776 C 886 800 860 806 820 806 L 170 806 C 128 806 112 792 108 770 Z", darker(a, 0.1), darker(a, 0.45), edge=0.3)  # fmt: skip
    for x in range(180, 860, 46):
        art.part(rect(x, 786, x + 22, 812, 5), darker(a, 0.55))
    upper = (
        "M 130 690 C 104 600 112 480 140 380 C 150 346 190 330 214 352 C 250 400 320 410 372 372 C 392 354 420 356 436 376 "
        "C 500 452 580 508 690 540 C 800 566 880 600 892 694 C 700 716 380 716 130 690 Z"
    )
    art.part(upper, lighter(m, 0.22), darker(m, 0.22), direction="diagonal", edge=0.5, soft=22, texture=0.5)
    art.part("M 150 400 C 158 362 190 346 212 364 C 244 406 320 420 378 384 C 396 372 414 376 426 390 C 380 440 300 470 236 452 C 200 446 170 430 150 400 Z", darker(m, 0.62), darker(m, 0.75))  # fmt: skip
    art.part("M 654 534 C 780 556 884 590 892 694 C 810 704 740 706 690 704 C 720 640 712 580 654 534 Z", lighter(a, 0.15), darker(a, 0.2), edge=0.4, soft=18)  # fmt: skip
    art.part("M 130 690 C 112 620 110 560 118 492 C 170 500 220 560 236 700 C 196 698 160 694 130 690 Z", lighter(a, 0.1), darker(a, 0.25), edge=0.45, soft=16)  # fmt: skip
    art.part("M 404 370 C 420 358 434 370 440 382 C 500 456 580 508 672 538 C 676 560 660 580 640 580 C 540 552 440 476 392 404 Z", darker(m, 0.28), darker(m, 0.1), edge=0.35)  # fmt: skip
    for i in range(5):
        x, y = 420 + i * 46, 424 + i * 33
        art.line(f"M {x - 26} {y + 20} C {x} {y - 10} {x + 20} {y - 26} {x + 40} {y - 14}", "#faf8f4", 13)
        art.line(f"M {x - 26} {y + 23} C {x} {y - 7} {x + 20} {y - 23} {x + 40} {y - 11}", "#77747c", 3, alpha=0.6)
    art.line("M 250 700 C 300 640 400 620 650 690", lighter(m, 0.5), 3, dash=7, alpha=0.8)
    art.line("M 660 540 C 716 586 722 640 696 700", lighter(a, 0.55), 3, dash=7, alpha=0.9)
    _sign(art, look, 460, 600, 160, lighter(a, 0.1), to=darker(a, 0.15))
    art.part("M 132 470 C 140 420 150 384 166 364 L 180 372 C 166 400 158 430 152 474 Z", a, darker(a, 0.3))
    art.part("M 180 420 C 260 470 360 450 420 396 C 470 470 560 520 640 546 C 500 520 420 470 392 440 C 320 490 230 480 180 420 Z", "#ffffff", alpha=0.12)  # fmt: skip
    art.text(look.word.upper(), (196, 742), 26, darker(sole, 0.55), bold=0.6, spacing=3, anchor="l")
    return art


def handbag(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.line("M 316 420 C 320 150 400 110 500 110 C 600 110 680 150 684 420", darker(m, 0.35), 34)
    art.line("M 316 420 C 320 150 400 110 500 110 C 600 110 680 150 684 420", lighter(m, 0.2), 10, alpha=0.6)
    art.part("M 190 400 C 196 376 214 366 240 366 L 760 366 C 786 366 804 376 810 400 L 868 800 C 872 836 856 850 826 850 L 174 850 C 144 850 128 836 132 800 Z", lighter(m, 0.16), darker(m, 0.28), direction="diagonal", edge=0.55, soft=26, texture=0.75)  # fmt: skip
    if look.seed % 2:
        for i in range(8):
            art.line(f"M {244 + i * 76} 640 L {196 + i * 80} 846", darker(m, 0.4), 2, alpha=0.4)
            art.line(f"M {210 + i * 76} 640 L {252 + i * 76} 846", darker(m, 0.4), 2, alpha=0.4)
    art.part("M 190 400 C 196 376 214 366 240 366 L 760 366 C 786 366 804 376 810 400 L 826 520 C 780 610 640 640 500 640 C 360 640 220 610 174 520 Z", lighter(m, 0.26), darker(m, 0.12), direction="down", edge=0.5, soft=20, texture=0.75)  # fmt: skip
    art.line("M 188 522 C 240 596 370 622 500 622 C 630 622 760 596 812 522", lighter(m, 0.55), 3, dash=8, alpha=0.85)
    art.line("M 152 800 L 190 560", lighter(m, 0.5), 3, dash=8, alpha=0.6)
    art.line("M 848 800 L 810 560", lighter(m, 0.5), 3, dash=8, alpha=0.6)
    gold, deep = ("#f7e3a6", "#9a712b") if look.seed % 3 else ("#f3f4f8", "#7d828e")
    for x in (316, 684):
        art.part(ellipse(x, 410, 32), gold, deep, direction="diagonal", edge=0.3, soft=8)
        art.part(ellipse(x, 410, 14), darker(m, 0.4))
    art.part(rect(436, 560, 564, 690, 22), gold, deep, direction="diagonal", edge=0.3, soft=8)
    art.part(rect(450, 574, 550, 676, 14), mix(gold, deep, 0.35), lighter(gold, 0.2), direction="diagonal")
    _sign(art, look, 500, 625, 70, darker(deep, 0.4))
    art.text(look.word.upper(), (500, 762), 40, mix(gold, a, 0.15), bold=0.8, spacing=8, fit=420)
    art.part("M 214 390 C 300 376 420 372 500 374 C 380 400 280 440 196 500 Z", "#ffffff", alpha=0.14)
    if look.seed % 4 == 1:  # a scarf at the handle
        art.part("M 330 330 C 380 300 400 380 352 400 C 320 470 300 560 326 640 C 286 620 250 560 300 420 C 270 390 290 330 330 330 Z", lighter(a, 0.2), darker(a, 0.2), direction="diagonal", edge=0.3)  # fmt: skip
        for y in (360, 430, 500, 560):
            art.part(ellipse(318, y, 9), "#fffaf0", alpha=0.9)
    return art


def lipstick(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.part(rect(566, 300, 720, 850, 14), lighter(m, 0.3), darker(m, 0.5), direction="cylinder", edge=0.25)
    art.part(rect(566, 330, 720, 344), "#f7e3a6", "#94682a", direction="across")
    _sign(art, look, 643, 560, 70, "#efd9a0", alpha=0.95)
    art.part(rect(286, 560, 458, 850, 12), lighter(m, 0.3), darker(m, 0.5), direction="cylinder", edge=0.25)
    art.part(rect(300, 420, 444, 566, 6), "#fdf0c4", "#83581f", direction="cylinder", edge=0.2)
    art.part(rect(312, 330, 432, 426, 4), "#fff3cf", "#946a2c", direction="cylinder")
    art.part("M 318 336 L 318 220 C 322 150 400 110 426 128 L 426 336 Z", lighter(a, 0.3), darker(a, 0.4), direction="cylinder", edge=0.2)  # fmt: skip
    art.part("M 318 222 C 322 152 400 112 426 128 C 424 190 380 240 318 256 Z", lighter(a, 0.35), lighter(a, 0.05), direction="diagonal", edge=0.2, soft=8)  # fmt: skip
    art.part("M 336 246 L 350 240 L 350 330 L 336 330 Z", "#ffffff", alpha=0.4, blur=2)
    art.text(look.word.upper(), (372, 640), 26, "#f3dfae", bold=0.5, spacing=3, fit=150)
    art.text(look.word.upper(), (643, 800), 24, "#f3dfae", bold=0.5, spacing=2, fit=130)
    art.part("M 150 800 C 190 742 330 760 420 800 C 520 846 240 900 170 872 C 130 856 130 826 150 800 Z", lighter(a, 0.18), darker(a, 0.12), direction="diagonal", edge=0.3, soft=10, alpha=0.96)  # fmt: skip
    art.part("M 190 800 C 240 776 320 790 370 812 C 320 806 240 806 196 826 Z", "#ffffff", alpha=0.35, blur=3)
    return art


def thermos(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.part("M 392 130 C 392 106 608 106 608 130 L 620 250 L 380 250 Z", lighter(a, 0.25), darker(a, 0.45), direction="cylinder", edge=0.2)  # fmt: skip
    art.part(ellipse(500, 130, 108, 20), lighter(a, 0.4), a)
    art.part(rect(366, 246, 634, 300, 10), "#f8f9fb", "#777c86", direction="cylinder")
    art.part("M 350 310 C 350 296 650 296 650 310 L 654 800 C 654 866 346 866 346 800 Z", lighter(m, 0.3), darker(m, 0.45), direction="cylinder", edge=0.3, soft=18, texture=0.55)  # fmt: skip
    art.part(
        "M 347 760 L 653 760 L 654 802 C 654 866 346 866 346 802 Z",
        lighter(a, 0.3),
        darker(a, 0.45),
        direction="cylinder",
    )
    art.part("M 404 330 C 416 326 430 326 440 330 L 436 740 C 428 746 414 746 406 740 Z", "#ffffff", alpha=0.35, blur=5)
    ink = ink_on(m)
    _sign(art, look, 520, 470, 112, ink, alpha=0.92)
    art.text(look.word.upper(), (516, 580), 46, ink, bold=0.7, spacing=4, fit=210)
    art.text(look.second, (516, 630), 34, ink, spacing=4, alpha=0.85, fit=190)
    if look.seed % 2:
        for i, (x, y) in enumerate(((420, 690), (500, 712), (584, 690), (460, 402), (592, 380))):
            art.part(figure("petal", x, y, 46 + i * 5), lighter(a, 0.3), alpha=0.9)
    if look.seed % 3 == 0:
        art.line("M 400 180 C 300 170 290 300 372 300", darker(a, 0.4), 18)
    return art


def bricks(look: Look) -> Art:
    art = Art()
    rng = random.Random(look.seed * 7919 + 5)
    colours = [look.main, look.accent, "#f6c324", "#2f80ed", "#35b56a", "#f2f2f0", "#ef5b4c"]
    unit, height = 62, 66

    def brick(x: float, y: float, studs: int, colour: str) -> None:
        w = studs * unit
        art.part(f"M {x} {y} L {x + 26} {y - 20} L {x + w + 26} {y - 20} L {x + w} {y} Z", lighter(colour, 0.28))
        art.part(
            f"M {x + w} {y} L {x + w + 26} {y - 20} L {x + w + 26} {y + height - 20} L {x + w} {y + height} Z",
            darker(colour, 0.32),
        )
        art.part(rect(x, y, x + w, y + height), lighter(colour, 0.1), darker(colour, 0.1), direction="diagonal")
        art.line(f"M {x + 4} {y + 3} L {x + w - 4} {y + 3}", "#ffffff", 3, alpha=0.5)
        for i in range(studs):
            cx = x + unit * (i + 0.5) + 13
            art.part(ellipse(cx, y - 10, 21, 9), darker(colour, 0.2))
            art.part(
                rect(cx - 21, y - 25, cx + 21, y - 10),
                lighter(colour, 0.15),
                darker(colour, 0.25),
                direction="cylinder",
            )
            art.part(ellipse(cx, y - 25, 21, 9), lighter(colour, 0.35), lighter(colour, 0.1))

    plan = rng.choice(["castle", "robot", "house"])
    base = 790
    if plan == "robot":
        rows = [[(310, 2), (566, 2)], [(310, 2), (566, 2)], [(296, 7)], [(296, 7)], [(180, 1), (296, 7), (744, 1)],
                [(180, 1), (296, 7), (744, 1)], [(420, 3)], [(358, 5)], [(358, 5)], [(358, 5)]]  # fmt: skip
    elif plan == "castle":
        rows = [[(190, 10)], [(190, 3), (376, 4), (624, 3)], [(190, 3), (624, 3)], [(190, 3), (624, 3)], [(190, 10)],
                [(190, 10)], [(190, 1), (314, 1), (438, 2), (624, 1), (748, 1)], [(438, 2)], [(438, 2)], [(438, 1)]]  # fmt: skip
    else:
        rows = [[(210, 9)], [(210, 3), (582, 3)], [(210, 3), (582, 3)], [(210, 9)], [(148, 11)], [(210, 9)], [(272, 7)],
                [(334, 5)], [(396, 3)]]  # fmt: skip
    for level, row in enumerate(rows):
        for x, studs in row:
            brick(x, base - level * height, studs, colours[(level + rng.randrange(3) + look.seed) % len(colours)])
    if plan == "robot":
        y = base - 8 * height + 28
        for x in (440, 590):
            art.part(ellipse(x, y, 34), "#ffffff", "#d8dde6", edge=0.2, soft=6)
            art.part(ellipse(x + 5, y + 3, 17), "#23232c")
            art.part(ellipse(x + 11, y - 4, 6), "#ffffff")
        _sign(art, look, 514, base - 4 * height + 36, 96, "#ffffff", alpha=0.95)
    else:
        art.part(rect(420, base - 3 * height + 68, 590, base + 66, 80), "#6d4a33", "#4d3322", edge=0.35)
        art.part(ellipse(560, base - 10, 11), "#f6c324")
        _sign(art, look, 505, base - 5 * height + 62, 90, "#ffffff", alpha=0.95)
    for i in range(4):
        brick(80 + i * 230 + rng.randrange(-20, 40), 868, rng.choice([1, 2, 2]), rng.choice(colours))
    return art


def headphones(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.line("M 236 560 C 200 120 800 120 764 560", darker(m, 0.35), 62)
    art.line("M 240 552 C 210 136 790 136 760 552", m, 46)
    art.line("M 252 500 C 240 170 760 170 748 500", lighter(m, 0.5), 8, alpha=0.7)
    art.line("M 330 262 C 400 196 600 196 670 262", darker(m, 0.6), 30)
    for side in (-1, 1):
        x = 500 + side * 262
        art.part(rect(x - 22, 440, x + 22, 560, 16), "#f3f4f6", "#8a8f99", direction="cylinder")
        art.part(ellipse(x - side * 66, 640, 66, 148), darker(m, 0.6), darker(m, 0.8), edge=0.5, soft=18)
        art.part(ellipse(x, 640, 92, 164), lighter(m, 0.25), darker(m, 0.35), direction="diagonal", edge=0.5, soft=26)
        art.part(
            ellipse(x + side * 8, 640, 66, 128),
            lighter(a, 0.25),
            darker(a, 0.3),
            direction="diagonal",
            edge=0.25,
            soft=12,
        )
        art.part(
            ellipse(x + side * 8, 640, 52, 108),
            lighter(m, 0.16),
            darker(m, 0.2),
            direction="diagonal",
            edge=0.3,
            soft=12,
        )
        _sign(art, look, x + side * 8, 640, 68, lighter(a, 0.3))
        art.part(ellipse(x - 30, 560, 22, 50), "#ffffff", alpha=0.25, blur=7)
    art.text(look.word.upper(), (500, 254), 22, lighter(m, 0.7), spacing=5, bold=0.3, fit=150)
    return art


def phone_case(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.part(rect(300, 110, 700, 890, 76), lighter(m, 0.25), darker(m, 0.2), direction="diagonal", edge=0.55, soft=20)
    art.part(rect(314, 124, 686, 876, 64), lighter(m, 0.3), m, direction="diagonal", edge=0.12, soft=10)
    rng = random.Random(look.seed * 31 + 3)
    match look.seed % 4:
        case 0:
            for _ in range(26):
                x, y, s = rng.randrange(350, 650), rng.randrange(380, 840), rng.randrange(26, 76)
                art.part(
                    figure(rng.choice(["petal", "star", "leaf"]), x, y, s), mix(a, m, rng.random() * 0.6), alpha=0.85
                )
        case 1:
            for i in range(7):
                y = 820 - i * 66
                art.part(f"M 316 {y} C 420 {y - 70} 560 {y + 60} 684 {y - 20} L 684 {min(860, y + 80)} L 316 {min(860, y + 80)} Z", mix(a, m, i / 8), alpha=0.75)  # fmt: skip
        case 2:
            art.part(ellipse(500, 620, 150), lighter(a, 0.2), darker(a, 0.15), direction="diagonal")
            art.part("M 316 800 C 400 640 470 760 540 700 C 600 640 650 730 684 700 L 684 820 C 684 850 660 876 624 876 L 376 876 C 340 876 316 850 316 812 Z", darker(a, 0.4), darker(a, 0.6))  # fmt: skip
        case _:
            for i in range(12):
                art.line(f"M 330 {420 + i * 36} L 670 {380 + i * 36}", a, 14, alpha=0.2 + 0.05 * (i % 5))
    art.part(rect(330, 146, 516, 350, 44), "#1b1b22", "#34343e", direction="diagonal", edge=0.3)
    for x, y in ((382, 200), (382, 294), (464, 247)):
        art.part(ellipse(x, y, 36), "#0b0b10", "#41414d", direction="diagonal")
        art.part(ellipse(x, y, 22), "#16203a", "#06080f", direction="radial")
        art.part(ellipse(x - 8, y - 9, 6), "#cfe0ff", alpha=0.9)
    art.part(rect(692, 330, 708, 440, 8), darker(m, 0.4))
    art.part("M 330 180 L 420 126 L 640 126 C 540 300 420 560 316 700 L 316 300 Z", "#ffffff", alpha=0.12)
    _sign(art, look, 590, 236, 84, ink_on(m), alpha=0.85)
    art.text(look.word.upper(), (500, 842), 26, ink_on(m), spacing=6, bold=0.3, alpha=0.9)
    return art


def hoodie(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    for s in (-1, 1):

        def x(v: float, s: int = s) -> float:
            return 500 + s * v

        art.part(f"M {x(180)} 280 C {x(290)} 300 {x(330)} 420 {x(372)} 720 C {x(376)} 770 {x(280)} 780 {x(270)} 740 L {x(190)} 470 Z", lighter(m, 0.1), darker(m, 0.25), direction="diagonal", edge=0.5, soft=20, texture=0.7)  # fmt: skip
        art.part(
            f"M {x(374)} 712 L {x(268)} 732 L {x(276)} 792 L {x(378)} 776 Z", darker(m, 0.15), darker(m, 0.35), edge=0.3
        )
    art.part("M 330 268 C 400 240 600 240 670 268 C 720 300 720 400 712 500 L 716 810 C 640 840 360 840 284 810 L 288 500 C 280 400 280 300 330 268 Z", lighter(m, 0.16), darker(m, 0.18), direction="diagonal", edge=0.45, soft=26, texture=0.7)  # fmt: skip
    art.part(
        "M 284 800 C 360 830 640 830 716 800 L 714 856 C 640 884 360 884 286 856 Z",
        darker(m, 0.12),
        darker(m, 0.35),
        edge=0.3,
    )
    art.part("M 330 280 C 330 150 420 110 500 110 C 580 110 670 150 670 280 C 620 340 560 350 500 350 C 440 350 380 340 330 280 Z", lighter(m, 0.2), darker(m, 0.2), edge=0.5, soft=22, texture=0.7)  # fmt: skip
    art.part("M 382 270 C 390 190 440 160 500 160 C 560 160 610 190 618 270 C 580 320 540 330 500 330 C 460 330 420 320 382 270 Z", darker(m, 0.5), darker(m, 0.7), edge=0.4)  # fmt: skip
    for s in (-1, 1):
        art.line(f"M {500 + s * 42} 330 C {500 + s * 52} 380 {500 + s * 40} 420 {500 + s * 50} 460", "#f7f4ee", 9)
        art.part(rect(500 + s * 50 - 6, 455, 500 + s * 50 + 6, 482, 3), lighter(a, 0.2), darker(a, 0.3))
    art.part(
        "M 380 640 L 620 640 L 660 780 L 340 780 Z", darker(m, 0.06), darker(m, 0.2), edge=0.22, soft=12, texture=0.7
    )
    art.line("M 380 646 L 344 776", lighter(m, 0.4), 3, dash=7, alpha=0.7)
    art.line("M 620 646 L 656 776", lighter(m, 0.4), 3, dash=7, alpha=0.7)
    _sign(art, look, 500, 510, 92, a if abs(luminance(a) - luminance(m)) > 0.2 else ink_on(m))
    art.text(
        look.word.upper(),
        (500, 596),
        52,
        a if abs(luminance(a) - luminance(m)) > 0.2 else ink_on(m),
        bold=1.2,
        spacing=4,
        fit=340,
    )
    for path in ("M 320 420 C 340 540 320 640 340 760", "M 690 430 C 660 540 684 650 664 770"):
        art.line(path, darker(m, 0.5), 10, alpha=0.13)
    return art


def perfume(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.part(rect(430, 110, 570, 262, 16), "#fbecc0", "#8d6326", direction="cylinder", edge=0.2)
    art.part(rect(446, 256, 554, 310), "#fff5d6", "#7f5820", direction="cylinder")
    shapes = (
        "M 300 380 C 300 320 360 306 420 306 L 580 306 C 640 306 700 320 700 380 L 720 790 C 722 850 690 862 650 862 L 350 862 C 310 862 278 850 280 790 Z",
        ellipse(500, 586, 262, 278),
        "M 500 300 L 716 420 L 716 760 L 500 872 L 284 760 L 284 420 Z",
    )
    body = shapes[look.seed % 3]
    art.part(body, lighter(m, 0.6), lighter(m, 0.1), direction="diagonal", edge=0.35, soft=24, alpha=0.92)
    inner = (
        "M 330 470 L 670 470 L 684 780 C 686 824 668 832 640 832 L 360 832 C 332 832 314 824 316 780 Z",
        "M 262 560 C 400 540 600 580 738 560 C 740 740 640 836 500 836 C 360 836 260 740 262 560 Z",
        "M 312 480 L 688 480 L 688 742 L 500 838 L 312 742 Z",
    )[look.seed % 3]
    art.part(inner, lighter(m, 0.2), darker(m, 0.15), edge=0.25, soft=18, alpha=0.85)
    art.line("M 500 310 L 512 800", "#ffffff", 4, alpha=0.35)
    art.part(
        "M 350 380 C 380 350 420 350 440 360 C 400 460 380 620 380 780 C 350 760 330 560 350 380 Z",
        "#ffffff",
        alpha=0.35,
        blur=7,
    )
    art.part(rect(380, 570, 620, 730, 8), "#fffdf8", "#f1e6d4", edge=0.1)
    _sign(art, look, 500, 616, 56, darker(a, 0.25))
    art.text(look.word.upper(), (500, 672), 34, darker(a, 0.45), spacing=5, bold=0.3, fit=210)
    art.text("EAU DE PARFUM", (500, 708), 18, darker(a, 0.3), spacing=3)
    return art


def watch(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    for y0, y1 in ((60, 340), (660, 940)):
        art.part(f"M 412 {y0} L 588 {y0} L 616 {y1} L 384 {y1} Z" if y0 < 500 else f"M 384 {y0} L 616 {y0} L 588 {y1} L 412 {y1} Z", lighter(m, 0.2), darker(m, 0.45), direction="cylinder", edge=0.4, soft=14, texture=0.7)  # fmt: skip
        art.line(f"M 408 {y0 + 14} L 408 {y1 - 14}", lighter(m, 0.5), 3, dash=9, alpha=0.7)
        art.line(f"M 592 {y0 + 14} L 592 {y1 - 14}", lighter(m, 0.5), 3, dash=9, alpha=0.7)
    steel, deep = (("#fcfdff", "#6d7380"), ("#fbe9bd", "#8a6123"), ("#f6cdbd", "#9b5f4d"))[look.seed % 3]
    art.part(rect(764, 470, 810, 530, 10), steel, deep)
    art.part(ellipse(500, 500, 284), steel, deep, direction="diagonal", edge=0.3, soft=14)
    art.part(ellipse(500, 500, 252), deep, steel, direction="diagonal")
    art.part(ellipse(500, 500, 238), lighter(a, 0.2), darker(a, 0.4), direction="diagonal", edge=0.45, soft=26)
    ink = "#ffffff" if luminance(a) < 0.65 else "#22222a"
    for i in range(60):
        t = i * pi / 30
        r0, r1, w = (186, 222, 9) if i % 5 == 0 else (212, 222, 3)
        art.line(f"M {500 + r0 * sin(t):.1f} {500 - r0 * cos(t):.1f} L {500 + r1 * sin(t):.1f} {500 - r1 * cos(t):.1f}", ink, w, alpha=0.95)  # fmt: skip
    for cx, cy in ((500, 610),) if look.seed % 2 else ((420, 540), (580, 540)):
        art.part(ellipse(cx, cy, 54), darker(a, 0.35), darker(a, 0.1), edge=0.3, soft=6)
        art.line(f"M {cx} {cy} L {cx + 20} {cy - 30}", steel, 5)
    _sign(art, look, 500, 378, 54, ink)
    art.text(look.word.upper(), (500, 432), 26, ink, spacing=4, bold=0.3, fit=210)
    for angle, length, width in ((305 + look.seed * 7, 120, 15), (50 + look.seed * 11, 176, 10)):
        t = angle * pi / 180
        art.line(f"M 500 500 L {500 + length * sin(t):.1f} {500 - length * cos(t):.1f}", steel, width)
    art.line("M 480 560 L 590 330", "#e4483a", 4)
    art.part(ellipse(500, 500, 15), steel, deep)
    art.part(
        "M 300 420 C 340 300 460 262 560 280 C 460 320 360 420 318 560 C 300 520 292 470 300 420 Z",
        "#ffffff",
        alpha=0.16,
    )
    return art


def jar(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.part("M 228 520 C 228 470 772 470 772 520 L 760 780 C 752 850 248 850 240 780 Z", lighter(m, 0.35), darker(m, 0.3), direction="cylinder", edge=0.3, soft=20)  # fmt: skip
    art.part(
        "M 232 740 L 768 740 L 760 784 C 752 850 248 850 240 784 Z",
        lighter(m, 0.6),
        darker(m, 0.1),
        direction="cylinder",
        alpha=0.5,
    )
    art.part("M 212 330 C 212 286 788 286 788 330 L 788 500 C 788 548 212 548 212 500 Z", lighter(a, 0.35), darker(a, 0.4), direction="cylinder", edge=0.25)  # fmt: skip
    art.part(ellipse(500, 330, 288, 56), lighter(a, 0.5), lighter(a, 0.1), direction="diagonal", edge=0.2, soft=8)
    art.part(
        "M 212 490 C 212 540 788 540 788 490 L 788 504 C 788 552 212 552 212 504 Z",
        "#f7e3a6",
        "#8d6428",
        direction="cylinder",
    )
    _sign(art, look, 500, 330, 62, darker(a, 0.3), alpha=0.55)
    ink = ink_on(m)
    art.text(look.word.upper(), (500, 630), 58, ink, spacing=8, bold=0.6, fit=400)
    art.text(look.second + " · 面霜", (500, 694), 38, ink, spacing=6, fit=360)
    art.text("MOISTURE REPAIR CREAM  50g", (500, 742), 20, ink, spacing=2, alpha=0.8)
    art.part("M 290 350 C 310 370 330 372 344 372 L 344 516 C 320 514 304 510 290 504 Z", "#ffffff", alpha=0.4, blur=5)
    art.part("M 292 560 C 310 566 330 568 340 568 L 340 790 C 320 784 308 776 298 766 Z", "#ffffff", alpha=0.35, blur=5)
    return art


def tea_tin(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.part("M 306 250 L 306 826 C 306 876 694 876 694 826 L 694 250 Z", lighter(m, 0.2), darker(m, 0.45), direction="cylinder", edge=0.3, soft=16, texture=0.4)  # fmt: skip
    art.part(
        "M 296 170 L 296 300 C 296 344 704 344 704 300 L 704 170 Z",
        lighter(a, 0.25),
        darker(a, 0.45),
        direction="cylinder",
        edge=0.2,
    )
    art.part(ellipse(500, 170, 204, 44), lighter(a, 0.35), a, direction="diagonal", edge=0.2, soft=8)
    art.part(ellipse(500, 166, 150, 30), lighter(a, 0.15), darker(a, 0.15), direction="diagonal")
    for y, s in ((760, 1.0), (800, 0.8)):
        art.part(f"M 306 {y} C 360 {y - 90 * s} 400 {y - 20} 450 {y - 60 * s} C 520 {y - 140 * s} 560 {y - 20} 694 {y - 70 * s} L 694 836 C 640 866 360 866 306 836 Z", mix(m, "#0f2018", 0.45 if s == 1 else 0.6), alpha=0.6)  # fmt: skip
    art.part(rect(404, 390, 596, 720, 10), "#fbf6e8", "#eee2c6", edge=0.12)
    art.line("M 414 400 L 586 400 L 586 710 L 414 710 L 414 400", "#a98642", 3)
    name = look.second or "云尖"
    if len(name) > 3:
        half = (len(name) + 1) // 2
        columns = [name[:half], name[half:]]
    else:
        columns = [name]
    for i, column in enumerate(columns):
        x = 500 + (0 if len(columns) == 1 else 36 - 72 * i)
        size = min(74, 240 // max(1, len(column)))
        for j, c in enumerate(column):
            art.text(c, (x, 450 + j * (size + 10)), size, "#23201c", bold=1)
    art.part(rect(476, 654, 524, 700, 5), "#b8322a", "#8c1f1b")
    art.text("茗", (500, 677), 34, "#fff4e0", bold=0.4)
    art.part("M 352 350 C 364 354 380 356 390 358 L 390 830 C 374 826 362 822 352 816 Z", "#ffffff", alpha=0.22, blur=5)
    art.text(look.word.upper(), (500, 262), 30, ink_on(a), spacing=4, bold=0.4, fit=320)
    for x, y, t in ((220, 860, 0), (262, 890, 1), (760, 880, 0), (800, 850, 1)):
        art.part(
            figure("leaf", x, y, 62, mirrored=bool(t)), "#7fa45b", "#3e6b35", direction="diagonal", edge=0.2, soft=5
        )
    return art


def backpack(look: Look) -> Art:
    m, a = look.main, look.accent
    art = Art()
    art.line("M 420 150 C 430 80 570 80 580 150", darker(m, 0.4), 26)
    for s in (-1, 1):
        art.part(f"M {500 + s * 210} 460 C {500 + s * 300} 470 {500 + s * 310} 760 {500 + s * 270} 800 L {500 + s * 210} 800 Z", darker(m, 0.2), darker(m, 0.45), edge=0.4, texture=0.6)  # fmt: skip
    art.part("M 270 360 C 270 200 380 140 500 140 C 620 140 730 200 730 360 L 752 800 C 752 860 720 872 680 872 L 320 872 C 280 872 248 860 248 800 Z", lighter(m, 0.18), darker(m, 0.28), direction="diagonal", edge=0.5, soft=26, texture=0.75)  # fmt: skip
    art.line("M 292 470 C 290 270 360 196 500 196 C 640 196 710 270 708 470", darker(m, 0.55), 11)
    art.line("M 292 470 C 290 270 360 196 500 196 C 640 196 710 270 708 470", lighter(m, 0.5), 3, dash=5, alpha=0.7)
    art.part(
        rect(312, 540, 688, 820, 42),
        lighter(a, 0.15),
        darker(a, 0.25),
        direction="diagonal",
        edge=0.45,
        soft=18,
        texture=0.75,
    )
    art.line("M 330 596 L 670 596", darker(a, 0.55), 10)
    art.line("M 330 596 L 670 596", lighter(a, 0.6), 3, dash=5, alpha=0.7)
    art.part(rect(650, 588, 690, 606, 6), "#e8e9ee", "#7c808a")
    art.part(rect(694, 560, 708, 640, 4), lighter(a, 0.3), darker(a, 0.2))
    _sign(art, look, 500, 370, 118, lighter(a, 0.2))
    art.text(
        look.word.upper(),
        (500, 470),
        44,
        lighter(m, 0.85) if luminance(m) < 0.6 else darker(m, 0.7),
        bold=0.8,
        spacing=6,
        fit=330,
    )
    art.part(rect(420, 668, 580, 740, 8), darker(a, 0.35))
    art.text(look.word.upper(), (500, 704), 26, "#ffffff", spacing=3, fit=140)
    art.part(
        "M 316 330 C 330 230 410 186 480 182 C 400 240 350 330 330 470 C 316 430 312 380 316 330 Z",
        "#ffffff",
        alpha=0.13,
    )
    return art


def cover(look: Look, size: tuple[int, int] = (SIZE, SIZE)) -> Art:
    """A book's front cover as a flat picture: 620 × 880 units at the left top of the art."""
    m, a = look.main, look.accent
    art = Art()
    rng = random.Random(look.seed * 101 + 17)
    art.part(rect(0, 0, 620, 880), lighter(m, 0.12), darker(m, 0.25), texture=0.5)
    match look.seed % 5:
        case 0:  # mountains and moon
            art.part(ellipse(450, 420, 92), "#fff3d8", mix("#fff3d8", a, 0.3))
            for i in range(4):
                y = 560 + i * 76
                art.part(f"M 0 {y + rng.randrange(40)} C 120 {y - 130 + i * 20} 200 {y} 300 {y - 40} C 420 {y - 160 + i * 30} 520 {y} 620 {y - 60} L 620 880 L 0 880 Z", mix(m, a, 0.25 + i * 0.2), darker(mix(m, a, 0.2 + i * 0.2), 0.3), alpha=0.95)  # fmt: skip
        case 1:  # geometric, textbook
            for i in range(16):
                x, y = (i % 4) * 155, 440 + (i // 4) * 110
                c = mix(a, m, rng.random() * 0.7)
                match rng.randrange(4):
                    case 0:
                        art.part(rect(x, y, x + 155, y + 110), c)
                    case 1:
                        art.part(f"M {x} {y} L {x + 155} {y} L {x} {y + 110} Z", c)
                    case 2:
                        art.part(ellipse(x + 77, y + 55, 54), c)
                    case _:
                        art.part(f"M {x} {y + 110} C {x} {y} {x + 155} {y} {x + 155} {y + 110} Z", c)
        case 2:  # children's book: hill, sun, bird
            art.part(ellipse(140, 470, 78), "#ffe27a", "#ffb648")
            art.part(
                "M 0 640 C 160 540 320 620 420 580 C 520 540 580 560 620 590 L 620 880 L 0 880 Z",
                lighter(a, 0.3),
                darker(a, 0.1),
            )
            art.part("M 0 760 C 180 680 400 790 620 690 L 620 880 L 0 880 Z", a, darker(a, 0.35))
            art.part(figure("bird", 410, 500, 130), "#ffffff", "#f1e6e0")
            for _ in range(16):
                art.part(
                    figure("petal", rng.randrange(30, 600), rng.randrange(720, 860), rng.randrange(22, 44)),
                    rng.choice(["#ffffff", "#ffd1dc", "#ffe27a"]),
                )
        case 3:  # rings
            for i in range(9):
                art.part(ellipse(310, 640, 280 - i * 30), mix(a, m, (i % 2) * 0.75), alpha=0.9)
        case _:  # river of lines
            for i in range(22):
                y = 420 + i * 22
                art.line(
                    f"M -20 {y} C 160 {y - 90 + i * 5} 300 {y + 120 - i * 6} 640 {y - 30}",
                    mix(a, "#ffffff", i / 40),
                    5,
                    alpha=0.75,
                )
    ink = ink_on(mix(m, "#000000", 0.1))
    title = look.word
    rows = [title] if len(title) <= 5 else [title[: (len(title) + 1) // 2], title[(len(title) + 1) // 2 :]]
    for i, row in enumerate(rows):
        art.text(row, (310, 130 + i * 116), 104, ink, bold=2, spacing=6, fit=540)
    art.line(f"M 60 {210 + (len(rows) - 1) * 112} L 240 {210 + (len(rows) - 1) * 112}", a, 5)
    author, _, press = look.second.partition("|")
    art.text(author, (60, 256 + (len(rows) - 1) * 108), 36, ink, anchor="l", spacing=2)
    art.part(rect(0, 812, 620, 880), darker(m, 0.55), alpha=0.55)
    art.part(figure(look.sign, 54, 846, 40), "#ffffff")
    art.text(press, (90, 846), 32, "#ffffff", anchor="l", spacing=3)
    return art


def book(look: Look) -> Art:
    """The book standing, seen a little from the side, with its spine and pages."""
    flat = cover(look).image.crop((0, 0, int(620 * 0.8), int(880 * 0.8)))
    art = Art()
    # The cover as a trapezium: right edge shorter, as if turned away.
    face = _perspective(flat, [(220, 80), (632, 116), (632, 706), (220, 742)])
    art.part("M 790 146 L 836 166 L 836 862 L 790 882 Z", "#fbf8f0", "#d6cfbf", direction="across")
    for y in range(158, 868, 12):
        art.line(f"M 794 {y} L 834 {y + 6}", "#c5bda9", 1.2, alpha=0.7)
    spine = Art()
    spine.part(
        "M 214 106 L 276 100 L 276 927 L 214 906 Z", darker(look.main, 0.5), darker(look.main, 0.2), direction="across"
    )
    art.image.alpha_composite(spine.image)
    art.image.alpha_composite(face)
    art.part("M 275 100 L 300 102 L 300 926 L 275 927 Z", "#000000", alpha=0.18, blur=3)
    art.part("M 276 100 L 520 124 L 400 920 L 276 927 Z", "#ffffff", alpha=0.07)
    return art


def _perspective(flat: Image.Image, corners: list[tuple[float, float]]) -> Image.Image:
    """Map a flat picture onto four corners (left top, right top, right bottom, left bottom) of a sprite."""
    w, h = flat.size
    source = [(0, 0), (w, 0), (w, h), (0, h)]
    rows: list[list[float]] = []
    for (X, Y), (x, y) in zip(source, corners, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -X * x, -X * y, X])
        rows.append([0, 0, 0, x, y, 1, -Y * x, -Y * y, Y])
    n = 8
    for i in range(n):  # Gauss with pivoting; Pillow wants the eight numbers of the inverse map
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(n):
            if r != i and rows[r][i]:
                f = rows[r][i] / rows[i][i]
                rows[r] = [a - f * b for a, b in zip(rows[r], rows[i], strict=True)]
    coefficients = [rows[i][n] / rows[i][i] for i in range(n)]
    out = flat.convert("RGBA").transform(
        (SIZE, SIZE), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    fine = Art()
    path = "M " + " L ".join(f"{x / 0.8} {y / 0.8}" for x, y in corners) + " Z"
    found = fine.mask(path)
    if found:
        box, mask = found
        alpha = Image.new("L", (SIZE, SIZE))
        alpha.paste(mask, box[:2])
        out.putalpha(alpha)
    return out


FAMILIES: dict[str, Callable[[Look], Art]] = {
    "sneaker": sneaker, "handbag": handbag, "lipstick": lipstick, "thermos": thermos, "bricks": bricks,
    "headphones": headphones, "phone_case": phone_case, "hoodie": hoodie, "book": book, "perfume": perfume,
    "watch": watch, "jar": jar, "tea_tin": tea_tin, "backpack": backpack,
}  # fmt: skip


@lru_cache(maxsize=64)
def sprite(family: str, look: Look) -> Image.Image:
    """The article as a transparent picture cut to its extent, with premultiplied alpha: made to be resized."""
    picture = FAMILIES[family](look).image
    return picture.crop(picture.getbbox()).convert("RGBa")


__all__ = ["FAMILIES", "FIGURES", "Look", "cover", "outline", "sprite"]

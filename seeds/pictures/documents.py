"""Papers of the demo world: certificates and licences that look like papers and are marked as samples.

They imitate no office's real form; every one says SAMPLE 样本 across it.
"""

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image

from seeds.pictures.drawing import SIZE, Art, ellipse, gradient, grain, lighter
from seeds.pictures.marks import figure

Rows = Sequence[tuple[str, str]]


@lru_cache(maxsize=4)
def _blank(tint: str, frame: str) -> Image.Image:
    """An empty form, framed, with SAMPLE across it."""
    base = gradient((SIZE, SIZE), "#fffdf6", lighter(tint, 0.72), "radial")
    art = Art(base=Image.blend(base, Image.merge("RGB", [grain(5)] * 3), 0.03))
    for inset, width in ((34, 7), (48, 2.5), (58, 2.5)):
        art.line(f"M {inset} {inset} L {1000 - inset} {inset} L {1000 - inset} {1000 - inset} L {inset} {1000 - inset} L {inset} {inset}", frame, width)  # fmt: skip
    for i in range(16):
        t = 90 + i * 54
        for x, y in ((t, 46), (t, 954), (46, t), (954, t)):
            art.part(figure("petal", x, y, 24), frame, alpha=0.55)
    for i in range(9):
        y = 250 + i * 70
        art.line(
            f"M 90 {y} C 250 {y - 40} 350 {y + 40} 500 {y} C 650 {y - 40} 750 {y + 40} 910 {y}", tint, 1.5, alpha=0.22
        )
    art.part(figure("sun", 500, 560, 420), tint, alpha=0.08)
    for y in (330, 640, 900):
        art.text("样本 SAMPLE", (500, y), 120, "#c8202f", turn=24, alpha=0.13, bold=2, spacing=14)
    return art.image


def _paper(tint: str, frame: str) -> Art:
    return Art(base=_blank(tint, frame))


def _seal(art: Art, x: float, y: float, words: str) -> None:
    red = "#c8202f"
    ring = ellipse(x, y, 92)
    art.line(ring.replace("Z", ""), red, 6, alpha=0.75)
    art.part(figure("star", x, y - 6, 58), red, alpha=0.75)
    art.text(words, (x, y + 54), 22, red, alpha=0.8, bold=0.4, fit=150)
    art.text("演示专用章", (x, y - 58), 22, red, alpha=0.8, bold=0.4)


def _rows(art: Art, rows: Rows, top: float, *, step: float = 62, left: float = 120, middle: float = 350) -> None:
    for i, (label, value) in enumerate(rows):
        y = top + i * step
        art.text(label, (left, y), 28, "#5a5148", anchor="l")
        art.text(value, (middle, y), 32, "#221d18", anchor="l", bold=0.3, fit=900 - middle)
        art.line(f"M {middle} {y + 26} L 900 {y + 26}", "#a8987c", 1.2, alpha=0.6)


def certificate(
    *, title: str, subtitle: str, number: str, rows: Rows, issuer: str, picture: Image.Image | None = None,
    tint: str = "#c9a24a", frame: str = "#8f6a24",
) -> Image.Image:  # fmt: skip
    """A certificate with heading, number, rows of label and value, perhaps a picture, seal and SAMPLE."""
    art = _paper(tint, frame)
    art.part(figure("star", 500, 124, 60), "#c8202f", "#8f1620")
    art.text(title, (500, 208), 78, "#8c1c22", bold=1.4, spacing=18, fit=820)
    art.text(subtitle, (500, 268), 26, "#6f6252", spacing=3, fit=780)
    art.text(number, (500, 318), 34, "#221d18", bold=0.4, spacing=2)
    if picture is not None:
        small = picture.convert("RGB").copy()
        small.thumbnail((210, 210), Image.Resampling.LANCZOS)
        art.image.paste(small, (400 - small.width // 2, 284))
        x0, y0 = (400 - small.width / 2) / 0.8, 284 / 0.8
        x1, y1 = x0 + small.width / 0.8, y0 + small.height / 0.8
        art.line(f"M {x0} {y0} L {x1} {y0} L {x1} {y1} L {x0} {y1} L {x0} {y0}", frame, 2)
    _rows(art, rows, 670 if picture is not None else 400, step=46 if picture is not None else 62)
    art.text(issuer, (640, 896), 30, "#221d18", bold=0.3, fit=330)
    _seal(art, 730, 830, "样本")
    return art.image.convert("RGB")


def business_licence(*, name: str, uscc: str, legal_person: str, address: str, founded: str, scope: str) -> Image.Image:
    """A fictional company's business licence (营业执照), marked SAMPLE."""
    art = _paper("#d8b566", "#a9772b")
    art.part(ellipse(500, 130, 56), "#d5262f", "#8f1620", direction="diagonal")
    art.part(figure("star", 500, 126, 60), "#ffd76a")
    art.text("营 业 执 照", (500, 236), 92, "#1f1a16", bold=1.8, spacing=8)
    art.text("BUSINESS LICENCE · DEMO", (500, 298), 24, "#6f6252", spacing=4)
    art.text("统一社会信用代码  " + uscc, (500, 346), 32, "#1f1a16", bold=0.4)
    rows = [("名    称", name), ("类    型", "有限责任公司"), ("住    所", address), ("法定代表人", legal_person),
            ("成立日期", founded), ("经营范围", scope)]  # fmt: skip
    _rows(art, rows, 430, step=68)
    art.text("登记机关（演示）", (300, 890), 28, "#221d18")
    _seal(art, 740, 840, "登记机关")
    return art.image.convert("RGB")

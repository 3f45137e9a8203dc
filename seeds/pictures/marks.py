"""The fictional brands' signs: simple figures in a space of 100 × 100, laid on products and logos."""

from seeds.pictures.drawing import Art, Colour, ellipse, gradient, ink_on, lighter, mix

FIGURES = {
    "crest": "M 50 4 L 92 78 L 70 78 L 50 42 L 30 78 L 8 78 Z M 38 96 L 50 70 L 62 96 Z",
    "swift": "M 4 62 C 30 70 60 58 96 14 C 84 62 54 92 26 84 C 40 80 52 70 58 60 C 40 70 20 72 4 62 Z",
    "petal": "M 50 50 C 30 30 34 6 50 2 C 66 6 70 30 50 50 C 70 30 94 34 98 50 C 94 66 70 70 50 50 "
    "C 70 70 66 94 50 98 C 34 94 30 70 50 50 C 30 70 6 66 2 50 C 6 34 30 30 50 50 Z",
    "drop": "M 50 2 C 74 36 86 52 86 66 C 86 86 70 98 50 98 C 30 98 14 86 14 66 C 14 52 26 36 50 2 Z",
    "block": "M 8 34 L 92 34 L 92 94 L 8 94 Z M 18 16 L 44 16 L 44 30 L 18 30 Z M 56 16 L 82 16 L 82 30 L 56 30 Z",
    "wave": "M 2 58 C 14 20 26 20 38 58 C 46 84 54 84 62 58 C 72 26 84 24 98 54 L 98 74 C 86 48 80 50 74 70 "
    "C 64 104 40 104 28 70 C 22 50 16 52 2 78 Z",
    "shell": "M 50 92 L 6 44 C 10 18 32 8 50 8 C 68 8 90 18 94 44 Z",
    "hour": "M 10 6 L 90 6 L 58 50 L 90 94 L 10 94 L 42 50 Z",
    "sun": ellipse(50, 50, 22)
    + " M 46 2 L 54 2 L 54 20 L 46 20 Z M 46 80 L 54 80 L 54 98 L 46 98 Z M 2 46 L 20 46 L 20 54 L 2 54 Z "
    "M 80 46 L 98 46 L 98 54 L 80 54 Z M 14 20 L 20 14 L 33 27 L 27 33 Z M 80 14 L 86 20 L 73 33 L 67 27 Z "
    "M 14 80 L 20 86 L 33 73 L 27 67 Z M 80 86 L 86 80 L 73 67 L 67 73 Z",
    "leaf": "M 8 92 C 2 40 30 6 94 6 C 96 64 66 96 24 84 L 60 42 L 16 80 Z",
    "knot": "M 50 6 L 94 50 L 50 94 L 6 50 Z M 50 28 L 28 50 L 50 72 L 72 50 Z",
    "page": "M 50 22 C 38 10 20 8 4 12 L 4 84 C 20 80 38 82 50 92 C 62 82 80 80 96 84 L 96 12 C 80 8 62 10 50 22 Z",
    "bird": "M 4 30 C 26 20 44 30 52 48 C 62 28 80 20 98 22 C 88 34 84 58 66 74 C 48 90 26 84 16 72 C 30 74 38 68 40 60 C 28 56 14 46 4 30 Z",
    "star": "M 50 2 L 62 36 L 98 38 L 70 60 L 80 96 L 50 75 L 20 96 L 30 60 L 2 38 L 38 36 Z",
}


def placed(path: str, x: float, y: float, size: float, *, mirrored: bool = False) -> str:
    """A figure moved to centre (x, y) at `size` units wide."""
    out, across = [], True
    for token in path.split():
        if token.isalpha():
            out.append(token)
        else:
            value = float(token) - 50
            if across and mirrored:
                value = -value
            out.append(f"{(x if across else y) + value * size / 100:.2f}")
            across = not across
    return " ".join(out)


def figure(name: str, x: float, y: float, size: float, *, mirrored: bool = False) -> str:
    return placed(FIGURES[name], x, y, size, mirrored=mirrored)


def logo(*, name: str, second: str, sign: str, colour: str, style: int = 0) -> Art:
    """A brand's logo on white, dark or coloured ground."""
    ground: str | Colour = ("#ffffff", "#16151c", colour, "#f6f1ea")[style % 4]
    ink: str | Colour = colour if style % 4 in (0, 3) else ink_on(ground)
    art = Art()
    if style % 4 == 2:
        art.image.paste(gradient((800, 800), lighter(ground, 0.12), mix(ground, "#101018", 0.25), "diagonal"))
    else:
        art.image.paste(gradient((800, 800), ground, mix(ground, "#8890a0", 0.08), "radial"))
    art.part(
        figure(sign, 500, 360, 300),
        ink,
        mix(ink, "#000000" if style % 4 in (0, 3) else "#ffffff", 0.22),
        direction="diagonal",
    )
    art.text(name.upper(), (500, 640), 96, ink, bold=2, spacing=14, fit=820)
    art.line("M 420 722 L 580 722", ink, 3, alpha=0.5)
    art.text(second, (500, 790), 64, ink, spacing=16, fit=700)
    return art

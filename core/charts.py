"""Bars for the staff's pages: SVG without script or style, read out by its title; the same numbers stand in a table beside it."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_BAR, _GAP, _HEIGHT, _FOOT = 10, 14, 160, 24
#: so wide is the mark beneath a column
_MARK = 40


def bars(
    columns: Sequence[tuple[str, str]], title: str, kinds: Sequence[tuple[str, str, Sequence[float]]], least: float = 0
) -> SafeString:
    """One bar of each kind in each column; the highest stands for `least` or more.

    `columns` are what a column is called and the mark beneath it; `kinds` are a class of the style sheet
    (`patrol/pictures.css`), a name, and a number for each column.
    """
    most = max((n for _class, _name, numbers in kinds for n in numbers), default=0.0)
    most = max(most, least) or 1
    step = _BAR * len(kinds) + _GAP
    every = max(1, -(-_MARK // step), len(columns) // 8)
    drawn = format_html_join(
        "", '<rect class="bars__{}" x="{}" y="{}" width="{}" height="{}"><title>{} {}: {}</title></rect>',
        (
            (kind, n * step + k * _BAR, _HEIGHT - (high := round(numbers[n] / most * (_HEIGHT - 10))), _BAR - 1, high,
             label, name, round(numbers[n], 1))
            for n, (label, _mark) in enumerate(columns)
            for k, (kind, name, numbers) in enumerate(kinds)
        ),
    )  # fmt: skip
    marks = format_html_join(
        "", '<text class="bars__mark" x="{}" y="{}">{}</text>',
        ((n * step, _HEIGHT + 16, mark) for n, (_label, mark) in enumerate(columns) if n % every == 0),
    )  # fmt: skip
    key = format_html_join("", '<li class="bars__key--{}">{}</li>', ((kind, name) for kind, name, _numbers in kinds))
    return format_html(
        '<ul class="bars__key">{}</ul><div class="rb-scroll"><svg class="bars" viewBox="0 0 {} {}" preserveAspectRatio="xMinYMid" role="img" '
        'aria-label="{}">{}{}</svg></div>',
        key, max(len(columns) * step, 10 * step), _HEIGHT + _FOOT, title, drawn, marks,
    )  # fmt: skip

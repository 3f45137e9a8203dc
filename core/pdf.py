"""Documents as PDF, in Chinese and English: a title, facts, paragraphs, tables, page numbers.

The font is subset into the document, so that it looks the same everywhere and its text can be searched and
copied. The same content at the same moment of `core.clock` gives the same bytes.
"""

import io
import re
import unicodedata
import weakref
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import clock
from core.text import without_unseen

if TYPE_CHECKING:
    from fpdf import FPDF

FONT = Path(__file__).parent / "fonts" / "wqy-microhei.ttc"
MARGIN_MM, WIDTH_MM, LABEL_MM = 20, 170, 46
INK, MUTED, RULE, SHADE = (23, 29, 44), (94, 103, 122), (208, 213, 221), (243, 245, 248)
LINE_MM, PADDING_MM = 5.2, 1.5
#: a row that is taller than this is continued in another, so that it always fits on a page
LINES_IN_A_ROW = 30

_IDEOGRAPH = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
#: closing marks stay with what they close, opening ones with what they open (GB/T 15834, clause 5)
_CLOSING = "，。；：！？、）》〉」』】〕”’…—％!?,.;:)\\]}%"
_OPENING = "（《〈「『【〔“‘"
_UNBROKEN = re.compile(
    rf" |[{_OPENING}]*[{_IDEOGRAPH}][{_CLOSING}]*|[^ {_IDEOGRAPH}{_OPENING}]+[{_CLOSING}]*|[{_OPENING}]+"
)
#: an address that is longer than a line is broken after one of its marks
_PART_OF_ADDRESS = re.compile(r"[^/?&=]+[/?&=]*|[/?&=]+")


class Document:
    """A document that is written from top to bottom; every method returns it, so that calls can be chained.

    `footer` stands at the foot of every page, beside the page number: the number of a case, for instance.
    """

    def __init__(self, *, title: str, language: str, subtitle: str = "", footer: str = "") -> None:
        self._language = language
        self._known_widths: dict[str, float] = {}
        self._pdf: Any = self._begin(title, footer)
        self._write(title, size=19, is_bold=True, after=2)
        if subtitle:
            self._write(subtitle, size=10.5, colour=MUTED, after=2)
        self._rule()

    def heading(self, text: str) -> Self:
        """The title of a section, which also stands in the reader's table of contents."""
        self._pdf.ln(3)
        self._stay_together(25)
        self._pdf.start_section(self._legible(text).replace("\n", " "))
        return self._write(text, size=13, is_bold=True, after=1.5)

    def paragraph(self, text: str) -> Self:
        """Running text; its line breaks are kept."""
        return self._write(text, size=10.5, after=3)

    def facts(self, pairs: Iterable[tuple[Any, Any]]) -> Self:
        """Labels with their values, below each other."""
        self._begin_table()
        widths = (LABEL_MM, WIDTH_MM - LABEL_MM)
        for label, value in pairs:
            for lines in self._rows((label, "—" if value in (None, "") else value), widths):
                self._row(lines, widths, first_colour=MUTED, gap=0.7)
        self._pdf.ln(2.5)
        return self

    def table(self, headers: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Self:
        """A table with a head that is repeated on every page."""
        drawn = [tuple(row) for row in rows]
        self._begin_table()
        widths = self._widths([tuple(headers), *drawn])
        head = next(self._rows(headers, widths))
        self._stay_together(30)
        self._row(head, widths, is_head=True)
        for row in drawn:
            for lines in self._rows(row, widths):
                if self._pdf.will_page_break(self._height(lines)):
                    self._pdf.add_page()
                    self._row(head, widths, is_head=True)
                self._row(lines, widths, is_ruled=True)
        self._pdf.ln(4)
        return self

    def pictures(self, pictures: Iterable[tuple[bytes, Any]], *, side_mm: float = 58) -> Self:
        """Pictures that we encoded ourselves (JPEG or PNG), side by side in squares of `side_mm`, each over its words."""
        pdf, gap = self._pdf, 8
        shown = [(picture, self._captioned(words, side_mm)) for picture, words in pictures]
        height = side_mm + 2 + max((len(lines) for _picture, lines in shown), default=0) * LINE_MM
        self._stay_together(height)
        x, y = float(MARGIN_MM), pdf.get_y()
        for picture, lines in shown:
            pdf.image(io.BytesIO(picture), x=x, y=y, w=side_mm, h=side_mm, keep_aspect_ratio=True)
            pdf.set_text_color(*MUTED)
            for at, line in enumerate(lines):
                pdf.text(x, y + side_mm + 2 + (at + 0.74) * LINE_MM, line)
            x += side_mm + gap
        pdf.set_xy(MARGIN_MM, y + height + 4)
        return self

    def to_bytes(self) -> bytes:
        """The finished document."""
        return bytes(self._pdf.output())

    # --- inside ------------------------------------------------------------------------------------

    def _begin(self, title: str, footer: str) -> "FPDF":
        # Loading it takes a second, which only who prints should wait for.
        from fpdf import FPDF

        document = self

        class Paged(FPDF):
            def footer(self) -> None:
                document._foot(footer)

        pdf = Paged(format="A4")
        pdf.set_margins(MARGIN_MM, 18, MARGIN_MM)
        pdf.set_auto_page_break(True, margin=22)
        pdf.c_margin = 0
        pdf.add_font("body", fname=FONT)
        weakref.finalize(pdf, pdf.fonts["body"].ttfont.close)  # type: ignore[union-attr]
        pdf.set_creation_date(clock.now())
        pdf.set_lang({"zh-hans": "zh-Hans"}.get(self._language, self._language))
        pdf.set_creator("ippro")
        pdf.set_font("body", size=10.5)
        self._pdf = pdf
        pdf.set_title(self._legible(title))
        pdf.add_page()
        return pdf

    def _foot(self, text: str) -> None:
        pdf = self._pdf
        with translation.override(self._language):
            page = _("Page %(page)s of %(pages)s") % {"page": pdf.page_no(), "pages": "{nb}"}
        pdf.set_y(-15)
        pdf.set_font("body", size=8.5)
        pdf.set_text_color(*MUTED)
        pdf.cell(w=WIDTH_MM * 0.7, text=self._fitting(text, WIDTH_MM * 0.7))
        # What stands for the number of pages until it is known is wider than the number.
        pdf.set_x(MARGIN_MM + WIDTH_MM - self._width(page.replace("{nb}", "0")))
        pdf.cell(text=page)

    def _write(self, text: Any, *, size: float, after: float, is_bold: bool = False, colour: tuple = INK) -> Self:
        from fpdf.enums import TextMode

        pdf = self._pdf
        pdf.set_font("body", size=size)
        mode = TextMode.FILL_STROKE if is_bold else TextMode.FILL
        # The font has one weight: titles are drawn with a thin line around them.
        with pdf.local_context(text_mode=mode, line_width=size * 0.011, draw_color=colour, text_color=colour):
            for line in self._lines(text, WIDTH_MM):
                pdf.cell(w=WIDTH_MM, h=size * 0.56, text=line, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(after)
        return self

    def _rule(self) -> None:
        pdf = self._pdf
        pdf.set_draw_color(*RULE)
        pdf.line(MARGIN_MM, pdf.get_y(), MARGIN_MM + WIDTH_MM, pdf.get_y())
        pdf.ln(4)

    def _captioned(self, words: Any, width: float) -> list[str]:
        self._begin_table()
        return self._lines(words, width) if words else []

    def _stay_together(self, millimetres: float) -> None:
        if self._pdf.will_page_break(millimetres):
            self._pdf.add_page()

    def _begin_table(self) -> None:
        self._pdf.set_font("body", size=9.5)
        self._pdf.set_draw_color(*RULE)
        self._pdf.set_fill_color(*SHADE)

    def _rows(self, cells: Sequence[Any], widths: Sequence[float]) -> Iterator[list[list[str]]]:
        """The lines of each cell of a row; what is too tall for one goes on in further rows."""
        wrapped = [self._lines(cell, width - 2 * PADDING_MM) for cell, width in zip(cells, widths, strict=True)]
        for start in range(0, max(map(len, wrapped)), LINES_IN_A_ROW):
            yield [lines[start : start + LINES_IN_A_ROW] for lines in wrapped]

    def _height(self, lines: list[list[str]], gap: float = PADDING_MM) -> float:
        return max(map(len, lines)) * LINE_MM + 2 * gap

    def _row(
        self,
        lines: list[list[str]],
        widths: Sequence[float],
        *,
        is_head: bool = False,
        is_ruled: bool = False,
        first_colour: tuple[int, int, int] = INK,
        gap: float = PADDING_MM,
    ) -> None:
        """Draw one row, on a new page if it does not fit on this one."""
        pdf, height = self._pdf, self._height(lines, gap)
        self._stay_together(height)
        x, y = float(MARGIN_MM), pdf.get_y()
        if is_head:
            pdf.rect(x, y, WIDTH_MM, height, style="F")
        for number, (cell, width) in enumerate(zip(lines, widths, strict=True)):
            pdf.set_text_color(*(MUTED if is_head else first_colour if number == 0 else INK))
            for at, line in enumerate(cell):
                indent = PADDING_MM if is_head or is_ruled else 0
                pdf.text(x + indent, y + gap + (at + 0.74) * LINE_MM, line)
            x += width
        if is_ruled:
            pdf.line(MARGIN_MM, y + height, MARGIN_MM + WIDTH_MM, y + height)
        pdf.set_xy(MARGIN_MM, y + height)

    def _widths(self, rows: Sequence[tuple]) -> list[float]:
        """Widths after what stands in the columns: a short one is not squeezed by a long one."""
        natural = [
            max(self._width(self._legible(cell)[:60]) + 4 for cell in column)
            for column in zip(*rows[:200], strict=True)
        ]
        least = min(14.0, WIDTH_MM / len(natural))
        wished = [max(least, width) for width in natural]
        if sum(wished) <= WIDTH_MM:
            spare = WIDTH_MM - sum(wished)
            return [width + spare * width / sum(wished) for width in wished]
        fair = WIDTH_MM / len(wished)
        short = [width for width in wished if width <= fair]
        rest = (WIDTH_MM - sum(short)) / sum(width for width in wished if width > fair)
        return [width if width <= fair else width * rest for width in wished]

    def _lines(self, text: Any, width: float) -> list[str]:
        """The text broken into lines that fit: between words, between ideographs, and else within a word."""
        lines = []
        for given in self._legible(text).split("\n"):
            line, used = "", 0.0
            for piece in self._pieces(given, width):
                size = self._width(piece)
                if used + size > width and line:
                    lines.append(line.rstrip(" "))
                    line, used = "", 0.0
                    if piece == " ":
                        continue
                line, used = line + piece, used + size
            lines.append(line.rstrip(" "))
        return lines

    def _pieces(self, text: str, width: float) -> Iterator[str]:
        for piece in _UNBROKEN.findall(text):
            if self._width(piece) <= width:
                yield piece
                continue
            for part in _PART_OF_ADDRESS.findall(piece):
                if self._width(part) <= width:
                    yield part
                else:
                    yield from part

    def _width(self, text: str) -> float:
        known = self._known_widths
        for character in text:
            if character not in known:
                known[character] = self._pdf.get_string_width(character) / self._pdf.font_size
        return sum(known[character] for character in text) * self._pdf.font_size

    def _fitting(self, text: str, width: float) -> str:
        lines = self._lines(text.replace("\n", " "), width)
        return lines[0] if len(lines) == 1 else lines[0][:-1] + "…"

    @cached_property
    def _glyphs(self) -> Any:
        return self._pdf.fonts["body"].cmap

    def _legible(self, text: Any) -> str:
        """What the font can show: an emoji or a rare character is told by its number, joiners are left out."""
        with translation.override(self._language):
            lines = str(text).replace("\r\n", "\n").replace("\t", " ").split("\n")
        return "\n".join("".join(self._shown(c) for c in without_unseen(line)) for line in lines)

    def _shown(self, character: str) -> str:
        kind = unicodedata.category(character)
        if ord(character) in self._glyphs and kind != "Cf":
            return character
        if kind in ("Cf", "Mn", "Cn"):
            return ""
        if kind == "Zs":
            return " "
        return f"[U+{ord(character):04X}]"


def moment(at: Any, *, language: str) -> str:
    """A time as documents write it: in the installation's time zone, which is named."""
    local = timezone.localtime(at)
    with translation.override(language):
        return f"{date_format(local, 'DATETIME_FORMAT')} ({settings.TIME_ZONE})"

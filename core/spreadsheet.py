"""Tables for spreadsheets: cells that no program takes for a formula, and lines written one by one.

Source: OWASP, CSV Injection: a cell that begins with =, +, -, @, a tab or a line break may be carried out.

A workbook is written by XlsxWriter, which keeps one line in memory and the others in a temporary file (openpyxl's
write-only mode takes three times as long for the same lines). It is a ZIP archive, whose directory comes last: it goes
out piece by piece once the last line is written.
"""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

import xlsxwriter
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: by which spreadsheets know that a file is UTF-8
BYTE_ORDER_MARK = "\ufeff"
CSV, XLSX = "csv", "xlsx"
MEDIA_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: of one sheet of a workbook (ECMA-376: ST_CellRef), and of one of its cells
MOST_LINES, MOST_CHARACTERS = 1_048_576, 32_767
_PIECE = 64 * 1024


def cell(value: Any) -> str:
    """A value as text that is read as text; numbers keep their sign."""
    if isinstance(value, int | float):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def day(at: datetime | None) -> str:
    """The day of a moment as cells say it: by the clock of the house, empty if there is none."""
    return timezone.localtime(at).date().isoformat() if at else ""


class _Line:
    """What the writer of the csv module writes to: gives back the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180), each when it is asked for, in the language in which the file was."""
    return _lines(_spoken(iter(rows), translation.get_language()))


def as_xlsx(rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """A workbook piece by piece, its texts as text and never as formulas; numbers stay numbers.

    The first row is the header, which stands on every sheet: what does not fit on one goes on on the next.
    """
    return _pieces(_spoken(iter(rows), translation.get_language()))


def download(rows: Iterable[Iterable[Any]], *, name: str, kind: str = CSV) -> StreamingHttpResponse:
    """An answer that is a file, `kind` "csv" or "xlsx", written while it is sent; `name` is without its ending."""
    content: Iterator[str] | Iterator[bytes] = as_xlsx(rows) if kind == XLSX else as_csv(rows)
    answer = StreamingHttpResponse(content, content_type=MEDIA_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _spoken(rows: Iterator[Iterable[Any]], language: str | None) -> Iterator[list[Any]]:
    """The cells of each row, in this language: an answer is streamed when that of its request was put back already."""
    while True:
        with translation.override(language):
            row = next(rows, None)
            if row is None:
                return
            cells = list(row)
            # What is translated only when it is looked at is looked at here.
            spoken = [value if isinstance(value, int | float) else cell(value) for value in cells]
        yield spoken


def _lines(rows: Iterator[list[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow(row)


def _pieces(rows: Iterator[list[Any]]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        _write_workbook(file, rows)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _write_workbook(file: IO[bytes], rows: Iterator[list[Any]]) -> None:
    safely = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(file, safely)
    book.use_zip64()
    try:
        header = next(rows, [])
        sheet, line = None, MOST_LINES
        for row in rows:
            if line == MOST_LINES:
                sheet, line = book.add_worksheet(), 1
                _write_line(sheet, 0, header)
            _write_line(sheet, line, row)
            line += 1
        if sheet is None:
            _write_line(book.add_worksheet(), 0, header)
    finally:
        # Also when rows fail half-way: closing it is what takes their lines off the disk.
        book.close()


def _write_line(sheet: Any, line: int, row: list[Any]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, int | float):
            sheet.write_number(line, column, value)
        elif value:
            sheet.write_string(line, column, value[:MOST_CHARACTERS])

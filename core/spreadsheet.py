"""Tables for spreadsheets: cells that no program takes for a formula, and lines written one by one.

Source: OWASP, CSV Injection: a cell that begins with =, +, -, @, a tab or a line break may be carried out.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import translation

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: by which spreadsheets know that a file is UTF-8
BYTE_ORDER_MARK = "\ufeff"


def cell(value: Any) -> str:
    """A value as text that is read as text; numbers keep their sign."""
    if isinstance(value, int | float):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


class _Line:
    """What the writer of the csv module writes to: gives back the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180), each when it is asked for, in the language in which the file was."""
    return _lines(iter(rows), translation.get_language())


def _lines(rows: Iterator[Iterable[Any]], language: str | None) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK
    while True:
        # An answer is streamed when the language of its request was put back already.
        with translation.override(language):
            row = next(rows, None)
            if row is None:
                return
            line = writer.writerow([cell(value) for value in row])
        yield line

"""XLSX files that go out: texts are text, numbers numbers, one line in memory, and what does not fit goes on the next sheet."""

import gc
import io
import itertools
import tempfile
import tracemalloc

import pytest
import python_calamine
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core import spreadsheet
from core.spreadsheet import as_xlsx


def read(pieces):
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(pieces)))
    return [book.get_sheet_by_index(i).to_python() for i in range(len(book.sheet_names))]


def test_what_would_be_a_formula_is_text_and_numbers_are_numbers():
    rows = [["Name", "Links"], ['=HYPERLINK("https://evil.example")', 3], ["@x", 2.5], ["{=1+1}", -1], [None, 0]]
    (sheet,) = read(as_xlsx(rows))
    assert sheet == [
        ["Name", "Links"], ["'=HYPERLINK(\"https://evil.example\")", 3.0], ["'@x", 2.5], ["{=1+1}", -1.0], ["", 0.0]
    ]  # fmt: skip


def test_it_is_in_the_language_of_its_reader_though_it_is_written_later():
    with translation.override("zh-hans"):
        pieces = as_xlsx([_("Sign in")] for _row in range(2))
    with translation.override("en"):
        (sheet,) = read(pieces)
    assert sheet[0] == sheet[1] != ["Sign in"]


def test_what_does_not_fit_on_a_sheet_goes_on_on_the_next_below_the_same_header(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_LINES", 3)
    sheets = read(as_xlsx([["n"], *([n] for n in range(5))]))
    assert sheets == [[["n"], [0.0], [1.0]], [["n"], [2.0], [3.0]], [["n"], [4.0]]]


@pytest.mark.parametrize("rows", [[], [["only"]]])
def test_an_empty_list_is_a_workbook_too(rows):
    assert read(as_xlsx(rows)) == [rows]


def test_ten_times_the_lines_take_no_more_memory():
    def most(lines):
        tracemalloc.start()
        for _piece in as_xlsx([f"text {n} {column}" for column in range(8)] for n in range(lines)):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    most(10)
    assert most(5_000) < most(500) + 500_000


def test_text_longer_than_a_cell_takes_is_cut():
    (sheet,) = read(as_xlsx([["x"], ["a" * 40_000]]))
    assert len(sheet[1][0]) == spreadsheet.MOST_CHARACTERS


def test_the_first_piece_comes_after_the_last_row_was_read_and_no_earlier_than_asked_for():
    seen = itertools.count()
    pieces = as_xlsx([next(seen)] for _n in range(3))
    assert next(seen) == 0
    next(pieces)
    assert next(seen) == 4


def test_a_workbook_that_fails_in_the_middle_leaves_nothing_on_the_disk(tmp_path, monkeypatch):
    def lines():
        yield ["Name"]
        yield ["Zoe"]
        raise RuntimeError

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError):
        list(as_xlsx(lines()))
    gc.collect()
    assert list(tmp_path.iterdir()) == []

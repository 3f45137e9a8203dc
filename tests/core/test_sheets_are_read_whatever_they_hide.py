"""CSV and XLSX become rows of text; hostile ones a sentence that says how to mend it, in bounded memory and time."""

import io
import threading
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import sheets
from core.errors import Invalid, TooLarge
from tests.sheets import parts, xlsx, zipped

UNREADABLE = "This file is no spreadsheet that can be read"
HEADER = ["链接", "权利", "说明"]
LINE = ["https://mall.example/product/1", "10000001", "缝线 “不同”"]


def read(data: bytes, name="links.csv"):
    return sheets.read(SimpleUploadedFile(name, data))


def refusal(data: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        read(data)
    assert refused.value.field == "file"
    return str(refused.value)


def cells(data: bytes):
    return [(row.number, row.cells) for row in read(data)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_and_with_the_marks_that_spreadsheets_write(encoding, delimiter):
    text = "\r\n".join(delimiter.join(row) for row in (HEADER, LINE))
    if encoding == "utf-16":
        text = text.replace(delimiter, "\t")
    assert cells(text.encode(encoding)) == [(1, HEADER), (2, LINE)]


def test_rows_keep_the_numbers_that_a_spreadsheet_shows_and_empty_ones_are_left_out():
    text = 'link,why\n\n,\n a ,"two\nlines, one cell"\n'
    assert cells(text.encode()) == [(1, ["link", "why"]), (4, ["a", "two\nlines, one cell"])]
    assert cells(xlsx([["link"], [], [""], ["a"]])) == [(1, ["link"]), (4, ["a"])]


def test_numbers_of_a_workbook_are_read_as_they_are_shown():
    sheet = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>isbn</t></is></c></row>'
        '<row r="2"><c r="A2"><v>9787111213826</v></c><c r="B2" s="1"><v>45000</v></c><c r="C2"><v>1.5</v></c>'
        '<c r="D2" t="str"><f>HYPERLINK("https://evil.example")</f><v>kept text</v></c></row>'
    )
    assert cells(zipped(parts(sheet=sheet)))[1] == (2, ["9787111213826", "2023-03-15", "1.5", "kept text"])


def test_shared_strings_of_200_megabytes_in_205_kilobytes_are_counted_and_not_kept(monkeypatch):
    one = "<si><t>" + "A" * 2_000_000 + "</t></si>"
    bomb = zipped(parts(sheet='<row r="1"><c r="A1" t="s"><v>0</v></c></row>', shared=one * 100))
    assert len(bomb) < 300_000
    # Two hundred megabytes do not fit: had any of it been kept, the word would be that of the memory's end.
    monkeypatch.setattr(sheets, "MEMORY_BYTES", 160 * 1024 * 1024)
    assert "Unpacked, the sheet is far larger" in refusal(bomb)


def test_one_long_string_in_every_cell_ends_at_the_limit_of_memory():
    sheet = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 9_000))
    bomb = zipped(parts(sheet=sheet, shared="<si><t>" + "A" * 1_000_000 + "</t></si>"))
    assert "too much memory" in refusal(bomb)


def test_a_cell_in_the_last_corner_does_not_become_a_table_of_seventeen_billion():
    sheet = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert "too much memory" in refusal(zipped(parts(sheet=sheet)))


def test_a_million_empty_rows_are_skipped():
    text = ('<c r="{at}{n}" t="inlineStr"><is><t>a</t></is></c>').format
    sheet = f'<row r="1">{text(at="A", n=1)}</row><row r="2">{text(at="A", n=2)}</row>'
    sheet += "".join(f'<row r="{n}" ht="15"/>' for n in range(3, 1_048_577))
    assert cells(zipped(parts(sheet=sheet))) == [(1, ["a"]), (2, ["a"])]


def test_a_size_in_the_directory_that_is_a_lie_is_not_believed():
    data = bytearray(zipped(parts(sheet="<row/>", shared="<si><t>" + "A" * 120_000_000 + "</t></si>")))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true = archive.getinfo("xl/sharedStrings.xml").file_size.to_bytes(4, "little")
    assert true in data
    refused = refusal(bytes(data.replace(true, (100).to_bytes(4, "little"))))
    assert UNREADABLE in refused or "Unpacked" in refused


ENTITIES = '<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
BROKEN = {
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "an old workbook": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512),
    "a broken ZIP": xlsx([["link"], ["a"]])[:-40],
    "half a ZIP": xlsx([["link"], ["a"]])[:300],
    "a ZIP of something else": zipped({"hello.txt": "hello"}),
    "entities": zipped(parts(sheet="<row/>", **{"xl/sharedStrings.xml": ENTITIES})),
    "no sheet": zipped({k: v for k, v in parts(sheet="").items() if "sheet1" not in k}),
    "no relations": zipped({k: v for k, v in parts(sheet="").items() if "workbook.xml.rels" not in k}),
    "a string that is not there": zipped(parts(sheet='<row r="1"><c r="A1" t="s"><v>7</v></c></row>')),
    "XML that does not end": zipped(parts(sheet='<row r="1"><c r="A1"><v>1')),
    "three thousand members": zipped(parts(sheet="") | {f"xl/media/{n}.bin": b"" for n in range(3_000)}),
    "a row number that is none": zipped(parts(sheet='<row r="-1"><c r="??"><v>1</v></c></row>')),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_spreadsheet_is_a_clear_word(what):
    said = refusal(BROKEN[what])
    assert UNREADABLE in said or "no rows below" in said


@pytest.mark.parametrize("data", [b"", b" \n\n ", b"link\n"])
def test_an_empty_sheet_is_a_clear_word(data):
    assert "empty" in refusal(data) or "no rows below" in refusal(data)


@pytest.mark.parametrize("hidden", ["&#1;", "_x0000_", "_x0007_"])
def test_control_characters_of_a_workbook_do_not_come_through(hidden):
    text = f'<c r="A1" t="inlineStr"><is><t>li{hidden}nk&#9;s</t></is></c>'
    members = parts(sheet=f'<row r="1">{text}</row><row r="2"><c r="A2"><v>1</v></c></row>')
    said = read(zipped(members), "links.xlsx")[0].cells[0]
    assert said.endswith("nk\ts")
    assert all(c >= " " or c == "\t" for c in said)


def test_no_more_than_a_few_sheets_are_read_at_once(monkeypatch):
    monkeypatch.setattr(sheets, "WAIT_SECONDS", 0)
    monkeypatch.setattr(sheets, "_places", threading.BoundedSemaphore(1))
    with sheets._places, pytest.raises(sheets.Busy, match="Wait a minute"):
        read(b"link\na\n")
    assert len(read(b"link\na\n")) == 2
    assert refusal(b"\x89PNG\x00")
    assert len(read(b"link\na\n")) == 2, "its place is free again"


def test_rows_columns_and_cells_have_limits(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    assert "more than 2 rows" in refusal(b"link\na\nb\nc\n")
    assert "Row 2 has more than 60 columns" in refusal(b"link\n" + b"a," * 60 + b"a\n")
    assert "A cell of row 2 has more than 10000 characters" in refusal(b"link\n" + b"a" * 10_001)
    monkeypatch.setattr(sheets, "MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        read(b"link\naaaaaaaaaaa\n")

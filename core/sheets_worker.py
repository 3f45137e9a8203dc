"""The limited worker that reads one spreadsheet. It runs as a script of its own, without Django.

Started by `core.sheets` for each sheet: it limits its own memory and time, reads the file from its standard input,
answers with one JSON object and ends. Whatever a sheet does to the parser, it does it here: Rust aborts where memory
ends, and that is then the answer.

Of a ZIP only the XML of a workbook is unpacked, and counted piece by piece while it is: what its directory says of
sizes is not believed. Macros, pictures and linked workbooks are never read, formulas never computed.
"""

import csv
import io
import json
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

Row = tuple[int, list[str]]
#: what is sniffed in the first line of a CSV; the first one wins where several are as good
DELIMITERS = (",", ";", "\t")
_WORKBOOK = "xl/workbook.xml"
_PIECE = 64 * 1024
#: a document type could define entities, and no spreadsheet has one
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


class Refused(Exception):
    """A sheet that is not read; `why` names the sentence, with what it says."""

    def __init__(self, why: str, **words: Any) -> None:
        super().__init__(why)
        self.answer = {"refused": why, **words}


def main() -> None:
    stdin = sys.stdin.buffer
    limits = json.loads(stdin.readline())
    _limit(limits)
    try:
        answer: dict[str, Any] = {"rows": read(stdin.read(), limits)}
    except Refused as refused:
        answer = refused.answer
    except MemoryError:
        answer = {"refused": "memory"}
    except Exception as failure:
        # Parsers let through whatever their code raises: KeyError, IndexError, AttributeError, BadZipFile, …
        answer = {"refused": "unreadable", "failure": type(failure).__name__}
    except BaseException as failure:
        # A panic of a parser in Rust is no Exception.
        answer = {"refused": "unreadable", "failure": type(failure).__name__}
    sys.stdout.write(json.dumps(answer))


def _limit(limits: dict[str, Any]) -> None:
    seconds, memory = limits["cpu_seconds"], limits["memory_bytes"]
    signal.alarm(limits["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def read(data: bytes, limits: dict[str, Any]) -> list[Row]:
    """The rows that say anything, with their numbers as a spreadsheet shows them. Raises Refused, and anything."""
    rows = _workbook(data, limits) if data.startswith(b"PK\x03\x04") else _csv(data)
    return list(_bounded(rows, limits))


def _bounded(rows: Iterator[tuple[int, Sequence[str]]], limits: dict[str, Any]) -> Iterator[Row]:
    taken = characters = 0
    for number, cells in rows:
        texts = [_printable(cell).strip() for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        taken += 1
        characters += sum(map(len, texts))
        # The header is none of the rows.
        if taken > limits["rows"] + 1:
            raise Refused("rows")
        if len(texts) > limits["columns"]:
            raise Refused("columns", row=number)
        if max(map(len, texts)) > limits["cell"]:
            raise Refused("cell", row=number)
        if characters > limits["characters"]:
            raise Refused("memory")
        yield number, texts


def _printable(text: str) -> str:
    """Without control characters, which no database keeps and nobody sees."""
    return "".join(c for c in text if c >= " " or c in "\t\n\r")


# --- CSV -----------------------------------------------------------------------------------------------------


def _csv(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    text = _decoded(data)
    first = next(iter(text.splitlines()), "")
    delimiter = max(DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
    yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1)


def _decoded(data: bytes) -> str:
    """Text in the encodings that spreadsheets write: UTF-8, that of Chinese Windows, and UTF-16 with its mark."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding).strip("\n\r")
        except UnicodeDecodeError:
            continue
        if any(c < " " and c not in "\t\n\r\f" for c in text):
            break
        return text
    raise Refused("unreadable")


# --- XLSX ----------------------------------------------------------------------------------------------------


def _workbook(data: bytes, limits: dict[str, Any]) -> Iterator[tuple[int, Sequence[str]]]:
    _count(data, limits)
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    for number, values in enumerate(book.get_sheet_by_index(0).iter_rows(), 1):
        yield number, [_text(value) for value in values]


def _count(data: bytes, limits: dict[str, Any]) -> None:
    """Unpack what the parser will unpack, keeping nothing, to see how large it is. Raises Refused."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > limits["members"] or _WORKBOOK not in archive.namelist():
            raise Refused("unreadable")
        total = 0
        for member in members:
            if not member.filename.lower().endswith((".xml", ".rels")):
                continue
            of_this, end = 0, b""
            with archive.open(member) as packed:
                while piece := packed.read(_PIECE):
                    of_this, total = of_this + len(piece), total + len(piece)
                    if of_this > limits["member_bytes"] or total > limits["unpacked_bytes"]:
                        raise Refused("unpacked")
                    if any(word in end + piece for word in _FORBIDDEN):
                        raise Refused("unreadable")
                    end = piece[-16:]


def _text(value: Any) -> str:
    """A cell as it is read: whole numbers without a point (an ISBN is a number to a spreadsheet), dates as ISO 8601."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    main()

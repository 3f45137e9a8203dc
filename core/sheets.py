"""Reading spreadsheets that people hand in: CSV and XLSX become rows of text, or a sentence that says how to mend it.

Sheets are hostile. 200 MB of shared strings hide in 205 kB, and one cell in the last corner makes a parser reserve 512
GB; neither openpyxl nor calamine bounds what it keeps. So the web process parses none: `sheets_worker.py` does, in a
process of its own with limited memory and time, after it has counted the bytes that there really are.
"""

import json
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError, Invalid, TooLarge

log = logging.getLogger("ippro.sheets")

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 60
#: characters of one cell, and of all of them
MAX_CELL, MAX_CHARACTERS = 10_000, 16_000_000
#: of the XML of a workbook, as it is unpacked
MAX_MEMBER_BYTES, MAX_UNPACKED_BYTES = 64 * 1024 * 1024, 96 * 1024 * 1024
MAX_MEMBERS = 2_000
MEMORY_BYTES = 768 * 1024 * 1024
#: of the processor, and on the clock while others work too
CPU_SECONDS, SECONDS = 20, 60
#: sheets that one process has read at the same time, each in its own memory, and how long another one waits for a place
AT_ONCE, WAIT_SECONDS = 2, 5
_places = threading.BoundedSemaphore(AT_ONCE)
_WORKER = Path(__file__).with_name("sheets_worker.py")
_SITE = str(Path(python_calamine.__file__).parent.parent)


class Busy(DomainError):
    """So many sheets are being read that this one found no place."""

    code = "busy"
    status = 503
    message = gettext_lazy("Many sheets are being read at the moment. Wait a minute, then hand this one in again.")


@dataclass(frozen=True)
class Row:
    """One row that says anything. `number` is that which a spreadsheet shows beside it."""

    number: int
    cells: list[str]


def read(upload: Any) -> list[Row]:
    """The rows of the first sheet of a CSV or XLSX file, the header among them; empty ones are left out.

    Texts are stripped; nothing is computed, and nothing that the file points to is opened. Raises Busy, and Invalid
    and TooLarge (field `file`).
    """
    if (upload.size or 0) > MAX_BYTES:
        raise _too_large()
    upload.seek(0)
    data: bytes = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _too_large()
    if not data.strip():
        raise Invalid(_("The file is empty. Choose another one."), field="file")
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise Busy()
    try:
        answer = _ask(data)
    finally:
        _places.release()
    if "rows" not in answer:
        log.info("sheet refused: %s %s", answer["refused"], answer.get("failure", ""))
        raise Invalid(_why(answer), field="file")
    rows = [Row(number, cells) for number, cells in answer["rows"]]
    if len(rows) < 2:
        raise Invalid(_("The sheet has no rows below its first one. Fill it in, and try again."), field="file")
    return rows


def _ask(data: bytes) -> dict[str, Any]:
    limits = {
        "rows": MAX_ROWS,
        "columns": MAX_COLUMNS,
        "cell": MAX_CELL,
        "characters": MAX_CHARACTERS,
        "members": MAX_MEMBERS,
        "member_bytes": MAX_MEMBER_BYTES,
        "unpacked_bytes": MAX_UNPACKED_BYTES,
        "memory_bytes": MEMORY_BYTES,
        "cpu_seconds": CPU_SECONDS,
        "seconds": SECONDS,
    }
    question = json.dumps(limits).encode() + b"\n" + data
    try:
        done = subprocess.run(  # noqa: S603 our own script
            [sys.executable, "-I", "-S", str(_WORKER), _SITE],
            input=question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS + 5, check=False,
        )  # fmt: skip
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        # It died of its limits, or of the sheet.
        return {"refused": "memory"}
    return answer


def _why(answer: dict[str, Any]) -> str:
    row = answer.get("row", 0)
    return {
        "unreadable": _("This file is no spreadsheet that can be read: save it as CSV UTF-8 or XLSX and try again."),
        "memory": _("The sheet takes too much memory or time to read. Save its first sheet alone as CSV UTF-8."),
        "unpacked": _("Unpacked, the sheet is far larger than its rows need. Save its first sheet alone as CSV UTF-8."),
        "rows": _("The sheet has more than %(most)d rows. Split it into several.") % {"most": MAX_ROWS},
        "columns": _("Row %(row)d has more than %(most)d columns. Keep those that are needed.")
        % {"row": row, "most": MAX_COLUMNS},
        "cell": _("A cell of row %(row)d has more than %(most)d characters. Make it shorter.")
        % {"row": row, "most": MAX_CELL},
    }[answer["refused"]]


def _too_large() -> TooLarge:
    said = _("The file is larger than %(most)s. Make it smaller, or split it.")
    return TooLarge(said % {"most": filesizeformat(MAX_BYTES)}, field="file")

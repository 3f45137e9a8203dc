"""Builds a ledger for tests: entries, their seals, exports, and changes that nobody should be able to make."""

import json
from typing import Any

from django.db import connection, transaction

from core import append_only, ledger, ledger_export, sealing, verify_ledger
from core.models import LedgerEntry


def written(count: int = 1, **fields: Any) -> list[LedgerEntry]:
    fields = {"kind": "test.done", "payload": {"said": "执照", "ratio": 0.93, "whole": 1.0}} | fields
    with transaction.atomic():
        return ledger.record_all([ledger.entry(subject=f"cmp_{n}", **fields) for n in range(count)])


def exported() -> list[str]:
    return list(ledger_export.lines())


def fault(lines: list[str] | None = None) -> tuple[int | None, str] | None:
    """What the verifier says of an export: the first bad entry and what is wrong with it, or None."""
    try:
        verify_ledger.check_export(exported() if lines is None else lines)
    except verify_ledger.Bad as bad:
        return bad.index, bad.what
    return None


def sealed_lines(count: int = 12, *, heads: int = 3) -> list[str]:
    """An export of a ledger with several heads; the first entry is the one that introduces the key."""
    for _ in range(heads):
        written(count // heads)
        sealing.seal()
    return exported()


def changed(lines: list[str], number: int, **values: Any) -> list[str]:
    """An export in which the entry on a line says something else."""
    said = json.loads(lines[number])
    said["entry"] |= values
    return [*lines[:number], json.dumps(said, ensure_ascii=False) + "\n", *lines[number + 1 :]]


def by_hand(sql: str, *values: Any) -> None:
    """What somebody does who owns the tables: takes the triggers away, and puts them back."""
    with append_only.lifted(connection), connection.cursor() as cursor:
        cursor.execute(sql, values)

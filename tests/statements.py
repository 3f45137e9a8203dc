"""Which statements each test sends to the database: the first run writes them down, the second tries each of them again.

What a database has a say in are statements and what it refuses. So of the tests whose statements are all sent by others
too the second run leaves out the longest; every statement and every refusal is still met.
"""

import heapq
import json
import os
import re
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.backends.utils import CursorWrapper
from django.db.models.sql.compiler import SQLCompiler

#: the folder in which one run leaves for the next what its tests sent; set by `make test`
FOLDER = "IPPRO_TESTS_STATEMENTS"
#: so many tests of the second run send each statement
TIMES = 1
#: what a test takes at least, for whatever it sends
LEAST_SECONDS = 0.1
#: how many values, rows or savepoints there are makes no other statement, nor where a page of a list begins
_SAME = (
    (re.compile(r"%s(?:, ?%s)+"), "%s"),
    (re.compile(r"\(%s\)(?:, ?\(%s\))+"), "(%s)"),
    (re.compile(r"\b(LIMIT|OFFSET) \d+"), r"\1 1"),
    (re.compile(r"\b(SAVEPOINT )\S+"), r"\1s"),
    (re.compile(r"^(?:SELECT .*? UNION ALL )(?=SELECT)", re.DOTALL), ""),
)
MOST_KNOWN = 20_000


@dataclass(frozen=True)
class Sent:
    """What one test sent, and how long it took."""

    statements: frozenset[str]
    seconds: float


class Recording:
    """A plugin of pytest that writes down what each test sends, with its fixtures, from whichever thread."""

    def __init__(self) -> None:
        self.sent: set[str] = set()
        self.known: dict[str, str] = {}
        self.patch = pytest.MonkeyPatch()

    def pytest_sessionstart(self) -> None:
        for method in ("execute", "executemany"):
            self.patch.setattr(CursorWrapper, method, self._noted(getattr(CursorWrapper, method)))
        self.patch.setattr(SQLCompiler, "as_sql", self._locks_noted(SQLCompiler.as_sql))

    def pytest_sessionfinish(self) -> None:
        self.patch.undo()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        started = time.monotonic()
        self.sent.clear()
        result = yield
        write(item.nodeid, self.sent, time.monotonic() - started)
        return result

    def _noted(self, carry_out: Any) -> Any:
        @wraps(carry_out)
        def noted(cursor: Any, sql: Any, *values: Any, **named: Any) -> Any:
            try:
                result = carry_out(cursor, sql, *values, **named)
            except DatabaseError as refusal:
                # What was refused is told by the constraint, not by its values.
                self.sent.add(_name(f"{self._known(sql)} {re.sub(r'[0-9]+', '', str(refusal))}"))
                raise
            self.sent.add(self._known(sql))
            return result

        return noted

    def _locks_noted(self, write: Any) -> Any:
        """SQLite has no word for locks: what is read with one is another statement all the same, which PostgreSQL may refuse."""

        @wraps(write)
        def noted(compiler: Any, *how: Any, **named: Any) -> Any:
            text, values = write(compiler, *how, **named)
            query = compiler.query
            if query.select_for_update:
                lock = (query.select_for_update_of, query.select_for_no_key_update, query.select_for_update_skip_locked)
                self.sent.add(self._known(f"{text} locked {lock}"))
            return text, values

        return noted

    def _known(self, sql: Any) -> str:
        text = str(sql)
        if text not in self.known:
            if len(self.known) > MOST_KNOWN:
                self.known.clear()
            self.known[text] = _name(text)
        return self.known[text]


def _name(statement: str) -> str:
    for pattern, same in _SAME:
        statement = pattern.sub(same, statement)
    return blake2b(statement.encode(errors="replace"), digest_size=6).hexdigest()


def folder() -> Path | None:
    said = os.environ.get(FOLDER)
    return Path(said) if said else None


def write(nodeid: str, sent: Collection[str], seconds: float) -> None:
    """One line for one test, in a file of this worker."""
    where = folder()
    if where is not None:
        with (where / f"{os.getpid()}.jsonl").open("a") as lines:
            lines.write(json.dumps([nodeid, round(seconds, 3), sorted(sent)]) + "\n")


def read() -> dict[str, Sent]:
    """What the tests of the run before sent; nothing if there was none."""
    where = folder()
    found: dict[str, Sent] = {}
    for path in sorted(where.glob("*.jsonl")) if where is not None else ():
        for line in path.read_text().splitlines():
            nodeid, seconds, statements = json.loads(line)
            found[nodeid] = Sent(frozenset(statements), seconds)
    return found


def enough(recorded: Mapping[str, Sent], chosen: Collection[str]) -> set[str]:
    """Those of the recorded tests that, beside the chosen ones, send every statement `TIMES` times, in little time."""
    sent = Counter(statement for test in recorded.values() for statement in test.statements)
    missing = Counter({statement: min(times, TIMES) for statement, times in sent.items()})
    for nodeid in chosen:
        missing.subtract(recorded[nodeid].statements)

    def gain(nodeid: str) -> float:
        test = recorded[nodeid]
        return sum(missing[statement] > 0 for statement in test.statements) / max(test.seconds, LEAST_SECONDS)

    # What a test adds only falls while others are taken: who was first by what it added before is asked again.
    waiting = [(-gain(nodeid), nodeid) for nodeid in sorted(set(recorded) - set(chosen))]
    heapq.heapify(waiting)
    taken: list[str] = []
    while waiting:
        _before, nodeid = heapq.heappop(waiting)
        adds = gain(nodeid)
        if adds and waiting and -adds > waiting[0][0]:
            heapq.heappush(waiting, (-adds, nodeid))
        elif adds:
            taken.append(nodeid)
            missing.subtract(recorded[nodeid].statements)
    # What was taken later may have made one that was taken before needless; the longest goes first.
    for nodeid in sorted(taken, key=lambda nodeid: (-recorded[nodeid].seconds, nodeid)):
        if all(missing[statement] < 0 for statement in recorded[nodeid].statements):
            taken.remove(nodeid)
            missing.update(recorded[nodeid].statements)
    return set(taken)

"""Where the truth stands: the rows of the database, behind four questions.

The engine keeps nothing that cannot be made again from its source. The platform answers from its tables;
`MemorySource` serves tests, benchmarks and whoever tries the engine without a database.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """What is on file of one original."""

    fingerprint: bytes
    mask: bytes = b""  # which part of it other originals share, see `shared.Mask`; empty: none known


@dataclass(frozen=True)
class Change:
    """An original was added or replaced, or, without a fingerprint, taken away."""

    sequence: int
    id: str
    fingerprint: bytes | None


class Source(Protocol):
    def latest(self) -> int:
        """The number of the last change; 0 before the first. Asked before every search, so it should be cheap."""

    def changes(self, after: int) -> Iterable[Change]:
        """Changes with a higher number, in order. Only the last one of an id need be told.

        A number must not appear after a higher one has been seen: where transactions commit out of order, hold
        changes back until no lower number can come.
        """

    def fetch(self, ids: Sequence[str]) -> dict[str, Stored]:
        """What is on file of these; originals that are no longer there are left out, and so are never found."""


class MemorySource:
    """A source without a database."""

    def __init__(self) -> None:
        self._rows: dict[str, Stored] = {}
        self._log: dict[str, int] = {}
        self._next = 1
        self._lock = threading.Lock()

    def put(self, id: str, fingerprint: bytes, mask: bytes = b"") -> None:
        with self._lock:
            self._rows[id] = Stored(fingerprint, mask)
            self._log.pop(id, None)
            self._log[id] = self._next
            self._next += 1

    def set_mask(self, id: str, mask: bytes) -> None:
        """Not a change: masks are read from here, never from the index."""
        with self._lock:
            if id in self._rows:
                self._rows[id] = Stored(self._rows[id].fingerprint, mask)

    def delete(self, id: str) -> None:
        with self._lock:
            if self._rows.pop(id, None) is not None:
                self._log.pop(id, None)
                self._log[id] = self._next
                self._next += 1

    def __len__(self) -> int:
        return len(self._rows)

    def latest(self) -> int:
        return self._next - 1

    def changes(self, after: int) -> Iterator[Change]:
        with self._lock:
            todo = [(number, id) for id, number in self._log.items() if number > after]
        for number, id in sorted(todo):
            row = self._rows.get(id)
            yield Change(number, id, row.fingerprint if row else None)

    def fetch(self, ids: Sequence[str]) -> dict[str, Stored]:
        return {id: self._rows[id] for id in ids if id in self._rows}

"""The one clock. A test, a demo or a simulated year moves it; nothing else reads the system's time.

The demo's offset is a row in the database, so that web, worker and beat agree on what time it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta(0))
_frozen: ContextVar[datetime | None] = ContextVar("clock_frozen", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    frozen = _frozen.get()
    return frozen if frozen is not None else datetime.now(UTC) + _offset.get()


def today() -> date:
    """The present calendar day in the installation's time zone."""
    return timezone.localdate(now())


@contextmanager
def frozen(moment: datetime) -> Iterator["FrozenClock"]:
    """Stop the clock at `moment` inside the block; the yielded clock can be moved by hand."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    token = _frozen.set(moment)
    try:
        yield FrozenClock()
    finally:
        _frozen.reset(token)


class FrozenClock:
    """Moves a stopped clock."""

    def advance(self, **delta: float) -> datetime:
        """Move on by a `timedelta(**delta)` and return the new moment."""
        moment = now() + timedelta(**delta)
        _frozen.set(moment)
        return moment

    def set(self, moment: datetime) -> None:
        _frozen.set(moment)

"""The one clock. A test, a demo or a simulated year moves it; nothing else reads the system's time.

How far a demo's clock is ahead is a row in the database (`core.demo_clock`), so that web, workers and commands agree
on what time it is. What is measured against another machine (a signature, a lease, a link that lasts for minutes) is
measured with `unmoved()`: moving the demo by a month must not break it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

_frozen: ContextVar[datetime | None] = ContextVar("clock_frozen", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return ours(unmoved())


def unmoved() -> datetime:
    """The present moment by the machine's own clock, which nobody moves; a stopped clock stops it too."""
    frozen = _frozen.get()
    return frozen if frozen is not None else datetime.now(UTC)


def ours(moment: datetime) -> datetime:
    """What a moment by another machine's clock is by ours."""
    return moment + moved_by()


def theirs(moment: datetime) -> datetime:
    """What a moment by our clock is by other machines'."""
    return moment - moved_by()


def moved_by() -> timedelta:
    """How far this installation's clock has been moved: nothing outside a demo, and while the clock is stopped."""
    if not settings.CLOCK_CAN_MOVE or _frozen.get() is not None:
        return timedelta(0)
    from core import demo_clock

    return demo_clock.ahead()


def today() -> date:
    """The present calendar day in the installation's time zone."""
    return timezone.localdate(now(), timezone.get_default_timezone())


def is_beyond(said: str) -> bool:
    """Whether a text is a moment that the clock of another zone, or a database, may have no word for."""
    try:
        moment = parse_datetime(said)
    except ValueError:
        return False
    return moment is not None and not MINYEAR < moment.year < MAXYEAR


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

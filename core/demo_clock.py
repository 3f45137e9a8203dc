"""Moving the clock of a demo, forwards only, to watch a case run. Installations that are no demo have one that stands.

How far it was moved is one row. A web process looks at it once per request, a worker once per task, a command when it
first asks for the time; in between they remember it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from core import clock, ledger
from core.errors import Forbidden, Invalid
from core.models import Case, MovedClock
from core.outbox import hint

#: as far as the kept calendars of working days reach with some sense
MOST_AHEAD = timedelta(days=10 * 366)
UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_LENGTH = re.compile(r"(?:\d{1,6}[wdhms])+")

_ahead: timedelta | None = None


def ahead() -> timedelta:
    """How far this process knows the clock to be ahead of the machine's."""
    return look() if _ahead is None else _ahead


def look() -> timedelta:
    """Ask the database how far the clock has been moved. Before its tables exist it has not been."""
    global _ahead
    try:
        if connection.in_atomic_block:
            with transaction.atomic():  # so that the transaction outlives a table that is not there
                _ahead = _read()
        else:
            _ahead = _read()
    except DatabaseError:
        return _ahead or timedelta(0)
    return _ahead


def forget() -> None:
    """Remember nothing: the next look is at the database."""
    global _ahead
    _ahead = None


def _read() -> timedelta:
    return MovedClock.objects.values_list("ahead", flat=True).first() or timedelta(0)


def length_of(said: str) -> timedelta:
    """The length of time in words such as `15d`, `1d12h` or `90m`. Raises Invalid."""
    compact = "".join(said.split()).lower()
    if not _LENGTH.fullmatch(compact):
        raise Invalid(
            _("“%(said)s” is no length of time. Write it like 15d, 36h or 1d12h.") % {"said": said[:40]}, field="by"
        )
    parts = re.findall(r"(\d+)([wdhms])", compact)
    return sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in parts), timedelta(0))


def move(*, by: timedelta, actor: Any = None) -> datetime:
    """Move the clock forwards and have everything done that became due; returns what time it is then.

    Raises Forbidden where the clock stands, Invalid for a move backwards or too far.
    """
    if not settings.CLOCK_CAN_MOVE:
        raise Forbidden(_("Only the clock of a demo can be moved: it runs with IPPRO_DEMO=1."))
    with transaction.atomic():
        row = MovedClock.objects.select_for_update().get_or_create(pk=1, defaults={"ahead": timedelta(0)})[0]
        if by <= timedelta(0):
            raise Invalid(_("The clock moves forwards only. Give a length of time greater than nothing."), field="by")
        if row.ahead + by > MOST_AHEAD:
            raise Invalid(
                _("That is too far: the clock of a demo runs ahead by %(days)d days at most.")
                % {"days": MOST_AHEAD.days},
                field="by",
            )
        ledger.record(
            kind="clock.moved", subject="clock", actor=actor,
            payload={"seconds": int(by.total_seconds()), "ahead_seconds": int((row.ahead + by).total_seconds())},
        )  # fmt: skip
        row.ahead += by
        row.save(update_fields=["ahead"])
        for task, queue in _sweeps():
            hint(task, queue=queue)
    look()
    return clock.now()


def _sweeps() -> Iterable[tuple[str, str]]:
    """Everything that beat would send sooner or later: after a move it is sooner."""
    from celery import current_app

    for entry in current_app.conf.beat_schedule.values():
        yield entry["task"], entry.get("options", {}).get("queue", settings.CELERY_TASK_DEFAULT_QUEUE)


@dataclass(frozen=True)
class Ahead:
    """A deadline that lies ahead, of a case of any room."""

    at: datetime
    number: str
    kind: str
    state: str


def deadlines_ahead(most: int = 10) -> list[Ahead]:
    """The deadlines that come next, of all cases of all rooms, the nearest first."""
    found: list[Ahead] = []
    for model in apps.get_models():
        if issubclass(model, Case):
            rows: Any = model._base_manager.filter(deadline_at__gt=clock.now()).order_by("deadline_at", "pk")[:most]
            found += [Ahead(row.deadline_at, row.number, str(model._meta.verbose_name), _state_of(row)) for row in rows]
    return sorted(found, key=lambda one: (one.at, one.number))[:most]


def until_next_deadline() -> timedelta:
    """How long it is until one second after the nearest deadline. Raises Invalid if nothing waits for one."""
    for first in deadlines_ahead(1):
        return first.at - clock.now() + timedelta(seconds=1)
    raise Invalid(_("No case has a deadline ahead of it."), field="by")


def _state_of(case: Any) -> str:
    return str(case.get_state_display()) if hasattr(case, "get_state_display") else str(getattr(case, "state", ""))

"""From when, until when: a period of a regime, counted from a moment, with every step of the count.

Days are those of the regime's own time zone, wherever the server stands. The day of the event is not counted; a
period of days or months ends with its last day, at 24:00 (Civil Code arts. 201–203; Regulation No 1182/71 art. 3).
"""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.regimes import REGIMES, Event, Period, Regime, Unit
from core.calendars import FIRST_YEAR, LAST_YEAR
from core.errors import Invalid

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """When something may happen, and until when it has to; with a single date both moments are the same.

    Until `opens_at` the party may still act; from then on what the period says may happen, and it has to by
    `closes_at`. Both are aware, in UTC; 24:00 of a day is the first moment of the next one. `is_provisional` says
    that a day was judged by a calendar that is not published yet, so that the dates may still move.
    """

    opens_at: datetime
    closes_at: datetime
    is_provisional: bool
    steps: tuple[str, ...]
    source: str
    timezone: str = "UTC"

    @property
    def is_single(self) -> bool:
        return self.opens_at == self.closes_at

    @property
    def opens_on(self) -> date:
        """The first day, in the regime's zone, on which it may happen; of a single date its last day."""
        return self.closes_on if self.is_single else self.opens_at.astimezone(ZoneInfo(self.timezone)).date()

    @property
    def closes_on(self) -> date:
        """The last day, in the regime's zone: the one at whose 24:00 it closes."""
        return (self.closes_at - timedelta(microseconds=1)).astimezone(ZoneInfo(self.timezone)).date()

    def __str__(self) -> str:
        """The date or the window, as a person would write it in the regime's zone."""
        if not self.is_single:
            return _("from %(first)s to %(last)s (%(zone)s)") % {
                "first": _named(self.opens_on), "last": _named(self.closes_on), "zone": self.timezone,
            }  # fmt: skip
        local = self.closes_at.astimezone(ZoneInfo(self.timezone))
        ends = f"{_named(self.closes_on)} 24:00" if local.time() == time(0) else _minute(local)
        return _("until %(moment)s (%(zone)s)") % {"moment": ends, "zone": self.timezone}


def regime_called(code: str) -> Regime:
    """The regime with this code. Raises Invalid for the field `regime`."""
    if code not in REGIMES:
        said = _("There is no regime “%(code)s”. Choose one of: %(known)s.")
        raise Invalid(said % {"code": code[:32], "known": ", ".join(REGIMES)}, field="regime")
    return REGIMES[code]


def window(regime: Regime, event: str, at: datetime) -> Window:
    """When what follows an event may happen under a regime, at the earliest and at the latest.

    Raises Invalid: for `event` if nothing runs from it under this regime, for `at` if it has no time zone or lies
    where no calendar reaches.
    """
    period = regime.period(event)
    if period is None:
        raise Invalid(_unknown(regime, event), field="event")
    if at.tzinfo is None or at.utcoffset() is None:
        raise Invalid(_("This time says not where: add its zone, such as +08:00 or Z."), field="at")
    if not FIRST_YEAR < at.year < LAST_YEAR:
        said = _("No calendar is kept for %(year)d. Choose a time from %(first)d to %(last)d.")
        raise Invalid(said % {"year": at.year, "first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}, field="at")
    count = _Count(regime, period, at)
    return count.window()


def _unknown(regime: Regime, event: str) -> str:
    known = ", ".join(p.event for p in regime.periods)
    if event in list(Event):
        said = _("Under “%(regime)s” nothing runs from “%(event)s”. It knows: %(known)s.")
    else:
        said = _("“%(event)s” is no event. “%(regime)s” knows: %(known)s.")
    return said % {"regime": regime.name, "event": event[:64], "known": known}


class _Count:
    """One period being counted; remembers how it went."""

    def __init__(self, regime: Regime, period: Period, at: datetime) -> None:
        self.regime, self.period, self.at = regime, period, at
        self.zone = ZoneInfo(regime.timezone)
        self.day_of_event = at.astimezone(self.zone).date()
        self.steps: list[str] = []
        self.is_certain = True

    def window(self) -> Window:
        local = self.at.astimezone(self.zone)
        self._say(
            _("%(event)s on %(moment)s (%(zone)s)."),
            event=self.period.event, moment=_minute(local), zone=self.regime.timezone,
        )  # fmt: skip
        how: dict[Unit, Callable[[], tuple[datetime, datetime]]] = {
            Unit.TIME: self._time, Unit.DAYS: self._days, Unit.MONTHS: self._months, Unit.WORKING_DAYS: self._working,
        }  # fmt: skip
        opens, closes = how[self.period.unit]()
        if not self.is_certain:
            self._say(
                _("Provisional: the calendar “%(name)s” is not published that far, so the date may still move."),
                name=self.regime.calendar.name,
            )
        self._say(_("Then: %(consequence)s"), consequence=self.period.consequence)
        return Window(
            opens_at=opens, closes_at=closes, is_provisional=not self.is_certain, steps=tuple(self.steps),
            source=str(self.period.source), timezone=self.regime.timezone,
        )  # fmt: skip

    def _time(self) -> tuple[datetime, datetime]:
        assert isinstance(self.period.length, timedelta)
        ends = self.at.astimezone(UTC) + self.period.length
        self._say(
            _("%(length)s later, to the minute: %(moment)s."),
            length=length_of(self.period.length), moment=_minute(ends.astimezone(self.zone)),
        )  # fmt: skip
        return ends, ends

    def _days(self) -> tuple[datetime, datetime]:
        assert isinstance(self.period.length, int)
        self._not_counted()
        last = self.day_of_event + self.period.length * _DAY
        self._say(_("Day %(n)d after it is %(day)s."), n=self.period.length, day=_named(last))
        return self._until_the_end_of(last)

    def _months(self) -> tuple[datetime, datetime]:
        assert isinstance(self.period.length, int)
        self._not_counted()
        last = _months_after(self.day_of_event, self.period.length)
        self._say(
            _("%(n)d months later, the day with the same number, or the last one of its month: %(day)s."),
            n=self.period.length, day=_named(last),
        )  # fmt: skip
        return self._until_the_end_of(last)

    def _until_the_end_of(self, last: date) -> tuple[datetime, datetime]:
        if self.period.moves:
            working = self._next_working(last)
            if working != last:
                self._say(
                    _("%(day)s is no working day: the last day moves to %(working)s."),
                    day=_named(last), working=_named(working),
                )  # fmt: skip
            last = working
        self._say(_("The period ends with that day, at 24:00."))
        ends = self._midnight(last + _DAY)
        return ends, ends

    def _working(self) -> tuple[datetime, datetime]:
        assert isinstance(self.period.length, int)
        self._not_counted()
        first = self._count_working(self.period.length)
        if self.period.at_most is None:
            self._say(_("The period ends with that day, at 24:00."))
            ends = self._midnight(first + _DAY)
            return ends, ends
        self._say(_("The window opens with that day, at 00:00."))
        last = self._count_working(self.period.at_most)
        self._say(_("The window closes with that day, at 24:00."))
        return self._midnight(first), self._midnight(last + _DAY)

    def _count_working(self, count: int) -> date:
        day, left_out = self.day_of_event, []
        counted = 0
        while counted < count:
            day += _DAY
            self._judge(day)
            if self.regime.calendar.is_working(day):
                counted += 1
            elif day.weekday() < 5:
                left_out.append(_named(day))
        self._say(_("Working day %(n)d is %(day)s."), n=count, day=_named(day))
        if left_out:
            self._say(_("Not counted beside weekends: %(days)s."), days=", ".join(left_out))
        return day

    def _next_working(self, day: date) -> date:
        self._judge(day)
        while not self.regime.calendar.is_working(day):
            day += _DAY
            self._judge(day)
        return day

    def _judge(self, day: date) -> None:
        self.is_certain &= self.regime.calendar.is_published(day)

    def _not_counted(self) -> None:
        self._say(_("The day of the event, %(day)s, is not counted."), day=_named(self.day_of_event))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self.zone).astimezone(UTC)

    def _say(self, sentence: str, **what: object) -> None:
        self.steps.append(sentence % what)


def length_of(length: timedelta) -> str:
    """A length of time in the one unit that fits it: days, hours or minutes."""
    minutes = int(length / timedelta(minutes=1))
    if minutes % (24 * 60) == 0:
        return ngettext("%(n)d day", "%(n)d days", minutes // (24 * 60)) % {"n": minutes // (24 * 60)}
    if minutes % 60 == 0:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def _months_after(day: date, months: int) -> date:
    """The day with the same number so many months later, or the last one of that month (Civil Code art. 202)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _named(day: date) -> str:
    return date_format(day, "D Y-m-d")


def _minute(moment: datetime) -> str:
    return f"{_named(moment.date())} {moment:%H:%M}"

"""`python -m tests.complaints.golden.derive`: writes deadlines.csv anew, from `days.py` and the cases below.

Independent of the product on purpose: no library of holidays, no database of time zones, no import from the rooms.
Working days are the list of all days with those off struck out; zones are the two rules of summer time written out.
"""

import csv
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from tests.complaints.golden import days

TABLE = Path(__file__).with_name("deadlines.csv")
COLUMNS = ("regime", "event", "from", "opens_at", "closes_at", "is_provisional", "about")
DAY = timedelta(days=1)


# --- which days are off ------------------------------------------------------------------------------------


def _day(year: int, mmdd: str) -> date:
    return date(year, int(mmdd[:2]), int(mmdd[2:]))


def _stretches(year: int, said: str) -> set[date]:
    off = set()
    for stretch in said.split():
        first, last = stretch.split("-")
        # A New Year's stretch may begin in the December before.
        day, end = _day(year - (first > last), first), _day(year, last)
        while day <= end:
            off.add(day)
            day += DAY
    return off


def _china() -> tuple[set[date], set[date]]:
    off, worked = set(), set()
    for year, (stretches, weekends) in days.CHINA.items():
        off |= _stretches(year, stretches)
        in_december = stretches.startswith("12")
        worked |= {_day(year - (in_december and mmdd == "1229"), mmdd) for mmdd in weekends.split()}
    for year, stretches in days.CHINA_BY_LAW_ALONE.items():
        off |= _stretches(year, stretches)
    return off, worked


def _plain(table: dict[int, str]) -> tuple[set[date], set[date]]:
    return {_day(year, mmdd) for year, said in table.items() for mmdd in said.split()}, set()


OFF = {"cn": _china(), "us": _plain(days.UNITED_STATES), "eu": _plain(days.BELGIUM)}


def works(regime: str, day: date) -> bool:
    off, worked = OFF[regime]
    return day in worked or (day.isoweekday() <= 5 and day not in off)


def is_announced(regime: str, day: date) -> bool:
    """China's last days of December are announced with the New Year that they lead to."""
    year = day.year + (day.month == 12 and day.day >= 25)
    return regime != "cn" or year <= days.CHINA_ANNOUNCED_UNTIL


# --- where a day begins ------------------------------------------------------------------------------------


def _sunday(year: int, month: int, nth: int) -> date:
    """The nth Sunday of a month; -1 is the last one."""
    sundays = [d for n in range(31) if (d := date(year, month, 1) + n * DAY).month == month and d.isoweekday() == 7]
    return sundays[nth if nth < 0 else nth - 1]


def _hours_ahead(regime: str, moment: datetime) -> int:
    """How far the regime's zone is ahead of UTC at a moment."""
    if regime == "cn":
        return 8
    year = moment.year
    if regime == "us":
        begins = datetime.combine(_sunday(year, 3, 2), datetime.min.time(), UTC) + timedelta(hours=7)
        ends = datetime.combine(_sunday(year, 11, 1), datetime.min.time(), UTC) + timedelta(hours=6)
        return -4 if begins <= moment < ends else -5
    begins = datetime.combine(_sunday(year, 3, -1), datetime.min.time(), UTC) + timedelta(hours=1)
    ends = datetime.combine(_sunday(year, 10, -1), datetime.min.time(), UTC) + timedelta(hours=1)
    return 2 if begins <= moment < ends else 1


def local(regime: str, moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment.astimezone(timezone(timedelta(hours=_hours_ahead(regime, moment))))


def midnight(regime: str, day: date) -> datetime:
    """The first moment of a day: no zone here moves its clocks at midnight, so noon of the day before has its offset
    or the one before it; the right one is the one that gives 00:00."""
    for ahead in (8,) if regime == "cn" else (-4, -5) if regime == "us" else (2, 1):
        moment = datetime.combine(day, datetime.min.time(), timezone(timedelta(hours=ahead)))
        if local(regime, moment).hour == 0 and local(regime, moment).date() == day:
            return moment
    raise AssertionError(day)


# --- the rules ---------------------------------------------------------------------------------------------

#: what is counted: working days (first, last), days, months, or minutes; and whether a last day off moves
RULES = {
    ("cn", "counter-notice-delivered"): ("days", 15),
    ("cn", "decision-notified"): ("days", 30),
    ("cn", "counter-notice-received"): ("working", 2),
    ("cn", "penalty-announced"): ("working", 5),
    ("us", "counter-notice-received"): ("window", 10, 14),
    ("us", "decision-notified"): ("days", 30),
    ("us", "penalty-announced"): ("working", 5),
    ("eu", "decision-notified"): ("months", 6),
    ("eu", "counter-notice-received"): ("working", 7),
    ("eu", "penalty-announced"): ("working", 5),
    ("cn", "notice-received"): ("minutes", 2 * 24 * 60),
    ("us", "notice-accepted"): ("minutes", 5 * 24 * 60),
    ("eu", "notice-returned"): ("minutes", 5 * 24 * 60),
    ("eu", "decision-reached"): ("minutes", 30),
    ("us", "parties-told"): ("minutes", 15 * 24 * 60),
}


def derive(regime: str, event: str, at: datetime) -> tuple[datetime, datetime, bool]:
    how, *numbers = RULES[regime, event]
    if how == "minutes":
        ends = local(regime, at + timedelta(minutes=numbers[0]))
        return ends, ends, False
    happened = local(regime, at).date()
    following = [happened + n * DAY for n in range(1, 260)]
    if how in ("working", "window"):
        last = max(numbers)
        working = [d for d in following if works(regime, d)][:last]
        looked_at = [d for d in following if d <= working[-1]]
        opens = midnight(regime, working[numbers[0] - 1] + (DAY if how == "working" else 0 * DAY))
        closes = midnight(regime, working[-1] + DAY)
    else:
        if how == "days":
            nominal = following[numbers[0] - 1]
        else:
            month = happened.month + numbers[0]
            year, month = happened.year + (month > 12), month - 12 * (month > 12)
            nominal = max(d for d in following if (d.year, d.month) == (year, month) and d.day <= happened.day)
        looked_at = [d for d in following if d >= nominal]
        end = next(d for d in looked_at if works(regime, d))
        looked_at = [d for d in looked_at if d <= end]
        opens = closes = midnight(regime, end + DAY)
    return opens, closes, not all(is_announced(regime, d) for d in looked_at)


# --- the cases ---------------------------------------------------------------------------------------------


def cases() -> list[tuple[str, str, str, str]]:
    """(regime, event, from, what it is about): more than 200."""
    out = []

    def add(about: str, regime: str, event: str, *moments: str) -> None:
        out.extend((regime, event, moment, about) for moment in moments)

    cn = ("cn", "counter-notice-delivered")
    add(
        "Spring Festival 2026: nine days off between two working Saturdays",
        *cn,
        *(
            f"2026-{d}T10:00:00+08:00"
            for d in (
                "01-28",
                "01-29",
                "01-30",
                "01-31",
                "02-01",
                "02-02",
                "02-03",
                "02-04",
                "02-05",
                "02-06",
                "02-07",
                "02-08",
                "02-09",
                "02-12",
                "02-13",
                "02-14",
                "02-15",
                "02-20",
                "02-23",
            )
        ),
    )
    add("Spring Festival 2025", *cn, *(f"2025-01-{d}T16:30:00+08:00" for d in (11, 12, 13, 14, 17, 20, 21, 23, 24)))
    add(
        "Spring Festival 2024",
        *cn,
        *(f"2024-{d}T09:00:00+08:00" for d in ("01-20", "01-25", "01-26", "01-31", "02-02", "02-03")),
    )
    add(
        "Spring Festival 2020, made longer in the middle of it",
        *cn,
        *(f"2020-01-{d}T09:00:00+08:00" for d in ("04", "09", "15", "16", "17", "18")),
    )
    add(
        "National Day 2026: Sunday 20 September and Saturday 10 October are worked",
        *cn,
        *(
            f"2026-09-{d}T18:00:00+08:00"
            for d in ("05", "10", "11", "12", "15", "16", "17", "18", "20", "22", "23", "24", "25", "26", "27")
        ),
    )
    add(
        "National Day and Mid-Autumn 2025",
        *cn,
        *(f"2025-09-{d}T08:00:00+08:00" for d in (13, 15, 16, 19, 23, 25, 26, 27)),
    )
    add(
        "National Day 2023: two worked days in a row behind it",
        *cn,
        *(f"2023-09-{d}T08:00:00+08:00" for d in (14, 20, 21, 22, 23)),
    )
    add(
        "Labour Day 2026: Saturday 9 May is worked", *cn, *(f"2026-04-{d}T12:00:00+08:00" for d in (16, 17, 20, 24, 25))
    )
    add("Dragon Boat 2025 over the turn of a month", *cn, *(f"2025-05-{d}T12:00:00+08:00" for d in (15, 16, 17, 18)))
    add(
        "Tomb-Sweeping Day 2024: Sunday 7 April is worked",
        *cn,
        *(f"2024-03-{d}T12:00:00+08:00" for d in (20, 21, 22, 23)),
    )
    add(
        "year end 2018: Saturday 29 December is worked, Monday 31 is off",
        *cn,
        *(f"2018-12-{d}T12:00:00+08:00" for d in (14, 15, 16, 17)),
    )
    add(
        "year end 2025: Sunday 4 January 2026 is worked",
        *cn,
        *(f"2025-12-{d}T12:00:00+08:00" for d in (16, 17, 18, 19, 20)),
    )
    add(
        "year end 2022: Saturday 31 December to Monday 2 January",
        *cn,
        *(f"2022-12-{d}T12:00:00+08:00" for d in (15, 16, 18)),
    )
    add(
        "a year that is not announced yet",
        *cn,
        *(f"2026-12-{d}T12:00:00+08:00" for d in ("09", "10", "11", "16", "17", "18", "19", "31")),
    )
    add(
        "a year that is not announced yet: festivals by law alone",
        *cn,
        "2027-01-21T12:00:00+08:00",
        "2027-04-16T12:00:00+08:00",
        "2027-05-25T12:00:00+08:00",
        "2027-08-31T12:00:00+08:00",
        "2027-09-18T12:00:00+08:00",
    )
    add(
        "the day is Shanghai's, wherever the time was written down",
        *cn,
        "2026-07-06T15:59:59Z",
        "2026-07-06T16:00:00Z",
        "2026-07-06T12:00:00-04:00",
        "2026-07-06T11:59:59-04:00",
        "2026-07-06T23:59:59+08:00",
        "2026-07-07T00:00:00+08:00",
        "2026-07-07T05:00:00+14:00",
        "2026-07-06T04:00:00-12:00",
    )
    add("the leap day", *cn, "2024-02-14T10:00:00+08:00", "2024-02-15T10:00:00+08:00", "2028-02-14T10:00:00+08:00")
    add(
        "appeal over Spring Festival and National Day",
        "cn",
        "decision-notified",
        "2026-01-16T10:00:00+08:00",
        "2026-01-24T10:00:00+08:00",
        "2026-01-29T10:00:00+08:00",
        "2026-09-01T10:00:00+08:00",
        "2026-09-04T10:00:00+08:00",
        "2026-09-10T10:00:00+08:00",
        "2026-12-01T10:00:00+08:00",
    )
    add(
        "two working days around make-up days",
        "cn",
        "counter-notice-received",
        "2026-02-12T10:00:00+08:00",
        "2026-02-13T10:00:00+08:00",
        "2026-02-14T10:00:00+08:00",
        "2026-02-27T10:00:00+08:00",
        "2026-09-18T10:00:00+08:00",
        "2026-09-30T10:00:00+08:00",
        "2026-10-08T10:00:00+08:00",
        "2026-10-09T10:00:00+08:00",
    )
    add(
        "five working days of hearing",
        "cn",
        "penalty-announced",
        "2026-02-10T10:00:00+08:00",
        "2026-04-29T10:00:00+08:00",
        "2026-09-28T10:00:00+08:00",
        "2026-12-22T10:00:00+08:00",
    )

    us = ("us", "counter-notice-received")
    add(
        "Thanksgiving 2026",
        *us,
        *(
            f"2026-11-{d}T15:00:00-05:00"
            for d in ("09", "10", "11", "12", "13", "18", "19", "20", "21", "22", "24", "25", "26", "27", "30")
        ),
    )
    add(
        "Christmas and New Year 2026",
        *us,
        *(f"2026-12-{d}T15:00:00-05:00" for d in ("10", "11", "15", "18", "23", "24", "25", "31")),
    )
    add(
        "New Year's Day 2028 is a Saturday, observed on 31 December 2027",
        *us,
        *(f"2027-12-{d}T12:00:00-05:00" for d in ("10", "13", "15", "17", "20", "30")),
    )
    add(
        "Christmas 2022 is a Sunday, observed on Monday",
        *us,
        *(f"2022-12-{d}T12:00:00-05:00" for d in ("08", "09", "13", "16", "23", "30")),
    )
    add(
        "Independence Day 2026 is a Saturday, observed on Friday 3 July",
        *us,
        *(f"2026-06-{d}T12:00:00-04:00" for d in (12, 16, 18, 19, 22, 30)),
    )
    add(
        "Juneteenth 2027 is a Saturday; Independence Day a Sunday",
        *us,
        "2027-06-03T12:00:00-04:00",
        "2027-06-17T12:00:00-04:00",
        "2027-06-21T12:00:00-04:00",
    )
    add(
        "the clocks of New York go forward on 8 March and back on 1 November 2026",
        *us,
        "2026-02-20T12:00:00-05:00",
        "2026-02-24T12:00:00-05:00",
        "2026-03-08T06:59:59Z",
        "2026-03-08T07:00:00Z",
        "2026-10-15T12:00:00-04:00",
        "2026-10-19T12:00:00-04:00",
        "2026-11-01T05:30:00Z",
        "2026-11-01T06:30:00Z",
    )
    add(
        "the day is New York's",
        *us,
        "2026-11-20T04:59:59Z",
        "2026-11-20T05:00:00Z",
        "2026-11-21T04:59:59Z",
        "2026-11-21T05:00:00Z",
        "2026-11-21T12:59:59+08:00",
        "2026-11-20T21:30:00-08:00",
    )
    add(
        "appeal, 30 days, off a federal holiday",
        "us",
        "decision-notified",
        "2026-10-12T12:00:00-04:00",
        "2026-10-27T12:00:00-04:00",
        "2026-11-25T12:00:00-05:00",
        "2026-12-02T12:00:00-05:00",
        "2026-08-08T12:00:00-04:00",
    )
    add(
        "hearing over Columbus Day", "us", "penalty-announced", "2026-10-07T12:00:00-04:00", "2026-12-23T12:00:00-05:00"
    )

    eu = ("eu", "decision-notified")
    add(
        "months of different length",
        *eu,
        "2025-08-28T12:00:00+02:00",
        "2025-08-29T12:00:00+02:00",
        "2025-08-30T12:00:00+02:00",
        "2025-08-31T12:00:00+02:00",
        "2027-08-29T12:00:00+02:00",
        "2027-08-31T12:00:00+02:00",
        "2026-03-31T12:00:00+02:00",
        "2026-05-31T12:00:00+02:00",
        "2026-10-31T12:00:00+01:00",
    )
    add(
        "a last day on a Belgian holiday or a weekend",
        *eu,
        "2026-05-11T12:00:00+02:00",
        "2026-06-25T12:00:00+02:00",
        "2026-07-01T12:00:00+02:00",
        "2025-10-06T12:00:00+02:00",
        "2025-11-14T12:00:00+01:00",
        "2025-11-25T12:00:00+01:00",
        "2026-01-21T12:00:00+01:00",
        "2026-02-15T12:00:00+01:00",
        "2026-09-29T12:00:00+02:00",
        "2026-11-06T12:00:00+01:00",
    )
    add(
        "the clocks of Brussels go forward on 29 March and back on 25 October 2026",
        *eu,
        "2026-03-28T23:30:00Z",
        "2026-03-29T00:59:59Z",
        "2026-03-29T01:00:00Z",
        "2026-04-24T12:00:00+02:00",
        "2026-04-27T12:00:00+02:00",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
    )
    add(
        "the day is Brussels'",
        *eu,
        "2026-09-14T21:59:59Z",
        "2026-09-14T22:00:00Z",
        "2026-12-14T22:59:59Z",
        "2026-12-14T23:00:00Z",
    )
    add(
        "an internal complaint over Easter, over Christmas, and over the bridge days of May",
        "eu",
        "counter-notice-received",
        "2026-03-30T12:00:00+02:00",
        "2026-12-18T12:00:00+01:00",
        "2026-05-08T12:00:00+02:00",
        "2026-07-14T12:00:00+02:00",
    )
    add(
        "hearing over Ascension Day",
        "eu",
        "penalty-announced",
        "2026-05-12T12:00:00+02:00",
        "2026-12-24T12:00:00+01:00",
    )
    add(
        "a length of time runs through a change of clocks",
        "eu",
        "notice-returned",
        "2026-03-27T12:00:00+01:00",
        "2026-10-23T12:00:00+02:00",
    )
    add(
        "a length of time runs through a change of clocks",
        "us",
        "notice-accepted",
        "2026-03-06T12:00:00-05:00",
        "2026-10-30T12:00:00-04:00",
    )
    add(
        "a length of time ends to the minute",
        "cn",
        "notice-received",
        "2026-12-31T23:30:00+08:00",
        "2028-02-28T08:15:00+08:00",
    )
    add("a length of time ends to the minute", "eu", "decision-reached", "2026-10-25T00:45:00Z")
    add("a length of time ends to the minute", "us", "parties-told", "2026-10-25T00:45:00Z")
    return out  # fmt: skip


def table() -> list[dict[str, str]]:
    rows = []
    for regime, event, moment, about in cases():
        opens, closes, is_provisional = derive(regime, event, datetime.fromisoformat(moment))
        said = (regime, event, moment, opens.isoformat(), closes.isoformat(), "yes" if is_provisional else "no", about)
        rows.append(dict(zip(COLUMNS, said, strict=True)))
    return rows


def main() -> None:
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table())


if __name__ == "__main__":
    main()

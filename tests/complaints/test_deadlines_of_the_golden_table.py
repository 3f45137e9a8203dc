"""Deadlines over year ends, festivals, changes of clocks and zones are those of a table made without our code.

`golden/days.py` lists the days off as they were announced, by hand; `golden/derive.py` counts with nothing but them
and writes `golden/deadlines.csv`. Of its rows those in BY_HAND were counted on paper, with a wall calendar. When a new
release of the calendar libraries announces a year, add it to `days.py` and derive the table anew.
"""

import csv
from datetime import date, datetime, timedelta

import pytest

from complaints.deadlines import window
from complaints.regimes import REGIMES
from core import calendars
from tests.complaints.golden import days, derive

with derive.TABLE.open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))

CN, US, EU = ("cn", "counter-notice-delivered"), ("us", "counter-notice-received"), ("eu", "decision-notified")
#: first day on which it may happen (of a single date: the last day of the period), last day; how it was counted
BY_HAND = {
    # Sun 1 Feb + 15 = Mon 16, off from Sun 15 to Mon 23: Tue 24
    (*CN, "2026-02-01T10:00:00+08:00"): ("2026-02-24", "2026-02-24"),
    # + 15 = Sat 14 Feb, worked for the Spring Festival
    (*CN, "2026-01-30T10:00:00+08:00"): ("2026-02-14", "2026-02-14"),
    # + 15 = Sat 28 Feb, worked
    (*CN, "2026-02-13T10:00:00+08:00"): ("2026-02-28", "2026-02-28"),
    # + 15 = Sun 20 Sep, worked
    (*CN, "2026-09-05T18:00:00+08:00"): ("2026-09-20", "2026-09-20"),
    # + 15 = Fri 25 Sep, Mid-Autumn to Sun 27: Mon 28
    (*CN, "2026-09-10T18:00:00+08:00"): ("2026-09-28", "2026-09-28"),
    # + 15 = Thu 1 Oct, off to Wed 7: Thu 8
    (*CN, "2026-09-16T18:00:00+08:00"): ("2026-10-08", "2026-10-08"),
    # + 15 = Sat 29 Dec 2018, worked; the next day is off until New Year's Day: Wed 2 Jan
    (*CN, "2018-12-14T12:00:00+08:00"): ("2018-12-29", "2018-12-29"),
    (*CN, "2018-12-15T12:00:00+08:00"): ("2019-01-02", "2019-01-02"),
    # + 15 = Thu 1 Jan 2026, off to Sat 3; Sun 4 is worked
    (*CN, "2025-12-17T12:00:00+08:00"): ("2026-01-04", "2026-01-04"),
    # the last second of Mon 6 Jul in Shanghai, and the first of Tue 7: Tue 21 and Wed 22 Jul
    (*CN, "2026-07-06T15:59:59Z"): ("2026-07-21", "2026-07-21"),
    (*CN, "2026-07-06T16:00:00Z"): ("2026-07-22", "2026-07-22"),
    # + 15 = Thu 29 Feb 2024
    (*CN, "2024-02-14T10:00:00+08:00"): ("2024-02-29", "2024-02-29"),
    # + 15 = Fri 1 Jan 2027, then a weekend: Mon 4; provisional
    (*CN, "2026-12-17T12:00:00+08:00"): ("2027-01-04", "2027-01-04"),
    # 23 24 25 | 27 30 1 2 3 4 7 = 10; 8 9 10 11 = 14
    (*US, "2026-11-20T15:00:00-05:00"): ("2026-12-07", "2026-12-11"),
    # 11 14 15 16 17 18 21 22 23 24 = 10; 28 29 30 31 = 14
    (*US, "2026-12-10T15:00:00-05:00"): ("2026-12-24", "2026-12-31"),
    # 20 21 22 23 | 27 28 29 30 | 3 4 = 10; 5 6 7 10 = 14
    (*US, "2027-12-17T12:00:00-05:00"): ("2028-01-04", "2028-01-10"),
    # 22–26 = 5, 29 30 1 2 | 6 = 10; 7 8 9 10 = 14
    (*US, "2026-06-19T12:00:00-04:00"): ("2026-07-06", "2026-07-10"),
    # 28 Feb 2026 is a Saturday: Mon 2 Mar
    (*EU, "2025-08-31T12:00:00+02:00"): ("2026-03-02", "2026-03-02"),
    # 6 May 2027 is Ascension Day: Fri 7
    (*EU, "2026-11-06T12:00:00+01:00"): ("2027-05-07", "2027-05-07"),
    # Fri 25 Dec 2026, then a weekend: Mon 28
    (*EU, "2026-06-25T12:00:00+02:00"): ("2026-12-28", "2026-12-28"),
    # 00:30 on 29 March in Brussels, half an hour before midnight in UTC: Tue 29 Sep
    (*EU, "2026-03-28T23:30:00Z"): ("2026-09-29", "2026-09-29"),
}


def test_the_table_is_large_and_what_the_derivation_says():
    assert len(ROWS) >= 200
    assert derive.table() == ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['regime']}-{row['event']}-{row['from']}")
def test_deadline_is_that_of_the_table(row):
    found = window(REGIMES[row["regime"]], row["event"], datetime.fromisoformat(row["from"]))
    assert found.opens_at == datetime.fromisoformat(row["opens_at"]), found.steps
    assert found.closes_at == datetime.fromisoformat(row["closes_at"]), found.steps
    assert found.is_provisional is (row["is_provisional"] == "yes")


@pytest.mark.parametrize(("case", "days_of"), BY_HAND.items(), ids=lambda v: "-".join(v))
def test_what_was_counted_on_paper_is_in_the_table(case, days_of):
    assert case in {(row["regime"], row["event"], row["from"]) for row in ROWS}
    found = window(REGIMES[case[0]], case[1], datetime.fromisoformat(case[2]))
    assert (found.opens_on.isoformat(), found.closes_on.isoformat()) == days_of


@pytest.mark.parametrize(
    ("regime", "calendar", "first", "last"),
    [
        ("cn", calendars.CHINA, min(days.CHINA), max(days.CHINA)),
        ("us", calendars.US_FEDERAL, min(days.UNITED_STATES), max(days.UNITED_STATES)),
        ("eu", calendars.member_state("BE"), min(days.BELGIUM), max(days.BELGIUM)),
    ],
)
def test_every_day_of_the_kept_calendars_is_as_it_was_announced(regime, calendar, first, last):
    days_of_them = (
        date(first, 1, 1) + timedelta(days=n) for n in range((date(last + 1, 1, 1) - date(first, 1, 1)).days)
    )
    assert [day for day in days_of_them if calendar.is_working(day) != derive.works(regime, day)] == []

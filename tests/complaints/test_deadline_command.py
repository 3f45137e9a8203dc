"""`manage.py deadline` says the date, or the window, and how it came about; what it cannot read it says so."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def deadline(*args: str) -> str:
    out = StringIO()
    call_command("deadline", *args, stdout=out)
    return out.getvalue()


def test_a_window_is_said_with_every_step_of_its_count():
    said = deadline("--regime", "us", "--from", "2026-11-20T15:00:00-05:00", "--event", "counter-notice-received")
    assert said.startswith("from Mon 2026-12-07 to Fri 2026-12-11 (America/New_York)\n")
    assert "The day of the event, Fri 2026-11-20, is not counted." in said
    assert "Not counted beside weekends: Thu 2026-11-26." in said
    assert "17 U.S.C. § 512(g)(2)(C)" in said


def test_a_date_is_said_with_the_holiday_that_moved_it():
    said = deadline("--regime", "cn", "--from", "2026-09-20T10:00:00+08:00", "--event", "counter-notice-delivered")
    assert said.startswith("until Thu 2026-10-08 24:00 (Asia/Shanghai)\n")
    assert "Mon 2026-10-05 is no working day: the last day moves to Thu 2026-10-08." in said


def test_a_date_of_a_year_that_is_not_announced_is_said_to_be_provisional():
    said = deadline("--regime", "cn", "--from", "2090-12-20", "--event", "counter-notice-delivered")
    assert "(provisional)" in said.splitlines()[0]


def test_programs_read_it_as_json():
    said = json.loads(
        deadline("--regime", "us", "--from", "2026-11-20T20:00:00Z", "--event", "counter-notice-received", "--json")
    )
    assert said.pop("steps")
    assert said == {
        "regime": "us", "event": "counter-notice-received", "from": "2026-11-20T20:00:00+00:00",
        "timezone": "America/New_York", "opens_at": "2026-12-07T05:00:00+00:00",
        "closes_at": "2026-12-12T05:00:00+00:00", "opens_on": "2026-12-07", "closes_on": "2026-12-11",
        "is_window": True, "is_provisional": False, "source": "17 U.S.C. § 512(g)(2)(C)",
    }  # fmt: skip


def test_a_day_alone_is_that_day_where_the_law_holds():
    day = deadline("--regime", "us", "--from", "2026-11-20", "--event", "counter-notice-received")
    assert "on Fri 2026-11-20 00:00 (America/New_York)" in day


@pytest.mark.parametrize(
    ("regime", "at", "event", "said"),
    [
        ("fr", "2026-11-20", "notice-received", "There is no regime “fr”. Choose one of: cn, us, eu."),
        ("us", "2026-11-20T10:00", "notice-received", "add its zone"),
        ("us", "yesterday", "notice-received", "“yesterday” is no time in ISO 8601."),
        ("us", "2026-02-30", "notice-received", "is no time in ISO 8601"),
        ("us", "2026-11-20", "full-moon", "“full-moon” is no event."),
        ("eu", "2026-11-20", "counter-notice-delivered", "nothing runs from “counter-notice-delivered”"),
        ("cn", "9999-12-31", "notice-received", "No calendar is kept for 9999."),
        ("cn", "0001-01-01T00:00:00+14:00", "notice-received", "No calendar is kept for 1."),
    ],
)
def test_what_cannot_be_counted_fails_with_a_sentence(regime, at, event, said):
    with pytest.raises(CommandError) as refused:
        deadline("--regime", regime, "--from", at, "--event", event)
    assert said in str(refused.value)
    assert refused.value.returncode == 1

"""Whatever the law, the event and the moment: a deadline lies after its event, and a later event never ends earlier."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from complaints.deadlines import window
from complaints.regimes import REGIMES, Unit

PERIODS = [(regime, period) for regime in REGIMES.values() for period in regime.periods]
periods = st.sampled_from(PERIODS)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# The years that the calendars know, and two in which China has announced nothing.
moments = st.datetimes(datetime(2004, 1, 2), datetime(2029, 12, 30), timezones=offsets)


@given(periods, moments)
def test_it_opens_after_the_event_and_closes_no_earlier(which, at):
    regime, period = which
    found = window(regime, period.event, at)
    assert at < found.opens_at <= found.closes_at
    assert found.opens_at.tzinfo is UTC
    assert found.closes_at.tzinfo is UTC


@given(periods, moments, moments)
def test_a_later_event_never_ends_earlier(which, one, other):
    regime, period = which
    first, second = sorted((one, other))
    before, after = window(regime, period.event, first), window(regime, period.event, second)
    assert before.opens_at <= after.opens_at
    assert before.closes_at <= after.closes_at


@given(periods, moments, offsets)
def test_the_zone_in_which_a_moment_is_written_changes_nothing(which, at, zone):
    regime, period = which
    written_otherwise = window(regime, period.event, at.astimezone(zone))
    assert written_otherwise == window(regime, period.event, at)


@given(periods, moments)
def test_whole_days_end_at_midnight_where_the_law_holds_and_on_a_working_day(which, at):
    regime, period = which
    found = window(regime, period.event, at)
    if period.unit is Unit.TIME:
        assert found.opens_at - at == period.length
        return
    zone = ZoneInfo(regime.timezone)
    assert {m.astimezone(zone).time().isoformat() for m in (found.opens_at, found.closes_at)} == {"00:00:00"}
    assert regime.calendar.is_working(found.closes_on)
    assert regime.calendar.is_working(found.opens_on)

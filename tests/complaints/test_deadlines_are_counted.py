"""From an event to the day on which what follows may happen, by the rules of each law."""

from datetime import UTC, date, datetime, timedelta

import pytest

from complaints.deadlines import regime_called, window
from complaints.regimes import CN_ECOMMERCE, EU_DSA, REGIMES, US_DMCA
from core.errors import Invalid


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_counter_notice_in_the_united_states_opens_ten_and_closes_fourteen_business_days_later():
    found = window(US_DMCA, "counter-notice-received", at("2026-11-20T15:00:00-05:00"))
    assert (found.opens_on, found.closes_on) == (date(2026, 12, 7), date(2026, 12, 11))
    assert found.opens_at == at("2026-12-07T00:00:00-05:00")
    assert found.closes_at == at("2026-12-12T00:00:00-05:00")
    assert not found.is_provisional


def test_a_last_day_in_the_national_holiday_moves_behind_it():
    found = window(CN_ECOMMERCE, "counter-notice-delivered", at("2026-09-20T10:00:00+08:00"))
    assert found.opens_at == found.closes_at == at("2026-10-09T00:00:00+08:00")
    assert found.closes_on == date(2026, 10, 8)


def test_a_last_day_on_a_make_up_saturday_stays():
    found = window(CN_ECOMMERCE, "counter-notice-delivered", at("2026-09-25T10:00:00+08:00"))
    assert found.closes_on == date(2026, 10, 10)


def test_what_depends_on_a_calendar_that_nobody_has_announced_is_provisional():
    found = window(CN_ECOMMERCE, "counter-notice-delivered", at("2097-12-20T10:00:00+08:00"))
    assert found.is_provisional
    assert any("Provisional" in step for step in found.steps)


def test_an_appeal_in_the_union_is_open_for_six_months():
    found = window(EU_DSA, "decision-notified", at("2026-02-10T12:00:00+01:00"))
    assert found.closes_on == date(2026, 8, 10)
    assert found.closes_at == at("2026-08-11T00:00:00+02:00")


def test_a_platforms_own_time_runs_to_the_minute():
    moment = at("2026-03-03T12:34:00+00:00")
    assert window(CN_ECOMMERCE, "decision-reached", moment).closes_at == moment + timedelta(minutes=30)


@pytest.mark.parametrize("regime", REGIMES.values(), ids=lambda r: r.code)
def test_every_period_of_a_regime_can_be_counted_and_says_how(regime):
    for period in regime.periods:
        found = window(regime, period.event, datetime(2026, 5, 4, 9, 30, tzinfo=UTC))
        assert found.closes_at >= found.opens_at > datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
        assert len(found.steps) >= 3
        assert found.source


@pytest.mark.parametrize(
    ("call", "field", "said"),
    [
        (lambda: regime_called("fr"), "regime", "cn, us, eu"),
        (lambda: window(EU_DSA, "counter-notice-delivered", datetime(2026, 1, 1, tzinfo=UTC)), "event", "It knows"),
        (lambda: window(EU_DSA, "full-moon", datetime(2026, 1, 1, tzinfo=UTC)), "event", "is no event"),
        (lambda: window(EU_DSA, "decision-notified", datetime(2026, 1, 1)), "at", "+08:00"),
        (lambda: window(EU_DSA, "decision-notified", datetime(9999, 12, 31, tzinfo=UTC)), "at", "9999"),
    ],
)
def test_what_cannot_be_counted_is_said_by_its_field(call, field, said):
    with pytest.raises(Invalid) as refused:
        call()
    assert said in str(refused.value.errors[field][0])

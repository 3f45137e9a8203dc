"""Identifiers are opaque and sortable, case numbers have no gaps, and time has one source."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from core import clock
from core.ids import new_id, next_number


def test_public_ids_are_unique_and_sort_by_when_they_were_made():
    made = [new_id("cmp") for _ in range(1000)]
    assert made == sorted(set(made))
    assert all(re.fullmatch(r"cmp_[0-9a-hjkmnp-tv-z]{26}", one) for one in made)


def draw(letter: str = "C", year: int = 2026) -> str:
    with transaction.atomic():
        return next_number(letter, year)


@pytest.mark.django_db
def test_numbers_follow_each_other_by_letter_and_year():
    assert [draw(), draw(), draw("F"), draw(year=2027), draw()] == [
        "C-2026-000001", "C-2026-000002", "F-2026-000001", "C-2027-000001", "C-2026-000003",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_number_of_a_case_that_was_rolled_back_is_drawn_again():
    draw()
    with transaction.atomic():
        next_number("C", 2026)
        transaction.set_rollback(True)
    assert draw() == "C-2026-000002"


@pytest.mark.django_db(transaction=True)
def test_a_number_needs_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        next_number("C", 2026)


def test_a_stopped_clock_stands_and_moves_by_hand():
    with clock.frozen(datetime(2026, 3, 3, 12, tzinfo=UTC)) as frozen:
        assert clock.now() == clock.now() == datetime(2026, 3, 3, 12, tzinfo=UTC)
        assert frozen.advance(days=1, hours=1) == datetime(2026, 3, 4, 13, tzinfo=UTC)
        with clock.frozen(datetime(2030, 1, 1, tzinfo=UTC)):
            assert clock.now().year == 2030
        assert clock.now() == datetime(2026, 3, 4, 13, tzinfo=UTC)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(days=400)


def test_the_day_is_that_of_the_installation(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    with clock.frozen(datetime(2026, 3, 3, 20, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 4)


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"), clock.frozen(datetime(2026, 3, 3)):
        pass


def test_no_room_reads_the_systems_time():
    """Left out: the clock itself, and what is compared with the time of another machine or of a storage."""
    house = Path(__file__).parents[2]
    rooms = ("accounts", "filings", "complaints", "marketplace", "core", "ippro")
    reads = re.compile(r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|timezone\.now\b|auto_now")
    found = {
        str(path.relative_to(house))
        for room in rooms
        for path in (house / room).rglob("*.py")
        if reads.search(path.read_text()) and "connectors" not in path.parts
    }
    assert found <= {"core/clock.py", "core/files.py"}

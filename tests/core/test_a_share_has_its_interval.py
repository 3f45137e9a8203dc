"""The interval of a share is that of Wilson, whoever asks."""

import pytest

from core.intervals import wilson


def test_it_is_that_of_wilson():
    assert [round(end, 4) for end in wilson(9, 10)] == [0.5958, 0.9821]
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


def test_of_nothing_counted_nothing_is_known():
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("whole", [1, 7, 73, 10_000])
def test_it_holds_what_was_seen(whole):
    for part in range(0, whole + 1, max(1, whole // 7)):
        low, high = wilson(part, whole)
        assert 0 <= low <= part / whole <= high <= 1 or abs(part / whole - low) < 1e-9

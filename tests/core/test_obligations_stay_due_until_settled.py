"""An obligation is claimed by one worker at a time, put off with growing waits, and dead but visible in the end."""

from datetime import timedelta

import pytest

from core import clock
from core.models import OutboxMessage
from core.obligations import LEASE, LONGEST_WAIT_SECONDS, MAX_ATTEMPTS, backoff

pytestmark = pytest.mark.django_db


def owed(**fields) -> OutboxMessage:
    fields = {"due_at": clock.now()} | fields
    return OutboxMessage.objects.create(event="test", subject="s", consumer="c", created_at=clock.now(), **fields)


def test_what_is_due_is_claimed_oldest_first_and_counted(stopped):
    later, first = owed(due_at=clock.now() - timedelta(hours=1)), owed(due_at=clock.now() - timedelta(hours=2))
    owed(due_at=clock.now() + timedelta(seconds=1))
    claimed = OutboxMessage.objects.claim(10)
    assert claimed == [first, later]
    assert [row.attempts for row in claimed] == [1, 1]
    first.refresh_from_db()
    assert first.attempts == 1


def test_no_more_than_asked_for_is_claimed(stopped):
    for _ in range(5):
        owed()
    assert len(OutboxMessage.objects.claim(3)) == 3
    assert len(OutboxMessage.objects.claim(3)) == 2


def test_what_is_leased_is_nobody_elses_until_the_lease_runs_out(stopped):
    owed()
    assert OutboxMessage.objects.claim(10)
    assert not OutboxMessage.objects.claim(10)
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    (again,) = OutboxMessage.objects.claim(10)
    assert again.attempts == 2


def test_what_is_settled_is_done_for_good(stopped):
    owed()
    OutboxMessage.objects.settle(OutboxMessage.objects.claim(10))
    row = OutboxMessage.objects.get()
    assert (row.due_at, row.done_at, row.leased_until) == (None, clock.now(), None)
    stopped.advance(days=365)
    assert not OutboxMessage.objects.claim(10)


def test_waits_double_up_to_an_hour_and_differ():
    for attempts in range(1, 30):
        ceiling = min(LONGEST_WAIT_SECONDS, 2.0 * 2 ** (attempts - 1))
        waits = [backoff(attempts).total_seconds() for _ in range(50)]
        assert ceiling / 2 <= min(waits) <= max(waits) <= ceiling
        assert len(set(waits)) > 10


def test_what_failed_waits_and_says_why(stopped):
    owed()
    (row,) = OutboxMessage.objects.claim(1)
    row.put_off("HTTP 503", wait=timedelta(seconds=30))
    assert not OutboxMessage.objects.claim(1)
    stopped.advance(seconds=31)
    (row,) = OutboxMessage.objects.claim(1)
    assert row.last_error == "HTTP 503"


def test_after_the_last_attempt_it_is_dead_and_can_be_tried_again(stopped):
    owed()
    for _ in range(MAX_ATTEMPTS):
        stopped.advance(hours=2)
        (row,) = OutboxMessage.objects.claim(1)
        row.put_off("HTTP 503")
    stopped.advance(days=30)
    assert not OutboxMessage.objects.claim(1)
    (dead,) = OutboxMessage.objects.dead()
    assert (dead.attempts, dead.last_error) == (MAX_ATTEMPTS, "HTTP 503")
    dead.retry()
    (row,) = OutboxMessage.objects.claim(1)
    assert row.attempts == 1


def test_what_can_never_succeed_is_dead_at_once(stopped):
    owed()
    (row,) = OutboxMessage.objects.claim(1)
    row.put_off("no such listing", permanent=True)
    assert list(OutboxMessage.objects.dead()) == [row]


def test_what_kills_each_worker_is_given_up_visibly_and_stands_in_nobodys_way(stopped):
    deadly = owed(last_error="HTTP 503")
    for _ in range(MAX_ATTEMPTS):
        assert OutboxMessage.objects.claim(1) == [deadly]
        stopped.advance(seconds=LEASE.total_seconds() + 1)
    harmless = owed()
    assert OutboxMessage.objects.claim(1) == [harmless]
    (dead,) = OutboxMessage.objects.dead()
    assert (dead.pk, dead.due_at, dead.leased_until) == (deadly.pk, None, None)
    assert dead.last_error.startswith("given up: 14 attempts")
    assert dead.last_error.endswith("HTTP 503")
    stopped.advance(days=30)
    assert OutboxMessage.objects.claim(10) == [harmless]
    dead.retry()
    assert dead in OutboxMessage.objects.claim(10)


def test_only_who_holds_the_lease_puts_a_row_off(stopped):
    owed()
    (slow,) = OutboxMessage.objects.claim(1)
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    (quick,) = OutboxMessage.objects.claim(1)
    assert not slow.put_off("late")
    assert not slow.take_up()
    assert OutboxMessage.objects.get().leased_until == quick.leased_until
    OutboxMessage.objects.settle([quick])
    assert not quick.put_off("later still")
    assert OutboxMessage.objects.get().done_at == clock.now()


def test_a_row_that_is_taken_up_has_its_whole_lease_before_it(stopped):
    owed()
    (row,) = OutboxMessage.objects.claim(1)
    stopped.advance(seconds=LEASE.total_seconds() - 1)
    assert row.take_up()
    stopped.advance(seconds=LEASE.total_seconds() - 1)
    assert not OutboxMessage.objects.claim(1)
    assert row.put_off("HTTP 503")


def test_a_long_error_is_kept_short(stopped):
    row = owed()
    row.put_off("x" * 100_000)
    assert len(OutboxMessage.objects.get().last_error) == 2000

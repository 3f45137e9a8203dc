"""The clock of a demo moves forwards, for all processes at once; what is measured by machines goes on as before."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from core import clock, demo_clock, files
from core.errors import Forbidden, Invalid, NotYours
from core.models import LedgerEntry, MovedClock, OutboxMessage
from core.obligations import LEASE
from tests.factories import a_file, complaint, member, staff

pytestmark = pytest.mark.django_db
FIFTEEN_DAYS = timedelta(days=15)


@pytest.fixture(autouse=True)
def demo(settings):
    settings.CLOCK_CAN_MOVE = True
    demo_clock.forget()
    yield
    demo_clock.forget()


def is_about(moment: datetime, expected: datetime) -> bool:
    return abs(moment - expected) < timedelta(minutes=1)


def test_it_moves_forwards_and_the_ledger_knows_who_moved_it():
    by = staff()
    now = demo_clock.move(by=FIFTEEN_DAYS, actor=by)
    assert is_about(now, datetime.now(UTC) + FIFTEEN_DAYS)
    assert is_about(clock.now(), now)
    entry = LedgerEntry.objects.get(kind="clock.moved")
    assert (entry.actor, entry.payload["seconds"]) == (by.public_id, FIFTEEN_DAYS.total_seconds())
    demo_clock.move(by=timedelta(hours=1))
    assert clock.moved_by() == FIFTEEN_DAYS + timedelta(hours=1)


def test_another_process_sees_it_with_its_next_request(client, settings):
    settings.DEMO = True
    assert "15 days ahead" not in client.get("/?stay").content.decode()
    MovedClock.objects.create(pk=1, ahead=FIFTEEN_DAYS)  # by another process: this one has not looked since
    assert not clock.moved_by()
    assert "15 days ahead" in client.get("/?stay").content.decode()
    assert is_about(clock.now(), datetime.now(UTC) + FIFTEEN_DAYS)


def test_another_process_sees_it_with_its_next_task():
    from ippro.celery import moved_clock  # Celery calls it before each task

    assert not clock.moved_by()
    MovedClock.objects.create(pk=1, ahead=FIFTEEN_DAYS)
    moved_clock()
    assert clock.moved_by() == FIFTEEN_DAYS


def test_a_new_process_begins_with_the_moved_time():
    MovedClock.objects.create(pk=1, ahead=FIFTEEN_DAYS)
    demo_clock.forget()
    assert is_about(clock.now(), datetime.now(UTC) + FIFTEEN_DAYS)


@pytest.mark.parametrize("by", [timedelta(0), timedelta(seconds=-1), timedelta(days=4000)])
def test_it_goes_neither_back_nor_further_than_the_calendars(by):
    demo_clock.move(by=FIFTEEN_DAYS)
    with pytest.raises(Invalid):
        demo_clock.move(by=by)
    demo_clock.look()
    assert clock.moved_by() == FIFTEEN_DAYS
    assert LedgerEntry.objects.filter(kind="clock.moved").count() == 1


def test_the_database_refuses_a_clock_that_is_behind():
    with pytest.raises(IntegrityError), transaction.atomic():
        MovedClock.objects.create(pk=1, ahead=timedelta(seconds=-1))


def test_an_installation_that_is_no_demo_has_a_clock_that_stands(settings):
    MovedClock.objects.create(pk=1, ahead=FIFTEEN_DAYS)
    settings.CLOCK_CAN_MOVE = False
    assert is_about(clock.now(), datetime.now(UTC))
    with pytest.raises(Forbidden, match="IPPRO_DEMO=1"):
        demo_clock.move(by=FIFTEEN_DAYS)


def test_everything_that_beat_would_send_is_sent_at_once(no_broker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        demo_clock.move(by=FIFTEEN_DAYS)
    assert {"complaints.tasks.pass_deadlines", "filings.tasks.pass_deadlines", "core.tasks.drain_outbox"} <= set(
        no_broker
    )


def test_the_next_deadline_is_that_of_the_case_that_is_due_first():
    first = complaint()
    second = complaint(by=member())
    type(second).objects.filter(pk=second.pk).update(deadline_at=first.deadline_at + timedelta(days=9))
    assert [one.number for one in demo_clock.deadlines_ahead()] == [first.number, second.number]
    demo_clock.move(by=demo_clock.until_next_deadline())
    assert clock.now() > first.deadline_at
    assert [one.number for one in demo_clock.deadlines_ahead()] == [second.number]


def test_without_a_deadline_ahead_there_is_nothing_to_move_to():
    with pytest.raises(Invalid, match="No case has a deadline"):
        demo_clock.until_next_deadline()


def test_a_lease_outlives_the_move_and_what_waits_for_its_time_does_not():
    later = clock.now() + timedelta(days=1)
    for subject, due_at in (("now", clock.now()), ("tomorrow", later)):
        OutboxMessage.objects.create(event="e", subject=subject, consumer="c", created_at=clock.now(), due_at=due_at)
    (held,) = OutboxMessage.objects.claim(10)
    assert held.subject == "now"
    demo_clock.move(by=FIFTEEN_DAYS)
    assert [row.subject for row in OutboxMessage.objects.claim(10)] == ["tomorrow"]
    assert held.take_up()
    assert is_about(held.leased_until, datetime.now(UTC) + LEASE)
    assert held.carried_out()


def test_a_link_to_a_file_lasts_for_minutes_of_this_world():
    owner = member()
    file = a_file(owner)
    token = files.url(file, user=owner).rstrip("/").rsplit("/", 1)[-1]
    demo_clock.move(by=FIFTEEN_DAYS)
    assert files.opened_by(token, user=owner)[0] == file
    with clock.frozen(datetime.now(UTC) + timedelta(minutes=20)), pytest.raises(NotYours):
        files.opened_by(token, user=owner)


def run(*args: str) -> str:
    out = StringIO()
    call_command("clock", *args, stdout=out)
    return out.getvalue()


def test_the_command_says_and_moves_the_time():
    case = complaint()
    assert case.number in run()
    before = json.loads(run("--json"))
    after = json.loads(run("--advance", "1d12h", "--json"))
    assert (before["ahead_seconds"], after["ahead_seconds"]) == (0, 36 * 3600)
    assert after["can_move"] is True
    assert datetime.fromisoformat(after["next_deadline"]["at"]) == case.deadline_at
    run("--to-next-deadline")
    assert clock.now() > case.deadline_at


@pytest.mark.parametrize("said", ["-1d", "0d", "fifteen days", "15", "", "9999999d", "1e3d"])
def test_the_command_refuses_what_is_no_way_forwards(said):
    with pytest.raises(CommandError) as refused:
        run(f"--advance={said}")
    assert str(refused.value)
    assert not MovedClock.objects.exists()


def test_the_command_moves_no_clock_but_a_demos(settings):
    settings.CLOCK_CAN_MOVE = False
    with pytest.raises(CommandError, match="IPPRO_DEMO=1"):
        run("--advance", "1d")
    assert "no demo" in run()

"""An event is published in its transaction and takes effect once, however often it is delivered."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from core import clock, ledger, outbox
from core.models import LedgerEntry, OutboxMessage
from core.obligations import LEASE, MAX_ATTEMPTS
from core.outbox import Consumer
from core.tasks import drain_outbox

pytestmark = pytest.mark.django_db

CONSUMERS = {
    "thing.done": (Consumer(f"{__name__}.writes"),),
    "thing.failed": (Consumer(f"{__name__}.writes_and_fails"), Consumer(f"{__name__}.writes")),
    "thing.hung": (Consumer(f"{__name__}.hangs"),),
    "thing.renamed": (Consumer(f"{__name__}.renamed_since"),),
    "nobody.listens": (),
}


def writes(subject: str) -> None:
    ledger.record(kind="consumed", subject=subject)


def writes_and_fails(subject: str) -> None:
    writes(subject)
    raise RuntimeError("the consumer is broken")


def hangs(subject: str) -> None:
    raise SoftTimeLimitExceeded  # as Celery does inside a task that takes too long


@pytest.fixture(autouse=True)
def wiring(settings):
    settings.IPPRO_WIRING = f"{__name__}.CONSUMERS"


def publish(event: str, *subjects: str) -> None:
    with transaction.atomic():
        outbox.publish(event, *subjects)


def consumed() -> list[str]:
    return list(LedgerEntry.objects.filter(kind="consumed").values_list("subject", flat=True))


def test_every_event_reaches_its_consumer():
    publish("thing.done", "a", "b")
    assert drain_outbox() == 2
    assert consumed() == ["a", "b"]
    assert drain_outbox() == 0


def test_an_event_delivered_twice_has_one_effect(stopped):
    publish("thing.done", "a")
    (first,) = OutboxMessage.objects.claim(1)
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    (second,) = OutboxMessage.objects.claim(1)
    assert outbox.deliver(first)
    assert outbox.deliver(second)
    assert consumed() == ["a"]


def test_a_worker_that_died_before_it_finished_loses_nothing(stopped):
    publish("thing.done", "a")
    OutboxMessage.objects.claim(1)
    assert drain_outbox() == 0
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    assert drain_outbox() == 1
    assert consumed() == ["a"]


def test_a_consumer_that_fails_leaves_nothing_and_stops_nobody_else(stopped):
    publish("thing.failed", "a")
    assert drain_outbox() == 1
    assert consumed() == ["a"]
    waiting = OutboxMessage.objects.get(consumer=f"{__name__}.writes_and_fails")
    assert waiting.last_error == "RuntimeError: the consumer is broken"
    assert waiting.due_at > clock.now()


def test_a_consumer_that_is_gone_stops_nobody_else_and_is_given_up_visibly(stopped):
    publish("thing.renamed", "a")
    publish("thing.done", "b")
    assert drain_outbox() == 1
    assert consumed() == ["b"]
    for _ in range(MAX_ATTEMPTS):
        stopped.advance(hours=2)
        drain_outbox()
    (dead,) = OutboxMessage.objects.dead()
    assert "renamed_since" in dead.last_error


def test_a_consumer_that_hangs_is_put_off_and_ends_its_sweep(stopped):
    publish("thing.hung", "a")
    publish("thing.done", "b")
    with pytest.raises(SoftTimeLimitExceeded):
        drain_outbox()
    assert OutboxMessage.objects.get(event="thing.hung").last_error.startswith("SoftTimeLimitExceeded")
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    with pytest.raises(SoftTimeLimitExceeded):
        drain_outbox()
    assert consumed() == ["b"]


def test_limits_of_time_lie_within_each_other(settings):
    from core.mail import STEPS_OF_A_LETTER
    from core.obligations import SWEEP_SECONDS

    letter, lease = settings.EMAIL_TIMEOUT * STEPS_OF_A_LETTER, LEASE.total_seconds()
    told, killed = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT
    given_to_somebody_else = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert letter < lease < SWEEP_SECONDS < told < killed < given_to_somebody_else


def test_a_failure_that_is_heard_of_late_does_not_open_again_what_is_done(stopped):
    publish("thing.failed", "a")
    late = next(m for m in OutboxMessage.objects.claim(2) if m.consumer.endswith("fails"))
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    OutboxMessage.objects.settle(OutboxMessage.objects.claim(2))
    assert not late.put_off("heard of late")
    assert OutboxMessage.objects.filter(done_at__isnull=False, due_at=None, last_error="").count() == 2


def test_a_consumer_that_keeps_failing_is_given_up_visibly(stopped):
    publish("thing.failed", "a")
    for _ in range(MAX_ATTEMPTS):
        drain_outbox()
        stopped.advance(hours=2)
    (dead,) = OutboxMessage.objects.dead()
    assert dead.attempts == MAX_ATTEMPTS
    assert consumed() == ["a"]


def test_what_is_rolled_back_was_never_published():
    with transaction.atomic():
        outbox.publish("thing.done", "a")
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.publish("thing.done", "a")


def test_an_unknown_event_is_an_error_and_one_without_consumers_is_none():
    with pytest.raises(KeyError):
        publish("thing.unheard_of", "a")
    publish("nobody.listens", "a")
    assert not OutboxMessage.objects.exists()


def test_one_hint_is_sent_for_a_whole_transaction(django_capture_on_commit_callbacks, no_broker):
    with django_capture_on_commit_callbacks(execute=True):
        publish("thing.done", "a", "b")
        publish("thing.done", "c")
    assert no_broker == ["core.tasks.drain_outbox"]


@pytest.mark.django_db(transaction=True)
def test_hints_of_a_busy_process_are_sent_together_after_the_last_commit(no_broker, monkeypatch):
    waiting = []

    class Alarm:
        def __init__(self, seconds, ring, args):
            assert 0 < seconds <= 30
            waiting.append(lambda: ring(*args))

        def start(self):
            pass

    monkeypatch.setattr(outbox, "HINTS_APART_SECONDS", 30)
    monkeypatch.setattr(outbox, "Timer", Alarm)
    monkeypatch.setattr(outbox, "_turns", {})
    for subject in "abc":
        with transaction.atomic():
            publish("thing.done", subject)
    assert (no_broker, len(waiting)) == (["core.tasks.drain_outbox"], 1)
    waiting[0]()
    assert no_broker == ["core.tasks.drain_outbox"] * 2


def test_a_broker_that_is_away_harms_nothing(django_capture_on_commit_callbacks, monkeypatch):
    from celery import current_app

    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        publish("thing.done", "a")
    assert drain_outbox() == 1


def test_every_consumer_of_the_house_can_be_imported(settings):
    from django.utils.module_loading import import_string

    from ippro.wiring import CONSUMERS as house

    assert all(callable(import_string(c.path)) for consumers in house.values() for c in consumers)

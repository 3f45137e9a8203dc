"""Publishing events inside a transaction, and delivering them at least once.

Who consumes what stands in one table, `ippro/wiring.py`. A consumer is a function of a room that takes
the subject's public id; it runs in one transaction with the completion of its message, so its effect on
the database happens once however often it is tried.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from core import clock
from core.models import OutboxMessage
from core.sql import write

log = logging.getLogger("ippro.outbox")

#: a worker that was told of one commit finds what others left meanwhile, and a hint costs as much as an insert
HINTS_APART_SECONDS = 0.05
#: by task, when its last hint of this process went out or will go out
_turns: dict[str, float] = {}
_turns_lock = Lock()


@dataclass(frozen=True)
class Consumer:
    """A dotted path to `f(subject: str) -> None`, and the Celery queue for its hints."""

    path: str
    queue: str = "interactive"


def publish(event: str, *subjects: str) -> None:
    """Leave one message per consumer and subject; needs a transaction. KeyError for an unknown event."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is published in the transaction that causes it")
    consumers: tuple[Consumer, ...] = import_string(settings.IPPRO_WIRING)[event]
    at = clock.now()
    write(
        [
            OutboxMessage(event=event, subject=s, consumer=c.path, queue=c.queue, created_at=at, due_at=at)
            for s in subjects
            for c in consumers
        ]
    )
    if subjects and consumers:
        hint("core.tasks.drain_outbox")


def hint(task: str, *, queue: str = "interactive") -> None:
    """Ask a worker, once the transaction has committed, to look at what is due. Losing it costs seconds.

    One hint per task and transaction is enough, however much became due; and of those that a busy process has to
    send within `HINTS_APART_SECONDS` one, after the last of them.
    """
    connection = transaction.get_connection()
    waiting = {getattr(func, "_hint", None) for _, func, *_ in connection.run_on_commit}
    if task in waiting:
        return

    def send() -> None:
        wait = _wait_for_turn(task)
        if wait is None:
            return
        if wait <= 0:
            _send(task, queue)
        else:
            later = Timer(wait, _send, [task, queue])
            later.daemon = True  # a process that ends does not wait for a hint
            later.start()

    send._hint = task  # type: ignore[attr-defined]
    transaction.on_commit(send)


def _wait_for_turn(task: str) -> float | None:
    """The seconds after which a hint may go out; None if one waits already, which then tells of this commit too."""
    now = time.monotonic()
    with _turns_lock:
        last = _turns.get(task, 0.0)
        if last > now:
            return None
        _turns[task] = max(now, last + HINTS_APART_SECONDS)
        return _turns[task] - now


def _send(task: str, queue: str) -> None:
    from celery import current_app

    try:
        current_app.send_task(task, queue=queue, expires=60)
    except Exception as failure:  # the broker may be away: the sweep finds the row
        log.warning("hint for %s was not sent: %s", task, type(failure).__name__)


def deliver(message: OutboxMessage) -> bool:
    """Run one claimed message's consumer; true when it is done."""
    try:
        # Renamed since it was published: that message fails, the others do not.
        consumer: Callable[[str], Any] = import_string(message.consumer)
        with transaction.atomic():
            # A second worker whose lease overlapped finds the row done and does nothing.
            mine = OutboxMessage.objects.select_for_update().filter(pk=message.pk, done_at__isnull=True)
            if not mine.exists():
                return True
            consumer(message.subject)
            OutboxMessage.objects.settle([message])
    except Exception as failure:
        log.exception("consumer %s failed for %s", message.consumer, message.subject)
        message.put_off(f"{type(failure).__name__}: {failure}")
        if isinstance(failure, SoftTimeLimitExceeded):
            raise
        return False
    return True

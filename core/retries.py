"""Trying once more what was given up: a letter, an event or a time-stamp, by somebody who looked at why."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import ledger
from core.errors import WrongState
from core.models import Letter, OutboxMessage, TimeStamp
from core.outbox import hint


class NotDead(WrongState):
    code = "nothing_to_retry"
    message = _("This was not given up, so there is nothing to try again. Reload the page to see where it stands.")


@transaction.atomic
def retry_given_up(*, row: Any, by: Any, kind: str, subject: str, task: str, queue: str = "interactive") -> None:
    """Make a dead row due now, with one entry of this kind about the subject. Raises NotDead."""
    locked = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.dead_at is None:
        raise NotDead()
    locked.retry()
    ledger.record(kind=kind, subject=subject, actor=by)
    hint(task, queue=queue)


@transaction.atomic
def retry(*, row: Letter | OutboxMessage | TimeStamp, by: Any) -> None:
    """Make a dead row due now, with a fresh count of attempts. Raises NotDead."""
    locked = type(row).objects.select_for_update().get(pk=row.pk)
    if locked.dead_at is None:
        raise NotDead()
    locked.retry()
    if isinstance(locked, Letter):
        ledger.record(kind="letter.retried", subject=locked.public_id, actor=by)
        hint("core.tasks.send_due_mail")
    elif isinstance(locked, TimeStamp):
        ledger.record(kind="time_stamp.retried", subject=f"head_{locked.head_id}", actor=by)
        hint("core.tasks.stamp_tree_heads", queue="reports")
    else:
        payload = {"event": locked.event, "consumer": locked.consumer}
        ledger.record(kind="event.retried", subject=locked.subject, actor=by, payload=payload)
        hint("core.tasks.drain_outbox")

"""Celery entry points of the core: whatever is due is carried out, however often they are called."""

from celery import shared_task

from core import files, mail, outbox, retention, sealing, stamps
from core.models import OutboxMessage
from core.obligations import sweep

#: few, since the last of them waits under its lease for all the others
BATCH = 25
#: a storage is listed from its beginning each time, so that it must be given the time to come to its end
HALF_AN_HOUR = 1800


@shared_task
def drain_outbox() -> int:
    """Deliver every event that is due; returns how many were delivered."""
    batches = sweep(lambda: OutboxMessage.objects.claim(BATCH))
    return sum(outbox.deliver(message) for messages in batches for message in messages)


@shared_task
def send_due_mail() -> int:
    """Send every letter that is due; returns how many were sent."""
    return sum(sweep(mail.send_due))


@shared_task
def seal_ledger() -> int:
    """Seal what is not yet sealed of the ledger; returns how many entries were sealed."""
    return sum(sweep(sealing.seal))


@shared_task
def seal_what_was_late() -> int:
    """Look far behind for entries that were committed long after their neighbours; returns how many were sealed."""
    return sum(sweep(lambda: sealing.seal(behind=sealing.VERY_LATE)))


@shared_task
def seal_what_was_left() -> int:
    """Look through the whole ledger for entries that have no seal; returns how many were sealed."""
    return sum(sweep(lambda: sealing.seal(behind=None)))


@shared_task
def stamp_tree_heads() -> int:
    """Have a time-stamp authority stamp the newest tree head; returns how many heads have their stamp by it."""
    return stamps.stamp_due()


@shared_task(soft_time_limit=HALF_AN_HOUR, time_limit=HALF_AN_HOUR + 60)
def sweep_orphaned_files() -> int:
    """Remove stored bytes that no row names, older than a day; returns how many were removed."""
    return files.sweep_orphans()


@shared_task
def forget_sessions() -> None:
    """Drop sessions that have ended."""
    retention.forget_sessions()


@shared_task
def forget_old() -> int:
    """Drop what nobody needs any more; returns how many rows were dropped."""
    return retention.forget_old()

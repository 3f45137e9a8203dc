"""Celery entry points of the core: whatever is due is carried out, however often they are called."""

from celery import shared_task

from core import files, mail, outbox, retention
from core.models import OutboxMessage

BATCH = 100


@shared_task
def drain_outbox() -> int:
    """Deliver every event that is due; returns how many were delivered."""
    delivered = 0
    while messages := OutboxMessage.objects.claim(BATCH):
        delivered += sum(outbox.deliver(message) for message in messages)
    return delivered


@shared_task
def send_due_mail() -> int:
    """Send every letter that is due; returns how many were sent."""
    return mail.send_due()


@shared_task
def sweep_orphaned_files() -> int:
    """Remove stored bytes that no row names, older than a day; returns how many were removed."""
    return files.sweep_orphans()


@shared_task
def forget_old() -> int:
    """Drop what nobody needs any more; returns how many rows were dropped."""
    return retention.forget_old()

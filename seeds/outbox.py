"""Carries what the services published to its consumers, at a story's own time."""

from core.models import OutboxMessage
from core.outbox import deliver


def deliver_all() -> None:
    while messages := OutboxMessage.objects.claim(100):
        for message in messages:
            deliver(message)

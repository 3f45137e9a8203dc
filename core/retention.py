"""What is forgotten when nobody needs it any more. The ledger, cases and letters are not among it."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.db.models import QuerySet

from core import clock
from core.models import IdempotencyKey, OutboxMessage

#: a client that repeats a request does so within hours; a month is plenty
ANSWERS_KEPT = timedelta(days=30)
#: how long staff can look at events that were delivered
EVENTS_KEPT = timedelta(days=30)
AT_ONCE = 1000


def forget_old() -> int:
    """Drop answers to repeated requests and delivered events after their time; returns how many rows.

    In small transactions, so that nobody waits; killed half-way, the next run goes on.
    """
    at = clock.now()
    answered = IdempotencyKey.objects.filter(created_at__lt=at - ANSWERS_KEPT)
    delivered = OutboxMessage.objects.filter(done_at__lt=at - EVENTS_KEPT)
    return _drop(answered) + _drop(delivered)


def forget_sessions() -> None:
    """Drop sessions that have ended, as `manage.py clearsessions` does."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def _drop(rows: QuerySet) -> int:
    dropped = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        dropped += rows.model._base_manager.filter(pk__in=ids).delete()[0]
    return dropped

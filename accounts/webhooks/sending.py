"""Sending what is owed to endpoints, with no transaction open: until it is taken in, or given up after ten tries.

Any 2xx within ten seconds takes a message in. Whoever answers 410 wants no more, and is switched off. Everything else
is tried again, over three days.
"""

import time
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import roles
from accounts.webhooks.addresses import is_trusted, trusted_origins
from accounts.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core import clock, fetch, ledger, mail, signatures
from core.lifecycle import lock

SECONDS = 10.0
#: after which no other message of a batch is begun: other tasks of the worker come between
BATCH_SECONDS = 20.0
#: whoever takes so long gets nothing else for a while, so that others come first
SLOW_SECONDS, REST_OF_THE_SLOW = 5.0, timedelta(minutes=1)
MAX_ANSWER_BYTES = 2_000
#: how long to wait after each try; after the last there is no other. Source: Standard Webhooks, "Deliverability".
WAITS = tuple(
    timedelta(seconds=s) for s in (5, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 20 * 3600, 34 * 3600)
)
KEPT = timedelta(days=30)
AT_ONCE = 1000
GONE = 410


def send_due(limit: int = 200) -> int:
    """Send up to `limit` messages that are due, in turns among organisations; returns how many were tried.

    Each is leased when its turn comes, so that a slow endpoint holds up no lease of others. Of an organisation one is
    on its way at a time, and after twenty seconds no other is begun: slow addresses cost others little.
    """
    ends_at, tried = time.monotonic() + BATCH_SECONDS, 0
    for delivery in _waiting().in_turn(limit, of="endpoint__organisation_id"):
        send(delivery)
        tried += 1
        if time.monotonic() > ends_at:
            break
    return tried


def _waiting() -> Any:
    """Messages of organisations of which no worker is sending another at the moment."""
    on_its_way = WebhookDelivery.objects.filter(
        endpoint__organisation=OuterRef("endpoint__organisation"),
        due_at__isnull=False,
        leased_until__gt=clock.unmoved(),
    )
    return WebhookDelivery.objects.select_related("endpoint__organisation").filter(~Exists(on_its_way))


def send(delivery: WebhookDelivery) -> bool:
    """Send one claimed message; true when it was taken in."""
    endpoint = delivery.endpoint
    if not endpoint.is_on:
        delivery.put_off("its endpoint was removed or switched off", permanent=True)
        return False
    began = time.monotonic()
    answered, error, wait = None, "", None
    try:
        answered = _posted(endpoint, delivery)
    except fetch.FetchError as failure:
        error = str(failure)
    except SoftTimeLimitExceeded:
        delivery.put_off("took too long")
        raise
    is_taken = answered is not None and 200 <= answered.status < 300
    if answered is not None and not is_taken:
        error = f"answered {answered.status}"
        wait = answered.retry_after_seconds
    took = time.monotonic() - began
    # What a system in the operator's network answers is not for people outside of it.
    is_shown = not is_trusted(endpoint.url, endpoint.organisation)
    WebhookAttempt.objects.create(
        delivery=delivery, at=clock.now(), took_ms=int(took * 1000), error=error[:200],
        status=answered.status if answered else None, answer=_readable(answered.content) if answered and is_shown else "",
    )  # fmt: skip
    if took >= SLOW_SECONDS:
        WebhookDelivery.objects.due().filter(endpoint=endpoint).update(due_at=clock.now() + REST_OF_THE_SLOW)
    if is_taken:
        delivery.carried_out()
        return True
    _put_off(delivery, error, wait, is_gone=answered is not None and answered.status == GONE)
    return False


def _posted(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> fetch.Answered:
    signed = signatures.signed_headers(endpoint.secrets(), message_id=delivery.public_id, content=delivery.body)
    return fetch.post(
        endpoint.url, content=delivery.body.encode(), headers={"Content-Type": "application/json", **signed},
        max_bytes=MAX_ANSWER_BYTES, seconds=SECONDS, trusted_origins=trusted_origins(endpoint.organisation),
    )  # fmt: skip


def _readable(content: bytes) -> str:
    return content.decode(errors="replace").replace("\x00", "\ufffd")


@transaction.atomic
def _put_off(delivery: WebhookDelivery, error: str, wait: float | None, *, is_gone: bool) -> None:
    is_last = is_gone or delivery.attempts > len(WAITS)
    planned = WAITS[min(delivery.attempts, len(WAITS)) - 1]
    asked = timedelta(seconds=wait or 0)
    if not delivery.put_off(error, wait=max(planned, asked), permanent=is_last) or not is_last:
        return
    if is_gone:
        _switch_off(delivery.endpoint)
    _tell_administrators(delivery)


def _switch_off(endpoint: WebhookEndpoint) -> None:
    endpoint = lock(endpoint)
    if endpoint.switched_off_at is None:
        endpoint.switched_off_at = clock.now()
        endpoint.save(update_fields=["switched_off_at"])
        payload = {"endpoint": endpoint.public_id, "answered": GONE}
        ledger.record(kind="webhook.switched_off", subject=endpoint.organisation.public_id, payload=payload)


def _tell_administrators(delivery: WebhookDelivery) -> None:
    """A message was given up: administrators hear of it, of each endpoint once a day."""
    endpoint = delivery.endpoint
    for membership in endpoint.organisation.memberships.filter(role__in=roles.MAY_ADMINISTER, user__is_active=True):
        mail.write_to(
            membership.user, template="webhook_given_up",
            dedupe_key=f"webhook-given-up:{endpoint.public_id}:{clock.today()}",
            about=endpoint.organisation.public_id, context={"endpoint": endpoint, "delivery": delivery},
        )  # fmt: skip


def forget_old() -> int:
    """Drop messages, with their tries, after their time; returns how many."""
    old, dropped = WebhookDelivery.objects.filter(created_at__lt=clock.now() - KEPT, due_at__isnull=True), 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        WebhookAttempt.objects.filter(delivery__in=ids).delete()
        dropped += WebhookDelivery.objects.filter(pk__in=ids).delete()[0]
    return dropped

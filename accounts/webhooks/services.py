"""What administrators do with the endpoints of their organisation. Each change is an entry of the ledger."""

import json
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.administering import administered
from accounts.models import Organisation, User
from accounts.webhooks.events import TEST, Event
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from core import clock, ledger, signatures
from core.errors import Invalid, NotYours, WrongState
from core.lifecycle import lock
from core.outbox import hint
from core.pace import keep_pace

MOST_ENDPOINTS = 20
#: of one organisation, whatever it has of endpoints
MOST_TESTS_A_MINUTE = 10
#: for how many hours the old secret signs beside the new one
OVERLAPS_HOURS = (0, 24, 168)
TASK, QUEUE = "accounts.tasks.send_webhooks", "webhooks"


@transaction.atomic
def make_endpoint(*, organisation: Organisation, by: User, url: str, events: Collection[str]) -> WebhookEndpoint:
    """A new endpoint with a fresh secret, at an address that `check_address` has let pass, with no transaction open.

    Raises NotYours, Forbidden, Invalid by field.
    """
    organisation = administered(organisation, by)
    mine = WebhookEndpoint.objects.filter(organisation=organisation, removed_at__isnull=True)
    if mine.filter(url=url).exists():
        raise Invalid(_("This address gets events already. Change what it gets instead."), field="url")
    if mine.count() >= MOST_ENDPOINTS:
        raise Invalid(_("Your organisation has %(n)d endpoints already. Remove one first.") % {"n": MOST_ENDPOINTS})
    endpoint = WebhookEndpoint.objects.create(
        organisation=organisation, url=url, events=_chosen(events), secret=signatures.new_secret(), created_by=by,
        created_at=clock.now(),
    )  # fmt: skip
    _recorded("webhook.create", endpoint, by, events=endpoint.events)
    return endpoint


@transaction.atomic
def change_endpoint(
    *, endpoint: WebhookEndpoint, by: User, url: str | None = None, events: Collection[str] | None = None,
    is_on: bool | None = None,
) -> WebhookEndpoint:  # fmt: skip
    """Change where it goes (an address that `check_address` has let pass), what it gets, and whether it gets anything.

    Raises NotYours, Forbidden, Invalid.
    """
    endpoint = _mine(endpoint, by)
    if url is not None:
        endpoint.url = url
    if events is not None:
        endpoint.events = _chosen(events)
    if is_on is not None and is_on != endpoint.is_on:
        endpoint.switched_off_at = None if is_on else clock.now()
    endpoint.save(update_fields=["url", "events", "switched_off_at"])
    _recorded("webhook.change", endpoint, by, events=endpoint.events, is_on=endpoint.is_on)
    return endpoint


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, by: User, overlap_hours: int) -> WebhookEndpoint:
    """A new secret; the old one signs beside it for a while. Raises NotYours, Forbidden, Invalid."""
    endpoint = _mine(endpoint, by)
    if overlap_hours not in OVERLAPS_HOURS:
        raise Invalid(_("Choose one of the times offered."), field="overlap_hours")
    endpoint.old_secret = endpoint.secret if overlap_hours else ""
    endpoint.old_secret_until = clock.now() + timedelta(hours=overlap_hours) if overlap_hours else None
    endpoint.secret = signatures.new_secret()
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    _recorded("webhook.rotate", endpoint, by, overlap_hours=overlap_hours)
    return endpoint


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint, by: User) -> None:
    """Nothing is sent there any more. Raises NotYours, Forbidden."""
    endpoint = _mine(endpoint, by)
    endpoint.removed_at, endpoint.secret, endpoint.old_secret = clock.now(), "", ""
    endpoint.save(update_fields=["removed_at", "secret", "old_secret"])
    _recorded("webhook.remove", endpoint, by)


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, by: User) -> WebhookDelivery:
    """Owe an endpoint a message that says nothing. Raises NotYours, Forbidden, WrongState, TooOften."""
    endpoint = _mine(endpoint, by)
    if not endpoint.is_on:
        raise WrongState(_("This endpoint is switched off. Switch it on first."))
    keep_pace(what="webhook-test", who=endpoint.organisation.public_id, most=MOST_TESTS_A_MINUTE)
    return _owed([endpoint], event=TEST, subject=endpoint.public_id, data={"id": endpoint.public_id})[0]


@transaction.atomic
def send_again(*, delivery: WebhookDelivery, by: User) -> WebhookDelivery:
    """Owe a message once more, under the same id: whoever took it in already can tell.

    Raises NotYours, Forbidden, WrongState while it still waits or its endpoint is off, TooOften.
    """
    endpoint = _mine(delivery.endpoint, by)
    delivery = lock(delivery)
    if delivery.due_at is not None:
        raise WrongState(_("This message is on its way already."))
    if not endpoint.is_on:
        raise WrongState(_("This endpoint is switched off. Switch it on first."))
    keep_pace(what="webhook-again", who=endpoint.organisation.public_id, most=MOST_TESTS_A_MINUTE * 6)
    delivery.done_at = None
    delivery.save(update_fields=["done_at"])
    delivery.retry()
    _recorded("webhook.send_again", endpoint, by, message=delivery.public_id)
    hint(TASK, queue=QUEUE)
    return delivery


def owe(*, event: str, subject: str, data: dict[str, Any], organisations: Collection[int | None]) -> int:
    """Owe an event to every endpoint of these organisations that wants it; returns how many. Needs a transaction.

    `data` holds public ids and states alone: it leaves the house.
    """
    wanted = [
        endpoint
        for endpoint in WebhookEndpoint.objects.filter(
            organisation__in=[o for o in organisations if o is not None],
            removed_at__isnull=True,
            switched_off_at__isnull=True,
        )
        if event in endpoint.events
    ]
    return len(_owed(wanted, event=event, subject=subject, data=data))


def _owed(
    endpoints: Collection[WebhookEndpoint], *, event: str, subject: str, data: dict[str, Any]
) -> list[WebhookDelivery]:
    at = clock.now()
    said = {"type": event, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data}
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    made = [
        WebhookDelivery.objects.create(
            endpoint=endpoint, event=event, subject=subject, body=body, created_at=at, due_at=at
        )
        for endpoint in endpoints
    ]
    if made:
        hint(TASK, queue=QUEUE)
    return made


def _mine(endpoint: WebhookEndpoint, by: User) -> WebhookEndpoint:
    """The endpoint under lock. Raises NotYours, Forbidden."""
    administered(endpoint.organisation, by)
    endpoint = lock(endpoint)
    if endpoint.removed_at is not None:
        raise NotYours()
    return endpoint


def _chosen(events: Collection[str]) -> list[str]:
    if not events or not set(events) <= set(Event.values):
        raise Invalid(_("Choose at least one of the events offered."), field="events")
    return [event for event in Event.values if event in events]


def _recorded(kind: str, endpoint: WebhookEndpoint, by: User | None, **payload: Any) -> None:
    """The address stands in the ledger as a digest alone: it may hold a secret of the other side."""
    address = ledger.payload_hash(endpoint.url)
    ledger.record(
        kind=kind, subject=endpoint.organisation.public_id, actor=by,
        payload={"endpoint": endpoint.public_id, "address_sha256": address, **payload},
    )  # fmt: skip

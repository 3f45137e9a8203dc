"""Whether a webhook really comes from ippro: signed by Standard Webhooks, within the last five minutes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from standardwebhooks import Webhook, WebhookVerificationError


class Event(TypedDict):
    """What happened to what; `data` names ids, numbers and states, and nobody."""

    type: str
    timestamp: str
    data: dict[str, Any]


class Forged(Exception):
    """None of the secrets signed it, it was changed, or it is old."""


def verified(body: bytes, headers: Mapping[str, str], *secrets: str) -> Event:
    """What a message says. While one secret replaces another give both. Raises Forged.

    The same message may come twice: take each `webhook-id` once.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    for secret in secrets:
        try:
            Webhook(secret).verify(body, lower)
        except (WebhookVerificationError, ValueError):
            continue
        said: Event = json.loads(body)
        return said
    raise Forged("none of the secrets signed this message within the last five minutes")


def header_of(headers: Mapping[str, str], name: str = "webhook-id") -> str:
    """The id under which a message is sent, however often."""
    return {key.lower(): value for key, value in headers.items()}[name]


__all__: Sequence[str] = ("Event", "Forged", "header_of", "verified")

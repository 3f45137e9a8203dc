"""Connector to any shop system that answers three signed calls: orders, states and catalogue.

The contract is documented in docs/reference/webhook-connector.md; docs/examples/webhook_receiver.py is
the smallest receiver that keeps it.
"""

import hashlib
import ipaddress
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from core.signatures import is_secret, signed_headers
from marketplace.connectors.base import (
    Connection,
    Kind,
    Order,
    Outcome,
    PermanentError,
    Ref,
    State,
    TransientError,
)
from marketplace.connectors.http import call, open_client, secret, setting
from marketplace.connectors.wire import (
    events_from_wire,
    order_to_wire,
    outcomes_from_wire,
    ref_to_wire,
    restricted_from_wire,
    restriction_to_wire,
    states_from_wire,
)


class WebhookConnector:
    """`config` is `{"url": base address}`, `secrets` is `{"signing_secret": "whsec_…"}`."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"listing", "video", "livestream", "shop"})
    max_batch: ClassVar[int] = 100

    def __init__(self, connection: Connection) -> None:
        self.url = str(setting(connection, "url")).rstrip("/")
        if not _is_safe(self.url):
            raise PermanentError("the address must be https, or http on this machine")
        self.secret = secret(connection, "signing_secret")
        if not is_secret(self.secret):
            raise PermanentError("the signing secret is not a Standard Webhooks secret")
        self.client = open_client(connection, {"Ippro-Marketplace": connection.slug})

    def apply(self, orders: Sequence[Order]) -> Mapping[Ref, Outcome]:
        # The same batch sent again carries the same key; each order has its own beside it.
        key = hashlib.sha256("\n".join(o.idempotency_key for o in orders).encode()).hexdigest()
        body = {"orders": [order_to_wire(o) for o in orders]}
        return outcomes_from_wire(orders, self._post("orders", body, effect=True, key=key))

    def observe(self, refs: Sequence[Ref]) -> Mapping[Ref, State]:
        states: dict[Ref, State] = {}
        for start in range(0, len(refs), self.max_batch):
            part = refs[start : start + self.max_batch]
            states |= states_from_wire(
                part,
                self._post("states", {"refs": [ref_to_wire(r) for r in part]}, effect=False),
            )
        return states

    def restrict(self, shop: Ref, measures: Sequence[str], *, idempotency_key: str) -> None:
        restricted_from_wire(
            self._post(
                "restrictions", restriction_to_wire(shop, measures, idempotency_key), effect=True, key=idempotency_key
            )
        )

    def catalogue(self) -> Iterator[Mapping[str, Any]]:
        cursor: str | None = None
        while True:
            page = self._post("catalogue", {"after": cursor}, effect=False)
            yield from events_from_wire(page)
            before, cursor = cursor, page.get("next")
            if cursor is None:
                return
            if cursor == before:
                raise TransientError("the catalogue does not move on")

    def close(self) -> None:
        self.client.close()

    def _post(self, path: str, body: dict[str, Any], *, effect: bool, key: str = "") -> dict[str, Any]:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        signed = signed_headers([self.secret], message_id=key or uuid.uuid4().hex, content=content)
        headers = {"Content-Type": "application/json", **signed}
        if key:
            headers["Idempotency-Key"] = key
        url = f"{self.url}/{path}"
        return call(
            self.client,
            "POST",
            url,
            effect=effect,
            content=content.encode(),
            headers=headers,
        ).body


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http" or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False

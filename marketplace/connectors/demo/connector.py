"""Connector to the demo storefront: its ops API takes orders in bulk and remembers their keys."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

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
from marketplace.connectors.http import call, open_client, secret
from marketplace.connectors.wire import (
    events_from_wire,
    order_to_wire,
    outcomes_from_wire,
    ref_to_wire,
    restricted_from_wire,
    restriction_to_wire,
    states_from_wire,
)


class DemoConnector:
    """`config` is `{"url": address of the storefront}`, `secrets` is `{"token": bearer token of its ops API}`."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"listing", "video", "livestream", "shop"})
    max_batch: ClassVar[int] = 500

    def __init__(self, connection: Connection) -> None:
        url = connection.config.get("url") or connection.storefront_url
        if not url:
            raise PermanentError("the configuration lacks 'url'")
        self.ops = f"{str(url).rstrip('/')}/ops"
        self.client = open_client(connection, {"Authorization": f"Bearer {secret(connection, 'token')}"})

    def apply(self, orders: Sequence[Order]) -> Mapping[Ref, Outcome]:
        return outcomes_from_wire(
            orders,
            self._post("orders", {"orders": [order_to_wire(o) for o in orders]}, effect=True),
        )

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
            self._post("restrictions", restriction_to_wire(shop, measures, idempotency_key), effect=True)
        )

    def catalogue(self) -> Iterator[Mapping[str, Any]]:
        cursor: Any = ""
        while cursor is not None:
            page = call(
                self.client,
                "GET",
                f"{self.ops}/catalogue",
                effect=False,
                params={"after": cursor},
            ).body
            yield from events_from_wire(page)
            before, cursor = cursor, page.get("next")
            if cursor == before:
                raise TransientError("the catalogue does not move on")

    def close(self) -> None:
        self.client.close()

    def _post(self, path: str, body: dict[str, Any], *, effect: bool) -> dict[str, Any]:
        return call(self.client, "POST", f"{self.ops}/{path}", effect=effect, json=body).body

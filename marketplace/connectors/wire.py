"""The JSON in which orders, results and states travel to the demo marketplace and to webhook receivers.

Only words on the wire; how a call is addressed, signed and retried stands in the connectors.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marketplace.connectors.base import (
    ConnectorError,
    Order,
    Outcome,
    PermanentError,
    Ref,
    State,
    TransientError,
)

STATES: tuple[State, ...] = ("up", "down", "missing")


def order_to_wire(order: Order) -> dict[str, str]:
    return {
        "idempotency_key": order.idempotency_key, "kind": order.ref.kind, "external_id": order.ref.external_id,
        "desired": order.desired, "reason": order.reason,
    }  # fmt: skip


def ref_to_wire(ref: Ref) -> dict[str, str]:
    return {"kind": ref.kind, "external_id": ref.external_id}


def outcomes_from_wire(orders: Sequence[Order], body: Mapping[str, Any]) -> dict[Ref, Outcome]:
    """The outcome of each order from `{"results": [{"kind", "external_id", "status", "detail"}]}`.

    `done` is confirmed, `unknown` and `refused` are permanent, `later` is transient (with
    `retry_after_seconds`). An order that was not answered may or may not have been carried out.
    """
    results = {(r.get("kind"), r.get("external_id")): r for r in _objects(body, "results", effect=True)}
    return {o.ref: Outcome(error=_error(results.get((o.ref.kind, o.ref.external_id)))) for o in orders}


def _error(result: Mapping[str, Any] | None) -> ConnectorError | None:
    if result is None:
        return TransientError("no answer for this order", outcome_unknown=True)
    status, detail = result.get("status"), str(result.get("detail") or "")[:300]
    if status == "done":
        return None
    if status == "unknown":
        return PermanentError(detail or "the marketplace does not know it")
    if status == "refused":
        return PermanentError(detail or "the marketplace refused")
    if status == "later":
        seconds = result.get("retry_after_seconds")
        wait = float(seconds) if isinstance(seconds, int | float) and seconds >= 0 else None
        return TransientError(detail or "the marketplace asks to try later", retry_after_seconds=wait)
    return TransientError("an answer that says nothing", outcome_unknown=True)


def restriction_to_wire(shop: Ref, measures: Sequence[str], idempotency_key: str) -> dict[str, Any]:
    return {"idempotency_key": idempotency_key, **ref_to_wire(shop), "measures": list(measures)}


def restricted_from_wire(body: Mapping[str, Any]) -> None:
    """Raises what the answer `{"status", "detail"}` to a restriction says: nothing if it is `done`."""
    if (failure := _error(body)) is not None:
        raise failure


def states_from_wire(refs: Iterable[Ref], body: Mapping[str, Any]) -> dict[Ref, State]:
    """The state of each ref from `{"states": [{"kind", "external_id", "state"}]}`; TransientError if one lacks."""
    said = {(s.get("kind"), s.get("external_id")): s.get("state") for s in _objects(body, "states", effect=False)}
    states: dict[Ref, State] = {}
    for ref in refs:
        state = said.get((ref.kind, ref.external_id))
        if state not in STATES:
            raise TransientError("the marketplace did not say the state of everything that was asked")
        states[ref] = state
    return states


def events_from_wire(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """One page of a catalogue, `{"events": [...], "next": cursor or null}`."""
    return _objects(body, "events", effect=False)


def _objects(body: Mapping[str, Any], name: str, *, effect: bool) -> list[Mapping[str, Any]]:
    rows = body.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TransientError(f"the answer has no list of {name}", outcome_unknown=effect)
    return rows

"""Writing into the ledger: one entry per decision, in the decision's own transaction."""

import hashlib
import json
import math
from typing import Any

from django.db import transaction

from core import clock
from core.models import LedgerEntry
from core.sql import write

SYSTEM = "system"


#: from here on PostgreSQL gives a float back as a whole number
LARGEST_FLOAT = 1e16


def canonical(payload: Any) -> bytes:
    """The bytes that are hashed: JSON with sorted keys, no spaces, UTF-8."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _refuse_what_would_change(value: Any) -> None:
    """Raises ValueError for numbers that a database gives back as others: the hash would be of what nobody can read."""
    if isinstance(value, float) and (not abs(value) < LARGEST_FLOAT or (value == 0 and math.copysign(1, value) < 0)):
        raise ValueError(f"a ledger entry cannot say {value!r}: write it as a whole number or as text")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_what_would_change(part)


def payload_hash(payload: Any) -> str:
    return hashlib.sha256(canonical(payload)).hexdigest()


def actor_id(actor: Any) -> str:
    """The public id of who acts; None is the clock."""
    return SYSTEM if actor is None else actor.public_id


def entry(*, kind: str, subject: str, actor: Any = None, payload: dict[str, Any] | None = None) -> LedgerEntry:
    """An entry that is not yet written, for `record_all`. Raises ValueError for numbers that no database keeps as they are."""
    # Whoever acts by means of a key, not in person: the entry names the key beside them.
    through = getattr(actor, "acts_through", "")
    payload = {**(payload or {}), **({"through": through} if through else {})}
    # As the database gives it back, so that the hash is that of what can be read later.
    payload = json.loads(canonical(payload))
    _refuse_what_would_change(payload)
    return LedgerEntry(
        at=clock.now(),
        kind=kind,
        subject=subject,
        actor=actor_id(actor),
        payload=payload,
        payload_hash=payload_hash(payload),
    )


def record(*, kind: str, subject: str, actor: Any = None, payload: dict[str, Any] | None = None) -> LedgerEntry:
    """Write one entry. Raises RuntimeError outside a transaction: an entry stands or falls with its decision."""
    return record_all([entry(kind=kind, subject=subject, actor=actor, payload=payload)])[0]


def record_all(entries: list[LedgerEntry]) -> list[LedgerEntry]:
    """Write entries in order."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a ledger entry is written in the transaction of its decision")
    write(entries)
    return entries

"""What administrators do with a connected marketplace: set it up, and see whether it answers."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from core import ledger
from marketplace.connectors.base import PermanentError, Ref
from marketplace.models import Marketplace, Target
from marketplace.services import open_connector


@transaction.atomic
def save_marketplace(*, marketplace: Marketplace, by: Any, changed: Iterable[str]) -> None:
    """Connect a marketplace or change how it is reached; the ledger keeps the names of what changed, no values."""
    kind = "marketplace.connected" if marketplace.pk is None else "marketplace.changed"
    marketplace.save()
    ledger.record(kind=kind, subject=marketplace.public_id, actor=by, payload={"changed": sorted(set(changed))})


def try_connection(*, marketplace: Marketplace) -> str:
    """Look at one thing on the marketplace with its own connector, changing nothing; what was seen of what.

    Raises TransientError or PermanentError. Not inside a transaction: it goes out to the network.
    """
    known = (
        Target.objects.filter(marketplace=marketplace, version__gt=0, kind=Target.Kind.LISTING)
        .order_by("-last_seen_at")
        .first()
    )
    connector = open_connector(marketplace)
    try:
        if known is not None:
            ref = Ref(kind="listing", external_id=known.external_id)
            return f"{known.external_id}: {connector.observe([ref]).get(ref, 'missing')}"
        first = next(iter(connector.catalogue()), None)
        if first is None:
            raise PermanentError("the marketplace answers, but its catalogue is empty")
        return str(first.get("type", ""))
    finally:
        connector.close()

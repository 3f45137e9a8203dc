"""What a marketplace does with a shop short of taking it down: no new listings, search demotion, a security deposit.

As holds and enforcement: `ShopMeasure` says why, one row for each cause; `Restriction` is owed to the marketplace until
it is carried out. A connector without `restrict` leaves it to people, who say when they have done it by hand.
"""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from core import clock, ledger
from core.outbox import hint
from marketplace.connectors.base import ConnectorError, PermanentError, Ref, TransientError
from marketplace.errors import NotByHand
from marketplace.models import Marketplace, Restriction, ShopMeasure, Target
from marketplace.services import open_connector

log = logging.getLogger("ippro.enforcement")


@transaction.atomic
def restrict(*, shop: Target, measure: str, cause: str, actor: Any = None) -> None:
    """Order one measure against a shop for one cause; the same again changes nothing."""
    row = _locked(shop)
    _made, is_new = ShopMeasure.objects.get_or_create(
        shop=shop, cause=cause, measure=measure, lifted_at=None, defaults={"placed_at": clock.now()}
    )
    if is_new:
        ledger.record(
            kind="measure.placed", subject=shop.public_id, actor=actor, payload={"measure": measure, "cause": cause}
        )
        _refresh(row)


@transaction.atomic
def lift(*, cause: str, actor: Any = None) -> None:
    """End what one cause restricts; what another cause asks for stays."""
    for found in ShopMeasure.objects.active().filter(cause=cause).select_related("shop").order_by("shop_id", "pk"):
        row = _locked(found.shop)
        if ShopMeasure.objects.active().filter(pk=found.pk).update(lifted_at=clock.now()):
            ledger.record(
                kind="measure.lifted", subject=found.shop.public_id, actor=actor,
                payload={"measure": found.measure, "cause": cause},
            )  # fmt: skip
            _refresh(row)


def _locked(shop: Target) -> Restriction:
    Restriction.objects.bulk_create([Restriction(shop=shop)], ignore_conflicts=True)
    return Restriction.objects.select_for_update(no_key=True).get(shop=shop)


def _refresh(row: Restriction) -> None:
    """Derive what the marketplace must do from the measures, and make a change due."""
    active = ShopMeasure.objects.active().filter(shop=row.shop_id)
    desired = sorted(set(active.values_list("measure", flat=True)))
    if desired == row.desired:
        return
    # The lease stays: a call that is under way ends before the new order goes out.
    Restriction.objects.filter(pk=row.pk).update(
        desired=desired, version=F("version") + 1, due_at=clock.now(), dead_at=None, attempts=0, last_error="",
        is_by_hand=False,
    )  # fmt: skip
    hint("marketplace.tasks.restrict_due", queue="enforcement")


@transaction.atomic
def done_by_hand(*, restriction: Restriction, by: Any) -> None:
    """Staff carried out what the connector cannot. Raises NotByHand."""
    row = Restriction.objects.select_for_update(no_key=True).get(pk=restriction.pk)
    if not row.is_by_hand:
        raise NotByHand()
    Restriction.objects.filter(pk=row.pk).update(
        is_by_hand=False, confirmed=row.desired, confirmed_at=clock.now(), done_at=clock.now()
    )
    ledger.record(
        kind="restriction.by_hand", subject=row.shop.public_id, actor=by, payload={"measures": row.desired}
    )  # fmt: skip


def restrict_batch(limit: int = 50) -> int:
    """Carry out restrictions that are due; returns how many were tried. No transaction is open while calling."""
    rows = Restriction.objects.claim(limit)
    shops = Target.objects.select_related("marketplace").in_bulk([row.shop_id for row in rows])
    for row in rows:
        if row.take_up():
            _carry_out(row, shops[row.shop_id])
    return len(rows)


def _carry_out(row: Restriction, shop: Target) -> None:
    try:
        _call(shop.marketplace, row, shop)
    except ConnectorError as failure:
        wait = getattr(failure, "retry_after_seconds", None)
        row.put_off(
            str(failure), wait=None if wait is None else timedelta(seconds=min(max(wait, 1), 86_400)),
            permanent=isinstance(failure, PermanentError),
        )  # fmt: skip
        return
    except NotByHand:
        _record(row, is_by_hand=True)
        return
    _record(row, is_by_hand=False)


def _call(marketplace: Marketplace, row: Restriction, shop: Target) -> None:
    """Raises ConnectorError; NotByHand where the connector has no such call."""
    connector = open_connector(marketplace)
    try:
        if not hasattr(connector, "restrict"):
            raise NotByHand()
        connector.restrict(
            Ref(kind="shop", external_id=shop.external_id), row.desired,
            idempotency_key=f"{shop.public_id}:restriction:{row.version}",
        )  # fmt: skip
    except (ConnectorError, NotByHand):
        raise
    except Exception as bug:
        log.exception("connector %s broke its contract", type(connector).__name__)
        raise TransientError(f"connector failed: {type(bug).__name__}") from bug
    finally:
        connector.close()


@transaction.atomic
def _record(row: Restriction, *, is_by_hand: bool) -> None:
    """What was called for is done; unless a newer order came meanwhile, which is due and now free to go."""
    now = Restriction.objects.select_for_update(no_key=True).get(pk=row.pk)
    if now.leased_until != row.leased_until:
        return
    at = clock.now()
    values: dict[str, Any] = {"leased_until": None}
    if not is_by_hand:
        values |= {"confirmed": row.desired, "confirmed_at": at}
    if now.version == row.version:
        values |= {"due_at": None, "done_at": at, "last_error": "", "is_by_hand": is_by_hand}
    Restriction.objects.filter(pk=row.pk).update(**values)
    if not is_by_hand:
        ledger.record(
            kind="restriction.confirmed", subject=now.shop.public_id,
            payload={"measures": row.desired, "version": row.version},
        )  # fmt: skip

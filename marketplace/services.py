"""Holds, and driving the marketplace to what the holds say.

A target must be down while at least one hold is active on it, or on its shop where the connector cannot
take down a whole shop. Complaints place and release holds; `reconcile` does the rest, as often as needed.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils.module_loading import import_string

from accounts.models import Organisation
from core import clock, ledger
from core.obligations import LEASE
from core.outbox import hint, publish
from marketplace.connectors.base import (
    Connection,
    Connector,
    ConnectorError,
    Order,
    Outcome,
    PermanentError,
    Ref,
    TransientError,
)
from marketplace.connectors.registry import CONNECTORS, connect
from marketplace.errors import NotDead
from marketplace.models import Enforcement, EnforcementAttempt, Hold, Marketplace, Target
from marketplace.search import index

log = logging.getLogger("ippro.enforcement")

#: calls that failed in a row before a marketplace is left alone, and for how long at first
BREAKER_THRESHOLD = 5
BREAKER_PAUSE = timedelta(seconds=15)
BREAKER_LONGEST_PAUSE = timedelta(minutes=10)
CHUNK = 400


# --- holds -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HoldCause:
    """Who holds something down: the public id of a case, and the sentence a seller may read."""

    case: str
    reason: str = ""


@transaction.atomic
def place_holds(*, targets: Sequence[Target], cause: HoldCause, actor: Any = None) -> list[Hold]:
    """Hold targets down for one cause; a target that this cause already holds is left as it is.

    Returns the holds that are new. What the marketplace must show follows in the same transaction.
    """
    targets = _locked(targets)
    held = set(Hold.objects.active().filter(cause=cause.case, target__in=targets).values_list("target_id", flat=True))
    at = clock.now()
    fresh = [t for t in targets if t.pk not in held]
    holds = Hold.objects.bulk_create(
        [Hold(target=t, cause=cause.case, reason=cause.reason, placed_at=at) for t in fresh], batch_size=CHUNK
    )
    ledger.record_all(
        [
            ledger.entry(
                kind="hold.placed",
                subject=hold.target.public_id,
                actor=actor,
                payload={"hold": hold.public_id, "cause": cause.case},
            )
            for hold in holds
        ]
    )
    _refresh(fresh, actor=actor)
    # No order goes out for what is down already, so that no other word of it would come.
    down = Enforcement.State.DOWN
    besides = Enforcement.objects.filter(target__in=[t.pk for t in fresh], desired=down, confirmed=down)
    publish("target.held_besides", *besides.order_by("pk").values_list("target__public_id", flat=True))
    return holds


@transaction.atomic
def release_holds(*, cause: str, reason: str, targets: Sequence[Target] | None = None, actor: Any = None) -> list[Hold]:
    """Release what one cause holds (all of it, or only `targets`); returns the holds released.

    A target goes up again only when nothing else holds it.
    """
    active = Hold.objects.active().filter(cause=cause)
    if targets is not None:
        active = active.filter(target__in=targets)
    return _release(active, reason, actor)


@transaction.atomic
def release_for_each(*, held: Collection[tuple[str, int]], reason: str, actor: Any = None) -> list[Hold]:
    """Release what each of several causes holds of one target of its own, given as (cause, target's key), in one go.

    For a few hundred at a time: the clock releases what fell due in the same minute with it.
    """
    causes, targets = {cause for cause, _target in held}, {target for _cause, target in held}
    return _release(Hold.objects.active().filter(cause__in=causes, target__in=targets), reason, actor, only=held)


def _release(
    active: QuerySet[Hold], reason: str, actor: Any, *, only: Collection[tuple[str, int]] | None = None
) -> list[Hold]:
    locked = _locked(Target.objects.filter(pk__in=active.values("target_id")).select_related("marketplace"))
    holds = list(active.filter(target__in=locked).select_related("target"))
    if only is not None:
        holds = [hold for hold in holds if (hold.cause, hold.target_id) in only]
    at = clock.now()
    Hold.objects.filter(pk__in=[h.pk for h in holds]).update(released_at=at, release_reason=reason[:300])
    ledger.record_all(
        [
            ledger.entry(
                kind="hold.released",
                subject=hold.target.public_id,
                actor=actor,
                payload={"hold": hold.public_id, "cause": hold.cause},
            )
            for hold in holds
        ]
    )
    _refresh(locked, actor=actor)
    return holds


def _locked(targets: Iterable[Target]) -> list[Target]:
    """The same targets, locked in one order, so that two decisions on the same listings take turns.

    The items of a shop that is held item by item are locked in the same go.
    """
    targets = list(targets)
    wanted = {t.pk for t in targets}
    shops = [t.pk for t in targets if _is_held_by_items(t)]
    items = set(Target.objects.filter(shop__in=shops).values_list("pk", flat=True)) if shops else set()
    return [t for t in _lock_targets(wanted | items) if t.pk in wanted]


def _lock_targets(ids: Iterable[int]) -> list[Target]:
    ids = sorted(ids)
    found: list[Target] = []
    for start in range(0, len(ids), CHUNK):
        found += (
            Target.objects.filter(pk__in=ids[start : start + CHUNK])
            .select_related("marketplace", "shop")
            # No key: rows that merely refer to a target do not wait.
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
    return found


def _lock_enforcements(**which: Any) -> list[Enforcement]:
    """Locked in one order; whoever needs locks of targets too takes those first."""
    rows = Enforcement.objects.filter(**which).select_related("target")
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


# --- what must be shown ------------------------------------------------------------------------------


@lru_cache
def _kinds(connector: str) -> frozenset[str]:
    return import_string(CONNECTORS[connector]).kinds if connector in CONNECTORS else frozenset()


def carries_shops(marketplace: Marketplace) -> bool:
    """Whether the connector takes down a whole shop itself; otherwise its items are held one by one."""
    return Target.Kind.SHOP in _kinds(marketplace.connector)


def _is_held_by_items(target: Target) -> bool:
    return target.kind == Target.Kind.SHOP and not carries_shops(target.marketplace)


def _refresh(targets: Sequence[Target], *, actor: Any = None) -> None:
    """Derive what these targets must show from their holds, and make what changed due."""
    affected = list(targets)
    for shop in filter(_is_held_by_items, targets):
        affected += _locked(shop.items.all())
        affected.remove(shop)
    at = clock.now()
    changed = 0
    for start in range(0, len(affected), CHUNK):
        chunk = affected[start : start + CHUNK]
        carried = {t.pk: t.shop_id for t in chunk if t.shop_id and not carries_shops(t.marketplace)}
        held = set(
            Hold.objects.active()
            .filter(target__in=[t.pk for t in chunk] + list(carried.values()))
            .values_list("target_id", flat=True)
        )
        Enforcement.objects.bulk_create([Enforcement(target=t) for t in chunk], ignore_conflicts=True, batch_size=CHUNK)
        down, up = Enforcement.State.DOWN, Enforcement.State.UP
        orders: dict[str, list[int]] = {down: [], up: []}
        for row in _lock_enforcements(target__in=chunk):
            desired = down if held & {row.target_id, carried.get(row.target_id)} else up
            if row.desired != desired:
                orders[desired].append(row.pk)
        for must_be, ids in orders.items():
            # An order never sent is simply taken back by the next. The lease stays: a call that is under
            # way ends before the new order goes out.
            changed += Enforcement.objects.filter(pk__in=ids).update(
                desired=must_be, version=F("version") + 1, decided_at=at, due_at=at, dead_at=None,
                attempts=0, last_error="",
            )  # fmt: skip
    if changed:
        hint("marketplace.tasks.reconcile_due", queue="enforcement")


@transaction.atomic
def came_into_shop(*, targets: Sequence[Target]) -> None:
    """Targets that are new in a shop are down at once if it is held, and no longer for the shop they left."""
    _refresh(_locked([t for t in targets if not carries_shops(t.marketplace)]))


@transaction.atomic
def observed(*, target: Target, state: str, at: datetime) -> None:
    """The marketplace said by itself that a target is up, down or gone.

    This changes what is observed. If it says "up" after it had confirmed a takedown that still stands
    (the seller put it up again), the same order goes out anew under a new version. So it does while an
    order is out whose outcome is unknown: that one may have been carried out, and undone since.
    """
    target = _locked([target])[0]
    if target.observed_at and at <= target.observed_at:
        return
    was, target.observed, target.observed_at = target.observed, state, at
    target.save(update_fields=["observed", "observed_at"])
    if was != state:
        index.refresh([target])
    down = Enforcement.State.DOWN
    for enforcement in _lock_enforcements(target=target, desired=down) if state == Target.Observed.UP else ():
        if enforcement.confirmed == down and enforcement.confirmed_at and at > enforcement.confirmed_at:
            _order_again(enforcement)
            ledger.record(kind="target.relisted", subject=target.public_id, payload={"seen_at": at.isoformat()})
            publish("target.relisted", target.public_id)
        elif enforcement.sent_version is not None:
            _order_again(enforcement)


@transaction.atomic
def order_again(*, target: Target, why: str) -> bool:
    """Send a takedown that was confirmed once more, because the target is shown all the same; nobody is blamed for it.

    False where it need not be down, or its order is out already.
    """
    target = _locked([target])[0]
    down = Enforcement.State.DOWN
    orders = _lock_enforcements(target=target, desired=down, confirmed=down)
    for enforcement in orders:
        _order_again(enforcement)
        ledger.record(kind="enforcement.ordered_again", subject=target.public_id, payload={"why": why[:300]})
    return bool(orders)


def _order_again(enforcement: Enforcement) -> None:
    enforcement.version += 1
    enforcement.due_at, enforcement.dead_at = clock.now(), None
    enforcement.attempts, enforcement.last_error = 0, ""
    # Down was true once; until it is true again, up is what we know.
    enforcement.confirmed = (
        Enforcement.State.UP if enforcement.desired == Enforcement.State.DOWN else Enforcement.State.DOWN
    )
    enforcement.save()
    hint("marketplace.tasks.reconcile_due", queue="enforcement")


@transaction.atomic
def retry_enforcement(*, enforcement: Enforcement, by: Any) -> None:
    """Staff try a dead order once more. Raises NotDead."""
    enforcement = Enforcement.objects.select_for_update().select_related("target").get(pk=enforcement.pk)
    if enforcement.dead_at is None:
        raise NotDead()
    enforcement.retry()
    ledger.record(kind="enforcement.retried", subject=enforcement.target.public_id, actor=by)
    hint("marketplace.tasks.reconcile_due", queue="enforcement")


@transaction.atomic
def reset_breaker(*, marketplace: Marketplace, by: Any) -> None:
    """Staff let a paused marketplace be called again at once."""
    Marketplace.objects.filter(pk=marketplace.pk).update(breaker_failures=0, breaker_open_until=None, breaker_reason="")
    ledger.record(kind="marketplace.resumed", subject=marketplace.public_id, actor=by)
    hint("marketplace.tasks.reconcile_due", queue="enforcement")


# --- reconciling ---------------------------------------------------------------------------------------


def open_connector(marketplace: Marketplace) -> Connector:
    """The connector of a marketplace. Raises PermanentError if it is misconfigured."""
    try:
        secrets = json.loads(marketplace.secrets or "{}")
        return connect(
            marketplace.connector,
            Connection(
                slug=marketplace.slug,
                storefront_url=marketplace.storefront_url,
                config=marketplace.config,
                secrets=secrets,
            ),
        )
    except ConnectorError:
        raise
    except Exception as failure:
        raise PermanentError(
            f"connector {marketplace.connector!r} is misconfigured: {type(failure).__name__}"
        ) from failure


def reconcile_batch(limit: int = CHUNK) -> int:
    """Drive up to `limit` due targets towards what they must show; returns how many were tried.

    Claim under a lease, then call with no transaction open, then record. Dying anywhere leaves a lease
    that runs out and `sent_version`, which tells the next worker to look before it sends again.
    """
    claimed = Enforcement.objects.claim(limit)
    if not claimed:
        return 0
    by_marketplace: dict[Marketplace, list[Enforcement]] = defaultdict(list)
    marketplaces = Marketplace.objects.in_bulk({row.target.marketplace_id for row in claimed})
    for row in claimed:
        by_marketplace[marketplaces[row.target.marketplace_id]].append(row)
    for marketplace, rows in by_marketplace.items():
        _reconcile_marketplace(marketplace, rows)
    return len(claimed)


def _reconcile_marketplace(marketplace: Marketplace, rows: list[Enforcement]) -> None:
    asked_at = clock.now()
    try:
        connector = open_connector(marketplace)
    except PermanentError as misconfigured:
        _record(marketplace, rows, {row.pk: Outcome(error=misconfigured) for row in rows}, asked_at)
        return
    try:
        for start in range(0, len(rows), connector.max_batch):
            batch = _begin(marketplace, rows[start : start + connector.max_batch])
            asked_at = clock.now()
            if batch:
                _record(marketplace, batch, _carry_out(connector, batch), asked_at)
    finally:
        connector.close()


@transaction.atomic
def _begin(marketplace: Marketplace, claimed: list[Enforcement]) -> list[Enforcement]:
    """The rows of a batch as they stand now, if the lease is still ours, with a fresh lease.

    Waiting for the batches before it may have taken long: another worker may have them by now, or a
    newer order may have come, which is then the one that goes out.
    """
    leases = {row.pk: row.leased_until for row in claimed}
    mine = [row for row in _lock_enforcements(pk__in=leases) if row.leased_until == leases[row.pk]]
    ours = Enforcement.objects.filter(pk__in=[row.pk for row in mine])
    if not _breaker_allows(marketplace):
        # Nobody called for these: the lease is given back, and the attempt does not count.
        ours.update(leased_until=None, attempts=Greatest(F("attempts") - 1, 0))
        return []
    lease = clock.unmoved() + LEASE
    ours.update(leased_until=lease)
    for row in mine:
        row.leased_until = lease
    return mine


def _carry_out(connector: Connector, rows: list[Enforcement]) -> dict[int, Outcome]:
    """Ask first where an earlier outcome is unknown, then send what is still to be done.

    Afterwards `sent_version` of a row is set if its outcome is (still) unknown.
    """
    outcomes: dict[int, Outcome] = {}
    to_send: list[Enforcement] = []
    try:
        outcomes |= _look(connector, [row for row in rows if row.sent_version is not None])
        for row in rows:
            if row.pk not in outcomes and row.target.kind not in connector.kinds:
                outcomes[row.pk] = Outcome(PermanentError(f"this marketplace cannot take down a {row.target.kind}"))
        to_send = [row for row in rows if row.pk not in outcomes]
        if to_send:
            _mark_sent(to_send)
            answers = connector.apply([_order(row) for row in to_send])
            silent = Outcome(TransientError("no answer for this order", outcome_unknown=True))
            outcomes |= {row.pk: answers.get(_ref(row), silent) for row in to_send}
    except ConnectorError as failure:
        outcomes |= {row.pk: Outcome(failure) for row in rows if row.pk not in outcomes}
    except Exception as bug:
        log.exception("connector %s broke its contract", type(connector).__name__)
        broken = TransientError(f"connector failed: {type(bug).__name__}", outcome_unknown=True)
        outcomes |= {row.pk: Outcome(broken) for row in rows if row.pk not in outcomes}
    for row in to_send:
        if not _may_have_had_effect(outcomes[row.pk].error):
            row.sent_version = None
    return outcomes


def _look(connector: Connector, unknown: list[Enforcement]) -> dict[int, Outcome]:
    """Confirm what is as desired already; the rest is ordered under a new version.

    Its old idempotency key may be used up, by an order that was carried out and undone by the seller since.
    """
    if not unknown:
        return {}
    seen = connector.observe([_ref(row) for row in unknown])
    confirmed: dict[int, Outcome] = {}
    otherwise: list[Enforcement] = []
    for row in unknown:
        if _is_as_desired(seen.get(_ref(row)), row):
            confirmed[row.pk] = Outcome()
            row.sent_version = None
        else:
            otherwise.append(row)
    _update_leased(otherwise, version=F("version") + 1)
    for row in otherwise:
        row.version += 1
    return confirmed


def _mark_sent(rows: list[Enforcement]) -> None:
    _update_leased(rows, sent_version=F("version"))
    for row in rows:
        row.sent_version = row.version


@transaction.atomic
def _update_leased(rows: list[Enforcement], **values: Any) -> None:
    """Change what is still under our lease."""
    leases = {row.pk: row.leased_until for row in rows}
    ours = [now.pk for now in _lock_enforcements(pk__in=leases) if now.leased_until == leases[now.pk]]
    Enforcement.objects.filter(pk__in=ours).update(**values)


def _ref(row: Enforcement) -> Ref:
    return Ref(kind=row.target.kind, external_id=row.target.external_id)  # type: ignore[arg-type]


def _order(row: Enforcement) -> Order:
    return Order(
        ref=_ref(row),
        desired=row.desired,  # type: ignore[arg-type]
        idempotency_key=f"{row.target.public_id}:{row.version}",
    )


def _is_as_desired(seen: str | None, row: Enforcement) -> bool:
    """Gone is as good as down, and cannot be put up again by us."""
    return seen == row.desired or (seen == Target.Observed.MISSING and row.desired == Enforcement.State.DOWN)


@transaction.atomic
def _record(
    marketplace: Marketplace, rows: list[Enforcement], outcomes: dict[int, Outcome], asked_at: datetime
) -> None:
    """Write down what came of a batch: settle, put off, or give up visibly; and feed the breaker.

    What was confirmed holds from when it was asked for: a seller may have undone it before we heard of it.
    """
    at = clock.now()
    _lock_targets({row.target_id for row in rows})
    locked = {now.pk: now for now in _lock_enforcements(pk__in=[row.pk for row in rows])}
    settled: list[Enforcement] = []
    given_up: list[Enforcement] = []
    attempts: list[EnforcementAttempt] = []
    for row in rows:
        now, error = locked[row.pk], outcomes[row.pk].error
        attempts.append(
            EnforcementAttempt(
                enforcement=now, version=row.version, desired=row.desired, at=at,
                outcome="confirmed" if error is None else type(error).__name__,
                error="" if error is None else str(error)[:500],
            )
        )  # fmt: skip
        if now.leased_until != row.leased_until:
            _record_late(now, error)
            continue
        now.sent_version = row.sent_version
        if error is None:
            now.confirmed, now.confirmed_at = row.desired, asked_at
        if now.version != row.version:
            # Overtaken by a newer order while we were calling: that one is due and now free to go.
            now.leased_until = None
            now.save(update_fields=["confirmed", "confirmed_at", "sent_version", "leased_until"])
        elif error is None:
            settled.append(now)
        else:
            now.save(update_fields=["sent_version"])
            now.put_off(str(error), wait=_asked_to_wait(error), permanent=isinstance(error, PermanentError))
            if now.dead_at is not None:
                given_up.append(now)
    EnforcementAttempt.objects.bulk_create(attempts, batch_size=CHUNK)
    _settle(settled, asked_at)
    publish("enforcement.settled", *[row.target.public_id for row in settled + given_up])
    _feed_breaker(marketplace, outcomes.values(), at)


def _record_late(now: Enforcement, error: ConnectorError | None) -> None:
    """Our lease ran out and somebody else called too: nobody knows which call had its effect last."""
    if error is None or _may_have_had_effect(error):
        now.sent_version = now.version
        _order_again(now)


def _may_have_had_effect(error: ConnectorError | None) -> bool:
    return isinstance(error, TransientError) and error.outcome_unknown


def _asked_to_wait(error: ConnectorError) -> timedelta | None:
    seconds = getattr(error, "retry_after_seconds", None)
    return None if seconds is None else timedelta(seconds=min(max(seconds, 1), 86_400))


def _settle(rows: list[Enforcement], asked_at: datetime) -> None:
    for desired in Enforcement.State:
        mine = [row for row in rows if row.confirmed == desired]
        if not mine:
            continue
        Enforcement.objects.filter(pk__in=[row.pk for row in mine]).update(
            confirmed=desired, confirmed_at=asked_at, sent_version=None,
            due_at=None, done_at=clock.now(), leased_until=None, dead_at=None, last_error="", attempts=0,
        )  # fmt: skip
        targets = Target.objects.filter(pk__in=[row.target_id for row in mine])
        targets.update(observed=desired, observed_at=asked_at)
        if desired == Enforcement.State.UP:
            index.refresh(list(targets))
        else:
            index.remove([row.target_id for row in mine])
        ledger.record_all(
            [
                ledger.entry(
                    kind=f"enforcement.{desired}", subject=row.target.public_id, payload={"version": row.version}
                )
                for row in mine
            ]
        )


# --- the circuit breaker ---------------------------------------------------------------------------------


def _breaker_allows(marketplace: Marketplace) -> bool:
    until = Marketplace.objects.values_list("breaker_open_until", flat=True).get(pk=marketplace.pk)
    return until is None or until <= clock.now()


def _feed_breaker(marketplace: Marketplace, outcomes: Iterable[Outcome], at: datetime) -> None:
    """Pause a marketplace after failures in a row; one success closes the breaker again.

    Source: M. Nygard, Release It!, "Circuit Breaker". A refusal of one order is an answer, no failure.
    """
    errors = [o.error for o in outcomes]
    failures = [e for e in errors if isinstance(e, TransientError)]
    if not failures or len(failures) < len(errors):
        Marketplace.objects.filter(pk=marketplace.pk).exclude(breaker_failures=0, breaker_open_until=None).update(
            breaker_failures=0, breaker_open_until=None, breaker_reason=""
        )
        return
    # Not on its key: targets and events that refer to it are written meanwhile.
    fresh = Marketplace.objects.select_for_update(no_key=True).get(pk=marketplace.pk)
    fresh.breaker_failures += 1
    pause = max((_asked_to_wait(e) or timedelta(0) for e in failures), default=timedelta(0))
    if fresh.breaker_failures >= BREAKER_THRESHOLD:
        doublings = min(fresh.breaker_failures - BREAKER_THRESHOLD, 10)
        pause = max(pause, min(BREAKER_PAUSE * 2**doublings, BREAKER_LONGEST_PAUSE))
    if pause:
        fresh.breaker_open_until = at + pause
        fresh.breaker_reason = str(failures[-1])[:500]
    fresh.save(update_fields=["breaker_failures", "breaker_open_until", "breaker_reason"])


# --- shops and their operators -----------------------------------------------------------------------------


@transaction.atomic
def link_shops(subject: str) -> None:
    """Give a merchant whose papers were accepted the shops that run under its credit code."""
    merchant = Organisation.objects.filter(public_id=subject, kind=Organisation.Kind.MERCHANT).first()
    if merchant and merchant.is_verified and merchant.uscc:
        shops = Target.objects.filter(operator__isnull=True, kind=Target.Kind.SHOP, operator_uscc=merchant.uscc)
        linked = list(shops.order_by("pk").select_for_update(of=("self",), no_key=True))
        Target.objects.filter(pk__in=[shop.pk for shop in linked]).update(operator=merchant)
        publish("target.changed", *[shop.public_id for shop in linked])
        publish("shop.changed", *[shop.public_id for shop in linked])

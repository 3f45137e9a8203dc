"""Taking in what a marketplace says: batches of events that come late, twice, and in any order.

Each target is two last-writer-wins registers: its content, ordered by the marketplace's version (or the
time), and its state, ordered by time. Ties are settled by the value itself, so that any order and any
repetition of the same events ends in the same mirror.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, OperationalError, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core import clock, crypto, ledger
from core.outbox import publish
from marketplace import services
from marketplace.events import Event, Rejected, id_of, read
from marketplace.models import Enforcement, Hold, Marketplace, ReceivedEvent, Target, TargetVersion
from marketplace.search import index

BATCH = 1000
CHUNK = 400
#: how long an event's id is remembered; a repetition after that is news that is not newer, and changes nothing
REMEMBERED = timedelta(days=30)
FORGET_AT_ONCE = 5000
ATTEMPTS = 5
Key = tuple[str, str]

#: what an existing row may change by an event
_COLUMNS = [
    "shop", "url", "title", "description", "category", "price", "currency", "images", "attributes", "frames",
    "share_token", "operator_name", "operator_uscc", "operator", "contact_email", "contact_language",
    "observed", "observed_at", "source_version", "version", "content_hash", "first_seen_at", "last_seen_at",
]  # fmt: skip
#: of two states said for the same moment, the later in this list counts
_RANK: list[str] = [Target.Observed.UP, Target.Observed.DOWN, Target.Observed.MISSING]


class Status(models.TextChoices):
    """What became of an event."""

    APPLIED = "applied", _("applied")
    DUPLICATE = "duplicate", _("taken in before")
    STALE = "stale", _("older than what is known")
    REJECTED = "rejected", _("rejected")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event; `detail` says what was wrong with a rejected one."""

    id: str | None
    status: str
    detail: str = ""


def ingest(*, marketplace: Marketplace, events: Sequence[Any], remember: bool = True) -> list[Result]:
    """Take in events of one marketplace; one result for each, in their order.

    A bad event is rejected and stops no other; it may be sent again under its id once it is mended.
    Every thousand events are one transaction. `remember=False` leaves the ids unrecorded, for a full
    import whose repetition changes nothing anyway.
    """
    results: list[Result] = []
    for start in range(0, len(events), BATCH):
        results += _take_in(marketplace, events[start : start + BATCH], remember)
    return results


def forget_old_events() -> int:
    """Drop ids that are remembered no longer, in small transactions; returns how many."""
    old = ReceivedEvent.objects.filter(received_at__lt=clock.now() - REMEMBERED).order_by("received_at")
    forgotten = 0
    while ids := list(old.values_list("pk", flat=True)[:FORGET_AT_ONCE]):
        forgotten += ReceivedEvent.objects.filter(pk__in=ids).delete()[0]
    return forgotten


def _take_in(marketplace: Marketplace, events: Sequence[Any], remember: bool) -> list[Result]:
    for attempt in range(ATTEMPTS):
        try:
            return _take_in_once(marketplace, events, remember)
        except (IntegrityError, OperationalError):
            # Somebody else brought the same news at the same moment: what they wrote is known now.
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def _take_in_once(marketplace: Marketplace, events: Sequence[Any], remember: bool) -> list[Result]:
    now = clock.now()
    read_events: list[Event | Result] = []
    for raw in events:
        try:
            read_events.append(read(raw, now=clock.unmoved()))
        except Rejected as wrong:
            read_events.append(Result(id_of(raw), Status.REJECTED.value, str(wrong)))
    good = [event for event in read_events if isinstance(event, Event)]
    taken = _known_ids(marketplace, {event.id for event in good}) if remember else set()
    mirror = _Mirror(marketplace, [event for event in good if event.id not in taken])
    results: list[Result] = []
    received: list[ReceivedEvent] = []
    for event in read_events:
        if isinstance(event, Result):
            results.append(event)
        elif event.id in taken:
            results.append(Result(event.id, Status.DUPLICATE.value))
        else:
            taken.add(event.id)
            status = Status.APPLIED if mirror.apply(event) else Status.STALE
            results.append(Result(event.id, status.value))
            received.append(
                ReceivedEvent(marketplace=marketplace, event_id=event.id, status=status.value, received_at=now)
            )
    if remember:
        # First, and in one order: of two equal batches the second waits here, fails, and looks again.
        ReceivedEvent.objects.bulk_create(sorted(received, key=lambda e: e.event_id))
    mirror.save()
    return results


def _known_ids(marketplace: Marketplace, ids: set[str]) -> set[str]:
    return {
        event_id
        for chunk in _chunks(sorted(ids))
        for event_id in ReceivedEvent.objects.filter(marketplace=marketplace, event_id__in=chunk).values_list(
            "event_id", flat=True
        )
    }


def _chunks(items: list[Any]) -> Iterable[list[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


class _Mirror:
    """The targets that a batch speaks of, loaded and locked at once, changed in memory, saved at once."""

    def __init__(self, marketplace: Marketplace, events: list[Event]) -> None:
        self.marketplace = marketplace
        self.targets = self._load(events)
        self.fresh: dict[Key, Target] = {}
        self.dirty: dict[Key, Target] = {}
        self.moved: dict[Key, Target] = {}
        self.changed: dict[Key, Target] = {}
        #: shops that somebody else runs from now on, or nobody who is known
        self.other_hands: dict[Key, Target] = {}
        self.versions: list[TargetVersion] = []
        self.seen_before = {key: (t.observed, t.observed_at) for key, t in self.targets.items()}
        self.operators = self._load_operators(events)

    def _load(self, events: list[Event]) -> dict[Key, Target]:
        wanted: dict[str, set[str]] = {}
        for event in events:
            wanted.setdefault(event.kind, set()).add(event.external_id)
            if event.shop_external_id:
                wanted.setdefault(Target.Kind.SHOP.value, set()).add(event.shop_external_id)
        known = [
            pk
            for kind, external_ids in wanted.items()
            for chunk in _chunks(sorted(external_ids))
            for pk in Target.objects.filter(marketplace=self.marketplace, kind=kind, external_id__in=chunk).values_list(
                "pk", flat=True
            )
        ]
        # Locked in the one order in which everybody locks targets.
        return {
            (target.kind, target.external_id): target
            for chunk in _chunks(sorted(known))
            for target in Target.objects.filter(pk__in=chunk)
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        }

    @staticmethod
    def _load_operators(events: list[Event]) -> dict[str, Organisation]:
        codes = {code for e in events if e.content and (code := e.content.get("operator_uscc"))}
        verified = Organisation.objects.filter(kind=Organisation.Kind.MERCHANT, state=Organisation.State.VERIFIED)
        return {
            merchant.uscc: merchant for chunk in _chunks(sorted(codes)) for merchant in verified.filter(uscc__in=chunk)
        }

    # --- in memory --------------------------------------------------------------------------------

    def apply(self, event: Event) -> bool:
        """Change the target by what the event says; false when all of it is older than what is known."""
        target = self._target(event.kind, event.external_id, event.occurred_at)
        # Also for old news: the shop exists, whichever of two events comes first.
        shop = (
            self._target(Target.Kind.SHOP.value, event.shop_external_id, event.occurred_at)
            if event.shop_external_id
            else None
        )
        applied = False
        if event.content is not None:
            applied = self._apply_content(target, event, event.content, shop)
        if event.state is not None:
            applied = self._apply_state(target, event.state, event.occurred_at) or applied
        return applied

    def _target(self, kind: str, external_id: str, at: datetime) -> Target:
        """The target, with `at` inside the time in which it was seen; unknown ones get a place to be filled."""
        key = (kind, external_id)
        target = self.targets.get(key)
        if target is None:
            target = self.targets[key] = self.fresh[key] = Target(
                marketplace=self.marketplace, kind=kind, external_id=external_id,
                version=0, source_version=0, first_seen_at=at, last_seen_at=at,
            )  # fmt: skip
        if not target.first_seen_at <= at <= target.last_seen_at:
            target.first_seen_at, target.last_seen_at = (
                min(target.first_seen_at, at),
                max(target.last_seen_at, at),
            )
            self.dirty[key] = target
        return target

    def _apply_content(self, target: Target, event: Event, content: dict[str, Any], shop: Target | None) -> bool:
        key = (target.kind, target.external_id)
        kept = _as_evidence(content)
        content_hash = ledger.payload_hash(kept)
        if (event.source_version, content_hash) < (target.source_version, target.content_hash):
            return False
        self.dirty[key] = target
        target.source_version = event.source_version
        if content_hash == target.content_hash:
            return True
        for name in _COLUMNS:
            if name in content:
                setattr(target, name, content[name])
        target.frames = content.get("frames", [])
        target.price = Decimal(content["price"]) if content["price"] else None
        if target.kind == Target.Kind.SHOP:
            operator = self.operators.get(target.operator_uscc)
            if target.operator_id is not None and target.operator_id != (operator.pk if operator else None):
                self.other_hands[key] = target
            target.operator = operator
        else:
            is_new_shop = shop is not None and shop.pk is None
            if is_new_shop or (shop.pk if shop else None) != target.shop_id:
                self.moved[key] = target
            target.shop = shop
        target.content_hash = content_hash
        target.version += 1
        self.changed[key] = target
        self.versions.append(
            TargetVersion(
                target=target, version=target.version, source_version=event.source_version,
                at=event.occurred_at, content=kept, content_hash=content_hash,
            )
        )  # fmt: skip
        return True

    def _apply_state(self, target: Target, state: str, at: datetime) -> bool:
        if target.observed_at is not None and (at, _RANK.index(state)) <= (
            target.observed_at,
            _RANK.index(target.observed),
        ):
            return False
        target.observed, target.observed_at = state, at
        self.dirty[target.kind, target.external_id] = target
        return True

    # --- to the database ----------------------------------------------------------------------------

    def save(self) -> None:
        relisted = self._take_out_relisted()
        fresh = sorted(self.fresh.items())
        shops = [target for (kind, _id), target in fresh if kind == Target.Kind.SHOP]
        items = [target for (kind, _id), target in fresh if kind != Target.Kind.SHOP]
        Target.objects.bulk_create(shops)
        Target.objects.bulk_create(items)
        # One statement for rows that differ in every column; the rows exist, so that it only updates.
        Target.objects.bulk_create(
            [target for key, target in sorted(self.dirty.items()) if key not in self.fresh],
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=_COLUMNS,
        )
        TargetVersion.objects.bulk_create(self.versions)
        index.refresh(
            [target for key, target in self.dirty.items() if key in self.changed or self._is_seen_otherwise(key)]
        )
        publish("target.changed", *[target.public_id for target in (self.changed | self._came_or_went()).values()])
        publish("seller.changed", *[shop.public_id for shop in self.other_hands.values()])
        publish("shop.changed", *[t.public_id for t in self.changed.values() if t.kind == Target.Kind.SHOP])
        for target, state, at in relisted:
            services.observed(target=target, state=state, at=at)
        if moved := self._moved_under_a_hold():
            services.came_into_shop(targets=moved)

    def _is_seen_otherwise(self, key: Key) -> bool:
        """Whether it is up and was not, or the other way round."""
        seen, _at = self.seen_before.get(key, (None, None))
        return self.targets[key].observed != seen

    def _take_out_relisted(self) -> list[tuple[Target, str, datetime]]:
        """What went up although it was taken down, or may have been: the service that orders anew observes it."""
        went_up = {
            target.pk: (key, target)
            for key, target in self.dirty.items()
            if target.pk and target.observed == Target.Observed.UP
            and (target.observed, target.observed_at) != self.seen_before[key]
        }  # fmt: skip
        relisted = []
        down = Enforcement.State.DOWN
        for chunk in _chunks(sorted(went_up)):
            undone = models.Q(confirmed=down) | models.Q(sent_version__isnull=False)
            for pk in Enforcement.objects.filter(undone, target__in=chunk, desired=down).values_list(
                "target_id", flat=True
            ):
                key, target = went_up[pk]
                relisted.append((target, target.observed, target.observed_at))
                target.observed, target.observed_at = self.seen_before[key]
        return relisted  # type: ignore[return-value]

    def _came_or_went(self) -> dict[Key, Target]:
        """What the marketplace removed, or has again: it shows other pictures than before, namely none or its own."""
        missing = Target.Observed.MISSING
        return {
            key: target
            for key, target in self.dirty.items()
            if key in self.seen_before and (target.observed == missing) != (self.seen_before[key][0] == missing)
        }

    def _moved_under_a_hold(self) -> list[Target]:
        """What came into a shop that is held, or was down when it left one."""
        moved = list(self.moved.values())
        shops = {target.shop_id for target in moved if target.shop_id}
        held = {
            shop_id
            for chunk in _chunks(sorted(shops))
            for shop_id in Hold.objects.active().filter(target__in=chunk).values_list("target_id", flat=True)
        }
        down = {
            pk
            for chunk in _chunks(sorted(target.pk for target in moved))
            for pk in Enforcement.objects.filter(target__in=chunk, desired=Enforcement.State.DOWN).values_list(
                "target_id", flat=True
            )
        }
        return [target for target in moved if target.shop_id in held or target.pk in down]


def _as_evidence(content: dict[str, Any]) -> dict[str, Any]:
    """What a version keeps in clear: everything but the contact, of which only a keyed digest stays."""
    email = content.get("contact_email")
    if email is None:
        return content
    return content | {"contact_email": crypto.blind_index(email) if email else ""}

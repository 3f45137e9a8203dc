"""What is shown where: the mirror's word on images turned into addresses that are owed a look, and what leaves with it.

It fetches nothing and compares nothing; that is `watching.py`. Whatever the mirror says of one target is taken in under
the lock of that target, so that two workers with old and new word of it end as the newest says.
"""

import hashlib
from collections.abc import Collection as AnyCollection
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core import clock
from core.lifecycle import lock
from core.models import LedgerEntry
from core.outbox import hint, publish
from imageguard import index
from imageguard.lifecycle import MATCHES
from imageguard.models import Appearance, Collection, Conflict, Licence, Match, Original, SeenImage, Sighting
from marketplace import pictures
from marketplace.models import Target, TargetVersion

State = Match.State
#: an address is looked at again when what shows it says something new of itself, but not more often than this
LOOKED_AGAIN_AFTER = timedelta(hours=1)
#: how far the marketplace's clock may be behind ours: a look sooner after a change may have come before it
BEHIND = timedelta(hours=1)
#: versions of a target that are compared to see whether more than a price changed
LOOKED_BACK = 10
#: what may change of a target and say nothing about its pictures
_SAYS_NOTHING = frozenset({"price", "currency"})
CHUNK = 400
#: cases that one transaction takes a step with
AT_ONCE = 100
#: how long it stays known that a seller showed a picture earlier than somebody registered it
REMEMBERED = timedelta(days=730)


@dataclass(frozen=True)
class Shown:
    """One image of a target, at a second of it for frames of films."""

    url: str
    position: int
    seconds: int | None = None


def shown_by(target: Target) -> dict[str, Shown]:
    """The images that a target shows, by the hash of their address: those of its page, then the frames of a film."""
    if target.observed == Target.Observed.MISSING:
        return {}
    said = [(url, None) for url in pictures.fetchable(target.images)]
    said += [(frame["url"], frame["seconds"]) for frame in target.frames if pictures.fetchable([frame["url"]])]
    shown: dict[str, Shown] = {}
    for position, (url, seconds) in enumerate(said):
        shown.setdefault(_hash(url), Shown(url, position, seconds))
    return shown


def _hash(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


@transaction.atomic
def see_target(subject: str) -> None:
    """Note what a target shows now and owe each new address a look; what it shows no longer is gone from it.

    Consumer of `target.changed`. The number of queries does not depend on how many images there are.
    """
    found = Target.objects.filter(public_id=subject).select_related("shop")
    target = found.select_for_update(of=("self",), no_key=True).first()
    if target is None:
        return
    if target.kind == Target.Kind.SHOP:
        _own_shop(target)
        return
    at, shown = clock.now(), shown_by(target)
    versions = list(target.versions.order_by("-version")[:LOOKED_BACK])
    images = _rows(target, shown, at)
    arrived = _arrive(target, images, shown, versions, at)
    left = _leave(target, images, at)
    _owe(arrived)
    _tell_of_official(target, arrived | left)
    _owe_again([image for image in images.values() if image.pk not in arrived], _changed_at(versions), at)
    _let_be(Match.objects.open().filter(target=target))


@transaction.atomic
def see_first(targets: Iterable[Target]) -> None:
    """Note what targets show of which nothing was noted before, as `see_target` does, but of a whole market at once."""
    at = clock.now()
    shown = {target: shown_by(target) for target in targets if target.kind != Target.Kind.SHOP}
    rows = {
        (target.marketplace_id, it.url): SeenImage(
            marketplace_id=target.marketplace_id, url=it.url, url_hash=url_hash, first_seen_at=at, due_at=at
        )
        for target, its in shown.items()
        for url_hash, it in its.items()
    }
    SeenImage.objects.bulk_create(sorted(rows.values(), key=lambda row: row.url_hash), ignore_conflicts=True)
    hashes = sorted({row.url_hash for row in rows.values()})
    images = {
        (image.marketplace_id, image.url_hash): image
        for start in range(0, len(hashes), CHUNK)
        for image in SeenImage.objects.filter(url_hash__in=hashes[start : start + CHUNK])
    }
    Appearance.objects.bulk_create(
        Appearance(
            image=images[target.marketplace_id, url_hash], target=target, position=it.position, seconds=it.seconds,
            first_seen_at=target.first_seen_at if target.version <= 1 else at,
        )
        for target, its in shown.items()
        for url_hash, it in its.items()
    )  # fmt: skip
    hint("imageguard.tasks.look_due", queue="images")


def _rows(target: Target, shown: Mapping[str, Shown], at: datetime) -> dict[str, SeenImage]:
    # In one order: two targets that share addresses would else wait for each other for ever.
    new = [
        SeenImage(marketplace_id=target.marketplace_id, url=shown[h].url, url_hash=h, first_seen_at=at, due_at=at)
        for h in sorted(shown)
    ]
    SeenImage.objects.bulk_create(new, ignore_conflicts=True)
    rows = SeenImage.objects.filter(marketplace=target.marketplace_id, url_hash__in=shown)
    return {row.url_hash: row for row in rows}


def _arrive(
    target: Target, images: Mapping[str, SeenImage], shown: Mapping[str, Shown], versions: Sequence[TargetVersion],
    at: datetime,
) -> set[int]:  # fmt: skip
    """Note each image of a target with its place; returns those that it did not show before, or not lately."""
    known = {appearance.image_id: appearance for appearance in Appearance.objects.filter(target=target)}
    arrived: set[int] = set()
    new, moved = [], []
    for url_hash, image in images.items():
        it, appearance = shown[url_hash], known.get(image.pk)
        if appearance is None:
            since = _since(it.url, target, versions, at)
            new.append(
                Appearance(image=image, target=target, position=it.position, seconds=it.seconds, first_seen_at=since)
            )
        elif (appearance.position, appearance.seconds, appearance.gone_at) != (it.position, it.seconds, None):
            if appearance.gone_at is not None:
                arrived.add(image.pk)
            appearance.position, appearance.seconds, appearance.gone_at = it.position, it.seconds, None
            moved.append(appearance)
    Appearance.objects.bulk_create(new)
    Appearance.objects.bulk_update(moved, ["position", "seconds", "gone_at"], batch_size=CHUNK)
    return arrived | {appearance.image_id for appearance in new}


def _since(url: str, target: Target, versions: Sequence[TargetVersion], at: datetime) -> datetime:
    """Since when a target shows an address: the marketplace's time of the first version that we know to name it."""
    told = [version.at for version in versions if url in _addresses(version.content)]
    if told:
        return min(told)
    return target.first_seen_at if target.version <= 1 else at


def _addresses(content: Mapping[str, Any]) -> set[str]:
    return {*content.get("images", ()), *(frame["url"] for frame in content.get("frames", ()))}


def _leave(target: Target, images: Mapping[str, SeenImage], at: datetime) -> set[int]:
    gone = Appearance.objects.current().filter(target=target).exclude(image__in=[row.pk for row in images.values()])
    left = list(gone.values_list("image_id", flat=True))
    if left:
        vanish(Match.objects.open().filter(target=target, image__in=left), why="not_shown")
        gone.update(gone_at=at)
    return set(left)


def _tell_of_official(target: Target, images: AnyCollection[int]) -> None:
    """Say so when a target begins or ceases to show what is known to show an official picture: no look will say it."""
    if images and Sighting.objects.filter(image__in=images).exists():
        publish("target.sighted", target.public_id)


def _changed_at(versions: Sequence[TargetVersion]) -> datetime | None:
    """When a target last said something that may mean other pictures; a new price does not."""

    def told(version: TargetVersion) -> dict[str, Any]:
        return {name: value for name, value in version.content.items() if name not in _SAYS_NOTHING}

    return next((newer.at for newer, older in pairwise(versions) if told(newer) != told(older)), None)


def _owe(images: AnyCollection[int]) -> None:
    """Owe these images a look now. Whoever looks at one of them at this moment looks once more.

    Those that were only screened keep their turn: their thorough look will see who shows them by then.
    """
    if images:
        waiting = Q(screened_at__isnull=False, looked_at__isnull=True, due_at__isnull=False)
        owe_look(SeenImage.objects.filter(pk__in=images).exclude(waiting))


def owe_look(images: Any) -> int:
    """Owe every image of a queryset a look, also those that were given up; returns how many. Needs a transaction."""
    # Locked in one order, as everybody does who changes several of them.
    mine = list(images.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    for start in range(0, len(mine), CHUNK):
        SeenImage.objects.filter(pk__in=mine[start : start + CHUNK]).update(
            due_at=clock.now(), leased_until=None, dead_at=None, attempts=0, looks_again=False
        )
    if mine:
        hint("imageguard.tasks.look_due", queue="images")
    return len(mine)


def _owe_again(images: Iterable[SeenImage], changed_at: datetime | None, at: datetime) -> None:
    """Owe a look to addresses that may show other bytes since a target said something new; each in its time."""
    if changed_at is None:
        return
    stale = []
    for image in images:
        is_settled = image.due_at is None and image.dead_at is None
        if is_settled and image.looked_at is not None and image.looked_at < changed_at + BEHIND:
            image.due_at, image.attempts, image.looks_again = max(at, image.looked_at + LOOKED_AGAIN_AFTER), 0, True
            stale.append(image)
    changed = ["due_at", "attempts", "looks_again"]
    SeenImage.objects.bulk_update(sorted(stale, key=lambda image: image.pk), changed, batch_size=CHUNK)


@transaction.atomic
def forget_gone() -> int:
    """Forget some of the images that nobody has shown for two years, with their fingerprints; returns how many.

    What matched something or opened a conflict stays for ever.
    """
    shown = Appearance.objects.filter(image=OuterRef("pk")).filter(
        Q(gone_at__isnull=True) | Q(gone_at__gt=clock.now() - REMEMBERED)
    )
    proves = Exists(Match.objects.filter(image=OuterRef("pk"))) | Exists(
        Conflict.objects.filter(rival_image=OuterRef("pk"))
    )
    old = SeenImage.objects.filter(first_seen_at__lt=clock.now() - REMEMBERED)
    gone = old.exclude(Exists(shown)).exclude(proves).order_by("pk")
    found = list(gone.select_for_update(of=("self",), skip_locked=True)[:CHUNK])
    for image in found:
        index.take_away(collection=Collection.MARKET, subject=image.public_id)
    SeenImage.objects.filter(pk__in=[image.pk for image in found]).delete()
    return len(found)


# --- what changes about those who show it -----------------------------------------------------------------


def is_of(target: Target, organisation_id: int) -> bool:
    """Whether a target is sold by a shop of this organisation."""
    return target.seller.operator_id == organisation_id


def allowed(originals: Iterable[Original], targets: Iterable[Target]) -> set[tuple[int, int]]:
    """Of these originals and targets the pairs of ids where the holder itself sells, or a shop that it allows."""
    originals, targets = list(originals), list(targets)
    licensed = set(
        Licence.objects.active()
        .filter(original__in=originals, shop__in={target.seller.pk for target in targets})
        .values_list("original_id", "shop_id")
    )
    return {
        (original.pk, target.pk)
        for original in originals
        for target in targets
        if is_of(target, original.organisation_id) or (original.pk, target.seller.pk) in licensed
    }


def without_leave(matches: Iterable[Match]) -> list[Match]:
    """Those of these matches whose shop may not use the image: not the holder's own, nor one that it allows by now."""
    matches = list(matches)
    may = allowed({match.original for match in matches}, {match.target for match in matches})
    return [match for match in matches if (match.original_id, match.target_id) not in may]


def _let_be(matches: Any) -> bool:
    """Tolerate the first open matches of targets that are allowed by now: a listing moved, a shop got its operator.

    Returns whether there may be more than one transaction takes.
    """
    found = list(matches.select_related("original", "target__shop").order_by("pk")[:AT_ONCE])
    if found:
        pairs = allowed({m.original for m in found}, {m.target for m in found})
        for match in found:
            if (match.original_id, match.target_id) in pairs:
                MATCHES.fire(lock(match), "tolerate", actor=None)
    return len(found) == AT_ONCE


def _own_shop(shop: Target) -> None:
    """A shop may have got its operator: what it shows of the operator's own originals is no copy."""
    if shop.operator_id is not None:
        own = Match.objects.open().filter(original__organisation=shop.operator_id)
        if _let_be(own.filter(Q(target__shop=shop) | Q(target=shop))):
            publish("target.changed", shop.public_id)


def vanish(matches: Iterable[Match], *, why: str) -> None:
    for match in matches:
        MATCHES.fire(lock(match), "vanish", actor=None, payload={"why": why})


@transaction.atomic
def original_ended(subject: str) -> None:
    """A certificate ended: nothing is left to be done about copies of it. Consumer of `original.ended`.

    So many at a time: what is left goes on in the next delivery (`original.copies_left`), so that neither a transaction
    nor the locks in it grow with the number of copies.
    """
    copies = list(Match.objects.open().filter(original__public_id=subject).order_by("pk")[:AT_ONCE])
    vanish(copies, why="original_ended")
    if len(copies) == AT_ONCE:
        publish("original.copies_left", subject)


@transaction.atomic
def licence_granted(subject: str) -> None:
    """What a shop that is allowed now shows is tolerated. Consumer of `licence.granted`."""
    licence = Licence.objects.active().filter(public_id=subject).first()
    if licence is None:
        return
    if _let_be(_of_licence(Match.objects.open(), licence)):
        publish("licence.granted", subject)


@transaction.atomic
def licence_ended(subject: str) -> None:
    """What a licence let be is a copy again, and the market is searched for what was never written down.

    Consumer of `licence.ended`.
    """
    licence = Licence.objects.filter(public_id=subject, ended_at__isnull=False).select_related("original").first()
    if licence is None or not licence.original.is_certified:
        return
    tolerated = list(_of_licence(Match.objects.filter(state=State.TOLERATED), licence).select_related("target__shop"))
    by_the_clock = set(
        LedgerEntry.objects.filter(
            kind="match.tolerate", actor="system", subject__in=[match.public_id for match in tolerated]
        ).values_list("subject", flat=True)
    )
    pairs = allowed([licence.original], [match.target for match in tolerated])
    shown = set(
        Appearance.objects.current()
        .filter(image__matches__in=tolerated, target__in=[match.target_id for match in tolerated])
        .values_list("image_id", "target_id")
    )
    for match in tolerated:
        is_shown = (match.image_id, match.target_id) in shown
        if match.public_id in by_the_clock and (match.original_id, match.target_id) not in pairs and is_shown:
            is_sure = match.tier == Match.Tier.AUTOMATIC or match.is_confirmed_by_a_person
            come_back(lock(match), is_sure=is_sure)
    Original.objects.filter(pk=licence.original_id).update(
        market_searched_at=None, due_at=clock.now(), leased_until=None, done_at=None, attempts=0
    )
    hint("imageguard.tasks.check_due", queue="images")


def _of_licence(matches: Any, licence: Licence) -> Any:
    of_shop = Q(target__shop=licence.shop_id) | Q(target=licence.shop_id)
    return matches.filter(of_shop, original=licence.original_id)


def come_back(match: Match, *, is_sure: bool, writes: Sequence[str] = ()) -> None:
    """A locked match that was over is one again."""
    if is_sure:
        match.told_at = match.told_at or clock.now()
    MATCHES.fire(match, "find_again" if is_sure else "doubt_again", actor=None, writes=[*writes, "told_at"])
    if is_sure:
        publish("match.confirmed", match.public_id)

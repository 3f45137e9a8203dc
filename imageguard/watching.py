"""Watching marketplaces for copies: every image that the mirror shows is looked at once and searched among the originals.

The mirror says what is shown where (`see_target`); each address is owed a look (`look_due`): fetched by the guarded
client, decoded in the limited worker, fingerprinted, searched. What copies an original becomes a match, unless the
holder itself or a shop that it allows shows it. A picture that is new to the originals' side is searched the other way
round: whatever the market's index finds for it is looked at again (`look_again_at`).
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from core import clock, files, imaging, ledger
from core.errors import DomainError, Forbidden
from core.fetch import FetchError, Refused, Unreachable
from core.ids import next_number
from core.lifecycle import lock
from core.models import FilePurpose, PrivateFile
from core.outbox import hint, publish
from imageguard import index
from imageguard.engine import Edit, Hit, NotDistinctive, Tier
from imageguard.errors import OwnCase
from imageguard.lifecycle import MATCH_REVIEW, MATCHES, reviewer
from imageguard.models import Appearance, Collection, Licence, Match, Original, SeenImage
from imageguard.showing import picture_from, picture_of
from marketplace import pictures
from marketplace.models import Marketplace, Target

log = logging.getLogger("ippro.imageguard")

State = Match.State
BATCH = 16
LEASE = timedelta(minutes=3)
AT_ONCE = 8
#: what is looked at of a suspect; the engine works on less
LOOKED_PX = 1024
#: the same address is looked at again when what shows it changed, but not more often than this
LOOKED_AGAIN_AFTER = timedelta(days=1)
CHUNK = 400


# --- what is shown where -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One image of a target, at a second of it for frames of films."""

    url: str
    position: int
    seconds: int | None = None


def shown_by(target: Target) -> list[Shown]:
    """The images that a target shows: those of its page, and the frames that the marketplace sent of a film."""
    images = [Shown(url, position) for position, url in enumerate(pictures.keepable(target.images))]
    frames = target.attributes.get("frames") if isinstance(target.attributes, dict) else None
    for frame in frames if isinstance(frames, list) else ():
        if isinstance(frame, dict) and pictures.keepable([frame.get("url")]):
            seconds = frame.get("seconds")
            images.append(
                Shown(frame["url"], len(images), seconds if isinstance(seconds, int) and seconds >= 0 else None)
            )
    return list({image.url: image for image in reversed(images)}.values())[::-1]


@transaction.atomic
def see_target(subject: str) -> None:
    """Note what a target shows now and owe each new address a look; what it shows no longer is gone from it.

    Consumer of `target.changed`.
    """
    target = Target.objects.select_related("marketplace").filter(public_id=subject).first()
    if target is None or target.kind == Target.Kind.SHOP:
        return
    at, shown = clock.now(), shown_by(target)
    hashes = {image.url: _hash(image.url) for image in shown}
    SeenImage.objects.bulk_create(
        [
            SeenImage(marketplace=target.marketplace, url=i.url, url_hash=hashes[i.url], first_seen_at=at, due_at=at)
            for i in shown
        ],
        ignore_conflicts=True,
    )
    rows = {
        row.url_hash: row
        for row in SeenImage.objects.filter(marketplace=target.marketplace, url_hash__in=hashes.values())
    }
    Appearance.objects.bulk_create(
        [
            Appearance(
                image=rows[hashes[i.url]], target=target, position=i.position, seconds=i.seconds,
                first_seen_at=target.first_seen_at if target.version == 1 else at,
            )
            for i in shown
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    mine = Appearance.objects.filter(target=target)
    mine.filter(image__in=rows.values(), gone_at__isnull=False).update(gone_at=None)
    gone = mine.current().exclude(image__in=rows.values())
    _vanish(Match.objects.open().filter(target=target, image__in=gone.values("image")))
    gone.update(gone_at=at)
    stale = SeenImage.objects.filter(pk__in=[row.pk for row in rows.values()], due_at__isnull=True)
    stale.filter(Q(looked_at__isnull=True) | Q(looked_at__lt=at - LOOKED_AGAIN_AFTER)).update(due_at=at)
    hint("imageguard.tasks.look_due", queue="images")


def _vanish(matches: Any) -> None:
    for match in matches:
        MATCHES.fire(lock(match), "vanish", actor=None)


def look_again_at(original: Original, picture: Any) -> int:
    """Owe another look to every image on a marketplace that may show this original; returns how many.

    The market's index says which; the look itself compares them properly.
    """
    hits = index.engine(Collection.MARKET).find(picture, limit=200, thorough=True)
    found = SeenImage.objects.filter(public_id__in=[hit.id for hit in hits])
    due = found.update(due_at=clock.now(), leased_until=None, dead_at=None, attempts=0, looked_at=None)
    if due:
        hint("imageguard.tasks.look_due", queue="images")
    return due


def _hash(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


# --- looking -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """What came back from an address."""

    content: bytes = b""
    failure: FetchError | None = None


def look_due(limit: int = BATCH) -> int:
    """Look at up to `limit` images that are due; returns how many were tried."""
    claimed: list[SeenImage] = SeenImage.objects.claim(limit, lease=LEASE)
    if claimed:
        marketplaces = Marketplace.objects.in_bulk({image.marketplace_id for image in claimed})
        for image, look in zip(claimed, _fetched(claimed, marketplaces), strict=True):
            if image.take_up(lease=LEASE):
                _look(image, look)
    if len(claimed) == limit:
        hint("imageguard.tasks.look_due", queue="images")
    return len(claimed)


def _fetched(images: Sequence[SeenImage], marketplaces: Mapping[int, Marketplace]) -> list[Look]:
    """What lies under each address. Its threads touch no database."""
    trusted = {pk: pictures.trusted_origins(marketplace) for pk, marketplace in marketplaces.items()}

    def one(image: SeenImage) -> Look:
        try:
            return Look(pictures.fetch_picture(image.url, trusted=trusted[image.marketplace_id]).content)
        except FetchError as failure:
            return Look(failure=failure)
        except Exception as bug:
            log.exception("%s could not be fetched", image.public_id)
            return Look(failure=Unreachable(type(bug).__name__))

    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="looks") as threads:
        return list(threads.map(one, images))


def _look(image: SeenImage, look: Look) -> None:
    if look.failure is not None:
        seconds = getattr(look.failure, "retry_after_seconds", None)
        wait = None if seconds is None else timedelta(seconds=max(seconds, 1))
        image.put_off(str(look.failure), wait=wait, permanent=isinstance(look.failure, Refused))
        return
    try:
        look_at(image, look.content)
    except DomainError as refused:
        image.put_off(str(refused), permanent=refused.status < 500)
    except Exception as failure:  # a poison image stops no other
        log.exception("%s could not be looked at", image.public_id)
        image.put_off(f"{type(failure).__name__}: {failure}")


def look_at(image: SeenImage, content: bytes) -> list[Match]:
    """Fingerprint an image, search it among the originals, and write down what it copies; returns new matches."""
    preview = imaging.decode(content, preview_px=LOOKED_PX).preview
    picture = picture_from(preview)
    sha256 = hashlib.sha256(content).hexdigest()
    market = index.engine(Collection.MARKET)
    try:
        made = market.register(image.public_id, picture)
    except NotDistinctive:
        made = None
    hits = index.engine(Collection.ORIGINALS).find(picture, thorough=True) if made is not None else []
    file = _kept(image, content) if hits else None
    edits = {hit.id: _edits(hit, picture) for hit in hits}
    with transaction.atomic():
        # Gone in the meantime, or somebody else's by now: they do it.
        row = SeenImage.objects.select_for_update(of=("self",)).get(pk=image.pk)
        if made is not None and row.sha256 != sha256:
            index.put(
                collection=Collection.MARKET, subject=row.public_id, data=made.fingerprint.to_bytes(),
                mask=made.mask.to_bytes(),
            )  # fmt: skip
        elif made is None:
            index.take_away(collection=Collection.MARKET, subject=row.public_id)
        row.sha256, row.looked_at = sha256, clock.now()
        row.file = file or row.file
        row.save(update_fields=["sha256", "looked_at", "file"])
        SeenImage.objects.settle([row])
        return _write_matches(row, hits, edits)


def _kept(image: SeenImage, content: bytes) -> PrivateFile:
    """Our copy of what was seen, as evidence."""
    sha256 = hashlib.sha256(content).hexdigest()
    if image.file is not None and image.file.sha256 == sha256:
        return image.file
    name = image.url.partition("?")[0].rpartition("/")[2]
    return files.keep(
        upload=ContentFile(content, name=name or "picture"), purpose=FilePurpose.PICTURE, by=None, organisation=None
    )


def _edits(hit: Hit, picture: Any) -> list[str]:
    """What was done to the original, as codes of the engine."""
    original = Original.objects.select_related("image").filter(public_id=hit.id).first()
    if original is None:
        return []
    found: tuple[Edit, ...] = index.engine(Collection.ORIGINALS).explain(picture_of(original.image), picture).edits
    return [edit.value for edit in found]


def _write_matches(image: SeenImage, hits: Sequence[Hit], edits: Mapping[str, list[str]]) -> list[Match]:
    """A match for every certified original and every target that shows the image without its holder's leave."""
    originals = {o.public_id: o for o in Original.objects.certified().filter(public_id__in=[hit.id for hit in hits])}
    shown = list(image.appearances.current().select_related("target__shop"))
    licensed = set(
        Licence.objects.active()
        .filter(original__in=originals.values(), shop__in={a.target.seller.pk for a in shown})
        .values_list("original_id", "shop_id")
    )
    known = set(image.matches.values_list("original_id", "target_id"))
    written = []
    for hit in hits:
        original = originals.get(hit.id)
        if original is None:
            continue
        for appearance in shown:
            target = appearance.target
            if is_of(target, original.organisation_id) or (original.pk, target.seller.pk) in licensed:
                continue
            if (original.pk, target.pk) not in known:
                written.append(_write_match(original, image, appearance, hit, edits[hit.id]))
    return written


def is_of(target: Target, organisation_id: int) -> bool:
    """Whether a target is sold by a shop of this organisation."""
    return target.seller.operator_id == organisation_id


def _write_match(original: Original, image: SeenImage, appearance: Appearance, hit: Hit, edits: list[str]) -> Match:
    at, is_sure = clock.now(), hit.tier is Tier.AUTOMATIC
    match = Match.objects.create(
        number=next_number("M", at.year), original=original, image=image, target=appearance.target,
        seconds=appearance.seconds, tier=Match.Tier.AUTOMATIC if is_sure else Match.Tier.REVIEW,
        state=State.CONFIRMED if is_sure else State.IN_REVIEW, state_since_at=at, created_at=at,
        deadline_at=None if is_sure else at + MATCH_REVIEW, score=hit.score, parts=hit.parts, edits=edits,
        is_mirrored=hit.mirrored, sha256=image.sha256,
    )  # fmt: skip
    ledger.record(
        kind="match.find", subject=match.public_id,
        payload={
            "to": match.state, "original": original.public_id, "target": appearance.target.public_id,
            "image": image.public_id, "sha256": image.sha256, "score": round(hit.score, 4), "tier": match.tier,
        },
    )  # fmt: skip
    if is_sure:
        publish("match.confirmed", match.public_id)
    return match


# --- deciding ----------------------------------------------------------------------------------------


@transaction.atomic
def confirm(*, match: Match, by: User, note: str = "") -> Match:
    """Staff find that it is a copy: its owner is told. Raises Forbidden, OwnCase, WrongState."""
    match = _decided(match, by, note)
    MATCHES.fire(match, "confirm", actor=by, writes=["decided_by", "note"])
    publish("match.confirmed", match.public_id)
    return match


@transaction.atomic
def dismiss(*, match: Match, by: User, note: str = "") -> Match:
    """Staff find that it is no copy. Raises Forbidden, OwnCase, WrongState."""
    match = _decided(match, by, note)
    MATCHES.fire(match, "dismiss", actor=by, writes=["decided_by", "note"])
    return match


def _decided(match: Match, by: User, note: str) -> Match:
    match = lock(match)
    if not reviewer(match, by):
        raise Forbidden()
    parties = [match.original.organisation_id, match.target.seller.operator_id]
    if by.memberships.filter(organisation__in=[pk for pk in parties if pk]).exists():
        raise OwnCase()
    match.decided_by, match.note = by, note.strip()
    return match


@transaction.atomic
def tolerate(*, match: Match, by: User, reason: str = "") -> Match:
    """The holder lets a copy be. Raises Forbidden, WrongState."""
    match = lock(match)
    match.note = reason.strip() or match.note
    MATCHES.fire(match, "tolerate", actor=by, writes=["note"])
    return match


@transaction.atomic
def licence_granted(subject: str) -> None:
    """What a shop that is allowed now shows is tolerated. Consumer of `licence.granted`."""
    licence = Licence.objects.active().filter(public_id=subject).first()
    if licence is None:
        return
    confirmed = Match.objects.filter(original=licence.original_id, state=State.CONFIRMED)
    for match in confirmed.filter(Q(target__shop=licence.shop_id) | Q(target=licence.shop_id)):
        MATCHES.fire(lock(match), "tolerate", actor=None)


@transaction.atomic
def complained(*, matches: Sequence[Match], by: User | None, complaint: str) -> None:
    """A complaint was made of these matches; called by the complaints room in its own transaction. Raises WrongState."""
    for match in sorted(matches, key=lambda m: m.pk):
        MATCHES.fire(lock(match), "complain", actor=by, payload={"complaint": complaint})


@transaction.atomic
def leave_to_holder(*, match: Match, note: str) -> None:
    """No complaint could be sent by itself of a copy: it stays confirmed, and the note says why.

    Complained of or gone in the meantime, nothing is noted.
    """
    match = lock(match)
    if match.state != State.CONFIRMED or match.note:
        return
    match.note = note
    match.save(update_fields=["note"])
    ledger.record(kind="match.left_to_holder", subject=match.public_id)

"""Watching marketplaces for copies: every image that the mirror shows is looked at and searched among the originals.

What is shown where stands in `seeing.py`; each address is owed a look (`look_due`): fetched by the guarded client,
decoded in the limited worker, fingerprinted, searched. What copies an original becomes a match, unless the holder itself
or a shop that it allows shows it. A new original is searched the other way round: whatever the market's index finds for
it is looked at again (`look_again_at`). The fingerprint of each side stands where the other looks before it looks itself,
so that of two that come at the same moment at least one finds the other.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock, files, imaging, ledger
from core.errors import DomainError, Forbidden, Invalid, WrongState
from core.fetch import FetchError, Refused
from core.ids import next_numbers
from core.lifecycle import lock
from core.models import FilePurpose, PrivateFile
from core.obligations import suspects_last
from core.outbox import hint, publish
from core.retries import retry_given_up
from imageguard import explanations, index, official
from imageguard.engine import Edit, Hit, NotDistinctive, Suspect, Tier
from imageguard.errors import OwnCase
from imageguard.lifecycle import MATCHES, reviewer, until_reviewed
from imageguard.models import Appearance, Collection, Conflict, Match, Original, SeenImage
from imageguard.seeing import allowed, come_back, owe_look, vanish, without_leave
from imageguard.showing import picture_from, picture_of
from marketplace import pictures
from marketplace.models import Marketplace

log = logging.getLogger("ippro.imageguard")

State = Match.State
#: few at a time: the bytes of all of them are held at once, at most 10 MiB each
BATCH = 4
#: a worker that is killed keeps the images that it had taken from others no longer than this
LEASE = timedelta(seconds=30)
#: what is looked at of a suspect; the engine works on less
LOOKED_PX = 1024
#: where more than so many new images are due, each is compared as a whole picture first, on less, and looked at
#: thoroughly so much later: docs/adr/0015
CROWD, SCREENED_PX, THOROUGH_AFTER = 500, 200, timedelta(hours=1)
#: pictures of which one process remembers what they are the whole of
MOST_REMEMBERED = 50_000
#: of one original, so many images on marketplaces are looked at again; the surest first
MOST_AGAIN = 200
#: and they are looked for so long at most
SEARCH_SECONDS = 30.0
#: originals without a certificate that may stand before a certified one among the candidates of a look, by eights
ROUNDS = 6


# --- looking -----------------------------------------------------------------------------------------


def look_due(limit: int = BATCH) -> int:
    """Look at up to `limit` images that are due; returns how many were tried."""
    is_crowded = _is_crowded()
    claimed: list[SeenImage] = suspects_last(_in_turn(limit))
    for image, content in zip(claimed, pictures.fetch_all(claimed), strict=True):
        if image.begin(lease=LEASE):
            _look(image, content, is_crowded=is_crowded)
    if len(claimed) == limit:
        hint("imageguard.tasks.look_due", queue="images")
    return len(claimed)


def _in_turn(limit: int) -> Iterator[SeenImage]:
    """What is new before what is looked at again, and both marketplace by marketplace in turn; each leased when asked for.

    So neither the first million of a marketplace that was connected today nor a day on which every listing changed its
    words keeps a new copy from being found. The first place is for what came last of all, so that what is put on sale
    now is seen now however much waits; the last one is kept for a look again, so that new ones do not keep a seller from
    being seen who puts other bytes under an old address.
    """
    malls = list(Marketplace.objects.values_list("pk", flat=True))
    taken = 0
    for again, most, newest in (
        (False, 1, True), (False, max(1, limit - 1), False), (True, limit, False), (False, limit, False),
    ):  # fmt: skip
        rows = SeenImage.objects.filter(looks_again=again)
        for image in rows.in_turn(most - taken, of="marketplace", among=malls, lease=LEASE, newest=newest):
            taken += 1
            yield image


def _is_crowded() -> bool:
    """Whether so many images are new that thorough looks at all of them would take days."""
    return SeenImage.objects.due().filter(looks_again=False).order_by("due_at", "pk")[CROWD : CROWD + 1].exists()


def _look(image: SeenImage, content: bytes | FetchError, *, is_crowded: bool = False) -> None:
    if isinstance(content, FetchError):
        seconds = getattr(content, "retry_after_seconds", None)
        wait = None if seconds is None else timedelta(seconds=max(seconds, 1))
        image.put_off(str(content), wait=wait, permanent=isinstance(content, Refused))
        return
    try:
        if not (is_crowded and image.is_new and _screen(image, content)):
            look_at(image, content)
    except DomainError as refused:
        image.put_off(str(refused), permanent=refused.status < 500)
    except Exception as failure:  # a poison image stops no other
        log.exception("%s could not be looked at", image.public_id)
        image.put_off(f"{type(failure).__name__}: {failure}")
        if isinstance(failure, SoftTimeLimitExceeded):
            raise


@dataclass(frozen=True)
class Screened:
    """What an image is the whole of, by its perceptual hash and its small copy."""

    copies_original: bool
    officials: Sequence[Hit]


_screened: dict[tuple[Any, ...], Screened] = {}


def screened(content: bytes) -> Screened:
    """Compare a picture as a whole, without its points: a tenth of a thorough look.

    Listings share pictures: the very same bytes are answered as before while neither collection has changed.
    """
    both = (Collection.ORIGINALS, Collection.OFFICIAL)
    asked = (hashlib.sha256(content).hexdigest(), *(index.Rows(collection).latest() for collection in both))
    if asked in _screened:
        return _screened[asked]
    suspect = Suspect.of(picture_from(imaging.decode(content, preview_px=SCREENED_PX).preview))
    originals, officials = (
        index.engine(collection).near_identical(suspect, most=official.MOST_IN_ONE) for collection in both
    )
    if len(_screened) >= MOST_REMEMBERED:
        _screened.clear()
    # Without the pixels that it was judged by.
    found = Screened(bool(originals), [replace(hit, evidence=None) for hit in officials])  # type: ignore[arg-type]
    return _screened.setdefault(asked, found)


def _screen(image: SeenImage, content: bytes) -> bool:
    """Note which official pictures a new image is the whole of; its thorough look follows when there is time for it.

    False where it has to follow at once: it may copy an original, and of that proof is kept.
    """
    seen = screened(content)
    if seen.copies_original:
        return False
    officials = official.with_pictures(seen.officials)
    with transaction.atomic():
        row = SeenImage.objects.select_for_update(of=("self",), no_key=True).get(pk=image.pk)
        official.write(row, hashlib.sha256(content).hexdigest(), officials)
        at = clock.now()
        image.owe_later(due_at=at + THOROUGH_AFTER, screened_at=at, looks_again=True)
    return True


def look_soon(images: Any) -> int:
    """Have those of these images looked at thoroughly before the rest that were only screened; returns how many."""
    waiting = SeenImage.objects.filter(pk__in=images, screened_at__isnull=False, looked_at__isnull=True)
    with transaction.atomic():
        return owe_look(waiting)


def look_at(image: SeenImage, content: bytes) -> list[Match]:
    """Fingerprint an image, search it among originals and official pictures, and write down what it shows; returns new
    matches."""
    picture = picture_from(imaging.decode(content, preview_px=LOOKED_PX).preview)
    sha256 = hashlib.sha256(content).hexdigest()
    suspect = Suspect.of(picture)  # asked about several times, and looked at once
    hits: list[Hit] = []
    officials: list[official.Found] = []
    if _remember(image, sha256, picture):
        hits = certified_hits(suspect)
        officials = official.found_in(image, sha256, suspect)
    originals = Original.objects.certified().filter(public_id__in=[hit.id for hit in hits]).select_related("image")
    found = _Found(
        sha256, [hit for hit in hits if hit.id in {original.public_id for original in originals}],
        {original.public_id: original for original in originals},
    )  # fmt: skip
    rivalled = list(Conflict.objects.open().filter(rival_image=image, edits=[]).select_related("original__image"))
    file = _kept(image, content, sha256) if found.hits or rivalled else None
    edits = _edits(image, found, suspect)
    for conflict in rivalled:
        conflict.edits = edits_between(picture, picture_of(conflict.original.image))
    with transaction.atomic():
        # Gone in the meantime, or somebody else's by now: they do it.
        row = SeenImage.objects.select_for_update(of=("self",), no_key=True).get(pk=image.pk)
        row.looked_at = clock.now()
        if file is not None and (row.file is None or not Conflict.objects.open().filter(rival_image=row).exists()):
            row.file = file
        row.save(update_fields=["looked_at", "file"])
        Conflict.objects.bulk_update(rivalled, ["edits"])
        explanations.owe(Conflict.objects.filter(pk__in=[c.pk for c in rivalled]).select_related(*explanations.SHOWS))
        official.write(row, sha256, officials)
        # What became due anew while we looked stays due.
        image.carried_out()
        return _write_matches(row, found, edits, file)


@dataclass(frozen=True)
class _Found:
    """What a look found: the certified originals that these bytes may copy."""

    sha256: str
    hits: Sequence[Hit]
    originals: Mapping[str, Original]


def certified_hits(picture: Any, *, limit: int = 10) -> list[Hit]:
    """The certified originals that a picture copies, surest first.

    The engine judges a few candidates only, and those that are still checked or in conflict stand in the same index:
    whoever hands in ten copies of an original shall not hide it behind them.
    """
    suspect = Suspect.of(picture)
    others: set[str] = set()
    hits: list[Hit] = []
    for _round in range(ROUNDS):
        hits = index.engine(Collection.ORIGINALS).find(suspect, limit=limit, leave_out=others, thorough=True)
        ids = {hit.id for hit in hits}
        certified = set(Original.objects.certified().filter(public_id__in=ids).values_list("public_id", flat=True))
        hits = [hit for hit in hits if hit.id in certified]
        if ids == certified:
            break
        others |= ids - certified
    return hits


def _remember(image: SeenImage, sha256: str, picture: Any) -> bool:
    """Put an image's fingerprint where new originals look for it; false for one that cannot be told from others.

    Its points are others than those of a suspect: fewer, of a smaller copy. So neither can stand in for the other.
    """
    known = SeenImage.objects.filter(pk=image.pk).values_list("sha256", flat=True).first()
    if known == sha256 and index.holds(collection=Collection.MARKET, subject=image.public_id):
        return True
    try:
        made = index.engine(Collection.MARKET).register(image.public_id, picture)
    except NotDistinctive:
        made = None
    with transaction.atomic():
        SeenImage.objects.select_for_update(of=("self",), no_key=True).get(pk=image.pk)
        SeenImage.objects.filter(pk=image.pk).update(sha256=sha256)
        if made is None:
            index.take_away(collection=Collection.MARKET, subject=image.public_id)
        else:
            index.put(
                collection=Collection.MARKET, subject=image.public_id, data=made.fingerprint.to_bytes(),
                mask=made.mask.to_bytes(),
            )  # fmt: skip
    return made is not None


def _kept(image: SeenImage, content: bytes, sha256: str) -> PrivateFile:
    """Our copy of what was seen, as evidence."""
    if image.file is not None and image.file.sha256 == sha256:
        return image.file
    name = image.url.partition("?")[0].rpartition("/")[2]
    return files.keep(
        upload=ContentFile(content, name=name or "picture"), purpose=FilePurpose.PICTURE, by=None, organisation=None
    )


def _edits(image: SeenImage, found: _Found, suspect: Suspect) -> dict[str, list[str]]:
    """What was done to each original, as codes of the engine; not asked again for bytes that matched before."""
    known = image.matches.filter(sha256=found.sha256).values_list("original__public_id", "edits")
    edits: dict[str, list[str]] = dict(known)
    for hit in found.hits:
        if hit.id not in edits:
            mask = index.mask_of(collection=Collection.ORIGINALS, subject=hit.id)
            edits[hit.id] = edits_between(picture_of(found.originals[hit.id].image), suspect, mask)
    return edits


def edits_between(earlier: Any, later: Any, mask: bytes = b"") -> list[str]:
    """What was done to the earlier picture to make the later one, as codes of the engine."""
    made: tuple[Edit, ...] = index.engine(Collection.ORIGINALS).explain(earlier, later, mask).edits
    return [edit.value for edit in made]


@transaction.atomic
def look_again_at(original: Original, hits: Sequence[Hit]) -> int:
    """Owe another look to the images on a marketplace that may show this original; returns how many.

    The market's index says which; the look itself compares them properly.
    """
    return owe_look(SeenImage.objects.filter(public_id__in=[hit.id for hit in hits]))


def search_market(picture: Any) -> list[Hit]:
    """What on the marketplaces may show a picture, surest first; outside of transactions."""
    return index.find_all(Collection.MARKET, picture, most=MOST_AGAIN, seconds=SEARCH_SECONDS)


def retry_look(*, image: SeenImage, by: User) -> None:
    """Staff have an image that was given up looked at once more. Raises Forbidden, NotDead."""
    if not reviewer(image, by):
        raise Forbidden()
    task = "imageguard.tasks.look_due"
    retry_given_up(row=image, by=by, kind="image.retried", subject=image.public_id, task=task, queue="images")


# --- matches -----------------------------------------------------------------------------------------


def _write_matches(
    image: SeenImage, found: _Found, edits: Mapping[str, list[str]], file: PrivateFile | None
) -> list[Match]:
    """A match for every original and every target that shows the image without its holder's leave.

    What was over comes back where the picture does, and where other bytes took the place of those that were dismissed.
    An open match ends where the bytes under the address changed and show the original no longer.
    """
    shown = list(image.appearances.current().select_related("target__shop"))
    may = allowed(found.originals.values(), [appearance.target for appearance in shown])
    known = {(match.original_id, match.target_id): match for match in image.matches.select_related("original")}
    new: list[Match] = []
    for hit in found.hits:
        original = found.originals[hit.id]
        for appearance in shown:
            if (original.pk, appearance.target_id) in may:
                continue
            seen = {
                "seconds": appearance.seconds, "tier": _tier(hit, original, appearance), "score": hit.score,
                "parts": hit.parts, "edits": edits[hit.id], "is_mirrored": hit.mirrored, "sha256": found.sha256,
                "file": file,
            }  # fmt: skip
            match = known.get((original.pk, appearance.target_id))
            if match is None:
                new.append(Match(original=original, image=image, target=appearance.target, **seen))
            else:
                _perhaps_back(match, seen)
    _let_go(known.values(), found)
    return _record(new)


def _tier(hit: Hit, original: Original, appearance: Appearance) -> str:
    """What was shown before its holder is known to have had it may be the source: a person looks at it first."""
    is_sure = hit.tier is Tier.AUTOMATIC and appearance.first_seen_at >= original.claimed_from_at
    return Match.Tier.AUTOMATIC if is_sure else Match.Tier.REVIEW


def _perhaps_back(match: Match, seen: Mapping[str, Any]) -> None:
    is_other = match.sha256 != seen["sha256"]
    if match.state != State.GONE and not (match.state == State.DISMISSED and is_other):
        return
    match = lock(match)
    is_sure = seen["tier"] == Match.Tier.AUTOMATIC or (not is_other and match.is_confirmed_by_a_person)
    if is_other:
        match.decided_by, match.decided_at, match.note, match.review_note = None, None, "", ""
    for name, value in seen.items():
        setattr(match, name, value)
    if is_other:
        explanations.owe([match])
    come_back(match, is_sure=is_sure, writes=(*seen, "decided_by", "decided_at", "note", "review_note"))


def _let_go(matches: Any, found: _Found) -> None:
    """End open matches whose bytes are there no longer, if those that are show something else."""
    open_states = (State.IN_REVIEW, State.CONFIRMED)
    hit = {hit.id for hit in found.hits}
    vanish(
        [
            match
            for match in matches
            if match.state in open_states and match.sha256 != found.sha256 and match.original.public_id not in hit
        ],
        why="other_picture",
    )


def _record(matches: Sequence[Match]) -> list[Match]:
    """Write new matches down, all at once: thousands of listings may show one address."""
    at = clock.now()
    for match, number in zip(matches, next_numbers("M", at.year, len(matches)), strict=True):
        is_sure = match.tier == Match.Tier.AUTOMATIC
        match.number, match.state = number, State.CONFIRMED if is_sure else State.IN_REVIEW
        match.state_since_at = match.created_at = at
        match.told_at = at if is_sure else None
        match.deadline_at = None if is_sure else until_reviewed(match)
    Match.objects.bulk_create(matches, batch_size=200)
    explanations.owe(matches)
    ledger.record_all(
        [
            ledger.entry(
                kind="match.find", subject=match.public_id,
                payload={
                    "to": match.state, "original": match.original.public_id, "target": match.target.public_id,
                    "image": match.image.public_id, "sha256": match.sha256, "score": round(match.score, 4),
                    "tier": match.tier,
                },
            )
            for match in matches
        ]
    )  # fmt: skip
    publish("match.confirmed", *[match.public_id for match in matches if match.state == State.CONFIRMED])
    return list(matches)


# --- deciding ----------------------------------------------------------------------------------------


@transaction.atomic
def confirm(*, match: Match, by: User, note: str = "") -> Match:
    """Staff find that it is a copy: its owner is told, but not the note. Raises Forbidden, OwnCase, WrongState."""
    match = _decided(match, by, note)
    match.told_at = match.told_at or clock.now()
    MATCHES.fire(match, "confirm", actor=by, writes=["decided_by", "decided_at", "review_note", "told_at"])
    publish("match.confirmed", match.public_id)
    return match


@transaction.atomic
def dismiss(*, match: Match, by: User, note: str = "", reason: str = "") -> Match:
    """Staff find that it is no copy. Whose holder knows of it is told, with the reason, and goes on seeing it.

    Raises Forbidden, OwnCase, WrongState, Invalid (field `reason`: the holder knows of it, and no reason is given).
    """
    match = _decided(match, by, note)
    is_known = match.is_known_to_holder
    if is_known:
        MATCHES.check(match, "dismiss", by)
        if not reason.strip():
            raise Invalid(_("Its holder knows of this match: say why it is no copy."), field="reason")
        match.note, match.told_at = reason.strip(), match.told_at or match.created_at
    MATCHES.fire(
        match, "dismiss", actor=by, writes=["decided_by", "decided_at", "review_note", "note", "told_at"],
    )  # fmt: skip
    if is_known:
        publish("match.dismissed", match.public_id)
    return match


def _decided(match: Match, by: User, note: str) -> Match:
    match = lock(match)
    if not reviewer(match, by):
        raise Forbidden()
    parties = [match.original.organisation_id, match.target.seller.operator_id]
    if by.memberships.filter(organisation__in=[pk for pk in parties if pk]).exists():
        raise OwnCase()
    match.decided_by, match.decided_at, match.review_note = by, clock.now(), note.strip()
    return match


@transaction.atomic
def tolerate(*, match: Match, by: User, reason: str = "") -> Match:
    """The holder lets a copy be. Raises Forbidden, WrongState."""
    match = lock(match)
    match.note = reason.strip() or match.note
    MATCHES.fire(match, "tolerate", actor=by, writes=["note"])
    return match


@transaction.atomic
def complained(*, matches: Sequence[Match], by: User | None, complaint: str) -> None:
    """A complaint was made of these matches; called by the complaints room in its own transaction. Raises WrongState."""
    if len(without_leave(matches)) < len(matches):
        raise WrongState(_("One of the shops may use the image by now. Reload the page, and choose again."))
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

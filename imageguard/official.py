"""Official pictures: where on the marketplaces stands what brands gave to have it looked for.

Rooms above hand pictures in under ids of their own (`add`, `take_away`); a worker fingerprints each and searches what is
on the marketplaces already (`put_due`). Whatever is looked at afterwards is compared with them in the same look
(`found_in`, `write`). To show an official picture is no infringement: honest resellers do. So there is no match, no
certificate and no complaint here, only sightings, and `image.sighted` for whoever weighs them.

As with originals, the fingerprint of each side stands where the other looks before it looks itself.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from accounts.roles import is_reviewer
from core import clock
from core.errors import Forbidden
from core.models import PrivateFile
from core.obligations import suspects_last
from core.outbox import hint, publish
from core.retries import retry_given_up
from imageguard import index
from imageguard.engine import Hit, NotDistinctive, Suspect, Tier
from imageguard.models import Collection, Fingerprint, OfficialPicture, Original, SeenImage, Sighting
from imageguard.seeing import owe_look
from imageguard.showing import picture_of

log = logging.getLogger("ippro.imageguard")

Refusal = OfficialPicture.Refusal
BATCH = 4
#: fingerprint and search of the market take seconds; a killed worker keeps a picture no longer than this
LEASE = timedelta(minutes=3)
#: official pictures that one image may show, as far as they are noted
MOST_IN_ONE = 10
#: images on marketplaces that are the whole official picture: they are noted at once
MOST_ALIKE = 10_000
#: and edited copies, the surest first: what fingerprints cannot tell for sure is looked at again
MOST_AGAIN = 200
SEARCH_SECONDS = 30.0
#: of each collection, so many are laid over a picture for which somebody waits
HASTY_CANDIDATES = 3
#: images that one transaction writes of
CHUNK = 400
TASK = "imageguard.tasks.put_official_due"


# --- handing in --------------------------------------------------------------------------------------


@transaction.atomic
def add(*, subject: str, file: PrivateFile) -> None:
    """Have copies of a picture looked for from now on; added before, nothing changes, taken away before, it comes back."""
    row, is_new = OfficialPicture.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        subject=subject, defaults={"file": file, "due_at": clock.now()}
    )
    if not is_new and (row.taken_away_at is not None or row.file_id != file.pk):
        row.file, row.taken_away_at = file, None
        row.refusal, row.fingerprinted_at, row.market_searched_at = "", None, None
        row.save()
        row.retry()
    hint(TASK, queue="images")


@transaction.atomic
def take_away(subject: str) -> None:
    """Look for a picture no longer. It is found no more from this moment; what was seen of it ends by a worker."""
    row = OfficialPicture.objects.select_for_update(of=("self",), no_key=True).filter(subject=subject).first()
    if row is None or row.taken_away_at is not None:
        return
    row.taken_away_at = clock.now()
    row.save(update_fields=["taken_away_at"])
    row.retry()
    index.take_away(collection=Collection.OFFICIAL, subject=subject)
    hint(TASK, queue="images")


def refusals(subjects: Iterable[str]) -> dict[str, Any]:
    """Why copies of these pictures cannot be told, in words by subject; those that can be are left out."""
    rows = OfficialPicture.objects.filter(subject__in=list(subjects)).exclude(refusal="")
    return {row.subject: Refusal(row.refusal).label for row in rows.only("subject", "refusal")}


# --- what is owed to each ----------------------------------------------------------------------------


def put_due(limit: int = BATCH) -> int:
    """Fingerprint, search or end up to `limit` official pictures that are due; returns how many were tried."""
    claimed: list[OfficialPicture] = suspects_last(OfficialPicture.objects.claim(limit, lease=LEASE))
    for row in claimed:
        if row.begin(lease=LEASE):
            _try(row)
    if len(claimed) == limit:
        hint(TASK, queue="images")
    return len(claimed)


def _try(row: OfficialPicture) -> None:
    try:
        _end(row) if row.taken_away_at is not None else _put(row)
    except Exception as failure:  # whatever it is, the others go on and this one is tried again
        log.exception("official picture %s could not be put", row.subject)
        row.put_off(f"{type(failure).__name__}: {failure}")
        if isinstance(failure, SoftTimeLimitExceeded):
            raise


def _put(row: OfficialPicture) -> None:
    picture = picture_of(row.file)
    if row.fingerprinted_at is None and not _fingerprint(row, picture):
        row.carried_out()
        return
    _search_market(row, Suspect.of(picture))
    OfficialPicture.objects.filter(pk=row.pk).update(market_searched_at=clock.now())
    row.carried_out()


def _fingerprint(row: OfficialPicture, picture: Any) -> bool:
    """Put its fingerprint where every look finds it; false for a picture that cannot be told from others."""
    try:
        made = index.engine(Collection.OFFICIAL).register(row.subject, picture)
    except NotDistinctive as nothing:
        OfficialPicture.objects.filter(pk=row.pk).update(refusal=Refusal(nothing.reason.value))
        return False
    with transaction.atomic():
        now = OfficialPicture.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        if now.taken_away_at is not None or now.file_id != row.file_id:
            return False  # and due anew, so that it stays so
        index.put(
            collection=Collection.OFFICIAL, subject=row.subject, data=made.fingerprint.to_bytes(),
            mask=made.mask.to_bytes(),
        )  # fmt: skip
        # What two official pictures share without being copies is a template or a logo: it tells neither.
        index.add_masks(collection=Collection.OFFICIAL, masks=made.changed_masks)
        now.refusal, now.fingerprinted_at = "", clock.now()
        now.save(update_fields=["refusal", "fingerprinted_at"])
    return True


def _search_market(row: OfficialPicture, suspect: Suspect) -> None:
    """Note what shows it already: at once where fingerprints tell for sure, else by another look."""
    market = index.engine(Collection.MARKET)
    whole = {hit.id: hit for hit in market.near_identical(suspect, most=MOST_ALIKE)}
    edited = index.find_all(Collection.MARKET, suspect, most=MOST_AGAIN, seconds=SEARCH_SECONDS, leave_out=whole.keys())
    sha256s = dict(
        SeenImage.objects.filter(public_id__in=[hit.id for hit in edited]).values_list("public_id", "sha256")
    )
    # Laid the other way round: what was found lies in the index, and it is the copy.
    prints = index.fingerprints_of(collection=Collection.MARKET, subjects=sha256s)
    sure = dict(whole)
    for public_id, fingerprint in prints.items():
        for hit in index.engine(Collection.OFFICIAL).judge(fingerprint, [row.subject]):
            if hit.tier is Tier.AUTOMATIC:
                sure[public_id] = hit
    ids = sorted(sure)
    for start in range(0, len(ids), CHUNK):
        _note({public_id: sure[public_id] for public_id in ids[start : start + CHUNK]}, row, sha256s)
    with transaction.atomic():
        owe_look(SeenImage.objects.filter(public_id__in=[hit.id for hit in edited if hit.id not in sure]))


@transaction.atomic
def _note(hits: Mapping[str, Hit], row: OfficialPicture, sha256s: Mapping[str, str]) -> None:
    """Write sightings of images that were compared by their fingerprints; other bytes meanwhile were looked at since."""
    images = list(
        SeenImage.objects.filter(public_id__in=hits).order_by("pk").select_for_update(of=("self",), no_key=True)
    )
    if not still_there([row.subject]):
        return
    known = set(Sighting.objects.filter(picture=row, image__in=images).values_list("image_id", flat=True))
    new = [
        Sighting(
            picture=row, image=image, score=hits[image.public_id].score, tier=hits[image.public_id].tier.value,
            is_mirrored=hits[image.public_id].mirrored, sha256=image.sha256,
        )
        for image in images
        if image.pk not in known and sha256s.get(image.public_id, image.sha256) == image.sha256
    ]  # fmt: skip
    Sighting.objects.bulk_create(new)
    publish("image.sighted", *[sighting.image.public_id for sighting in new])


def _end(row: OfficialPicture) -> None:
    """Nothing is left of a picture that was taken away; so many at a time, whatever their number."""
    while True:
        with transaction.atomic():
            now = OfficialPicture.objects.select_for_update(of=("self",)).get(pk=row.pk)
            if now.taken_away_at is None:
                return  # it came back, and is due for that
            gone = list(now.sightings.order_by("pk").select_related("image")[:CHUNK])
            if not gone:
                now.delete()
                return
            Sighting.objects.filter(pk__in=[sighting.pk for sighting in gone]).delete()
            publish("image.sighted", *[sighting.image.public_id for sighting in gone])


def retry(*, row: OfficialPicture, by: Any) -> None:
    """Staff have an official picture that was given up tried once more. Raises Forbidden, NotDead."""
    if not is_reviewer(by):
        raise Forbidden()
    retry_given_up(row=row, by=by, kind="official_picture.retried", subject=row.subject, task=TASK, queue="images")


# --- in the look of an image -------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """An official picture that an image shows, and what was done to it."""

    picture: OfficialPicture
    hit: Hit
    edits: Sequence[str]


def found_in(image: SeenImage, sha256: str, suspect: Suspect) -> list[Found]:
    """The official pictures that these bytes show, surest first; outside of transactions."""
    hits = index.engine(Collection.OFFICIAL).find(suspect, limit=MOST_IN_ONE, thorough=True)
    if not hits:
        return []
    rows = OfficialPicture.objects.filter(subject__in=[hit.id for hit in hits]).select_related("file")
    pictures = {row.subject: row for row in rows}
    known = dict(image.sightings.filter(sha256=sha256).exclude(edits=[]).values_list("picture__subject", "edits"))
    return [
        Found(pictures[hit.id], hit, known.get(hit.id) or _edits(pictures[hit.id], suspect))
        for hit in hits
        if hit.id in pictures
    ]


def with_pictures(hits: Sequence[Hit]) -> list[Found]:
    """Hits of whole pictures as a look writes them; what was done to them beside being turned round is not asked."""
    rows = OfficialPicture.objects.filter(subject__in=[hit.id for hit in hits]) if hits else ()
    pictures = {row.subject: row for row in rows}
    return [Found(pictures[hit.id], hit, ["mirrored"] if hit.mirrored else []) for hit in hits if hit.id in pictures]


def _edits(picture: OfficialPicture, suspect: Suspect) -> list[str]:
    mask = index.mask_of(collection=Collection.OFFICIAL, subject=picture.subject)
    made = index.engine(Collection.OFFICIAL).explain(picture_of(picture.file), suspect, mask)
    return [edit.value for edit in made.edits]


def write(image: SeenImage, sha256: str, found: Sequence[Found]) -> None:
    """Note what a look found, under the lock of the image; what other bytes showed is over."""
    there = still_there([one.picture.subject for one in found])
    known = {sighting.picture_id: sighting for sighting in image.sightings.all()}
    is_news = False
    shown: set[int] = set()
    for one in found:
        if one.picture.subject not in there:
            continue
        shown.add(one.picture.pk)
        said = {
            "score": one.hit.score, "tier": one.hit.tier.value, "edits": list(one.edits),
            "is_mirrored": one.hit.mirrored, "sha256": sha256,
        }  # fmt: skip
        before = known.get(one.picture.pk)
        if before is None:
            Sighting.objects.create(picture=one.picture, image=image, **said)
        elif any(getattr(before, name) != value for name, value in said.items()):
            Sighting.objects.filter(pk=before.pk).update(**said)
        else:
            continue
        is_news = True
    over = [s.pk for s in known.values() if s.picture_id not in shown and s.sha256 != sha256]
    if over:
        Sighting.objects.filter(pk__in=over).delete()
    if is_news or over:
        publish("image.sighted", image.public_id)


def still_there(subjects: Sequence[str]) -> set[str]:
    """Those of these that nobody takes away before this transaction ends: their sightings would stay for ever."""
    rows = Fingerprint.objects.filter(collection=Collection.OFFICIAL, subject__in=subjects, data__isnull=False)
    return (
        set(rows.order_by("pk").select_for_update(no_key=True).values_list("subject", flat=True)) if subjects else set()
    )


# --- one picture that is no marketplace's yet ----------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """What a picture copies: an official picture, or a certified original."""

    collection: str
    #: subject of the official picture, or public id of the original
    id: str
    score: float
    tier: str
    is_mirrored: bool


def search(
    picture: Any, *, seconds: float, among: Sequence[Collection] = (Collection.OFFICIAL, Collection.ORIGINALS)
) -> list[Known]:
    """What a picture copies among official pictures and certified originals, surest first; outside of transactions.

    Whole pictures are found in some milliseconds, edited ones as far as the time goes, in this order of the
    collections. A search that began is not broken off, so that it may take longer by one search; and it is made in haste, so
    that a small part of a collage is left to the look at what is published.
    """
    ends_at = time.monotonic() + seconds
    suspect = Suspect.hasty(picture)
    hits = [(collection, hit) for collection in among for hit in index.engine(collection).near_identical(suspect)]
    for collection in among if not hits else ():
        if time.monotonic() < ends_at:
            hits += [(collection, hit) for hit in index.engine(collection).find(suspect, candidates=HASTY_CANDIDATES)]
    certified = certified_among({hit.id for collection, hit in hits if collection == Collection.ORIGINALS})
    return [
        Known(collection.value, hit.id, hit.score, hit.tier.value, hit.mirrored)
        for collection, hit in sorted(hits, key=lambda one: -one[1].score)
        if collection == Collection.OFFICIAL or hit.id in certified
    ]


def certified_among(ids: AbstractSet[str]) -> set[str]:
    """Those of these originals that have their certificate: what is still checked stands in the same index."""
    return (
        set(Original.objects.certified().filter(public_id__in=ids).values_list("public_id", flat=True))
        if ids
        else set()
    )

"""The pictures of what was complained of, kept as evidence: our own copies, as they were at that time.

A marketplace's pictures change and vanish, and a page that shows them from there tells the marketplace who
looks. So a case owes itself a copy of each, in its own transaction; a worker fetches them with the guarded
client, decodes them in the limited worker and writes their hash into the ledger.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock, files, ledger
from core.errors import DomainError
from core.fetch import Fetched, FetchError, Refused, Unreachable, fetch, origin_of
from core.models import FilePurpose, PrivateFile
from core.outbox import hint
from marketplace.errors import NotDead
from marketplace.models import Marketplace, Picture, Target

log = logging.getLogger("ippro.pictures")

MOST_PER_TARGET = 9
#: few at a time: a worker that takes other queues too gets back to them within a second or two
BATCH = 8
AT_ONCE_PER_MARKETPLACE = 4
LEASE = timedelta(minutes=3)
CHUNK = 400
#: what is decoded here; a server that can choose shall not choose AVIF
ACCEPT = "image/jpeg,image/png,image/webp,image/gif"


# --- owing ---------------------------------------------------------------------------------------------------


def wanted(*, targets: Iterable[Target], cause: str) -> int:
    """Owe a case a copy of every picture that its targets show now, at most nine of each; returns how many.

    Asked twice, nothing is owed twice. Called in the transaction that begins the case.
    """
    at = clock.now()
    owed = {
        (target.marketplace_id, url): Picture(
            marketplace_id=target.marketplace_id, cause=cause, url=url, url_hash=_hash(url), wanted_at=at, due_at=at
        )
        for target in targets
        for url in keepable(target.images)
    }
    if owed:
        Picture.objects.bulk_create(owed.values(), ignore_conflicts=True, batch_size=CHUNK)
        hint("marketplace.tasks.capture_pictures", queue="images")
    return len(owed)


def keepable(images: Sequence[Any] | None) -> list[str]:
    """The addresses of a snapshot of which copies are kept."""
    return fetchable(images)[:MOST_PER_TARGET]


def fetchable(images: Sequence[Any] | None) -> list[str]:
    """Those of some addresses that could be fetched, in their order."""
    return [url for url in images or () if isinstance(url, str) and len(url) <= 2000 and origin_of(url)]


def _hash(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


# --- capturing -----------------------------------------------------------------------------------------------


def trusted_origins(marketplace: Marketplace) -> frozenset[str]:
    """Where this marketplace's pictures may lie although it is not the internet: its storefront and image hosts.

    Administrators name them: the storefront's address, and `config["image_origins"]`.
    """
    if not marketplace.is_enabled:
        return frozenset()
    named = [marketplace.storefront_url, *(marketplace.config.get("image_origins") or [])]
    return frozenset(origin for origin in map(origin_of, map(str, named)) if origin)


def fetch_picture(url: str, *, trusted: frozenset[str], **limits: Any) -> Fetched:
    """A picture from where it lies. Raises Refused or Unreachable."""
    return fetch(url, max_bytes=settings.MAX_UPLOAD_BYTES, trusted_origins=trusted, accept=ACCEPT, **limits)


def capture_batch(limit: int = BATCH) -> int:
    """Capture up to `limit` pictures that are due; returns how many were tried.

    Claimed under a lease, fetched and decoded with no transaction open, then recorded. A worker that dies
    leaves a lease that runs out; what it may have stored and not recorded goes with the sweep of files.
    """
    claimed: list[Picture] = Picture.objects.claim(limit, lease=LEASE)
    for picture, content in zip(claimed, fetch_all(claimed), strict=True):
        _settle(picture, content)
    if len(claimed) == limit:
        hint("marketplace.tasks.capture_pictures", queue="images")
    return len(claimed)


def fetch_all(pictures: Sequence[Any]) -> list[bytes | FetchError]:
    """The content of each row's `url` on its marketplace, or why there is none; all at the same time.

    Its threads touch no database.
    """
    if not pictures:
        return []
    marketplaces = Marketplace.objects.in_bulk({picture.marketplace_id for picture in pictures})
    trusted = {pk: trusted_origins(marketplace) for pk, marketplace in marketplaces.items()}
    places = {pk: BoundedSemaphore(AT_ONCE_PER_MARKETPLACE) for pk in marketplaces}

    def one(picture: Any) -> bytes | FetchError:
        with places[picture.marketplace_id]:
            try:
                return fetch_picture(picture.url, trusted=trusted[picture.marketplace_id]).content
            except FetchError as failure:
                return failure
            except Exception as bug:
                log.exception("%s could not be fetched", picture.public_id)
                return Unreachable(type(bug).__name__)

    with ThreadPoolExecutor(max_workers=BATCH, thread_name_prefix="pictures") as threads:
        return list(threads.map(one, pictures))


def _settle(picture: Picture, content: bytes | FetchError) -> None:
    if isinstance(content, FetchError):
        _put_off(picture, content)
        return
    captured_at = clock.now()
    try:
        file = _kept(picture, content)
    except DomainError as failure:
        _put_off(picture, Refused(str(failure)) if failure.status < 500 else Unreachable(str(failure)))
    except Exception as failure:  # the storage is away, in one of the many ways of storages
        log.exception("%s could not be stored", picture.public_id)
        _put_off(picture, Unreachable(f"not stored: {type(failure).__name__}"))
    else:
        _record(picture, file, captured_at)


def _kept(picture: Picture, content: bytes) -> PrivateFile:
    """The picture as a private file; one file for all cases to which the address showed the same."""
    digest = hashlib.sha256(content).hexdigest()
    alike = Picture.objects.filter(
        marketplace=picture.marketplace_id, url_hash=picture.url_hash, sha256=digest, file__isnull=False
    )
    same = alike.select_related("file").first()
    if same is not None and same.file is not None:
        return same.file
    name = picture.url.partition("?")[0].rpartition("/")[2]
    upload = ContentFile(content, name=name or "picture")
    return files.keep(upload=upload, purpose=FilePurpose.PICTURE, by=None, organisation=None)


@transaction.atomic
def _record(picture: Picture, file: PrivateFile, captured_at: datetime) -> None:
    row = Picture.objects.select_for_update(of=("self",)).get(pk=picture.pk)
    if row.captured_at is not None:
        # Somebody else was faster while our lease ran out: the first picture is the evidence.
        return
    row.file, row.sha256, row.captured_at = file, file.sha256, captured_at
    row.save(update_fields=["file", "sha256", "captured_at"])
    Picture.objects.settle([row])
    ledger.record(
        kind="picture.captured",
        subject=row.public_id,
        payload={"case": row.cause, "url_sha256": row.url_hash, "sha256": row.sha256},
    )


@transaction.atomic
def _put_off(picture: Picture, failure: FetchError) -> None:
    row = Picture.objects.select_for_update(of=("self",)).get(pk=picture.pk)
    if row.captured_at is not None or row.leased_until != picture.leased_until:
        return
    seconds = getattr(failure, "retry_after_seconds", None)
    wait = None if seconds is None else timedelta(seconds=max(seconds, 1))
    row.put_off(str(failure), wait=wait, permanent=isinstance(failure, Refused))


@transaction.atomic
def retry_picture(*, picture: Picture, by: Any) -> None:
    """Staff have a picture that was given up tried once more. Raises NotDead."""
    row = Picture.objects.select_for_update(of=("self",)).get(pk=picture.pk)
    if row.dead_at is None:
        raise NotDead()
    row.retry()
    ledger.record(kind="picture.retried", subject=row.public_id, actor=by, payload={"case": row.cause})
    hint("marketplace.tasks.capture_pictures", queue="images")


# --- showing -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Copy:
    """Our copy of a picture as a page shows it to one person; without `href` a placeholder stands there."""

    href: str = ""
    sha256: str = ""
    captured_at: datetime | None = None
    is_awaited: bool = False

    @property
    def words(self) -> str | Promise:
        """What a placeholder says."""
        if self.is_awaited:
            return _("picture not captured yet")
        return _("picture could not be captured")


def copies(*, cause: str, viewer: Any, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Copy]:
    """The copies that a case kept, by marketplace and address; every one asked for has an entry.

    Whoever asks has checked that the viewer may see the case. One query for 400 addresses.
    """
    asked = dict.fromkeys(wanted, Copy())
    hashes = sorted({_hash(url) for _marketplace, url in asked})
    for start in range(0, len(hashes), CHUNK):
        rows = Picture.objects.filter(cause=cause, url_hash__in=hashes[start : start + CHUNK])
        for row in rows.select_related("file").defer("file__name"):
            if (row.marketplace_id, row.url) in asked:
                asked[row.marketplace_id, row.url] = _copy(row, viewer)
    return asked


def _copy(row: Picture, viewer: Any) -> Copy:
    if row.file is None:
        return Copy(is_awaited=row.dead_at is None)
    href = files.url(row.file, user=viewer, preview=True)
    return Copy(href=href, sha256=row.sha256, captured_at=row.captured_at)

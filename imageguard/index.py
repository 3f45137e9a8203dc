"""The engine of this process over the rows of the database: one index for each collection of pictures.

The rows are the truth. The index in the data folder is shared by all processes, catches up before every search, and can
be deleted at any time: it is made anew.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max

from core.ids import draw
from imageguard.engine import Change, Engine, Hit, Mask, Stored, Suspect
from imageguard.engine import Fingerprint as EngineFingerprint
from imageguard.models import Collection, Fingerprint

log = logging.getLogger("ippro.imageguard")

#: an index is written anew by `tidy` when it has more files than this, or more than this share of it is of no use
MOST_SEGMENTS, MOST_WASTE_RATIO = 8, 0.2
#: rows that are read at once while an index catches up: some 15 kB each
CHUNK = 500
_SERIES = {Collection.ORIGINALS: "IGO", Collection.MARKET: "IGM", Collection.OFFICIAL: "IGB"}
_engines = threading.local()


@dataclass(frozen=True)
class Rows:
    """The engine's source: the fingerprints of one collection. `report` is told how many were read so far."""

    collection: str
    report: Callable[[int], None] = lambda read: None

    def latest(self) -> int:
        found = Fingerprint.objects.filter(collection=self.collection).aggregate(last=Max("sequence"))["last"]
        return found or 0

    def changes(self, after: int) -> Iterator[Change]:
        read = 0
        while True:
            rows = list(
                Fingerprint.objects.filter(collection=self.collection, sequence__gt=after)
                .order_by("sequence")
                .values_list("sequence", "subject", "data")[:CHUNK]
            )
            for sequence, subject, data in rows:
                yield Change(sequence, subject, None if data is None else bytes(data))
            read += len(rows)
            self.report(read)
            if len(rows) < CHUNK:
                return
            after = rows[-1][0]

    def fetch(self, ids: Sequence[str]) -> dict[str, Stored]:
        rows = Fingerprint.objects.filter(collection=self.collection, subject__in=ids, data__isnull=False)
        stored = rows.values_list("subject", "data", "mask")
        return {subject: Stored(bytes(data or b""), bytes(mask)) for subject, data, mask in stored}


class KeptEngine(Engine):
    """An engine that notices when its index knows more than the database: a backup was restored.

    What such an index says of the numbers after the backup is about rows that are gone, and it would take the next ones
    for those. So it is made anew.
    """

    def refresh(self) -> None:
        if self.library.is_ahead():
            log.warning("an image index is ahead of the database: it is made anew")
            self.library.rebuild()
        super().refresh()


def folder_of(collection: str) -> Path:
    return Path(settings.DATA_DIR) / "imageguard" / collection


def engine(collection: str) -> Engine:
    """This thread's engine of a collection; an engine serves one thread at a time."""
    found: dict[str, Engine] | None = getattr(_engines, "by_collection", None)
    if found is None:
        found = _engines.by_collection = {}
    if collection not in found:
        found[collection] = KeptEngine(Rows(collection), folder_of(collection))
    return found[collection]


def find_all(
    collection: str, picture: Any, *, most: int, seconds: float | None = None, leave_out: AbstractSet[str] = frozenset()
) -> list[Hit]:
    """Up to `most` of what a picture copies or is copied by, surest first; outside of transactions.

    One search of the engine judges only a few candidates. So it is asked anew without those that it told, until it
    tells nothing more, there are enough of them, or the time is over.
    """
    suspect = Suspect.of(picture)
    found: dict[str, Hit] = {}
    ends_at = None if seconds is None else time.monotonic() + seconds
    while len(found) < most and (ends_at is None or time.monotonic() < ends_at):
        hits = engine(collection).find(suspect, limit=most, leave_out={*leave_out, *found}, thorough=True)
        if not hits:
            break
        found |= {hit.id: hit for hit in hits}
    return sorted(found.values(), key=lambda hit: -hit.score)[:most]


def put(*, collection: str, subject: str, data: bytes, mask: bytes = b"") -> Fingerprint:
    """Store a fingerprint, or replace it; needs a transaction."""
    sequence = next_sequence(collection)
    row, _new = Fingerprint.objects.update_or_create(
        collection=collection, subject=subject, defaults={"sequence": sequence, "data": data, "mask": mask}
    )
    return row


def set_mask(*, collection: str, subject: str, mask: bytes) -> None:
    """Masks are read with the row and stand in no index, so that this is no change."""
    Fingerprint.objects.filter(collection=collection, subject=subject, data__isnull=False).update(mask=mask)


def add_masks(*, collection: str, masks: Mapping[str, Mask]) -> None:
    """Mask this area of pictures too; needs a transaction. What others masked since it was computed stays masked."""
    rows = Fingerprint.objects.filter(collection=collection, subject__in=masks, data__isnull=False)
    for row in rows.select_for_update(no_key=True).order_by("pk"):
        row.mask = (Mask.from_bytes(bytes(row.mask)) | masks[row.subject]).to_bytes()
        row.save(update_fields=["mask"])


def take_away(*, collection: str, subject: str) -> None:
    """Have every index forget a picture; needs a transaction."""
    rows = Fingerprint.objects.filter(collection=collection, subject=subject, data__isnull=False)
    if rows.exists():
        rows.update(data=None, mask=b"", sequence=next_sequence(collection))


def next_sequence(collection: str) -> int:
    """The next number of a collection: its order is that of the commits."""
    return draw(_SERIES[Collection(collection)], 0)


def hold(collection: str) -> int:
    """The number of the last change of a collection, to which nobody adds before this transaction ends."""
    return draw(_SERIES[Collection(collection)], 0, 0)


def holds(*, collection: str, subject: str) -> bool:
    """Whether a picture has its fingerprint here."""
    return Fingerprint.objects.filter(collection=collection, subject=subject, data__isnull=False).exists()


def fingerprints_of(*, collection: str, subjects: Iterable[str]) -> dict[str, EngineFingerprint]:
    """What is kept of these pictures."""
    rows = Fingerprint.objects.filter(collection=collection, subject__in=list(subjects), data__isnull=False)
    return {
        subject: EngineFingerprint.from_bytes(bytes(data or b""))
        for subject, data in rows.values_list("subject", "data")
    }


def mask_of(*, collection: str, subject: str) -> bytes:
    """The area of a picture that others share, as `Engine.explain` takes it."""
    found = Fingerprint.objects.filter(collection=collection, subject=subject).values_list("mask", flat=True).first()
    return bytes(found or b"")


def tidy() -> list[str]:
    """Write those indexes anew, as one file each, where that is worth its while; returns which."""
    return [collection for collection in Collection.values if _is_untidy(collection) and _compact(collection)]


def _is_untidy(collection: str) -> bool:
    kept = engine(collection)
    kept.refresh()
    live = Fingerprint.objects.filter(collection=collection, data__isnull=False).count()
    waste = len(kept.library) - live
    return len(_files(collection)) > MOST_SEGMENTS or waste > MOST_WASTE_RATIO * max(live, 1)


def _compact(collection: str) -> bool:
    engine(collection).compact()
    return True


class IndexBusy(Exception):
    """Another process is writing the index: nothing was done."""


def _files(collection: str) -> set[str]:
    return {file.name for file in folder_of(collection).glob("*.segment")}


def rebuild(collection: str, *, report: Callable[[int], None] = lambda read: None) -> int:
    """Make an index anew from the database; returns how many pictures it holds. Searches go on meanwhile, and catch up.

    Raises IndexBusy when another process writes the index at this moment.
    """
    kept, before = KeptEngine(Rows(collection, report), folder_of(collection)), _files(collection)
    kept.rebuild()
    kept.compact()
    if before & _files(collection):
        raise IndexBusy(collection)
    return len(kept.library)


def forget() -> None:
    """Have this thread open its indexes anew, as when their folder was replaced."""
    _engines.__dict__.clear()

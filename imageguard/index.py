"""The engine of this process over the rows of the database: one index for originals, one for marketplaces' pictures.

The rows are the truth. The index in the data folder is shared by all processes, catches up before every search, and can
be deleted at any time: it is made anew.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max

from core.ids import draw
from imageguard.engine import Change, Engine, Stored
from imageguard.models import Collection, Fingerprint

#: rows that are read at once while an index catches up: some 15 kB each
CHUNK = 500
_SERIES = {Collection.ORIGINALS: "IGO", Collection.MARKET: "IGM"}
_engines = threading.local()


@dataclass(frozen=True)
class Rows:
    """The engine's source: the fingerprints of one collection."""

    collection: str

    def latest(self) -> int:
        found = Fingerprint.objects.filter(collection=self.collection).aggregate(last=Max("sequence"))["last"]
        return found or 0

    def changes(self, after: int) -> Iterator[Change]:
        while True:
            rows = list(
                Fingerprint.objects.filter(collection=self.collection, sequence__gt=after)
                .order_by("sequence")
                .values_list("sequence", "subject", "data")[:CHUNK]
            )
            for sequence, subject, data in rows:
                yield Change(sequence, subject, None if data is None else bytes(data))
            if len(rows) < CHUNK:
                return
            after = rows[-1][0]

    def fetch(self, ids: Sequence[str]) -> dict[str, Stored]:
        rows = Fingerprint.objects.filter(collection=self.collection, subject__in=ids, data__isnull=False)
        stored = rows.values_list("subject", "data", "mask")
        return {subject: Stored(bytes(data or b""), bytes(mask)) for subject, data, mask in stored}


def engine(collection: str) -> Engine:
    """This thread's engine of a collection; an engine serves one thread at a time."""
    found: dict[str, Engine] | None = getattr(_engines, "by_collection", None)
    if found is None:
        found = _engines.by_collection = {}
    if collection not in found:
        found[collection] = Engine(Rows(collection), settings.DATA_DIR / "imageguard" / collection)
    return found[collection]


def put(*, collection: str, subject: str, data: bytes, mask: bytes = b"") -> Fingerprint:
    """Store a fingerprint, or replace it; needs a transaction."""
    sequence = next_sequence(collection)
    row, _new = Fingerprint.objects.update_or_create(
        collection=collection, subject=subject, defaults={"sequence": sequence, "data": data, "mask": mask}
    )
    return row


def set_mask(*, collection: str, subject: str, mask: bytes) -> None:
    """Masks are read with the row and stand in no index, so that this is no change."""
    Fingerprint.objects.filter(collection=collection, subject=subject).update(mask=mask)


def take_away(*, collection: str, subject: str) -> None:
    """Have every index forget a picture; needs a transaction."""
    rows = Fingerprint.objects.filter(collection=collection, subject=subject, data__isnull=False)
    if rows.exists():
        rows.update(data=None, mask=b"", sequence=next_sequence(collection))


def next_sequence(collection: str) -> int:
    """The next number of a collection: its order is that of the commits."""
    return draw(_SERIES[Collection(collection)], 0)


def tidy() -> None:
    """Write each index anew as one segment."""
    for collection in Collection.values:
        engine(collection).compact()


def forget() -> None:
    """Have this thread open its indexes anew, as when their folder was replaced."""
    _engines.__dict__.clear()

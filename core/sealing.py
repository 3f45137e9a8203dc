"""Sealing the ledger: entries become leaves of a Merkle tree whose head is signed, so that strangers can check it.

The sealer takes the entries that have no leaf yet, one sealer at a time and all of it in one transaction: killed
anywhere, nothing has happened, and run twice, the second run finds nothing to do. Proofs are read from stored
subtrees. How every byte is made stands in docs/reference/ledger.md.
"""

from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from core import clock, ledger, merkle, notes, stamps
from core.errors import Invalid, NotYours
from core.models import LedgerEntry, LedgerLeaf, LedgerNode, TreeHead

#: entries under one head: a second or two of work
BATCH = 5000
#: how far behind the newest sealed entry the sweep of every few seconds looks for one that was committed late
LATE = 5000
#: and that of every minute: a transaction that runs into its time limit while a thousand entries a second are written
VERY_LATE = 250_000
#: the kind of entry by which a key is introduced: the ledger itself keeps every key that ever signed it
KEY_KIND = "ledger.key"
BUNDLE = "ippro-ledger-bundle/1"
_LOCK = 0x1EDB_5EA1  # any number, the same in every process

NO_SUCH_SIZE = _("So many entries are not sealed. Ask for the latest tree head.")
NO_SUCH_LEAF = _("Leaves are numbered from 0, up to one less than the size.")
NO_SUCH_FIRST = _("The first size is at least 1 and at most the second.")


# --- what is hashed ----------------------------------------------------------------------------------------


def described(entry: LedgerEntry, index: int) -> dict[str, Any]:
    """What is sealed of an entry. The payload stands in it by its hash, so that proofs need not tell it."""
    return {
        "index": index,
        "at": notes.in_utc(entry.at),
        "kind": entry.kind,
        "subject": entry.subject,
        "actor": entry.actor,
        "payload_hash": entry.payload_hash,
    }


def leaf_hash(entry: LedgerEntry, index: int) -> bytes:
    return merkle.leaf_hash(ledger.canonical(described(entry, index)))


# --- sealing -----------------------------------------------------------------------------------------------


def seal(limit: int = BATCH, *, behind: int | None = LATE) -> int:
    """Seal up to `limit` entries under one signed head; returns how many.

    `behind`: how far behind the newest sealed entry to look; None is the beginning of the ledger. Raises
    `notes.UnusableKey`.
    """
    if not _unsealed(behind).exists():
        return 0
    key = notes.signing_key()
    with transaction.atomic():
        _one_at_a_time()
        # A key is introduced before it signs, in the ledger itself.
        if key.verifier not in public_keys():
            ledger.record(kind=KEY_KIND, subject=f"key_{key.fingerprint.hex()}", payload={"verifier": key.verifier})
        entries = list(_unsealed(behind)[:limit])
        if not entries:
            return 0  # another sealer was faster
        size = sealed_size()
        tree = merkle.GrowingTree(size, _edge(size))
        leaves, nodes = [], []
        for entry in entries:
            index = tree.size
            hashed = leaf_hash(entry, index)
            leaves.append(LedgerLeaf(index=index, entry=entry, hash=hashed.hex()))
            nodes += [LedgerNode(position=place, hash=node.hex()) for place, node in tree.append(hashed)]
        LedgerLeaf.objects.bulk_create(leaves, batch_size=500)
        LedgerNode.objects.bulk_create(nodes, batch_size=500)
        _sign(tree, key)
    return len(entries)


def _sign(tree: merkle.GrowingTree, key: notes.SigningKey) -> None:
    at, root = clock.now(), tree.root()
    text = notes.head_text(origin=key.name, size=tree.size, root=root, at=at)
    head = TreeHead.objects.create(size=tree.size, root_hash=root.hex(), at=at, key_id=key.key_id, note=key.sign(text))
    stamps.owe(head)


def _unsealed(behind: int | None) -> QuerySet[LedgerEntry]:
    """What has no leaf yet, oldest first. Without a bound this reads the whole ledger."""
    waiting = LedgerEntry.objects.filter(leaf=None).order_by("pk")
    newest = None if behind is None else LedgerLeaf.objects.aggregate(newest=Max("entry"))["newest"]
    return waiting if newest is None or behind is None else waiting.filter(pk__gt=newest - behind)


def _one_at_a_time() -> None:
    """Wait for other sealers until the end of the transaction. On SQLite the transaction itself has waited."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _edge(size: int) -> list[bytes]:
    places = list(merkle.subtrees(0, size))
    known = _known(places)
    return [known[place] for place in places]


def _read(spans: list[merkle.Span]) -> list[bytes]:
    return merkle.roots(spans, _known([place for span in spans for place in merkle.subtrees(*span)]))


def _known(places: list[int]) -> dict[int, bytes]:
    """Stored hashes by position: even ones are leaves, odd ones what stands above."""
    leaves = [place // 2 for place in places if not place & 1]
    nodes = [place for place in places if place & 1]
    found = {2 * index: hashed for index, hashed in _pairs(LedgerLeaf, leaves, "index")}
    found |= dict(_pairs(LedgerNode, nodes, "position"))
    return {place: bytes.fromhex(hashed) for place, hashed in found.items()}


def _pairs(model: Any, keys: list[int], name: str) -> list[tuple[int, str]]:
    return list(model.objects.filter(pk__in=keys).values_list(name, "hash")) if keys else []


# --- heads and proofs --------------------------------------------------------------------------------------


def sealed_size() -> int:
    """How many entries are sealed."""
    return TreeHead.objects.aggregate(size=Max("size"))["size"] or 0


def latest_head() -> TreeHead:
    """The newest head. Raises NotYours while nothing is sealed."""
    head = TreeHead.objects.first()
    if head is None:
        raise NotYours()
    return head


def head_of(size: int) -> TreeHead:
    """The head that was signed at exactly this size. Raises NotYours."""
    head = TreeHead.objects.filter(size=size).first() if 0 < size <= sealed_size() else None
    if head is None:
        raise NotYours()
    return head


def public_keys() -> list[str]:
    """Every key that ever signed a head, oldest first, as `name+id+base64`."""
    introduced = LedgerEntry.objects.filter(kind=KEY_KIND).order_by("pk")
    return list(dict.fromkeys(entry.payload["verifier"] for entry in introduced))


def inclusion_proof(*, index: int, size: int) -> list[bytes]:
    """The path from leaf `index` to the root of the first `size` entries. Raises Invalid."""
    if not 0 < size <= sealed_size():
        raise Invalid(NO_SUCH_SIZE, field="size")
    if not 0 <= index < size:
        raise Invalid(NO_SUCH_LEAF, field="index")
    return _read(merkle.inclusion_spans(index, size))


def consistency_proof(*, first: int, second: int) -> list[bytes]:
    """What shows that the first `second` entries begin with the first `first`. Raises Invalid."""
    if not 0 < second <= sealed_size():
        raise Invalid(NO_SUCH_SIZE, field="second")
    if not 0 < first <= second:
        raise Invalid(NO_SUCH_FIRST, field="first")
    return _read(merkle.consistency_spans(first, second))


# --- looking for faults ------------------------------------------------------------------------------------


def unsealed_count() -> int:
    """How many entries have no leaf yet."""
    return _unsealed(behind=None).count()


def first_wrong_node() -> int | None:
    """The position of the first stored subtree that is missing or does not fit its leaves."""
    tree = merkle.GrowingTree()
    expected: list[tuple[int, bytes]] = []
    leaves = LedgerLeaf.objects.order_by("index").values_list("hash", flat=True)
    for hashed in leaves.iterator(chunk_size=BATCH):
        expected += tree.append(bytes.fromhex(hashed))
        if len(expected) >= 500:
            if (wrong := _first_wrong(expected)) is not None:
                return wrong
            expected = []
    return _first_wrong(expected)


def _first_wrong(expected: list[tuple[int, bytes]]) -> int | None:
    known = _known([place for place, _hash in expected])
    return next((place for place, hashed in expected if known.get(place) != hashed), None)


# --- what goes with a certificate --------------------------------------------------------------------------


def bundle_for(entry: LedgerEntry, *, payload: bool = False) -> dict[str, Any] | None:
    """Everything by which a stranger can check that an entry stands in the ledger; None while it is not sealed.

    The head is the first that a time-stamp authority has stamped, or else the first of all that cover the entry.
    `payload` puts in what the entry says as well: only for entries whose payload may be public.
    """
    leaf = LedgerLeaf.objects.filter(entry=entry).first()
    if leaf is None:
        return None
    stamp = stamps.covering(leaf.index)
    head = stamp.head if stamp else TreeHead.objects.filter(size__gt=leaf.index).order_by("size")[0]
    return {
        "format": BUNDLE,
        "entry": described(entry, leaf.index) | ({"payload": entry.payload} if payload else {}),
        "inclusion": {"size": head.size, "path": [h.hex() for h in inclusion_proof(index=leaf.index, size=head.size)]},
        "head": head.note,
        "key": key_of(head),
        "time_stamp": stamps.told(head),
    }


def entry_about(*, subject: str, kind: str) -> LedgerEntry | None:
    """The newest entry of a kind about something, such as the one by which a certificate was issued."""
    return LedgerEntry.objects.filter(subject=subject, kind=kind).order_by("-pk").first()


def key_of(head: TreeHead) -> str:
    """The published key that signed a head."""
    return next(key for key in public_keys() if key.startswith(f"{head.key_id}+"))


def is_time_stamp_pending(entry: LedgerEntry) -> bool:
    """Whether a time-stamp is owed for this entry and has not come yet, even if it was given up for now."""
    leaf = LedgerLeaf.objects.filter(entry=entry).first()
    return stamps.is_wanted() if leaf is None else stamps.is_pending(leaf.index)

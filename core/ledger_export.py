"""The whole sealed ledger as lines of JSON, for auditors: entries with their payloads, heads where they were signed.

`core/verify_ledger.py` checks such a file without us. Nothing in it changes while it is written, since sealed
entries never do; it is read page by page, with no transaction open.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from core import sealing
from core.models import LedgerLeaf, TimeStamp, TreeHead

FORMAT = "ippro-ledger-export/1"
PAGE = 2000


def lines(*, size: int | None = None) -> Iterator[str]:
    """The export, line by line, of the first `size` entries: of all that are sealed now if none is given."""
    size = sealing.sealed_size() if size is None else size
    yield _line({"format": FORMAT, "size": size, "keys": sealing.public_keys()})
    for start in range(0, size, PAGE):
        stop = min(start + PAGE, size)
        heads = {head.size: head for head in TreeHead.objects.filter(size__gt=start, size__lte=stop)}
        stamps = {stamp.head_id: stamp for stamp in TimeStamp.objects.filter(head__in=heads, token__isnull=False)}
        leaves = LedgerLeaf.objects.filter(index__gte=start, index__lt=stop)
        for leaf in leaves.select_related("entry").order_by("index"):
            entry = leaf.entry
            told = sealing.described(entry, leaf.index) | {"payload": entry.payload, "leaf_hash": leaf.hash}
            yield _line({"entry": told})
            if head := heads.get(leaf.index + 1):
                stamp = stamps.get(head.size)
                token = b64encode(stamp.token or b"").decode() if stamp else None
                yield _line({"head": {"note": head.note, "token": token}})
    yield _line({"end": size})


def _line(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"

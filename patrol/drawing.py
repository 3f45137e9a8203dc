"""Drawing by lot in a way that anybody can repeat: strata, how many of each, and which. Pure functions, no database.

The frame is a text file of one line for each listing, `<public id><tab><stratum>`, in the order of the public ids; its
SHA-256 is announced together with the seed. Of each stratum those listings are drawn whose SHA-256 of
`<seed>:<public id>` is smallest. Ten lines of any language do the same: docs/reference/sampling.md.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from heapq import nsmallest
from typing import Any

#: names the rules of this file in the ledger: what was announced under them is drawn by them
ALGORITHM = "stratified-sha256-rank/1"
#: listings of one shop that are on sale: from how many on it is middle-sized, and large
MIDDLE, LARGE = 10, 100
#: a candidate's score from which on a listing is at high risk
HIGH = 0.5
#: the category that stands for all that are too small to be strata of their own, and for listings without one
OTHER = ""


@dataclass(frozen=True)
class Stratum:
    """Listings that are alike in category, risk and size of their seller; how many there are, how many are drawn."""

    key: str
    category: str
    #: `none` (no open candidate), `low`, `high`
    risk: str
    #: `small`, `middle`, `large`
    seller: str
    listings: int
    draw: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Cell = tuple[str, str, str]


def risk_of(score: float | None) -> str:
    """By the score of the riskiest candidate that is open on a listing."""
    return "none" if score is None else "high" if score >= HIGH else "low"


def seller_of(items: int) -> str:
    """By how many listings its shop has on sale."""
    return "large" if items >= LARGE else "middle" if items >= MIDDLE else "small"


def strata_of(cells: Mapping[Cell, int], size: int) -> tuple[list[Stratum], dict[Cell, str]]:
    """The strata of a frame, and in which of them each combination of category, risk and seller lies.

    The smallest categories become one until two of each stratum can be drawn: of one alone no variance can be told.
    There may still be more strata than `size` where the frame is tiny; `allocate` says so.
    """
    by_category = Counter[str]()
    for (category, _risk, _seller), listings in cells.items():
        by_category[category] += listings
    merged = {OTHER}
    smallest = sorted((listings, category) for category, listings in by_category.items() if category != OTHER)
    for _listings, category in smallest:
        if len(_merge(cells, merged)) * 2 <= size:
            break
        merged.add(category)
    found = sorted(_merge(cells, merged).items())
    counts = allocate([listings for _cell, listings in found], size)
    strata = [
        Stratum(f"s{n:03d}", *cell, listings, draw)
        for n, ((cell, listings), draw) in enumerate(zip(found, counts, strict=True), start=1)
    ]
    keys = {(s.category, s.risk, s.seller): s.key for s in strata}
    return strata, {cell: keys[_cell(cell, merged)] for cell in cells}


def _cell(cell: Cell, merged: set[str]) -> Cell:
    category, risk, seller = cell
    return (OTHER if category in merged else category, risk, seller)


def _merge(cells: Mapping[Cell, int], merged: set[str]) -> Counter[Cell]:
    counted = Counter[Cell]()
    for cell, listings in cells.items():
        counted[_cell(cell, merged)] += listings
    return counted


def allocate(listings: Sequence[int], size: int) -> list[int]:
    """How many are drawn of strata of these sizes: in proportion, at least one of each, by the largest remainder.

    Where strata that are too small for one of their own get it all the same, the others give way: each time the one
    that has most more than its share. Raises ValueError if `size` is below the number of strata or above all listings.

    Source: Cochran, Sampling Techniques, 3rd ed., section 5.9 (proportional allocation); the rounding is Hamilton's.
    """
    total = sum(listings)
    if not len(listings) <= size <= total:
        raise ValueError("at least one of each stratum, and no more than there are")
    whole = [max(1, size * n // total) for n in listings]
    left = size - sum(whole)
    # In whole numbers throughout, so that no machine rounds otherwise than another.
    by_remainder = sorted(
        (stratum for stratum, n in enumerate(listings) if size * n >= total),
        key=lambda stratum: (-(size * listings[stratum] % total), stratum),
    )
    for stratum in by_remainder[: max(left, 0)]:
        whole[stratum] += 1
    for _over in range(-left):
        most = max(
            (stratum for stratum, draw in enumerate(whole) if draw > 1),
            key=lambda stratum: (whole[stratum] * total - size * listings[stratum], -stratum),
        )
        whole[most] -= 1
    return whole


def frame_of(rows: Iterable[tuple[str, str]]) -> bytes:
    """The frame as it is kept and hashed; `rows` are public ids with their stratum."""
    return "".join(f"{public_id}\t{key}\n" for public_id, key in sorted(rows)).encode()


def hash_of(frame: bytes) -> str:
    return hashlib.sha256(frame).hexdigest()


def read_frame(frame: bytes) -> dict[str, list[str]]:
    """The listings of each stratum. Raises ValueError for what is no frame."""
    strata: dict[str, list[str]] = defaultdict(list)
    for line in frame.decode().splitlines():
        public_id, tab, key = line.partition("\t")
        if not tab or not public_id or not key:
            raise ValueError("each line is a public id, a tab and a stratum")
        strata[key].append(public_id)
    return strata


def rank(seed: str, public_id: str) -> str:
    """Where a listing stands in the draw of its stratum: the smallest come first."""
    return hashlib.sha256(f"{seed}:{public_id}".encode()).hexdigest()


def draw(*, seed: str, frame: bytes, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """What is drawn, as (stratum, public id): stratum by stratum, in the order in which the lot fell on them."""
    listings = read_frame(frame)
    return [
        (key, public_id)
        for key in sorted(counts)
        for public_id in nsmallest(counts[key], listings[key], key=lambda one: (rank(seed, one), one))
    ]

"""The Merkle tree of RFC 9162, section 2.1, as pure functions over hashes: no database, no signatures.

Kept are the leaves and every *complete* subtree, each once and for ever; what a proof needs is put together from
at most some sixty of them, however large the tree is. `core/verify_ledger.py` has its own, so that a stranger's
check leans on nothing of ours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
#: leaves `start` up to, not including, `stop`
Span = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def position(level: int, index: int) -> int:
    """One number for a complete subtree, the `index`-th of those with 2**level leaves; as in RFC 9420, appendix C.

    Leaves have the even numbers, what stands above them the odd ones.
    """
    return ((2 * index + 1) << level) - 1


def subtrees(start: int, stop: int) -> Iterator[int]:
    """The positions of the largest complete subtrees that make up a span, from left to right."""
    while start < stop:
        level = (stop - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield position(level, start >> level)
        start += 1 << level


def _split(start: int, stop: int) -> int:
    """Where a span of several leaves is parted: after the largest power of two smaller than it."""
    return start + (1 << ((stop - start - 1).bit_length() - 1))


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The spans whose roots are the inclusion proof of leaf `index` in the tree of `size` (section 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    start, stop, spans = 0, size, []
    while stop - start > 1:
        middle = _split(start, stop)
        if index < middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """The spans whose roots are the consistency proof of two sizes (section 2.1.4.1)."""
    if not 0 < first <= second:
        raise ValueError("the first size is at least 1 and at most the second")
    start, stop, spans, is_whole = 0, second, [], True
    while first < stop:
        middle = _split(start, stop)
        if first <= middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start, is_whole = middle, False
    if not is_whole:
        spans.append((start, stop))
    return spans[::-1]


def joined(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees that stand side by side, each smaller than the one on its left."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def roots(spans: Iterable[Span], known: Mapping[int, bytes]) -> list[bytes]:
    """The root of each span, from the hashes by position."""
    return [joined([known[place] for place in subtrees(*span)]) for span in spans]


class GrowingTree:
    """A tree as far as it goes on: its size and the roots of the complete subtrees at its right edge."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self.size, self.edge = size, list(edge)

    def append(self, leaf: bytes) -> list[tuple[int, bytes]]:
        """Add a leaf; returns the interior nodes that are complete with it, by position."""
        completed = []
        index, level, here = self.size, 0, leaf
        while index & 1:
            here = node_hash(self.edge.pop(), here)
            index, level = index >> 1, level + 1
            completed.append((position(level, index), here))
        self.edge.append(here)
        self.size += 1
        return completed

    def root(self) -> bytes:
        return joined(self.edge)


def proves_inclusion(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a path leads from a leaf to the root (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, place, last = leaf, index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            here = node_hash(sibling, here)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            here = node_hash(here, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and here == root


def proves_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the tree of `second` leaves begins with the tree of `first` (section 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root

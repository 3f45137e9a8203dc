"""Which originals may be meant: an inverted file over visual words with 64-bit signatures, in memory-mapped segments.

A segment holds the postings of some originals, sorted by word, and their hashes. It is built whole and never changed.
Search compares each point of the suspect with the postings of its nearest words, keeps those whose signature is near
(Hamming embedding: Jégou, Douze and Schmid, ECCV 2008), and lets them vote; votes count where they agree on how much
the picture was turned and resized (weak geometric consistency, the same paper).
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from imageguard.engine.fingerprints import Fingerprint
from imageguard.engine.images import Floats
from imageguard.engine.tables import WORDS, tables

MAGIC = b"IGSEG001"
#: words looked up for each point of the suspect, and the most bits of 64 in which a posting may differ. Among 50,000
#: originals, 240 of them the development images, the right one was one of the first 8 for 323 of 327 copies with two words
#: as with three, and the first of all for 319 and 317; with one word for 321 and 316
PROBES, NEAR = 2, 20
#: postings that each point of a picture is compared with in one segment, on average at most: even lists of 50,000 originals
#: hold 6,250 for it, those of the benchmark's made-up ones 15,000, of whose 400 copies one more was lost with 7,500
MOST_COMPARED = 10_000
#: lists compared before what is near is picked out of them
AT_ONCE = 128
_WEIGHTS = np.exp(-((np.arange(65) / 13.0) ** 2)).astype(np.float32)
_TURNS, _SIZES = 16, 12


@dataclass(frozen=True)
class Query:
    """Points of a suspect picture, looked up in the words once for all segments."""

    words: NDArray[np.intp]  # (n, PROBES)
    signs: NDArray[np.uint64]  # (n, PROBES)
    turn: NDArray[np.int16]  # (n,) in 256 steps
    size: NDArray[np.int16]

    @classmethod
    def of(cls, projected: Floats, turn: NDArray[np.int16], size: NDArray[np.int16]) -> Self:
        known = tables()
        words = known.nearest_words(projected, PROBES)
        signs = np.stack([known.signs(projected, words[:, k]) for k in range(PROBES)], axis=1)
        return cls(words, signs, turn, size)


class Segment:
    """Arrays of one segment, in memory or mapped from a file."""

    NAMES = ("starts", "signs", "owners", "geometry", "hashes", "ids")

    def __init__(self, arrays: dict[str, NDArray]) -> None:
        # Mapped arrays as plain ones, which is no copy: a slice of a memmap costs ten times that of an array.
        arrays = {name: np.asarray(array) for name, array in arrays.items()}
        self.starts: NDArray[np.int64] = arrays["starts"]
        self.signs: NDArray[np.uint64] = arrays["signs"]
        self.owners: NDArray[np.uint32] = arrays["owners"]
        self.geometry: NDArray[np.uint8] = arrays["geometry"]  # (n, 2) size and angle
        self.hashes: NDArray[np.uint64] = arrays["hashes"]
        self.ids: NDArray[np.bytes_] = arrays["ids"]
        self.heads = np.ascontiguousarray(self.hashes[:, 0])

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        return sum(getattr(self, name).nbytes for name in self.NAMES)

    # ------------------------------------------------------------------ making
    @classmethod
    def build(cls, originals: Sequence[tuple[str, Fingerprint]]) -> Self:
        known = tables()
        words, signs, owners, shapes = [], [], [], []
        for row, (_id, fingerprint) in enumerate(originals):
            words.append(fingerprint.words)
            signs.append(known.signs(fingerprint.projected, fingerprint.words))
            owners.append(np.full(len(fingerprint.words), row, np.uint32))
            shapes.append(fingerprint.shape)
        hashes = np.array([f.hash for _id, f in originals], np.uint64).reshape(-1, 4)
        ids = np.array([i.encode() for i, _f in originals] or [b""], np.bytes_)[: len(originals)]
        return cls._sorted(
            _joined(words, np.uint16), _joined(signs, np.uint64), _joined(owners, np.uint32),
            np.concatenate(shapes) if shapes else np.zeros((0, 2), np.uint8), hashes, ids,
        )  # fmt: skip

    @classmethod
    def merged(cls, segments: Sequence["Segment"], leave_out: frozenset[str] = frozenset()) -> Self:
        """One segment of several; where an id stands in more than one, the later one counts."""
        words, signs, owners, shapes, hashes, ids = [], [], [], [], [], []
        seen, offset = set(leave_out), 0
        for segment in reversed(segments):
            names = [i.decode() for i in segment.ids]
            keep = np.array([n not in seen for n in names], bool)
            seen.update(names)
            number = np.cumsum(keep) - 1 + offset
            kept = keep[segment.owners]
            words.append(np.repeat(np.arange(WORDS, dtype=np.uint16), np.diff(segment.starts))[kept])
            signs.append(np.asarray(segment.signs)[kept])
            owners.append(number[np.asarray(segment.owners)[kept]].astype(np.uint32))
            shapes.append(np.asarray(segment.geometry)[kept])
            hashes.append(segment.hashes[keep])
            ids += [n for n, k in zip(names, keep, strict=True) if k]
            offset += int(keep.sum())
        return cls._sorted(
            _joined(words, np.uint16), _joined(signs, np.uint64), _joined(owners, np.uint32),
            np.concatenate(shapes) if shapes else np.zeros((0, 2), np.uint8),
            np.concatenate(hashes) if hashes else np.zeros((0, 4), np.uint64),
            np.array([i.encode() for i in ids] or [b""], np.bytes_)[: len(ids)],
        )  # fmt: skip

    @classmethod
    def _sorted(cls, words, signs, owners, geometry, hashes, ids) -> Self:  # type: ignore[no-untyped-def]
        order = np.argsort(words, kind="stable")
        starts = np.searchsorted(words[order], np.arange(WORDS + 1)).astype(np.int64)
        return cls(
            {
                "starts": starts, "signs": signs[order], "owners": owners[order], "geometry": geometry[order],
                "hashes": hashes, "ids": ids,
            }
        )  # fmt: skip

    # ------------------------------------------------------------------ files
    def write(self, file: Path) -> int:
        """Write and sync under another name, then rename: the name never shows a part. Returns the length."""
        layout, at = {}, 0
        for name in self.NAMES:
            array = getattr(self, name)
            layout[name] = [array.dtype.str, list(array.shape), at]
            at += -(-array.nbytes // 64) * 64
        head = json.dumps(layout).encode()
        head += b" " * (-(len(MAGIC) + 8 + len(head)) % 64)
        part = file.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as out:
            out.write(MAGIC + len(head).to_bytes(8, "little") + head)
            for name in self.NAMES:
                raw = np.ascontiguousarray(getattr(self, name))
                out.write(raw.tobytes())
                out.write(bytes(-raw.nbytes % 64))
            out.flush()
            os.fsync(out.fileno())
            length = out.tell()
        part.replace(file)
        return length

    @classmethod
    def open(cls, file: Path) -> Self:
        """Map a file. Raises OSError or ValueError when it is not whole."""
        whole = np.memmap(file, np.uint8, "r")
        if bytes(whole[:8]) != MAGIC:
            raise ValueError(f"{file.name} is no segment")
        length = int.from_bytes(bytes(whole[8:16]), "little")
        layout, base = json.loads(bytes(whole[16 : 16 + length])), 16 + length
        arrays = {}
        for name, (dtype, shape, at) in layout.items():
            count = int(np.prod(shape)) * np.dtype(dtype).itemsize
            raw = whole[base + at : base + at + count]
            if len(raw) != count:
                raise ValueError(f"{file.name} is cut short")
            arrays[name] = raw.view(dtype).reshape(shape) if count else np.zeros(shape, dtype)
        return cls(arrays)

    # ------------------------------------------------------------------ asking
    def vote(self, query: Query, most: int) -> list[tuple[str, float]]:
        """The `most` originals with most to say for them, best first."""
        if not len(self) or not len(query.words):
            return []
        point, posting, distance = self._near(query)
        if not len(point):
            return []
        owner = self.owners[posting]
        # A point that finds its like in many originals says little about each of them (the root is for burstiness:
        # Jégou, Douze and Schmid, CVPR 2009); else one line of type calls up every original with that type.
        # What counts is how often beside the other points: in a large index every point has chance likes.
        counts = np.bincount(point, minlength=len(query.words))
        often, typical = np.maximum(counts, 1), max(1.0, float(np.percentile(counts, 25)))
        telling = np.log1p(len(self) / often) / np.log1p(len(self)) * np.minimum(1.0, np.sqrt(typical / often))
        weight = _WEIGHTS[distance] * telling[point]
        votes = np.bincount(owner, weight, minlength=len(self))
        some = min(len(self), max(4 * most, 64))
        best = np.argpartition(-votes, some - 1)[:some]
        place = np.full(len(self), -1, np.intp)
        place[best] = np.arange(some)
        chosen = place[owner] >= 0
        point, posting, weight, row = point[chosen], posting[chosen], weight[chosen], place[owner[chosen]]
        geometry = self.geometry[posting].astype(np.int16)
        turn = ((query.turn[point] - geometry[:, 1]) % 256) * _TURNS // 256
        size = np.clip((query.size[point] - geometry[:, 0] + 128) * _SIZES // 256, 0, _SIZES - 1)
        agreed = np.bincount((row * _TURNS + turn) * _SIZES + size, weight, minlength=some * _TURNS * _SIZES)
        agreed = agreed.reshape(some, _TURNS, _SIZES)
        agreed = agreed + np.roll(agreed, 1, axis=1)
        agreed = agreed[:, :, :-1] + agreed[:, :, 1:]
        score = agreed.reshape(some, -1).max(axis=1)
        order = np.argsort(-score, kind="stable")[:most]
        return [(self.ids[best[k]].decode(), float(score[k])) for k in order if score[k] > 0]

    def _near(self, query: Query) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint8]]:
        """(point of the query, posting, bits that differ) for all postings near enough."""
        points = np.repeat(np.arange(len(query.words)), query.words.shape[1])
        words, asked = query.words.ravel(), query.signs.ravel()
        # Word by word, so that a list asked for by several points is still in the cache when the next of them comes.
        order = np.argsort(words, kind="stable")
        points, words, asked = points[order], words[order], asked[order]
        first, last = self.starts[words], self.starts[words + 1]
        most = MOST_COMPARED * len(query.words)
        if (last - first).sum() > most:
            kept = np.sort(_worth_asking(np.tile(np.arange(PROBES), len(query.words))[order], last - first, most))
            points, asked, first, last = points[kept], asked[kept], first[kept], last[kept]
        if (last - first).mean() < 150:
            return self._near_at_once(points, asked, first, last)
        found = [
            self._near_by_list(
                points[k : k + AT_ONCE], asked[k : k + AT_ONCE], first[k : k + AT_ONCE], last[k : k + AT_ONCE]
            )
            for k in range(0, len(points), AT_ONCE)
        ]
        return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))  # type: ignore[return-value]

    def _near_by_list(self, points, asked, first, last):  # type: ignore[no-untyped-def]
        """List by list, but what is near enough is picked out of all of them at once: that is half of the work."""
        ends = np.cumsum(last - first)
        bits = np.full(-(-int(ends[-1]) // 8) * 8, 255, np.uint8)
        at = 0
        for sign, a, b in zip(asked, first.tolist(), last.tolist(), strict=True):
            np.bitwise_count(self.signs[a:b] ^ sign, out=bits[at : at + b - a])
            at += b - a
        near = _nonzero(bits <= NEAR)
        which = np.repeat(np.arange(len(ends)), np.diff(np.searchsorted(near, ends), prepend=0))
        return points[which], near - ends[which] + last[which], bits[near]

    def _near_at_once(self, points, asked, first, last):  # type: ignore[no-untyped-def]
        """The same without a loop: with short lists the loop would be all the work."""
        lengths = last - first
        which = np.repeat(np.arange(len(points)), lengths)
        posting = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(first, lengths)
        bits = np.bitwise_count(self.signs[posting] ^ asked[which])
        near = np.flatnonzero(bits <= NEAR)
        return points[which[near]], posting[near], bits[near]


def _worth_asking(rank: NDArray[np.intp], length: NDArray[np.int64], most: int) -> NDArray[np.intp]:
    """Which lists are looked at where all together hold more than `most`: those of nearest words, then of the next, the shortest first. A
    point in a long list has its like in many originals: it says least for most work."""
    order = np.lexsort((length, rank))
    return order[: int(np.searchsorted(np.cumsum(length[order]), most, "right"))]


def _nonzero(sparse: NDArray[np.bool_]) -> NDArray[np.intp]:
    """`np.flatnonzero` in two thirds of its time where nearly nothing is set; the length is a multiple of eight."""
    words = sparse.view(np.uint64)
    eights = np.flatnonzero(words != 0)  # of booleans: of numbers it takes four times as long
    within = np.flatnonzero(words[eights].view(np.bool_))
    return eights[within >> 3] * 8 + (within & 7)


def _joined(parts, dtype):  # type: ignore[no-untyped-def]
    return np.concatenate(parts) if parts else np.zeros(0, dtype)

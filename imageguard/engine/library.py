"""The index as a whole: segments in a folder, the latest changes in memory, and a manifest that says what counts.

Any number of processes share a folder. Whoever finds that enough has changed writes a new segment and then, by
renaming, a new manifest; files that no manifest names are nothing, so a process that dies half-way leaves no trace
but a file to clear away. Files are mapped, not read. With no folder everything stays in memory.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from uuid import uuid4

import numpy as np

from imageguard.engine import hashes
from imageguard.engine.fingerprints import VERSION, Fingerprint, UnreadableFingerprint
from imageguard.engine.hashes import Hashes
from imageguard.engine.index import Query, Segment
from imageguard.engine.source import Change, Source

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: one writing process is then the operator's business
    fcntl = None  # type: ignore[assignment]

MANIFEST = "manifest.json"
#: so many changes are kept in memory before they are written, and so many are taken from the source at once
IN_MEMORY, AT_ONCE = 256, 4096
#: a segment joins its neighbour when it has at least this share of the neighbour's size
JOINS = 0.25


@dataclass(frozen=True)
class Manifest:
    sequence: int = 0  # changes up to this number are in the segments
    segments: tuple[tuple[str, int], ...] = ()  # file and length in bytes, oldest first
    removed: tuple[str, ...] = ()
    version: int = VERSION


@dataclass
class _View:
    """What one process sees; replaced as a whole."""

    manifest: Manifest = field(default_factory=Manifest)
    segments: tuple[Segment, ...] = ()
    fresh: dict[str, bool] = field(default_factory=dict)  # changed since the manifest, and whether it is there
    fresh_segment: Segment | None = None
    sequence: int = 0

    def parts(self) -> tuple[Segment, ...]:
        return (*self.segments, self.fresh_segment) if self.fresh_segment is not None else self.segments


class Library:
    def __init__(self, source: Source, folder: Path | None) -> None:
        self._source = source
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._view = _View()
        self._forgotten: dict[str, int] = {}  # id and the last change known when it was forgotten
        self._stamp: tuple[int, int] | None = None

    # ------------------------------------------------------------------ asking
    def candidates(self, query: Query, most: int) -> list[tuple[str, float]]:
        """Originals that may be meant, best first. Some may be gone from the source by now."""
        found: dict[str, float] = {}
        for id, score in (pair for segment in self._view.parts() for pair in segment.vote(query, most)):
            if id not in self._forgotten:
                found[id] = max(score, found.get(id, 0.0))
        return sorted(found.items(), key=lambda pair: -pair[1])[:most]

    def alike(self, asked: Hashes, within: int) -> list[tuple[str, int, int]]:
        """(id, which of `asked`, bits that differ) of originals whose perceptual hash differs from one of these in at
        most `within` of 256 bits, nearest first."""
        found: dict[str, tuple[int, int]] = {}
        for segment in self._view.parts():
            # A quarter of the bits is looked at first: at twice the share that may differ, 2 of 1,000 strangers pass.
            some = [np.flatnonzero(np.bitwise_count(segment.heads ^ head) <= within // 2) for head in asked[:, 0]]
            way, row = np.repeat(np.arange(len(asked)), [len(rows) for rows in some]), np.concatenate(some)
            distance = hashes.distances(segment.hashes[row], asked[way])
            for k in np.flatnonzero(distance <= within):
                id = segment.ids[row[k]].decode()
                if id not in self._forgotten:
                    found[id] = min((int(distance[k]), int(way[k])), found.get(id, (257, 0)))
        return sorted(((id, way, bits) for id, (bits, way) in found.items()), key=lambda near: near[2])

    def __len__(self) -> int:
        return sum(len(segment) for segment in self._view.parts())

    @property
    def nbytes(self) -> int:
        return sum(segment.nbytes for segment in self._view.parts())

    # ------------------------------------------------------------------ keeping up
    def refresh(self) -> None:
        """Catch up with the source and with what other processes wrote. Cheap when nothing changed."""
        self._reopen()
        goal = self._source.latest()
        while self._view.sequence < goal:
            batch = list(islice(self._source.changes(self._view.sequence), AT_ONCE))
            if not batch:
                return
            self._take(batch)
            if len(self._view.fresh) >= IN_MEMORY:
                self._write()

    def is_ahead(self) -> bool:
        """Whether the index knows of changes that the source does not: the source was put back to an earlier state.

        First takes over what others wrote into the folder: one of them may have noticed already.
        """
        self._reopen()
        return self._view.sequence > self._source.latest()

    def forget(self, id: str) -> None:
        """Leave an original out of every answer of this process."""
        self._forgotten[id] = max(self._source.latest(), self._view.sequence)

    def compact(self) -> None:
        """One segment out of all, without what was removed."""
        self.refresh()
        self._write(everything=True)

    def rebuild(self) -> None:
        """Forget every file and read the source from its beginning."""
        with self._lock() as mine:
            if mine:
                self._publish(Manifest(), ())
        self.refresh()

    def _take(self, batch: list[Change]) -> None:
        view = self._view
        new: dict[str, Fingerprint | None] = {}
        for change in batch:
            if change.sequence > self._forgotten.get(change.id, change.sequence):
                del self._forgotten[change.id]
            new[change.id] = None
            if change.fingerprint is not None:
                # A row of another version waits for its new fingerprint; it must not stop the others.
                with suppress(UnreadableFingerprint):
                    new[change.id] = Fingerprint.from_bytes(change.fingerprint)
        fresh = view.fresh | {id: f is not None for id, f in new.items()}
        segment = Segment.build([(id, f) for id, f in new.items() if f is not None])
        if view.fresh_segment is not None:
            gone = frozenset(id for id, f in new.items() if f is None)
            segment = Segment.merged([view.fresh_segment, segment], gone)
        self._view = _View(view.manifest, view.segments, fresh, segment, batch[-1].sequence)

    def _write(self, *, everything: bool = False) -> None:
        """Turn what is in memory into a segment, and join segments of like size."""
        with self._lock() as mine:
            if not mine:
                return  # another process is at it; ours keeps its changes in memory until then
            view, (current, segments) = self._view, self._believed()
            if current != view.manifest:  # another process was faster; what we have is read again, after its number
                self._view = _View(current, segments, sequence=current.sequence)
                return
            gone = frozenset(id for id, there in view.fresh.items() if not there) | frozenset(view.manifest.removed)
            gone -= frozenset(id for id, there in view.fresh.items() if there)
            parts = list(view.parts())
            keep = 0 if everything else _untouched([len(part) for part in parts])
            leave_out = gone if keep == 0 else frozenset()
            merged = Segment.merged(parts[keep:], leave_out)
            removed = () if keep == 0 else tuple(sorted(gone))
            named = list(view.manifest.segments[:keep])
            if len(merged):
                named.append(self._save(merged))
            self._publish(Manifest(view.sequence, tuple(named), removed), (*parts[:keep], merged))

    def _save(self, segment: Segment) -> tuple[str, int]:
        if self._folder is None:
            return ("in memory", 0)
        name = f"{uuid4().hex}.segment"
        return name, segment.write(self._folder / name)

    def _publish(self, manifest: Manifest, segments: tuple[Segment, ...]) -> None:
        if self._folder is None:
            self._view = _View(manifest, tuple(s for s in segments if len(s)), sequence=manifest.sequence)
            return
        part = self._folder / f"{MANIFEST}.{os.getpid()}.part"
        with part.open("w") as out:
            json.dump(asdict(manifest), out)
            out.flush()
            os.fsync(out.fileno())
        part.replace(self._folder / MANIFEST)
        self._stamp = None
        self._reopen()
        self._sweep(manifest)

    def _believed(self) -> tuple[Manifest, tuple[Segment, ...]]:
        """The manifest that counts and its segments, mapped; the empty one when anything it names is not whole."""
        if self._folder is None:
            return self._view.manifest, self._view.segments
        with suppress(OSError, ValueError, TypeError, KeyError):
            stored = json.loads((self._folder / MANIFEST).read_text())
            manifest = Manifest(
                int(stored["sequence"]), tuple((str(n), int(size)) for n, size in stored["segments"]),
                tuple(stored["removed"]), int(stored["version"]),
            )  # fmt: skip
            whole = all((self._folder / n).stat().st_size == size for n, size in manifest.segments)
            if manifest.version == VERSION and whole:
                return manifest, tuple(Segment.open(self._folder / name) for name, _size in manifest.segments)
        return Manifest(), ()

    def _reopen(self) -> None:
        """Map what the manifest names, if it changed since."""
        if self._folder is None:
            return
        try:
            stat = (self._folder / MANIFEST).stat()
            stamp: tuple[int, int] | None = (stat.st_mtime_ns, stat.st_ino)
        except OSError:
            stamp = None
        if stamp == self._stamp:
            return
        manifest, segments = self._believed()
        if manifest != self._view.manifest:
            self._view = _View(manifest, segments, sequence=manifest.sequence)
        self._stamp = stamp

    def _sweep(self, manifest: Manifest) -> None:
        """Clear away files that count no longer. Whoever has them mapped keeps them until it lets go."""
        assert self._folder is not None
        named = {name for name, _size in manifest.segments}
        for file in self._folder.iterdir():
            if file.suffix in (".segment", ".part") and file.name not in named:
                with suppress(OSError):
                    file.unlink()

    @contextmanager
    def _lock(self) -> Iterator[bool]:
        """Whether this process may write. Never waits."""
        if self._folder is None or fcntl is None:
            yield True
            return
        with (self._folder / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True


def _untouched(sizes: list[int]) -> int:
    """How many of the oldest segments stay as they are: sizes shall fall by more than four from one to the next."""
    keep, tail = len(sizes) - 1, sizes[-1]
    while keep > 0 and tail > JOINS * sizes[keep - 1]:
        keep -= 1
        tail += sizes[keep]
    return keep

"""Our inverted file beside vector engines that exist: which finds the candidates of a search, and at what cost?

    python -m benchmarks.vector_engines [--images FOLDER …] [--sizes 1000 10000] [--only ours faiss …]

All are given the same 64 numbers of each point and the same suspects, and answer with the eight originals that may be
meant. Vector engines answer with the nearest points, here eight for each of the suspect's 1,600 (as it is, and mirrored);
what is found votes for its original, by nearness and, as in ours, less where a point has its like in many originals.
Not part of `make bench`: faiss-cpu, hnswlib, usearch and psycopg are wanted, each only for its own row, and
`PGVECTOR` must name a database that may be written to. Figures stand in `docs/adr/0011-…`.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from benchmarks.imageguard import EDITS, MadeUp, drawn, from_folders, uploaded
from benchmarks.setting import tell
from imageguard.engine import Fingerprint, NotDistinctive, fingerprint
from imageguard.engine.images import Floats
from imageguard.engine.index import Segment
from imageguard.engine.suspect import Suspect, View
from imageguard.engine.tables import WORDS, tables

#: originals that go on to be verified; points asked of a vector engine for each point of the suspect
CANDIDATES, LIKES = 8, 8
#: squared distance from which two points do not show the same, as in `geometry`
FARTHEST = 0.55


class Originals(NamedTuple):
    """Points of all originals in one array."""

    points: Floats  # (n, 64)
    words: np.ndarray
    owners: np.ndarray
    prints: list[Fingerprint]


def points_of(prints: list[Fingerprint]) -> Originals:
    return Originals(
        np.concatenate([f.projected for f in prints]),
        np.concatenate([f.words for f in prints]).astype(np.int64),
        np.repeat(np.arange(len(prints)), [len(f.words) for f in prints]),
        prints,
    )


class Retrieval(Protocol):
    """One way to find candidates."""

    def build(self, originals: Originals) -> None: ...

    def ask(self, view: View) -> list[tuple[float, int]]:
        """(votes, original), most first."""

    def add(self, one: Fingerprint, owner: int) -> None: ...

    def remove(self, owner: int) -> None: ...

    def nbytes(self) -> int: ...

    def busy(self) -> float:
        """Seconds of computing so far, wherever it is done."""


class Ours:
    def build(self, originals: Originals) -> None:
        self.segment = Segment.build([(str(n), f) for n, f in enumerate(originals.prints)])

    def ask(self, view: View) -> list[tuple[float, int]]:
        return [(votes, int(id)) for id, votes in self.segment.vote(view.query, CANDIDATES)]

    def add(self, one: Fingerprint, owner: int) -> None:
        Segment.build([(str(owner), one)])  # a search asks all segments; joining them is the writer's business

    def remove(self, owner: int) -> None:
        """A name is kept until the segments are joined."""

    def nbytes(self) -> int:
        return self.segment.nbytes

    def busy(self) -> float:
        return time.process_time()


class Nearest:
    """What vector engines have in common: nearest points vote."""

    owners: np.ndarray

    def nearest(self, points: Floats) -> tuple[np.ndarray, np.ndarray]:
        """(n, LIKES) numbers of points, -1 where there are fewer, and squared distances."""
        raise NotImplementedError

    def ask(self, view: View) -> list[tuple[float, int]]:
        found, distance = self.nearest(view.projected)
        near = (found >= 0) & (distance < FARTHEST)
        weight = np.where(near, 1 - distance / FARTHEST, 0) / np.sqrt(np.maximum(near.sum(axis=1, keepdims=True), 1))
        votes = np.bincount(self.owners[found[near]], weight[near], minlength=1)
        best = np.argsort(-votes)[:CANDIDATES]
        return [(float(votes[n]), int(n)) for n in best if votes[n] > 0]

    def busy(self) -> float:
        return time.process_time()


class Faiss(Nearest):
    """Product-quantised inverted file with 4-bit codes that are looked up in registers, as the issue's prototype."""

    def build(self, originals: Originals) -> None:
        import faiss

        faiss.omp_set_num_threads(1)
        words = faiss.IndexFlatL2(64)
        words.add(tables().words)
        self.index = faiss.IndexIVFPQFastScan(words, 64, WORDS, 32, 4)
        sample = np.random.default_rng(1).choice(
            len(originals.points), min(60_000, len(originals.points)), replace=False
        )
        self.index.train(originals.points[sample])
        self.index.add(originals.points)
        self.index.nprobe, self.owners = 6, originals.owners

    def nearest(self, points: Floats) -> tuple[np.ndarray, np.ndarray]:
        distance, found = self.index.search(np.ascontiguousarray(points), LIKES)
        return found, distance

    def add(self, one: Fingerprint, owner: int) -> None:
        self.index.add(np.ascontiguousarray(one.projected))
        self.owners = np.append(self.owners, np.full(len(one.words), owner))

    def remove(self, owner: int) -> None:
        raise NotImplementedError("a fast-scan index cannot take anything away")

    def nbytes(self) -> int:
        import faiss

        return len(faiss.serialize_index(self.index))


class Hnsw(Nearest):
    def build(self, originals: Originals) -> None:
        import hnswlib

        self.index = hnswlib.Index("l2", 64)
        self.index.init_index(len(originals.points) + 512, M=12, ef_construction=60)
        self.index.set_num_threads(1)
        self.index.add_items(originals.points, np.arange(len(originals.points)))
        self.index.set_ef(32)
        self.owners = originals.owners

    def nearest(self, points: Floats) -> tuple[np.ndarray, np.ndarray]:
        found, distance = self.index.knn_query(points, LIKES)
        return found.astype(np.int64), distance

    def add(self, one: Fingerprint, owner: int) -> None:
        self.index.add_items(one.projected, np.arange(len(self.owners), len(self.owners) + len(one.words)))
        self.owners = np.append(self.owners, np.full(len(one.words), owner))

    def remove(self, owner: int) -> None:
        for n in np.flatnonzero(self.owners == owner):
            self.index.mark_deleted(int(n))

    def nbytes(self) -> int:
        return int(self.index.index_file_size())


class Usearch(Nearest):
    def build(self, originals: Originals) -> None:
        from usearch.index import Index

        self.index = Index(ndim=64, metric="l2sq", dtype="f16", connectivity=12, expansion_add=60, expansion_search=32)
        self.index.add(np.arange(len(originals.points)), originals.points, threads=1)
        self.owners = originals.owners

    def nearest(self, points: Floats) -> tuple[np.ndarray, np.ndarray]:
        found = self.index.search(np.ascontiguousarray(points), LIKES, threads=1)
        return np.asarray(found.keys).astype(np.int64), np.asarray(found.distances, np.float32)

    def add(self, one: Fingerprint, owner: int) -> None:
        self.index.add(np.arange(len(self.owners), len(self.owners) + len(one.words)), one.projected, threads=1)
        self.owners = np.append(self.owners, np.full(len(one.words), owner))

    def remove(self, owner: int) -> None:
        for n in np.flatnonzero(self.owners == owner):
            self.index.remove(int(n))

    def nbytes(self) -> int:
        return int(self.index.serialized_length)


class Pgvector(Nearest):
    """Half-precision vectors in lists; asked for all points of a view in one statement."""

    method = "ivfflat (point halfvec_l2_ops) WITH (lists = 1000)"

    def build(self, originals: Originals) -> None:
        import psycopg

        self.db = psycopg.connect(os.environ["PGVECTOR"], autocommit=True)
        self.pid = self.db.info.backend_pid
        self.db.execute("CREATE EXTENSION IF NOT EXISTS vector")
        self.db.execute("DROP TABLE IF EXISTS points")
        self.db.execute("CREATE TABLE points (id integer, owner integer, point halfvec(64))")
        with self.db.cursor().copy("COPY points FROM STDIN") as out:
            for n, (owner, point) in enumerate(zip(originals.owners.tolist(), originals.points, strict=True)):
                out.write_row((n, owner, _text(point)))
        self.db.execute("SET maintenance_work_mem = '1GB'")
        self.db.execute("SET max_parallel_maintenance_workers = 0")
        self.db.execute(f"CREATE INDEX near ON points USING {self.method}")
        self.db.execute("CREATE INDEX owned ON points (owner)")
        self.db.execute("SET ivfflat.probes = 3")
        self.db.execute("SET max_parallel_workers_per_gather = 0")
        self.db.execute("ANALYZE points")
        self.owners = originals.owners

    def nearest(self, points: Floats) -> tuple[np.ndarray, np.ndarray]:
        rows = self.db.execute(
            "SELECT a.n, l.id, l.d FROM unnest(%s::text[]) WITH ORDINALITY a (p, n), LATERAL ("
            "SELECT id, point <-> a.p::halfvec(64) AS d FROM points ORDER BY point <-> a.p::halfvec(64) LIMIT 8) l",
            ([_text(p) for p in points],),
        ).fetchall()
        found, distance = np.full((len(points), LIKES), -1), np.full((len(points), LIKES), 9.0, np.float32)
        place = np.zeros(len(points), int)
        for n, id, d in rows:
            found[n - 1, place[n - 1]], distance[n - 1, place[n - 1]] = id, d * d
            place[n - 1] += 1
        return found, distance

    def add(self, one: Fingerprint, owner: int) -> None:
        with self.db.transaction(), self.db.cursor().copy("COPY points FROM STDIN") as out:
            for n, point in enumerate(one.projected, start=len(self.owners)):
                out.write_row((n, owner, _text(point)))
        self.owners = np.append(self.owners, np.full(len(one.words), owner))

    def remove(self, owner: int) -> None:
        self.db.execute("DELETE FROM points WHERE owner = %s", (owner,))

    def nbytes(self) -> int:
        return int(self.db.execute("SELECT pg_total_relation_size('points')").fetchall()[0][0])

    def busy(self) -> float:
        """Ours and the server's, which must run on this machine."""
        ticks = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _text(point: Floats) -> str:
    return "[" + ",".join(f"{x:.4f}" for x in point.tolist()) + "]"


ENGINES: dict[str, Callable[[], Any]] = {
    "ours": Ours, "faiss": Faiss, "hnswlib": Hnsw, "usearch": Usearch, "pgvector": Pgvector,
}  # fmt: skip


def measured(engine: Retrieval, originals: Originals, suspects: list[tuple[int, Suspect]]) -> dict[str, object]:
    """Times are of one core's computing: what a clock shows depends on who else wants the machine."""
    before = time.process_time()
    engine.build(originals)
    built = engine.busy() - before
    cpu, first, among = [], 0, 0
    for right, suspect in suspects:
        before = engine.busy()
        found = sorted((c for _m, view in suspect.views for c in engine.ask(view)), reverse=True)[:CANDIDATES]
        cpu.append((engine.busy() - before) * 1000)
        names = [owner for _votes, owner in found]
        first += names[:1] == [right]
        among += right in names
    row: dict[str, object] = {
        "among_8": round(among / len(suspects), 4),
        "first": round(first / len(suspects), 4),
        "cpu_ms": round(float(np.mean(cpu)), 1),
        "cpu_p95_ms": round(float(np.percentile(cpu, 95)), 1),
        "bytes_per_original": round(engine.nbytes() / len(originals.prints)),
    }
    before = engine.busy()
    engine.add(originals.prints[0], len(originals.prints))
    row |= {"built_s": round(built, 1), "add_ms": round((engine.busy() - before) * 1000, 1)}
    try:
        before = engine.busy()
        engine.remove(1)
        row["remove_ms"] = round((engine.busy() - before) * 1000, 1)
    except NotImplementedError as refusal:
        row["remove"] = str(refusal)
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=100, help="how many real pictures at most")
    parser.add_argument(
        "--ask", type=int, default=8, help="of how many originals copies are looked up, under ten edits each"
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000])
    parser.add_argument("--only", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    asked = parser.parse_args()
    pictures = list(from_folders(asked.images, asked.count) if asked.images else drawn(asked.count))
    other, *pictures = pictures  # stands beside the copies in collages, and is not registered
    kept, prints = [], []
    for picture in pictures:
        try:
            prints.append(fingerprint(picture))
            kept.append(picture)
        except NotDistinctive:
            continue
    suspects = []
    for right in range(0, len(kept), max(1, len(kept) // asked.ask))[: asked.ask]:
        for edit in EDITS.values():
            suspects.append((right, Suspect.of(uploaded(edit(kept[right], other)))))
            _ready(suspects[-1][1])
    made_up = MadeUp(prints)
    for size in asked.sizes:
        prints += [made_up.one() for _n in range(size - len(prints))]
        originals = points_of(prints)
        for name in asked.only:
            tell(
                "vector_engines",
                engine=name,
                originals=size,
                **measured(ENGINES[name](), originals, suspects),
                passed=True,
            )
    return 0


def _ready(suspect: Suspect) -> None:
    """Points are looked for before the clock runs; looking up words is part of the search."""
    for _mirrored, view in suspect.views:
        assert len(view.projected)


if __name__ == "__main__":
    sys.exit(main())

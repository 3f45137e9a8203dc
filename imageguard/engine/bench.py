"""The engine as the copy-detection benchmark wants it: add, finish, query, stats."""

from PIL import Image

from imageguard.engine.distinctive import NotDistinctive
from imageguard.engine.engine import Engine
from imageguard.engine.source import MemorySource


class Benchmark:
    """Thresholds are those that ship: a score from 0.5 on is the automatic tier."""

    def __init__(self) -> None:
        self.source = MemorySource()
        self.engine = Engine(self.source)
        self.refused: dict[str, str] = {}

    def add(self, id: str, image: Image.Image) -> None:
        try:
            made = self.engine.register(id, image)
        except NotDistinctive as refusal:
            self.refused[id] = refusal.reason
            return
        self.source.put(id, made.fingerprint.to_bytes(), made.mask.to_bytes())
        for other, mask in made.changed_masks.items():
            self.source.set_mask(other, mask.to_bytes())

    def finish(self) -> None:
        self.engine.compact()

    def query(self, image: Image.Image) -> list[tuple[str, float]]:
        return [(hit.id, hit.score) for hit in self.engine.find(image)]

    def stats(self) -> dict[str, float]:
        rows = self.source.fetch([change.id for change in self.source.changes(0)]).values()
        stored = sum(len(row.fingerprint) + len(row.mask) for row in rows)
        return {
            "bytes_per_image": round((stored + self.engine.library.nbytes) / max(1, len(rows))),
            "refused": len(self.refused),
        }


def benchmark() -> Benchmark:
    """The factory: `bench.py --factory imageguard.engine:benchmark --threshold 0.5`."""
    return Benchmark()

"""Finds edited copies of registered pictures. A library of its own: it knows no Django and no database.

    engine = Engine(source, folder)
    made = engine.register("img_1", picture)   # the caller stores made.fingerprint, made.mask, made.changed_masks
    engine.find(suspect)                       # → [Hit(id="img_1", score=0.97, tier=Tier.AUTOMATIC, …)]
    engine.explain(picture, suspect)           # what a reviewer sees

`docs/reference/copy-detection.md` says how it works and how well.
"""

from imageguard.engine.bench import benchmark
from imageguard.engine.distinctive import NotDistinctive, Reason
from imageguard.engine.edits import Edit
from imageguard.engine.engine import Engine, Hit, Registration
from imageguard.engine.explain import Explanation, Verdict
from imageguard.engine.fingerprints import Fingerprint, UnreadableFingerprint, fingerprint
from imageguard.engine.score import Tier
from imageguard.engine.shared import Mask
from imageguard.engine.source import Change, MemorySource, Source, Stored
from imageguard.engine.suspect import Suspect

__all__ = [
    "Change", "Edit", "Engine", "Explanation", "Fingerprint", "Hit", "Mask", "MemorySource", "NotDistinctive",
    "Reason", "Registration", "Source", "Stored", "Suspect", "Tier", "UnreadableFingerprint", "Verdict", "benchmark",
    "fingerprint",
]  # fmt: skip

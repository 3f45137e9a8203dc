"""The engine: register, find, explain, remove."""

import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TypeVar

from PIL import Image

from imageguard.engine import fastpath, fingerprints, images, score, shared, thresholds
from imageguard.engine.explain import Explanation, explain
from imageguard.engine.fingerprints import Fingerprint
from imageguard.engine.geometry import Doubles
from imageguard.engine.library import Library
from imageguard.engine.score import Tier
from imageguard.engine.shared import Mask
from imageguard.engine.source import Source
from imageguard.engine.suspect import Suspect, View
from imageguard.engine.verify import Evidence, verify

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class Hit:
    """An original that a picture copies, surely (`automatic`) or perhaps (`review`)."""

    id: str
    score: float  # 0..1; from 0.5 on automatic
    tier: Tier
    mirrored: bool
    #: (3, 3) original → suspect, after mirroring it left to right if `mirrored`; shares of the longest sides
    transform: Doubles
    parts: dict[str, float]
    evidence: Evidence = field(repr=False, compare=False)


@dataclass(frozen=True)
class Registration:
    """What is to be stored of a new original, and what its arrival changes."""

    id: str
    fingerprint: Fingerprint
    mask: Mask
    #: masks of other originals that share area with this one, to be stored in the same transaction
    changed_masks: dict[str, Mask]
    #: originals that the picture is a copy of, or that are a copy of it; nothing is masked because of them
    hits: list[Hit]


class Engine:
    """Copy detection over the originals of one source.

    `folder` holds the index, shared by all processes; None keeps it in memory. One engine serves one thread at a
    time; processes may share a folder freely.
    """

    def __init__(self, source: Source, folder: Path | None = None, *, threads: int | None = None) -> None:
        self.source = source
        self.threads = threads or min(2, os.cpu_count() or 1)
        self.library = Library(source, folder)

    # ------------------------------------------------------------------ the four
    def register(self, id: str, image: Image.Image | Fingerprint) -> Registration:
        """Fingerprint a new original and see what it shares with others. Stores nothing: the caller does.

        May be run again for an original that is on file. Raises NotDistinctive.
        """
        if isinstance(image, Fingerprint):
            made, suspect = image, Suspect.of_fingerprint(image)
        else:
            rgb = images.to_rgb(image)
            made, found_points = fingerprints.examine(rgb, image.size)
            suspect = Suspect(images.grey(rgb), found_points)
        self.refresh()
        by_id = {hit.id: hit for hit in self._search(suspect, everything=True, leave_out=(id,))}
        by_id |= {hit.id: hit for hit in self._near_identical(suspect.picture, (id,))}
        found = sorted(by_id.values(), key=lambda hit: -hit.score)
        own, changed = Mask(), {}
        for hit in found:
            ours = score.shared_area(hit.evidence)
            if hit.tier is Tier.AUTOMATIC or score.is_whole(hit.evidence) or not len(ours):
                continue
            mask = hit.evidence.mask.with_area(ours)
            if (mask.cells & ~hit.evidence.mask.cells).any():
                changed[hit.id] = mask
            h, w = suspect.picture.shape
            there = shared.other_side(ours, hit.transform, mirrored=hit.mirrored, width=w / max(h, w))
            own = own.with_area(there)
        return Registration(id, made, own, changed, [hit for hit in found if hit.tier is not Tier.NONE])

    def find(
        self,
        image: Image.Image | Fingerprint,
        *,
        limit: int = 10,
        leave_out: Collection[str] = (),
        thorough: bool = False,
    ) -> list[Hit]:
        """Originals that the picture copies, surest first.

        A near-identical copy is answered from its hash alone; `thorough` looks for further originals inside it.
        """
        self.refresh()
        if isinstance(image, Fingerprint):
            suspect: Suspect | None = Suspect.of_fingerprint(image)
            picture = image.copy
        else:
            picture = images.grey(images.to_rgb(image))
            suspect = None
        if min(picture.shape) < 16:
            return []
        quick = [] if thorough else self._near_identical(picture, leave_out)
        if quick:
            return quick[:limit]
        found = self._search(suspect or Suspect.of_grey(picture), leave_out=leave_out)
        return [hit for hit in found if hit.tier is not Tier.NONE][:limit]

    def explain(self, original: Image.Image, suspect: Image.Image, mask: bytes = b"") -> Explanation:
        """Why the one is held to be a copy of the other, for a person to see; `mask` as stored of the original."""
        return explain(original, suspect, Mask.from_bytes(mask))

    def remove(self, id: str) -> None:
        """Never find this original again in this process; the source makes it so everywhere and for good."""
        self.library.forget(id)

    # ------------------------------------------------------------------ keeping
    def refresh(self) -> None:
        """Catch up with the source. Called before every search; cheap when nothing changed."""
        self.library.refresh()

    def compact(self) -> None:
        """Write the index anew as one segment, without what was removed."""
        self.library.compact()

    def rebuild(self) -> None:
        """Make the index anew from the source."""
        self.library.rebuild()

    # ------------------------------------------------------------------ how
    def _near_identical(self, picture: images.Pixels, leave_out: Collection[str]) -> list[Hit]:
        near = [found for found in fastpath.look_up(picture, self.library.alike) if found[0] not in leave_out]
        stored = self.source.fetch([id for id, *_rest in near]) if near else {}
        hits = []
        for id, mirrored, turns, distance in near:
            if id not in stored:
                continue
            original = Fingerprint.from_bytes(stored[id].fingerprint)
            comparison, matrix = fastpath.compare(original, picture, mirrored=mirrored, turns=turns)
            evidence = Evidence(0, comparison, Mask.from_bytes(stored[id].mask), original.copy)
            if fastpath.is_same(comparison) and score.says_enough(evidence):
                parts = {"hash_distance": float(distance), "agreement": fastpath.agreement(comparison)}
                value = 1.0 - 0.25 * distance / thresholds.HASH_NEAR
                hits.append(Hit(id, value, Tier.AUTOMATIC, mirrored, matrix, parts, evidence))
        return sorted(hits, key=lambda hit: -hit.score)

    def _search(self, suspect: Suspect, *, everything: bool = False, leave_out: Collection[str] = ()) -> list[Hit]:
        """Every candidate that can be laid over the suspect, also those that prove nothing."""
        fewest = thresholds.FEWEST_VOTES_AT_REGISTRATION if everything else thresholds.FEWEST_VOTES

        def candidates(view: tuple[bool, View]) -> list[tuple[float, str, bool]]:
            found = self.library.candidates(view[1].query, thresholds.CANDIDATES + len(leave_out))
            return [(vote, id, view[0]) for id, vote in found if vote >= fewest and id not in leave_out]

        votes = sorted(chain.from_iterable(self._each(candidates, suspect.views)), reverse=True)[
            : thresholds.CANDIDATES
        ]
        stored = self.source.fetch([id for _vote, id, _mirrored in votes]) if votes else {}

        def judged(vote: tuple[float, str, bool]) -> Hit | None:
            number, id, mirrored = vote
            if id not in stored:
                return None
            original, mask = Fingerprint.from_bytes(stored[id].fingerprint), Mask.from_bytes(stored[id].mask)
            evidence = verify(original, mask, suspect.mirrored if mirrored else suspect.upright)
            if evidence is None:
                return None
            parts = score.parts(evidence)
            value = score.of_parts(parts)
            parts["votes"] = round(number, 2)
            return Hit(id, value, score.tier(value), mirrored, evidence.matrix, parts, evidence)

        best: dict[str, Hit] = {}
        for hit in self._each(judged, votes):
            if hit is not None and (hit.id not in best or hit.score > best[hit.id].score):
                best[hit.id] = hit
        return sorted(best.values(), key=lambda hit: -hit.score)

    def _each(self, do: Callable[[A], B], these: Sequence[A]) -> list[B]:
        """All of these done, on as many cores as the engine may use: NumPy and OpenCV work without the lock."""
        if self.threads < 2 or len(these) < 2:
            return [do(one) for one in these]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(do, these))

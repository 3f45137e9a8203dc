"""The engine: register, find, explain, remove."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from imageguard.engine import fastpath, fingerprint, images, score, shared, thresholds
from imageguard.engine.explain import Explanation, explain
from imageguard.engine.fingerprint import Fingerprint
from imageguard.engine.geometry import Doubles
from imageguard.engine.library import Library
from imageguard.engine.score import Tier
from imageguard.engine.shared import Mask
from imageguard.engine.source import Source
from imageguard.engine.suspect import Suspect
from imageguard.engine.verify import Evidence, verify


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

    def __init__(self, source: Source, folder: Path | None = None) -> None:
        self.source = source
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
            made, suspect = fingerprint.of_pixels(rgb, image.size), Suspect.of_pixels(rgb)
        self.refresh()
        found = [hit for hit in self._search(suspect, everything=True) if hit.id != id]
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
            evidence = Evidence(0, comparison, Mask.from_bytes(stored[id].mask))
            if fastpath.is_same(comparison) and score.says_enough(evidence):
                parts = {**score.parts(evidence), "hash_distance": float(distance)}
                value = 1.0 - 0.25 * distance / thresholds.HASH_NEAR
                hits.append(Hit(id, value, Tier.AUTOMATIC, mirrored, matrix, parts, evidence))
        return sorted(hits, key=lambda hit: -hit.score)

    def _search(self, suspect: Suspect, *, everything: bool = False, leave_out: Collection[str] = ()) -> list[Hit]:
        """Every candidate that can be laid over the suspect, also those that prove nothing."""
        most = thresholds.CANDIDATES_AT_REGISTRATION if everything else thresholds.CANDIDATES
        votes = [
            (value, id, mirrored)
            for mirrored, view in suspect.views
            for id, value in self.library.candidates(view.query, most + len(leave_out))
            if id not in leave_out
        ]
        votes = sorted(votes, reverse=True)[:most]
        stored = self.source.fetch([id for _v, id, _m in votes])
        best: dict[str, Hit] = {}
        for vote, id, mirrored in votes:
            if id not in stored or vote < thresholds.FEWEST_VOTES:
                continue
            original, mask = Fingerprint.from_bytes(stored[id].fingerprint), Mask.from_bytes(stored[id].mask)
            evidence = verify(original, mask, suspect.mirrored if mirrored else suspect.upright)
            if evidence is None:
                continue
            value = score.score(evidence)
            if id not in best or value > best[id].score:
                parts = {**score.parts(evidence), "votes": round(vote, 2)}
                best[id] = Hit(id, value, score.tier(value), mirrored, evidence.matrix, parts, evidence)
        return sorted(best.values(), key=lambda hit: -hit.score)

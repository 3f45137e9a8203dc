"""The engine: register, find, explain, remove."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

from PIL import Image

from imageguard.engine import fastpath, fingerprints, images, process, score, shared, thresholds
from imageguard.engine.evidence import Evidence
from imageguard.engine.explain import Explanation, explain
from imageguard.engine.fingerprints import Fingerprint
from imageguard.engine.geometry import Doubles
from imageguard.engine.library import Library
from imageguard.engine.score import Tier
from imageguard.engine.shared import Mask
from imageguard.engine.source import Source
from imageguard.engine.suspect import Suspect, View
from imageguard.engine.verify import verify

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


class Candidate(NamedTuple):
    """An original that may be meant. They sort by votes."""

    votes: float
    id: str
    mirrored: bool


class Engine:
    """Copy detection over the originals of one source.

    `folder` holds the index, shared by all processes; None keeps it in memory. One engine serves one thread at a
    time; processes may share a folder freely.
    """

    def __init__(self, source: Source, folder: Path | None = None, *, threads: int | None = None) -> None:
        self.source = source
        self.threads = threads or process.CORES
        self.library = Library(source, folder)
        process.settle()

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
            suspect = Suspect(rgb, found_points)
        self.refresh()
        by_id = {hit.id: hit for hit in self._search(suspect, at_registration=True, leave_out=(id,))}
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
        image: Image.Image | Fingerprint | Suspect,
        *,
        limit: int = 10,
        leave_out: Collection[str] = (),
        thorough: bool = False,
        candidates: int | None = None,
    ) -> list[Hit]:
        """Originals that the picture copies, surest first.

        A near-identical copy is answered from its hash alone, and with a sure copy the search ends after the first
        `candidates`, of which those with a small part of its votes are not looked at; `thorough` looks for further originals
        inside the picture all the same. Who asks more than once about one picture makes it a `Suspect` first: what was
        computed of it is kept there. `candidates` is how many are judged before it is asked whether that is enough (default:
        `thresholds.CANDIDATES`).
        """
        self.refresh()
        suspect = Suspect.of(image)
        if min(suspect.picture.shape) < 16:
            return []
        quick = [] if thorough else self._near_identical(suspect.picture, leave_out)
        if quick:
            return quick[:limit]
        found = self._search(suspect, leave_out=leave_out, limit=limit, thorough=thorough, judge=candidates)
        return [hit for hit in found if hit.tier is not Tier.NONE][:limit]

    def near_identical(
        self, image: Image.Image | Fingerprint | Suspect, *, most: int = thresholds.HASH_MOST
    ) -> list[Hit]:
        """Up to `most` originals that are the whole picture, surest first: by their hash alone, in some milliseconds."""
        self.refresh()
        suspect = Suspect.of(image)
        return [] if min(suspect.picture.shape) < 16 else self._near_identical(suspect.picture, (), most)

    def judge(self, image: Image.Image | Fingerprint | Suspect, ids: Sequence[str]) -> list[Hit]:
        """Which of these originals the picture copies, surest first; none is looked for."""
        suspect = Suspect.of(image)
        best: dict[str, Hit] = {}
        both_ways = [Candidate(0.0, id, mirrored) for id in ids for mirrored in (False, True)]
        for hit in self._judged(suspect, both_ways, self.threads):
            if hit.tier is not Tier.NONE and (hit.id not in best or hit.score > best[hit.id].score):
                best[hit.id] = hit
        return sorted(best.values(), key=lambda hit: -hit.score)

    def explain(self, original: Image.Image, suspect: Image.Image | Suspect, mask: bytes = b"") -> Explanation:
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
    def _near_identical(
        self, picture: images.Pixels, leave_out: Collection[str], most: int = thresholds.HASH_MOST
    ) -> list[Hit]:
        near = [found for found in fastpath.look_up(picture, self.library.alike, most) if found[0] not in leave_out]
        stored = self.source.fetch([id for id, *_rest in near]) if near else {}
        hits = []
        for id, mirrored, turns, distance in near:
            if id not in stored:
                continue
            original = Fingerprint.from_bytes(stored[id].fingerprint)
            comparison, matrix = fastpath.compare(original, picture, mirrored=mirrored, turns=turns)
            evidence = Evidence(0, Mask.from_bytes(stored[id].mask), original.copy, comparison)
            if fastpath.is_same(comparison) and score.says_enough(evidence):
                parts = {"hash_distance": float(distance), "agreement": fastpath.agreement(comparison)}
                value = 1.0 - 0.25 * distance / thresholds.HASH_NEAR
                hits.append(Hit(id, value, Tier.AUTOMATIC, mirrored, matrix, parts, evidence))
        return sorted(hits, key=lambda hit: -hit.score)

    def _search(
        self,
        suspect: Suspect,
        *,
        at_registration: bool = False,
        leave_out: Collection[str] = (),
        limit: int = thresholds.MOST_CANDIDATES,
        thorough: bool = True,
        judge: int | None = None,
    ) -> list[Hit]:
        """Every candidate that was laid over the suspect, also those that prove nothing, surest first."""
        fewest = thresholds.FEWEST_VOTES_AT_REGISTRATION if at_registration else thresholds.FEWEST_VOTES
        enough = judge or thresholds.CANDIDATES
        most = enough if at_registration else thresholds.MOST_CANDIDATES

        def candidates(view: tuple[bool, View]) -> list[Candidate]:
            found = self.library.candidates(view[1].query, most + len(leave_out))
            return [Candidate(votes, id, view[0]) for id, votes in found if votes >= fewest and id not in leave_out]

        # Nobody waits for one registration, and a worker on each core does another: two threads made it a quarter more work.
        threads = 1 if at_registration else self.threads
        todo = sorted(chain.from_iterable(_each(candidates, suspect.views, threads)), reverse=True)[:most]
        best: dict[str, Hit] = {}
        judged = lain = 0
        while judged < len(todo):
            ahead = enough - judged % enough
            if not thorough:
                ahead = min(ahead, self.threads)
            wave = todo[judged : judged + ahead]
            # What a new original shares with others is masked, so there a closer look is never in vain.
            laid = self._judged(suspect, wave, threads, always_closely=at_registration)
            judged += len(wave)
            lain += len(laid)
            for hit in laid:
                if hit.id not in best or hit.score > best[hit.id].score:
                    best[hit.id] = hit
            told = [hit for hit in best.values() if hit.tier is not Tier.NONE]
            sure = [hit for hit in told if hit.score >= thresholds.SURE and not thorough]
            if sure and judged < len(todo):
                surest = max(sure, key=lambda hit: hit.score)
                if todo[judged].votes < thresholds.FAR_BEHIND * surest.parts["votes"]:
                    break
            if judged % enough == 0:
                # Where most lie on the suspect they share a template, and the right one may be behind them.
                crowded = lain > thresholds.CROWDED * enough
                if len(told) >= limit or not crowded or sure:
                    break
                lain = 0
        return sorted(best.values(), key=lambda hit: -hit.score)

    def _judged(
        self, suspect: Suspect, candidates: Sequence[Candidate], threads: int, *, always_closely: bool = True
    ) -> list[Hit]:
        """Those of the candidates that can be laid over the suspect."""
        stored = self.source.fetch([candidate.id for candidate in candidates])
        views = dict(suspect.views)  # made before several threads ask for them

        def judged(candidate: Candidate) -> Hit | None:
            if candidate.id not in stored:
                return None
            row = stored[candidate.id]
            original, mask = Fingerprint.from_bytes(row.fingerprint), Mask.from_bytes(row.mask)
            found = verify(original, mask, views[candidate.mirrored], always_closely=always_closely)
            if found is None:
                return None
            parts = {**found.parts, "votes": round(candidate.votes, 2)}
            tier, matrix = score.tier(found.score), found.evidence.matrix
            return Hit(candidate.id, found.score, tier, candidate.mirrored, matrix, parts, found.evidence)

        return [hit for hit in _each(judged, candidates, threads) if hit is not None]


def _each(do: Callable[[A], B], these: Sequence[A], threads: int) -> list[B]:
    """All of these done, in so many threads: NumPy and OpenCV work without the lock."""
    if threads < 2 or len(these) < 2:
        return [do(one) for one in these]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(do, these))

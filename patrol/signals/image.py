"""Pictures: which listings show an official picture or cover, as `imageguard` saw it; nothing is compared here.

Whoever sells the genuine book shows its cover too, so that a picture alone tells no pirate. It says that the listing is
about these goods although no word of it does; price, words and seller say the rest. So its strength is how sure it is
that the official picture is shown, and how much it looks like the publisher's own file rather than a photograph of a
copy that the seller has in its hands:

| seen | strength |
| --- | --- |
| surely (`automatic`), score .5 … 1 | .7 … 1 |
| surely, but as a photograph of it: tilted, the whole of it elsewhere than in the file | half of that |
| perhaps (`review`), score .08 … .5 | .1 … .3 |

Of several pictures of one profile in a listing the strongest of each signal counts.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from imageguard import official
from imageguard.models import Appearance, Collection, Original, Sighting
from imageguard.official import Known
from imageguard.seeing import allowed
from marketplace.models import Target
from patrol.models import OfficialImage
from patrol.signals import Seen, Sights

COVER, OFFICIAL, ORIGINAL = "image.cover", "image.official", "image.original"
SURE_FROM, PERHAPS_FROM = 0.5, 0.08
#: a photograph of the goods themselves, which who has them makes
PHOTOGRAPHED = "tilted"
PHOTOGRAPHED_COUNTS = 0.5
#: of one listing, so many of its images are asked about
CHUNK = 500


def see(targets: Sequence[Target], profiles: Container[int]) -> Sights:
    """Which official pictures of these profiles (by their keys) each listing shows now.

    Targets that are not saved show nothing that was looked at; see `see_picture`. Two queries for 500 targets.
    """
    places = {target.pk: place for place, target in enumerate(targets) if target.pk is not None}
    seen: Sights = {}
    keys = list(places)
    for start in range(0, len(keys), CHUNK):
        rows = (
            Appearance.objects.current()
            .filter(target__in=keys[start : start + CHUNK], image__sightings__isnull=False)
            .values_list(
                "target_id", "image__public_id", "image__sightings__picture__subject", "image__sightings__score",
                "image__sightings__tier", "image__sightings__edits", "image__sightings__is_mirrored",
                "image__sightings__sha256",
            )
        )  # fmt: skip
        found = list(rows)
        images = _images({row[2] for row in found}, profiles)
        for target, image, subject, score, tier, edits, mirrored, sha256 in found:
            if subject in images:
                profile, is_cover = images[subject]
                one = _seen(subject, is_cover, score, tier, edits, mirrored, image=image, copy=sha256)
                _keep(seen.setdefault((places[target], profile), []), one)
    return seen


def see_picture(
    picture: Any, target: Target, profiles: Container[int], *, seconds: float
) -> tuple[dict[int, list[Seen]], list[Seen]]:
    """What one picture of a target shows that stands nowhere yet: official pictures, by key of the profile, and certified
    originals that its shop may not use.

    It was decoded in the limited worker. It is compared for `seconds` and some more: `imageguard.official.search`.
    """
    known = official.search(picture, seconds=seconds)
    return _official_among(known, profiles), _originals_among(known, target)


def _official_among(known: Sequence[Known], profiles: Container[int]) -> dict[int, list[Seen]]:
    hits = [hit for hit in known if hit.collection == Collection.OFFICIAL]
    images = _images({hit.id for hit in hits}, profiles)
    seen: dict[int, list[Seen]] = {}
    for hit in hits:
        if hit.id in images:
            profile, is_cover = images[hit.id]
            one = _seen(hit.id, is_cover, hit.score, hit.tier, [], hit.is_mirrored)
            _keep(seen.setdefault(profile, []), one)
    return seen


def _originals_among(known: Sequence[Known], target: Target) -> list[Seen]:
    """Only what is surely a copy, and neither the holder's own offer nor that of a shop that it allows."""
    hits = {
        hit.id: hit for hit in known if hit.collection == Collection.ORIGINALS and hit.tier == Sighting.Tier.AUTOMATIC
    }
    originals = list(Original.objects.filter(public_id__in=hits).order_by("pk")) if hits else []
    may = {original for original, _target in allowed(originals, [target])}
    return [
        Seen(ORIGINAL, 1.0, {
            "original": original.public_id, "certificate": original.number if original.is_public else "",
            "score": round(hits[original.public_id].score, 3), "is_mirrored": hits[original.public_id].is_mirrored,
        })
        for original in originals
        if original.pk not in may
    ]  # fmt: skip


def strength(score: float, tier: str, edits: Iterable[str] = ()) -> float:
    """How much it says, 0..1: see the table above."""
    if tier != Sighting.Tier.AUTOMATIC:
        share = (score - PERHAPS_FROM) / (SURE_FROM - PERHAPS_FROM)
        return 0.1 + 0.2 * min(1.0, max(0.0, share))
    sure = 0.7 + 0.3 * min(1.0, max(0.0, (score - SURE_FROM) / (1 - SURE_FROM)))
    return sure * PHOTOGRAPHED_COUNTS if PHOTOGRAPHED in edits else sure


def _images(subjects: set[str], watched: Container[int]) -> Mapping[str, tuple[int, bool]]:
    rows = OfficialImage.objects.filter(public_id__in=subjects) if subjects else OfficialImage.objects.none()
    return {
        public_id: (profile, is_cover)
        for public_id, profile, is_cover in rows.values_list("public_id", "profile_id", "is_cover")
        if profile in watched
    }


def _seen(
    subject: str,
    is_cover: bool,
    score: float,
    tier: str,
    edits: Sequence[str],
    is_mirrored: bool,
    *,
    image: str = "",
    copy: str = "",
) -> Seen:
    """`copy` is the SHA-256 of what was seen: listings that show the very same are copies of each other."""
    data = {
        "official": subject, "image": image, "score": round(score, 3), "tier": tier, "edits": list(edits),
        "is_mirrored": is_mirrored, "copy": copy,
    }  # fmt: skip
    return Seen(COVER if is_cover else OFFICIAL, strength(score, tier, edits), data)


def _keep(kept: list[Seen], one: Seen) -> None:
    """The strongest of each signal."""
    same = next((n for n, other in enumerate(kept) if other.signal == one.signal), None)
    if same is None:
        kept.append(one)
    elif one.strength > kept[same].strength:
        kept[same] = one

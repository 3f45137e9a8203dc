"""Search by image: what on the connected marketplaces shows a picture, or an edited copy of it.

The mirror shows what is public anyway, so that every signed-in person may search it. The picture is decoded in the
limited worker and kept nowhere.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, FloatField, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from PIL import Image

from core import files, imaging
from core.errors import Invalid, NotYours
from core.models import FilePurpose
from core.pace import keep_pace
from imageguard import explanations, index
from imageguard.engine import Hit, NotDistinctive, Reason, fingerprint
from imageguard.models import Appearance, Collection, Original, SeenImage
from imageguard.showing import picture_from, picture_of
from imageguard.watching import LOOKED_PX
from marketplace import thumbnails
from marketplace.links import links_of
from marketplace.models import Target

#: searches of one person in a minute
MOST_A_MINUTE = 20
MOST_FOUND = 60
#: own originals in the list to choose from; any other picture can be uploaded
MOST_OFFERED = 200
#: pictures that are looked for among those of the marketplaces; one may stand in many listings
MOST_HITS = 200
#: images of one listing that show the same picture, as far as they are counted
MOST_IN_ONE = 9
#: and they are looked for as long as a page can wait
SEARCH_SECONDS = 3.0
#: what was done to a picture is said of those that we kept a copy of, as long as a page can wait
EDITS_SECONDS = 3.0
#: why a picture cannot be searched
_FRUITLESS = {
    Reason.FLAT: _("The picture shows hardly anything, so that it cannot be searched. Send one of the product itself."),
    Reason.TEXT: _("The picture shows only text, so that it cannot be searched. Send one of the product itself."),
    Reason.SMALL: _("The picture is too small to be searched. Send it in its full size."),
}


@dataclass(frozen=True)
class Showing:
    """A listing, video or livestream that shows a picture."""

    target: Target
    image: SeenImage
    seconds: int | None
    position: int
    #: 0..1; from 0.5 on it is sure
    score: float
    tier: str
    is_mirrored: bool
    #: codes of the engine; empty where we have no copy of what was seen
    edits: tuple[str, ...]
    link: str

    @property
    def percent(self) -> int:
        return int(self.score * 100)

    @property
    def is_sure(self) -> bool:
        return self.tier == "automatic"

    @property
    def edits_in_words(self) -> list[str]:
        return explanations.edits_in_words(self.edits)

    @property
    def thumbnail(self) -> str:
        """Where our pages show the picture as it stands there; "" for frames of films."""
        return "" if self.seconds is not None else thumbnails.href(self.target, self.position)


def picture_in(upload: Any, *, by: Any) -> Image.Image:
    """The picture of an upload, to search by. Raises Invalid, TooLarge, Busy, TooOften."""
    keep_pace(what="search-by-image", who=by.public_id, most=MOST_A_MINUTE)
    data = files.read_upload(upload)
    files.check(data, purpose=FilePurpose.PICTURE)
    return picture_from(imaging.decode(data, preview_px=LOOKED_PX).preview)


def picture_of_own(original_id: str, *, by: Any) -> Image.Image:
    """The picture of an own original, to search by. Raises NotYours, TooOften."""
    keep_pace(what="search-by-image", who=by.public_id, most=MOST_A_MINUTE)
    original = Original.objects.visible_to(by).select_related("image").filter(public_id=original_id).first()
    if original is None:
        raise NotYours()
    return picture_of(original.image)


def require_searchable(picture: Image.Image) -> None:
    """Asked of a picture for which nothing was found: that nothing is like it may be said only of one that can be told
    from others. Raises Invalid (field `file`).
    """
    try:
        fingerprint(picture)
    except NotDistinctive as nothing:
        raise Invalid(_FRUITLESS[nothing.reason], field="file") from nothing


def own_originals(user: Any) -> QuerySet[Original]:
    """The certified originals that somebody can search by, newest first."""
    if user.membership is None:
        return Original.objects.none()
    return Original.objects.certified().visible_to(user).order_by("-pk")[:MOST_OFFERED]


def listings_that_show(picture: Image.Image, *, limit: int = MOST_FOUND) -> list[Showing]:
    """What shows this picture now, surest first; each listing once, with the image of it that is most alike.

    Raises Invalid for a picture that cannot be searched.
    """
    alike = index.find_all(Collection.MARKET, picture, most=MOST_HITS, seconds=SEARCH_SECONDS)
    if not alike:
        require_searchable(picture)
    hits = {hit.id: hit for hit in alike}
    found = _shown(hits, limit)
    edits = _edits(picture, {row.image.public_id: row.image for row in found}.values(), hits)
    links = links_of([(row.target, row.seconds) for row in found])
    return [
        Showing(
            target=row.target, image=row.image, seconds=row.seconds, position=row.position,
            score=hits[row.image.public_id].score, tier=hits[row.image.public_id].tier.value,
            is_mirrored=hits[row.image.public_id].mirrored, edits=edits.get(row.image.public_id, ()), link=link,
        )
        for row, link in zip(found, links, strict=True)
    ]  # fmt: skip


def _shown(hits: Mapping[str, Hit], limit: int) -> list[Appearance]:
    """The first of what shows these images now, surest first; thousands of listings may show one of them."""
    scores = [When(image__public_id=public_id, then=Value(hit.score)) for public_id, hit in hits.items()]
    if not scores:
        return []
    shown = Appearance.objects.current().filter(image__public_id__in=hits)
    rows = shown.select_related("image__file", "target__shop", "target__marketplace")
    surest = rows.order_by(Case(*scores, output_field=FloatField()).desc(), "pk")
    best: dict[int, Appearance] = {}
    for row in surest[: limit * MOST_IN_ONE]:
        best.setdefault(row.target_id, row)
    return list(best.values())[:limit]


def _edits(picture: Image.Image, images: Iterable[SeenImage], hits: dict[str, Hit]) -> dict[str, tuple[str, ...]]:
    """By image, what was done to the picture there. A hit itself is read the other way round: it lies in the index."""
    until = time.monotonic() + EDITS_SECONDS
    said: dict[str, tuple[str, ...]] = {}
    engine = index.engine(Collection.MARKET)
    for image in images:
        if image.file is not None and time.monotonic() < until:
            made = engine.explain(picture, picture_of(image.file))
            said[image.public_id] = tuple(edit.value for edit in made.edits)
        elif hits[image.public_id].mirrored:
            said[image.public_id] = ("mirrored",)
    return said

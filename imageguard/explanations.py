"""Why one picture is held to copy another, for people: the edits and the score in words, and the pictures that show it.

Used by the pages of the holders and by those of staff. What was found stands in the rows of matches and conflicts;
the pictures are laid on each other by a worker as soon as it is found, and kept privately (`Explanation`).
"""

import hashlib
import io
import logging
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import is_reviewer
from core import clock, files, media
from core.errors import Forbidden
from core.models import FilePurpose, PrivateFile
from core.obligations import suspects_last
from core.outbox import hint
from core.retries import retry_given_up
from imageguard import index
from imageguard.engine import Edit
from imageguard.models import Collection, Conflict, Explanation, Match
from imageguard.showing import as_jpeg, picture_of, remember, remembered
from marketplace.errors import NoPicture, PictureLater

log = logging.getLogger("ippro.imageguard")

SHOWN_PX = 720
#: few at a time: each takes some tenths of a second
BATCH = 8
LEASE = timedelta(seconds=30)
MOST_BYTES = 16 * 1024 * 1024


# --- in words ----------------------------------------------------------------------------------------

EDITS: dict[str, str | Promise] = {
    Edit.MIRRORED: gettext_lazy("mirrored left to right"),
    Edit.ROTATED: gettext_lazy("turned"),
    Edit.CROPPED: gettext_lazy("cut: a part is missing"),
    Edit.IN_COLLAGE: gettext_lazy("put into a collage beside other pictures"),
    Edit.FRAMED: gettext_lazy("put into a frame or onto a larger ground"),
    Edit.BACKGROUND_REPLACED: gettext_lazy("put before another background"),
    Edit.OVERLAID: gettext_lazy("covered in places by text, stickers or banners"),
    Edit.RECOLOURED: gettext_lazy("its colours changed"),
    Edit.GREYSCALE: gettext_lazy("its colours taken out"),
    Edit.TILTED: gettext_lazy("seen aslant, as when a screen is photographed"),
    Edit.STRETCHED: gettext_lazy("stretched or squeezed"),
    Edit.BLURRED: gettext_lazy("blurred"),
    Edit.RESIZED: gettext_lazy("in another size"),
    Edit.RE_ENCODED: gettext_lazy("saved anew"),
}


def edits_in_words(codes: Iterable[str]) -> list[str]:
    """What was done to the original, most telling first; a code that has no words yet is shown as it is."""
    return [str(EDITS.get(code, code.replace("_", " "))) for code in codes]


def sentence(case: Match | Conflict) -> str:
    """One sentence: what the engine holds the picture to be."""
    words = edits_in_words(case.edits)
    if not words:
        return _("The same picture.")
    return _("The same picture, %(edits)s.") % {"edits": _(", ").join(words)}


@dataclass(frozen=True)
class Part:
    """One part of a score: what it says, and how strongly it speaks for a copy."""

    name: str
    label: str
    text: str
    share_ratio: float

    @property
    def percent(self) -> int:
        return round(self.share_ratio * 100)


def score_in_words(score: float) -> str:
    """A score with what it means: from .5 on the engine is sure by itself."""
    percent = round(score * 100)
    if score >= 0.5:
        return _("%(percent)d of 100: sure. From 50 on a copy is reported by itself.") % {"percent": percent}
    return _("%(percent)d of 100: not sure. Below 50 a person decides.") % {"percent": percent}


def parts_in_words(parts: Mapping[str, Any]) -> list[Part]:
    """The parts of a score, the weightiest first; what has no words is left out."""
    said = []
    for name, (label, text, most, is_reversed) in _PARTS.items():
        value = parts.get(name)
        if not isinstance(value, int | float):
            continue
        ratio = min(1.0, max(0.0, float(value) / most))
        shown = {"percent": round(float(value) * 100), "number": round(float(value)), "value": f"{float(value):.1f}"}
        said.append(Part(name, str(label), str(text) % shown, 1 - ratio if is_reversed else ratio))
    return said


#: parts that say nothing to people: whether it is a photo at all, what of it others share, what would agree without stickers,
#: how the original was come by
UNTOLD = frozenset({"soft", "unshared", "own", "uncovered", "shared", "votes"})
#: by part: its name, what it says, which value fills its bar, and whether small values are the strong ones
_PARTS: dict[str, tuple[Any, Any, float, bool]] = {
    "agreement": (
        gettext_lazy("Agreement"), gettext_lazy("%(percent)d %% of what can be compared shows the same."), 1, False,
    ),
    "middle": (
        gettext_lazy("Middle"), gettext_lazy("In the middle of it, beside stickers and type, %(percent)d %% shows the same."), 1, False,
    ),
    "contradiction": (
        gettext_lazy("No contradiction"),
        gettext_lazy("Inside the outline of what agrees, %(percent)d %% contradicts it, stickers and type left aside."), 1, True,
    ),
    # A tenth is too much already.
    "foreign": (
        gettext_lazy("Nothing else in it"),
        gettext_lazy(
            "Inside the outline of what agrees, %(percent)d %% shows another photograph. The more it is, the likelier they"
            " share a ground alone."
        ),
        0.2, True,
    ),
    "gone": (
        gettext_lazy("Nothing gone"),
        gettext_lazy("Inside the outline of what agrees, %(percent)d %% shows a thing that is gone from the copy."), 0.2, True,
    ),
    "heart": (
        gettext_lazy("Centre"), gettext_lazy("Of the centre of the original, %(percent)d %% was found again."), 1, False,
    ),
    "area": (gettext_lazy("Area"), gettext_lazy("%(percent)d %% of the original was found again."), 1, False),
    "likeness": (
        gettext_lazy("Likeness"), gettext_lazy("Where both show the same, they are alike to %(percent)d %%."), 1, False,
    ),
    "detail": (
        gettext_lazy("Fine detail"),
        gettext_lazy("In threads, grains and edges they are alike to %(percent)d %%: another photo would not be."),
        1, False,
    ),
    "points": (
        gettext_lazy("Points"), gettext_lazy("%(number)d marked points lie where they must lie."), 100, False,
    ),
    "drift": (
        gettext_lazy("Exactness"),
        gettext_lazy("Laid on each other, their parts are %(value)s thousandths of the picture apart."), 9, True,
    ),
    "tone": (
        gettext_lazy("Light"),
        gettext_lazy("Equal tones stay equal up to %(value)s grey levels: in another photo the light falls differently."),
        20, True,
    ),
    "hash_distance": (
        gettext_lazy("Fingerprint"),
        gettext_lazy("The fingerprints of the whole pictures differ in %(number)d of 256 places."), 60, True,
    ),
}  # fmt: skip


# --- in pictures -------------------------------------------------------------------------------------


class View(StrEnum):
    """The pictures of an explanation."""

    ORIGINAL = "original"
    SUSPECT = "suspect"
    SIDE_BY_SIDE = "side-by-side"
    WARPED = "warped"
    OVERLAY = "overlay"


CAPTIONS: dict[str, str | Promise] = {
    View.ORIGINAL: gettext_lazy("The original"),
    View.SUSPECT: gettext_lazy("What was found"),
    View.SIDE_BY_SIDE: gettext_lazy("Original and find; the frame shows where the original lies"),
    View.WARPED: gettext_lazy("The find, laid onto the original"),
    View.OVERLAY: gettext_lazy("Green: both show the same. Red: they differ. Grey: many pictures share it, so it does not count."),
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Two pictures of which the second is held to copy the first; `original_id` is what the index knows the first by."""

    collection: str
    original_id: str
    original: PrivateFile | None
    suspect: PrivateFile | None


@dataclass(frozen=True)
class Shown:
    """One picture of an explanation, ready for a page."""

    view: str
    url: str
    caption: str


#: what a conflict needs for `pair_of`
SHOWS = ("original__image", "rival__image", "rival_image__file")


def pair_of(case: Match | Conflict) -> Pair:
    """The pictures that a match or a conflict is about. In a conflict the new original is what may copy the earlier."""
    if isinstance(case, Match):
        return Pair(Collection.ORIGINALS, case.original.public_id, case.original.image, case.evidence)
    if case.rival is not None:
        return Pair(Collection.ORIGINALS, case.rival.public_id, case.rival.image, case.original.image)
    seen = case.rival_image
    subject, file = (seen.public_id, seen.file) if seen is not None else ("", None)
    return Pair(Collection.MARKET, subject, file, case.original.image)


def can_be_shown(case: Match | Conflict) -> bool:
    """Whether both pictures are there: of what was seen on a marketplace we may have no copy."""
    pair = pair_of(case)
    return pair.original is not None and pair.suspect is not None


def shown(case: Match | Conflict, *views: str) -> list[Shown]:
    """Links to the pictures of an explanation (default: all); none if one of the pair is missing.

    Whoever opens one is asked again whether they may see the case.
    """
    if not can_be_shown(case):
        return []
    name = "originals:match-picture" if isinstance(case, Match) else "originals:conflict-picture"
    return [
        Shown(view, reverse(name, args=[case.public_id, view]), capfirst(str(CAPTIONS[view])))
        for view in views or tuple(View)
    ]


def is_drawn(case: Match | Conflict) -> bool:
    """Whether the pictures of an explanation are there; until then a worker is at it."""
    row = _row(pair_of(case))
    return row is not None and row.drawn_id is not None


def is_given_up(case: Match | Conflict) -> bool:
    """Whether the pictures could not be drawn however often it was tried; staff have been shown that."""
    row = _row(pair_of(case))
    return row is not None and row.dead_at is not None


def picture(case: Match | Conflict, view: str, *, draws: bool = False) -> bytes:
    """One picture of an explanation, as JPEG. Raises NoPicture, PictureLater.

    Nobody is kept waiting for it: a worker draws what is not there yet, unless who asks is one (`draws`). Whoever
    calls has checked that this person may see the case.
    """
    pair = pair_of(case)
    if pair.original is None or pair.suspect is None or view not in CAPTIONS:
        raise NoPicture()
    name = name_of(pair)
    found = remembered(f"{name}-{view}")
    if found is not None:
        return found
    row = _row(pair)
    if row is None:
        owe([case])
        row = _row(pair)
    if row is not None and row.drawn is None and draws:
        draw(row)
    if row is None or row.drawn is None:
        raise PictureLater()
    return _drawn(row)[view]


def name_of(pair: Pair) -> str:
    """What one pair of pictures is known by."""
    files = [file.sha256 for file in (pair.original, pair.suspect) if file is not None]
    return hashlib.sha256(" ".join(files).encode()).hexdigest()


def _row(pair: Pair) -> Explanation | None:
    return Explanation.objects.filter(pair=name_of(pair)).select_related("drawn").first()


# --- drawing -----------------------------------------------------------------------------------------


@transaction.atomic
def owe(cases: Iterable[Match | Conflict]) -> None:
    """Owe these matches and conflicts their pictures, each pair once; those of which a picture is missing have none."""
    pairs = {
        name_of(pair): pair for pair in map(pair_of, cases) if pair.original is not None and pair.suspect is not None
    }
    Explanation.objects.bulk_create(
        [
            Explanation(
                pair=name, collection=pair.collection, subject=pair.original_id, original=pair.original,
                suspect=pair.suspect, due_at=clock.now(),
            )
            for name, pair in sorted(pairs.items())
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if pairs:
        hint("imageguard.tasks.draw_due", queue="images")


def draw_due(limit: int = BATCH) -> int:
    """Draw up to `limit` explanations that are due; returns how many were tried."""
    claimed = Explanation.objects.select_related("original", "suspect").claim(limit, lease=LEASE)
    for row in suspects_last(claimed):
        if not row.begin(lease=LEASE):
            continue
        try:
            draw(row)
        except Exception as failure:  # one that cannot be drawn stops no other
            log.exception("%s could not be drawn", row.public_id)
            row.put_off(f"{type(failure).__name__}: {failure}", permanent=isinstance(failure, NoPicture))
            if isinstance(failure, SoftTimeLimitExceeded):
                raise
    if len(claimed) == limit:
        hint("imageguard.tasks.draw_due", queue="images")
    return len(claimed)


def draw(row: Explanation) -> Explanation:
    """Lay the two pictures of an explanation on each other and keep what that shows. Raises NoPicture."""
    try:
        original, suspect = picture_of(row.original), picture_of(row.suspect)
    except OSError as lost:
        raise NoPicture() from lost
    mask = index.mask_of(collection=row.collection, subject=row.subject)
    made = index.engine(row.collection).explain(original, suspect, mask)
    suspect.thumbnail((SHOWN_PX, SHOWN_PX))
    pictures = {
        View.ORIGINAL: made.original, View.SUSPECT: suspect, View.SIDE_BY_SIDE: made.side_by_side,
        View.WARPED: made.warped, View.OVERLAY: made.overlay,
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for view, image in pictures.items():
            archive.writestr(f"{view}.jpg", as_jpeg(image))
    row.drawn = files.keep_in_pieces(
        upload=ContentFile(out.getvalue(), name="explanation.zip"), purpose=FilePurpose.PICTURE, kind=media.ZIP,
        most_bytes=MOST_BYTES, by=None, organisation=None,
    )  # fmt: skip
    Explanation.objects.filter(pk=row.pk).update(
        drawn=row.drawn, due_at=None, done_at=clock.now(), leased_until=None, dead_at=None, last_error=""
    )
    return row


def _drawn(row: Explanation) -> dict[str, bytes]:
    """Every picture of an explanation that was drawn; kept together, since a page shows them together. Raises NoPicture."""
    assert row.drawn is not None
    try:
        with zipfile.ZipFile(io.BytesIO(files.read(row.drawn))) as archive:
            pictures = {view.value: archive.read(f"{view}.jpg") for view in View}
    except OSError as lost:
        raise NoPicture() from lost
    remember({f"{row.pair}-{view}": data for view, data in pictures.items()})
    return pictures


def retry_drawing(*, row: Explanation, by: User) -> None:
    """Staff have an explanation that was given up drawn once more. Raises Forbidden, NotDead."""
    if not is_reviewer(by):
        raise Forbidden()
    task = "imageguard.tasks.draw_due"
    retry_given_up(row=row, by=by, kind="explanation.retried", subject=row.public_id, task=task, queue="images")

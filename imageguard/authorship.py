"""Proof of authorship: the unedited file straight from the camera, and what it says for and against the claim.

What is read of it becomes findings, each for the claim, against it, or neither. They decide nothing: whoever settles a
conflict weighs them, and the holder reads the same words. The file is kept privately, is decoded in the limited worker
alone, and neither the place where it was taken nor any number of the device is ever written down by us.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock, files, imaging, ledger, media
from core.errors import Forbidden, Invalid, TooLarge, WrongState
from core.imaging import Decoded
from core.lifecycle import lock
from core.models import FilePurpose, PrivateFile
from imageguard import index, pace
from imageguard.engine import Edit, Explanation, Tier
from imageguard.explanations import edits_in_words
from imageguard.lifecycle import holder
from imageguard.models import Appearance, CameraOriginal, Collection, Fingerprint, Original, SeenImage
from imageguard.seeing import is_of
from imageguard.showing import picture_from, picture_of
from imageguard.watching import search_market

#: camera originals of one image
MAX_CAMERA_ORIGINALS = 5
#: a camera without a time zone may be that far off without meaning it (UTC-12 to UTC+14), and its clock a little
CLOCK_SLACK = timedelta(hours=26)
#: a view that is larger or smaller by less than this is the same view
WHOLE_RATIO = 0.95
#: edits that a registered image has often undergone on its way from the camera, and that are worth telling
_TOLD_EDITS = (
    Edit.MIRRORED, Edit.ROTATED, Edit.BACKGROUND_REPLACED, Edit.OVERLAID, Edit.RECOLOURED,
)  # fmt: skip

Finding = dict[str, Any]
FOR, AGAINST, NEITHER = "for", "against", "neither"
#: the code of what staff alone are told
ELSEWHERE = "was_handed_in_by_others"


# --- adding --------------------------------------------------------------------------------------------------


def add_camera_original(*, original: Original, by: User, upload: Any) -> CameraOriginal:
    """Keep the camera original (JPEG, HEIC, DNG) of an image privately, and read what it says.

    A file that shows something else is kept as well, and its reading says so. The same file again is the same row.
    Raises Forbidden, WrongState, Invalid, TooLarge (field `file`), Busy, TooOften.
    """
    _may_add(original, by)
    kind, sha256 = _checked(upload)
    if known := original.camera_originals.filter(file__sha256=sha256).first():
        return known
    _has_room(original)
    pace.may_send_camera_original(by)
    decoded = imaging.read_camera_original(upload, kind)
    reading = read(original, decoded, kind=kind, sha256=sha256)
    file = files.keep_in_pieces(
        upload=upload, purpose=FilePurpose.CAMERA, kind=kind, most_bytes=settings.MAX_CAMERA_BYTES, by=by,
        organisation=original.organisation, picture=decoded,
    )  # fmt: skip
    with transaction.atomic():
        original = lock(original)
        _may_add(original, by)
        if known := original.camera_originals.filter(file__sha256=sha256).first():
            return known
        _has_room(original)
        added = CameraOriginal.objects.create(original=original, file=file, reading=reading, added_by=by)
        ledger.record(
            kind="original.camera_original", subject=original.public_id, actor=by, payload={"sha256": file.sha256}
        )
    return added


def _may_add(original: Original, by: User) -> None:
    if not holder(original, by):
        raise Forbidden()
    if original.state not in Original.CLAIMING:
        raise WrongState(_("This image claims nothing any more, so that there is nothing to prove."))


def _has_room(original: Original) -> None:
    if original.camera_originals.count() >= MAX_CAMERA_ORIGINALS:
        raise Invalid(
            _("At most %(most)d camera originals are kept for one image.") % {"most": MAX_CAMERA_ORIGINALS},
            field="file",
        )


def _checked(upload: Any) -> tuple[str, str]:
    """The kind of a file straight from a camera, and its SHA-256."""
    most = settings.MAX_CAMERA_BYTES
    if (upload.size or 0) > most:
        raise TooLarge(
            _("The file is larger than %(most)s, which is more than a camera original has here.")
            % {"most": filesizeformat(most)},
            field="file",
        )
    if not upload.size:
        raise Invalid(_("The file is empty. Choose another one."), field="file")
    kind = media.kind_from_camera(upload)
    if kind is None:
        raise Invalid(
            _("This is no camera original that can be read here. Send the JPEG, HEIC or DNG as the camera wrote it."),
            field="file",
        )
    hashed = hashlib.sha256()
    for part in upload.chunks():
        hashed.update(part)
    return kind, hashed.hexdigest()


# --- reading -------------------------------------------------------------------------------------------------


def read(original: Original, decoded: Decoded, *, kind: str, sha256: str) -> list[Finding]:
    """Everything that a camera original says about the claim of an image, the most telling first."""
    registered, shown = picture_of(original.image), picture_from(decoded.preview)
    stored = Fingerprint.objects.filter(collection=Collection.ORIGINALS, subject=original.public_id).first()
    mask = bytes(stored.mask) if stored else b""
    explained = index.engine(Collection.ORIGINALS).explain(registered, shown, mask)
    return [
        *_of_the_view(original, explained, decoded),
        *_of_the_file(original, sha256),
        *_of_the_time(original, decoded.metadata),
        *_of_the_camera(decoded, kind),
    ]


def _finding(code: str, speaks: str, **values: Any) -> Finding:
    return {"code": code, "speaks": speaks, "values": values}


@dataclass(frozen=True)
class _View:
    """How the registered image lies in the camera original, in shares of the areas of both."""

    of_camera: float
    of_registered: float
    #: pixels of the camera original for one of the registered image, along a side
    detail: float


def _of_the_view(original: Original, explained: Explanation, decoded: Decoded) -> list[Finding]:
    if explained.transform is None or explained.tier is Tier.NONE:
        return [_finding("shows_something_else", AGAINST)]
    if explained.tier is Tier.REVIEW:
        return [_finding("shows_perhaps_the_same", NEITHER)]
    ours = (original.image.width_px or 1, original.image.height_px or 1)
    theirs = (decoded.width_px, decoded.height_px)
    view = _view(explained.transform, ours, theirs)
    found = []
    if view.of_registered < WHOLE_RATIO:
        found.append(_finding("shows_less", AGAINST, percent=round(100 * view.of_registered)))
    elif view.of_camera < WHOLE_RATIO:
        found.append(_finding("shows_more", FOR, percent=round(100 * view.of_camera)))
    else:
        found.append(_finding("shows_the_same", NEITHER))
    sizes = {"camera": f"{theirs[0]} × {theirs[1]}", "registered": f"{ours[0]} × {ours[1]}"}
    if view.detail > 1 / WHOLE_RATIO:
        found.append(_finding("is_finer", FOR, **sizes))
    elif view.detail < WHOLE_RATIO:
        found.append(_finding("is_coarser", AGAINST, **sizes))
    if edits := [edit.value for edit in explained.edits if edit in _TOLD_EDITS]:
        found.append(_finding("was_edited_since", NEITHER, edits=edits))
    return found


def _view(transform: Any, ours: tuple[int, int], theirs: tuple[int, int]) -> _View:
    """From the map of the engine: registered image → camera original, in shares of each one's longest side.

    A mirrored one needs no other treatment: areas stay the same.
    """
    (w, h), (cw, ch) = (np.array(size) / max(size) for size in (ours, theirs))
    corners = np.array([[[0, 0], [w, 0], [w, h], [0, h]]], np.float64)
    placed = cv2.perspectiveTransform(corners, np.asarray(transform, np.float64))[0].astype(np.float32)
    canvas = np.array([[0, 0], [cw, 0], [cw, ch], [0, ch]], np.float32)
    area = max(float(cv2.contourArea(placed)), 1e-9)
    common, _shape = cv2.intersectConvexConvex(cv2.convexHull(placed), canvas)
    detail = float(np.sqrt(area / (w * h))) * max(theirs) / max(ours)
    return _View(of_camera=common / (cw * ch), of_registered=common / area, detail=detail)


def _of_the_file(original: Original, sha256: str) -> list[Finding]:
    return [_finding("is_the_registered_file", NEITHER)] if original.sha256 == sha256 else []


def for_staff(row: CameraOriginal) -> list[Finding]:
    """What a camera original says, with what staff alone may know: whether others handed in these very bytes.

    Its holder is not told: whoever has a file would learn by handing it in whether somebody else keeps it here.
    """
    others = PrivateFile.objects.filter(
        sha256=row.file.sha256, purpose__in=(FilePurpose.ORIGINAL, FilePurpose.CAMERA)
    ).exclude(organisation=row.original.organisation_id)
    return [*for_holder(row), *([_finding(ELSEWHERE, AGAINST)] if others.exists() else [])]


def for_holder(row: CameraOriginal) -> list[Finding]:
    """What a camera original says, for the pages of its holder."""
    return [finding for finding in row.reading if finding.get("code") != ELSEWHERE]


def _of_the_time(original: Original, said: dict[str, Any]) -> list[Finding]:
    taken_at = _moment(said.get("taken_at", ""), said.get("taken_offset", ""))
    if taken_at is None:
        return [_finding("tells_no_time", NEITHER)]
    taken_on = taken_at.date().isoformat()
    if taken_at > clock.now() + CLOCK_SLACK:
        return [_finding("taken_in_the_future", AGAINST, taken_on=taken_on)]
    published_at = _published_at(original)
    values = {"taken_on": taken_on, "published_on": published_at.date().isoformat()}
    found = [
        _finding("taken_before_publication", FOR, **values)
        if taken_at <= published_at + CLOCK_SLACK
        else _finding("taken_after_publication", AGAINST, **values)
    ]
    if (rival_at := _rival_at(original)) is not None:
        values = {"taken_on": taken_on, "rival_on": rival_at.date().isoformat()}
        is_before = taken_at <= rival_at - CLOCK_SLACK
        found.append(
            _finding("taken_before_rival", FOR, **values) if is_before else _not_before(taken_at, rival_at, values)
        )
    return found


def _not_before(taken_at: datetime, rival_at: datetime, values: dict[str, str]) -> Finding:
    if taken_at > rival_at + CLOCK_SLACK:
        return _finding("taken_after_rival", AGAINST, **values)
    return _finding("taken_about_when_rival_was", NEITHER, **values)


def _published_at(original: Original) -> datetime:
    """When the holder first showed the image, as far as we saw: on an own listing, or by registering it."""
    hits = search_market(picture_of(original.image))
    images = SeenImage.objects.filter(public_id__in=[hit.id for hit in hits if hit.tier is Tier.AUTOMATIC])
    shown = Appearance.objects.filter(image__in=images).select_related("target__shop")
    own = [seen.first_seen_at for seen in shown if is_of(seen.target, original.organisation_id)]
    return min([original.created_at, *own])


def _rival_at(original: Original) -> datetime | None:
    """When the first of those showed it with whom the original is, or was, in conflict."""
    times = []
    for conflict in original.conflicts.select_related("rival"):
        if conflict.rival is not None:
            times.append(conflict.rival.created_at)
        elif conflict.rival_image is not None:
            seen = Appearance.objects.filter(image=conflict.rival_image_id, target=conflict.rival_target_id)
            times += seen.values_list("first_seen_at", flat=True)
    return min(times, default=None)


def _moment(text: str, offset: str) -> datetime | None:
    """A time as cameras write it (Exif 3.0, DateTimeOriginal and OffsetTimeOriginal); without zone it is taken as UTC."""
    for with_zone in (f"{text}{offset}", f"{text}+00:00"):
        try:
            return datetime.strptime(with_zone, "%Y:%m:%d %H:%M:%S%z").astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _of_the_camera(decoded: Decoded, kind: str) -> list[Finding]:
    said = decoded.metadata
    found = []
    camera = " ".join(dict.fromkeys([*str(said.get("make", "")).split(), *str(said.get("model", "")).split()]))
    if camera and said.get("lens"):
        found.append(_finding("names_camera_and_lens", FOR, camera=camera, lens=said["lens"]))
    elif camera:
        found.append(_finding("names_camera", FOR, camera=camera))
    else:
        found.append(_finding("names_no_camera", NEITHER))
    if kind == media.DNG:
        found.append(_finding("is_raw", FOR))
    if said.get("editors"):
        found.append(_finding("was_saved_by_an_editor", AGAINST, editors=said["editors"]))
    elif _was_changed(said):
        found.append(_finding("was_saved_again", AGAINST))
    elif camera:
        found.append(_finding("shows_no_trace_of_editing", FOR))
    wrote = [said.get("width_said") or 0, said.get("height_said") or 0]
    if kind != media.DNG and all(wrote) and sorted(wrote) != sorted((decoded.width_px, decoded.height_px)):
        sizes = {"wrote": f"{wrote[0]} × {wrote[1]}", "has": f"{decoded.width_px} × {decoded.height_px}"}
        found.append(_finding("has_another_size_than_it_says", AGAINST, **sizes))
    if said.get("has_place"):
        found.append(_finding("tells_the_place", NEITHER))
    if said.get("has_serial"):
        found.append(_finding("numbers_the_device", FOR))
    return found


def _was_changed(said: dict[str, Any]) -> bool:
    """Whether the file was written later than the picture was taken: a camera writes both within seconds."""
    taken, changed = _moment(said.get("taken_at", ""), ""), _moment(said.get("changed_at", ""), "")
    return taken is not None and changed is not None and abs(changed - taken) > timedelta(minutes=2)


# --- in words ------------------------------------------------------------------------------------------------


def in_words(finding: Finding) -> str:
    """A finding of `CameraOriginal.reading` as a sentence for the page; `finding["speaks"]` is for, against, neither."""
    values = dict(finding.get("values") or {})
    values["edits"] = _listed(edits_in_words(values.get("edits", ())))
    values["editors"] = _listed(values.get("editors", ()))
    sentence = _sentences().get(str(finding.get("code")))
    return sentence % values if sentence else _("The file says something that this page does not know yet.")


def _listed(words: Any) -> str:
    return _(", ").join(words)


def _sentences() -> dict[str, str]:
    return {
        "shows_something_else": _("It shows something else than the registered image."),
        "shows_perhaps_the_same": _("Whether it shows the same as the registered image could not be made sure of."),
        "shows_more": _(
            "It shows more than the registered image, which is %(percent)s %% of it. Who has only copied the "
            "registered image does not have what lies around it."
        ),
        "shows_less": _("It holds only %(percent)s %% of the registered image: it is a part of it, not its source."),
        "shows_the_same": _("It shows the same as the registered image, no more and no less."),
        "is_finer": _("It is finer than the registered image: %(camera)s pixels, registered were %(registered)s."),
        "is_coarser": _(
            "It is coarser than the registered image, as a copy would be: %(camera)s pixels, registered were "
            "%(registered)s."
        ),
        "was_edited_since": _("Between the two the picture was edited: %(edits)s."),
        "is_the_registered_file": _("It is the registered file itself, so that it proves nothing beyond it."),
        ELSEWHERE: _("Somebody else has handed in this very file as well."),
        "tells_no_time": _("It does not say when it was taken."),
        "taken_in_the_future": _("It says that it was taken in the future: %(taken_on)s."),
        "taken_before_publication": _("It says that it was taken on %(taken_on)s, before you first showed the image (%(published_on)s)."),
        "taken_after_publication": _("It says that it was taken on %(taken_on)s, after the image was first shown (%(published_on)s)."),
        "taken_before_rival": _("It was taken before the other side was seen to show the picture (%(rival_on)s)."),
        "taken_after_rival": _("It was taken after the other side was seen to show the picture (%(rival_on)s)."),
        "taken_about_when_rival_was": _("It was taken about when the other side was seen to show the picture (%(rival_on)s)."),
        "names_camera_and_lens": _("It names the camera and the lens: %(camera)s, %(lens)s."),
        "names_camera": _("It names the camera: %(camera)s."),
        "names_no_camera": _("It names no camera. Messengers and editors remove this; send the file as the camera wrote it."),
        "is_raw": _("It is a raw file, which cameras write and which is hard to make from a copy."),
        "was_saved_by_an_editor": _("It was saved by a program that edits pictures: %(editors)s."),
        "was_saved_again": _("It was saved again after it was taken."),
        "shows_no_trace_of_editing": _("It shows no trace of having been edited."),
        "has_another_size_than_it_says": _("The camera wrote %(wrote)s pixels, and it has %(has)s: it was changed since."),
        "tells_the_place": _("It tells where it was taken. That stays in the file, which nobody is shown."),
        "numbers_the_device": _("It carries a number of the device, which could be compared with yours. It stays in the file."),
    }  # fmt: skip

"""Private files: what people hand in, checked by content, encrypted, shown by short-lived links.

The bytes are stored first, outside any transaction of ours, and the row that names them is written last; a
crash between the two leaves bytes that nobody names, and the sweep removes them after a day.
"""

import hashlib
import io
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core import signing
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, ProtectedError
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from core import clock, crypto, imaging, ledger, media
from core.errors import Invalid, NotYours, TooLarge
from core.ids import new_id
from core.models import FilePurpose, PrivateFile
from core.text import Sentence, without_unseen

FOLDER = "private"
LINK_LASTS = timedelta(minutes=10)
ORPHANED_AFTER = timedelta(days=1)
NAME_LENGTH = 150
#: of a file that is kept in pieces; each is encrypted by itself, so that nobody ever holds the whole of it
PIECE_BYTES = 4 * 1024 * 1024
_PIECE = re.compile(r"(.+)\.\d{5}\Z")
#: papers about people: each look at them is a ledger entry
LOOKS_RECORDED = frozenset({FilePurpose.IDENTITY, FilePurpose.LICENCE, FilePurpose.POWER})
#: pictures as they came from a camera: their bytes may tell a place, so that who takes them is a ledger entry too
BYTES_RECORDED = frozenset({FilePurpose.ORIGINAL, FilePurpose.CAMERA})
#: what each purpose takes; every other one takes papers
TAKES: dict[str, frozenset[str]] = {
    FilePurpose.PICTURE: media.IMAGES,
    FilePurpose.ORIGINAL: media.IMAGES,
    FilePurpose.EVIDENCE: media.EVIDENCE,
}
_signer = signing.Signer(salt="private-file")


class StorageAway(Exception):
    """The bytes of a file cannot be had now."""


# --- taking in -----------------------------------------------------------------------------------


def keep(*, upload: Any, purpose: str, by: Any, organisation: Any = None, name: str = "") -> PrivateFile:
    """Check an upload by its content, store it encrypted, and write its row.

    `upload` is a Django file. Raises Invalid or TooLarge, with the sentence that says how to mend it.
    """
    most = settings.MAX_ORIGINAL_BYTES if purpose == FilePurpose.ORIGINAL else settings.MAX_UPLOAD_BYTES
    data = read_upload(upload, most)
    kind = check(data, purpose=purpose)
    picture = imaging.decode(data) if kind in media.IMAGES else None
    if len(data) > PIECE_BYTES:
        # To encrypt it as one would take seven times its size.
        del data
        return keep_in_pieces(
            upload=upload, purpose=purpose, kind=kind, most_bytes=most, by=by, organisation=organisation,
            picture=picture, name=name,
        )  # fmt: skip
    public_id = new_id("fil")
    stored: list[str] = []
    try:
        stored.append(_store(public_id, data))
        if picture is not None:
            stored.append(_store(f"{public_id}.preview", picture.preview))
        return PrivateFile.objects.create(
            **_described(upload, kind, picture, name),
            public_id=public_id,
            purpose=purpose,
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            storage_key=stored[0],
            preview_key=stored[1] if picture else "",
            uploaded_by=by,
            organisation=organisation,
        )
    except BaseException:
        for key in stored:
            default_storage.delete(key)
        raise


def _described(upload: Any, kind: str, picture: imaging.Decoded | None, name: str = "") -> dict[str, Any]:
    return {
        "name": clean_name(name or getattr(upload, "name", None) or "", kind=kind),
        "media_type": kind,
        "width_px": picture.width_px if picture else None,
        "height_px": picture.height_px if picture else None,
    }


def keep_in_pieces(
    *,
    upload: Any,
    purpose: str,
    kind: str,
    most_bytes: int,
    by: Any,
    organisation: Any,
    picture: imaging.Decoded | None = None,
    name: str = "",
) -> PrivateFile:
    """Store a large file, whose content the caller has checked to be of this `kind`, without ever holding all of it.

    `picture` is what `core.imaging` made of it, for its preview. Raises Invalid (empty), TooLarge.
    """
    public_id = new_id("fil")
    where = f"{FOLDER}/{_shard(public_id)}/{public_id}"
    hashed, size, stored = hashlib.sha256(), 0, list[str]()
    try:
        upload.seek(0)
        while piece := upload.read(PIECE_BYTES):
            size += len(piece)
            if size > most_bytes:
                raise _too_large(upload, most_bytes)
            hashed.update(piece)
            stored.append(_store(_piece_of(public_id, len(stored)), piece))
        if not size:
            raise Invalid(Sentence(_("The file is empty. Choose another one.")), field="file")
        preview = _store(f"{public_id}.preview", picture.preview) if picture else ""
        stored += [preview] if preview else []
        return PrivateFile.objects.create(
            **_described(upload, kind, picture, name),
            public_id=public_id,
            purpose=purpose,
            size_bytes=size,
            sha256=hashed.hexdigest(),
            storage_key=where,
            piece_bytes=PIECE_BYTES,
            preview_key=preview,
            uploaded_by=by,
            organisation=organisation,
        )
    except BaseException:
        for key in stored:
            default_storage.delete(key)
        raise


def check(data: bytes, *, purpose: str) -> str:
    """The media type of these bytes if this purpose takes it. Raises Invalid."""
    if not data:
        raise Invalid(Sentence(_("The file is empty. Choose another one.")), field="file")
    kind = media.kind_of(data)
    if kind == media.HEIC:
        said = Sentence(_("Pictures in HEIC or AVIF cannot be opened here. Save it as JPEG and send that."))
        raise Invalid(said, field="file")
    if kind not in TAKES.get(purpose, media.PAPERS):
        raise Invalid(Sentence(_wanted(purpose)), field="file")
    return kind


def _wanted(purpose: str) -> str:
    if purpose in (FilePurpose.PICTURE, FilePurpose.ORIGINAL):
        return _("This is not a picture that can be opened here. Send JPEG, PNG, WebP or GIF.")
    if purpose == FilePurpose.EVIDENCE:
        return _(
            "This kind of file is not taken, or it is damaged. Send a picture (JPEG, PNG, WebP, GIF), a PDF, "
            "a video (MP4, MOV, WebM) or plain text; save Office documents as PDF."
        )
    return _(
        "This kind of file is not taken, or it is damaged. Send a picture (JPEG, PNG, WebP, GIF) or a PDF; "
        "save Office documents as PDF."
    )


def read_upload(upload: Any, most: int | None = None) -> bytes:
    """The bytes of an upload, at most as many as most files may have. Raises TooLarge."""
    most = settings.MAX_UPLOAD_BYTES if most is None else most
    if (upload.size or 0) <= most:
        upload.seek(0)
        data: bytes = upload.read(most + 1)
        if len(data) <= most:
            return data
    raise _too_large(upload, most)


def _too_large(upload: Any, most: int) -> TooLarge:
    said = _("The file is larger than %(most)s. Make it smaller, or split it.")
    if media.is_picture(upload):
        said = _("The picture is larger than %(most)s. Make it smaller.")
    return TooLarge(Sentence(said, most=filesizeformat(most)), field="file")


def clean_name(name: str, *, kind: str) -> str:
    """The name without folders and unseen characters, of bearable length, with an ending that fits the content."""
    name = " ".join(without_unseen(name.replace("\\", "/").rpartition("/")[2]).split()).lstrip(".")
    stem, dot, ending = name.rpartition(".")
    if len(name) > NAME_LENGTH:
        name = f"{stem[: NAME_LENGTH - 10]}.{ending}" if dot and len(ending) < 8 else name[:NAME_LENGTH]
    return media.with_ending(name or "file", kind)


def _store(name: str, data: bytes) -> str:
    return default_storage.save(f"{FOLDER}/{_shard(name)}/{name}", ContentFile(crypto.encrypt(data)))


def _shard(name: str) -> str:
    return name.partition(".")[0][-2:]


def _piece_of(whole: str, number: int) -> str:
    return f"{whole}.{number:05d}"


def _keys(file: PrivateFile) -> list[str]:
    """Where the bytes of a file lie, in order."""
    if not file.piece_bytes:
        return [file.storage_key]
    return [_piece_of(file.storage_key, n) for n in range(-(-file.size_bytes // file.piece_bytes))]


# --- showing -------------------------------------------------------------------------------------


def read(file: PrivateFile) -> bytes:
    """The bytes as they were handed in."""
    return b"".join(map(_open, _keys(file)))


def read_some(file: PrivateFile) -> io.BufferedReader:
    """A file that is kept in pieces, to be read here and there: no more than one piece is held at a time."""
    return io.BufferedReader(_Pieces(file), 64 * 1024)


class _Pieces(io.RawIOBase):
    def __init__(self, file: PrivateFile) -> None:
        self._file, self._keys = file, _keys(file)
        self._at, self._held = 0, (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size_bytes}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        number, within = divmod(self._at, self._file.piece_bytes or PIECE_BYTES)
        if not len(buffer) or number >= len(self._keys):
            return 0
        if self._held[0] != number:
            try:
                self._held = number, _open(self._keys[number])
            except OSError as away:
                # `zipfile` would take it for a fault of the archive.
                raise StorageAway() from away
        some = self._held[1][within : within + len(buffer)]
        buffer[: len(some)] = some
        self._at += len(some)
        return len(some)


def read_preview(file: PrivateFile) -> bytes:
    """The re-encoded picture that may be shown. Raises NotYours if there is none."""
    if not file.preview_key:
        raise NotYours()
    return _open(file.preview_key)


def _open(key: str) -> bytes:
    with default_storage.open(key) as stored:
        return crypto.decrypt(stored.read())


def url(file: PrivateFile, *, user: Any, preview: bool = False, name: str = "") -> str:
    """A link for this person alone that opens the file for ten to fifteen minutes; "" where there is no preview.

    Whoever makes the link has checked that this person may see the file. With `name` it is downloaded under
    that name instead of the one it was handed in with.
    """
    if preview and not file.preview_key:
        return ""
    # The end is rounded up, so that pages shown within some minutes share a link and the browser its copy.
    step = int(LINK_LASTS.total_seconds()) // 2
    until = (int((clock.unmoved() + LINK_LASTS).timestamp()) // step + 1) * step
    token = _signer.sign_object({"f": file.public_id, "u": user.public_id, "p": int(preview), "t": until, "n": name})
    return reverse("private-file", args=[token])


def opened_by(token: str, *, user: Any, is_shown: bool = True) -> tuple[PrivateFile, bool]:
    """The file that a link opens for this person, and whether as preview; records looks at personal papers that are shown.

    Its `name` is the one that the link gives it.

    Raises NotYours for a link that is forged, too old, or somebody else's.
    """
    try:
        said = _signer.unsign_object(token)
        file = PrivateFile.objects.get(public_id=said["f"])
    except (signing.BadSignature, ObjectDoesNotExist) as unknown:
        raise NotYours() from unknown
    if said["u"] != user.public_id or said["t"] < clock.unmoved().timestamp():
        raise NotYours()
    preview = bool(said["p"])
    file.name = said["n"] or file.name
    if is_shown and is_look_recorded(file, preview=preview):
        with transaction.atomic():
            ledger.record(kind="file.seen", subject=file.public_id, actor=user, payload={"preview": preview})
    return file, preview


def is_look_recorded(file: PrivateFile, *, preview: bool) -> bool:
    """Whether it becomes a ledger entry that somebody opens a file."""
    return file.purpose in LOOKS_RECORDED or (file.purpose in BYTES_RECORDED and not preview)


# --- tidying up ----------------------------------------------------------------------------------


def sweep_orphans() -> int:
    """Remove what nobody attached to anything within a day, and stored bytes that no row names.

    Returns how many stored files were removed. What is younger than a day is left alone: somebody may be
    filling in the page it belongs to.
    """
    _forget_unattached()
    removed = 0
    for folder in _listed(FOLDER)[0]:
        path = f"{FOLDER}/{folder}"
        keys = [f"{path}/{name}" for name in _listed(path)[1]]
        named = set(PrivateFile.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
        named |= set(PrivateFile.objects.filter(preview_key__in=keys).values_list("preview_key", flat=True))
        wholes = {piece[1] for key in keys if (piece := _PIECE.match(key))}
        named |= set(PrivateFile.objects.filter(storage_key__in=wholes).values_list("storage_key", flat=True))
        for key in keys:
            if not {key, _PIECE.sub(r"\1", key)} & named and _is_old(key):
                default_storage.delete(key)
                removed += 1
    return removed


def _forget_unattached() -> None:
    """Delete rows, older than a day, to which nothing in any room refers. Their bytes go with the sweep."""
    rows = PrivateFile.objects.filter(created_at__lt=clock.now() - ORPHANED_AFTER)
    for field in PrivateFile._meta.get_fields(include_hidden=True):
        if (field.one_to_many or field.one_to_one) and field.auto_created:
            holder = field.field  # type: ignore[union-attr]
            holders = holder.model._base_manager.filter(**{holder.attname: OuterRef("pk")})
            rows = rows.exclude(Exists(holders))
    for row in rows:
        # Attached at this very moment: it stays.
        with suppress(ProtectedError, IntegrityError), transaction.atomic():
            row.delete()


def _listed(path: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(path)
    except FileNotFoundError:
        return [], []


def _is_old(key: str) -> bool:
    # Against the machine's time: a demo's clock that was moved says nothing of when bytes were stored.
    try:
        return datetime.now(UTC) - default_storage.get_modified_time(key) > ORPHANED_AFTER
    except FileNotFoundError:
        return False


def rotate(file: PrivateFile) -> bool:
    """Write a file's bytes anew under the first key; returns whether there was anything to do.

    Raises `cryptography.fernet.InvalidToken` or OSError if its bytes cannot be read.
    """
    if all(crypto.is_current(_sealed(key)) for key in [*_keys(file), file.preview_key] if key):
        return False
    written: list[str] = []
    fresh = new_id("fil") if file.piece_bytes else file.public_id
    try:
        changed = {"storage_key": f"{FOLDER}/{_shard(fresh)}/{fresh}"} if file.piece_bytes else {}
        for number, key in enumerate(_keys(file)):
            written.append(_store(_piece_of(fresh, number) if file.piece_bytes else fresh, _open(key)))
            changed.setdefault("storage_key", written[-1])
        if file.preview_key:
            written.append(_store(f"{fresh}.preview", _open(file.preview_key)))
            changed["preview_key"] = written[-1]
    except (InvalidToken, OSError):
        for key in written:
            default_storage.delete(key)
        raise
    moved = PrivateFile.objects.filter(pk=file.pk, storage_key=file.storage_key, preview_key=file.preview_key)
    # Whichever bytes the row does not name are removed, now or by the sweep.
    left = [*_keys(file), file.preview_key] if moved.update(**changed) else written
    for key in filter(None, left):
        default_storage.delete(key)
    return True


def _sealed(key: str) -> bytes:
    with default_storage.open(key) as stored:
        return stored.read()

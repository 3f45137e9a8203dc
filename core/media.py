"""What kind of file this is, by its content alone: what a browser or a file name says is not believed.

Images are only recognised here; that they can really be shown is proved by decoding them (`core.imaging`).
"""

import re
from typing import Any

JPEG, PNG, WEBP, GIF = "image/jpeg", "image/png", "image/webp", "image/gif"
HEIC, DNG, ZIP = "image/heic", "image/x-adobe-dng", "application/zip"
PDF = "application/pdf"
MP4, QUICKTIME, WEBM = "video/mp4", "video/quicktime", "video/webm"
TEXT = "text/plain"

IMAGES = frozenset({JPEG, PNG, WEBP, GIF})
PAPERS = IMAGES | {PDF}
VIDEOS = frozenset({MP4, QUICKTIME, WEBM})
#: what comes straight from a camera
CAMERA = frozenset({JPEG, HEIC, DNG})
EVIDENCE = PAPERS | VIDEOS | {TEXT}

#: the endings that a name of this kind may have; the first is added where there is none of them
ENDINGS: dict[str, tuple[str, ...]] = {
    JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    PNG: (".png",),
    WEBP: (".webp",),
    GIF: (".gif",),
    HEIC: (".heic", ".heif", ".hif"),
    DNG: (".dng",),
    ZIP: (".zip",),
    PDF: (".pdf",),
    MP4: (".mp4", ".m4v"),
    QUICKTIME: (".mov", ".qt"),
    WEBM: (".webm",),
    TEXT: (".txt", ".csv", ".log", ".md"),
}
#: brands of ISO 14496-12 files that hold still pictures of HEVC or AV1
_STILL_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})
_STILLS_OF_AV1 = frozenset({b"avif", b"avis"})
#: DNGVersion, which every DNG has in its first directory (DNG specification 1.7, chapter 2)
_DNG_VERSION = 50706
_BOX_NAME = re.compile(rb"[\x20-\x7e\xa9]{4}\Z")


def kind_of(data: bytes) -> str | None:
    """The media type of these bytes, or None for a kind that is not taken here or is damaged."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    # ISO 32000-2, 7.5.2: readers find the header within the first 1024 bytes, the end mark in the last.
    if b"%PDF-" in data[:1024]:
        return PDF if b"%%EOF" in data[-2048:] else None
    if data[4:8] == b"ftyp":
        return HEIC if data[8:12] in _STILL_BRANDS else _film(data, MP4 if data[8:12] != b"qt  " else QUICKTIME)
    if data[4:8] in (b"moov", b"mdat", b"wide"):
        return _film(data, QUICKTIME)
    # EBML header with the document type, RFC 8794.
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM if b"\x42\x82\x84webm" in data[:64] else None
    return TEXT if _is_text(data) else None


def is_picture(stream: Any) -> bool:
    """Whether a file begins like a picture; no more of it is read."""
    stream.seek(0)
    head: bytes = stream.read(16)
    stream.seek(0)
    return kind_of(head) in IMAGES


def kind_from_camera(stream: Any) -> str | None:
    """The media type of a file straight from a camera (one of `CAMERA`), or None. Reads little of it."""
    stream.seek(0)
    head: bytes = stream.read(16)
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head[4:8] == b"ftyp":
        return HEIC if head[8:12] in _STILL_BRANDS - _STILLS_OF_AV1 else None
    order: Any = {b"II*\0": "little", b"MM\0*": "big"}.get(head[:4])
    if order is None:
        return None
    # TIFF 6.0, section 2: an offset to a directory, whose entries of 12 bytes begin with their tag.
    stream.seek(int.from_bytes(head[4:8], order))
    count = int.from_bytes(stream.read(2), order)
    entries: bytes = stream.read(12 * count)
    tags = {int.from_bytes(entries[at : at + 2], order) for at in range(0, len(entries), 12)}
    return DNG if _DNG_VERSION in tags else None


def _film(data: bytes, kind: str) -> str | None:
    """The kind, if the boxes follow each other to the end and there is an index of the film among them."""
    at, names = 0, set()
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        elif size == 0:
            size = len(data) - at
        if size < 8 or at + size > len(data) or not _BOX_NAME.match(name):
            return None
        names.add(name)
        at += size
    return kind if b"moov" in names else None


def _is_text(data: bytes) -> bool:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return bool(text.strip()) and not any(c < " " and c not in "\t\n\r\f" for c in text)
    return False


def with_ending(name: str, kind: str) -> str:
    """The name with an ending that tells what the file is: `licence.exe` that is a JPEG becomes `licence.exe.jpg`."""
    endings = ENDINGS[kind]
    return name if name.lower().endswith(endings) else name + endings[0]

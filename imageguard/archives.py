"""ZIP archives of strangers: what is in them, and one entry at a time, whatever they say of themselves.

Nothing is ever written under a name from an archive, and nothing is decompressed that its directory does not limit:
`look_into` judges the directory alone, `Archive.read` counts the bytes as they come. What is wrong with one entry is
said of that entry; what is wrong with the archive (too many entries, entries that overlap) refuses all of it.
"""

import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_noop as _

from core.errors import Invalid, TooLarge
from core.text import Sentence, without_unseen

#: images of one archive, and of one act of handing in
MAX_IMAGES = 2_000
#: everything in an archive, with folders and what programs leave beside pictures
MAX_ENTRIES = 10_000
#: the directory is read at once: a thousand entries with names of usual length are 100 kB of it
MAX_DIRECTORY_BYTES = 2 * 1024 * 1024
#: all images of an archive, unpacked
MAX_TOTAL_BYTES = 1024**3
#: pictures are compressed already; what becomes a hundred times as large is none
MAX_RATIO, RATIO_FROM_BYTES = 100, 1024 * 1024
LONGEST_NAME = 200
_PART = 64 * 1024
#: APPNOTE.TXT 4.4.4, 4.4.5
_ENCRYPTED, _UTF_8, _LOCAL_HEADER_BYTES = 0x1 | 0x40, 0x800, 30
_LEFT_BY_PROGRAMS = frozenset({"__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db"})
_ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".jar", ".cbz")
_DRIVE = re.compile(r"[A-Za-z]:")
#: whatever `zipfile` and `zlib` raise about bytes that are not as they should be
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)


@dataclass(frozen=True)
class Entry:
    """A file in an archive, by its place in the directory; `refused` says why it is not taken, if it is not."""

    index: int
    name: str
    refused: Sentence | None = None


def look_into(stream: Any) -> list[Entry]:
    """The files of an archive, without folders and what programs left there.

    Raises Invalid (field `file`) for what is no archive, holds no picture, too many or too much, or is built to harm.
    """
    infos = _opened(stream).infolist()
    if len(infos) > MAX_ENTRIES:
        raise _too_many()
    _apart(infos)
    entries = [entry for index, info in enumerate(infos) if (entry := _entry(index, info))]
    if not entries:
        said = Sentence(_("There is no picture in this archive. Pack pictures into it and send it again."))
        raise Invalid(said, field="file")
    if len(entries) > MAX_IMAGES:
        raise _too_many()
    if sum(infos[entry.index].file_size for entry in entries if not entry.refused) > MAX_TOTAL_BYTES:
        words = _("Unpacked, this is more than %(most)s. Split it into several archives.")
        raise Invalid(Sentence(words, most=filesizeformat(MAX_TOTAL_BYTES)), field="file")
    return entries


class Archive:
    """An archive that was looked into, to be read entry by entry."""

    def __init__(self, stream: Any) -> None:
        self._zip = _opened(stream)

    def read(self, index: int) -> bytes:
        """One entry, unpacked. Raises Invalid and TooLarge, also when its directory lied; OSError of the storage."""
        try:
            info = self._zip.infolist()[index]
            if refused := _refusal(info, _name(info)):
                raise Invalid(refused, field="file")
            data = bytearray()
            with self._zip.open(info) as unpacked:
                while part := unpacked.read(_PART):
                    data += part
                    if len(data) > settings.MAX_ORIGINAL_BYTES:
                        raise TooLarge(_too_large(), field="file")
                    if _is_bomb(len(data), info.compress_size):
                        raise Invalid(_bomb(), field="file")
        except (*_DAMAGED, IndexError) as damaged:
            said = Sentence(_("It is damaged in the archive. Pack the picture anew."))
            raise Invalid(said, field="file") from damaged
        return bytes(data)


class _Bounded:
    """A stream of which nobody reads much at once: `zipfile` would read a directory of any size."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise _too_many()
        data: bytes = self._stream.read(MAX_DIRECTORY_BYTES if size < 0 else size)
        return data


def _opened(stream: Any) -> zipfile.ZipFile:
    try:
        stream.seek(0)
        bounded: Any = _Bounded(stream)
        return zipfile.ZipFile(bounded)
    except _DAMAGED as damaged:
        said = Sentence(_("This is no ZIP archive, or it is damaged. Pack the pictures anew as ZIP and send that."))
        raise Invalid(said, field="file") from damaged


def _too_many() -> Invalid:
    words = _("There is too much in this archive. Pack at most %(most)d pictures into one.")
    return Invalid(Sentence(words, most=MAX_IMAGES), field="file")


def _apart(infos: list[zipfile.ZipInfo]) -> None:
    """Entries that share bytes unpack to far more than they are (Fifield, "A better zip bomb", WOOT 2019)."""
    ends_at = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < ends_at:
            said = Sentence(_("The entries of this archive overlap. Pack the pictures anew as ZIP."))
            raise Invalid(said, field="file")
        ends_at = info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size


def _entry(index: int, info: zipfile.ZipInfo) -> Entry | None:
    name = _name(info)
    parts = name.split("/")
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    if info.is_dir() or not parts[-1] or hidden or not _LEFT_BY_PROGRAMS.isdisjoint(part.lower() for part in parts):
        return None
    return Entry(index, _shown(name), _refusal(info, name))


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: archives made in China say GBK, or UTF-8 without saying so."""
    name = info.orig_filename
    if not info.flag_bits & _UTF_8:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _shown(name: str) -> str:
    return " ".join(without_unseen(name.rpartition("/")[2]).split())[-LONGEST_NAME:] or "—"


def _refusal(info: zipfile.ZipInfo, name: str) -> Sentence | None:
    """Why an entry is not taken, by what the directory says of it; None if it may be."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        return Sentence(_("Its name leads out of the archive. Pack the picture anew, without a path."))
    if kind not in (0, stat.S_IFREG):
        return Sentence(_("It is only a link to another file. Pack the picture itself."))
    if info.flag_bits & _ENCRYPTED:
        return Sentence(_("It is locked with a password. Pack it without one."))
    if name.lower().endswith(_ARCHIVES):
        return Sentence(_("It is an archive within the archive, and not opened. Pack the pictures themselves."))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Sentence(_("It is packed in a way that is not opened here. Pack it as an ordinary ZIP."))
    if not info.file_size:
        return Sentence(_("The file is empty. Choose another one."))
    if info.file_size > settings.MAX_ORIGINAL_BYTES:
        return _too_large()
    return _bomb() if _is_bomb(info.file_size, info.compress_size) else None


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > RATIO_FROM_BYTES and unpacked > MAX_RATIO * packed


def _bomb() -> Sentence:
    return Sentence(_("Unpacked it is more than a hundred times as large, which no picture is."))


def _too_large() -> Sentence:
    words = _("The picture is larger than %(most)s. Make it smaller.")
    return Sentence(words, most=filesizeformat(settings.MAX_ORIGINAL_BYTES))

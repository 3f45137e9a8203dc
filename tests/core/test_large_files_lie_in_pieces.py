"""Large files are kept, read, swept and re-encrypted piece by piece, and come back as they were."""

import hashlib
import io
import os
import time

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from core import files, media
from core.errors import Invalid, TooLarge
from core.models import FilePurpose, PrivateFile
from tests.imageguard.helpers import a_picture, as_jpeg

pytestmark = pytest.mark.django_db
CONTENT = bytes(range(256)) * 10 + b"the end"
OLD, NEW = "an old secret of the installation", "a new secret of the installation"


@pytest.fixture(autouse=True)
def small_pieces(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PIECE_BYTES", 1000)
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path), "base_url": None},
        }
    }
    return tmp_path


def kept(content: bytes = CONTENT, most_bytes: int = 10_000) -> PrivateFile:
    return files.keep_in_pieces(
        upload=SimpleUploadedFile("all.zip", content), purpose=FilePurpose.ARCHIVE, kind=media.ZIP, most_bytes=most_bytes,
        by=None, organisation=None,
    )  # fmt: skip


def stored(folder) -> list:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_large_file_lies_in_encrypted_pieces_and_comes_back(small_pieces):
    file = kept()
    assert len(stored(small_pieces)) == 3
    assert all(path.read_bytes().startswith(b"gAAAA") for path in stored(small_pieces))
    assert files.read(file) == CONTENT
    assert file.size_bytes == len(CONTENT)


def test_a_large_original_lies_in_pieces_too_beside_its_preview(small_pieces):
    photo = as_jpeg(a_picture())
    file = files.keep(upload=SimpleUploadedFile("a.jpg", photo), purpose=FilePurpose.ORIGINAL, by=None)
    assert len(stored(small_pieces)) == -(-len(photo) // 1000) + 1 > 3
    assert files.read(file) == photo
    assert (file.sha256, file.size_bytes) == (hashlib.sha256(photo).hexdigest(), len(photo))
    assert media.kind_of(files.read_preview(file)) in media.IMAGES


@pytest.mark.parametrize(("content", "most", "failure"), [(b"", 10, Invalid), (CONTENT, 2000, TooLarge)])
def test_what_is_refused_leaves_no_piece(small_pieces, content, most, failure):
    with pytest.raises(failure):
        kept(content, most)
    assert not stored(small_pieces)
    assert not PrivateFile.objects.exists()


def test_reading_here_and_there_is_like_reading_the_whole():
    there = files.read_some(kept())

    @given(st.lists(st.tuples(st.integers(0, len(CONTENT) + 5), st.integers(0, 1500)), max_size=8))
    def alike(places):
        whole = io.BytesIO(CONTENT)
        for start, length in places:
            assert there.seek(start) == whole.seek(start)
            assert there.read(length) == whole.read(length)
            assert there.tell() == whole.tell()
        assert there.seek(-7, io.SEEK_END) == len(CONTENT) - 7
        assert there.read() == b"the end"

    alike()


def test_the_sweep_takes_pieces_that_nobody_names_and_leaves_the_others(small_pieces):
    file = kept()
    orphan = default_storage.save("private/zz/fil_gone.00000", io.BytesIO(b"x"))
    old = time.time() - 200_000
    for path in stored(small_pieces):
        os.utime(path, (old, old))
    assert files.sweep_orphans() == 1
    assert not default_storage.exists(orphan)
    assert files.read(file) == CONTENT


def test_pieces_are_written_anew_under_a_new_key(settings, small_pieces):
    settings.SECRET_KEYS = [OLD]
    file = kept()
    settings.SECRET_KEYS = [NEW, OLD]
    assert files.rotate(file)
    file = PrivateFile.objects.get(pk=file.pk)
    assert not files.rotate(file)
    settings.SECRET_KEYS = [NEW]
    assert files.read(file) == CONTENT
    assert len(stored(small_pieces)) == 3

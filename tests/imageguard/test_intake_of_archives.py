"""A ZIP is taken in picture by picture; what is wrong with an entry is said of it, what is built to harm is refused."""

import io
import struct
import warnings
import zipfile
from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from core import files
from core.errors import DomainError, Invalid, TooLarge
from core.models import PrivateFile
from imageguard import archives, intake
from imageguard.models import Intake, IntakeItem, Original
from tests.imageguard.helpers import a_merchant, a_picture, as_jpeg

pytestmark = pytest.mark.django_db
State = IntakeItem.State
UTF_8 = 0x800


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that comes twice
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def begun(content: bytes, by=None, name: str = "pictures.zip", **options) -> Intake:
    return intake.begin_zip(by=by or a_merchant(), upload=SimpleUploadedFile(name, content), **options)


def taken_in() -> None:
    while intake.take_in_due():
        pass


def said_of(begun_intake: Intake) -> dict[str, str]:
    return {item.name: item.why for item in begun_intake.items.all()}


def pictures(count: int) -> list[tuple[str, bytes]]:
    """Pictures that differ in their bytes and are quickly decoded."""
    return [(f"{n}.jpg", as_jpeg(a_picture().resize((64, 64)), quality=60 + n)) for n in range(count)]


def test_every_picture_of_an_archive_is_registered_and_the_archive_is_let_go_of():
    by = a_merchant()
    handed_in = begun(packed(("summer/red.jpg", as_jpeg(a_picture(0))), ("blue.jpg", as_jpeg(a_picture(1)))), by)
    assert intake.progress(handed_in) == intake.Progress(total=2, waiting=2, taken=0, refused=0, given_up=0)
    taken_in()
    assert intake.progress(handed_in).taken == 2
    assert set(Original.objects.values_list("title", flat=True)) == {"red.jpg", "blue.jpg"}
    assert {original.organisation for original in Original.objects.all()} == {by.organisation}
    handed_in.refresh_from_db()
    assert handed_in.archive is None


def test_what_programs_leave_beside_pictures_is_passed_over():
    content = packed(
        ("__MACOSX/._red.jpg", b"x"), (".DS_Store", b"x"), ("a/.hidden/red.jpg", b"x"), ("a/Thumbs.db", b"x"),
        ("folder/", b""), ("red.jpg", as_jpeg(a_picture())),
    )  # fmt: skip
    assert list(said_of(begun(content))) == ["red.jpg"]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


def flagged(content: bytes, flag: int) -> bytes:
    """The archive with a flag set in every header."""
    changed = bytearray(content)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := changed.find(signature, start + 1)) >= 0:
            (flags,) = struct.unpack_from("<H", changed, start + at)
            struct.pack_into("<H", changed, start + at, flags | flag)
    return bytes(changed)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (packed(("../../etc/red.jpg", b"x")), "leads out of the archive"),
        (packed(("a/../red.jpg", b"x")), "leads out of the archive"),
        (packed(("/etc/red.jpg", b"x")), "leads out of the archive"),
        (packed(("C:\\red.jpg", b"x")), "leads out of the archive"),
        (packed(("..\\red.jpg", b"x")), "leads out of the archive"),
        (packed((link("red.jpg"), b"/etc/passwd")), "only a link"),
        (flagged(packed(("red.jpg", b"x")), 1), "locked with a password"),
        (packed(("more.zip", packed(("red.jpg", b"x")))), "archive within the archive"),
        (packed(("red.jpg", b"")), "file is empty"),
        (packed(("red.jpg", b"x"), compression=zipfile.ZIP_BZIP2), "ordinary ZIP"),
        (packed(("red.jpg", bytes(5_000_000)), compression=zipfile.ZIP_DEFLATED), "a hundred times as large"),
        (packed(("red.jpg", bytes(27_000_000)), compression=zipfile.ZIP_DEFLATED), "larger than 25"),
    ],
)
def test_an_entry_that_is_not_taken_has_its_sentence_and_the_others_go_on(content, sentence):
    handed_in = begun(content)
    (item,) = handed_in.items.all()
    assert sentence in item.why
    assert item.state == State.REFUSED
    assert intake.progress(handed_in).is_done
    taken_in()
    assert not Original.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no ZIP archive"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(100), "no ZIP archive"),
        (packed(("red.jpg", b"x" * 500))[:300], "no ZIP archive"),
        (packed(), "no picture in this archive"),
        (packed((".DS_Store", b"x")), "no picture in this archive"),
        (packed(*((f"{n}.jpg", b"x") for n in range(archives.MAX_IMAGES + 1))), "too much in this archive"),
        (packed(*((f"../{n}.jpg", b"x") for n in range(archives.MAX_IMAGES + 1))), "too much in this archive"),
        (packed(*((f".{n}", b"") for n in range(archives.MAX_ENTRIES + 1))), "too much in this archive"),
    ],
    ids=range(8),
)
def test_an_archive_that_is_not_taken_leaves_nothing_behind(content, sentence):
    with pytest.raises(Invalid, match=sentence) as refused:
        begun(content)
    assert set(refused.value.errors) == {"file"}
    assert not Intake.objects.exists()
    assert not PrivateFile.objects.exists()


def test_a_hundred_thousand_entries_are_refused_before_they_are_read(monkeypatch):
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = entry * 100_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    monkeypatch.setattr(zipfile, "ZipInfo", None)
    with pytest.raises(Invalid, match="too much in this archive"):
        begun(directory + end)


def test_entries_that_share_their_bytes_are_refused():
    content = packed(("a.jpg", bytes(50_000)), ("b.jpg", b"x"))
    second = content.rfind(b"PK\x01\x02")
    shared = bytearray(content)
    struct.pack_into("<L", shared, second + 42, 10)  # the second entry begins within the first
    with pytest.raises(Invalid, match="overlap"):
        begun(bytes(shared))


def test_more_than_a_gigabyte_in_all_is_refused(monkeypatch):
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 1000)
    with pytest.raises(Invalid, match="Unpacked, this is more than"):
        begun(packed(("a.jpg", bytes(600)), ("b.jpg", bytes(600))))


def test_an_archive_that_is_too_large_is_refused(settings):
    settings.MAX_ARCHIVE_BYTES = 100
    with pytest.raises(TooLarge):
        begun(packed(("a.jpg", bytes(600))))


@pytest.mark.parametrize("said", [1, 4_000_000])
def test_a_directory_that_lies_about_sizes_gets_nothing_more_unpacked_than_it_says(said):
    content = bytearray(packed(("red.jpg", bytes(3_000_000)), compression=zipfile.ZIP_DEFLATED))
    directory = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, directory + 24, said)
    if said > 1:
        struct.pack_into("<L", content, directory + 20, 50_000)  # as if it were hardly compressed
    archive = archives.Archive(io.BytesIO(bytes(content)))
    with pytest.raises(Invalid):
        archive.read(0)


@pytest.mark.parametrize("name", ["红色运动鞋.jpg", "夏季/紅色運動鞋.jpg"])
@pytest.mark.parametrize(("encoding", "flag"), [("gb18030", 0), ("utf-8", 0), ("utf-8", UTF_8)])
def test_chinese_names_are_read_as_they_were_meant(name, encoding, flag):
    stand_in = "x" * len(name.encode(encoding))
    content = packed((stand_in, as_jpeg(a_picture()))).replace(stand_in.encode(), name.encode(encoding))
    handed_in = begun(flagged(content, flag) if flag else content)
    assert list(said_of(handed_in)) == [name.rpartition("/")[2]]
    taken_in()
    assert intake.progress(handed_in).taken == 1


def test_one_bad_picture_stops_no_other():
    good = as_jpeg(a_picture())
    handed_in = begun(
        packed(("bad.jpg", b"\xff\xd8\xff junk"), ("words.txt", b"words"), ("good.jpg", good), ("cut.jpg", good[:900]))
    )
    taken_in()
    said = said_of(handed_in)
    assert "damaged" in said["bad.jpg"]
    assert "not a picture" in said["words.txt"]
    assert "damaged" in said["cut.jpg"]
    assert said["good.jpg"] == ""
    assert Original.objects.count() == 1


def test_the_same_picture_a_thousand_times_is_registered_once():
    good = as_jpeg(a_picture())
    handed_in = begun(packed(*((f"{n}.jpg", good) for n in range(1000)), compression=zipfile.ZIP_STORED))
    taken_in()
    original = Original.objects.get()
    assert intake.progress(handed_in) == intake.Progress(total=1000, waiting=0, taken=1, refused=999, given_up=0)
    again = handed_in.items.filter(state=State.REFUSED).first()
    assert original.number in again.why
    assert again.original == original
    assert PrivateFile.objects.filter(purpose="original").count() == 1


def test_the_same_archive_again_is_the_same_intake_while_it_is_taken_in():
    by, content = a_merchant(), packed(*pictures(2))
    first = begun(content, by)
    assert begun(content, by) == first
    assert begun(content) != first
    taken_in()
    assert begun(content, by) != first


def test_nobody_waits_for_somebody_elses_thousand():
    many, one = begun(packed(*pictures(30))), begun(packed(("one.jpg", as_jpeg(a_picture()))))
    intake.take_in_due(limit=4)
    assert intake.progress(one).is_done
    assert intake.progress(many).waiting == 27


def test_archives_that_are_taken_in_turn_are_opened_once_each(monkeypatch):
    begun(packed(*pictures(3)))
    begun(packed(*pictures(3)))
    opened = []
    real = intake.Archive
    monkeypatch.setattr(intake, "Archive", lambda file: opened.append(file) or real(file))
    assert intake.take_in_due() == 6
    assert len(opened) == 2


def test_who_has_thousands_waiting_is_asked_to_wait(monkeypatch):
    monkeypatch.setattr(intake, "MAX_WAITING", 3)
    by = a_merchant()
    begun(packed(*pictures(2)), by)
    with pytest.raises(Invalid, match="2 of your images are still being taken in"):
        begun(packed(*pictures(2), ("x.jpg", b"x")), by)
    assert begun(packed(*pictures(3)))


class Killed(BaseException):
    """The worker is gone, in the middle of something."""


@pytest.mark.parametrize(
    "where", ["files.keep", "services.register_kept", "services.ledger.record", "_let_go_of_archive"]
)
def test_a_killed_worker_loses_and_doubles_nothing(monkeypatch, stopped, where):
    content = packed(*pictures(3))
    handed_in = begun(content)
    holder, _dot, name = f"imageguard.intake.{where}".rpartition(".")
    calls = []

    def killed(*args, **kwargs):
        calls.append(1)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(f"{holder}.{name}", killed)
        with pytest.raises(Killed):
            intake.take_in_due()
    assert calls
    assert not Original.objects.exists()
    stopped.advance(minutes=5)
    taken_in()
    assert intake.progress(handed_in).taken == 3
    assert Original.objects.count() == 3


def test_a_picture_that_kills_every_worker_is_given_up_and_the_others_are_not(monkeypatch, stopped):
    handed_in = begun(packed(*pictures(3)))
    poison = handed_in.items.first()
    take_in = intake._take_in

    def deadly(item, opened):
        if item.pk == poison.pk:
            raise Killed
        take_in(item, opened)

    monkeypatch.setattr(intake, "_take_in", deadly)
    for _day in range(40):
        with suppress(Killed):
            intake.take_in_due()
        stopped.advance(minutes=5)
    assert intake.progress(handed_in) == intake.Progress(total=3, waiting=0, taken=2, refused=0, given_up=1)
    handed_in.refresh_from_db()
    assert handed_in.archive is not None


def test_a_storage_that_is_away_puts_pictures_off(monkeypatch, stopped):
    handed_in = begun(packed(*pictures(2)))
    with monkeypatch.context() as patched:
        patched.setattr(files, "_open", lambda key: (_ for _ in ()).throw(OSError("away")))
        intake.take_in_due()
    assert intake.progress(handed_in).waiting == 2
    stopped.advance(hours=1)
    taken_in()
    assert intake.progress(handed_in).taken == 2


@given(content=st.binary(max_size=400), cut=st.integers(0, 400), at=st.integers(0, 400), byte=st.integers(0, 255))
def test_whatever_is_sent_is_read_or_refused_with_a_sentence(content, cut, at, byte):
    good = bytearray(packed(("red.jpg", b"some bytes" * 9), ("夏.jpg", b"x"), compression=zipfile.ZIP_DEFLATED))
    good[at % len(good)] = byte
    for sent in (content, bytes(good), bytes(good[cut:]), bytes(good[: len(good) - cut])):
        with suppress(DomainError):
            entries = archives.look_into(io.BytesIO(sent))
            archive = archives.Archive(io.BytesIO(sent))
            for entry in entries:
                archive.read(entry.index)

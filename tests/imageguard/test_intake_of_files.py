"""Files are taken in one by one while the request lasts: each has its word, none is registered twice."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from PIL import Image

from accounts.models import Organisation
from core import files, imaging
from core.errors import Forbidden, Invalid, NotYours
from core.models import LedgerEntry, PrivateFile
from imageguard import intake, services
from imageguard.errors import OnlyVerified
from imageguard.models import Intake, IntakeItem, Original
from tests.factories import OrganisationFactory, member
from tests.imageguard.helpers import a_merchant, a_picture, an_upload, as_jpeg, checked

pytestmark = pytest.mark.django_db
State = IntakeItem.State


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def taken(content: bytes | Image.Image, by=None, into: Intake | None = None, name: str = "product.jpg") -> IntakeItem:
    by = by or a_merchant()
    into = into or intake.begin_intake(by=by)
    return intake.take_file(intake=into, by=by, upload=an_upload(content, name))


def test_a_file_becomes_an_original_with_its_name_and_what_was_chosen_for_all():
    by = a_merchant()
    item = taken(a_picture(), by, intake.begin_intake(by=by, is_public=True), name="folder/Red shoe.jpg")
    assert item.state == State.TAKEN
    assert item.original.title == "Red shoe.jpg"
    assert item.original.is_public
    assert checked(item.original).is_certified


def test_the_same_file_a_thousand_times_is_one_item_and_one_original():
    by = a_merchant()
    into = intake.begin_intake(by=by)
    content = as_jpeg(a_picture())
    items = {taken(content, by, into, name=f"{n}.jpg").pk for n in range(1000)}
    assert len(items) == 1
    assert Original.objects.count() == 1
    assert PrivateFile.objects.count() == 1
    assert LedgerEntry.objects.count() == 1


def test_what_was_registered_before_names_that_certificate():
    by = a_merchant()
    first = taken(a_picture(), by).original
    again = taken(a_picture(), by)
    assert again.state == State.REFUSED
    assert first.number in again.why
    assert again.original == first


def flat_png(depth: int, colour: int, width: int = 300, height: int = 200, rest: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda: b"", "empty"),
        (lambda: as_jpeg(a_picture())[:2000], "damaged"),
        (lambda: b"\xff\xd8\xff" + b"lying" * 50, "damaged"),
        (lambda: flat_png(8, 2, 13_000, 13_000), "At most 40 million"),
        (lambda: b"<html>a page</html>", "not a picture"),
        (lambda: b"%PDF-1.7\n%%EOF\n", "not a picture"),
        (lambda: b"PK\x03\x04" + bytes(60), "not a picture"),
        (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "Save it as JPEG"),
        (lambda: b"II*\0\x08\0\0\0\x01\0\x12\xc6\x01\0\x04\0\0\0\x01\x04\0\0", "not a picture"),
        (lambda: bytes(27_000_000), "larger than 25"),
    ],
    ids=["empty", "truncated", "lying", "bomb", "page", "PDF", "ZIP", "HEIC", "DNG", "large"],
)
def test_a_bad_file_is_refused_with_a_sentence_and_nothing_is_half_registered(content, sentence):
    item = taken(content())
    assert item.state == State.REFUSED
    assert sentence in item.why
    assert not Original.objects.exists()
    assert not PrivateFile.objects.exists()
    assert not LedgerEntry.objects.exists()


def sixteen_bits() -> bytes:
    return encoded(a_picture().convert("I").point(lambda value: value * 257).convert("I;16"), "PNG")


def animated() -> bytes:
    return encoded(a_picture(0), "GIF", save_all=True, append_images=[a_picture(1), a_picture(2)])


@pytest.mark.parametrize(
    "content",
    [
        sixteen_bits,
        lambda: encoded(a_picture().convert("CMYK"), "JPEG"),
        lambda: encoded(a_picture().convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
        lambda: encoded(a_picture().convert("RGBA"), "WEBP", lossless=True),
        animated,
    ],
    ids=["16 bits", "CMYK", "palette", "transparent", "animated"],
)
def test_odd_pictures_are_the_picture_that_they_show(content):
    """Each is found to be the same picture as the plain one."""
    services.register_original(upload=an_upload(a_picture()), by=a_merchant())
    checked(Original.objects.get())
    odd = checked(taken(content()).original)
    assert odd.state == Original.State.IN_CONFLICT
    assert odd.conflicts.get().rival is not None


def test_what_is_shown_stands_upright_and_tells_neither_place_nor_person_nor_device():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F], exif[0x013B], exif[0x8298] = "Camera", "Zhang San", "(c) Zhang San"
    exif.get_ifd(0x8769)[0xA431] = "serial 12345"
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 0.0), 3: "E", 4: (120.0, 10.0, 0.0)})
    upload = encoded(a_picture().convert("RGB"), "JPEG", exif=exif, comment=b"made in Hangzhou")
    assert all(word in upload for word in (b"Zhang San", b"serial 12345", b"Hangzhou"))
    original = taken(upload).original
    assert files.read(original.image) == upload
    shown = files.read_preview(original.image)
    picture = Image.open(io.BytesIO(shown))
    assert not picture.getexif()
    assert not set(picture.info) & {"exif", "comment", "xmp", "icc_profile", "photoshop"}
    assert not any(word in shown for word in (b"Zhang", b"12345", b"Hangzhou", b"Camera"))
    width, height = a_picture().size
    assert (original.image.width_px, original.image.height_px) == (height, width)


def test_a_flat_picture_gets_no_certificate_and_the_reason():
    flat = checked(taken(encoded(Image.new("RGB", (800, 600), "teal"), "PNG")).original)
    assert (flat.state, flat.refusal) == (Original.State.REFUSED, Original.Refusal.FLAT)


def test_when_too_many_send_at_once_the_file_is_asked_for_again_and_not_refused(monkeypatch):
    by = a_merchant()
    into = intake.begin_intake(by=by)
    with monkeypatch.context() as patched:
        patched.setattr(imaging, "decode", lambda *args, **kwargs: (_ for _ in ()).throw(imaging.Busy()))
        with pytest.raises(imaging.Busy):
            taken(a_picture(), by, into)
    assert not into.items.exists()
    assert taken(a_picture(), by, into).state == State.TAKEN


def test_only_who_registers_for_a_verified_organisation_hands_in():
    with pytest.raises(OnlyVerified):
        intake.begin_intake(by=member(OrganisationFactory(state=Organisation.State.UNVERIFIED)))
    with pytest.raises(Forbidden):
        intake.begin_intake(by=member(OrganisationFactory(), role="viewer"))
    into = intake.begin_intake(by=a_merchant())
    with pytest.raises(NotYours):
        taken(a_picture(), a_merchant(), into)


def test_an_intake_has_an_end(monkeypatch):
    monkeypatch.setattr(intake, "MAX_IMAGES", 1)
    by = a_merchant()
    into = intake.begin_intake(by=by)
    taken(a_picture(0), by, into)
    with pytest.raises(Invalid, match="At most 1 images"):
        taken(a_picture(1), by, into)
    assert Original.objects.count() == 1


def test_a_time_stamp_that_nobody_can_give_is_refused_at_once(settings):
    settings.TSA_URL = ""
    for begin in (
        intake.begin_intake,
        lambda **more: services.register_original(upload=an_upload(a_picture()), **more),
    ):
        with pytest.raises(Invalid, match="No time-stamp authority") as refused:
            begin(by=a_merchant(), wants_timestamp=True)
        assert set(refused.value.errors) == {"wants_timestamp"}
    assert not PrivateFile.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("intakes", [1, 2], ids=["one intake", "two intakes"])
def test_the_same_file_in_two_requests_at_the_same_moment_is_registered_once(intakes):
    by = a_merchant()
    into = [intake.begin_intake(by=by) for _ in range(intakes)] * (2 // intakes)
    content = as_jpeg(a_picture())

    def one(where: Intake) -> IntakeItem:
        try:
            return taken(content, by, where)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as people:
        items = list(people.map(one, into))
    original = Original.objects.get()
    assert {item.original for item in items} == {original}
    assert len({item.pk for item in items}) == intakes
    assert sorted(item.state for item in items) == ([State.TAKEN] * 2 if intakes == 1 else [State.REFUSED, State.TAKEN])

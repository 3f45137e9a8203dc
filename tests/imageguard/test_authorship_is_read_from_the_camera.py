"""The camera original of an image says in words what supports the claim and what does not."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import files, imaging, media
from core.errors import DomainError, Forbidden, Invalid, TooLarge, WrongState
from core.models import LedgerEntry, PrivateFile
from imageguard import authorship, services
from imageguard.models import CameraOriginal, Original
from tests.factories import ShopFactory, staff
from tests.imageguard.cameras import SERIAL, a_scene, dng, from_camera, heic, jpeg, told
from tests.imageguard.helpers import a_listing, a_merchant, an_upload, certified, checked, looked_at, registered

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SCENE = a_scene()
PART = SCENE.crop((200, 150, 1400, 1050))


@pytest.fixture(autouse=True)
def in_summer(stopped):
    """A month after the pictures were taken."""
    stopped.set(datetime(2025, 7, 1, 12, tzinfo=UTC))
    return stopped


def added(content: bytes, to: Image.Image = PART, by=None) -> CameraOriginal:
    by = by or a_merchant()
    return authorship.add_camera_original(original=registered(to, by=by), by=by, upload=from_camera(content))


def codes(camera: CameraOriginal) -> dict[str, str]:
    return {finding["code"]: finding["speaks"] for finding in camera.reading}


@pytest.mark.parametrize(("write", "kind"), [(jpeg, media.JPEG), (heic, media.HEIC)])
def test_the_unedited_file_of_which_the_image_is_a_part_speaks_for_the_claim(write, kind):
    camera = added(write(SCENE, told()), PART.resize((600, 450)))
    assert camera.file.media_type == kind
    said = codes(camera)
    for code in (
        "shows_more",
        "is_finer",
        "taken_before_publication",
        "names_camera_and_lens",
        "shows_no_trace_of_editing",
    ):
        assert said[code] == "for"
    assert "against" not in said.values()
    (more,) = (finding for finding in camera.reading if finding["code"] == "shows_more")
    assert 52 <= more["values"]["percent"] <= 60  # it is 56


def test_a_raw_file_is_developed_and_speaks_for_the_claim():
    camera = added(dng(SCENE))
    assert camera.file.media_type == media.DNG
    assert (camera.file.width_px, camera.file.height_px) == SCENE.size
    said = codes(camera)
    for code in ("shows_more", "taken_before_publication", "names_camera", "is_raw"):
        assert said[code] == "for"


def test_the_bytes_are_kept_privately_as_they_came_and_place_and_number_are_written_nowhere():
    content = jpeg(SCENE, told())
    assert SERIAL.encode() in content
    camera = added(content)
    assert files.read(camera.file) == content
    assert SERIAL.encode() not in files.read_preview(camera.file)
    assert not Image.open(io.BytesIO(files.read_preview(camera.file))).getexif()
    assert codes(camera)["tells_the_place"] == "neither"
    assert codes(camera)["numbers_the_device"] == "for"
    written = json.dumps([camera.reading, list(LedgerEntry.objects.values_list("payload", flat=True))])
    assert SERIAL not in written
    assert "120" not in json.dumps(camera.reading)


def test_there_is_one_ledger_entry_with_nothing_but_the_hash():
    camera = added(jpeg(SCENE, told()))
    entry = LedgerEntry.objects.get(kind="original.camera_original")
    assert entry.subject == camera.original.public_id
    assert entry.payload == {"sha256": camera.file.sha256}


def test_a_file_that_shows_something_else_is_kept_and_says_so():
    camera = added(jpeg(a_scene(7), told()))
    assert codes(camera)["shows_something_else"] == "against"
    assert files.read(camera.file)


def test_a_file_that_is_only_a_part_of_the_image_speaks_against():
    said = codes(added(jpeg(PART, told()), SCENE))
    assert said["shows_less"] == "against"


def test_a_smaller_copy_speaks_against():
    said = codes(added(jpeg(SCENE.resize((700, 525)), told()), SCENE))
    assert said["shows_the_same"] == "neither"
    assert said["is_coarser"] == "against"


@pytest.mark.parametrize(
    ("exif", "code", "speaks"),
    [
        (told(software="Adobe Photoshop 26.1 (Windows)"), "was_saved_by_an_editor", "against"),
        (told(software="美图秀秀 10.1".encode()), "was_saved_by_an_editor", "against"),
        (told(changed_at="2025:06:03 10:00:00"), "was_saved_again", "against"),
        (told(software="Ver.1.00"), "shows_no_trace_of_editing", "for"),
        (told("2030:01:01 00:00:00"), "taken_in_the_future", "against"),
        (told("2025:06:30 23:00:00"), "taken_before_publication", "for"),
        (told("not a time"), "tells_no_time", "neither"),
        (None, "names_no_camera", "neither"),
        (None, "tells_no_time", "neither"),
    ],
)  # fmt: skip
def test_each_thing_that_a_file_says_speaks_for_or_against(exif, code, speaks):
    assert codes(added(jpeg(SCENE, exif)))[code] == speaks


def test_a_file_taken_after_the_own_listing_showed_the_image_speaks_against():
    by = a_merchant()
    shop = ShopFactory(operator=by.organisation)
    looked_at(a_listing(shop, first_seen_at="2024-01-01T00:00:00Z"), PART)
    assert codes(added(jpeg(SCENE, told()), by=by))["taken_after_publication"] == "against"


@pytest.mark.parametrize(
    ("taken_at", "code", "speaks"),
    [
        ("2025:06:01 10:00:00", "taken_before_rival", "for"),
        ("2025:07:01 10:00:00", "taken_about_when_rival_was", "neither"),
        ("2025:07:20 10:00:00", "taken_after_rival", "against"),
    ],
)
def test_in_a_conflict_it_is_told_who_was_first_and_not_who_the_other_is(in_summer, taken_at, code, speaks):
    rival = certified(PART)
    in_summer.advance(days=30)
    by = a_merchant()
    ours = checked(registered(PART.resize((700, 525)), by=by))
    assert ours.state == Original.State.IN_CONFLICT
    content = jpeg(SCENE, told(taken_at))
    camera = authorship.add_camera_original(original=ours, by=by, upload=from_camera(content))
    assert codes(camera)[code] == speaks
    assert rival.organisation.name not in " ".join(map(authorship.in_words, camera.reading))


def test_that_others_handed_in_the_same_file_is_known_to_staff_and_told_to_nobody_else(sign_in):
    content = jpeg(SCENE, told())
    alone = added(content)
    assert "was_handed_in_by_others" not in {finding["code"] for finding in authorship.for_staff(alone)}
    camera = added(content)
    staff_read = {finding["code"]: finding["speaks"] for finding in authorship.for_staff(camera)}
    assert staff_read["was_handed_in_by_others"] == "against"
    assert codes(camera) == codes(alone), "who hands a file in learns nothing of those who have it as well"
    CameraOriginal.objects.filter(pk=camera.pk).update(reading=authorship.for_staff(camera))  # as it was written once
    holder = sign_in(camera.added_by)
    assert "Somebody else has handed in" not in holder.get(f"/originals/{camera.original.public_id}/").content.decode()
    page = sign_in(staff()).get(reverse("admin:imageguard_original_detail", args=[camera.original.public_id]))
    assert "Somebody else has handed in" in page.content.decode()


def test_the_registered_file_itself_proves_nothing_more():
    by = a_merchant()
    content = jpeg(SCENE, told())
    original = services.register_original(upload=an_upload(content), by=by)
    camera = authorship.add_camera_original(original=original, by=by, upload=from_camera(content))
    assert codes(camera)["is_the_registered_file"] == "neither"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n%%EOF\n", "no camera original"),
        (dng(SCENE, is_said=False), "no camera original"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "no camera original"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(50), "no camera original"),
        (b"II*\0\xff\xff\xff\xff", "no camera original"),
        (jpeg(SCENE, told())[:3000], "damaged"),
        (heic(SCENE.resize((160, 120)))[:3000], "damaged"),
        (dng(SCENE)[:400], "damaged"),
    ],
    ids=range(9),
)
def test_what_is_no_camera_original_is_refused_with_a_sentence(content, sentence):
    by = a_merchant()
    original = registered(PART, by=by)
    with pytest.raises(Invalid, match=sentence) as refused:
        authorship.add_camera_original(original=original, by=by, upload=from_camera(content))
    assert set(refused.value.errors) == {"file"}
    assert not CameraOriginal.objects.exists()
    assert PrivateFile.objects.count() == 1


def test_a_file_that_is_too_large_or_has_too_many_pixels_is_refused(settings, monkeypatch):
    by = a_merchant()
    original = registered(PART, by=by)
    for content in (jpeg(SCENE), heic(SCENE), dng(SCENE)):
        monkeypatch.setattr(imaging, "MAX_CAMERA_PIXELS", 1_000_000)
        with pytest.raises(Invalid, match="1600 × 1200 pixels"):
            authorship.add_camera_original(original=original, by=by, upload=from_camera(content))
    settings.MAX_CAMERA_BYTES = 1000
    with pytest.raises(TooLarge):
        authorship.add_camera_original(original=original, by=by, upload=from_camera(jpeg(SCENE)))


def test_heic_and_dng_are_taken_here_alone():
    for content in (heic(SCENE), dng(SCENE)):
        with pytest.raises(Invalid):
            services.register_original(upload=an_upload(content), by=a_merchant())
        with pytest.raises(Invalid):
            imaging.decode(content)


def test_only_the_holder_adds_and_only_while_the_image_claims_something():
    by = a_merchant()
    original = registered(PART, by=by)
    upload = from_camera(jpeg(SCENE))
    with pytest.raises(Forbidden):
        authorship.add_camera_original(original=original, by=a_merchant(), upload=upload)
    services.withdraw(original=original, by=by)
    original.refresh_from_db()
    with pytest.raises(WrongState):
        authorship.add_camera_original(original=original, by=by, upload=upload)


def test_the_same_file_again_is_the_same_and_there_are_not_many():
    by = a_merchant()
    original = registered(PART, by=by)

    def add(content: bytes) -> CameraOriginal:
        return authorship.add_camera_original(original=original, by=by, upload=from_camera(content))

    assert add(jpeg(SCENE)) == add(jpeg(SCENE))
    for n in range(1, authorship.MAX_CAMERA_ORIGINALS):
        add(jpeg(SCENE, comment=b"%d" % n))
    with pytest.raises(Invalid, match="At most 5"):
        add(jpeg(SCENE, comment=b"one more"))


def test_every_finding_has_a_sentence_of_its_own():
    values = {
        "percent": 56, "camera": "Nikon", "lens": "50mm", "registered": "6 × 4", "edits": ["mirrored", "unheard-of"],
        "taken_on": "2025-06-01", "published_on": "2025-06-02", "rival_on": "2025-06-03", "editors": ["GIMP"],
        "wrote": "6 × 4", "has": "3 × 2",
    }  # fmt: skip
    said = [authorship.in_words({"code": code, "values": values}) for code in authorship._sentences()]
    assert len(set(said)) == len(said)
    assert not any("%(" in sentence or "%%" in sentence for sentence in said)
    assert authorship.in_words({"code": "of a later version"})


@given(at=st.integers(0, 2000), junk=st.binary(min_size=1, max_size=40), cut=st.integers(0, 3000))
def test_whatever_is_sent_as_a_camera_original_is_read_or_refused(at, junk, cut):
    small = SCENE.resize((160, 120))
    for good in (jpeg(small, told()), dng(small)):
        broken = bytearray(good)
        broken[at % len(good) : at % len(good) + len(junk)] = junk
        sent = io.BytesIO(bytes(broken[: len(broken) - cut]))
        with suppress(DomainError):
            if kind := media.kind_from_camera(sent):
                read = imaging.read_camera_original(sent, kind)
                assert all(len(str(value)) < 500 for value in read.metadata.values())


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_same_file_added_twice_at_the_same_moment_is_kept_once():
    by = a_merchant()
    original, content = registered(PART, by=by), jpeg(SCENE, told())

    def add(_n: int) -> int:
        try:
            return authorship.add_camera_original(original=original, by=by, upload=from_camera(content)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as people:
        assert len(set(people.map(add, range(2)))) == 1
    assert LedgerEntry.objects.filter(kind="original.camera_original").count() == 1

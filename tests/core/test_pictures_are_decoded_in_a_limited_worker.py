"""Hostile and odd pictures: each is shown as a clean preview or refused with a sentence, never an exception."""

import os
import signal
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from core import imaging
from core.errors import Invalid


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, rest: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest + chunk(b"IEND", b"")


def black(side: int) -> bytes:
    """A black square of one bit a pixel, drawn without ever holding its pixels."""
    return png(side, side, depth=1, colour=0, rest=chunk(b"IDAT", zlib.compress(bytes((side // 8 + 1) * side))))


JPEG = encoded(Image.new("RGB", (300, 200), "red"), "JPEG")
PNG = encoded(Image.new("RGB", (300, 200), "red"), "PNG")
WEBP = encoded(Image.new("RGB", (300, 200), "red"), "WEBP")
GIF = encoded(Image.new("P", (300, 200)), "GIF")


def test_a_picture_of_13000_pixels_square_in_few_bytes_is_refused_by_its_header():
    bomb = black(13_000)
    assert len(bomb) < 500_000
    with pytest.raises(Invalid, match=r"13000 × 13000 pixels\. At most 40 million"):
        imaging.decode(bomb)


def test_a_picture_that_needs_more_memory_than_the_worker_has_is_refused(settings, monkeypatch):
    settings.MAX_IMAGE_PIXELS = 10**10
    monkeypatch.setattr(imaging, "MEMORY_BYTES", 300 * 1024 * 1024)
    with pytest.raises(Invalid, match="too much memory or time"):
        imaging.decode(black(20_000))


@pytest.mark.parametrize("limit", ["CPU_SECONDS", "SECONDS"])
def test_a_picture_that_takes_too_long_is_refused(settings, monkeypatch, limit):
    settings.MAX_IMAGE_PIXELS = 10**10
    monkeypatch.setattr(imaging, limit, 1)
    monkeypatch.setattr(imaging, "MEMORY_BYTES", 8 * 1024**3)
    with pytest.raises(Invalid, match="too much memory or time"):
        imaging.decode(black(20_000))


@pytest.mark.parametrize(
    "hostile",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff" + b"junk" * 100,
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"junk" * 100,
        png(0, 0),
        png(2**31 - 1, 1),
        png(10, 10, depth=3),
        png(10, 10, rest=chunk(b"IDAT", b"not deflated")),
        lambda: png(10, 10, rest=chunk(b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 50_000_000)) + chunk(b"IDAT", b"")),
        lambda: png(10, 10, rest=chunk(b"zTXt", b"x\0\0" + zlib.compress(b"\0" * 80_000_000)) + chunk(b"IDAT", b"")),
        png(10, 10, rest=chunk(b"gAMA", b"\0")),
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\0" * 40,
        b"GIF89a" + b"\xff" * 100,
        JPEG[:400],
        PNG[:-40],
        WEBP[:60],
        GIF[:40],
        JPEG.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x00"),
    ],
    ids=range(18),
)
def test_a_damaged_picture_is_refused_with_a_sentence(hostile):
    with pytest.raises(Invalid) as refused:
        imaging.decode(hostile() if callable(hostile) else hostile)
    assert set(refused.value.errors) == {"file"}
    assert str(refused.value).startswith("The picture")


@pytest.mark.parametrize("seed", range(12))
def test_a_picture_with_bytes_changed_at_random_is_shown_or_refused(seed):
    import random

    dice = random.Random(seed)
    for good in (JPEG, PNG, WEBP, GIF):
        broken = bytearray(good)
        for _ in range(8):
            broken[dice.randrange(4, len(broken))] = dice.randrange(256)
        with suppress(Invalid):
            assert imaging.decode(bytes(broken)).preview


@pytest.mark.parametrize("good", [JPEG, PNG, WEBP, GIF], ids=["JPEG", "PNG", "WebP", "GIF"])
def test_a_good_picture_has_its_size_and_a_preview(good):
    decoded = imaging.decode(good)
    assert (decoded.width_px, decoded.height_px) == (300, 200)
    assert Image.open(BytesIO(decoded.preview)).size == (300, 200)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_of_pixels_becomes_a_preview(mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    data = encoded(Image.new(mode, (30, 20)), "JPEG" if kind == "TIFF" else "PNG")
    assert imaging.decode(data).preview_type in ("image/jpeg", "image/png")


def test_sixteen_bits_a_channel_are_scaled_and_not_clipped():
    grey = Image.new("I;16", (20, 20), 0x4000)
    shown = Image.open(BytesIO(imaging.decode(encoded(grey, "PNG")).preview)).convert("L")
    assert abs(shown.getpixel((10, 10)) - 0x40) < 3


def test_a_large_picture_is_shown_small():
    decoded = imaging.decode(encoded(Image.new("RGB", (4000, 1000)), "JPEG"))
    assert (decoded.width_px, decoded.height_px) == (4000, 1000)
    assert Image.open(BytesIO(decoded.preview)).size == (1600, 400)


def test_pictures_of_several_frames_hidden_behind_jpeg_show_their_first():
    first, second = Image.new("RGB", (30, 20), "red"), Image.new("RGB", (60, 40), "blue")
    mpo = encoded(first, "MPO", save_all=True, append_images=[second])
    shown = Image.open(BytesIO(imaging.decode(mpo).preview))
    assert shown.format == "JPEG"
    assert shown.size == (30, 20)


def test_the_preview_stands_upright_and_carries_nothing_but_pixels():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of a certain person"
    decoded = imaging.decode(encoded(Image.new("RGB", (300, 200)), "JPEG", exif=exif, comment=b"a secret place"))
    assert (decoded.width_px, decoded.height_px) == (200, 300)
    shown = Image.open(BytesIO(decoded.preview))
    assert shown.size == (200, 300)
    assert not shown.getexif()
    assert b"secret" not in decoded.preview
    assert b"Camera" not in decoded.preview


def test_transparency_is_kept():
    decoded = imaging.decode(encoded(Image.new("RGBA", (10, 10), (255, 0, 0, 0)), "WEBP"))
    assert decoded.preview_type == "image/png"
    assert Image.open(BytesIO(decoded.preview)).getpixel((5, 5))[3] == 0


def test_a_worker_that_was_killed_is_started_again():
    imaging.decode(JPEG)
    process = imaging._worker._process
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=5)
    assert imaging.decode(JPEG).width_px == 300
    assert imaging._worker._process.pid != process.pid


def test_many_pictures_at_the_same_moment_wait_for_each_other():
    with ThreadPoolExecutor(20) as people:
        assert [decoded.width_px for decoded in people.map(imaging.decode, [JPEG, PNG] * 20)] == [300] * 40


def test_a_picture_that_finds_no_place_in_time_is_asked_to_come_again(monkeypatch):
    monkeypatch.setattr(imaging, "SECONDS", 0)
    monkeypatch.setattr(imaging, "_places", threading.BoundedSemaphore(1))
    with imaging._places, pytest.raises(imaging.Busy, match="Wait a minute"):
        imaging.decode(JPEG)

"""Files as cameras write them: JPEG, HEIC and DNG with what they say of themselves."""

import io
import struct
from fractions import Fraction
from typing import Any

import numpy as np
import pillow_heif
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

SERIAL, PLACE = "SN-4711-0815", b"Hangzhou"


def a_scene(seed: int = 1, size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """Something with detail everywhere, as a camera sees it."""
    dice = np.random.default_rng(seed)
    coarse = Image.fromarray(dice.integers(0, 255, (18, 24, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
    fine = Image.fromarray(dice.integers(0, 255, (90, 120, 3), np.uint8)).resize(size, Image.Resampling.NEAREST)
    return Image.blend(coarse, fine, 0.45)


def told(taken_at: str = "2025:06:01 10:00:00", **more: Any) -> Image.Exif:
    """What a camera writes: itself, the time, its number, the place."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Nikon", "Z 8"
    exif[0x0132] = taken_at
    detail = exif.get_ifd(0x8769)
    detail[0x9003], detail[0x9011] = taken_at, "+08:00"
    detail[0xA431], detail[0xA434] = SERIAL, "NIKKOR Z 50mm f/1.8 S"
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 7.0), 3: "E", 4: (120.0, 10.0, 3.0)})
    for tag, value in more.items():
        exif[{"software": 0x0131, "changed_at": 0x0132, "orientation": 0x0112}[tag]] = value
    return exif


def jpeg(picture: Image.Image, exif: Image.Exif | None = None, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=93, **({"exif": exif} if exif else {}), **options)
    return out.getvalue()


def heic(picture: Image.Image, exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    made = pillow_heif.from_pillow(picture)
    made.save(out, quality=80, **({"exif": exif.tobytes()} if exif else {}))
    return out.getvalue()


def dng(picture: Image.Image, taken_at: str = "2025:06:01 10:00:00", *, is_said: bool = True) -> bytes:
    """A raw file: the values of a Bayer sensor, uncompressed (DNG specification 1.4)."""
    rgb = np.asarray(picture.convert("RGB"), np.float32) / 255
    h, w = (side // 2 * 2 for side in rgb.shape[:2])
    sensor = np.zeros((h, w), np.uint16)
    for (y, x), colour in {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 2}.items():
        sensor[y::2, x::2] = (rgb[y:h:2, x:w:2, colour] ** 2.2 * 60_000).astype(np.uint16)
    raw = sensor.tobytes()
    identity = [Fraction(int(i == j)) for i in range(3) for j in range(3)]
    main: list[tuple[int, int, Any]] = [
        (254, 4, [0]), (256, 4, [w]), (257, 4, [h]), (258, 3, [16]), (259, 3, [1]), (262, 3, [32803]),
        (271, 2, b"Nikon\0"), (272, 2, b"Z 8\0"), (273, 4, ["raw"]), (274, 3, [1]), (277, 3, [1]), (278, 4, [h]),
        (279, 4, [len(raw)]), (33421, 3, [2, 2]), (33422, 1, bytes([0, 1, 1, 2])), (34665, 4, ["exif"]),
        *([(50706, 1, bytes([1, 4, 0, 0]))] if is_said else []), (50708, 2, b"Nikon Z 8\0"), (50714, 4, [0]),
        (50717, 4, [60_000]), (50721, 10, identity), (50728, 5, [Fraction(1)] * 3), (50778, 3, [21]),
    ]  # fmt: skip
    detail: list[tuple[int, int, Any]] = [(36867, 2, f"{taken_at}\0".encode()), (42033, 2, f"{SERIAL}\0".encode())]
    start = 8
    places = {"exif": start + _length(main), "raw": start + _length(main) + _length(detail)}
    return (
        struct.pack("<2sHL", b"II", 42, start) + _directory(main, start, places)
        + _directory(detail, places["exif"], places) + raw
    )  # fmt: skip


def _packed(kind: int, values: Any, places: dict[str, int]) -> tuple[int, bytes]:
    if isinstance(values, bytes):
        return len(values), values
    if kind in (5, 10):
        pairs = b"".join(struct.pack("<ll", value.numerator, value.denominator) for value in values)
        return len(values), pairs
    return len(values), b"".join(struct.pack("<H" if kind == 3 else "<L", places.get(v, v)) for v in values)


def _directory(entries: list[tuple[int, int, Any]], at: int, places: dict[str, int]) -> bytes:
    head, beside = struct.pack("<H", len(entries)), b""
    free = at + 2 + 12 * len(entries) + 4
    for tag, kind, values in entries:
        count, data = _packed(kind, values, places)
        if len(data) > 4:
            data, beside = struct.pack("<L", free + len(beside)), beside + data + bytes(len(data) % 2)
        head += struct.pack("<HHL4s", tag, kind, count, data)
    return head + bytes(4) + beside


def _length(entries: list[tuple[int, int, Any]]) -> int:
    return len(_directory(entries, 0, {"raw": 0, "exif": 0}))


def from_camera(content: bytes, name: str = "DSC_0001.JPG") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")

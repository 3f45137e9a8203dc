"""Pictures of originals and of what copies them, as the engine and people look at them."""

import io
from collections.abc import Mapping
from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.core.cache import caches
from PIL import Image

from core import crypto, files
from core.models import PrivateFile

#: of the pictures in lists, on screens with two dots a pixel
SMALL_PX = 480
KEPT = timedelta(days=1)


def picture_from(data: bytes) -> Image.Image:
    """A picture that we encoded ourselves; nobody else's bytes are decoded outside the limited worker."""
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
        picture.load()
        return picture


def picture_of(file: PrivateFile) -> Image.Image:
    """The picture of a private file as it may be shown: our own re-encoded copy, at most 1600 pixels wide and high."""
    return picture_from(files.read_preview(file))


def small(file: PrivateFile) -> bytes:
    """A small copy of a private picture as JPEG, for lists; kept for a day in the bounded cache of this machine."""
    name = f"small-{file.public_id}"
    found = remembered(name)
    if found is None:
        found = as_jpeg(picture_of(file), most_px=SMALL_PX)
        remember({name: found})
    return found


def remember(drawn: Mapping[str, bytes]) -> None:
    """Keep pictures for a day in the bounded cache of this machine, encrypted like the files that they come from."""
    sealed = {name: crypto.encrypt(data) for name, data in drawn.items()}
    caches["pictures"].set_many(sealed, KEPT.total_seconds())


def remembered(name: str) -> bytes | None:
    """A picture that was kept; None if there is none, or none that today's keys open."""
    sealed = caches["pictures"].get(name)
    if sealed is None:
        return None
    try:
        return crypto.decrypt(sealed)
    except InvalidToken:
        return None


def as_jpeg(picture: Image.Image, *, most_px: int = 0) -> bytes:
    """A picture of ours as JPEG on white ground, at most `most_px` wide and high if that is given."""
    if picture.mode in ("RGBA", "LA", "P"):
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    picture = picture.convert("RGB")
    if most_px:
        picture.thumbnail((most_px, most_px))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()

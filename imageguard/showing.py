"""Pictures of originals and of what copies them, as the engine and people look at them."""

import io

from PIL import Image

from core import files
from core.models import PrivateFile


def picture_from(data: bytes) -> Image.Image:
    """A picture that we encoded ourselves; nobody else's bytes are decoded outside the limited worker."""
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
        picture.load()
        return picture


def picture_of(file: PrivateFile) -> Image.Image:
    """The picture of a private file as it may be shown: our own re-encoded copy, at most 1600 pixels wide and high."""
    return picture_from(files.read_preview(file))

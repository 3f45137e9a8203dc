"""Proof of authorship: the unedited file straight from the camera, and what it says for and against the claim."""

from typing import Any

from accounts.models import User
from imageguard.models import CameraOriginal, Original

#: camera originals of one image
MAX_CAMERA_ORIGINALS = 5


def add_camera_original(*, original: Original, by: User, upload: Any) -> CameraOriginal:
    """Keep the camera original (JPEG, HEIC, DNG) of an image privately, and read what it says.

    A file that shows something else is kept as well, and its reading says so. The same file again is the same row.
    Raises Forbidden, WrongState, Invalid, TooLarge (field `file`), Busy.
    """
    raise NotImplementedError


def in_words(finding: dict[str, Any]) -> str:
    """A finding of `CameraOriginal.reading` as a sentence for the page; `finding["speaks"]` is for, against, neither."""
    raise NotImplementedError

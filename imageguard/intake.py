"""Handing in images: files of a page or the API one by one, a ZIP, or the pictures of own listings.

One act of handing in is an `Intake`; each image of it is an item that says what became of it. Files are taken in while
the request lasts; entries of a ZIP and pictures of listings are owed to the intake and taken in by a worker
(`take_in_due`), one by one and organisation by organisation in turn, so that nobody waits for somebody else's thousand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from imageguard.models import Intake, IntakeItem
from marketplace.models import Target

#: images of one intake
MAX_IMAGES = 2_000


@dataclass(frozen=True)
class Progress:
    """How far an intake is, in images. `given_up` are those that failed again and again, for no fault of theirs."""

    total: int
    waiting: int
    taken: int
    refused: int
    given_up: int

    @property
    def is_done(self) -> bool:
        return self.waiting == 0


def begin_intake(
    *, by: User, source: str = Intake.Source.FILES, is_public: bool = False, wants_timestamp: bool = False
) -> Intake:
    """Begin an intake to which files are added with `take_file`.

    Raises Forbidden, OnlyVerified, Invalid (field `wants_timestamp`: no time-stamp authority is connected).
    """
    raise NotImplementedError


def take_file(*, intake: Intake, by: User, upload: Any) -> IntakeItem:
    """Take in one file. A bad one raises nothing: its item is refused, with the sentence that says why.

    The same file again in the same intake is the same item; registered in another one before, the item is refused and
    names the earlier original. Raises NotYours, Forbidden, OnlyVerified, Invalid (too many), Busy (send it again).
    """
    raise NotImplementedError


def begin_zip(*, by: User, upload: Any, is_public: bool = False, wants_timestamp: bool = False) -> Intake:
    """Keep a ZIP and owe its intake every image in it; what can be refused by its entry is refused at once.

    Raises Forbidden, OnlyVerified, Invalid and TooLarge (field `file`), and then nothing of it is kept.
    """
    raise NotImplementedError


def begin_listings(
    *, by: User, targets: Iterable[Target], is_public: bool = False, wants_timestamp: bool = False
) -> Intake:
    """Owe an intake the pictures of own listings. Raises Forbidden, OnlyVerified, Invalid, NotYours (another's listing)."""
    raise NotImplementedError


def progress(intake: Intake) -> Progress:
    """How far an intake is; one query."""
    raise NotImplementedError


def take_in_due(limit: int = 20) -> int:
    """Take in up to `limit` images that are due, one by one; returns how many were tried."""
    raise NotImplementedError

"""Certificates: what they say, the proof that goes with them, and what strangers may learn of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from imageguard.models import Original


class TimeStampState(StrEnum):
    """Whether an authority says when the certificate was there: nobody asked for it, it is still to come, it is there."""

    NONE = "none"
    PENDING = "pending"
    STAMPED = "stamped"


@dataclass(frozen=True)
class Certificate:
    """What a certificate says. Those of strangers' look-ups have no title unless the holder shows the image."""

    number: str
    state: str
    holder: str
    title: str
    received_at: datetime
    certified_at: datetime | None
    sha256: str
    perceptual_hash: str
    #: kind of the ledger entry that issued it, and its place in the sealed ledger (None for some seconds)
    ledger_kind: str
    leaf: int | None
    time_stamp: TimeStampState
    stamped_at: datetime | None
    is_public: bool
    #: why it was revoked
    public_reason: str
    #: where everybody can check it
    address: str

    @property
    def is_valid(self) -> bool:
        """Whether it proves anything now: it was neither withdrawn nor revoked."""
        return self.state == Original.State.CERTIFIED


@dataclass(frozen=True)
class Protection:
    """What a stranger learns of a picture: whether it is protected, and by which certificates that are shown to all."""

    is_protected: bool
    shown: tuple[Certificate, ...]
    #: further holders protect it who do not show theirs; how many and who is not told
    has_others: bool


def certificate_of(original: Original) -> Certificate:
    """The certificate of an original, for its holder and staff. Raises NotYours if it never had one."""
    raise NotImplementedError


def bundle(original: Original) -> dict[str, Any] | None:
    """What `core/verify_ledger.py` checks; None while the ledger has not sealed the certificate. Raises NotYours."""
    raise NotImplementedError


def as_pdf(original: Original, language: str) -> bytes:
    """The certificate as a document in `language`, with thumbnail and QR code, for its holder. Raises NotYours."""
    raise NotImplementedError


def find_public(number: str) -> tuple[Original, Certificate]:
    """The certificate under a number, as everybody may see it: without title unless the holder shows the image.

    The original is for `bundle`, and for its picture if `is_public`. Raises NotYours.
    """
    raise NotImplementedError


def is_protected(upload: Any) -> Protection:
    """Whether a picture is protected; the upload is not kept. Raises Invalid, TooLarge (field `file`), Busy."""
    raise NotImplementedError

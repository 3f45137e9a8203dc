"""Signed notes: how a tree head is written down and signed, in the form that transparency logs share.

Sources: C2SP signed-note and tlog-checkpoint. A note is text, an empty line, and `— name base64` where the
base64 is four bytes that tell the key and an Ed25519 signature over the text. Keys are written as `name+id+base64`.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from core.crypto import derive

_ED25519 = b"\x01"
LONGEST_ORIGIN = 150
_NAME = re.compile(rf"[^\s+]{{1,{LONGEST_ORIGIN}}}")


class UnusableKey(Exception):
    """IPPRO_LEDGER_SIGNING_KEY or IPPRO_LEDGER_ORIGIN is not what it should be; the text says what it should be."""


@dataclass(frozen=True)
class SigningKey:
    """A key with the name under which it signs."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return _ED25519 + self.private.public_key().public_bytes_raw()

    @property
    def fingerprint(self) -> bytes:
        """The four bytes by which a note tells which key signed it."""
        return sha256(self.name.encode() + b"\n" + self.public).digest()[:4]

    @property
    def key_id(self) -> str:
        return f"{self.name}+{self.fingerprint.hex()}"

    @property
    def verifier(self) -> str:
        """What is published: everything that checking needs, in one word."""
        return f"{self.key_id}+{b64encode(self.public).decode()}"

    def sign(self, text: str) -> str:
        """The signed note of a text that ends with a line's end."""
        signature = self.fingerprint + self.private.sign(text.encode())
        return f"{text}\n— {self.name} {b64encode(signature).decode()}\n"


def signing_key() -> SigningKey:
    """The key that signs now. Raises UnusableKey.

    Without IPPRO_LEDGER_SIGNING_KEY it is derived from the first of IPPRO_SECRET_KEYS, so that nothing has to be
    kept or written anywhere, and a new first secret is simply a new signing key.
    """
    if not _NAME.fullmatch(settings.LEDGER_ORIGIN):
        raise UnusableKey(
            f"IPPRO_LEDGER_ORIGIN is a name of at most {LONGEST_ORIGIN} characters without spaces and plus signs."
        )
    if not settings.LEDGER_SIGNING_KEY:
        return SigningKey(
            settings.LEDGER_ORIGIN, Ed25519PrivateKey.from_private_bytes(derive(settings.SECRET_KEYS[0], b"ledger"))
        )
    try:
        seed = b64decode(settings.LEDGER_SIGNING_KEY, validate=True)
    except (NotBase64, ValueError):
        seed = b""
    if len(seed) != 32:
        raise UnusableKey("IPPRO_LEDGER_SIGNING_KEY is the base64 of 32 random bytes: `openssl rand -base64 32`.")
    return SigningKey(settings.LEDGER_ORIGIN, Ed25519PrivateKey.from_private_bytes(seed))


def in_utc(moment: datetime) -> str:
    """A moment as it stands in what is hashed and signed: UTC, always with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def head_text(*, origin: str, size: int, root: bytes, at: datetime) -> str:
    """What is signed of a tree head."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\nTime: {in_utc(at)}\n"

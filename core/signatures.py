"""Standard Webhooks with our clock: how calls between machines are signed, both ways.

The library signs and compares nothing here but the signature itself: it reads the system's time, and the house has one
clock. Several secrets, and several signatures, stand beside each other while one secret replaces another.
Source: https://www.standardwebhooks.com/.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from core import clock

#: how far the time of a signed call may be off, against its being sent again later
TOLERANCE = timedelta(minutes=5)
MOST_SIGNATURES = 10
PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret of 256 bits, as Standard Webhooks writes it."""
    return PREFIX + b64encode(secrets.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Whether it can be signed with it."""
    try:
        Webhook(text)
    except (ValueError, RuntimeError):
        return False
    return True


def signed_headers(secrets_: Iterable[str], *, message_id: str, content: str) -> dict[str, str]:
    """The three headers of a call that goes out now, with one signature for each secret."""
    at = clock.unmoved()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, at, content) for secret in secrets_),
    }


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, *, call: str = "") -> bool:
    """Whether a call that came in was signed with this secret, lately. Its body may be any bytes, a file among them.

    `call` is its method and address, such as "POST /api/v1/marketplace/events": a signature of the second version (`v2`)
    covers it, so that whoever overhears one sends it nowhere else. One of the first covers time and body alone.
    """
    try:
        at = datetime.fromtimestamp(int(headers.get("Webhook-Timestamp", "")), tz=UTC)
        key = b64decode(secret.removeprefix(PREFIX))
    except (ValueError, OverflowError, OSError, RuntimeError):
        return False
    # The library signs text alone.
    said = f"{headers.get('Webhook-Id', '')}.{int(at.timestamp())}.".encode(errors="replace")
    expected = [_signature("v1", key, said + body)]
    if call:
        expected.append(_signature("v2", key, said + f"{call}.".encode(errors="replace") + body))
    given = headers.get("Webhook-Signature", "").split(maxsplit=MOST_SIGNATURES)[:MOST_SIGNATURES]
    matches = [hmac.compare_digest(one, each.encode(errors="replace")) for one in expected for each in given]
    return bool(headers.get("Webhook-Id")) and abs(clock.unmoved() - at) <= TOLERANCE and any(matches)


def _signature(version: str, key: bytes, signed: bytes) -> bytes:
    return f"{version},{b64encode(hmac.digest(key, signed, 'sha256')).decode()}".encode()

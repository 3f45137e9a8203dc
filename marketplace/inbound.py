"""Whether a call really comes from a marketplace: Standard Webhooks, with our clock.

The library signs and compares nothing here but the signature itself: it reads the system's time, and the
house has one clock. Source: https://www.standardwebhooks.com/, "Verifying signatures".
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_lazy as _
from standardwebhooks import Webhook

from core import clock
from core.errors import DomainError
from marketplace.models import Marketplace

TOLERANCE = timedelta(minutes=5)
#: signed with when there is no such marketplace, so that the answer takes as long
_NOBODY = "whsec_bm9ib2R5IGtub3dzIHRoaXMsIG5vYm9keSBuZWVkcyB0bw=="


class NotSigned(DomainError):
    """Unknown marketplace, wrong secret, changed body, old time: the caller learns no more than this."""

    code = "bad_signature"
    status = 401
    message = _(
        "The signature is missing, wrong or too old. Sign the body as Standard Webhooks asks, with the "
        "secret of this marketplace, and name the marketplace in Ippro-Marketplace."
    )


def sender_of(*, headers: Mapping[str, str], body: bytes) -> Marketplace:
    """The marketplace that signed this body. Raises NotSigned.

    `inbound_secret` may hold two secrets with a space between them while one replaces the other.
    """
    marketplace = Marketplace.objects.filter(slug=headers.get("Ippro-Marketplace", "")[:50], is_enabled=True).first()
    secrets = marketplace.inbound_secret.split() if marketplace else []
    good = [_is_signed(secret, headers, body) for secret in secrets or [_NOBODY]]
    if marketplace is None or not secrets or not any(good):
        raise NotSigned()
    return marketplace


def _is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        at = datetime.fromtimestamp(int(headers.get("Webhook-Timestamp", "")), tz=UTC)
        expected = Webhook(secret).sign(headers.get("Webhook-Id", ""), at, body.decode())
    except (ValueError, OverflowError, OSError, RuntimeError):
        return False
    given = headers.get("Webhook-Signature", "").split(maxsplit=10)[:10]
    matches = [hmac.compare_digest(expected.encode(), signature.encode()) for signature in given]
    return bool(headers.get("Webhook-Id")) and abs(clock.unmoved() - at) <= TOLERANCE and any(matches)

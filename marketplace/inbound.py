"""Whether a call really comes from a marketplace: signed by Standard Webhooks (`core/signatures.py`)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.signatures import is_signed
from marketplace.models import Marketplace

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


def sender_of(request: Any, *, body: bytes) -> Marketplace:
    """The marketplace that signed this call, or at least its body. Raises NotSigned.

    `inbound_secret` may hold two secrets with a space between them while one replaces the other.
    """
    headers, call = request.headers, f"{request.method} {request.get_full_path()}"
    marketplace = Marketplace.objects.filter(slug=headers.get("Ippro-Marketplace", "")[:50], is_enabled=True).first()
    secrets = marketplace.inbound_secret.split() if marketplace else []
    good = [is_signed(secret, headers, body, call=call) for secret in secrets or [_NOBODY]]
    if marketplace is None or not secrets or not any(good):
        raise NotSigned()
    return marketplace

"""Which addresses of organisations are called: https, on the internet for everybody, or named by the operator."""

from django.conf import settings
from django.utils.translation import gettext as _

from core import fetch
from core.errors import Invalid


def trusted_origins() -> list[str]:
    """Origins that the operator named (`IPPRO_WEBHOOK_ORIGINS`), as they are compared."""
    return [origin for origin in map(fetch.origin_of, settings.WEBHOOK_ORIGINS) if origin]


def check_address(url: str) -> str:
    """The address, if the house would call it: https, on the internet for everybody. Raises Invalid.

    Asked before any transaction; it is judged again each time that something is sent.
    """
    url = url.strip()
    try:
        fetch.check(url, trusted_origins=trusted_origins())
    except fetch.Unreachable as unknown:
        raise Invalid(
            _("This address is not known on the internet. Check how it is written."), field="url"
        ) from unknown
    except fetch.Refused as refused:
        said = _(
            "This address cannot be called: it has to begin with https:// and be open to the internet, at port 443."
        )
        raise Invalid(said, field="url") from refused
    return url

"""Which addresses of organisations are called: https, on the internet for everybody, or named by the operator."""

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Organisation
from core import fetch
from core.errors import Invalid


def trusted_origins(organisation: Organisation) -> list[str]:
    """Origins that the operator named for this organisation (`IPPRO_WEBHOOK_ORIGINS`), as they are compared.

    For it alone: whoever else could send there would look around in the operator's network.
    """
    named = (entry.partition("=") for entry in settings.WEBHOOK_ORIGINS)
    found = [fetch.origin_of(origin) for whose, _equals, origin in named if whose == organisation.public_id]
    found.append(fetch.origin_of(demo_origin()))
    return [origin for origin in found if origin]


def demo_origin() -> str:
    """Where on this computer a demo sends to, whoever asks for it; empty everywhere else."""
    return settings.DEMO_WEBHOOK_ORIGIN if settings.DEMO else ""


def is_trusted(url: str, organisation: Organisation) -> bool:
    """Whether an address lies at an origin that the operator named for this organisation."""
    return fetch.origin_of(url) in trusted_origins(organisation)


def check_address(url: str, organisation: Organisation) -> str:
    """The address, if the house would call it for this organisation. Raises Invalid.

    Asked before any transaction; it is judged again each time that something is sent.
    """
    url = url.strip()
    try:
        fetch.check(url, trusted_origins=trusted_origins(organisation))
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

"""How often one address in the internet may ask what strangers may ask, on pages and by API together."""

from typing import Any

from core.api import PublicThrottle
from core.pace import keep_pace

#: in a minute: a look-up decodes and searches a picture, and numbers follow each other, so that nobody shall read all
#: certificates in an hour
LOOK_UPS, CERTIFICATES = 10, 120


def may_look_up(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="look-up", who=PublicThrottle().get_ident(request), most=LOOK_UPS)


def may_read_certificate(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="certificate", who=PublicThrottle().get_ident(request), most=CERTIFICATES)

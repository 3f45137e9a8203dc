"""How often one address in the internet may read the register, by pages and programs together."""

from typing import Any

from core.api import PublicThrottle
from core.pace import keep_pace

#: in a minute; an export reads everything, so there are few of them
PAGES, EXPORTS = 240, 6


def may_read(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="register", who=PublicThrottle().get_ident(request), most=PAGES)


def may_export(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="register-export", who=PublicThrottle().get_ident(request), most=EXPORTS)

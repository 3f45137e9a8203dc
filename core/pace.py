"""How often one person may have something done that costs seconds of the machine."""

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class TooOften(DomainError):
    code = "too_often"
    status = 429
    message = _("That was asked for very often in a short time. Wait a minute, then go on.")


def keep_pace(*, what: str, who: str, most: int, seconds: int = 60) -> None:
    """Count one more time that somebody asks for something; at most so often in so many seconds. Raises TooOften.

    The count begins with the first time and ends with it, whatever was asked for in between.
    """
    key = f"pace-{what}-{who}"
    if cache.add(key, 1, seconds):
        return
    try:
        count = cache.incr(key)
    except ValueError:  # it ended at this very moment
        return
    if count > most:
        raise TooOften()

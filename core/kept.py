"""Figures that many pages show and that may be some seconds old: counted once, and kept for so long.

What is the same for everybody who may see it is kept under one name; what depends on who asks names that person. Pages that
show such figures say how old they are at most. Each web process keeps its own: what one shows may be a few seconds older than another's.
"""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import caches

from core import clock

Figures = TypeVar("Figures")
#: where they are kept, by `CACHES`
PLACE = "figures"


def kept(name: str, count: Callable[[], Figures]) -> Figures:
    """What `count` says, or what it said no longer ago than `FIGURES_KEPT_SECONDS`; plain values, not rows or querysets."""
    seconds: int = settings.FIGURES_KEPT_SECONDS
    if not seconds:
        return count()
    # Whoever moves the clock of a demo sees the figures of that day.
    key = f"{name}:{clock.moved_by().total_seconds():.0f}"
    found: Figures | None = caches[PLACE].get(key)
    if found is None:
        found = count()
        caches[PLACE].set(key, found, seconds)
    return found

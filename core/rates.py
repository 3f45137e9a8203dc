"""How often one caller may call the API, said with every answer.

A minute at a time: `RateLimit-Policy` says how much there is, `RateLimit` what is left of it and for how many seconds,
and whoever has used it up gets 429 with `Retry-After`. Counted for each API key by itself, else for each person; public
addresses count by the address in the internet (`core.api.PublicThrottle`). The count lives in the cache `rates`.
Source: draft-ietf-httpapi-ratelimit-headers-10.
"""

from typing import Any

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import clock

WINDOW_SECONDS = 60


def say(view: Any, *, policy: str, most: int, left: int, seconds: int) -> None:
    """Put the two headers on whatever this view answers."""
    view.headers["RateLimit-Policy"] = f'"{policy}";q={most};w={WINDOW_SECONDS}'
    view.headers["RateLimit"] = f'"{policy}";r={left};t={seconds}'


class CallerThrottle(BaseThrottle):
    """`API_CALLS_A_MINUTE` calls of one key or one person; 0 is without a limit. Nobody in particular is not counted."""

    _seconds = WINDOW_SECONDS

    def allow_request(self, request: Request, view: Any) -> bool:
        most: int = settings.API_CALLS_A_MINUTE
        who = getattr(request.auth or request.user, "public_id", "")
        if not most or not who:
            return True
        minute, passed = divmod(int(clock.unmoved().timestamp()), WINDOW_SECONDS)
        self._seconds = WINDOW_SECONDS - passed
        count = _counted(f"calls-{who}-{minute}")
        say(view, policy="caller", most=most, left=max(0, most - count), seconds=self._seconds)
        return count <= most

    def wait(self) -> float:
        return float(self._seconds)


def _counted(key: str) -> int:
    rates = caches["rates"]
    if rates.add(key, 1, 2 * WINDOW_SECONDS):
        return 1
    try:
        return int(rates.incr(key))
    except ValueError:  # thrown out at this very moment
        return 1

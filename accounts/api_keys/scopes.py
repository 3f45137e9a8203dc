"""What a key may be used for: reading or writing in one part of the API.

Every operation says to which part it belongs: its view has `area`, one part or several of which any will do, and an
action that only looks although it is a POST is `reading`. What names no part is opened by no key.
"""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

READ, WRITE = "read", "write"
#: methods that change nothing
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Area(models.TextChoices):
    FILINGS = "filings", _("Rights on file")
    ORIGINALS = "originals", _("Original images and copies found")
    PATROL = "patrol", pgettext_lazy("scope of an API key", "Watch profiles and what was found")
    COMPLAINTS = "complaints", _("Complaints and your standing")
    NOTICES = "notices", _("Notices, findings, points and penalties of your shops")
    COUNTER_NOTICES = "counter_notices", _("Counter-notices")
    APPEALS = "appeals", _("Appeals")
    POWERS = "powers", _("Powers of attorney")
    WEBHOOKS = "webhooks", _("Webhooks")


#: as they stand in a key; `write` opens what `read` opens too
SCOPES: tuple[str, ...] = tuple(f"{area}:{may}" for area in Area.values for may in (READ, WRITE))


def reading(action: Any) -> Any:
    """Marks an action that changes nothing although it is called by POST."""
    action.is_reading = True
    return action


def needed(view: Any, method: str) -> tuple[str, ...]:
    """The scopes of which a key needs one for an operation; none: no key opens it."""
    area: str | Collection[str] = getattr(view, "area", ())
    areas = (area,) if isinstance(area, str) else tuple(area)
    name = getattr(view, "action", None) or method.lower()
    looks = method in SAFE or getattr(getattr(view, name, None), "is_reading", False)
    return tuple(f"{one}:{READ if looks else WRITE}" for one in areas)


def opens(granted: Collection[str], wanted: Collection[str]) -> bool:
    """Whether what a key was given opens one of these scopes."""
    return any(s in granted or (s.endswith(f":{READ}") and s[: -len(READ)] + WRITE in granted) for s in wanted)


def in_words(scopes: Collection[str]) -> list[tuple[Any, bool]]:
    """Each part of the API that these scopes open, in words, and whether it may be written."""
    return [
        (area.label, f"{area}:{WRITE}" in scopes)
        for area in Area
        if f"{area}:{READ}" in scopes or f"{area}:{WRITE}" in scopes
    ]

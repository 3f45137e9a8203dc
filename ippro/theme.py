"""What the staff's theme (django-unfold) computes again for each line of a list, computed once.

For each line the theme makes the heads of all columns again, and it renders a template for each label and each tick. That
was a third of the time of a list; here it is remembered. What no page of ours shows is made when somebody asks for it. No page
looks different, and nothing of the theme is copied: if a release of it has these functions no longer, the tests say so.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language
from unfold import utils
from unfold.sites import UnfoldAdminSite
from unfold.templatetags import unfold_list

#: so many different labels are remembered
LABELS = 4096


def remember() -> None:
    """Put what remembers in the place of what computes again; once, when the program starts."""
    unfold_list.result_headers = _heads_once(unfold_list.result_headers)
    unfold_list.display_for_label = _labels_once(unfold_list.display_for_label)
    utils._boolean_icon = _ticks_once(utils._boolean_icon)
    UnfoldAdminSite.get_app_list = _apps_when_asked(UnfoldAdminSite.get_app_list)


def _heads_once(heads: Callable[[Any], Iterator[dict[str, Any]]]) -> Callable[[Any], list[dict[str, Any]]]:
    def once(cl: Any) -> list[dict[str, Any]]:
        if not hasattr(cl, "heads_of_columns"):
            cl.heads_of_columns = list(heads(cl))
        known: list[dict[str, Any]] = cl.heads_of_columns
        return known

    return once


def _labels_once(shown: Callable[[Any, str, Any], str]) -> Callable[[Any, str, Any], str]:
    # Apart by type: words that are marked as safe are shown as they are.
    @lru_cache(maxsize=LABELS, typed=True)
    def label(words: str, empty: str, tone: str | None) -> str:
        return shown(words, empty, {words: tone})

    def once(value: Any, empty: str, tones: Any) -> str:
        words, tone = value, None
        if isinstance(tones, dict):
            if isinstance(value, tuple) and len(value) == 2 and value[0] in tones:
                tone, words = tones[value[0]], value[1]
            elif isinstance(value, str):
                tone = tones.get(value)
        if isinstance(words, str | Promise):
            return label(str(words), empty, tone)
        return shown(value, empty, tones)

    return once


def _ticks_once(shown: Callable[[Any], str]) -> Callable[[Any], str]:
    @lru_cache(maxsize=64)
    def tick(value: bool | None, language: str | None) -> str:
        return shown(value)

    def once(value: Any) -> str:
        return tick(value, get_language()) if value is None or isinstance(value, bool) else shown(value)

    return once


def _apps_when_asked(listed: Callable[..., Any]) -> Callable[..., Any]:
    """All lists of all rooms with what somebody may do there: asked for by pages that the sidebar took the place of."""

    def later(site: Any, request: Any, app_label: str | None = None) -> Any:
        return SimpleLazyObject(lambda: listed(site, request, app_label))

    return later

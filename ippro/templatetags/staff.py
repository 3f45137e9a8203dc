"""The frame of the staff's pages: `{% load staff %}`."""

from typing import Any

from django import template
from django.conf import settings

from core.pages import many as many_words
from ippro.staff import sidebar

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    """What the theme looks for in `templates` to draw the sidebar, and the lists that stand in it."""
    request = context["request"]
    if not hasattr(request, "_sidebar"):
        request._sidebar = sidebar(request)
    return {
        "navigation": "admin/navigation.html", "lists": request._sidebar, "seconds": settings.FIGURES_KEPT_SECONDS,
    }  # fmt: skip


@register.filter
def many(n: int) -> str:
    """How many, as it stands beside a link: of what is much, no exact number."""
    return many_words(n)

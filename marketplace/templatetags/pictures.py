"""Pictures of targets on our pages, from our own copies: `{% load pictures %}{% copy_thumb link.picture %}`."""

from typing import Any

from django import template

from marketplace.pictures import Copy

register = template.Library()


@register.inclusion_tag("marketplace/_copy_thumb.html")
def copy_thumb(copy: Copy | None) -> dict[str, Any]:
    """A small picture beside a title: our copy, a placeholder while there is none, nothing where none was shown."""
    return {"copy": copy}

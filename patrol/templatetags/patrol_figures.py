"""Shares and kinds in words, for pages about samples and figures."""

from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patrol.signals import words

register = template.Library()

_WORDS = {
    "none": gettext_lazy("nothing found"), "low": gettext_lazy("low"), "high": gettext_lazy("high"),
    "small": gettext_lazy("small"), "middle": gettext_lazy("middle-sized"), "large": gettext_lazy("large"),
}  # fmt: skip


@register.filter
def percent(share: Any) -> str:
    """A share of one as a percentage with one place; a dash where there is none."""
    if share is None or share == "":
        return "–"
    return _("%(n)s %%") % {"n": number_format(round(float(share) * 100, 1), decimal_pos=1)}


@register.filter
def stratum_word(name: str) -> Any:
    return _WORDS.get(name, name)


@register.filter
def unlocalised(number: Any) -> str:
    """A number as HTML wants it, whatever the reader's language writes."""
    return f"{float(number or 0):.4f}"


@register.filter
def signal_word(signal: str) -> str:
    """The short name of a signal."""
    return words.name(signal)

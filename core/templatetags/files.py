"""Links to private files for the person who looks at the page: `{% load files %}{% file_url file %}`."""

from typing import Any

from django import template

from core import files
from core.models import PrivateFile

register = template.Library()


@register.simple_tag(takes_context=True)
def file_url(context: template.Context, file: PrivateFile, name: str = "") -> str:
    """Downloads the file as it was handed in, under `name` if one is given."""
    return files.url(file, user=_reader(context), name=name)


@register.simple_tag(takes_context=True)
def preview_url(context: template.Context, file: PrivateFile) -> str:
    """Shows the re-encoded picture; empty for a file that has none."""
    return files.url(file, user=_reader(context), preview=True)


def _reader(context: template.Context) -> Any:
    return context["request"].user

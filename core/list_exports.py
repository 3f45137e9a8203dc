"""What a list of the staff shows, as a sheet: its lines and columns as cells of text, in the order in which they stand.

A sheet shows what the list shows, and no more: what is masked there is masked here. Cells carry no formulas (`core/spreadsheet.py`).
"""

import html
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

#: so many lines are read at once
CHUNK = 500
#: a tag, with what it says to whoever points at it
_TAG = re.compile(r'<(?:[^>]*? title="([^"]*)")?[^>]*>')


def lines(admin: Any, found: Any, columns: list[str]) -> Iterator[list[Any]]:
    """The names of the columns, then line by line what stands in them."""
    yield [str(label_for_field(name, admin.model, model_admin=admin)) for name in columns]
    for row in found.iterator(CHUNK):
        yield [_cell(admin, row, name) for name in columns]


def _cell(admin: Any, row: Any, name: str) -> Any:
    try:
        field, shows, value = lookup_field(name, row, admin)
    except ObjectDoesNotExist:
        return ""
    if field is not None and getattr(field, "flatchoices", None):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, tuple) and getattr(shows, "label", False):
        # A name for its colour, and the words.
        value = value[-1]
    return as_text(value)


def as_text(value: Any) -> Any:
    """A value as it is read on a page: without tags, days and hours by the clock of the house.

    What a page says in words as of now, “in 2 days”, a sheet says with the moment: it is read later.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return float(value) if isinstance(value, Decimal) else value
    if isinstance(value, list | tuple):
        return ", ".join(str(as_text(one)) for one in value)
    text = str(value)
    if isinstance(text, SafeString):
        text = html.unescape(_TAG.sub(r" \1 ", text))
    return " ".join(text.split())

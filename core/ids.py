"""Identifiers that people and programs see: opaque and sortable, never a database id.

`cmp_…` is a prefix and a UUIDv7 in Crockford base 32 (26 characters); `C-2026-000123` stands beside it.
"""

from functools import partial
from typing import Any

import uuid6
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """A fresh public id such as `cmp_01jd…`; ids made later sort later."""
    number = uuid6.uuid7().int
    digits = []
    for _place in range(26):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return f"{prefix}_{''.join(reversed(digits))}"


class PublicIdField(models.CharField):
    """A public id with its prefix, made when the row is made and never changed."""

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs.setdefault("max_length", 31)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", partial(new_id, prefix))
        kwargs.setdefault("verbose_name", _("public id"))
        super().__init__(**kwargs)

    def get_prep_value(self, value: Any) -> Any:
        # PostgreSQL takes no null byte: an id that somebody sent with one is as unknown as any other.
        return super().get_prep_value(value.replace("\x00", "\ufffd") if isinstance(value, str) else value)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        kwargs.pop("verbose_name", None)
        return name, path, args, {"prefix": self.prefix, **kwargs}


def next_number(letter: str, year: int) -> str:
    """The next case number for people, such as `C-2026-000123`, without gaps; needs a transaction."""
    return next_numbers(letter, year, 1)[0]


def next_numbers(letter: str, year: int, count: int) -> list[str]:
    """The next `count` case numbers of a series, in order."""
    if count == 0:
        return []
    last = draw(letter, year, count)
    return [f"{letter}-{year}-{number:06d}" for number in range(last - count + 1, last + 1)]


def draw(letter: str, year: int, count: int = 1) -> int:
    """The last of the next `count` numbers of a series, without gaps; needs a transaction.

    Whoever draws one holds the series until the transaction ends, so that numbers become visible in their order.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is drawn in the transaction that uses it")
    # One statement, and Django's ORM has no such insert.
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_numberseries (letter, year, last) VALUES (%s, %s, %s) "
            "ON CONFLICT (letter, year) DO UPDATE SET last = core_numberseries.last + excluded.last RETURNING last",
            [letter, year, count],
        )
        last: int = cursor.fetchone()[0]
    return last

"""Pages of the staff's lists, at the same cost however long a list is: nobody turns to its two-hundredth page."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import IntegerField, QuerySet, Value

#: so many rows of a list are counted and can be turned to; what lies behind is found by filters and search
MOST = 10_000
#: beside a link what waits is counted so far: whoever has more to do than that needs no exact number
MANY = 1_000


def bounded_count(found: QuerySet, most: int = MOST) -> int:
    """How many rows there are, `most` where there are more: the database stops counting there."""
    return found.order_by().values("pk")[:most].count()


def many(n: int) -> str:
    """How many, as it stands beside a link."""
    return f"{MANY}+" if n > MANY else str(n)


def count_all(named: Mapping[str, QuerySet], most: int | None = None) -> dict[str, int]:
    """How many rows each of some querysets has, in one query; with `most` no further than one more than that."""
    parts: list[str] = []
    values: list[Any] = []
    for nth, found in enumerate(named.values()):
        rows = found.order_by()
        if not rows.query.distinct:
            rows = rows.values(one=Value(1, IntegerField()))
        try:
            text, given = rows[: None if most is None else most + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT {nth}, COUNT(*) FROM ({text}) AS counted_{nth}")  # noqa: S608
        values += given
    counted: dict[int, int] = {}
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            counted = dict(cursor.fetchall())
    return {name: counted.get(nth, 0) for nth, name in enumerate(named)}


class BoundedPaginator(Paginator):
    """Counts no further than `MOST`, and reads whole rows for the page that is shown alone."""

    @cached_property
    def count(self) -> int:
        found = self.object_list
        return bounded_count(found) if isinstance(found, QuerySet) else len(found)

    @property
    def is_bounded(self) -> bool:
        """There may be more than what was counted."""
        return self.count >= MOST

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        found: Any = self.object_list
        if not isinstance(found, QuerySet):
            return super().page(number)
        first = (number - 1) * self.per_page
        # Sorted are keys alone: whatever a line shows beside them is looked up for the lines of this page. Two statements: in
        # one, PostgreSQL joins all lines before it knows which are shown, as soon as there are more tables than it weighs.
        shown = list(found.values_list("pk", flat=True)[first : max(min(first + self.per_page, self.count), first)])
        return Page(found.filter(pk__in=shown), number, self)

"""Pages of the staff's lists, at the same cost however long a list is: nobody turns to its two-hundredth page."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

#: so many rows of a list are counted and can be turned to; what lies behind is found by filters and search
MOST = 10_000
#: from so many rows on, those before a page are passed over by their ids alone
FAR = 500


def bounded_count(found: QuerySet, most: int = MOST) -> int:
    """How many rows there are, `most` where there are more: the database stops counting there."""
    return found.order_by().values("pk")[:most].count()


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
        first = (number - 1) * self.per_page
        found: Any = self.object_list
        if not isinstance(found, QuerySet) or first < FAR:
            return super().page(number)
        shown = list(found.values_list("pk", flat=True)[first : min(first + self.per_page, self.count)])
        return Page(found.filter(pk__in=shown), number, self)

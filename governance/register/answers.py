"""What the pages of both registers share: what a reader has already is not sent again, filters, the feed."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language

from core import clock
from core.errors import Invalid
from core.spreadsheet import as_csv

#: pages differ by who reads them (the frame), so only programs' formats are kept on the way
BRIEFLY = "public, max-age=60"
ASK_FIRST = "private, no-cache"
PAGE = 25
IN_FEED = 50


def etag_by(version: Callable[[], str]) -> Callable[..., str]:
    """The ETag of one address, language and reader, as long as nothing in the register changes."""

    def etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        reader = getattr(request.user, "pk", None) or ""
        said = [request.get_full_path(), get_language() or "", str(reader), version()]
        return f'"{hashlib.sha256(chr(0).join(said).encode()).hexdigest()[:32]}"'

    return etag


def without_page(request: HttpRequest) -> str:
    """The filters of a request, for links to the same in another format."""
    kept = request.GET.copy()
    kept.pop("page", None)
    return f"?{kept.urlencode()}" if kept else ""


def chosen_by(filters: Any) -> Any:
    """What the filters of a request leave. Raises Invalid."""
    if not filters.form.is_valid():
        raise Invalid(errors={name: [str(e) for e in errors] for name, errors in filters.form.errors.items()})
    return filters.qs


def listed(request: HttpRequest, filters: Any, *, read: Callable[[Any], Any], template: str) -> HttpResponse:
    """A page of what a search leaves, with the search above it; what cannot be read finds nothing and is named."""
    is_valid = filters.form.is_valid()
    found = filters.qs if is_valid else filters.queryset.none()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": filters, "page": page, "entries": read(page.object_list), "query": without_page(request),
        "is_filtered": any(filters.data.get(name) for name in filters.form.fields),
    }  # fmt: skip
    answer = render(request, template, context, status=200 if is_valid else 422)
    answer["Cache-Control"] = ASK_FIRST
    return answer


def exported(name: str, rows: Iterable[Any]) -> StreamingHttpResponse:
    """A table that is written while it is read."""
    answer = StreamingHttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{clock.today():%Y-%m-%d}.csv"'
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@dataclass(frozen=True)
class Item:
    """One entry as a feed reader shows it."""

    title: str
    link: str
    description: str
    published_at: datetime
    changed_at: datetime


def feed(request: HttpRequest, *, title: str, path: str, items: Iterable[Item]) -> HttpResponse:
    """An Atom feed (RFC 4287) of what stands under `path`."""
    address = f"{settings.BASE_URL}{path}"
    made = Atom1Feed(
        title=title, link=address, description="", feed_url=f"{settings.BASE_URL}{request.get_full_path()}",
        language=get_language() or "en", feed_guid=address,
    )  # fmt: skip
    for item in items:
        made.add_item(
            title=item.title, link=item.link, description=item.description, unique_id=item.link,
            pubdate=item.published_at, updateddate=item.changed_at,
        )  # fmt: skip
    answer = HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    answer["Cache-Control"] = BRIEFLY
    return answer

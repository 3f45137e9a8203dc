"""The public register as pages, as an Atom feed and as a table: read by everybody, with nothing to sign in for.

What a reader has already is not sent again: every answer has an ETag that changes with the last step of any case.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from core import clock
from core.errors import Invalid
from core.spreadsheet import as_csv
from governance.register import pace, selectors
from governance.register.filters import RegisterFilter
from governance.register.selectors import Entry

PAGE = 25
IN_FEED = 50
#: pages differ by who reads them (the frame), so only programs' formats are kept on the way
BRIEFLY = "public, max-age=60"
ASK_FIRST = "private, no-cache"


def etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    """Of one address, language and reader, as long as nothing in the register changes."""
    reader = getattr(request.user, "pk", None) or ""
    said = [request.get_full_path(), get_language() or "", str(reader), selectors.version()]
    return f'"{hashlib.sha256(chr(0).join(said).encode()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=etag)
def entries(request: HttpRequest) -> HttpResponse:
    """The register, newest first, with its search."""
    pace.may_read(request)
    chosen = RegisterFilter(request.GET, queryset=selectors.published())
    found = chosen.qs if chosen.form.is_valid() else selectors.published().none()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page": page,
        "entries": selectors.read(page.object_list),
        "is_filtered": any(request.GET.get(name) for name in chosen.form.fields),
        "query": _without_page(request),
    }
    answer = render(request, "governance/register/list.html", context, status=200 if chosen.form.is_valid() else 422)
    answer["Cache-Control"] = ASK_FIRST
    return answer


def _without_page(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("page", None)
    return f"?{kept.urlencode()}" if kept else ""


@require_safe
@condition(etag_func=etag)
def entry(request: HttpRequest, public_id: str) -> HttpResponse:
    """One entry; the ids of its statements, answers and appeals lead to it."""
    pace.may_read(request)
    named = selectors.entry_named(public_id)
    if named != public_id:
        return redirect(f"{reverse('register:entry', args=[named])}#{public_id}")
    answer = render(request, "governance/register/entry.html", {"entry": selectors.entry_of(public_id)})
    answer["Cache-Control"] = ASK_FIRST
    return answer


@require_safe
@condition(etag_func=etag)
def feed(request: HttpRequest) -> HttpResponse:
    """What changed last, as an Atom feed (RFC 4287); takes the filters of the page."""
    pace.may_read(request)
    found = selectors.changed_last(_chosen(request), IN_FEED)
    address = f"{settings.BASE_URL}{reverse('register:list')}"
    made = Atom1Feed(
        title=_("Register of notices and outcomes"),
        link=address,
        description="",
        feed_url=f"{settings.BASE_URL}{request.get_full_path()}",
        language=get_language() or "en",
        feed_guid=address,
    )
    for e in selectors.read(found):
        link = f"{settings.BASE_URL}{reverse('register:entry', args=[e.id])}"
        made.add_item(
            title=f"{e.number} {e.right_name}",
            link=link,
            description=_summary(e),
            unique_id=link,
            pubdate=e.published_at,
            updateddate=e.changed_at,
        )
    answer = HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    answer["Cache-Control"] = BRIEFLY
    return answer


def _summary(e: Entry) -> str:
    outcomes = ", ".join(f"{label}: {n}" for _outcome, label, n in e.outcomes)
    return _("%(kind)s. Right: %(right)s, holder: %(holder)s. Links – %(outcomes)s.") % {
        "kind": e.infringement_label, "right": e.right_kind_label, "holder": e.holder, "outcomes": outcomes,
    }  # fmt: skip


COLUMNS = (
    "number", "id", "received_at", "published_at", "regime", "infringement", "right_kind", "right_name",
    "registration_number", "holder", "complainant", "marketplace", "shop", "title", "kind", "outcome", "rule",
    "decided_on_appeal", "withdrawn", "counter_notices", "appeals", "address",
)  # fmt: skip


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The register, or what a search found, as a table with one line for each link; written while it is read."""
    pace.may_export(request)
    answer = StreamingHttpResponse(as_csv(_rows(_chosen(request))), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="register-{clock.today():%Y-%m-%d}.csv"'
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _rows(found: Any) -> Iterator[tuple[Any, ...]]:
    yield COLUMNS
    for e in selectors.all_entries(found):
        address = f"{settings.BASE_URL}{reverse('register:entry', args=[e.id])}"
        answers = " ".join(a.number for a in e.counter_notices)
        appeals = " ".join(a.number for a in e.appeals)
        for link in e.links:
            yield (
                e.number, e.id, e.received_at.isoformat(), e.published_at.isoformat(), e.regime, e.infringement,
                e.right_kind, e.right_name, e.registration_number, e.holder, e.complainant, link.marketplace, link.shop,
                link.title, link.kind, link.outcome, link.rule, link.is_on_appeal, e.is_withdrawn, answers, appeals,
                address,
            )  # fmt: skip


def _chosen(request: HttpRequest) -> Any:
    """What the filters of a request leave. Raises Invalid."""
    chosen = RegisterFilter(request.GET, queryset=selectors.published())
    if not chosen.form.is_valid():
        raise Invalid(errors={name: [str(e) for e in errors] for name, errors in chosen.form.errors.items()})
    return chosen.qs

"""The public register as pages, as an Atom feed and as a table: read by everybody, with nothing to sign in for.

What a reader has already is not sent again: every answer has an ETag that changes with the last step of any case.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from governance.register import answers, pace, selectors
from governance.register.answers import ASK_FIRST, IN_FEED, Item, chosen_by, etag_by, exported, listed
from governance.register.filters import RegisterFilter
from governance.register.selectors import Entry

etag = etag_by(selectors.version)


@require_safe
@condition(etag_func=etag)
def entries(request: HttpRequest) -> HttpResponse:
    """The register, newest first, with its search."""
    pace.may_read(request)
    filters = RegisterFilter(request.GET, queryset=selectors.published())
    return listed(request, filters, read=selectors.read, template="governance/register/list.html")


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
    """What changed last, as an Atom feed; takes the filters of the page."""
    pace.may_read(request)
    found = selectors.read(selectors.changed_last(_chosen(request), IN_FEED))
    items = [
        Item(
            f"{e.number} {e.right_name}", _address(e), _summary(e), published_at=e.published_at, changed_at=e.changed_at
        )
        for e in found
    ]
    return answers.feed(
        request, title=_("Register of notices and outcomes"), path=reverse("register:list"), items=items
    )


def _address(e: Entry) -> str:
    return f"{settings.BASE_URL}{reverse('register:entry', args=[e.id])}"


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
    return exported("register", _rows(_chosen(request)))


def _rows(found: Any) -> Iterator[tuple[Any, ...]]:
    yield COLUMNS
    for e in selectors.all_entries(found):
        address = _address(e)
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
    return chosen_by(RegisterFilter(request.GET, queryset=selectors.published()))

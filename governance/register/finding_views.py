"""Findings of the platform's own initiative in the public register: a list with its search, one page for each, feed, table."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from governance.register import answers, findings, pace
from governance.register.answers import ASK_FIRST, IN_FEED, Item, chosen_by, etag_by, exported, listed
from governance.register.filters import FindingsFilter
from governance.register.findings import PublicFinding

COLUMNS = (
    "number", "id", "decided_at", "published_at", "regime", "infringement", "right_kind", "right_name",
    "registration_number", "holder", "marketplace", "shop", "title", "kind", "rule", "is_automated", "outcome",
    "reversed_at", "reversed_on_appeal", "address",
)  # fmt: skip
etag = etag_by(findings.version)


@require_safe
@condition(etag_func=etag)
def entries(request: HttpRequest) -> HttpResponse:
    """The findings, newest first, with their search."""
    pace.may_read(request)
    filters = FindingsFilter(request.GET, queryset=findings.published())
    return listed(request, filters, read=findings.read, template="governance/register/findings.html")


@require_safe
@condition(etag_func=etag)
def entry(request: HttpRequest, public_id: str) -> HttpResponse:
    """One finding, under its permanent address."""
    pace.may_read(request)
    answer = render(request, "governance/register/finding.html", {"entry": findings.entry_of(public_id)})
    answer["Cache-Control"] = ASK_FIRST
    return answer


@require_safe
@condition(etag_func=etag)
def feed(request: HttpRequest) -> HttpResponse:
    """What was published or reversed last, as an Atom feed; takes the filters of the page."""
    pace.may_read(request)
    found = findings.read(findings.changed_last(_chosen(request), IN_FEED))
    items = [
        Item(
            f"{f.number} {f.right_name}", _address(f), _summary(f), published_at=f.published_at, changed_at=f.changed_at
        )
        for f in found
    ]
    title = _("Findings on the platform's own initiative")
    return answers.feed(request, title=title, path=reverse("register:findings"), items=items)


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All findings, or what a search found, as a table; written while it is read."""
    pace.may_export(request)
    return exported("findings", _rows(_chosen(request)))


def _chosen(request: HttpRequest) -> Any:
    """What the filters of a request leave. Raises Invalid."""
    return chosen_by(FindingsFilter(request.GET, queryset=findings.published()))


def _address(f: PublicFinding) -> str:
    return f"{settings.BASE_URL}{reverse('register:finding', args=[f.id])}"


def _summary(f: PublicFinding) -> str:
    return _("%(kind)s. Right: %(right)s, holder: %(holder)s. %(outcome)s.") % {
        "kind": f.infringement_label, "right": f.right_kind_label, "holder": f.holder, "outcome": f.outcome_label,
    }  # fmt: skip


def _rows(found: Any) -> Iterator[tuple[Any, ...]]:
    yield COLUMNS
    for f in findings.all_entries(found):
        yield (
            f.number, f.id, f.decided_at.isoformat(), f.published_at.isoformat(), f.regime, f.infringement, f.right_kind,
            f.right_name, f.registration_number, f.holder, f.marketplace, f.shop, f.title, f.kind, f.rule,
            f.is_automated, f.outcome, f.reversed_at.isoformat() if f.reversed_at else "", f.is_reversed_on_appeal,
            _address(f),
        )  # fmt: skip

"""Findings of the platform's own initiative in the public register: a list, one page for each, and a table."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import clock
from core.spreadsheet import as_csv
from governance.register import findings, pace

PAGE = 25
COLUMNS = (
    "number", "id", "decided_at", "published_at", "regime", "infringement", "right_kind", "right_name",
    "registration_number", "holder", "marketplace", "shop", "title", "kind", "rule", "is_automated", "outcome",
    "reversed_at", "reversed_on_appeal", "address",
)  # fmt: skip


@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """The findings, newest first."""
    pace.may_read(request)
    page = Paginator(findings.published(), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "entries": findings.read(page.object_list)}
    answer = render(request, "governance/register/findings.html", context)
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
def entry(request: HttpRequest, public_id: str) -> HttpResponse:
    """One finding, under its permanent address."""
    pace.may_read(request)
    answer = render(request, "governance/register/finding.html", {"entry": findings.entry_of(public_id)})
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All findings as a table; written while it is read."""
    pace.may_export(request)
    answer = StreamingHttpResponse(as_csv(_rows()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="findings-{clock.today():%Y-%m-%d}.csv"'
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _rows() -> Iterator[tuple[Any, ...]]:
    yield COLUMNS
    for f in findings.all_entries():
        yield (
            f.number, f.id, f.decided_at.isoformat(), f.published_at.isoformat(), f.regime, f.infringement, f.right_kind,
            f.right_name, f.registration_number, f.holder, f.marketplace, f.shop, f.title, f.kind, f.rule,
            f.is_automated, f.outcome, f.reversed_at.isoformat() if f.reversed_at else "", f.is_reversed_on_appeal,
            f"{settings.BASE_URL}{reverse('register:finding', args=[f.id])}",
        )  # fmt: skip

"""The dashboard of patrol for staff: figures of a period, a picture of the weeks, tables to download."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from core.spreadsheet import as_csv
from patrol.figures import PERIODS, SHOWN, TABLES, Figures, Line, figures, table

_BAR, _GAP, _HEIGHT, _FOOT = 10, 14, 160, 24


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Scanned, found, decided; which signals are right; how long a takedown takes; what is put up again."""
    _staff_only(request)
    found = figures(_period(request))
    context = {
        **admin.site.each_context(request), "title": _("Patrol: figures"), "f": found, "periods": PERIODS,
        "chart": chart(found.weeks), "shown": SHOWN,
        "tables": [
            ("brands", _("Brand"), found.brands[:SHOWN]), ("categories", _("Category"), found.categories[:SHOWN]),
            ("weeks", _("Week from"), found.weeks),
        ],
    }  # fmt: skip
    return TemplateResponse(request, "admin/patrol/dashboard.html", context)


@require_safe
def download(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """One of the tables, whole."""
    _staff_only(request)
    if name not in TABLES:
        raise Http404
    found: Figures = figures(_period(request))
    answer = StreamingHttpResponse(as_csv(table(found, name)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="patrol-{name}-{clock.today():%Y-%m-%d}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _staff_only(request: Any) -> None:
    if not getattr(request.user, "staff_roles", None):
        raise PermissionDenied


def _period(request: HttpRequest) -> int:
    """What is no period of ours is the usual one."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else 30


def chart(weeks: list[Line]) -> SafeString:
    """Found, upheld and dismissed in each week as bars; the table beneath says the same. SVG without script or style."""
    most = max((max(w.found, w.decided) for w in weeks), default=0) or 1
    kinds = (("found", _("found")), ("upheld", _("upheld")), ("dismissed", _("dismissed")))
    step = _BAR * len(kinds) + _GAP
    every = max(1, len(weeks) // 8)
    bars = format_html_join(
        "", '<rect class="bars__{}" x="{}" y="{}" width="{}" height="{}"><title>{} {}: {}</title></rect>',
        (
            (kind, n * step + k * _BAR, _HEIGHT - (high := round(getattr(w, kind) / most * (_HEIGHT - 10))), _BAR - 1, high,
             w.label, label, getattr(w, kind))
            for n, w in enumerate(weeks)
            for k, (kind, label) in enumerate(kinds)
        ),
    )  # fmt: skip
    marks = format_html_join(
        "", '<text class="bars__mark" x="{}" y="{}">{}</text>',
        ((n * step, _HEIGHT + 16, w.label[5:]) for n, w in enumerate(weeks) if n % every == 0),
    )  # fmt: skip
    return format_html(
        '<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        max(len(weeks) * step, 10 * step), _HEIGHT + _FOOT, _("Found and decided, by week; the table says the same"), bars, marks,
    )  # fmt: skip

"""The dashboard of patrol for staff: figures of a period, a picture of the weeks, tables to download."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from core import clock
from core.charts import bars
from core.spreadsheet import as_csv
from patrol.figures import PERIODS, SHOWN, TABLES, Figures, Line, figures, table


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Scanned, found, decided; which signals are right; how long a takedown takes; what is put up again."""
    _staff_only(request)
    found = figures(_period(request))
    context = {
        **admin.site.each_context(request), "title": _("Patrol: figures"), "f": found, "periods": PERIODS,
        "shown": SHOWN,
        "charts": [
            (_("By week"), found_and_decided(found.weeks)),
            (_("From found to down, in hours"), hours_to_takedown(found.weeks)),
            (_("Put up again"), put_up_again(found.weeks)),
        ],
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


def found_and_decided(weeks: Sequence[Line]) -> SafeString:
    """Found, upheld and dismissed in each week."""
    kinds = (("found", pgettext("how many", "found")), ("upheld", _("upheld")), ("dismissed", _("dismissed")))
    return chart(weeks, _("Found and decided, by week; the table says the same"), [
        (kind, label, [float(getattr(week, kind)) for week in weeks]) for kind, label in kinds
    ])  # fmt: skip


def hours_to_takedown(weeks: Sequence[Line]) -> SafeString:
    """From the find to the marketplace's word: median and nine of ten, in hours."""
    known = [week.takedowns for week in weeks]
    return chart(weeks, _("Hours from found to down, by week; the table says the same"), [
        ("found", _("median"), [t.median or 0.0 for t in known]),
        ("upheld", _("nine of ten within"), [t.p90 or 0.0 for t in known]),
    ])  # fmt: skip


def put_up_again(weeks: Sequence[Line]) -> SafeString:
    """Of what was looked at again, how many of a hundred were put up again."""
    share = [100 * (week.relisting_rate or 0.0) for week in weeks]
    return chart(weeks, _("Put up again of 100 looked at again, by week; the table says the same"), [
        ("upheld", _("put up again of 100"), share)
    ], least=100)  # fmt: skip


def chart(
    weeks: Sequence[Line], title: str, kinds: Sequence[tuple[str, str, Sequence[float]]], least: float = 0
) -> SafeString:
    """One bar of each kind in each week; `kinds` as in `core.charts.bars`."""
    return bars([(week.label, week.label[5:]) for week in weeks], title, kinds, least)

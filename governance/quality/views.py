"""Pages of quality: everybody sees their own figures, seniors those of all. By name, without any order of merit."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.models import User
from complaints import review
from core import clock
from core.spreadsheet import as_csv
from governance.models import SecondLook
from governance.quality.figures import PERIODS, Figures, figures

_HEADING = (
    "reviewer", "decided", "links", "reversed_on_appeal", "low_percent", "high_percent", "reversed_after_answer", "low_percent",
    "high_percent", "looked_at_again", "differing", "low_percent", "high_percent", "second_look_was_right", "looks_made",
    "median_hours", "p90_hours", "looks_not_made",
)  # fmt: skip


@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """Everybody's figures, for seniors; others are shown their own."""
    return _page(request, None if roles.is_senior(request.user) else request.user)


@require_safe
def of_reviewer(request: HttpRequest, public_id: str) -> HttpResponse:
    """One reviewer's figures with the second looks that differ: for themselves, and for seniors."""
    is_own = getattr(request.user, "public_id", "") == public_id
    if not is_own and not roles.is_senior(request.user):
        raise Http404
    person = request.user if is_own else _staff(public_id)
    return _page(request, person)


@require_safe
def download(request: HttpRequest) -> StreamingHttpResponse:
    """Everybody's figures as a table, for seniors."""
    if not roles.is_senior(request.user):
        raise PermissionDenied
    days = _period(request)
    answer = StreamingHttpResponse(as_csv(_table(figures(days))), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="quality-{days}-days-{clock.today():%Y-%m-%d}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _page(request: HttpRequest, person: Any) -> HttpResponse:
    if not roles.is_reviewer(request.user):
        raise PermissionDenied
    days = _period(request)
    found = figures(days, None if person is None else [person.pk])
    looks = SecondLook.objects.filter(state__in=(SecondLook.State.DIFFERS, SecondLook.State.DISCUSSED))
    if person is not None:
        looks = looks.filter(decision__decided_by=person)
    context = {
        **admin.site.each_context(request), "lines": found, "days": days, "periods": PERIODS, "person": person,
        "title": _("Quality of decisions") if person is None else _("Quality: %(name)s") % {"name": review.staff_name(person)},
        "differing": looks.select_related("decision__complaint").order_by("-pk")[:20],
        "is_senior": roles.is_senior(request.user),
    }  # fmt: skip
    return TemplateResponse(request, "admin/governance/quality.html", context)


def _staff(public_id: str) -> Any:
    person = User.objects.filter(public_id=public_id, is_staff=True).first()
    if person is None:
        raise Http404
    return person


def _period(request: HttpRequest) -> int:
    """What is no period of ours is the usual one."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else 90


def _table(lines: list[Figures]) -> Any:
    yield _HEADING
    for line in lines:
        shares = [
            value
            for _name, share in line.shares
            for value in (
                *((share.whole,) if _name == "differs" else ()),
                share.part,
                *(round(end, 2) for end in share.interval),
            )
        ]
        yield (
            review.staff_name(line.person), line.decided, line.links, *shares, line.lost, line.looks_made,
            _rounded(line.median_hours), _rounded(line.p90_hours), line.not_made,
        )  # fmt: skip


def _rounded(hours: float | None) -> Any:
    return "" if hours is None else round(hours, 2)

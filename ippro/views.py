"""The pages that belong to no room: home, how it works, legal notes, errors, the living style guide."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from ippro.icons import ICONS


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What ippro is for, for somebody who has just arrived; people who are signed in go to their desk."""
    if request.user.is_authenticated and "stay" not in request.GET:
        try:
            return redirect(reverse("desk"))
        except NoReverseMatch:
            pass
    return render(request, "pages/home.html", {"in_two_days": clock.now() + timedelta(days=2)})


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/how_it_works.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/terms.html")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component of the design system, drawn live; absent from an installation that serves the public."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    return render(request, "pages/styleguide.html", _specimens())


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What django-allauth shows somebody who tries too often."""
    return render(request, "429.html", status=429)


def _specimens() -> dict[str, Any]:
    from ippro.styleguide import SpecimenForm

    now = clock.now()
    square = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' fill='%23{}'/%3E%3Ccircle cx='4' cy='4' r='2.5' fill='%23{}'/%3E%3C/svg%3E"
    blue, red = square.format("c9d4f5", "3b57c4"), square.format("f3d6d2", "b3261e")
    return {
        "icons": sorted(ICONS),
        "tones": ["neutral", "info", "success", "warning", "danger"],
        "form": SpecimenForm(),
        "wrong_form": SpecimenForm({"number": "12", "contact": "nobody", "scenes": ["shop"]}),
        "steps": [(_("Right"), "#"), (_("Links"), "#"), (_("Reason and evidence"), ""), (_("Statement"), "")],
        "page": Paginator(range(240), 10).page(7),
        "tabs": [
            SimpleNamespace(label=_("Open"), url="#", is_current=True, count=12),
            SimpleNamespace(label=_("Returned"), url="#", is_current=False, count=1),
            SimpleNamespace(label=_("Closed"), url="#", is_current=False, count=None),
        ],
        "entries": [
            SimpleNamespace(at=now - timedelta(days=3), title=_("Submitted"), actor=_("complainant"), tone="info", icon="flag", text=""),
            SimpleNamespace(
                at=now - timedelta(days=2), title=_("Upheld for 4 of 5 links"), actor=_("reviewer"), tone="warning", icon="scale",
                text=_("The fifth link shows goods of a genuine seller on file."),
            ),
            SimpleNamespace(at=now - timedelta(hours=5), title=_("Taken down"), actor="", tone="success", icon="check", text=""),
        ],
        "soon": now + timedelta(hours=9),
        "later": now + timedelta(days=12),
        "now": now,
        "images": [
            {"url": blue, "alt": _("Main picture"), "caption": _("Main picture"), "note": "800 × 800"},
            {"url": red, "alt": _("Detail"), "caption": _("Detail"), "note": ""},
            {"url": blue, "alt": _("Label"), "caption": _("Label"), "note": ""},
        ],
        "left": {"title": _("Right on file"), "image": blue, "alt": _("Registered mark"), "facts": [(_("Mark"), "SUNBIRD"), (_("Class"), "25")]},
        "right": {"title": _("Listing"), "image": red, "alt": _("Picture of the listing"), "facts": [(_("Title"), "Sunbird shirt"), (_("Class"), "25")]},
    }  # fmt: skip

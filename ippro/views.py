"""The pages that belong to no room: home, how it works, legal notes, errors, the living style guide."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from core import clock
from ippro.styleguide import specimens


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What ippro is for, to somebody who has just arrived; who is signed in goes to the desk."""
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
    """Every component of the design system, drawn live; absent where the public is served."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    return render(request, "pages/styleguide.html", specimens())


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What django-allauth shows somebody who tries too often."""
    return render(request, "429.html", status=429)

"""The pages that belong to no room: home, how it works, legal notes, errors, the living style guide."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.signed_in import SignedInRequest
from complaints import selectors as complaints
from complaints.matched import outcomes_for
from complaints.queue import desk_counts
from core import clock
from core import demo_clock as moving
from core.errors import Forbidden, Invalid
from core.models import Letter
from filings.models import Filing
from imageguard import selectors as originals
from ippro.forms import MoveClockForm
from ippro.styleguide import specimens


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What ippro is for, to somebody who has just arrived; who is signed in goes to the desk."""
    if request.user.is_authenticated and "stay" not in request.GET:
        return redirect("desk")
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
@login_required
def desk(request: SignedInRequest) -> HttpResponse:
    """Where somebody who signed in begins: what waits for them, and what happened last."""
    user = request.user
    organisation = user.organisation
    context: dict[str, Any] = {"organisation": organisation}
    if user.is_staff:
        counts = desk_counts(user)
        context["staff"] = {"waiting": counts[""], "mine": counts["mine"], "overdue": counts["overdue"]}
    elif organisation is not None and organisation.kind == organisation.Kind.MERCHANT:
        context["merchant"] = complaints.counts_for_merchant(user)
        context |= _of_images(user)
        context["notices"] = complaints.notices_of(user)[:5]
    elif organisation is not None:
        rights = Filing.objects.visible_to(user)
        context["holder"] = complaints.counts_for_holder(user)
        context |= _of_images(user)
        context["rights_in_force"] = rights.in_force().count()
        context["rights_expiring"] = rights.filter(state=Filing.State.EXPIRING).count()
        context["returned"] = complaints.complaints_of(user).filter(state="returned").order_by("deadline_at")[:5]
        context["latest"] = complaints.complaints_of(user).order_by("-pk")[:5]
    return render(request, "pages/desk.html", context)


def _of_images(user: User) -> dict[str, Any]:
    """What a desk says of original images, and of what became of complaints about copies of them."""
    said = originals.desk_of(user)
    return said | {"outcomes": outcomes_for(user) if said["figures"].complained else None}


@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    """The letters that the demo would send, newest first; there is no such page outside a demo."""
    if not settings.DEMO:
        raise Http404
    letters = Letter.objects.order_by("-pk")
    if about := request.GET.get("about"):
        letters = letters.filter(about=about[:64])
    return render(request, "pages/demo_mail.html", {"page": Paginator(letters, 20).get_page(request.GET.get("page"))})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def demo_clock(request: SignedInRequest) -> HttpResponse:
    """The clock of a demo, and the deadlines ahead of it; staff move it forwards. There is none outside a demo."""
    if not settings.CLOCK_CAN_MOVE:
        raise Http404
    if not request.user.is_staff:
        raise Forbidden(_("Only the platform’s staff move the clock of the demo."))
    form = MoveClockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            now = moving.move(by=form.how_far(), actor=request.user)
        except Invalid as refused:
            form.add_error("by", [str(said) for said in refused.errors["by"]])
        else:
            messages.success(request, _("It is now %(moment)s in this demo.") % {"moment": _minute(now)})
            return redirect(_way_back(request))
    status = 422 if form.errors else 200
    return render(request, "pages/demo_clock.html", {"form": form, "ahead": moving.deadlines_ahead()}, status=status)


def _minute(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "Y-m-d H:i")


def _way_back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("demo-clock")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component of the design system, drawn live; absent where the public is served."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    return render(request, "pages/styleguide.html", specimens())


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What django-allauth shows somebody who tries too often."""
    return render(request, "429.html", status=429)

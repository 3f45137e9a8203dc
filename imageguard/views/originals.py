"""Pages of a holder's originals: the list, one original with its certificate, proofs, licences and choices."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.signed_in import SignedInRequest
from core.errors import DomainError, NotYours
from core.spreadsheet import download
from imageguard import authorship, certificates, selectors, services
from imageguard.forms import CameraForm, ChangeForm, LicenceForm, OriginalFilter
from imageguard.lifecycle import LIFECYCLE
from imageguard.models import Original
from imageguard.standing_notice import ComplainsByItselfForm

PAGE = 24
LANGUAGES = ("zh-hans", "en")


@login_required
@require_GET
def original_list(request: SignedInRequest) -> HttpResponse:
    """The organisation's originals, newest first."""
    chosen = OriginalFilter(request.GET, queryset=selectors.originals_of(request.user))
    context = {
        "filter": chosen,
        "page": Paginator(chosen.qs, PAGE).get_page(request.GET.get("page")),
        "is_filtered": any(request.GET.get(name) for name in chosen.form.fields),
        "figures": selectors.figures_for(request.user),
        "may_register": selectors.may_register(request.user),
        "unfinished": selectors.unfinished_intakes(request.user),
    }
    return render(request, "imageguard/list.html", context)


@login_required
@require_GET
def export(request: SignedInRequest, kind: str) -> StreamingHttpResponse:
    """The list as it is filtered, as a sheet."""
    chosen = OriginalFilter(request.GET, queryset=selectors.originals_of(request.user))
    return download(selectors.exported(chosen.qs), name="originals", kind=kind)


@login_required
@require_GET
def detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """An original: what is next, its certificate, what it conflicts with, its proofs, licences, choices and matches."""
    return _page(request, selectors.original_of(request.user, public_id))


def _page(request: SignedInRequest, original: Original, status: int = 200, **forms: Any) -> HttpResponse:
    user = request.user
    is_holder = selectors.is_holder(original, user)
    matches = selectors.matches_of(user).filter(original=original)
    context = {
        "original": original,
        "next": selectors.next_for(original),
        "actions": {t.name for t in selectors.actions_for(original, user)},
        "certificate": _certificate(original),
        "conflicts": selectors.conflicts_of(original),
        "proofs": selectors.camera_proofs(original),
        "licences": selectors.licences_of(original),
        "matches": selectors.with_thumbnails(matches[:6]),
        "match_count": matches.count(),
        "is_holder": is_holder,
        "is_over": original.state in selectors.OVER,
        "may_add_proof": is_holder and original.state not in selectors.OVER,
        "change_form": ChangeForm(initial={name: getattr(original, name) for name in ChangeForm.base_fields}),
        "by_itself_form": ComplainsByItselfForm(original=original, user=user),
        "camera_form": CameraForm(),
        "licence_form": LicenceForm(),
        "timeline": selectors.timeline(original, user),
        **forms,
    }
    return render(request, "imageguard/detail.html", context, status=status)


def _certificate(original: Original) -> certificates.Certificate | None:
    try:
        return certificates.certificate_of(original)
    except NotYours:
        return None


def _back_to(original: Original, part: str) -> HttpResponse:
    return redirect(f"{reverse('originals:detail', args=[original.public_id])}#{part}")


@login_required
@require_http_methods(["GET", "POST"])
def change(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Change the title, and what the public sees."""
    original = selectors.original_of(request.user, public_id)
    if request.method == "POST":
        form = ChangeForm(request.POST)
        if not form.is_valid():
            return _page(request, original, 422, change_form=form)
        services.change_original(original=original, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your choices were kept."))
    return redirect("originals:detail", original.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def complain_by_itself(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Have sure copies complained of by themselves, signed beforehand; or no longer."""
    original = selectors.original_of(request.user, public_id)
    if request.method == "POST":
        form = ComplainsByItselfForm(request.POST, original=original, user=request.user)
        if form.is_valid():
            try:
                services.change_original(original=original, by=request.user, **form.cleaned_data)
            except DomainError as wrong:
                mark(form, wrong, "complains_automatically")
        if form.errors:
            return _page(request, original, 422, by_itself_form=form)
        messages.success(request, _("Your choices were kept."))
    return redirect("originals:detail", original.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Take an image back, after reading what that does."""
    original = selectors.original_of(request.user, public_id)
    LIFECYCLE.check(original, "withdraw", request.user)
    if request.method == "POST":
        services.withdraw(original=original, by=request.user)
        messages.success(request, _("%(number)s was withdrawn.") % {"number": original.number})
        return redirect("originals:detail", original.public_id)
    return render(request, "imageguard/withdraw.html", {"original": original})


@login_required
@require_http_methods(["GET", "POST"])
def add_camera_original(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Add the unedited file from the camera."""
    original = selectors.original_of(request.user, public_id)
    if request.method == "POST":
        form = CameraForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                authorship.add_camera_original(original=original, by=request.user, upload=form.cleaned_data["file"])
            except DomainError as wrong:
                mark(form, wrong, "file")
        if form.errors:
            return _page(request, original, 422, camera_form=form)
        messages.success(request, _("The file was added. What it says stands below."))
        return _back_to(original, "authorship")
    return redirect("originals:detail", original.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def grant_licence(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Allow a shop to use the image."""
    original = selectors.original_of(request.user, public_id)
    if request.method == "POST":
        form = LicenceForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                licence = services.grant_licence(
                    original=original, by=request.user, shop_link=said["shop"], note=said["note"]
                )
            except DomainError as wrong:
                mark(form, wrong, "shop")
            else:
                messages.success(request, _("%(shop)s may use the image from now on.") % {"shop": licence.shop})
        if form.errors:
            return _page(request, original, 422, licence_form=form)
        return _back_to(original, "licences")
    return redirect("originals:detail", original.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def end_licence(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Allow a shop no longer to use the image."""
    original = selectors.original_of(request.user, public_id)
    if request.method == "POST":
        licence = selectors.licence_of(original, request.POST.get("licence", ""))
        services.end_licence(licence=licence, by=request.user)
        messages.success(
            request, _("The licence of %(shop)s has ended. What it shows is a match again.") % {"shop": licence.shop}
        )
        return _back_to(original, "licences")
    return redirect("originals:detail", original.public_id)


@login_required
@require_GET
def certificate_pdf(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The certificate as a document, in the language asked for or that of the page."""
    original = selectors.original_of(request.user, public_id)
    answer = as_document(original, request.GET.get("language"))
    answer["Cache-Control"] = "private, no-store"
    return answer


def as_document(original: Original, language: str | None) -> HttpResponse:
    """A certificate as a download, in one of the languages that there are. Raises NotYours if it never had one."""
    chosen = language if language in LANGUAGES else (get_language() or LANGUAGES[0])
    answer = HttpResponse(certificates.as_pdf(original, chosen), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{original.number}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def mark(form: Any, wrong: DomainError, field: str) -> None:
    """Put a service's refusal beside the field that it is about; who may not do it at all hears so as a page."""
    if wrong.status not in (400, 413, 422, 503):
        raise wrong
    errors: dict[str, Any] = getattr(wrong, "errors", {}) or {field: [wrong.message]}
    for name, sentences in errors.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else field, str(sentence))

"""Handing in images: one or many, folders, ZIP archives, pictures of own listings; and how far each has come.

Without JavaScript a form sends its files at once. With it, each image is sent by itself to the same services, so that
a broken connection costs one image at most; what was taken in already is known by the intake and the file's hash.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organisation
from accounts.signed_in import SignedInRequest
from core.errors import DomainError, Forbidden
from imageguard import intake as intakes
from imageguard import selectors
from imageguard.forms import ChoicesAtRegistration, ListingsForm, RegisterForm
from imageguard.models import Intake, IntakeItem
from imageguard.views.originals import mark
from marketplace import thumbnails

ITEMS_PAGE = 50
LISTINGS_PAGE = 30
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


def _registrar(request: SignedInRequest) -> Organisation:
    """The organisation for which somebody registers images. Raises Forbidden."""
    organisation = request.user.organisation
    if organisation is None or not selectors.may_register(request.user):
        raise Forbidden()
    return organisation


# --- the page, and its form without JavaScript -----------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def register(request: SignedInRequest) -> HttpResponse:
    """Register images: choose, drop, send."""
    _registrar(request)
    if request.method == "POST":
        return _sent(request, None)
    return _register_page(request, RegisterForm())


def _register_page(request: SignedInRequest, form: RegisterForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "is_verified": _registrar(request).is_verified,
        "latest": selectors.intakes_of(request.user)[:5],
        "has_listings": selectors.own_listings(request.user).exists(),
    }
    return render(request, "imageguard/register.html", context, status=status)


def _sent(request: SignedInRequest, intake: Intake | None) -> HttpResponse:
    """Files that a form sent: images become one intake, each archive one of its own."""
    form = RegisterForm(request.POST, request.FILES)
    if not form.is_valid():
        return _asked_again(request, form, intake)
    uploads, by = form.cleaned_data["images"], request.user
    archives = [upload for upload in uploads if _is_zip(upload)]
    images = [upload for upload in uploads if upload not in archives]
    begun: list[Intake] = []
    if images:
        try:
            intake = intake or intakes.begin_intake(by=by, **form.chosen)
        except DomainError as wrong:
            mark(form, wrong, "images")
            return _asked_again(request, form, None)
        begun.append(intake)
        _take(request, intake, images)
    for archive in archives:
        try:
            begun.append(intakes.begin_zip(by=by, upload=archive, **form.chosen))
        except DomainError as wrong:
            if wrong.status == 403:
                raise
            messages.error(request, f"{archive.name}: {wrong}")
    if not begun:
        return redirect("originals:register")
    return redirect("originals:intake", begun[0].public_id)


def _take(request: SignedInRequest, intake: Intake, images: list[Any]) -> None:
    for upload in images:
        try:
            intakes.take_file(intake=intake, by=request.user, upload=upload)
        except DomainError as wrong:
            if wrong.status in (403, 404):
                raise
            messages.error(request, f"{upload.name}: {wrong}")


def _asked_again(request: SignedInRequest, form: RegisterForm, intake: Intake | None) -> HttpResponse:
    if intake is not None:
        return _intake_page(request, intake, form, status=422)
    return _register_page(request, form, status=422)


def _is_zip(upload: Any) -> bool:
    start: bytes = upload.read(4)
    upload.seek(0)
    return start in _ZIP_STARTS or upload.name.lower().endswith(".zip")


# --- for the page's script: one file at a time ----------------------------------------------------------


def _told(wrong: DomainError) -> JsonResponse:
    errors: dict[str, Any] = getattr(wrong, "errors", {})
    sentences = [str(sentence) for some in errors.values() for sentence in some] or [str(wrong)]
    return JsonResponse({"message": " ".join(sentences)}, status=wrong.status)


def _begun(intake: Intake) -> JsonResponse:
    address = reverse("originals:intake", args=[intake.public_id])
    return JsonResponse(
        {
            "intake": intake.public_id,
            "page": address,
            "files": reverse("originals:intake-files", args=[intake.public_id]),
            "items": reverse("originals:intake-items", args=[intake.public_id]),
        },
        status=201,
    )


@login_required
@require_POST
def begin(request: SignedInRequest) -> HttpResponse:
    """Begin an intake of files, or one of a whole archive if the request brings it."""
    form = ChoicesAtRegistration(request.POST)
    form.is_valid()
    archive = request.FILES.get("archive")
    try:
        if archive is not None:
            return _begun(intakes.begin_zip(by=request.user, upload=archive, **form.chosen))
        return _begun(intakes.begin_intake(by=request.user, **form.chosen))
    except DomainError as wrong:
        return _told(wrong)


@login_required
@require_http_methods(["GET", "POST"])
def intake_files(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Take in one file; asked without one, the keys of what was taken in before, so that it need not be sent again."""
    intake = selectors.intake_of(request.user, public_id)
    if request.method == "GET":
        return JsonResponse({"keys": list(intake.items.values_list("key", flat=True))})
    upload = request.FILES.get("file")
    if upload is None:
        return JsonResponse({"message": _("Choose a file.")}, status=422)
    try:
        item = intakes.take_file(intake=intake, by=request.user, upload=upload)
    except DomainError as wrong:
        return _told(wrong)
    return JsonResponse(_item(item), status=201)


def _item(item: IntakeItem) -> dict[str, str]:
    return {"key": item.key, "name": item.name, "state": item.state, "message": item.why}


# --- pictures of own listings ----------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def listings(request: SignedInRequest) -> HttpResponse:
    """Register the pictures of own listings: tick them, send."""
    organisation = _registrar(request)
    form = ListingsForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            chosen = list(form.cleaned_data["listings"])
            intake = intakes.begin_listings(by=request.user, targets=chosen, **form.chosen)
        except DomainError as wrong:
            mark(form, wrong, "listings")
        else:
            return redirect("originals:intake", intake.public_id)
    found = selectors.own_listings(request.user)
    if words := request.GET.get("q", "").strip()[:100]:
        found = found.filter(title__icontains=words)
    page = Paginator(found, LISTINGS_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "shown": [(listing, thumbnails.href(listing)) for listing in page],
        "words": words,
        "is_verified": organisation.is_verified,
    }
    return render(request, "imageguard/listings.html", context, status=422 if form.errors else 200)


# --- how far it has come ---------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def intake(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One act of handing in: its progress, what became of each image, and more images of the same batch."""
    found = selectors.intake_of(request.user, public_id)
    if request.method == "POST":
        _registrar(request)
        return _sent(request, found)
    chosen = {"is_public": found.is_public, "wants_timestamp": found.wants_timestamp}
    return _intake_page(request, found, RegisterForm(initial=chosen))


def _intake_page(request: SignedInRequest, found: Intake, form: RegisterForm, status: int = 200) -> HttpResponse:
    takes_more = found.source == Intake.Source.FILES and selectors.may_register(request.user)
    context = {"intake": found, "form": form, "takes_more": takes_more, **_results(request, found)}
    return render(request, "imageguard/intake.html", context, status=status)


@login_required
@require_GET
def intake_items(request: SignedInRequest, public_id: str) -> HttpResponse:
    """For htmx: what became of each image so far; asks again by itself until all is settled."""
    found = selectors.intake_of(request.user, public_id)
    return render(request, "imageguard/_items.html", {"intake": found, **_results(request, found)})


def _results(request: SignedInRequest, found: Intake) -> dict[str, Any]:
    progress = intakes.progress(found)
    return {
        "progress": progress,
        "done": progress.total - progress.waiting,
        "items": Paginator(selectors.items_of(found), ITEMS_PAGE).get_page(request.GET.get("page")),
        "is_settled": selectors.is_settled(found),
    }

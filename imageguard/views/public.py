"""What everybody may ask without signing in: what a certificate says, and whether a picture is protected."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError, NotYours
from imageguard import certificates, pace, showing
from imageguard.forms import LookUpForm, NumberForm
from imageguard.models import Original
from imageguard.views.originals import as_document, mark

BRIEFLY = "public, max-age=60"


def _unlisted(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex"
    return answer


# --- a certificate -----------------------------------------------------------------------------------------


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Asks for the number of a certificate and leads to what it says."""
    form = NumberForm(request.GET if "number" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("verify-number", form.cleaned_data["number"].replace("/", "-"))
    return render(request, "imageguard/verify.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_safe
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """What a certificate says, whether it still counts, and how anybody can check that."""
    pace.may_read_certificate(request)
    named = request.GET.get("sha256", "").strip()
    try:
        original, said = certificates.find_public(number, named)
    except NotYours:
        form = NumberForm({"number": number})
        form.is_valid()
        form.add_error("number", _("There is no certificate with this number. Compare it with the paper."))
        return _unlisted(render(request, "imageguard/verify.html", {"form": form}, status=404))
    proof = certificates.bundle(original, payload=said.is_whole) if said.leaf is not None else None
    context = {
        "certificate": said,
        "named": named,
        "is_named": named.lower() == original.sha256,
        "is_sealed": proof is not None,
        "key": proof["key"] if proof else "",
        "size": f"{original.image.width_px} × {original.image.height_px}" if said.is_public else "",
    }
    answer = render(request, "imageguard/certificate.html", context)
    return answer if said.is_public and said.is_valid else _unlisted(answer)


@require_safe
def certificate_bundle(request: HttpRequest, number: str) -> HttpResponse:
    """The proof that the certificate stands in the sealed ledger, for `verify_ledger.py`."""
    pace.may_read_certificate(request)
    original, said = certificates.find_public(number, request.GET.get("sha256", ""))
    proof = certificates.bundle(original, payload=said.is_whole)
    if proof is None:
        raise NotYours()
    answer = HttpResponse(json.dumps(proof, indent=2), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{said.number}.json"'
    answer["Cache-Control"] = BRIEFLY if said.is_public else "private, no-store"
    return _unlisted(answer)


@require_safe
def certificate_picture(request: HttpRequest, number: str) -> HttpResponse:
    """A small copy of the image, if its holder shows it to everybody."""
    original = _shown(number)
    answer = HttpResponse(showing.small(original.image), content_type="image/jpeg")
    answer["Cache-Control"] = BRIEFLY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _unlisted(answer)


@require_safe
def certificate_document(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate as PDF, if its holder shows it to everybody."""
    pace.may_read_certificate(request)
    answer = as_document(_shown(number), request.GET.get("language"))
    answer["Cache-Control"] = BRIEFLY
    return _unlisted(answer)


def _shown(number: str) -> Original:
    original, said = certificates.find_public(number)
    if not said.is_public:
        raise NotYours()
    return original


# --- is this image protected? ------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def protected(request: HttpRequest) -> HttpResponse:
    """Takes a picture and says whether it is protected, and by which certificates that are shown to everybody."""
    if request.method != "POST":
        return render(request, "imageguard/protected.html", {"form": LookUpForm()})
    pace.may_look_up(request)
    form, found = LookUpForm(request.POST, request.FILES), None
    if form.is_valid():
        try:
            found = certificates.is_protected(form.cleaned_data["file"])
        except DomainError as wrong:
            mark(form, wrong, "file")
    context = {"form": form, "found": found, "name": getattr(request.FILES.get("file"), "name", "")}
    return _unlisted(render(request, "imageguard/protected.html", context, status=422 if form.errors else 200))

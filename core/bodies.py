"""How large a request may be, said before a byte of it is read.

Django writes the files of a form into temporary files before any view sees them. So a form with files is refused by the
length that it announces: the server hands on no byte more than that, and nothing of a body without a length. Strangers
send files where `settings.UPLOADS` says so, and nowhere else; who is signed in sends at most as many files as a form may
have, or what stands there of an address. In the API the views that parse forms take one file each. Bodies that are no
forms with files have their own limits (`DATA_UPLOAD_MAX_MEMORY_SIZE`, `core.parsers`).
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.parsers import MultiPartParser

from core.errors import DomainError, TooLarge, problem_body
from core.middleware import drain, page_of


class LengthRequired(DomainError):
    code = "length_required"
    status = 411
    message = gettext_lazy("Say how long the body is (Content-Length); a body in chunks without a length is not read.")


class BoundedBodyMiddleware:
    """Refuses what is larger than its address takes with 413, the limit and the remedy; as a page or as JSON.

    It stands before whatever reads the form first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        announced = _announced(request)
        if announced is None:
            if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
                return _refused(request, LengthRequired())
            return None
        if not request.META.get("CONTENT_TYPE", "").lower().startswith("multipart/"):
            return None
        most = most_bytes(request, view)
        if announced <= most:
            return None
        said = _("At most %(most)s are taken here at once. Make the file smaller, or send several one after the other.")
        return _refused(request, TooLarge(said % {"most": filesizeformat(most)}))


def most_bytes(request: HttpRequest, view: Any) -> int:
    """How long a form with files may be at this address: its files, and a form's text beside them."""
    route = request.resolver_match.view_name if request.resolver_match else ""
    of_route: tuple[str, int] | None = settings.UPLOADS.get(route) or _of_api(view)
    if of_route is None and not request.path.startswith("/api/") and request.user.is_authenticated:
        of_route = ("MAX_UPLOAD_BYTES", settings.DATA_UPLOAD_MAX_NUMBER_FILES)
    setting, count = of_route or ("", 0)
    return (getattr(settings, setting) * count if setting else 0) + settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _of_api(view: Any) -> tuple[str, int] | None:
    """In the API a view that parses forms takes one file."""
    of_class: Any = getattr(getattr(view, "cls", None), "parser_classes", ())
    parsers: Any = getattr(view, "initkwargs", {}).get("parser_classes", of_class)
    return ("MAX_UPLOAD_BYTES", 1) if any(issubclass(parser, MultiPartParser) for parser in parsers) else None


def _announced(request: HttpRequest) -> int | None:
    try:
        return int(request.META.get("CONTENT_LENGTH") or "")
    except ValueError:
        return None


def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    # The page that is drawn now must not read the form.
    request._mark_post_parse_error()  # type: ignore[attr-defined]
    drain(request)
    accepts = request.META.get("HTTP_ACCEPT", "")
    if request.path.startswith("/api/") or ("json" in accepts and "html" not in accepts):
        # Pages' scripts read `message`.
        extra = {} if request.path.startswith("/api/") else {"message": str(error)}
        body = problem_body(error.code, error.status, error, **extra)
        return JsonResponse(body, status=error.status, content_type="application/problem+json")
    return page_of(request, error)

"""What goes wrong under /api/ outside of any view of a room: problem details there, pages everywhere else."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from core.errors import Forbidden, NotYours, problem_body

PREFIX = "/api/"


def _problem(code: str, status: int, title: Any) -> HttpResponse:
    return JsonResponse(problem_body(code, status, title), status=status, content_type="application/problem+json")


@csrf_exempt
def no_such_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """For every address under /api/ that no room answers, by any method."""
    return _problem("not_found", NotYours.status, NotYours.message)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(PREFIX):
        return defaults.bad_request(request, exception)
    return _problem("bad_request", 400, _("The request could not be read. Compare it with the description of the API."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(PREFIX):
        return defaults.permission_denied(request, exception)
    return _problem("forbidden", Forbidden.status, Forbidden.message)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(PREFIX):
        return defaults.page_not_found(request, exception)
    return no_such_address(request)


def server_error(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith(PREFIX):
        return defaults.server_error(request)
    return _problem("server_error", 500, _("Something went wrong on our side. Nothing was changed; try again later."))

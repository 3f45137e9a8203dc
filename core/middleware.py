"""One place where a room's error becomes a page."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import DomainError, NotYours


class DomainErrorMiddleware:
    """Shows a `DomainError` that no form has caught: its sentence, its status, a way back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotYours):
            # Byte for byte what an unknown address shows.
            from django.views.defaults import page_not_found

            return page_not_found(request, Http404())
        if not isinstance(exception, DomainError):
            return None
        return render(request, "domain_error.html", {"error": exception}, status=exception.status)

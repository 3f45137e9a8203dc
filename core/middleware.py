"""One place where a room's error, or a form too large to be read, becomes a page; and the look at a demo's clock."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render

from core import demo_clock
from core.errors import UNREAD, DomainError, NotYours, TooLarge

#: so much of a refused body is read and thrown away, so that the browser comes to hear why
DRAINED_BYTES = 64 * 1024 * 1024


class MovedClockMiddleware:
    """Looks, once per request, how far the clock of a demo has been moved meanwhile. Absent where none can be."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.CLOCK_CAN_MOVE:
            raise MiddlewareNotUsed()
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        demo_clock.look()
        return self.get_response(request)


class ReadableFormMiddleware:
    """Answers a form that is larger than the settings allow with 413, the limit and the remedy.

    Null bytes are taken out of what an address asks for: no search finds them, and PostgreSQL takes none. Everything is
    read as UTF-8, which JSON is and browsers send: Python has charsets, such as `zlib`, that are none.

    It stands before the CSRF middleware, which would be the first to read the form, and whose failure no other
    middleware sees. Views that are exempt from it (the API) read their bodies themselves, unless they say `has_a_form`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding is not None:
            request.encoding = "utf-8"
        if "%00" in request.META.get("QUERY_STRING", ""):
            asked = request.GET.copy()
            for name, values in request.GET.lists():
                asked.setlist(name, [value.replace("\x00", "") for value in values])
            request.GET = asked  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        reads_itself = getattr(view, "csrf_exempt", False) and not getattr(view, "has_a_form", False)
        if request.method != "POST" or reads_itself:
            return None
        try:
            request.POST  # noqa: B018
        except UNREAD as failure:
            # As Django's own handler does: the page that is drawn now must not read the form again.
            request._mark_post_parse_error()  # type: ignore[attr-defined]
            drain(request)
            return page_of(request, TooLarge.read(failure))
        except UnreadablePostError:
            pass  # nobody waits for an answer any more
        return None


def drain(request: HttpRequest) -> None:
    """Read a refused body and throw it away."""
    left = DRAINED_BYTES
    try:
        while left > 0 and (part := request.read(64 * 1024)):
            left -= len(part)
    except OSError:
        pass


def page_of(request: HttpRequest, error: DomainError) -> HttpResponse:
    """An error as a page."""
    return render(request, "domain_error.html", {"error": error}, status=error.status)


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
        return page_of(request, exception)

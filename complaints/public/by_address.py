"""What every page owes whose address is a secret: kept by no cache, found by no search, told to no other site."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found

from core.errors import UNREAD, DomainError, NotYours, TooLarge
from core.middleware import drain, page_of


def confidential(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose address carries a token. It asks for no cookie, so that it is read here whether its form can be read."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            try:
                request.POST  # noqa: B018
            except UNREAD as failure:
                request._mark_post_parse_error()  # type: ignore[attr-defined]
                drain(request)
                return keep_to_itself(page_of(request, TooLarge.read(failure)))
        try:
            return keep_to_itself(view(request, *args, **kwargs))
        except (NotYours, Http404):
            return keep_to_itself(page_not_found(request, Http404()))
        except DomainError as failure:
            return keep_to_itself(page_of(request, failure))

    return guarded


def keep_to_itself(answer: HttpResponse) -> HttpResponse:
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "private, no-store"
    return answer

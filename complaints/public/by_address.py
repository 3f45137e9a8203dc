"""Pages that a secret in their address opens, and no cookie: there is nothing to forge from another site.

What keeps such an address to itself stands in `core/unsaid.py`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from core.errors import UNREAD, TooLarge
from core.middleware import drain, page_of


def opened_by_its_address(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose form is not read before it is called: whether it can be read is found out here."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            try:
                request.POST  # noqa: B018
            except UNREAD as failure:
                request._mark_post_parse_error()  # type: ignore[attr-defined]
                drain(request)
                return page_of(request, TooLarge.read(failure))
        return view(request, *args, **kwargs)

    return guarded

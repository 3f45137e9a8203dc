"""Pages that a secret in their address opens, and no cookie: there is nothing to forge from another site.

What keeps such an address to itself stands in `core/unsaid.py`.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt


def opened_by_its_address(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that asks for no cookie; its form is read before it is called, as that of any page."""
    opened: Any = csrf_exempt(view)
    opened.has_a_form = True
    return opened  # type: ignore[no-any-return]

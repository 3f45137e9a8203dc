"""What each request owes to the person who makes it: their language, and for staff a second factor."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from accounts.errors import ActsForAnother
from core.middleware import page_of

#: the field in which a form says for which organisation its page was made
ACTING = "acting"
Handler = Callable[[HttpRequest], HttpResponse]


class UserLanguageMiddleware:
    """Pages speak the language of the account, unless this browser chose another one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
            return self.get_response(request)
        with translation.override(user.language):
            request.LANGUAGE_CODE = user.language  # type: ignore[attr-defined]
            return self.get_response(request)


class ActingMiddleware:
    """A form from a page that was made while somebody acted for another organisation changes nothing.

    Who belongs to several may have a page of each open. Every form says for which one it was made, and so does what a
    page's program sends without a form; the switch itself need not.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        # Programs say nothing of the kind, and their bodies are read by their views.
        if (
            request.method != "POST"
            or getattr(view, "csrf_exempt", False)
            or request.path == reverse("accounts:switch")
        ):
            return None
        said, user = request.headers.get("X-Acting") or request.POST.get(ACTING, ""), request.user
        if not said or not user.is_authenticated or user.organisation is None or user.organisation.public_id == said:
            return None
        then = user.memberships.select_related("organisation").filter(organisation__public_id=said).first()
        return page_of(request, ActsForAnother.between(then and then.organisation, user.organisation))


class SecondFactorMiddleware:
    """Staff reach nothing but their own sign-in pages until they have set up a second factor.

    allauth asks for the factor at sign-in once it is set up; this covers the account that has none yet.
    """

    #: where somebody without a second factor may still go: setting it up, signing out, static files
    OPEN = ("/account/", "/language/", "/static/", "/healthz", "/readyz")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            user.is_authenticated
            and user.is_staff
            and not request.path.startswith(self.OPEN)
            and not is_mfa_enabled(user)
        ):
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

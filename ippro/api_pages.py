"""The description of the API as people read it: a console to try it out, and a reference. Both from our own files."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe


@require_safe
@ensure_csrf_cookie
def console(request: HttpRequest) -> HttpResponse:
    return render(request, "api/console.html", {"csrf_cookie": settings.CSRF_COOKIE_NAME})


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    return render(request, "api/reference.html")

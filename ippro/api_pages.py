"""The description of the API: as programs read it, and as people do, in a console to try it out and a reference.

Making the description takes half a second of a processor, and it says the same until the program changes. So each
process makes it once for each language and form, and whoever has it already is told so.
"""

import hashlib
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

YAML, JSON = "application/vnd.oai.openapi", "application/vnd.oai.openapi+json"
FOR_A_MOMENT = "public, max-age=300"


@require_safe
@ensure_csrf_cookie
def console(request: HttpRequest) -> HttpResponse:
    return render(request, "api/console.html", {"csrf_cookie": settings.CSRF_COOKIE_NAME})


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    return render(request, "api/reference.html")


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, as YAML or (`?format=json`, or by Accept) as JSON, in the reader's language."""
    made, tag = _described(_language(request), _wants_json(request))
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        answer = HttpResponse(status=304)
    else:
        kind = JSON if _wants_json(request) else YAML
        answer = HttpResponse(made, content_type=f"{kind}; charset=utf-8")
        answer["Content-Disposition"] = f'inline; filename="ippro.{"json" if kind == JSON else "yaml"}"'
    answer["ETag"], answer["Cache-Control"] = tag, FOR_A_MOMENT
    patch_vary_headers(answer, ("Accept", "Accept-Language", "Cookie"))
    return answer


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("lang", "")
    return (
        asked
        if translation.check_for_language(asked) and asked in dict(settings.LANGUAGES)
        else translation.get_language() or "en"
    )


def _wants_json(request: HttpRequest) -> bool:
    return (request.GET.get("format") or ("json" if "json" in request.headers.get("Accept", "") else "")) == "json"


@cache
def _described(language: str, as_json: bool) -> tuple[bytes, str]:
    """The description in one language and form, and its tag."""
    with translation.override(language):
        said: Any = SchemaGenerator().get_schema(request=None, public=True)
        renderer = OpenApiJsonRenderer() if as_json else OpenApiYamlRenderer()
        made: bytes = renderer.render(said, renderer_context={})
    return made, quote_etag(hashlib.sha256(made).hexdigest()[:32])

"""Pages of the core: private files."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from core import files, media
from core.errors import NotYours
from core.looks import is_shown


@require_safe
def private_file(request: HttpRequest, token: str) -> HttpResponse:
    """A private file behind a signed link: previews in the page, originals only as downloads."""
    user: Any = request.user if request.user.is_authenticated else _by_other_means(request)
    if user is None:
        raise NotYours()
    file, preview = files.opened_by(token, user=user, is_shown=is_shown(request))
    data = files.read_preview(file) if preview else files.read(file)
    kind = (media.PNG if data.startswith(b"\x89PNG") else media.JPEG) if preview else file.media_type
    answer = HttpResponse(data, content_type=kind)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = "inline" if preview else content_disposition_header(True, file.name)
    looks_are_recorded = files.is_look_recorded(file, preview=preview)
    answer["Cache-Control"] = "private, no-store" if looks_are_recorded else "private, max-age=600"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def _by_other_means(request: HttpRequest) -> Any:
    """Who calls as programs do, by any means that the API knows: links that it gave out are opened the same way."""
    for means in APIView().get_authenticators():
        try:
            found = means.authenticate(Request(request))
        except APIException:
            return None
        if found is not None:
            return found[0]
    return None

"""Pages of the marketplace room: small pictures of what is in the mirror."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core import media
from core.errors import NotYours
from marketplace import thumbnails
from marketplace.errors import NoPicture, PictureLater

#: a quiet frame, where there is no picture or not yet
_PLACEHOLDER = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#8a94a6" stroke-width="1.3">'
    b'<path d="M3.5 4.5h17v15h-17z"/><circle cx="8.7" cy="9.5" r="1.5"/>'
    b'<path d="m4 17 5-4.5 3.5 3 3-2.5 4.5 4"/></svg>'
)


@require_safe
def thumbnail(request: HttpRequest, token: str) -> HttpResponse:
    """A small picture of a target, by a link that we signed, for whoever is signed in."""
    if not request.user.is_authenticated:
        raise NotYours()
    try:
        data = thumbnails.thumbnail(token)
        kind = media.PNG if data.startswith(b"\x89PNG") else media.JPEG
        answer = HttpResponse(data, content_type=kind)
        answer["Cache-Control"] = "private, max-age=86400"
    except (NoPicture, PictureLater) as none:
        answer = HttpResponse(_PLACEHOLDER, content_type="image/svg+xml", status=none.status)
        answer["Cache-Control"] = "private, max-age=600" if none.status == 404 else "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer

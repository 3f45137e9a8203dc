"""Pictures on the pages of holders and staff: each asks again whether this person may see it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.signed_in import SignedInRequest
from core.errors import NotYours
from imageguard import explanations, showing
from imageguard.models import Conflict, Match, Original

#: the small picture of what was found, beside the views of an explanation
SMALL = "small"


@require_safe
@login_required
def original_picture(request: SignedInRequest, public_id: str) -> HttpResponse:
    """A small copy of an original, for lists."""
    original = Original.objects.visible_to(request.user).select_related("image").filter(public_id=public_id).first()
    if original is None:
        raise NotYours()
    return _answer(showing.small(original.image))


@require_safe
@login_required
def match_picture(request: SignedInRequest, public_id: str, view: str) -> HttpResponse:
    """One picture of why a match is one, for whoever may see the match."""
    match = (
        Match.objects.visible_to(request.user)
        .select_related("original__image", "image__file", "file")
        .filter(public_id=public_id)
        .first()
    )
    return _picture(match, view)


@require_safe
@login_required
def conflict_picture(request: SignedInRequest, public_id: str, view: str) -> HttpResponse:
    """One picture of a conflict, for staff alone: the parties do not get to know each other's pictures here."""
    conflict = None
    if request.user.staff_roles:
        conflict = (
            Conflict.objects.select_related("original__image", "rival__image", "rival_image__file")
            .filter(public_id=public_id)
            .first()
        )
    return _picture(conflict, view)


def _picture(case: Match | Conflict | None, view: str) -> HttpResponse:
    if case is None:
        raise NotYours()
    if view == SMALL and isinstance(case, Match) and case.evidence is not None:
        return _answer(showing.small(case.evidence))
    return _answer(explanations.picture(case, view))


def _answer(data: bytes) -> HttpResponse:
    answer = HttpResponse(data, content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=600"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer

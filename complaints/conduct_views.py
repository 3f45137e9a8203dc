"""Pages about how an organisation complains: where it stands and why."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.signed_in import SignedInRequest
from complaints import conduct


@login_required
@require_GET
def standing(request: SignedInRequest) -> HttpResponse:
    """Score, lane, warnings: what each is made of, and what follows from it."""
    context = {"standing": conduct.own_standing(request.user)}
    return render(request, "complaints/standing.html", context)

"""Every address of the house, and a bare view that writes three rows."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from core import clock, ledger
from core.models import LedgerEntry


@csrf_exempt
@login_required
def three_rows(request: HttpRequest) -> HttpResponse:
    """What a Django view costs that knows who asks and does nothing but write three rows in a transaction."""
    with transaction.atomic():
        for n in range(3):
            LedgerEntry.objects.create(
                at=clock.now(),
                kind="benchmark",
                subject=f"row {n}",
                actor="system",
                payload={},
                payload_hash=ledger.payload_hash({}),
            )
    return JsonResponse({"rows": 3}, status=201)


urlpatterns = [path("benchmark/three-rows", three_rows), path("", include("ippro.urls"))]

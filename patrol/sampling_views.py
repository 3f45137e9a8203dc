"""Pages of sampling for others than staff: what everybody may check of a draw, and where a brand gives its verdicts.

A draw that is still being bought must warn no seller: until it is reported everybody sees seed, strata and the hash of
the frame, and from then on the frame and the draw themselves.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signed_in import SignedInRequest
from core import files
from core.errors import NotYours
from core.spreadsheet import as_csv
from patrol import sampling
from patrol.models import Sample, TestBuy, TestBuyFile
from patrol.sampling_lifecycle import TEST_BUYS
from patrol.test_buy_steps import form_of, take

PAGE = 25
#: what of its papers a brand sees: receipts say who buys for the platform
SHOWN = (TestBuyFile.Kind.PHOTOGRAPH, TestBuyFile.Kind.REPORT)


@require_safe
def samples(request: HttpRequest) -> HttpResponse:
    """Every sample that was announced."""
    page = Paginator(Sample.objects.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "patrol/samples/list.html", {"page": page})


@require_safe
def sample(request: HttpRequest, public_id: str) -> HttpResponse:
    """One sample: all that is needed to draw it again."""
    found = _sample(public_id)
    context = {
        "sample": found, "entry": sampling.announcement_of(found), "estimate": found.report,
        "drawn": found.listings.select_related("target").order_by("pk") if found.is_public else (),
    }  # fmt: skip
    return render(request, "patrol/samples/detail.html", context)


def _sample(public_id: str) -> Sample:
    found = Sample.objects.select_related("frame", "marketplace").filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


@require_safe
def frame(request: HttpRequest, public_id: str) -> HttpResponse:
    """The frame, byte for byte as it was hashed."""
    return frame_file(_published(public_id))


@require_safe
def draw(request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """What was drawn, as a table."""
    return draw_file(_published(public_id))


def _published(public_id: str) -> Sample:
    found = _sample(public_id)
    if not found.is_public:
        raise NotYours()
    return found


def frame_file(found: Sample) -> HttpResponse:
    assert found.frame is not None
    answer = HttpResponse(files.read(found.frame), content_type="text/tab-separated-values; charset=utf-8")
    return _download(answer, f"{found.number}-frame.tsv")


def draw_file(found: Sample) -> StreamingHttpResponse:
    rows = found.listings.order_by("pk").values_list("stratum", "target__public_id", "target_version")
    lines = [("stratum", "listing", "version"), *rows]
    return _download(
        StreamingHttpResponse(as_csv(lines), content_type="text/csv; charset=utf-8"), f"{found.number}-draw.csv"
    )


def _download(answer: Any, name: str) -> Any:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


# --- for the brand -------------------------------------------------------------------------------------------


@login_required
@require_safe
def test_buys(request: SignedInRequest) -> HttpResponse:
    """What was bought and handed to this brand, what waits for its verdict first."""
    found = (
        TestBuy.objects.visible_to(request.user).select_related("listing__target", "profile").order_by("-state", "-pk")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "patrol/samples/test_buys.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def test_buy(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One test buy: photographs, through whose hands it went, and the form for the verdict."""
    found = _test_buy(request.user, public_id)
    form = form_of("judge", request.POST or None, request.FILES or None)
    if request.method == "POST" and take(test_buy=found, step="judge", by=request.user, form=form):
        messages.success(request, _("Your verdict was recorded. Thank you."))
        return redirect("samples:test-buy", public_id)
    context = {
        "buy": found, "form": form, "turn": TEST_BUYS.turns[found.state],
        "may_judge": TEST_BUYS.allows(found, "judge", request.user),
        "papers": found.files.filter(kind__in=SHOWN).select_related("file"), "custody": found.custody.all(),
    }  # fmt: skip
    return render(request, "patrol/samples/test_buy.html", context, status=422 if form.is_bound else 200)


def _test_buy(user: Any, public_id: str) -> TestBuy:
    """Raises NotYours."""
    found = (
        TestBuy.objects.visible_to(user)
        .select_related("listing__target__shop", "listing__sample", "profile__filing")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotYours()
    return found

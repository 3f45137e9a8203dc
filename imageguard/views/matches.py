"""Pages of matches: the list, one match with its explanation, and what its owner may do about it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.signed_in import SignedInRequest
from core.errors import DomainError
from filings.standing import may_complain
from imageguard import explanations, selectors, services, watching
from imageguard.forms import MatchFilter, TolerateForm
from imageguard.models import Match
from marketplace.links import is_web_address

PAGE = 25


def address_above(name: str, *args: str) -> str:
    """An address of the complaints room, which stands above this one and may be absent."""
    try:
        return reverse(f"complaints:{name}", args=args)
    except NoReverseMatch:
        return ""


@login_required
@require_GET
def match_list(request: SignedInRequest) -> HttpResponse:
    """Copies of the organisation's originals, newest first."""
    chosen = MatchFilter(request.GET, queryset=selectors.matches_of(request.user))
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page": page,
        "rows": [(match, selectors.thumbnail_of(match), explanations.sentence(match)) for match in page],
        "is_filtered": any(request.GET.get(name) for name in chosen.form.fields),
        "figures": selectors.figures_for(request.user),
        "complain_url": address_above("from-matches") if may_complain(request.user) else "",
    }
    return render(request, "imageguard/matches.html", context)


@login_required
@require_GET
def match_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """A match: both pictures, how they lie on each other, what agrees, what was done, and what one can do about it."""
    return _page(request, selectors.match_of(request.user, public_id))


def _page(request: SignedInRequest, match: Match, status: int = 200, **more: Any) -> HttpResponse:
    actions = {t.name for t in selectors.actions_for(match, request.user)}
    context = {
        "match": match,
        "next": selectors.next_for_match(match, request.user),
        "actions": actions,
        "may_license": "tolerate" in actions and selectors.is_holder(match.original, request.user),
        "complain_url": address_above("from-matches") if "complain" in actions and may_complain(request.user) else "",
        "complaint_url": _complaint_of(match),
        "address": match.target.url if is_web_address(match.target.url) else "",
        **_explained(match),
        "thumbnail": selectors.thumbnail_of(match),
        "sentence": explanations.sentence(match),
        "edits": explanations.edits_in_words(match.edits),
        "score_in_words": explanations.score_in_words(match.score),
        "parts": explanations.parts_in_words(match.parts),
        "tolerate_form": TolerateForm(),
        "timeline": selectors.timeline(match, request.user),
        **more,
    }
    return render(request, "imageguard/match.html", context, status=status)


def _explained(match: Match) -> dict[str, Any]:
    """What `_explanation.html` shows: the pictures, or that they are being made."""
    shown = {picture.view: picture for picture in explanations.shown(match)}
    return {
        "match": match,
        "is_drawn": bool(shown) and explanations.is_drawn(match),
        "is_given_up": bool(shown) and explanations.is_given_up(match),
        "side_by_side": shown.get(explanations.View.SIDE_BY_SIDE),
        "laid_on": [shown[v] for v in (explanations.View.WARPED, explanations.View.OVERLAY) if v in shown],
    }


@login_required
@require_GET
def match_explanation(request: SignedInRequest, public_id: str) -> HttpResponse:
    """For htmx: the pictures of an explanation; asks again by itself until they are made."""
    match = selectors.match_of(request.user, public_id)
    if not request.headers.get("HX-Request"):
        return redirect("originals:match", match.public_id)
    return render(request, "imageguard/_explanation.html", _explained(match))


def _complaint_of(match: Match) -> str:
    return address_above("of-match", match.public_id) if match.state == Match.State.COMPLAINED else ""


@login_required
@require_http_methods(["GET", "POST"])
def tolerate(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Let a copy be."""
    match = selectors.match_of(request.user, public_id)
    if request.method == "POST":
        form = TolerateForm(request.POST)
        if not form.is_valid():
            return _page(request, match, 422, tolerate_form=form)
        watching.tolerate(match=match, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("%(number)s is let be.") % {"number": match.number})
    return redirect("originals:match", match.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def allow_shop(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Allow the shop that shows a copy to use the image: this copy and what it shows later are no matches."""
    match = selectors.match_of(request.user, public_id)
    if request.method == "POST":
        try:
            licence = services.grant_licence(
                original=match.original, by=request.user, shop_link=match.target.seller.url or match.target.url
            )
        except DomainError as wrong:
            if wrong.status != 422:
                raise
            messages.error(request, str(getattr(wrong, "errors", {}).get("shop", [wrong])[0]))
        else:
            messages.success(request, _("%(shop)s may use the image from now on.") % {"shop": licence.shop})
    return redirect("originals:match", match.public_id)

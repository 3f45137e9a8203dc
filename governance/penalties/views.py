"""Pages of a merchant about the standing of its shops: points, what they rest on, penalties, the hearing."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.signed_in import SignedInRequest
from core.errors import Invalid
from governance.models import Penalty
from governance.penalties import selectors, services
from governance.penalties.forms import EarlyEndForm, StatementForm
from governance.penalty_lifecycle import PENALTY
from rulebook.models import Measure

PAGE = 20
State = Penalty.State


@login_required
@require_safe
def shops(request: SignedInRequest) -> HttpResponse:
    """Every shop of the merchant with its points and what comes next."""
    page = Paginator(selectors.shops_of(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "standings": selectors.standings(list(page.object_list), request.user)}
    return render(request, "governance/shops.html", context)


@login_required
@require_safe
def shop(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One shop: its strikes with their statements, its penalties, the ladder."""
    found = selectors.shop_of(request.user, public_id)
    return render(request, "governance/shop.html", {"standing": selectors.standings([found], request.user)[0]})


@login_required
@require_safe
def penalty(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One penalty: why, until when, what the shop can do about it."""
    return _page(request, selectors.penalty_of(request.user, public_id))


@login_required
@require_POST
def statement(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The shop says something in the hearing."""
    found = selectors.penalty_of(request.user, public_id)
    form = StatementForm(request.POST)
    if form.is_valid():
        try:
            services.state_position(penalty=found, by=request.user, text=form.cleaned_data["text"])
            messages.success(request, _("Your statement was received. It is read before anything is decided."))
            return redirect("penalties:penalty", public_id)
        except Invalid as wrong:
            form.add_error("text", [str(s) for s in wrong.errors.get("text", [])])
    return _page(request, found, statement_form=form)


@login_required
@require_POST
def early_end(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The shop asks for an early end."""
    found = selectors.penalty_of(request.user, public_id)
    form = EarlyEndForm(request.POST)
    if form.is_valid():
        services.ask_for_early_end(penalty=found, by=request.user, text=form.cleaned_data["text"])
        messages.success(request, _("Your request was received. A senior reviewer decides on it."))
        return redirect("penalties:penalty", public_id)
    return _page(request, found, early_form=form)


def _page(request: HttpRequest, found: Penalty, **forms: Any) -> HttpResponse:
    user: Any = request.user
    is_mine = user.has_org_role(found.shop.operator_id, roles.MAY_COMPLAIN)
    can_ask = found.state == State.IN_FORCE and found.measure != Measure.WARNING and found.early_end_asked_at is None
    context = {
        "penalty": found,
        "turn": PENALTY.turns[found.state],
        "until": found.deadline_at if found.state in Penalty.WAITING else found.ends_at,
        "strikes": selectors.strikes_of(found),
        "timeline": selectors.timeline(found),
        "statement_form": forms.get("statement_form") or StatementForm(),
        "early_form": forms.get("early_form") or EarlyEndForm(),
        "may_state": is_mine and found.state == State.HEARING,
        "may_ask": is_mine and can_ask,
        "is_yours": is_mine and found.state == State.HEARING,
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, "governance/penalty.html", context, status=status)

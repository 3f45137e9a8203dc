"""Pages of powers of attorney: an agency's powers, a rights holder's agencies; hand in, confirm, supplement, revoke."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organisation, PowerOfAttorney
from accounts.powers import selectors, services
from accounts.powers.lifecycle import LIFECYCLE
from accounts.signed_in import SignedInRequest
from complaints.agencies.forms import GrantForm, RequestForm, RevokeForm, ScopeForm
from complaints.agencies.scope import scope_in_words
from core.errors import DomainError, Forbidden
from core.preconditions import tag_of

PAGE = 25
AGENCY = Organisation.Kind.AGENCY


@login_required
@require_GET
def power_list(request: SignedInRequest) -> HttpResponse:
    """Powers that the organisation gave or got, newest first."""
    page = Paginator(selectors.powers_of(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "is_agency": _is_agency(request), "may_hand_in": selectors.may_hand_in(request.user)}
    return render(request, "powers/list.html", context)


def _is_agency(request: SignedInRequest) -> bool:
    organisation = request.user.organisation
    return organisation is not None and organisation.kind == AGENCY


@login_required
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """An agency hands in a power that it got; a rights holder grants one."""
    if not selectors.may_hand_in(request.user):
        raise Forbidden()
    is_agency = _is_agency(request)
    form: Any = (RequestForm if is_agency else GrantForm)(*_sent(request))
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: _handed_in(request, form, is_agency=is_agency))
        if made is not None:
            messages.success(request, _("%(number)s was handed in. Both sides get a letter.") % {"number": made.number})
            return redirect("powers:detail", made.public_id)
    context = {"form": form, "is_agency": is_agency}
    return render(request, "powers/new.html", context, status=422 if form.errors else 200)


def _sent(request: SignedInRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _try(form: ScopeForm, act: Callable[[], PowerOfAttorney]) -> PowerOfAttorney | None:
    """What a service refused stands beside the field it is about."""
    try:
        return act()
    except DomainError as refused:
        if refused.status not in (409, 413, 422):
            raise
        form.refuse(refused)
        return None


def _handed_in(request: SignedInRequest, form: Any, *, is_agency: bool) -> PowerOfAttorney:
    by, said = request.user, form.cleaned_data
    own: Any = by.organisation
    # First, since it takes its time, and a paper that cannot be taken is to leave nothing behind.
    kept = services.keep_documents(uploads=said["document"], by=by)
    # At once: a power that is refused leaves no rights holder behind either.
    with transaction.atomic():
        if is_agency:
            who = {name: said[name] for name in ("name", "country", "number")}
            holder, agency = services.holder_named(**who, by=by), own
        else:
            holder, agency = own, services.agency_named(number=said["number"], by=by)
        return services.submit_power(
            holder=holder, agency=agency, scope=form.scope_for(holder), days=form.days, kept=kept, by=by,
            holder_email=said.get("email", ""),
        )  # fmt: skip


@login_required
@require_GET
def detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One power: what is next, its scope and days, the paper, and what happened to it."""
    return _detail_page(request, selectors.power_of(request.user, public_id), RevokeForm())


def _detail_page(request: SignedInRequest, power: PowerOfAttorney, form: RevokeForm, status: int = 200) -> HttpResponse:
    context = {
        "power": power,
        "seen": tag_of(power),
        "in_force": power.is_in_force(),
        "scope": scope_in_words(power),
        "next": selectors.next_for(power, request.user),
        "actions": {t.name for t in selectors.actions_for(power, request.user)},
        "documents": selectors.documents_of(power),
        "timeline": selectors.timeline(power, request.user),
        "form": form,
    }
    return render(request, "powers/detail.html", context, status=status)


@login_required
@require_POST
def confirm(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The rights holder says that the power is its own."""
    power = selectors.power_of(request.user, public_id)
    services.confirm_power(power=power, by=request.user, seen=request.POST.get("seen", ""))
    messages.success(request, _("You confirmed %(number)s. A reviewer looks at it now.") % {"number": power.number})
    return redirect("powers:detail", public_id)


@login_required
@require_http_methods(["GET", "POST"])
def supplement(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Mend a power that was returned, and send it again."""
    power = selectors.power_of(request.user, public_id)
    LIFECYCLE.check(power, "supplement", request.user)
    form = ScopeForm(*_sent(request), power=power)

    def sent_again() -> PowerOfAttorney:
        kept = services.keep_documents(uploads=form.cleaned_data["document"], by=request.user)
        return services.supplement_power(
            power=power, scope=form.scope_for(power.holder), days=form.days, kept=kept, by=request.user
        )

    if request.method == "POST" and form.is_valid() and _try(form, sent_again):
        messages.success(request, _("%(number)s was sent again.") % {"number": power.number})
        return redirect("powers:detail", public_id)
    context = {"form": form, "power": power}
    return render(request, "powers/supplement.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: SignedInRequest, public_id: str) -> HttpResponse:
    """End a power at once, with the reason that both sides read."""
    power = selectors.power_of(request.user, public_id)
    if request.method != "POST":
        return redirect("powers:detail", public_id)
    LIFECYCLE.check(power, "revoke", request.user)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        return _detail_page(request, power, form, status=422)
    services.revoke_power(power=power, by=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, _("%(number)s was revoked. It is in force no more.") % {"number": power.number})
    return redirect("powers:detail", public_id)

"""Pages about keys, for administrators of an organisation."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.administering import own_administered
from accounts.api_keys import selectors, services
from accounts.api_keys.errors import KeyMadeAlready
from accounts.api_keys.forms import KeyForm, RotateForm
from accounts.api_keys.models import ApiKey
from accounts.api_keys.scopes import in_words
from core.errors import Invalid

WRONG = 422


@login_required
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """All keys of the organisation: what uses them, what they may do, until when."""
    user: Any = request.user
    own = own_administered(user)
    return render(request, "accounts/api_keys/list.html", {"organisation": own, "rows": selectors.keys_of(own)})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def key_new(request: HttpRequest) -> HttpResponse:
    """Make a key. The answer shows it, once."""
    user: Any = request.user
    own = own_administered(user)
    form = KeyForm(request.POST or None)

    def make(said: dict[str, Any]) -> tuple[ApiKey, str]:
        return services.make_key(
            organisation=own, by=user, name=said["name"], scopes=form.scopes(), days=said["days"],
            public_id=said["key_id"],
        )  # fmt: skip

    return _asked_once(request, "accounts/api_keys/new.html", {"form": form, "organisation": own}, make)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def key_rotate(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put a new key in the place of one, which goes on for a while."""
    user: Any = request.user
    old = selectors.key_of(user, public_id)
    own = own_administered(user)
    form = RotateForm(request.POST or None)

    def make(said: dict[str, Any]) -> tuple[ApiKey, str]:
        made = services.rotate_key(key=old, by=user, overlap_days=said["overlap_days"], public_id=said["key_id"])
        old.refresh_from_db()
        return made

    context = {"form": form, "organisation": own, "key": old}
    return _asked_once(request, "accounts/api_keys/rotate.html", context, make)


def _asked_once(
    request: HttpRequest, page: str, context: dict[str, Any], make: Callable[[dict[str, Any]], tuple[ApiKey, str]]
) -> HttpResponse:
    """The page of a form that makes a key: what it made, or the form with what is wrong."""
    form, status = context["form"], 200
    if request.method == "POST":
        status = WRONG
        if form.is_valid():
            try:
                made, key = make(form.cleaned_data)
            except (Invalid, KeyMadeAlready) as failure:
                form.refuse(failure)
                status = failure.status
            else:
                return _shown_once(request, made, key, old=context.get("key"))
    return render(request, page, context, status=status)


@login_required
@require_POST
def key_revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    user: Any = request.user
    key = selectors.key_of(user, public_id)
    services.revoke_key(key=key, by=user)
    messages.success(request, _("The key “%(name)s” is good for nothing from now on.") % {"name": key.name})
    return redirect("accounts:keys")


def _shown_once(request: HttpRequest, made: ApiKey, key: str, *, old: ApiKey | None = None) -> HttpResponse:
    context = {"made": made, "key": key, "old": old, "areas": in_words(made.scopes), "organisation": made.organisation}
    return render(request, "accounts/api_keys/made.html", context)

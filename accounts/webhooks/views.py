"""Pages about webhooks, for administrators of an organisation."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.administering import own_administered
from accounts.webhooks import selectors, services
from accounts.webhooks.addresses import check_address
from accounts.webhooks.forms import EndpointForm, RotateSecretForm
from accounts.webhooks.models import WebhookEndpoint
from core.errors import Invalid

WRONG = 422
PAGE = 50


@login_required
@require_GET
def webhooks(request: HttpRequest) -> HttpResponse:
    """Where the organisation has its events sent."""
    user: Any = request.user
    context = {"organisation": own_administered(user), "endpoints": selectors.endpoints_of(user)}
    return render(request, "accounts/webhooks/list.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def webhook_new(request: HttpRequest) -> HttpResponse:
    """Add an endpoint. The answer shows its secret, once."""
    user: Any = request.user
    own = own_administered(user)
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            form.cleaned_data["url"] = check_address(form.cleaned_data["url"], own)
            made = services.make_endpoint(organisation=own, by=user, **form.cleaned_data)
        except Invalid as failure:
            form.refuse(failure)
        else:
            return _secret_shown_once(request, made)
    context = {"form": form, "organisation": own}
    return render(request, "accounts/webhooks/new.html", context, status=WRONG if form.errors else 200)


@login_required
@require_GET
def webhook(request: HttpRequest, public_id: str) -> HttpResponse:
    """One endpoint with the log of what was sent there."""
    user: Any = request.user
    endpoint = selectors.endpoint_of(user, public_id)
    page = Paginator(selectors.deliveries_of(endpoint), PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/webhooks/detail.html", {"endpoint": endpoint, "page": page})


@login_required
@require_http_methods(["GET", "POST"])
def webhook_change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change the address and what is sent there."""
    user: Any = request.user
    endpoint = selectors.endpoint_of(user, public_id)
    form = EndpointForm(request.POST or None, initial={"url": endpoint.url, "events": endpoint.events})
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["url"] != endpoint.url:
                form.cleaned_data["url"] = check_address(form.cleaned_data["url"], endpoint.organisation)
            services.change_endpoint(endpoint=endpoint, by=user, **form.cleaned_data)
        except Invalid as failure:
            form.refuse(failure)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:webhook", public_id)
    context = {"form": form, "endpoint": endpoint}
    return render(request, "accounts/webhooks/change.html", context, status=WRONG if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def webhook_rotate(request: HttpRequest, public_id: str) -> HttpResponse:
    """A new secret, shown once."""
    user: Any = request.user
    endpoint = selectors.endpoint_of(user, public_id)
    form = RotateSecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        changed = services.rotate_secret(endpoint=endpoint, by=user, overlap_hours=form.cleaned_data["overlap_hours"])
        return _secret_shown_once(request, changed)
    context = {"form": form, "endpoint": endpoint}
    return render(request, "accounts/webhooks/rotate.html", context, status=WRONG if form.errors else 200)


def _secret_shown_once(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    return render(request, "accounts/webhooks/secret.html", {"endpoint": endpoint})


@login_required
@require_POST
def webhook_switch(request: HttpRequest, public_id: str) -> HttpResponse:
    """Switch an endpoint on or off."""
    user: Any = request.user
    is_on = request.POST.get("is_on") == "yes"
    services.change_endpoint(endpoint=selectors.endpoint_of(user, public_id), by=user, is_on=is_on)
    messages.success(request, _("Events are sent there again.") if is_on else _("Nothing is sent there any more."))
    return redirect("accounts:webhook", public_id)


@login_required
@require_POST
def webhook_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    user: Any = request.user
    services.remove_endpoint(endpoint=selectors.endpoint_of(user, public_id), by=user)
    messages.success(request, _("The address was removed."))
    return redirect("accounts:webhooks")


@login_required
@require_POST
def webhook_test(request: HttpRequest, public_id: str) -> HttpResponse:
    user: Any = request.user
    sent = services.send_test(endpoint=selectors.endpoint_of(user, public_id), by=user)
    messages.success(request, _("A test is on its way. Reload this page to see what became of it."))
    return redirect("accounts:webhook-message", public_id, sent.public_id)


@login_required
@require_GET
def webhook_message(request: HttpRequest, public_id: str, message_id: str) -> HttpResponse:
    """One message: what was sent, and what the other side answered each time."""
    user: Any = request.user
    delivery = selectors.delivery_of(user, public_id, message_id)
    context = {"endpoint": delivery.endpoint, "delivery": delivery, "tries": delivery.tries.all()}
    return render(request, "accounts/webhooks/message.html", context)


@login_required
@require_POST
def webhook_again(request: HttpRequest, public_id: str, message_id: str) -> HttpResponse:
    user: Any = request.user
    services.send_again(delivery=selectors.delivery_of(user, public_id, message_id), by=user)
    messages.success(request, _("It is sent once more."))
    return redirect("accounts:webhook-message", public_id, message_id)

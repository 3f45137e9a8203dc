"""Staff see which messages to organisations' systems wait or were given up, and why; what these answer is not theirs."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.webhooks.models import WebhookDelivery
from accounts.webhooks.services import QUEUE, TASK
from core.admin import ObligationAdmin, StandingFilter
from core.retries import retry_given_up


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ObligationAdmin):
    """Messages that are owed to endpoints. Of an address its host is shown: the rest may hold a secret."""

    list_display = ("public_id", "event", "about", "organisation", "host", "stands", "due_at", "attempts", "error")
    list_filter = (StandingFilter, "event")
    list_select_related = ("endpoint__organisation",)
    search_fields = ("=public_id", "=subject", "=endpoint__public_id", "=endpoint__organisation__number")
    search_help_text = _(
        "Public id of the message, of its endpoint or of the case it is about, or number of the organisation"
    )
    fields = (
        "public_id", "event", "about", "organisation", "host", "body", "created_at", "state", "due_at", "attempts",
        "leased_until", "done_at", "dead_at", "last_error",
    )  # fmt: skip
    readonly_fields = ("about", "organisation", "host", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("endpoint__organisation")

    def carry_on(self, row: WebhookDelivery, by: Any) -> None:
        retry_given_up(
            row=row, by=by, kind="webhook.retried", subject=row.endpoint.organisation.public_id, task=TASK, queue=QUEUE
        )

    @display(description=_("about"))
    def about(self, delivery: WebhookDelivery) -> str:
        return delivery.subject

    @display(description=_("organisation"))
    def organisation(self, delivery: WebhookDelivery) -> Any:
        return delivery.endpoint.organisation

    @display(description=_("sent to"))
    def host(self, delivery: WebhookDelivery) -> str:
        return urlsplit(delivery.endpoint.url).hostname or ""

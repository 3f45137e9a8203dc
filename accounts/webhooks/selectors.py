"""What the pages and the API about endpoints ask for: administrators alone, of the organisation for which they act."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.administering import own_administered
from accounts.models import User
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from core.errors import NotYours


def endpoints_of(user: User) -> QuerySet[WebhookEndpoint]:
    """Endpoints, the newest first, with how many messages wait and how many were given up. Raises NotYours, Forbidden."""
    own_administered(user)
    return (
        WebhookEndpoint.objects.visible_to(user)
        .select_related("organisation")
        .annotate(
            waiting=Count("deliveries", filter=Q(deliveries__due_at__isnull=False)),
            given_up=Count("deliveries", filter=Q(deliveries__dead_at__isnull=False)),
        )
        .order_by("-pk")
    )


def endpoint_of(user: User, public_id: str) -> WebhookEndpoint:
    """Raises NotYours, Forbidden."""
    found = endpoints_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def deliveries_of(endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    return endpoint.deliveries.select_related("endpoint").order_by("-pk")


def delivery_of(user: User, endpoint_id: str, public_id: str) -> Any:
    """One message of an endpoint with its tries. Raises NotYours, Forbidden."""
    found = deliveries_of(endpoint_of(user, endpoint_id)).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found

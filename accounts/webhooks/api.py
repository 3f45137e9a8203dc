"""The API of webhooks: endpoints of your organisation, and what was sent there. For its administrators."""

from typing import Any

from django.urls import include, path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from accounts.administering import own_administered
from accounts.webhooks import selectors, services
from accounts.webhooks.addresses import check_address
from accounts.webhooks.events import Event
from accounts.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.api import (
    IDEMPOTENCY_KEY,
    PROBLEM,
    REFUSED,
    IdempotentPosts,
    PlainSerializer,
    checked,
    keyed_by_itself,
    told_once,
)
from core.preconditions import IF_MATCH, Tagged


class WebhookSerializer(serializers.ModelSerializer):
    """Where events go. The secret is told when it is made, and never again."""

    id = serializers.CharField(source="public_id")
    is_on = serializers.BooleanField(help_text="Switched off by you, or because the address answered 410.")
    events = serializers.ListField(child=serializers.ChoiceField(choices=Event.choices))

    class Meta:
        model = WebhookEndpoint
        fields: tuple[str, ...] = ("id", "url", "events", "is_on", "created_at", "old_secret_until")


class WebhookWithSecretSerializer(WebhookSerializer):
    """As it is told once: with the secret that verifies what comes; null where the answer is a repetition."""

    secret = serializers.CharField(allow_null=True)

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")


class WebhookMessageSerializer(serializers.ModelSerializer):
    """One message and what became of it."""

    id = serializers.CharField(source="public_id", help_text="Its `webhook-id`, however often it is sent.")
    about = serializers.CharField(source="subject")
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices)
    next_try_at = serializers.DateTimeField(source="due_at", allow_null=True)

    class Meta:
        model = WebhookDelivery
        fields: tuple[str, ...] = (
            "id", "event", "about", "state", "attempts", "created_at", "next_try_at", "done_at", "last_error",
        )  # fmt: skip


class WebhookTrySerializer(serializers.ModelSerializer):
    class Meta:
        model = WebhookAttempt
        fields = ("at", "took_ms", "status", "answer", "error")


class WebhookMessageDetailSerializer(WebhookMessageSerializer):
    """One message with what was sent, and every try."""

    body = serializers.CharField(help_text="Exactly what was sent and signed.")
    tries = WebhookTrySerializer(many=True)

    class Meta(WebhookMessageSerializer.Meta):
        fields = (*WebhookMessageSerializer.Meta.fields, "body", "tries")


class NewWebhookSerializer(PlainSerializer):
    url = serializers.CharField(max_length=500, help_text="`https://`, at port 443, open to the internet.")
    events = serializers.ListField(child=serializers.ChoiceField(choices=Event.choices), min_length=1, max_length=100)


class WebhookChangeSerializer(PlainSerializer):
    url = serializers.CharField(max_length=500, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=Event.choices), min_length=1, max_length=100, required=False
    )
    is_on = serializers.BooleanField(required=False)


class RotateSerializer(PlainSerializer):
    overlap_hours = serializers.ChoiceField(
        choices=services.OVERLAPS_HOURS, default=24, help_text="For so long the old secret signs beside the new one."
    )


_NEW = OpenApiExample(
    "What happens to complaints",
    request_only=True,
    value={"url": "https://erp.example.com/ippro", "events": ["complaint.decided", "link.settled"]},
)
_MADE = OpenApiExample(
    "With its secret",
    response_only=True,
    status_codes=["201"],
    value={
        "id": "whk_01k9x7m2v8e4q6r0s3t5w7y9za", "url": "https://erp.example.com/ippro",
        "events": ["complaint.decided", "link.settled"], "is_on": True, "created_at": "2026-03-02T12:00:00Z",
        "old_secret_until": None, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    },
)  # fmt: skip


class WebhookViewSet(Tagged, IdempotentPosts, ListModelMixin, GenericViewSet):
    """Endpoints of your organisation; for its administrators."""

    area = "webhooks"
    lookup_field = "public_id"
    serializer_class = WebhookSerializer
    queryset = WebhookEndpoint.objects.none()

    def get_queryset(self) -> Any:
        return selectors.endpoints_of(_person(self.request))

    def _one(self, public_id: str) -> WebhookEndpoint:
        return selectors.endpoint_of(_person(self.request), public_id)

    def _answer(self, public_id: str) -> Response:
        endpoint = self._one(public_id)
        return self.tagged(Response(WebhookSerializer(endpoint).data), endpoint)

    @extend_schema(operation_id="webhooks_retrieve", responses={200: WebhookSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One endpoint."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="webhooks_create", parameters=[IDEMPOTENCY_KEY], request=NewWebhookSerializer,
        responses={201: WebhookWithSecretSerializer, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM},
        examples=[_NEW, _MADE],
    )  # fmt: skip
    @keyed_by_itself
    def create(self, request: Request) -> Response:
        """Have events sent to an address. The secret in the answer is told this once."""
        by, said = _person(request), checked(NewWebhookSerializer, request)
        organisation = own_administered(by)
        # Asks the internet, with no transaction open.
        said["url"] = check_address(said["url"], organisation)

        def made() -> Response:
            endpoint = services.make_endpoint(organisation=organisation, by=by, **said)
            return self.tagged(told_once(Response(WebhookWithSecretSerializer(endpoint).data, 201), "secret"), endpoint)

        return self.once(made)

    def _changed(self, change: Any, request: Request, public_id: str) -> Response:
        said: Any = request.data
        if isinstance(said, dict) and isinstance(said.get("url"), str):
            endpoint = self._one(public_id)
            # Asks the internet, before there is a transaction.
            said["url"] = check_address(said["url"], endpoint.organisation)
        return super()._changed(change, request, public_id)

    @extend_schema(
        operation_id="webhooks_update", parameters=[IF_MATCH], request=WebhookChangeSerializer,
        responses={200: WebhookSerializer, **REFUSED},
    )  # fmt: skip
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change the address, its events, or switch it on or off."""
        endpoint, said = self._one(public_id), checked(WebhookChangeSerializer, request)
        services.change_endpoint(endpoint=endpoint, by=_person(request), **said)
        return self._answer(public_id)

    @extend_schema(operation_id="webhooks_remove", responses={204: None, 403: PROBLEM, 404: PROBLEM})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Nothing is sent there any more."""
        services.remove_endpoint(endpoint=self._one(public_id), by=_person(request))
        return Response(status=204)

    @extend_schema(
        operation_id="webhooks_rotate", parameters=[IDEMPOTENCY_KEY], request=RotateSerializer,
        responses={200: WebhookWithSecretSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, public_id: str) -> Response:
        """A new secret, told this once; the old one signs beside it for a while."""
        endpoint, said = self._one(public_id), checked(RotateSerializer, request)
        changed = services.rotate_secret(endpoint=endpoint, by=_person(request), **said)
        return told_once(Response(WebhookWithSecretSerializer(changed).data), "secret")

    @extend_schema(
        operation_id="webhooks_test", parameters=[IDEMPOTENCY_KEY], request=None,
        responses={201: WebhookMessageSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def test(self, request: Request, public_id: str) -> Response:
        """Send a `ping`."""
        sent = services.send_test(endpoint=self._one(public_id), by=_person(request))
        return Response(WebhookMessageSerializer(sent).data, 201)

    @extend_schema(operation_id="webhooks_messages", responses={200: WebhookMessageSerializer(many=True), 404: PROBLEM})
    @action(detail=True)
    def messages(self, request: Request, public_id: str) -> Response:
        """What was sent in the last thirty days, the newest first."""
        page = self.paginate_queryset(selectors.deliveries_of(self._one(public_id)))
        return self.get_paginated_response(WebhookMessageSerializer(page, many=True).data)

    @extend_schema(operation_id="webhooks_message", responses={200: WebhookMessageDetailSerializer, 404: PROBLEM})
    @action(detail=True, url_path=r"messages/(?P<message_id>[a-z0-9_]+)", url_name="message")
    def message(self, request: Request, public_id: str, message_id: str) -> Response:
        """One message with every try and the beginning of each answer."""
        return Response(WebhookMessageDetailSerializer(self._message(public_id, message_id)).data)

    @extend_schema(
        operation_id="webhooks_send_again", parameters=[IDEMPOTENCY_KEY], request=None,
        responses={200: WebhookMessageSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path=r"messages/(?P<message_id>[a-z0-9_]+)/again", url_name="again")
    def send_again(self, request: Request, public_id: str, message_id: str) -> Response:
        """Send a message once more, under the same id."""
        sent = services.send_again(delivery=self._message(public_id, message_id), by=_person(request))
        return Response(WebhookMessageSerializer(sent).data)

    def _message(self, public_id: str, message_id: str) -> WebhookDelivery:
        found: WebhookDelivery = selectors.delivery_of(_person(self.request), public_id, message_id)
        return found


def _person(request: Request) -> Any:
    return request.user


router = SimpleRouter(trailing_slash=False)
router.register("webhooks", WebhookViewSet, basename="webhook")
api_urlpatterns: list[Any] = [path("", include(router.urls))]

"""The API of the marketplace room: events come in, pasted links are looked up."""

from typing import Any

from django.conf import settings
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_keys.scopes import reading
from core.api import IDEMPOTENCY_KEY, PROBLEM, IdempotentPosts
from core.errors import DomainError, Invalid, TooLarge
from core.parsers import read_json
from marketplace.inbound import sender_of
from marketplace.ingest import BATCH, Status, ingest
from marketplace.links import MAX_LINE, Problem
from marketplace.models import Marketplace, Scene, Target
from marketplace.search.api import api_urlpatterns as search
from marketplace.selectors import LinkView, look_at_links

EVENT_TYPES = [*(f"{kind}.upserted" for kind in Target.Kind.values), "target.state_changed", "target.removed"]


class Malformed(DomainError):
    code = "malformed"
    status = 400
    message = _("The body is not valid JSON.")


# --- events ------------------------------------------------------------------------------------------


class EventSerializer(serializers.Serializer):
    """One event; only for the schema, since each event is judged by itself."""

    id = serializers.CharField(max_length=128, help_text="Unique per marketplace; the same id counts once.")
    type = serializers.ChoiceField(choices=EVENT_TYPES)
    occurred_at = serializers.DateTimeField()
    version = serializers.IntegerField(
        required=False, min_value=0, help_text="Orders the content of a target; the time if left out."
    )
    data = serializers.DictField()  # type: ignore[assignment]  # a field of that name, not what was validated


class EventsSerializer(serializers.Serializer):
    events = EventSerializer(many=True)


class ResultSerializer(serializers.Serializer):
    id = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices)
    detail = serializers.CharField(required=False)


class ResultsSerializer(serializers.Serializer):
    results = ResultSerializer(many=True)


def _header(name: str, text: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=True, description=text)


#: what every call of a marketplace carries
SIGNED = [
    _header("Ippro-Marketplace", "Short name of the marketplace."),
    _header("webhook-id", "As in Standard Webhooks."),
    _header("webhook-timestamp", "Seconds since 1970, at most five minutes off."),
    _header(
        "webhook-signature",
        "`v2,` and the base64 HMAC-SHA256 of `id.timestamp.METHOD address.body`, the address with its query as it is asked; "
        "or `v1,` and that of `id.timestamp.body`, which holds for any address.",
    ),
]


class EventsView(APIView):
    """`POST /api/v1/marketplace/events`: what a marketplace says, signed, up to 1,000 events in one call."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="marketplace_events",
        tags=["marketplace"],
        auth=[],
        parameters=SIGNED,
        request=EventsSerializer,
        responses={200: ResultsSerializer, 400: PROBLEM, 401: PROBLEM, 413: PROBLEM, 422: PROBLEM},
        examples=[
            OpenApiExample(
                "A shop, its listing, and a seller's change",
                request_only=True,
                value={
                    "events": [
                        {
                            "id": "evt-1001",
                            "type": "shop.upserted",
                            "occurred_at": "2026-03-02T12:00:00Z",
                            "version": 7,
                            "data": {
                                "external_id": "s-88",
                                "url": "https://mall.example/shop/s-88",
                                "name": "Shoes & Co",
                                "share_token": "SHOP-8F3K",
                                "operator_name": "Hangzhou Shoes Ltd",
                                "operator_uscc": "91330100MA2AXXXX0X",
                                "contact_email": "shop@example.com",
                                "contact_language": "zh-hans",
                                "state": "up",
                            },
                        },
                        {
                            "id": "evt-1002",
                            "type": "listing.upserted",
                            "occurred_at": "2026-03-02T12:00:01Z",
                            "version": 3,
                            "data": {
                                "external_id": "10086",
                                "shop_external_id": "s-88",
                                "url": "https://mall.example/product/10086",
                                "title": "Running shoe",
                                "price": "129.00",
                                "currency": "CNY",
                                "images": ["https://mall.example/img/10086-1.jpg"],
                                "state": "up",
                            },
                        },
                        {
                            "id": "evt-1003",
                            "type": "target.state_changed",
                            "occurred_at": "2026-03-02T12:05:00Z",
                            "data": {"kind": "listing", "external_id": "10087", "state": "down"},
                        },
                    ]
                },
            ),
            OpenApiExample(
                "Each event by itself",
                response_only=True,
                status_codes=["200"],
                value={
                    "results": [
                        {"id": "evt-1001", "status": "applied"},
                        {
                            "id": "evt-1002",
                            "status": "rejected",
                            "detail": "price: a decimal number as text.",
                        },
                        {"id": "evt-1003", "status": "duplicate"},
                    ]
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        marketplace, said = signed_by(request)
        results = ingest(marketplace=marketplace, events=_events_in(said))
        return Response({"results": [_result(r.id, r.status, r.detail) for r in results]})


def _result(event_id: str | None, status: str, detail: str) -> dict[str, Any]:
    return {"id": event_id, "status": status} | ({"detail": detail} if detail else {})


def signed_by(request: Request) -> tuple[Marketplace, Any]:
    """The marketplace that signed a call, and what its JSON says. Raises TooLarge, NotSigned, Malformed."""
    body = _read_body(request)
    marketplace = sender_of(request, body=body)
    try:
        return marketplace, read_json(body)
    except (ValueError, RecursionError) as wrong:
        raise Malformed() from wrong


def _read_body(request: Request) -> bytes:
    """The body, counted while it is read: the general limit for forms is too small for a full batch."""
    limit = settings.MAX_EVENTS_BODY_BYTES
    try:
        announced = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        announced = 0
    body = b"" if announced > limit else request._request.read(limit + 1)
    if announced > limit or len(body) > limit:
        raise TooLarge(_("A batch has at most %(limit)d bytes. Send fewer events in one call.") % {"limit": limit})
    return body


def _events_in(said: Any) -> list[Any]:
    events = said.get("events") if isinstance(said, dict) else None
    if not isinstance(events, list):
        raise Invalid(_('The body is an object with a list: {"events": [...]}.'), field="events")
    if len(events) > BATCH:
        raise Invalid(_("At most %(limit)d events in one call.") % {"limit": BATCH}, field="events")
    return events


# --- links -------------------------------------------------------------------------------------------


class LinksSerializer(serializers.Serializer):
    links = serializers.ListField(
        child=serializers.CharField(),
        max_length=settings.MAX_LINKS_PER_COMPLAINT,
        allow_empty=False,
        help_text=f"One line each, at most {MAX_LINE} characters.",
    )


class ResolvedTargetSerializer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(choices=Target.Kind.choices)
    title = serializers.CharField()
    url = serializers.CharField()
    marketplace = serializers.CharField(source="marketplace.name")


class ResolvedLinkSerializer(serializers.Serializer):
    """What one line is: `target` and where it was seen, or `problem` and a sentence about it."""

    link = serializers.CharField()
    problem = serializers.ChoiceField(choices=Problem.choices, allow_blank=True)
    message = serializers.CharField(allow_blank=True)
    target = ResolvedTargetSerializer(allow_null=True)
    scene = serializers.ChoiceField(choices=Scene.choices, allow_blank=True)
    seconds = serializers.IntegerField(allow_null=True)
    shop = serializers.CharField(source="shop_name", allow_blank=True)
    image = serializers.CharField(allow_blank=True)
    is_down = serializers.BooleanField()
    same_as = serializers.IntegerField(allow_null=True, help_text="Index of the first link to the same target.")


class ResolvedLinksSerializer(serializers.Serializer):
    results = ResolvedLinkSerializer(many=True)


class ResolveLinksView(IdempotentPosts, APIView):
    """`POST /api/v1/marketplace/links/resolve`: what pasted links are, before a complaint is made of them."""

    area = "complaints"

    @extend_schema(
        operation_id="marketplace_links_resolve",
        tags=["marketplace"],
        parameters=[IDEMPOTENCY_KEY],
        request=LinksSerializer,
        responses={200: ResolvedLinksSerializer, 403: PROBLEM, 409: PROBLEM, 422: PROBLEM},
        examples=[
            OpenApiExample(
                "Two lines",
                request_only=True,
                value={"links": ["https://mall.example/video/v9?t=1m23s", "https://other.example/x"]},
            ),
            OpenApiExample(
                "A video at 83 seconds, and an unknown marketplace",
                response_only=True,
                status_codes=["200"],
                value={
                    "results": [
                        {
                            "link": "https://mall.example/video/v9?t=1m23s",
                            "problem": "",
                            "message": "",
                            "target": {
                                "id": "tgt_01k9x7m2v8e4q6r0s3t5w7y9za",
                                "kind": "video",
                                "title": "Unboxing",
                                "url": "https://mall.example/video/v9",
                                "marketplace": "Mall",
                            },
                            "scene": "video",
                            "seconds": 83,
                            "shop": "Shoes & Co",
                            "image": "https://mall.example/img/v9.jpg",
                            "is_down": False,
                            "same_as": None,
                        },
                        {
                            "link": "https://other.example/x",
                            "problem": "unknown_marketplace",
                            "message": "other.example is not a marketplace that is connected here.",
                            "target": None,
                            "scene": "",
                            "seconds": None,
                            "shop": "",
                            "image": "",
                            "is_down": False,
                            "same_as": None,
                        },
                    ]
                },
            ),
        ],
    )
    @reading
    def post(self, request: Request) -> Response:
        links = request.data.get("links") if isinstance(request.data, dict) else None
        if not isinstance(links, list) or not links or not all(isinstance(link, str) for link in links):
            raise Invalid(_("A list of links, one line each."), field="links")
        if len(links) > settings.MAX_LINKS_PER_COMPLAINT:
            limit = settings.MAX_LINKS_PER_COMPLAINT
            raise Invalid(_("At most %(limit)d links in one call.") % {"limit": limit}, field="links")
        views: list[LinkView] = look_at_links(links)
        return Response({"results": ResolvedLinkSerializer(views, many=True).data})


api_urlpatterns: list[Any] = [
    path("marketplace/events", EventsView.as_view(), name="marketplace-events"),
    path("marketplace/links/resolve", ResolveLinksView.as_view(), name="marketplace-links-resolve"),
    *search,
]

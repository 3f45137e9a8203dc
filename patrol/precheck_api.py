"""`POST /api/v1/marketplace/precheck`: a marketplace asks before it publishes."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import PROBLEM
from marketplace.api import SIGNED, signed_by
from marketplace.models import Target
from patrol import prechecks
from patrol.models import Precheck


class PrecheckRequestSerializer(serializers.Serializer):
    """As the `data` of a `listing.upserted` event; only for the schema, the body is read as events are."""

    kind = serializers.ChoiceField(choices=Target.Kind.choices, default=Target.Kind.LISTING, required=False)
    external_id = serializers.CharField(required=False, max_length=128, help_text="If it has one already.")
    shop_external_id = serializers.CharField(required=False, max_length=128)
    title = serializers.CharField(required=False, max_length=500)
    description = serializers.CharField(required=False, max_length=20_000)
    category = serializers.CharField(required=False, max_length=100)
    price = serializers.CharField(required=False, help_text='A decimal number as text, such as "129.00".')
    currency = serializers.CharField(required=False, max_length=3)
    images = serializers.ListField(child=serializers.URLField(), required=False, max_length=50)
    attributes = serializers.DictField(required=False)
    url = serializers.URLField(required=False, max_length=500)


class SignalSerializer(serializers.Serializer):
    signal = serializers.CharField()
    strength = serializers.FloatField()
    data = serializers.DictField()  # type: ignore[assignment]  # a field of that name, not what was validated


class PrecheckSerializer(serializers.Serializer):
    """What is to be done with the listing, and why."""

    id = serializers.CharField(source="public_id")
    answer = serializers.ChoiceField(choices=Precheck.Answer.choices)
    reasons = serializers.SerializerMethodField()
    rule = serializers.CharField(allow_blank=True, help_text="Code of the rule that it would break, as under /rules/.")
    score = serializers.FloatField(help_text="How likely it infringes, from 0 to 1.")
    profile = serializers.CharField(source="profile.public_id", default=None, allow_null=True)
    signals = serializers.SerializerMethodField()

    @extend_schema_field(SignalSerializer(many=True))
    def get_signals(self, row: Precheck) -> list[dict[str, Any]]:
        return prechecks.told(row)

    def get_reasons(self, row: Precheck) -> list[str]:
        return prechecks.reasons(row)


class PrecheckView(APIView):
    """`POST /api/v1/marketplace/precheck`: signed like events; one listing in, one answer out."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="marketplace_precheck",
        tags=["marketplace"],
        auth=[],
        description=(
            "Ask before a listing is published. `pass`: publish it. `review`: publish it later or not, a person should "
            "look. `block`: do not publish it. Reasons come in the language of Accept-Language. The same content asked "
            "again is the same answer while nothing else was learned."
        ),
        parameters=SIGNED,
        request=PrecheckRequestSerializer,
        responses={200: PrecheckSerializer, 400: PROBLEM, 401: PROBLEM, 413: PROBLEM, 422: PROBLEM},
        examples=[
            OpenApiExample(
                "A copy of a book",
                request_only=True,
                value={
                    "shop_external_id": "s-88",
                    "title": "星河里的渡船 高清扫描 A5复印版",
                    "category": "books",
                    "price": "12.80",
                    "currency": "CNY",
                    "images": ["https://mall.example/img/new-1.jpg"],
                },
            ),
            OpenApiExample(
                "Blocked",
                response_only=True,
                status_codes=["200"],
                value={
                    "id": "pre_01k9x7m2v8e4q6r0s3t5w7y9za",
                    "answer": "block",
                    "reasons": ["“星河里的渡船” stands in the title.", "The title says “扫描”: words of copies."],
                    "rule": "U3",
                    "score": 0.97,
                    "profile": "wat_01k9x7m2v8e4q6r0s3t5w7y9zb",
                    "signals": [
                        {"signal": "text.name", "strength": 1.0, "data": {"words": "星河里的渡船", "where": "title"}}
                    ],
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        marketplace, said = signed_by(request)
        return Response(PrecheckSerializer(prechecks.check(marketplace=marketplace, body=said)).data)


api_urlpatterns: list[Any] = [path("marketplace/precheck", PrecheckView.as_view(), name="marketplace-precheck")]

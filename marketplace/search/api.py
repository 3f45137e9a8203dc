"""Search by API: the same form and engine as the pages."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import PROBLEM
from core.errors import Invalid
from marketplace.models import Target
from marketplace.search.access import begin_search
from marketplace.search.engine import MOST_ON_A_PAGE, PAGE, Order, search
from marketplace.search.forms import asked_by


class ShopOfHitSerializer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField(source="title")


class HitSerializer(serializers.Serializer):
    """One thing on sale. `link` is what a complaint takes as a link."""

    id = serializers.CharField(source="target.public_id")
    kind = serializers.ChoiceField(Target.Kind.choices, source="target.kind")
    external_id = serializers.CharField(source="target.external_id")
    title = serializers.CharField(source="target.title")
    link = serializers.CharField()
    marketplace = serializers.CharField(source="target.marketplace.slug")
    shop = ShopOfHitSerializer(allow_null=True)
    category = serializers.CharField(source="target.category")
    price = serializers.DecimalField(14, 2, source="target.price", allow_null=True)
    currency = serializers.CharField(source="target.currency")
    image = serializers.CharField()
    published_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class HitsSerializer(serializers.Serializer):
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    results = HitSerializer(many=True)


def _text(name: str, said: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, more.pop("type", str), description=said, **more)


#: what can be searched by, for the descriptions of searches
SEARCHED_BY = [
    _text(
        "words",
        "All of them must stand in the title, the attributes or the first 200 characters of the description. Chinese words of any length.",
    ),
    _text("kind", "One kind or several.", enum=Target.Kind.values, many=True),
    _text("marketplace", "Short name."),
    _text("shop", "Id of a shop, as hits say it."),
    _text("seller", "Words of a shop's name."),
    _text("category", "As on the marketplace, or one step of it."),
    _text("price_from", "With `currency`."),
    _text("price_to", "With `currency`."),
    _text("currency", "Three letters."),
    _text("published_since", "A day.", type={"type": "string", "format": "date"}),
    _text("published_until", "A day, which is the last one.", type={"type": "string", "format": "date"}),
    _text("changed_since", "A day.", type={"type": "string", "format": "date"}),
    _text("order", "`best` is the best of the newest 300 that fit.", enum=Order.values),
]


class SearchView(APIView):
    """`GET /api/v1/marketplace/search`: what is publicly on sale on the connected marketplaces."""

    area = "complaints"

    @extend_schema(
        operation_id="marketplace_search",
        tags=["marketplace"],
        parameters=[
            *SEARCHED_BY,
            _text("cursor", "As `next` says it."),
            _text("page_size", f"At most {MOST_ON_A_PAGE}; {PAGE} if left out.", type=int),
        ],
        responses={200: HitsSerializer, 422: PROBLEM},
        examples=[
            OpenApiExample(
                "A listing that was found",
                response_only=True,
                status_codes=["200"],
                value={
                    "next": "https://ippro.example/api/v1/marketplace/search?words=%E8%8C%85%E5%8F%B0&cursor=n81723",
                    "results": [
                        {
                            "id": "tgt_01k9x7m2v8e4q6r0s3t5w7y9za",
                            "kind": "listing",
                            "external_id": "10086",
                            "title": "贵州茅台酒 53度 500ml",
                            "link": "https://mall.example/product/10086",
                            "marketplace": "mall",
                            "shop": {"id": "tgt_01k9x7m2v8e4q6r0s3t5w7y9zb", "name": "Harbour Lane Store"},
                            "category": "酒水/白酒",
                            "price": "399.00",
                            "currency": "CNY",
                            "image": "https://mall.example/img/10086-1.jpg",
                            "published_at": "2026-03-02T12:00:00Z",
                            "changed_at": "2026-03-04T08:30:00Z",
                        }
                    ],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        begin_search(request.user)
        form = asked_by(request.query_params)
        found = search(form.query, cursor=request.query_params.get("cursor", ""), size=size_of(request))
        return Response(
            {"next": next_page(request, found.cursor), "results": HitSerializer(found.hits, many=True).data}
        )


def size_of(request: Request) -> int:
    said = request.query_params.get("page_size") or str(PAGE)
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= MOST_ON_A_PAGE):
        raise Invalid(field="page_size", errors={"page_size": [f"1 – {MOST_ON_A_PAGE}"]})
    return int(said)


def next_page(request: Request, cursor: str) -> str | None:
    """The address of this request with another cursor."""
    if not cursor:
        return None
    asked = request.query_params.copy()
    asked["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")


api_urlpatterns: list[Any] = [path("marketplace/search", SearchView.as_view(), name="marketplace-search")]

"""Saved searches by API: the same services as the pages."""

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

from complaints.models import SavedSearch
from complaints.searches import selectors, services
from core.api import IDEMPOTENCY_KEY, PROBLEM, REFUSED, IdempotentPosts, PlainSerializer, checked
from marketplace.models import Target
from marketplace.search.access import require_to_search
from marketplace.search.api import HitSerializer
from marketplace.search.engine import Order


class AskedSerializer(PlainSerializer):
    """What is looked for, as in `/api/v1/marketplace/search`."""

    words = serializers.CharField(required=False, max_length=200)
    kind = serializers.ListField(child=serializers.ChoiceField(Target.Kind.choices), required=False, max_length=4)
    marketplace = serializers.CharField(required=False, max_length=50)
    shop = serializers.CharField(required=False, max_length=64)
    seller = serializers.CharField(required=False, max_length=100)
    category = serializers.CharField(required=False, max_length=100)
    price_from = serializers.DecimalField(12, 2, required=False, min_value=0)
    price_to = serializers.DecimalField(12, 2, required=False, min_value=0)
    currency = serializers.CharField(required=False, max_length=3)
    published_since = serializers.DateField(required=False)
    published_until = serializers.DateField(required=False)
    changed_since = serializers.DateField(required=False)
    order = serializers.ChoiceField(Order.choices, required=False)


class NewSavedSearchSerializer(PlainSerializer):
    name = serializers.CharField(max_length=services.LONGEST_NAME)
    asked = AskedSerializer()


class SavedSearchSerializer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    asked = AskedSerializer()
    is_paused = serializers.BooleanField()
    problem = serializers.CharField(allow_blank=True, help_text="Why the platform paused it.")
    hits = serializers.IntegerField(source="hit_count", help_text="What it found since it was saved.")
    knows_all = serializers.BooleanField(
        help_text="False where it found too much when it was saved: then it tells only of what came on sale since."
    )
    looked_at = serializers.DateTimeField(allow_null=True)
    told_at = serializers.DateTimeField(allow_null=True, help_text="When the last letter was written.")
    created_at = serializers.DateTimeField()


class SavedHitSerializer(serializers.Serializer):
    """Something that a saved search found and that is still on sale."""

    found_at = serializers.DateTimeField(source="row.found_at")
    hit = HitSerializer()


_NEW = OpenApiExample(
    "Handbags under the name of a brand",
    request_only=True,
    value={
        "name": "KIVORRO bags",
        "asked": {"words": "kivorro 包", "kind": ["listing"], "price_to": "500.00", "currency": "CNY"},
    },
)


class SavedSearchViewSet(IdempotentPosts, ListModelMixin, GenericViewSet):
    """Searches that look every half an hour for what was not on sale before."""

    area = "complaints"
    lookup_field = "public_id"
    serializer_class = SavedSearchSerializer
    queryset = SavedSearch.objects.none()

    def get_queryset(self) -> Any:
        require_to_search(self.request.user)
        return selectors.searches_of(self.request.user)  # type: ignore[arg-type]

    def _one(self, public_id: str) -> SavedSearch:
        return selectors.search_of(self.request.user, public_id)  # type: ignore[arg-type]

    def _answer(self, public_id: str, status: int = 200) -> Response:
        return Response(SavedSearchSerializer(self._one(public_id)).data, status)

    @extend_schema(operation_id="saved_searches_retrieve", responses={200: SavedSearchSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One saved search."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="saved_searches_create", parameters=[IDEMPOTENCY_KEY], request=NewSavedSearchSerializer,
        responses={201: SavedSearchSerializer, 403: PROBLEM, 409: PROBLEM, 422: PROBLEM}, examples=[_NEW],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Keep a search. What is on sale already is not told."""
        said = checked(NewSavedSearchSerializer, request)
        asked = {name: value if name == "kind" else str(value) for name, value in said["asked"].items()}
        made = services.save_search(by=_person(request), name=said["name"], asked=asked)
        return self._answer(made.public_id, 201)

    @extend_schema(operation_id="saved_searches_delete", responses={204: None, 403: PROBLEM, 404: PROBLEM})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Throw it away with what it found."""
        services.delete_search(search=self._one(public_id), by=_person(request))
        return Response(status=204)

    @extend_schema(
        operation_id="saved_searches_pause", parameters=[IDEMPOTENCY_KEY], request=None,
        responses={200: SavedSearchSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, public_id: str) -> Response:
        """It looks no more until it is resumed."""
        services.pause_search(search=self._one(public_id), by=_person(request))
        return self._answer(public_id)

    @extend_schema(
        operation_id="saved_searches_resume", parameters=[IDEMPOTENCY_KEY], request=None,
        responses={200: SavedSearchSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, public_id: str) -> Response:
        """It looks again, also through what came in the meantime."""
        services.resume_search(search=self._one(public_id), by=_person(request))
        return self._answer(public_id)

    @extend_schema(
        operation_id="saved_searches_run", parameters=[IDEMPOTENCY_KEY], request=None,
        responses={200: SavedSearchSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def run(self, request: Request, public_id: str) -> Response:
        """Look now."""
        services.run_search(search=self._one(public_id), by=_person(request))
        return self._answer(public_id)

    @extend_schema(operation_id="saved_searches_hits", responses={200: SavedHitSerializer(many=True), 404: PROBLEM})
    @action(detail=True)
    def hits(self, request: Request, public_id: str) -> Response:
        """What it found and is still on sale, newest first."""
        require_to_search(request.user)
        rows = self.paginate_queryset(selectors.found_by(self._one(public_id))) or []
        found = {hit.target.pk: hit for hit in selectors.hits_of(rows)}
        shown = [{"row": row, "hit": found[row.target_id]} for row in rows if row.target_id in found]
        return self.get_paginated_response(SavedHitSerializer(shown, many=True).data)


def _person(request: Request) -> Any:
    return request.user


router = SimpleRouter(trailing_slash=False)
router.register("saved-searches", SavedSearchViewSet, basename="saved-search")
api_urlpatterns: list[Any] = [path("", include(router.urls))]

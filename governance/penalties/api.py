"""Points and penalties over HTTP: where your shops stand, and the hearing."""

from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from core.api import IDEMPOTENCY_KEY, PROBLEM, IdempotentPosts, PlainSerializer, checked
from governance.models import Penalty, Strike
from governance.penalties import selectors, services
from rulebook.models import Measure

#: shops in one answer
MOST = 200


class StrikeSerializer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    rule = serializers.CharField(source="code")
    rule_version = serializers.IntegerField(source="rule_version.number")
    case = serializers.CharField(source="number")
    statement = serializers.CharField(source="statement.public_id", allow_null=True, default=None)
    reason = serializers.CharField(help_text="Why staff counted it; empty where a decision or a rule did.")
    points = serializers.IntegerField()
    is_doubled = serializers.BooleanField()
    counted_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    taken_back_at = serializers.DateTimeField(allow_null=True)
    taken_back_reason = serializers.SerializerMethodField(help_text="Why they count no more; empty while they do.")

    def get_taken_back_reason(self, strike: Strike) -> str:
        # What a rule wrote is kept in English, and read in the language of whoever asks; what a person wrote stays.
        return _(strike.taken_back_reason) if strike.taken_back_reason else ""


class PenaltySerializer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    number = serializers.CharField()
    state = serializers.ChoiceField(Penalty.State.choices)
    measure = serializers.ChoiceField(Measure.choices)
    days = serializers.IntegerField(allow_null=True)
    points = serializers.IntegerField()
    reason = serializers.CharField()
    statement = serializers.CharField(help_text="What the shop said in the hearing.")
    hearing_until = serializers.SerializerMethodField()
    began_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)

    def get_hearing_until(self, penalty: Penalty) -> str | None:
        at = penalty.deadline_at if penalty.state == Penalty.State.HEARING else None
        return at.isoformat() if at else None


class ShopStandingSerializer(serializers.Serializer):
    """Where one shop stands."""

    shop = serializers.CharField(source="shop.public_id")
    title = serializers.CharField(source="shop.title")
    points = serializers.IntegerField()
    points_to_next_step = serializers.IntegerField(source="to_next")
    strikes = StrikeSerializer(many=True)
    penalties = PenaltySerializer(many=True)


class StatementSerializer(PlainSerializer):
    text = serializers.CharField(max_length=10_000)


class ShopStandingViewSet(GenericViewSet):
    """Where the shops of your organisation stand; staff see every shop that ever had points."""

    area = "notices"
    lookup_field = "public_id"
    serializer_class = ShopStandingSerializer
    pagination_class = None
    queryset = Penalty.objects.none()

    @extend_schema(operation_id="shop_standings_list", responses={200: ShopStandingSerializer(many=True)})
    def list(self, request: Request) -> Response:
        """Every shop with its points, strikes and penalties."""
        user: Any = request.user
        found = selectors.standings(list(selectors.shops_of(user)[:MOST]), user)
        return Response(ShopStandingSerializer(found, many=True).data)

    @extend_schema(operation_id="shop_standings_retrieve", responses={200: ShopStandingSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One shop."""
        user: Any = request.user
        found = selectors.standings([selectors.shop_of(user, public_id)], user)[0]
        return Response(ShopStandingSerializer(found).data)


class PenaltyViewSet(IdempotentPosts, GenericViewSet):
    """Penalties of your shops, as far as you have been told of them; staff see all."""

    area = "notices"
    lookup_field = "public_id"
    serializer_class = PenaltySerializer
    queryset = Penalty.objects.none()

    @extend_schema(operation_id="penalties_retrieve", responses={200: PenaltySerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One penalty."""
        user: Any = request.user
        return Response(PenaltySerializer(selectors.penalty_of(user, public_id)).data)


class PenaltyStatementViewSet(IdempotentPosts, GenericViewSet):
    area = "notices"
    lookup_field = "public_id"
    serializer_class = PenaltySerializer
    queryset = Penalty.objects.none()

    @extend_schema(
        operation_id="penalties_state",
        parameters=[IDEMPOTENCY_KEY],
        request=StatementSerializer,
        responses={200: PenaltySerializer, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM},
    )
    def create(self, request: Request, public_id: str) -> Response:
        """Say what speaks against a penalty, while its hearing is open."""
        user: Any = request.user
        penalty = selectors.penalty_of(user, public_id)
        said = checked(StatementSerializer, request)
        services.state_position(penalty=penalty, by=user, text=said["text"])
        return Response(PenaltySerializer(selectors.penalty_of(user, public_id)).data)


_router = SimpleRouter(trailing_slash=False)
_router.register("shop-standings", ShopStandingViewSet, basename="shop-standing")
_router.register("penalties", PenaltyViewSet, basename="penalty")

api_urlpatterns = [
    path(
        "penalties/<str:public_id>/statement", PenaltyStatementViewSet.as_view({"post": "create"}), name="penalty-state"
    ),
    *_router.urls,
]

"""The rulebook over HTTP, read-only and for everybody: the rules in force, and every version under its own address."""

from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api import PROBLEM, PublicThrottle
from core.errors import Invalid, NotYours
from rulebook import selectors
from rulebook.models import Effect, Ladder, Measure, RuleVersion


class StepSerializer(serializers.Serializer):
    points = serializers.IntegerField(help_text="From so many points on.")
    measure = serializers.ChoiceField(Measure.choices)
    days = serializers.IntegerField(allow_null=True)


class RuleVersionSerializer(serializers.Serializer):
    """One version of a rule, in both languages."""

    id = serializers.CharField(source="public_id")
    code = serializers.CharField()
    version = serializers.IntegerField(source="number")
    title_zh = serializers.CharField()
    title_en = serializers.CharField()
    text_zh = serializers.CharField()
    text_en = serializers.CharField()
    source_zh = serializers.CharField()
    source_en = serializers.CharField()
    effect = serializers.ChoiceField(Effect.choices)
    counts_against = serializers.ChoiceField(Ladder.choices, source="ladder")
    points = serializers.IntegerField()
    rights = serializers.ListField(child=serializers.CharField(), help_text="Kinds of rights; none: every kind.")
    targets = serializers.ListField(child=serializers.CharField(), help_text="Kinds of targets; none: every kind.")
    steps = StepSerializer(many=True, help_text="Of a ladder.")
    effective_from = serializers.DateTimeField()
    effective_until = serializers.DateTimeField(allow_null=True, help_text="A later version ends it too.")
    sha256 = serializers.CharField(source="content_hash")


class _Public(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (PublicThrottle,)


class RulesView(_Public):
    @extend_schema(
        operation_id="rules_list",
        tags=["rules"],
        auth=[],
        parameters=[OpenApiParameter("at", str, description="A moment such as 2026-03-03T12:00:00Z; now if left out.")],
        responses={200: RuleVersionSerializer(many=True), 422: PROBLEM, 429: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """The version of each rule that is, or was, in force at a moment."""
        said = request.query_params.get("at", "")
        try:
            at = parse_datetime(said) if said else None
        except ValueError:
            at = None
        if said and (at is None or at.tzinfo is None or clock.is_beyond(said)):
            raise Invalid(_("A moment with its zone, such as 2026-03-03T12:00:00Z."), field="at")
        return Response(RuleVersionSerializer(list(selectors.rules_in_force(at).values()), many=True).data)


class RuleVersionsView(_Public):
    @extend_schema(
        operation_id="rules_versions",
        tags=["rules"],
        auth=[],
        responses={200: RuleVersionSerializer(many=True), 404: PROBLEM, 429: PROBLEM},
    )
    def get(self, request: Request, code: str) -> Response:
        """Every published version of a rule, the newest first."""
        return Response(RuleVersionSerializer(selectors.versions_of(code), many=True).data)


class RuleVersionView(_Public):
    @extend_schema(
        operation_id="rules_version",
        tags=["rules"],
        auth=[],
        responses={200: RuleVersionSerializer, 404: PROBLEM, 429: PROBLEM},
    )
    def get(self, request: Request, code: str, number: int) -> Response:
        """One version, for ever."""
        found: list[RuleVersion] = [v for v in selectors.versions_of(code) if v.number == number]
        if not found:
            raise NotYours()
        return Response(RuleVersionSerializer(found[0]).data)


api_urlpatterns = [
    path("rules", RulesView.as_view(), name="rules-api"),
    path("rules/<slug:code>/versions", RuleVersionsView.as_view(), name="rule-api-versions"),
    path("rules/<slug:code>/versions/<int:number>", RuleVersionView.as_view(), name="rule-api-version"),
]

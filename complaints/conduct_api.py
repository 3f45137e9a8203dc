"""The API of how an organisation complains: its score, its lane, and why. The same selectors as the pages."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from complaints import conduct, misuse, selfservice
from complaints.models import Lane, Privilege, Suspension
from core.api import PROBLEM


class RuleSerializer(serializers.Serializer):
    """A rule of the book that something follows, in the version of the time: /api/v1/rules/{code}/versions/{version}."""

    code = serializers.CharField()
    version = serializers.IntegerField(source="number")


class PartSerializer(serializers.Serializer):
    """One part of the score."""

    name = serializers.CharField()
    links = serializers.IntegerField()
    words = serializers.CharField()


class TermsSerializer(serializers.Serializer):
    """What a lane allows."""

    links = serializers.IntegerField(help_text="Links in one complaint.")
    open_complaints = serializers.IntegerField(help_text="Complaints that wait for a decision at the same time.")
    time_ratio = serializers.FloatField(help_text="Share of the regime's time that the platform takes.")


class SuspensionSerializer(serializers.Serializer):
    """A warning of misuse, or a suspension."""

    id = serializers.CharField(source="public_id")
    number = serializers.CharField()
    state = serializers.ChoiceField(Suspension.State.choices)
    state_since_at = serializers.DateTimeField()
    until_at = serializers.DateTimeField(source="deadline_at", allow_null=True)
    notified_at = serializers.DateTimeField(allow_null=True)
    facts = serializers.CharField()
    suspended_facts = serializers.CharField(allow_blank=True)


class HeldAgainstSerializer(serializers.Serializer):
    """A finding of abuse that staff confirmed."""

    pattern = serializers.CharField(source="finding.pattern")
    title = serializers.CharField(source="told.pattern.title")
    words = serializers.CharField(source="told.to_complainant")
    reason = serializers.CharField(source="finding.reason")
    confirmed_at = serializers.DateTimeField(source="finding.decided_at")
    rule = RuleSerializer(source="told.rule", allow_null=True, help_text="What it broke, at the time of the act.")


class ConductSerializer(serializers.Serializer):
    """Where your organisation stands, and why."""

    score = serializers.IntegerField(source="score.value", help_text="0 to 100.")
    score_in_words = serializers.CharField(source="score.in_words")
    parts = PartSerializer(source="score.parts", many=True)
    lane = serializers.ChoiceField(Lane.choices, source="where.lane")
    lane_reason = serializers.CharField(source="where.reason")
    lane_in_words = serializers.CharField(source="where.why")
    lane_rule = RuleSerializer(allow_null=True)
    terms = TermsSerializer(source="where.terms")
    open_complaints = serializers.IntegerField(source="where.open_complaints")
    suspension = SuspensionSerializer(allow_null=True)
    suspension_rule = RuleSerializer(allow_null=True, help_text="What the warning or suspension follows.")
    held_against = HeldAgainstSerializer(many=True)


class StandingView(APIView):
    """`GET /api/v1/standing`: score, lane and warnings of your organisation."""

    area = "complaints"

    @extend_schema(operation_id="standing_retrieve", responses={200: ConductSerializer, 404: PROBLEM})
    def get(self, request: Request) -> Response:
        return Response(ConductSerializer(conduct.own_standing(request.user)).data)  # type: ignore[arg-type]


class ConditionSerializer(serializers.Serializer):
    """One thing that self-service needs."""

    words = serializers.CharField()
    is_met = serializers.BooleanField()


class SelfServiceSerializer(serializers.Serializer):
    """Where self-service takedown stands."""

    state = serializers.ChoiceField(Privilege.State.choices, allow_null=True)
    may_remove = serializers.BooleanField(help_text="Whether you may take down now.")
    conditions = ConditionSerializer(many=True)
    confirmed_links = serializers.IntegerField(
        help_text="Links that staff reviewed and confirmed in the time that counts."
    )
    reversed_links = serializers.IntegerField()
    taken_back_links = serializers.IntegerField(
        help_text="Links of removals drawn for review that you took back before it: they count as not confirmed."
    )
    rule = RuleSerializer(allow_null=True, help_text="What the book says of self-service now.")


class SelfServiceView(APIView):
    """`GET /api/v1/self-service`: what self-service takedown needs, and whether it is there."""

    area = "complaints"

    @extend_schema(operation_id="self_service_retrieve", responses={200: SelfServiceSerializer, 404: PROBLEM})
    def get(self, request: Request) -> Response:
        organisation = conduct.own_standing(request.user).organisation  # type: ignore[arg-type]
        privilege = selfservice.standing_privilege(organisation)
        accuracy = selfservice.accuracy_of(privilege) if privilege else selfservice.Accuracy(0, 0)
        said = {
            "state": privilege.state if privilege else None,
            "may_remove": selfservice.may_remove(request.user),  # type: ignore[arg-type]
            "conditions": selfservice.conditions(organisation),
            "confirmed_links": accuracy.confirmed,
            "reversed_links": accuracy.reversed,
            "taken_back_links": accuracy.taken_back,
            "rule": misuse.rule_at(misuse.SELF_SERVICE),
        }
        return Response(SelfServiceSerializer(said).data)


api_urlpatterns: list[Any] = [
    path("standing", StandingView.as_view(), name="standing"),
    path("self-service", SelfServiceView.as_view(), name="self-service"),
]

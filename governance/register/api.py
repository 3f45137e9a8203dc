"""The public register by API: read-only, for everybody, with the filters of the page."""

from collections.abc import Callable
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import PROBLEM, CursorPagination
from governance.register import findings, pace, selectors
from governance.register.answers import BRIEFLY, chosen_by
from governance.register.filters import FindingsFilter, RegisterFilter


class RegisterLinkSerializer(serializers.Serializer):
    """One thing that was complained of."""

    title = serializers.CharField()
    kind = serializers.CharField()
    shop = serializers.CharField()
    marketplace = serializers.CharField()
    outcome = serializers.CharField()
    rule = serializers.CharField()
    rule_title = serializers.CharField()
    rule_source = serializers.CharField()
    is_on_appeal = serializers.BooleanField(help_text="Whether the last word on it was said on appeal.")


class RegisterStatementSerializer(serializers.Serializer):
    """A statement of reasons to a shop."""

    id = serializers.CharField()
    number = serializers.CharField()
    shop = serializers.CharField()
    marketplace = serializers.CharField()
    decided_at = serializers.DateTimeField()
    links = serializers.IntegerField()


class RegisterAnswerSerializer(serializers.Serializer):
    """A counter-notice that was passed on."""

    id = serializers.CharField()
    number = serializers.CharField()
    shop = serializers.CharField()
    state = serializers.CharField()
    forwarded_at = serializers.DateTimeField()


class RegisterAppealSerializer(serializers.Serializer):
    """An appeal about the entry."""

    id = serializers.CharField()
    number = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    body = serializers.CharField(help_text="The body outside that looks, or looked, at it.")


class RegisterLineSerializer(serializers.Serializer):
    """One line of the history."""

    at = serializers.DateTimeField()
    words = serializers.CharField()


class RegisterEntrySerializer(serializers.Serializer):
    """A notice with everything that came of it. Natural persons appear masked."""

    id = serializers.CharField()
    number = serializers.CharField()
    received_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    regime = serializers.CharField()
    infringement = serializers.CharField()
    right_kind = serializers.CharField()
    right_name = serializers.CharField()
    registration_number = serializers.CharField()
    holder = serializers.CharField()
    complainant = serializers.CharField()
    is_automated = serializers.BooleanField()
    is_withdrawn = serializers.BooleanField()
    links = RegisterLinkSerializer(many=True)
    statements = RegisterStatementSerializer(many=True)
    counter_notices = RegisterAnswerSerializer(many=True)
    appeals = RegisterAppealSerializer(many=True)
    history = RegisterLineSerializer(many=True)


class RegisterView(APIView):
    """Read by everybody."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def listed(self, request: Request, found: Any, read: Callable[[Any], Any], serializer: Any) -> Response:
        """A page of what a search leaves, kept briefly."""
        pages = CursorPagination()
        page: Any = pages.paginate_queryset(found, request, view=self)
        answer = pages.get_paginated_response(serializer(read(page), many=True).data)
        answer["Cache-Control"] = BRIEFLY
        return answer


class RegisterFindingSerializer(serializers.Serializer):
    """What was taken down on the platform's own initiative. Natural persons appear masked."""

    id = serializers.CharField()
    number = serializers.CharField()
    decided_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField()
    reversed_at = serializers.DateTimeField(allow_null=True)
    is_reversed_on_appeal = serializers.BooleanField()
    regime = serializers.CharField()
    infringement = serializers.CharField()
    right_kind = serializers.CharField()
    right_name = serializers.CharField()
    registration_number = serializers.CharField()
    holder = serializers.CharField()
    marketplace = serializers.CharField()
    shop = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    rule = serializers.CharField()
    rule_title = serializers.CharField()
    rule_source = serializers.CharField()
    is_automated = serializers.BooleanField(help_text="Whether a rule upheld it without a person.")
    outcome = serializers.CharField()


class EntriesView(RegisterView):
    pagination_class = CursorPagination

    @extend_schema(
        operation_id="register_list", tags=["register"], auth=[],
        parameters=[OpenApiParameter(name, str) for name in RegisterFilter.base_filters],
        responses={200: RegisterEntrySerializer(many=True), 422: PROBLEM, 429: PROBLEM},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The register, newest first."""
        pace.may_read(request)
        found = chosen_by(RegisterFilter(request.query_params, queryset=selectors.published()))
        found = found.select_related("filing__organisation", "organisation")
        return self.listed(request, found, selectors.read, RegisterEntrySerializer)


class EntryView(RegisterView):
    @extend_schema(
        operation_id="register_retrieve", tags=["register"], auth=[],
        responses={200: RegisterEntrySerializer, 404: PROBLEM, 429: PROBLEM},
    )  # fmt: skip
    def get(self, request: Request, public_id: str) -> Response:
        """One entry, by the id of its notice or of anything that belongs to it."""
        pace.may_read(request)
        entry = selectors.entry_of(selectors.entry_named(public_id))
        return Response(RegisterEntrySerializer(entry).data, headers={"Cache-Control": BRIEFLY})


class FindingsView(RegisterView):
    pagination_class = CursorPagination

    @extend_schema(
        operation_id="register_findings_list", tags=["register"], auth=[],
        parameters=[OpenApiParameter(name, str) for name in FindingsFilter.base_filters],
        responses={200: RegisterFindingSerializer(many=True), 422: PROBLEM, 429: PROBLEM},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What was taken down on the platform's own initiative, newest first; takes the filters of the page."""
        pace.may_read(request)
        found = chosen_by(FindingsFilter(request.query_params, queryset=findings.published()))
        return self.listed(request, found, findings.read, RegisterFindingSerializer)


class FindingView(RegisterView):
    @extend_schema(
        operation_id="register_findings_retrieve", tags=["register"], auth=[],
        responses={200: RegisterFindingSerializer, 404: PROBLEM, 429: PROBLEM},
    )  # fmt: skip
    def get(self, request: Request, public_id: str) -> Response:
        """One finding."""
        pace.may_read(request)
        found = RegisterFindingSerializer(findings.entry_of(public_id))
        return Response(found.data, headers={"Cache-Control": BRIEFLY})


api_urlpatterns = [
    path("register-findings", FindingsView.as_view(), name="register-findings"),
    path("register-findings/<str:public_id>", FindingView.as_view(), name="register-finding"),
    path("register", EntriesView.as_view(), name="register-entries"),
    path("register/<str:public_id>", EntryView.as_view(), name="register-entry"),
]

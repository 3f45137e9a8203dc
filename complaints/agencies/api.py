"""The API of powers of attorney: read, hand in, confirm, revoke. Over the same services as the pages."""

from typing import Any

from django.db import transaction
from django.urls import include, path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from accounts.models import Organisation, PowerOfAttorney
from accounts.powers import selectors, services
from accounts.powers.services import MOST_DOCUMENTS, Days
from complaints.agencies.scope import MOST_RIGHTS, read_scope
from complaints.models import Infringement
from core.api import (
    IDEMPOTENCY_KEY,
    PROBLEM,
    REFUSED,
    IdempotentPosts,
    NextSerializer,
    PlainSerializer,
    checked,
    keyed_by_itself,
)
from core.errors import Forbidden
from filings.api import PaperSerializer
from marketplace.models import Scene


class PartySerializer(serializers.Serializer):
    """One side of a power."""

    id = serializers.CharField(source="public_id")
    number = serializers.CharField()
    name = serializers.CharField()


class PowerSerializer(serializers.ModelSerializer):
    """A power of attorney with its scope, days and paper, what is next, and what can be done about it now."""

    id = serializers.CharField(source="public_id")
    holder = PartySerializer()
    agency = PartySerializer()
    rights = serializers.ListField(child=serializers.CharField(), help_text="Ids; empty for all rights.")
    infringements = serializers.ListField(child=serializers.CharField(), help_text="Empty for all kinds.")
    scenes = serializers.ListField(child=serializers.CharField(), help_text="Empty for all scenes.")
    marketplaces = serializers.ListField(child=serializers.CharField(), help_text="Empty for all marketplaces.")
    is_in_force = serializers.SerializerMethodField(help_text="Whether the agency can act by it today.")
    documents = serializers.SerializerMethodField()
    next = serializers.SerializerMethodField()
    available_actions = serializers.SerializerMethodField(help_text="What you may do with it now.")

    class Meta:
        model = PowerOfAttorney
        fields: tuple[str, ...] = (
            "id", "number", "holder", "agency", "state", "state_since_at", "deadline_at", "created_at", "valid_from_on",
            "valid_until_on", "is_in_force", "rights", "infringements", "scenes", "marketplaces", "confirmed_at",
            "review_note", "revoked_by_side", "revoked_because", "documents", "next", "available_actions",
        )  # fmt: skip

    def get_is_in_force(self, power: PowerOfAttorney) -> bool:
        return power.is_in_force()

    @extend_schema_field(PaperSerializer(many=True))
    def get_documents(self, power: PowerOfAttorney) -> Any:
        return PaperSerializer(selectors.documents_of(power), many=True, context=self.context).data

    @extend_schema_field(NextSerializer)
    def get_next(self, power: PowerOfAttorney) -> Any:
        return NextSerializer(selectors.next_for(power, self.context["request"].user)).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_available_actions(self, power: PowerOfAttorney) -> list[str]:
        return [t.name for t in selectors.actions_for(power, self.context["request"].user)]


class PowerSummarySerializer(PowerSerializer):
    """A power of attorney as lists show it."""

    class Meta(PowerSerializer.Meta):
        fields: tuple[str, ...] = tuple(
            f for f in PowerSerializer.Meta.fields if f not in ("documents", "next", "available_actions", "review_note")
        )


def _codes(help_text: str, choices: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=choices), required=False, default=list, max_length=50, help_text=help_text
    )


class NewPowerSerializer(PlainSerializer):
    """What stands in a power. An agency names the rights holder, a rights holder names the agency."""

    number = serializers.CharField(
        max_length=64, help_text="Credit code, company number or reference (O-2026-000123) of the other side."
    )
    name = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Of a rights holder without an account."
    )
    country = serializers.CharField(min_length=2, max_length=2, required=False, default="CN")
    email = serializers.EmailField(
        required=False, allow_blank=True, default="", help_text="Of a rights holder without an account."
    )
    valid_from_on = serializers.DateField()
    valid_until_on = serializers.DateField(help_text="The last day belongs to it.")
    rights = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, default=list, max_length=MOST_RIGHTS,
        help_text="Ids, numbers or registration numbers; none for all rights: only then can new ones be filed.",
    )  # fmt: skip
    infringements = _codes("None for all kinds.", Infringement.choices)
    scenes = _codes("None for all scenes.", Scene.choices)
    marketplaces = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, default=list, max_length=50,
        help_text="Slugs; none for all marketplaces.",
    )  # fmt: skip
    document = serializers.ListField(
        child=serializers.FileField(), required=False, default=list, max_length=MOST_DOCUMENTS,
        help_text="Pages of the signed paper; an agency has to attach it.",
    )  # fmt: skip


class ReasonSerializer(PlainSerializer):
    reason = serializers.CharField(max_length=5_000, help_text="Both sides read it.")


_REVOKED = OpenApiExample(
    "Revoked by the holder", request_only=True, value={"reason": "We work with somebody else now."}
)


class PowerViewSet(IdempotentPosts, ListModelMixin, GenericViewSet):
    """Powers of attorney that your organisation gave or got; staff see all."""

    area = "powers"
    lookup_field = "public_id"
    serializer_class = PowerSummarySerializer
    filterset_fields = ("state",)
    queryset = PowerOfAttorney.objects.none()

    def get_queryset(self) -> Any:
        return selectors.powers_of(self.request.user)  # type: ignore[arg-type]

    def _answer(self, public_id: str, status: int = 200) -> Response:
        power = selectors.power_of(self.request.user, public_id)  # type: ignore[arg-type]
        return Response(PowerSerializer(power, context={"request": self.request}).data, status)

    @extend_schema(operation_id="powers_retrieve", responses={200: PowerSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One power of attorney."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="powers_create",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": NewPowerSerializer},
        responses={201: PowerSerializer, 403: PROBLEM, 413: PROBLEM, 422: PROBLEM},
    )
    @keyed_by_itself
    def create(self, request: Request) -> Response:
        """Hand in a power that your agency got, or grant one as a rights holder."""
        by: Any = request.user
        if not selectors.may_hand_in(by):
            raise Forbidden()
        said = checked(NewPowerSerializer, request)
        own = by.organisation
        kept = services.keep_documents(uploads=said["document"], by=by)

        @transaction.atomic
        def handed_in() -> Response:
            if own.kind == Organisation.Kind.AGENCY:
                who = {name: said[name] for name in ("name", "country", "number")}
                holder, agency = services.holder_named(**who, by=by), own
            else:
                holder, agency = own, services.agency_named(number=said["number"], by=by)
            scope = read_scope(
                holder=holder, rights=said["rights"], infringements=said["infringements"], scenes=said["scenes"],
                places=said["marketplaces"],
            )  # fmt: skip
            days = Days(said["valid_from_on"], said["valid_until_on"])
            made = services.submit_power(
                holder=holder, agency=agency, scope=scope, days=days, kept=kept, by=by, holder_email=said["email"]
            )
            return self._answer(made.public_id, status=201)

        return self.once(handed_in)

    @extend_schema(
        operation_id="powers_confirm",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: PowerSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, public_id: str) -> Response:
        """Say as the rights holder that a power which an agency handed in is your own."""
        by: Any = request.user
        services.confirm_power(power=selectors.power_of(by, public_id), by=by)
        return self._answer(public_id)

    @extend_schema(
        operation_id="powers_revoke",
        parameters=[IDEMPOTENCY_KEY],
        request=ReasonSerializer,
        responses={200: PowerSerializer, **REFUSED},
        examples=[_REVOKED],
    )
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, public_id: str) -> Response:
        """End a power at once; what was done before stays as it is."""
        by: Any = request.user
        power, said = selectors.power_of(by, public_id), checked(ReasonSerializer, request)
        services.revoke_power(power=power, by=by, reason=said["reason"])
        return self._answer(public_id)

    def get_parsers(self) -> list[Any]:
        """Handing in takes files; whatever else is sent is JSON."""
        request = getattr(self, "request", None)
        if getattr(self, "action_map", {}).get("post") == "create" and request is not None:
            return [MultiPartParser(), *super().get_parsers()]
        return super().get_parsers()


_router = SimpleRouter(trailing_slash=False)
_router.register("powers-of-attorney", PowerViewSet, basename="power")
api_urlpatterns = [path("", include(_router.urls))]

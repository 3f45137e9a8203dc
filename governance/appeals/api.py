"""The API of appeals: the same services and selectors as the pages; who may do what is the lifecycle's word."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.urls import include, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from accounts import roles
from core.api import (
    IDEMPOTENCY_KEY,
    PROBLEM,
    REFUSED,
    NextSerializer,
    PlainSerializer,
    checked,
)
from core.errors import Forbidden, Invalid, NotYours
from core.models import PrivateFile
from core.viewsets import CaseViewSet
from governance.appealable import kinds, title_of
from governance.appeals import selectors, services
from governance.models import Appeal, AppealDecision, OutOfCourtBody, Referral

# --- what comes out --------------------------------------------------------------------------------------


class AppellantSerializer(serializers.Serializer):
    """An organisation on the side that appealed."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class AppealSummarySerializer(serializers.Serializer):
    """An appeal as lists show it."""

    id = serializers.CharField(source="public_id")
    number = serializers.CharField()
    kind = serializers.ChoiceField(kinds())
    against = serializers.CharField(source="subject", help_text="Public id of the decision.")
    state = serializers.ChoiceField(Appeal.State.choices)
    state_since_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(help_text="Until when the decision could be appealed against.")
    regime = serializers.CharField()
    appellant = AppellantSerializer(source="organisation")
    beside = AppellantSerializer(
        allow_null=True,
        help_text="Who else is on its side: the rights holder for whom an agency complained or filed a right, or that agency.",
    )


class AppealDecisionSerializer(serializers.Serializer):
    """What was decided on an appeal, by a person who had not decided before."""

    id = serializers.CharField(source="public_id")
    decided_at = serializers.DateTimeField()
    outcome = serializers.ChoiceField(AppealDecision.Outcome.choices)
    reasons = serializers.CharField()
    of_body = serializers.BooleanField(help_text="After the finding of a body outside.")


class AppealedLinkSerializer(serializers.Serializer):
    """One link that is appealed about."""

    id = serializers.CharField(source="finding.complaint_target.public_id")
    target = serializers.CharField(source="finding.complaint_target.target.public_id")
    title = serializers.CharField(source="finding.complaint_target.target.title")
    first_outcome = serializers.CharField(source="finding.outcome")
    is_reversed = serializers.BooleanField(allow_null=True)


class ReferralSerializer(serializers.Serializer):
    """The body outside that looks, or looked, at the case."""

    body = serializers.CharField(source="body.name")
    certified_by = serializers.CharField(source="body.certified_by")
    reference = serializers.CharField()
    referred_on = serializers.DateField()
    finding = serializers.ChoiceField(Referral.Finding.choices, allow_blank=True)
    found_on = serializers.DateField(allow_null=True)
    is_followed = serializers.BooleanField(allow_null=True)


class AppealSerializer(AppealSummarySerializer):
    """An appeal with what was said and decided, and what can be done about it now."""

    title = serializers.CharField()
    grounds = serializers.CharField()
    supplement_request = serializers.CharField()
    next = NextSerializer()
    available_actions = serializers.ListField(child=serializers.CharField(), help_text="What you may do with it now.")
    links = AppealedLinkSerializer(many=True, source="shown_links")
    decisions = AppealDecisionSerializer(many=True)
    referral = ReferralSerializer(allow_null=True, source="shown_referral")


class BodySerializer(serializers.Serializer):
    """A certified out-of-court dispute settlement body."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    regime = serializers.CharField()
    certified_by = serializers.CharField()
    certified_until_on = serializers.DateField(allow_null=True)
    website = serializers.CharField()
    languages = serializers.CharField()


# --- what comes in ---------------------------------------------------------------------------------------


class NewAppealSerializer(PlainSerializer):
    against = serializers.CharField(
        max_length=31,
        help_text="Public id of the decision: `sor_…`, `dec_…`, `cmp_…`, `flg_…`, `ori_…`, `org_…`, `pen_…` or `sus_…`.",
    )
    grounds = serializers.CharField()
    links = serializers.ListField(
        child=serializers.CharField(max_length=31), required=False, allow_null=True, default=None,
        help_text="Ids of the links that you appeal about; all of them if left out.",
    )  # fmt: skip
    evidence = serializers.ListField(child=serializers.CharField(max_length=31), required=False, default=list)


class AppealSupplementSerializer(PlainSerializer):
    text = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField(max_length=31), required=False, default=list)


class ReferSerializer(PlainSerializer):
    body = serializers.CharField(max_length=31, help_text="Id of a body of `/api/v1/out-of-court-bodies`.")
    reference = serializers.CharField(max_length=64)
    referred_on = serializers.DateField()


class AppealReturnSerializer(PlainSerializer):
    missing = serializers.CharField(help_text="What the appellant must add.")


class DecideAppealSerializer(PlainSerializer):
    is_reversed = serializers.BooleanField()
    reasons = serializers.CharField()
    links = serializers.ListField(
        child=serializers.CharField(max_length=31), required=False, allow_null=True, default=None,
        help_text="Ids of the links that are reversed; all of them if left out.",
    )  # fmt: skip
    rule = serializers.CharField(max_length=32, required=False, allow_blank=True, default="")


class ConcludeSerializer(PlainSerializer):
    finding = serializers.ChoiceField(Referral.Finding.choices)
    found_on = serializers.DateField()
    is_followed = serializers.BooleanField()
    reasons = serializers.CharField()
    rule = serializers.CharField(max_length=32, required=False, allow_blank=True, default="")


# --- appeals ------------------------------------------------------------------------------------------------


class AppealFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=Appeal.State.choices)
    kind = django_filters.ChoiceFilter(choices=kinds())
    against = django_filters.CharFilter(field_name="subject")

    class Meta:
        model = Appeal
        fields = ("state", "kind", "against")


_EXAMPLE = OpenApiExample(
    "A merchant appeals against the takedown of one link",
    request_only=True,
    value={
        "against": "sor_01jd3v7k9q4x0c2m8n5b6t1y0z",
        "grounds": "We bought these goods from the holder's own distributor; the invoices are attached.",
        "links": ["ctg_01jd3v7k9q4x0c2m8n5b6t1y0z"],
    },
)


class AppealViewSet(CaseViewSet):
    """Appeals of your organisation, and those in complaints and filings that an agency made for it; staff see all."""

    area = "appeals"
    serializer_class = AppealSummarySerializer
    filterset_class = AppealFilter
    queryset = Appeal.objects.none()
    all_of = staticmethod(selectors.appeals_of)
    one_of = staticmethod(selectors.appeal_of)

    def _answer(self, public_id: str, status: int = 200) -> Response:
        user: Any = self.request.user
        appeal: Any = self._one(public_id)
        appeal.title = title_of(appeal)
        appeal.next = selectors.next_step(appeal, user)
        appeal.available_actions = sorted(selectors.actions_of(appeal, user))
        appeal.shown_links = selectors.links_of(appeal)
        appeal.shown_referral = getattr(appeal, "referral", None)
        return Response(AppealSerializer(appeal).data, status)

    @extend_schema(operation_id="appeals_retrieve", responses={200: AppealSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One appeal with what is next."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="appeals_submit", parameters=[IDEMPOTENCY_KEY], request=NewAppealSerializer,
        responses={201: AppealSerializer, **REFUSED}, examples=[_EXAMPLE],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Appeal against a decision that burdens your organisation."""
        said = checked(NewAppealSerializer, request)
        appeal = services.submit_appeal(
            subject=said["against"], by=request.user, grounds=said["grounds"], links=said["links"],  # type: ignore[arg-type]
            evidence=_evidence(request, said["evidence"]),
        )  # fmt: skip
        return self._answer(appeal.public_id, 201)

    @extend_schema(
        operation_id="appeals_supplement", parameters=[IDEMPOTENCY_KEY], request=AppealSupplementSerializer,
        responses={200: AppealSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def supplement(self, request: Request, public_id: str) -> Response:
        """Add what a reviewer asked for."""
        appeal, said = self._one(public_id), checked(AppealSupplementSerializer, request)
        services.supplement(
            appeal=appeal, by=request.user, text=said["text"], evidence=_evidence(request, said["evidence"])  # type: ignore[arg-type]
        )  # fmt: skip
        return self._answer(public_id)

    @extend_schema(
        operation_id="appeals_withdraw",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: AppealSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take an appeal back that was not decided yet."""
        services.withdraw(appeal=self._one(public_id), by=request.user)  # type: ignore[arg-type]
        return self._answer(public_id)

    @extend_schema(
        operation_id="appeals_refer", parameters=[IDEMPOTENCY_KEY], request=ReferSerializer,
        responses={200: AppealSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def refer(self, request: Request, public_id: str) -> Response:
        """Tell us that a certified body outside looks at the case."""
        appeal, said = self._one(public_id), checked(ReferSerializer, request)
        body = OutOfCourtBody.objects.filter(public_id=said["body"]).first()
        if body is None:
            raise Invalid(_("Choose a body from the list for this law."), field="body")
        services.refer(
            appeal=appeal, by=request.user, body=body, reference=said["reference"], referred_on=said["referred_on"]  # type: ignore[arg-type]
        )  # fmt: skip
        return self._answer(public_id)

    # --- staff ---

    @extend_schema(
        operation_id="appeals_take",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: AppealSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def take(self, request: Request, public_id: str) -> Response:
        """Staff: take an appeal up."""
        services.take(appeal=self._one(public_id), by=_reviewer(request))
        return self._answer(public_id)

    @extend_schema(
        operation_id="appeals_return", parameters=[IDEMPOTENCY_KEY], request=AppealReturnSerializer,
        responses={200: AppealSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def return_for_supplement(self, request: Request, public_id: str) -> Response:
        """Staff: ask the appellant for what is missing."""
        said = checked(AppealReturnSerializer, request)
        services.return_for_supplement(appeal=self._one(public_id), by=_reviewer(request), missing=said["missing"])
        return self._answer(public_id)

    @extend_schema(
        operation_id="appeals_decide", parameters=[IDEMPOTENCY_KEY], request=DecideAppealSerializer,
        responses={200: AppealSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, public_id: str) -> Response:
        """Staff: decide an appeal; a reversal is carried out with it."""
        appeal, said = self._one(public_id), checked(DecideAppealSerializer, request)
        services.decide(
            appeal=appeal, by=_reviewer(request), is_reversed=said["is_reversed"], reasons=said["reasons"],
            links=_links(appeal, said["links"]), rule=said["rule"],
        )  # fmt: skip
        return self._answer(public_id)

    @extend_schema(
        operation_id="appeals_conclude", parameters=[IDEMPOTENCY_KEY], request=ConcludeSerializer,
        responses={200: AppealSerializer, **REFUSED},
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def conclude(self, request: Request, public_id: str) -> Response:
        """Staff: record what a body outside found, and what the platform does about it."""
        said = checked(ConcludeSerializer, request)
        services.conclude(appeal=self._one(public_id), by=_reviewer(request), **said)
        return self._answer(public_id)


def _reviewer(request: Request) -> Any:
    if not roles.is_reviewer(request.user):
        raise Forbidden()
    return request.user


def _links(appeal: Appeal, ids: Sequence[str] | None) -> list[Any] | None:
    if ids is None:
        return None
    found = {link.finding.complaint_target.public_id: link for link in selectors.links_of(appeal)}
    if unknown := [i for i in ids if i not in found]:
        raise Invalid(_("%(id)s is no link of this appeal.") % {"id": unknown[0][:31]}, field="links")
    return [found[i] for i in ids]


def _evidence(request: Request, ids: Sequence[str]) -> list[PrivateFile]:
    membership = request.user.membership  # type: ignore[union-attr]
    if membership is None:
        raise NotYours()
    found = PrivateFile.objects.owned_by(membership.organisation_id).in_bulk(ids, field_name="public_id")
    if unknown := [i for i in ids if i not in found]:
        raise Invalid(_("%(id)s is no file of yours.") % {"id": unknown[0][:31]}, field="evidence")
    return [found[i] for i in ids]


class BodyViewSet(ListModelMixin, GenericViewSet):
    """Certified bodies outside the platform to which a decided appeal can go on (DSA art. 21)."""

    area = "appeals"
    serializer_class = BodySerializer
    queryset = OutOfCourtBody.objects.filter(is_active=True)
    filterset_fields = ("regime",)


router = SimpleRouter(trailing_slash=False)
router.register("appeals", AppealViewSet, basename="appeal")
router.register("out-of-court-bodies", BodyViewSet, basename="body")
api_urlpatterns: list[Any] = [path("", include(router.urls))]

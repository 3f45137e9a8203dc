"""The API of counter-notices: merchants answer, complainants prove or concede, staff check and record.

The same services and selectors as the pages; what somebody may read of a counter-notice is the regime's word.
"""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.urls import include, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from complaints import counter_notices, counter_selectors, selectors
from complaints.api import OrderSerializer, ReturnSerializer, StandingSerializer, _evidence, _reviewer
from complaints.counter_notices import Anew, Answer, Proof
from complaints.court_orders import Ordered
from complaints.lifecycle import regime_of
from complaints.models import ComplaintTarget, CounterNotice, CounterNoticeTarget, Proceeding
from core.api import IDEMPOTENCY_KEY, PROBLEM, REFUSED, IdempotentPosts, NextSerializer, PlainSerializer, checked
from core.errors import Invalid, NotYours
from core.looks import is_shown

ID = 31


# --- what comes out --------------------------------------------------------------------------------------


class ProceedingSerializer(serializers.Serializer):
    """Word of a complaint to an authority, or of a lawsuit."""

    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(Proceeding.Kind.choices)
    forum = serializers.CharField()
    case_number = serializers.CharField()
    filed_on = serializers.DateField()
    proved_at = serializers.DateTimeField()
    is_late = serializers.BooleanField(help_text="Came after the day: recorded, and keeps nothing down by itself.")
    result = serializers.ChoiceField(Proceeding.Result.choices)
    ended_on = serializers.DateField(allow_null=True)


class AnsweredLinkSerializer(serializers.Serializer):
    """One link that a counter-notice answers for: what became of it, and why it is up or down."""

    id = serializers.CharField(source="public_id", help_text="Id of the link, as in the statement of reasons.")
    target = serializers.CharField(source="seen.row.target.public_id")
    external_id = serializers.CharField(source="seen.row.target.external_id")
    outcome = serializers.ChoiceField(CounterNoticeTarget.Outcome.choices, source="link.outcome")
    ground = serializers.CharField(source="link.ground", allow_blank=True)
    reasons = serializers.CharField(source="link.reasons", allow_blank=True)
    settled_at = serializers.DateTimeField(source="link.settled_at", allow_null=True)
    standing = StandingSerializer(source="seen.standing")


class HandedInSerializer(serializers.Serializer):
    """A file of the merchant."""

    id = serializers.CharField(source="file.public_id")
    media_type = serializers.CharField(source="file.media_type")
    size_bytes = serializers.IntegerField(source="file.size_bytes")
    sha256 = serializers.CharField(source="file.sha256")


class CounterNoticeSummarySerializer(serializers.Serializer):
    """A counter-notice as lists show it."""

    id = serializers.CharField(source="public_id")
    number = serializers.CharField()
    notice = serializers.CharField(source="statement.public_id", help_text="The statement of reasons it answers.")
    complaint_number = serializers.CharField(source="complaint.number")
    shop = serializers.CharField(source="statement.shop.external_id")
    marketplace = serializers.CharField(source="statement.shop.marketplace.slug")
    state = serializers.ChoiceField(CounterNotice.State.choices)
    state_since_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    is_provisional = serializers.BooleanField(help_text="The end rests on a calendar that is not published yet.")
    created_at = serializers.DateTimeField()
    link_count = serializers.IntegerField()
    open_count = serializers.IntegerField(help_text="Links whose outcome is not the last yet.")


class CounterNoticeSerializer(CounterNoticeSummarySerializer):
    """A counter-notice with what you may read of it, and what you can do about it now."""

    regime = serializers.CharField(source="complaint.regime")
    proofs = serializers.SerializerMethodField(help_text="Kinds of proceedings that keep links down under this regime.")
    received_at = serializers.DateTimeField()
    forwarded_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    delivered_by = serializers.CharField(allow_blank=True)
    said = serializers.DictField(help_text="Statement, and personal data where the regime lets you see them.")
    supplement_request = serializers.SerializerMethodField()
    next = NextSerializer()
    available_actions = serializers.ListField(child=serializers.CharField(), help_text="What you may do with it now.")
    links = serializers.SerializerMethodField()
    proceedings = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()

    def _reader(self) -> Any:
        return self.context["request"].user

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Proceeding.Kind.choices)))
    def get_proofs(self, answer: CounterNotice) -> list[str]:
        return sorted(regime_of(answer.complaint).proofs)

    def get_supplement_request(self, answer: CounterNotice) -> str:
        is_complainant = counter_selectors.side_of(answer, self._reader()) == "complainant"
        return "" if is_complainant else answer.supplement_request

    @extend_schema_field(AnsweredLinkSerializer(many=True))
    def get_links(self, answer: CounterNotice) -> Any:
        return AnsweredLinkSerializer(counter_selectors.rows_of(answer), many=True).data

    @extend_schema_field(ProceedingSerializer(many=True))
    def get_proceedings(self, answer: CounterNotice) -> Any:
        return ProceedingSerializer(counter_selectors.proceedings_of(answer, self._reader()), many=True).data

    @extend_schema_field(HandedInSerializer(many=True))
    def get_evidence(self, answer: CounterNotice) -> Any:
        return HandedInSerializer(counter_selectors.evidence_of(answer, self._reader()), many=True).data


# --- what comes in -----------------------------------------------------------------------------------------


class NewCounterNoticeSerializer(PlainSerializer):
    """A merchant's answer. Which elements are needed is the law's word: what is missing is said by its field."""

    notice = serializers.CharField(max_length=ID, help_text="Id of a statement of reasons to a shop of yours.")
    targets = serializers.ListField(
        child=serializers.CharField(max_length=ID), required=False, allow_null=True, default=None,
        help_text="Ids of the links you want back; every one that is still held down if left out.",
    )  # fmt: skip
    statement = serializers.CharField(required=False, allow_blank=True, default="")
    signature = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default="", help_text="Full name; kept encrypted."
    )
    good_faith = serializers.BooleanField(required=False, default=False)
    name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    address = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    jurisdiction = serializers.BooleanField(
        required=False, default=False, help_text="Consent to jurisdiction and to service of process."
    )
    evidence = serializers.ListField(child=serializers.CharField(max_length=ID), required=False, default=list)
    evidence_is_private = serializers.BooleanField(required=False, default=False)


_UNCHANGED = "Left out or empty, it stays as it is."


class CounterSupplementSerializer(PlainSerializer):
    text = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField(max_length=ID), required=False, default=list)
    evidence_is_private = serializers.BooleanField(required=False, default=False)
    name = serializers.CharField(max_length=100, required=False, default="", allow_blank=True, help_text=_UNCHANGED)
    address = serializers.CharField(max_length=300, required=False, default="", allow_blank=True, help_text=_UNCHANGED)
    phone = serializers.CharField(max_length=40, required=False, default="", allow_blank=True, help_text=_UNCHANGED)


class SomeLinksSerializer(PlainSerializer):
    links = serializers.ListField(
        child=serializers.CharField(max_length=ID), required=False, allow_null=True, default=None,
        help_text="Ids of the links this is about; all of them if left out.",
    )  # fmt: skip


class ProveSerializer(SomeLinksSerializer):
    """Proof that you sued or, where the law of the marketplace lets it count, complained to the authority."""

    kind = serializers.ChoiceField(
        Proceeding.Kind.choices, help_text="One of the counter-notice's `proofs`: others keep nothing down."
    )
    forum = serializers.CharField(max_length=200)
    case_number = serializers.CharField(max_length=100)
    filed_on = serializers.DateField()
    file = serializers.CharField(max_length=ID, help_text="Id of the receipt, uploaded to /evidence.")


class AnewSerializer(PlainSerializer):
    link = serializers.CharField(max_length=ID)
    stands = serializers.BooleanField(help_text="Whether the first decision stands.")
    reasons = serializers.CharField()


class DecideAnewSerializer(PlainSerializer):
    """One finding for every link that is still open."""

    findings = AnewSerializer(many=True, allow_empty=False)


class EndSerializer(PlainSerializer):
    """How a proceeding ended."""

    proceeding = serializers.CharField(max_length=ID)
    result = serializers.ChoiceField([c for c in Proceeding.Result.choices if c[0] != Proceeding.Result.PENDING])
    ended_on = serializers.DateField()


# --- counter-notices -----------------------------------------------------------------------------------------


class CounterNoticeFilter(django_filters.FilterSet):
    """Filters of the list of counter-notices."""

    state = django_filters.MultipleChoiceFilter(choices=CounterNotice.State.choices)
    notice = django_filters.CharFilter(field_name="statement__public_id")
    number = django_filters.CharFilter(field_name="number")
    created_at = django_filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = CounterNotice
        fields = ("state", "notice", "number", "created_at")


_EXAMPLE = OpenApiExample(
    "A merchant with a licence",
    request_only=True,
    value={
        "notice": "sor_01jd3v7k9q4x0c2m8n5b6t1y0z",
        "statement": "We buy from the holder's own distributor; the invoices of March are attached.",
        "signature": "Li Mei",
        "good_faith": True,
        "evidence": ["fil_01jd3v7k9q4x0c2m8n5b6t1y0z"],
    },
)


def _step(name: str, request: Any = None) -> Any:
    return extend_schema(
        operation_id=f"counter_notices_{name}", parameters=[IDEMPOTENCY_KEY], request=request,
        responses={200: CounterNoticeSerializer, **REFUSED},
    )  # fmt: skip


class CounterNoticeViewSet(IdempotentPosts, ListModelMixin, GenericViewSet):
    """Counter-notices that your organisation sent, or that were forwarded to it; staff see all."""

    area = "counter_notices"
    lookup_field = "public_id"
    serializer_class = CounterNoticeSummarySerializer
    filterset_class = CounterNoticeFilter
    queryset = CounterNotice.objects.none()

    def get_queryset(self) -> Any:
        return counter_selectors.counter_notices_of(self.request.user)  # type: ignore[arg-type]

    def _one(self, public_id: str) -> CounterNotice:
        return counter_selectors.counter_notice_of(self.request.user, public_id)  # type: ignore[arg-type]

    def _answer(self, public_id: str, status: int = 200) -> Response:
        seen = counter_selectors.seen_by(self._one(public_id), self.request.user)  # type: ignore[arg-type]
        return Response(CounterNoticeSerializer(seen, context={"request": self.request}).data, status)

    @extend_schema(operation_id="counter_notices_retrieve", responses={200: CounterNoticeSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One counter-notice. Read by the complainant, it counts as delivered."""
        if is_shown(request):
            counter_notices.open_as_complainant(counter_notice=self._one(public_id), by=request.user)  # type: ignore[arg-type]
        return self._answer(public_id)

    @extend_schema(
        operation_id="counter_notices_submit",
        parameters=[IDEMPOTENCY_KEY],
        request=NewCounterNoticeSerializer,
        responses={201: CounterNoticeSerializer, **REFUSED},
        examples=[_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        """Answer a statement of reasons, for all of its links or for some."""
        said = checked(NewCounterNoticeSerializer, request)
        try:
            statement = selectors.notice_of(request.user, said.pop("notice"))  # type: ignore[arg-type]
        except NotYours as refused:
            raise Invalid(errors={"notice": [_("There is no such notice to a shop of yours.")]}) from refused
        targets = said.pop("targets")
        answer = Answer(
            **{**said, "evidence": _evidence(request, said["evidence"])},
            targets=None if targets is None else _targets(statement.decision.complaint, targets),
        )
        made = counter_notices.submit_counter_notice(statement=statement, answer=answer, by=request.user)  # type: ignore[arg-type]
        return self._answer(made.public_id, 201)

    @_step("supplement", CounterSupplementSerializer)
    @action(detail=True, methods=["post"])
    def supplement(self, request: Request, public_id: str) -> Response:
        """Merchant: add what a returned counter-notice was missing."""
        made, said = self._one(public_id), checked(CounterSupplementSerializer, request)
        evidence = _evidence(request, said.pop("evidence"))
        counter_notices.supplement(counter_notice=made, by=request.user, evidence=evidence, **said)  # type: ignore[arg-type]
        return self._answer(public_id)

    @_step("withdraw", SomeLinksSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Merchant: withdraw the counter-notice, or some of its links."""
        made, said = self._one(public_id), checked(SomeLinksSerializer, request)
        counter_notices.withdraw(counter_notice=made, by=request.user, links=_links(made, said["links"]))  # type: ignore[arg-type]
        return self._answer(public_id)

    @_step("prove", ProveSerializer)
    @action(detail=True, methods=["post"])
    def prove(self, request: Request, public_id: str) -> Response:
        """Complainant: prove a proceeding that counts under the regime. After the day it is recorded, and refused."""
        made, said = self._one(public_id), checked(ProveSerializer, request)
        links = _links(made, said.pop("links"))
        file = _evidence(request, [said.pop("file")], field="file")[0]
        counter_notices.prove(counter_notice=made, by=request.user, proof=Proof(**said, file=file), links=links)  # type: ignore[arg-type]
        return self._answer(public_id)

    @_step("concede", SomeLinksSerializer)
    @action(detail=True, methods=["post"])
    def concede(self, request: Request, public_id: str) -> Response:
        """Complainant: accept the counter-notice, or some of its links; they go up again at once."""
        made, said = self._one(public_id), checked(SomeLinksSerializer, request)
        counter_notices.concede(counter_notice=made, by=request.user, links=_links(made, said["links"]))  # type: ignore[arg-type]
        return self._answer(public_id)

    # --- staff ---

    @_step("forward")
    @action(detail=True, methods=["post"])
    def forward(self, request: Request, public_id: str) -> Response:
        """Staff: it is complete and goes to the complainant."""
        counter_notices.forward(counter_notice=self._one(public_id), by=_reviewer(request))
        return self._answer(public_id)

    @_step("take_up")
    @action(detail=True, methods=["post"], url_path="take-up", url_name="take-up")
    def take_up(self, request: Request, public_id: str) -> Response:
        """Staff: it is complete, and under its law a person decides on it."""
        counter_notices.take_up(counter_notice=self._one(public_id), by=_reviewer(request))
        return self._answer(public_id)

    @_step("return", ReturnSerializer)
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def return_for_supplement(self, request: Request, public_id: str) -> Response:
        """Staff: send it back with what is missing."""
        said = checked(ReturnSerializer, request)
        counter_notices.return_for_supplement(
            counter_notice=self._one(public_id), by=_reviewer(request), missing=said["missing"]
        )
        return self._answer(public_id)

    @_step("decide", DecideAnewSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, public_id: str) -> Response:
        """Staff: decide anew on every link that is open, where the law has a person decide."""
        made, said = self._one(public_id), checked(DecideAnewSerializer, request)
        links = _links(made, [f["link"] for f in said["findings"]]) or []
        findings = [Anew(link, f["stands"], f["reasons"]) for link, f in zip(links, said["findings"], strict=True)]
        counter_notices.decide_anew(counter_notice=made, by=_reviewer(request), findings=findings)
        return self._answer(public_id)

    @_step("order", OrderSerializer)
    @action(detail=True, methods=["post"])
    def order(self, request: Request, public_id: str) -> Response:
        """Staff: record what a court ordered, and carry it out at once."""
        made, said = self._one(public_id), checked(OrderSerializer, request)
        links = _links(made, said.pop("links"))
        counter_notices.record_order(counter_notice=made, by=_reviewer(request), order=Ordered(**said), links=links)
        return self._answer(public_id)

    @_step("end_proceeding", EndSerializer)
    @action(detail=True, methods=["post"], url_path="end-proceeding", url_name="end-proceeding")
    def end_proceeding(self, request: Request, public_id: str) -> Response:
        """Staff: record how a proceeding ended."""
        made, said = self._one(public_id), checked(EndSerializer, request)
        proceeding = made.proceedings.filter(public_id=said["proceeding"]).first()
        if proceeding is None:
            raise Invalid(errors={"proceeding": [_("This is no proceeding of this counter-notice.")]})
        counter_notices.end_proceeding(
            proceeding=proceeding, by=_reviewer(request), result=said["result"], ended_on=said["ended_on"]
        )
        return self._answer(public_id)


def _targets(complaint: Any, ids: Sequence[str]) -> list[ComplaintTarget]:
    found = {row.public_id: row for row in complaint.targets.filter(public_id__in=ids)}
    if unknown := [i for i in ids if i not in found]:
        raise Invalid(errors={"targets": [_("%(id)s is no link of this notice.") % {"id": unknown[0]}]})
    return [found[i] for i in ids]


def _links(made: CounterNotice, ids: Sequence[str] | None) -> list[CounterNoticeTarget] | None:
    if ids is None:
        return None
    found = {link.complaint_target.public_id: link for link in made.links.select_related("complaint_target")}
    if unknown := [i for i in ids if i not in found]:
        raise Invalid(errors={"links": [_("%(id)s is no link of this counter-notice.") % {"id": unknown[0]}]})
    return [found[i] for i in ids]


router = SimpleRouter(trailing_slash=False)
router.register("counter-notices", CounterNoticeViewSet, basename="counternotice")
api_urlpatterns: list[Any] = [path("", include(router.urls))]

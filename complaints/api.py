"""The API of the complaints room: complaints, their links and decisions, notices to shops, evidence.

The same services and selectors as the pages; who may do what is the lifecycle's word.
"""

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django.conf import settings
from django.urls import include, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts import roles
from accounts.models import Organisation
from complaints import conversations, court_orders, passing, selectors, selfservice, services
from complaints.answers.api import AnswerSheetViewSet
from complaints.bulk.api import LinkSheetViewSet
from complaints.court_orders import Ordered
from complaints.lanes import MOST_LINKS
from complaints.models import Complaint, ComplaintTarget, CourtOrder, Infringement, Lane, StatementOfReasons
from complaints.services import Found, Notice
from core import files
from core.api import (
    IDEMPOTENCY_KEY,
    PROBLEM,
    REFUSED,
    IdempotentPosts,
    NextSerializer,
    PlainSerializer,
    checked,
    keyed_by_itself,
    written,
)
from core.errors import Forbidden, Invalid, NotYours
from core.looks import is_shown
from core.models import FilePurpose, PrivateFile
from core.viewsets import WrittenList
from filings.models import RightKind
from filings.standing import require_to_complain
from marketplace.links import resolve

LONGEST_LINK = 4_000


# --- what comes out --------------------------------------------------------------------------------------


# Fields are declared: a ModelSerializer looks the model up anew for each answer.
class RightSerializer(serializers.Serializer):
    """The right on which a complaint rests."""

    id = serializers.CharField(source="public_id")
    number = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(RightKind.choices)
    registration_number = serializers.CharField()


class ComplaintSummarySerializer(serializers.Serializer):
    """A complaint as lists show it."""

    id = serializers.CharField(source="public_id")
    number = serializers.CharField()
    state = serializers.ChoiceField(Complaint.State.choices)
    state_since_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    infringement = serializers.ChoiceField(Infringement.choices)
    right = RightSerializer(source="filing")
    lane = serializers.ChoiceField(Lane.choices, help_text="How soon it is answered; see /api/v1/standing.")
    lane_reason = serializers.CharField(help_text="Why it went into its lane, as a code.")
    link_count = serializers.IntegerField()
    upheld_count = serializers.IntegerField()


class DecisionSerializer(serializers.Serializer):
    """One act of deciding."""

    id = serializers.CharField(source="public_id")
    decided_at = serializers.DateTimeField()
    is_automated = serializers.BooleanField()


class HolderSerializer(serializers.Serializer):
    """The rights holder for whom an agency complained."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class PowerUsedSerializer(serializers.Serializer):
    """The power of attorney under which an agency complained."""

    id = serializers.CharField(source="public_id")
    number = serializers.CharField()


class ComplaintSerializer(ComplaintSummarySerializer):
    """A complaint with what was said, and what can be done about it now."""

    holder = HolderSerializer(allow_null=True)
    power = PowerUsedSerializer(allow_null=True)
    adopted_at = serializers.DateTimeField(allow_null=True, help_text="When the rights holder stood by it.")

    description = serializers.CharField()
    test_buy_order = serializers.CharField()
    good_faith_at = serializers.DateTimeField()
    channel = serializers.CharField(help_text="`account`, or `public_form` for one that was sent without an account.")
    regime = serializers.CharField()
    supplement_request = serializers.CharField()
    next = NextSerializer()
    available_actions = serializers.ListField(child=serializers.CharField(), help_text="What you may do with it now.")
    decisions = DecisionSerializer(many=True)


class StandingSerializer(serializers.Serializer):
    """Whether a link is up or down, in words, and why."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the serializer's own label
    why = serializers.CharField()


class FindingSerializer(serializers.Serializer):
    """The decision on one link."""

    outcome = serializers.CharField()
    rule = serializers.CharField()
    facts = serializers.CharField()


class LinkSerializer(serializers.Serializer):
    """One link of a complaint: how it looked when complained of, what became of it, why it is up or down."""

    id = serializers.CharField(source="row.public_id")
    link = serializers.CharField(source="row.link")
    scene = serializers.CharField(source="row.scene")
    seconds = serializers.IntegerField(source="row.seconds", allow_null=True)
    target = serializers.CharField(source="row.target.public_id")
    kind = serializers.CharField(source="row.target.kind")
    external_id = serializers.CharField(source="row.target.external_id")
    snapshot = serializers.DictField(source="row.snapshot")
    snapshot_hash = serializers.CharField(source="row.snapshot_hash", help_text="SHA-256 of the snapshot.")
    captured_at = serializers.DateTimeField(source="row.captured_at")
    outcome = serializers.CharField(source="row.outcome")
    finding = FindingSerializer(allow_null=True)
    standing = StandingSerializer()


class NoticedLinkSerializer(LinkSerializer):
    """A link as its seller sees it: where it stood, not the line that the complainant pasted."""

    link = serializers.CharField(source="address", allow_blank=True)


class NoticeSerializer(serializers.ModelSerializer):
    """A statement of reasons to a shop of yours."""

    id = serializers.CharField(source="public_id")
    shop = serializers.CharField(source="shop.external_id")
    marketplace = serializers.CharField(source="shop.marketplace.slug")
    right = RightSerializer(source="decision.complaint.filing")
    holder = serializers.CharField(source="decision.complaint.filing.owner_name")
    infringement = serializers.CharField(source="decision.complaint.infringement")
    decided_at = serializers.DateTimeField(source="decision.decided_at")
    is_automated = serializers.BooleanField(source="decision.is_automated")

    class Meta:
        model = StatementOfReasons
        fields: tuple[str, ...] = (
            "id", "number", "shop", "marketplace", "right", "holder", "infringement", "decided_at", "is_automated",
            "created_at", "first_read_at",
        )  # fmt: skip


class NoticeDetailSerializer(NoticeSerializer):
    """A statement of reasons with the links it is about."""

    links = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField(help_text="Without names, addresses and telephone numbers.")

    class Meta(NoticeSerializer.Meta):
        fields = (*NoticeSerializer.Meta.fields, "description", "links")

    @extend_schema_field(NoticedLinkSerializer(many=True))
    def get_links(self, statement: StatementOfReasons) -> Any:
        return NoticedLinkSerializer(selectors.links_of_notice(statement), many=True).data

    def get_description(self, statement: StatementOfReasons) -> str:
        return passing.description_for_merchant(statement.decision.complaint)


class EvidenceSerializer(serializers.ModelSerializer):
    """A file that was handed in; name it by its id when you complain."""

    id = serializers.CharField(source="public_id")

    class Meta:
        model = PrivateFile
        fields = ("id", "media_type", "size_bytes", "sha256")


# --- what comes in -----------------------------------------------------------------------------------------


class NewComplaintSerializer(PlainSerializer):
    """A notice of infringement: one right, and as many links as your lane takes (500, 900 in the fast lane, 50 in the slow one)."""

    right = serializers.CharField(help_text="Public id of a right of yours in force.")
    infringement = serializers.ChoiceField(choices=Infringement.choices)
    links = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_LINK), min_length=1, help_text="Links or share texts."
    )
    description = serializers.CharField()
    signature = serializers.CharField(max_length=100, help_text="Full name of who signs; kept encrypted.")
    good_faith = serializers.BooleanField(
        help_text="The assurance that the notice is true, in the words of the law of its marketplace: docs/reference/regime-*.md."
    )
    test_buy_order = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    evidence = serializers.ListField(child=serializers.CharField(max_length=31), required=False, default=list)
    evidence_is_private = serializers.BooleanField(required=False, default=False)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)


class SupplementSerializer(PlainSerializer):
    text = serializers.CharField()
    test_buy_order = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    evidence = serializers.ListField(child=serializers.CharField(max_length=31), required=False, default=list)
    evidence_is_private = serializers.BooleanField(required=False, default=False)


class WithdrawSerializer(PlainSerializer):
    links = serializers.ListField(
        child=serializers.CharField(max_length=31),
        required=False,
        allow_null=True,
        default=None,
        help_text="Ids of the links to withdraw; all of them if left out.",
    )
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")


class ReturnSerializer(PlainSerializer):
    missing = serializers.CharField(help_text="What the complainant must add.")


class RejectSerializer(PlainSerializer):
    reason = serializers.CharField()


class OrderSerializer(PlainSerializer):
    """What a court ordered."""

    kind = serializers.ChoiceField(CourtOrder.Kind.choices)
    keeps_down = serializers.BooleanField()
    forum = serializers.CharField(max_length=200)
    case_number = serializers.CharField(max_length=100)
    ordered_on = serializers.DateField()
    links = serializers.ListField(
        child=serializers.CharField(max_length=31), required=False, allow_null=True, default=None,
        help_text="Ids of the links this is about; all of them if left out.",
    )  # fmt: skip


class CourtOrderSerializer(serializers.Serializer):
    """What a court ordered about links of a complaint."""

    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(CourtOrder.Kind.choices)
    keeps_down = serializers.BooleanField()
    forum = serializers.CharField()
    case_number = serializers.CharField()
    ordered_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()


class WriteSerializer(PlainSerializer):
    """A message inside a case."""

    text = serializers.CharField(max_length=conversations.LONGEST)
    files = serializers.ListField(child=serializers.CharField(max_length=31), required=False, default=list)
    party = serializers.CharField(
        max_length=31, required=False, default="", help_text="Staff: id of the party that it is written to."
    )


class MessageSerializer(serializers.Serializer):
    """What a party or the platform wrote inside a case."""

    id = serializers.CharField(source="public_id")
    is_from_platform = serializers.BooleanField(source="is_from_staff")
    text = serializers.CharField()
    files = EvidenceSerializer(many=True)
    created_at = serializers.DateTimeField()
    first_read_at = serializers.DateTimeField(allow_null=True)


class FoundSerializer(PlainSerializer):
    link = serializers.CharField(max_length=31, help_text="Id of a link of the complaint.")
    upheld = serializers.BooleanField()
    rule = serializers.CharField(max_length=16, help_text="Code of a rule of the rulebook, such as U1.")
    facts = serializers.CharField()


class DecideSerializer(PlainSerializer):
    """One finding for every link that is still pending."""

    findings = FoundSerializer(many=True, allow_empty=False)


# --- complaints ----------------------------------------------------------------------------------------------


class ComplaintFilter(django_filters.FilterSet):
    """Filters of the list of complaints."""

    state = django_filters.MultipleChoiceFilter(choices=Complaint.State.choices)
    infringement = django_filters.ChoiceFilter(choices=Infringement.choices)
    right = django_filters.CharFilter(field_name="filing__public_id")
    number = django_filters.CharFilter(field_name="number")
    created_at = django_filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = Complaint
        fields = ("state", "infringement", "right", "number", "created_at")


_EXAMPLE = OpenApiExample(
    "Counterfeit goods in a listing and a livestream",
    request_only=True,
    value={
        "right": "flg_01jd3v7k9q4x0c2m8n5b6t1y0z",
        "infringement": "counterfeit",
        "links": ["https://mall.example/product/10086", "https://mall.example/live/77?t=95"],
        "description": "The seams differ from ours and the label carries no series number.",
        "signature": "Zhang San",
        "good_faith": True,
    },
)


class ComplaintViewSet(IdempotentPosts, WrittenList, GenericViewSet):
    """Complaints of your organisation; staff see all."""

    area = "complaints"
    lookup_field = "public_id"
    serializer_class = ComplaintSummarySerializer
    filterset_class = ComplaintFilter
    queryset = Complaint.objects.none()

    def get_queryset(self) -> Any:
        return selectors.complaints_of(self.request.user)  # type: ignore[arg-type]

    def in_lists(self, found: Any) -> Any:
        return selectors.in_lists(found)

    def _one(self, public_id: str) -> Complaint:
        found = self.get_queryset().prefetch_related("decisions").filter(public_id=public_id).first()
        if found is None:
            raise NotYours()
        return found

    def _answer(self, public_id: str, status: int = 200) -> Response:
        seen = selectors.seen_by(self._one(public_id), self.request.user)  # type: ignore[arg-type]
        return Response(written(ComplaintSerializer, seen), status)

    @extend_schema(operation_id="complaints_retrieve", responses={200: ComplaintSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One complaint with what is next."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="complaints_submit",
        parameters=[IDEMPOTENCY_KEY],
        request=NewComplaintSerializer,
        responses={201: ComplaintSerializer, **REFUSED},
        examples=[_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        """Submit a notice of infringement."""
        notice = self._notice(request)
        complaint = self._sent(services.submit_complaint, notice, request)
        new = selectors.as_submitted(complaint, links=len(notice.links))
        return Response(written(ComplaintSerializer, selectors.seen_by(new, request.user)), 201)  # type: ignore[arg-type]

    @extend_schema(
        operation_id="complaints_remove",
        parameters=[IDEMPOTENCY_KEY],
        request=NewComplaintSerializer,
        responses={201: ComplaintSerializer, **REFUSED},
    )
    @action(detail=False, methods=["post"])
    def remove(self, request: Request) -> Response:
        """Take down what the links name at once, under your privilege of self-service; the body is that of a complaint."""
        complaint = self._sent(selfservice.remove, self._notice(request), request)
        return self._answer(complaint.public_id, 201)

    def _notice(self, request: Request) -> Notice:
        require_to_complain(request.user)
        said = checked(NewComplaintSerializer, request)
        if len(said["links"]) > (limit := MOST_LINKS):
            raise Invalid(
                errors={"links": [_("At most %(limit)d links in one complaint. File a second one.") % {"limit": limit}]}
            )
        return Notice(
            right=said["right"], infringement=said["infringement"], links=resolve(said["links"]),
            description=said["description"], signature=said["signature"], good_faith=said["good_faith"],
            test_buy_order=said["test_buy_order"], evidence=_evidence(request, said["evidence"]),
            evidence_is_private=said["evidence_is_private"],
            language=said.get("language") or request.user.language,  # type: ignore[union-attr]
        )  # fmt: skip

    def _sent(self, act: Callable[..., Complaint], notice: Notice, request: Request) -> Complaint:
        try:
            return act(notice=notice, by=request.user)
        except NotYours as refused:
            unknown = _("This right is not in force, or not yours. Choose another one.")
            raise Invalid(errors={"right": [unknown]}) from refused

    @extend_schema(operation_id="complaints_links", responses={200: LinkSerializer(many=True), 404: PROBLEM})
    @action(detail=True, pagination_class=None, filterset_class=None)
    def links(self, request: Request, public_id: str) -> Response:
        """Every link of a complaint, with why it is up or down."""
        return Response(LinkSerializer(selectors.link_rows(self._one(public_id)), many=True).data)

    @extend_schema(
        operation_id="complaints_supplement",
        parameters=[IDEMPOTENCY_KEY],
        request=SupplementSerializer,
        responses={200: ComplaintSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def supplement(self, request: Request, public_id: str) -> Response:
        """Add what a returned notice was missing."""
        complaint, said = self._one(public_id), checked(SupplementSerializer, request)
        services.supplement(
            complaint=complaint, by=request.user, text=said["text"], test_buy_order=said["test_buy_order"],  # type: ignore[arg-type]
            evidence=_evidence(request, said["evidence"]), evidence_is_private=said["evidence_is_private"],
        )  # fmt: skip
        return self._answer(public_id)

    @extend_schema(
        operation_id="complaints_withdraw",
        parameters=[IDEMPOTENCY_KEY],
        request=WithdrawSerializer,
        responses={200: ComplaintSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Withdraw a complaint, or some of its links; what only it held down goes up again."""
        complaint, said = self._one(public_id), checked(WithdrawSerializer, request)
        chosen = None if said["links"] is None else self._links(complaint, said["links"])
        services.withdraw(complaint=complaint, by=request.user, targets=chosen, reason=said["reason"])  # type: ignore[arg-type]
        return self._answer(public_id)

    def _links(self, complaint: Complaint, ids: Sequence[str]) -> list[ComplaintTarget]:
        found = {ct.public_id: ct for ct in complaint.targets.all()}
        if unknown := [i for i in ids if i not in found]:
            raise Invalid(errors={"links": [_("%(id)s is no link of this complaint.") % {"id": unknown[0][:31]}]})
        return [found[i] for i in ids]

    @extend_schema(operation_id="complaints_messages", responses={200: MessageSerializer(many=True), 404: PROBLEM})
    @action(detail=True, pagination_class=None, filterset_class=None)
    def messages(self, request: Request, public_id: str) -> Response:
        """What you and the platform wrote to each other in this case; staff name the `party`."""
        complaint = self._one(public_id)
        return _messages(request, complaint, _party(request, complaint, request.query_params.get("party", "")))

    @extend_schema(
        operation_id="complaints_message", parameters=[IDEMPOTENCY_KEY], request=WriteSerializer,
        responses={201: MessageSerializer, 429: PROBLEM, **REFUSED},
    )  # fmt: skip
    @messages.mapping.post
    def write(self, request: Request, public_id: str) -> Response:
        """Write to the platform inside this case; staff: to one of its parties."""
        complaint, said = self._one(public_id), checked(WriteSerializer, request)
        return _write(request, complaint, _party(request, complaint, said["party"]), said)

    # --- staff ---

    @extend_schema(
        operation_id="complaints_adopt",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: ComplaintSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, public_id: str) -> Response:
        """The rights holder stands by what its agency complained of, whatever becomes of the power of attorney."""
        by: Any = request.user
        services.adopt(complaint=self._one(public_id), by=by)
        return self._answer(public_id)

    @extend_schema(
        operation_id="complaints_accept",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: ComplaintSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, public_id: str) -> Response:
        """Staff: the notice has all its elements."""
        services.accept(complaint=self._one(public_id), by=_reviewer(request))
        return self._answer(public_id)

    @extend_schema(
        operation_id="complaints_return",
        parameters=[IDEMPOTENCY_KEY],
        request=ReturnSerializer,
        responses={200: ComplaintSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def return_for_supplement(self, request: Request, public_id: str) -> Response:
        """Staff: send the notice back with what is missing."""
        said = checked(ReturnSerializer, request)
        services.return_for_supplement(complaint=self._one(public_id), by=_reviewer(request), missing=said["missing"])
        return self._answer(public_id)

    @extend_schema(
        operation_id="complaints_reject",
        parameters=[IDEMPOTENCY_KEY],
        request=RejectSerializer,
        responses={200: ComplaintSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, public_id: str) -> Response:
        """Staff: refuse a notice that can never be accepted."""
        said = checked(RejectSerializer, request)
        services.reject(complaint=self._one(public_id), by=_reviewer(request), reason=said["reason"])
        return self._answer(public_id)

    @extend_schema(
        operation_id="complaints_decide",
        parameters=[IDEMPOTENCY_KEY],
        request=DecideSerializer,
        responses={200: ComplaintSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, public_id: str) -> Response:
        """Staff: decide on every link that is still pending."""
        complaint, said = self._one(public_id), checked(DecideSerializer, request)
        links = self._links(complaint, [f["link"] for f in said["findings"]])
        findings = [
            Found(target=link, upheld=f["upheld"], rule=f["rule"], facts=f["facts"])
            for link, f in zip(links, said["findings"], strict=True)
        ]
        services.decide(complaint=complaint, by=_reviewer(request), findings=findings)
        return self._answer(public_id)

    @extend_schema(
        operation_id="complaints_order",
        parameters=[IDEMPOTENCY_KEY],
        request=OrderSerializer,
        responses={201: CourtOrderSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def order(self, request: Request, public_id: str) -> Response:
        """Staff: record what a court ordered about links, answered or not, and carry it out at once."""
        complaint, said = self._one(public_id), checked(OrderSerializer, request)
        links = said.pop("links")
        rows = None if links is None else self._links(complaint, links)
        made = court_orders.record_order(complaint=complaint, by=_reviewer(request), order=Ordered(**said), rows=rows)
        return Response(CourtOrderSerializer(made).data, 201)

    @extend_schema(operation_id="complaints_orders", responses={200: CourtOrderSerializer(many=True), 404: PROBLEM})
    @action(detail=True, pagination_class=None, filterset_class=None)
    def orders(self, request: Request, public_id: str) -> Response:
        """What courts ordered about links of a complaint, newest first."""
        return Response(CourtOrderSerializer(self._one(public_id).orders.order_by("-pk"), many=True).data)


def _party(request: Request, complaint: Complaint, named: str) -> Organisation:
    """Whose conversation is meant: one's own, or for staff the one that is named, else the complainant's."""
    if not request.user.is_staff or not named:
        return conversations.own_party(complaint, request.user)  # type: ignore[arg-type]
    found = next((p for p in conversations.parties(complaint) if p.public_id == named), None)
    if found is None:
        raise Invalid(errors={"party": [_("%(id)s is no party of this case.") % {"id": named}]})
    return found


def _messages(request: Request, complaint: Complaint, party: Organisation) -> Response:
    if is_shown(request) and not request.user.is_staff:
        conversations.read(complaint=complaint, party=party, by=request.user)  # type: ignore[arg-type]
    found = conversations.conversation(complaint, party, user=request.user)  # type: ignore[arg-type]
    return Response(MessageSerializer(found, many=True).data)


def _write(request: Request, complaint: Complaint, party: Organisation, said: dict[str, Any]) -> Response:
    message = conversations.write(
        complaint=complaint, party=party, by=request.user, text=said["text"],  # type: ignore[arg-type]
        files=_evidence(request, said["files"]),
    )  # fmt: skip
    return Response(MessageSerializer(message).data, 201)


def _reviewer(request: Request) -> Any:
    if not roles.is_reviewer(request.user):
        raise Forbidden()
    return request.user


def _evidence(request: Request, ids: Sequence[str], *, field: str = "evidence") -> list[PrivateFile]:
    m = request.user.membership  # type: ignore[union-attr]
    found = selectors.files_named(m.organisation_id, ids) if m and ids else {}
    if unknown := [i for i in ids if i not in found]:
        raise Invalid(errors={field: [_("%(id)s is no file of yours.") % {"id": unknown[0]}]})
    return [found[i] for i in ids]


class EvidenceView(IdempotentPosts, APIView):
    """`POST /api/v1/evidence`: hand in a file, to be named in a complaint, an answer, a proof or a supplement."""

    area = ("complaints", "counter_notices", "appeals")
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="evidence_upload",
        parameters=[IDEMPOTENCY_KEY],
        request={
            "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
        },
        responses={201: EvidenceSerializer, 403: PROBLEM, 409: PROBLEM, 413: PROBLEM, 422: PROBLEM},
    )
    @keyed_by_itself
    def post(self, request: Request) -> Response:
        organisation = _who_hands_in(request.user)
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid(errors={"file": [_("Send the file as multipart/form-data in the field “file”.")]})
        kept = files.keep(upload=upload, purpose=FilePurpose.EVIDENCE, by=request.user, organisation=organisation)
        return self.once(lambda: Response(EvidenceSerializer(kept).data, 201))


def _who_hands_in(user: Any) -> Any:
    """The organisation for which somebody complains, or answers as a merchant. Raises Forbidden."""
    m = user.membership
    if m is not None and m.organisation.kind == m.organisation.Kind.MERCHANT and m.role in roles.MAY_ANSWER:
        return m.organisation
    return require_to_complain(user).organisation


class NoticeViewSet(IdempotentPosts, ListModelMixin, GenericViewSet):
    """Statements of reasons to the shops of your organisation."""

    area = "notices"
    lookup_field = "public_id"
    serializer_class = NoticeSerializer
    queryset = StatementOfReasons.objects.none()

    def get_queryset(self) -> Any:
        return selectors.notices_of(self.request.user)  # type: ignore[arg-type]

    @extend_schema(operation_id="notices_retrieve", responses={200: NoticeDetailSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One statement of reasons; reading it the first time is kept as proof of delivery."""
        statement = selectors.notice_of(request.user, public_id)  # type: ignore[arg-type]
        if is_shown(request):
            services.read_statement(statement=statement, by=request.user)  # type: ignore[arg-type]
        statement.refresh_from_db(fields=["first_read_at"])
        return Response(NoticeDetailSerializer(statement).data)

    @extend_schema(operation_id="notices_messages", responses={200: MessageSerializer(many=True), 404: PROBLEM})
    @action(detail=True, pagination_class=None)
    def messages(self, request: Request, public_id: str) -> Response:
        """What your organisation and the platform wrote to each other about this case."""
        complaint, party = self._told(request, public_id)
        return _messages(request, complaint, party)

    @extend_schema(
        operation_id="notices_message", parameters=[IDEMPOTENCY_KEY], request=WriteSerializer,
        responses={201: MessageSerializer, 429: PROBLEM, **REFUSED},
    )  # fmt: skip
    @messages.mapping.post
    def write(self, request: Request, public_id: str) -> Response:
        """Write to the platform about this statement of reasons."""
        complaint, party = self._told(request, public_id)
        return _write(request, complaint, party, checked(WriteSerializer, request))

    def _told(self, request: Request, public_id: str) -> tuple[Complaint, Organisation]:
        statement = selectors.notice_of(request.user, public_id)  # type: ignore[arg-type]
        if statement.shop.operator is None:
            raise NotYours()
        return statement.decision.complaint, statement.shop.operator


router = SimpleRouter(trailing_slash=False)
router.register("complaints/answers", AnswerSheetViewSet, basename="complaint-answers")
router.register("complaints/sheets", LinkSheetViewSet, basename="complaint-sheet")
router.register("complaints", ComplaintViewSet, basename="complaint")
router.register("notices", NoticeViewSet, basename="notice")
api_urlpatterns: list[Any] = [
    path("evidence", EvidenceView.as_view(), name="evidence"),
    path("", include(router.urls)),
]

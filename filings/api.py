"""The API of the filings room: rights on file, their drafts and papers, review. Over the same services as the pages.

Changes name the `version` on which they are based; one that is based on an older one answers 409.
"""

from typing import Any

import django_filters
from django.urls import include, path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from core import files
from core.api import (
    IDEMPOTENCY_KEY,
    PROBLEM,
    REFUSED,
    NextSerializer,
    PlainSerializer,
    checked,
    keyed_by_itself,
)
from core.models import FilePurpose, PrivateFile
from core.preconditions import IF_MATCH, Tagged
from core.viewsets import CaseViewSet
from filings import selectors, services
from filings.models import Filing, RightKind
from filings.requirements import LONGEST_DESCRIPTION, MAX_FILES, MAX_SELLERS, filed_kinds
from filings.sheets.api import FilingSheetViewSet

# --- what comes out --------------------------------------------------------------------------------------


class PaperSerializer(serializers.ModelSerializer):
    """A certificate or picture; its links are yours alone and open for some minutes."""

    id = serializers.CharField(source="public_id")
    url = serializers.SerializerMethodField()
    preview_url = serializers.SerializerMethodField(help_text="Empty where there is no picture to show.")

    class Meta:
        model = PrivateFile
        fields = ("id", "purpose", "name", "media_type", "size_bytes", "sha256", "url", "preview_url")

    def get_url(self, file: PrivateFile) -> str:
        return files.url(file, user=self.context["request"].user)

    def get_preview_url(self, file: PrivateFile) -> str:
        return files.url(file, user=self.context["request"].user, preview=True)


class SellerSerializer(serializers.Serializer):
    """A shop that sells the genuine goods."""

    id = serializers.CharField(source="shop.public_id")
    title = serializers.CharField(source="shop.title")
    url = serializers.CharField(source="shop.url")
    marketplace = serializers.CharField(source="shop.marketplace.slug")


class FilingSummarySerializer(serializers.ModelSerializer):
    """A right on file as lists show it."""

    id = serializers.CharField(source="public_id")
    is_in_force = serializers.SerializerMethodField(help_text="Whether a complaint can rest on it today.")

    class Meta:
        model = Filing
        fields: tuple[str, ...] = (
            "id", "number", "kind", "title", "registration_number", "owner_name", "territory", "state",
            "state_since_at", "deadline_at", "created_at", "valid_from_on", "valid_until_on", "is_in_force", "version",
        )  # fmt: skip

    def get_is_in_force(self, filing: Filing) -> bool:
        return filing.is_in_force()


class FilingSerializer(FilingSummarySerializer):
    """A right on file with its papers, what is next, and what can be done about it now."""

    organisation = serializers.CharField(source="organisation.public_id")
    agency = serializers.CharField(
        source="agency.public_id", default=None, allow_null=True, help_text="That filed it for its holder."
    )
    files = serializers.SerializerMethodField()
    genuine_sellers = serializers.SerializerMethodField()
    next = serializers.SerializerMethodField()
    available_actions = serializers.SerializerMethodField(help_text="What you may do with it now.")
    is_in_conflict = serializers.SerializerMethodField(help_text="Another organisation filed the same number.")

    class Meta(FilingSummarySerializer.Meta):
        fields = (
            *FilingSummarySerializer.Meta.fields,
            "organisation", "agency", "mark_type", "nice_classes", "description", "review_note", "renewed_until_on",
            "in_force_until_on", "is_in_conflict", "files", "genuine_sellers", "next", "available_actions",
        )  # fmt: skip

    @extend_schema_field(PaperSerializer(many=True))
    def get_files(self, filing: Filing) -> Any:
        papers = selectors.papers_of(filing)
        return PaperSerializer([*papers.certificates, *papers.pictures], many=True, context=self.context).data

    @extend_schema_field(SellerSerializer(many=True))
    def get_genuine_sellers(self, filing: Filing) -> Any:
        return SellerSerializer(selectors.sellers_of(filing), many=True).data

    @extend_schema_field(NextSerializer)
    def get_next(self, filing: Filing) -> Any:
        return NextSerializer(selectors.next_for(filing, self.context["request"].user)).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_available_actions(self, filing: Filing) -> list[str]:
        return [t.name for t in selectors.actions_for(filing, self.context["request"].user)]

    def get_is_in_conflict(self, filing: Filing) -> bool:
        return selectors.is_in_conflict(filing)


# --- what comes in -----------------------------------------------------------------------------------------


class FilingDraftSerializer(PlainSerializer):
    """The data of a right. A draft may leave out anything; what is not of its kind is ignored."""

    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    registration_number = serializers.CharField(max_length=64, required=False, allow_blank=True)
    owner_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    mark_type = serializers.ChoiceField(choices=Filing.MarkType.choices, required=False, allow_blank=True)
    nice_classes = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=45), max_length=45, required=False
    )
    territory = serializers.CharField(max_length=2, required=False)
    valid_from_on = serializers.DateField(required=False, allow_null=True)
    valid_until_on = serializers.DateField(required=False, allow_null=True)
    description = serializers.CharField(max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True)


class NewFilingSerializer(FilingDraftSerializer):
    """A new draft of this kind."""

    kind = serializers.ChoiceField(choices=filed_kinds())
    holder = serializers.CharField(
        max_length=40, required=False, default="", help_text="For an agency: the rights holder whose right it is."
    )


class FilingChangeSerializer(FilingDraftSerializer):
    """What changes in a draft, and the version on which that is based."""

    version = serializers.IntegerField(
        min_value=1, required=False, help_text="Based on an older one it is refused with 409. Or send `If-Match`."
    )


class FilingVersionSerializer(PlainSerializer):
    version = serializers.IntegerField(
        min_value=1, required=False, default=None, help_text="Refused with 409 if the filing has changed since."
    )


class FilingUploadSerializer(PlainSerializer):
    file = serializers.FileField(help_text="PDF, JPEG, PNG, WebP or GIF, up to 10 MB.")
    purpose = serializers.ChoiceField(choices=[(p.value, p.label) for p in services.PURPOSES])


class ShopLinksSerializer(PlainSerializer):
    links = serializers.ListField(
        child=serializers.CharField(max_length=4_000), min_length=1, max_length=MAX_SELLERS, help_text="Links of shops."
    )


class FilingRenewalSerializer(FilingVersionSerializer):
    valid_until_on = serializers.DateField()
    certificate = serializers.ListField(
        child=serializers.FileField(), max_length=MAX_FILES, required=False, default=list
    )


class FilingNoteSerializer(FilingVersionSerializer):
    note = serializers.CharField(max_length=5_000, help_text="What the holder will read.")


# --- filings -------------------------------------------------------------------------------------------------


class FilingFilter(django_filters.FilterSet):
    """Filters of the list of rights on file."""

    state = django_filters.MultipleChoiceFilter(choices=Filing.State.choices)
    kind = django_filters.MultipleChoiceFilter(choices=RightKind.choices)
    number = django_filters.CharFilter(field_name="number", max_length=20)
    registration_number = django_filters.CharFilter(field_name="registration_number", max_length=64)
    valid_until_on = django_filters.DateFromToRangeFilter()

    class Meta:
        model = Filing
        fields = ("state", "kind", "number", "registration_number", "valid_until_on")


_DRAFT = OpenApiExample(
    "A word mark",
    request_only=True,
    value={
        "kind": "trademark",
        "title": "SUNBIRD",
        "registration_number": "99001207",
        "owner_name": "Sunbird Ltd",
        "mark_type": "word",
        "nice_classes": [18, 25],
        "territory": "CN",
        "valid_from_on": "2019-03-14",
        "valid_until_on": "2029-03-13",
    },
)
_CHANGE = OpenApiExample("The right number", request_only=True, value={"version": 3, "registration_number": "99001208"})
_NUMBER_REFUSED = OpenApiExample(
    "A number that cannot be right",
    response_only=True,
    status_codes=["422"],
    value={
        "type": "urn:ippro:problem:incomplete",
        "code": "incomplete",
        "title": "This is not ready to be handed in. What is missing is marked below.",
        "status": 422,
        "errors": {"registration_number": ["A Chinese trademark number has 4 to 8 digits. Compare it with the certificate."]},
    },
)  # fmt: skip


class FilingViewSet(Tagged, CaseViewSet):
    """Rights on file of your organisation; staff see what was submitted."""

    area = "filings"
    has_version = True
    serializer_class = FilingSummarySerializer
    filterset_class = FilingFilter
    queryset = Filing.objects.none()
    all_of = staticmethod(selectors.filings_of)
    one_of = staticmethod(selectors.filing_of)
    whole = FilingSerializer

    @extend_schema(operation_id="filings_retrieve", responses={200: FilingSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One right on file with its papers and what is next."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="filings_create",
        parameters=[IDEMPOTENCY_KEY],
        request=NewFilingSerializer,
        responses={201: FilingSerializer, 403: PROBLEM, 422: PROBLEM},
        examples=[_DRAFT],
    )
    def create(self, request: Request) -> Response:
        """Begin a draft."""
        said = checked(NewFilingSerializer, request)
        filing = services.create_draft(kind=said.pop("kind"), by=request.user, **said)  # type: ignore[arg-type]
        return self._answer(filing.public_id, status=201)

    @extend_schema(
        operation_id="filings_update",
        parameters=[IF_MATCH],
        request=FilingChangeSerializer,
        responses={200: FilingSerializer, **REFUSED},
        examples=[_CHANGE],
    )
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change a draft, or what was returned. Based on an older version it answers 409 and changes nothing."""
        filing, said = self._one(public_id), checked(FilingChangeSerializer, request)
        version = said.pop("version", filing.version)  # left out with If-Match alone
        services.update_draft(filing=filing, by=request.user, version=version, **said)  # type: ignore[arg-type]
        return self._answer(public_id)

    @extend_schema(
        operation_id="filings_add_file",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": FilingUploadSerializer},
        responses={201: FilingSerializer, 413: PROBLEM, **REFUSED},
    )
    @action(detail=True, methods=["post"], url_path="files", parser_classes=[MultiPartParser])
    @keyed_by_itself
    def add_file(self, request: Request, public_id: str) -> Response:
        """Attach a certificate or a picture to a draft."""
        filing, said = self._one(public_id), checked(FilingUploadSerializer, request)
        by: Any = request.user
        kept = services.keep(filing=filing, by=by, upload=said["file"], purpose=FilePurpose(said["purpose"]))

        def attached() -> Response:
            services.attach(filing=filing, by=by, kept=kept)
            return self._answer(public_id, status=201)

        return self.once(attached)

    @extend_schema(operation_id="filings_remove_file", responses={204: None, **REFUSED})
    @action(detail=True, methods=["delete"], url_path=r"files/(?P<file_id>[a-z0-9_]+)")
    def remove_file(self, request: Request, public_id: str, file_id: str) -> Response:
        """Take a file off a draft."""
        services.remove_file(filing=self._one(public_id), by=request.user, file=file_id)  # type: ignore[arg-type]
        return Response(status=204)

    @extend_schema(
        operation_id="filings_add_sellers",
        parameters=[IDEMPOTENCY_KEY],
        request=ShopLinksSerializer,
        responses={200: FilingSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"], url_path="genuine-sellers")
    def add_sellers(self, request: Request, public_id: str) -> Response:
        """Name shops that sell the genuine goods, by their links."""
        filing, said = self._one(public_id), checked(ShopLinksSerializer, request)
        services.add_genuine_sellers(filing=filing, by=request.user, links=said["links"])  # type: ignore[arg-type]
        return self._answer(public_id)

    @extend_schema(operation_id="filings_remove_seller", responses={204: None, **REFUSED})
    @action(detail=True, methods=["delete"], url_path=r"genuine-sellers/(?P<shop_id>[a-z0-9_]+)")
    def remove_seller(self, request: Request, public_id: str, shop_id: str) -> Response:
        """Take a shop off the genuine sellers."""
        services.remove_genuine_seller(filing=self._one(public_id), by=request.user, shop=shop_id)  # type: ignore[arg-type]
        return Response(status=204)

    @extend_schema(
        operation_id="filings_submit",
        parameters=[IDEMPOTENCY_KEY],
        request=FilingVersionSerializer,
        responses={200: FilingSerializer, **REFUSED},
        examples=[_NUMBER_REFUSED],
    )
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, public_id: str) -> Response:
        """Hand a draft to review. Everything that is missing is told at once, by field."""
        return self._step(request, public_id, services.submit_filing)

    @extend_schema(
        operation_id="filings_withdraw",
        parameters=[IDEMPOTENCY_KEY],
        request=FilingVersionSerializer,
        responses={200: FilingSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take back a draft, or what was not decided yet."""
        return self._step(request, public_id, services.withdraw)

    @extend_schema(
        operation_id="filings_renew",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": FilingRenewalSerializer},
        responses={200: FilingSerializer, 413: PROBLEM, **REFUSED},
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    @keyed_by_itself
    def renew(self, request: Request, public_id: str) -> Response:
        """Hand in the new validity with its certificate; what was approved stays in force meanwhile."""
        filing, said = self._one(public_id), checked(FilingRenewalSerializer, request)
        certificates = said.pop("certificate")
        renewal: dict[str, Any] = {"filing": filing, "by": request.user, **said}
        kept = services.keep_renewal(**renewal, certificates=certificates)

        def handed_in() -> Response:
            services.hand_in_renewal(**renewal, kept=kept)
            return self._answer(public_id)

        return self.once(handed_in)

    @extend_schema(
        operation_id="filings_drop_renewal",
        parameters=[IDEMPOTENCY_KEY],
        request=FilingVersionSerializer,
        responses={200: FilingSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"], url_path="drop-renewal")
    def drop_renewal(self, request: Request, public_id: str) -> Response:
        """Take back a renewal; the validity that was approved stays as it was."""
        return self._step(request, public_id, services.drop_renewal)

    @extend_schema(
        operation_id="filings_approve",
        tags=["filings: staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=FilingVersionSerializer,
        responses={200: FilingSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, public_id: str) -> Response:
        """Put a filing, or its renewal, into force. For reviewers."""
        return self._step(request, public_id, services.approve)

    @extend_schema(
        operation_id="filings_return",
        tags=["filings: staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=FilingNoteSerializer,
        responses={200: FilingSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, public_id: str) -> Response:
        """Return a filing with what is missing. For reviewers."""
        filing, said = self._one(public_id), checked(FilingNoteSerializer, request)
        services.return_for_supplement(filing=filing, by=request.user, missing=said["note"], version=said["version"])  # type: ignore[arg-type]
        return self._answer(public_id)

    @extend_schema(
        operation_id="filings_reject",
        tags=["filings: staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=FilingNoteSerializer,
        responses={200: FilingSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, public_id: str) -> Response:
        """Reject a filing that can never be approved. For reviewers."""
        return self._refusal(request, public_id, services.reject)

    @extend_schema(
        operation_id="filings_decline_renewal",
        tags=["filings: staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=FilingNoteSerializer,
        responses={200: FilingSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"], url_path="decline-renewal")
    def decline_renewal(self, request: Request, public_id: str) -> Response:
        """Decline a renewal; the old validity stays. For reviewers."""
        return self._refusal(request, public_id, services.decline_renewal)

    @extend_schema(
        operation_id="filings_revoke",
        tags=["filings: staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=FilingNoteSerializer,
        responses={200: FilingSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, public_id: str) -> Response:
        """End the force of a filing for good. For reviewers."""
        return self._refusal(request, public_id, services.revoke)

    def _step(self, request: Request, public_id: str, service: Any) -> Response:
        filing, said = self._one(public_id), checked(FilingVersionSerializer, request)
        service(filing=filing, by=request.user, version=said["version"])
        return self._answer(public_id)

    def _refusal(self, request: Request, public_id: str, service: Any) -> Response:
        filing, said = self._one(public_id), checked(FilingNoteSerializer, request)
        service(filing=filing, by=request.user, reason=said["note"], version=said["version"])
        return self._answer(public_id)


router = SimpleRouter(trailing_slash=False)
router.register("filings/sheets", FilingSheetViewSet, basename="filing-sheet")
router.register("filings", FilingViewSet, basename="filings")
api_urlpatterns = [path("", include(router.urls))]

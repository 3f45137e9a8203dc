"""The API of the imageguard room: originals with their licences and proofs, handing in, matches, search by image.

The same services and selectors as the pages. What comes out and in stands in `serializers.py`; what strangers may ask
in `public_api.py`.
"""

from typing import Any

import django_filters
from django.conf import settings
from django.http import HttpResponse
from django.urls import include, path
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.api_keys.scopes import reading
from core import files
from core.api import IDEMPOTENCY_KEY, PROBLEM, REFUSED, IdempotentPosts, checked, keyed_by_itself
from core.errors import Forbidden
from core.models import FilePurpose
from core.parsers import BoundedJSONParser
from core.preconditions import IF_MATCH, Tagged
from imageguard import authorship, certificates, explanations, intake, searching, selectors, services, watching
from imageguard.explanations import View
from imageguard.lifecycle import reviewer
from imageguard.models import Intake, Match, Original
from imageguard.serializers import (
    CameraOriginalSerializer,
    CertificateSerializer,
    ImageUploadSerializer,
    IntakeItemSerializer,
    IntakeSerializer,
    LicenceSerializer,
    MatchDismissSerializer,
    MatchNoteSerializer,
    MatchSerializer,
    MatchSummarySerializer,
    NewIntakeSerializer,
    NewLicenceSerializer,
    NewOriginalSerializer,
    NewZipSerializer,
    OriginalChangeSerializer,
    OriginalSerializer,
    OriginalSummarySerializer,
    ShowingSerializer,
)

_UPLOAD = {403: PROBLEM, 413: PROBLEM, 422: PROBLEM, 503: PROBLEM}


# --- originals -----------------------------------------------------------------------------------------------


class OriginalFilter(django_filters.FilterSet):
    """Filters of the list of originals."""

    state = django_filters.MultipleChoiceFilter(choices=Original.State.choices)
    number = django_filters.CharFilter(field_name="number", max_length=20)
    sha256 = django_filters.CharFilter(field_name="sha256", max_length=64)
    created_at = django_filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = Original
        fields = ("state", "number", "sha256", "is_public", "complains_automatically", "created_at")


_SWITCH_ON = OpenApiExample(
    "Complain of sure copies by itself",
    request_only=True,
    value={"complains_automatically": True, "signature": "Zhang San", "good_faith": True},
)
_REGISTERED_BEFORE = OpenApiExample(
    "The same picture again",
    response_only=True,
    status_codes=["409"],
    value={
        "type": "urn:ippro:problem:registered_before",
        "code": "registered_before",
        "title": "You registered this picture before; that certificate goes on.",
        "status": 409,
    },
)


class OriginalViewSet(Tagged, IdempotentPosts, ListModelMixin, GenericViewSet):
    """Originals of your organisation; staff see all."""

    area = "originals"
    lookup_field = "public_id"
    serializer_class = OriginalSummarySerializer
    filterset_class = OriginalFilter
    #: an image comes as a form, everything else as JSON
    parser_classes = (BoundedJSONParser, MultiPartParser)
    queryset = Original.objects.none()

    def get_queryset(self) -> Any:
        return selectors.originals_of(_person(self.request))

    def _one(self, public_id: str) -> Original:
        return selectors.original_of(_person(self.request), public_id)

    def _answer(self, public_id: str, status: int = 200) -> Response:
        thing = self._one(public_id)
        return self.tagged(Response(OriginalSerializer(thing, context={"request": self.request}).data, status), thing)

    @extend_schema(operation_id="originals_retrieve", responses={200: OriginalSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One original with what is next."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="originals_register",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": NewOriginalSerializer},
        responses={201: OriginalSerializer, 409: PROBLEM, **_UPLOAD},
        examples=[_REGISTERED_BEFORE],
    )
    @keyed_by_itself
    def create(self, request: Request) -> Response:
        """Register an image; its certificate follows within seconds, or a conflict with something earlier."""
        said, by = checked(NewOriginalSerializer, request), _person(request)
        organisation = services.who_registers(by)
        services.time_stamp_can_be_had(said["wants_timestamp"])
        kept = files.keep(upload=said.pop("file"), purpose=FilePurpose.ORIGINAL, by=by, organisation=organisation)

        def registered() -> Response:
            return self._answer(services.register_kept(file=kept, by=by, **said).public_id, status=201)

        return self.once(registered)

    @extend_schema(
        operation_id="originals_update",
        parameters=[IF_MATCH],
        request={"application/json": OriginalChangeSerializer},
        responses={200: OriginalSerializer, **REFUSED},
        examples=[_SWITCH_ON],
    )
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change the title, whether everybody sees the image, and whether it complains of sure copies by itself."""
        said = checked(OriginalChangeSerializer, request)
        services.change_original(original=self._one(public_id), by=_person(request), **said)
        return self._answer(public_id)

    @extend_schema(
        operation_id="originals_withdraw",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: OriginalSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take an image back: its certificate proves nothing any more."""
        services.withdraw(original=self._one(public_id), by=_person(request))
        return self._answer(public_id)

    # --- its certificate ---

    @extend_schema(operation_id="originals_certificate", responses={200: CertificateSerializer, 404: PROBLEM})
    @action(detail=True, filterset_class=None)
    def certificate(self, request: Request, public_id: str) -> Response:
        """The certificate as its holder sees it."""
        return Response(CertificateSerializer(certificates.certificate_of(self._one(public_id))).data)

    @extend_schema(
        operation_id="originals_certificate_pdf",
        parameters=[OpenApiParameter("language", str, enum=[code for code, _name in settings.LANGUAGES])],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, 404: PROBLEM},
    )
    @action(detail=True, url_path="certificate.pdf", url_name="certificate-pdf", filterset_class=None)
    def certificate_pdf(self, request: Request, public_id: str) -> HttpResponse:
        """The certificate as a document, with thumbnail and QR code."""
        original, wanted = self._one(public_id), request.query_params.get("language", "")
        language = wanted if wanted in dict(settings.LANGUAGES) else get_language() or settings.LANGUAGE_CODE
        answer = HttpResponse(certificates.as_pdf(original, language), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{original.number}.pdf"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    # --- licences ---

    @extend_schema(operation_id="originals_licences", responses={200: LicenceSerializer(many=True), 404: PROBLEM})
    @action(detail=True, pagination_class=None, filterset_class=None)
    def licences(self, request: Request, public_id: str) -> Response:
        """Shops that may use the image."""
        return Response(LicenceSerializer(selectors.licences_of(self._one(public_id)), many=True).data)

    @extend_schema(
        operation_id="originals_grant_licence",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": NewLicenceSerializer},
        responses={201: LicenceSerializer, **REFUSED},
    )
    @licences.mapping.post
    def grant_licence(self, request: Request, public_id: str) -> Response:
        """Allow a shop to use the image, by the shop's link; what it shows is no match from now on."""
        original, said = self._one(public_id), checked(NewLicenceSerializer, request)
        made = services.grant_licence(original=original, by=_person(request), shop_link=said["shop"], note=said["note"])
        return Response(LicenceSerializer(made).data, 201)

    @extend_schema(operation_id="originals_end_licence", responses={204: None, **REFUSED})
    @action(detail=True, methods=["delete"], url_path=r"licences/(?P<licence_id>[a-z0-9_]+)", url_name="licence")
    def end_licence(self, request: Request, public_id: str, licence_id: str) -> Response:
        """End a licence; what the shop shows after this is a match."""
        services.end_licence(licence=selectors.licence_of(self._one(public_id), licence_id), by=_person(request))
        return Response(status=204)

    # --- proof of authorship ---

    @extend_schema(
        operation_id="originals_camera_originals",
        responses={200: CameraOriginalSerializer(many=True), 404: PROBLEM},
    )
    @action(
        detail=True, url_path="camera-originals", url_name="camera-originals", parser_classes=[MultiPartParser],
        pagination_class=None, filterset_class=None,
    )  # fmt: skip
    def camera_originals(self, request: Request, public_id: str) -> Response:
        """The files straight from the camera, with what they say for and against the claim."""
        rows = self._one(public_id).camera_originals.select_related("file").order_by("pk")
        return Response(CameraOriginalSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="originals_add_camera_original",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": ImageUploadSerializer},
        responses={201: CameraOriginalSerializer, 404: PROBLEM, 409: PROBLEM, **_UPLOAD},
    )
    @camera_originals.mapping.post
    @keyed_by_itself
    def add_camera_original(self, request: Request, public_id: str) -> Response:
        """Add a file straight from the camera: JPEG, HEIC or DNG. The same file again is the same one."""
        original, said = self._one(public_id), checked(ImageUploadSerializer, request)
        # Keeps the bytes with no transaction open; whoever dies before the answer is kept sends the same file again.
        added = authorship.add_camera_original(original=original, by=_person(request), upload=said["file"])
        return self.once(lambda: Response(CameraOriginalSerializer(added).data, 201))


# --- handing in ----------------------------------------------------------------------------------------------


class IntakeViewSet(IdempotentPosts, ListModelMixin, GenericViewSet):
    """Acts of handing in: many files one after the other, or a ZIP."""

    area = "originals"
    lookup_field = "public_id"
    serializer_class = IntakeSerializer
    queryset = Intake.objects.none()

    def get_queryset(self) -> Any:
        return selectors.intakes_of(_person(self.request))

    def _one(self, public_id: str) -> Intake:
        return selectors.intake_of(_person(self.request), public_id)

    @extend_schema(operation_id="intakes_retrieve", responses={200: IntakeSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """How far an intake is."""
        return Response(IntakeSerializer(self._one(public_id)).data)

    @extend_schema(
        operation_id="intakes_begin",
        parameters=[IDEMPOTENCY_KEY],
        request=NewIntakeSerializer,
        responses={201: IntakeSerializer, 403: PROBLEM, 422: PROBLEM},
    )
    def create(self, request: Request) -> Response:
        """Begin an intake to which files are added one by one."""
        made = intake.begin_intake(by=_person(request), **checked(NewIntakeSerializer, request))
        return Response(IntakeSerializer(made).data, 201)

    @extend_schema(
        operation_id="intakes_add_file",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": ImageUploadSerializer},
        responses={201: IntakeItemSerializer, 404: PROBLEM, **_UPLOAD},
    )
    @action(detail=True, methods=["post"], url_path="files", parser_classes=[MultiPartParser])
    @keyed_by_itself
    def add_file(self, request: Request, public_id: str) -> Response:
        """Add a file. A bad picture is an item that says why it was refused; the same file again is the same item."""
        found, said = self._one(public_id), checked(ImageUploadSerializer, request)
        item = intake.take_file(intake=found, by=_person(request), upload=said["file"])
        return self.once(lambda: Response(IntakeItemSerializer(item).data, 201))

    @extend_schema(
        operation_id="intakes_begin_zip",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": NewZipSerializer},
        responses={201: IntakeSerializer, **_UPLOAD},
    )
    @action(detail=False, methods=["post"], url_path="zip", parser_classes=[MultiPartParser])
    @keyed_by_itself
    def begin_zip(self, request: Request) -> Response:
        """Hand in a ZIP of images, which are taken in one by one. The same archive again is the same intake meanwhile."""
        said = checked(NewZipSerializer, request)
        made = intake.begin_zip(by=_person(request), upload=said.pop("file"), **said)
        return self.once(lambda: Response(IntakeSerializer(made).data, 201))

    @extend_schema(operation_id="intakes_items", responses={200: IntakeItemSerializer(many=True), 404: PROBLEM})
    @action(detail=True)
    def items(self, request: Request, public_id: str) -> Response:
        """The images of an intake with what became of each, the latest first."""
        page = self.paginate_queryset(selectors.items_of(self._one(public_id)))
        return self.get_paginated_response(IntakeItemSerializer(page, many=True).data)


# --- matches -------------------------------------------------------------------------------------------------


class MatchFilter(django_filters.FilterSet):
    """Filters of the list of matches."""

    state = django_filters.MultipleChoiceFilter(choices=Match.State.choices)
    tier = django_filters.ChoiceFilter(choices=Match.Tier.choices)
    original = django_filters.CharFilter(field_name="original__public_id", max_length=31)
    target = django_filters.CharFilter(field_name="target__public_id", max_length=31)
    number = django_filters.CharFilter(field_name="number", max_length=20)
    created_at = django_filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = Match
        fields = ("state", "tier", "original", "target", "number", "created_at")


class MatchViewSet(IdempotentPosts, ListModelMixin, GenericViewSet):
    """Copies of your originals that you were told of; staff see all. Complain of one under its original's right."""

    area = "originals"
    lookup_field = "public_id"
    serializer_class = MatchSummarySerializer
    filterset_class = MatchFilter
    queryset = Match.objects.none()

    def get_queryset(self) -> Any:
        return selectors.matches_of(_person(self.request))

    def _one(self, public_id: str) -> Match:
        return selectors.match_of(_person(self.request), public_id)

    def _answer(self, public_id: str) -> Response:
        return Response(MatchSerializer(self._one(public_id), context={"request": self.request}).data)

    @extend_schema(operation_id="matches_retrieve", responses={200: MatchSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One match with its explanation."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="matches_picture",
        parameters=[OpenApiParameter("view", str, OpenApiParameter.PATH, enum=[view.value for view in View])],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY, 404: PROBLEM, 503: PROBLEM},
    )
    @action(detail=True, url_path=r"pictures/(?P<view>[a-z-]+)", url_name="picture", filterset_class=None)
    def picture(self, request: Request, public_id: str, view: str) -> HttpResponse:
        """One picture of the explanation: side by side, laid onto each other, or what agrees and what differs."""
        answer = HttpResponse(explanations.picture(self._one(public_id), view), content_type="image/jpeg")
        answer["Cache-Control"] = "private, max-age=600"
        return answer

    @extend_schema(
        operation_id="matches_tolerate",
        parameters=[IDEMPOTENCY_KEY],
        request=MatchNoteSerializer,
        responses={200: MatchSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def tolerate(self, request: Request, public_id: str) -> Response:
        """Let a copy be."""
        match, said = self._one(public_id), checked(MatchNoteSerializer, request)
        watching.tolerate(match=match, by=_person(request), reason=said["note"])
        return self._answer(public_id)

    @extend_schema(
        operation_id="matches_confirm",
        tags=["matches: staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=MatchNoteSerializer,
        responses={200: MatchSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, public_id: str) -> Response:
        """It is a copy: its holder is told. For reviewers."""
        return self._decided(request, public_id, watching.confirm)

    @extend_schema(
        operation_id="matches_dismiss",
        tags=["matches: staff"],
        parameters=[IDEMPOTENCY_KEY],
        request=MatchDismissSerializer,
        responses={200: MatchSerializer, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, public_id: str) -> Response:
        """It is no copy. A holder who knows of it is told, with the reason. For reviewers."""
        return self._decided(request, public_id, watching.dismiss, MatchDismissSerializer)

    def _decided(
        self, request: Request, public_id: str, service: Any, serializer: Any = MatchNoteSerializer
    ) -> Response:
        match, said = self._one(public_id), checked(serializer, request)
        if not reviewer(match, request.user):
            raise Forbidden()
        service(match=match, by=request.user, **said)
        return self._answer(public_id)


# --- search by image -----------------------------------------------------------------------------------------


class SearchByImageView(IdempotentPosts, APIView):
    """`POST /api/v1/search-by-image`: what on the connected marketplaces shows a picture, or an edited copy of it."""

    area = "originals"
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="search_by_image",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": ImageUploadSerializer},
        responses={200: ShowingSerializer(many=True), 429: PROBLEM, **_UPLOAD},
    )
    @reading
    def post(self, request: Request) -> Response:
        """Up to 60 listings, surest first. The picture is kept nowhere; each person may search 20 times a minute."""
        picture = searching.picture_in(checked(ImageUploadSerializer, request)["file"], by=request.user)
        return Response(ShowingSerializer(searching.listings_that_show(picture), many=True).data)


def _person(request: Request) -> Any:
    return request.user


router = SimpleRouter(trailing_slash=False)
router.register("originals", OriginalViewSet, basename="original")
router.register("intakes", IntakeViewSet, basename="intake")
router.register("matches", MatchViewSet, basename="match")
api_urlpatterns: list[Any] = [
    path("search-by-image", SearchByImageView.as_view(), name="search-by-image"),
    path("", include(router.urls)),
]

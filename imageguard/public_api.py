"""What strangers may ask of the imageguard room by API: a certificate by its number, its proof, whether a picture is protected."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import PROBLEM, checked
from core.errors import DomainError
from imageguard import certificates, pace
from imageguard.serializers import CertificateSerializer, ImageUploadSerializer, ProtectionSerializer

_SHA256 = OpenApiParameter(
    "sha256", str, description="Of the file, as on the certificate: with it all is told that the certificate says."
)


class NotSealedYet(DomainError):
    """Seconds after a certificate was given its ledger entry is not in a signed tree yet."""

    code = "not_sealed_yet"
    status = 409
    message = _("The ledger has not sealed this certificate yet. That takes seconds: ask again.")


class PublicView(APIView):
    """Read by everybody, and by each address in the internet only so often."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


_EXAMPLE = OpenApiExample(
    "A certificate whose holder does not show the image",
    response_only=True,
    status_codes=["200"],
    value={
        "number": "FP-2026-000123", "state": "certified", "is_in_force": True, "holder": "",
        "title": "", "received_at": "2026-03-02T08:00:00Z", "certified_at": "2026-03-02T08:00:04Z",
        "sha256": "", "perceptual_hash": "", "ledger_kind": "original.certify", "leaf": 4711, "time_stamp": "none",
        "stamped_at": None, "is_public": False, "public_reason": "",
        "address": "https://ippro.example/verify/FP-2026-000123",
    },
)  # fmt: skip


class CertificateView(PublicView):
    @extend_schema(
        operation_id="certificates_retrieve",
        tags=["certificates"],
        auth=[],
        parameters=[_SHA256],
        responses={200: CertificateSerializer, 404: PROBLEM, 429: PROBLEM},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, number: str) -> Response:
        """What a certificate says, and whether it still counts.

        Holder and hashes are told if the holder shows the image, or with its `sha256`; otherwise they are empty.
        """
        pace.may_read_certificate(request)
        _o, certificate = certificates.find_public(number, request.query_params.get("sha256", ""))
        return Response(CertificateSerializer(certificate).data, headers={"Cache-Control": "no-store"})


class BundleView(PublicView):
    @extend_schema(
        operation_id="certificates_bundle",
        tags=["certificates"],
        auth=[],
        parameters=[_SHA256],
        responses={200: OpenApiTypes.OBJECT, 404: PROBLEM, 409: PROBLEM, 429: PROBLEM},
    )
    def get(self, request: Request, number: str) -> Response:
        """The proof that the stand-alone script checks: the ledger entry, the way to the signed root, the time-stamp."""
        pace.may_read_certificate(request)
        original, said = certificates.find_public(number, request.query_params.get("sha256", ""))
        proof = certificates.bundle(original, payload=said.is_whole)
        if proof is None:
            raise NotSealedYet()
        return Response(proof, headers={"Cache-Control": "no-store"})


class ProtectedImagesView(PublicView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="protected_images_look_up",
        tags=["certificates"],
        auth=[],
        request={"multipart/form-data": ImageUploadSerializer},
        responses={200: ProtectionSerializer, 413: PROBLEM, 422: PROBLEM, 429: PROBLEM, 503: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Whether a picture is protected, and by which certificates that are shown to everybody. It is kept nowhere."""
        pace.may_look_up(request)
        said = certificates.is_protected(checked(ImageUploadSerializer, request)["file"])
        return Response(ProtectionSerializer(said).data, headers={"Cache-Control": "no-store"})


api_urlpatterns = [
    path("certificates/<str:number>", CertificateView.as_view(), name="certificate-public"),
    path("certificates/<str:number>/bundle", BundleView.as_view(), name="certificate-public-bundle"),
    path("protected-images", ProtectedImagesView.as_view(), name="protected-images"),
]

"""The API of sheets of a marketplace, for its engineers: every call is signed with its secret, as its events are."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from core.errors import TooLarge
from core.imports.api import ColumnsSerializer, ConfirmSerializer, FateSerializer, SheetViewSet, described
from marketplace.api import SIGNED
from marketplace.inbound import sender_of
from marketplace.ingest import Status
from marketplace.models import MarketSheet, Target
from marketplace.sheets.services import SHEETS, Engineers


class SignedByMarketplace(BaseAuthentication):
    """By the signature of the body, before it is read as a form. Raises NotSigned, TooLarge."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        body = _body(request._request)
        return Engineers(sender_of(request, body=body)), None


class SignedScheme(OpenApiAuthenticationExtension):
    """The headers are described as parameters of each operation."""

    target_class = SignedByMarketplace
    name: Iterable[str] = ()  # type: ignore[assignment]

    def get_security_definition(self, auto_schema: Any) -> Any:
        return []

    def get_security_requirement(self, auto_schema: Any) -> Any:
        return []


def _body(request: Any) -> bytes:
    """The body, counted while it is read, and put back for whoever reads it as a form or JSON."""
    if not hasattr(request, "_body"):
        limit = settings.MAX_UPLOAD_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = request.read(limit + 1)
        if len(body) > limit:
            raise TooLarge(_("A sheet has at most %(limit)d bytes.") % {"limit": settings.MAX_UPLOAD_BYTES})
        request._body = body
    kept: bytes = request._body
    return kept


class MarketColumnsSerializer(ColumnsSerializer):
    """Which column is what, and what holds for all rows that say nothing themselves."""

    kind = serializers.ChoiceField(choices=Target.Kind.choices, required=False)
    shop_external_id = serializers.CharField(max_length=128, required=False)
    category = serializers.CharField(max_length=100, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    state = serializers.ChoiceField(choices=["up", "down"], required=False)


class ConfirmMarketSerializer(ConfirmSerializer):
    """Nothing more is asked for: the call is signed."""


class MarketFateSerializer(FateSerializer):
    """One row of a confirmed sheet, and what became of what it said."""

    status = serializers.ChoiceField([*Status.choices, ("", "")], allow_blank=True)


@described(
    SHEETS, "marketplace_sheets", columns=MarketColumnsSerializer, confirm=ConfirmMarketSerializer,
    fate=MarketFateSerializer, example={"kind": "listing", "shop_external_id": "s-88", "currency": "CNY"},
    in_rows=({"external_id": "10086", "title": "Shoe", "price": "12.80", "url": "https://mall.example/product/10086"},),
    is_keyed=False,
)  # fmt: skip
@extend_schema(tags=["marketplace"], auth=[], parameters=SIGNED)
class MarketSheetViewSet(SheetViewSet):
    """Sheets of your marketplace."""

    authentication_classes = (SignedByMarketplace,)
    kind = SHEETS
    queryset = MarketSheet.objects.none()
    columns_serializer = MarketColumnsSerializer
    confirm_serializer = ConfirmMarketSerializer
    fate_serializer = MarketFateSerializer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # A key belongs to a person, and here there is none: a sheet that comes twice says twice how things are.
        GenericViewSet.initial(self, request, *args, **kwargs)

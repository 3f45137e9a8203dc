"""The ledger's seals over HTTP: heads, proofs and keys for everybody, the whole ledger for auditors.

Proofs are of hashes alone: they tell nothing of what an entry says. What they say never changes, so they may be
kept by whoever passes them on.
"""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import ledger, ledger_export, sealing, stamps
from core.api import ProblemSerializer, PublicThrottle
from core.errors import Forbidden
from core.looks import is_shown
from core.models import LedgerLeaf, TreeHead

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MOMENT = "public, max-age=5"
#: the largest number that the database holds
MOST = 2**63 - 1
#: who may read all payloads
READERS = ("auditor", "administrator")
_ONLY_AUDITORS = _("The whole ledger is for auditors and administrators.")
_PROBLEM = OpenApiResponse(ProblemSerializer)
_VERIFIER = Path(__file__).with_name("verify_ledger.py")


class TimeStampSerializer(serializers.Serializer):
    """Whether an RFC 3161 authority has stamped a head: `covered` says that a later head's token covers this one."""

    state = serializers.ChoiceField(["none", "pending", "stamped", "covered"])
    at = serializers.CharField(required=False)
    token = serializers.CharField(required=False, help_text="The authority's whole answer, in base64.")
    size = serializers.IntegerField(required=False, help_text="Of the head that was stamped, if this one is covered.")


class TreeHeadSerializer(serializers.Serializer):
    """The ledger up to some size in one hash, signed."""

    size = serializers.IntegerField(help_text="How many entries there are.")
    root_hash = serializers.CharField()
    at = serializers.DateTimeField()
    key = serializers.CharField(source="key_id", help_text="Name and id of the key that signed.")
    note = serializers.CharField(help_text="What was signed, with the signature (C2SP tlog-checkpoint).")
    time_stamp = serializers.SerializerMethodField()

    @extend_schema_field(TimeStampSerializer)
    def get_time_stamp(self, head: TreeHead) -> dict[str, Any]:
        return stamps.told(head)


class InclusionSerializer(serializers.Serializer):
    """The inclusion proof of one entry (RFC 9162 section 2.1.3)."""

    index = serializers.IntegerField()
    size = serializers.IntegerField()
    leaf_hash = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())


class ConsistencySerializer(serializers.Serializer):
    """The consistency proof of two sizes (RFC 9162 section 2.1.4)."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())


class KeysSerializer(serializers.Serializer):
    """Every key that ever signed a head, oldest first."""

    keys = serializers.ListField(child=serializers.CharField(help_text="`name+id+base64`"))


class _Sizes(serializers.Serializer):
    size = serializers.IntegerField(min_value=1, max_value=MOST, required=False)


class _TwoSizes(serializers.Serializer):
    first = serializers.IntegerField(min_value=1, max_value=MOST)
    second = serializers.IntegerField(min_value=1, max_value=MOST)


def _asked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    said = kind(data=request.query_params)
    said.is_valid(raise_exception=True)
    return said.validated_data


def _kept(answer: dict[str, Any], how: str) -> Response:
    return Response(answer, headers={"Cache-Control": how})


class PublicView(APIView):
    """Read by everybody, and by each address only so often."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (PublicThrottle,)


def _described(operation_id: str, answer: Any, *parameters: OpenApiParameter, **rest: Any) -> Any:
    refusals = {404: _PROBLEM, 422: _PROBLEM, 429: _PROBLEM}
    return extend_schema(
        operation_id=operation_id, tags=["ledger"], auth=[], parameters=list(parameters),
        responses={200: answer} | refusals, **rest,
    )  # fmt: skip


def _number(name: str, text: str, *, required: bool = True) -> OpenApiParameter:
    kind = {"type": "integer", "format": "int64", "minimum": 1, "maximum": MOST}
    return OpenApiParameter(name, kind, required=required, description=text)


class LatestHeadView(PublicView):
    @_described("ledger_latest_head", TreeHeadSerializer)
    def get(self, request: Request) -> Response:
        """The newest signed tree head."""
        return _kept(TreeHeadSerializer(sealing.latest_head()).data, FOR_A_MOMENT)


class HeadView(PublicView):
    @_described("ledger_head", TreeHeadSerializer)
    def get(self, request: Request, size: int) -> Response:
        """The tree head that was signed when the ledger had so many entries."""
        said = TreeHeadSerializer(sealing.head_of(size)).data
        return _kept(said, FOR_EVER if said["time_stamp"]["state"] == "stamped" else FOR_A_MOMENT)


class InclusionView(PublicView):
    @_described("ledger_inclusion_proof", InclusionSerializer, _number("size", "Default: the latest.", required=False))
    def get(self, request: Request, index: int) -> Response:
        """What leads from one entry to the root of the tree."""
        asked = _asked(_Sizes, request)
        size = asked.get("size") or sealing.latest_head().size
        proof = sealing.inclusion_proof(index=index, size=size)
        leaf = LedgerLeaf.objects.get(index=index)
        said = {"index": index, "size": size, "leaf_hash": leaf.hash, "path": [h.hex() for h in proof]}
        return _kept(said, FOR_EVER if "size" in asked else FOR_A_MOMENT)


class ConsistencyView(PublicView):
    @_described(
        "ledger_consistency_proof",
        ConsistencySerializer,
        _number("first", "The smaller size."),
        _number("second", "The larger size."),
    )
    def get(self, request: Request) -> Response:
        """What shows that the larger tree begins with the smaller one: nothing was changed, only added."""
        asked = _asked(_TwoSizes, request)
        return _kept(asked | {"path": [h.hex() for h in sealing.consistency_proof(**asked)]}, FOR_EVER)


class KeysView(PublicView):
    @_described("ledger_keys", KeysSerializer)
    def get(self, request: Request) -> Response:
        """The public keys, also those that no longer sign: old heads are checked with them."""
        return _kept({"keys": sealing.public_keys()}, FOR_A_MOMENT)


class ExportView(APIView):
    @extend_schema(
        operation_id="ledger_export",
        tags=["ledger"],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, 403: _PROBLEM},
    )
    def get(self, request: Request) -> Any:
        """The whole sealed ledger as lines of JSON, payloads included; for auditors and administrators."""
        who: Any = request.user
        if not who.has_staff_role(*READERS):
            raise Forbidden(_ONLY_AUDITORS)
        size = sealing.sealed_size()
        if is_shown(request):
            with transaction.atomic():
                ledger.record(kind="ledger.exported", subject=who.public_id, actor=who, payload={"size": size})
        answer = StreamingHttpResponse(ledger_export.lines(size=size), content_type="application/x-ndjson")
        answer["Content-Disposition"] = f'attachment; filename="ledger-{size}.jsonl"'
        answer["Cache-Control"] = "private, no-store"
        return answer


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The stand-alone script that checks certificates and exports."""
    answer = HttpResponse(_VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_ledger.py"'
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


api_urlpatterns = [
    path("ledger/heads/latest", LatestHeadView.as_view(), name="ledger-latest-head"),
    path("ledger/heads/<int:size>", HeadView.as_view(), name="ledger-head"),
    path("ledger/leaves/<int:index>/proof", InclusionView.as_view(), name="ledger-inclusion"),
    path("ledger/consistency", ConsistencyView.as_view(), name="ledger-consistency"),
    path("ledger/keys", KeysView.as_view(), name="ledger-keys"),
    path("ledger/export", ExportView.as_view(), name="ledger-export"),
]

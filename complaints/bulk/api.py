"""The API of sheets of links."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from complaints.bulk import results
from complaints.bulk.columns import FILING
from complaints.bulk.services import KIND
from complaints.models import Import, ImportRow, Infringement
from complaints.selectors import rights_to_rest_on
from core.errors import Invalid
from core.imports.api import ColumnsSerializer, ConfirmSerializer, FateSerializer, SheetViewSet, described


class LinkColumnsSerializer(ColumnsSerializer):
    """Which column is what, and what holds for all rows that say nothing themselves."""

    filing = serializers.CharField(max_length=31, required=False, help_text="Public id of a right of yours in force.")
    infringement = serializers.ChoiceField(choices=Infringement.choices, required=False)
    description = serializers.CharField(required=False)


class SignSheetSerializer(ConfirmSerializer):
    """What stands under every complaint of the sheet."""

    signature = serializers.CharField(max_length=100, help_text="Full name of who signs; kept encrypted.")
    good_faith = serializers.BooleanField(
        help_text="The assurance that every notice is true, in the words of the law of its marketplace."
    )


class LinkNowSerializer(serializers.Serializer):
    """Whether a link is up or down now, in words, and why."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the serializer's own label
    why = serializers.CharField()


class LinkFateSerializer(FateSerializer):
    """One link of a confirmed sheet: its complaint, what was decided about it, and where it stands at this moment."""

    complaint = serializers.CharField(source="case.public_id", default=None, allow_null=True)
    number = serializers.CharField(source="case.number", default=None, allow_null=True)
    complaint_state = serializers.CharField(source="case.state", default=None, allow_null=True)
    outcome = serializers.CharField(source="shown.row.outcome", default=None, allow_null=True)
    standing = LinkNowSerializer(source="shown.standing", default=None, allow_null=True)


@described(
    KIND, "complaints_sheets", columns=LinkColumnsSerializer, confirm=SignSheetSerializer, fate=LinkFateSerializer,
    example={
        "filing": "flg_01jd3v7k9q4x0c2m8n5b6t1y0z", "infringement": "counterfeit",
        "description": "The seams differ from ours and the label carries no series number.",
    },
    in_rows=({"link": "https://mall.example/product/10086"}, {"link": "https://mall.example/live/77?t=95", "evidence": ["fil_01jd3v7k9q4x0c2m8n5b6t1y0z"]}),
)  # fmt: skip
class LinkSheetViewSet(SheetViewSet):
    """Sheets of links of your organisation."""

    area = "complaints"
    kind = KIND
    queryset = Import.objects.none()
    columns_serializer = LinkColumnsSerializer
    confirm_serializer = SignSheetSerializer
    fate_serializer = LinkFateSerializer

    def for_all(self, said: Mapping[str, Any]) -> dict[str, Any]:
        found = super().for_all(said)
        if FILING in found:
            rights: Any = rights_to_rest_on(self.request.user)  # type: ignore[arg-type]
            found[FILING] = rights.filter(public_id=said[FILING]).first()
            if found[FILING] is None:
                unknown = _("This right is not in force, or not yours. Choose another one.")
                raise Invalid(errors={FILING: [unknown]})
        return found

    def fates(self, sheet: Import, rows: list[ImportRow]) -> list[Any]:
        return results.with_fates(sheet, rows)

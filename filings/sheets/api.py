"""The API of sheets of rights."""

from typing import Any

from rest_framework import serializers

from core.imports.api import ColumnsSerializer, ConfirmSerializer, FateSerializer, SheetViewSet, described
from filings.models import Filing, FilingSheet, FilingSheetRow
from filings.requirements import filed_kinds
from filings.sheets.services import SHEETS


class FilingColumnsSerializer(ColumnsSerializer):
    """Which column is what, and what holds for all rows that say nothing themselves."""

    kind = serializers.ChoiceField(choices=filed_kinds(), required=False)
    owner_name = serializers.CharField(max_length=200, required=False)
    territory = serializers.CharField(max_length=2, required=False)
    holder = serializers.CharField(
        max_length=31, required=False, help_text="For an agency: public id of the rights holder whose rights these are."
    )


class ConfirmFilingsSerializer(ConfirmSerializer):
    """Nothing more is asked for: drafts are signed when they are submitted."""


class FilingFateSerializer(FateSerializer):
    """One right of a confirmed sheet, and the draft that became of it."""

    filing = serializers.CharField(source="filing.public_id", default=None, allow_null=True)
    case_number = serializers.CharField(source="filing.number", default=None, allow_null=True)
    filing_state = serializers.ChoiceField(
        Filing.State.choices, source="filing.state", default=None, allow_null=True
    )  # fmt: skip


@described(
    SHEETS, "filings_sheets", columns=FilingColumnsSerializer, confirm=ConfirmFilingsSerializer,
    fate=FilingFateSerializer, example={"kind": "trademark", "owner_name": "Sunbird Ltd", "territory": "CN"},
    in_rows=({"title": "SUNBIRD", "registration_number": "99001207", "nice_classes": "18, 25"},),
)  # fmt: skip
class FilingSheetViewSet(SheetViewSet):
    """Sheets of rights of your organisation."""

    area = "filings"
    kind = SHEETS
    queryset = FilingSheet.objects.none()
    columns_serializer = FilingColumnsSerializer
    confirm_serializer = ConfirmFilingsSerializer
    fate_serializer = FilingFateSerializer

    def fates(self, sheet: FilingSheet, rows: list[FilingSheetRow]) -> list[Any]:
        filings = Filing.objects.in_bulk([row.filing_id for row in rows if row.filing_id])
        for row in rows:
            row.filing = filings.get(row.filing_id or 0)
        return rows

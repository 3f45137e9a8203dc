"""The API of many complaints answered at once."""

from typing import Any

from rest_framework import serializers

from complaints.answers.services import ANSWERS, Act
from complaints.forms import LONGEST_DESCRIPTION
from complaints.models import AnswerRow, AnswerSheet, Complaint
from core.imports.api import ColumnsSerializer, ConfirmSerializer, FateSerializer, SheetViewSet, described


class AnswerColumnsSerializer(ColumnsSerializer):
    """Which column is what, and what is to be done with all complaints whose row does not say it."""

    action = serializers.ChoiceField(choices=Act.choices, required=False)


class ConfirmAnswersSerializer(ConfirmSerializer):
    text = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True, default="",
        help_text="Reason of a withdrawal or words of a supplement, where a row says nothing itself.",
    )  # fmt: skip


class AnswerFateSerializer(FateSerializer):
    """One complaint of the sheet, what became of the answer, and in which state it is now."""

    complaint = serializers.CharField(source="batch.complaint.public_id", default=None, allow_null=True)
    complaint_state = serializers.ChoiceField(
        Complaint.State.choices, source="batch.complaint.state", default=None, allow_null=True
    )


@described(
    ANSWERS, "complaints_answers", columns=AnswerColumnsSerializer, confirm=ConfirmAnswersSerializer,
    fate=AnswerFateSerializer, example={"action": "withdraw"},
    in_rows=({"number": "C-2026-000123"}, {"number": "C-2026-000124", "text": "Sold out."}),
)  # fmt: skip
class AnswerSheetViewSet(SheetViewSet):
    """Sheets of numbers of complaints that are withdrawn or supplemented at once."""

    area = "complaints"
    kind = ANSWERS
    queryset = AnswerSheet.objects.none()
    columns_serializer = AnswerColumnsSerializer
    confirm_serializer = ConfirmAnswersSerializer
    fate_serializer = AnswerFateSerializer

    def fates(self, sheet: AnswerSheet, rows: list[AnswerRow]) -> list[Any]:
        return list(
            sheet.rows.filter(pk__in=[r.pk for r in rows]).select_related("batch__complaint").order_by("number")
        )

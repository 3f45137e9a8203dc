"""Many complaints answered at once: withdrawn or supplemented, each by itself, from a list of their numbers."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import PublicIdField
from core.imports.models import KeptRow, Sheet
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class AnswerSheetQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Those of the organisation in which somebody acts; nobody else's, staff neither."""
        membership = user.membership
        return self.filter(organisation_id=membership.organisation_id) if membership else self.none()


class AnswerSheet(Sheet):
    """Numbers of complaints with what is to be done with each: a sheet, or what was ticked on a list."""

    public_id = PublicIdField("ans")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    #: by role, as text
    for_all = models.JSONField(default=dict)
    #: what is said in every complaint whose row says nothing itself
    text = models.TextField(blank=True)

    objects = AnswerSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet of answers")
        verbose_name_plural = _("sheets of answers")
        indexes = [models.Index(fields=["organisation", "fingerprint"], name="answers_of_a_header")]


class Answer(Obligation):
    """One complaint of such a sheet that is to be answered."""

    sheet = models.ForeignKey(AnswerSheet, on_delete=models.CASCADE, related_name="batches")
    complaint = models.ForeignKey("Complaint", on_delete=models.PROTECT, related_name="+")

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer of a sheet")
        verbose_name_plural = _("answers of sheets")
        ordering = ["pk"]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.sheet_id}/{self.pk}"


class AnswerRow(KeptRow):
    """One row of a confirmed sheet of answers."""

    sheet = models.ForeignKey(AnswerSheet, on_delete=models.CASCADE, related_name="rows")
    batch = models.ForeignKey(Answer, null=True, blank=True, on_delete=models.CASCADE, related_name="rows")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="a_row_comes_once_in_a_sheet_of_answers"),
            models.CheckConstraint(
                condition=Q(state="left_out") | Q(batch__isnull=False), name="a_row_to_be_answered_is_of_an_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}:{self.number}"

"""Complaints from a spreadsheet: a sheet that was handed in, its rows, and the complaints that become of them."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Infringement
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.imports.models import Sheet, SheetRow
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class ImportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The sheets of the organisation in which somebody acts; nobody else's, staff neither."""
        membership = user.membership
        return self.filter(organisation_id=membership.organisation_id) if membership else self.none()


class Import(Sheet):
    """A sheet of links. What stands in no column is said once for all rows: `filing`, `infringement`, `description`."""

    public_id = PublicIdField("imp")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    filing = models.ForeignKey("filings.Filing", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    infringement = models.CharField(max_length=32, choices=Infringement, blank=True)
    description = models.TextField(blank=True)
    signature = EncryptedTextField(_("signed by"), blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet of complaints")
        verbose_name_plural = _("sheets of complaints")
        indexes = [models.Index(fields=["organisation", "fingerprint"], name="import_of_a_header")]


class ImportBatchQuerySet(ObligationQuerySet):
    def settle(self, rows: Iterable[Any]) -> None:
        """What is sent or left out holds no files any more: a complaint has them by now, or nobody needs them."""
        settled = list(rows)
        super().settle(settled)
        ImportFile.objects.filter(batch__in=settled).delete()


class ImportBatch(Obligation):
    """Rows of a sheet that become one complaint: under one right, for one infringement, in the same words, with the same evidence."""

    sheet = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="batches")
    filing = models.ForeignKey("filings.Filing", on_delete=models.PROTECT, related_name="+")
    infringement = models.CharField(max_length=32, choices=Infringement)
    description = models.TextField()
    complaint = models.OneToOneField(
        "Complaint", null=True, blank=True, on_delete=models.PROTECT, related_name="imported_in"
    )

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint of a sheet")
        verbose_name_plural = _("complaints of sheets")
        ordering = ["pk"]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.sheet_id}/{self.pk}"


class ImportFile(models.Model):
    """A file that goes with a complaint of a sheet. Until it is sent, which may be days later, the file is kept for it."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="evidence")
    file = models.ForeignKey("core.PrivateFile", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("file of a sheet")
        verbose_name_plural = _("files of sheets")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file_id)


class ImportRow(SheetRow):
    """One row of a confirmed sheet, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        COMPLAINED = "complained", _("complained of")
        LEFT_OUT = "left_out", _("left out")

    sheet = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    link = models.TextField(_("link"), blank=True)
    #: none for what was left out before anything was sent
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.CASCADE, related_name="rows")
    target = models.ForeignKey("marketplace.Target", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)

    class Meta:
        verbose_name = _("row of a sheet")
        verbose_name_plural = _("rows of sheets")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="a_row_comes_once_in_a_sheet"),
            models.CheckConstraint(
                condition=Q(state="left_out") | Q(batch__isnull=False), name="a_row_that_is_sent_is_of_a_batch"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}:{self.number}"

    @property
    def name(self) -> str:
        """What people call it by."""
        return self.link

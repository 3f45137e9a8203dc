"""A sheet of what is on a marketplace, and its rows."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core.ids import PublicIdField
from core.imports.models import KeptRow, Sheet
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class MarketSheetQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Administrators see all; a marketplace, whose engineers signed the call, its own."""
        if (marketplace := getattr(user, "signs_for", None)) is not None:
            return self.filter(marketplace=marketplace)
        return self if roles.is_administrator(user) else self.none()


class MarketSheet(Sheet):
    """A sheet of one marketplace. `by` is nobody where its engineers handed it in."""

    public_id = PublicIdField("msh")
    marketplace = models.ForeignKey(
        "marketplace.Marketplace", on_delete=models.PROTECT, related_name="sheets", verbose_name=_("marketplace")
    )
    by = models.ForeignKey(  # type: ignore[assignment]  # other kinds always have somebody
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    #: by role, as text
    for_all = models.JSONField(default=dict)

    objects = MarketSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet of a marketplace")
        verbose_name_plural = _("sheets of marketplaces")
        indexes = [models.Index(fields=["marketplace", "fingerprint"], name="market_sheet_of_a_header")]


class MarketSheetPart(Obligation):
    """Rows of a sheet that are taken in together."""

    sheet = models.ForeignKey(MarketSheet, on_delete=models.CASCADE, related_name="batches")

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a sheet of a marketplace")
        verbose_name_plural = _("parts of sheets of marketplaces")
        ordering = ["pk"]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.sheet_id}/{self.pk}"


class MarketSheetRow(KeptRow):
    """One row of a confirmed sheet; `status` is what became of what it said (`marketplace.ingest.Status`)."""

    sheet = models.ForeignKey(MarketSheet, on_delete=models.CASCADE, related_name="rows")
    batch = models.ForeignKey(MarketSheetPart, null=True, blank=True, on_delete=models.CASCADE, related_name="rows")
    status = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="a_row_comes_once_in_a_market_sheet"),
            models.CheckConstraint(
                condition=Q(state="left_out") | Q(batch__isnull=False), name="a_row_to_be_taken_in_is_of_a_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}:{self.number}"

"""What was looked at: each new version of a listing once, whole markets in batches, and goods before they are published."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import clock
from core.ids import PublicIdField
from core.models import Case
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class Inspection(Obligation):
    """One target's turn to be looked at: due when it changes, or when something about it was learned.

    `inspected_version` is the version of the target that was looked at last: each is looked at once in effect.
    """

    target = models.OneToOneField("marketplace.Target", on_delete=models.CASCADE, related_name="inspection")
    marketplace = models.ForeignKey("marketplace.Marketplace", on_delete=models.CASCADE, related_name="+")
    inspected_version = models.PositiveIntegerField(default=0)
    inspected_at = models.DateTimeField(null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        indexes = [
            # Marketplaces take turns.
            models.Index(
                fields=["marketplace", "due_at", "id"], condition=Q(due_at__isnull=False), name="inspection_in_turn"
            ),
            *INDEXES,
        ]

    def __str__(self) -> str:
        return f"{self.target_id} v{self.inspected_version}"


class Scan(Case):
    """A look at everything that is on sale: in batches, resumable, pausable, at a marketplace's pace."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("of a scan", "running")
        PAUSED = "paused", _("paused")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")

    public_id = PublicIdField("scn")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.RUNNING)
    marketplace = models.ForeignKey(
        "marketplace.Marketplace", null=True, blank=True, on_delete=models.PROTECT, related_name="scans",
        verbose_name=_("marketplace"), help_text=_("none: all"),
    )  # fmt: skip
    #: only for this profile; none: for all that watch
    profile = models.ForeignKey(
        "patrol.WatchProfile", null=True, blank=True, on_delete=models.PROTECT, related_name="scans",
        verbose_name=_("profile"),
    )  # fmt: skip
    started_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: in its batches; all there are once it `is_cut`
    listings = models.PositiveIntegerField(_("listings"), default=0)
    is_cut = models.BooleanField(default=False)
    listings_a_minute = models.PositiveIntegerField(
        _("listings a minute"), null=True, blank=True, help_text=_("none: as fast as this machine can")
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ["-pk"]


class ScanBatchQuerySet(ObligationQuerySet):
    def open(self) -> Self:
        return self.filter(done_at__isnull=True)


class ScanBatch(Obligation):
    """Some hundreds of listings of one marketplace, by their database keys; what it found is written with its end.

    `done_at` is when it was looked at; one that was handed to the inspections of each single listing, because its
    workers died of it, is done and has `scanned` nothing.
    """

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="batches")
    marketplace = models.ForeignKey("marketplace.Marketplace", on_delete=models.CASCADE, related_name="+")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    listings = models.PositiveIntegerField(_("listings"))
    scanned = models.PositiveIntegerField(_("scanned"), default=0)
    found = models.PositiveIntegerField(pgettext_lazy("how many", "found"), default=0)

    objects = ScanBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of a scan")
        verbose_name_plural = _("batches of scans")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["scan", "first"], name="a_batch_stands_once"),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="a_batch_is_a_range"),
        ]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.scan_id}: {self.first}–{self.last}"


class ScanPace(models.Model):
    """When a marketplace may be looked at next: all scans of it together keep to the slowest pace that one was asked for."""

    marketplace = models.OneToOneField("marketplace.Marketplace", on_delete=models.CASCADE, related_name="+")
    free_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pace of scans")
        verbose_name_plural = _("paces of scans")

    def __str__(self) -> str:
        return f"{self.marketplace_id}: {self.free_at}"


class Precheck(models.Model):
    """A listing that a marketplace asked about before it published it, and the answer; append-only, kept for a year."""

    class Answer(models.TextChoices):
        PASS = "pass", _("pass")
        REVIEW = "review", _("review")
        BLOCK = "block", _("block")

    public_id = PublicIdField("pre")
    marketplace = models.ForeignKey("marketplace.Marketplace", on_delete=models.CASCADE, related_name="prechecks")
    external_id = models.CharField(_("id on the marketplace"), max_length=128, blank=True)
    shop_external_id = models.CharField(_("shop"), max_length=128, blank=True)
    answer = models.CharField(_("answer"), max_length=8, choices=Answer)
    score = models.FloatField(_("score"), default=0)
    profile = models.ForeignKey("patrol.WatchProfile", null=True, on_delete=models.SET_NULL, related_name="+")
    rule = models.CharField(_("rule"), max_length=64, blank=True)
    signals = models.JSONField(default=list)
    content_hash = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(_("at"), default=clock.now, db_index=True)

    class Meta:
        verbose_name = _("pre-check")
        verbose_name_plural = _("pre-checks")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.public_id

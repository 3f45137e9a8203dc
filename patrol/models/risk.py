"""Versions of the risk model, each with what it was measured at."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField


class RiskModel(models.Model):
    """How what was seen becomes a score, learned from staff's decisions; append-only but for which one is in use.

    `weights` are those of a calibrated logistic regression by the names of the features; version 0 are the documented
    weights of `patrol/risk.py`, which stand in no row.
    """

    public_id = PublicIdField("rsk")
    version = models.PositiveIntegerField(_("version"), unique=True)
    weights = models.JSONField(_("weights"))
    #: with it scores become probabilities
    calibration = models.JSONField(_("calibration"), default=dict)
    trained_on = models.PositiveIntegerField(_("decisions learned from"))
    #: measured on decisions that were left out of learning
    measured_on = models.PositiveIntegerField(_("decisions measured on"))
    precision_ratio = models.FloatField(_("precision"))
    recall_ratio = models.FloatField(_("recall"))
    threshold = models.FloatField(_("threshold"))
    measurements = models.JSONField(_("measurements"), default=dict)
    trained_at = models.DateTimeField(_("trained at"), default=clock.now)
    trained_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_in_use = models.BooleanField(_("in use"), default=False)

    class Meta:
        verbose_name = _("risk model")
        verbose_name_plural = _("risk models")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["is_in_use"], condition=Q(is_in_use=True), name="one_risk_model_in_use")
        ]

    def __str__(self) -> str:
        return f"v{self.version}"

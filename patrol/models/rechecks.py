"""Re-check (回查): what was taken down is looked at again after 1, 3, 7, 30 and 90 days."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class RecheckQuerySet(ObligationQuerySet):
    def looked(self) -> Self:
        return self.filter(looked_at__isnull=False)


class Recheck(Obligation):
    """One look at what is to be down: is it, and has anybody put it up again?"""

    class Outcome(models.TextChoices):
        DOWN = "down", _("still down")
        UP = "up", _("shown in public again")
        RELISTED_BY_SELLER = "relisted_by_seller", _("put up again by the same seller")
        RELISTED_BY_OTHER = "relisted_by_other", _("put up by another seller")
        RELEASED = "released", _("not held any more")
        UNKNOWN = "unknown", _("could not be looked at")

    public_id = PublicIdField("rck")
    target = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="rechecks")
    #: public id of the case that holds it, and the time of its hold
    cause = models.CharField(_("cause"), max_length=64, db_index=True)
    taken_down_at = models.DateTimeField(_("taken down at"))
    after_days = models.PositiveSmallIntegerField(_("after days"))
    outcome = models.CharField(_("outcome"), max_length=24, choices=Outcome, blank=True)
    #: of the public page or the connector's answer: what it said, in words for staff
    seen = models.JSONField(_("what was seen"), default=dict)
    #: the public page and the marketplace's word contradict each other: staff look why
    is_contradictory = models.BooleanField(_("page and marketplace contradict each other"), default=False)
    relistings = models.ManyToManyField("patrol.Candidate", blank=True, related_name="rechecks")
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = RecheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("re-check")
        verbose_name_plural = _("re-checks")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["target", "cause", "after_days"], name="one_recheck_per_hold_and_day")
        ]
        indexes = [*INDEXES, models.Index(fields=["outcome", "looked_at"])]

    def __str__(self) -> str:
        return f"{self.target} +{self.after_days}"

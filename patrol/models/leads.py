"""Leads (情报线索): shops that seem to belong together, found anew each week."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField


class Lead(models.Model):
    """A cluster of linked shops of which at least one has upheld goods or is held, as it was in one week.

    Written anew while its week lasts, kept as it was from then on.
    """

    public_id = PublicIdField("led")
    #: the Monday of its week
    week_on = models.DateField(_("week from"))
    #: the same for the same shops in every week
    key = models.CharField(max_length=64)
    shops = models.ManyToManyField("marketplace.Target", related_name="leads", verbose_name=_("shops"))
    #: `{"a", "b", "weight", "grounds"}` of each pair of shops by their public ids, the strongest first
    edges = models.JSONField(_("links"), default=list)
    #: how many shops it has, and of how many goods of each (by public id) what is known
    figures = models.JSONField(_("figures"), default=dict)
    #: upheld goods of all its shops: by it leads are ranked
    upheld = models.PositiveIntegerField(_("upheld goods"), default=0)
    found_at = models.DateTimeField(_("found at"), default=clock.now)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-week_on", "-upheld", "pk"]
        constraints = [models.UniqueConstraint(fields=["week_on", "key"], name="a_cluster_stands_once_a_week")]

    def __str__(self) -> str:
        return f"{self.week_on} {self.key[:8]}"

"""Who left an organisation, and to which colleague they handed over what they had begun.

A case keeps who filed it, for ever; who is told of it and asked about it is looked up here.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField

#: colleagues who leave one after the other: nobody hands over more often
MOST_HANDS = 20


class Departure(models.Model):
    """Somebody left an organisation; `handed_to` takes over their drafts and is told of their open cases."""

    public_id = PublicIdField("dep")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="departures")
    person = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    handed_to = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.public_id

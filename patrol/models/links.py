"""Shops that are known to be of one operator. The room above says so; here it tells against what they sell."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock


class LinkedShop(models.Model):
    """Two shops of one operator: certain by licence or account, or confirmed by staff. Written by `governance`."""

    earlier = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="+")
    later = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("shops of one operator")
        verbose_name_plural = _("shops of one operator")
        constraints = [
            models.UniqueConstraint(fields=["earlier", "later"], name="two_shops_are_linked_once"),
            models.CheckConstraint(condition=~Q(earlier=F("later")), name="no_shop_is_linked_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.earlier_id} – {self.later_id}"

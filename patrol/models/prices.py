"""What the market asks for the goods of a profile."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock


class MarketPrice(models.Model):
    """The middle of what everybody asks for one profile's goods, measured once a day over all that is on sale."""

    profile = models.OneToOneField("patrol.WatchProfile", on_delete=models.CASCADE, related_name="market_price")
    offers = models.PositiveIntegerField(_("offers"))
    median = models.DecimalField(_("middle of the prices"), max_digits=14, decimal_places=2)
    measured_at = models.DateTimeField(_("measured at"), default=clock.now)

    class Meta:
        verbose_name = _("market price")
        verbose_name_plural = _("market prices")

    def __str__(self) -> str:
        return f"{self.median} ({self.offers})"

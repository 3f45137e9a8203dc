"""Official pictures and covers that brands gave, and which images on marketplaces show them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class OfficialPicture(Obligation):
    """A picture whose copies are looked for on behalf of an upper room, under the id that it has there (`subject`).

    Owed its fingerprint and a search of what is on the marketplaces already; once it was taken away, the end of what was
    seen of it. Unlike an original it has no certificate, and to show it is no infringement by itself.
    """

    class Refusal(models.TextChoices):
        SMALL = "small", _("It is too small: its shorter side must have at least 48 pixels.")
        FLAT = "flat", _("There is nothing in it by which a copy could be told: it is plain, or a single sign.")
        TEXT = "text", _("It is a page of text. Pages of text look alike, so copies cannot be told.")

    subject = models.CharField(_("of"), max_length=31, unique=True)
    file = models.ForeignKey("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    refusal = models.CharField(_("refused because"), max_length=16, choices=Refusal, blank=True)
    fingerprinted_at = models.DateTimeField(_("fingerprinted at"), null=True, blank=True)
    market_searched_at = models.DateTimeField(_("marketplaces searched at"), null=True, blank=True)
    taken_away_at = models.DateTimeField(_("taken away at"), null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("official picture")
        verbose_name_plural = _("official pictures")
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return self.subject


class Sighting(models.Model):
    """An image on a marketplace that shows an official picture, surely or perhaps.

    It goes when other bytes stand under the address, or when the official picture is taken away. Which listings show it
    at the moment say the image's appearances.
    """

    class Tier(models.TextChoices):
        AUTOMATIC = "automatic", _("sure")
        REVIEW = "review", _("to be looked at")

    picture = models.ForeignKey(OfficialPicture, on_delete=models.CASCADE, related_name="sightings")
    image = models.ForeignKey("imageguard.SeenImage", on_delete=models.CASCADE, related_name="sightings")
    score = models.FloatField(_("score"))
    tier = models.CharField(_("tier"), max_length=16, choices=Tier)
    #: codes of the engine; empty where only fingerprints were compared
    edits = models.JSONField(_("edits"), default=list)
    is_mirrored = models.BooleanField(default=False)
    sha256 = models.CharField(_("SHA-256 of what was seen"), max_length=64)
    found_at = models.DateTimeField(_("found at"), default=clock.now)

    class Meta:
        verbose_name = _("sighting of an official picture")
        verbose_name_plural = _("sightings of official pictures")
        constraints = [models.UniqueConstraint(fields=["picture", "image"], name="one_sighting_per_picture_and_image")]

    def __str__(self) -> str:
        return f"{self.picture_id} in {self.image_id}"

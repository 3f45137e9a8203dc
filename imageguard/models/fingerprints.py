"""Fingerprints: what the engine needs of each picture. The index is made of these rows and can be made anew at any time."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Collection(models.TextChoices):
    """Three indexes: what is registered, what is shown on marketplaces, and what brands gave to have it looked for."""

    ORIGINALS = "originals", _("registered originals")
    MARKET = "market", _("pictures on marketplaces")
    OFFICIAL = "official", _("official pictures")


class Fingerprint(models.Model):
    """The fingerprint of one picture, under the public id of its original, of the image that was seen, or of the
    official picture.

    `sequence` grows with every change inside a collection, in the order of commits (`imageguard.index.next_sequence`),
    so that an index catches up by asking for higher numbers. A removed row keeps its place without its data.
    `mask` is the area that other pictures share (templates, badges, a floor): it is no evidence.
    """

    collection = models.CharField(max_length=16, choices=Collection)
    subject = models.CharField(_("of"), max_length=31)
    sequence = models.BigIntegerField()
    data = models.BinaryField(null=True)
    mask = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = _("fingerprint")
        verbose_name_plural = _("fingerprints")
        constraints = [
            models.UniqueConstraint(fields=["collection", "subject"], name="one_fingerprint_per_picture"),
            models.UniqueConstraint(fields=["collection", "sequence"], name="one_fingerprint_per_sequence"),
        ]

    def __str__(self) -> str:
        return f"{self.collection} {self.subject}"

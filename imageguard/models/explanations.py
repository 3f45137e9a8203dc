"""The pictures that show why one picture is held to copy another."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import PublicIdField
from core.obligations import INDEXES, Obligation, ObligationQuerySet
from imageguard.models.fingerprints import Collection


class Explanation(Obligation):
    """Two pictures laid on each other: owed once for each pair, and drawn by a worker.

    A thousand listings that show one picture share it. `drawn` holds every picture of it in one archive.
    """

    public_id = PublicIdField("exp")
    #: made of both files, `imageguard.explanations.name_of`
    pair = models.CharField(max_length=64, unique=True, editable=False)
    #: in which index the earlier picture stands, and under which id: what many pictures share counts as no evidence
    collection = models.CharField(max_length=16, choices=Collection)
    subject = models.CharField(_("of"), max_length=31)
    original = models.ForeignKey("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    suspect = models.ForeignKey("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    drawn = models.ForeignKey("core.PrivateFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("explanation")
        verbose_name_plural = _("explanations")
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return self.public_id

"""What a holder is still to be told of: each row is a line of a letter that is not written yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock


class News(models.Model):
    """Something that happened to an original or a match of an organisation. Gone once it stands in a letter.

    News of one organisation is gathered into one letter, so that five hundred copies are no five hundred letters.
    """

    class About(models.TextChoices):
        ORIGINALS = "originals", _("originals")
        MATCHES = "matches", _("matches")

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=16, choices=About)
    subject = models.CharField(max_length=31)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("news")
        verbose_name_plural = _("news")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "about", "subject"], name="a_piece_of_news_stands_once"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.subject}"

"""What a reviewer reads, takes and manages in a day, and when they are away; `complaints/assigning.py` goes by it."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField


class ReviewerProfile(models.Model):
    """How one reviewer works. Without one somebody takes whatever is next by hand and is assigned nothing by itself."""

    class Language(models.TextChoices):
        CHINESE = "zh", _("Chinese")
        ENGLISH = "en", _("English")

    class Queue(models.TextChoices):
        DOOR = "door", _("complaints at the door")
        DECIDE = "decide", _("complaints to decide")
        APPEALS = "appeals", _("appeals")

    public_id = PublicIdField("rvp")
    person = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, related_name="reviewer_profile", verbose_name=_("person")
    )
    languages = models.JSONField(_("languages"), default=list)
    queues = models.JSONField(_("queues"), default=list)
    #: open cases and those decided today, together: no more are assigned by themselves
    daily_capacity = models.PositiveSmallIntegerField(_("cases a day"), default=30)
    is_assigned_automatically = models.BooleanField(_("gets cases by themselves"), default=False)
    away_from_on = models.DateField(_("away from"), null=True, blank=True)
    #: the last day away; empty is until further notice
    away_until_on = models.DateField(_("away until"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), default=clock.now)
    changed_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("reviewer")
        verbose_name_plural = _("reviewers")
        ordering = ["person__email"]
        constraints = [
            models.CheckConstraint(
                condition=Q(away_until_on=None) | Q(away_from_on__lte=F("away_until_on")), name="away_has_a_beginning"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def is_away(self, on: date) -> bool:
        return (
            self.away_from_on is not None
            and self.away_from_on <= on
            and (self.away_until_on is None or on <= self.away_until_on)
        )

    def reads(self, language: str) -> bool:
        """Whether they read what is written in a language, such as `zh-hans`; what is neither of both is read as English."""
        return language_of(language) in self.languages

    def fits(self, queue: str, language: str) -> bool:
        return queue in self.queues and self.reads(language)


def language_of(code: Any) -> str:
    """Chinese or English, by the code in which a case was written."""
    return "zh" if str(code).startswith("zh") else "en"

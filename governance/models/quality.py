"""Second looks: decisions drawn by lot that another reviewer makes again, without knowing how they were made."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField


class SecondLookQuerySet(models.QuerySet):
    def waiting(self) -> Any:
        return self.filter(state=SecondLook.State.OPEN)


class SecondLook(models.Model):
    """One decision on a complaint, looked at again blind. It changes nothing of the case: it measures, and is talked about."""

    class State(models.TextChoices):
        OPEN = "open", _("to look at")
        AGREES = "agrees", _("decided alike")
        DIFFERS = "differs", _("decided otherwise")
        DISCUSSED = "discussed", _("talked about")
        NOT_MADE = "not_made", _("not made")

    class Conclusion(models.TextChoices):
        FIRST = "first", _("the first decision is right")
        SECOND = "second", _("the second look is right")
        BOTH = "both", _("both can be justified")

    public_id = PublicIdField("lok")
    decision = models.OneToOneField(
        "complaints.Decision", on_delete=models.PROTECT, related_name="second_look", verbose_name=_("decision")
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    drawn_at = models.DateTimeField(_("drawn at"), default=clock.now)
    looked_by = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("looked at by"),
    )
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    #: by public id of each link, whether it was upheld this time, and under which rule
    findings = models.JSONField(_("found"), default=dict)
    reasons = models.TextField(_("reasons"), blank=True)
    #: links on which the two differ
    differing = models.PositiveIntegerField(_("links decided otherwise"), default=0)
    conclusion = models.CharField(_("conclusion"), max_length=16, choices=Conclusion, blank=True)
    note = models.TextField(_("what came of talking about it"), blank=True)
    discussed_by = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("concluded by"),
    )
    discussed_at = models.DateTimeField(_("concluded at"), null=True, blank=True)

    objects = SecondLookQuerySet.as_manager()

    class Meta:
        verbose_name = _("second look")
        verbose_name_plural = _("second looks")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "not_made"]) | Q(looked_by__isnull=False),
                name="a_second_look_was_looked_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="second_looks_by_state")]

    def __str__(self) -> str:
        return self.public_id

"""How complainants conduct themselves: figures by the month, findings of abuse, suspensions, self-service.

Findings, what shows them, tests taken and removals are append-only rows; what staff decide on them is written once.
"""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField
from core.models import Case


class Lane(models.TextChoices):
    """How fast and how much somebody may complain; what each means stands in `complaints/lanes.py`."""

    FAST = "fast", _("fast lane")
    NORMAL = "normal", _("normal lane")
    SLOW = "slow", _("slow lane")


class ConductMonth(models.Model):
    """What became of one complainant's links in one month: the only thing that its score is made of.

    Counted in the transaction that decides (`goodfaith.count`), so that a score never looks at the complaints again.
    """

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    month_on = models.DateField(_("month"), help_text=_("its first day"))
    upheld = models.PositiveIntegerField(_("upheld"), default=0)
    dismissed = models.PositiveIntegerField(_("dismissed"), default=0)
    withdrawn = models.PositiveIntegerField(_("withdrawn after they were upheld"), default=0)
    reversed = models.PositiveIntegerField(_("reversed"), default=0)

    class Meta:
        verbose_name = _("month of a complainant")
        verbose_name_plural = _("months of complainants")
        constraints = [models.UniqueConstraint(fields=["organisation", "month_on"], name="one_row_per_month")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.month_on:%Y-%m}"


# --- findings of abuse --------------------------------------------------------------------------------------


class Look(models.Model):
    """When the patterns are looked for next in what one complainant did; swept like everything that is due."""

    organisation = models.OneToOneField("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(_("due at"), null=True, blank=True, db_index=True)
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)

    def __str__(self) -> str:
        return str(self.organisation_id)


class AbuseFinding(models.Model):
    """A documented pattern that the machine sees in what a complainant did; staff confirm or dismiss it.

    On a finding alone nothing happens to anybody. `key` names the occasion (a festival, a right, a quarter), so that
    the same one is found once.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be looked at")
        CONFIRMED = "confirmed", _("confirmed")
        DISMISSED = "dismissed", _("dismissed")

    public_id = PublicIdField("abf")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="abuse_findings", verbose_name=_("complainant")
    )
    pattern = models.CharField(_("pattern"), max_length=32)
    key = models.CharField(_("occasion"), max_length=100)
    figures = models.JSONField(_("figures"), default=dict)
    found_at = models.DateTimeField(_("found at"), default=clock.now)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("finding of abuse")
        verbose_name_plural = _("findings of abuse")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "pattern", "key"], name="one_finding_per_occasion"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="a_decided_finding_says_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "-found_at"])]

    def __str__(self) -> str:
        return f"{self.pattern} {self.key}"


class AbuseCase(models.Model):
    """One case that shows a finding: the public id of a complaint, or of a right on file."""

    finding = models.ForeignKey(AbuseFinding, on_delete=models.PROTECT, related_name="cases")
    case = models.CharField(_("case"), max_length=64)
    found_at = models.DateTimeField(_("found at"), default=clock.now)

    class Meta:
        verbose_name = _("case of a finding")
        verbose_name_plural = _("cases of findings")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["finding", "case"], name="a_case_once_per_finding")]

    def __str__(self) -> str:
        return self.case


# --- suspension ---------------------------------------------------------------------------------------------


class SuspensionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """An organisation's own; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        return self.filter(organisation_id=m.organisation_id) if m else self.none()

    def standing(self) -> Self:
        """Warnings and suspensions that count at present."""
        return self.filter(state__in=Suspension.STANDING)


class Suspension(Case):
    """A complainant is warned of misuse, and suspended if it goes on. Source: DSA art. 23(2)–(4)."""

    class State(models.TextChoices):
        WARNED = "warned", _("warned")
        SUSPENDED = "suspended", _("suspended")
        LAPSED = "lapsed", _("warning lapsed")
        ENDED = "ended", _("suspension over")
        LIFTED = "lifted", _("lifted")
        REVERSED = "reversed", _("reversed")

    #: states that count against the complainant at present
    STANDING = (State.WARNED, State.SUSPENDED)

    public_id = PublicIdField("sus")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="suspensions", verbose_name=_("complainant")
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WARNED)
    warned_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    facts = models.TextField(_("facts of the warning"))
    suspended_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    suspended_facts = models.TextField(_("facts of the suspension"), blank=True)
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    ended_reason = models.TextField(_("why it was lifted or reversed"), blank=True)
    #: when the complainant was told of the last step: from then on an appeal's time runs
    notified_at = models.DateTimeField(_("complainant told at"), null=True, blank=True)
    findings = models.ManyToManyField(AbuseFinding, related_name="suspensions", verbose_name=_("findings"))

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state__in=["warned", "suspended"]), name="one_standing_suspension"
            ),
        ]
        indexes = [models.Index(fields=["state", "deadline_at"])]

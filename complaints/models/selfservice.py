"""Self-service takedown: the privilege of holders whose complaints hold, the test for it, and what they took down."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField
from core.models import Case


class Privilege(Case):
    """A holder takes down by itself what it sees infringing; staff review a share of it."""

    class State(models.TextChoices):
        TRAINING = "training", _("in training")
        ACTIVE = "active", _("active")
        ENDED = "ended", _("ended")

    class Ended(models.TextChoices):
        """Why it ended."""

        ACCURACY = "accuracy", _("too many removals were reversed on review")
        SUSPENDED = "suspended", _("the holder was suspended for misuse")
        STAFF = "staff", _("staff took it away, with reasons")
        GIVEN_UP = "given_up", _("the holder gave it up")

    public_id = PublicIdField("prv")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="privileges", verbose_name=_("holder")
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.TRAINING)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    ended_why = models.CharField(_("why it ended"), max_length=16, choices=Ended, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    #: from when removals count for the share that was confirmed: a privilege that was restored begins anew
    counts_since_at = models.DateTimeField(_("counted since"), default=clock.now)
    notified_at = models.DateTimeField(_("holder told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("self-service privilege")
        verbose_name_plural = _("self-service privileges")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state__in=["training", "active"]), name="one_standing_privilege"
            ),
        ]


class TrainingAttempt(models.Model):
    """A test that somebody took; append-only."""

    privilege = models.ForeignKey(Privilege, on_delete=models.PROTECT, related_name="attempts")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    answers = models.JSONField(_("answers"), default=dict)
    correct = models.PositiveSmallIntegerField(_("correct"))
    questions = models.PositiveSmallIntegerField(_("questions"))
    has_passed = models.BooleanField(_("passed"))
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("test")
        verbose_name_plural = _("tests")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.correct}/{self.questions}"


class RemovalQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """An organisation's own; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        return self.filter(complaint__organisation_id=m.organisation_id) if m else self.none()

    def to_review(self) -> Self:
        return self.filter(is_sampled=True, reviewed_at__isnull=True)

    def unreviewed(self) -> Self:
        """Those that are nobody's word but their holder's: they count for nothing in its score."""
        return self.filter(reviewed_at__isnull=True)


class Removal(models.Model):
    """A complaint that its holder decided by itself under the privilege, and what staff found of it if sampled."""

    complaint = models.OneToOneField("complaints.Complaint", on_delete=models.PROTECT, related_name="removal")
    privilege = models.ForeignKey(Privilege, on_delete=models.PROTECT, related_name="removals")
    is_sampled = models.BooleanField(_("drawn for review"))
    at = models.DateTimeField(_("removed at"), default=clock.now)
    reviewed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    confirmed_links = models.PositiveIntegerField(_("links confirmed"), default=0)
    reversed_links = models.PositiveIntegerField(_("links reversed"), default=0)
    #: withdrawn or given up to a counter-notice before the review, and not found right by it
    taken_back_links = models.PositiveIntegerField(_("links taken back before the review"), default=0)
    reason = models.TextField(_("reason"), blank=True)
    #: when its shops' time to appeal is over; empty once it stands, or nothing of it is left
    due_at = models.DateTimeField(_("time to appeal over at"), null=True, blank=True, db_index=True)
    #: since when it counts against its shops: staff reviewed it, or nobody appealed in time
    stands_at = models.DateTimeField(_("counts against its shops since"), null=True, blank=True)

    objects = RemovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("removal by a holder")
        verbose_name_plural = _("removals by holders")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["is_sampled", "reviewed_at"])]

    def __str__(self) -> str:
        return str(self.complaint_id)

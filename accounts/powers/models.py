"""Tables of powers of attorney. Whether one is in force is read from its days, never from its state alone."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.models import Case


class PowerQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Powers that the organisation of this person gave or got; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        return self.filter(Q(holder=m.organisation_id) | Q(agency=m.organisation_id)) if m else self.none()

    def in_force(self, on: date | None = None) -> Self:
        """Powers by which an agency acts on that day (default: today)."""
        on = on or clock.today()
        return self.filter(state=PowerOfAttorney.State.APPROVED, valid_from_on__lte=on, valid_until_on__gte=on)


class PowerOfAttorney(Case):
    """Lets an agency act for a rights holder (授权委托书): for which rights and cases, from when until when.

    Each list of the scope names what it is limited to; an empty one limits nothing. The codes are those of the rooms
    above, which alone know them: a code that nobody knows covers nothing.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("under review")
        RETURNED = "returned", _("returned for supplement")
        APPROVED = "approved", _("approved")
        REVOKED = "revoked", _("revoked")
        EXPIRED = "expired", _("expired")

    #: states after which nothing more happens
    OVER = (State.REVOKED, State.EXPIRED)

    class Side(models.TextChoices):
        HOLDER = "holder", _("the rights holder")
        AGENCY = "agency", _("the agency")
        STAFF = "staff", _("the platform")

    public_id = PublicIdField("poa")
    holder = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="powers_given", verbose_name=_("rights holder")
    )
    agency = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="powers_got", verbose_name=_("agency")
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.SUBMITTED)
    rights = models.JSONField(_("rights, by their public ids"), default=list, blank=True)
    infringements = models.JSONField(_("kinds of infringement"), default=list, blank=True)
    scenes = models.JSONField(_("scenes"), default=list, blank=True)
    marketplaces = models.JSONField(_("marketplaces"), default=list, blank=True)
    #: calendar days where the platform is; the last one belongs to it
    valid_from_on = models.DateField(_("valid from"))
    valid_until_on = models.DateField(_("valid until"))
    submitted_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("submitted by")
    )
    #: of this power alone: another agency may name the same holder, and is no reason to write to this one's mailbox
    holder_email = EncryptedTextField(_("email of a holder without an account, as the agency gives it"), blank=True)
    #: when somebody of the holder said that it is theirs; from the start for one that the holder granted itself
    confirmed_at = models.DateTimeField(_("confirmed by the holder at"), null=True, blank=True)
    confirmed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review_note = models.TextField(_("what the reviewer wrote"), blank=True)
    revoked_by_side = models.CharField(_("revoked by"), max_length=8, choices=Side, blank=True)
    revoked_because = models.TextField(_("why it was revoked"), blank=True)
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    objects = PowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("power of attorney")
        verbose_name_plural = _("powers of attorney")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until_on__gte=F("valid_from_on")), name="a_power_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(holder=F("agency")), name="nobody_is_their_own_agency"),
        ]
        indexes = [models.Index(fields=["agency", "state"]), models.Index(fields=["holder", "state"])]

    def is_in_force(self, *, on: date | None = None) -> bool:
        """Whether the agency acts by it on that day (default: today)."""
        on = on or clock.today()
        return self.state == self.State.APPROVED and self.valid_from_on <= on <= self.valid_until_on


class PowerDocument(models.Model):
    """A page or file of the signed paper, as either side handed it in; what a supplement replaces stays."""

    power = models.ForeignKey(PowerOfAttorney, on_delete=models.PROTECT, related_name="documents")
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file_id)

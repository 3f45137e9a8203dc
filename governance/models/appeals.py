"""Appeals against decisions of the platform, what was decided on them, and the bodies outside that some go on to.

What can be appealed against, by whom and with which effect stands in `governance/appealable.py`.
"""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField
from core.models import Case


class AppealQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """An organisation's own appeals, and those of its own side; staff see all. The other side is told by letter."""
        if user.is_staff:
            return self
        m = user.membership
        return self.of_side(m.organisation_id) if m else self.none()

    def of_side(self, organisation: Any) -> Self:
        """Those that an organisation filed, and those in which it stands beside whoever did."""
        return self.filter(Q(organisation=organisation) | Q(beside=organisation))

    def awaiting_staff(self) -> Self:
        return self.filter(state__in=Appeal.WAITING)

    def running(self) -> Self:
        """Not decided, not withdrawn."""
        return self.filter(state__in=Appeal.RUNNING)


class Appeal(Case):
    """Somebody whom a decision burdens asks the platform to look at it again (申诉). Source: DSA art. 20."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned for supplement")
        UNDER_REVIEW = "under_review", _("under review")
        UPHELD = "upheld", _("the decision stands")
        REVERSED = "reversed", _("reversed")
        PARTLY_REVERSED = "partly_reversed", _("reversed in part")
        REFERRED = "referred", _("before an out-of-court body")
        CONCLUDED = "concluded", _("concluded by an out-of-court body")
        SETTLED = "settled", _("settled otherwise")
        WITHDRAWN = "withdrawn", _("withdrawn")

    #: states in which it waits for the platform
    WAITING = (State.SUBMITTED, State.UNDER_REVIEW)
    RUNNING = (*WAITING, State.RETURNED)

    public_id = PublicIdField("apl")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="appeals", verbose_name=_("appellant")
    )
    filed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    #: who else is on its side: the rights holder of an agency's complaint or filing, or that agency where the holder itself
    #: appealed while it had a power over the case
    beside = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="appeals_beside",
        verbose_name=_("on the same side"),
    )  # fmt: skip
    #: name of an entry of `governance.appealable.KINDS`
    kind = models.CharField(_("against"), max_length=32)
    subject = models.CharField(_("decision"), max_length=31, help_text=_("public id of what is appealed against"))
    subject_number = models.CharField(_("number of the case"), max_length=24)
    decided_at = models.DateTimeField(_("decided at"))
    notified_at = models.DateTimeField(_("notified at"))
    closes_at = models.DateTimeField(_("could be appealed against until"))
    regime = models.CharField(_("legal regime"), max_length=16, default="cn")
    grounds = models.TextField(_("grounds"))
    language = models.CharField(max_length=16, default="zh-hans")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.SUBMITTED)
    assigned_to = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("assigned to"),
    )  # fmt: skip
    #: when it came to their desk by itself; empty for what somebody took up by hand
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    supplement_request = models.TextField(_("what is missing"), blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "decided_at", "organisation"],
                condition=~Q(state="withdrawn"),
                name="one_appeal_per_decision_and_party",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "deadline_at"], name="appeal_queue"),
            models.Index(fields=["organisation", "state"], name="appeal_of_organisation"),
            models.Index(fields=["subject"], name="appeal_by_subject"),
        ]


class AppealedLink(models.Model):
    """One link of a complaint, with the finding about it that is appealed against."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="links")
    finding = models.ForeignKey("complaints.Finding", on_delete=models.PROTECT, related_name="appealed")
    #: null while it is not decided
    is_reversed = models.BooleanField(_("reversed"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["appeal", "finding"], name="a_finding_once_per_appeal")]

    def __str__(self) -> str:
        return str(self.finding_id)


class AppealEvidence(models.Model):
    """A file that the appellant handed in."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="evidence")
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file_id)


class AppealDecision(models.Model):
    """What was decided on an appeal, by a person, with reasons: a row per act, never changed.

    `of_body` says that it carries out, or does not follow, what an out-of-court body found.
    """

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("the decision stands")
        REVERSED = "reversed", _("reversed")
        PARTLY_REVERSED = "partly_reversed", _("reversed in part")

    public_id = PublicIdField("apd")
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="decisions")
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), default=clock.now)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    reasons = models.TextField(_("reasons"))
    of_body = models.BooleanField(_("after an out-of-court body"), default=False)

    class Meta:
        verbose_name = _("decision on an appeal")
        verbose_name_plural = _("decisions on appeals")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["appeal", "of_body"], name="one_decision_per_instance")]

    def __str__(self) -> str:
        return self.public_id


class OutOfCourtBody(models.Model):
    """A certified out-of-court dispute settlement body, as staff keep the list. Source: DSA art. 21."""

    public_id = PublicIdField("ocb")
    name = models.CharField(_("name"), max_length=200, unique=True)
    regime = models.CharField(_("legal regime"), max_length=16, default="eu")
    certified_by = models.CharField(_("certified by"), max_length=200)
    certified_until_on = models.DateField(_("certified until"), null=True, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    languages = models.CharField(_("languages of its procedure"), max_length=200, blank=True)
    is_active = models.BooleanField(_("can be chosen"), default=True)

    class Meta:
        verbose_name = _("out-of-court body")
        verbose_name_plural = _("out-of-court bodies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Referral(models.Model):
    """An appeal that went on to a body outside, and what the body found."""

    class Finding(models.TextChoices):
        FOR_PLATFORM = "for_platform", _("the decision was right")
        FOR_APPELLANT = "for_appellant", _("the appellant was right")
        PARTLY = "partly", _("the appellant was right in part")

    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, related_name="referral")
    body = models.ForeignKey(OutOfCourtBody, on_delete=models.PROTECT, related_name="referrals")
    reference = models.CharField(_("reference number of the body"), max_length=64)
    referred_on = models.DateField(_("referred on"))
    recorded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(_("finding of the body"), max_length=16, choices=Finding, blank=True)
    found_on = models.DateField(_("found on"), null=True, blank=True)
    #: the body binds nobody (DSA art. 21(2)): whether the platform does what it found
    is_followed = models.BooleanField(_("followed"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")

    def __str__(self) -> str:
        return self.reference

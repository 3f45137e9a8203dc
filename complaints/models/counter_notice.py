"""Counter-notices: a merchant's answer to one statement of reasons, each of its links on a way of its own.

Proceedings and orders are append-only but for how a proceeding ended; `CounterNotice.state` moves only through
its lifecycle, and the outcome of a link only through the services.
"""

from secrets import token_hex
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Complaint, ComplaintTarget, StatementOfReasons
from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.models import Case


class CounterNoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """A merchant's own; a complainant's once they were passed on to it; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        if m is None:
            return self.none()
        theirs = Q(complaint__organisation_id=m.organisation_id) | Q(complaint__holder_id=m.organisation_id)
        passed_on = theirs & Q(forwarded_at__isnull=False)
        return self.filter(Q(organisation_id=m.organisation_id) | passed_on)

    def still_open(self) -> Self:
        return self.filter(state__in=CounterNotice.OPEN)

    def past_deadline(self, at: Any) -> Self:
        return self.filter(deadline_at__lte=at)


class CounterNotice(Case):
    """A merchant's statement that it does not infringe (不侵权声明), against one statement of reasons.

    Source: E-Commerce Law art. 43; 17 U.S.C. § 512(g)(3). Under the DSA it is an internal complaint (art. 20).
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned for supplement")
        FORWARDED = "forwarded", _("on its way to the complainant")
        WAITING = "waiting", _("waiting period runs")
        IN_PROCEEDINGS = "in_proceedings", _("before a court or authority")
        IN_REVIEW = "in_review", _("being looked at anew")
        CONCLUDED = "concluded", _("concluded")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("lapsed")

    #: states in which something is still to come
    OPEN = (
        State.SUBMITTED, State.RETURNED, State.FORWARDED, State.WAITING, State.IN_PROCEEDINGS, State.IN_REVIEW,
    )  # fmt: skip

    class Delivered(models.TextChoices):
        """How a counter-notice is known to have reached the complainant."""

        OPENED = "opened", _("somebody of the complainant opened it")
        LETTER = "letter", _("the mail server of the complainant took the letter")
        SHOWN = "shown", _("it stood on the complainant's page, and no letter could be delivered")

    public_id = PublicIdField("ctn")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="counter_notices")
    statement = models.ForeignKey(StatementOfReasons, on_delete=models.PROTECT, related_name="counter_notices")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="counter_notices")
    filed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.SUBMITTED)
    description = models.TextField(_("why it does not infringe"))
    signature = EncryptedTextField(_("signed by"), blank=True)
    name = EncryptedTextField(_("name"), blank=True)
    address = EncryptedTextField(_("address"), blank=True)
    phone = EncryptedTextField(_("telephone"), blank=True)
    good_faith_at = models.DateTimeField(_("assured to be true at"), null=True, blank=True)
    jurisdiction_at = models.DateTimeField(_("consented to jurisdiction at"), null=True, blank=True)
    #: with it the ledger's digests of personal data were made: without it they say nothing any more
    salt = models.CharField(max_length=64, default=token_hex, editable=False)
    #: when it came in, or came back supplemented; in some regimes the waiting period runs from here
    received_at = models.DateTimeField(_("received at"), default=clock.now)
    forwarded_at = models.DateTimeField(_("forwarded at"), null=True, blank=True)
    #: when it reached the complainant; in some regimes the waiting period runs from here
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    delivered_by = models.CharField(_("how it was delivered"), max_length=16, choices=Delivered, blank=True)
    is_provisional = models.BooleanField(_("the end rests on a calendar that is not published yet"), default=False)
    supplement_request = models.TextField(_("what is missing"), blank=True)

    objects = CounterNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("counter-notice")
        verbose_name_plural = _("counter-notices")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "deadline_at"]), models.Index(fields=["organisation", "state"])]

    def has_party(self, person: Any) -> bool:
        """Whether somebody belongs to either side."""
        sides = [self.organisation_id, self.complaint.organisation_id, self.complaint.holder_id]
        return bool(person.memberships.filter(organisation__in=[side for side in sides if side]).exists())


class CounterNoticeTarget(models.Model):
    """One link that a counter-notice answers for, and what became of it."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("open")
        SUSTAINED = "sustained", _("stays down: a proceeding was proved")
        RELEASED = "released", _("released")
        CONCEDED = "conceded", _("conceded by the complainant")
        KEPT = "kept", _("stays down")
        WITHDRAWN = "withdrawn", _("withdrawn by the merchant")
        LAPSED = "lapsed", _("lapsed")

    class Ground(models.TextChoices):
        """Why an outcome is what it is."""

        PROVED = "proved", _("the complainant proved that it went to an authority or court")
        NO_PROOF = "no_proof", _("no word of a proceeding came within the waiting period")
        CONCEDED = "conceded", _("the complainant accepts the counter-notice")
        COMPLAINT_WITHDRAWN = "complaint_withdrawn", _("the complaint was withdrawn")
        INFRINGEMENT = "infringement", _("the proceeding found an infringement")
        NO_INFRINGEMENT = "no_infringement", _("the proceeding found no infringement")
        PROCEEDING_OVER = "proceeding_over", _("the proceeding ended without a finding")
        ORDER = "order", _("a court ordered it")
        CONFIRMED = "confirmed", _("looked at anew, the decision stands")
        REVERSED = "reversed", _("looked at anew, the decision was reversed")

    #: outcomes that are not the last
    OPEN = (Outcome.WAITING, Outcome.SUSTAINED)
    #: outcomes after which this complaint holds the link no more
    LET_GO = (Outcome.RELEASED, Outcome.CONCEDED)

    counter_notice = models.ForeignKey(CounterNotice, on_delete=models.PROTECT, related_name="links")
    complaint_target = models.ForeignKey(ComplaintTarget, on_delete=models.PROTECT, related_name="answers")
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, default=Outcome.WAITING)
    ground = models.CharField(_("why"), max_length=24, choices=Ground, blank=True)
    #: the reasons of who looked at it anew; both sides read them
    reasons = models.TextField(_("facts and reasons"), blank=True)
    settled_at = models.DateTimeField(_("since"), null=True, blank=True)

    class Meta:
        verbose_name = _("link of a counter-notice")
        verbose_name_plural = _("links of counter-notices")
        constraints = [
            models.UniqueConstraint(fields=["counter_notice", "complaint_target"], name="a_link_once_per_answer"),
            models.UniqueConstraint(
                fields=["complaint_target"], condition=Q(outcome__in=["waiting", "sustained"]),
                name="one_open_answer_per_link",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.counter_notice_id}: {self.complaint_target_id}"


class CounterEvidence(models.Model):
    """A file that the merchant handed in with its answer."""

    counter_notice = models.ForeignKey(CounterNotice, on_delete=models.PROTECT, related_name="evidence")
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    is_passed_on = models.BooleanField(_("passed on to the complainant"), default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file_id)


class Proceeding(models.Model):
    """Word of a complaint to an authority, or of a lawsuit, with its proof.

    What came after the day is recorded and keeps nothing down by itself: `is_late`.
    """

    class Kind(models.TextChoices):
        AUTHORITY = "authority", _("complaint to an authority")
        LAWSUIT = "lawsuit", _("lawsuit")

    class Result(models.TextChoices):
        PENDING = "pending", _("pending")
        INFRINGEMENT = "infringement", _("infringement found")
        NO_INFRINGEMENT = "no_infringement", _("no infringement found")
        OVER = "over", _("withdrawn, or ended without a finding")

    public_id = PublicIdField("prc")
    counter_notice = models.ForeignKey(CounterNotice, on_delete=models.PROTECT, related_name="proceedings")
    links = models.ManyToManyField(CounterNoticeTarget, related_name="proceedings")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    forum = models.CharField(_("court or authority"), max_length=200)
    case_number = models.CharField(_("case number"), max_length=100)
    filed_on = models.DateField(_("filed on"))
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    proved_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proved_at = models.DateTimeField(_("proved at"), default=clock.now)
    is_late = models.BooleanField(_("came too late"), default=False)
    result = models.CharField(_("result"), max_length=16, choices=Result, default=Result.PENDING)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    recorded_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("proceeding")
        verbose_name_plural = _("proceedings")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.forum} {self.case_number}"


class CourtOrder(models.Model):
    """What a court ordered about links of a complaint, answered or not: it overrides every period."""

    class Kind(models.TextChoices):
        JUDGMENT = "judgment", _("court order or judgment")
        INTERIM = "interim", _("interim injunction")

    public_id = PublicIdField("ord")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="orders")
    targets = models.ManyToManyField(ComplaintTarget, related_name="orders")
    #: the answers for these links that there were then
    links = models.ManyToManyField(CounterNoticeTarget, related_name="orders")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    keeps_down = models.BooleanField(_("keeps the links down"))
    forum = models.CharField(_("court"), max_length=200)
    case_number = models.CharField(_("case number"), max_length=100)
    ordered_on = models.DateField(_("ordered on"))
    recorded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now)

    class Meta:
        verbose_name = _("court order")
        verbose_name_plural = _("court orders")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.forum} {self.case_number}"

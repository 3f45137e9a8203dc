"""Complaints: notices by a complainant, under one filing, against one or more targets.

Decisions, findings and statements are append-only rows; only `Complaint.state` and the outcome of a
target move, and only through the lifecycle and its services.
"""

from secrets import token_hex
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.hidden import hidden_cases
from complaints.models.conduct import Lane
from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.models import Case
from marketplace.models import Scene


class Infringement(models.TextChoices):
    """Kinds of infringement; which fit which right and scene stands in `complaints/reasons.py`."""

    COUNTERFEIT = "counterfeit", _("counterfeit goods")
    TRADEMARK_USE = "trademark_use", _("use of the mark in title, image or packaging")
    PIRATED_BOOK = "pirated_book", _("pirated book or copy")
    COPIED_IMAGE = "copied_image", _("copied image, text or video")
    PIRATED_SOFTWARE = "pirated_software", _("pirated software")
    PATENT_PRODUCT = "patent_product", _("product made under the patent without licence")
    DESIGN_COPY = "design_copy", _("copied design")
    GI_MISUSE = "gi_misuse", _("misuse of the geographical indication")
    SHOP_NAME = "shop_name", _("shop name or avatar infringes")
    FORGED_AUTHORISATION = "forged_authorisation", _("forged authorisation")


class Draft(models.Model):
    """A complaint being written: it keeps itself, and becomes a complaint exactly once."""

    public_id = PublicIdField("drf")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    data = models.JSONField(default=dict)
    files = models.ManyToManyField("core.PrivateFile", blank=True)
    complaint = models.OneToOneField(
        "Complaint", null=True, blank=True, on_delete=models.SET_NULL, related_name="draft"
    )
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return self.public_id


class ComplaintQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """An organisation's own complaints, and those that an agency made for it; staff see all but what is hidden from them.

        Who is complained of sees notices, not complaints.
        """
        if user.is_staff:
            hidden = hidden_cases(user)
            return self.exclude(pk__in=hidden) if hidden else self
        m = user.membership
        if m is None:
            return self.none()
        own = Q(organisation_id=m.organisation_id)
        return self.filter(own if m.organisation.kind != "rights_holder" else own | Q(holder_id=m.organisation_id))

    def awaiting_staff(self) -> Self:
        return self.filter(state__in=Complaint.WAITING)

    def past_deadline(self, at: Any) -> Self:
        return self.filter(deadline_at__lte=at)

    def of_others(self, person: Any) -> Self:
        """Those whose parties somebody does not belong to, as `Complaint.has_party` says of one."""
        own = list(person.memberships.values_list("organisation_id", flat=True))
        if not own:
            return self
        sold = ComplaintTarget.objects.filter(Q(target__operator__in=own) | Q(target__shop__operator__in=own))
        others = self.exclude(organisation_id__in=own).exclude(holder_id__in=own)
        return others.exclude(pk__in=sold.values("complaint_id"))


class Complaint(Case):
    """A notice of infringement (侵权投诉)."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned for supplement")
        REJECTED = "rejected", _("rejected at the door")
        ACCEPTED = "accepted", _("accepted")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")
        NOTIFIED = "notified", _("parties notified")
        COUNTERED = "countered", _("answered by a merchant")
        CLOSED = "closed", _("closed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Channel(models.TextChoices):
        ACCOUNT = "account", _("with an account")
        PUBLIC_FORM = "public_form", _("public form, without an account")

    #: states in which it waits for the platform
    WAITING = (State.SUBMITTED, State.ACCEPTED)

    public_id = PublicIdField("cmp")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="complaints")
    filed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    #: for whom an agency complained, and the power of attorney that it used; empty for what an organisation owns itself
    holder = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT,
        related_name="complained_of_by_agencies", verbose_name=_("on behalf of"),
    )  # fmt: skip
    power = models.ForeignKey(
        "accounts.PowerOfAttorney", null=True, blank=True, on_delete=models.PROTECT, related_name="complaints",
        verbose_name=_("power of attorney"),
    )  # fmt: skip
    #: when the holder itself stood by a complaint of its agency: it is decided whatever becomes of the power
    adopted_at = models.DateTimeField(_("the rights holder stands by it since"), null=True, blank=True)
    filing = models.ForeignKey("filings.Filing", on_delete=models.PROTECT, related_name="complaints")
    regime = models.CharField(_("legal regime"), max_length=16, default="cn")
    infringement = models.CharField(_("kind of infringement"), max_length=32, choices=Infringement)
    description = models.TextField(_("description"))
    test_buy_order = models.CharField(_("test-buy order number"), max_length=64, blank=True)
    signature = EncryptedTextField(_("signed by"))
    good_faith_at = models.DateTimeField(_("good-faith statement made at"))
    language = models.CharField(max_length=16, default="zh-hans")
    #: by which door it came; one from the public form brings its right along, which is proved with it
    channel = models.CharField(_("came by"), max_length=16, choices=Channel, default=Channel.ACCOUNT)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.SUBMITTED)
    risk = models.PositiveSmallIntegerField(_("risk"), default=0)
    assigned_to = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="assigned_complaints",
        verbose_name=_("assigned to"),
    )  # fmt: skip
    #: when it came to their desk; empty for what somebody accepted straight away
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    supplement_request = models.TextField(_("what is missing"), blank=True)
    upheld_before = models.BooleanField(_("at least one target was upheld"), default=False)
    # Fixed when it was submitted, with the reason (`complaints/lanes.py`); only a suspension moves it afterwards.
    lane = models.CharField(_("lane"), max_length=8, choices=Lane, default=Lane.NORMAL)
    lane_reason = models.CharField(_("reason of the lane"), max_length=16, default="usual")
    lane_score = models.PositiveSmallIntegerField(_("good-faith score then"), null=True, blank=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "deadline_at", "-risk"]),
            models.Index(fields=["organisation", "state"]),
            models.Index(fields=["-state_since_at", "-id"], name="complaint_newest_first"),
            # What the queue sorts and counts by: read from the index alone, however many wait.
            models.Index(
                fields=["state", "deadline_at", "-risk", "assigned_to", "lane", "language", "id"],
                condition=Q(state__in=["submitted", "accepted"]),
                name="complaint_waiting",
            ),
        ]

    def has_party(self, person: Any) -> bool:
        """Whether somebody belongs to the complainant or whom it represents, or to a merchant that is complained of."""
        return bool(person.memberships.filter(self.of_parties).exists())

    @property
    def of_parties(self) -> Q:
        """Which memberships are of a party of this case."""
        return (
            Q(organisation__in=[self.organisation_id, *([self.holder_id] if self.holder_id else [])])
            | Q(organisation__shops__complained_of__complaint=self)
            | Q(organisation__shops__items__complained_of__complaint=self)
        )


class ComplaintTarget(models.Model):
    """One link of a complaint: what it named, where it was seen, how it looked then, what became of it."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("not decided yet")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REINSTATED = "reinstated", _("put up again")

    public_id = PublicIdField("ctg")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="targets")
    target = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="complained_of")
    #: where the target is, and stays: so that a list of cases narrows to one marketplace by its own index
    marketplace = models.ForeignKey(
        "marketplace.Marketplace", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        db_constraint=False, editable=False,
    )  # fmt: skip
    scene = models.CharField(_("scene"), max_length=16, choices=Scene)
    link = models.CharField(_("link as pasted"), max_length=1000)
    seconds = models.PositiveIntegerField(_("at second"), null=True, blank=True)
    snapshot = models.JSONField(_("snapshot"), default=dict)
    snapshot_hash = models.CharField(_("SHA-256 of the snapshot"), max_length=64)
    captured_at = models.DateTimeField(_("captured at"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, default=Outcome.PENDING)

    class Meta:
        verbose_name = _("target of a complaint")
        verbose_name_plural = _("targets of complaints")
        constraints = [models.UniqueConstraint(fields=["complaint", "target"], name="a_target_once_per_complaint")]
        indexes = [
            models.Index(fields=["target", "outcome"]),
            models.Index(fields=["marketplace", "complaint"], name="link_by_marketplace"),
            models.Index(fields=["scene", "complaint"], name="link_by_scene"),
        ]

    def __str__(self) -> str:
        return self.link


class MatchedLink(models.Model):
    """A copy of an original that was found under a link: the complaint was made of it.

    The room of the images knows nothing of complaints; who looks at a match asks here what became of it.
    """

    link = models.ForeignKey(ComplaintTarget, on_delete=models.PROTECT, related_name="matched")
    match = models.ForeignKey("imageguard.Match", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "match"], name="a_match_once_per_link")]

    def __str__(self) -> str:
        return f"{self.match_id} in {self.link_id}"


class Evidence(models.Model):
    """A file that a party handed in for a case."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="evidence")
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    is_shown_to_merchant = models.BooleanField(_("shown to the merchant"), default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file_id)


class Decision(models.Model):
    """What a reviewer decided on a complaint: one row per act, never changed."""

    public_id = PublicIdField("dec")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="decisions")
    decided_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), default=clock.now)
    is_automated = models.BooleanField(_("made by a machine"), default=False)
    #: public id of the appeal, or counter-notice, that turned an earlier decision round; empty for the first
    on_appeal = models.CharField(_("on appeal"), max_length=31, blank=True, default="")

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]
        indexes = [models.Index(fields=["decided_at"], name="decision_by_day")]

    def __str__(self) -> str:
        return self.public_id


class Finding(models.Model):
    """The decision on one target: upheld or dismissed, under which rule, on which facts."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="findings")
    complaint_target = models.ForeignKey(ComplaintTarget, on_delete=models.PROTECT, related_name="findings")
    #: what tells the shop that sold it when it was decided; a listing may change shops afterwards
    statement = models.ForeignKey(
        "StatementOfReasons", null=True, blank=True, on_delete=models.PROTECT, related_name="findings"
    )
    outcome = models.CharField(_("outcome"), max_length=16, choices=ComplaintTarget.Outcome)
    rule = models.CharField(_("rule"), max_length=32)
    #: what the rule said when it was complained of
    rule_version = models.ForeignKey("rulebook.RuleVersion", on_delete=models.PROTECT, related_name="+")
    facts = models.TextField(_("facts and reasons"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "complaint_target"], name="one_finding_per_target"),
            models.CheckConstraint(condition=Q(outcome__in=["upheld", "dismissed"]), name="a_finding_decides"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.rule}"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Notices against the shops of the merchant for which this person acts; staff see those of complaints they see."""
        if user.is_staff:
            hidden = hidden_cases(user)
            return self.exclude(decision__complaint__in=hidden) if hidden else self
        m = user.membership
        return self.filter(shop__operator_id=m.organisation_id) if m else self.none()


class StatementOfReasons(models.Model):
    """What one shop is told about a decision: restriction, facts, rule, automated or not, redress.

    Source: DSA art. 17; E-Commerce Law art. 42. Addressed to the shop, for its targets alone.
    """

    public_id = PublicIdField("sor")
    number = models.CharField(_("number"), max_length=20, unique=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="statements")
    shop = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="statements")
    #: with it the ledger's digest of what was passed on was made: without it that says nothing any more
    salt = models.CharField(max_length=64, default=token_hex, editable=False)
    created_at = models.DateTimeField(default=clock.now)
    first_read_at = models.DateTimeField(_("first read at"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement of reasons")
        verbose_name_plural = _("statements of reasons")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["decision", "shop"], name="one_statement_per_shop")]

    def __str__(self) -> str:
        return self.number


class StaffNote(models.Model):
    """A note among staff that the parties never see; append-only."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"))
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.pk)

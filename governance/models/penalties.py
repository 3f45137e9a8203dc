"""Points against shops, what they lead to, and which shops belong to one operator.

A strike is counted once and can be taken back; a penalty moves only through its lifecycle. What a penalty does to a
shop stands in `marketplace`: holds and restrictions whose cause is the penalty.
"""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField
from core.models import Case
from rulebook.models import Measure


class ShopRecord(models.Model):
    """One row for each shop that ever had points: whoever counts points or decides on penalties takes turns on it."""

    shop = models.OneToOneField("marketplace.Target", on_delete=models.PROTECT, related_name="record")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("record of a shop")
        verbose_name_plural = _("records of shops")

    def __str__(self) -> str:
        return str(self.shop)


class OfShopQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """What is about the shops of the merchant for which this person acts; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        return self.filter(shop__operator_id=m.organisation_id) if m else self.none()


class StrikeQuerySet(OfShopQuerySet):
    def standing(self) -> Self:
        return self.filter(taken_back_at__isnull=True)

    def counting(self, at: datetime | None = None) -> Self:
        """Those whose points count at that moment."""
        at = at or clock.now()
        return self.standing().filter(counted_at__lte=at, expires_at__gt=at)


class Strike(models.Model):
    """Points against a shop, under the version of a rule that was in force at the time of the act."""

    public_id = PublicIdField("stk")
    shop = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="strikes")
    rule_version = models.ForeignKey(
        "rulebook.RuleVersion", on_delete=models.PROTECT, related_name="+", verbose_name=_("rule")
    )
    code = models.CharField(_("code of the rule"), max_length=16)
    #: public id of what brought it: a complaint, a finding of patrol, or the target that was put up again
    cause = models.CharField(_("cause"), max_length=64)
    #: tells acts of the same cause apart: the day of a relisting; empty for a decision
    occasion = models.CharField(max_length=32, blank=True)
    number = models.CharField(_("number of the case"), max_length=40, blank=True)
    statement = models.ForeignKey(
        "complaints.StatementOfReasons", null=True, blank=True, on_delete=models.PROTECT, related_name="strikes"
    )
    #: why staff counted it, as the shop reads it; empty where a decision or a rule did
    reason = models.TextField(_("reason"), blank=True)
    points = models.PositiveSmallIntegerField(_("points"))
    is_doubled = models.BooleanField(_("doubled as a repetition"), default=False)
    counted_at = models.DateTimeField(_("counted from"))
    expires_at = models.DateTimeField(_("counts until"))
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    taken_back_reason = models.CharField(_("why it was taken back"), max_length=300, blank=True)

    objects = StrikeQuerySet.as_manager()

    class Meta:
        verbose_name = _("strike")
        verbose_name_plural = _("strikes")
        ordering = ["-counted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "cause", "code", "occasion"], condition=Q(taken_back_at__isnull=True),
                name="an_act_counts_once",
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="a_strike_has_points"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["shop", "expires_at"]), models.Index(fields=["cause"])]

    def __str__(self) -> str:
        return f"{self.code} {self.number}"

    @property
    def counts(self) -> bool:
        return self.taken_back_at is None and self.expires_at > clock.now()

    @property
    def finding(self) -> str:
        """Public id of the finding of patrol that brought it; empty where something else did."""
        return self.cause if self.cause.startswith("fnd_") else ""

    @property
    def follows_decision(self) -> bool:
        """Whether a decision brought it that can be appealed against: then it is taken back with that."""
        return self.statement_id is not None or bool(self.finding)


class ShopLinkQuerySet(models.QuerySet):
    def believed(self) -> Self:
        return self.exclude(state=ShopLink.State.DISMISSED)


class ShopLink(models.Model):
    """Two shops that seem to be of one operator, with what tells so; the later one inherits the earlier one's points.

    The same licence or account is certain; the same device is for staff to look at and inherits nothing before.
    """

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("to be looked at")
        CERTAIN = "certain", _("certain")
        CONFIRMED = "confirmed", _("confirmed by staff")
        DISMISSED = "dismissed", _("not the same operator")

    #: states in which points are inherited
    INHERITS = (State.CERTAIN, State.CONFIRMED)

    public_id = PublicIdField("shl")
    earlier = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="followed_by")
    later = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="follows")
    #: which of `licence`, `account`, `device` are the same
    grounds = models.JSONField(_("what is the same"), default=list)
    state = models.CharField(_("state"), max_length=16, choices=State)
    found_at = models.DateTimeField(_("found at"), default=clock.now)
    decided_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    note = models.TextField(_("note"), blank=True)

    objects = ShopLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link between shops")
        verbose_name_plural = _("links between shops")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["earlier", "later"], name="one_link_per_pair"),
            models.CheckConstraint(condition=~Q(earlier=F("later")), name="no_shop_follows_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.earlier} → {self.later}"

    @property
    def inherits(self) -> bool:
        return self.state in self.INHERITS


class Penalty(Case):
    """What the points of a shop lead to: heard, confirmed, in force, and over; or reversed."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        HEARING = "hearing", _("hearing")
        CONFIRMED = "confirmed", _("confirmed")
        IN_FORCE = "in_force", _("in force")
        ENDED = "ended", _("ended")
        LIFTED = "lifted", _("lifted early")
        REVERSED = "reversed", _("reversed")
        DROPPED = "dropped", _("not imposed")

    #: states in which it waits for somebody at the platform
    WAITING = (State.PROPOSED, State.HEARING, State.CONFIRMED)
    #: states that a shop is told of
    TOLD = (State.HEARING, State.CONFIRMED, State.IN_FORCE, State.ENDED, State.LIFTED, State.REVERSED)

    public_id = PublicIdField("pen")
    shop = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="penalties")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PROPOSED)
    measure = models.CharField(_("measure"), max_length=16, choices=Measure)
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    #: the step of the ladder that was reached, and the points with which it was
    step_points = models.PositiveSmallIntegerField(_("step"))
    points = models.PositiveSmallIntegerField(_("points"))
    ladder = models.ForeignKey("rulebook.RuleVersion", on_delete=models.PROTECT, related_name="+")
    strikes = models.ManyToManyField(Strike, related_name="penalties", blank=True)
    link = models.ForeignKey(ShopLink, null=True, blank=True, on_delete=models.PROTECT, related_name="penalties")
    reason = models.TextField(_("reason"), blank=True)
    proposed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: what the shop said in the hearing
    statement = models.TextField(_("statement of the shop"), blank=True)
    stated_at = models.DateTimeField(_("stated at"), null=True, blank=True)
    stated_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: of a ban, the second person
    put_in_force_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    began_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("in force until"), null=True, blank=True)
    #: why it was lifted, reversed or not imposed
    note = models.TextField(_("note"), blank=True)
    early_end_asked_at = models.DateTimeField(_("early end asked for at"), null=True, blank=True)
    early_end_reason = models.TextField(_("why it should end early"), blank=True)

    objects = OfShopQuerySet.as_manager()

    class Meta:
        verbose_name = _("penalty")
        verbose_name_plural = _("penalties")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "deadline_at"]), models.Index(fields=["shop", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "step_points"], condition=Q(state__in=["proposed", "hearing", "confirmed"]),
                name="one_open_penalty_per_step",
            ),
            models.CheckConstraint(
                condition=~Q(measure="ban") | ~Q(state="in_force") | Q(put_in_force_by__isnull=False),
                name="a_ban_has_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(put_in_force_by__isnull=True) | ~Q(put_in_force_by=F("confirmed_by")),
                name="the_second_person_is_another",
            ),
        ]  # fmt: skip

    @property
    def holds_the_shop(self) -> bool:
        """Whether the shop is down while it is in force."""
        return self.measure in (Measure.SUSPENSION, Measure.BAN)

    @property
    def is_ban(self) -> bool:
        return self.measure == Measure.BAN

    def is_of(self, organisation_id: int) -> bool:
        return self.shop.operator_id == organisation_id

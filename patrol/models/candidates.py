"""Candidates: what patrol found, and what was decided on it."""

import hashlib
from secrets import token_hex
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Infringement
from core import clock
from core.ids import PublicIdField
from core.models import Case


class CandidateQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """What a brand was asked about or handed; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        if m is None:
            return self.none()
        return self.filter(profile__filing__organisation_id=m.organisation_id, was_shown_to_brand=True)

    def awaiting_decision(self) -> Self:
        return self.filter(state=Candidate.State.OPEN)


class Candidate(Case):
    """One listing, video, livestream or shop that patrol takes for an infringement of one profile's right.

    One row for each pair; it opens again where the listing shows other evidence than what was dismissed. `signals` is
    what was seen, as `patrol.signals.Seen` writes it; words are made of it in the reader's language.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to decide")
        ASKED = "asked", _("brand asked")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")
        HANDED_OVER = "handed_over", _("handed to the brand")
        GONE = "gone", _("gone by itself")
        REVERSED = "reversed", _("reversed")

    class Source(models.TextChoices):
        FEED = "feed", _("new or changed listing")
        SCAN = "scan", _("scan")
        RECHECK = "recheck", _("re-check")
        SAMPLE = "sample", _("sampling")
        PRECHECK = "precheck", _("pre-check")

    public_id = PublicIdField("can")
    target = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="candidates")
    profile = models.ForeignKey("patrol.WatchProfile", on_delete=models.PROTECT, related_name="candidates")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    source = models.CharField(_("found by"), max_length=16, choices=Source, default=Source.FEED)
    scan = models.ForeignKey("patrol.Scan", null=True, blank=True, on_delete=models.PROTECT, related_name="candidates")
    #: of the target when it was found last
    target_version = models.PositiveIntegerField()
    #: 0..1: how likely it infringes
    score = models.FloatField(_("score"))
    #: what each signal adds to the score, as `patrol.risk.Part` writes it
    parts = models.JSONField(_("parts of the score"), default=dict)
    signals = models.JSONField(_("what was seen"), default=list)
    evidence_hash = models.CharField(max_length=64)
    #: the same for listings that are copies of each other: their picture, or else their normalised title
    copy_key = models.CharField(max_length=64, blank=True, db_index=True)
    model = models.ForeignKey("patrol.RiskModel", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: when it was looked at last and found
    found_at = models.DateTimeField(_("found at"), default=clock.now)
    #: when it was found, or found again after it was over: from here the time runs until it is down
    first_found_at = models.DateTimeField(_("first found at"), default=clock.now)
    was_shown_to_brand = models.BooleanField(_("shown to the brand"), default=False)
    #: why a person dismissed it
    dismissal = models.CharField(_("why dismissed"), max_length=32, blank=True)
    note = models.TextField(_("note"), blank=True)
    #: what the brand's complaint grew from, where it was handed over
    draft = models.ForeignKey("complaints.Draft", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["target", "profile"], name="one_candidate_per_listing_and_profile"),
            models.CheckConstraint(condition=Q(score__gte=0) & Q(score__lte=1), name="a_score_is_a_ratio"),
        ]
        indexes = [
            models.Index(fields=["state", "-score"]),
            models.Index(fields=["-score", "id"], name="candidate_surest_first"),
            models.Index(fields=["profile", "state"]),
        ]

    @property
    def rank(self) -> int:
        """Its score in percent."""
        return round(self.score * 100)

    @property
    def as_shown(self) -> str:
        """Changes with what a person decides on: what was seen, the listing itself, what the brand said, the state."""
        shown = f"{self.evidence_hash} {self.target.version} {self.state} {self.state_since_at.isoformat()}"
        return hashlib.sha256(shown.encode()).hexdigest()[:32]


class CandidateDecisionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Findings against the shops of the merchant for which this person acts, and what reversed them; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        told = self.exclude(outcome=CandidateDecision.Outcome.DISMISSED)
        return told.filter(shop__operator_id=m.organisation_id) if m else self.none()

    def findings(self) -> Self:
        """What was upheld: the statements of reasons, whatever became of them."""
        return self.filter(outcome=CandidateDecision.Outcome.UPHELD)


class CandidateDecision(models.Model):
    """What was decided on a candidate: append-only. An upheld one is the statement of reasons to its shop.

    Source: DSA art. 17 (own initiative included); E-Commerce Law art. 45.
    """

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")
        REVERSED = "reversed", _("reversed")

    public_id = PublicIdField("fnd")
    number = models.CharField(_("number"), max_length=20, unique=True)
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    shop = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="+")
    #: which of `complaints.models.Infringement` it is
    infringement = models.CharField(_("infringement"), max_length=32, blank=True)
    rule_version = models.ForeignKey("rulebook.RuleVersion", null=True, on_delete=models.PROTECT, related_name="+")
    facts = models.TextField(_("facts"), blank=True)
    #: how the listing stood when it was decided on: title, price, address, version
    snapshot = models.JSONField(default=dict)
    is_automated = models.BooleanField(_("without a person"), default=False)
    decided_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), default=clock.now)
    notified_at = models.DateTimeField(_("shop told at"), null=True, blank=True)
    #: the first of the findings that were upheld together with it against the same shop: they count once (ADR 14)
    decided_with = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: public id of the appeal that it follows
    on_appeal = models.CharField(max_length=31, blank=True)
    salt = models.CharField(max_length=64, default=token_hex, editable=False)

    objects = CandidateDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision on a candidate")
        verbose_name_plural = _("decisions on candidates")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["outcome", "decided_at"])]

    def __str__(self) -> str:
        return self.number

    @property
    def infringement_label(self) -> str:
        return str(Infringement(self.infringement).label) if self.infringement else ""


class BrandAnswer(models.Model):
    """What the brand's own contact said when it was asked; append-only."""

    class Verdict(models.TextChoices):
        INFRINGES = "infringes", _("not ours: it infringes")
        GENUINE = "genuine", _("genuine, or allowed")
        UNSURE = "unsure", _("cannot be told from here")

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="answers")
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("answer of a brand")
        verbose_name_plural = _("answers of brands")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.verdict

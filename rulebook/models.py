"""Rules and their versions, and proposals to change them.

A version is written once and never changed: a database trigger refuses it. What is to be different from some day on is
a new version, which two people made: one proposed it, another approved it.
"""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import clock, ledger
from core.ids import PublicIdField
from core.models import Case


class Effect(models.TextChoices):
    """What citing a rule does."""

    UPHOLDS = "upholds", _("carries a takedown")
    DISMISSES = "dismisses", _("carries a dismissal")
    POINTS = "points", _("brings points")
    LADDER = "ladder", _("says what points lead to")
    CONDUCT = "conduct", _("says how complainants are to behave, and what follows")


class Ladder(models.TextChoices):
    """Against whom the points of a rule count."""

    NONE = "", _("nobody")
    SHOP = "shop", _("the shop")
    COMPLAINANT = "complainant", _("the complainant")


class Measure(models.TextChoices):
    """What a step of a ladder does."""

    WARNING = "warning", _("warning")
    LIMITS = "limits", _("no new listings")
    DEMOTION = "demotion", _("search demotion")
    DEPOSIT = "deposit", _("security deposit")
    SUSPENSION = "suspension", _("suspension")
    BAN = "ban", _("ban")


class Wording(models.Model):
    """What a rule says, to whom it applies, and from when: shared by versions and by proposals of them."""

    title_zh = models.CharField(_("title in Chinese"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    text_zh = models.TextField(_("text in Chinese"))
    text_en = models.TextField(_("text in English"))
    source_zh = models.CharField(_("source in Chinese"), max_length=300)
    source_en = models.CharField(_("source in English"), max_length=300)
    effect = models.CharField(_("effect"), max_length=16, choices=Effect)
    ladder = models.CharField(_("counts against"), max_length=16, choices=Ladder, blank=True)
    points = models.PositiveSmallIntegerField(_("points"), default=0)
    rights = models.JSONField(_("kinds of rights"), default=list, blank=True, help_text=_("none: every kind"))
    targets = models.JSONField(_("kinds of targets"), default=list, blank=True, help_text=_("none: every kind"))
    #: of a ladder: `{"points", "measure", "days"}` of each step, from the lowest
    steps = models.JSONField(_("steps"), default=list, blank=True)
    effective_from = models.DateTimeField(_("in force from"))
    effective_until = models.DateTimeField(_("in force until"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_chinese(self) -> bool:
        return (get_language() or "").startswith("zh")

    @property
    def title(self) -> str:
        return self.title_zh if self.is_chinese else self.title_en

    @property
    def text(self) -> str:
        return self.text_zh if self.is_chinese else self.text_en

    @property
    def source(self) -> str:
        return self.source_zh if self.is_chinese else self.source_en

    @property
    def upholds(self) -> bool:
        return self.effect == Effect.UPHOLDS

    @property
    def is_for_decisions(self) -> bool:
        """Whether a decision on a complaint may cite it."""
        return self.effect in (Effect.UPHOLDS, Effect.DISMISSES)

    def fits(self, *, right: str, kinds: Any) -> bool:
        """Whether a decision under a right of this kind may cite it for targets of these kinds."""
        return (
            self.is_for_decisions
            and (not self.rights or right in self.rights)
            and (not self.targets or set(kinds) <= set(self.targets))
        )

    def digest(self) -> str:
        """SHA-256 of all that it says: a ledger entry that cites the version seals its words."""
        said = {name: getattr(self, name) for name in WORDING}
        moments = {name: at.isoformat() if (at := getattr(self, name)) else None for name in PERIOD}
        return ledger.payload_hash(said | moments)


PERIOD = ("effective_from", "effective_until")
#: the columns that a proposal hands on to the version made of it, without the period
WORDING = (
    "title_zh", "title_en", "text_zh", "text_en", "source_zh", "source_en", "effect", "ladder", "points", "rights",
    "targets", "steps",
)  # fmt: skip


class Rule(models.Model):
    """A rule by its code, which never changes and is never used for another."""

    code = models.SlugField(_("code"), max_length=16, unique=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.code


class RuleVersionQuerySet(models.QuerySet):
    def begun(self, at: datetime) -> Self:
        return self.filter(effective_from__lte=at)

    def in_force(self, at: datetime | None = None) -> Self:
        """At most one version of each rule: the one that began last, while it has not ended."""
        at = at or clock.now()
        latest = (
            RuleVersion.objects.begun(at)  # type: ignore[attr-defined]  # a queryset method
            .filter(rule=OuterRef("rule"))
            .order_by("-effective_from", "-number")
            .values("pk")[:1]
        )
        return self.filter(pk=Subquery(latest)).filter(Q(effective_until__isnull=True) | Q(effective_until__gt=at))

    def in_order(self) -> Self:
        return self.select_related("rule").order_by("rule__pk", "number")


class RuleVersion(Wording):
    """One version of a rule; append-only, and in force until it ends or the next one begins."""

    public_id = PublicIdField("rlv")
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    content_hash = models.CharField(_("SHA-256"), max_length=64)
    published_at = models.DateTimeField(_("published at"), default=clock.now)

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="one_version_per_number"),
            models.CheckConstraint(
                condition=Q(effective_until__isnull=True) | Q(effective_until__gt=F("effective_from")),
                name="a_version_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["rule", "-effective_from"])]

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"

    @cached_property
    def code(self) -> str:
        return self.rule.code

    def cited(self) -> dict[str, Any]:
        """How a ledger entry names it."""
        return {"version": self.public_id, "number": self.number, "sha256": self.content_hash}


class RuleChange(Wording, Case):
    """A proposal of a new version (or a new rule), until somebody else has approved or declined it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = PublicIdField("rlc")
    code = models.SlugField(_("code"), max_length=16)
    reason = models.TextField(_("why"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    decided_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    note = models.TextField(_("what the other person wrote"), blank=True)
    version = models.OneToOneField(
        RuleVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="change",
        verbose_name=_("version made of it"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("change of a rule")
        verbose_name_plural = _("changes of rules")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(state="proposed"), name="one_open_change_per_rule")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.code}"


# Tables that stand in a module of their own.
from rulebook.macros import ReasonMacro as ReasonMacro  # noqa: E402
from rulebook.macros import ReasonMacroVersion as ReasonMacroVersion  # noqa: E402

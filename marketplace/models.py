"""The mirror of marketplaces that ippro does not own, and what must be down on them.

`Target` mirrors what is there; `Hold` says why something must be down; `Enforcement` keeps desired and
confirmed state apart until the reconciler has made them one; `Picture` is what a case keeps of how it looked.
"""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class Scene(models.TextChoices):
    """Where something was seen: the selling scenes of the complaint pages."""

    PRODUCT_PAGE = "product_page", _("product page")
    MALL = "mall", _("mall")
    SUPERMARKET = "supermarket", _("supermarket")
    SEARCH = "search", _("search result")
    VIDEO = "video", _("short video")
    LIVESTREAM = "livestream", _("livestream")
    SHOP = "shop", _("shop")


class Marketplace(models.Model):
    """A shop system that is connected, with its circuit breaker."""

    class Regime(models.TextChoices):
        """The law that governs its cases; what each asks stands in `complaints/regimes.py`."""

        CN = "cn", _("China: E-Commerce Law")
        US = "us", _("United States: DMCA")
        EU = "eu", _("European Union: Digital Services Act")

    public_id = PublicIdField("mkt")
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    connector = models.CharField(_("connector"), max_length=32)
    regime = models.CharField(_("legal regime"), max_length=16, choices=Regime, default=Regime.CN)
    storefront_url = models.URLField(_("storefront"), blank=True)
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    secrets = EncryptedTextField(_("secrets of the connector (JSON)"), blank=True)
    inbound_secret = EncryptedTextField(
        _("secret of incoming events"), blank=True, help_text=_("whsec_… as in Standard Webhooks")
    )
    is_enabled = models.BooleanField(_("connected"), default=True)
    breaker_failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    breaker_open_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    breaker_reason = models.CharField(_("why it is paused"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("marketplace")
        verbose_name_plural = _("marketplaces")

    def __str__(self) -> str:
        return self.name


class TargetQuerySet(models.QuerySet):
    def with_is_held(self) -> Self:
        """Annotates `held`: an active hold on the target itself or on its shop."""
        mine = Hold.objects.filter(released_at__isnull=True)
        return self.annotate(
            held=Exists(mine.filter(target=OuterRef("pk"))) | Exists(mine.filter(target=OuterRef("shop_id")))
        )


class Target(models.Model):
    """A listing, short video, livestream or shop on a marketplace, as last told to us.

    `source_version` orders what the marketplace says (its own version, or the time in microseconds):
    what is older than what we have changes nothing. A target that was only named by others (the shop of a
    listing, say) has version 0 until its own event comes.
    """

    class Kind(models.TextChoices):
        LISTING = "listing", _("listing")
        VIDEO = "video", _("short video")
        LIVESTREAM = "livestream", _("livestream")
        SHOP = "shop", _("shop")

    class Observed(models.TextChoices):
        UP = "up", _("up")
        DOWN = "down", _("down")
        MISSING = "missing", _("gone")

    public_id = PublicIdField("tgt")
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="targets")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    external_id = models.CharField(_("id on the marketplace"), max_length=128)
    shop = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="items",
        limit_choices_to={"kind": "shop"}, verbose_name=_("shop"),
    )  # fmt: skip
    url = models.URLField(_("address"), max_length=500, blank=True)
    title = models.CharField(_("title"), max_length=500, blank=True)
    description = models.TextField(_("description"), blank=True)
    category = models.CharField(_("category"), max_length=100, blank=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    images = models.JSONField(_("images"), default=list, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    #: of a video or livestream: `{"url", "seconds"}` of each key frame, in the order of time
    frames = models.JSONField(_("key frames"), default=list, blank=True)
    # of a shop
    share_token = models.CharField(_("share token"), max_length=64, blank=True)
    operator_name = models.CharField(_("operator"), max_length=200, blank=True)
    operator_uscc = models.CharField(_("operator's credit code"), max_length=18, blank=True, db_index=True)
    operator = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.SET_NULL, related_name="shops"
    )
    contact_email = EncryptedTextField(_("shop's contact"), blank=True)
    contact_language = models.CharField(max_length=16, blank=True)

    observed = models.CharField(_("seen as"), max_length=8, choices=Observed, default=Observed.UP)
    observed_at = models.DateTimeField(null=True, blank=True)
    source_version = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(_("version"), default=1)
    content_hash = models.CharField(max_length=64, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=clock.now)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "kind", "external_id"], name="one_target_per_external_id"),
            models.CheckConstraint(condition=~Q(kind="shop") | Q(shop__isnull=True), name="a_shop_has_no_shop"),
        ]
        indexes = [
            models.Index(fields=["shop", "kind"]),
            # Not unique: the marketplace may give a token to another shop before it tells us of the first.
            models.Index(fields=["share_token"], condition=~Q(share_token=""), name="target_by_share_token"),
            # Most are up: of those that are not, lists show the newest.
            models.Index(fields=["observed", "-id"], condition=~Q(observed="up"), name="target_not_up"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.external_id}"

    @property
    def seller(self) -> "Target":
        """The shop that answers for it: a shop answers for itself."""
        return self if self.kind == self.Kind.SHOP else (self.shop or self)


class LinkTemplate(models.Model):
    """How a link of one scene looks: `https://mall.example/product/{id}` or `…/video/{id}?t={seconds}`."""

    marketplace = models.ForeignKey(Marketplace, on_delete=models.CASCADE, related_name="link_templates")
    scene = models.CharField(_("scene"), max_length=16, choices=Scene)
    kind = models.CharField(_("kind"), max_length=16, choices=Target.Kind)
    template = models.CharField(_("template"), max_length=300)

    class Meta:
        verbose_name = _("link template")
        verbose_name_plural = _("link templates")
        constraints = [models.UniqueConstraint(fields=["marketplace", "template"], name="one_meaning_per_template")]

    def __str__(self) -> str:
        return self.template


class TargetVersion(models.Model):
    """What the marketplace said of a target at one time; append-only."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    source_version = models.BigIntegerField()
    at = models.DateTimeField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("version of a target")
        verbose_name_plural = _("versions of targets")
        constraints = [models.UniqueConstraint(fields=["target", "version"], name="one_row_per_version")]

    def __str__(self) -> str:
        return f"{self.target_id} v{self.version}"


class ReceivedEvent(models.Model):
    """An event id that was taken in: the same id a second time changes nothing."""

    marketplace = models.ForeignKey(Marketplace, on_delete=models.CASCADE)
    event_id = models.CharField(max_length=128)
    status = models.CharField(max_length=16)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("received event")
        verbose_name_plural = _("received events")
        constraints = [models.UniqueConstraint(fields=["marketplace", "event_id"], name="an_event_counts_once")]

    def __str__(self) -> str:
        return self.event_id


class HoldQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(released_at__isnull=True)


class Hold(models.Model):
    """A reason why a target must be down, placed by a complaint, a patrol finding or a penalty."""

    public_id = PublicIdField("hld")
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="holds")
    cause = models.CharField(_("cause"), max_length=64, help_text=_("public id of the case that holds it"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    placed_at = models.DateTimeField(_("placed at"), default=clock.now)
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    release_reason = models.CharField(_("why released"), max_length=300, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                fields=["target", "cause"],
                condition=Q(released_at__isnull=True),
                name="one_active_hold_per_cause",
            )
        ]
        indexes = [models.Index(fields=["cause"])]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.cause})"


class EnforcementQuerySet(ObligationQuerySet):
    def due(self, at: Any = None) -> Self:
        """Due, on a marketplace that is connected and not paused by its circuit breaker."""
        at = at or clock.now()
        paused = Marketplace.objects.filter(Q(is_enabled=False) | Q(breaker_open_until__gt=at))
        # Asked first: mostly none is, and then nothing is looked up row by row.
        closed = list(paused.values_list("pk", flat=True))
        due = super().due(at).select_related("target")
        if not closed:
            return due
        called = list(Marketplace.objects.exclude(pk__in=closed).values_list("pk", flat=True))
        return due.filter(target__marketplace__in=called) if called else due.none()


class Enforcement(Obligation):
    """What one target must show, and what the marketplace has confirmed.

    `version` counts the orders: with the target's id it makes the idempotency key. `sent_version` is
    written before a call and cleared after its answer, so that a worker that died in between leaves a
    trace: the outcome is unknown, and the marketplace is asked before it is told again.
    """

    class State(models.TextChoices):
        UP = "up", _("up")
        DOWN = "down", _("down")

    target = models.OneToOneField(Target, on_delete=models.PROTECT, related_name="enforcement")
    desired = models.CharField(_("must be"), max_length=8, choices=State, default=State.UP)
    confirmed = models.CharField(_("confirmed as"), max_length=8, choices=State, default=State.UP)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    sent_version = models.PositiveIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(_("ordered at"), default=clock.now)

    objects = EnforcementQuerySet.as_manager()

    class Meta:
        verbose_name = _("enforcement")
        verbose_name_plural = _("enforcements")
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.target}: {self.get_desired_display()}"

    @property
    def is_settled(self) -> bool:
        return self.desired == self.confirmed and self.due_at is None and self.dead_at is None


class ShopMeasureQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(lifted_at__isnull=True)


class ShopMeasure(models.Model):
    """A reason why a shop is restricted short of being down: one row for each cause and measure."""

    class Measure(models.TextChoices):
        LIMITS = "limits", _("no new listings")
        DEMOTION = "demotion", _("search demotion")
        DEPOSIT = "deposit", _("security deposit")

    shop = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="measures")
    measure = models.CharField(_("measure"), max_length=16, choices=Measure)
    cause = models.CharField(_("cause"), max_length=64, help_text=_("public id of the case that asks for it"))
    placed_at = models.DateTimeField(_("placed at"), default=clock.now)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    objects = ShopMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure against a shop")
        verbose_name_plural = _("measures against shops")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "cause", "measure"],
                condition=Q(lifted_at__isnull=True),
                name="a_measure_once_per_cause",
            )
        ]
        indexes = [models.Index(fields=["cause"])]

    def __str__(self) -> str:
        return f"{self.measure} ({self.cause})"


class Restriction(Obligation):
    """What the marketplace must do with one shop, and what it has confirmed: lists of measures.

    `version` counts the orders. `is_by_hand`: the connector cannot do it, and people have not said yet that they did.
    """

    shop = models.OneToOneField(Target, on_delete=models.PROTECT, related_name="restriction")
    desired = models.JSONField(_("must be"), default=list)
    confirmed = models.JSONField(_("confirmed as"), default=list)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    is_by_hand = models.BooleanField(_("to be carried out by hand"), default=False)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.shop}: {', '.join(self.desired) or '–'}"


class EnforcementAttempt(models.Model):
    """One call about one target and what came of it; append-only, shown to staff."""

    enforcement = models.ForeignKey(Enforcement, on_delete=models.CASCADE, related_name="tries")
    version = models.PositiveIntegerField()
    desired = models.CharField(max_length=8)
    outcome = models.CharField(max_length=16)
    error = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.desired} {self.outcome}"


class Picture(Obligation):
    """A picture of what a case is about, as it was when the case began; owed until it has been captured.

    Each case captures for itself: under the same address another case may find another picture, and what an
    earlier one kept stays. A row is captured once; whatever comes later changes nothing.
    """

    public_id = PublicIdField("pic")
    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.PROTECT, related_name="pictures", verbose_name=_("marketplace")
    )
    cause = models.CharField(_("kept for"), max_length=64, help_text=_("public id of the case whose evidence it is"))
    url = models.CharField(_("address"), max_length=2000)
    url_hash = models.CharField(_("SHA-256 of the address"), max_length=64)
    file = models.ForeignKey(
        "core.PrivateFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("copy")
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    wanted_at = models.DateTimeField(_("wanted since"), default=clock.now)
    captured_at = models.DateTimeField(_("captured at"), null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.UniqueConstraint(fields=["cause", "marketplace", "url_hash"], name="one_picture_per_case"),
            models.CheckConstraint(
                condition=Q(captured_at__isnull=True, file__isnull=True, sha256="")
                | (Q(captured_at__isnull=False, file__isnull=False) & ~Q(sha256="")),
                name="a_captured_picture_is_whole",
            ),
        ]
        # Has this address, on this marketplace, shown the same before?
        indexes = [models.Index(fields=["marketplace", "url_hash"], name="picture_by_address"), *INDEXES]

    def __str__(self) -> str:
        return self.public_id


# Tables that stand in modules of their own.
from marketplace.search.models import SearchEntry as SearchEntry  # noqa: E402
from marketplace.sheets.models import MarketSheet as MarketSheet  # noqa: E402
from marketplace.sheets.models import MarketSheetPart as MarketSheetPart  # noqa: E402
from marketplace.sheets.models import MarketSheetRow as MarketSheetRow  # noqa: E402

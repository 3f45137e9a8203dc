"""Watch profiles: what to look for on behalf of one right on file."""

from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField
from core.models import Case


class WatchProfileQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """An organisation's own; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        return self.filter(filing__organisation_id=m.organisation_id) if m else self.none()

    def watching(self) -> Self:
        return self.filter(state=WatchProfile.State.WATCHING)


class WatchProfile(Case):
    """What patrol looks for under one filing: names, pictures, prices, who may sell.

    `version` grows with every change of anything that belongs to it, so that whoever keeps its terms notices.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        WATCHING = "watching", _("watching")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    class Kind(models.TextChoices):
        BRAND = "brand", _("brand")
        BOOK = "book", _("book")
        WORK = "work", _("other work")

    public_id = PublicIdField("wat")
    filing = models.OneToOneField("filings.Filing", on_delete=models.PROTECT, related_name="watch_profile")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.DRAFT)
    name = models.CharField(_("name"), max_length=200)
    #: categories of the marketplace in which it is sold; empty: any
    categories = models.JSONField(_("categories"), default=list, blank=True)
    isbn = models.CharField(_("ISBN-13"), max_length=13, blank=True)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    #: model number or edition by which the same goods are told
    model_number = models.CharField(_("model or edition"), max_length=100, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    list_price = models.DecimalField(_("list price"), max_digits=14, decimal_places=2, null=True, blank=True)
    usual_price = models.DecimalField(_("usual price"), max_digits=14, decimal_places=2, null=True, blank=True)
    price_floor = models.DecimalField(
        _("price floor"), max_digits=14, decimal_places=2, null=True, blank=True,
        help_text=_("below this the goods cannot be genuine"),
    )  # fmt: skip
    packaging_notes = models.TextField(_("how look-alike packaging is told"), blank=True)
    #: staff switched on that sure finds are held without a person, from this measured precision on
    is_automatic = models.BooleanField(_("takes down by itself"), default=False)
    automatic_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    automatic_since_at = models.DateTimeField(_("by itself since"), null=True, blank=True)
    #: a re-check needed it, and nobody of the holder has said yet what to look for
    is_begun_by_platform = models.BooleanField(_("begun by the platform"), default=False)
    #: when what is on sale is looked at with what changed; a while after the last change, so that many are one scan
    scan_due_at = models.DateTimeField(_("scan due at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_at = models.DateTimeField(_("changed at"), default=clock.now)

    objects = WatchProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("watch profile")
        verbose_name_plural = _("watch profiles")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state"]),
            models.Index(fields=["changed_at"]),
            models.Index(fields=["scan_due_at"], condition=Q(scan_due_at__isnull=False), name="a_scan_is_owed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_floor__isnull=True) | Q(price_floor__gt=Decimal(0)), name="a_price_floor_is_a_price"
            ),
            models.CheckConstraint(
                condition=Q(price_floor__isnull=True)
                | Q(list_price__isnull=True)
                | Q(price_floor__lte=F("list_price")),
                name="a_floor_is_below_the_list_price",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def organisation(self) -> Any:
        return self.filing.organisation


class WatchTerm(models.Model):
    """A word that a profile looks for in titles and descriptions."""

    class Kind(models.TextChoices):
        NAME = "name", _("name or variant")
        CODE = "code", _("word that pirates use instead")
        HONEST = "honest", _("word of honest offers")

    profile = models.ForeignKey(WatchProfile, on_delete=models.CASCADE, related_name="terms")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.NAME)
    text = models.CharField(_("term"), max_length=100)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["kind", "pk"]
        constraints = [models.UniqueConstraint(fields=["profile", "text"], name="a_term_stands_once")]

    def __str__(self) -> str:
        return self.text


class OfficialImage(models.Model):
    """An official picture or cover: listings that show it and are not from an authorised seller are looked at.

    Its fingerprint stands in `imageguard`'s collection of official pictures, under its public id.
    """

    public_id = PublicIdField("off")
    profile = models.ForeignKey(WatchProfile, on_delete=models.CASCADE, related_name="images")
    file = models.ForeignKey("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    is_cover = models.BooleanField(_("cover of the book"), default=False)
    added_at = models.DateTimeField(_("added at"), default=clock.now)

    class Meta:
        verbose_name = _("official picture")
        verbose_name_plural = _("official pictures")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["profile", "file"], name="an_official_picture_stands_once")]

    def __str__(self) -> str:
        return self.public_id


class AuthorisedShop(models.Model):
    """What a profile says of one shop: that it may sell, or that it may not any more.

    The genuine sellers of the filing may sell too. Where the two contradict each other, the profile's later word counts
    and staff are shown the contradiction.
    """

    profile = models.ForeignKey(WatchProfile, on_delete=models.CASCADE, related_name="shops")
    shop = models.ForeignKey(
        "marketplace.Target", on_delete=models.PROTECT, related_name="+", limit_choices_to={"kind": "shop"}
    )
    is_authorised = models.BooleanField(_("may sell"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    said_at = models.DateTimeField(_("said at"), default=clock.now)

    class Meta:
        verbose_name = _("authorised shop")
        verbose_name_plural = _("authorised shops")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["profile", "shop"], name="one_word_per_shop")]

    def __str__(self) -> str:
        return str(self.shop)

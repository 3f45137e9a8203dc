"""Sampling (定期抽检): listings drawn by lot, bought, looked at by the brand, and what that says of the market."""

from functools import partial
from secrets import token_hex
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.models import Case


class Sample(Case):
    """One draw: announced with its seed in the ledger, drawn, bought, judged, reported.

    The frame is every listing that was on sale when the seed was published; anybody who has the frame and the seed draws
    the same listings. It is one file of a line for each listing, whose SHA-256 the ledger keeps: hundreds of thousands of
    rows would say the same, and nobody asks for one of them.
    """

    class State(models.TextChoices):
        ANNOUNCED = "announced", _("announced")
        DRAWN = "drawn", _("drawn")
        REPORTED = "reported", _("reported")
        CANCELLED = "cancelled", _("cancelled")

    public_id = PublicIdField("smp")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.ANNOUNCED)
    title = models.CharField(_("title"), max_length=200)
    marketplace = models.ForeignKey(
        "marketplace.Marketplace", null=True, blank=True, on_delete=models.PROTECT, related_name="samples",
        verbose_name=_("marketplace"),
    )  # fmt: skip
    profile = models.ForeignKey(
        "patrol.WatchProfile", null=True, blank=True, on_delete=models.PROTECT, related_name="samples",
        verbose_name=_("profile"),
    )  # fmt: skip
    size = models.PositiveIntegerField(_("listings to draw"))
    seed = models.CharField(_("seed"), max_length=64)
    #: what each stratum holds and how many are drawn of it, in the order of the draw
    strata = models.JSONField(_("strata"), default=list)
    frame_size = models.PositiveIntegerField(_("listings in the frame"), default=0)
    frame_hash = models.CharField(_("SHA-256 of the frame"), max_length=64, blank=True)
    #: a line for each listing, as `patrol/drawing.py` writes it
    frame = models.OneToOneField("core.PrivateFile", null=True, on_delete=models.PROTECT, related_name="+")
    announced_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(_("drawn at"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported at"), null=True, blank=True)
    #: estimate and confidence interval, by stratum and as a whole
    report = models.JSONField(_("report"), default=dict)
    why_cancelled = models.TextField(_("why it was cancelled"), blank=True)
    #: of the digest of it in the ledger
    salt = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        ordering = ["-pk"]

    @property
    def is_public(self) -> bool:
        """Whether frame and draw may be read by everybody: it warns nobody any more."""
        return self.state == self.State.REPORTED


class SampledListing(models.Model):
    """A listing on which the lot fell, in the order of the draw, with its stratum and as which version it was drawn."""

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="listings")
    target = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="+")
    target_version = models.PositiveIntegerField()
    stratum = models.CharField(_("stratum"), max_length=100)
    is_drawn = models.BooleanField(_("drawn"), default=False)

    class Meta:
        verbose_name = _("sampled listing")
        verbose_name_plural = _("sampled listings")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["sample", "target"], name="a_listing_is_in_a_frame_once")]
        indexes = [models.Index(fields=["sample", "is_drawn"])]

    def __str__(self) -> str:
        return str(self.target_id)


class TestBuyQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """What was handed to a brand, to that brand alone; staff see all. Who sells learns nothing of it."""
        if user.is_staff:
            return self
        m = user.membership
        if m is None:
            return self.none()
        return self.filter(profile__filing__organisation_id=m.organisation_id, state__in=TestBuy.HANDED)


class TestBuy(Case):
    """A drawn listing that is bought: order, parcel, opening, the brand's verdict, each step with its papers."""

    __test__ = False  # no test of pytest's

    class State(models.TextChoices):
        TO_BUY = "to_buy", _("to be bought")
        ORDERED = "ordered", _("ordered")
        RECEIVED = "received", _("received")
        WITH_BRAND = "with_brand", _("with the brand")
        JUDGED = "judged", _("judged")
        NOT_BOUGHT = "not_bought", _("could not be bought")

    class Verdict(models.TextChoices):
        GENUINE = "genuine", _("genuine")
        PIRATED = "pirated", _("pirated or counterfeit")
        UNCLEAR = "unclear", _("cannot be told")

    #: states that the brand is told of, and in which nothing more happens
    HANDED = (State.WITH_BRAND, State.JUDGED)
    OVER = (State.JUDGED, State.NOT_BOUGHT)

    public_id = PublicIdField("tbu")
    listing = models.OneToOneField(SampledListing, on_delete=models.PROTECT, related_name="test_buy")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.TO_BUY)
    #: whose goods they pretend to be, once somebody knows: its brand judges them
    profile = models.ForeignKey(
        "patrol.WatchProfile", null=True, blank=True, on_delete=models.PROTECT, related_name="test_buys",
        verbose_name=_("profile"),
    )  # fmt: skip
    order_number = EncryptedTextField(_("order number"), blank=True)
    paid = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, null=True, blank=True)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict, blank=True)
    verdict_note = models.TextField(_("what the verdict rests on"), blank=True)
    judged_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why_not = models.TextField(_("why it could not be bought"), blank=True)

    objects = TestBuyQuerySet.as_manager()

    class Meta:
        verbose_name = _("test buy")
        verbose_name_plural = _("test buys")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="judged") | ~Q(verdict=""), name="a_judged_test_buy_has_a_verdict"
            )
        ]


class Custody(models.Model):
    """A change of hands of bought goods; append-only, and each is an entry of the ledger.

    The ledger says what kind of keeper has them now and keeps a salted digest of who that is.
    """

    class Keeper(models.TextChoices):
        PLATFORM = "platform", _("the platform")
        BRAND = "brand", _("the brand")
        LABORATORY = "laboratory", _("a laboratory")
        AUTHORITY = "authority", _("an authority or a court")
        NOBODY = "nobody", _("nobody: sent back or destroyed")

    public_id = PublicIdField("cus")
    test_buy = models.ForeignKey(TestBuy, on_delete=models.PROTECT, related_name="custody")
    keeper = models.CharField(_("kept by"), max_length=16, choices=Keeper)
    #: the person, the shelf, the seal
    who = EncryptedTextField(_("who, where, under which seal"))
    salt = models.CharField(max_length=32, default=partial(token_hex, 16))
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("change of hands")
        verbose_name_plural = _("changes of hands")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.public_id


class TestBuyFile(models.Model):
    """A receipt, a photograph, a report of a test buy; append-only."""

    __test__ = False

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("receipt")
        PHOTOGRAPH = "photograph", _("photograph")
        REPORT = "report", _("report")

    test_buy = models.ForeignKey(TestBuy, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added at"), default=clock.now)

    class Meta:
        verbose_name = _("paper of a test buy")
        verbose_name_plural = _("papers of test buys")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file_id)

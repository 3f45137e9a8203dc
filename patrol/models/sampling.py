"""Sampling (定期抽检): listings drawn by lot, bought, looked at by the brand, and what that says of the market."""

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
    the same listings.
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
    announced_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(_("drawn at"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported at"), null=True, blank=True)
    #: estimate and confidence interval, by stratum and as a whole
    report = models.JSONField(_("report"), default=dict)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        ordering = ["-pk"]


class SampledListing(models.Model):
    """A listing that was in the frame: its place, its stratum, and whether the lot fell on it."""

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

    public_id = PublicIdField("tbu")
    listing = models.OneToOneField(SampledListing, on_delete=models.PROTECT, related_name="test_buy")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.TO_BUY)
    order_number = EncryptedTextField(_("order number"), blank=True)
    paid = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, null=True, blank=True)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict, blank=True)
    verdict_note = models.TextField(_("what the verdict rests on"), blank=True)
    judged_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: who has the goods now, in words; every change of hands is an entry of the ledger
    kept_by = models.CharField(_("kept by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("test buy")
        verbose_name_plural = _("test buys")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="judged") | ~Q(verdict=""), name="a_judged_test_buy_has_a_verdict"
            )
        ]


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

"""Originals: images registered for first-publication protection (原创首发), with their conflicts, licences and proofs."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.models import Case
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class OriginalQuerySet(ObligationQuerySet):
    def visible_to(self, user: Any) -> Self:
        """An organisation's own originals; staff see all."""
        if user.is_staff:
            return self
        membership = user.membership
        return self.filter(organisation_id=membership.organisation_id) if membership else self.none()

    def certified(self) -> Self:
        return self.filter(state=Original.State.CERTIFIED)

    def claiming(self) -> Self:
        """Those that claim their picture against others: certified, or on the way there."""
        return self.filter(state__in=Original.CLAIMING)


class Original(Case, Obligation):
    """One image of one organisation, registered for first-publication protection.

    Its number is the number of its certificate, as in FP-2026-000123. While it is due, a worker owes it the next step:
    fingerprint, search, certificate.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        CHECKED = "checked", _("checked")
        CERTIFIED = "certified", _("certified")
        IN_CONFLICT = "in_conflict", _("in conflict")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REVOKED = "revoked", _("revoked")

    CLAIMING = (State.RECEIVED, State.CHECKED, State.CERTIFIED, State.IN_CONFLICT)

    class Refusal(models.TextChoices):
        """Why no certificate was given, for programs; the sentence is the label."""

        FLAT = (
            "flat",
            _("The picture shows hardly anything: it cannot be told from others. Register a picture of the product."),
        )
        TEXT_ONLY = "text_only", _("The picture shows only text. Register a picture of the product itself.")
        TOO_SMALL = "too_small", _("The picture is too small to be told from others. Register it in its full size.")
        OWN_AGAIN = "own_again", _("You registered this picture before; that certificate goes on.")
        UNREADABLE = "unreadable", _("The picture could not be read. Save it anew and register it again.")
        CONFLICT = "conflict", _("Somebody else published this picture earlier.")

    public_id = PublicIdField("ori")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="originals", verbose_name=_("holder")
    )
    registered_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    image = models.OneToOneField(
        "core.PrivateFile", on_delete=models.PROTECT, related_name="+", verbose_name=_("image")
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    #: 256 bits, hexadecimal, once the picture was checked: enough for a stranger to compare pictures
    perceptual_hash = models.CharField(_("perceptual hash"), max_length=64, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.RECEIVED)
    refusal = models.CharField(_("why refused"), max_length=16, choices=Refusal, blank=True)
    #: words that the public may read: why it was revoked, or how a conflict ended
    public_reason = models.TextField(_("public reason"), blank=True)
    same_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("registered before as"),
    )  # fmt: skip
    certified_at = models.DateTimeField(_("certified at"), null=True, blank=True)
    is_public = models.BooleanField(_("shown to the public"), default=False)
    wants_timestamp = models.BooleanField(_("with a time-stamp of an authority"), default=False)
    complains_automatically = models.BooleanField(_("complains by itself"), default=False)
    #: who switched that on, with the signature and the good-faith statement under which its complaints are sent
    complains_for = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("complains on behalf of"),
    )  # fmt: skip
    complains_signature = EncryptedTextField(_("signed by"), blank=True)
    complains_since_at = models.DateTimeField(_("good-faith statement made at"), null=True, blank=True)
    #: since when the holder's own shops are known to show it, where that was before it was registered
    shown_since_at = models.DateTimeField(_("shown by the holder since"), null=True, blank=True, editable=False)
    #: when what is already on the marketplaces was searched for it
    market_searched_at = models.DateTimeField(null=True, blank=True, editable=False)
    filing = models.OneToOneField(
        "filings.Filing", null=True, blank=True, on_delete=models.PROTECT, related_name="original",
        verbose_name=_("right on file"),
    )  # fmt: skip

    objects = OriginalQuerySet.as_manager()

    class Meta:
        verbose_name = _("original")
        verbose_name_plural = _("originals")
        constraints = [
            # The same bytes again are recognised before anything is written; this holds when two arrive at once.
            models.UniqueConstraint(
                fields=["organisation", "sha256"],
                condition=Q(state__in=("received", "checked", "certified", "in_conflict")),
                name="an_organisation_claims_an_image_once",
            ),
            models.CheckConstraint(
                condition=Q(complains_automatically=False)
                | Q(complains_for__isnull=False, complains_since_at__isnull=False),
                name="who_complains_by_itself_has_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="certified") | Q(certified_at__isnull=False), name="a_certificate_has_its_time"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "-id"], name="original_of_organisation"),
            models.Index(fields=["sha256"], name="original_by_sha256"),
            *INDEXES,
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def claimed_from_at(self) -> Any:
        """Since when the holder is known to have the image: what others showed before that is no copy for certain."""
        return min(self.created_at, self.shown_since_at or self.created_at)

    @property
    def is_certified(self) -> bool:
        return self.state == self.State.CERTIFIED


class ConflictQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(settled_at__isnull=True)


class Conflict(models.Model):
    """Somebody else's earlier original, or an earlier listing of another seller, shows what an original shows.

    Staff settle who published first. Exactly one rival: an original, or a target with the image seen on it.
    """

    public_id = PublicIdField("ocf")
    original = models.ForeignKey(
        Original, on_delete=models.PROTECT, related_name="conflicts", verbose_name=_("original")
    )
    rival = models.ForeignKey(
        Original,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rivalled",
        verbose_name=_("earlier original"),
    )
    rival_target = models.ForeignKey(
        "marketplace.Target",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("earlier listing"),
    )
    rival_image = models.ForeignKey(
        "imageguard.SeenImage", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    score = models.FloatField(_("score"))
    edits = models.JSONField(_("edits"), default=list)
    parts = models.JSONField(default=dict)
    opened_at = models.DateTimeField(_("opened at"), default=clock.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("settled by")
    )
    #: whether the original kept its claim; null while it is open
    is_upheld = models.BooleanField(_("the original stands"), null=True, blank=True)
    #: whether the earlier original kept its own; null while it is open, and where a listing was earlier
    is_rival_upheld = models.BooleanField(_("the earlier one stands"), null=True, blank=True)
    note = models.TextField(_("how it was settled"), blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("first-publication conflict")
        verbose_name_plural = _("first-publication conflicts")
        constraints = [
            models.CheckConstraint(
                condition=Q(rival__isnull=False, rival_target__isnull=True)
                | Q(rival__isnull=True, rival_target__isnull=False),
                name="a_conflict_has_one_rival",
            ),
            models.UniqueConstraint(
                fields=["original", "rival"], condition=Q(rival__isnull=False), name="one_conflict_per_rival"
            ),
            models.UniqueConstraint(
                fields=["original", "rival_target"], condition=Q(rival_target__isnull=False),
                name="one_conflict_per_rival_target",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.original.number}: {self.rival or self.rival_target}"

    @property
    def parties(self) -> list[int]:
        """The organisations on either side, by id; of a shop that nobody here runs there is none."""
        earlier = self.rival_target.seller.operator_id if self.rival_target else None
        sides = (self.original.organisation_id, self.rival.organisation_id if self.rival else earlier)
        return [pk for pk in sides if pk is not None]


class LicenceQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Licence(models.Model):
    """A shop that the holder allows to use an image: its listings are no match."""

    public_id = PublicIdField("lic")
    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="licences")
    shop = models.ForeignKey(
        "marketplace.Target", on_delete=models.PROTECT, related_name="+", limit_choices_to={"kind": "shop"}
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    granted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(_("granted at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        constraints = [
            models.UniqueConstraint(
                fields=["original", "shop"], condition=Q(ended_at__isnull=True), name="one_licence_per_shop"
            )
        ]

    def __str__(self) -> str:
        return f"{self.original.number}: {self.shop}"


class CameraOriginal(models.Model):
    """The unedited file straight from the camera, as proof of authorship: kept privately, read for what it says.

    `reading` is a list of findings `{"code": …, "speaks": "for" | "against" | "neither", "values": {…}}`; pages put
    them into words (`imageguard.authorship`).
    """

    public_id = PublicIdField("cam")
    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="camera_originals")
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    reading = models.JSONField(default=list)
    added_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added at"), default=clock.now)

    class Meta:
        verbose_name = _("camera original")
        verbose_name_plural = _("camera originals")

    def __str__(self) -> str:
        return self.public_id

"""What was seen on marketplaces, and which of it copies an original."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField
from core.models import Case
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class SeenImage(Obligation):
    """One image address on one marketplace; owed a look until it was fetched, fingerprinted and searched.

    Listings that show the same address share it (`Appearance`). Looked at anew when the marketplace says that what
    shows it has changed and its bytes differ.
    """

    public_id = PublicIdField("img")
    marketplace = models.ForeignKey(
        "marketplace.Marketplace", on_delete=models.PROTECT, related_name="+", verbose_name=_("marketplace")
    )
    url = models.CharField(_("address"), max_length=2000)
    url_hash = models.CharField(max_length=64)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now)
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    #: owed a look only because its bytes may have changed: it comes behind what is new
    looks_again = models.BooleanField(default=False)
    #: compared as a whole picture while very many were new; the thorough look is still owed if there was none yet
    screened_at = models.DateTimeField(_("screened at"), null=True, blank=True)
    #: our copy, kept as evidence once it matched something
    file = models.ForeignKey("core.PrivateFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("image on a marketplace")
        verbose_name_plural = _("images on marketplaces")
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "url_hash"], name="one_row_per_image_address"),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="seen_image_by_sha256"),
            # Marketplaces are looked at in turn, and on each what is new before what is looked at again.
            models.Index(
                fields=["marketplace", "looks_again", "due_at", "id"], condition=Q(due_at__isnull=False),
                name="seen_image_in_turn",
            ),
            *INDEXES,
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.url

    @property
    def is_new(self) -> bool:
        """Whether nothing at all is known of what stands there."""
        return self.looked_at is None and self.screened_at is None


class AppearanceQuerySet(models.QuerySet):
    def current(self) -> Self:
        return self.filter(gone_at__isnull=True)


class Appearance(models.Model):
    """An image in a listing, or at a second of a video or livestream."""

    image = models.ForeignKey(SeenImage, on_delete=models.CASCADE, related_name="appearances")
    target = models.ForeignKey("marketplace.Target", on_delete=models.CASCADE, related_name="appearances")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    seconds = models.PositiveIntegerField(_("second"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now)
    gone_at = models.DateTimeField(_("gone at"), null=True, blank=True)

    objects = AppearanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("appearance")
        verbose_name_plural = _("appearances")
        constraints = [
            models.UniqueConstraint(fields=["image", "target"], name="one_row_per_image_and_target"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.target_id}"


class MatchQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Matches of an organisation's own originals that it was told of; staff see all."""
        if user.is_staff:
            return self
        membership = user.membership
        if membership is None:
            return self.none()
        told = Q(told_at__isnull=False) | ~Q(state__in=Match.AMONG_STAFF)
        return self.filter(told, original__organisation_id=membership.organisation_id)

    def open(self) -> Self:
        """Those about which somebody still has something to do."""
        return self.filter(state__in=(Match.State.IN_REVIEW, Match.State.CONFIRMED))

    def awaiting_review(self) -> Self:
        return self.filter(state=Match.State.IN_REVIEW)


class Match(Case):
    """A marketplace's image that copies an original.

    What the engine is sure of is confirmed at once and its owner told; what it is not sure of goes to staff first.
    """

    class State(models.TextChoices):
        IN_REVIEW = "in_review", _("in review")
        CONFIRMED = "confirmed", _("confirmed")
        COMPLAINED = "complained", _("complained of")
        TOLERATED = "tolerated", _("tolerated")
        DISMISSED = "dismissed", _("no copy")
        GONE = "gone", _("gone")

    #: of these a holder knows only what it was told before
    AMONG_STAFF = (State.IN_REVIEW, State.DISMISSED)

    class Tier(models.TextChoices):
        AUTOMATIC = "automatic", _("sure")
        REVIEW = "review", _("to be looked at")

    public_id = PublicIdField("mat")
    original = models.ForeignKey("imageguard.Original", on_delete=models.PROTECT, related_name="matches")
    image = models.ForeignKey(SeenImage, on_delete=models.PROTECT, related_name="matches")
    target = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, related_name="matches")
    seconds = models.PositiveIntegerField(_("second"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State)
    tier = models.CharField(_("tier"), max_length=16, choices=Tier)
    score = models.FloatField(_("score"))
    parts = models.JSONField(_("parts of the score"), default=dict)
    edits = models.JSONField(_("edits"), default=list)
    is_mirrored = models.BooleanField(default=False)
    sha256 = models.CharField(_("SHA-256 of what was seen"), max_length=64)
    #: our copy of what was seen, with this SHA-256: the image may show something else by now
    file = models.ForeignKey(
        "core.PrivateFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("our copy"),
    )  # fmt: skip
    decided_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    #: since when its holder knows of it; from then on it does not vanish for the holder, whatever becomes of it
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: for the holder: why it lets the copy be, why nothing was sent by itself, or why it is no copy after all
    note = models.TextField(_("note"), blank=True)
    #: of the reviewer, for staff alone
    review_note = models.TextField(_("note among staff"), blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            models.UniqueConstraint(
                fields=["original", "target", "image"], name="one_match_per_original_and_appearance"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-score"], name="match_by_state"),
            models.Index(fields=["created_at"], condition=Q(state="in_review"), name="match_in_review"),
            # How often the engine was right lately.
            models.Index(fields=["tier", "created_at"], name="match_by_tier"),
            models.Index(fields=["decided_at"], condition=Q(decided_at__isnull=False), name="match_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.target}"

    @property
    def evidence(self) -> Any:
        """Our copy of what was seen, if we have one."""
        return self.file or self.image.file

    @property
    def is_known_to_holder(self) -> bool:
        """Whether its holder was told of it: then it is told as well what becomes of it."""
        return self.told_at is not None or self.state not in self.AMONG_STAFF

    @property
    def is_confirmed_by_a_person(self) -> bool:
        """Whether a reviewer found that these very bytes are a copy; asked of one that came out of review."""
        return self.decided_by_id is not None and self.state != self.State.DISMISSED

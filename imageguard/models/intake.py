"""How images come in: one act of handing in, with a row for each image that says what became of it."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core import clock
from core.ids import PublicIdField
from core.obligations import INDEXES, Obligation, ObligationQuerySet
from core.text import Sentence, worded


class IntakeQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        membership = user.membership
        return self.filter(organisation_id=membership.organisation_id) if membership else self.none()


class Intake(models.Model):
    """One act of handing in images: files from a page or the API, a ZIP, or pictures of own listings."""

    class Source(models.TextChoices):
        FILES = "files", _("files")
        ZIP = "zip", _("ZIP archive")
        LISTINGS = "listings", _("own listings")

    public_id = PublicIdField("int")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=16, choices=Source)
    archive = models.OneToOneField(
        "core.PrivateFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_public = models.BooleanField(default=False)
    wants_timestamp = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")

    def __str__(self) -> str:
        return self.public_id


class IntakeItem(Obligation):
    """One image of an intake: a file, an entry of its ZIP, or an address of an own listing's picture.

    Waiting ones are due; a worker takes each in by itself, so that a bad one stops no other and a killed worker goes on
    where it was. `key` is what makes it one of its intake: the entry's index, or the hash of the address or bytes.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        TAKEN = "taken", _("taken in")
        REFUSED = "refused", _("refused")

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="items")
    key = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=200)
    url = models.CharField(max_length=2000, blank=True)
    #: the own listing that shows the picture
    target = models.ForeignKey("marketplace.Target", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    #: why it was refused: words of the catalogue of translations, and their values
    message = models.TextField(blank=True)
    values = models.JSONField(default=dict, db_default={})
    original = models.ForeignKey(
        "imageguard.Original", null=True, blank=True, on_delete=models.PROTECT, related_name="intake_items"
    )

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("image of an intake")
        verbose_name_plural = _("images of intakes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["intake", "key"], name="an_image_comes_once_in_an_intake"),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(original__isnull=True), name="a_waiting_item_has_no_original"
            ),
        ]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return self.name

    @property
    def why(self) -> str:
        """Why it was refused, in the language of whoever reads it: who handed it in may have another."""
        return worded(self.message, self.values)

    def refuse(self, why: Any) -> None:
        """Note why it is refused, so that it is worded anew for each who reads it."""
        self.state = self.State.REFUSED
        if isinstance(why, Sentence):
            self.message, self.values = why.words, why.values
        else:
            with override("en"):  # the language of the catalogue, for what is worded lazily
                self.message, self.values = str(why), {}

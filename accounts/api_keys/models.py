"""A key of an organisation. Of the key itself only a digest is kept."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField

#: one that ends within so long is shown as such
SOON = timedelta(days=14)


class ApiKeyQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Keys of the organisation for which this person acts; staff see all."""
        if user.is_staff:
            return self
        m = user.membership
        return self.filter(organisation_id=m.organisation_id) if m else self.none()

    def good(self) -> Self:
        """Those that are neither revoked nor over."""
        return self.filter(Q(revoked_at__isnull=True), expires_at__gt=clock.now())


class ApiKey(models.Model):
    """A program's way in. It acts as its maker would in this organisation, and within its scopes.

    A key holds 256 random bits, so that a plain SHA-256 is enough to keep it by: nobody tries that many.
    """

    public_id = PublicIdField("key")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(_("what uses it"), max_length=100)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(_("SHA-256 of the key"), max_length=64, unique=True, editable=False)
    begins = models.CharField(_("begins with"), max_length=16, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("made at"), default=clock.now)
    expires_at = models.DateTimeField(_("good until"))
    last_used_on = models.DateField(_("last used on"), null=True, blank=True)
    replaced_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces", verbose_name=_("replaced by")
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now()

    @property
    def ends_soon(self) -> bool:
        return self.is_good and self.expires_at <= clock.now() + SOON

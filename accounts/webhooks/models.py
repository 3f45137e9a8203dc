"""Where an organisation wants its events, and what was sent there. A message names ids and states, never people."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class EndpointQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Endpoints of the organisation for which this person acts."""
        m = user.membership
        return self.filter(organisation_id=m.organisation_id, removed_at__isnull=True) if m else self.none()


class WebhookEndpoint(models.Model):
    """An address of an organisation, the events it wants there, and the secret with which they are signed."""

    public_id = PublicIdField("whk")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    secret = EncryptedTextField(_("secret"))
    old_secret = EncryptedTextField(_("secret before"), blank=True)
    old_secret_until = models.DateTimeField(_("signs until"), null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("made at"), default=clock.now)
    switched_off_at = models.DateTimeField(_("switched off at"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_on(self) -> bool:
        return self.switched_off_at is None and self.removed_at is None

    def secrets(self) -> list[str]:
        """With which a message is signed now: the present secret, and for a while the one before."""
        goes_on = self.old_secret and self.old_secret_until is not None and self.old_secret_until > clock.now()
        return [self.secret, *([self.old_secret] if goes_on else [])]


class WebhookDelivery(Obligation):
    """One message that is owed to one endpoint; `public_id` is its `webhook-id`, however often it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("taken in")
        GIVEN_UP = "given_up", _("given up")

    public_id = PublicIdField("msg")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries")
    event = models.CharField(_("event"), max_length=64)
    subject = models.CharField(_("about"), max_length=64, blank=True)
    #: exactly what is sent and signed
    body = models.TextField(_("message"))
    created_at = models.DateTimeField(_("made at"), default=clock.now)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        app_label = "accounts"
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        ordering = ["-pk"]
        indexes = [*INDEXES, models.Index(fields=["endpoint", "id"], name="webhook_log")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def state(self) -> str:
        """What became of it so far."""
        return self.State.DELIVERED if self.done_at else self.State.GIVEN_UP if self.dead_at else self.State.WAITING


class WebhookAttempt(models.Model):
    """One try at sending a message, and the beginning of what the other side answered."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(_("at"))
    took_ms = models.PositiveIntegerField(_("took, in ms"), default=0)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    answer = EncryptedTextField(_("answer"), blank=True)
    error = models.CharField(_("why not"), max_length=200, blank=True)

    class Meta:
        app_label = "accounts"
        verbose_name = _("try of a webhook message")
        verbose_name_plural = _("tries of webhook messages")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status or self.error}"

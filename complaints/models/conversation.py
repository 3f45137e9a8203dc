"""What a party and the platform write to each other inside a case, and the sentences that staff keep for it."""

from typing import Any, Self

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The conversations of one's own organisation; staff read all."""
        if user.is_staff:
            return self
        m = user.membership
        return self.filter(party_id=m.organisation_id) if m else self.none()

    def unread_by_staff(self) -> Self:
        return self.filter(is_from_staff=False, first_read_at__isnull=True)


class Message(models.Model):
    """One message between a party of a case and the platform. The other party never sees it."""

    public_id = PublicIdField("msg")
    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.PROTECT, related_name="messages")
    #: the party whose conversation with the platform this is, whoever of both wrote
    party = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    is_from_staff = models.BooleanField(_("by the platform"))
    text = EncryptedTextField(_("text"))
    files = models.ManyToManyField("core.PrivateFile", related_name="+", blank=True)
    created_at = models.DateTimeField(_("written at"), default=clock.now)
    first_read_at = models.DateTimeField(_("first read by the other side at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["complaint", "party"]),
            models.Index(
                fields=["complaint"], name="message_unread_by_staff",
                condition=models.Q(is_from_staff=False, first_read_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id


class MessageTemplate(models.Model):
    """Words that staff write again and again, in both languages; `complaints/conversations.py` fills its places in."""

    public_id = PublicIdField("mtp")
    title = models.CharField(_("title"), max_length=80, unique=True)
    text_zh = models.TextField(_("text in Chinese"), max_length=4000)
    text_en = models.TextField(_("text in English"), max_length=4000)
    is_offered = models.BooleanField(_("offered to staff"), default=True)
    changed_at = models.DateTimeField(_("changed at"), default=clock.now)
    changed_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("template of a message")
        verbose_name_plural = _("templates of messages")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def text_in(self, language: str) -> str:
        return self.text_zh if language.startswith("zh") else self.text_en

    @property
    def text(self) -> str:
        """In the language of the page."""
        return self.text_in(get_language() or "zh-hans")

"""Notices by the public form until their mailbox was proved, and what became of them afterwards."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField


class PublicNoticeQuerySet(models.QuerySet):
    def unconfirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=True)

    def to_forget(self, at: Any) -> Self:
        """Those that nobody confirmed in time."""
        return self.unconfirmed().filter(expires_at__lte=at)


class PublicNotice(models.Model):
    """What somebody without an account wrote: nothing of it reaches staff before its mailbox was proved.

    All of it stands encrypted in one text, which is emptied once the complaint exists. The letter alone holds the token
    that confirms it.
    """

    #: comes from the page, so that a second click is the same notice
    public_id = PublicIdField("ntc")
    email = EncryptedTextField(_("email"))
    #: keyed digest of the mailbox, by which letters to it are counted
    email_key = models.CharField(max_length=64, db_index=True)
    said = EncryptedTextField(_("what was written"), blank=True)
    files = models.ManyToManyField("core.PrivateFile", blank=True)
    language = models.CharField(_("language"), max_length=16, default="zh-hans")
    confirm_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    guest = models.ForeignKey("accounts.Guest", null=True, blank=True, on_delete=models.PROTECT, related_name="notices")
    complaint = models.OneToOneField(
        "Complaint", null=True, blank=True, on_delete=models.PROTECT, related_name="public_notice"
    )

    objects = PublicNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice by the public form")
        verbose_name_plural = _("notices by the public form")

    def __str__(self) -> str:
        return self.public_id

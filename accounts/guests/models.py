"""Tables of guests. Of a private link only a digest is kept: its letter alone holds it."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import PublicIdField


class Guest(models.Model):
    """Somebody who proved a mailbox and has no account, with the organisation that stands for whom they name.

    The person is a `User` without a password, and becomes an account by choosing one; the organisation stays unverified
    until its papers were accepted. So whatever is done for them needs to know of no third kind of party.
    """

    public_id = PublicIdField("gst")
    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="guest")
    organisation = models.OneToOneField("accounts.Organisation", on_delete=models.PROTECT, related_name="guest")
    created_at = models.DateTimeField(default=clock.now)
    #: the organisation with papers to which everything was carried over
    carried_to = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("carried over to"),
    )  # fmt: skip
    carried_at = models.DateTimeField(_("carried over at"), null=True, blank=True)
    #: when what names a person was removed, long after the last case ended
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("complainant without an account")
        verbose_name_plural = _("complainants without an account")

    def __str__(self) -> str:
        return self.public_id

    @property
    def may_act(self) -> bool:
        """Whether a link may stand for signing in: of closed accounts and of the staff's own it opens nothing."""
        return self.erased_at is None and self.user.is_active and not self.user.is_staff

    @property
    def has_account(self) -> bool:
        """Whether they sign in by now: with the password that they chose. From then on no private link opens anything."""
        return self.carried_to_id is not None or self.user.has_usable_password()


class PrivateLinkQuerySet(models.QuerySet):
    def in_force(self, at: Any) -> Self:
        return self.filter(replaced_at__isnull=True, expires_at__gt=at)


class PrivateLink(models.Model):
    """A link that opens a guest's cases to whoever holds it."""

    guest = models.ForeignKey(Guest, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = PrivateLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("private link")
        verbose_name_plural = _("private links")

    def __str__(self) -> str:
        return f"{self.guest_id} {self.created_at:%Y-%m-%d}"

"""How allauth's pages behave here: language kept at sign-up, letters owed instead of sent, nobody waits for a mail server."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import traces
from core import clock, crypto, mail
from core.ids import new_id

#: letters with a template of their own, by the prefix that allauth names
LETTERS = {
    "account/email/email_confirmation": "account_confirm_email",
    "account/email/email_confirmation_signup": "account_confirm_email",
    "account/email/password_reset_key": "account_reset_password",
    "account/email/unknown_account": "account_unknown",
    "account/email/account_already_exists": "account_exists",
}


@dataclass(frozen=True)
class Notice:
    """Something that changed in an account, which its owner must hear of."""

    subject: str | Promise
    what: str | Promise


NOTICES = {
    "account/email/email_changed": Notice(
        _("Your email address was changed"), _("Your account now signs in with another email address.")
    ),
    "account/email/email_confirm": Notice(
        _("Your email address was confirmed"), _("This email address was confirmed for your account.")
    ),
    "account/email/email_deleted": Notice(
        _("An email address was removed"), _("An email address was removed from your account.")
    ),
    "account/email/password_changed": Notice(
        _("Your password was changed"), _("The password of your account was changed.")
    ),
    "account/email/password_set": Notice(_("A password was set"), _("A password was set for your account.")),
    "account/email/password_reset": Notice(
        _("Your password was reset"), _("The password of your account was reset by a link sent to this address.")
    ),
    "mfa/email/totp_activated": Notice(
        _("The second factor is on"), _("Signing in to your account now asks for a code from an app.")
    ),
    "mfa/email/totp_deactivated": Notice(
        _("The second factor was switched off"), _("Signing in to your account no longer asks for a code from an app.")
    ),
    "mfa/email/recovery_codes_generated": Notice(
        _("New recovery codes were made"), _("New recovery codes were made for your account; the old ones are void.")
    ),
}
OTHER = Notice(_("Your account was changed"), _("Something was changed in the settings of your account."))


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the language of the sign-up page with the account, and owes letters through `core.mail`."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.language = getattr(request, "LANGUAGE_CODE", "zh-hans")
        return super().save_user(request, user, form, commit)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Count from which device somebody signed in, by a digest alone."""
        traces.remember(
            user=user, address=self.get_client_ip(request) or "", browser=request.headers.get("User-Agent", "")
        )
        return super().post_login(request, user, **kwargs)

    def unstash_verified_email(self, request: HttpRequest) -> str | None:
        """An invitation's letter vouches for its own address, not for another one typed at sign-up."""
        proved = super().unstash_verified_email(request)
        typed = request.POST.get("email", "").strip().lower()
        return proved if proved and proved.lower() == typed else None

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the owner of an account what was changed in it."""
        to = email or EmailAddress.objects.get_primary_email(user)
        if to:
            self.send_mail(template_prefix, to, {"user": user, **(context or {})})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Owe the letter: the request that causes it neither waits for a mail server nor fails with it."""
        user = context.get("user")
        template = LETTERS.get(template_prefix, "account_changed")
        # Links start from the installation's own address, whatever host the request came in by.
        links = {name: _on_this_site(value) for name, value in context.items() if name.endswith("_url")}
        with transaction.atomic():
            mail.write(
                template=template,
                dedupe_key=f"{template}:{new_id('ltr')}",
                to=email,
                language=user.language if user is not None else get_language() or settings.LANGUAGE_CODE,
                user=user,
                context={**links, "email": email, "notice": NOTICES.get(template_prefix, OTHER), "at": clock.now()},
            )


def _on_this_site(url: str) -> str:
    parts = urlsplit(url)
    return settings.BASE_URL + parts.path + (f"?{parts.query}" if parts.query else "")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted at rest."""

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text.encode()).decode()

"""How allauth's pages behave here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the language of the sign-up page with the account."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.language = getattr(request, "LANGUAGE_CODE", "zh-hans")
        return super().save_user(request, user, form, commit)

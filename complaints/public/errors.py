"""What can go wrong for somebody without an account, each with the sentence that says what to do."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class NotConfirmable(DomainError):
    """The letter's link is unknown, was used up, or came too late; nobody is told which."""

    code = "not_confirmable"
    status = 404
    message = _("This link confirms nothing, or not any more. Write the notice anew; it takes some minutes.")


class TooManyLetters(DomainError):
    code = "too_many_letters"
    status = 429
    message = _("This address got as many letters today as one address gets. Try again tomorrow.")

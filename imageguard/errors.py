"""What can go wrong in the imageguard room."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, Forbidden


class OnlyVerified(Forbidden):
    code = "not_verified"
    message = _("Your organisation must be verified before it can register images. Submit its papers first.")


class OwnCase(Forbidden):
    code = "own_case"
    message = _("You belong to this organisation. Somebody else decides its cases.")


class RegisteredBefore(DomainError):
    """The same bytes again, by the same organisation; `number` is that of the earlier registration."""

    code = "registered_before"
    status = 409
    message = _("You registered this picture before; that certificate goes on.")

"""What can go wrong with keys."""

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from core.errors import WrongState


class KeyRefused(AuthenticationFailed):
    """Unknown, revoked, over, or its maker is gone: the caller learns no more than this."""

    default_code = "bad_key"
    default_detail = _(
        "This API key is not good, or not any more. An administrator of your organisation sees under “API keys” "
        "which are, and can make a new one."
    )


class OutOfScope(PermissionDenied):
    """The key is good, but not for this."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "out_of_scope"

    def __init__(self, wanted: tuple[str, ...]) -> None:
        if wanted:
            said = _("This API key may not do that. It would need the scope %(scope)s.")
            super().__init__(said % {"scope": " / ".join(wanted)})
        else:
            super().__init__(_("This is done by people who sign in, not with an API key."))


class KeyIsOver(WrongState):
    """Revoked or expired."""

    code = "key_is_over"
    message = _("This key is no longer good. Make a new one.")


class KeyIsReplaced(WrongState):
    code = "key_is_replaced"
    message = _("This key was replaced already. Replace the newer one.")


class KeyMadeAlready(WrongState):
    """The same page was sent twice."""

    code = "key_made_already"
    message = _("This key was made already, and is shown once. If you did not keep it, revoke it and make another.")

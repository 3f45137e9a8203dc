"""What can go wrong in the filings room, beside a wrong number (see `filings/numbers.py`)."""

from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden, Invalid, WrongState


class StaleForm(WrongState):
    code = "stale"
    message = _(
        "Somebody changed this filing after you opened it, so nothing of yours was written over it. "
        "Reload the page, look at what changed, and make your change again."
    )


class OwnFiling(Forbidden):
    code = "own_case"
    message = _("You belong to the organisation of this filing, or to its rival, and cannot review it.")


class NotVerified(Forbidden):
    code = "organisation_not_verified"
    message = _("Your organisation must be verified before it can file rights. Submit its papers first.")


class Incomplete(Invalid):
    code = "incomplete"
    message = _("This is not ready to be handed in. What is missing is marked below.")

"""What can go wrong in the patrol room."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, WrongState


class NotWatchable(Invalid):
    code = "not_watchable"
    message = _("This right cannot be watched. Choose a right of your organisation that is in force.")


class StaleProfile(WrongState):
    code = "stale"
    message = _(
        "Somebody changed this profile after you opened it, so nothing of yours was written over it. "
        "Reload the page, look at what changed, and make your change again."
    )


class StaleCandidate(WrongState):
    code = "stale"
    message = _(
        "What was seen here changed after you opened the page, so nothing was decided. "
        "Look at what stands here now, and decide on that."
    )


class NobodyToTell(WrongState):
    code = "nobody_to_tell"
    message = _("Nobody of the brand has an account any more. Decide yourself, or leave it.")

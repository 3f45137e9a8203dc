"""What can go wrong in the governance room."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, Forbidden


class TooLate(DomainError):
    """The time in which a decision could be appealed against is over; the message names its end."""

    code = "too_late"
    status = 409


class AppealedBefore(DomainError):
    """One appeal for each decision and party; the message names the first one."""

    code = "appealed_before"
    status = 409


class NotTold(DomainError):
    code = "not_told_yet"
    status = 409
    message = _("You will be told of this decision within the hour. From then on you can appeal.")


class DecidedTheFirst(Forbidden):
    code = "decided_the_first"
    message = _("You made the decision that is appealed against. Somebody else has to look at it.")

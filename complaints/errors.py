"""What can go wrong in the complaints room."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, Forbidden


class TakenBySomebodyElse(DomainError):
    code = "taken"
    status = 409
    message = _("Somebody else is working on this case. A senior reviewer can hand it to you.")


class OwnCase(Forbidden):
    code = "own_case"
    message = _("You belong to a party of this case and cannot decide it.")


class DecidedBefore(Forbidden):
    code = "decided_before"
    message = _("Whoever decided this case before does not look at it again. Somebody else does.")


class AnswerRefused(DomainError):
    """The time for a counter-notice is over, or has not come: the sentence says what can be done instead."""

    code = "answer_refused"
    status = 409


class ProofTooLate(DomainError):
    """The proof came after the day. It was recorded, and keeps nothing down by itself."""

    code = "proof_too_late"
    status = 409

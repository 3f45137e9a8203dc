"""What can go wrong in the rulebook."""

from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden, Invalid, WrongState


class RuleNotInForce(Invalid):
    code = "rule_not_in_force"
    message = _("No such rule was in force at that time. Choose one of the rules that were.")


class OwnChange(Forbidden):
    code = "second_person_needed"
    message = _("A change of the rules needs two people: somebody else has to decide on what you proposed.")


class TooLate(WrongState):
    code = "too_late"
    message = _("The day from which it was to be in force has passed. Propose it again with a later one.")

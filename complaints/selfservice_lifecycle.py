"""The rule book of the self-service privilege: earned by a record, trained by a test, kept by what reviews confirm.

Source: Amazon's Project Zero (90 % over six months to enter, 99 % to stay, owners only; docs/explanation/sources.md).
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import roles
from complaints.models import Privilege
from core.lifecycle import Lifecycle, Transition, Turn, the_clock

State = Privilege.State


def has_passed(privilege: Privilege, actor: Any) -> bool:
    """Somebody who may complain for the holder, and passed the test."""
    return (
        actor is not None
        and actor.has_org_role(privilege.organisation_id, roles.MAY_COMPLAIN)
        and privilege.attempts.filter(by=actor, has_passed=True).exists()
    )


def administrator(privilege: Privilege, actor: Any) -> bool:
    return actor is not None and actor.has_org_role(privilege.organisation_id, roles.MAY_ADMINISTER)


def senior(privilege: Privilege, actor: Any) -> bool:
    return roles.is_senior(actor)


PRIVILEGE = Lifecycle(
    subject="privilege",
    initial=State.TRAINING,
    transitions=(
        Transition(
            "grant", _("Pass the test"),
            source=frozenset({State.TRAINING}), target=State.ACTIVE, who=has_passed,
        ),
        Transition(
            "end", _("End for want of accuracy, or for a suspension"),
            source=frozenset({State.TRAINING, State.ACTIVE}), target=State.ENDED, who=the_clock, danger=True,
        ),
        Transition(
            "take_away", _("Take away"),
            source=frozenset({State.TRAINING, State.ACTIVE}), target=State.ENDED, who=senior, danger=True,
        ),
        Transition(
            "give_up", _("Give up"),
            source=frozenset({State.TRAINING, State.ACTIVE}), target=State.ENDED, who=administrator, danger=True,
        ),
        Transition(
            "restore", _("Restore"),
            source=frozenset({State.ENDED}), target=State.ACTIVE, who=senior,
        ),
    ),
    turns={
        State.TRAINING: Turn(_("The holder"), _("Somebody who complains for it takes the test."), ""),
        State.ACTIVE: Turn(
            _("The holder"), _("Takes down what infringes; staff review a share of it."),
            _("If staff confirm less than 99 per cent of what they review, the privilege ends."),
        ),
        State.ENDED: Turn(_("The holder"), _("It can appeal, or earn the privilege anew."), ""),
    },
)  # fmt: skip

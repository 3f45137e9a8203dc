"""The rule book of the rule book: how a rule changes. Two people, and never backwards in time."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn
from rulebook.models import RuleChange

State = RuleChange.State


def proposer(change: RuleChange, actor: Any) -> bool:
    return actor is not None and actor.pk == change.proposed_by_id


def somebody_else(change: RuleChange, actor: Any) -> bool:
    """Senior staff who did not propose it."""
    return roles.is_senior(actor) and actor.pk != change.proposed_by_id


def lies_ahead(change: RuleChange) -> str | Promise | None:
    """What a rule said yesterday is not changed today."""
    if change.effective_from > clock.now():
        return None
    return _("The day from which it was to be in force has passed. Propose it again with a later one.")


LIFECYCLE = Lifecycle(
    subject="rule_change",
    initial=State.PROPOSED,
    transitions=(
        Transition(
            "approve", _("Approve"),
            source=frozenset({State.PROPOSED}), target=State.APPROVED, who=somebody_else, needs=(lies_ahead,),
        ),
        Transition(
            "decline", _("Decline"),
            source=frozenset({State.PROPOSED}), target=State.DECLINED, who=somebody_else, danger=True,
        ),
        Transition(
            "withdraw", _("Take back"),
            source=frozenset({State.PROPOSED}), target=State.WITHDRAWN, who=proposer, danger=True,
        ),
    ),
    turns={
        State.PROPOSED: Turn(
            _("Another senior reviewer or administrator"), _("Reads what would change, and approves or declines it."),
            _("Until it is approved nothing changes; once its day has passed it can only be declined or taken back."),
        ),
        State.APPROVED: Turn(_("Nobody"), _("The new version is published and in force from its day on."), ""),
        State.DECLINED: Turn(_("Nobody"), _("Nothing was changed."), ""),
        State.WITHDRAWN: Turn(_("Nobody"), _("Nothing was changed."), ""),
    },
)  # fmt: skip

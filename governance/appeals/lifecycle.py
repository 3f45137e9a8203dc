"""The rule book of an appeal: its states, and every step from one to the next.

Sources: DSA art. 20 (internal complaint handling: free, electronic, decided in time and not by a machine alone) and
art. 21 (certified bodies outside, whose findings bind nobody). China and the United States ask for none of this; the
same way is open there, in the platform's own time.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import roles
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn, the_clock
from governance.appealable import KINDS, acts_for_side, contested_in, has_party
from governance.appeals.periods import until_decision, until_supplement
from governance.models import Appeal

State = Appeal.State


def appellant(appeal: Appeal, actor: Any) -> bool:
    """Somebody who may appeal such a decision for the organisation that appealed, or for the holder that it represents.

    What the holder itself appealed is its own: an agency of it reads along.
    """
    if actor is None:
        return False
    if appeal.beside_id is not None:
        contested = contested_in(appeal)
        if contested.agency_id == appeal.organisation_id:
            return acts_for_side(contested, actor)
    own: bool = actor.has_org_role(appeal.organisation_id, KINDS[appeal.kind].who)
    return own


def other_reviewer(appeal: Appeal, actor: Any) -> bool:
    """A reviewer who neither made the decision that is appealed against nor belongs to a party."""
    if not roles.is_reviewer(actor):
        return False
    contested = contested_in(appeal)
    return actor.pk not in contested.deciders and not has_party(contested, actor)


def holder_or_senior(appeal: Appeal, actor: Any) -> bool:
    """Whoever took the appeal, or a senior reviewer."""
    return roles.is_reviewer(actor) and (appeal.assigned_to_id == actor.pk or roles.is_senior(actor))


def holder_senior_or_clock(appeal: Appeal, actor: Any) -> bool:
    """Whoever took it, a senior reviewer, or the clock where who took it is away or has left."""
    return the_clock(appeal, actor) or holder_or_senior(appeal, actor)


def appellant_or_reviewer(appeal: Appeal, actor: Any) -> bool:
    return appellant(appeal, actor) or roles.is_reviewer(actor)


def until_decided(appeal: Appeal) -> datetime:
    return until_decision(regime=appeal.regime, received_at=clock.now())


def until_supplemented(appeal: Appeal) -> datetime:
    return until_supplement(asked_at=clock.now())


def as_before(appeal: Appeal) -> datetime | None:
    """Taking an appeal, or giving it back, lengthens nothing."""
    return appeal.deadline_at


RUNNING = frozenset({State.SUBMITTED, State.RETURNED, State.UNDER_REVIEW})
#: what can go on to a body outside
DECIDED = frozenset({State.UPHELD, State.PARTLY_REVERSED})

LIFECYCLE = Lifecycle(
    subject="appeal",
    initial=State.SUBMITTED,
    transitions=(
        Transition(
            "take", _("Take it up"),
            source=frozenset({State.SUBMITTED}), target=State.UNDER_REVIEW, who=other_reviewer, deadline=as_before,
        ),
        Transition(
            "give_back", _("Give it back"),
            source=frozenset({State.UNDER_REVIEW}), target=State.SUBMITTED, who=holder_senior_or_clock, deadline=as_before,
        ),
        Transition(
            "return", _("Return for supplement"),
            source=frozenset({State.UNDER_REVIEW}), target=State.RETURNED, who=other_reviewer,
            deadline=until_supplemented,
        ),
        Transition(
            "supplement", _("Send the supplement"),
            source=frozenset({State.RETURNED}), target=State.UNDER_REVIEW, who=appellant, deadline=until_decided,
        ),
        Transition(
            "go_on", _("Goes on without the supplement"),
            source=frozenset({State.RETURNED}), target=State.UNDER_REVIEW, who=the_clock, deadline=until_decided,
        ),
        Transition(
            "uphold", _("The decision stands"),
            source=frozenset({State.UNDER_REVIEW}), target=State.UPHELD, who=other_reviewer,
        ),
        Transition(
            "reverse", _("Reverse the decision"),
            source=frozenset({State.UNDER_REVIEW}), target=State.REVERSED, who=other_reviewer,
        ),
        Transition(
            "reverse_in_part", _("Reverse a part of the decision"),
            source=frozenset({State.UNDER_REVIEW}), target=State.PARTLY_REVERSED, who=other_reviewer,
        ),
        Transition(
            "withdraw", _("Withdraw"),
            source=RUNNING, target=State.WITHDRAWN, who=appellant, danger=True,
        ),
        Transition(
            "settle", _("Nothing is left to decide"),
            source=RUNNING, target=State.SETTLED, who=the_clock,
        ),
        Transition(
            "refer", _("Record that a body outside looks at it"),
            source=DECIDED, target=State.REFERRED, who=appellant_or_reviewer,
        ),
        Transition(
            "conclude", _("Record what the body found"),
            source=frozenset({State.REFERRED}), target=State.CONCLUDED, who=other_reviewer,
        ),
    ),
    turns={
        State.SUBMITTED: Turn(
            _("The platform"), _("Somebody takes it up who did not make the decision."),
            _("If this takes longer, it stands at the top of the reviewers' queue, marked as late."),
        ),
        State.RETURNED: Turn(
            _("The appellant"), _("Add what is missing, then send it."),
            _("The appeal is decided on what is there."),
        ),
        State.UNDER_REVIEW: Turn(
            _("The platform"), _("A reviewer who did not make the decision looks at it again, with reasons."),
            _("If this takes longer, it stands at the top of the reviewers' queue, marked as late."),
        ),
        State.UPHELD: Turn(
            _("The appellant, if it does not agree"),
            _("The decision stands. A body outside the platform, the authority or a court can still be asked."),
        ),
        State.REVERSED: Turn(_("Nobody"), _("The decision was reversed, and what follows from that is carried out.")),
        State.PARTLY_REVERSED: Turn(
            _("The appellant, if it does not agree"),
            _("A part was reversed. For the rest a body outside the platform, the authority or a court can be asked."),
        ),
        State.REFERRED: Turn(_("The out-of-court body"), _("The body looks at the case in its own time.")),
        State.CONCLUDED: Turn(_("Nobody"), _("What the body found, and what the platform does about it, stands on this page.")),
        State.SETTLED: Turn(_("Nobody"), _("What was appealed against came to an end by itself, as by a withdrawn complaint.")),
        State.WITHDRAWN: Turn(_("Nobody"), _("The appeal was withdrawn. While the time runs, it can be filed anew.")),
    },
)  # fmt: skip

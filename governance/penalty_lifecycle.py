"""The rule book of a penalty: nobody is punished unheard, a ban needs two people, and every penalty can be undone."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from complaints.deadlines import window
from complaints.regimes import REGIMES, Event
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn, the_clock
from governance.models import Penalty
from governance.penalties.offences import COUNTS, DECISION
from rulebook.models import Measure

State = Penalty.State


def reviewer(penalty: Penalty, actor: Any) -> bool:
    return roles.is_reviewer(actor)


def senior_for_a_ban(penalty: Penalty, actor: Any) -> bool:
    """Any reviewer confirms a penalty, a ban only a senior one."""
    return roles.is_senior(actor) if penalty.is_ban else roles.is_reviewer(actor)


def second_person(penalty: Penalty, actor: Any) -> bool:
    """The clock at once; of a ban, a senior reviewer who did not confirm it."""
    if not penalty.is_ban:
        return actor is None
    return roles.is_senior(actor) and actor.pk != penalty.confirmed_by_id


def senior(penalty: Penalty, actor: Any) -> bool:
    return roles.is_senior(actor)


def somebody_else(penalty: Penalty, actor: Any) -> bool:
    """A reviewer who had no part in it; or the clock, when the decisions under it were reversed."""
    return actor is None or (
        roles.is_reviewer(actor) and actor.pk not in (penalty.confirmed_by_id, penalty.put_in_force_by_id)
    )


def reviewer_or_clock(penalty: Penalty, actor: Any) -> bool:
    return actor is None or roles.is_reviewer(actor)


def shop_was_heard(penalty: Penalty) -> str | Promise | None:
    """It said something, or the time for it is over."""
    if penalty.stated_at is not None or (penalty.deadline_at is not None and penalty.deadline_at <= clock.now()):
        return None
    return _("The shop has not said anything yet, and its time to do so is not over.")


def until_hearing_ends(penalty: Penalty) -> datetime:
    """As the law page of the marketplace's regime says."""
    return window(REGIMES[penalty.shop.marketplace.regime], Event.PENALTY_ANNOUNCED, clock.now()).closes_at


def until_decision(penalty: Penalty) -> datetime:
    return clock.now() + DECISION


def until_end(penalty: Penalty) -> datetime | None:
    """A ban stays until it is lifted; a warning as long as points count; everything else for its days."""
    if penalty.is_ban:
        return None
    return clock.now() + (COUNTS if penalty.measure == Measure.WARNING else timedelta(days=penalty.days or 0))


UNDONE = frozenset({State.HEARING, State.CONFIRMED, State.IN_FORCE, State.ENDED, State.LIFTED})

PENALTY = Lifecycle(
    subject="penalty",
    initial=State.PROPOSED,
    transitions=(
        Transition(
            "hear", _("Hear the shop"),
            source=frozenset({State.PROPOSED}), target=State.HEARING, who=reviewer, deadline=until_hearing_ends,
        ),
        Transition(
            "confirm", _("Confirm"),
            source=frozenset({State.HEARING}), target=State.CONFIRMED, who=senior_for_a_ban, needs=(shop_was_heard,),
            deadline=until_decision,
        ),
        Transition(
            "begin", _("Put in force"),
            source=frozenset({State.CONFIRMED}), target=State.IN_FORCE, who=second_person, deadline=until_end,
            danger=True,
        ),
        Transition(
            "end", _("End"),
            source=frozenset({State.IN_FORCE}), target=State.ENDED, who=the_clock,
        ),
        Transition(
            "lift", _("Lift early"),
            source=frozenset({State.IN_FORCE}), target=State.LIFTED, who=senior,
        ),
        Transition(
            "reverse", _("Reverse"),
            source=UNDONE, target=State.REVERSED, who=somebody_else, danger=True,
        ),
        Transition(
            "drop", _("Do not impose"),
            source=frozenset({State.PROPOSED, State.HEARING, State.CONFIRMED}), target=State.DROPPED,
            who=reviewer_or_clock,
        ),
    ),
    turns={
        State.PROPOSED: Turn(
            _("The platform"), _("A reviewer looks at the points and opens the hearing, or does not impose it."), "",
        ),
        State.HEARING: Turn(
            _("The shop"), _("Says what speaks against the penalty."),
            _("Without a statement the platform decides on what it knows."),
        ),
        State.CONFIRMED: Turn(
            _("The platform"), _("A second senior reviewer puts a ban in force; anything else begins at once."), "",
        ),
        State.IN_FORCE: Turn(
            _("Nobody"), _("The penalty is in force. An appeal can reverse it, and staff can end it early on request."),
            _("It ends by itself on its day; a ban does not."),
        ),
        State.ENDED: Turn(_("Nobody"), _("The penalty is over. Its points expire by themselves."), ""),
        State.LIFTED: Turn(_("Nobody"), _("Staff ended it early."), ""),
        State.REVERSED: Turn(_("Nobody"), _("It counts as never imposed, and its effects have been taken back."), ""),
        State.DROPPED: Turn(_("Nobody"), _("It was not imposed."), ""),
    },
)  # fmt: skip

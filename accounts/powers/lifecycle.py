"""The rule book of a power of attorney: how it comes into force, and how it ends.

An approved power is in force on the days that stand in it (`PowerOfAttorney.is_in_force`); its state alone says nothing,
since the clock may be late. Either side may end it at any moment, as may the platform (Civil Code of the PRC, arts. 173
and 933: a mandate may be ended at any time). What an agency did before the end stays done.
"""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import PowerOfAttorney
from core import clock
from core.lifecycle import STAYS, Lifecycle, Transition, Turn, the_clock

State = PowerOfAttorney.State
REVIEW = timedelta(days=3)
SUPPLEMENT = timedelta(days=30)
#: days before the end at which both sides are reminded
REMINDER_DAYS = (30, 7)


def holder(power: PowerOfAttorney, actor: Any) -> bool:
    """Somebody who signs for the rights holder."""
    return actor is not None and actor.has_org_role(power.holder_id, roles.MAY_GRANT_POWERS)


def agent(power: PowerOfAttorney, actor: Any) -> bool:
    """Somebody who looks after the agency's powers."""
    return actor is not None and actor.has_org_role(power.agency_id, roles.MAY_HOLD_POWERS)


def either_side(power: PowerOfAttorney, actor: Any) -> bool:
    return holder(power, actor) or agent(power, actor)


def reviewer(power: PowerOfAttorney, actor: Any) -> bool:
    return roles.is_reviewer(actor)


def anybody_of_it(power: PowerOfAttorney, actor: Any) -> bool:
    return either_side(power, actor) or reviewer(power, actor)


# --- conditions --------------------------------------------------------------------------------------


def can_confirm(power: PowerOfAttorney) -> bool:
    """Whether the rights holder has an account here, so that it can say itself that the power is its own."""
    return power.holder.memberships.filter(role__in=roles.MAY_GRANT_POWERS, user__is_active=True).exists()


def is_not_confirmed(power: PowerOfAttorney) -> str | Promise | None:
    return _("The rights holder has confirmed it already.") if power.confirmed_at else None


def is_confirmed(power: PowerOfAttorney) -> str | Promise | None:
    if power.confirmed_at is None and can_confirm(power):
        return _("The rights holder has an account and has not confirmed it yet. Wait, or return it.")
    return None


def is_not_over(power: PowerOfAttorney) -> str | Promise | None:
    if power.valid_until_on < clock.today():
        return _("Its last day has passed. Return it for a new one.")
    return None


def agency_is_verified(power: PowerOfAttorney) -> str | Promise | None:
    return None if power.agency.is_verified else _("The agency is not verified. Look at its papers first.")


# --- deadlines ---------------------------------------------------------------------------------------


def until_review(power: PowerOfAttorney) -> datetime:
    return clock.now() + REVIEW


def until_supplement(power: PowerOfAttorney) -> datetime:
    return clock.now() + SUPPLEMENT


def until_end(power: PowerOfAttorney) -> datetime:
    """The end of its last day, where the platform is."""
    following = power.valid_until_on + timedelta(days=1)
    return datetime.combine(following, time.min, tzinfo=timezone.get_default_timezone())


LIFECYCLE = Lifecycle(
    subject="power",
    initial=State.SUBMITTED,
    transitions=(
        Transition(
            "confirm", _("Confirm"),
            source=frozenset({State.SUBMITTED}), target=STAYS, who=holder, needs=(is_not_confirmed,),
        ),
        Transition(
            "approve", _("Approve"),
            source=frozenset({State.SUBMITTED}), target=State.APPROVED, who=reviewer,
            needs=(is_confirmed, is_not_over, agency_is_verified), deadline=until_end,
        ),
        Transition(
            "return", _("Return for supplement"),
            source=frozenset({State.SUBMITTED}), target=State.RETURNED, who=reviewer, deadline=until_supplement,
        ),
        Transition(
            "supplement", _("Send the supplement"),
            source=frozenset({State.RETURNED}), target=State.SUBMITTED, who=either_side, needs=(is_not_over,),
            deadline=until_review,
        ),
        Transition(
            "revoke", _("Revoke"),
            source=frozenset({State.SUBMITTED, State.RETURNED, State.APPROVED}), target=State.REVOKED,
            who=anybody_of_it, danger=True,
        ),
        Transition(
            "expire", _("Expire"),
            source=frozenset({State.SUBMITTED, State.RETURNED, State.APPROVED}), target=State.EXPIRED, who=the_clock,
        ),
    ),
    turns={
        State.SUBMITTED: Turn(
            _("The platform"), _("A reviewer compares the data with the paper; a rights holder with an account confirms it first."),
            _("If this takes longer, it stands at the top of the reviewers' queue, marked as late."),
        ),
        State.RETURNED: Turn(
            _("The agency or the rights holder"), _("Mend what the reviewer wrote, then send it again."),
            _("It ends without having been in force."),
        ),
        State.APPROVED: Turn(
            _("Nobody"), _("The agency acts for the rights holder, within the scope, on the days that stand in it."),
            _("It expires after its last day."),
        ),
        State.REVOKED: Turn(_("Nobody"), _("It was revoked. The agency does not act by it any more.")),
        State.EXPIRED: Turn(_("Nobody"), _("Its time is over. The agency does not act by it any more.")),
    },
)  # fmt: skip

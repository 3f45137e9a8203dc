"""What people and the clock do with penalties. One function, one transaction, one ledger entry."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import roles
from core import clock, ledger
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.lifecycle import lock
from core.obligations import each_due
from core.outbox import publish
from governance.models import Penalty
from governance.penalties import letters
from governance.penalty_lifecycle import PENALTY
from marketplace import restrictions
from marketplace import services as enforcement
from marketplace.services import HoldCause
from rulebook.models import Measure

State = Penalty.State
#: what the marketplace is told of, apart from holds
RESTRICTS = frozenset({Measure.LIMITS, Measure.DEMOTION, Measure.DEPOSIT})


@transaction.atomic
def open_hearing(*, penalty: Penalty, by: Any, reason: str = "") -> Penalty:
    """Tell the shop what is proposed and why, and give it time to answer. Raises Forbidden, OwnCase, WrongState."""
    penalty = _taken(penalty, by)
    if reason.strip():
        penalty.reason = reason.strip()
    PENALTY.fire(penalty, "hear", actor=by, writes=["reason"])
    letters.tell(penalty, "penalty_hearing")
    return penalty


@transaction.atomic
def state_position(*, penalty: Penalty, by: Any, text: str) -> Penalty:
    """The shop says what speaks against the penalty; it may say more until the platform has decided.

    Raises Forbidden, NotYours, WrongState, Invalid.
    """
    penalty = lock(penalty)
    _for_the_shop(penalty, by)
    if penalty.state != State.HEARING:
        raise WrongState(_("The hearing is over."))
    if not text.strip():
        raise Invalid(_("Say what speaks against the penalty."), field="text")
    penalty.statement = f"{penalty.statement}\n\n{text.strip()}".strip()[:20_000]
    penalty.stated_at, penalty.stated_by = clock.now(), by
    penalty.save(update_fields=["statement", "stated_at", "stated_by"])
    ledger.record(kind="penalty.stated", subject=penalty.public_id, actor=by)
    return penalty


@transaction.atomic
def confirm(*, penalty: Penalty, by: Any, reason: str) -> Penalty:
    """Decide that it is imposed: at once, but for a ban, which a second person puts in force.

    Raises Forbidden, OwnCase, WrongState, Invalid.
    """
    penalty = _taken(penalty, by)
    PENALTY.check(penalty, "confirm", by)
    if not reason.strip():
        raise Invalid(_("Say why, so that the shop can understand it and appeal."), field="reason")
    penalty.reason, penalty.confirmed_by = reason.strip(), by
    PENALTY.fire(penalty, "confirm", actor=by, writes=["reason", "confirmed_by"])
    if not penalty.is_ban:
        _begin(penalty, None)
    return penalty


@transaction.atomic
def put_ban_in_force(*, penalty: Penalty, by: Any) -> Penalty:
    """The second person agrees to a ban: the whole shop goes down. Raises Forbidden, OwnCase, WrongState."""
    penalty = _taken(penalty, by)
    PENALTY.check(penalty, "begin", by)
    penalty.put_in_force_by = by
    _begin(penalty, by)
    return penalty


def _begin(penalty: Penalty, by: Any) -> None:
    at = clock.now()
    penalty.began_at, penalty.ends_at = at, PENALTY["begin"].deadline(penalty)
    PENALTY.fire(penalty, "begin", actor=by, writes=["began_at", "ends_at", "put_in_force_by"])
    if penalty.holds_the_shop:
        cause = HoldCause(case=penalty.public_id, reason=penalty.number)
        enforcement.place_holds(targets=[penalty.shop], cause=cause, actor=by)
    elif penalty.measure in RESTRICTS:
        restrictions.restrict(shop=penalty.shop, measure=penalty.measure, cause=penalty.public_id, actor=by)
    letters.tell(penalty, "penalty_in_force")
    publish("penalty.begun", penalty.public_id)


def _let_go(penalty: Penalty, reason: str, by: Any) -> None:
    """What the penalty did to the shop ends; a shop that something else holds stays down."""
    enforcement.release_holds(cause=penalty.public_id, reason=reason, actor=by)
    restrictions.lift(cause=penalty.public_id, actor=by)
    publish("penalty.over", penalty.public_id)


@transaction.atomic
def lift(*, penalty: Penalty, by: Any, reason: str) -> Penalty:
    """Rehabilitation: end a penalty early. Raises Forbidden, OwnCase, WrongState, Invalid."""
    penalty = _taken(penalty, by)
    PENALTY.check(penalty, "lift", by)
    if not reason.strip():
        raise Invalid(_("Say why it ends early."), field="reason")
    penalty.note = reason.strip()
    PENALTY.fire(penalty, "lift", actor=by, writes=["note"])
    _let_go(penalty, gettext_noop("penalty lifted"), by)
    letters.tell(penalty, "penalty_over")
    return penalty


@transaction.atomic
def reverse_penalty(*, penalty: Penalty, by: Any, reason: str) -> Penalty:
    """It should never have been imposed: on appeal, or because what it rests on was reversed (`by` None).

    Holds and restrictions end; its points are another matter (`points.take_back_points`). Raises Forbidden, OwnCase,
    WrongState.
    """
    penalty = lock(penalty) if by is None else _taken(penalty, by)
    PENALTY.check(penalty, "reverse", by)
    penalty.note = reason.strip()
    PENALTY.fire(penalty, "reverse", actor=by, writes=["note"])
    _let_go(penalty, gettext_noop("penalty reversed"), by)
    letters.tell(penalty, "penalty_over")
    return penalty


@transaction.atomic
def drop(*, penalty: Penalty, by: Any, reason: str) -> Penalty:
    """Do not impose it. Raises Forbidden, OwnCase, WrongState, Invalid."""
    penalty = lock(penalty) if by is None else _taken(penalty, by)
    PENALTY.check(penalty, "drop", by)
    if not reason.strip():
        raise Invalid(_("Say why it is not imposed."), field="reason")
    was_told, penalty.note = penalty.state != State.PROPOSED, reason.strip()
    PENALTY.fire(penalty, "drop", actor=by, writes=["note"])
    if was_told:
        letters.tell(penalty, "penalty_over")
    return penalty


@transaction.atomic
def ask_for_early_end(*, penalty: Penalty, by: Any, text: str) -> Penalty:
    """The shop asks staff to end a penalty early. Raises Forbidden, NotYours, WrongState, Invalid."""
    penalty = lock(penalty)
    _for_the_shop(penalty, by)
    if penalty.state != State.IN_FORCE or penalty.measure == Measure.WARNING:
        raise WrongState()
    if not text.strip():
        raise Invalid(_("Say what has changed since."), field="text")
    penalty.early_end_reason, penalty.early_end_asked_at = text.strip()[:10_000], clock.now()
    penalty.save(update_fields=["early_end_reason", "early_end_asked_at"])
    ledger.record(kind="penalty.early_end_asked", subject=penalty.public_id, actor=by)
    return penalty


# --- who may --------------------------------------------------------------------------------------------------


def _taken(penalty: Penalty, by: Any) -> Penalty:
    """The penalty, locked for a reviewer who is no party to it."""
    penalty = lock(penalty)
    if not roles.is_reviewer(by):
        raise Forbidden()
    operator = penalty.shop.operator_id
    if operator is not None and by.memberships.filter(organisation=operator).exists():
        raise Forbidden(_("You belong to the merchant that runs this shop. Somebody else has to decide."))
    return penalty


def _for_the_shop(penalty: Penalty, by: Any) -> None:
    membership = by.membership
    if membership is None or not penalty.is_of(membership.organisation_id) or penalty.state not in Penalty.TOLD:
        raise NotYours()
    if membership.role not in roles.MAY_COMPLAIN:
        raise Forbidden()


# --- the clock ------------------------------------------------------------------------------------------------


@transaction.atomic
def pass_deadline(*, penalty: Penalty) -> bool:
    """End a penalty whose time is over; running it twice ends it once."""
    penalty = lock(penalty)
    if penalty.state != State.IN_FORCE or penalty.ends_at is None or penalty.ends_at > clock.now():
        return False
    PENALTY.fire(penalty, "end", actor=None)
    _let_go(penalty, gettext_noop("penalty ended"), None)
    letters.tell(penalty, "penalty_over")
    return True


def pass_deadlines(limit: int = 500) -> int:
    """End penalties whose time is over; one that cannot be ended stops no other. Returns how many ended."""
    return each_due(
        lambda: Penalty.objects.filter(state=State.IN_FORCE, ends_at__lte=clock.now()).order_by("ends_at", "pk"),
        lambda penalty: pass_deadline(penalty=penalty),
        limit=limit,
    )

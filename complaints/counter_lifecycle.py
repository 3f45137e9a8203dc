"""The rule book of a counter-notice: its states, and every step from one to the next.

The links of one counter-notice may go different ways: a step that settles some of them leaves the state as it is,
and the house moves the case on (`settle`, `conclude`) once none of them waits, or none is open any more.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from accounts import roles
from complaints.deadlines import Window, window
from complaints.lifecycle import regime_of
from complaints.models import CounterNotice
from complaints.regimes import Event, Regime, Unit
from complaints.representation import acts_for_complainant
from core import clock
from core.lifecycle import STAYS, Lifecycle, Transition, Turn, the_clock

State = CounterNotice.State
OPEN = frozenset(CounterNotice.OPEN)
#: so long before a window closes what is due is put back at the latest: the marketplace has to carry it out inside it
LAST_DAY = timedelta(hours=12)


def regime_for(answer: CounterNotice) -> Regime:
    return regime_of(answer.complaint)


def merchant(answer: CounterNotice, actor: Any) -> bool:
    """Somebody who may answer for the merchant that answered."""
    return actor is not None and actor.has_org_role(answer.organisation_id, roles.MAY_ANSWER)


def complainant(answer: CounterNotice, actor: Any) -> bool:
    """Somebody who may complain for the organisation that complained, or for the holder that it represents."""
    return acts_for_complainant(answer.complaint, actor, roles.MAY_COMPLAIN)


def reviewer(answer: CounterNotice, actor: Any) -> bool:
    return roles.is_reviewer(actor)


def clock_or_complainant(answer: CounterNotice, actor: Any) -> bool:
    return actor is None or complainant(answer, actor)


def until_checked(answer: CounterNotice) -> datetime:
    """When the platform's own turn ends: the check for completeness, or under some laws the new look."""
    regime = regime_for(answer)
    period = regime.period(Event.COUNTER_NOTICE_RECEIVED)
    if period is None or not period.is_own:
        return answer.received_at + regime.admission
    return window(regime, Event.COUNTER_NOTICE_RECEIVED, answer.received_at).closes_at


def until_supplement(answer: CounterNotice) -> datetime:
    return window(regime_for(answer), Event.COUNTER_NOTICE_RETURNED, clock.now()).closes_at


def until_delivered(answer: CounterNotice) -> datetime:
    """By then it counts as delivered: it stands on the complainant's page, whatever a mail server does."""
    return clock.now() + regime_for(answer).notification


def waiting_period(answer: CounterNotice, known: dict[Any, Window] | None = None) -> Window:
    """From when the links go up again unless a proceeding is proved, and how long a proof still counts.

    For many at once, `known` keeps what was counted: periods of days that begin on one day end together.
    """
    regime = regime_for(answer)
    period = regime.period(regime.waits_from) if regime.waits_from else None
    if period is None:
        raise LookupError(f"under {regime.code} no time releases anything")
    runs_from = answer.delivered_at if period.event == Event.COUNTER_NOTICE_DELIVERED else answer.received_at
    at = runs_from or clock.now()
    if known is None or period.unit == Unit.TIME:
        return window(regime, period.event, at)
    key = (regime.code, at.astimezone(ZoneInfo(regime.timezone)).date())
    if key not in known:
        known[key] = window(regime, period.event, at)
    return known[key]


def put_back_at(answer: CounterNotice, period: Window) -> datetime:
    """When the links go up: as soon as they may, but so that the complainant has had a turn inside the window.

    The law says "in time" (China: the window is one moment), or opens a window (United States: 10 to 14 business days
    from receipt). What reaches the complainant late, because it was passed on late, leaves it as long as the window is
    open, at most until the last day's noon: later than that day the law allows nobody to wait.
    """
    turn = period.closes_at - period.opens_at
    reached = answer.delivered_at or period.opens_at
    return max(period.opens_at, min(reached + turn, period.closes_at - LAST_DAY))


def until_put_back(answer: CounterNotice) -> datetime:
    return put_back_at(answer, waiting_period(answer))


def time_puts_back(answer: CounterNotice) -> Any:
    """Under some laws what was countered comes back by time alone, under others a person decides."""
    return None if regime_for(answer).waits_from else _("Under this law a counter-notice is decided by a person.")


def window_is_open(answer: CounterNotice) -> Any:
    """Where the waiting period runs from receipt it runs on, whether or not anybody has checked the answer."""
    if (
        regime_for(answer).waits_from == Event.COUNTER_NOTICE_RECEIVED
        and waiting_period(answer).opens_at <= clock.now()
    ):
        return None
    return _("The platform still has time to check it.")


def a_person_decides(answer: CounterNotice) -> Any:
    return _("Under this law a counter-notice is not decided but forwarded.") if regime_for(answer).waits_from else None


LIFECYCLE = Lifecycle(
    subject="counter_notice",
    initial=State.SUBMITTED,
    transitions=(
        Transition(
            "forward", _("Forward to the complainant"),
            source=frozenset({State.SUBMITTED}), target=State.FORWARDED, who=reviewer, needs=(time_puts_back,),
            deadline=until_delivered,
        ),
        Transition(
            "pass_on", _("Pass on unchecked: the law lets the links go up by now"),
            source=frozenset({State.SUBMITTED}), target=State.FORWARDED, who=the_clock, needs=(window_is_open,),
            deadline=until_delivered,
        ),
        Transition(
            "take_up", _("Take up for a new look"),
            source=frozenset({State.SUBMITTED}), target=State.IN_REVIEW, who=reviewer, needs=(a_person_decides,),
            deadline=until_checked,
        ),
        Transition(
            "return", _("Return for supplement"),
            source=frozenset({State.SUBMITTED}), target=State.RETURNED, who=reviewer, deadline=until_supplement,
        ),
        Transition(
            "supplement", _("Send the supplement"),
            source=frozenset({State.RETURNED}), target=State.SUBMITTED, who=merchant, deadline=until_checked,
        ),
        Transition(
            "lapse", _("Lapse for want of the supplement"),
            source=frozenset({State.RETURNED}), target=State.LAPSED, who=the_clock,
        ),
        Transition(
            "withdraw", _("Withdraw the counter-notice"),
            source=OPEN - {State.IN_PROCEEDINGS}, target=State.WITHDRAWN, who=merchant, danger=True,
        ),
        Transition(
            "deliver", _("Reach the complainant"),
            source=frozenset({State.FORWARDED}), target=State.WAITING, who=clock_or_complainant,
            deadline=until_put_back,
        ),
        Transition(
            "move_deadline", _("Move the end of the waiting period with the calendar"),
            source=frozenset({State.WAITING}), target=State.WAITING, who=the_clock, deadline=until_put_back,
        ),
        Transition(
            "prove", _("Prove a complaint to an authority, or a lawsuit"),
            source=frozenset({State.WAITING, State.IN_PROCEEDINGS}), target=STAYS, who=complainant,
        ),
        Transition(
            "concede", _("Accept the counter-notice"),
            source=frozenset({State.WAITING, State.IN_PROCEEDINGS}), target=STAYS, who=complainant,
        ),
        Transition(
            "decide", _("Decide anew"),
            source=frozenset({State.IN_REVIEW}), target=STAYS, who=reviewer,
        ),
        Transition(
            "end_proceeding", _("Record how a proceeding ended"),
            source=frozenset(State), target=STAYS, who=reviewer,
        ),
        Transition(
            "order", _("Record what a court ordered"),
            source=frozenset(State), target=STAYS, who=reviewer, danger=True,
        ),
        Transition(
            "put_back", _("Put back: the waiting period is over"),
            source=frozenset({State.WAITING}), target=State.CONCLUDED, who=the_clock,
        ),
        Transition(
            "put_back_rest", _("Put back what no proceeding keeps down"),
            source=frozenset({State.WAITING}), target=State.IN_PROCEEDINGS, who=the_clock,
        ),
        Transition(
            "settle", _("Wait for the proceedings: no link waits any more"),
            source=OPEN - {State.IN_PROCEEDINGS}, target=State.IN_PROCEEDINGS, who=the_clock,
        ),
        Transition(
            "conclude", _("Conclude: no link is open any more"),
            source=OPEN, target=State.CONCLUDED, who=the_clock,
        ),
    ),
    turns={
        State.SUBMITTED: Turn(
            _("The platform"), _("A reviewer checks whether the counter-notice has all its elements."),
            _("If this takes longer, it moves to the top of the queue."),
        ),
        State.RETURNED: Turn(
            _("The merchant"), _("Add what is missing, then send it back."),
            _("Without the supplement the counter-notice lapses; a new one may be sent while the takedown can be answered."),
        ),
        State.FORWARDED: Turn(
            _("The complainant"), _("The counter-notice is on its way; the waiting period begins when it has arrived."),
            _("It counts as delivered then: it stands on the complainant's page."),
        ),
        State.WAITING: Turn(
            _("The complainant"), _("Prove that you sued or, where the law lets it count, complained to the authority; or accept the counter-notice."),
            _("Every link without such proof is released at this moment, and both sides are told."),
        ),
        State.IN_PROCEEDINGS: Turn(
            _("The court or authority"), _("The links stay down until it has spoken."),
            "",
        ),
        State.IN_REVIEW: Turn(
            _("The platform"), _("Somebody other than who decided first looks at each link anew, and says why."),
            _("If this takes longer, it moves to the top of the queue."),
        ),
        State.CONCLUDED: Turn(_("Nobody"), _("Each link has its outcome."), ""),
        State.WITHDRAWN: Turn(_("Nobody"), _("The merchant withdrew the counter-notice. What was taken down stays down."), ""),
        State.LAPSED: Turn(_("Nobody"), _("The counter-notice was not completed in time. What was taken down stays down."), ""),
    },
)  # fmt: skip

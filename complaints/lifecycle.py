"""The rule book of a complaint: its states, and every step from one to the next.

While a merchant's counter-notice is open the complaint is `countered`: see `counter_lifecycle.py`.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import roles
from complaints.abuse.lifecycle import SUSPENSION
from complaints.lanes import in_time
from complaints.models import Complaint, Privilege
from complaints.regimes import REGIMES, Regime
from complaints.representation import acts_for_complainant, is_still_represented
from complaints.selfservice_lifecycle import PRIVILEGE, has_passed
from core import clock
from core.lifecycle import STAYS, Lifecycle, Transition, Turn, the_clock
from core.sql import Columns, read

State = Complaint.State
_PRIVILEGE = Columns(Privilege, "privilege")
__all__ = ["LIFECYCLE", "OPEN", "PRIVILEGE", "SUSPENSION", "UNDECIDED"]


def regime_of(complaint: Complaint) -> Regime:
    return REGIMES[complaint.regime]


def complainant(complaint: Complaint, actor: Any) -> bool:
    """Somebody who may complain for the organisation that complained, or for the holder that it represents."""
    return acts_for_complainant(complaint, actor, roles.MAY_COMPLAIN)


def represented_holder(complaint: Complaint, actor: Any) -> bool:
    """Somebody who may complain for the rights holder for whom an agency complained."""
    return (
        actor is not None
        and complaint.holder_id is not None
        and actor.has_org_role(complaint.holder_id, roles.MAY_COMPLAIN)
    )


def right_is_proved(complaint: Complaint) -> Any:
    """What somebody without an account complains of rests on a right that nobody has looked at before."""
    if complaint.channel == complaint.Channel.ACCOUNT or complaint.filing.was_approved:
        return None
    if complaint.filing.state == complaint.filing.State.RETURNED:
        return _("The right that came with this notice is with the complainant, who adds what is missing.")
    return _("The right that came with this notice has to be approved first.")


def is_not_adopted(complaint: Complaint) -> Any:
    return _("The rights holder stands by it already.") if complaint.adopted_at else None


def reviewer(complaint: Complaint, actor: Any) -> bool:
    return roles.is_reviewer(actor)


def privileged_holder(complaint: Complaint, actor: Any) -> bool:
    """Somebody of the complainant who passed the test of self-service, while the privilege stands."""
    if not complainant(complaint, actor):
        return False
    # By hand: every answer about a complaint asks, and mostly there is none.
    standing = read(
        f"SELECT {_PRIVILEGE} FROM complaints_privilege privilege WHERE organisation_id = %s AND state = %s",  # noqa: S608
        [complaint.organisation_id, Privilege.State.ACTIVE],
        _PRIVILEGE,
    )
    return any(has_passed(privilege, actor) for (privilege,) in standing)


def until_admission(complaint: Complaint) -> datetime:
    return clock.now() + in_time(regime_of(complaint).admission, complaint.lane)


def until_decision(complaint: Complaint) -> datetime:
    return clock.now() + in_time(regime_of(complaint).decision, complaint.lane)


def until_supplement(complaint: Complaint) -> datetime:
    return clock.now() + regime_of(complaint).supplement


def until_notification(complaint: Complaint) -> datetime:
    return clock.now() + regime_of(complaint).notification


def until_closing(complaint: Complaint) -> datetime:
    return clock.now() + regime_of(complaint).closing


def something_is_left(complaint: Complaint) -> Any:
    """Until the decision every link may be withdrawn, afterwards those that were upheld."""
    if complaint.state in UNDECIDED or complaint.upheld_before:
        return None
    return _("This complaint holds nothing down, so there is nothing to withdraw.")


UNDECIDED = frozenset({State.SUBMITTED, State.RETURNED, State.ACCEPTED})
OPEN = UNDECIDED | frozenset({State.UPHELD, State.DISMISSED, State.NOTIFIED, State.COUNTERED})

LIFECYCLE = Lifecycle(
    subject="complaint",
    initial=State.SUBMITTED,
    transitions=(
        Transition(
            "accept", _("Accept for decision"),
            source=frozenset({State.SUBMITTED}), target=State.ACCEPTED, who=reviewer,
            needs=(is_still_represented, right_is_proved), deadline=until_decision,
        ),
        Transition(
            "adopt", _("Stand by it as the rights holder"),
            source=UNDECIDED, target=STAYS, who=represented_holder, needs=(is_not_adopted,),
        ),
        Transition(
            "return", _("Return for supplement"),
            source=frozenset({State.SUBMITTED, State.ACCEPTED}), target=State.RETURNED, who=reviewer,
            deadline=until_supplement,
        ),
        Transition(
            "supplement", _("Send the supplement"),
            source=frozenset({State.RETURNED}), target=State.SUBMITTED, who=complainant, deadline=until_admission,
        ),
        Transition(
            "reject", _("Reject at the door"),
            source=frozenset({State.SUBMITTED}), target=State.REJECTED, who=reviewer, danger=True,
        ),
        Transition(
            "lapse", _("Lapse for want of the supplement"),
            source=frozenset({State.RETURNED}), target=State.REJECTED, who=the_clock,
        ),
        Transition(
            "uphold", _("Uphold"),
            source=frozenset({State.ACCEPTED}), target=State.UPHELD, who=reviewer,
            needs=(is_still_represented, right_is_proved), deadline=until_notification,
        ),
        Transition(
            "remove", _("Take down by the holder's privilege"),
            source=frozenset({State.SUBMITTED}), target=State.UPHELD, who=privileged_holder,
            deadline=until_notification, with_the_case=True,
        ),
        Transition(
            "dismiss", _("Dismiss"),
            source=frozenset({State.ACCEPTED}), target=State.DISMISSED, who=reviewer, deadline=until_notification,
        ),
        Transition(
            "notify", _("Tell the parties"),
            source=frozenset({State.UPHELD, State.DISMISSED}), target=State.NOTIFIED, who=the_clock,
            deadline=until_closing,
        ),
        Transition(
            "counter", _("Wait for what becomes of a counter-notice"),
            source=frozenset({State.NOTIFIED, State.CLOSED}), target=State.COUNTERED, who=the_clock,
        ),
        Transition(
            "resume", _("Go on after the last counter-notice"),
            source=frozenset({State.COUNTERED}), target=State.NOTIFIED, who=the_clock, deadline=until_closing,
        ),
        Transition(
            "close", _("Close"),
            source=frozenset({State.NOTIFIED}), target=State.CLOSED, who=the_clock,
        ),
        Transition(
            "readmit", _("Accept after all, on appeal"),
            source=frozenset({State.REJECTED}), target=State.ACCEPTED, who=reviewer, deadline=until_decision,
        ),
        Transition(
            # On review of a holder's own removal also before the parties are told; an appeal comes after that.
            "decide_anew", _("Decide some links anew, on appeal or on review of a removal"),
            source=frozenset({State.UPHELD, State.NOTIFIED, State.COUNTERED, State.CLOSED}), target=STAYS, who=reviewer,
        ),
        Transition(
            "reopen", _("Can be answered anew: links were taken down on appeal"),
            source=frozenset({State.NOTIFIED, State.CLOSED}), target=State.NOTIFIED, who=the_clock,
            deadline=until_closing,
        ),
        Transition(
            "order", _("Record what a court ordered"),
            source=frozenset({State.UPHELD, State.DISMISSED, State.NOTIFIED, State.COUNTERED, State.CLOSED}),
            target=STAYS, who=reviewer, danger=True,
        ),
        Transition(
            "withdraw", _("Withdraw"),
            source=OPEN | {State.CLOSED}, target=State.WITHDRAWN, who=complainant,
            needs=(something_is_left,), danger=True,
        ),
    ),
    turns={
        State.SUBMITTED: Turn(
            _("The platform"), _("A reviewer checks whether the notice has all its elements."),
            _("If this takes longer, a senior reviewer is told and the case moves to the top of the queue."),
        ),
        State.RETURNED: Turn(
            _("The complainant"), _("Add what is missing, then send it back."),
            _("Without the supplement the complaint lapses; you may file it anew at any time."),
        ),
        State.ACCEPTED: Turn(
            _("The platform"), _("A reviewer decides on each link, with reasons."),
            _("If this takes longer, a senior reviewer is told and the case moves to the top of the queue."),
        ),
        State.UPHELD: Turn(
            _("The marketplace"), _("Takedowns are being carried out and confirmed."),
            _("If the marketplace does not answer in time, the parties are told all the same and the takedown is tried on."),
        ),
        State.DISMISSED: Turn(_("The platform"), _("The parties are being told."), ""),
        State.NOTIFIED: Turn(
            _("Nobody"), _("The decision stands. The case closes when nothing more is said."),
            _("The case is closed. What was taken down stays down."),
        ),
        State.COUNTERED: Turn(
            _("The parties"), _("A merchant has answered. Each counter-notice says whose turn it is, and until when."),
            _("Once every counter-notice has ended, the case closes when nothing more is said."),
        ),
        State.CLOSED: Turn(_("Nobody"), _("The case is closed. What was taken down stays down while it is not withdrawn."), ""),
        State.REJECTED: Turn(_("Nobody"), _("The notice was not accepted. You may file a new one with what was missing."), ""),
        State.WITHDRAWN: Turn(_("Nobody"), _("The complaint was withdrawn; it holds nothing down any more."), ""),
    },
)  # fmt: skip

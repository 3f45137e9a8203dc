"""Warning a complainant of misuse, suspending one that goes on, and letting it complain again.

No finding of a machine does any of this: staff warn on findings that they confirmed, and another of them suspends.
Source: DSA art. 23(2)–(4).
"""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import Organisation, User
from complaints import misuse
from complaints.abuse import letters
from complaints.abuse.lifecycle import SUSPENSION, further, until_lapse
from complaints.lanes import TERMS, UNDECIDED, placed
from complaints.models import AbuseFinding, Complaint, Lane, Suspension
from core import clock, ledger
from core.errors import Forbidden, Invalid, WrongState
from core.ids import next_number
from core.lifecycle import lock
from core.obligations import each_due
from core.outbox import publish

State = Suspension.State
#: states of a complaint in which the platform's answer has a time that follows the lane
TIMED = (Complaint.State.SUBMITTED, Complaint.State.ACCEPTED)


@transaction.atomic
def warn(*, organisation: Organisation, by: User, findings: Sequence[AbuseFinding], facts: str) -> Suspension:
    """Warn a complainant of misuse, on findings that staff confirmed. A warning leads into the slow lane.

    Raises Forbidden, Invalid (no confirmed finding, no facts), WrongState if a warning or suspension stands already.
    """
    organisation = lock(organisation)
    if not roles.is_senior(by) or by.memberships.filter(organisation=organisation).exists():
        raise Forbidden()
    _require(facts)
    used = _confirmed(organisation, findings)
    at = clock.now()
    suspension = Suspension(
        number=next_number("SU", clock.today().year), organisation=organisation, state=State.WARNED, warned_by=by,
        facts=facts.strip(), state_since_at=at, created_at=at, notified_at=at,
    )  # fmt: skip
    suspension.deadline_at = until_lapse(suspension)
    try:
        with transaction.atomic():
            suspension.save(force_insert=True)
    except IntegrityError as twice:
        raise WrongState(_("A warning or a suspension of this complainant stands already.")) from twice
    suspension.findings.set(used)
    ledger.record(
        kind="suspension.warn",
        subject=suspension.public_id,
        actor=by,
        payload={
            "to": suspension.state,
            "number": suspension.number,
            "organisation": organisation.public_id,
            "findings": [f.public_id for f in used],
            "figures": _figures(organisation),
            **misuse.cited(used, misuse.CONSEQUENCES),
        },
    )
    letters.tell(suspension, "suspension_warned")
    return suspension


@transaction.atomic
def suspend(*, suspension: Suspension, by: User, findings: Sequence[AbuseFinding], facts: str) -> Suspension:
    """Suspend a complainant that was warned and went on; what is open goes into the slow lane.

    `findings` were confirmed, and show acts after the warning. Raises Forbidden (also for who warned), Invalid, WrongState.
    """
    suspension = lock(suspension)
    SUSPENSION.check(suspension, "suspend", by)
    if by.memberships.filter(organisation=suspension.organisation_id).exists():
        raise Forbidden()
    _require(facts)
    used = _confirmed(suspension.organisation, findings)
    if not {f.pk for f in used} <= {f.pk for f in further(suspension)}:
        raise Invalid(errors={"findings": [_("Choose what was found after the warning.")]})
    at = clock.now()
    suspension.suspended_by, suspension.suspended_facts = by, facts.strip()
    suspension.suspended_at = suspension.notified_at = at
    SUSPENSION.fire(
        suspension,
        "suspend",
        actor=by,
        writes=["suspended_by", "suspended_facts", "suspended_at", "notified_at"],
        payload={
            "findings": [f.public_id for f in used],
            "figures": _figures(suspension.organisation),
            **misuse.cited(used, misuse.CONSEQUENCES),
        },
    )
    suspension.findings.add(*used)
    _slow_down(suspension, by)
    letters.tell(suspension, "suspension_begun")
    publish("suspension.begun", suspension.public_id)
    return suspension


@transaction.atomic
def lift_suspension(*, suspension: Suspension, by: User, reason: str, was_wrong: bool = False) -> Suspension:
    """Let a complainant complain again before the time, with reasons; `was_wrong` if it should never have been.

    The lanes of complaints that were slowed down stay as they are: their deadlines were told. Raises Forbidden,
    Invalid without a reason, WrongState.
    """
    suspension = lock(suspension)
    SUSPENSION.check(suspension, "reverse" if was_wrong else "lift", by)
    _require(reason, field="reason")
    suspension.ended_reason, suspension.notified_at = reason.strip(), clock.now()
    SUSPENSION.fire(
        suspension, "reverse" if was_wrong else "lift", actor=by, writes=["ended_reason", "notified_at"]
    )  # fmt: skip
    letters.tell(suspension, "suspension_over")
    return suspension


def found_since(suspension: Suspension) -> list[AbuseFinding]:
    """What the complainant did since the warning, as it was found and confirmed."""
    return further(suspension)


def _require(words: str, field: str = "facts") -> None:
    if not words.strip():
        raise Invalid(errors={field: [_("Say why, in words that the complainant can answer.")]})


def _confirmed(organisation: Organisation, findings: Sequence[AbuseFinding]) -> list[AbuseFinding]:
    """The findings as they are now. Raises Invalid unless each is this complainant's and confirmed."""
    used = list(
        AbuseFinding.objects.filter(
            pk__in=[f.pk for f in findings], organisation=organisation, state=AbuseFinding.State.CONFIRMED
        ).order_by("pk")
    )
    if not used or len(used) < len(findings):
        raise Invalid(errors={"findings": [_("Choose at least one finding that was confirmed, and no other.")]})
    return used


def _figures(organisation: Organisation) -> dict[str, int]:
    """What the law asks to be weighed: numbers, share, and over which time. Source: DSA art. 23(3)."""
    score = placed(organisation).score
    return {
        "score": score.value, "upheld": score.upheld, "dismissed": score.dismissed, "withdrawn": score.withdrawn,
        "reversed": score.reversed,
    }  # fmt: skip


def _slow_down(suspension: Suspension, by: User) -> None:
    """Put what is open into the slow lane, with its time and the reason on each complaint."""
    open_ = Complaint.objects.select_for_update(no_key=True).filter(
        organisation=suspension.organisation_id, state__in=UNDECIDED
    )
    moved = [complaint for complaint in open_.order_by("pk") if complaint.lane != Lane.SLOW]
    for complaint in moved:
        before = TERMS[Lane(complaint.lane)].time_ratio
        if complaint.state in TIMED and complaint.deadline_at is not None:
            given = (complaint.deadline_at - complaint.state_since_at) / before
            complaint.deadline_at = complaint.state_since_at + given * TERMS[Lane.SLOW].time_ratio
        complaint.lane, complaint.lane_reason = Lane.SLOW, "suspended"
    rules = misuse.cited([], misuse.CONSEQUENCES, misuse.LANES)
    Complaint.objects.bulk_update(moved, ["lane", "lane_reason", "deadline_at"], batch_size=200)
    ledger.record_all(
        [
            ledger.entry(
                kind="complaint.slowed", subject=complaint.public_id, actor=by,
                payload={"lane": complaint.lane, "reason": complaint.lane_reason, "suspension": suspension.public_id, **rules},
            )
            for complaint in moved
        ]
    )  # fmt: skip


# --- what the clock does -----------------------------------------------------------------------------------


@transaction.atomic
def pass_deadline(*, suspension: Suspension) -> bool:
    """Let a warning lapse or a suspension end once its time is over; running it twice does it once."""
    suspension = lock(suspension)
    if suspension.deadline_at is None or suspension.deadline_at > clock.now():
        return False
    step = "lapse" if suspension.state == State.WARNED else "end"
    if not SUSPENSION.allows(suspension, step, None):
        return False
    suspension.notified_at = clock.now()
    SUSPENSION.fire(suspension, step, actor=None, writes=["notified_at"])
    letters.tell(suspension, "suspension_over")
    return True


def pass_deadlines(limit: int = 500) -> int:
    """Work off warnings and suspensions whose time is over; one that cannot be moved stops no other."""
    return each_due(
        lambda: Suspension.objects.standing().filter(deadline_at__lte=clock.now()).order_by("pk"),
        lambda suspension: pass_deadline(suspension=suspension),
        limit=limit,
    )

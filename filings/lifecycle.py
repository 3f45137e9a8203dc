"""The rule book of a filing: its states, every step from one to the next, and what a renewal leaves in force.

**Renewal.** A renewal goes through review like the first filing, but the right behind it does not pause while
a reviewer reads. What was proved before stays proved: the filing keeps its force up to the last day of the
validity that was approved. A trademark keeps it for six months more, because the registration is cancelled
only after that period of grace and a granted renewal runs on from the day after the old term (Trademark Law
of the PRC, art. 40). No other kind has such a rule here: a patent ends with its term (Patent Law, art. 42), a
publishing contract with its last day, so their force ends there until the renewal is approved. A filing that
had expired before the renewal came gets no force from handing it in. Copyright has no renewal at all: its
term is set by law (Copyright Law, art. 23). A renewal that is declined, dropped or lapses leaves the filing
as it was; it never costs the old validity.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn, the_clock
from filings.agents import NOT_REPRESENTED, acts_for, power_behind
from filings.models import Filing, FilingConflict, RightKind

State = Filing.State

REVIEW = timedelta(days=7)
SUPPLEMENT = timedelta(days=30)
#: a filing is expiring from the first of these days before its end; each brings one reminder
REMINDER_DAYS = (90, 30, 7)
GRACE_MONTHS = {RightKind.TRADEMARK: 6}
NOT_RENEWABLE = frozenset({RightKind.COPYRIGHT_WORK, RightKind.COPYRIGHT_SOFTWARE})


def holder(filing: Filing, actor: Any) -> bool:
    """Somebody who may file rights for the organisation of this one, or for an agency that has its power today."""
    if actor is None:
        return False
    own = actor.has_org_role(filing.organisation_id, roles.MAY_FILE_RIGHTS)
    return own or acts_for(filing, actor, roles.MAY_FILE_RIGHTS)


def reviewer(filing: Filing, actor: Any) -> bool:
    return roles.is_reviewer(actor)


# --- conditions --------------------------------------------------------------------------------------


def is_first_filing(filing: Filing) -> str | Promise | None:
    return _("This is a renewal; the right itself was approved before.") if filing.is_renewing else None


def is_certified(filing: Filing) -> str | Promise | None:
    return None if filing.kind == RightKind.FIRST_PUBLICATION else _("Only certified images come and go like this.")


def is_no_certificate(filing: Filing) -> str | Promise | None:
    return _("Certified images come and go like this with their certificate.") if is_certified(filing) is None else None


def is_renewal(filing: Filing) -> str | Promise | None:
    return None if filing.is_renewing else _("No renewal is under review here.")


def was_approved(filing: Filing) -> str | Promise | None:
    if filing.kind == RightKind.FIRST_PUBLICATION:
        return _("Revoke the certificate of the image instead.")
    if filing.state in Filing.UNDER_REVIEW and not filing.is_renewing:
        return _("This right was never in force. Reject it instead.")
    return None


def can_be_renewed(filing: Filing) -> str | Promise | None:
    if filing.kind == RightKind.FIRST_PUBLICATION:
        return _("This right lasts as long as its certificate.")
    if filing.kind in NOT_RENEWABLE:
        return _("The term of a copyright is set by law and cannot be renewed.")
    if filing.state == State.RETURNED and not filing.is_renewing:
        return _("This right was not approved yet. Add what is missing and submit it.")
    if filing.valid_until_on is None:
        return _("This right has no end, so there is nothing to renew.")
    return None


def no_open_conflict(filing: Filing) -> str | Promise | None:
    if FilingConflict.objects.open().touching(filing).exists():
        return _("Another organisation filed the same number. Settle the conflict first.")
    return None


def is_still_represented(filing: Filing) -> str | Promise | None:
    """What an agency handed in is decided while it has a power over it; what the holder did, in any case."""
    if filing.power_id is None or power_behind(filing) is not None:
        return None
    return NOT_REPRESENTED


def is_still_valid(filing: Filing) -> str | Promise | None:
    until = filing.renewed_until_on or filing.valid_until_on
    if until is not None and until < clock.today():
        return _("The validity has ended in the meantime. Return it for a renewed certificate.")
    return None


# --- deadlines ---------------------------------------------------------------------------------------


def day_begins(day: date) -> datetime:
    """Midnight at which a calendar day begins where the platform is."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def until_review(filing: Filing) -> datetime:
    return clock.now() + REVIEW


def until_supplement(filing: Filing) -> datetime:
    return clock.now() + SUPPLEMENT


def until_expiring(filing: Filing) -> datetime | None:
    """When the first reminder is due."""
    if filing.valid_until_on is None:
        return None
    return day_begins(filing.valid_until_on - timedelta(days=REMINDER_DAYS[0]))


def until_expiry(filing: Filing) -> datetime | None:
    """The end of the last day of validity."""
    return None if filing.valid_until_on is None else day_begins(filing.valid_until_on + timedelta(days=1))


def in_force_during_renewal(filing: Filing) -> date | None:
    """The last day on which a filing stays in force while its renewal is reviewed; None if it is not in force."""
    if not filing.is_in_force() or filing.valid_until_on is None:
        return None
    return _months_later(filing.valid_until_on, GRACE_MONTHS.get(RightKind(filing.kind), 0))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


# --- the table ---------------------------------------------------------------------------------------

LIFECYCLE = Lifecycle(
    subject="filing",
    initial=State.DRAFT,
    transitions=(
        Transition(
            "submit", _("Submit for review"),
            source=frozenset({State.DRAFT, State.RETURNED}), target=State.SUBMITTED, who=holder,
            needs=(is_first_filing,), deadline=until_review,
        ),
        Transition(
            "approve", _("Approve"),
            source=frozenset({State.SUBMITTED}), target=State.APPROVED, who=reviewer,
            needs=(is_still_valid, is_still_represented, no_open_conflict), deadline=until_expiring,
        ),
        Transition(
            "return", _("Return for supplement"),
            source=frozenset({State.SUBMITTED}), target=State.RETURNED, who=reviewer, deadline=until_supplement,
        ),
        Transition(
            "reject", _("Reject"),
            source=frozenset({State.SUBMITTED, State.RETURNED}), target=State.REJECTED, who=reviewer, needs=(is_first_filing,),
            danger=True,
        ),
        Transition(
            "decline_renewal", _("Decline the renewal"),
            source=frozenset({State.SUBMITTED}), target=State.APPROVED, who=reviewer, needs=(is_renewal,),
            deadline=until_expiring, danger=True,
        ),
        Transition(
            "revoke", _("Revoke"),
            source=frozenset({State.APPROVED, State.EXPIRING, State.EXPIRED, State.SUBMITTED, State.RETURNED}),
            target=State.REVOKED, who=reviewer, needs=(was_approved,), danger=True,
        ),
        Transition(
            "renew", _("Renew"),
            source=frozenset({State.APPROVED, State.EXPIRING, State.EXPIRED, State.RETURNED}), target=State.SUBMITTED,
            who=holder, needs=(can_be_renewed,), deadline=until_review,
        ),
        Transition(
            "drop_renewal", _("Drop the renewal"),
            source=frozenset({State.SUBMITTED, State.RETURNED}), target=State.APPROVED, who=holder,
            needs=(is_renewal,), deadline=until_expiring, danger=True,
        ),
        Transition(
            "withdraw", _("Withdraw"),
            source=frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED}), target=State.WITHDRAWN, who=holder,
            needs=(is_first_filing,), danger=True,
        ),
        Transition(
            "reopen", _("Review again, on appeal"),
            source=frozenset({State.REJECTED, State.REVOKED}), target=State.SUBMITTED, who=reviewer,
            needs=(is_no_certificate,), deadline=until_review,
        ),
        Transition(
            "lapse", _("Back to the drafts for want of the supplement"),
            source=frozenset({State.RETURNED}), target=State.DRAFT, who=the_clock, needs=(is_first_filing,),
        ),
        Transition(
            "lapse_renewal", _("The renewal lapses for want of the supplement"),
            source=frozenset({State.RETURNED}), target=State.APPROVED, who=the_clock, needs=(is_renewal,),
            deadline=until_expiring,
        ),
        Transition(
            "certify", _("Put on file with its certificate"),
            source=frozenset({State.DRAFT}), target=State.APPROVED, who=the_clock, needs=(is_certified,),
        ),
        Transition(
            "end_certificate", _("Its certificate has ended"),
            source=frozenset({State.APPROVED}), target=State.REVOKED, who=the_clock, needs=(is_certified,), danger=True,
        ),
        Transition(
            "expiring", _("Its end comes near"),
            source=frozenset({State.APPROVED}), target=State.EXPIRING, who=the_clock, deadline=until_expiry,
        ),
        Transition(
            "expire", _("Expire"),
            source=frozenset({State.EXPIRING}), target=State.EXPIRED, who=the_clock,
        ),
    ),
    turns={
        State.DRAFT: Turn(
            _("The rights holder"), _("Complete the draft and submit it for review."),
            _("It stays a draft. No complaint can rest on it."),
        ),
        State.SUBMITTED: Turn(
            _("The platform"), _("A reviewer compares the data with the certificate."),
            _("If this takes longer, it stands at the top of the reviewers' queue, marked as late."),
        ),
        State.RETURNED: Turn(
            _("The rights holder"), _("Add what is missing, then submit it again."),
            _("It goes back to your drafts. Nothing is lost, and you may submit it at any time."),
        ),
        State.APPROVED: Turn(_("Nobody"), _("The right is in force. Complaints may rest on it.")),
        State.EXPIRING: Turn(
            _("The rights holder"), _("Renew the right at its office, then hand in the new validity and certificate."),
            _("It expires after its last day, and no new complaint can rest on it."),
        ),
        State.EXPIRED: Turn(
            _("The rights holder"), _("If the right was renewed, hand in the new validity and certificate."),
            _("It stays expired. What was taken down before is not put back by this."),
        ),
        State.REJECTED: Turn(_("Nobody"), _("The filing was rejected. You may file the right anew with what was missing.")),
        State.REVOKED: Turn(_("Nobody"), _("The platform revoked this filing. No complaint can rest on it.")),
        State.WITHDRAWN: Turn(_("Nobody"), _("The filing was withdrawn.")),
    },
)  # fmt: skip


_RENEWAL = {
    State.SUBMITTED: Turn(
        _("The platform"), _("A reviewer compares the renewal with its certificate."),
        _("If this takes longer, it stands at the top of the reviewers' queue, marked as late."),
    ),
    State.RETURNED: Turn(
        _("The rights holder"), _("Add what the renewal lacks, then submit it again."),
        _("The renewal lapses, and the right ends with the validity that was approved before."),
    ),
}  # fmt: skip
_BY_LAW = {
    State.EXPIRING: Turn(
        _("Nobody"), _("The term ends by law and cannot be renewed."),
        _("It expires after its last day, and no new complaint can rest on it."),
    ),
    State.EXPIRED: Turn(_("Nobody"), _("The term has ended by law.")),
}  # fmt: skip


def turn_of(filing: Filing) -> Turn:
    """What is next for this filing, whose turn it is, and what happens otherwise."""
    state = State(filing.state)
    if filing.is_renewing and state in _RENEWAL:
        return _RENEWAL[state]
    if filing.kind in NOT_RENEWABLE and state in _BY_LAW:
        return _BY_LAW[state]
    return LIFECYCLE.turns[state]


def is_turn_of_holder(filing: Filing) -> bool:
    """Whether the rights holder is to act next."""
    if filing.state in (State.EXPIRING, State.EXPIRED):
        return filing.kind not in NOT_RENEWABLE
    return filing.state in (State.DRAFT, State.RETURNED)

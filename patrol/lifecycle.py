"""The rule book of patrol's cases: a person decides on what was found, what was decided can be reversed, and how scans go."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import roles
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn, the_clock
from patrol.models import Candidate, Scan

State = Candidate.State
#: in which the brand's contact answers when it is asked: the platform's own time
BRAND_ANSWERS_IN = timedelta(days=3)


def officer(candidate: Candidate, actor: Any) -> bool:
    """Staff who decide cases, and belong to neither side of this one."""
    return roles.is_reviewer(actor) and not _is_party(candidate, actor)


def officer_or_rule(candidate: Candidate, actor: Any) -> bool:
    """An officer; or nobody, under a rule that staff switched on for the profile (`patrol/automatic.py`)."""
    return actor is None or officer(candidate, actor)


def senior(candidate: Candidate, actor: Any) -> bool:
    return roles.is_senior(actor) and not _is_party(candidate, actor)


def brand(candidate: Candidate, actor: Any) -> bool:
    """A colleague of the brand that was asked."""
    m = getattr(actor, "membership", None)
    return (
        m is not None and m.role in roles.MAY_COMPLAIN and m.organisation_id == candidate.profile.filing.organisation_id
    )


def brand_or_clock(candidate: Candidate, actor: Any) -> bool:
    return actor is None or brand(candidate, actor)


def _is_party(candidate: Candidate, actor: Any) -> bool:
    sides = {candidate.profile.filing.organisation_id, candidate.target.seller.operator_id} - {None}
    return bool(actor.memberships.filter(organisation__in=sides).exists())


def until_brand_answers(candidate: Candidate) -> datetime:
    return clock.now() + BRAND_ANSWERS_IN


OPEN = frozenset({State.OPEN, State.ASKED})

CANDIDATES = Lifecycle(
    subject="candidate",
    initial=State.OPEN,
    transitions=(
        Transition("ask_brand", _("Ask the brand"), frozenset({State.OPEN}), State.ASKED, officer, deadline=until_brand_answers),
        Transition("answer", _("Answer"), frozenset({State.ASKED}), State.OPEN, brand_or_clock),
        Transition("uphold", _("Uphold and take down"), OPEN, State.UPHELD, officer_or_rule, danger=True),
        Transition("dismiss", _("Dismiss"), OPEN, State.DISMISSED, officer),
        Transition("hand_over", _("Hand to the brand"), OPEN, State.HANDED_OVER, officer),
        Transition("vanish", _("Gone"), OPEN, State.GONE, the_clock),
        Transition(
            "find_again", _("Found again"),
            frozenset({State.GONE, State.DISMISSED, State.HANDED_OVER, State.REVERSED}), State.OPEN, the_clock,
        ),
        Transition("reverse", _("Reverse"), frozenset({State.UPHELD}), State.REVERSED, senior, danger=True),
    ),
    turns={
        State.OPEN: Turn(_("the platform"), _("decides")),
        State.ASKED: Turn(_("the brand"), _("says whether the goods are genuine"), _("the platform decides without it")),
        State.UPHELD: Turn(_("nobody"), _("it stays down; the merchant may appeal")),
    },
)  # fmt: skip


def whoever_scans(row: Any, actor: Any) -> bool:
    """Staff who decide cases; or nobody: a command, or a scan that is due by itself."""
    return actor is None or roles.is_reviewer(actor)


UNDER_WAY = frozenset({Scan.State.RUNNING, Scan.State.PAUSED})

SCANS = Lifecycle(
    subject="scan",
    initial=Scan.State.RUNNING,
    transitions=(
        Transition("pause", _("Pause"), frozenset({Scan.State.RUNNING}), Scan.State.PAUSED, whoever_scans),
        Transition("resume", _("Resume"), frozenset({Scan.State.PAUSED}), Scan.State.RUNNING, whoever_scans),
        Transition("cancel", _("Cancel"), UNDER_WAY, Scan.State.CANCELLED, whoever_scans, danger=True),
        Transition("finish", _("Finished"), frozenset({Scan.State.RUNNING}), Scan.State.FINISHED, the_clock),
    ),
    turns={
        Scan.State.RUNNING: Turn(_("the platform"), _("looks at every listing, in batches")),
        Scan.State.PAUSED: Turn(_("the platform"), _("goes on when somebody resumes it")),
    },
)

"""The rule book of patrol's cases: what is watched for whom, how a person decides on what was found, how scans go."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn, the_clock
from patrol.models import Candidate, Scan, WatchProfile, WatchTerm

State = Candidate.State
Profile = WatchProfile.State
#: in which the brand's contact answers when it is asked: the platform's own time
BRAND_ANSWERS_IN = timedelta(days=3)
#: in which it sends the complaint that was begun for it: the platform's own time
BRAND_COMPLAINS_IN = timedelta(days=30)


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


def until_brand_complains(candidate: Candidate) -> datetime:
    return clock.now() + BRAND_COMPLAINS_IN


def right_is_in_force(candidate: Candidate) -> str | Promise | None:
    """Nothing is taken down for a right that has ended."""
    return filing_is_in_force(candidate.profile)


OPEN = frozenset({State.OPEN, State.ASKED})

CANDIDATES = Lifecycle(
    subject="candidate",
    initial=State.OPEN,
    transitions=(
        Transition("ask_brand", _("Ask the brand"), frozenset({State.OPEN}), State.ASKED, officer, deadline=until_brand_answers),
        Transition("answer", _("Answer"), frozenset({State.ASKED}), State.OPEN, brand_or_clock),
        Transition(
            "uphold", _("Uphold and take down"), OPEN, State.UPHELD, officer_or_rule, needs=(right_is_in_force,), danger=True,
        ),
        Transition("dismiss", _("Dismiss"), OPEN, State.DISMISSED, officer),
        Transition(
            "hand_over", _("Hand to the brand"), OPEN, State.HANDED_OVER, officer, needs=(right_is_in_force,),
            deadline=until_brand_complains,
        ),
        Transition("take_back", _("Not complained of"), frozenset({State.HANDED_OVER}), State.OPEN, the_clock),
        Transition("vanish", _("Gone"), OPEN, State.GONE, the_clock),
        Transition(
            "find_again", _("Found again"),
            frozenset({State.GONE, State.DISMISSED, State.HANDED_OVER, State.REVERSED}), State.OPEN, the_clock,
        ),
        Transition("reverse", _("Reverse"), frozenset({State.UPHELD}), State.REVERSED, senior, danger=True),
        # Who decides the appeal is none of those who decided before: `governance/appeals`.
        Transition("reverse_on_appeal", _("Reverse, on appeal"), frozenset({State.UPHELD}), State.REVERSED, officer, danger=True),
    ),
    turns={
        State.OPEN: Turn(_("the platform"), _("decides")),
        State.ASKED: Turn(_("the brand"), _("says whether the goods are genuine"), _("the platform decides without it")),
        State.UPHELD: Turn(_("nobody"), _("it stays down; the merchant may appeal")),
        State.HANDED_OVER: Turn(
            _("the brand"), _("signs the complaint that was begun for it, or leaves it"),
            _("the platform decides without it"),
        ),
    },
)  # fmt: skip


# --- profiles ----------------------------------------------------------------------------------------------


def filing_is_in_force(profile: WatchProfile) -> str | Promise | None:
    return None if profile.filing.is_in_force() else _("The right behind it is not in force.")


def looks_for_something(profile: WatchProfile) -> str | Promise | None:
    """A profile without a name, a number or a picture would find nothing."""
    has_words = profile.terms.exclude(kind=WatchTerm.Kind.HONEST).exists()
    if has_words or profile.isbn or profile.images.exists():
        return None
    return _("Say what to look for first: a name, an ISBN, or an official picture.")


def holder(profile: WatchProfile, actor: Any) -> bool:
    """Somebody who files rights for the organisation whose right is watched."""
    return actor is not None and actor.has_org_role(profile.filing.organisation_id, roles.MAY_FILE_RIGHTS)


def holder_or_officer(profile: WatchProfile, actor: Any) -> bool:
    """Its holder, or staff who decide cases and do not belong to it."""
    if holder(profile, actor):
        return True
    if not roles.is_reviewer(actor):
        return False
    return not actor.memberships.filter(organisation=profile.filing.organisation_id).exists()


PROFILES = Lifecycle(
    subject="profile",
    initial=Profile.DRAFT,
    transitions=(
        Transition(
            "start", _("Start watching"), frozenset({Profile.DRAFT, Profile.PAUSED}), Profile.WATCHING, holder_or_officer,
            needs=(filing_is_in_force, looks_for_something),
        ),
        Transition("pause", _("Pause"), frozenset({Profile.WATCHING}), Profile.PAUSED, holder_or_officer),
        Transition(
            "end", _("End"), frozenset({Profile.DRAFT, Profile.WATCHING, Profile.PAUSED}), Profile.ENDED,
            holder_or_officer, danger=True,
        ),
        Transition(
            "expire", _("Its right has ended"), frozenset({Profile.DRAFT, Profile.WATCHING, Profile.PAUSED}),
            Profile.ENDED, the_clock,
        ),
        Transition(
            "begin_again", _("Begin again"), frozenset({Profile.ENDED}), Profile.DRAFT, holder_or_officer,
            needs=(filing_is_in_force,),
        ),
    ),
    turns={
        Profile.DRAFT: Turn(_("the rights holder"), _("says what to look for, and starts")),
        Profile.WATCHING: Turn(_("the platform"), _("looks at what is new on sale, and decides on what it finds")),
        Profile.PAUSED: Turn(_("the rights holder"), _("starts again whenever it likes"), _("nothing is looked for")),
        Profile.ENDED: Turn(_("nobody"), _("nothing is looked for; it can begin again while the right is in force")),
    },
)  # fmt: skip


def whoever_scans(row: Any, actor: Any) -> bool:
    """Staff who decide cases; or nobody: a command, or a scan that is due by itself."""
    return actor is None or roles.is_reviewer(actor)


UNDER_WAY = frozenset({Scan.State.RUNNING, Scan.State.PAUSED})


def something_was_given_up(scan: Scan) -> str | Promise | None:
    return None if scan.batches.dead().exists() else _("Nothing of this scan was given up.")


SCANS = Lifecycle(
    subject="scan",
    initial=Scan.State.RUNNING,
    transitions=(
        Transition("pause", _("Pause"), frozenset({Scan.State.RUNNING}), Scan.State.PAUSED, whoever_scans),
        Transition("resume", _("Resume"), frozenset({Scan.State.PAUSED}), Scan.State.RUNNING, whoever_scans),
        Transition("cancel", _("Cancel"), UNDER_WAY, Scan.State.CANCELLED, whoever_scans, danger=True),
        Transition("finish", _("Finished"), frozenset({Scan.State.RUNNING}), Scan.State.FINISHED, the_clock),
        Transition(
            "reopen",
            _("Try again what was given up"),
            frozenset({Scan.State.FINISHED}),
            Scan.State.RUNNING,
            whoever_scans,
            needs=(something_was_given_up,),
        ),
    ),
    turns={
        Scan.State.RUNNING: Turn(_("the platform"), _("looks at every listing, in batches")),
        Scan.State.PAUSED: Turn(_("the platform"), _("goes on when somebody resumes it")),
    },
)

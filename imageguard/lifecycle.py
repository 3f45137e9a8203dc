"""The rule book of originals and of matches: their states and every step from one to the next.

**First publication.** A certificate says that nobody is known to have published the image before its holder. So it is
given by the clock alone, after the picture was compared with every original that claims its picture and with what
other sellers showed earlier; where one of them is alike, a person decides. Source: Copyright Law of the PRC, art. 12
(who is named on a published work is presumed its author, unless the contrary is proved); Fa Fa [2020] No. 32 art. 5
on preliminary evidence of a right.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn, the_clock
from imageguard.models import Match, Original

State = Original.State
MatchState = Match.State

#: how long staff may take over a conflict, and over a match that the engine is not sure of
CONFLICT_REVIEW = timedelta(days=5)
MATCH_REVIEW = timedelta(days=2)


def holder(original: Original, actor: Any) -> bool:
    """Somebody who may register images for the organisation of this one."""
    return actor is not None and actor.has_org_role(original.organisation_id, roles.MAY_FILE_RIGHTS)


def reviewer(case: Any, actor: Any) -> bool:
    return roles.is_reviewer(actor)


def owner_of_match(match: Match, actor: Any) -> bool:
    """Somebody who may complain for the holder of the original."""
    return actor is not None and actor.has_org_role(match.original.organisation_id, roles.MAY_COMPLAIN)


def owner_or_clock(match: Match, actor: Any) -> bool:
    return actor is None or owner_of_match(match, actor)


# --- conditions --------------------------------------------------------------------------------------


def no_open_conflict(original: Original) -> str | Promise | None:
    if original.conflicts.open().exists():
        return _("Somebody else published this picture earlier. Settle every conflict first.")
    return None


# --- deadlines ---------------------------------------------------------------------------------------


def until_settled(original: Original) -> datetime:
    return clock.now() + CONFLICT_REVIEW


def until_reviewed(match: Match) -> datetime:
    return clock.now() + MATCH_REVIEW


# --- the tables --------------------------------------------------------------------------------------

LIFECYCLE = Lifecycle(
    subject="original",
    initial=State.RECEIVED,
    transitions=(
        Transition("check", _("Fingerprint taken"), source=frozenset({State.RECEIVED}), target=State.CHECKED, who=the_clock),
        Transition(
            "refuse", _("Refuse"), source=frozenset({State.RECEIVED, State.CHECKED}), target=State.REFUSED, who=the_clock,
        ),
        Transition(
            "certify", _("Give the certificate"),
            source=frozenset({State.CHECKED}), target=State.CERTIFIED, who=the_clock, needs=(no_open_conflict,),
        ),
        Transition(
            "contest", _("Open a first-publication conflict"),
            source=frozenset({State.CHECKED}), target=State.IN_CONFLICT, who=the_clock, deadline=until_settled,
        ),
        Transition(
            "settle_for", _("The original stands"),
            source=frozenset({State.IN_CONFLICT}), target=State.CERTIFIED, who=reviewer, needs=(no_open_conflict,),
        ),
        Transition(
            "settle_against", _("Somebody else was first"),
            source=frozenset({State.RECEIVED, State.CHECKED, State.IN_CONFLICT}), target=State.REFUSED, who=reviewer, danger=True,
        ),
        Transition(
            "withdraw", _("Withdraw"),
            source=frozenset({State.RECEIVED, State.CHECKED, State.IN_CONFLICT, State.CERTIFIED}), target=State.WITHDRAWN,
            who=holder, danger=True,
        ),
        Transition(
            "revoke", _("Revoke the certificate"),
            source=frozenset({State.CERTIFIED}), target=State.REVOKED, who=reviewer, danger=True,
        ),
        Transition(
            "reexamine", _("Examine again, on appeal"),
            source=frozenset({State.REFUSED, State.REVOKED}), target=State.RECEIVED, who=reviewer,
        ),
    ),
    turns={
        State.RECEIVED: Turn(_("The platform"), _("The picture is being checked. This takes seconds.")),
        State.CHECKED: Turn(
            _("The platform"), _("The picture is compared with every original and with what other sellers showed earlier."),
        ),
        State.CERTIFIED: Turn(_("Nobody"), _("The image is protected. Copies on connected marketplaces are reported to you.")),
        State.IN_CONFLICT: Turn(
            _("The platform"), _("A reviewer decides who published the picture first. Add the camera original: it helps most."),
            _("If this takes longer, it stands at the top of the reviewers' queue, marked as late."),
        ),
        State.REFUSED: Turn(_("Nobody"), _("No certificate was given. The reason stands on this page.")),
        State.WITHDRAWN: Turn(_("Nobody"), _("The holder has withdrawn the image. Its certificate proves nothing any more.")),
        State.REVOKED: Turn(_("Nobody"), _("The certificate was revoked. The reason is public.")),
    },
)  # fmt: skip

#: from where a match comes back: the picture is there again, another picture took its place, or a licence ended
_OVER = frozenset({MatchState.GONE, MatchState.DISMISSED, MatchState.TOLERATED})

MATCHES = Lifecycle(
    subject="match",
    initial=MatchState.IN_REVIEW,
    transitions=(
        Transition(
            "confirm", _("It is a copy"),
            source=frozenset({MatchState.IN_REVIEW}), target=MatchState.CONFIRMED, who=reviewer,
        ),
        Transition(
            "dismiss", _("It is no copy"),
            source=frozenset({MatchState.IN_REVIEW, MatchState.CONFIRMED}), target=MatchState.DISMISSED, who=reviewer,
        ),
        Transition(
            "complain", _("Complain"),
            source=frozenset({MatchState.CONFIRMED}), target=MatchState.COMPLAINED, who=owner_or_clock,
        ),
        Transition(
            "tolerate", _("Let it be"),
            source=frozenset({MatchState.IN_REVIEW, MatchState.CONFIRMED}), target=MatchState.TOLERATED, who=owner_or_clock,
        ),
        Transition(
            "find_again", _("A copy again"),
            source=_OVER, target=MatchState.CONFIRMED, who=the_clock,
        ),
        Transition(
            "doubt_again", _("Perhaps a copy again"),
            source=_OVER, target=MatchState.IN_REVIEW, who=the_clock, deadline=until_reviewed,
        ),
        Transition(
            "vanish", _("The picture is gone"),
            source=frozenset({MatchState.IN_REVIEW, MatchState.CONFIRMED}), target=MatchState.GONE, who=the_clock,
        ),
    ),
    turns={
        MatchState.IN_REVIEW: Turn(
            _("The platform"), _("A reviewer compares the two pictures."),
            _("If this takes longer, it stands at the top of the reviewers' queue, marked as late."),
        ),
        MatchState.CONFIRMED: Turn(
            _("The holder"), _("Complain of it, allow the shop to use the image, or let it be."), _("It stays in your list."),
        ),
        MatchState.COMPLAINED: Turn(_("Nobody"), _("The complaint says how it goes on.")),
        MatchState.TOLERATED: Turn(_("Nobody"), _("The holder lets it be.")),
        MatchState.DISMISSED: Turn(_("Nobody"), _("A reviewer found that it is no copy.")),
        MatchState.GONE: Turn(
            _("Nobody"), _("The marketplace no longer shows the picture there, or the image is protected no longer."),
            _("Should it come back, it is found again."),
        ),
    },
)  # fmt: skip

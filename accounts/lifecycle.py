"""The rule book of an organisation: how its papers come to be accepted, and when they are looked at anew."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import Membership, Organisation
from accounts.requirements import is_the_only_one, nothing_is_missing
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn

State = Organisation.State
REVIEW_TAKES = timedelta(days=3)


def administrator(organisation: Organisation, actor: Any) -> bool:
    """Somebody who administers this organisation, whichever one they act for at the moment."""
    return (
        actor is not None
        and Membership.objects.filter(user=actor, organisation=organisation, role__in=roles.MAY_ADMINISTER).exists()
    )


def reviewer(organisation: Organisation, actor: Any) -> bool:
    return roles.is_reviewer(actor)


def until_reviewed(organisation: Organisation) -> datetime:
    return clock.now() + REVIEW_TAKES


LIFECYCLE = Lifecycle(
    subject="organisation",
    initial=State.UNVERIFIED,
    transitions=(
        Transition(
            "submit", _("Send for verification"),
            source=frozenset({State.UNVERIFIED, State.RETURNED}), target=State.SUBMITTED, who=administrator,
            needs=(nothing_is_missing,), deadline=until_reviewed,
        ),
        Transition(
            "verify", _("Verify"),
            source=frozenset({State.SUBMITTED}), target=State.VERIFIED, who=reviewer, needs=(is_the_only_one,),
        ),
        Transition(
            "return", _("Return for supplement"),
            source=frozenset({State.SUBMITTED}), target=State.RETURNED, who=reviewer,
        ),
        Transition(
            "reject", _("Reject"),
            source=frozenset({State.SUBMITTED}), target=State.REJECTED, who=reviewer, danger=True,
        ),
        Transition(
            "reopen", _("Review again, on appeal"),
            source=frozenset({State.REJECTED}), target=State.SUBMITTED, who=reviewer, deadline=until_reviewed,
        ),
        Transition(
            "change_identity", _("Change name or number"),
            source=frozenset({State.VERIFIED}), target=State.UNVERIFIED, who=administrator, danger=True,
        ),
    ),
    turns={
        State.UNVERIFIED: Turn(
            _("The organisation"), _("Complete the details, attach the business licence, and send both for verification."),
            _("Until then you can prepare everything, but file no rights and send no complaints."),
        ),
        State.SUBMITTED: Turn(
            _("The platform"), _("A reviewer compares the details with the papers."),
            _("Whoever waits longest is looked at first."),
        ),
        State.RETURNED: Turn(
            _("The organisation"), _("Mend what the reviewer wrote, then send it again."),
            _("The organisation stays unverified until then."),
        ),
        State.VERIFIED: Turn(
            _("Nobody"), _("The papers were accepted. Changing the name or the number needs a new verification."),
        ),
        State.REJECTED: Turn(
            _("Nobody"), _("The papers were not accepted. If this is a mistake, create the organisation anew with the right ones."),
        ),
    },
)  # fmt: skip

"""The rule book of a suspension: first a warning, then further abuse that staff confirm, then a time without complaints.

Source: DSA art. 23(2) (suspension after a prior warning, for a reasonable period), 23(3) (case by case), 20 (appeal).
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import roles
from complaints.models import AbuseCase, AbuseFinding, Complaint, Message, StaffNote, Suspension
from core import clock
from core.lifecycle import Lifecycle, Transition, Turn, the_clock
from filings.models import Filing

State = Suspension.State
#: a warning that nothing follows lapses after this time
WARNING_LASTS = timedelta(days=365)
#: how long the first suspension of a complainant lasts, its second, and every later one
PERIODS = (timedelta(days=30), timedelta(days=90), timedelta(days=180))


def senior(suspension: Suspension, actor: Any) -> bool:
    """A senior reviewer, and for the second step not the one who warned."""
    return roles.is_senior(actor)


def second_senior(suspension: Suspension, actor: Any) -> bool:
    return roles.is_senior(actor) and actor.pk != suspension.warned_by_id


def abused_further(suspension: Suspension) -> Any:
    """A finding that staff confirmed, of something that the complainant did after it had been warned."""
    if further(suspension):
        return None
    return _("Nothing that was found since the warning has been confirmed. A warning alone suspends nobody.")


def further(suspension: Suspension) -> list[AbuseFinding]:
    """Confirmed findings with a case that is an act after the warning, and was found after it.

    An act is a complaint or a right on file that was sent in, a complaint that was withdrawn, or a message that was
    written. That something old is found late is no further abuse. Source: DSA art. 23(2).
    """
    at, organisation = suspension.created_at, suspension.organisation_id
    found = AbuseCase.objects.filter(
        finding__organisation=organisation, finding__state=AbuseFinding.State.CONFIRMED, found_at__gt=at
    )
    named = set(found.values_list("case", flat=True))
    written = Message.objects.filter(party=organisation, is_from_staff=False, created_at__gt=at).values("complaint")
    explained = StaffNote.objects.filter(author__is_staff=False, created_at__gt=at).values("complaint")
    acts = set(
        Complaint.objects.filter(public_id__in=named)
        .filter(
            Q(created_at__gt=at)
            | Q(state=Complaint.State.WITHDRAWN, state_since_at__gt=at)
            | Q(pk__in=written)
            | Q(pk__in=explained)
        )
        .values_list("public_id", flat=True)
    ) | set(Filing.objects.filter(public_id__in=named, created_at__gt=at).values_list("public_id", flat=True))
    return list(AbuseFinding.objects.filter(pk__in=found.filter(case__in=acts).values("finding")).order_by("pk"))


def until_lapse(suspension: Suspension) -> datetime:
    return clock.now() + WARNING_LASTS


def until_end(suspension: Suspension) -> datetime:
    """Longer each time; what was reversed does not count."""
    before = Suspension.objects.filter(organisation=suspension.organisation_id, suspended_at__isnull=False)
    times = before.exclude(pk=suspension.pk).exclude(state=State.REVERSED).count()
    return clock.now() + PERIODS[min(times, len(PERIODS) - 1)]


SUSPENSION = Lifecycle(
    subject="suspension",
    initial=State.WARNED,
    transitions=(
        Transition(
            "suspend", _("Suspend"),
            source=frozenset({State.WARNED}), target=State.SUSPENDED, who=second_senior, needs=(abused_further,),
            deadline=until_end, danger=True,
        ),
        Transition(
            "lapse", _("Let the warning lapse"),
            source=frozenset({State.WARNED}), target=State.LAPSED, who=the_clock,
        ),
        Transition(
            "end", _("End the suspension"),
            source=frozenset({State.SUSPENDED}), target=State.ENDED, who=the_clock,
        ),
        Transition(
            "lift", _("Lift from now on"),
            source=frozenset({State.WARNED, State.SUSPENDED}), target=State.LIFTED, who=senior,
        ),
        Transition(
            "reverse", _("Reverse: it should never have been"),
            source=frozenset({State.WARNED, State.SUSPENDED, State.LAPSED, State.ENDED}), target=State.REVERSED,
            who=senior,
        ),
    ),
    turns={
        State.WARNED: Turn(
            _("The complainant"), _("Complain only of what infringes, with evidence that shows it."),
            _("The warning lapses. If staff confirm further abuse before, the complainant is suspended."),
        ),
        State.SUSPENDED: Turn(
            _("The complainant"), _("No complaints are taken. Drafts are kept, and what is open is decided in the slow lane."),
            _("The suspension ends by itself."),
        ),
        State.LAPSED: Turn(_("Nobody"), _("The warning counts no longer."), ""),
        State.ENDED: Turn(_("Nobody"), _("The suspension is over."), ""),
        State.LIFTED: Turn(_("Nobody"), _("It was lifted, with reasons."), ""),
        State.REVERSED: Turn(_("Nobody"), _("It was reversed, and counts as if it had never been."), ""),
    },
)  # fmt: skip

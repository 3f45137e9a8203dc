"""What pages, the API and staff read of powers of attorney. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from accounts.models import Organisation, PowerOfAttorney, User
from accounts.powers.lifecycle import LIFECYCLE, agent, can_confirm, holder
from core.errors import NotYours
from core.ledger import SYSTEM
from core.lifecycle import Transition
from core.models import LedgerEntry, PrivateFile

State = PowerOfAttorney.State


def powers_of(user: User) -> QuerySet[PowerOfAttorney]:
    """The powers this person may see, newest first."""
    return PowerOfAttorney.objects.visible_to(user).select_related("holder", "agency").order_by("-pk")


def power_of(user: User, public_id: str) -> PowerOfAttorney:
    """One power. Raises NotYours, for a foreign one as for one that does not exist."""
    found = powers_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def may_hand_in(user: User) -> bool:
    """Whether this person may grant a power, or ask for one, where they act now."""
    m = user.membership
    if m is None:
        return False
    allowed = {
        Organisation.Kind.RIGHTS_HOLDER: roles.MAY_GRANT_POWERS,
        Organisation.Kind.AGENCY: roles.MAY_HOLD_POWERS,
    }.get(m.organisation.kind, frozenset())  # type: ignore[call-overload]
    return m.role in allowed


@dataclass(frozen=True, slots=True)
class Next:
    """What is next for a power: whose turn, until when, and what happens otherwise."""

    whose: str | Promise
    next: str | Promise
    otherwise: str | Promise
    until: datetime | None
    is_yours: bool


def next_for(power: PowerOfAttorney, user: User) -> Next:
    turn = LIFECYCLE.turns[State(power.state)]
    if power.state == State.SUBMITTED and power.confirmed_at is None and can_confirm(power):
        what = _("An administrator of the rights holder confirms that the power is its own.")
        return Next(power.holder.name, what, _("It is not approved before."), power.deadline_at, holder(power, user))
    mine = power.state == State.RETURNED and (holder(power, user) or agent(power, user))
    return Next(turn.whose, turn.next, turn.otherwise, power.deadline_at, mine)


def actions_for(power: PowerOfAttorney, user: User) -> list[Transition]:
    return LIFECYCLE.available(power, user)


def documents_of(power: PowerOfAttorney) -> list[PrivateFile]:
    """The pages of the paper, in the order in which they were handed in."""
    return [row.file for row in power.documents.select_related("file")]


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of a power's timeline, in words."""

    at: datetime
    title: str | Promise
    actor: str
    tone: str
    icon: str


HAPPENED: dict[str, tuple[Any, str, str]] = {
    "power.submit": (gettext_lazy("Handed in"), "info", "flag"),
    "power.confirm": (gettext_lazy("Confirmed by the rights holder"), "success", "check"),
    "power.approve": (gettext_lazy("Approved"), "success", "check"),
    "power.return": (gettext_lazy("Returned for supplement"), "warning", "undo"),
    "power.supplement": (gettext_lazy("Handed in again"), "info", "flag"),
    "power.reminded": (gettext_lazy("Reminder sent"), "neutral", "mail"),
    "power.revoke": (gettext_lazy("Revoked"), "danger", "x"),
    "power.expire": (gettext_lazy("Expired"), "danger", "clock"),
}


def timeline(power: PowerOfAttorney, viewer: User) -> list[Happened]:
    """What happened to a power, newest first: colleagues by name, the other side by its organisation."""
    entries = list(LedgerEntry.objects.filter(subject=power.public_id, kind__in=HAPPENED).order_by("-pk")[:100])
    names = _names(power, {e.actor for e in entries}, viewer)
    return [
        Happened(
            e.at, HAPPENED[e.kind][0], names.get(e.actor, _("the platform")), HAPPENED[e.kind][1], HAPPENED[e.kind][2]
        )
        for e in entries
    ]  # fmt: skip


def _names(power: PowerOfAttorney, ids: set[str], viewer: User) -> dict[str, str]:
    names = {SYSTEM: _("automatically")}
    mine = viewer.membership.organisation_id if viewer.membership else None
    people = User.objects.filter(public_id__in=ids, is_staff=False).prefetch_related("memberships")
    for person in people:
        belongs = {m.organisation_id for m in person.memberships.all()}
        if viewer.is_staff or mine in belongs:
            names[person.public_id] = person.name or person.email
        else:
            names[person.public_id] = power.holder.name if power.holder_id in belongs else power.agency.name
    return names

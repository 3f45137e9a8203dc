"""What pages, the API and staff read of the filings room. Nothing here writes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, User
from accounts.roles import MAY_FILE_RIGHTS, acts_for_rights
from core import clock, ledger
from core.errors import NotYours
from core.lifecycle import Transition
from core.models import FilePurpose, LedgerEntry, PrivateFile
from core.spreadsheet import day
from filings.lifecycle import LIFECYCLE, holder, is_turn_of_holder, turn_of
from filings.models import Filing, FilingConflict, GenuineSeller

State = Filing.State


# --- lists ---------------------------------------------------------------------------------------------


def filings_of(user: User) -> QuerySet[Filing]:
    """The filings this person may see, newest first."""
    return Filing.objects.visible_to(user).select_related("organisation", "agency", "power").order_by("-pk")


def exported(filings: QuerySet[Filing]) -> Iterator[list[Any]]:
    """Rights on file as lines of a sheet, header first; read bit by bit."""
    yield [_("Case"), _("Kind"), _("Name"), _("Registration number"), _("Owner"), _("Organisation"), _("Nice classes"),
           _("Territory"), _("Valid from"), _("Valid until"), _("State"), _("In force"), _("Next deadline")]  # fmt: skip
    for filing in filings.iterator(500):
        yield [
            filing.number, filing.get_kind_display(), filing.title, filing.registration_number, filing.owner_name,
            filing.organisation.name, ", ".join(map(str, filing.nice_classes)), filing.territory, filing.valid_from_on,
            filing.valid_until_on, filing.get_state_display(), _("yes") if filing.is_in_force() else _("no"),
            day(filing.deadline_at),
        ]  # fmt: skip


def filing_of(user: User, public_id: str) -> Filing:
    """One filing. Raises NotYours, for a foreign one as for one that does not exist."""
    found = filings_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def may_file(user: User) -> bool:
    """Whether this person may begin filings where they act now."""
    return acts_for_rights(user, MAY_FILE_RIGHTS)


def queue() -> QuerySet[Filing]:
    """What waits for a reviewer, the most urgent deadline first, with the number of open conflicts."""
    return with_conflicts(Filing.objects.filter(state=State.SUBMITTED)).order_by("deadline_at", "pk")


def with_conflicts(filings: QuerySet[Filing]) -> QuerySet[Filing]:
    """Each filing knows whether its number is in conflict: `has_conflict`, in the same query."""
    open_ones = FilingConflict.objects.open().filter(Q(filing=OuterRef("pk")) | Q(other=OuterRef("pk")))
    return filings.annotate(has_conflict=Exists(open_ones))


def conflicts() -> QuerySet[FilingConflict]:
    """Conflicts with both filings and their organisations, the open ones first."""
    return FilingConflict.objects.select_related(
        "filing__organisation", "other__organisation", "settled_by", "in_favour_of"
    ).order_by("settled_at", "-opened_at")


# --- one filing ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Next:
    """What is next in a case: whose turn, until when, and what happens otherwise."""

    whose: str | Promise
    next: str | Promise
    otherwise: str | Promise
    until: datetime | None
    is_yours: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of a case's timeline, in words."""

    at: datetime
    title: str | Promise
    actor: str
    tone: str = "neutral"
    icon: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Papers:
    """The files of a filing by what they are for."""

    certificates: list[PrivateFile]
    pictures: list[PrivateFile]


def next_for(filing: Filing, user: User) -> Next:
    """What is next, as this person sees it. The deadline is named where somebody can miss it."""
    turn = turn_of(filing)
    until = filing.deadline_at if filing.state in (State.SUBMITTED, State.RETURNED, State.EXPIRING) else None
    mine = holder(filing, user)
    return Next(turn.whose, turn.next, turn.otherwise, until, mine and is_turn_of_holder(filing))


def actions_for(filing: Filing, user: User) -> list[Transition]:
    """What this person could do with the filing now."""
    return LIFECYCLE.available(filing, user)


def papers_of(filing: Filing) -> Papers:
    """Certificates and pictures, in the order in which they were handed in."""
    files = [row.file for row in filing.files.select_related("file")]
    return Papers(
        certificates=[f for f in files if f.purpose == FilePurpose.CERTIFICATE],
        pictures=[f for f in files if f.purpose == FilePurpose.PICTURE],
    )


def sellers_of(filing: Filing) -> QuerySet[GenuineSeller]:
    return filing.genuine_sellers.select_related("shop__marketplace")


def is_in_conflict(filing: Filing) -> bool:
    return FilingConflict.objects.open().touching(filing).exists()


def is_late(filing: Filing) -> bool:
    """Whether a reviewer should have looked at it already."""
    return filing.state == State.SUBMITTED and filing.deadline_at is not None and filing.deadline_at < clock.now()


HAPPENED: dict[str, tuple[Any, str, str]] = {
    "filing.draft": (gettext_lazy("Draft begun"), "neutral", "pencil"),
    "filing.submit": (gettext_lazy("Submitted for review"), "info", "flag"),
    "filing.approve": (gettext_lazy("Approved"), "success", "check"),
    "filing.return": (gettext_lazy("Returned for supplement"), "warning", "undo"),
    "filing.reject": (gettext_lazy("Rejected"), "danger", "x"),
    "filing.revoke": (gettext_lazy("Revoked"), "danger", "x"),
    "filing.renew": (gettext_lazy("Renewal submitted for review"), "info", "refresh"),
    "filing.decline_renewal": (gettext_lazy("Renewal declined"), "danger", "x"),
    "filing.drop_renewal": (gettext_lazy("Renewal taken back"), "neutral", "undo"),
    "filing.withdraw": (gettext_lazy("Withdrawn"), "neutral", "undo"),
    "filing.lapse": (gettext_lazy("Back among the drafts, for want of the supplement"), "warning", "clock"),
    "filing.lapse_renewal": (gettext_lazy("The renewal lapsed, for want of the supplement"), "warning", "clock"),
    "filing.expiring": (gettext_lazy("Its end comes near"), "warning", "clock"),
    "filing.reminded": (gettext_lazy("Reminder sent"), "neutral", "mail"),
    "filing.expire": (gettext_lazy("Expired"), "danger", "clock"),
    "filing.force_ended": (gettext_lazy("No longer in force, while the renewal is reviewed"), "danger", "clock"),
    "filing.sellers_changed": (gettext_lazy("Genuine sellers changed"), "neutral", "shop"),
    "filing.conflict_opened": (gettext_lazy("Another organisation filed the same number"), "warning", "alert"),
    "filing.conflict_settled": (gettext_lazy("The conflict about the number was settled"), "info", "scale"),
}


def timeline(filing: Filing, user: User) -> list[Happened]:
    """What happened to a filing, newest first, from the ledger; who acted, as far as this person may know."""
    entries = list(LedgerEntry.objects.filter(subject=filing.public_id, kind__in=HAPPENED).order_by("-pk")[:200])
    own = user.membership.organisation_id if user.membership else filing.organisation_id
    sides = [filing.organisation, *([filing.agency] if filing.agency else [])]
    names = names_of({e.actor for e in entries}, organisation_id=own, viewer=user, sides=sides)
    return [
        Happened(e.at, HAPPENED[e.kind][0], names[e.actor], HAPPENED[e.kind][1], HAPPENED[e.kind][2]) for e in entries
    ]


def names_of(
    ids: Iterable[str], *, organisation_id: int, viewer: User, sides: Iterable[Organisation] = ()
) -> dict[str, str]:  # fmt: skip
    """Who acted in a case of this organisation, by public id: colleagues by name; staff to parties, and the clock to
    everybody, by what they are; of the other `sides` the organisation."""
    names = dict.fromkeys(ids, _("the platform")) | {ledger.SYSTEM: _("automatically")}
    people = User.objects.filter(public_id__in=names)
    for side in sides:
        if side.pk != organisation_id:
            others = people.filter(memberships__organisation=side, is_staff=False).values_list("public_id", flat=True)
            names |= dict.fromkeys(others, side.name)
    if not viewer.is_staff:
        people = people.filter(memberships__organisation_id=organisation_id, is_staff=False)
    for person in people:
        names[person.public_id] = person.name or person.email
    return names

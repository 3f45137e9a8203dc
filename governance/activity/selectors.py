"""What the people of an organisation did, from the ledger: who, what, in which case, when. Nothing here writes.

An entry belongs to an organisation by what it is about, not by who acted: somebody of two organisations leaves no trace of
the one in the log of the other. What staff and the clock did stands on the page of each case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.lifecycle import LIFECYCLE as ORGANISATIONS
from accounts.models import ApiKey, Departure, Organisation, PowerOfAttorney, User
from accounts.powers.lifecycle import LIFECYCLE as POWERS
from accounts.powers.selectors import HAPPENED as OF_POWERS
from complaints.counter_lifecycle import LIFECYCLE as COUNTER_NOTICES
from complaints.lifecycle import LIFECYCLE as COMPLAINTS
from complaints.models import Complaint, CounterNotice
from complaints.told import TOLD
from core.lifecycle import Lifecycle
from core.models import LedgerEntry
from filings.lifecycle import LIFECYCLE as FILINGS
from filings.models import Filing
from filings.selectors import HAPPENED as OF_FILINGS
from governance.appeals.lifecycle import LIFECYCLE as APPEALS
from governance.models import Appeal
from imageguard.lifecycle import LIFECYCLE as ORIGINALS
from imageguard.models import Original
from imageguard.selectors import HAPPENED as OF_ORIGINALS

Words = str | Promise
#: what is no step of a lifecycle
_OTHER: dict[str, Words] = {
    "organisation.create": _("Founded the organisation"),
    "organisation.guest": _("Complained without an account"),
    "organisation.carried_over": _("Got what was done for it before it had papers"),
    "organisation.update": _("Changed details of the organisation"),
    "organisation.document": _("Added a paper"),
    "organisation.document_back": _("Took a paper back"),
    "membership.role": _("Changed the role of a colleague"),
    "membership.remove": _("Took a colleague out, or left"),
    "invitation.create": _("Invited a colleague"),
    "invitation.resend": _("Sent an invitation again"),
    "invitation.revoke": _("Took an invitation back"),
    "invitation.accept": _("Joined"),
    "api_key.create": _("Made an API key"),
    "api_key.rotate": _("Replaced an API key"),
    "api_key.revoke": _("Revoked an API key"),
    "webhook.create": _("Had events sent to an address"),
    "webhook.change": _("Changed a webhook"),
    "webhook.rotate": _("Made a new secret of a webhook"),
    "webhook.remove": _("Removed a webhook"),
    "webhook.send_again": _("Sent a webhook message again"),
    "webhook.switched_off": _("A webhook was switched off: its address is gone"),
    "filing.draft": _("Began a filing"),
    "filing.sellers_changed": _("Changed the genuine sellers"),
    "power.submit": _("Handed in a power of attorney"),
    "saved_search.create": _("Kept a search"),
    "saved_search.pause": _("Paused a kept search"),
    "saved_search.resume": _("Resumed a kept search"),
    "saved_search.delete": _("Deleted a kept search"),
    "complaint.submit": _("Submitted a complaint"),
    "counter_notice.submit": _("Sent a counter-notice"),
    "appeal.submit": _("Appealed"),
    "original.receive": _("Handed in an image"),
}


def _steps(lifecycles: Iterable[Lifecycle]) -> dict[str, Words]:
    return {f"{table.subject}.{step.name}": step.label for table in lifecycles for step in table.transitions}


WORDS: dict[str, Words] = (
    _steps((ORGANISATIONS, POWERS, FILINGS, ORIGINALS, COMPLAINTS, COUNTER_NOTICES, APPEALS))
    | {kind: told.title for kind, told in TOLD.items()}
    | {kind: said[0] for happened in (OF_POWERS, OF_FILINGS, OF_ORIGINALS) for kind, said in happened.items()}
    | _OTHER
)


@dataclass(frozen=True, slots=True)
class Did:
    """One line of the log."""

    at: datetime
    who: str
    what: Words
    #: number of the case; "" for the organisation itself
    case: str


def _cases(organisation: Organisation) -> list[QuerySet[Any]]:
    """Everything of an organisation that entries are about, apart from itself."""
    side = Q(holder=organisation) | Q(agency=organisation)
    return [
        PowerOfAttorney.objects.filter(side),
        Filing.objects.filter(Q(organisation=organisation) | Q(agency=organisation)),
        Original.objects.filter(organisation=organisation),
        Complaint.objects.filter(Q(organisation=organisation) | Q(holder=organisation)),
        CounterNotice.objects.filter(organisation=organisation),
        Appeal.objects.of_side(organisation),
    ]


def people_of(organisation: Organisation) -> list[User]:
    """Who belongs, or once belonged, to an organisation."""
    left = Departure.objects.filter(organisation=organisation).values("person")
    return list(
        User.objects.filter(Q(memberships__organisation=organisation) | Q(pk__in=left)).distinct().order_by("pk")
    )


def entries(organisation: Organisation, *, by: str = "") -> QuerySet[LedgerEntry]:
    """What its people did, newest first; `by` is the public id of one of them."""
    about = Q(subject=organisation.public_id) | Q(
        subject__in=ApiKey.objects.filter(organisation=organisation).values("public_id")
    )
    for cases in _cases(organisation):
        about |= Q(subject__in=cases.order_by().values("public_id"))
    actors = [person.public_id for person in people_of(organisation)]
    chosen = [by] if by in actors else actors
    return LedgerEntry.objects.filter(about, actor__in=chosen, kind__in=WORDS).order_by("-pk")


def read(rows: Sequence[LedgerEntry], organisation: Organisation) -> list[Did]:
    """Some entries in words, in a fixed number of queries."""
    names = {person.public_id: person.name or person.email for person in people_of(organisation)}
    subjects = {row.subject for row in rows}
    numbers: dict[str, str] = {}
    for cases in _cases(organisation):
        numbers.update(cases.filter(public_id__in=subjects).order_by().values_list("public_id", "number"))
    return [
        Did(row.at, names.get(row.actor, ""), WORDS[row.kind], numbers.get(row.subject, ""))
        for row in rows
    ]  # fmt: skip

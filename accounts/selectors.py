"""What the pages of the accounts room ask for. Everything starts from the person who looks."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from accounts import roles
from accounts.departures import MOST_HANDS
from accounts.lifecycle import LIFECYCLE
from accounts.models import Departure, Invitation, Membership, Organisation, OrganisationDocument, User
from accounts.requirements import missing
from core.errors import NotYours
from core.ledger import SYSTEM
from core.models import LedgerEntry

State = Organisation.State
#: states in which the papers may be changed
OPEN_FOR_PAPERS = frozenset({State.UNVERIFIED, State.RETURNED})


@dataclass(frozen=True)
class Next:
    """What is next for an organisation, in the words of its state."""

    whose: Any
    what: Any
    until: Any
    otherwise: Any
    is_yours: bool


def own_organisation(user: User) -> Organisation:
    """The organisation in which this person acts. Raises NotYours."""
    if user.organisation is None:
        raise NotYours()
    return user.organisation


def is_administrator_of(user: User, organisation: Organisation) -> bool:
    return user.memberships.filter(organisation=organisation, role__in=roles.MAY_ADMINISTER).exists()


def next_step(organisation: Organisation, user: User) -> Next:
    turn = LIFECYCLE.turns[State(organisation.state)]
    return Next(
        whose=turn.whose,
        what=turn.next,
        until=organisation.deadline_at,
        otherwise=turn.otherwise,
        is_yours=organisation.state in OPEN_FOR_PAPERS and is_administrator_of(user, organisation),
    )


def still_wanted(organisation: Organisation) -> dict[str, str]:
    """What has to be added before the organisation can be sent for verification."""
    return missing(organisation) if organisation.state in OPEN_FOR_PAPERS else {}


def colleagues(organisation: Organisation) -> list[Membership]:
    return list(organisation.memberships.select_related("user").order_by("joined_at", "pk"))


def colleague(user: User, public_id: str) -> Membership:
    """The membership of somebody in the organisation of `user`. Raises NotYours."""
    found = (
        Membership.objects.filter(organisation=own_organisation(user), user__public_id=public_id)
        .select_related("user", "organisation")
        .first()
    )
    if found is None:
        raise NotYours()
    return found


def contact(organisation_id: int, author_id: int) -> User | None:
    """Who acts for an organisation in what this person began: themselves, or whoever it was handed over to in turn."""
    person = author_id
    for _hand in range(MOST_HANDS):
        found = User.objects.filter(pk=person, is_active=True, memberships__organisation=organisation_id).first()
        if found is not None:
            return found
        left = Departure.objects.filter(organisation=organisation_id, person=person, handed_to__isnull=False)
        following = left.order_by("-pk").values_list("handed_to", flat=True).first()
        if following is None:
            return None
        person = following
    return None


def invitations(organisation: Organisation) -> list[Invitation]:
    """Invitations that nobody has accepted or revoked; those that ran out can be sent again."""
    rows = organisation.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    return list(rows.select_related("invited_by").order_by("-pk"))


def invitation(user: User, public_id: str) -> Invitation:
    """An invitation of the organisation of `user`. Raises NotYours."""
    found = Invitation.objects.filter(organisation=own_organisation(user), public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def papers(organisation: Organisation) -> list[OrganisationDocument]:
    return list(organisation.documents.select_related("file", "organisation").order_by("pk"))


def paper(user: User, public_id: str) -> OrganisationDocument:
    """A paper of the organisation of `user`, by the id of its file. Raises NotYours."""
    found = OrganisationDocument.objects.filter(organisation=own_organisation(user), file__public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def may_be_taken_back(document: OrganisationDocument) -> bool:
    """Only papers that no reviewer has seen yet: handed in since the organisation came into its present state."""
    organisation = document.organisation
    return organisation.state in OPEN_FOR_PAPERS and document.created_at >= organisation.state_since_at


def review_queue() -> QuerySet[Organisation]:
    """All organisations: those under review first, whoever waits longest on top; then the newest."""
    under_review = When(state=State.SUBMITTED, then=Value(0))
    return Organisation.objects.annotate(
        turn=Case(under_review, default=Value(1), output_field=IntegerField())
    ).order_by("turn", "state_since_at", "pk")


def lookalikes(organisation: Organisation) -> list[Organisation]:
    """Other organisations with the same number or the same name, for the reviewer to compare."""
    same = Organisation.objects.filter(name__iexact=organisation.name.strip())
    if organisation.uscc:
        same = same | Organisation.objects.filter(uscc=organisation.uscc)
    if organisation.registration_number:
        same = same | Organisation.objects.filter(
            country=organisation.country, registration_number=organisation.registration_number
        )
    return list(same.exclude(pk=organisation.pk).order_by("pk")[:10])


def history(organisation: Organisation) -> list[dict[str, Any]]:
    """What the ledger says of an organisation, newest first, with names for the actors."""
    entries = list(LedgerEntry.objects.filter(subject=organisation.public_id).order_by("-pk")[:50])
    people = dict(User.objects.filter(public_id__in={e.actor for e in entries}).values_list("public_id", "email"))
    return [
        {
            "at": e.at,
            "kind": e.kind,
            "actor": "" if e.actor == SYSTEM else people.get(e.actor, ""),
            "payload": e.payload,
        }
        for e in entries
    ]

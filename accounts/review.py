"""Staff look at an organisation's papers: verify, return for supplement, reject."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.errors import OwnOrganisation
from accounts.lifecycle import LIFECYCLE
from accounts.models import Organisation, User
from accounts.requirements import is_the_only_one
from core import mail
from core.errors import Invalid, WrongState
from core.lifecycle import lock
from core.outbox import publish


@transaction.atomic
def verify(*, organisation: Organisation, by: User) -> Organisation:
    """Accept the papers: they show that the organisation is who it says.

    Raises Forbidden, OwnOrganisation, and WrongState, also if another one holds the same credit code.
    """
    organisation = _to_review(organisation, by)
    organisation.review_note = ""
    try:
        with transaction.atomic():
            LIFECYCLE.fire(organisation, "verify", actor=by, writes=["review_note"])
    except IntegrityError as twin:
        # Two reviewers accepted two organisations of one code at the same moment: the database let one through.
        raise WrongState(is_the_only_one(organisation)) from twin
    publish("organisation.verified", organisation.public_id)
    _tell(organisation, "organisation_verified")
    return organisation


@transaction.atomic
def return_for_supplement(*, organisation: Organisation, by: User, note: str) -> Organisation:
    """Send the papers back with the words that say what is missing. Raises Invalid without them."""
    organisation = _with_reasons(organisation, by, note)
    LIFECYCLE.fire(organisation, "return", actor=by, writes=["review_note"])
    _tell(organisation, "organisation_returned")
    return organisation


@transaction.atomic
def reject(*, organisation: Organisation, by: User, note: str) -> Organisation:
    """Refuse an organisation whose papers can never be accepted, with reasons."""
    organisation = _with_reasons(organisation, by, note)
    LIFECYCLE.fire(organisation, "reject", actor=by, writes=["review_note"])
    _tell(organisation, "organisation_rejected")
    return organisation


@transaction.atomic
def reopen(*, organisation: Organisation, by: User, appeal: str) -> Organisation:
    """Put papers that were rejected back to review, because an appeal against that was right.

    `appeal` is the public id of the appeal. Raises Forbidden, OwnOrganisation, WrongState.
    """
    organisation = _to_review(organisation, by)
    LIFECYCLE.fire(organisation, "reopen", actor=by, payload={"appeal": appeal})
    return organisation


def _to_review(organisation: Organisation, by: User) -> Organisation:
    organisation = lock(organisation)
    if by.memberships.filter(organisation=organisation).exists():
        raise OwnOrganisation()
    return organisation


def _with_reasons(organisation: Organisation, by: User, note: str) -> Organisation:
    if not note.strip():
        raise Invalid(_("Say what is wrong, in words that the organisation can act on."), field="note")
    organisation = _to_review(organisation, by)
    organisation.review_note = note.strip()
    return organisation


def _tell(organisation: Organisation, template: str) -> None:
    """A letter to every administrator of the organisation."""
    administrators = User.objects.filter(
        is_active=True, memberships__organisation=organisation, memberships__role__in=roles.MAY_ADMINISTER
    )
    for person in administrators:
        mail.write_to(
            person,
            template=template,
            # The moment belongs to the key: papers may be returned twice, and each time is a letter of its own.
            dedupe_key=f"{template}:{organisation.public_id}:{organisation.state_since_at.timestamp():.6f}",
            about=organisation.public_id,
            context={"organisation": organisation},
        )

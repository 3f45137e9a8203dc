"""What people do with their organisation: found it, prove who it is, let colleagues in and out.

Staff who look at the papers stand in `review.py`, staff accounts in `people.py`.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.administering import administered
from accounts.api_keys.services import revoke_keys_of_who_left
from accounts.errors import (
    InvitationClosed,
    InvitationUnknown,
    LastAdministrator,
    NotInvited,
    StaffBelongToNobody,
    UnderReview,
)
from accounts.lifecycle import LIFECYCLE
from accounts.models import Departure, Invitation, Membership, Organisation, OrganisationDocument, User
from accounts.requirements import CHINA, CONTACT, IDENTITY, clean_uscc, missing
from accounts.roles import OrgRole
from accounts.selectors import OPEN_FOR_PAPERS, may_be_taken_back
from core import clock, files, ledger, mail
from core.errors import Invalid, NotYours, WrongState
from core.ids import next_number
from core.lifecycle import lock
from core.models import FilePurpose, Letter
from core.outbox import publish

State = Organisation.State
FOUNDED_BY_PEOPLE = frozenset({Organisation.Kind.RIGHTS_HOLDER, Organisation.Kind.AGENCY, Organisation.Kind.MERCHANT})
PAPERS = frozenset({FilePurpose.LICENCE, FilePurpose.IDENTITY})
MOST_PAPERS = 20
MOST_ORGANISATIONS = 20
MOST_INVITATIONS = 50
LETTERS_A_DAY = 5
INVITATION_LASTS = timedelta(days=7)


# --- the person ------------------------------------------------------------------------------------


@transaction.atomic
def update_person(*, user: User, name: str, phone: str, language: str) -> User:
    """Change one's own name, telephone and language. Raises Invalid for a language that is not spoken here."""
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("Choose one of the languages offered."), field="language")
    user.name, user.phone, user.language = name.strip(), phone.strip(), language
    user.save(update_fields=["name", "phone", "language"])
    return user


@transaction.atomic
def switch_organisation(*, user: User, public_id: str) -> Organisation:
    """Act for another organisation one belongs to. Raises NotYours."""
    membership = user.memberships.select_related("organisation").filter(organisation__public_id=public_id).first()
    if membership is None:
        raise NotYours()
    _act_for(user, membership.organisation)
    return membership.organisation


def _act_for(user: User, organisation: Organisation | None) -> None:
    user.current_organisation = organisation
    user.save(update_fields=["current_organisation"])
    user.__dict__.pop("membership", None)


# --- the organisation --------------------------------------------------------------------------------


@transaction.atomic
def create_organisation(*, kind: str, name: str, country: str, by: User) -> Organisation:
    """Found an organisation; who does so administers it and acts for it from now on.

    The same name and kind sent twice by one person is one organisation. Raises Invalid, StaffBelongToNobody.
    """
    name, by = name.strip(), _locked_person(by)
    if kind not in FOUNDED_BY_PEOPLE:
        raise Invalid(_("Choose what your organisation is."), field="kind")
    if not name:
        raise Invalid(_("Enter the name as it stands on the business licence."), field="name")
    mine = Organisation.objects.filter(memberships__user=by)
    twice = mine.filter(kind=kind, name=name).exclude(state=State.REJECTED).first()
    if twice is not None:
        _act_for(by, twice)
        return twice
    if mine.count() >= MOST_ORGANISATIONS:
        raise Invalid(_("You belong to too many organisations already. Leave one first."), field="name")
    at = clock.now()
    organisation = Organisation.objects.create(
        number=next_number("O", at.year), kind=kind, name=name, country=country.upper(), contact_name=by.name,
        contact_email=by.email, contact_phone=by.phone, state_since_at=at, created_at=at,
    )  # fmt: skip
    Membership.objects.create(user=by, organisation=organisation, role=OrgRole.ADMIN)
    ledger.record(
        kind="organisation.create",
        subject=organisation.public_id,
        actor=by,
        payload={"to": organisation.state, "number": organisation.number, "kind": kind},
    )
    _act_for(by, organisation)
    return organisation


def _locked_person(user: User) -> User:
    """The person under lock. Raises StaffBelongToNobody."""
    if user.is_staff:
        raise StaffBelongToNobody()
    User.objects.select_for_update().get(pk=user.pk)
    return user


@transaction.atomic
def update_profile(*, organisation: Organisation, by: User, values: dict[str, Any]) -> Organisation:
    """Change details of an organisation; only the fields named in `values`.

    Name, country and numbers stand still during review. A verified organisation whose name or number changes
    is unverified until its papers were looked at again. Raises Invalid, UnderReview, WrongState, Forbidden.
    """
    organisation = administered(organisation, by)
    values = {k: v.strip() for k, v in values.items() if k in IDENTITY + CONTACT}
    _check_identity(organisation, values)
    changed = [k for k, v in values.items() if getattr(organisation, k) != v]
    if not changed:
        return organisation
    for name in changed:
        setattr(organisation, name, values[name])
    if not set(changed) & set(IDENTITY):
        organisation.save(update_fields=changed)
        _recorded("organisation.update", organisation, by, fields=sorted(changed))
    elif organisation.state == State.VERIFIED:
        LIFECYCLE.fire(organisation, "change_identity", actor=by, writes=changed, payload={"fields": sorted(changed)})
    elif organisation.state in OPEN_FOR_PAPERS:
        organisation.save(update_fields=changed)
        _recorded("organisation.update", organisation, by, fields=sorted(changed))
    elif organisation.state == State.SUBMITTED:
        raise UnderReview()
    else:
        raise WrongState()
    return organisation


def _check_identity(organisation: Organisation, values: dict[str, str]) -> None:
    """Bring country and numbers into their plain form; a number of the other kind of country is dropped."""
    errors: dict[str, Any] = {}
    if "name" in values and not values["name"]:
        errors["name"] = [_("Enter the name as it stands on the business licence.")]
    if "country" in values:
        values["country"] = values["country"].upper()
    if set(values) & {"country", "uscc", "registration_number"}:
        if values.get("country", organisation.country) == CHINA:
            values["registration_number"] = ""
        else:
            values["uscc"] = ""
    if values.get("uscc"):
        try:
            values["uscc"] = clean_uscc(values["uscc"])
        except ValueError as wrong:
            errors["uscc"] = [str(wrong)]
    if errors:
        raise Invalid(errors=errors)


def _recorded(kind: str, organisation: Organisation, by: User | None, **payload: Any) -> None:
    ledger.record(kind=kind, subject=organisation.public_id, actor=by, payload=payload)


# --- papers -------------------------------------------------------------------------------------------


def hand_in_document(*, organisation: Organisation, upload: Any, purpose: str, by: User) -> OrganisationDocument:
    """Add a business licence or an identity document, while the papers are not under review.

    Raises Invalid or TooLarge for a file that is not taken, UnderReview, WrongState, Forbidden, NotYours.
    """
    with transaction.atomic():
        _open_for_papers(organisation, purpose, by)
    file = files.keep(upload=upload, purpose=purpose, by=by, organisation=organisation)
    with transaction.atomic():
        organisation = _open_for_papers(organisation, purpose, by)
        same = organisation.documents.filter(file__sha256=file.sha256, file__purpose=purpose).first()
        if same is not None:
            return same
        document = OrganisationDocument.objects.create(organisation=organisation, file=file, created_at=clock.now())
        _recorded("organisation.document", organisation, by, file=file.public_id, purpose=purpose, sha256=file.sha256)
        return document


def _open_for_papers(organisation: Organisation, purpose: str, by: User) -> Organisation:
    organisation = administered(organisation, by)
    if purpose not in PAPERS:
        raise Invalid(_("Say what kind of paper this is."), field="purpose")
    if organisation.state == State.SUBMITTED:
        raise UnderReview()
    if organisation.state not in OPEN_FOR_PAPERS:
        raise WrongState()
    if organisation.documents.count() >= MOST_PAPERS:
        raise Invalid(_("At most %(n)d papers are taken.") % {"n": MOST_PAPERS}, field="file")
    return organisation


@transaction.atomic
def take_back_document(*, document: OrganisationDocument, by: User) -> None:
    """Take back a paper that no reviewer has seen yet; its bytes are swept. Raises WrongState."""
    document.organisation = administered(document.organisation, by)
    if not may_be_taken_back(document):
        raise WrongState(_("This paper was part of a review and stays on file. Add the right one beside it."))
    _recorded("organisation.document_back", document.organisation, by, file=document.file.public_id)
    document.delete()


@transaction.atomic
def submit_for_verification(*, organisation: Organisation, by: User) -> Organisation:
    """Send details and papers to review. Raises Invalid naming what is missing, WrongState, Forbidden."""
    organisation = administered(organisation, by)
    if organisation.state in OPEN_FOR_PAPERS and (wanted := missing(organisation)):
        raise Invalid(errors={field: [sentence] for field, sentence in wanted.items()})
    papers = organisation.documents.order_by("pk").values_list("file__sha256", flat=True)
    LIFECYCLE.fire(organisation, "submit", actor=by, payload={"documents": list(papers)})
    return organisation


# --- colleagues ----------------------------------------------------------------------------------------


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> Membership:
    """Give a colleague another role. Raises LastAdministrator, Invalid, Forbidden, NotYours."""
    organisation = administered(membership.organisation, by)
    membership = _present(membership)
    if role not in OrgRole.values:
        raise Invalid(_("Choose one of the roles offered."), field="role")
    if membership.role == role:
        return membership
    _keep_an_administrator(organisation, membership)
    old, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    _recorded("membership.role", organisation, by, person=membership.user.public_id, **{"from": old, "to": role})
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, by: User, handed_to: Membership | None = None) -> None:
    """Take a colleague out of the organisation, or leave it oneself; access ends with this transaction, also that of their
    keys here.

    `handed_to` takes over their drafts, and is told of their open cases from now on; without anybody the administrators
    are. Raises LastAdministrator, Forbidden, NotYours, Invalid.
    """
    organisation = lock(membership.organisation)
    if membership.user_id != by.pk:
        administered(organisation, by)
    membership = _present(membership)
    _keep_an_administrator(organisation, membership)
    colleague = None if handed_to is None else _colleague_of(membership, handed_to)
    person = membership.user
    membership.delete()
    revoke_keys_of_who_left(organisation=organisation, person=person, by=by)
    departure = Departure.objects.create(
        organisation=organisation, person=person, handed_to=colleague, at=clock.now()
    )  # fmt: skip
    if person.current_organisation_id == organisation.pk:
        _act_for(person, None)
    by.__dict__.pop("membership", None)
    to = {"handed_to": colleague.public_id} if colleague else {}
    _recorded("membership.remove", organisation, by, person=person.public_id, role=membership.role, **to)
    if colleague is not None:
        publish("member.left", departure.public_id)


def _colleague_of(leaving: Membership, chosen: Membership) -> User:
    """Who takes over. Raises Invalid for the one who leaves, who has left too, or who only reads."""
    taking = (
        Membership.objects.select_related("user").filter(pk=chosen.pk, organisation=leaving.organisation_id).first()
    )
    if taking is None or taking.pk == leaving.pk or not taking.user.is_active or taking.role not in roles.MAY_COMPLAIN:
        raise Invalid(_("Choose a colleague who may act in these cases."), field="handed_to")
    return taking.user


def _present(membership: Membership) -> Membership:
    """The membership as it stands, once the organisation is locked. Raises NotYours if it has gone."""
    found = Membership.objects.select_related("user", "organisation").filter(pk=membership.pk).first()
    if found is None:
        raise NotYours()
    return found


def _keep_an_administrator(organisation: Organisation, leaving: Membership) -> None:
    if leaving.role not in roles.MAY_ADMINISTER:
        return
    others = organisation.memberships.filter(role__in=roles.MAY_ADMINISTER, user__is_active=True)
    if not others.exclude(pk=leaving.pk).exists():
        raise LastAdministrator()


# --- invitations -----------------------------------------------------------------------------------------


@transaction.atomic
def invite(*, organisation: Organisation, email: str, role: str, language: str, by: User) -> Invitation:
    """Invite a colleague by letter; the letter alone holds the token. Raises Invalid, Forbidden, NotYours."""
    organisation = administered(organisation, by)
    email = email.strip().lower()
    _check_invitation(organisation, email, role, language)
    at = clock.now()
    invitation = Invitation(
        organisation=organisation, email=email, role=role, language=language, invited_by=by, created_at=at
    )
    token = _fresh_token(invitation)
    invitation.save(force_insert=True)
    _recorded("invitation.create", organisation, by, invitation=invitation.public_id, role=role)
    _write_invitation(invitation, token)
    return invitation


def _check_invitation(organisation: Organisation, email: str, role: str, language: str) -> None:
    try:
        validate_email(email)
    except Exception as wrong:
        raise Invalid(_("Enter an email address such as name@example.com."), field="email") from wrong
    if role not in OrgRole.values:
        raise Invalid(_("Choose one of the roles offered."), field="role")
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("Choose one of the languages offered."), field="language")
    if organisation.memberships.filter(user__email=email).exists():
        raise Invalid(_("This person belongs to your organisation already."), field="email")
    waiting = organisation.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    if waiting.count() >= MOST_INVITATIONS:
        raise Invalid(_("Too many invitations are open. Revoke some that were not accepted."), field="email")
    if any(i.email == email for i in waiting):
        raise Invalid(_("This address was invited already. Send that invitation again instead."), field="email")


def _fresh_token(invitation: Invitation) -> str:
    token = secrets.token_urlsafe(32)
    invitation.token_hash = _digest(token)
    invitation.expires_at = clock.now() + INVITATION_LASTS
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _write_invitation(invitation: Invitation, token: str) -> None:
    mail.write(
        template="invitation",
        dedupe_key=f"invitation:{invitation.public_id}:{invitation.token_hash[:16]}",
        to=invitation.email,
        language=invitation.language,
        about=invitation.public_id,
        context={"invitation": invitation, "token": token, "days": INVITATION_LASTS.days},
    )


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """Send a new letter with a new token; the old letter stops working. Raises Invalid, InvitationClosed."""
    organisation = administered(invitation.organisation, by)
    invitation = lock(invitation)
    _still_wanted(invitation)
    since = clock.now() - timedelta(days=1)
    if Letter.objects.filter(about=invitation.public_id, created_at__gt=since).count() >= LETTERS_A_DAY:
        raise Invalid(_("This invitation was sent %(n)d times today. Try again tomorrow.") % {"n": LETTERS_A_DAY})
    token = _fresh_token(invitation)
    invitation.save(update_fields=["token_hash", "expires_at"])
    _recorded("invitation.resend", organisation, by, invitation=invitation.public_id)
    _write_invitation(invitation, token)
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Take an invitation back; a second time changes nothing. Raises InvitationClosed if it was accepted."""
    organisation = administered(invitation.organisation, by)
    invitation = lock(invitation)
    if invitation.revoked_at is not None:
        return
    _still_wanted(invitation)
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    _recorded("invitation.revoke", organisation, by, invitation=invitation.public_id)


def _still_wanted(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise InvitationClosed(_("This invitation was used already. It works once."))
    if invitation.revoked_at is not None:
        raise InvitationClosed(
            _("This invitation was taken back. Ask your colleague whether you should have a new one.")
        )


def invitation_behind(token: str) -> Invitation:
    """The open invitation of a letter. Raises InvitationUnknown, InvitationClosed saying why."""
    found = Invitation.objects.select_related("organisation", "invited_by").filter(token_hash=_digest(token)).first()
    if found is None:
        raise InvitationUnknown()
    _still_wanted(found)
    if not found.is_open:
        raise InvitationClosed(
            _("This invitation was good for %(n)d days, which are over. Ask your colleague to send it again.")
            % {"n": INVITATION_LASTS.days}
        )
    return found


def is_meant_for(invitation: Invitation, user: User) -> bool:
    """Whether a verified address of this person is the one that was invited."""
    return EmailAddress.objects.filter(user=user, verified=True, email__iexact=invitation.email).exists()


@transaction.atomic
def accept_invitation(*, token: str, by: User) -> Organisation:
    """Join an organisation with the role of the invitation, once, and act for it from now on.

    Raises InvitationUnknown, InvitationClosed, NotInvited, StaffBelongToNobody.
    """
    organisation = lock(invitation_behind(token).organisation)
    # Looked up again under the lock: two clicks at once are one joining.
    invitation = invitation_behind(token)
    if not is_meant_for(invitation, by):
        raise NotInvited()
    by = _locked_person(by)
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    # Somebody who joined by another way keeps the role they have.
    _membership, joined = Membership.objects.get_or_create(
        user=by, organisation=organisation, defaults={"role": invitation.role, "joined_at": clock.now()}
    )
    _recorded(
        "invitation.accept", organisation, by, invitation=invitation.public_id, role=invitation.role, joined=joined
    )
    _act_for(by, organisation)
    return organisation

"""What is done for people without an account: they are taken in, and get private links. Carrying over stands in `carrying.py`."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.errors import StaffBelongToNobody
from accounts.guests.models import Guest, PrivateLink
from accounts.models import Membership, Organisation, User
from accounts.roles import OrgRole
from core import clock, ledger
from core.errors import Forbidden
from core.ids import next_number
from core.mail import Leads

#: each letter brings a fresh link, so that one letter serves for as long as a case without news
LINK_LASTS = timedelta(days=180)
#: where a private link leads; `ippro/private_links.py` opens it
PRIVATE = "/case/"


@dataclass(frozen=True)
class Introduced:
    """What somebody without an account says of themselves, or of the company for which they complain."""

    email: str
    #: the rights holder, as on the certificate: a person or a company
    name: str
    #: who signs
    contact: str
    country: str = "CN"
    address: str = ""
    phone: str = ""
    language: str = "zh-hans"


@transaction.atomic
def take_in(*, who: Introduced) -> Guest:
    """The guest of a mailbox that was proved: the one it has already, or a new one. Needs that proof before.

    A guest keeps the name under which it came first, since its earlier cases stand under that one. Raises Forbidden for
    an account that may not sign in any more, StaffBelongToNobody.
    """
    user, is_new = _person_of(who)
    if user.is_staff:
        raise StaffBelongToNobody()
    if not user.is_active:
        raise Forbidden(_("The account of this address was closed. Write to the platform instead."))
    known = None if is_new else Guest.objects.select_related("organisation").filter(user=user).first()
    if known is not None and known.carried_to_id is not None:
        raise Forbidden(_("You have an account by now, with your complaints in it. Sign in and complain there."))
    guest = known or _found(user, who)
    if known is not None:
        _keep_reachable(known.organisation, who)
    if guest.has_account:
        # Its case stands behind the sign-in, and they may have acted for another organisation there.
        User.objects.filter(pk=user.pk).update(current_organisation=guest.organisation)
    return guest


def _person_of(who: Introduced) -> tuple[User, bool]:
    """The person of a mailbox under lock, so that two notices of one take turns; and whether they are new.

    Without a password nobody signs in; by choosing one they make it their account.
    """
    email = who.email.strip().lower()
    said = {"name": who.contact, "phone": who.phone, "language": who.language, "password": make_password(None)}
    user, is_new = User.objects.get_or_create(email=email, defaults=said)
    if is_new:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        return user, True
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _void_unproved(user, said)
    return user, False


def _void_unproved(user: User, said: dict[str, Any]) -> None:
    """An account that never proved its mailbox is whoever's typed the address: its password opens nothing from now on.

    Otherwise a stranger who signs up with somebody's address knows the password of their cases, and keeps the private
    link out of their letters.
    """
    addresses = EmailAddress.objects.filter(user=user)
    if user.is_staff or not addresses.exists() or addresses.filter(verified=True).exists():
        return
    User.objects.filter(pk=user.pk).update(**said)
    for name, value in said.items():
        setattr(user, name, value)
    addresses.filter(email__iexact=user.email).update(verified=True, primary=True)


def _found(user: User, who: Introduced) -> Guest:
    at = clock.now()
    organisation = Organisation.objects.create(
        number=next_number("O", at.year), kind=Organisation.Kind.RIGHTS_HOLDER, name=who.name.strip(), country=who.country,
        address=who.address.strip(), contact_name=who.contact, contact_email=user.email, contact_phone=who.phone.strip(),
        state_since_at=at, created_at=at,
    )  # fmt: skip
    Membership.objects.create(user=user, organisation=organisation, role=OrgRole.ADMIN, joined_at=at)
    user.__dict__.pop("membership", None)
    guest = Guest.objects.create(user=user, organisation=organisation, created_at=at)
    ledger.record(
        kind="organisation.guest", subject=organisation.public_id, actor=user,
        payload={"to": organisation.state, "number": organisation.number},
    )  # fmt: skip
    return guest


def _keep_reachable(organisation: Organisation, who: Introduced) -> None:
    """Address and telephone as they are given now; a later notice need not say again what is known."""
    if organisation.is_verified:
        return
    organisation.address = who.address.strip() or organisation.address
    organisation.contact_phone = who.phone.strip() or organisation.contact_phone
    organisation.save(update_fields=["address", "contact_phone"])


# --- private links -----------------------------------------------------------------------------------


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def new_link(*, guest: Guest) -> str:
    """The address of a fresh private link, from the root of the site; only this answer holds it."""
    token, at = secrets.token_urlsafe(32), clock.now()
    PrivateLink.objects.create(guest=guest, token_hash=digest(token), created_at=at, expires_at=at + LINK_LASTS)
    return f"{PRIVATE}{token}/"


@transaction.atomic
def replace_links(*, guest: Guest) -> str:
    """End every private link of a guest, and give a fresh one. Returns its address."""
    Guest.objects.select_for_update().get(pk=guest.pk)
    ended = guest.links.in_force(clock.now()).update(replaced_at=clock.now())  # type: ignore[attr-defined]
    ledger.record(
        kind="guest.links_replaced", subject=guest.public_id, actor=guest.user, payload={"ended": ended}
    )  # fmt: skip
    return new_link(guest=guest)


def guest_behind(token: str) -> Guest | None:
    """Whose cases a private link is of; None for one that is unknown, too old or replaced, or whose account was closed.

    It opens them while they have no account (`Guest.has_account`).
    """
    live = PrivateLink.objects.in_force(clock.now()).select_related("guest__user", "guest__organisation")
    found = live.filter(token_hash=digest(token)).first()
    return None if found is None or not found.guest.may_act else found.guest


def acting(guest: Guest) -> User:
    """The guest as a person who acts for its own organisation, whichever others they belong to."""
    user = User.objects.get(pk=guest.user_id)
    found = (
        Membership.objects.select_related("organisation").filter(user=user, organisation=guest.organisation_id).first()
    )
    if found is not None:
        found.user = user
    user.__dict__["membership"] = found
    return user


def leads_of(user: User) -> Leads | None:
    """Where the links of a letter to this person begin, and what it says last: a guest cannot sign in."""
    if user.has_usable_password():
        return None
    guest = Guest.objects.filter(user=user, carried_to__isnull=True).first()
    if guest is None or not guest.may_act:
        return None
    begin = settings.BASE_URL + new_link(guest=guest).rstrip("/")
    with translation.override(user.language):
        closing = _(
            "Whoever has this link sees your cases and acts in them: keep it to yourself. With an account you see all of "
            "them in one place, and complain of more links at a time. Create one, with everything carried over, here:"
        )
    return Leads(begin, f"{closing}\n{begin}/account/")

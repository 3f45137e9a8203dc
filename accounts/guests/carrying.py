"""What was done under an organisation that nobody administers yet is carried over to the one with papers that it turned out to be.

There are two of the kind: that of somebody who complained without an account (`Guest`), and that of a rights holder whom
an agency named in a power of attorney. Each room moves its own rows, in one transaction with one ledger entry; which room
moves what stands in `ippro/wiring.py`. Who did what, and when, stays as it was.
"""

from collections.abc import Callable, Iterator
from itertools import chain

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from accounts import roles
from accounts.guests.models import Guest
from accounts.models import (
    ApiKey,
    Departure,
    Invitation,
    Membership,
    Organisation,
    OrganisationDocument,
    PowerOfAttorney,
    User,
    WebhookEndpoint,
)
from core import clock, ledger, mail
from core.models import PrivateFile

State, Kind = Organisation.State, Organisation.Kind
#: moves a room's rows from the first organisation to the second, both locked; returns how many by what they are called
Move = Callable[[Organisation, Organisation], dict[str, int]]


def organisation_verified(subject: str) -> None:
    """Papers were accepted: whatever was done for this holder before it had any is its own from now on."""
    into = Organisation.objects.get(public_id=subject)
    for stub in list(stubs_of(into)):
        carry_over(stub=stub, into=into)


def stubs_of(into: Organisation) -> Iterator[Organisation]:
    """The organisations without papers that stand for this one: its administrators' as guests, and those of its number."""
    if into.kind != Kind.RIGHTS_HOLDER or not into.is_verified:
        return iter(())
    others = Organisation.objects.filter(kind=Kind.RIGHTS_HOLDER, state=State.UNVERIFIED).exclude(pk=into.pk)
    administrators = Membership.objects.filter(organisation=into, role__in=roles.MAY_ADMINISTER, user__is_active=True)
    proved = EmailAddress.objects.filter(user__in=administrators.values("user"), verified=True)
    guests = Guest.objects.filter(user__in=proved.values("user"), carried_to__isnull=True, erased_at__isnull=True)
    of_guests = others.filter(pk__in=guests.values("organisation"))
    same = Q(pk__in=[])
    if into.uscc:
        same |= Q(uscc__iexact=into.uscc)
    if into.registration_number:
        same |= Q(registration_number__iexact=into.registration_number, country=into.country)
    named = others.filter(same, memberships__isnull=True, guest__isnull=True, powers_given__isnull=False).distinct()
    return chain(of_guests.order_by("pk"), named.order_by("pk"))


@transaction.atomic
def carry_over(*, stub: Organisation, into: Organisation) -> bool:
    """Carry everything over, once; whether there was anything to carry.

    A guest's organisation that more people belong to by now has become one of its own, and stays.
    """
    locked = {o.pk: o for o in Organisation.objects.select_for_update(no_key=True).filter(
        pk__in=[stub.pk, into.pk]
    ).order_by("pk")}  # fmt: skip
    stub, into = locked[stub.pk], locked[into.pk]
    guest = Guest.objects.select_for_update().filter(organisation=stub).first()
    strangers = stub.memberships.exclude(user=guest.user_id if guest else None)
    if not into.is_verified or stub.state != State.UNVERIFIED or strangers.exists():
        return False
    if guest is not None and guest.carried_to_id is not None:
        return False
    moves: list[Move] = [import_string(path) for path in import_string(settings.CARRIED)]
    moved: dict[str, int] = {}
    for move in moves:
        moved |= {name: n for name, n in move(stub, into).items() if n}
    if guest is None and not moved:
        return False
    if guest is not None:
        guest.carried_to, guest.carried_at = into, clock.now()
        guest.save(update_fields=["carried_to", "carried_at"])
    ledger.record(
        kind="organisation.carried_over", subject=into.public_id, payload={"from": stub.public_id, "moved": moved}
    )  # fmt: skip
    if guest is not None:
        _tell(guest, into)
    return True


def carry_accounts(stub: Organisation, into: Organisation) -> dict[str, int]:
    """Who acts where, files and papers, powers of attorney, and the ways in and out for programs.

    Keys and addresses that are more together than an organisation may make stay all the same: they are in use.
    """
    User.objects.filter(current_organisation=stub).update(current_organisation=into)
    Membership.objects.filter(organisation=stub, user__memberships__organisation=into).delete()
    Departure.objects.filter(organisation=stub).update(organisation=into)
    return {
        "powers": PowerOfAttorney.objects.filter(holder=stub).update(holder=into),
        **{
            name: model.objects.filter(organisation=stub).update(organisation=into)
            for name, model in (
                ("files", PrivateFile), ("papers", OrganisationDocument), ("invitations", Invitation),
                ("keys", ApiKey), ("webhooks", WebhookEndpoint),
            )
        },
    }  # fmt: skip


def _tell(guest: Guest, into: Organisation) -> None:
    mail.write_to(
        guest.user, template="guest_carried_over", dedupe_key=f"guest_carried_over:{guest.public_id}",
        about=into.public_id, context={"organisation": into},
    )  # fmt: skip

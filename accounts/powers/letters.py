"""Letters about powers of attorney, to both sides, each reader in their language.

A rights holder without an account is written to at the address that the agency gave: it is the first to know of a paper
that it never signed. Another agency that names the same holder says itself where to write.
"""

from collections.abc import Collection
from typing import Any

from django.conf import settings

from accounts import roles
from accounts.models import Organisation, PowerOfAttorney, User
from accounts.powers.lifecycle import can_confirm
from core import mail


def submitted(power: PowerOfAttorney) -> None:
    awaits_holder = power.confirmed_at is None and can_confirm(power)
    _write(power, "power_submitted", _moment(power), awaits_holder=awaits_holder)


def approved(power: PowerOfAttorney) -> None:
    _write(power, "power_approved", _moment(power))


def returned(power: PowerOfAttorney) -> None:
    _write(power, "power_returned", _moment(power))


def revoked(power: PowerOfAttorney) -> None:
    _write(power, "power_revoked", _moment(power))


def expired(power: PowerOfAttorney) -> None:
    _write(power, "power_expired", _moment(power))


def expiring(power: PowerOfAttorney, *, days_left: int) -> None:
    """One letter for each of the reminders."""
    _write(power, "power_expiring", f"{power.valid_until_on}:{power.reminded_days}", days_left=days_left)


def _moment(power: PowerOfAttorney) -> str:
    # A power may be returned twice, and each time is a letter of its own.
    return f"{power.state_since_at.timestamp():.6f}"


def _write(power: PowerOfAttorney, template: str, key: str, **context: Any) -> None:
    key = f"{template}:{power.public_id}:{key}"
    given = {"power": power, "holder_name": power.holder.name, "agency_name": power.agency.name, **context}
    told = _people(power.holder, roles.MAY_GRANT_POWERS)
    for person in [*told, *_people(power.agency, roles.MAY_HOLD_POWERS)]:
        mail.write_to(person, template=template, dedupe_key=key, about=power.public_id, context=given)
    # What an agency says of a holder is believed for its own power alone; what staff have looked at, for every one.
    address = power.holder.contact_email if power.holder.is_verified else power.holder_email
    if not told and address:
        mail.write(
            template=template, dedupe_key=f"{key}:holder", to=address, about=power.public_id,
            language="zh-hans" if power.holder.country == "CN" else "en",
            context={**given, "has_no_account": True, "contact": settings.CONTACT_EMAIL},
        )  # fmt: skip


def _people(organisation: Organisation, allowed: Collection[str]) -> list[User]:
    people = User.objects.filter(
        is_active=True, memberships__organisation=organisation, memberships__role__in=allowed
    ).order_by("pk")
    return list(people)

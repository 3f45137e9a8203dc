"""What administrators of an organisation do with its keys. Each change is an entry of the ledger.

A key is shown when it is made and never again. Its maker's role is its own: whoever leaves, or is given a smaller
role, takes that from their keys at once.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.administering import administered
from accounts.api_keys.errors import KeyIsOver, KeyIsReplaced, KeyMadeAlready
from accounts.api_keys.models import ApiKey
from accounts.api_keys.scopes import SCOPES
from accounts.models import Organisation, User
from core import clock, ledger, mail
from core.errors import Invalid
from core.lifecycle import lock

PREFIX = "ippro_"
RANDOM_BYTES = 32
#: how much of a key is shown ever after, so that people tell them apart
SHOWN = len(PREFIX) + 4
#: for how many days a key can be made
LIFETIMES_DAYS = (30, 90, 180, 365)
#: for how many days the old key goes on beside the new one
OVERLAPS_DAYS = (0, 1, 7, 30)
MOST_KEYS = 50


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_key(
    *, organisation: Organisation, by: User, name: str, scopes: Collection[str], days: int, public_id: str = ""
) -> tuple[ApiKey, str]:
    """A new key, and the key itself, which nobody sees again. With `public_id` the same page makes one key, not two.

    Raises NotYours, Forbidden, Invalid by field, KeyMadeAlready.
    """
    organisation = administered(organisation, by)
    _check(organisation, name, scopes, days)
    at = clock.now()
    row, key = _made(
        organisation, by, name=name.strip(), scopes=scopes, expires_at=at + timedelta(days=days), public_id=public_id
    )
    _recorded("api_key.create", row, by, scopes=row.scopes, until=row.expires_at.isoformat())
    _tell_administrators(row)
    return row, key


@transaction.atomic
def rotate_key(*, key: ApiKey, by: User, overlap_days: int, public_id: str = "") -> tuple[ApiKey, str]:
    """A new key with the name, scopes and lifetime of an old one, which goes on for `overlap_days`.

    Raises NotYours, Forbidden, Invalid, KeyIsOver, KeyIsReplaced, KeyMadeAlready.
    """
    organisation = administered(key.organisation, by)
    old = lock(key)
    if old.replaced_by_id is not None:
        raise KeyIsReplaced()
    if not old.is_good:
        raise KeyIsOver()
    if overlap_days not in OVERLAPS_DAYS:
        raise Invalid(_("Choose one of the times offered."), field="overlap_days")
    at = clock.now()
    row, new = _made(
        organisation, by, name=old.name, scopes=old.scopes, expires_at=at + (old.expires_at - old.created_at),
        public_id=public_id,
    )  # fmt: skip
    old.replaced_by, old.expires_at = row, min(old.expires_at, at + timedelta(days=overlap_days))
    old.save(update_fields=["replaced_by", "expires_at"])
    _recorded(
        "api_key.rotate", row, by, replaces=old.public_id, until=row.expires_at.isoformat(),
        old_until=old.expires_at.isoformat(),
    )  # fmt: skip
    _tell_administrators(row, old=old)
    return row, new


@transaction.atomic
def revoke_key(*, key: ApiKey, by: User) -> None:
    """A key is good for nothing from now on; a second time changes nothing. Raises NotYours, Forbidden."""
    administered(key.organisation, by)
    key = lock(key)
    if key.revoked_at is not None:
        return
    key.revoked_at, key.revoked_by = clock.now(), by
    key.save(update_fields=["revoked_at", "revoked_by"])
    _recorded("api_key.revoke", key, by)


def revoke_keys_of_who_left(*, organisation: Organisation, person: User, by: User) -> None:
    """Whoever left has no key here any more, also if they come back. Needs a transaction, with the organisation locked."""
    keys = ApiKey.objects.filter(organisation=organisation, created_by=person, revoked_at__isnull=True)
    for key in keys.select_for_update(of=("self",)).order_by("pk"):
        key.revoked_at, key.revoked_by = clock.now(), by
        key.save(update_fields=["revoked_at", "revoked_by"])
        _recorded("api_key.revoke", key, by)


def _check(organisation: Organisation, name: str, scopes: Collection[str], days: int) -> None:
    errors: dict[str, Any] = {}
    if not name.strip():
        errors["name"] = [_("Say what will use the key, so that your colleagues know it.")]
    if not scopes or not set(scopes) <= set(SCOPES):
        errors["scopes"] = [_("Choose at least one of the scopes offered.")]
    if days not in LIFETIMES_DAYS:
        errors["days"] = [_("Choose one of the times offered.")]
    if errors:
        raise Invalid(errors=errors)
    if ApiKey.objects.filter(organisation=organisation).good().count() >= MOST_KEYS:
        raise Invalid(_("Your organisation has %(n)d keys already. Revoke one first.") % {"n": MOST_KEYS})


def _made(
    organisation: Organisation, by: User, *, name: str, scopes: Collection[str], expires_at: datetime, public_id: str
) -> tuple[ApiKey, str]:
    key = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    given = {"public_id": public_id} if public_id else {}
    try:
        with transaction.atomic():
            row = ApiKey.objects.create(
                organisation=organisation, name=name, created_by=by, digest=digest_of(key), begins=key[:SHOWN],
                scopes=[s for s in SCOPES if s in scopes], created_at=clock.now(), expires_at=expires_at, **given,
            )  # fmt: skip
    except IntegrityError as twice:
        raise KeyMadeAlready() from twice
    return row, key


def _recorded(kind: str, key: ApiKey, by: User, **payload: Any) -> None:
    ledger.record(kind=kind, subject=key.organisation.public_id, actor=by, payload={"key": key.public_id, **payload})


def _tell_administrators(key: ApiKey, *, old: ApiKey | None = None) -> None:
    """Whoever administers hears of every key: one that nobody wanted is noticed."""
    administrators = key.organisation.memberships.filter(role__in=roles.MAY_ADMINISTER, user__is_active=True)
    for membership in administrators.select_related("user").order_by("pk"):
        mail.write_to(
            membership.user, template="api_key_made", dedupe_key=f"api-key-made:{key.public_id}",
            about=key.organisation.public_id, context={"key": key, "old": old},
        )  # fmt: skip

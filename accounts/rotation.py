"""Second factors under a new key: allauth keeps them in JSON of its own, where `rotate_keys` does not look."""

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction

from core import crypto
from core.rotation import Rotated, Say

#: where allauth keeps what our adapter encrypts: the secret of an app, the seed of recovery codes, moved codes
PLACES = ("secret", "seed", "migrated_codes")


def rotate_second_factors(*, say: Say, batch: int) -> Rotated:
    """Write the secrets of every second factor anew under the first key."""
    done = Rotated()
    for pk in list(Authenticator.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            held = {place: factor.data[place] for place in PLACES if place in factor.data} if factor else {}
            if factor is None or not held:
                continue
            done.seen += 1
            try:
                renewed = {place: _renewed(value) for place, value in held.items()}
            except InvalidToken:
                say(f"mfa.Authenticator {pk} is opened by no key")
                done.failed += 1
                continue
            if renewed != held:
                factor.data |= renewed
                factor.save(update_fields=["data"])
                done.renewed += 1
    say(f"Second factors: {done.renewed} of {done.seen} written anew, {done.failed} unreadable")
    return done


def _renewed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renewed(one) for one in value]
    token = value.encode()
    return value if crypto.is_current(token) else crypto.encrypt(crypto.decrypt(token)).decode()

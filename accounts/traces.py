"""From where people sign in, as digests: several accounts behind which one device sits can be told, nobody traced.

A digest is keyed with a secret of the installation, over the kind of browser and the small network of the address
(/24 of IPv4, /48 of IPv6). Neither is kept, no row names a time of day's place, and rows are forgotten after half a
year (`forget_old_traces`). Ground: legitimate interest in stopping abuse; stands in the privacy page.
"""

import hmac
import ipaddress
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import SignInTrace, User
from core import clock
from core.crypto import derive

KEPT = timedelta(days=180)
AT_ONCE = 1000


def device_digest(*, address: str, browser: str) -> str:
    """The digest of a device: the same for the same kind of browser in the same small network, here alone."""
    try:
        ip = ipaddress.ip_address(address)
        network = str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
    except ValueError:
        network = ""
    key = derive(settings.SECRET_KEYS[-1], b"sign-in-trace")
    return hmac.new(key, f"{network}\n{browser[:500]}".encode(), sha256).hexdigest()


def remember(*, user: User, address: str, browser: str) -> None:
    """Somebody signed in: count it under the digest of their device."""
    at, digest = clock.now(), device_digest(address=address, browser=browser)
    known = SignInTrace.objects.filter(user=user, digest=digest)
    if known.update(last_at=at, times=F("times") + 1):
        return
    try:
        with transaction.atomic():
            SignInTrace.objects.create(user=user, digest=digest, first_at=at, last_at=at)
    except IntegrityError:  # signed in twice at the same moment
        known.update(last_at=at, times=F("times") + 1)


def forget_old_traces() -> int:
    """Drop traces after their time; returns how many."""
    old, dropped = SignInTrace.objects.filter(last_at__lt=clock.now() - KEPT), 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        dropped += SignInTrace.objects.filter(pk__in=ids).delete()[0]
    return dropped

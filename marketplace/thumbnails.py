"""Small pictures of what is on a marketplace now, for pages that are not about evidence: pasted links, the mirror.

Only the first pictures of targets in the mirror can be asked for, by links that we signed. They are fetched
with the guarded client, re-encoded in the limited worker, and kept for a day in a bounded cache of this
machine. Few at a time: a slow marketplace must not take the threads that serve pages.
"""

import hashlib
from datetime import timedelta
from threading import BoundedSemaphore

from django.core import signing
from django.core.cache import caches
from django.urls import reverse

from core import imaging
from core.errors import DomainError, NotYours
from core.fetch import Refused, Unreachable, origin_of
from marketplace.errors import NoPicture, PictureLater
from marketplace.models import Target
from marketplace.pictures import fetch_picture, keepable, trusted_origins

WIDEST_PX = 240
KEPT = timedelta(days=1)
#: what is no picture is not asked for again so soon, and a host that does not answer is left alone
REFUSED_FOR = timedelta(minutes=10)
AWAY_FOR = timedelta(seconds=60)
SECONDS = 4.0
#: a request waits this long for one of the places of its process
WAIT_SECONDS = 1.0
_places = BoundedSemaphore(2)
_signer = signing.Signer(salt="thumbnail")


def href(target: Target, position: int = 0) -> str:
    """The address of a small picture of this target; "" if it has none. It changes with the target's version."""
    if position >= len(keepable(target.images)):
        return ""
    return reverse("thumbnail", args=[_signer.sign_object([target.public_id, position, target.version])])


def thumbnail(token: str) -> bytes:
    """The re-encoded picture behind a link. Raises NotYours, NoPicture, PictureLater."""
    target, url = _asked_for(token)
    cache = caches["pictures"]
    key = hashlib.sha256(f"{target.marketplace_id} {url}".encode()).hexdigest()
    away = f"away-{hashlib.sha256((origin_of(url) or '').encode()).hexdigest()}"
    known: bytes | None = cache.get(key)
    if known is None:
        if cache.get(away) or not _places.acquire(timeout=WAIT_SECONDS):
            raise PictureLater()
        try:
            known = _made(target, url)
            cache.set(key, known, (KEPT if known else REFUSED_FOR).total_seconds())
        except Unreachable as failure:
            cache.set(away, True, AWAY_FOR.total_seconds())
            raise PictureLater() from failure
        finally:
            _places.release()
    if not known:
        raise NoPicture()
    return known


def _asked_for(token: str) -> tuple[Target, str]:
    try:
        public_id, position, _version = _signer.unsign_object(token)
        target = Target.objects.select_related("marketplace").get(public_id=public_id)
        return target, keepable(target.images)[position]
    except (signing.BadSignature, Target.DoesNotExist, IndexError) as unknown:
        raise NotYours() from unknown


def _made(target: Target, url: str) -> bytes:
    """The small picture; nothing if there is none. Raises Unreachable, PictureLater."""
    try:
        content = fetch_picture(url, trusted=trusted_origins(target.marketplace), seconds=SECONDS).content
        return imaging.decode(content, preview_px=WIDEST_PX).preview
    except Refused:
        return b""
    except DomainError as failure:
        if failure.status >= 500:
            raise PictureLater() from failure
        return b""

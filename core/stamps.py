"""Time-stamps (RFC 3161): another authority's word on when a tree head was there.

Each head owes one, if an authority is set. The newest of those that are due is sent and the others are settled by
it, since its tree contains theirs; so an authority that was away for a day is asked once, not a thousand times.
Until a token has come, been checked against IPPRO_TSA_CA_FILE, and covers a head, that head is pending.
"""

import time
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from celery.exceptions import SoftTimeLimitExceeded
from cryptography import x509
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from core import clock
from core.models import TimeStamp, TreeHead
from core.notes import in_utc
from core.obligations import backoff
from core.outbox import hint

BATCH = 100
#: of the whole exchange: less than a lease
SECONDS = 20.0
MAX_ANSWER_BYTES = 256 * 1024


class NotStamped(Exception):
    """No token has come that is worth keeping; the text says why, for staff, without the address."""


@dataclass(frozen=True)
class Stamped:
    """An answer that was checked, and the time that it tells."""

    answer: bytes
    at: datetime


# --- who owes ----------------------------------------------------------------------------------------------


def is_wanted() -> bool:
    """Whether a time-stamp authority is set."""
    return bool(settings.TSA_URL)


def owe(head: TreeHead) -> None:
    """Leave a time-stamp owed for a head, in the transaction that signs it."""
    if is_wanted():
        TimeStamp.objects.create(head=head, due_at=head.at)
        hint("core.tasks.stamp_tree_heads", queue="reports")


def covering(index: int) -> TimeStamp | None:
    """The first time-stamp whose tree contains a leaf."""
    stamped = TimeStamp.objects.filter(head__size__gt=index, token__isnull=False)
    return stamped.select_related("head").order_by("head__size").first()


def is_pending(index: int) -> bool:
    """Whether a time-stamp that would cover a leaf is owed, and none has come."""
    return TimeStamp.objects.filter(head__size__gt=index).exists() and covering(index) is None


def told(head: TreeHead) -> dict[str, Any]:
    """What everybody may know of a head's time-stamp: `none` was asked for, `pending`, `stamped`, or `covered`."""
    stamp = covering(head.size - 1)
    if stamp is None:
        return {"state": "pending" if is_pending(head.size - 1) else "none"}
    if stamp.head_id != head.size or stamp.stamped_at is None:
        return {"state": "covered", "size": stamp.head_id}
    return {"state": "stamped", "at": in_utc(stamp.stamped_at), "token": b64encode(stamp.token or b"").decode()}


# --- asking ------------------------------------------------------------------------------------------------


def stamp_due(limit: int = BATCH) -> int:
    """Have the newest head that is due stamped, and settle with it all before it; returns how many were settled.

    Not inside a transaction. At most once in IPPRO_TSA_INTERVAL_SECONDS.
    """
    since = clock.now() - timedelta(seconds=settings.TSA_INTERVAL_SECONDS)
    if not is_wanted() or TimeStamp.objects.filter(token__isnull=False, done_at__gt=since).exists():
        return 0
    claimed = TimeStamp.objects.select_related("head").claim(limit)
    if not claimed:
        return 0
    newest = max(claimed, key=lambda stamp: stamp.head_id)
    try:
        stamped = ask(newest.head.note.encode())
    except Exception as failure:
        said = str(failure) if isinstance(failure, NotStamped) else type(failure).__name__
        wait = backoff(newest.attempts)
        for stamp in claimed:
            stamp.put_off(said, wait=wait)
        if isinstance(failure, SoftTimeLimitExceeded):
            raise
        return 0
    # Whoever came second, after the lease had run out, finds a token and throws its own away.
    mine = TimeStamp.objects.filter(pk=newest.pk, token__isnull=True)
    mine.update(token=stamped.answer, stamped_at=stamped.at)
    contained = TimeStamp.objects.filter(head__size__lte=newest.head_id, done_at__isnull=True)
    return contained.update(due_at=None, done_at=clock.now(), leased_until=None, dead_at=None, last_error="")


def ask(message: bytes) -> Stamped:
    """The authority's answer about some bytes, checked as a stranger would check it. Raises NotStamped."""
    roots = _roots()
    request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    content = _post(request.as_bytes())
    try:
        answer = decode_timestamp_response(content)
    except ValueError as wrong:
        raise NotStamped("the answer is no time-stamp response") from wrong
    if answer.status != PKIStatus.GRANTED:
        said = "; ".join(answer.status_string) or "without a reason"
        raise NotStamped(f"refused by the authority: status {answer.status}, {said}"[:500])
    verifier = VerifierBuilder.from_request(request)
    for root in roots:
        verifier = verifier.add_root_certificate(root)
    try:
        verifier.build().verify_message(answer, message)
        return Stamped(answer=content, at=answer.tst_info.gen_time)
    except (VerificationError, ValueError) as wrong:
        raise NotStamped(f"the answer does not stand up to IPPRO_TSA_CA_FILE: {wrong}"[:500]) from wrong


def _roots() -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(Path(settings.TSA_CA_FILE).read_bytes())
    except (OSError, ValueError) as wrong:
        raise NotStamped("IPPRO_TSA_CA_FILE is no file of certificates in PEM") from wrong
    return list(dict.fromkeys(found))


def _post(body: bytes) -> bytes:
    """Send a request as RFC 3161 section 3.4 says.

    By httpx and not by `core.fetch`: the operator has set this address, and it may well lie in the own network.
    No redirects are followed, and no proxy or password of the environment is used.
    """
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    ends_at = time.monotonic() + SECONDS
    content = bytearray()
    try:
        with (
            httpx.Client(timeout=httpx.Timeout(10.0, connect=5.0), follow_redirects=False, trust_env=False) as client,
            client.stream("POST", settings.TSA_URL, content=body, headers=headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise NotStamped(f"the authority answered {answer.status_code}")
            for part in answer.iter_bytes():
                content += part
                if len(content) > MAX_ANSWER_BYTES or time.monotonic() > ends_at:
                    raise NotStamped("the answer is too large, or takes too long")
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise NotStamped(f"no answer: {type(failure).__name__}") from failure
    return bytes(content)

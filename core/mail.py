"""Letters: written in the decision's transaction in the reader's language, sent afterwards.

Mail cannot be exactly-once. A worker that dies between the server's "250 OK" and our commit sends the
same letter again under the same Message-ID, which mail readers show once.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import make_msgid
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from core import clock
from core.letter_texts import compose
from core.models import Letter
from core.outbox import hint

#: MAIL, RCPT, DATA and the text: each may take EMAIL_TIMEOUT, all of them together less than a lease
STEPS_OF_A_LETTER = 4


@dataclass(frozen=True)
class Leads:
    """Where the links of a letter to somebody without an account begin, and what stands below the letter."""

    base_url: str
    closing: str


def write(
    *,
    template: str,
    dedupe_key: str,
    to: str,
    language: str,
    context: dict[str, Any],
    about: str = "",
    user: Any = None,
    leads: Callable[[], Leads | None] | None = None,
) -> Letter | None:
    """Owe somebody a letter: `mail/<template>.txt` (its first line is the subject), in staff's words where there are any.

    `leads` is asked once the letter is certain to be written, for it may make a link. The same `dedupe_key` a second time
    writes nothing and returns None. Needs a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a letter is written in the transaction of its decision")
    if not to or Letter.objects.filter(dedupe_key=dedupe_key).exists():
        return None
    where = leads() if leads is not None else None
    subject, body = compose(template, language, {**context, "base_url": where.base_url} if where else context)
    if where is not None:
        body = f"{body}\n{where.closing}\n"
    at = clock.now()
    letter = Letter.objects.create(
        dedupe_key=dedupe_key, to=to, user=user, about=about, template=template, language=language,
        subject=subject, body=body, created_at=at, due_at=at,
    )  # fmt: skip
    hint("core.tasks.send_due_mail")
    return letter


def write_to(user: Any, *, template: str, dedupe_key: str, context: dict[str, Any], about: str = "") -> None:
    """Owe a letter to somebody with an account, in the language of that account."""
    write(
        template=template,
        dedupe_key=f"{dedupe_key}:{user.public_id}",
        to=user.email,
        language=user.language,
        context={**context, "reader": user},
        about=about,
        user=user,
        leads=user.leads,
    )


def send_due(limit: int = 50) -> int:
    """Send up to `limit` letters that are due, over one connection; returns how many went out.

    Each is leased afresh right before it is sent: with a slow server the last of them waits for longer than a
    lease, and another worker may have it by then.
    """
    letters = Letter.objects.claim(limit)
    sent = 0
    connection = get_connection()
    for nth, letter in enumerate(letters):
        try:
            connection.open()
        except Exception as away:
            # One failure is told to all: nobody waits for a server that is away once for each letter.
            for waiting in letters[nth:]:
                waiting.put_off(type(away).__name__)
            break
        sent += letter.take_up() and _sent(letter, connection)
    _close(connection)
    return sent


def _sent(letter: Letter, connection: Any) -> bool:
    try:
        _as_email(letter, connection).send()
    except Exception as failure:
        # The server's words may quote the address: only the kind of failure is kept.
        letter.put_off(type(failure).__name__)
        # What went wrong with this one may have spoilt the connection for the next.
        _close(connection)
        if isinstance(failure, SoftTimeLimitExceeded):
            raise
        return False
    Letter.objects.settle([letter])
    return True


def _close(connection: Any) -> None:
    with suppress(OSError, SMTPException):
        connection.close()


def _as_email(letter: Letter, connection: Any) -> EmailMessage:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    message_id = make_msgid(domain=host) if not letter.public_id else f"<{letter.public_id}@{host}>"
    return EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[letter.to],
        connection=connection,
        headers={
            "Message-ID": message_id,
            "Content-Language": letter.language,
            "Auto-Submitted": "auto-generated",
        },
    )

"""Letters: written in the decision's transaction in the reader's language, sent afterwards.

Mail cannot be exactly-once. A worker that dies between the server's "250 OK" and our commit sends the
same letter again under the same Message-ID, which mail readers show once.
"""

from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from core import clock
from core.models import Letter
from core.outbox import hint


def write(
    *,
    template: str,
    dedupe_key: str,
    to: str,
    language: str,
    context: dict[str, Any],
    about: str = "",
    user: Any = None,
) -> Letter | None:
    """Owe somebody a letter: renders `mail/<template>.txt` (its first line is the subject).

    The same `dedupe_key` a second time writes nothing and returns None. Needs a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a letter is written in the transaction of its decision")
    if not to or Letter.objects.filter(dedupe_key=dedupe_key).exists():
        return None
    with translation.override(language):
        text = render_to_string(f"mail/{template}.txt", {**context, "base_url": settings.BASE_URL})
    subject, _, body = text.strip().partition("\n")
    at = clock.now()
    letter = Letter.objects.create(
        dedupe_key=dedupe_key, to=to, user=user, about=about, template=template, language=language,
        subject=subject.strip(), body=body.strip() + "\n", created_at=at, due_at=at,
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
    )


def send_due(limit: int = 50) -> int:
    """Send what is due; returns how many letters went out."""
    sent = 0
    while letters := Letter.objects.claim(limit):
        connection = get_connection()
        for letter in letters:
            try:
                _as_email(letter, connection).send()
            except Exception as failure:
                # The server's words may quote the address: only the kind of failure is kept.
                letter.put_off(f"{type(failure).__name__}")
            else:
                Letter.objects.settle([letter])
                sent += 1
        connection.close()
    return sent


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

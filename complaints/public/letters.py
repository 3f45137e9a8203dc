"""Letters to people without an account. They hold nothing that a stranger typed: nobody can have words sent by us."""

from accounts.guests.models import Guest
from complaints.models import PublicNotice
from core import mail
from core.ids import new_id


def confirm(notice: PublicNotice, token: str) -> None:
    """Ask a mailbox whether the notice is its owner's."""
    mail.write(
        template="public_confirm", dedupe_key=f"public_confirm:{notice.public_id}", to=notice.email,
        language=notice.language, about=notice.public_id, context={"token": token, "until": notice.expires_at},
    )  # fmt: skip


def link_again(guest: Guest) -> None:
    """A fresh private link. What a guest with an account by now needs is only its page."""
    mail.write_to(
        guest.user, template="public_link", dedupe_key=f"public_link:{new_id('ltr')}", about=guest.public_id,
        context={"guest": guest},
    )  # fmt: skip

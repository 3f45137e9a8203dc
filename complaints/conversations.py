"""Messages inside a case: each party writes with the platform alone, never with the other side, never by private mail.

A letter only says that there is something to read; the words themselves stand in the case, encrypted.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from accounts.models import Organisation, User
from complaints.errors import OwnCase
from complaints.models import Complaint, Message, MessageTemplate, StatementOfReasons
from complaints.representation import power_in_force
from core import clock, ledger, mail
from core.errors import Forbidden, Invalid, NotYours
from core.models import PrivateFile
from core.outbox import publish
from core.pace import keep_pace
from rulebook.macros import fill_places, unknown_places

LONGEST = 4_000
MOST_FILES = 10
#: so many messages of one person in an hour; whoever has more to say puts it into one
PACE = 30
#: what a template may name, and what stands there for the reader
PLACES = {
    "number": gettext_lazy("number of the case"),
    "right": gettext_lazy("name of the right"),
    "until": gettext_lazy("until when the present turn lasts"),
}


# --- who talks with the platform ------------------------------------------------------------------------


def parties(complaint: Complaint) -> list[Organisation]:
    """Who may write in a case: who complained, for whom an agency did, and each merchant who was told of a takedown."""
    told = StatementOfReasons.objects.filter(decision__complaint=complaint)
    merchants = Organisation.objects.filter(shops__in=told.values("shop")).distinct().order_by("pk")
    side = [complaint.organisation]
    if complaint.holder is not None and complaint.holder.memberships.exists():
        side.append(complaint.holder)
    return [*side, *[merchant for merchant in merchants if merchant not in side]]


def own_party(complaint: Complaint, user: User) -> Organisation:
    """Whose conversation somebody on the side of the complainant has: an agency and its rights holder have one each."""
    holder = complaint.holder
    is_of_holder = holder is not None and user.membership is not None and user.membership.organisation_id == holder.pk
    return holder if holder is not None and is_of_holder else complaint.organisation


def may_write(complaint: Complaint, party: Organisation, user: User) -> bool:
    """Reviewers who are no party of the case; of a party, whoever may complain or answer for it."""
    if user.is_staff:
        return roles.is_reviewer(user) and not complaint.has_party(user)
    if complaint.holder_id is not None and party.pk == complaint.organisation_id:
        return user.has_org_role(party.pk, roles.MAY_COMPLAIN) and power_in_force(complaint) is not None
    return user.has_org_role(party.pk, roles.MAY_COMPLAIN)


def conversation(complaint: Complaint, party: Organisation, *, user: User) -> QuerySet[Message]:
    """What one party and the platform wrote to each other in a case, in its order."""
    messages = Message.objects.visible_to(user).filter(complaint=complaint, party=party)
    return messages.select_related("author").prefetch_related("files").order_by("pk")


# --- writing and reading ----------------------------------------------------------------------------------


@transaction.atomic
def write(
    *, complaint: Complaint, party: Organisation, by: User, text: str, files: Sequence[PrivateFile] = ()
) -> Message:
    """Say something in a case; the other side finds it there, and a letter says so.

    Raises Forbidden, NotYours (no party of this case), Invalid, TooOften.
    """
    if party.pk not in {p.pk for p in parties(complaint)}:
        raise NotYours()
    if not may_write(complaint, party, by):
        raise OwnCase() if by.is_staff and complaint.has_party(by) else Forbidden()
    _check(text, files, by)
    keep_pace(what="message", who=by.public_id, most=PACE, seconds=3600)
    message = Message.objects.create(
        complaint=complaint, party=party, author=by, is_from_staff=by.is_staff, text=text.strip(),
        created_at=clock.now(),
    )  # fmt: skip
    message.files.set(files)
    # Who answers has read what was written before.
    read(complaint=complaint, party=party, by=by)
    ledger.record(
        kind="complaint.message",
        subject=complaint.public_id,
        actor=by,
        payload={"message": message.public_id, "party": party.public_id, "files": [f.sha256 for f in files]},
    )
    publish("message.written", message.public_id)
    return message


def _check(text: str, files: Sequence[PrivateFile], by: User) -> None:
    if not text.strip():
        raise Invalid(errors={"text": [_("Write what you want to say.")]})
    if len(text) > LONGEST:
        raise Invalid(errors={"text": [_("At most %(most)d characters. Send the rest as a file.") % {"most": LONGEST}]})
    if len(files) > MOST_FILES:
        raise Invalid(errors={"files": [_("At most %(most)d files in one message.") % {"most": MOST_FILES}]})
    mine = by.membership.organisation_id if by.membership and not by.is_staff else None
    if any(f.uploaded_by_id != by.pk and (mine is None or f.organisation_id != mine) for f in files):
        raise NotYours()


@transaction.atomic
def read(*, complaint: Complaint, party: Organisation, by: User) -> None:
    """One side opened the conversation: what the other wrote is read, the first time counts.

    A rights holder that looks into its agency's conversation is neither of the two.
    """
    if by.is_staff:
        is_a_side = may_write(complaint, party, by)
    else:
        is_a_side = by.membership is not None and by.membership.organisation_id == party.pk
    if not is_a_side:
        return
    unread = Message.objects.filter(complaint=complaint, party=party, first_read_at__isnull=True)
    read_now = unread.filter(is_from_staff=not by.is_staff).update(first_read_at=clock.now())
    if read_now and by.is_staff:
        ledger.record(
            kind="complaint.messages_read", subject=complaint.public_id, actor=by,
            payload={"party": party.public_id, "messages": read_now},
        )  # fmt: skip


def written(subject: str) -> None:
    """Tell the other side, without the words, that something was written."""
    message = Message.objects.select_related("complaint__assigned_to", "party", "author").get(public_id=subject)
    context = {"message": message, "complaint": message.complaint}
    for reader in _readers(message):
        mail.write_to(
            reader,
            template="message_written",
            dedupe_key=f"message:{message.public_id}",
            about=message.complaint.public_id,
            context=context | {"address": address(message, reader)},
        )


def _readers(message: Message) -> list[User]:
    """Of the platform who has the case, if anybody; of a party everybody who may answer."""
    if not message.is_from_staff:
        keeper = message.complaint.assigned_to
        return [keeper] if keeper and keeper.is_active else []
    return list(
        User.objects.filter(
            is_active=True, memberships__organisation=message.party, memberships__role__in=roles.MAY_COMPLAIN
        ).distinct()
    )


def address(message: Message, reader: User) -> str:
    """Path of the page on which this reader finds the conversation."""
    complaint = message.complaint
    if reader.is_staff:
        return reverse("admin:complaints_complaint_review", args=[complaint.public_id]) + "#conversation"
    if message.party_id in (complaint.organisation_id, complaint.holder_id):
        return reverse("complaints:detail", args=[complaint.public_id]) + "#conversation"
    statement = StatementOfReasons.objects.filter(decision__complaint=complaint, shop__operator=message.party).latest(
        "pk"
    )
    return reverse("complaints:notice", args=[statement.public_id]) + "#conversation"


# --- templates -----------------------------------------------------------------------------------------------


def faults_of_template(text: str) -> list[str]:
    """What is wrong with the places of a template: only those of `PLACES` may stand in it."""
    return unknown_places(text, PLACES)


def filled(template: MessageTemplate, complaint: Complaint) -> str:
    """The words of a template in the language in which the case was filed, its places filled in."""
    return fill(template.text_in(complaint.language), complaint)


def fill(text: str, complaint: Complaint) -> str:
    """Replace each known place. Nothing else of a text means anything: it is no program."""
    values = {
        "number": complaint.number,
        "right": complaint.filing.title,
        "until": timezone.localtime(complaint.deadline_at).strftime("%Y-%m-%d") if complaint.deadline_at else "–",
    }
    return fill_places(text, values)


def offered(complaint: Complaint) -> list[tuple[str, str]]:
    """Title and text of every template on offer, filled in for this case."""
    return [(t.title, filled(t, complaint)) for t in MessageTemplate.objects.filter(is_offered=True)]


@transaction.atomic
def save_template(*, template: MessageTemplate, by: User) -> MessageTemplate:
    """Keep a new or changed template. Raises Forbidden, Invalid by its field."""
    if not roles.is_senior(by):
        raise Forbidden(_("Templates are changed by senior reviewers."))
    errors = {name: faults_of_template(getattr(template, name)) for name in ("text_zh", "text_en")}
    if errors := {name: faults for name, faults in errors.items() if faults}:
        raise Invalid(errors=errors)
    template.changed_by, template.changed_at = by, clock.now()
    template.save()
    ledger.record(
        kind="message_template.changed",
        subject=template.public_id,
        actor=by,
        payload={"is_offered": template.is_offered},
    )
    return template


def for_case(complaint: Complaint, user: Any) -> list[dict[str, Any]]:
    """Staff: every conversation of a case with its party, in one query for the messages."""
    messages: dict[int, list[Message]] = {}
    found = Message.objects.visible_to(user).filter(complaint=complaint).select_related("author")
    for message in found.prefetch_related("files").order_by("pk"):
        messages.setdefault(message.party_id, []).append(message)
    # Whoever writes to one party for the platform writes to all.
    may = may_write(complaint, complaint.organisation, user)
    return [
        {
            "party": party,
            "is_complainant": party.pk == complaint.organisation_id,
            "is_holder": party.pk == complaint.holder_id,
            "messages": messages.get(party.pk, []),
            "unread": sum(not m.is_from_staff and m.first_read_at is None for m in messages.get(party.pk, [])),
            "may_write": may,
        }
        for party in parties(complaint)
    ]

"""Letters about appeals: to the appellant at each step, and to the other side of the case.

The other side of a takedown is the complainant. Of a dismissal the shop was never told, so it hears nothing unless the
dismissal is reversed: then it gets a statement of reasons, which it can appeal against in turn.
"""

from typing import Any

from accounts.models import Organisation, User
from accounts.selectors import contact
from complaints import letters as complaint_letters
from complaints.models import Complaint
from core import mail
from filings.agents import power_over
from filings.models import Filing
from governance.appealable import KINDS, contested_in, title_of
from governance.models import Appeal


def submitted(subject: str) -> None:
    """Acknowledge receipt, and tell the other side that the decision is looked at again."""
    appeal = _appeal(subject)
    _write(appeal, "appeal_submitted", readers_of(appeal))
    _to_other_side(appeal)


def returned(subject: str) -> None:
    appeal = _appeal(subject)
    _write(appeal, "appeal_returned", readers_of(appeal))


def decided(subject: str) -> None:
    """The outcome with its reasons. Source: DSA art. 20(5)."""
    appeal = _appeal(subject)
    _write(appeal, "appeal_decided", readers_of(appeal), decision=appeal.decisions.last())
    _to_other_side(appeal)


def moved(subject: str) -> None:
    """Any other step: withdrawn, settled, before a body outside, concluded by it."""
    appeal = _appeal(subject)
    decision = appeal.decisions.filter(of_body=True).last()
    _write(appeal, "appeal_moved", readers_of(appeal), decision=decision)
    _to_other_side(appeal)


def _appeal(subject: str) -> Appeal:
    return Appeal.objects.select_related("organisation", "filed_by", "beside").get(public_id=subject)


def readers_of(appeal: Appeal) -> list[User]:
    """Who filed it, or took it over; without either, everybody of the organisation who may file such an appeal.

    Of an agency's case those as well who are told of it: its rights holder's, or the agency's own.
    """
    author = contact(appeal.organisation_id, appeal.filed_by_id)
    who = KINDS[appeal.kind].who
    told = [author] if author else list(_people(appeal.organisation, who))
    if appeal.beside is not None:
        of_case = _readers_of_case(contested_in(appeal).case, appeal.beside, who)
        told += [person for person in of_case if person not in told]
    return told


def _readers_of_case(case: Any, beside: Organisation, who: Any) -> list[User]:
    if isinstance(case, Complaint):
        return complaint_letters.readers_of(case)
    # Of a right its agency is told as long as it acts for the holder.
    if isinstance(case, Filing) and beside.pk != case.organisation_id and power_over(beside.pk, case) is None:
        return []
    return list(_people(beside, who))


def _people(organisation: Organisation, roles: Any) -> Any:
    return User.objects.filter(
        is_active=True, memberships__organisation=organisation, memberships__role__in=roles
    ).distinct()


def _to_other_side(appeal: Appeal) -> None:
    case = contested_in(appeal).case
    if appeal.kind != "takedown" or not isinstance(case, Complaint):
        return
    _write(appeal, "appeal_of_other_side", complaint_letters.readers_of(case), complaint=case)


def _write(appeal: Appeal, template: str, readers: list[User], **context: Any) -> None:
    for reader in readers:
        mail.write_to(
            reader,
            template=template,
            # The moment belongs to the key: an appeal may be returned twice, and each time is a letter of its own.
            dedupe_key=f"{template}:{appeal.public_id}:{appeal.state}:{appeal.state_since_at.timestamp():.6f}",
            about=appeal.public_id,
            context={"appeal": appeal, "title": title_of(appeal), **context},
        )

"""Who has decided on links of complaints before: whoever looks at them anew is somebody else (DSA art. 20(4), (6))."""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from complaints.models import Complaint, CounterNotice, CounterNoticeTarget, Decision, Finding, Removal
from core.models import LedgerEntry


def deciders(rows: Collection[int]) -> frozenset[int]:
    """Everybody who decided on some links of complaints: at first, on appeal, on a merchant's answer, or on review."""
    decisions = Decision.objects.filter(findings__complaint_target__in=rows)
    removals = Removal.objects.filter(complaint__targets__in=rows)
    # That the decision stands on links that were answered for is no decision of its own: the ledger knows who said so.
    answers = CounterNotice.objects.filter(links__complaint_target__in=rows).values("public_id")
    said = LedgerEntry.objects.filter(kind="counter_notice.decide", subject__in=answers)
    people = User.objects.filter(public_id__in=said.values("actor"))
    found = [
        *decisions.values_list("decided_by", flat=True),
        *removals.values_list("reviewed_by", flat=True),
        *people.values_list("pk", flat=True),
    ]
    return frozenset(pk for pk in found if pk is not None)


def not_decided_by(user: User, looks: QuerySet, decision: str) -> QuerySet:
    """Of rows about decisions, those on whose links somebody has decided nothing, as `deciders` says of one.

    `decision` is the path from a row to its decision. Every condition asks about the links of one row, not about all that
    somebody ever decided.
    """
    said = LedgerEntry.objects.filter(
        kind="counter_notice.decide", actor=user.public_id, subject=OuterRef("counter_notice__public_id")
    )
    findings = Finding.objects.filter(decision=OuterRef(decision))
    answered = CounterNoticeTarget.objects.filter(complaint_target__findings__decision=OuterRef(decision))
    return looks.exclude(
        Exists(findings.filter(complaint_target__findings__decision__decided_by=user))
        | Exists(findings.filter(complaint_target__complaint__removal__reviewed_by=user))
        | Exists(answered.filter(Exists(said)))
    )


def barred(complaints: Sequence[Complaint]) -> dict[str, set[str]]:
    """By public id of each case, the public ids of those who said its last word before: who rejected it at the door.

    An appeal against that was right, so that somebody else looks at it now.
    """
    found: dict[str, set[str]] = {complaint.public_id: set() for complaint in complaints}
    rejected = LedgerEntry.objects.filter(kind="complaint.reject", subject__in=found).values_list("subject", "actor")
    for subject, actor in rejected:
        found[subject].add(actor)
    return found

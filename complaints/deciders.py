"""Who has decided on links of complaints before: whoever looks at them anew is somebody else (DSA art. 20(4), (6))."""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from complaints.models import Complaint, CounterNotice, Decision, Removal
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


def not_decided_by(user: User, rows: QuerySet, case: str) -> QuerySet:
    """Of some rows, those on whose case somebody has decided nothing, as `deciders` says of all links of one.

    `case` is the path from a row to its complaint. It is asked by case: the links of a case may be many, and the decisions,
    the removal and the answers about them are few.
    """
    of_case = {"complaint": OuterRef(case)}
    said = LedgerEntry.objects.filter(kind="counter_notice.decide", actor=user.public_id, subject=OuterRef("public_id"))
    return rows.exclude(
        Exists(Decision.objects.filter(**of_case, decided_by=user))
        | Exists(Removal.objects.filter(**of_case, reviewed_by=user))
        | Exists(CounterNotice.objects.filter(Exists(said), **of_case))
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

"""Patterns of those who want money: withdrawals for payment, and threats."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.models import Organisation
from complaints.abuse.patterns.parts import MOST_CASES, MOST_ROWS, Evidence, complaints_since, quarter, says
from complaints.abuse.patterns.words import MONEY, THREATS
from complaints.models import Complaint, Message, StaffNote

DAYS, WITHDRAWN, WITHDRAWN_RATIO = 90, 3, 0.3


def withdrawn_for_money(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """Whole complaints withdrawn after they had taken something down, often; or a withdrawal that names the money."""
    since = at - timedelta(days=DAYS)
    withdrawn = Complaint.objects.filter(
        organisation=organisation, state=Complaint.State.WITHDRAWN, upheld_before=True, state_since_at__gt=since
    )
    late = list(withdrawn.order_by("-pk").values_list("public_id", flat=True)[:MOST_ROWS])
    upheld = complaints_since(organisation, at, days=2 * DAYS).filter(upheld_before=True).count()
    often = len(late) >= WITHDRAWN and len(late) >= WITHDRAWN_RATIO * upheld
    paid = _cases_that_say(organisation, since, MONEY)
    if often or paid:
        yield Evidence(quarter(at), [*paid, *(case for case in late if often and case not in paid)][:MOST_CASES], {
            "withdrawn": len(late), "upheld": upheld, "paid": len(paid),
        })  # fmt: skip


def threats(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """A description, message or reason of a withdrawal that threatens, or offers to stop for money."""
    recent = complaints_since(organisation, at, days=DAYS).order_by("-pk")
    said = recent.values_list("public_id", "description")[:MOST_ROWS]
    cases = [case for case, text in said if says(text, THREATS)]
    # In its own complaints: as a merchant it quotes what others threatened it with.
    messages = Message.objects.filter(
        party=organisation, complaint__organisation=organisation, is_from_staff=False,
        created_at__gt=at - timedelta(days=DAYS),
    )  # fmt: skip
    written = messages.order_by("-pk").values_list("complaint__public_id", "text")[:MOST_ROWS]
    cases += [case for case, text in written if case not in cases and says(text, THREATS)]
    cases += [c for c in _cases_that_say(organisation, at - timedelta(days=DAYS), THREATS) if c not in cases]
    if cases:
        yield Evidence(quarter(at), cases[:MOST_CASES], {"n": len(cases)})


def _cases_that_say(organisation: Organisation, since: datetime, words: tuple[str, ...]) -> list[str]:
    """Cases in which the complainant wrote one of these words when it withdrew."""
    written = StaffNote.objects.filter(
        complaint__organisation=organisation, author__is_staff=False, created_at__gt=since
    )
    texts = written.order_by("-pk").values_list("complaint__public_id", "text")[:MOST_ROWS]
    return list(dict.fromkeys(case for case, text in texts if says(text, words)))

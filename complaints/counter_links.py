"""What becomes of the links of counter-notices: one place that settles them, and moves the cases on.

Everything here needs a transaction in which the complaints, and then the counter-notices, are locked. A link is held
down exactly while its outcome in the complaint is `upheld`; so whoever lets one go here does both.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from complaints import goodfaith
from complaints.counter_lifecycle import LIFECYCLE
from complaints.lifecycle import LIFECYCLE as COMPLAINTS
from complaints.models import (
    Complaint,
    ComplaintTarget,
    CounterNotice,
    CounterNoticeTarget,
    CourtOrder,
    Finding,
    Proceeding,
)
from core import clock
from core.lifecycle import lock
from core.outbox import publish
from marketplace import services as enforcement
from marketplace.services import HoldCause

State = CounterNotice.State
Outcome = CounterNoticeTarget.Outcome
Ground = CounterNoticeTarget.Ground
Held = ComplaintTarget.Outcome
INTERIM = CourtOrder.Kind.INTERIM
#: what a hold says about why it was released, by ground
_RELEASED = {
    Ground.NO_PROOF: gettext_noop("counter-notice: no proceeding was proved within the waiting period"),
    Ground.CONCEDED: gettext_noop("the complainant accepted the counter-notice"),
    Ground.NO_INFRINGEMENT: gettext_noop("the proceeding found no infringement"),
    Ground.PROCEEDING_OVER: gettext_noop("the proceeding ended without a finding"),
}
#: what it is to the complainant's score, by ground; that nobody went to court in time is none
_COUNTS = {Ground.CONCEDED: "withdrawn", Ground.NO_INFRINGEMENT: "reversed"}


def settle(links: Collection[CounterNoticeTarget], outcome: str, ground: str = "") -> None:
    """Write what became of some links."""
    at = clock.now()
    CounterNoticeTarget.objects.filter(pk__in=[link.pk for link in links]).update(
        outcome=outcome, ground=ground, settled_at=at
    )
    for link in links:
        link.outcome, link.ground, link.settled_at = outcome, ground, at


def kept_by_law(rows: Collection[int]) -> set[int]:
    """Which links of complaints a court's last order, or a pending proceeding that was proved in time, keeps down.

    No period lifts these: E-Commerce Law art. 43(2); 17 U.S.C. § 512(g)(2)(C).
    """
    answers = CounterNoticeTarget.objects.filter(complaint_target__in=rows)
    pending = answers.filter(proceedings__result=Proceeding.Result.PENDING, proceedings__is_late=False)
    return {pk for pk, keeps_down in last_orders(rows).items() if keeps_down} | set(
        pending.values_list("complaint_target_id", flat=True)
    )


def last_orders(rows: Collection[int]) -> dict[int, bool]:
    """Of links of complaints about which a court ordered something: whether the last order keeps them down.

    An interim injunction does so no longer once the proceeding in which it was given ended without an infringement.
    """
    orders = CourtOrder.objects.filter(targets__in=rows).order_by("pk")
    last = {
        row: (keeps_down, kind, (row, _named(forum, number)), on)
        for row, keeps_down, kind, forum, number, on in orders.values_list(
            "targets", "keeps_down", "kind", "forum", "case_number", "ordered_on"
        )
    }
    is_interim = {row for row, (keeps_down, kind, _case, _on) in last.items() if keeps_down and kind == INTERIM}
    ended = _ended_proceedings(is_interim) if is_interim else {}
    return {
        row: keeps_down and not (row in is_interim and case in ended and on <= ended[case])
        for row, (keeps_down, _kind, case, on) in last.items()
    }


def _ended_proceedings(rows: Collection[int]) -> dict[tuple[int, tuple[str, str]], date]:
    """When proceedings about these links ended without an infringement, by link, court and case number."""
    found = Proceeding.objects.filter(links__complaint_target__in=rows, is_late=False)
    found = found.exclude(result=Proceeding.Result.INFRINGEMENT)
    ended = found.order_by("pk").values_list("links__complaint_target", "forum", "case_number", "ended_on")
    return {(row, _named(forum, number)): on for row, forum, number, on in ended if on is not None}


def _named(forum: str, case_number: str) -> tuple[str, str]:
    return forum.strip().casefold(), case_number.strip().casefold()


def found_wrong(links: QuerySet[ComplaintTarget], *, since: str = "") -> QuerySet[ComplaintTarget]:
    """Those links that are held no more because they were found not to infringe: by a person, a proceeding or a judgment.

    What was conceded, or came back by time alone, is not among them. `since` names a field of the link: then only what
    was found at that moment or later counts.
    """
    findings = Finding.objects.filter(complaint_target=OuterRef("pk"), outcome=Held.DISMISSED)
    ends = CounterNoticeTarget.objects.filter(complaint_target=OuterRef("pk"), ground=Ground.NO_INFRINGEMENT)
    judgments = CourtOrder.objects.filter(targets=OuterRef("pk"), kind=CourtOrder.Kind.JUDGMENT, keeps_down=False)
    if since:
        findings = findings.filter(decision__decided_at__gte=OuterRef(since))
        ends = ends.filter(settled_at__gte=OuterRef(since))
        judgments = judgments.filter(recorded_at__gte=OuterRef(since))
    return links.filter(
        (Q(outcome=Held.DISMISSED) & Q(Exists(findings)))
        | (Q(outcome=Held.REINSTATED) & (Q(Exists(ends)) | Q(Exists(judgments))))
    )


def let_go(links: Sequence[CounterNoticeTarget], outcome: str, ground: str, *, actor: Any = None) -> None:
    """Release what the complaints of these links hold of them, once; what another cause holds stays down.

    The links are read with their targets, and their counter-notices with their complaints.
    """
    if not links:
        return
    settle(links, outcome, ground)
    ComplaintTarget.objects.filter(
        pk__in=[link.complaint_target_id for link in links], outcome=ComplaintTarget.Outcome.UPHELD
    ).update(outcome=ComplaintTarget.Outcome.REINSTATED)
    enforcement.release_for_each(
        held={(link.counter_notice.complaint.public_id, link.complaint_target.target_id) for link in links},
        reason=_RELEASED[Ground(ground)],
        actor=actor,
    )
    if counts := _COUNTS.get(Ground(ground)):
        goodfaith.count_lost(Counter(link.counter_notice.complaint for link in links), counts)


def hold_again(complaint: Complaint, rows: Sequence[ComplaintTarget], *, actor: Any) -> None:
    """Hold down what had been let go, or was never held: a court ordered it."""
    ComplaintTarget.objects.filter(pk__in=[row.pk for row in rows]).update(outcome=ComplaintTarget.Outcome.UPHELD)
    enforcement.place_holds(
        targets=[row.target for row in rows],
        cause=HoldCause(case=complaint.public_id, reason=complaint.number),
        actor=actor,
    )


def move_on(answer: CounterNotice) -> None:
    """Move a counter-notice on once none of its links waits, or none is open; then its complaint."""
    open_ones = set(answer.links.filter(outcome__in=CounterNoticeTarget.OPEN).values_list("outcome", flat=True))
    if answer.state in CounterNotice.OPEN and not open_ones:
        LIFECYCLE.fire(answer, "conclude", actor=None)
    elif open_ones == {Outcome.SUSTAINED} and LIFECYCLE.allows(answer, "settle", None):
        LIFECYCLE.fire(answer, "settle", actor=None)
    resume(answer.complaint)


def resume(complaint: Complaint) -> None:
    """A complaint goes on after its last open counter-notice."""
    if complaint.state == Complaint.State.COUNTERED and not complaint.counter_notices.still_open().exists():
        COMPLAINTS.fire(complaint, "resume", actor=None)


def resume_all(complaints: Sequence[Complaint]) -> None:
    """The same for many: which of them still wait is asked once."""
    waiting = CounterNotice.objects.still_open().filter(complaint__in=[c.pk for c in complaints])
    still = set(waiting.values_list("complaint_id", flat=True))
    over = {c.pk: c for c in complaints if c.pk not in still and c.state == Complaint.State.COUNTERED}
    COMPLAINTS.fire_all(list(over.values()), "resume", actor=None)


def end_with_complaint(
    *, complaint: Complaint, rows: Sequence[ComplaintTarget], outcome: str = Outcome.CONCEDED,
    ground: str = Ground.COMPLAINT_WITHDRAWN,
) -> None:  # fmt: skip
    """The complaint holds these links no more: withdrawn, or reversed. Nothing is left to answer for."""
    links = CounterNoticeTarget.objects.filter(
        outcome__in=CounterNoticeTarget.OPEN, complaint_target__in=[row.pk for row in rows]
    )
    by_answer: dict[int, list[CounterNoticeTarget]] = {}
    for link in links.order_by("pk"):
        by_answer.setdefault(link.counter_notice_id, []).append(link)
    for answer in CounterNotice.objects.filter(pk__in=by_answer).order_by("pk"):
        answer = lock(answer)
        answer.complaint = complaint
        settle(by_answer[answer.pk], outcome, ground)
        move_on(answer)
        publish("counter_notice.settled", answer.public_id)

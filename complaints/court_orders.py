"""What a court orders about links of a complaint, whether or not their merchants answered: staff record it, and it is
carried out at once, whatever any period says. An order of an authority or court needs no statement of reasons of the
platform (DSA art. 17(5)); both sides are told of it all the same (DSA art. 9(5)).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import roles
from accounts.models import User
from complaints import counter_links, goodfaith
from complaints.counter_lifecycle import LIFECYCLE as ANSWERS
from complaints.errors import OwnCase
from complaints.lifecycle import LIFECYCLE
from complaints.models import Complaint, ComplaintTarget, CounterNotice, CounterNoticeTarget, CourtOrder
from core import clock
from core.errors import Forbidden, Invalid
from core.lifecycle import lock
from core.outbox import publish
from marketplace import services as enforcement

Held = ComplaintTarget.Outcome
Outcome = CounterNoticeTarget.Outcome
Ground = CounterNoticeTarget.Ground


@dataclass(frozen=True)
class Ordered:
    """What a court ordered."""

    kind: str
    keeps_down: bool
    forum: str
    case_number: str
    ordered_on: date


@transaction.atomic
def record_order(
    *, complaint: Complaint, by: User, order: Ordered, rows: Sequence[ComplaintTarget] | None = None
) -> CourtOrder:
    """Carry out at once what a court ordered about some links of a complaint, or all: hold them down, or let them go.

    An interim injunction that keeps a link down keeps it until another order releases it, or the proceeding in which it
    was given (the same court and case number) ends without an infringement; a judgment keeps it for good. Meanwhile no
    answer, period or appeal lifts it, nor the end of another proceeding. For the complainant's score a judgment is the
    last word, an interim injunction none. Raises Forbidden, OwnCase, WrongState before the
    decision, Invalid.
    """
    complaint = lock(complaint)
    if not roles.is_reviewer(by):
        raise Forbidden()
    if complaint.has_party(by):
        raise OwnCase()
    _check(complaint, order)
    LIFECYCLE.check(complaint, "order", by)
    chosen = _chosen(complaint, rows, order)
    answers = _answers_to(chosen)
    # What a court ordered for the time being says nothing of who was right.
    words = goodfaith.words_on(chosen) if order.kind == CourtOrder.Kind.JUDGMENT else {}
    upheld = {pk for pk, said in words.items() if said[-1].is_upheld}
    made = CourtOrder.objects.create(
        complaint=complaint, kind=order.kind, keeps_down=order.keeps_down, forum=order.forum,
        case_number=order.case_number, ordered_on=order.ordered_on, recorded_by=by, recorded_at=clock.now(),
    )  # fmt: skip
    made.targets.set(chosen)
    made.links.set(answers)
    gone = [row for row in chosen if order.keeps_down and row.outcome in (Held.REINSTATED, Held.DISMISSED)]
    complaint.upheld_before = complaint.upheld_before or bool(gone)
    payload: dict[str, Any] = {"order": made.public_id, "kind": made.kind, "keeps_down": made.keeps_down}
    LIFECYCLE.fire(
        complaint,
        "order",
        actor=by,
        writes=["upheld_before"],
        payload=payload | {"targets": [row.target.public_id for row in chosen]},
    )
    if made.keeps_down:
        counter_links.hold_again(complaint, gone, actor=by)
        goodfaith.count_upheld_anew(complaint, {pk: said for pk, said in words.items() if pk not in upheld})
        settled = answers
    else:
        held = {row.pk for row in chosen if row.outcome == Held.UPHELD}
        _let_go(complaint, [row for row in chosen if row.pk in held], by)
        goodfaith.count_lost({complaint: len(held & upheld)}, "reversed")
        settled = [link for link in answers if link.complaint_target_id in held]
    _settle(made, settled)
    _move_on(complaint, answers, by, payload)
    publish("complaint.ordered", complaint.public_id)
    return made


def _let_go(complaint: Complaint, rows: Sequence[ComplaintTarget], by: User) -> None:
    ComplaintTarget.objects.filter(pk__in=[row.pk for row in rows]).update(outcome=Held.REINSTATED)
    enforcement.release_holds(
        cause=complaint.public_id,
        targets=[row.target for row in rows],
        reason=gettext_noop("a court ordered it"),
        actor=by,
    )


def _settle(order: CourtOrder, links: Sequence[CounterNoticeTarget]) -> None:
    """What it means for the answers: an interim injunction leaves those open that are, anything else settles them."""
    if not order.keeps_down:
        counter_links.settle(links, Outcome.RELEASED, Ground.ORDER)
        return
    is_interim = order.kind == CourtOrder.Kind.INTERIM
    stay_open = [link for link in links if is_interim and link.outcome in CounterNoticeTarget.OPEN]
    counter_links.settle([link for link in links if link not in stay_open], Outcome.KEPT, Ground.ORDER)
    counter_links.settle(stay_open, Outcome.SUSTAINED, Ground.ORDER)


def _move_on(complaint: Complaint, links: Sequence[CounterNoticeTarget], by: User, said: dict[str, Any]) -> None:
    """Each counter-notice that answers for one of these links keeps the order on record, and moves on."""
    named: dict[int, list[str]] = defaultdict(list)
    for link in links:
        named[link.counter_notice_id].append(link.complaint_target.target.public_id)
    for answer in CounterNotice.objects.filter(pk__in=named).order_by("pk"):
        answer = lock(answer)
        answer.complaint = complaint
        ANSWERS.fire(answer, "order", actor=by, payload=said | {"targets": named[answer.pk]})
        counter_links.move_on(answer)
        publish("counter_notice.settled", answer.public_id)


def _chosen(complaint: Complaint, rows: Sequence[ComplaintTarget] | None, order: Ordered) -> list[ComplaintTarget]:
    """The links that are meant, as they are now. Raises Invalid for what is none, and for what cannot be held."""
    every = list(complaint.targets.select_related("target").order_by("pk"))
    if rows is None:
        # Of a complaint as a whole: what was withdrawn from it is no part of it any more.
        chosen = [row for row in every if row.outcome != Held.WITHDRAWN or not order.keeps_down]
    else:
        wanted = {row.pk for row in rows}
        chosen = [row for row in every if row.pk in wanted]
        if len(chosen) < len(wanted):
            raise Invalid(errors={"links": [_("Choose among the links of this complaint.")]})
    if not chosen:
        raise Invalid(errors={"links": [_("Choose at least one link.")]})
    withdrawn = [row for row in chosen if row.outcome == Held.WITHDRAWN]
    if order.keeps_down and withdrawn:
        said = _("“%(target)s” was withdrawn: the complainant has to complain of it anew with the order.")
        raise Invalid(errors={"links": [said % {"target": str(row.target)[:60]} for row in withdrawn[:10]]})
    return chosen


def _answers_to(rows: Sequence[ComplaintTarget]) -> list[CounterNoticeTarget]:
    """The last answer for each of these links, where there is one."""
    links = CounterNoticeTarget.objects.filter(complaint_target__in=[row.pk for row in rows])
    last = {link.complaint_target_id: link for link in links.select_related("complaint_target__target").order_by("pk")}
    return list(last.values())


def _check(complaint: Complaint, order: Ordered) -> None:
    faults: dict[str, list[str]] = {}
    if order.kind not in CourtOrder.Kind.values:
        faults["kind"] = [_("Choose a judgment or an interim injunction.")]
    if not order.forum.strip():
        faults["forum"] = [_("Write the name of the court.")]
    if not order.case_number.strip():
        faults["case_number"] = [_("Write the number of the case.")]
    if order.ordered_on > clock.today():
        faults["ordered_on"] = [_("This day has not come yet.")]
    if order.keeps_down and complaint.state == Complaint.State.WITHDRAWN:
        faults["keeps_down"] = [_("The complaint was withdrawn: the complainant has to file it anew with the order.")]
    if faults:
        raise Invalid(errors=faults)

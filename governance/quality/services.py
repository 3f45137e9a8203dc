"""Drawing decisions for a second look, looking at them blind, and talking about those that differ.

Which decisions are drawn anybody can repeat: those whose SHA-256 of `second-look/1:<public id of the decision>` begins below the
share. The id is made with the decision, so that nobody knows before deciding. A second look changes nothing of the case: what
burdens a party is reversed on appeal, with a hearing; here the platform learns how alike its people decide.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from accounts.models import User
from complaints.assigning import reviewers
from complaints.deciders import not_decided_by
from complaints.hidden import ask_anew
from complaints.models import Complaint, Decision, Finding, Message
from complaints.rules import fitting, rules_at
from core import clock, ledger
from core.errors import Forbidden, Invalid, WrongState
from core.lifecycle import lock
from core.models import LedgerEntry
from governance.models import SecondLook

State = SecondLook.State
#: names the rule of the draw: what was drawn under it can be drawn again
ALGORITHM = "second-look/1"
#: so far back is looked for decisions that were not drawn yet, as after a time without a worker
DRAWN_OVER = timedelta(days=7)
#: who comes tomorrow, or is locked out for an hour, may still look
WAITS_FOR_SOMEBODY = timedelta(days=1)
#: a case is hidden no longer than this from whoever may look at it, whether or not somebody does
WAITS_AT_MOST = timedelta(days=14)
LONGEST = 5000
#: entry of who does not look, because they asked to see how it was decided
WAIVED = "second_look.waived"
#: entries of who read or answered what a party wrote
TOOK_CARE = ("complaint.messages_read", "complaint.message")


class SomebodyElseLooks(Forbidden):
    code = "somebody_else_looks"
    message = gettext_lazy("Whoever decided this case, or belongs to a party of it, does not look at it again.")


def is_drawn(public_id: str, share: float) -> bool:
    """Whether the lot falls on a decision. `share` is of one, such as 0.05."""
    digest = hashlib.sha256(f"{ALGORITHM}:{public_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def draw_second_looks() -> int:
    """Draw among the first decisions that people made lately; a second time it draws nothing anew. Returns how many."""
    recent = Decision.objects.filter(
        decided_at__gte=clock.now() - DRAWN_OVER, on_appeal="", is_automated=False, decided_by__isnull=False,
        # What a holder takes down by itself is reviewed in any case.
        decided_by__is_staff=True, second_look=None,
    )  # fmt: skip
    drawn = [d for d in recent.only("public_id").order_by("pk") if is_drawn(d.public_id, settings.SECOND_LOOK_RATIO)]
    return sum(_drawn(decision) for decision in drawn)


def _drawn(decision: Decision) -> bool:
    try:
        with transaction.atomic():
            look = SecondLook.objects.create(decision=decision, drawn_at=clock.now())
            ledger.record(
                kind="second_look.drawn", subject=look.public_id, actor=None,
                payload={"decision": decision.public_id, "algorithm": ALGORITHM, "share": settings.SECOND_LOOK_RATIO},
            )  # fmt: skip
    except IntegrityError:
        # Drawn at the same moment by another worker.
        return False
    return True


def may_look(look: SecondLook, user: Any) -> bool:
    """A reviewer who decided nothing on it, belongs to no party, and has not asked to see how it was decided."""
    return looks_for(user, SecondLook.objects.filter(pk=look.pk)).exists()


def looks_for(user: Any, looks: QuerySet[SecondLook]) -> QuerySet[SecondLook]:
    """Of some looks, those that somebody may make, in one statement: lists leave out what is hidden by them."""
    if not roles.is_reviewer(user):
        return looks.none()
    waived = LedgerEntry.objects.filter(kind=WAIVED, subject=OuterRef("public_id"), actor=user.public_id)
    # Whoever took care of a message of a party had the case in front of them.
    wrote = LedgerEntry.objects.filter(
        kind__in=TOOK_CARE, subject=OuterRef("decision__complaint__public_id"), actor=user.public_id,
        at__gte=OuterRef("drawn_at"),
    )  # fmt: skip
    looks = not_decided_by(user, looks, "decision__complaint").exclude(Exists(waived)).exclude(Exists(wrote))
    if user.memberships.exists():
        looks = looks.filter(decision__complaint__in=Complaint.objects.of_others(user))
    return looks


def _hiding() -> QuerySet[SecondLook]:
    """Looks by which a case is hidden from whoever may make them.

    What is due to a party goes before the measurement: a case in which a party wrote and nobody of the platform has read it is
    open to everybody, so that the message lies on the desk of everybody who could answer it.
    """
    unread = Message.objects.unread_by_staff().filter(complaint=OuterRef("decision__complaint"))
    return SecondLook.objects.waiting().exclude(Exists(unread))


def hidden_by_looks(user: Any) -> Iterable[int]:
    """The cases of which somebody must not know yet how they were decided, because they may look at them again."""
    return looks_for(user, _hiding()).values_list("decision__complaint", flat=True)


def look_instead(complaint: Complaint, user: User) -> str:
    """Where whoever may look at a case again goes instead of its page, which says how it was decided."""
    look = looks_for(user, _hiding().filter(decision__complaint=complaint)).first()
    return "" if look is None else reverse("admin:governance_secondlook_review", args=[look.public_id])


@transaction.atomic
def waive(*, look: SecondLook, by: User) -> None:
    """Leave a second look to others and see how the case was decided, as who works on it has to. Raises Forbidden, WrongState."""
    look = lock(look)
    if look.state != State.OPEN:
        raise WrongState()
    if not may_look(look, by):
        raise SomebodyElseLooks()
    ledger.record(kind=WAIVED, subject=look.public_id, actor=by)
    ask_anew(by)


def end_second_looks() -> int:
    """End what nobody made in time, and what nobody may make any more: all left it to others, decided on the case since, or went.

    They count as not made, and the case is open to everybody. Returns how many.
    """
    waiting = SecondLook.objects.waiting()
    left = set(waiting.filter(drawn_at__lte=clock.now() - WAITS_FOR_SOMEBODY).values_list("pk", flat=True))
    in_time = waiting.filter(drawn_at__gt=clock.now() - WAITS_AT_MOST)
    for person in reviewers().distinct().order_by("pk"):
        if not left:
            break
        left -= set(looks_for(person, in_time.filter(pk__in=left)).values_list("pk", flat=True))
    return sum(_not_made(pk) for pk in sorted(left))


def _is_over(look: SecondLook) -> bool:
    if look.drawn_at <= clock.now() - WAITS_AT_MOST:
        return True
    return not any(may_look(look, person) for person in reviewers().distinct().order_by("pk"))


def _not_made(pk: int) -> bool:
    with transaction.atomic():
        look = lock(SecondLook(pk=pk))
        # Somebody made it meanwhile, or came who may.
        if look.state != State.OPEN or not _is_over(look):
            return False
        look.state = State.NOT_MADE
        look.save(update_fields=["state"])
        ledger.record(kind="second_look.not_made", subject=look.public_id, payload={"to": look.state})
    return True


@transaction.atomic
def look_again(*, look: SecondLook, by: User, rules: Mapping[str, str], reasons: str) -> SecondLook:
    """Decide every link of a decision again, by a rule for each; says afterwards whether the two agree.

    `rules` has the code of a rule by public id of each link. Raises SomebodyElseLooks, WrongState, Invalid.
    """
    look = lock(look)
    if not may_look(look, by):
        raise SomebodyElseLooks()
    if look.state != State.OPEN:
        raise WrongState()
    complaint = look.decision.complaint
    known = rules_at(complaint)
    rows = list(Finding.objects.filter(decision=look.decision).select_related("complaint_target__target"))
    found: dict[str, list[Any]] = {}
    errors: dict[str, list[str]] = {}
    for row in rows:
        link = row.complaint_target
        fits = {r.code: r for r in fitting(known, right=complaint.filing.kind, kinds=[link.target.kind])}
        if (code := rules.get(link.public_id, "")) in fits:
            found[link.public_id] = [fits[code].upholds, code]
        else:
            errors[f"rule-{link.public_id}"] = [_("Choose a rule for each link.")]
    if not reasons.strip():
        errors["reasons"] = [_("Write what you found: it is talked about if the two differ.")]
    if errors:
        raise Invalid(errors=errors)
    look.findings, look.reasons, look.looked_by, look.looked_at = found, reasons[:LONGEST].strip(), by, clock.now()
    look.differing = sum(found[row.complaint_target.public_id][0] != (row.outcome == "upheld") for row in rows)
    look.state = State.DIFFERS if look.differing else State.AGREES
    look.save()
    ledger.record(
        kind="second_look.made", subject=look.public_id, actor=by,
        payload={"to": look.state, "links": len(rows), "differing": look.differing},
    )  # fmt: skip
    ask_anew(by)
    return look


@transaction.atomic
def conclude(*, look: SecondLook, by: User, conclusion: str, note: str) -> SecondLook:
    """What came of talking about two decisions that differ; a senior writes it down. Raises Forbidden, WrongState, Invalid."""
    look = lock(look)
    if not roles.is_senior(by) or by.pk in (look.decision.decided_by_id, look.looked_by_id):
        raise Forbidden(_("A senior reviewer who made neither of the two writes down what came of it."))
    if look.state != State.DIFFERS:
        raise WrongState()
    if conclusion not in SecondLook.Conclusion.values:
        raise Invalid(_("Choose which of the two is right, or that both can be justified."), field="conclusion")
    if not note.strip():
        raise Invalid(_("Write what others can learn from it."), field="note")
    look.state, look.conclusion, look.note = State.DISCUSSED, conclusion, note[:LONGEST].strip()
    look.discussed_by, look.discussed_at = by, clock.now()
    look.save()
    ledger.record(
        kind="second_look.concluded", subject=look.public_id, actor=by, payload={"conclusion": conclusion}
    )  # fmt: skip
    return look

"""What tests of counter-notices do again and again."""

from datetime import timedelta
from typing import Any

from complaints import counter_notices, services
from complaints.counter_notices import Answer, Proof
from complaints.court_orders import Ordered
from complaints.models import Complaint, CounterNotice, StatementOfReasons
from complaints.tasks import pass_counter_deadlines
from core import clock
from core.models import Letter
from core.tasks import drain_outbox, send_due_mail
from marketplace.models import Hold, Target
from tests.complaints.helpers import found
from tests.factories import ListingFactory, a_file, complaint, merchant_of, staff

WORDS = "We bought these shoes from the holder's own distributor; the invoice is attached."


def told(*targets: Target, by: Any = None, reviewer: Any = None, **fields: Any) -> Complaint:
    """A complaint upheld on every target (default: one listing), of which the parties have been told."""
    reviewer = reviewer or staff()
    case = complaint(*(targets or (ListingFactory(),)), by=by, **fields)
    services.accept(complaint=case, by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case))
    clock_says_told(case)
    return case


def clock_says_told(case: Complaint) -> None:
    """The parties of an upheld complaint are told: nobody waits for the marketplace."""
    from marketplace.models import Enforcement

    Enforcement.objects.update(due_at=None, confirmed="down")
    services.notify_if_settled(complaint=case)
    case.refresh_from_db()
    assert case.state == "notified"


def statement_of(case: Complaint) -> StatementOfReasons:
    return StatementOfReasons.objects.filter(decision__complaint=case).order_by("pk").first()


def an_answer(by: Any, **fields: Any) -> Answer:
    """A complete answer under every regime."""
    given = {
        "statement": WORDS, "signature": "Mei Merchant", "good_faith": True, "evidence": [a_file(by)],
        "name": "Bargain Shoes Ltd", "address": "1 Market Street, Springfield", "phone": "+1 217 555 0188",
        "jurisdiction": True,
    }  # fmt: skip
    return Answer(**given | fields)


def answered(case: Complaint, *, by: Any = None, **fields: Any) -> CounterNotice:
    """A counter-notice to the first statement of a case, for all of its links."""
    statement = statement_of(case)
    by = by or merchant_of(statement.shop)
    return counter_notices.submit_counter_notice(statement=statement, answer=an_answer(by, **fields), by=by)


def forwarded(case: Complaint, *, reviewer: Any = None, **fields: Any) -> CounterNotice:
    return counter_notices.forward(counter_notice=answered(case, **fields), by=reviewer or staff())


def waiting(case: Complaint, **fields: Any) -> CounterNotice:
    """A counter-notice whose letter the complainant's mail server took: the waiting period runs."""
    made = forwarded(case, **fields)
    deliver_letters()
    pass_counter_deadlines()
    made.refresh_from_db()
    assert made.state == "waiting"
    return made


def deliver_letters() -> None:
    while drain_outbox() or send_due_mail():
        pass


def a_proof(by: Any, **fields: Any) -> Proof:
    given = {
        "kind": "lawsuit", "forum": "Hangzhou Internet Court", "case_number": "(2026) Zhe 0192 Min Chu 77",
        "filed_on": clock.today() - timedelta(days=1), "file": a_file(by),
    }  # fmt: skip
    return Proof(**given | fields)


def an_order(*, keeps_down: bool = True, kind: str = "judgment") -> Ordered:
    return Ordered(kind, keeps_down, "Hangzhou Internet Court", "(2026) Zhe 0192 Min Chu 9", clock.today())


def held(case: Complaint) -> set[int]:
    """Targets that this complaint holds down now."""
    return set(Hold.objects.active().filter(cause=case.public_id).values_list("target_id", flat=True))


def letters(template: str) -> list[Letter]:
    return list(Letter.objects.filter(template=template).order_by("pk"))

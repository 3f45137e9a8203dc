"""Every step of a counter-notice that its table forbids is tried, by every kind of actor, from every state: nothing changes."""

from datetime import timedelta

import pytest

from accounts.roles import OrgRole, StaffRole
from complaints import counter_clock, counter_notices
from complaints.counter_lifecycle import LIFECYCLE
from complaints.counter_notices import Anew
from complaints.models import Complaint, ComplaintTarget, CounterNotice, CounterNoticeTarget, CourtOrder, Proceeding
from complaints.tasks import pass_counter_deadlines
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry, OutboxMessage
from marketplace.models import Enforcement, Hold
from tests.complaints.counter import a_proof, an_order, answered, told, waiting
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, member, merchant_of, staff

pytestmark = pytest.mark.django_db
S = CounterNotice.State

OF_STAFF = {"forward", "take_up", "return", "decide", "end_proceeding", "order"}
OF_THE_CLOCK = {
    "pass_on", "lapse", "deliver", "move_deadline", "put_back", "put_back_rest", "settle", "conclude",
}  # fmt: skip
#: who acts, made for a case; and which steps are theirs
ACTORS = {
    "merchant": (lambda made: made.filed_by, {"supplement", "withdraw"}),
    "reader of the merchant": (lambda made: merchant_of(made.statement.shop, role=OrgRole.READER), set()),
    "complainant": (lambda made: made.complaint.filed_by, {"deliver", "prove", "concede"}),
    "reader of the complainant": (lambda made: member(made.complaint.organisation, role=OrgRole.READER), set()),
    "stranger": (lambda made: member(), set()),
    "reviewer": (lambda made: staff(), OF_STAFF),
    "auditor": (lambda made: staff(StaffRole.AUDITOR), set()),
    "clock": (lambda made: None, OF_THE_CLOCK),
}
#: what the law of these cases does not know: Chinese law has time decide, European law a person
UNKNOWN = {"cn": {"take_up", "pass_on"}, "eu": {"forward", "pass_on"}}

SERVICES = {
    "forward": lambda made, by: counter_notices.forward(counter_notice=made, by=by),
    "take_up": lambda made, by: counter_notices.take_up(counter_notice=made, by=by),
    "return": lambda made, by: counter_notices.return_for_supplement(counter_notice=made, by=by, missing="It."),
    "supplement": lambda made, by: counter_notices.supplement(counter_notice=made, by=by, text="Here."),
    "withdraw": lambda made, by: counter_notices.withdraw(counter_notice=made, by=by),
    "prove": lambda made, by: counter_notices.prove(counter_notice=made, by=by, proof=a_proof(made.complaint.filed_by)),
    "concede": lambda made, by: counter_notices.concede(counter_notice=made, by=by),
    "decide": lambda made, by: counter_notices.decide_anew(
        counter_notice=made, by=by, findings=[Anew(link, True, "So it is.") for link in made.links.all()]
    ),
    "order": lambda made, by: counter_notices.record_order(counter_notice=made, by=by, order=an_order()),
}


def answer_in(state, holder, regime="cn"):
    """A counter-notice that came to this state on the shortest way."""
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime=regime))
    case = told(ListingFactory(shop=shop), by=holder)
    if state in (S.WAITING, S.IN_PROCEEDINGS, S.CONCLUDED):
        made = waiting(case)
        if state == S.IN_PROCEEDINGS:
            counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
        elif state == S.CONCLUDED:
            counter_notices.concede(counter_notice=made, by=holder)
    else:
        made = answered(case)
        steps = {
            S.RETURNED: ["return"], S.FORWARDED: ["forward"], S.IN_REVIEW: ["take_up"], S.WITHDRAWN: ["withdraw"],
            S.LAPSED: ["return"],
        }.get(state, [])  # fmt: skip
        for step in steps:
            SERVICES[step](made, made.filed_by if step == "withdraw" else staff())
        if state == S.LAPSED:
            made.refresh_from_db()
            CounterNotice.objects.update(deadline_at=clock.now())
            pass_counter_deadlines()
    made.refresh_from_db()
    assert made.state == state
    return made


def everything():
    """All that a step could have changed."""
    tables = (
        Complaint, ComplaintTarget, CounterNotice, CounterNoticeTarget, Proceeding, CourtOrder, Hold, Enforcement,
        LedgerEntry, OutboxMessage,
    )  # fmt: skip
    return [list(table.objects.order_by("pk").values()) for table in tables]


def law_of(state):
    return "eu" if state == S.IN_REVIEW else "cn"


def test_the_steps_of_each_actor_are_all_steps_of_the_table():
    assert set().union(*(steps for _make, steps in ACTORS.values())) == {t.name for t in LIFECYCLE.transitions}


@pytest.mark.parametrize(
    ("state", "regime"), [*((s, law_of(s)) for s in sorted(LIFECYCLE.states)), (S.SUBMITTED, "eu")]
)
def test_a_step_is_taken_exactly_where_the_table_allows_it(state, regime, stopped, market, holder):
    made = answer_in(state, holder, regime)
    people = {actor: make(made) for actor, (make, _steps) in ACTORS.items()}
    before = everything()
    for transition in LIFECYCLE.transitions:
        name = transition.name
        for actor, (_make, steps) in ACTORS.items():
            by = people[actor]
            allowed = state in transition.source and name in steps and name not in UNKNOWN[regime]
            assert LIFECYCLE.allows(made, name, by) is allowed, (actor, name, state)
            if allowed:
                continue
            # What has reached the complainant by being read is answered at once; and proof that comes too late is kept.
            is_kept = actor == "complainant" and (name == "prove" or state == S.FORWARDED)
            by_service = name in SERVICES and by and not is_kept
            step = SERVICES[name] if by_service else lambda made, by, name=name: LIFECYCLE.check(made, name, by)
            with pytest.raises(DomainError):
                step(made, by)
            assert everything() == before, (actor, name, state)


@pytest.mark.parametrize("state", sorted(LIFECYCLE.states))
def test_the_clock_moves_an_answer_only_after_its_deadline(state, stopped, market, holder):
    made = answer_in(state, holder, law_of(state))
    if made.deadline_at is not None:
        stopped.set(made.deadline_at - timedelta(microseconds=1))
    before = everything()
    assert counter_clock.pass_deadline(made) is False
    assert everything() == before

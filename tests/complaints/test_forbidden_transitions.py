"""Every step that the table forbids is tried, by every kind of actor, from every state: nothing changes."""

from datetime import timedelta
from itertools import product

import pytest

from accounts.roles import OrgRole, StaffRole
from complaints import court_orders, services
from complaints.lifecycle import LIFECYCLE, OPEN
from complaints.models import Complaint, ComplaintTarget, Privilege
from core import clock
from core.errors import DomainError
from core.models import LedgerEntry, OutboxMessage
from marketplace.models import Enforcement, Hold
from tests.complaints.counter import an_order, answered
from tests.complaints.helpers import found
from tests.factories import member, merchant_of, staff

pytestmark = pytest.mark.django_db
S = Complaint.State

OF_STAFF = {"accept", "return", "reject", "uphold", "dismiss", "readmit", "decide_anew", "order"}
#: who acts, made for a case; and which steps are theirs
ACTORS = {
    "complainant": (lambda case: case.filed_by, {"supplement", "withdraw"}),
    "colleague": (lambda case: member(case.organisation, role=OrgRole.COMPLAINANT), {"supplement", "withdraw"}),
    "privileged holder": (lambda case: privileged(case), {"supplement", "withdraw", "remove"}),
    "reader": (lambda case: member(case.organisation, role=OrgRole.READER), set()),
    "stranger": (lambda case: member(), set()),
    "merchant": (lambda case: merchant_of(case.targets.first().target.shop), set()),
    "reviewer": (lambda case: staff(), OF_STAFF),
    "senior": (lambda case: staff(StaffRole.SENIOR_REVIEWER), OF_STAFF),
    "administrator": (lambda case: staff(StaffRole.ADMINISTRATOR), OF_STAFF),
    "auditor": (lambda case: staff(StaffRole.AUDITOR), set()),
    "dismissed reviewer": (lambda case: staff(is_active=False), set()),
    "holder whom an agency represents": (lambda case: represented(case), {"supplement", "withdraw", "adopt"}),
    "clock": (lambda case: None, {"lapse", "notify", "close", "counter", "resume", "reopen"}),
}

SERVICES = {
    "accept": lambda case, by: services.accept(complaint=case, by=by),
    "return": lambda case, by: services.return_for_supplement(complaint=case, by=by, missing="The order."),
    "reject": lambda case, by: services.reject(complaint=case, by=by, reason="No."),
    "supplement": lambda case, by: services.supplement(complaint=case, by=by, text="Here."),
    "uphold": lambda case, by: services.decide(complaint=case, by=by, findings=found(case)),
    "dismiss": lambda case, by: services.decide(
        complaint=case, by=by, findings=found(case, dismissed=[t.target for t in case.targets.all()])
    ),
    "withdraw": lambda case, by: services.withdraw(complaint=case, by=by),
    "order": lambda case, by: court_orders.record_order(complaint=case, by=by, order=an_order()),
}


def privileged(case):
    """A colleague who passed the test of self-service, in an organisation that has the privilege."""
    by = member(case.organisation, role=OrgRole.COMPLAINANT)
    privilege, _new = Privilege.objects.get_or_create(
        organisation=case.organisation, defaults={"number": "PV-2026-1", "asked_by": by, "state": "active"}
    )
    privilege.attempts.create(by=by, correct=8, questions=8, has_passed=True)
    return by


def represented(case):
    """Somebody of a rights holder for whom, it turns out, the case was made."""
    by = member()
    Complaint.objects.filter(pk=case.pk).update(holder=by.organisation)
    case.refresh_from_db()
    return by


def case_in(state, submitted, holder, reviewer):
    """A complaint that came to this state on the shortest way, with nobody working on it."""
    case = submitted
    if state in (S.RETURNED, S.REJECTED):
        SERVICES["return" if state == S.RETURNED else "reject"](case, reviewer)
    elif state == S.WITHDRAWN:
        SERVICES["withdraw"](case, holder)
    elif state != S.SUBMITTED:
        SERVICES["accept"](case, reviewer)
        if state != S.ACCEPTED:
            SERVICES["dismiss" if state == S.DISMISSED else "uphold"](case, reviewer)
        for _ in range({S.NOTIFIED: 1, S.COUNTERED: 1, S.CLOSED: 2}.get(state, 0)):
            Complaint.objects.update(deadline_at=clock.now())
            services.pass_deadline(complaint=case)
        if state == S.COUNTERED:
            answered(case)
    Complaint.objects.update(assigned_to=None)
    case.refresh_from_db()
    assert case.state == state
    return case


def everything():
    """All that a step could have changed."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Complaint, ComplaintTarget, Hold, Enforcement, LedgerEntry, OutboxMessage)
    ]


def test_the_steps_of_each_actor_are_all_steps_of_the_table():
    assert set().union(*(steps for _make, steps in ACTORS.values())) == {t.name for t in LIFECYCLE.transitions}


@pytest.mark.parametrize(
    ("state", "name"), list(product(sorted(LIFECYCLE.states), [t.name for t in LIFECYCLE.transitions]))
)
def test_a_step_is_taken_exactly_where_the_table_allows_it(state, name, submitted, holder, reviewer):
    case = case_in(state, submitted, holder, reviewer)
    transition = LIFECYCLE[name]
    for actor, (make, steps) in ACTORS.items():
        by = make(case)
        allowed = state in transition.source and name in steps
        if (state, name) == (S.DISMISSED, "withdraw"):
            allowed = False
        assert LIFECYCLE.allows(case, name, by) is allowed, (actor, name, state)
        if allowed:
            continue
        before = everything()
        # Where there is no service for it, or nobody to call it, the table itself is asked.
        step = SERVICES[name] if name in SERVICES and by else lambda case, by: LIFECYCLE.check(case, name, by)
        with pytest.raises(DomainError):
            step(case, by)
        assert everything() == before, (actor, name, state)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_step_that_is_allowed_leads_where_the_table_says(name, submitted, holder, reviewer):
    transition = LIFECYCLE[name]
    case = case_in(min(transition.source), submitted, holder, reviewer)
    SERVICES[name](case, holder if name in ACTORS["complainant"][1] else reviewer)
    case.refresh_from_db()
    assert case.state == transition.leads_to(min(transition.source))
    assert LedgerEntry.objects.filter(subject=case.public_id).last().kind == f"complaint.{name}"
    assert (case.deadline_at is None) == (case.state not in OPEN)


@pytest.mark.parametrize("state", sorted(LIFECYCLE.states))
def test_the_clock_moves_a_case_only_after_its_deadline(state, submitted, holder, reviewer, stopped):
    case = case_in(state, submitted, holder, reviewer)
    if case.deadline_at is not None:
        stopped.set(case.deadline_at - timedelta(microseconds=1))
    before = everything()
    assert services.pass_deadline(complaint=case) is False
    assert everything() == before

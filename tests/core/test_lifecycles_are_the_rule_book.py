"""A case moves along the arrows of its table and no other way; a lost race changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.lifecycle import LIFECYCLE as ORGANISATION
from accounts.models import Organisation
from complaints.lifecycle import LIFECYCLE as COMPLAINT
from core import clock
from core.errors import Forbidden, NotYours, WrongState
from core.lifecycle import STAYS, Lifecycle, Transition, lock, the_clock
from core.models import LedgerEntry
from filings.lifecycle import LIFECYCLE as FILING
from tests.factories import FilingFactory, OrganisationFactory, UserFactory, complaint

pytestmark = pytest.mark.django_db
TABLES = {"organisation": ORGANISATION, "filing": FILING, "complaint": COMPLAINT}
MADE = {"organisation": OrganisationFactory, "filing": FilingFactory, "complaint": complaint}
FORBIDDEN = [
    (table, state, transition.name)
    for table, lifecycle in TABLES.items()
    for transition in lifecycle.transitions
    for state in sorted(map(str, lifecycle.states - transition.source))
]


def whatever(case, actor) -> bool:
    return True


@pytest.mark.parametrize(("table", "state", "name"), FORBIDDEN)
def test_what_the_table_forbids_is_refused_even_to_who_may_do_everything(table, state, name):
    lifecycle = TABLES[table]
    transitions = tuple(replace(t, who=whatever, needs=()) for t in lifecycle.transitions)
    allowing = replace(lifecycle, transitions=transitions)
    case = MADE[table]()
    type(case)._base_manager.filter(pk=case.pk).update(state=state)
    case.refresh_from_db()
    entries = LedgerEntry.objects.count()
    assert name not in [t.name for t in allowing.available(case, None)]
    with pytest.raises(WrongState), transaction.atomic():
        allowing.fire(lock(case), name, actor=None)
    case.refresh_from_db()
    assert case.state == state
    assert LedgerEntry.objects.count() == entries


@pytest.mark.parametrize("table", TABLES)
def test_every_state_is_reached_and_explained(table):
    lifecycle = TABLES[table]
    reached, new = set(), {lifecycle.initial}
    while new:
        reached |= new
        new = {t.target for t in lifecycle.transitions if t.source & reached and t.target != STAYS} - reached
    assert reached == lifecycle.states
    assert lifecycle.states <= set(lifecycle.turns)
    assert len({t.name for t in lifecycle.transitions}) == len(lifecycle.transitions)
    assert lifecycle.as_mermaid().count("-->") == 1 + sum(len(t.source) for t in lifecycle.transitions)


# --- how a step is taken: on organisations, under a small table of the test's own ----------------------


def missing(case) -> str | None:
    return None if case.address else "The address is missing."


def in_a_week(case):
    return clock.now() + timedelta(days=7)


SMALL = Lifecycle(
    subject="small",
    initial="unverified",
    transitions=(
        Transition(
            "send", "Send", frozenset({"unverified"}), "submitted", who=lambda case, actor: actor is not None,
            needs=(missing,), deadline=in_a_week,
        ),
        Transition("expire", "Expire", frozenset({"submitted"}), "rejected", who=the_clock),
    ),
)  # fmt: skip


def fire(case, name, **kwargs) -> None:
    with transaction.atomic():
        SMALL.fire(lock(case), name, **kwargs)


@pytest.fixture
def case(stopped):
    return OrganisationFactory(state="unverified", address="1 Road")


def test_a_step_changes_state_and_deadline_and_leaves_one_entry(case, stopped):
    actor = UserFactory()
    stopped.advance(days=1)
    fire(case, "send", actor=actor, payload={"why": "complete"})
    case.refresh_from_db()
    assert (case.state, case.state_since_at) == ("submitted", clock.now())
    assert case.deadline_at == clock.now() + timedelta(days=7)
    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.subject, entry.actor) == ("small.send", case.public_id, actor.public_id)
    assert entry.payload == {"from": "unverified", "to": "submitted", "why": "complete"}


def test_fields_that_change_with_the_step_are_written_with_it(case):
    with transaction.atomic():
        locked = lock(case)
        locked.review_note, locked.name = "mended", "not to be saved"
        SMALL.fire(locked, "send", actor=UserFactory(), writes=["review_note"])
    case.refresh_from_db()
    assert case.review_note == "mended"
    assert case.name != "not to be saved"


def test_what_is_missing_is_said(case):
    Organisation.objects.update(address="")
    with pytest.raises(WrongState, match="address is missing"):
        fire(case, "send", actor=UserFactory())


def test_who_may_not_is_refused(case):
    with pytest.raises(Forbidden):
        fire(case, "send", actor=None)
    fire(case, "send", actor=UserFactory())
    with pytest.raises(Forbidden):
        fire(case, "expire", actor=UserFactory())
    assert SMALL.allows(lock_free(case), "expire", None)


def lock_free(case):
    case.refresh_from_db()
    return case


def test_the_second_of_two_who_read_the_same_state_is_refused(case):
    mine, yours = (Organisation.objects.get(pk=case.pk) for _ in range(2))
    with transaction.atomic():
        SMALL.fire(mine, "send", actor=UserFactory())
    with pytest.raises(WrongState), transaction.atomic():
        SMALL.fire(yours, "send", actor=UserFactory())
    assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_step_needs_a_transaction(case):
    with pytest.raises(RuntimeError, match="transaction"):
        SMALL.fire(case, "send", actor=UserFactory())


def test_an_unknown_step_is_an_error_of_the_program(case):
    with pytest.raises(KeyError):
        fire(case, "fly", actor=None)


def test_a_case_that_is_gone_looks_like_one_that_never_was():
    """A draft that was discarded in another tab, and is sent now."""
    case = FilingFactory()
    gone = type(case)(pk=case.pk)
    case.delete()
    with pytest.raises(NotYours), transaction.atomic():
        lock(gone)

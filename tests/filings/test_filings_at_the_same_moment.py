"""Whoever comes second at the very same moment changes nothing and is told so."""

from functools import partial
from threading import Barrier

import pytest

from core.errors import DomainError
from core.models import LedgerEntry, Letter
from filings import services
from filings.models import Filing, FilingConflict
from tests.at_once import at_once
from tests.factories import member, staff
from tests.filings.build import a_draft, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts):
    """What each act answers, all begun at once: "done", or the status of its refusal."""

    def told(act):
        try:
            act()
        except DomainError as refused:
            return refused.status
        return "done"

    return at_once(*[partial(told, act) for act in acts])


def test_of_many_reviewers_at_once_one_decides():
    filing = submitted()
    reviewers = [staff() for _ in range(6)]
    acts = [lambda who=who: services.approve(filing=filing, by=who, version=filing.version) for who in reviewers[:3]]
    acts += [lambda who=who: services.reject(filing=filing, by=who, reason="x") for who in reviewers[3:]]
    answers = together(*acts)
    assert sorted(map(str, answers)) == ["409"] * 5 + ["done"]
    decided = LedgerEntry.objects.filter(subject=filing.public_id, kind__in=["filing.approve", "filing.reject"])
    assert decided.count() == 1
    assert Letter.objects.filter(about=filing.public_id).count() == 1


def test_of_many_saves_on_one_version_one_is_kept():
    by = member()
    draft = services.create_draft(kind="trademark", by=by)
    acts = [lambda n=n: services.update_draft(filing=draft, by=by, version=1, title=f"TITLE {n}") for n in range(5)]
    assert sorted(map(str, together(*acts))) == ["409"] * 4 + ["done"]
    draft.refresh_from_db()
    assert draft.version == 2


def test_a_double_click_begins_one_draft():
    by = member()
    assert set(together(*[lambda: services.create_draft(kind="trademark", by=by)] * 4)) == {"done"}
    assert Filing.objects.count() == 1


def test_two_organisations_with_one_number_at_once_are_in_conflict_and_neither_is_approved():
    drafts = [a_draft(registration_number="12345678") for _ in range(2)]
    answers = together(*[lambda d=d: services.submit_filing(filing=d, by=d.created_by) for d in drafts])
    assert answers == ["done", "done"]
    reviewers = [staff(), staff()]
    approvals = [
        lambda d=d, who=who: services.approve(filing=d, by=who) for d, who in zip(drafts, reviewers, strict=True)
    ]
    assert together(*approvals) == [409, 409]
    assert FilingConflict.objects.open().count() == 1
    assert not Filing.objects.in_force().exists()


@pytest.mark.postgresql
def test_rivals_that_are_approved_or_handed_in_at_the_same_moment_do_not_wait_for_each_other(monkeypatch):
    """Each has locked its own filing when it begins to write about the other's."""
    waiting, approving, early = (a_draft(registration_number="12345678") for _ in range(3))
    for draft in (waiting, approving):
        services.submit_filing(filing=draft, by=draft.created_by)
    FilingConflict.objects.all().delete()
    look, all_have_locked = services._open_conflicts, Barrier(3)

    def looks(filing):
        all_have_locked.wait(timeout=10)
        look(filing)

    monkeypatch.setattr(services, "_open_conflicts", looks)
    reviewers = [staff(), staff()]
    answers = together(
        lambda: services.approve(filing=waiting, by=reviewers[0]),
        lambda: services.approve(filing=approving, by=reviewers[1]),
        lambda: services.submit_filing(filing=early, by=early.created_by),
    )
    assert answers == [409, 409, "done"]
    assert FilingConflict.objects.open().count() == 3

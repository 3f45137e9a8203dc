"""A number that two organisations file is settled by staff; it never passes silently."""

import pytest

from accounts.models import Membership
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter
from filings import services
from filings.errors import OwnFiling
from filings.models import Filing, FilingConflict
from tests.factories import FilingFactory, member, staff
from tests.filings.build import a_draft, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]
State = Filing.State


@pytest.fixture
def approved():
    return FilingFactory(registration_number="12345678", number_key="trademark:CN:12345678")


@pytest.fixture
def later(approved):
    return submitted(registration_number="第 1234 5678 号")


def test_a_second_organisation_opens_a_conflict_and_waits(approved, later):
    conflict = FilingConflict.objects.get()
    assert (conflict.filing, conflict.other) == (later, approved)
    with pytest.raises(WrongState, match="Settle the conflict"):
        services.approve(filing=later, by=staff())
    later.refresh_from_db()
    assert later.state == State.SUBMITTED
    assert Filing.objects.in_force().get() == approved
    assert LedgerEntry.objects.filter(kind="filing.conflict_opened").count() == 2


@pytest.mark.parametrize("state", ["draft", "rejected", "revoked", "withdrawn"])
def test_what_claims_nothing_is_in_nobodys_way(approved, state):
    Filing.objects.filter(pk=approved.pk).update(state=state)
    assert services.approve(filing=submitted(registration_number="12345678"), by=staff()).state == State.APPROVED


def test_one_that_expired_still_claims_its_number(approved):
    Filing.objects.filter(pk=approved.pk).update(state=State.EXPIRED)
    submitted(registration_number="12345678")
    assert FilingConflict.objects.open().count() == 1


def test_two_that_were_submitted_at_the_same_moment_are_found_at_the_latest_when_one_is_approved(approved, later):
    FilingConflict.objects.all().delete()
    with pytest.raises(WrongState):
        services.approve(filing=later, by=staff())
    assert FilingConflict.objects.open().count() == 1


def test_settled_for_the_earlier_the_later_is_rejected(approved, later):
    conflict = FilingConflict.objects.get()
    services.settle_conflict(conflict=conflict, by=staff(), note="The register names the first.", in_favour_of=approved)
    later.refresh_from_db()
    approved.refresh_from_db()
    assert (later.state, approved.state) == (State.REJECTED, State.APPROVED)
    assert "register names" in Letter.objects.get(template="filing_rejected").body


@pytest.mark.parametrize("state", [State.APPROVED, State.EXPIRING, State.EXPIRED])
def test_settled_for_the_later_the_earlier_is_revoked_and_the_later_can_be_approved(approved, later, state):
    Filing.objects.filter(pk=approved.pk).update(state=state)
    conflict = FilingConflict.objects.get()
    services.settle_conflict(conflict=conflict, by=staff(), note="Assigned in 2025.", in_favour_of=later)
    approved.refresh_from_db()
    assert approved.state == State.REVOKED
    assert services.approve(filing=later, by=staff()).state == State.APPROVED


def test_settled_for_both_both_may_stand(approved, later):
    services.settle_conflict(conflict=FilingConflict.objects.get(), by=staff(), note="They own it together.")
    assert services.approve(filing=later, by=staff()).state == State.APPROVED
    assert Filing.objects.in_force().count() == 2


def test_a_conflict_is_settled_once_with_reasons_by_somebody_who_is_no_party(approved, later):
    conflict, reviewer = FilingConflict.objects.get(), staff()
    with pytest.raises(Invalid):
        services.settle_conflict(conflict=conflict, by=reviewer, note=" ")
    with pytest.raises(Invalid):
        services.settle_conflict(conflict=conflict, by=reviewer, note="x", in_favour_of=FilingFactory())
    with pytest.raises(Forbidden):
        services.settle_conflict(conflict=conflict, by=member(), note="x")
    party = staff()
    Membership.objects.create(user=party, organisation=approved.organisation, role="reader")
    with pytest.raises(OwnFiling):
        services.settle_conflict(conflict=conflict, by=party, note="x")
    services.settle_conflict(conflict=conflict, by=reviewer, note="x")
    with pytest.raises(WrongState):
        services.settle_conflict(conflict=conflict, by=staff(), note="y")
    assert LedgerEntry.objects.filter(kind="filing.conflict_settled").count() == 2


def test_what_was_settled_for_one_number_does_not_cover_another(approved, later):
    services.settle_conflict(conflict=FilingConflict.objects.get(), by=staff(), note="Both.")
    services.return_for_supplement(filing=later, by=staff(), missing="The right number.")
    Filing.objects.filter(pk=approved.pk).update(registration_number="87654321", number_key="trademark:CN:87654321")
    later.refresh_from_db()
    by = later.created_by
    services.update_draft(filing=later, by=by, version=later.version, registration_number="87654321")
    services.submit_filing(filing=later, by=by)
    assert FilingConflict.objects.open().count() == 1


def test_three_organisations_settle_pair_by_pair(approved, later):
    third = submitted(registration_number="12345678")
    assert FilingConflict.objects.open().touching(third).count() == 2
    draft = a_draft(registration_number="12345678")
    assert not FilingConflict.objects.touching(draft).exists()

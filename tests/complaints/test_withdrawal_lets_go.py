"""A complaint, or some of its links, is withdrawn at any time; what only it held down goes up again."""

import pytest

from complaints import services
from complaints.lifecycle import LIFECYCLE
from core.errors import Forbidden, WrongState
from core.models import LedgerEntry
from marketplace.models import Hold
from marketplace.tasks import reconcile_due
from tests.complaints.helpers import found
from tests.factories import complaint, member

pytestmark = pytest.mark.django_db


def test_withdrawn_complaint_holds_nothing_and_its_listings_come_back(upheld, holder, listings, market):
    reconcile_due()
    assert {market.shows(listing) for listing in listings} == {"down"}
    services.withdraw(complaint=upheld, by=holder, reason="The seller showed the invoice.")
    reconcile_due()
    upheld.refresh_from_db()
    assert (upheld.state, upheld.deadline_at) == ("withdrawn", None)
    assert not Hold.objects.active().exists()
    assert {market.shows(listing) for listing in listings} == {"up"}
    assert upheld.notes.get().text == "The seller showed the invoice."
    entry = LedgerEntry.objects.get(kind="complaint.withdraw")
    assert entry.payload["has_reason"] is True
    assert "invoice" not in str(entry.payload)


def test_some_links_are_withdrawn_and_the_case_goes_on(upheld, holder, listings):
    chosen = upheld.targets.filter(target=listings[0])
    services.withdraw(complaint=upheld, by=holder, targets=chosen)
    upheld.refresh_from_db()
    assert upheld.state == "upheld"
    assert {h.target for h in Hold.objects.active()} == set(listings[1:])
    entry = LedgerEntry.objects.get(kind="complaint.links_withdrawn")
    assert entry.payload["targets"] == [listings[0].public_id]


def test_last_link_withdrawn_withdraws_the_complaint(upheld, holder):
    for row in upheld.targets.order_by("pk"):
        services.withdraw(complaint=upheld, by=holder, targets=[row])
    upheld.refresh_from_db()
    assert upheld.state == "withdrawn"


def test_case_goes_on_when_its_other_links_were_dismissed(accepted, holder, reviewer, listings):
    services.decide(complaint=accepted, by=reviewer, findings=found(accepted, dismissed=listings[1:]))
    services.withdraw(complaint=accepted, by=holder, targets=accepted.targets.filter(target=listings[0]))
    accepted.refresh_from_db()
    assert accepted.state == "withdrawn"
    assert sorted(accepted.targets.values_list("outcome", flat=True)) == ["dismissed", "dismissed", "withdrawn"]


def test_what_others_hold_too_stays_down(upheld, holder, reviewer, listings, market):
    other = services.accept(complaint=complaint(listings[0]), by=reviewer)
    services.decide(complaint=other, by=reviewer, findings=found(other))
    services.withdraw(complaint=upheld, by=holder)
    reconcile_due()
    assert [market.shows(listing) for listing in listings] == ["down", "up", "up"]


def test_closed_complaint_may_still_be_withdrawn(upheld, holder, stopped):
    for _step in ("notify", "close"):
        stopped.set(upheld.deadline_at)
        services.pass_deadline(complaint=upheld)
        upheld.refresh_from_db()
    assert upheld.state == "closed"
    services.withdraw(complaint=upheld, by=holder)
    assert not Hold.objects.active().exists()


def test_dismissed_complaint_has_nothing_to_withdraw_and_no_button_for_it(accepted, holder, reviewer, listings):
    services.decide(complaint=accepted, by=reviewer, findings=found(accepted, dismissed=listings))
    accepted.refresh_from_db()
    assert "withdraw" not in [t.name for t in LIFECYCLE.available(accepted, holder)]
    with pytest.raises(WrongState) as refused:
        services.withdraw(complaint=accepted, by=holder)
    assert "nothing to withdraw" in str(refused.value)


def test_withdrawn_twice_is_stale(submitted, holder):
    row = submitted.targets.first()
    services.withdraw(complaint=submitted, by=holder, targets=[row])
    with pytest.raises(WrongState):
        services.withdraw(complaint=submitted, by=holder, targets=[row])
    services.withdraw(complaint=submitted, by=holder)
    with pytest.raises(WrongState):
        services.withdraw(complaint=submitted, by=holder)


def test_links_of_another_complaint_are_not_withdrawn_here(submitted, holder):
    other = complaint()
    with pytest.raises(WrongState):
        services.withdraw(complaint=submitted, by=holder, targets=list(other.targets.all()))
    assert set(other.targets.values_list("outcome", flat=True)) == {"pending"}


def test_only_who_complained_withdraws(upheld, merchant, reviewer):
    for person in (merchant, reviewer, member(), member(upheld.organisation, role="reader")):
        with pytest.raises(Forbidden):
            services.withdraw(complaint=upheld, by=person)
    assert Hold.objects.active().count() == 3

"""An original whose holder has signed for it complains of sure copies by itself, once, and of nothing else."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from accounts.models import Membership, Organisation
from complaints import automatic
from complaints.models import Complaint
from core.errors import WrongState
from core.models import LedgerEntry, OutboxMessage
from core.outbox import deliver
from filings.models import GenuineSeller
from imageguard import seeing, services, watching
from imageguard.models import Match
from tests.factories import OrganisationFactory, member
from tests.imageguard.conftest import empty_indexes  # noqa: F401  used by every test
from tests.imageguard.helpers import a_listing, a_merchant, a_picture, an_edit, certified, looked_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant():
    return a_merchant(language="en")


@pytest.fixture
def original(merchant):
    return services.change_original(
        original=certified(by=merchant), by=merchant, complains_automatically=True, signature="Li Lei", good_faith=True
    )


def a_copy(**fields):
    (match,) = looked_at(a_listing(), an_edit(a_picture(), "banner"))
    Match.objects.filter(pk=match.pk).update(**fields)
    match.refresh_from_db()
    return match


def delivered():
    """The outbox hands on what was confirmed."""
    ours = OutboxMessage.objects.filter(event="match.confirmed", consumer="complaints.automatic.match_confirmed")
    return [deliver(message) for message in ours]


def test_copies_that_wait_together_become_one_complaint_in_the_name_of_who_signed(original, merchant):
    first, second = a_copy(), a_copy()
    assert delivered() == [True, True]
    assert automatic.complain_of_copies() == 1
    complaint = Complaint.objects.get()
    assert (complaint.filed_by, complaint.signature) == (merchant, "Li Lei")
    assert {t.target_id for t in complaint.targets.all()} == {first.target_id, second.target_id}
    assert complaint.evidence.count() == 2
    assert {m.state for m in Match.objects.all()} == {"complained"}
    entry = LedgerEntry.objects.get(kind="complaint.submit")
    assert entry.payload["is_automated"] is True
    assert sorted(entry.payload["matches"]) == sorted([first.public_id, second.public_id])
    assert {e.actor for e in LedgerEntry.objects.filter(kind="match.complain")} == {"system"}


def test_the_timeline_says_that_nobody_sent_it_by_hand(original, merchant, sign_in):
    a_copy()
    automatic.complain_of_copies()
    page = sign_in(merchant).get(f"/complaints/{Complaint.objects.get().public_id}/").content.decode()
    assert "Sent by itself, as was signed for this image." in page


def test_delivered_and_run_twice_it_is_one_complaint(original):
    a_copy()
    for _ in range(2):
        delivered()
        automatic.complain_of_copies()
    assert Complaint.objects.count() == 1


def test_an_original_whose_holder_did_not_sign_complains_of_nothing(merchant):
    certified(by=merchant)
    match = a_copy()
    assert automatic.complain_of_copies() == 0
    match.refresh_from_db()
    assert (match.state, match.note) == ("confirmed", "")


def test_what_a_reviewer_had_to_confirm_is_left_to_the_holder(original):
    a_copy(tier=Match.Tier.REVIEW)
    assert automatic.complain_of_copies() == 0


def test_what_was_found_before_somebody_signed_is_left_to_the_holder(merchant):
    original = certified(by=merchant)
    a_copy()
    services.change_original(
        original=original, by=merchant, complains_automatically=True, signature="Li Lei", good_faith=True
    )
    assert automatic.complain_of_copies() == 0


def test_a_genuine_seller_is_left_out_with_a_note_and_the_others_are_complained_of(original):
    genuine, thief, other = a_copy(), a_copy(), a_copy()
    GenuineSeller.objects.create(filing=original.filing, shop=genuine.target.shop)
    assert automatic.complain_of_copies() >= 1
    states = {m.pk: m.state for m in Match.objects.all()}
    assert states == {genuine.pk: "confirmed", thief.pk: "complained", other.pk: "complained"}
    genuine.refresh_from_db()
    assert "genuine seller" in genuine.note
    assert automatic.complain_of_copies() == 0


def test_a_shop_that_was_allowed_seconds_before_is_not_complained_of(original, merchant):
    allowed, thief = a_copy(), a_copy()
    services.grant_licence(original=original, by=merchant, shop_link=allowed.target.seller.url)
    assert automatic.complain_of_copies() == 1
    assert {t.target_id for t in Complaint.objects.get().targets.all()} == {thief.target_id}
    allowed.refresh_from_db()
    assert (allowed.state, allowed.note) == ("confirmed", ""), "word of the licence is still to be delivered"
    with pytest.raises(WrongState):
        watching.complained(matches=[allowed], by=merchant, complaint="cmp_x")


def test_who_signed_and_left_complains_no_more(original, merchant):
    member(merchant.organisation)
    Membership.objects.filter(user=merchant).delete()
    match = a_copy()
    assert automatic.complain_of_copies() == 0
    match.refresh_from_db()
    assert match.state == "confirmed"
    assert match.note.startswith("No complaint was sent by itself")
    assert automatic.complain_of_copies() == 0


def test_it_is_sent_for_the_holder_wherever_who_signed_acts_now(original, merchant):
    other = OrganisationFactory(kind=Organisation.Kind.RIGHTS_HOLDER)
    Membership.objects.create(user=merchant, organisation=other, role="admin")
    merchant.current_organisation = other
    merchant.save(update_fields=["current_organisation"])
    a_copy()
    assert automatic.complain_of_copies() == 1
    assert Complaint.objects.get().organisation == original.organisation


def test_something_that_breaks_leaves_a_note_and_is_not_tried_for_ever(original, monkeypatch):
    match = a_copy()

    def broken(*args, **kwargs):
        raise RuntimeError("a bug")

    monkeypatch.setattr("complaints.automatic.services.submit_complaint", broken)
    assert automatic.complain_of_copies() == 0
    match.refresh_from_db()
    assert "RuntimeError" in match.note
    monkeypatch.undo()
    assert automatic.complain_of_copies() == 0


def test_a_copy_that_is_gone_meanwhile_is_not_complained_of(original):
    match = a_copy()
    target = match.target
    target.images = []
    target.save(update_fields=["images"])
    seeing.see_target(target.public_id)
    assert automatic.complain_of_copies() == 0


def test_a_sweep_that_runs_out_of_time_leaves_what_waits_to_the_next(original, monkeypatch):
    match = a_copy()

    def slow(*args, **kwargs):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("complaints.matched.keep_sheets", slow)
    with pytest.raises(SoftTimeLimitExceeded):
        automatic.complain_of_copies()
    match.refresh_from_db()
    assert (match.state, match.note) == ("confirmed", "")
    monkeypatch.undo()
    assert automatic.complain_of_copies() == 1


def test_what_the_holder_lets_be_while_the_comparisons_are_drawn_is_not_complained_of(original, merchant, monkeypatch):
    kept, let_be = a_copy(), a_copy()

    def meanwhile(*args, **kwargs):
        watching.tolerate(match=let_be, by=merchant)
        return {}

    monkeypatch.setattr("complaints.matched.keep_sheets", meanwhile)
    automatic.complain_of_copies()
    assert [t.target_id for t in Complaint.objects.get().targets.all()] == [kept.target_id]

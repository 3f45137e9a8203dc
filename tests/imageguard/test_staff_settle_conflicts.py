"""Staff settle who published a picture first: both sides beside each other, one form, by deadline; and revoke, and retry."""

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import StaffRole
from core import clock
from core.fetch import Refused
from core.models import LedgerEntry
from imageguard import services
from imageguard.models import Conflict, IntakeItem, Original, SeenImage
from tests.factories import MarketplaceFactory, staff
from tests.imageguard.helpers import (
    a_merchant,
    a_picture,
    an_edit,
    certified,
    checked,
    drawn,
    registered,
    told,
    watch,
)

pytestmark = pytest.mark.django_db
State = Original.State
QUEUE = reverse("admin:imageguard_conflict_changelist")


def at(conflict):
    return reverse("admin:imageguard_conflict_settle", args=[conflict.public_id])


def detail(original):
    return reverse("admin:imageguard_original_detail", args=[original.public_id])


@pytest.fixture
def conflict():
    certified()
    return checked(registered(an_edit(a_picture(), "banner"))).conflicts.get()


@pytest.fixture
def with_listing(web, stopped):
    """A conflict with a listing that another seller showed a day before."""
    url = web.put("https://mall.example/1.jpg", an_edit(a_picture(), "crop"))
    told(MarketplaceFactory(slug="mall"), images=[url])
    watch()
    stopped.advance(days=1)
    return checked(registered()).conflicts.get()


@pytest.fixture
def reviewer(sign_in):
    return sign_in(staff())


def test_both_sides_stand_beside_each_other_with_what_was_done_to_the_picture(reviewer, conflict):
    drawn()
    page = reviewer.get(at(conflict)).content.decode()
    assert conflict.rival.number in page
    assert conflict.original.number in page
    assert page.count("<img") >= 4
    assert conflict.edits
    for view in ("side-by-side", "overlay"):
        assert reviewer.get(f"/originals/conflicts/{conflict.public_id}/{view}.jpg").status_code == 200


def test_the_picture_of_an_earlier_listing_is_kept_for_staff(reviewer, with_listing):
    conflict = with_listing
    assert "no copy of this picture yet" in reviewer.get(at(conflict)).content.decode()
    watch()
    conflict.refresh_from_db()
    assert conflict.rival_image.file is not None
    assert conflict.edits
    page = reviewer.get(at(conflict)).content.decode()
    assert "no copy of this picture yet" not in page
    assert conflict.rival_target.title in page


def test_where_the_earlier_picture_is_gone_the_page_says_that_there_is_no_comparison(reviewer, with_listing, web):
    conflict = with_listing
    web.put(conflict.rival_image.url, Refused("404"))
    watch()
    page = reviewer.get(at(conflict)).content.decode()
    assert "no longer served it" in page
    assert "There are no pictures of the comparison" in page
    assert "reload in a minute" not in page


def test_both_stand_where_the_one_was_used_with_the_others_leave(reviewer, conflict):
    answer = reviewer.post(at(conflict), {"step": "both", "note": "Bought of the first."})
    assert answer.status_code == 302
    for side in (conflict.original, conflict.rival):
        side.refresh_from_db()
        assert side.state == State.CERTIFIED
    assert "both stand" in reviewer.get(at(conflict)).content.decode()


def test_the_original_stands_and_the_certificate_that_this_contradicts_is_revoked_with_a_public_reason(
    reviewer, conflict, client
):
    page = reviewer.get(at(conflict)).content.decode()
    assert f"The certificate {conflict.rival.number} is revoked by this." in page
    said = {"step": "stands", "note": "They show the raw file.", "public_reason": "It was taken from a catalogue."}
    silent = reviewer.post(at(conflict), said | {"public_reason": " "})
    assert silent.status_code == 422
    conflict.rival.refresh_from_db()
    assert conflict.rival.state == State.CERTIFIED
    answer = reviewer.post(at(conflict), said, follow=True)
    assert f"The certificate {conflict.rival.number} is revoked." in answer.content.decode()
    for side in (conflict.original, conflict.rival):
        side.refresh_from_db()
    assert (conflict.original.state, conflict.rival.state) == (State.CERTIFIED, State.REVOKED)
    shown = client.get(f"/verify/{conflict.rival.number}/").content.decode()
    assert "This certificate was revoked" in shown
    assert "It was taken from a catalogue." in shown
    assert not conflict.rival.filing.is_in_force()


def test_an_earlier_one_that_has_no_certificate_yet_falls_as_well(conflict):
    first, later = conflict.rival, conflict.original
    Original.objects.filter(pk=first.pk).update(state=State.CHECKED)
    services.settle_conflict(conflict=conflict, by=staff(), is_upheld=True, note="The later one has the raw file.")
    checked(first)
    assert (first.state, first.refusal) == (State.REFUSED, Original.Refusal.CONFLICT)
    assert Original.objects.get(pk=later.pk).is_certified


def test_who_lost_one_conflict_has_none_left_in_the_queue(reviewer, conflict):
    other = certified(a_picture(3, "jar"))
    Conflict.objects.create(original=conflict.original, rival=other, score=0.6)
    reviewer.post(at(conflict), {"step": "falls", "note": "The other was first."})
    assert list(reviewer.get(QUEUE).context["cl"].result_list) == []


def test_somebody_else_was_first_and_it_is_refused(reviewer, conflict):
    reviewer.post(at(conflict), {"step": "falls", "note": "The other shows the raw file."})
    conflict.original.refresh_from_db()
    assert (conflict.original.state, conflict.original.refusal) == (State.REFUSED, Original.Refusal.CONFLICT)
    assert "The other shows the raw file." in reviewer.get(at(conflict)).content.decode()


@pytest.mark.parametrize(
    ("form", "said"),
    [({"note": "x"}, "Say who was first."), ({"step": "stands", "note": "  "}, "Say why"), ({}, "Say who was first.")],
)
def test_what_is_missing_is_said_and_nothing_changes(reviewer, conflict, form, said):
    answer = reviewer.post(at(conflict), form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    conflict.original.refresh_from_db()
    assert conflict.original.state == State.IN_CONFLICT


def test_settled_twice_is_a_conflict_of_its_own(reviewer, conflict):
    reviewer.post(at(conflict), {"step": "both", "note": "a"})
    late = reviewer.post(at(conflict), {"step": "falls", "note": "b"})
    assert late.status_code == 409
    conflict.original.refresh_from_db()
    assert conflict.original.state == State.CERTIFIED


def test_who_belongs_to_a_side_reads_and_does_not_settle(sign_in, conflict):
    for organisation in (conflict.original.organisation, conflict.rival.organisation):
        person = staff()
        Membership.objects.create(user=person, organisation=organisation, role="reader")
        client = sign_in(person)
        assert 'name="step"' not in client.get(at(conflict)).content.decode()
        assert client.post(at(conflict), {"step": "stands", "note": "x"}).status_code == 403


def test_auditors_look_and_do_not_settle(sign_in, conflict):
    drawn()
    auditor = sign_in(staff(StaffRole.AUDITOR))
    assert 'name="step"' not in auditor.get(at(conflict)).content.decode()
    assert auditor.get(f"/originals/conflicts/{conflict.public_id}/overlay.jpg").status_code == 200
    assert auditor.post(at(conflict), {"step": "stands", "note": "x"}).status_code == 403
    assert auditor.get(detail(conflict.original)).status_code == 200


def test_the_queue_is_by_deadline_and_marks_what_is_late(reviewer, conflict, django_assert_max_num_queries):
    assert list(reviewer.get(QUEUE).context["cl"].result_list) == [conflict]
    Original.objects.filter(pk=conflict.original_id).update(deadline_at=clock.now())
    with django_assert_max_num_queries(25):
        page = reviewer.get(QUEUE).content.decode()
    assert ", late" in page
    Conflict.objects.update(settled_at=clock.now(), is_upheld=True)
    assert list(reviewer.get(QUEUE).context["cl"].result_list) == []
    assert list(reviewer.get(QUEUE, {"desk": "settled"}).context["cl"].result_list) == [conflict]


# --- originals -----------------------------------------------------------------------------------------


def revoke(original, step, note="It was taken from a catalogue."):
    original.refresh_from_db()
    return {"step": step, "note": note, "since": original.state_since_at.isoformat()}


def test_a_certificate_is_revoked_in_two_steps_with_a_public_reason(reviewer):
    original = certified()
    first = reviewer.post(detail(original), revoke(original, "preview"))
    assert first.status_code == 200
    assert "It cannot be undone" in first.content.decode()
    original.refresh_from_db()
    assert original.state == State.CERTIFIED
    assert reviewer.post(detail(original), revoke(original, "revoke")).status_code == 302
    original.refresh_from_db()
    assert (original.state, original.public_reason) == (State.REVOKED, "It was taken from a catalogue.")


def test_revoking_needs_a_reason_a_page_that_is_true_and_somebody_who_may(reviewer, sign_in):
    by = a_merchant()
    original = certified(by=by)
    assert reviewer.post(detail(original), revoke(original, "revoke", note=" ")).status_code == 422
    stale = revoke(original, "revoke") | {"since": "2020-01-01T00:00:00+00:00"}
    assert reviewer.post(detail(original), stale).status_code == 409
    assert sign_in(staff(StaffRole.AUDITOR)).post(detail(original), revoke(original, "revoke")).status_code == 403
    member = staff()
    Membership.objects.create(user=member, organisation=by.organisation, role="reader")
    assert sign_in(member).post(detail(original), revoke(original, "revoke")).status_code == 403
    original.refresh_from_db()
    assert original.state == State.CERTIFIED


def test_the_page_of_an_original_takes_a_constant_number_of_queries(reviewer, conflict, django_assert_max_num_queries):
    reviewer.get(detail(conflict.original))
    with django_assert_max_num_queries(40):
        assert conflict.original.sha256 in reviewer.get(detail(conflict.original)).content.decode()


def test_what_was_given_up_is_tried_again_by_a_reviewer(reviewer, sign_in):
    original = registered()
    assert reviewer.post(detail(original), {"step": "retry"}).status_code == 409
    Original.objects.filter(pk=original.pk).update(
        due_at=None, dead_at=clock.now(), last_error="MemoryError: out of it"
    )
    assert "MemoryError" in reviewer.get(detail(original)).content.decode()
    assert sign_in(staff(StaffRole.AUDITOR)).post(detail(original), {"step": "retry"}).status_code == 403
    assert reviewer.post(detail(original), {"step": "retry"}).status_code == 302
    assert checked(original).state == State.CERTIFIED
    assert LedgerEntry.objects.filter(kind="original.retried").count() == 1


@pytest.mark.parametrize("model", ["seenimage", "intakeitem"])
def test_images_that_were_given_up_stand_with_their_reason_and_are_tried_again(reviewer, sign_in, model):
    row = dead_image() if model == "seenimage" else dead_item()
    listed = reviewer.get(f"/admin/imageguard/{model}/?standing=dead").content.decode()
    assert "MemoryError" in listed
    retry = reverse(f"admin:imageguard_{model}_try_this_again", args=[row.pk])
    sign_in(staff(StaffRole.AUDITOR)).post(retry, {"_form_submitted": "true"})
    row.refresh_from_db()
    assert row.dead_at is not None
    reviewer.post(retry, {"_form_submitted": "true"})
    row.refresh_from_db()
    assert (row.dead_at, row.attempts) == (None, 0)
    assert row.due_at is not None


def dead_image():
    from tests.factories import ListingFactory

    return SeenImage.objects.create(
        marketplace=ListingFactory().marketplace, url="https://img.example/1.jpg", url_hash="x", dead_at=clock.now(),
        last_error="MemoryError: out of it", attempts=14,
    )  # fmt: skip


def dead_item():
    from imageguard.models import Intake

    by = a_merchant()
    intake = Intake.objects.create(organisation=by.organisation, by=by, source="zip")
    return IntakeItem.objects.create(
        intake=intake, key="1", name="shoe.jpg", dead_at=clock.now(), last_error="MemoryError: out of it", attempts=14
    )


def test_nobody_without_a_role_gets_in(sign_in, conflict):
    merchant = sign_in(a_merchant())
    for address in (at(conflict), detail(conflict.original), QUEUE):
        assert merchant.get(address).status_code in (302, 403, 404)


def test_withdrawing_ends_the_conflict(reviewer, conflict):
    services.withdraw(original=conflict.original, by=conflict.original.registered_by)
    page = reviewer.get(at(conflict)).content.decode()
    assert 'name="step"' not in page


def test_who_belongs_to_the_seller_of_the_earlier_listing_does_not_settle(sign_in, with_listing):
    conflict = with_listing
    seller = a_merchant().organisation
    shop = conflict.rival_target.seller
    shop.operator = seller
    shop.save(update_fields=["operator"])
    judge = staff()
    Membership.objects.create(user=judge, organisation=seller, role="reader")
    answer = sign_in(judge).post(at(conflict), {"step": "falls", "note": "We were first."})
    assert answer.status_code == 403
    conflict.refresh_from_db()
    assert conflict.settled_at is None


def test_the_reason_of_a_revocation_stays_out_of_the_ledger(reviewer):
    original = certified()
    services.revoke(original=original, by=staff(), public_reason="Taken by Han Meimei of Example Studio.")
    entry = LedgerEntry.objects.get(kind="original.revoke")
    assert "Han Meimei" not in str(entry.payload)
    assert len(entry.payload["reason_sha256"]) == 64

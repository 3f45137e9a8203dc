"""Reviewers work off the matches of which the engine is not sure: in order, once each, with keys; others only look."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import StaffRole
from core import clock
from core.errors import WrongState
from imageguard import desk, watching
from imageguard.models import Match
from tests.at_once import at_once
from tests.factories import merchant_of, staff
from tests.imageguard.helpers import a_match, certified

pytestmark = pytest.mark.django_db
State = Match.State
QUEUE = reverse("admin:imageguard_match_changelist")
NEXT = reverse("admin:imageguard_match_next")


def at(match):
    return reverse("admin:imageguard_match_review", args=[match.public_id])


def form(match, step, **more):
    match.refresh_from_db()
    return {"since": match.state_since_at.isoformat(), "step": step, **more}


@pytest.fixture
def original():
    return certified()


def in_review(original, score=0.4, **due):
    match = a_match(original, score=score)
    Match.objects.filter(pk=match.pk).update(deadline_at=clock.now() + timedelta(**(due or {"days": 2})))
    match.refresh_from_db()
    return match


def test_late_ones_come_first_then_the_surest(sign_in, original, stopped):
    weak, strong = in_review(original, 0.31), in_review(original, 0.48)
    late = in_review(original, 0.3, hours=-1)
    a_match(original, state=State.CONFIRMED)
    shown = sign_in(staff()).get(QUEUE)
    assert list(shown.context["cl"].result_list) == [late, strong, weak]
    assert "late" in shown.content.decode()
    assert list(sign_in(staff()).get(QUEUE, {"q": weak.number}).context["cl"].result_list) == [weak]


def test_the_queue_takes_a_constant_number_of_queries(sign_in, original, django_assert_max_num_queries):
    for _n in range(20):
        in_review(original)
    client = sign_in(staff())
    client.get(QUEUE)
    with django_assert_max_num_queries(26):
        client.get(QUEUE)
    match = in_review(original)
    with django_assert_max_num_queries(36):
        client.get(at(match))


def test_confirming_tells_the_holder_and_goes_to_the_next(sign_in, original):
    first, second = in_review(original, 0.45), in_review(original, 0.4)
    client = sign_in(staff())
    answer = client.post(at(first), form(first, "confirm", note="The same seam."), follow=True)
    first.refresh_from_db()
    assert (first.state, first.review_note, first.note) == (State.CONFIRMED, "The same seam.", "")
    assert first.decided_at is not None
    assert answer.redirect_chain[-1][0] == at(second)


def test_the_last_decision_leads_back_to_the_queue(sign_in, original):
    match = in_review(original)
    answer = sign_in(staff()).post(at(match), form(match, "dismiss"), follow=True)
    assert answer.redirect_chain[-1][0] == QUEUE
    assert "No match waits" in answer.content.decode()
    match.refresh_from_db()
    assert match.state == State.DISMISSED


def test_of_two_on_the_same_match_the_second_changes_nothing_and_is_told(sign_in, original):
    match = in_review(original)
    said = form(match, "confirm")
    assert sign_in(staff()).post(at(match), said).status_code == 302
    second = sign_in(staff()).post(at(match), said | {"step": "dismiss"})
    assert second.status_code == 409
    assert "Nothing was changed by what you sent" in second.content.decode()
    match.refresh_from_db()
    assert match.state == State.CONFIRMED


def test_a_match_that_somebody_has_open_is_offered_to_nobody_else(sign_in, original):
    first, second = in_review(original, 0.45), in_review(original, 0.4)
    one, other = sign_in(staff()), sign_in(staff())
    one.get(at(first))
    assert other.get(NEXT).url == at(second)
    assert one.get(NEXT).url == at(first)


def test_next_goes_on_behind_the_one_that_was_left_and_begins_anew_at_the_end(sign_in, original):
    first, second, third = (in_review(original, score) for score in (0.45, 0.4, 0.35))
    client = sign_in(staff())
    assert client.get(NEXT, {"after": second.public_id}).url == at(third)
    assert client.get(NEXT, {"after": third.public_id}).url == at(first)


def test_an_automatic_match_can_be_dismissed_later(sign_in, original):
    match = a_match(original, state=State.CONFIRMED, tier=Match.Tier.AUTOMATIC, score=0.9)
    page = sign_in(staff()).get(at(match)).content.decode()
    assert 'value="dismiss"' in page
    assert 'value="confirm"' not in page
    silent = sign_in(staff()).post(at(match), form(match, "dismiss"))
    assert silent.status_code == 422
    assert "say why it is no copy" in silent.content.decode()
    match.refresh_from_db()
    assert match.state == State.CONFIRMED
    sign_in(staff()).post(at(match), form(match, "dismiss") | {"reason": "Another seam."})
    match.refresh_from_db()
    assert (match.state, match.note) == (State.DISMISSED, "Another seam.")


def test_nobody_decides_for_an_organisation_to_which_they_belong(sign_in, original):
    match = in_review(original)
    for organisation in (original.organisation, merchant_of(match.target.seller).organisation):
        reviewer = staff()
        Membership.objects.create(user=reviewer, organisation=organisation, role="reader")
        client = sign_in(reviewer)
        assert 'value="confirm"' not in client.get(at(match)).content.decode()
        assert client.post(at(match), form(match, "confirm")).status_code == 403
        assert client.get(NEXT).url == QUEUE
    match.refresh_from_db()
    assert match.state == State.IN_REVIEW


def test_auditors_look_and_do_not_decide(sign_in, original):
    match = in_review(original)
    auditor = sign_in(staff(StaffRole.AUDITOR))
    page = auditor.get(at(match))
    assert page.status_code == 200
    assert 'value="confirm"' not in page.content.decode()
    assert auditor.post(at(match), form(match, "confirm")).status_code == 403
    assert auditor.get(QUEUE).status_code == 200


@pytest.mark.parametrize("step", ["", "confirm-all", "complain"])
def test_an_unknown_step_is_refused_with_a_word(sign_in, original, step):
    match = in_review(original)
    answer = sign_in(staff()).post(at(match), form(match, step))
    assert answer.status_code == 422
    assert "Say whether it is a copy." in answer.content.decode()


def test_unknown_ids_are_not_found(sign_in):
    assert sign_in(staff()).get(reverse("admin:imageguard_match_review", args=["mat_x"])).status_code == 404


def test_without_a_copy_of_the_find_the_page_says_so(sign_in, original):
    assert "We have no copy of what was found" in sign_in(staff()).get(at(in_review(original))).content.decode()


# --- how often the engine is right ----------------------------------------------------------------------


def test_decisions_are_counted_by_tier_and_time(original, stopped):
    by = staff()
    for right in (True, True, False):
        decide = watching.confirm if right else watching.dismiss
        decide(match=in_review(original), by=by)
    old = in_review(original)
    sure = [a_match(original, state=State.CONFIRMED, tier=Match.Tier.AUTOMATIC) for _n in range(4)]
    watching.dismiss(match=sure[0], by=by, reason="Another seam.")
    stopped.advance(days=60)
    watching.confirm(match=old, by=by)
    figures = {(row.tier, row.days): (row.right, row.count) for row in desk.precision()}
    assert figures == {
        ("review", 30): (1, 1), ("review", 90): (3, 4), ("automatic", 30): (0, 0), ("automatic", 90): (3, 4),
    }  # fmt: skip


def test_of_nothing_there_is_no_interval():
    assert desk.Precision("review", "", 30, 0, 0).interval is None
    assert desk.Precision("review", "", 30, 10, 9).interval == ("59.6", "98.2")


def test_the_precision_stands_above_the_queue(sign_in, original):
    watching.confirm(match=in_review(original), by=staff())
    page = sign_in(staff()).get(QUEUE).content.decode()
    assert "1 of 1" in page
    assert "what nobody looked at counts as right" in page


def test_staff_see_what_waits_on_the_first_page_and_in_the_sidebar(sign_in, original):
    in_review(original)
    page = sign_in(staff()).get("/admin/").content.decode()
    assert "Copies to look at" in page
    assert "First-publication conflicts" in page


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_the_same_moment_one_counts():
    match = in_review(certified())

    def decide():
        try:
            watching.confirm(match=Match.objects.get(pk=match.pk), by=staff())
        except WrongState:
            return "late"
        return "done"

    assert sorted(at_once(decide, decide)) == ["done", "late"]


def test_a_listing_without_a_shop_can_be_reviewed(sign_in, original):
    match = in_review(original)
    match.target.shop = None
    match.target.save()
    assert sign_in(staff()).get(at(match)).status_code == 200


def test_what_reviewers_note_among_themselves_is_not_told_to_the_holder(sign_in, original):
    match = in_review(original)
    sign_in(staff()).post(at(match), form(match, "confirm", note="The shop of my neighbour."))
    assert "The shop of my neighbour." in sign_in(staff()).get(at(match)).content.decode()
    holder = sign_in(original.registered_by)
    for address in (f"/originals/matches/{match.public_id}/", f"/api/v1/matches/{match.public_id}"):
        answer = holder.get(address)
        assert answer.status_code == 200
        assert "my neighbour" not in answer.content.decode()


def test_who_only_reads_a_match_keeps_it_from_nobody(sign_in, original):
    match = in_review(original)
    assert sign_in(staff(StaffRole.AUDITOR)).get(at(match)).status_code == 200
    assert sign_in(staff()).get(NEXT)["Location"] == at(match)
    other = in_review(original, 0.3)
    assert desk.next_match(staff()) == match
    assert other.state == State.IN_REVIEW

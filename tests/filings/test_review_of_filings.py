"""Reviewers work off the queue, compare with the certificate, and settle conflicts in the staff's workplace."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Membership
from core import clock
from filings import services
from filings.models import Filing, FilingConflict
from tests.factories import FilingFactory, member, staff
from tests.filings.build import a_draft, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]
LIST = "admin:filings_filing_changelist"


def review(filing):
    return reverse("admin:filings_filing_review", args=[filing.public_id])


def settle(conflict):
    return reverse("admin:filings_filingconflict_settle", args=[conflict.public_id])


@pytest.fixture
def desk(sign_in):
    return sign_in(staff())


@pytest.fixture
def conflict():
    FilingFactory(registration_number="12345678", number_key="trademark:CN:12345678")
    submitted(registration_number="12345678")
    return FilingConflict.objects.get()


def test_the_queue_shows_what_waits_the_most_urgent_first(desk, stopped):
    late = submitted()
    stopped.advance(days=8)
    new = submitted()
    a_draft()
    FilingFactory()
    shown = desk.get(reverse(LIST))
    assert list(shown.context["cl"].result_list) == [late, new]
    assert "late" in shown.content.decode()
    assert desk.get(reverse(LIST), {"desk": "all"}).context["cl"].result_count == 3
    assert desk.get(reverse(LIST), {"desk": "force"}).context["cl"].result_count == 1
    assert list(desk.get(reverse(LIST), {"q": new.number}).context["cl"].result_list) == [new]


def test_the_queue_needs_a_constant_number_of_queries(desk, django_assert_max_num_queries):
    for n in range(30):
        FilingFactory(state="submitted", deadline_at=clock.now() + timedelta(days=n))
    desk.get(reverse(LIST))
    with django_assert_max_num_queries(27):
        assert desk.get(reverse(LIST)).status_code == 200


def test_certificate_and_data_stand_side_by_side(desk):
    filing = submitted(description="<b>bold</b> & genuine")
    page = desk.get(review(filing)).content.decode()
    assert page.count("<img") >= 2
    assert filing.registration_number in page
    assert "<b>bold</b>" not in page
    assert "The owner is not the organisation that files." in page
    assert desk.get(reverse("admin:filings_filing_change", args=[filing.pk])).url == review(filing)


@pytest.mark.parametrize(("step", "state"), [("approve", "approved"), ("return", "returned"), ("reject", "rejected")])
def test_a_reviewer_decides(desk, step, state):
    filing = submitted()
    answer = desk.post(review(filing), {"step": step, "note": "Page two is cut off.", "version": filing.version})
    assert answer.status_code == 302
    filing.refresh_from_db()
    assert filing.state == state


def test_a_right_in_force_is_revoked_with_reasons(desk):
    filing = FilingFactory()
    assert "Say why" in desk.post(review(filing), {"step": "revoke", "note": " ", "version": 1}).content.decode()
    assert desk.post(review(filing), {"step": "revoke", "note": "Cancelled.", "version": 1}).status_code == 302
    filing.refresh_from_db()
    assert filing.state == "revoked"


def test_what_lacks_its_words_or_is_no_longer_true_changes_nothing(desk):
    filing = submitted()
    refused = desk.post(review(filing), {"step": "return", "note": "  ", "version": filing.version})
    assert refused.status_code == 422
    assert desk.post(review(filing), {"step": "approve", "version": filing.version - 1}).status_code == 409
    assert desk.post(review(filing), {"step": "approve"}).status_code == 409
    assert desk.post(review(filing), {"step": "delete"}).status_code == 404
    filing.refresh_from_db()
    assert filing.state == "submitted"
    assert desk.post(review(filing), {"step": "approve", "version": filing.version}).status_code == 302
    late = desk.post(review(filing), {"step": "reject", "note": "x", "version": filing.version})
    assert late.status_code == 409
    assert "This is where it stands now." in late.content.decode()


def test_a_reviewer_reads_their_own_organisations_filing_and_does_not_review_it(sign_in):
    filing, reviewer = submitted(), staff()
    Membership.objects.create(user=reviewer, organisation=filing.organisation, role="reader")
    desk = sign_in(reviewer)
    assert "not review it" in desk.get(review(filing)).content.decode()
    assert desk.post(review(filing), {"step": "approve", "version": filing.version}).status_code == 403


def test_an_auditor_looks_and_does_not_decide(sign_in, conflict):
    desk, filing = sign_in(staff("auditor")), submitted()
    page = desk.get(review(filing))
    assert page.status_code == 200
    assert 'name="step"' not in page.content.decode()
    assert desk.post(review(filing), {"step": "approve", "version": filing.version}).status_code == 403
    assert 'name="in_favour_of"' not in desk.get(settle(conflict)).content.decode()
    assert desk.post(settle(conflict), {"in_favour_of": "both", "note": "x"}).status_code == 403


def test_a_draft_and_an_unknown_id_are_not_found_and_strangers_are_not_let_in(desk, sign_in):
    assert desk.get(review(a_draft())).status_code == 404
    assert desk.get(reverse("admin:filings_filing_review", args=["flg_0"])).status_code == 404
    assert sign_in(member()).get(reverse(LIST)).status_code == 302


def test_staff_are_offered_no_appeal_against_what_they_rejected(desk):
    filing = FilingFactory(state="rejected")
    page = desk.get(f"/filings/{filing.public_id}/")
    assert page.status_code == 200
    assert "/appeals/against/" not in page.content.decode()


def test_a_conflict_is_compared_and_settled(desk, conflict):
    waiting = conflict.filing
    assert (
        "Settle the conflict first"
        in desk.post(review(waiting), {"step": "approve", "version": waiting.version}).content.decode()
    )
    assert settle(conflict) in desk.get(review(waiting)).content.decode()
    listed = desk.get(reverse("admin:filings_filingconflict_changelist"))
    assert list(listed.context["cl"].result_list) == [conflict]
    page = desk.get(settle(conflict)).content.decode()
    assert conflict.filing.organisation.name in page
    assert conflict.other.organisation.name in page
    assert desk.post(settle(conflict), {"in_favour_of": "nobody", "note": "x"}).status_code == 422
    assert desk.post(settle(conflict), {"in_favour_of": "both", "note": ""}).status_code == 422
    answer = desk.post(settle(conflict), {"in_favour_of": waiting.public_id, "note": "Assigned in 2025."}, follow=True)
    assert "Settled in favour of" in answer.content.decode()
    assert desk.post(settle(conflict), {"in_favour_of": "both", "note": "x"}).status_code == 409
    conflict.other.refresh_from_db()
    assert conflict.other.state == "revoked"


def test_a_renewal_is_reviewed_as_one(desk):
    filing = FilingFactory()
    from tests.filings.build import a_picture

    services.renew(
        filing=filing, by=filing.created_by, valid_until_on=filing.valid_until_on.replace(year=2040),
        certificates=[a_picture()],
    )  # fmt: skip
    page = desk.get(review(filing)).content.decode()
    assert "Decline the renewal" in page
    filing.refresh_from_db()
    desk.post(review(filing), {"step": "decline_renewal", "note": "Another mark.", "version": filing.version})
    assert Filing.objects.in_force().filter(pk=filing.pk).exists()

"""Staff confirm or dismiss findings, warn and suspend, in dialogs of the workplace; others only look."""

import pytest

from accounts.roles import StaffRole
from complaints.models import AbuseCase, AbuseFinding, Suspension
from tests.complaints.helpers import shown_by_a_new_case
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(stopped, holder):
    made = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="q", figures={"n": 1})
    AbuseCase.objects.create(finding=made, case=complaint(by=holder).public_id)
    return made


def step(client, row, name, words="They wrote it twice."):
    model = row._meta.model_name
    sent = {"_form_submitted": "True", "words": words}
    return client.post(f"/admin/complaints/{model}/{row.pk}/{name}/", sent, follow=True)


def test_the_page_of_a_finding_says_what_was_seen_and_shows_the_cases(finding, sign_in, reviewer):
    page = sign_in(reviewer).get(f"/admin/complaints/abusefinding/{finding.pk}/change/", follow=True).content.decode()
    assert "1 cases with words of a threat" in page
    assert "You threatened a seller" in page
    assert f"/admin/complaints/complaint/{finding.cases.get().case}/review/" in page


def test_a_reviewer_confirms_with_words(finding, sign_in, reviewer):
    client = sign_in(reviewer)
    step(client, finding, "confirm", words="")
    finding.refresh_from_db()
    assert finding.state == "open"
    step(client, finding, "confirm")
    finding.refresh_from_db()
    assert (finding.state, finding.reason, finding.decided_by) == ("confirmed", "They wrote it twice.", reviewer)
    assert "has changed" in step(client, finding, "dismiss").content.decode()


@pytest.mark.parametrize("role", [StaffRole.AUDITOR, None])
def test_who_does_not_review_changes_nothing(finding, sign_in, role):
    client = sign_in(staff(role) if role else member())
    for name in ("confirm", "dismiss", "warn"):
        step(client, finding, name)
    finding.refresh_from_db()
    assert finding.state == "open"
    assert not Suspension.objects.exists()


def test_two_seniors_warn_and_suspend_and_one_lifts(finding, holder, sign_in, stopped):
    first, second = staff(StaffRole.SENIOR_REVIEWER), staff(StaffRole.SENIOR_REVIEWER)
    client, other = sign_in(first), sign_in(second)
    assert "Choose at least one finding" in step(client, finding, "warn").content.decode()
    step(client, finding, "confirm")
    step(client, finding, "warn")
    row = Suspension.objects.get()
    assert row.state == "warned"
    stopped.advance(days=1)
    more = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="r", figures={"n": 1})
    shown_by_a_new_case(more)
    step(client, more, "confirm")
    step(client, row, "suspend")
    row.refresh_from_db()
    assert row.state == "warned"
    step(other, row, "suspend", words="They went on.")
    row.refresh_from_db()
    assert (row.state, row.suspended_facts) == ("suspended", "They went on.")
    step(other, row, "lift", words="They have a new representative.")
    row.refresh_from_db()
    assert row.state == "lifted"


def test_a_reviewer_has_a_complainant_looked_at_again(finding, holder, sign_in, reviewer):
    case = complaint(by=holder, description="Pay us or we close your shop, that is all we have to say.")
    step(sign_in(staff(StaffRole.AUDITOR)), finding, "look-again")
    assert AbuseFinding.objects.count() == 1
    page = step(sign_in(reviewer), finding, "look-again").content.decode()
    assert "looked at again" in page
    assert AbuseFinding.objects.exclude(pk=finding.pk).get().cases.get().case == case.public_id


def test_the_list_takes_a_constant_number_of_queries(finding, holder, sign_in, reviewer, django_assert_max_num_queries):
    for n in range(12):
        AbuseFinding.objects.create(organisation=member().organisation, pattern="threats", key=f"{n}", figures={"n": 1})
    client = sign_in(reviewer)
    with django_assert_max_num_queries(32):
        page = client.get("/admin/complaints/abusefinding/")
    assert "Threats in messages" in page.content.decode()


def test_the_queue_is_filtered_by_lane(finding, holder, sign_in, reviewer):
    client = sign_in(reviewer)
    line = f'review/">{holder.organisation.complaints.get().number}</a>'
    assert line in client.get("/admin/complaints/complaint/?lane=normal").content.decode()
    assert line not in client.get("/admin/complaints/complaint/?lane=slow").content.decode()

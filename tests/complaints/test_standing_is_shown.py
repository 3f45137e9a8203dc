"""“Your standing”: score, lane and warnings with their reasons, for the organisation itself and nobody else."""

import pytest

from accounts.models import Organisation
from accounts.roles import StaffRole
from complaints.abuse import findings, suspension
from complaints.models import AbuseCase, AbuseFinding, ConductMonth
from core import clock
from tests.complaints.helpers import shown_by_a_new_case
from tests.factories import OrganisationFactory, complaint, member, staff

pytestmark = pytest.mark.django_db
URL, API = "/standing/", "/api/v1/standing"


@pytest.fixture
def against(stopped, holder):
    """A confirmed finding that a case of the holder shows, and one of another."""
    senior = staff(StaffRole.SENIOR_REVIEWER)
    made = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="q", figures={"n": 1})
    for case in (complaint(by=holder), complaint()):
        AbuseCase.objects.create(finding=made, case=case.public_id)
    return findings.confirm(finding=made, by=senior, reason="It says so in the description.")


def test_the_page_says_score_lane_and_why(holder, sign_in, stopped):
    ConductMonth.objects.create(organisation=holder.organisation, month_on=clock.today().replace(day=1), upheld=20)
    page = sign_in(holder).get(URL).content.decode()
    assert "90 of 100, from 20 links" in page
    assert "The good-faith score is high: 90 of 100." in page
    said = sign_in(holder).get(API).json()
    assert (said["score"], said["lane"], said["lane_reason"]) == (90, "fast", "high_score")
    assert [p["links"] for p in said["parts"]] == [20, 0, 0, 0]
    assert said["terms"] == {"links": 900, "open_complaints": 5000, "time_ratio": 0.5}


def test_what_staff_confirmed_is_said_with_own_cases_alone(holder, sign_in, against):
    page = sign_in(holder).get(URL).content.decode()
    assert "You threatened a seller" in page
    assert "It says so in the description." in page
    own, foreign = (case.case for case in against.cases.all())
    assert own in page
    assert foreign not in page


def test_what_nobody_confirmed_is_not_held_against_anybody(holder, sign_in):
    AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="q", figures={"n": 1})
    assert "threat" not in sign_in(holder).get(URL).content.decode().lower()
    assert sign_in(holder).get(API).json()["held_against"] == []


def test_a_warning_is_shown_with_its_facts_and_the_way_to_appeal(holder, sign_in, against):
    senior = staff(StaffRole.SENIOR_REVIEWER)
    made = suspension.warn(organisation=holder.organisation, by=senior, findings=[against], facts="Two threats.")
    page = sign_in(holder).get(URL).content.decode()
    assert made.number in page
    assert "Two threats." in page
    assert "appeal" in page
    assert sign_in(holder).get(API).json()["suspension"]["number"] == made.number


def test_nobody_sees_the_standing_of_others(holder, sign_in, against):
    stranger = sign_in(member())
    assert "You threatened" not in stranger.get(URL).content.decode()
    merchant = member(OrganisationFactory(kind=Organisation.Kind.MERCHANT))
    for client in (sign_in(merchant), sign_in(staff())):
        assert client.get(URL).status_code == 404
        assert client.get(API).status_code == 404


def test_the_page_takes_a_constant_number_of_queries(holder, sign_in, against, django_assert_max_num_queries):
    for n in range(8):
        made = AbuseFinding.objects.create(
            organisation=holder.organisation, pattern="threats", key=f"{n}", figures={"n": 1}, state="confirmed",
            decided_at=clock.now(),
        )  # fmt: skip
        AbuseCase.objects.create(finding=made, case=complaint(by=holder).public_id)
    browser = sign_in(holder)
    with django_assert_max_num_queries(16):
        assert browser.get(URL).status_code == 200


def test_the_wizard_keeps_what_a_suspended_complainant_wrote(holder, sign_in, against, stopped):
    from complaints.models import Complaint, Draft
    from tests.factories import FilingFactory, ListingFactory

    senior, other = staff(StaffRole.SENIOR_REVIEWER), staff(StaffRole.SENIOR_REVIEWER)
    warned = suspension.warn(organisation=holder.organisation, by=senior, findings=[against], facts="Threats.")
    stopped.advance(days=1)
    more = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="r", figures={"n": 1})
    shown_by_a_new_case(more)
    findings.confirm(finding=more, by=senior, reason="Again.")
    suspension.suspend(suspension=warned, by=other, findings=[more], facts="Again.")
    before = Complaint.objects.count()
    right = FilingFactory(organisation=holder.organisation, created_by=holder)
    sent = {
        "draft": "drf_" + "2" * 26, "filing": right.public_id, "links": ListingFactory().url, "action": "send",
        "infringement": "counterfeit", "description": "The seams differ from ours, and the label is wrong.",
        "signature": "Hanna Holder", "good_faith": "on",
    }  # fmt: skip
    answer = sign_in(holder).post("/complaints/new/", sent)
    assert answer.status_code == 422
    assert "suspended for misuse" in answer.content.decode()
    assert Complaint.objects.count() == before
    assert Draft.objects.get(public_id=sent["draft"]).data["description"] == sent["description"]
    api = sign_in(holder).post(
        "/api/v1/complaints",
        {
            "right": right.public_id, "infringement": "counterfeit", "links": [sent["links"]], "good_faith": True,
            "description": sent["description"], "signature": "Hanna Holder",
        },
        content_type="application/json",
    )  # fmt: skip
    assert (api.status_code, api.json()["code"]) == (403, "suspended")

"""The lifecycle of an organisation: what is asked of it, who may do what, and what follows."""

import itertools

import pytest

from accounts import review, services
from accounts.errors import OwnOrganisation, StaffBelongToNobody, UnderReview
from accounts.lifecycle import LIFECYCLE
from accounts.models import Membership, Organisation
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.models import FilePurpose, LedgerEntry, OutboxMessage
from tests.accounts.build import OTHER_USCC, USCC, founded, in_state, letters, scan, submitted, with_papers
from tests.factories import UserFactory, member, staff

pytestmark = pytest.mark.django_db

STATES = sorted(LIFECYCLE.states)
DO = {
    "submit": lambda o, admin, reviewer: services.submit_for_verification(organisation=o, by=admin),
    "verify": lambda o, admin, reviewer: review.verify(organisation=o, by=reviewer),
    "return": lambda o, admin, reviewer: review.return_for_supplement(organisation=o, by=reviewer, note="Why."),
    "reject": lambda o, admin, reviewer: review.reject(organisation=o, by=reviewer, note="Why."),
    "reopen": lambda o, admin, reviewer: review.reopen(organisation=o, by=reviewer, appeal="apl_1"),
    "change_identity": lambda o, admin, reviewer: LIFECYCLE.fire(o, "change_identity", actor=admin),
}


def test_every_transition_of_the_table_can_be_done():
    assert {t.name for t in LIFECYCLE.transitions} == set(DO)


@pytest.mark.parametrize(("state", "name"), list(itertools.product(STATES, DO)))
def test_the_table_says_what_may_be_done_in_which_state(state, name):
    organisation, admin = in_state(state)
    transition = LIFECYCLE[name]
    if state in transition.source:
        DO[name](organisation, admin, staff())
        organisation.refresh_from_db()
        assert organisation.state == transition.target
        assert LedgerEntry.objects.filter(kind=f"organisation.{name}", subject=organisation.public_id).exists()
        return
    before = LedgerEntry.objects.count()
    reviewer = staff()
    with pytest.raises(WrongState):
        DO[name](organisation, admin, reviewer)
    organisation.refresh_from_db()
    assert organisation.state == state
    assert LedgerEntry.objects.count() == before


@pytest.mark.parametrize("role", ["manager", "complainant", "reader"])
def test_only_administrators_send_the_papers(role):
    organisation, _admin = with_papers()
    colleague = UserFactory()
    Membership.objects.create(user=colleague, organisation=organisation, role=role)
    with pytest.raises(Forbidden):
        services.submit_for_verification(organisation=organisation, by=colleague)


@pytest.mark.parametrize("act", [review.verify, review.return_for_supplement, review.reject])
def test_only_reviewers_of_the_platform_review(act):
    organisation, admin = submitted()
    note = {} if act is review.verify else {"note": "Why."}
    for person in (staff("auditor"), member()):
        with pytest.raises(Forbidden):
            act(organisation=organisation, by=person, **note)
    with pytest.raises(OwnOrganisation):
        act(organisation=organisation, by=admin, **note)


def test_what_is_missing_is_said_by_field():
    organisation, admin = founded()
    with pytest.raises(Invalid) as refused:
        services.submit_for_verification(organisation=organisation, by=admin)
    assert set(refused.value.errors) == {"uscc", "documents"}
    services.update_profile(organisation=organisation, by=admin, values={"country": "FR"})
    services.hand_in_document(organisation=organisation, upload=scan(), purpose=FilePurpose.IDENTITY, by=admin)
    with pytest.raises(Invalid) as refused:
        services.submit_for_verification(organisation=organisation, by=admin)
    assert set(refused.value.errors) == {"registration_number", "documents"}


def test_a_company_of_another_country_needs_its_company_number_and_no_credit_code():
    organisation, admin = founded(country="FR", registration_number="552 100 554")
    services.hand_in_document(organisation=organisation, upload=scan(), purpose=FilePurpose.LICENCE, by=admin)
    assert services.submit_for_verification(organisation=organisation, by=admin).state == "submitted"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("91110000600037341M", "check character"),
        ("91110000600037341", "has 18 characters, and this has 17"),
        ("9111000060003734OL", "letters without"),
    ],
)
def test_a_slip_in_the_credit_code_is_told_from_its_check_character(typed, said):
    organisation, admin = founded()
    with pytest.raises(Invalid) as refused:
        services.update_profile(organisation=organisation, by=admin, values={"uscc": typed})
    assert said in refused.value.errors["uscc"][0]


def test_the_credit_code_is_kept_in_its_plain_form():
    organisation, _admin = founded(uscc=" 9111 0000-600037341l ")
    assert organisation.uscc == USCC


def test_a_second_organisation_of_the_same_code_and_kind_is_refused_with_the_number_of_the_first():
    first, _ = in_state("verified")
    second, _ = submitted(name="Sunbird again")
    with pytest.raises(WrongState) as refused:
        review.verify(organisation=second, by=staff())
    assert first.number in str(refused.value)
    other_kind, _ = submitted(kind="merchant")
    assert review.verify(organisation=other_kind, by=staff()).is_verified


def test_the_database_itself_refuses_a_second_one(monkeypatch):
    in_state("verified")
    second, _ = submitted(name="Sunbird again")
    lifecycle = LIFECYCLE["verify"]
    monkeypatch.setattr(type(LIFECYCLE), "check", lambda self, case, name, actor: lifecycle)
    with pytest.raises(WrongState, match="already verified"):
        review.verify(organisation=second, by=staff())
    second.refresh_from_db()
    assert second.state == "submitted"


def test_verification_is_published_and_told_to_every_administrator(work_off):
    organisation, admin = submitted()
    services_reader = UserFactory()
    Membership.objects.create(user=services_reader, organisation=organisation, role="reader")
    review.verify(organisation=organisation, by=staff())
    assert OutboxMessage.objects.filter(event="organisation.verified", subject=organisation.public_id).exists()
    assert [letter.to for letter in letters("organisation_verified")] == [admin.email]
    work_off()


def test_the_words_of_the_reviewer_reach_the_organisation_each_time():
    organisation, admin = submitted()
    reviewer = staff()
    for words in ("The stamp cannot be read.", "Page two is missing."):
        organisation = review.return_for_supplement(organisation=organisation, by=reviewer, note=words)
        organisation = services.submit_for_verification(organisation=organisation, by=admin)
    bodies = [letter.body for letter in letters("organisation_returned")]
    assert len(bodies) == 2
    assert "stamp" in bodies[0]
    assert "Page two" in bodies[1]


@pytest.mark.parametrize("act", [review.return_for_supplement, review.reject])
def test_nothing_is_refused_without_a_reason(act):
    organisation, _ = submitted()
    with pytest.raises(Invalid):
        act(organisation=organisation, by=staff(), note="  ")


def test_a_verified_organisation_that_changes_its_number_is_verified_anew():
    organisation, admin = in_state("verified")
    changed = services.update_profile(organisation=organisation, by=admin, values={"uscc": OTHER_USCC})
    assert changed.state == "unverified"
    assert changed.uscc == OTHER_USCC
    services.submit_for_verification(organisation=changed, by=admin)
    assert review.verify(organisation=changed, by=staff()).is_verified


def test_a_verified_organisation_changes_its_address_freely():
    organisation, admin = in_state("verified")
    values = {"name": organisation.name, "address": "1 Long Street", "contact_phone": "123"}
    changed = services.update_profile(organisation=organisation, by=admin, values=values)
    assert changed.is_verified
    assert Organisation.objects.get(pk=changed.pk).address == "1 Long Street"


def test_name_and_papers_stand_still_while_a_reviewer_looks():
    organisation, admin = submitted()
    with pytest.raises(UnderReview):
        services.update_profile(organisation=organisation, by=admin, values={"name": "Another Ltd"})
    with pytest.raises(UnderReview):
        services.hand_in_document(organisation=organisation, upload=scan(), purpose=FilePurpose.LICENCE, by=admin)


def test_a_paper_can_be_taken_back_until_a_reviewer_has_seen_it():
    organisation, admin = with_papers()
    paper = organisation.documents.get()
    services.take_back_document(document=paper, by=admin)
    assert not organisation.documents.exists()
    returned, admin = in_state("returned")
    with pytest.raises(WrongState):
        services.take_back_document(document=returned.documents.get(), by=admin)
    assert returned.documents.count() == 1


def test_the_same_paper_sent_twice_is_one():
    organisation, admin = with_papers()
    services.hand_in_document(organisation=organisation, upload=scan(), purpose=FilePurpose.LICENCE, by=admin)
    assert organisation.documents.count() == 1


def test_founding_twice_by_a_double_click_is_one_organisation():
    first, founder = founded()
    again, _ = founded(founder)
    assert again == first
    assert Organisation.objects.count() == 1
    assert first.number.startswith("O-")
    assert founder.organisation == first


def test_nobody_founds_a_platform_and_staff_found_nothing():
    with pytest.raises(Invalid):
        founded(kind="platform")
    with pytest.raises(StaffBelongToNobody):
        founded(staff())


def test_a_stranger_learns_nothing_of_an_organisation():
    organisation, _ = with_papers()
    with pytest.raises(NotYours):
        services.update_profile(organisation=organisation, by=member(), values={"name": "Mine"})

"""The rights holder for whom an agency complained sees the case, and appeals in it as the agency does; once for both."""

import pytest

from accounts.powers import services as powers
from accounts.webhooks.models import WebhookDelivery
from complaints import services as complaints
from core import fetch
from core.errors import Forbidden, NotYours
from governance.appeals import letters as of_appeals
from governance.appeals import services
from governance.errors import AppealedBefore
from tests.accounts.powers import both
from tests.accounts.receiving import an_endpoint
from tests.complaints.counter import clock_says_told
from tests.complaints.helpers import found
from tests.factories import FilingFactory, a_notice, member, staff
from tests.governance.helpers import GROUNDS, appeal, letters, reverse, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def parties():
    """A rights holder, its agency, the power between them, and a complaint of the agency that was dismissed."""
    holder, agent, power = both()
    right = FilingFactory(organisation=holder.organisation, created_by=holder)
    case, reviewer = complaints.submit_complaint(notice=a_notice(by=agent, filing=right), by=agent), staff()
    complaints.accept(complaint=case, by=reviewer)
    complaints.decide(
        complaint=case, by=reviewer, findings=found(case, dismissed=[row.target for row in case.targets.all()])
    )
    clock_says_told(case)
    case.refresh_from_db()
    return holder, agent, power, case


def decision_of(case):
    return case.decisions.get().public_id


def test_the_holder_finds_the_appeal_on_the_page_of_the_case_and_sends_it(parties, sign_in):
    holder, agent, _power, case = parties
    decision, browser = decision_of(case), sign_in(holder)
    assert case.number in browser.get("/complaints/").content.decode()
    assert f"/appeals/against/{decision}/" in browser.get(f"/complaints/{case.public_id}/").content.decode()
    links = [link.public_id for link in case.targets.all()]
    sent = browser.post(f"/appeals/against/{decision}/new/", {"grounds": GROUNDS, "links": links})
    made = services.Appeal.objects.get()
    assert sent.headers["Location"] == f"/appeals/{made.public_id}/"
    assert (made.organisation, made.beside) == (holder.organisation, agent.organisation)
    page = sign_in(agent).get(sent.headers["Location"]).content.decode()
    assert holder.organisation.name in page
    assert "/withdraw/" not in page, "what the holder itself appealed is its own"


def test_the_holder_appeals_though_the_power_has_ended(parties):
    holder, agent, power, case = parties
    powers.revoke_power(power=power, by=holder, reason="Another agency does this now.")
    with pytest.raises(Forbidden, match="power of attorney"):
        appeal(decision_of(case), agent)
    assert appeal(decision_of(case), holder).organisation == holder.organisation


def test_what_the_holder_appeals_without_a_power_its_former_agency_does_not_read(parties, sign_in, work_off):
    holder, agent, power, case = parties
    powers.revoke_power(power=power, by=holder, reason="We do not agree with this agency any more.")
    made = appeal(decision_of(case), holder)
    of_appeals.submitted(made.public_id)
    assert {letter.user for letter in letters("appeal_submitted")} == {holder}
    browser = sign_in(agent)
    assert browser.get(f"/appeals/{made.public_id}/").status_code == 404
    assert made.number not in browser.get("/appeals/").content.decode()
    offered = browser.get(f"/appeals/against/{decision_of(case)}/", follow=True)
    assert offered.status_code == 200
    assert GROUNDS not in offered.content.decode()


@pytest.mark.parametrize("first", ["holder", "agent"])
def test_a_side_appeals_once_whichever_of_the_two_does(parties, first, sign_in):
    holder, agent, _power, case = parties
    one, other = (holder, agent) if first == "holder" else (agent, holder)
    made = appeal(decision_of(case), one)
    with pytest.raises(AppealedBefore, match=made.number):
        appeal(decision_of(case), other)
    browser = sign_in(other)
    assert browser.get(f"/appeals/against/{decision_of(case)}/").headers["Location"] == f"/appeals/{made.public_id}/"
    assert made.number in browser.get("/appeals/").content.decode()
    said = browser.get(f"/api/v1/appeals/{made.public_id}").json()
    assert said["appellant"]["id"] == one.organisation.public_id
    assert said["beside"]["id"] == other.organisation.public_id


def test_the_holder_goes_on_with_what_its_agency_appealed(parties, sign_in):
    holder, agent, power, case = parties
    second = staff()
    made = taken(decision_of(case), agent, second)
    made = services.return_for_supplement(appeal=made, by=second, missing="The invoice.")
    powers.revoke_power(power=power, by=holder, reason="Another agency does this now.")
    for forbidden in ("supplement", "withdraw"):
        assert forbidden not in sign_in(agent).get(f"/api/v1/appeals/{made.public_id}").json()["available_actions"]
    with pytest.raises(Forbidden):
        services.withdraw(appeal=made, by=agent)
    browser = sign_in(holder)
    assert browser.post(f"/appeals/{made.public_id}/supplement/", {"text": "Here it is."}).status_code == 302
    page = browser.get(f"/appeals/{made.public_id}/").content.decode()
    assert "Here it is." in page
    assert services.withdraw(appeal=made, by=holder).state == "withdrawn"


def test_both_are_told_what_became_of_it(parties):
    holder, agent, _power, case = parties
    second = staff()
    made = taken(decision_of(case), holder, second)
    of_appeals.submitted(made.public_id)
    reverse(made, second)
    of_appeals.decided(made.public_id)
    for template in ("appeal_submitted", "appeal_decided"):
        assert {letter.user for letter in letters(template)} == {holder, agent}, template


def test_a_rejection_at_the_door_is_the_holders_to_appeal_as_well():
    holder, agent, _power = both()
    right = FilingFactory(organisation=holder.organisation, created_by=holder)
    case = complaints.submit_complaint(notice=a_notice(by=agent, filing=right), by=agent)
    complaints.reject(complaint=case, by=staff(), reason="No mark can be seen.")
    made = appeal(case.public_id, holder)
    assert (made.kind, made.beside) == ("rejected_complaint", agent.organisation)


def test_for_another_holder_there_is_nothing(parties, sign_in):
    _holder, agent, _power, case = parties
    made, foreign = appeal(decision_of(case), agent), member()
    with pytest.raises(NotYours):
        appeal(decision_of(case), foreign)
    browser = sign_in(foreign)
    for address in (f"/appeals/{made.public_id}/", f"/appeals/against/{decision_of(case)}/"):
        assert browser.get(address).status_code == 404


def test_whoever_only_reads_for_the_holder_appeals_nothing(parties):
    holder, _agent, _power, case = parties
    with pytest.raises(Forbidden, match="role"):
        appeal(decision_of(case), member(holder.organisation, role="reader"))


def test_the_systems_of_both_hear_of_the_case_and_of_the_appeal(work_off, monkeypatch):
    monkeypatch.setattr(fetch, "check", lambda url, **rest: None)
    holder, agent, _power = both()
    endpoints = {an_endpoint(by, events=["complaint.accepted", "appeal.submitted"]) for by in (holder, agent)}
    case = complaints.submit_complaint(
        notice=a_notice(by=agent, filing=FilingFactory(organisation=holder.organisation, created_by=holder)), by=agent
    )
    reviewer = staff()
    complaints.accept(complaint=case, by=reviewer)
    complaints.decide(
        complaint=case, by=reviewer, findings=found(case, dismissed=[row.target for row in case.targets.all()])
    )
    clock_says_told(case)
    appeal(decision_of(case), agent)
    work_off()
    for event in ("complaint.accepted", "appeal.submitted"):
        assert {row.endpoint for row in WebhookDelivery.objects.filter(event=event)} == endpoints, event

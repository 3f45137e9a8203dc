"""A right that an agency filed and that was rejected is holder's and agency's to appeal, as their complaints are; once for both."""

import pytest

from accounts.powers import services as powers
from accounts.powers.services import Scope
from core.errors import Forbidden, NotYours
from filings import services as filings
from filings.agents import power_over
from governance.appealable import contested_in, has_party
from governance.appeals import letters as of_appeals
from governance.appeals import services
from governance.appeals.selectors import offer_to
from governance.errors import AppealedBefore
from tests.accounts.powers import a_power, an_agency, both
from tests.factories import FilingFactory, member, staff
from tests.filings.build import a_draft
from tests.governance.helpers import GROUNDS, appeal, letters, reverse, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def parties():
    """A rights holder, its agency, the power between them, and a right that the agency filed and a reviewer rejected."""
    holder, agent, power = both()
    return holder, agent, power, rejected_for(holder, agent)


def rejected_for(holder, agent):
    filing = filings.submit_filing(filing=a_draft(by=agent, holder=holder.organisation.public_id), by=agent)
    return filings.reject(filing=filing, by=staff(), reason="The number is unknown.")


def end(power, holder):
    powers.revoke_power(power=power, by=holder, reason="Another agency does this now.")


def test_the_agency_finds_the_appeal_on_the_page_of_the_right_and_sends_it(parties, sign_in):
    holder, agent, _power, filing = parties
    browser = sign_in(agent)
    assert f"/appeals/against/{filing.public_id}/" in browser.get(f"/filings/{filing.public_id}/").content.decode()
    sent = browser.post(f"/appeals/against/{filing.public_id}/new/", {"grounds": GROUNDS})
    made = services.Appeal.objects.get()
    assert sent.headers["Location"] == f"/appeals/{made.public_id}/"
    assert (made.organisation, made.beside) == (agent.organisation, holder.organisation)
    page = sign_in(holder).get(sent.headers["Location"]).content.decode()
    assert agent.organisation.name in page
    assert "/withdraw/" in page, "a holder goes on with what its agency appealed"


@pytest.mark.parametrize("first", ["holder", "agent"])
def test_a_side_appeals_once_whichever_of_the_two_does(parties, first, sign_in):
    holder, agent, _power, filing = parties
    one, other = (holder, agent) if first == "holder" else (agent, holder)
    made = appeal(filing.public_id, one)
    with pytest.raises(AppealedBefore, match=made.number):
        appeal(filing.public_id, other)
    browser = sign_in(other)
    assert browser.get(f"/appeals/against/{filing.public_id}/").headers["Location"] == f"/appeals/{made.public_id}/"
    said = browser.get(f"/api/v1/appeals/{made.public_id}").json()
    assert (said["appellant"]["id"], said["beside"]["id"]) == (
        one.organisation.public_id, other.organisation.public_id,
    )  # fmt: skip
    assert ("withdraw" in said["available_actions"]) == (first == "agent"), "what the holder itself appealed is its own"


def test_both_are_told_what_became_of_it_and_the_filing_goes_back_to_review(parties):
    holder, agent, _power, filing = parties
    second = staff()
    made = taken(filing.public_id, agent, second)
    of_appeals.submitted(made.public_id)
    reverse(made, second)
    of_appeals.decided(made.public_id)
    for template in ("appeal_submitted", "appeal_decided"):
        assert {letter.user for letter in letters(template)} == {holder, agent}, template
    filing.refresh_from_db()
    assert filing.state == "submitted"


def test_once_the_power_has_ended_the_agency_reads_nothing_of_what_the_holder_appealed(parties):
    holder, agent, power, filing = parties
    second = staff()
    made = taken(filing.public_id, holder, second)
    of_appeals.submitted(made.public_id)
    assert {letter.user for letter in letters("appeal_submitted")} == {holder, agent}
    end(power, holder)
    reverse(made, second)
    of_appeals.decided(made.public_id)
    assert {letter.user for letter in letters("appeal_decided")} == {holder}


def test_once_the_power_has_ended_the_agency_neither_appeals_nor_goes_on(parties):
    holder, agent, power, filing = parties
    made = appeal(filing.public_id, agent)
    end(power, holder)
    with pytest.raises(Forbidden):
        services.withdraw(appeal=made, by=agent)
    services.withdraw(appeal=made, by=holder)
    with pytest.raises(Forbidden, match="power of attorney"):
        appeal(filing.public_id, agent)
    assert appeal(filing.public_id, holder).beside is None


def test_what_the_holder_appealed_without_a_power_stays_its_own_under_a_new_one(parties, sign_in):
    holder, agent, power, filing = parties
    end(power, holder)
    made = appeal(filing.public_id, holder)
    a_power(holder, agent)
    assert sign_in(agent).get(f"/appeals/{made.public_id}/").status_code == 404
    offer = offer_to(agent, filing.public_id)
    assert not offer.is_open
    assert "Your side has appealed" in offer.why_not


def test_another_agency_of_the_holder_appeals_nothing_and_is_offered_nothing(parties, sign_in):
    holder, _agent, _power, filing = parties
    other = member(an_agency())
    a_power(holder, other)
    page = sign_in(other).get(f"/filings/{filing.public_id}/")
    assert page.status_code == 200
    assert "/appeals/against/" not in page.content.decode()
    with pytest.raises(NotYours):
        appeal(filing.public_id, other)


def test_a_power_over_other_rights_alone_is_none_to_appeal_by(parties):
    holder, agent, power, filing = parties
    end(power, holder)
    other = FilingFactory(organisation=holder.organisation, created_by=holder)
    a_power(holder, agent, scope=Scope(rights=[other.public_id]))
    assert power_over(agent.organisation.pk, filing) is None
    with pytest.raises(Forbidden, match="power of attorney"):
        appeal(filing.public_id, agent)


def test_a_right_that_the_agency_filed_and_that_was_revoked_is_appealed_alike(parties):
    holder, agent, _power, _filing = parties
    filing = filings.submit_filing(filing=a_draft(by=agent, holder=holder.organisation.public_id), by=agent)
    filing = filings.approve(filing=filing, by=staff())
    filings.revoke(filing=filing, by=staff(), reason="The register says that it was cancelled.")
    made = appeal(filing.public_id, agent)
    assert (made.kind, made.beside) == ("rejected_filing", holder.organisation)


def test_nobody_of_the_agency_decides_on_it(parties):
    holder, agent, _power, filing = parties
    made = appeal(filing.public_id, holder)
    assert has_party(contested_in(made), agent)


def test_whoever_only_reads_for_the_agency_appeals_nothing(parties):
    _holder, agent, _power, filing = parties
    with pytest.raises(Forbidden, match="role"):
        appeal(filing.public_id, member(agent.organisation, role="reader"))

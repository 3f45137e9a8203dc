"""An agency acts for a rights holder inside a power of attorney that is in force: when it acts, and when staff decide."""

from datetime import UTC, date, datetime

import pytest

from accounts.models import PowerOfAttorney
from accounts.powers import services as powers
from accounts.powers.services import Scope
from accounts.roles import OrgRole
from complaints import conversations, counter_notices, representation, services
from complaints.models import Complaint
from complaints.services import submit_complaint
from core import clock
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.lifecycle import lock
from core.models import LedgerEntry
from filings import services as filings
from filings.models import Filing
from governance.appeals.services import submit_appeal
from tests.accounts.build import letters
from tests.accounts.powers import a_power, an_agency, both
from tests.complaints.counter import answered, clock_says_told, deliver_letters
from tests.complaints.helpers import found
from tests.factories import FilingFactory, ListingFactory, a_notice, member, staff
from tests.filings.build import a_draft, a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def time():
    with clock.frozen(datetime(2026, 3, 3, 12, tzinfo=UTC)) as stopped:
        yield stopped


def right_of(holder, **fields):
    return FilingFactory(organisation=holder.organisation, created_by=holder, **fields)


def complained(agent, right, *targets, **fields):
    return submit_complaint(notice=a_notice(*targets, by=agent, filing=right, **fields), by=agent)


def revoke(power, holder):
    powers.revoke_power(power=power, by=holder, reason="Another agency does this now.")


# --- complaints -----------------------------------------------------------------------------------------


def test_the_complaint_says_under_which_power_it_was_sent_and_for_whom(time, sign_in):
    holder, agent, power = both()
    case = complained(agent, right_of(holder))
    assert (case.power, case.holder, case.organisation) == (power, holder.organisation, agent.organisation)
    entry = LedgerEntry.objects.get(kind="complaint.submit", subject=case.public_id)
    assert entry.payload["power"] == power.public_id
    review = sign_in(staff()).get(f"/admin/complaints/complaint/{case.public_id}/review/").content.decode()
    assert power.number in review
    assert holder.organisation.name in review
    said = sign_in(agent).get(f"/api/v1/complaints/{case.public_id}").json()
    assert (said["power"]["id"], said["holder"]["id"]) == (power.public_id, holder.organisation.public_id)


def test_without_a_power_the_right_is_nothing_that_it_knows(time):
    holder, agent = member(), member(an_agency())
    with pytest.raises(NotYours):
        complained(agent, right_of(holder))
    a_power(holder, agent, state="confirmed")
    with pytest.raises(NotYours):
        complained(agent, right_of(holder))
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("ending", ["revoked", "over", "not begun"])
def test_outside_its_days_a_power_opens_nothing(time, ending):
    holder, agent, power = both(days=5, since=1 if ending == "not begun" else 0)
    if ending == "revoked":
        revoke(power, holder)
    elif ending == "over":
        time.advance(days=6)
    with pytest.raises(NotYours):
        complained(agent, right_of(holder))


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        ({"infringements": ["shop_name"]}, "infringement"),
        ({"scenes": ["shop", "livestream"]}, "links"),
        ({"marketplaces": ["elsewhere"]}, "links"),
    ],
)
def test_outside_its_scope_a_complaint_is_refused_by_its_field(time, scope, field):
    holder, agent, power = both(scope=Scope(**scope))
    with pytest.raises(Invalid) as refused:
        complained(agent, right_of(holder))
    assert power.number in str(refused.value.errors[field][0])
    assert not Complaint.objects.exists()
    listing = ListingFactory(shop__marketplace__slug="here")
    a_power(holder, agent, scope=Scope(infringements=["counterfeit"], scenes=["product_page"], marketplaces=["here"]))
    assert complained(agent, right_of(holder), listing).holder == holder.organisation


def test_named_rights_are_covered_and_no_others(time):
    holder, agent = member(), member(an_agency())
    named, other = right_of(holder), right_of(holder)
    a_power(holder, agent, scope=Scope(rights=[named.public_id]))
    assert complained(agent, named)
    with pytest.raises(NotYours):
        complained(agent, other)
    with pytest.raises(Invalid):
        filings.create_draft(kind="trademark", by=agent, holder=holder.organisation.public_id)


def test_a_power_of_one_holder_opens_nothing_of_another(time):
    _holder, agent, _power = both()
    with pytest.raises(NotYours):
        complained(agent, right_of(member()))


def test_staff_cannot_uphold_under_a_power_that_ended_since(time):
    holder, agent, power = both()
    case, reviewer = complained(agent, right_of(holder)), staff()
    services.accept(complaint=case, by=reviewer)
    revoke(power, holder)
    with pytest.raises(WrongState, match="not in force any more"):
        services.decide(complaint=case, by=reviewer, findings=found(case))
    a_power(holder, agent, days=60)
    assert services.decide(complaint=case, by=reviewer, findings=found(case))


def test_it_is_not_taken_in_under_a_power_that_ran_out_but_dismissed_or_returned(time):
    holder, agent, _power = both(days=1)
    case, reviewer = complained(agent, right_of(holder)), staff()
    time.advance(days=2)
    with pytest.raises(WrongState, match="not in force any more"):
        services.accept(complaint=case, by=reviewer)
    services.return_for_supplement(complaint=case, by=reviewer, missing="A power that is in force.")
    with pytest.raises(Forbidden):
        services.supplement(complaint=case, by=agent, text="Here is more.")


def test_the_holder_stands_by_it_and_then_it_is_decided(time, sign_in):
    holder, agent, power = both()
    case, reviewer = complained(agent, right_of(holder)), staff()
    services.accept(complaint=case, by=reviewer)
    revoke(power, holder)
    browser = sign_in(holder)
    assert "stand-by/" in browser.get(f"/complaints/{case.public_id}/").content.decode()
    browser.post(f"/complaints/{case.public_id}/stand-by/")
    assert services.decide(complaint=case, by=reviewer, findings=found(case))
    with pytest.raises(Forbidden):
        services.withdraw(complaint=case, by=agent)
    services.withdraw(complaint=case, by=holder)


def test_after_the_end_the_agency_sees_its_own_cases_and_changes_nothing_in_them(time, sign_in):
    holder, agent, power = both()
    right = right_of(holder)
    case = complained(agent, right)
    browser = sign_in(agent)
    assert "withdraw" in browser.get(f"/api/v1/complaints/{case.public_id}").json()["available_actions"]
    revoke(power, holder)
    assert browser.get(f"/complaints/{case.public_id}/").status_code == 200
    assert browser.get(f"/api/v1/complaints/{case.public_id}").json()["available_actions"] == []
    assert browser.post(f"/complaints/{case.public_id}/withdraw/").status_code == 403
    assert browser.post(f"/complaints/{case.public_id}/messages/", {"message-text": "Please."}).status_code == 403
    assert browser.get(f"/filings/{right.public_id}/").status_code == 404
    assert right.title not in browser.get("/complaints/new/").content.decode()


def test_a_counter_notice_is_conceded_by_an_agency_that_still_acts_or_by_the_holder(time):
    holder, agent, power = both()
    case, reviewer = complained(agent, right_of(holder)), staff()
    services.accept(complaint=case, by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case))
    clock_says_told(case)
    answer = counter_notices.forward(counter_notice=answered(case), by=reviewer)
    revoke(power, holder)
    with pytest.raises(Forbidden):
        counter_notices.concede(counter_notice=answer, by=agent)
    counter_notices.concede(counter_notice=answer, by=holder)


def test_it_appeals_while_it_is_represented(time):
    holder, agent, power = both()
    case, reviewer = complained(agent, right_of(holder)), staff()
    services.reject(complaint=case, by=reviewer, reason="No mark can be seen.")
    deliver_letters()
    revoke(power, holder)
    with pytest.raises(Forbidden, match="power of attorney"):
        submit_appeal(subject=case.public_id, by=agent, grounds="The mark is on the sole of the shoe.")


def test_the_holder_hears_of_what_its_agency_does(time):
    holder, agent, _power = both()
    case = complained(agent, right_of(holder))
    from complaints import letters as of_complaints

    of_complaints.submitted(case.public_id)
    assert {letter.user for letter in letters("complaint_submitted")} == {agent, holder}


def test_the_role_counts_inside_a_power_too(time):
    holder, agent, _power = both()
    right = right_of(holder)
    with pytest.raises(Forbidden):
        complained(member(agent.organisation, role=OrgRole.READER), right)
    assert complained(member(agent.organisation, role=OrgRole.COMPLAINANT), right)


def test_the_holder_reads_no_letter_away_that_is_meant_for_its_agency(time, sign_in):
    holder, agent, _power = both()
    case = complained(agent, right_of(holder))
    conversations.write(complaint=case, party=agent.organisation, by=staff(), text="Which seam do you mean?")
    page = f"/complaints/{case.public_id}/"
    assert sign_in(holder).get(page).status_code == 200
    assert case.messages.filter(first_read_at=None).exists()
    assert "Which seam" in sign_in(agent).get(page).content.decode()
    assert not case.messages.filter(first_read_at=None).exists()


def test_the_holder_has_a_conversation_of_its_own_with_the_platform(time, sign_in):
    holder, agent, _power = both()
    case, reviewer = complained(agent, right_of(holder)), staff()
    page, browser = f"/complaints/{case.public_id}/", sign_in(holder)
    assert browser.post(f"{page}messages/", {"message-text": "We never licensed this shop."}).status_code == 302
    [message] = case.messages.all()
    assert message.party == holder.organisation
    assert "We never licensed" in browser.get(page).content.decode()
    assert "We never licensed" not in sign_in(agent).get(page).content.decode()
    review = sign_in(reviewer).get(f"/admin/complaints/complaint/{case.public_id}/review/").content.decode()
    assert "We never licensed" in review
    conversations.write(complaint=case, party=holder.organisation, by=reviewer, text="Since when is it yours?")
    conversations.written(case.messages.latest("pk").public_id)
    [letter] = letters("message_written")
    assert letter.user == holder
    assert page in letter.body
    said = sign_in(holder).get(f"/api/v1/complaints/{case.public_id}/messages").json()
    assert "Since when" in str(said)


def test_a_power_that_is_revoked_while_staff_decide_carries_nothing(time, monkeypatch):
    holder, agent, power = both()
    case = complained(agent, right_of(holder))

    def after_the_holder(held):
        PowerOfAttorney.objects.filter(pk=power.pk).update(state="revoked")
        return lock(held)

    monkeypatch.setattr(representation, "lock", after_the_holder)
    with pytest.raises(WrongState, match="not in force any more"):
        services.accept(complaint=case, by=staff())


# --- filings --------------------------------------------------------------------------------------------


def test_an_agency_files_a_right_for_its_holder(time, sign_in):
    holder, agent, power = both()
    browser = sign_in(agent)
    assert holder.organisation.name in browser.get("/filings/new/").content.decode()
    browser.post("/filings/new/", {"kind": "trademark", "holder": holder.organisation.public_id})
    draft = Filing.objects.get()
    assert (draft.organisation, draft.agency) == (holder.organisation, agent.organisation)
    draft = a_draft(by=agent, holder=holder.organisation.public_id)
    filing = filings.submit_filing(filing=draft, by=agent)
    assert filing.power == power
    assert sign_in(holder).get(f"/filings/{filing.public_id}/").status_code == 200
    assert filings.approve(filing=filing, by=staff()).is_in_force()


def test_a_filing_is_not_approved_under_a_power_that_ended_since(time, sign_in):
    holder, agent, power = both()
    filing = filings.submit_filing(filing=a_draft(by=agent, holder=holder.organisation.public_id), by=agent)
    revoke(power, holder)
    with pytest.raises(WrongState, match="not in force any more"):
        filings.approve(filing=filing, by=staff())
    filing = filings.return_for_supplement(filing=filing, by=staff(), missing="A power that is in force.")
    browser = sign_in(agent)
    assert browser.get(f"/filings/{filing.public_id}/").status_code == 200, "its own past case"
    assert browser.post(f"/filings/{filing.public_id}/submit/").status_code == 403
    filing = filings.submit_filing(filing=filing, by=holder)
    assert filings.approve(filing=filing, by=staff()).is_in_force()


def test_a_renewal_stands_by_the_power_of_the_agency_that_handed_it_in(time, sign_in):
    holder, first, earlier = both()
    filing = filings.submit_filing(filing=a_draft(by=first, holder=holder.organisation.public_id), by=first)
    filing = filings.approve(filing=filing, by=staff())
    revoke(earlier, holder)
    second = member(an_agency())
    power = a_power(holder, second)
    said = {"valid_until_on": date(2039, 12, 31), "certificates": [a_picture()]}
    filing = filings.renew(filing=filing, by=second, **said)
    assert filings.approve(filing=filing, by=staff()).valid_until_on == date(2039, 12, 31)
    told = {letter.to for letter in letters("filing_approved")}
    assert told == {holder.email, first.email, second.email}, "each agency of what it handed in"
    assert [letter.to for letter in letters("filing_approved")].count(first.email) == 1
    filing = filings.renew(
        filing=filing, by=second, **said | {"certificates": [a_picture()], "valid_until_on": date(2049, 12, 31)}
    )
    revoke(power, holder)
    a_power(holder, first)
    with pytest.raises(WrongState, match="not in force any more"):
        filings.approve(filing=filing, by=staff())
    assert sign_in(second).get(f"/filings/{filing.public_id}/").status_code == 200, "its own past case"


def test_the_lists_of_both_say_for_whom(time, sign_in):
    holder, agent, _power = both()
    right = right_of(holder)
    complained(agent, right)
    for person in (holder, agent):
        browser = sign_in(person)
        said = f"{agent.organisation.name} for {holder.organisation.name}"
        assert said in browser.get("/complaints/").content.decode()
        assert right.title in browser.get("/filings/").content.decode()
    assert holder.organisation.name in sign_in(agent).get("/filings/").content.decode()


def test_an_agency_files_nothing_of_somebody_else_as_its_own(time):
    agent = member(an_agency())
    draft = a_draft(by=agent, owner_name="Somebody Else Ltd")
    with pytest.raises(Invalid) as refused:
        filings.submit_filing(filing=draft, by=agent)
    assert "owner_name" in refused.value.errors

"""An appeal that is right turns the decision round, with all that follows from it, in one go."""

import pytest

from complaints import counter_notices
from complaints import services as complaints
from complaints.counter_notices import Anew
from complaints.lifecycle import until_closing
from complaints.models import Decision, Finding, StatementOfReasons
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.ids import next_number
from core.models import LedgerEntry
from filings.models import Filing
from governance.appeals import services
from governance.errors import AppealedBefore, DecidedTheFirst, NotTold, TooLate
from governance.models import Appeal
from marketplace.models import Enforcement
from tests.complaints.counter import an_answer, answered, statement_of
from tests.complaints.counter import told as upheld_and_told
from tests.complaints.helpers import found
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, complaint, member, merchant_of, staff
from tests.governance.helpers import (
    GROUNDS,
    REASONS,
    appeal,
    carry_out,
    held,
    letters,
    reverse,
    stand,
    taken,
    upheld,
)
from tests.governance.penalties import a_suspension

pytestmark = pytest.mark.django_db


# --- takedowns -------------------------------------------------------------------------------------------


def test_a_takedown_that_is_reversed_brings_the_links_back(told, statement, merchant, second, listings, work_off):
    case = taken(statement.public_id, merchant, second)
    reverse(case, second)
    carry_out(work_off)
    case.refresh_from_db()
    told.refresh_from_db()
    assert case.state == "reversed"
    assert held(told) == upheld(told) == set()
    assert set(told.targets.values_list("outcome", flat=True)) == {"dismissed"}
    assert Enforcement.objects.filter(desired="up", confirmed="up", target__in=listings[:2]).count() == 2


def test_only_some_links_are_reversed(told, statement, merchant, second, listings, work_off):
    case = taken(statement.public_id, merchant, second)
    some = case.links.filter(finding__complaint_target__target=listings[0])
    reverse(case, second, links=list(some))
    carry_out(work_off)
    case.refresh_from_db()
    assert case.state == "partly_reversed"
    assert held(told) == upheld(told) == {listings[1].pk}
    assert list(case.links.order_by("pk").values_list("is_reversed", flat=True)) == [True, False]


def test_an_appeal_adds_a_decision_and_edits_none(told, statement, merchant, second):
    before = list(Finding.objects.values()), list(Decision.objects.values()), list(StatementOfReasons.objects.values())
    reverse(taken(statement.public_id, merchant, second), second)
    assert list(Finding.objects.filter(pk__in=[f["id"] for f in before[0]]).values()) == before[0]
    assert list(Decision.objects.filter(on_appeal="").values()) == before[1]
    assert list(StatementOfReasons.objects.values()) == before[2]
    new = Decision.objects.exclude(on_appeal="").get()
    assert (new.decided_by, new.is_automated) == (second, False)


def test_a_decision_that_stands_changes_nothing(told, statement, merchant, second):
    case = taken(statement.public_id, merchant, second)
    before = held(told)
    stand(case, second)
    case.refresh_from_db()
    assert (case.state, held(told), upheld(told)) == ("upheld", before, before)


def test_a_merchant_may_appeal_about_one_link_alone(told, statement, merchant, second, listings):
    link = told.targets.get(target=listings[0])
    case = taken(statement.public_id, merchant, second, links=[link.public_id])
    reverse(case, second)
    assert held(told) == {listings[1].pk}


def test_a_link_that_was_not_appealed_about_cannot_be_chosen(told, statement, merchant, listings):
    dismissed = told.targets.get(target=listings[2])
    with pytest.raises(Invalid):
        appeal(statement.public_id, merchant, links=[dismissed.public_id])


def test_another_complaint_goes_on_holding_what_is_reversed(
    told, statement, merchant, second, listings, first, work_off
):
    other = complaint(listings[0], by=member())
    complaints.accept(complaint=other, by=first)
    complaints.decide(complaint=other, by=first, findings=found(other))
    reverse(taken(statement.public_id, merchant, second), second)
    carry_out(work_off)
    assert Enforcement.objects.get(target=listings[0]).confirmed == "down"
    assert Enforcement.objects.get(target=listings[1]).confirmed == "up"


# --- dismissals ------------------------------------------------------------------------------------------


def test_a_dismissal_that_is_reversed_takes_the_link_down(told, decision, holder, second, listings, work_off):
    case = taken(decision.public_id, holder, second)
    assert case.links.count() == 1
    reverse(case, second)
    carry_out(work_off)
    told.refresh_from_db()
    assert held(told) == upheld(told) == {listing.pk for listing in listings}
    new = Decision.objects.exclude(on_appeal="").get()
    assert new.statements.get().findings.get().complaint_target.target == listings[2]
    assert Enforcement.objects.get(target=listings[2]).confirmed == "down"


def test_a_closed_case_is_decided_anew_all_the_same(told, decision, holder, second, stopped, listings):
    stopped.advance(days=16)
    complaints.pass_deadline(complaint=told)
    told.refresh_from_db()
    assert told.state == "closed"
    reverse(taken(decision.public_id, holder, second), second)
    assert listings[2].pk in held(told)
    told.refresh_from_db()
    # The shop has as long to answer as after any decision, and the case closes once it has not.
    assert (told.state, told.deadline_at) == ("notified", until_closing(told))
    stopped.set(told.deadline_at)
    complaints.pass_deadline(complaint=told)
    told.refresh_from_db()
    assert told.state == "closed"


def test_the_shop_can_answer_what_an_appeal_took_down_in_a_closed_case(
    told, decision, holder, merchant, second, stopped, listings
):
    stopped.advance(days=16)
    complaints.pass_deadline(complaint=told)
    reverse(taken(decision.public_id, holder, second), second)
    burdened = Decision.objects.exclude(on_appeal="").get().statements.get()
    counter_notices.submit_counter_notice(statement=burdened, answer=an_answer(merchant), by=merchant)
    told.refresh_from_db()
    assert told.state == "countered"


def test_whoever_let_it_stand_on_an_answer_does_not_decide_the_appeal(stopped, market):
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="eu"))
    case, merchant, second = upheld_and_told(ListingFactory(shop=shop)), merchant_of(shop), staff()
    made = counter_notices.take_up(counter_notice=answered(case, by=merchant), by=second)
    counter_notices.decide_anew(
        counter_notice=made, by=second, findings=[Anew(made.links.get(), True, "The label differs.")]
    )
    contested = appeal(statement_of(case).public_id, merchant)
    with pytest.raises(DecidedTheFirst):
        services.take(appeal=contested, by=second)
    assert services.take(appeal=contested, by=staff())


def test_the_complainant_appeals_against_the_reversal_of_its_takedown_on_an_answer(stopped, market, work_off):
    shop, second, third = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="eu")), staff(), staff()
    complainant = member()
    case = upheld_and_told(*ListingFactory.create_batch(2, shop=shop), by=complainant)
    work_off()
    made = counter_notices.take_up(counter_notice=answered(case), by=second)
    one, other = made.links.order_by("pk")
    findings = [Anew(one, True, "The label differs."), Anew(other, False, "The licence covers it.")]
    counter_notices.decide_anew(counter_notice=made, by=second, findings=findings)
    work_off()
    new = case.decisions.last()
    assert (new.on_appeal, new.decided_by) == (made.public_id, second)
    found_anew = new.findings.get()
    assert (found_anew.outcome, found_anew.rule, found_anew.facts) == ("dismissed", "D1", "The licence covers it.")
    # What was found before is cited in the version of then.
    cited = LedgerEntry.objects.get(kind="counter_notice.decide").payload["rules"]
    assert {rule["rule"] for rule in cited.values()} == {"U1"}
    assert len(cited) == 2
    # Each side is told once, in one letter, and the complainant how to go on.
    assert not letters("complaint_decided_anew") + letters("removal_reversed") + letters("notice_reversed")
    told_of_it = letters("counter_notice_settled")
    assert len(told_of_it) == 2
    assert len([m for m in told_of_it if f"/complaints/{case.public_id}/" in m.body and "appeal" in m.body]) == 1
    contested = appeal(new.public_id, complainant)
    with pytest.raises(DecidedTheFirst):
        services.take(appeal=contested, by=second)
    reverse(services.take(appeal=contested, by=third), third)
    assert len(held(case)) == 2


def test_the_shop_can_appeal_against_what_an_appeal_took_down(told, decision, holder, merchant, second, listings):
    reverse(taken(decision.public_id, holder, second), second)
    burdened = Decision.objects.exclude(on_appeal="").get().statements.get()
    third = staff()
    with pytest.raises(DecidedTheFirst):
        services.take(appeal=appeal(burdened.public_id, merchant), by=second)
    case = services.take(appeal=Appeal.objects.latest("pk"), by=third)
    reverse(case, third)
    assert listings[2].pk not in held(told)
    # Each side has appealed about this link once: now it is for a body outside, or a court.
    last = told.decisions.latest("pk")
    with pytest.raises(AppealedBefore):
        appeal(last.public_id, holder)


# --- whole cases -----------------------------------------------------------------------------------------


def test_a_rejected_complaint_is_accepted_after_all(stopped, holder, first, second, work_off):
    case = complaint(by=holder)
    complaints.reject(complaint=case, by=first, reason="No mark can be seen.")
    reverse(taken(case.public_id, holder, second), second)
    case.refresh_from_db()
    assert (case.state, case.assigned_to) == ("accepted", None)
    assert case.deadline_at is not None


def test_a_complaint_that_lapsed_was_rejected_by_nobody(stopped, holder, first):
    case = complaint(by=holder)
    complaints.return_for_supplement(complaint=case, by=first, missing="The order.")
    stopped.advance(days=6)
    complaints.pass_deadline(complaint=case)
    with pytest.raises(NotYours):
        appeal(case.public_id, holder)


def test_a_rejected_filing_goes_back_to_review(stopped, holder, first, second):
    from filings import services as filings
    from tests.factories import FilingFactory

    filing = FilingFactory(organisation=holder.organisation, created_by=holder, state=Filing.State.SUBMITTED)
    filings.reject(filing=filing, by=first, reason="The number is unknown.")
    reverse(taken(filing.public_id, holder, second), second)
    filing.refresh_from_db()
    assert filing.state == "submitted"
    # Rejected once more that is another decision, with an appeal of its own.
    stopped.advance(days=1)
    filings.reject(filing=filing, by=second, reason="The number is still unknown.")
    assert appeal(filing.public_id, holder).number


def test_rejected_papers_go_back_to_review(stopped, first, second):
    from accounts import review
    from accounts.models import Organisation
    from tests.factories import OrganisationFactory

    person = member(OrganisationFactory(state=Organisation.State.SUBMITTED))
    organisation = person.organisation
    review.reject(organisation=organisation, by=first, note="The licence is another company's.")
    reverse(taken(organisation.public_id, person, second), second)
    organisation.refresh_from_db()
    assert organisation.state == "submitted"


def test_a_revoked_certificate_is_examined_anew(stopped, holder, first, second):
    from imageguard import services as originals
    from tests.factories import an_original

    original = an_original(holder)
    originals.revoke(original=original, by=first, public_reason="It was published by somebody else before.")
    reverse(taken(original.public_id, holder, second), second)
    original.refresh_from_db()
    assert (original.state, original.public_reason) == ("received", "")
    assert original.due_at is not None


def test_a_penalty_that_is_reversed_lets_the_shop_go(stopped, shop, merchant, first, second):
    from governance.models import Penalty
    from governance.penalties import services as penalties
    from marketplace.models import Hold

    penalty = a_suspension(shop)
    penalties.open_hearing(penalty=penalty, by=first)
    penalties.state_position(penalty=penalty, by=merchant, text="The goods were genuine.")
    penalties.confirm(penalty=penalty, by=first, reason="Six counterfeits in a month.")
    assert Hold.objects.active().filter(target=shop).exists()
    stopped.advance(hours=1)
    case = taken(penalty.public_id, merchant, second)
    reverse(case, second)
    penalty.refresh_from_db()
    assert penalty.state == Penalty.State.REVERSED
    assert not Hold.objects.active().exists()


@pytest.mark.parametrize("state", ["warned", "lapsed", "ended"])
def test_a_complainant_that_was_warned_wrongly_appeals_while_it_counts_and_after(stopped, holder, second, state):
    from accounts.roles import StaffRole
    from complaints.models import Suspension

    warned_by, senior = staff(StaffRole.SENIOR_REVIEWER), staff(StaffRole.SENIOR_REVIEWER)
    suspension = Suspension.objects.create(
        number="X-2026-000001", organisation=holder.organisation, warned_by=warned_by, facts="Two forged papers."
    )
    Suspension.objects.update(state=state)
    case = taken(suspension.public_id, holder, senior)
    reverse(case, senior)
    suspension.refresh_from_db()
    assert suspension.state == "reversed"


def a_privilege(holder):
    from complaints.models import Privilege

    return Privilege.objects.create(
        number=next_number("PV", 2026), organisation=holder.organisation, asked_by=holder, state=Privilege.State.ACTIVE
    )


def test_self_service_that_was_taken_away_wrongly_is_given_back(stopped, holder, sign_in):
    from accounts.roles import StaffRole
    from complaints import selfservice

    taken_by, senior = staff(StaffRole.SENIOR_REVIEWER), staff(StaffRole.SENIOR_REVIEWER)
    privilege = a_privilege(holder)
    selfservice.take_away(privilege=privilege, by=taken_by, reason="Careless removals.")
    browser = sign_in(holder)
    offered = f"/appeals/against/{privilege.public_id}/"
    assert offered in browser.get("/standing/self-service/").content.decode()
    assert f"{offered}new/" in letters("privilege_ended")[0].body
    assert browser.post(f"{offered}new/", {"grounds": GROUNDS}).status_code == 302
    case = Appeal.objects.get()
    with pytest.raises(DecidedTheFirst):
        services.take(appeal=case, by=taken_by)
    reverse(services.take(appeal=case, by=senior), senior)
    privilege.refresh_from_db()
    assert (privilege.state, privilege.ended_why) == ("active", "")
    assert REASONS.split("'")[0] in browser.get(f"/appeals/{case.public_id}/").content.decode()


def test_self_service_that_was_given_up_or_earned_anew_is_not_appealed_for(stopped, holder):
    from accounts.roles import StaffRole
    from complaints import selfservice

    given_up = a_privilege(holder)
    selfservice.give_up(privilege=given_up, by=holder)
    with pytest.raises(NotYours):
        appeal(given_up.public_id, holder)
    taken_away = a_privilege(holder)
    selfservice.take_away(privilege=taken_away, by=staff(StaffRole.SENIOR_REVIEWER), reason="Careless removals.")
    a_privilege(holder)
    with pytest.raises(WrongState):
        appeal(taken_away.public_id, holder)


# --- who, and when ---------------------------------------------------------------------------------------


def test_nobody_looks_again_at_their_own_decision(told, statement, merchant, first):
    case = appeal(statement.public_id, merchant)
    with pytest.raises(DecidedTheFirst):
        services.take(appeal=case, by=first)


def test_nobody_looks_at_what_somebody_else_has_taken(told, statement, merchant, second):
    case = taken(statement.public_id, merchant, second)
    other = staff()
    with pytest.raises(WrongState):
        services.take(appeal=case, by=other)
    with pytest.raises(Forbidden):
        services.give_back(appeal=case, by=other)
    from complaints.errors import TakenBySomebodyElse

    with pytest.raises(TakenBySomebodyElse):
        stand(case, other)


def test_a_party_of_the_case_decides_nothing(told, statement, merchant, holder):
    from complaints.errors import OwnCase

    party = staff()
    party.memberships.create(organisation=holder.organisation, role="reader")
    with pytest.raises(OwnCase):
        services.take(appeal=appeal(statement.public_id, merchant), by=party)


@pytest.mark.parametrize("who", ["holder", "stranger", "reader"])
def test_only_whom_it_burdens_appeals(told, statement, merchant, holder, who):
    people = {
        "holder": holder, "stranger": member(), "reader": member(merchant.organisation, role="reader"),
    }  # fmt: skip
    with pytest.raises(Forbidden if who == "reader" else NotYours):
        appeal(statement.public_id, people[who])
    assert not Appeal.objects.exists()


@pytest.mark.parametrize("subject", ["sor_", "", "xyz_1", "cmp_" + "0" * 26, "dec_\x00", "sor_" + "9" * 5000])
def test_what_is_no_decision_is_unknown(merchant, subject):
    with pytest.raises(NotYours):
        appeal(subject, merchant)


def test_late_is_refused_with_the_day_on_which_it_ended(told, statement, merchant, stopped):
    stopped.advance(days=31)
    with pytest.raises(TooLate, match="2026-04-02"):
        appeal(statement.public_id, merchant)


def test_in_the_european_union_six_months_are_given(told, statement, merchant, stopped):
    type(told).objects.update(regime="eu")
    stopped.advance(days=180)
    assert appeal(statement.public_id, merchant).regime == "eu"


def test_twice_is_refused_with_the_number_of_the_first(told, statement, merchant):
    first = appeal(statement.public_id, merchant)
    with pytest.raises(AppealedBefore, match=first.number):
        appeal(statement.public_id, merchant)


def test_a_withdrawn_appeal_can_be_filed_anew(told, statement, merchant, second):
    services.withdraw(appeal=appeal(statement.public_id, merchant), by=merchant)
    again = taken(statement.public_id, merchant, second)
    stand(again, second)
    assert Appeal.objects.count() == 2


def test_before_the_parties_were_told_nothing_can_be_appealed(stopped, listings, holder, merchant, first):
    case = complaint(*listings, by=holder)
    complaints.accept(complaint=case, by=first)
    decided = complaints.decide(complaint=case, by=first, findings=found(case))
    with pytest.raises(NotTold):
        appeal(decided.statements.get().public_id, merchant)


@pytest.mark.parametrize("grounds", ["", "  ", "Wrong."])
def test_grounds_are_needed(told, statement, merchant, grounds):
    with pytest.raises(Invalid):
        appeal(statement.public_id, merchant, grounds=grounds)
    assert not Appeal.objects.exists()


@pytest.mark.parametrize(("rule", "reasons"), [("U1", "Because."), ("", "Because."), ("D3", " ")])
def test_a_reversal_names_a_rule_and_reasons_or_changes_nothing(told, statement, merchant, second, rule, reasons):
    case = taken(statement.public_id, merchant, second)
    before = held(told), LedgerEntry.objects.count()
    with pytest.raises(Invalid):
        services.decide(appeal=case, by=second, is_reversed=True, reasons=reasons, rule=rule)
    case.refresh_from_db()
    assert (case.state, case.decisions.count()) == ("under_review", 0)
    assert (held(told), LedgerEntry.objects.count()) == before


# --- supplements -----------------------------------------------------------------------------------------


def test_a_supplement_brings_it_back_to_the_same_reviewer(told, statement, merchant, second, work_off):
    case = taken(statement.public_id, merchant, second)
    services.return_for_supplement(appeal=case, by=second, missing="The invoices.")
    work_off()
    assert "The invoices." in letters("appeal_returned")[0].body
    services.supplement(appeal=case, by=merchant, text="Here they are.")
    case.refresh_from_db()
    assert (case.state, case.assigned_to) == ("under_review", second)
    assert GROUNDS in case.grounds
    assert "Here they are." in case.grounds


def test_without_the_supplement_it_is_decided_on_what_is_there(told, statement, merchant, second, stopped):
    case = taken(statement.public_id, merchant, second)
    services.return_for_supplement(appeal=case, by=second, missing="The invoices.")
    assert services.pass_deadlines() == 0
    stopped.advance(days=4)
    assert services.pass_deadlines() == 1
    assert services.pass_deadlines() == 0
    case.refresh_from_db()
    assert case.state == "under_review"
    stand(case, second)


# --- what ends by itself ---------------------------------------------------------------------------------


def test_an_appeal_about_a_withdrawn_complaint_is_settled(told, statement, merchant, holder, work_off):
    case = appeal(statement.public_id, merchant)
    complaints.withdraw(complaint=told, by=holder)
    work_off()
    case.refresh_from_db()
    assert case.state == "settled"
    assert letters("appeal_moved")


def test_an_appeal_about_one_of_two_withdrawn_links_goes_on(
    told, statement, merchant, holder, second, listings, work_off
):
    case = taken(statement.public_id, merchant, second)
    complaints.withdraw(complaint=told, by=holder, targets=[told.targets.get(target=listings[0])])
    work_off()
    case.refresh_from_db()
    assert case.state == "under_review"
    reverse(case, second)
    case.refresh_from_db()
    assert case.state == "reversed"
    assert held(told) == set()


# --- letters and ledger ------------------------------------------------------------------------------------


def test_both_sides_read_of_each_step(told, statement, merchant, holder, second, work_off):
    case = taken(statement.public_id, merchant, second)
    work_off()
    reverse(case, second)
    work_off()
    assert [letter.user for letter in letters("appeal_submitted")] == [merchant]
    assert [letter.user for letter in letters("appeal_decided")] == [merchant]
    assert [letter.user for letter in letters("appeal_of_other_side")] == [holder, holder]
    assert [letter.user for letter in letters("complaint_decided_anew")] == [holder]
    assert [letter.user for letter in letters("notice_reversed")] == [merchant]


def test_the_ledger_keeps_each_step_and_no_words(told, statement, merchant, second):
    case = taken(statement.public_id, merchant, second)
    reverse(case, second)
    entries = LedgerEntry.objects.filter(subject=case.public_id).order_by("pk")
    assert [e.kind for e in entries] == ["appeal.submit", "appeal.take", "appeal.reverse"]
    assert not any("invoices" in str(e.payload) for e in entries)

"""Proved, conceded, withdrawn, ordered, released: each link of a counter-notice goes its own way, and its hold follows."""

from datetime import timedelta

import pytest

from accounts.roles import StaffRole
from complaints import counter_clock, counter_lifecycle, counter_notices, services
from complaints.counter_notices import Anew
from complaints.court_orders import Ordered
from complaints.deadlines import window
from complaints.errors import ProofTooLate
from complaints.models import StatementOfReasons
from complaints.services import Found
from complaints.tasks import pass_counter_deadlines, recount_waiting_periods
from core import clock
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter
from marketplace.models import Enforcement, Hold
from tests.complaints.counter import (
    a_proof,
    an_answer,
    an_order,
    answered,
    deliver_letters,
    held,
    letters,
    statement_of,
    told,
    waiting,
)
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, merchant_of, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(stopped, holder, listings, merchant):
    return told(*listings, by=holder)


@pytest.fixture
def made(case, merchant):
    return waiting(case, by=merchant)


def links(made):
    return list(made.links.order_by("pk"))


def stands(made):
    made.refresh_from_db()
    return made.state, list(made.links.order_by("pk").values_list("outcome", flat=True))


def ended(proceeding, result):
    return counter_notices.end_proceeding(
        proceeding=proceeding, by=staff(), result=result, ended_on=clock.today()
    )  # fmt: skip


def ordered(made, *, keeps_down, kind="judgment", some=None):
    order = an_order(keeps_down=keeps_down, kind=kind)
    return counter_notices.record_order(counter_notice=made, by=staff(), order=order, links=some)


# --- proof ---------------------------------------------------------------------------------------------


def test_proof_in_time_keeps_the_links_down_until_the_court_has_spoken(case, made, holder, stopped):
    proceeding = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
    assert stands(made) == ("in_proceedings", ["sustained"] * 3)
    assert made.deadline_at is None
    stopped.advance(days=100)
    assert pass_counter_deadlines() == 0
    assert len(held(case)) == 3
    ended(proceeding, "infringement")
    assert stands(made) == ("concluded", ["kept"] * 3)
    assert len(held(case)) == 3


@pytest.mark.parametrize("result", ["no_infringement", "over"])
def test_a_proceeding_that_finds_nothing_brings_them_back(case, made, holder, result):
    ended(counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder)), result)
    assert stands(made) == ("concluded", ["released"] * 3)
    assert held(case) == set()


def test_proof_for_some_links_lets_the_others_go_on_the_day(case, made, holder, stopped):
    counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder), links=links(made)[:1])
    assert stands(made) == ("waiting", ["sustained", "waiting", "waiting"])
    stopped.set(made.deadline_at)
    assert pass_counter_deadlines() == 1
    assert stands(made) == ("in_proceedings", ["sustained", "released", "released"])
    assert held(case) == {links(made)[0].complaint_target.target_id}
    case.refresh_from_db()
    assert case.state == "countered"


def test_proof_after_the_day_is_recorded_and_refused_with_a_word(case, made, holder, stopped):
    stopped.set(made.deadline_at)
    with pytest.raises(ProofTooLate) as refused:
        counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
    late = made.proceedings.get()
    assert late.is_late
    assert late.public_id in str(refused.value)
    assert LedgerEntry.objects.filter(kind="counter_notice.proved_too_late", subject=made.public_id).exists()
    pass_counter_deadlines()
    assert stands(made) == ("concluded", ["released"] * 3)
    ended(late, "infringement")
    assert held(case) == set()


def test_two_proceedings_keep_a_link_down_until_both_have_ended(case, made, holder):
    first = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder, kind="authority"))
    second = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
    ended(first, "over")
    assert stands(made) == ("in_proceedings", ["sustained"] * 3)
    ended(second, "no_infringement")
    assert stands(made) == ("concluded", ["released"] * 3)


def test_what_is_missing_of_a_proof_is_said_by_its_field(made, holder, merchant):
    wrong = a_proof(holder, kind="", forum=" ", case_number="", file=None, filed_on=clock.today() + timedelta(days=1))
    with pytest.raises(Invalid) as refused:
        counter_notices.prove(counter_notice=made, by=holder, proof=wrong)
    assert set(refused.value.errors) == {"kind", "forum", "case_number", "filed_on", "file"}
    with pytest.raises(Forbidden):
        counter_notices.prove(counter_notice=made, by=merchant, proof=a_proof(merchant))


def test_an_end_is_recorded_once_and_on_a_day_that_was(made, holder):
    proceeding = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
    with pytest.raises(Invalid):
        counter_notices.end_proceeding(
            proceeding=proceeding, by=staff(), result="over", ended_on=clock.today() + timedelta(days=1)
        )
    ended(proceeding, "over")
    with pytest.raises(WrongState):
        ended(proceeding, "infringement")


# --- conceding and withdrawing ---------------------------------------------------------------------------


def test_what_the_complainant_concedes_goes_up_at_once(case, made, holder):
    counter_notices.concede(counter_notice=made, by=holder, links=links(made)[:1])
    assert stands(made) == ("waiting", ["conceded", "waiting", "waiting"])
    assert len(held(case)) == 2
    counter_notices.concede(counter_notice=made, by=holder)
    assert stands(made) == ("concluded", ["conceded"] * 3)
    assert LedgerEntry.objects.filter(kind="hold.released").count() == 3


def test_what_the_merchant_withdraws_stays_down(case, made, merchant, stopped):
    counter_notices.withdraw(counter_notice=made, by=merchant, links=links(made)[:2])
    assert stands(made) == ("waiting", ["withdrawn", "withdrawn", "waiting"])
    stopped.set(made.deadline_at)
    pass_counter_deadlines()
    assert stands(made) == ("concluded", ["withdrawn", "withdrawn", "released"])
    assert len(held(case)) == 2


def test_a_complaint_that_is_withdrawn_meanwhile_ends_it_at_once_and_exactly_once(case, made, holder, stopped):
    end = made.deadline_at
    services.withdraw(complaint=case, by=holder, targets=[links(made)[0].complaint_target])
    assert stands(made) == ("waiting", ["conceded", "waiting", "waiting"])
    services.withdraw(complaint=case, by=holder)
    assert stands(made) == ("concluded", ["conceded"] * 3)
    stopped.set(end)
    assert pass_counter_deadlines() == 0
    assert LedgerEntry.objects.filter(kind="hold.released").count() == 3
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_every_link_its_own_way(case, made, holder, merchant, stopped):
    first, second, _third = links(made)
    counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder), links=[first])
    counter_notices.withdraw(counter_notice=made, by=merchant, links=[second])
    assert stands(made) == ("waiting", ["sustained", "withdrawn", "waiting"])
    stopped.set(made.deadline_at)
    pass_counter_deadlines()
    assert stands(made) == ("in_proceedings", ["sustained", "withdrawn", "released"])
    assert held(case) == {first.complaint_target.target_id, second.complaint_target.target_id}


# --- another complaint, and courts ---------------------------------------------------------------------------


def test_a_second_complaint_keeps_it_down_and_both_are_told_why(case, made, listings, stopped):
    second = told(listings[0])
    stopped.set(made.deadline_at)
    pass_counter_deadlines()
    assert held(case) == set()
    assert held(second) == {listings[0].pk}
    assert Enforcement.objects.get(target=listings[0]).desired == "down"
    assert Enforcement.objects.get(target=listings[1]).desired == "up"
    deliver_letters()
    bodies = [letter.body for letter in letters("counter_notice_settled")]
    assert len(bodies) == 2
    assert len([body for body in bodies if "Another case holds it down" in body or "另" in body]) == 2


def test_an_order_releases_before_the_day(case, made):
    ordered(made, keeps_down=False, some=links(made)[:1])
    assert stands(made) == ("waiting", ["released", "waiting", "waiting"])
    assert len(held(case)) == 2


def test_an_order_keeps_down_whatever_the_period(case, made, stopped):
    ordered(made, keeps_down=True)
    assert stands(made) == ("concluded", ["kept"] * 3)
    stopped.advance(days=60)
    pass_counter_deadlines()
    assert len(held(case)) == 3


def test_an_interim_injunction_keeps_down_until_a_judgment(case, made, stopped):
    ordered(made, keeps_down=True, kind="interim")
    assert stands(made) == ("in_proceedings", ["sustained"] * 3)
    stopped.advance(days=60)
    pass_counter_deadlines()
    assert len(held(case)) == 3
    ordered(made, keeps_down=False)
    assert stands(made) == ("concluded", ["released"] * 3)
    assert held(case) == set()


@pytest.mark.parametrize("by", ["interim injunction", "lawsuit"])
def test_what_a_court_keeps_down_is_not_lifted_by_withdrawing_and_answering_anew(
    case, made, holder, merchant, stopped, by
):
    some = links(made)[:1]
    if by == "lawsuit":
        counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder), links=some)
    else:
        ordered(made, keeps_down=True, kind="interim", some=some)
    with pytest.raises(WrongState):
        counter_notices.withdraw(counter_notice=made, by=merchant, links=some)
    counter_notices.withdraw(counter_notice=made, by=merchant)
    assert stands(made) == ("in_proceedings", ["sustained", "withdrawn", "withdrawn"])
    with pytest.raises(WrongState):
        counter_notices.withdraw(counter_notice=made, by=merchant)
    # Whatever was recorded of it otherwise: no new answer is taken for it, and no time puts it back.
    made.links.filter(pk=some[0].pk).update(outcome="withdrawn")
    rows = [link.complaint_target for link in links(made)]
    with pytest.raises(Invalid) as refused:
        answered(case, by=merchant, targets=rows)
    assert len(refused.value.errors["targets"]) == 1
    made.links.filter(pk=some[0].pk).update(outcome="sustained")
    again = waiting(case, by=merchant)
    assert again.links.count() == 2
    again.links.update(outcome="withdrawn")
    made.links.filter(pk=some[0].pk).update(outcome="withdrawn")
    again.links.create(complaint_target=rows[0])
    stopped.set(again.deadline_at)
    pass_counter_deadlines()
    assert rows[0].target_id in held(case)
    assert stands(again)[0] == "in_proceedings"


@pytest.mark.parametrize("result", ["no_infringement", "over"])
def test_an_injunction_outlives_every_proceeding_but_its_own(case, made, holder, result):
    there = {"forum": "Market Supervision", "case_number": "A 1", "kind": "authority"}
    before_authority = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder, **there))
    in_court = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder), links=links(made)[1:2])
    interim = Ordered("interim", True, in_court.forum, f" {in_court.case_number.lower()}", clock.today())
    counter_notices.record_order(counter_notice=made, by=staff(), order=interim, links=links(made)[:2])
    ended(before_authority, result)
    assert stands(made) == ("in_proceedings", ["sustained", "sustained", "released"])
    assert len(held(case)) == 2
    ended(in_court, result)
    # Where no proceeding was proved in which the order was given, only another order ends it.
    assert stands(made) == ("in_proceedings", ["sustained", "released", "released"])
    ordered(made, keeps_down=False, some=links(made)[:1])
    assert stands(made) == ("concluded", ["released"] * 3)


def test_an_injunction_is_not_lifted_by_a_supplement_that_does_not_come(case, merchant, stopped):
    made = answered(case, by=merchant)
    counter_notices.return_for_supplement(counter_notice=made, by=staff(), missing="The invoice.")
    ordered(made, keeps_down=True, kind="interim", some=links(made)[:1])
    made.refresh_from_db()
    stopped.set(made.deadline_at)
    pass_counter_deadlines()
    assert stands(made) == ("in_proceedings", ["sustained", "lapsed", "lapsed"])


def test_an_order_after_the_release_takes_down_again(case, made, stopped):
    stopped.set(made.deadline_at)
    pass_counter_deadlines()
    ordered(made, keeps_down=True, some=links(made)[:1])
    assert stands(made) == ("concluded", ["kept", "released", "released"])
    assert held(case) == {links(made)[0].complaint_target.target_id}


def test_an_order_takes_down_what_was_reversed_on_appeal(case, made):
    first = links(made)[0].complaint_target
    rule = Found(first, upheld=False, rule="D1", facts="It is another mark.")
    services.decide_anew(complaint=case, by=staff(), appeal="apl_1", findings=[rule])
    assert first.target_id not in held(case)
    ordered(made, keeps_down=True, some=links(made)[:1])
    assert first.target_id in held(case)
    first.refresh_from_db()
    assert (first.outcome, stands(made)[1][0]) == ("upheld", "kept")


def test_no_order_holds_down_a_link_that_was_withdrawn_by_itself(case, made, holder):
    first = links(made)[0].complaint_target
    services.withdraw(complaint=case, by=holder, targets=[first])
    with pytest.raises(Invalid) as refused:
        ordered(made, keeps_down=True)
    assert str(first.target)[:60] in refused.value.errors["links"][0]
    assert stands(made) == ("waiting", ["conceded", "waiting", "waiting"])
    ordered(made, keeps_down=True, some=links(made)[1:])
    assert len(held(case)) == 2


def test_no_order_holds_down_what_was_withdrawn(case, made, holder):
    services.withdraw(complaint=case, by=holder)
    with pytest.raises(Invalid) as refused:
        ordered(made, keeps_down=True)
    assert "keeps_down" in refused.value.errors
    assert not Hold.objects.active().exists()


# --- where a person decides --------------------------------------------------------------------------------------


def test_in_the_union_somebody_else_decides_anew_with_reasons(stopped, market):
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="eu"))
    first = staff()
    case = told(ListingFactory(shop=shop), ListingFactory(shop=shop), reviewer=first)
    made = counter_notices.take_up(counter_notice=answered(case), by=first)
    one, other = links(made)
    findings = [Anew(one, True, "The label differs."), Anew(other, False, "The licence covers it.")]
    with pytest.raises(Forbidden):
        counter_notices.decide_anew(counter_notice=made, by=first, findings=findings)
    with pytest.raises(Invalid):
        counter_notices.decide_anew(counter_notice=made, by=staff(), findings=findings[:1])
    with pytest.raises(Invalid):
        counter_notices.decide_anew(counter_notice=made, by=staff(), findings=[findings[0], Anew(other, False, " ")])
    counter_notices.decide_anew(counter_notice=made, by=staff(), findings=findings)
    assert stands(made) == ("concluded", ["kept", "released"])
    assert held(case) == {one.complaint_target.target_id}
    deliver_letters()
    assert {letter.template for letter in Letter.objects.filter(about=made.public_id)} == {
        "counter_notice_submitted", "counter_notice_settled",
    }  # fmt: skip


def test_nobody_who_decided_on_a_link_before_looks_at_it_anew(stopped, market):
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="eu"))
    first, second, third = staff(), staff(), staff()
    case = told(ListingFactory(shop=shop), reviewer=first)
    row = case.targets.get()
    for by, upheld, rule in [(second, False, "D1"), (third, True, "U1")]:
        services.decide_anew(complaint=case, by=by, appeal="apl_1", findings=[Found(row, upheld, rule, "The facts.")])
    last = StatementOfReasons.objects.latest("pk")
    merchant = merchant_of(shop)
    made = counter_notices.submit_counter_notice(statement=last, answer=an_answer(merchant), by=merchant)
    made = counter_notices.take_up(counter_notice=made, by=first)
    findings = [Anew(made.links.get(), True, "The label differs.")]
    for by in (first, second, third):
        with pytest.raises(Forbidden):
            counter_notices.decide_anew(counter_notice=made, by=by, findings=findings)
    counter_notices.decide_anew(counter_notice=made, by=staff(), findings=findings)
    assert stands(made) == ("concluded", ["kept"])


# --- a calendar that moves -----------------------------------------------------------------------------------------


def moved(monkeypatch, days):
    """From now on every waiting period ends some days later than the kept calendars say."""

    def counted(regime, event, at):
        made = window(regime, event, at)
        if event != regime.waits_from:
            return made
        return type(made)(
            opens_at=made.opens_at + timedelta(days=days), closes_at=made.closes_at + timedelta(days=days),
            is_provisional=False, steps=made.steps, source=made.source, timezone=made.timezone,
        )  # fmt: skip

    monkeypatch.setattr(counter_lifecycle, "window", counted)


def test_an_end_that_a_calendar_moved_is_counted_anew_before_anything_is_released(case, made, stopped, monkeypatch):
    end = made.deadline_at
    moved(monkeypatch, 2)
    stopped.set(end)
    assert pass_counter_deadlines() == 1
    assert stands(made) == ("waiting", ["waiting"] * 3)
    assert made.deadline_at == end + timedelta(days=2)
    deliver_letters()
    assert len({letter.to for letter in letters("counter_notice_moved")}) == 2
    stopped.set(made.deadline_at)
    pass_counter_deadlines()
    assert stands(made) == ("concluded", ["released"] * 3)


def test_once_a_day_every_end_is_counted_anew(case, made, stopped, monkeypatch):
    end = made.deadline_at
    assert recount_waiting_periods() == 0
    moved(monkeypatch, -1)
    assert recount_waiting_periods() == 1
    assert recount_waiting_periods() == 0
    stands(made)
    assert made.deadline_at == end - timedelta(days=1)


# --- what waits for the platform --------------------------------------------------------------------------------


def test_a_counter_notice_that_waits_too_long_is_said_to_seniors_once(case, merchant, stopped):
    staff(StaffRole.SENIOR_REVIEWER)
    made = answered(case, by=merchant)
    stopped.set(made.deadline_at)
    assert [pass_counter_deadlines() for _sweep in range(2)] == [1, 0]
    assert len(letters("counter_notice_overdue")) == 1


def test_under_american_law_seniors_are_told_again_when_the_links_may_go_up(stopped, market, holder):
    staff(StaffRole.SENIOR_REVIEWER)
    holder.organisation.contact_phone = "+1 212 555 0100"
    holder.organisation.save()
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="us"))
    made = answered(told(ListingFactory(shop=shop), by=holder))
    stopped.set(made.deadline_at)
    assert [pass_counter_deadlines() for _sweep in range(2)] == [1, 0]
    stopped.set(counter_lifecycle.waiting_period(made).opens_at)
    assert [pass_counter_deadlines() for _sweep in range(2)] == [1, 0]
    assert len(letters("counter_notice_overdue")) == 2
    assert stands(made) == ("forwarded", ["waiting"])


def test_two_sweeps_at_once_do_it_once(case, made, stopped):
    stopped.set(made.deadline_at)
    assert [counter_clock.put_back([made.pk]) for _sweep in range(2)] == [1, 0]
    assert LedgerEntry.objects.filter(kind="counter_notice.put_back").count() == 1
    assert statement_of(case).counter_notices.count() == 1

"""When a takedown can be answered, by whom, for which links; every refusal says what can be done instead."""

from datetime import timedelta

import pytest

from accounts.roles import OrgRole
from complaints import counter_notices, services
from complaints.errors import AnswerRefused, OwnCase
from complaints.models import CounterNotice
from complaints.tasks import pass_counter_deadlines, pass_deadlines
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.models import LedgerEntry
from tests.complaints.counter import a_proof, an_answer, answered, forwarded, held, statement_of, told, waiting
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, a_file, member, merchant_of, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(stopped, holder, listings, merchant):
    return told(*listings, by=holder)


def rows(case):
    return list(case.targets.order_by("pk"))


def refused_for(case, by, **fields):
    before = LedgerEntry.objects.count()
    with pytest.raises(Invalid) as refused:
        counter_notices.submit_counter_notice(statement=statement_of(case), answer=an_answer(by, **fields), by=by)
    assert LedgerEntry.objects.count() == before
    return {field: [str(m) for m in ms] for field, ms in refused.value.errors.items()}


def test_each_missing_element_is_said_by_its_field(case, merchant):
    errors = refused_for(case, merchant, statement="No.", signature=" ", good_faith=False, evidence=[], targets=[])
    assert set(errors) == {"statement", "signature", "good_faith", "evidence", "targets"}


def test_under_american_law_address_and_consent_are_asked_for(db, holder, market):
    holder.organisation.contact_phone = "+1 212 555 0100"
    holder.organisation.save()
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="us"))
    case = told(ListingFactory(shop=shop), by=holder)
    errors = refused_for(case, merchant_of(shop), name="", address="", phone="", jurisdiction=False, evidence=[])
    assert set(errors) == {"name", "address", "phone", "jurisdiction"}


@pytest.mark.parametrize("who", ["a stranger", "a reader", "the complainant", "staff"])
def test_nobody_else_answers_for_a_merchant(case, shop, holder, who):
    by = {
        "a stranger": member,
        "a reader": lambda: member(shop.operator, role=OrgRole.READER),
        "the complainant": lambda: holder,
        "staff": staff,
    }[who]()
    answer = an_answer(by) if by.organisation else an_answer(holder)
    with pytest.raises(Forbidden):
        counter_notices.submit_counter_notice(statement=statement_of(case), answer=answer, by=by)


def test_a_takedown_that_is_still_being_carried_out_is_answered_afterwards(upheld, merchant):
    with pytest.raises(AnswerRefused) as refused:
        answered(upheld, by=merchant)
    assert "when it is done" in str(refused.value)


def test_where_time_decides_no_day_ends_the_turn_of_a_merchant(case, merchant, stopped):
    """Neither E-Commerce Law art. 43 nor 17 U.S.C. § 512(g) sets one: a later answer opens the case again."""
    stopped.set(case.deadline_at)
    pass_deadlines()
    case.refresh_from_db()
    assert case.state == "closed"
    stopped.advance(days=300)
    made = answered(case, by=merchant)
    case.refresh_from_db()
    assert (case.state, made.links.count()) == ("countered", 3)


def test_after_a_withdrawal_there_is_nothing_to_answer(case, merchant, holder):
    services.withdraw(complaint=case, by=holder)
    with pytest.raises(AnswerRefused) as refused:
        answered(case, by=merchant)
    assert "nothing" in str(refused.value)


def test_in_the_union_an_answer_within_six_months_opens_a_closed_case_again(stopped, market):
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="eu"))
    case = told(ListingFactory(shop=shop))
    stopped.set(case.deadline_at)
    pass_deadlines()
    stopped.advance(days=120)
    made = answered(case)
    case.refresh_from_db()
    assert (case.state, made.state) == ("countered", "submitted")
    counter_notices.withdraw(counter_notice=made, by=made.filed_by)
    stopped.advance(days=200)
    pass_deadlines()
    with pytest.raises(AnswerRefused) as refused:
        answered(case, by=made.filed_by)
    assert "authority" in str(refused.value)


def test_a_link_that_the_complainant_let_go_cannot_be_answered(case, merchant, holder):
    services.withdraw(complaint=case, by=holder, targets=rows(case)[:1])
    errors = refused_for(case, merchant, targets=rows(case))
    assert len(errors["targets"]) == 1
    assert "not held down" in errors["targets"][0]
    assert answered(case, by=merchant).links.count() == 2


def test_a_link_is_answered_for_once_at_a_time(case, merchant):
    made = answered(case, by=merchant, targets=rows(case)[:2])
    errors = refused_for(case, merchant, targets=rows(case)[1:])
    assert made.number in errors["targets"][0]
    assert answered(case, by=merchant).links.count() == 1
    assert "targets" in refused_for(case, merchant, targets=None)


def test_after_a_withdrawal_or_a_lapse_a_second_answer_is_allowed(case, merchant, stopped):
    first = answered(case, by=merchant)
    counter_notices.withdraw(counter_notice=first, by=merchant)
    second = answered(case, by=merchant)
    counter_notices.return_for_supplement(counter_notice=second, by=staff(), missing="The invoice.")
    second.refresh_from_db()
    stopped.set(second.deadline_at)
    pass_counter_deadlines()
    second.refresh_from_db()
    assert second.state == "lapsed"
    case.refresh_from_db()
    assert case.state == "notified"
    assert answered(case, by=merchant).state == "submitted"


def test_after_a_finding_no_second_answer_is_allowed(case, merchant, holder):
    made = waiting(case, by=merchant)
    proceeding = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
    counter_notices.end_proceeding(
        proceeding=proceeding, by=staff(), result="infringement", ended_on=proceeding.filed_on
    )
    assert made.number in refused_for(case, merchant, targets=rows(case)[:1])["targets"][0]


def test_a_returned_answer_is_supplemented_and_checked_again(case, merchant, stopped):
    made = answered(case, by=merchant)
    counter_notices.return_for_supplement(counter_notice=made, by=staff(), missing="The invoice.")
    with pytest.raises(WrongState):
        counter_notices.forward(counter_notice=made, by=staff())
    stopped.advance(days=1)
    counter_notices.supplement(counter_notice=made, by=merchant, text="Here it is.", evidence=[a_file(merchant)])
    made.refresh_from_db()
    assert (made.state, made.received_at - made.created_at) == ("submitted", timedelta(days=1))
    assert made.evidence.count() == 2


def test_files_of_others_and_of_other_cases_are_refused(case, merchant, holder):
    with pytest.raises(NotYours):
        answered(case, by=merchant, evidence=[a_file(holder)])
    made = answered(case, by=merchant, targets=rows(case)[:1])
    used = made.evidence.get().file
    assert "evidence" in refused_for(case, merchant, evidence=[used], targets=rows(case)[1:])


def test_staff_of_a_party_does_not_check(case, merchant, shop):
    made = answered(case, by=merchant)
    partial = staff()
    partial.memberships.create(organisation=shop.operator, role=OrgRole.READER)
    with pytest.raises(OwnCase):
        counter_notices.forward(counter_notice=made, by=partial)


def test_the_complainant_sees_nothing_before_it_is_forwarded(case, merchant, holder):
    made = answered(case, by=merchant)
    assert not CounterNotice.objects.visible_to(holder).exists()
    counter_notices.forward(counter_notice=made, by=staff())
    assert CounterNotice.objects.visible_to(holder).get() == made
    assert not CounterNotice.objects.visible_to(member()).exists()


def test_under_chinese_law_who_signed_stays_with_the_platform(case, merchant):
    made = forwarded(case, by=merchant)
    entry = LedgerEntry.objects.get(kind="counter_notice.passed")
    assert entry.subject == made.public_id
    assert entry.payload["kinds"] == ["evidence", "statement", "targets"]
    assert entry.payload["to"] == case.organisation.public_id
    assert "E-Commerce Law art. 43" in entry.payload["rule"]
    assert "Mei" not in str(list(LedgerEntry.objects.values_list("payload", flat=True)))
    assert len(held(case)) == 3


@pytest.mark.parametrize(
    ("regime", "source"),
    [("cn", "E-Commerce Law art. 42(2)"), ("us", "17 U.S.C. § 512(g)(2)(A)"), ("eu", "art. 17(3)(b)")],
)
def test_what_of_a_notice_goes_to_which_merchant_is_on_record_once_for_each_and_without_a_word_of_it(
    stopped, market, holder, regime, source
):
    holder.organisation.contact_phone = "+1 212 555 0100"
    holder.organisation.save()
    place = MarketplaceFactory(connector="fake", regime=regime)
    shop, other = ShopFactory(marketplace=place), ShopFactory(marketplace=place)
    merchant = merchant_of(shop)
    case = told(ListingFactory(shop=shop), ListingFactory(shop=other), by=holder)
    entries = {e.payload["to"]: e for e in LedgerEntry.objects.filter(kind="statement.passed")}
    assert set(entries) == {merchant.organisation.public_id, other.public_id}
    entry = entries[merchant.organisation.public_id]
    assert entry.subject == statement_of(case).public_id
    assert set(entry.payload) == {"to", "kinds", "rule", "digest"}
    assert entry.payload["kinds"] == ["description", "filing", "infringement", "links"]
    assert source in entry.payload["rule"]
    assert case.filing.owner_name not in str(entry.payload)
    assert len({e.payload["digest"] for e in entries.values()}) == 2

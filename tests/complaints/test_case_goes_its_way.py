"""From the door to the decision: who may do what, what is written, whose turn is next and until when."""

import pytest

from accounts.roles import StaffRole
from complaints import services
from complaints.errors import OwnCase, TakenBySomebodyElse
from complaints.lifecycle import LIFECYCLE
from complaints.models import Decision, Finding, StatementOfReasons
from complaints.regimes import CN_ECOMMERCE
from complaints.services import Found
from core import clock
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.models import LedgerEntry
from marketplace.models import Hold
from tests.complaints.helpers import found
from tests.factories import ListingFactory, ShopFactory, a_file, complaint, member, merchant_of, staff

pytestmark = pytest.mark.django_db


def entries(case, kind):
    return LedgerEntry.objects.filter(subject=case.public_id, kind=f"complaint.{kind}")


# --- at the door -------------------------------------------------------------------------------------------------


def test_accepted_notice_is_the_reviewers_and_has_the_time_of_a_decision(submitted, reviewer):
    case = services.accept(complaint=submitted, by=reviewer)
    case.refresh_from_db()
    assert (case.state, case.assigned_to) == ("accepted", reviewer)
    assert case.deadline_at == clock.now() + CN_ECOMMERCE.decision
    assert entries(case, "accept").get().payload == {"from": "submitted", "to": "accepted"}


def test_returned_notice_says_what_is_missing_and_until_when(submitted, reviewer):
    case = services.return_for_supplement(complaint=submitted, by=reviewer, missing="A picture of the label.")
    case.refresh_from_db()
    assert (case.state, case.supplement_request) == ("returned", "A picture of the label.")
    assert case.deadline_at == clock.now() + CN_ECOMMERCE.supplement


@pytest.mark.parametrize(
    ("service", "field"), [(services.return_for_supplement, "missing"), (services.reject, "reason")]
)
def test_notice_is_not_sent_back_without_words(submitted, reviewer, service, field):
    with pytest.raises(Invalid) as wrong:
        service(complaint=submitted, by=reviewer, **{field: "  "})
    assert set(wrong.value.errors) == {field}


def test_accepted_notice_may_still_be_returned(accepted, reviewer):
    assert services.return_for_supplement(complaint=accepted, by=reviewer, missing="The order.").state == "returned"


def test_supplement_adds_to_the_notice_and_sends_it_back_to_the_door(submitted, reviewer, holder):
    services.return_for_supplement(complaint=submitted, by=reviewer, missing="A picture.")
    file = a_file(holder)
    case = services.supplement(
        complaint=submitted, by=holder, text="Seller Li Lei, 138 0000 0000.", test_buy_order="DM1", evidence=[file]
    )
    case.refresh_from_db()
    assert case.state == "submitted"
    assert case.deadline_at == clock.now() + CN_ECOMMERCE.admission
    assert case.description.startswith("The seams differ")
    assert case.description.endswith("[2026-03-03] Seller Li Lei, 138 0000 0000.")
    assert case.test_buy_order == "DM1"
    assert [e.file for e in case.evidence.all()] == [file]
    payload = entries(case, "supplement").get().payload
    assert payload["evidence"] == [file.sha256]
    assert "Li Lei" not in str(payload)
    assert "0000" not in "".join(str(e.payload) for e in LedgerEntry.objects.exclude(kind="complaint.submit"))


def test_supplement_needs_words_and_files_of_ones_own(submitted, reviewer, holder):
    services.return_for_supplement(complaint=submitted, by=reviewer, missing="A picture.")
    with pytest.raises(Invalid):
        services.supplement(complaint=submitted, by=holder, text="")
    with pytest.raises(NotYours):
        services.supplement(complaint=submitted, by=holder, text="Here.", evidence=[a_file(member())])
    submitted.refresh_from_db()
    assert submitted.state == "returned"


def test_rejected_notice_may_be_filed_anew(submitted, reviewer, holder, listings):
    services.reject(complaint=submitted, by=reviewer, reason="The right does not cover shoes.")
    submitted.refresh_from_db()
    assert (submitted.state, submitted.deadline_at) == ("rejected", None)
    assert complaint(*listings, by=holder, filing=submitted.filing).state == "submitted"


# --- whose case it is --------------------------------------------------------------------------------------------


def test_case_that_somebody_works_on_is_not_decided_by_another(accepted):
    for service, words in (
        (services.return_for_supplement, {"missing": "x"}),
        (services.decide, {"findings": found(accepted)}),
    ):
        with pytest.raises(TakenBySomebodyElse):
            service(complaint=accepted, by=staff(), **words)
    assert not Decision.objects.exists()


def test_taking_handing_on_and_giving_back(submitted, reviewer):
    other, senior = staff(), staff(StaffRole.SENIOR_REVIEWER)
    services.assign(complaint=submitted, by=reviewer, to=reviewer)
    with pytest.raises(TakenBySomebodyElse):
        services.assign(complaint=submitted, by=other, to=other)
    with pytest.raises(TakenBySomebodyElse):
        services.accept(complaint=submitted, by=senior)
    services.assign(complaint=submitted, by=senior, to=senior)
    services.assign(complaint=submitted, by=senior, to=None)
    services.assign(complaint=submitted, by=reviewer, to=other)
    submitted.refresh_from_db()
    assert submitted.assigned_to == other
    to = [e.payload["to"] for e in entries(submitted, "assigned")]
    assert to == [reviewer.public_id, senior.public_id, None, other.public_id]


@pytest.mark.parametrize("role", [None, StaffRole.AUDITOR])
def test_only_reviewers_take_cases(submitted, reviewer, role):
    person = staff(role) if role else member()
    with pytest.raises(Forbidden):
        services.assign(complaint=submitted, by=person, to=person)
    with pytest.raises(Forbidden):
        services.assign(complaint=submitted, by=reviewer, to=person)
    with pytest.raises(Forbidden):
        services.accept(complaint=submitted, by=person)


@pytest.mark.parametrize("side", ["complainant", "merchant", "merchant of the shop itself"])
def test_nobody_decides_or_is_given_a_case_to_which_they_are_party(submitted, holder, shop, side):
    partial_reviewer = staff()
    organisation = holder.organisation if side == "complainant" else merchant_of(shop).organisation
    partial_reviewer.memberships.create(organisation=organisation, role="reader")
    case = submitted
    if side.endswith("itself"):
        case = complaint(shop, by=holder, infringement="shop_name", evidence=[a_file(holder)])
    with pytest.raises(OwnCase):
        services.accept(complaint=case, by=partial_reviewer)
    with pytest.raises(OwnCase):
        services.assign(complaint=case, by=staff(), to=partial_reviewer)


# --- deciding ----------------------------------------------------------------------------------------------------


def test_decision_holds_down_what_is_upheld_and_nothing_else(accepted, reviewer, listings):
    one, two, three = listings
    decision = services.decide(complaint=accepted, by=reviewer, findings=found(accepted, dismissed=[two]))
    accepted.refresh_from_db()
    assert accepted.state == "upheld"
    assert accepted.deadline_at == clock.now() + CN_ECOMMERCE.notification
    assert {h.target for h in Hold.objects.active()} == {one, three}
    assert {h.cause for h in Hold.objects.all()} == {accepted.public_id}
    assert set(accepted.targets.values_list("target", "outcome")) == {
        (one.pk, "upheld"), (two.pk, "dismissed"), (three.pk, "upheld"),
    }  # fmt: skip
    assert set(Finding.objects.values_list("outcome", "rule")) == {("upheld", "U1"), ("dismissed", "D1")}
    payload = entries(accepted, "uphold").get().payload
    assert payload["decision"] == decision.public_id
    assert payload["findings"][two.public_id] == [False, "D1"]
    assert "seams" not in str(payload)


def test_case_without_any_upheld_link_is_dismissed_and_holds_nothing(accepted, reviewer, listings):
    services.decide(complaint=accepted, by=reviewer, findings=found(accepted, dismissed=listings))
    accepted.refresh_from_db()
    assert accepted.state == "dismissed"
    assert not Hold.objects.exists()
    assert not StatementOfReasons.objects.exists()


def test_every_shop_gets_one_statement_of_reasons_for_its_own_links(holder, reviewer, market, stopped):
    shops = ShopFactory.create_batch(3)
    targets = [ListingFactory(shop=shops[i]) for i in (0, 0, 1, 2)]
    case = services.accept(complaint=complaint(*targets, by=holder), by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case, dismissed=[targets[3]]))
    statements = StatementOfReasons.objects.order_by("pk")
    assert [s.shop for s in statements] == shops[:2]
    assert [s.number for s in statements] == ["S-2026-000001", "S-2026-000002"]


def test_listing_without_a_shop_answers_for_itself(holder, reviewer, market, stopped, shop):
    stray = ListingFactory(shop=None, marketplace=shop.marketplace)
    case = services.accept(complaint=complaint(stray, by=holder), by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case))
    assert StatementOfReasons.objects.get().shop == stray


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda all: all[:-1], "findings"),
        (lambda all: [], "findings"),
        (lambda all: [*all[:-1], Found(all[-1].target, True, "D1", "x")], "rule"),
        (lambda all: [*all[:-1], Found(all[-1].target, False, "U1", "x")], "rule"),
        (lambda all: [*all[:-1], Found(all[-1].target, True, "U99", "x")], "rule"),
        (lambda all: [*all[:-1], Found(all[-1].target, True, "U1", " ")], "facts"),
    ],
)
def test_decision_that_is_not_complete_is_refused_and_leaves_nothing(accepted, reviewer, spoil, field):
    with pytest.raises(Invalid) as wrong:
        services.decide(complaint=accepted, by=reviewer, findings=spoil(found(accepted)))
    assert set(wrong.value.errors) == {field}
    assert not Decision.objects.exists()
    assert not Hold.objects.exists()


def test_decision_on_links_that_are_no_longer_open_is_stale(accepted, reviewer, holder):
    findings = found(accepted)
    services.withdraw(complaint=accepted, by=holder, targets=[findings[0].target])
    with pytest.raises(WrongState):
        services.decide(complaint=accepted, by=reviewer, findings=findings)
    assert services.decide(complaint=accepted, by=reviewer, findings=findings[1:])


def test_one_link_is_not_decided_twice_in_one_decision(accepted, reviewer):
    findings = found(accepted)
    with pytest.raises(WrongState):
        services.decide(complaint=accepted, by=reviewer, findings=[*findings, findings[0]])


def test_link_of_another_complaint_is_not_decided_here(accepted, reviewer):
    foreign = found(complaint())
    with pytest.raises(WrongState):
        services.decide(complaint=accepted, by=reviewer, findings=found(accepted) + foreign)


def test_stale_form_decides_nothing_twice(upheld, reviewer):
    with pytest.raises(WrongState):
        services.decide(complaint=upheld, by=reviewer, findings=[])
    assert Decision.objects.count() == 1


def test_five_hundred_links_are_decided_in_a_bounded_number_of_queries(
    holder, reviewer, market, django_assert_max_num_queries
):
    shops = ShopFactory.create_batch(100)
    case = complaint(*(ListingFactory(shop=shops[i % 100]) for i in range(500)), by=holder)
    services.accept(complaint=case, by=reviewer)
    findings = found(case)
    with django_assert_max_num_queries(60):
        services.decide(complaint=case, by=reviewer, findings=findings)
    assert Hold.objects.active().count() == 500
    assert StatementOfReasons.objects.count() == 100


# --- what a page says -------------------------------------------------------------------------------------------


def test_every_state_says_whose_turn_it_is():
    assert set(LIFECYCLE.turns) == LIFECYCLE.states


def test_notes_are_written_by_staff_and_not_empty(submitted, reviewer, holder):
    services.add_note(complaint=submitted, by=reviewer, text="Looks like the case of last week.")
    with pytest.raises(Forbidden):
        services.add_note(complaint=submitted, by=holder, text="Hello.")
    with pytest.raises(Invalid):
        services.add_note(complaint=submitted, by=reviewer, text="")
    assert submitted.notes.get().author == reviewer


def test_first_reading_of_a_statement_is_kept_as_proof(upheld, merchant, reviewer, stopped):
    statement = StatementOfReasons.objects.get()
    services.read_statement(statement=statement, by=reviewer)
    assert not LedgerEntry.objects.filter(kind="statement.read").exists()
    first = clock.now()
    for _ in range(2):
        services.read_statement(statement=StatementOfReasons.objects.get(), by=merchant)
        services.read_statement(statement=statement, by=merchant)
        stopped.advance(days=1)
    assert StatementOfReasons.objects.get().first_read_at == first
    assert LedgerEntry.objects.get(kind="statement.read").actor == merchant.public_id

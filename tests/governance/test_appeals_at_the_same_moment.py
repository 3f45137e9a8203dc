"""Many at once, on PostgreSQL: one result, an error that says so for the rest, and no deadlock."""

import pytest

from complaints import services as complaints
from core.errors import DomainError
from governance.appeals import services
from governance.models import Appeal, AppealDecision
from tests.at_once import at_once
from tests.complaints.helpers import found
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, complaint, member, merchant_of, staff
from tests.governance.helpers import GROUNDS, REASONS, carry_out, held, taken
from tests.marketplace.fake import FakeMarketplace, connect_fakes

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def said(act):
    def tried():
        try:
            return act()
        except DomainError as refused:
            return refused

    return tried


@pytest.fixture
def case(monkeypatch, work_off):
    connect_fakes(monkeypatch, FakeMarketplace())
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake"))
    merchant, reviewer = merchant_of(shop), staff()
    made = complaint(*ListingFactory.create_batch(2, shop=shop), by=member())
    complaints.accept(complaint=made, by=reviewer)
    decision = complaints.decide(complaint=made, by=reviewer, findings=found(made))
    carry_out(work_off)
    return made, decision.statements.get(), merchant


def test_a_double_click_is_one_appeal(case):
    _made, statement, merchant = case

    def submit():
        return services.submit_appeal(subject=statement.public_id, by=merchant, grounds=GROUNDS)

    results = at_once(*[said(submit) for _ in range(4)])
    assert sum(isinstance(result, Appeal) for result in results) == 1
    assert Appeal.objects.count() == 1


def test_of_many_reviewers_one_takes_it(case):
    _made, statement, merchant = case
    appeal = services.submit_appeal(subject=statement.public_id, by=merchant, grounds=GROUNDS)
    reviewers = [staff() for _ in range(6)]
    results = at_once(*[said(lambda r=r: services.take(appeal=appeal, by=r)) for r in reviewers])
    assert sum(isinstance(result, Appeal) for result in results) == 1


def test_a_decision_races_a_withdrawal_of_the_complaint_and_the_holds_come_right(case):
    made, statement, merchant = case
    reviewer = staff()
    appeal = taken(statement.public_id, merchant, reviewer)

    def decide():
        return services.decide(appeal=appeal, by=reviewer, is_reversed=True, reasons=REASONS, rule="D3")

    def withdraw():
        return complaints.withdraw(complaint=made, by=made.filed_by)

    results = at_once(said(decide), said(withdraw), said(decide))
    assert any(not isinstance(result, DomainError) for result in results)
    assert AppealDecision.objects.count() <= 1
    upheld = set(made.targets.filter(outcome="upheld").values_list("target_id", flat=True))
    assert held(made) == upheld == set()

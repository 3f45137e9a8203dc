"""Points follow what is upheld: once for each decision and shop, under the rule of the time, for 365 days."""

from datetime import timedelta

import pytest

from complaints import court_orders
from complaints import services as complaints
from core import clock
from core.models import LedgerEntry, OutboxMessage
from governance.models import Penalty, Strike
from governance.penalties import points, services
from governance.penalties.counting import points_of
from marketplace.models import Hold
from marketplace.services import observed, reconcile_batch
from rulebook import services as rulebook
from tests.complaints.counter import an_order
from tests.factories import ListingFactory, staff
from tests.governance.helpers import carry_out
from tests.governance.penalties import decided, senior
from tests.rulebook.test_rules_change_by_two_people import proposed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def test_a_decision_on_many_links_of_a_shop_counts_once(shop, work_off):
    case = decided(shop, work_off, links=3)
    strike = Strike.objects.get()
    assert (strike.shop, strike.code, strike.points, strike.cause) == (shop, "M1", 12, case.public_id)
    assert strike.statement == case.decisions.get().statements.get()
    assert LedgerEntry.objects.filter(kind="strike.counted").count() == 1


def test_an_event_that_is_delivered_twice_counts_once(shop, work_off):
    case = decided(shop, work_off)
    for _ in range(3):
        points.complaint_changed(case.public_id)
    assert points_of(shop) == 12
    assert Penalty.objects.count() == 1


def test_the_same_rule_again_within_the_year_counts_double_and_another_rule_does_not(shop, work_off, stopped):
    decided(shop, work_off, infringement="copied_image")
    stopped.advance(days=364)
    decided(shop, work_off, infringement="copied_image")
    decided(shop, work_off, infringement="design_copy")
    assert [s.points for s in Strike.objects.order_by("pk")] == [2, 4, 4]


def test_points_expire_after_365_days_and_a_repetition_after_that_is_none(shop, work_off, stopped):
    decided(shop, work_off)
    stopped.advance(days=365, microseconds=-1)
    assert points_of(shop) == 12
    stopped.advance(microseconds=1)
    assert points_of(shop) == 0
    decided(shop, work_off)
    assert points_of(shop) == 12


def test_a_withdrawn_complaint_takes_its_points_back_once_all_of_it_is_withdrawn(shop, work_off):
    case = decided(shop, work_off, links=2)
    first, second = case.targets.all()
    complaints.withdraw(complaint=case, by=case.filed_by, targets=[first])
    work_off()
    assert points_of(shop) == 12
    complaints.withdraw(complaint=case, by=case.filed_by, targets=[second])
    work_off()
    assert points_of(shop) == 0
    assert Strike.objects.get().taken_back_reason
    assert LedgerEntry.objects.filter(kind="strike.taken_back").count() == 1


def test_what_was_doubled_for_a_strike_that_is_taken_back_counts_once_again(shop, work_off, stopped):
    first = decided(shop, work_off)
    stopped.advance(days=1)
    decided(shop, work_off)
    assert points_of(shop) == 36
    complaints.withdraw(complaint=first, by=first.filed_by)
    work_off()
    assert points_of(shop) == 12


def test_the_points_are_those_of_the_version_in_force_when_it_was_complained_of(shop, work_off, stopped):
    rulebook.approve_change(change=proposed(points=6), by=senior())
    stopped.advance(days=6)
    decided(shop, work_off, infringement="copied_image")
    stopped.advance(days=2)
    other = type(shop).objects.create(marketplace=shop.marketplace, kind="shop", external_id="other")
    decided(other, work_off, infringement="copied_image")
    assert (points_of(shop), points_of(other)) == (2, 6)
    assert [s.rule_version.number for s in Strike.objects.order_by("pk")] == [1, 2]


def test_putting_up_again_what_is_held_down_brings_points_once_a_day(shop, work_off, market, stopped):
    case = decided(shop, work_off)
    listing = case.targets.get().target
    for _ in range(2):
        reconcile_batch()
        stopped.advance(minutes=5)
        market.relist(listing)
        observed(target=listing, state="up", at=clock.now())
        work_off()
    assert Strike.objects.filter(code="M8").count() == 1
    reconcile_batch()
    stopped.advance(days=1)
    observed(target=listing, state="up", at=clock.now())
    work_off()
    assert [s.points for s in Strike.objects.filter(code="M8").order_by("pk")] == [6, 12]
    assert Hold.objects.active().count() == 1


def test_a_listing_without_a_shop_brings_nobody_points(shop, work_off):
    listing = ListingFactory(shop=None, marketplace=shop.marketplace)
    points.relisted(listing.public_id)
    assert not Strike.objects.exists()


def test_nothing_given_up_among_the_events(shop, work_off):
    decided(shop, work_off)
    assert not OutboxMessage.objects.filter(done_at__isnull=True).exists()
    assert Strike.objects.get().expires_at - Strike.objects.get().counted_at == timedelta(days=365)


def test_what_a_court_holds_again_after_its_points_expired_leads_to_nothing(shop, work_off, stopped):
    first, reviewer = decided(shop, work_off), staff()
    carry_out(work_off)
    court_orders.record_order(complaint=first, by=reviewer, order=an_order(keeps_down=False))
    work_off()
    stopped.advance(days=300)
    decided(shop, work_off)
    services.drop(penalty=Penalty.objects.get(state="proposed"), by=senior(), reason="They stopped at once.")
    stopped.advance(days=66)
    court_orders.record_order(complaint=first, by=reviewer, order=an_order())
    work_off()
    assert Strike.objects.standing().filter(cause=first.public_id).exists()
    assert points_of(shop) == 12
    assert not Penalty.objects.filter(state="proposed").exists(), "the step was passed long ago"

"""Many at once, on PostgreSQL: an act counts once, a ban begins once, and nobody waits for ever."""

import pytest
from django.db import OperationalError, connection, transaction

from complaints.models import Complaint
from core.errors import DomainError
from governance.models import Penalty, Strike
from governance.penalties import points, services
from marketplace.models import Hold
from tests.at_once import at_once
from tests.factories import MarketplaceFactory, ShopFactory
from tests.governance.penalties import decided, in_hearing, senior
from tests.marketplace.fake import FakeMarketplace, connect_fakes

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(db, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("races are tested on PostgreSQL")
    connect_fakes(monkeypatch, FakeMarketplace())
    return ShopFactory(marketplace=MarketplaceFactory(connector="fake_items"))


def refused(act):
    """Runs it; the domain's refusal is a result like any other."""

    def run():
        try:
            return act()
        except DomainError as failure:
            return failure

    return run


def test_an_event_that_is_delivered_by_five_workers_counts_once(shop, work_off):
    case = decided(shop, lambda: None)
    at_once(*[lambda: points.complaint_changed(case.public_id)] * 5)
    assert Strike.objects.count() == 1
    assert Penalty.objects.count() == 1


def test_of_two_second_people_one_puts_the_ban_in_force(shop, work_off):
    for n in range(2):
        points.add_strike(shop=shop, code="M7", cause="x", occasion=str(n), number="", by=senior())
    penalty = in_hearing(Penalty.objects.get(measure="ban"))
    Penalty.objects.update(deadline_at="2020-01-01T00:00Z")
    penalty = services.confirm(penalty=penalty, by=senior(), reason="Forged twice.")
    people = [senior() for _ in range(4)]
    results = at_once(*[refused(lambda by=by: services.put_ban_in_force(penalty=penalty, by=by)) for by in people])
    assert sum(isinstance(r, Penalty) for r in results) == 1
    assert Hold.objects.active().filter(cause=penalty.public_id).count() == 1


def test_decisions_on_listings_and_a_ban_of_their_shop_do_not_wait_for_each_other_for_ever(shop, work_off):
    points.add_strike(shop=shop, code="M7", cause="x", occasion="1", number="", by=senior())
    points.add_strike(shop=shop, code="M7", cause="x", occasion="2", number="", by=senior())
    penalty = in_hearing(Penalty.objects.get(measure="ban"))
    Penalty.objects.update(deadline_at="2020-01-01T00:00Z")
    penalty = services.confirm(penalty=penalty, by=senior(), reason="Forged twice.")
    by = senior()
    results = at_once(
        refused(lambda: services.put_ban_in_force(penalty=penalty, by=by)),
        *[refused(lambda: decided(shop, lambda: None))] * 3,
    )
    assert not [r for r in results if isinstance(r, DomainError)]
    assert Hold.objects.active().filter(target=shop).count() == 1


def test_nobody_moves_a_complaint_while_its_points_are_counted(shop, work_off, monkeypatch):
    case = decided(shop, lambda: None)
    look, tried = points._shops_with_upheld, []

    def withdrawing():
        try:
            with transaction.atomic():
                return Complaint.objects.select_for_update(nowait=True).get(pk=case.pk)
        except OperationalError:
            return None

    def looking(complaint):
        tried.extend(at_once(withdrawing))
        return look(complaint)

    monkeypatch.setattr(points, "_shops_with_upheld", looking)
    points.complaint_changed(case.public_id)
    assert tried == [None]
    assert Strike.objects.count() == 1

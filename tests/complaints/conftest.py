"""Complaints at each stage, and the marketplace that carries out what is decided."""

import pytest

from complaints import services
from tests.complaints.helpers import found
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, complaint, member, merchant_of, staff
from tests.marketplace.fake import FakeMarketplace, connect_fakes


@pytest.fixture
def market(monkeypatch):
    """The marketplace in memory behind the connectors `fake` and `fake_items`."""
    return connect_fakes(monkeypatch, FakeMarketplace())


@pytest.fixture
def shop(db, market):
    return ShopFactory(marketplace=MarketplaceFactory(connector="fake"), title="Bargain Shoes")


@pytest.fixture
def listings(shop):
    return ListingFactory.create_batch(3, shop=shop)


@pytest.fixture
def holder(db):
    """Who complains."""
    return member(name="Hanna Holder", phone="+86 10 5555 0101", email="hanna@holder.example")


@pytest.fixture
def merchant(shop):
    return merchant_of(shop, language="zh-hans", email="seller@bargain.example")


@pytest.fixture
def reviewer(db):
    return staff()


@pytest.fixture
def submitted(stopped, listings, holder):
    """A complaint against three listings of one shop."""
    return complaint(*listings, by=holder)


@pytest.fixture
def accepted(submitted, reviewer):
    return services.accept(complaint=submitted, by=reviewer)


@pytest.fixture
def upheld(accepted, reviewer):
    """Upheld on every link; the marketplace has not been called yet."""
    services.decide(complaint=accepted, by=reviewer, findings=found(accepted))
    accepted.refresh_from_db()
    return accepted

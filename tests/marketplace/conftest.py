"""A marketplace in memory, and shops on it."""

import pytest

from tests.factories import MarketplaceFactory, ShopFactory
from tests.marketplace.fake import FakeMarketplace, connect_fakes


@pytest.fixture
def market(monkeypatch):
    """The fake marketplace behind the connectors `fake` (carries shops) and `fake_items` (does not)."""
    return connect_fakes(monkeypatch, FakeMarketplace())


@pytest.fixture
def shop(market, db):
    """A shop on a marketplace that can take down whole shops."""
    return ShopFactory(marketplace=MarketplaceFactory(connector="fake"))


@pytest.fixture
def item_shop(market, db):
    """A shop on a marketplace that takes down listings only."""
    return ShopFactory(marketplace=MarketplaceFactory(connector="fake_items"))

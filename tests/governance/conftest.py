"""A complaint that was decided and told, the people around it, and the marketplace that carries out what is decided."""

import pytest

from complaints import services as complaints
from tests.complaints.helpers import found
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, complaint, member, merchant_of, staff
from tests.governance.helpers import carry_out
from tests.marketplace.fake import FakeMarketplace, connect_fakes


@pytest.fixture
def market(monkeypatch):
    """The marketplace in memory behind the connector `fake`."""
    return connect_fakes(monkeypatch, FakeMarketplace())


@pytest.fixture
def shop(db, market, request):
    """Under Chinese law, unless a test names another one."""
    regime = getattr(request, "param", "cn")
    return ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime=regime), title="Bargain Shoes")


@pytest.fixture
def listings(shop):
    return ListingFactory.create_batch(3, shop=shop)


@pytest.fixture
def holder(db):
    """Who complains."""
    return member(name="Hanna Holder")


@pytest.fixture
def merchant(shop):
    return merchant_of(shop, email="seller@bargain.example")


@pytest.fixture
def first(db):
    """The reviewer who decides at first."""
    return staff(name="Rui First")


@pytest.fixture
def second(db):
    """The reviewer who looks at it again."""
    return staff(name="Sam Second")


@pytest.fixture
def told(stopped, listings, holder, merchant, first, work_off):
    """A complaint about three links: two were upheld and are down, the last was dismissed; both sides know."""
    case = complaint(*listings, by=holder)
    complaints.accept(complaint=case, by=first)
    complaints.decide(complaint=case, by=first, findings=found(case, dismissed=[listings[2]]))
    carry_out(work_off)
    case.refresh_from_db()
    assert case.state == "notified"
    return case


@pytest.fixture
def statement(told):
    return told.decisions.get().statements.get()


@pytest.fixture
def decision(told):
    return told.decisions.get()

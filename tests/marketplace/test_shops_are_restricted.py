"""A shop is restricted short of being down: by the connector where it can, again after a failure, else by hand."""

import pytest

from marketplace import restrictions
from marketplace.connectors.base import Connection, PermanentError, Ref, TransientError
from marketplace.connectors.demo.connector import DemoConnector
from marketplace.models import Restriction
from tests.factories import MarketplaceFactory, ShopFactory
from tests.marketplace.fake import FakeConnector, FakeMarketplace, connect_fakes
from tests.marketplace.harnesses import TOKEN, Mall

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch, stopped):
    """What the marketplace was asked; `asked.failures` are raised by the next calls."""
    connect_fakes(monkeypatch, FakeMarketplace())

    class Asked(list):
        failures: list = []

    calls = Asked()
    calls.failures = []

    def restrict(self, shop, measures, *, idempotency_key):
        calls.append((shop.external_id, list(measures), idempotency_key))
        if calls.failures:
            raise calls.failures.pop(0)

    monkeypatch.setattr(FakeConnector, "restrict", restrict, raising=False)
    return calls


@pytest.fixture
def shop(asked):
    return ShopFactory(marketplace=MarketplaceFactory(connector="fake"))


def row():
    return Restriction.objects.get()


def test_two_causes_restrict_together_and_each_lifts_its_own(asked, shop):
    for cause, measure in (("pen_1", "demotion"), ("pen_2", "limits"), ("pen_2", "limits"), ("pen_3", "demotion")):
        restrictions.restrict(shop=shop, measure=measure, cause=cause)
    restrictions.restrict_batch()
    assert asked[-1][1] == row().confirmed == ["demotion", "limits"]
    restrictions.lift(cause="pen_1")
    assert row().due_at is None
    restrictions.lift(cause="pen_3")
    restrictions.restrict_batch()
    assert asked[-1][1] == row().confirmed == ["limits"]
    assert len({key for _shop, _measures, key in asked}) == len(asked) == 2


def test_a_failure_is_tried_again_and_a_refusal_is_given_up_visibly(asked, shop, stopped):
    asked.failures += [TransientError("away"), PermanentError("no such thing")]
    restrictions.restrict(shop=shop, measure="demotion", cause="pen_1")
    restrictions.restrict_batch()
    assert (row().confirmed, row().dead_at) == ([], None)
    stopped.advance(hours=1)
    restrictions.restrict_batch()
    assert row().dead_at is not None
    assert row().last_error == "no such thing"
    assert asked[0] == asked[1]


def test_a_newer_order_that_comes_during_the_call_is_carried_out_after_it(asked, shop, monkeypatch):
    restrictions.restrict(shop=shop, measure="demotion", cause="pen_1")
    first = FakeConnector.restrict

    def overtaken(self, *args, **kwargs):
        first(self, *args, **kwargs)
        monkeypatch.setattr(FakeConnector, "restrict", first)
        restrictions.lift(cause="pen_1")

    monkeypatch.setattr(FakeConnector, "restrict", overtaken)
    restrictions.restrict_batch()
    assert (row().desired, row().confirmed) == ([], ["demotion"])
    restrictions.restrict_batch()
    assert (row().confirmed, row().due_at) == ([], None)


def test_the_demo_storefront_shows_what_a_demoted_shop_sells_last_and_takes_nothing_new_of_a_limited_one():
    mall = Mall()
    try:
        mall.stock(("shop", "s1"), ("shop", "s2"))
        events = [
            {"type": "shop.upserted", "data": {"external_id": s, "name": f"Shop {s}"}} for s in ("s1", "s2")
        ] + [
            {
                "type": "listing.upserted", "version": 1,
                "data": {"external_id": f"of-{s}", "shop_external_id": s, "title": f"Shoe of {s}", "attributes": {"scenes": ["mall"]}},
            }
            for s in ("s1", "s2")
        ]  # fmt: skip
        mall.operate("load", {"events": events, "pictures": mall.folder, "reset": True})
        connector = DemoConnector(Connection(slug="mall", config={"url": mall.url}, secrets={"token": TOKEN}))
        shop = Ref("shop", "s1")
        page = mall.client.get("/mall").text
        assert page.index("Shoe of s1") < page.index("Shoe of s2")
        for _ in range(2):
            connector.restrict(shop, ["demotion", "limits"], idempotency_key="k1")
        page = mall.client.get("/mall").text
        assert page.index("Shoe of s1") > page.index("Shoe of s2")
        assert 'value="s1"' not in mall.client.get("/sell").text
        connector.restrict(shop, [], idempotency_key="k2")
        assert 'value="s1"' in mall.client.get("/sell").text
        with pytest.raises(PermanentError):
            connector.restrict(Ref("shop", "nobody"), ["limits"], idempotency_key="k3")
        with pytest.raises(PermanentError):
            connector.restrict(shop, ["flogging"], idempotency_key="k4")
        connector.close()
    finally:
        mall.close()

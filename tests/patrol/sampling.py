"""What tests of sampling build with: a small market, a sample that was drawn, bought goods on their way."""

from typing import Any

from accounts.models import User
from filings.models import Filing
from patrol import sampling, test_buys
from patrol.models import Sample, TestBuy, WatchProfile
from tests.factories import FilingFactory, ListingFactory, ShopFactory, a_file, member, staff


def a_market(*, books: int = 12, shoes: int = 6) -> Any:
    """Listings of two categories, of a small shop and a middle-sized one; returns their marketplace."""
    large, small = ShopFactory(), None
    small = ShopFactory(marketplace=large.marketplace)
    ListingFactory.create_batch(books, shop=large, category="books", source_version=1)
    ListingFactory.create_batch(shoes, shop=small, category="shoes", source_version=1)
    return large.marketplace


def a_profile(holder: User | None = None, **fields: Any) -> WatchProfile:
    holder = holder or member()
    filing: Filing = FilingFactory(organisation=holder.organisation, created_by=holder)
    said: dict[str, Any] = {
        "number": f"W-{filing.number}",
        "kind": "book",
        "name": "Atlas of Rivers",
        "state": "watching",
    }
    return WatchProfile.objects.create(**said | fields, filing=filing)


def drawn(by: User | None = None, *, size: int = 4, **fields: Any) -> Sample:
    by = by or staff()
    made = sampling.announce(
        title="Spring", size=size, by=by, marketplace=fields.pop("marketplace", None) or a_market(), **fields
    )
    return sampling.draw(sample=made, by=by)


def handed(buy: TestBuy, by: User, profile: WatchProfile) -> TestBuy:
    """Ordered, received and with the brand."""
    test_buys.order(test_buy=buy, by=by, order_number="2026-77", paid=None, receipts=[a_file(by)])
    test_buys.receive(test_buy=buy, by=by, who="Li Na, shelf 3, seal 0815", photographs=[a_file(by)])
    return test_buys.hand_over(test_buy=buy, by=by, who="Courier SF 123 to Ms Wang", profile=profile)

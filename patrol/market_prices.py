"""Measuring what everybody asks for watched goods: one pass over all titles a day."""

from collections import defaultdict
from decimal import Decimal
from itertools import islice
from statistics import median

from django.db import transaction

from core import clock
from marketplace.models import Target
from patrol import terms
from patrol.models import MarketPrice, WatchProfile
from patrol.signals import text

CHUNK = 2000
#: of fewer offers the middle says nothing
OFFERS = 8
#: a brand sells many things: only those of the profile's model are the same goods
_SAME_BOOK, _SAME_MODEL = frozenset({"text.name", "text.isbn"}), frozenset({"text.model"})


def measure() -> int:
    """Measure the price of each profile's goods anew; returns for how many there are offers enough.

    About 20 s for 346,000 listings; each profile's row is written once, so a measurement that was cut short leaves the
    last one.
    """
    watch = terms.watch()
    asked: dict[int, list[Decimal]] = defaultdict(list)
    rows = Target.objects.filter(kind=Target.Kind.LISTING, observed=Target.Observed.UP, price__gt=0).order_by("pk")
    on_sale = rows.only("kind", "title", "attributes", "category", "price", "currency").iterator(chunk_size=CHUNK)
    while targets := list(islice(on_sale, CHUNK)):
        for target in targets:
            # Only who is named counts here, and the description is long.
            target.description = ""
        for (index, pk), seen in text.see(targets, watch).items():
            watched, price = watch.profiles[pk], targets[index].price
            same = _SAME_MODEL if watched.kind == WatchProfile.Kind.BRAND else _SAME_BOOK
            if (
                price is not None
                and targets[index].currency == watched.currency
                and any(s.signal in same for s in seen)
            ):
                asked[pk].append(price)
    return _write({pk: prices for pk, prices in asked.items() if len(prices) >= OFFERS})


@transaction.atomic
def _write(asked: dict[int, list[Decimal]]) -> int:
    MarketPrice.objects.exclude(profile__in=asked).delete()
    made = [
        MarketPrice(profile_id=pk, offers=len(prices), median=round(median(prices), 2), measured_at=clock.now())
        for pk, prices in asked.items()
    ]
    MarketPrice.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["profile"], update_fields=["offers", "median", "measured_at"],
        batch_size=500,
    )  # fmt: skip
    return len(made)

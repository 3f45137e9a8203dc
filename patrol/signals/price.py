"""What a price says: below the floor, far below the list price or what others ask; or just what genuine goods cost."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from marketplace.models import Target
from patrol.models import MarketPrice
from patrol.signals import Pair, Seen, Sights
from patrol.terms import LOW_RATIO, Watch, Watched

#: of the list price: here and below it says all it can (from `terms.LOW_RATIO` down it says something)
LIST_FULL = 0.2
#: of the middle of what everybody asks (`market_prices.py`): from here down it says something
MARKET_FROM = 0.4
#: of the usual price (or else the list price): from here up the price is what genuine goods cost
USUAL_FROM = 0.7


def see(targets: Sequence[Target], watch: Watch, pairs: Collection[Pair]) -> Sights:
    """What the prices of these listings say of these profiles' goods. Another currency, or no price, says nothing."""
    sights: Sights = {}
    asked = MarketPrice.objects.filter(profile__in={profile for _index, profile in pairs})
    market = {row.profile_id: row for row in asked}
    for index, profile in pairs:
        target, watched = targets[index], watch.profiles[profile]
        price = Decimal(target.price or 0)
        if price > 0 and target.currency == watched.currency and (seen := _seen(price, watched, market.get(profile))):
            sights[index, profile] = seen
    return sights


def _seen(price: Decimal, watched: Watched, market: MarketPrice | None) -> list[Seen]:
    seen: list[Seen] = []
    said = {"price": str(price), "currency": watched.currency}
    floor, full = watched.price_floor, watched.list_price
    if floor and price < floor:
        under = 1 - float(price / floor)
        # The floor itself is the brand's: marketplaces and shops read what was seen.
        seen.append(Seen("price.floor", min(1.0, 0.5 + under), said))
    if full and (ratio := float(price / full)) < LOW_RATIO:
        strength = min(1.0, (LOW_RATIO - ratio) / (LOW_RATIO - LIST_FULL))
        seen.append(Seen("price.list", strength, said | {"list": str(full), "percent": round(ratio * 100)}))
    middle = market.median if market else None
    if market and middle and (ratio := float(price / middle)) < MARKET_FROM:
        strength = min(1.0, (MARKET_FROM - ratio) / (MARKET_FROM - LIST_FULL / 2))
        asked = {"median": str(middle), "offers": market.offers, "percent": round(ratio * 100)}
        seen.append(Seen("price.market", strength, said | asked))
    usual = watched.usual_price or full or middle
    if not seen and usual and price >= usual * Decimal(str(USUAL_FROM)):
        seen.append(Seen("price.usual", 1.0, said | {"usual": str(usual)}))
    return seen

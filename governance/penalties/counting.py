"""How many points count against a shop: its own, and what earlier shops of its operator had already."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from governance.models import ShopLink, Strike
from marketplace.models import Target


def strikes_on(shop: Target, at: datetime | None = None) -> QuerySet[Strike]:
    """The strikes whose points count against a shop: its own, and what earlier shops of its operator had already."""
    inherited = Q(pk__in=[])
    for earlier, since in _earlier(shop):
        inherited |= Q(shop=earlier, counted_at__lt=since)
    return Strike.objects.counting(at).filter(Q(shop=shop) | inherited)  # type: ignore[attr-defined]


def points_of(shop: Target, at: datetime | None = None) -> int:
    """How many points count against a shop at that moment (default: now)."""
    return strikes_on(shop, at).aggregate(sum=Sum("points"))["sum"] or 0


def heirs_of(shops: Iterable[int]) -> QuerySet[Target]:
    """The shops that inherit from one of these."""
    links = ShopLink.objects.filter(earlier__in=shops, state__in=ShopLink.INHERITS)
    return Target.objects.filter(pk__in=links.values("later")).order_by("pk")


def of_operator(shop: Target) -> Q:
    """Strikes of a shop and of those from which it inherits, expired or not."""
    return Q(shop=shop) | Q(shop__in=[pk for pk, _since in _earlier(shop)])


def _earlier(shop: Target) -> list[tuple[int, datetime]]:
    """Shops whose standing this one inherits, with the moment up to which."""
    links = ShopLink.objects.filter(later=shop, state__in=ShopLink.INHERITS)
    return [(pk, shop.first_seen_at) for pk in links.values_list("earlier_id", flat=True)]

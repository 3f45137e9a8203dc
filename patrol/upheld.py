"""Which goods of which shops were found to infringe, by complaints and by patrol alike: what leads and clearance count."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from complaints.models import ComplaintTarget
from marketplace.models import Hold, Target
from patrol.models import Candidate


@dataclass(frozen=True)
class Goods:
    """Of one shop: goods that are upheld now, in how many cases, and goods on sale or known of in all."""

    #: listings, videos and livestreams, each once
    upheld: int = 0
    #: complaints and findings that were upheld
    cases: int = 0
    items: int = 0
    #: goods that are held down, or the shop itself
    held: int = 0
    #: candidates that wait for a decision
    waiting: int = 0

    @property
    def share(self) -> float:
        """Which share of its goods is upheld."""
        return self.upheld / self.items if self.items else 0.0


def shops_with_upheld() -> set[int]:
    """Every shop of which something is upheld now."""
    return set(_upheld(None))


def shops_with_holds() -> set[int]:
    """Every shop of which something is held down, or which is held itself."""
    held = Hold.objects.active().order_by()  # type: ignore[attr-defined]
    own = held.filter(target__kind=Target.Kind.SHOP).values_list("target", flat=True)
    of_goods = held.filter(target__shop__isnull=False).values_list("target__shop", flat=True)
    return {shop for shop in (*own, *of_goods) if shop is not None}


def goods_of(shops: Iterable[int]) -> dict[int, Goods]:
    """What is known of the goods of these shops; a fixed number of queries."""
    ids = list(shops)
    upheld = _upheld(ids)
    of_shops = Target.objects.filter(shop__in=ids).order_by()
    items = dict(of_shops.values_list("shop").annotate(n=Count("pk")))
    active = Hold.objects.active().order_by()  # type: ignore[attr-defined]
    held = dict(
        active.filter(target__shop__in=ids).values_list("target__shop").annotate(n=Count("target", distinct=True))
    )
    for shop in active.filter(target__in=ids).values_list("target", flat=True).distinct():
        held[shop] = held.get(shop, 0) + 1
    open_now = Candidate.objects.filter(state__in=(Candidate.State.OPEN, Candidate.State.ASKED), target__shop__in=ids)
    waiting = dict(open_now.order_by().values_list("target__shop").annotate(n=Count("pk")))
    nothing: tuple[set[int], set[str]] = (set(), set())
    return {
        shop: Goods(
            len(upheld.get(shop, nothing)[0]), len(upheld.get(shop, nothing)[1]), items.get(shop, 0),
            held.get(shop, 0), waiting.get(shop, 0),
        )
        for shop in ids
    }  # fmt: skip


def _upheld(shops: list[int] | None) -> dict[int, tuple[set[int], set[str]]]:
    """By shop: the targets that are upheld now, and the cases that did it."""
    links = ComplaintTarget.objects.filter(outcome=ComplaintTarget.Outcome.UPHELD, target__shop__isnull=False)
    found = Candidate.objects.filter(state=Candidate.State.UPHELD, target__shop__isnull=False)
    if shops is not None:
        links, found = links.filter(target__shop__in=shops), found.filter(target__shop__in=shops)
    by_shop: dict[int, tuple[set[int], set[str]]] = defaultdict(lambda: (set(), set()))
    for rows, case in ((links, "complaint__public_id"), (found, "public_id")):
        for shop, target, which in rows.order_by().values_list("target__shop", "target", case):
            by_shop[shop][0].add(target)
            by_shop[shop][1].add(which)
    return dict(by_shop)

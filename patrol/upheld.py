"""Which goods of which shops were found to infringe, by complaints and by patrol alike: what leads and clearance count."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef
from django.db.models.functions import Coalesce

from complaints.models import ComplaintTarget, Finding, Removal
from marketplace.models import Hold, Target
from patrol.models import Candidate, CandidateDecision


@dataclass(frozen=True)
class Goods:
    """Of one shop: goods that are upheld now, in how many cases, and goods on sale or known of in all."""

    #: listings, videos and livestreams, each once
    upheld: int = 0
    #: complaints, and acts in which patrol's finds were upheld, whatever their number
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


def shops_with_upheld(*, since: datetime | None = None, goods: int = 1, cases: int = 1) -> set[int]:
    """Every shop of which so many goods are upheld now, or that in so many cases; `since` when it was decided."""
    found = _upheld(None, since)
    return {shop for shop, (upheld, by) in found.items() if len(upheld) >= goods or len(by) >= cases}


def shops_with_holds() -> set[int]:
    """Every shop of which something is held down, or which is held itself."""
    held = Hold.objects.active().order_by()  # type: ignore[attr-defined]
    own = held.filter(target__kind=Target.Kind.SHOP).values_list("target", flat=True)
    of_goods = held.filter(target__shop__isnull=False).values_list("target__shop", flat=True)
    return {shop for shop in (*own, *of_goods) if shop is not None}


def goods_of(shops: Iterable[int], *, since: datetime | None = None) -> dict[int, Goods]:
    """What is known of the goods of these shops; a fixed number of queries. Upheld counts what was decided `since`."""
    ids = list(shops)
    upheld = _upheld(ids, since)
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


def _upheld(shops: list[int] | None, since: datetime | None) -> dict[int, tuple[set[int], set[str]]]:
    """By shop: the targets that are upheld now, and the cases that did it.

    What a holder took down by itself is not among it before it stands, as for points.
    """
    unreviewed = Removal.objects.filter(complaint=OuterRef("complaint"), stands_at__isnull=True)
    links = ComplaintTarget.objects.filter(~Exists(unreviewed), outcome=ComplaintTarget.Outcome.UPHELD)
    upheld = CandidateDecision.objects.findings()
    found = upheld.filter(
        ~Exists(upheld.filter(candidate=OuterRef("candidate"), pk__gt=OuterRef("pk"))),
        candidate__state=Candidate.State.UPHELD,
    )
    if since is not None:
        decided = Finding.objects.filter(complaint_target=OuterRef("pk"), decision__decided_at__gte=since)
        links, found = links.filter(Exists(decided)), found.filter(decided_at__gte=since)
    case = Coalesce("decided_with__public_id", "public_id")
    by_shop: dict[int, tuple[set[int], set[str]]] = defaultdict(lambda: (set(), set()))
    for rows, target, case_of in (
        (links, "target", F("complaint__public_id")), (found, "candidate__target", case)
    ):  # fmt: skip
        of_shops = rows.filter(**{f"{target}__shop__isnull": False})
        if shops is not None:
            of_shops = of_shops.filter(**{f"{target}__shop__in": shops})
        pairs = of_shops.order_by().annotate(case=case_of).values_list(f"{target}__shop", target, "case")
        for shop, goods, which in pairs.iterator():
            by_shop[shop][0].add(goods)
            by_shop[shop][1].add(which)
    return dict(by_shop)

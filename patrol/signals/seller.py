"""What a shop's record says: its age, what was upheld against it, who runs it, and what else it sells.

Only holds and what patrol found are asked for; points and penalties live in a room above and hold their shops down under
`pen_…`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from core import clock
from marketplace.models import Hold, Target
from patrol.linked_shops import PENALTY, shut_ones_of
from patrol.models import Candidate
from patrol.signals import Pair, Seen, Sights

#: a shop is new for so long
NEW = timedelta(days=60)
#: so many listings within a week, and most of what it has, are a sudden catalogue
SUDDEN, SUDDEN_WITHIN, SUDDEN_RATIO = 30, timedelta(days=7), 0.8
#: of the listings of a shop, from here on patrol's finds are what it lives from
SHARE_FROM, SHARE_LISTINGS = 0.2, 5
#: upheld takedowns from which on the record says all it can
PAST_FULL = 5
#: holds whose cause is a complaint, an image match, a finding of patrol
_UPHELD = (
    Q(cause__startswith="cmp_")
    | Q(cause__startswith="mat_")
    | Q(cause__startswith="can_")
    | Q(cause__startswith="fnd_")
)


@dataclass(frozen=True, slots=True)
class _Record:
    shop: Target
    #: listings of it that are held down for an infringement, and whether a penalty holds it
    upheld: int
    is_penalised: bool
    #: other shops of its operator that a penalty holds
    banned: int
    listings: int
    recent: int
    found: int


def see(targets: Sequence[Target], pairs: Collection[Pair]) -> Sights:
    """What the records of the shops of these listings say; the same for every profile. Seven queries at most."""
    shop_of = {index: _shop_id(targets[index]) for index, _profile in pairs}
    records = _records({pk for pk in shop_of.values() if pk is not None})
    said = {pk: _seen(record) for pk, record in records.items()}
    sights: Sights = {}
    for index, profile in pairs:
        shop = shop_of[index]
        if shop is not None and (seen := said.get(shop)):
            sights[index, profile] = list(seen)
    return sights


def _shop_id(target: Target) -> int | None:
    return target.pk if target.kind == Target.Kind.SHOP else target.shop_id


def _seen(record: _Record) -> list[Seen]:
    seen: list[Seen] = []
    age = clock.now() - record.shop.first_seen_at
    if age < NEW:
        seen.append(Seen("seller.new", 1 - age / NEW if age > timedelta(0) else 1.0, {"days": max(0, age.days)}))
    if record.upheld or record.is_penalised:
        strength = 1.0 if record.is_penalised else min(1.0, record.upheld / PAST_FULL)
        seen.append(Seen("seller.past", strength, {"upheld": record.upheld, "penalty": record.is_penalised}))
    if record.banned:
        seen.append(Seen("seller.banned_operator", 1.0, {"shops": record.banned}))
    # What is looked at may itself be among what was found: one listing alone is no share.
    share = max(0, record.found - 1) / record.listings if record.listings else 0.0
    if record.listings >= SHARE_LISTINGS and share >= SHARE_FROM:
        seen.append(Seen("seller.share", min(1.0, share), {"found": record.found, "listings": record.listings}))
    if record.recent >= SUDDEN and record.recent >= SUDDEN_RATIO * record.listings and age > SUDDEN_WITHIN:
        seen.append(Seen("seller.sudden", 1.0, {"recent": record.recent, "days": SUDDEN_WITHIN.days}))
    return seen


def _records(ids: Collection[int]) -> dict[int, _Record]:
    if not ids:
        return {}
    since = clock.now() - SUDDEN_WITHIN
    shops = Target.objects.in_bulk(ids)
    active = Hold.objects.active()
    upheld = _counted(
        active.filter(_UPHELD, target__shop__in=ids).values("target__shop").annotate(n=Count("target", distinct=True)),
        "target__shop",
    )
    for pk, n in _counted(
        active.filter(_UPHELD, target__in=ids).values("target").annotate(n=Count("pk")), "target"
    ).items():
        upheld[pk] = upheld.get(pk, 0) + n
    penalised = set(active.filter(PENALTY, target__in=ids).values_list("target", flat=True))
    shut = shut_ones_of(list(shops.values()))
    on_sale = {
        shop: (n, recent)
        for shop, n, recent in Target.objects.filter(shop__in=ids, kind=Target.Kind.LISTING)
        .values("shop")
        .annotate(n=Count("pk"), recent=Count("pk", filter=Q(first_seen_at__gte=since)))
        .values_list("shop", "n", "recent")
        if shop is not None
    }
    open_or_upheld = [Candidate.State.OPEN, Candidate.State.ASKED, Candidate.State.UPHELD]
    found = _counted(
        Candidate.objects.filter(target__shop__in=ids, state__in=open_or_upheld)
        .values("target__shop")
        .annotate(n=Count("target", distinct=True)),
        "target__shop",
    )
    return {
        pk: _Record(
            shop=shop, upheld=upheld.get(pk, 0), is_penalised=pk in penalised,
            banned=len(shut[pk]),
            listings=on_sale.get(pk, (0, 0))[0], recent=on_sale.get(pk, (0, 0))[1], found=found.get(pk, 0),
        )
        for pk, shop in shops.items()
    }  # fmt: skip


def _counted(rows: object, by: str) -> dict[int, int]:
    return {row[by]: row["n"] for row in rows}  # type: ignore[attr-defined]

"""Why a shop is on the list of those to clear: the rules of clearance, and what counts for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from governance.models import Penalty, ShopLink, Strike
from governance.penalties.offences import COUNTS, RELISTING
from marketplace.models import Target
from patrol.upheld import Goods, goods_of
from rulebook.models import Measure

#: like points: what was decided longer ago counts no more, here neither
WITHIN = COUNTS
#: a third of the goods infringes: it is what the shop is about, not what slipped in
UPHELD_SHARE = 0.3
#: but of a shop with three goods one is no third of anything
UPHELD_AT_LEAST = 5
#: that many cases decided against it, what was decided together once: notices did not help
CASES_AT_LEAST = 5
#: that often put up again what was taken down: takedowns do not reach it
RELISTINGS_AT_LEAST = 2


@dataclass(frozen=True)
class Ground:
    """One rule that fits a shop, in words for the shop and its reviewers."""

    name: str
    words: str


def grounds_of(shop: Target, goods: Goods, relisted: int, link: ShopLink | None) -> Iterable[Ground]:
    if goods.upheld >= UPHELD_AT_LEAST and goods.share >= UPHELD_SHARE:
        said = _(
            "Within %(days)d days %(upheld)d of its %(items)d goods were found to infringe, which is %(share)d per cent."
        ) % {
            "days": WITHIN.days, "upheld": goods.upheld, "items": goods.items, "share": round(goods.share * 100)
        }  # fmt: skip
        yield Ground("share", said)
    if goods.cases >= CASES_AT_LEAST:
        said = ngettext(
            "Within %(days)d days %(n)d case was decided against it.",
            "Within %(days)d days %(n)d separate cases were decided against it.",
            goods.cases,
        )
        yield Ground("repetition", said % {"days": WITHIN.days, "n": goods.cases})
    if relisted >= RELISTINGS_AT_LEAST:
        said = ngettext(
            "It put up again what had been taken down, %(n)d time.",
            "It put up again what had been taken down, %(n)d times.",
            relisted,
        )
        yield Ground("relisting", said % {"n": relisted})
    if link is not None:
        said = _("It is of the operator of %(shop)s, which is banned.")
        yield Ground("banned", said % {"shop": (link.earlier if link.later_id == shop.pk else link.later).title})


def linked_to_banned(shops: Iterable[int] | None = None) -> dict[int, ShopLink]:
    """Shops that are certain, or confirmed by staff, to be of the operator of a banned one, opened before it or after."""
    banned = set(
        Penalty.objects.filter(measure=Measure.BAN, state=Penalty.State.IN_FORCE).values_list("shop", flat=True)
    )
    links = ShopLink.objects.filter(state__in=ShopLink.INHERITS).select_related("earlier", "later").order_by("-pk")
    links = links.filter(Q(earlier__in=banned) | Q(later__in=banned))
    if shops is not None:
        links = links.filter(Q(earlier__in=(ids := list(shops))) | Q(later__in=ids))
    found: dict[int, ShopLink] = {}
    for link in links:
        if link.later_id in banned:
            found[link.earlier_id] = link
    for link in links:
        if link.earlier_id in banned:
            found[link.later_id] = link
    return found


def relistings(shops: Iterable[int] | None = None, *, since: datetime | None = None) -> dict[int, int]:
    """How often each shop put up again what was taken down, `since` (default: what counts now)."""
    counted = Strike.objects.standing().filter(code=RELISTING).order_by()  # type: ignore[attr-defined]
    counted = counted.filter(counted_at__gt=since or clock.now() - WITHIN)
    if shops is not None:
        counted = counted.filter(shop__in=list(shops))
    return dict(counted.values_list("shop").annotate(n=Count("pk")))


def still_fit(penalty: Penalty) -> bool:
    """Whether a rule of clearance fits the shop still, from what counted when the penalty was proposed.

    What merely grew old since changes nothing: a ban that was right stays right.
    """
    shop, since = penalty.shop, penalty.created_at - WITHIN
    goods = goods_of([shop.pk], since=since)[shop.pk]
    relisted, link = relistings([shop.pk], since=since).get(shop.pk, 0), linked_to_banned([shop.pk]).get(shop.pk)
    return any(True for _ground in grounds_of(shop, goods, relisted, link))

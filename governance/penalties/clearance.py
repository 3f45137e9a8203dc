"""Shop clearance (清店): shops that seem to live from infringement, and why; a person proposes the ban, two others decide.

Rules only list. A ban by rule would punish by a count alone what a hearing may explain (a distributor's one bad batch, a
right that was withdrawn), and the law wants a decision weighed by people: DSA art. 23(3), E-Commerce Law art. 42. So
whoever reads the list presses the button; then the ban goes the way of every other one: hearing, a senior reviewer who
confirms, a second one who puts it in force.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import roles
from core import clock
from core.errors import Forbidden, WrongState
from governance.models import Penalty, ShopLink
from governance.penalties import ladder
from governance.penalties.counting import points_of, strikes_on
from governance.penalties.grounds import (
    CASES_AT_LEAST,
    RELISTINGS_AT_LEAST,
    UPHELD_AT_LEAST,
    WITHIN,
    Ground,
    grounds_of,
    linked_to_banned,
    relistings,
)
from governance.penalties.points import take_turns
from marketplace.models import Target
from patrol.upheld import Goods, goods_of, shops_with_upheld
from rulebook.models import Measure
from rulebook.selectors import ladder_in_force


@dataclass(frozen=True)
class Proposal:
    """A shop on the list, with everything that puts it there."""

    shop: Target
    goods: Goods
    grounds: tuple[Ground, ...]
    #: with a shop of the same operator that is banned, if there is one
    link: ShopLink | None
    #: a penalty that is under way or in force already
    penalty: Penalty | None

    @property
    def reason(self) -> str:
        return " ".join(ground.words for ground in self.grounds)


def shops_to_clear() -> list[Proposal]:
    """Every shop that a rule fits, the one with most upheld goods first; banned ones are left out. Changes nothing."""
    linked = linked_to_banned()
    relisted = relistings()
    often = {shop for shop, n in relisted.items() if n >= RELISTINGS_AT_LEAST}
    upheld = shops_with_upheld(since=clock.now() - WITHIN, goods=UPHELD_AT_LEAST, cases=CASES_AT_LEAST)
    found = _proposals(upheld | set(linked) | often, linked, relisted)
    return sorted(found, key=lambda p: (-len(p.grounds), -p.goods.upheld, p.shop.pk))


def proposal_for(shop: Target) -> Proposal | None:
    """Why one shop is on the list; None if it is not."""
    found = _proposals([shop.pk], linked_to_banned([shop.pk]), relistings([shop.pk]))
    return found[0] if found else None


def _proposals(shops: Iterable[int], linked: dict[int, ShopLink], relisted: dict[int, int]) -> list[Proposal]:
    goods = goods_of(shops, since=clock.now() - WITHIN)
    open_or_in_force = Q(state__in=Penalty.WAITING) | Q(state=Penalty.State.IN_FORCE)
    penalties = Penalty.objects.filter(open_or_in_force, shop__in=goods, measure=Measure.BAN)
    bans = {penalty.shop_id: penalty for penalty in penalties.order_by("pk")}
    found = []
    targets = Target.objects.filter(pk__in=goods, kind=Target.Kind.SHOP).select_related("marketplace", "operator")
    for shop in targets:
        ban = bans.get(shop.pk)
        if ban is not None and ban.state == Penalty.State.IN_FORCE:
            continue
        link = linked.get(shop.pk)
        if grounds := tuple(grounds_of(shop, goods[shop.pk], relisted.get(shop.pk, 0), link)):
            found.append(Proposal(shop, goods[shop.pk], grounds, link, ban))
    return found


@transaction.atomic
def propose_ban(*, shop: Target, by: Any) -> Penalty:
    """Propose that a shop be banned, for what the rules say of it now. Raises Forbidden, WrongState.

    Nothing happens to the shop before it was heard and two senior reviewers agreed. The ladder in force is cited, whose
    last step is the ban.
    """
    if not roles.is_reviewer(by) or _is_party(shop, by):
        raise Forbidden()
    take_turns([shop.pk])
    with override(shop.contact_language or None):  # the shop reads it
        found = proposal_for(shop)
    if found is None:
        raise WrongState(_("No rule fits this shop any more."))
    book = ladder_in_force("shop")
    step = next((step for step in ladder.steps_of(book) if step.measure == Measure.BAN), None)
    if step is None:
        raise WrongState(_("The ladder in force knows no ban."))
    # What rests on a link falls with it: that is so where the shop came after the banned one.
    link = found.link if found.link and found.link.later_id == shop.pk else None
    made = ladder.propose(
        shop=shop, step=step, ladder=book, points=points_of(shop), strikes=list(strikes_on(shop)), link=link, by=by,
        reason=found.reason,
    )  # fmt: skip
    if made is None:
        raise WrongState(_("A ban of this shop is proposed already."))
    return made


def _is_party(shop: Target, by: Any) -> bool:
    return bool(shop.operator_id and by.memberships.filter(organisation=shop.operator_id).exists())

"""The walkthrough's ladder: three counterfeit decisions against one shop, a hearing, a ban by two people, and its end."""

import re

from ippro.visitor import Visitor
from seeds.world import Item, World

#: so many decisions bring 12 + 24 + 24 points: beyond the 48 of a ban
DECISIONS = 3
STATEMENT = "These goods came from a supplier whom we have left; the invoices name him."
REASON = "Three decisions on counterfeit goods within the year; the invoices are of other goods."


def sold_by_one_shop(world: World, operator: str, storefront: Visitor, *, wanted: int) -> list[Item]:
    """So many things that one shop of this merchant sells now; empty if none sells enough."""
    found: dict[str, list[Item]] = {}
    for item in world.items:
        if item.shop.operator.slug == operator and item.kind == "listing" and item.nature != "genuine":
            found.setdefault(item.shop.external_id, []).append(item)
    for items in found.values():
        on_sale = [i for i in items if storefront.get(f"/product/{i.external_id}", expect=None).status == 200]
        if len(on_sale) >= wanted:
            return on_sale[:wanted]
    return []


def proposed_ban(staff: Visitor, shop: str) -> str:
    """The address of the ban that is proposed for a shop of this name; empty while there is none."""
    listed = staff.get(f"/admin/governance/penalty/?q={shop}&measure__exact=ban&state__exact=proposed")
    return next((link for link in listed.links if re.search(r"/penalty/pen_[0-9a-z]+/review/", link)), "")


def decide(staff: Visitor, address: str, step: str, reason: str = REASON) -> None:
    """One step at the staff's page of a penalty."""
    staff.send(staff.get(address).form(has="note"), press=step, note=reason)


def state(merchant: Visitor, penalty: str) -> None:
    """The merchant says something in the hearing."""
    merchant.send(merchant.get(f"/penalties/{penalty}/").form(action="statement"), text=STATEMENT)


def is_open(storefront: Visitor, shop: str) -> bool:
    return storefront.get(f"/shop/{shop}", expect=None).status == 200

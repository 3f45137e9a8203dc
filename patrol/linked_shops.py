"""Which shops are of one operator, as far as it is known: the same licence, the same account, or what `governance` says."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from marketplace.models import Hold, Target
from patrol.models import LinkedShop

#: holds of a shop by a penalty; their cause is a case of a room above
PENALTY = Q(cause__startswith="pen_")


def say(*, earlier: Target, later: Target, are_linked: bool) -> None:
    """Two shops are of one operator, or are not after all; twice says it once. In the caller's transaction."""
    if are_linked:
        LinkedShop.objects.get_or_create(earlier=earlier, later=later)
    else:
        LinkedShop.objects.filter(earlier=earlier, later=later).delete()


def shut_ones_of(shops: Collection[Target]) -> dict[int, set[int]]:
    """Of each of these shops (by key) the other shops of its operator that a penalty holds; two queries."""
    kin: dict[int, set[int]] = defaultdict(set)
    ids = {shop.pk for shop in shops if shop.pk}
    linked = LinkedShop.objects.filter(Q(earlier__in=ids) | Q(later__in=ids))
    for one, other in linked.values_list("earlier", "later"):
        kin[one].add(other)
        kin[other].add(one)
    codes = {shop.operator_uscc for shop in shops if shop.operator_uscc}
    operators = {shop.operator_id for shop in shops if shop.operator_id}
    same = (
        Q(target__operator_uscc__in=codes)
        | Q(target__operator__in=operators)
        | Q(target__in=set().union(*kin.values()))
    )
    held = Hold.objects.active().filter(PENALTY, same, target__kind=Target.Kind.SHOP)
    shut = set(held.values_list("target", "target__operator_uscc", "target__operator"))
    found: dict[int, set[int]] = {}
    for shop in shops:
        found[shop.pk] = {
            pk
            for pk, code, operator in shut
            if pk != shop.pk
            and (
                (code and code == shop.operator_uscc)
                or (operator and operator == shop.operator_id)
                or pk in kin[shop.pk]
            )
        }
    return found

"""What a decision would do, link by link and shop by shop, before anybody confirms it. Nothing is written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from complaints.models import Complaint, ComplaintTarget
from complaints.review import Panel, panels, rows_of
from marketplace.models import Target
from rulebook.models import RuleVersion


@dataclass(frozen=True)
class Planned:
    """What a decision would do to one target."""

    panel: Panel
    rule: RuleVersion
    facts: str

    @property
    def upheld(self) -> bool:
        return self.rule.upholds

    @property
    def effect(self) -> str:
        """`down`, `stays_down` or `stays_up`: what a buyer will see."""
        held = bool(self.panel.holds) or self.panel.is_down
        if self.upheld:
            return "stays_down" if held else "down"
        return "stays_down" if held else "stays_up"


@dataclass(frozen=True)
class PlannedShop:
    """What one shop would be told, and of which of its links."""

    shop: Target
    planned: Sequence[Planned]

    @property
    def upheld(self) -> list[Planned]:
        return [p for p in self.planned if p.upheld]

    @property
    def by_rule(self) -> list[tuple[RuleVersion, str, list[Planned]]]:
        """Upheld links, grouped where rule and facts are the same."""
        groups: dict[tuple[str, str], list[Planned]] = defaultdict(list)
        for planned in self.upheld:
            groups[planned.rule.code, planned.facts].append(planned)
        return [(rows[0].rule, facts, rows) for (_code, facts), rows in groups.items()]

    @property
    def reads(self) -> str:
        """The language in which it will be told."""
        operator = self.shop.operator
        person = next(iter(operator.memberships.all()), None) if operator else None
        return person.user.language if person else (self.shop.contact_language or "zh-hans")

    @property
    def is_reached(self) -> bool:
        operator = self.shop.operator
        return bool(self.shop.contact_email) or (operator is not None and bool(operator.memberships.all()))


@dataclass(frozen=True)
class Plan:
    """Exactly what a decision would do, shop by shop, before anybody confirms it."""

    shops: Sequence[PlannedShop]

    @cached_property
    def planned(self) -> list[Planned]:
        return [p for shop in self.shops for p in shop.planned]

    @property
    def upheld(self) -> int:
        return sum(p.upheld for p in self.planned)

    @property
    def dismissed(self) -> int:
        return len(self.planned) - self.upheld

    @property
    def going_down(self) -> int:
        return sum(p.upheld and p.effect == "down" for p in self.planned)

    @property
    def down_already(self) -> int:
        return sum(p.upheld and p.effect == "stays_down" for p in self.planned)

    @property
    def told(self) -> list[PlannedShop]:
        return [shop for shop in self.shops if shop.upheld]

    @property
    def genuine(self) -> list[Planned]:
        """Upheld against a shop that the holder itself named as genuine: most probably a mistake."""
        return [p for p in self.planned if p.upheld and p.panel.is_genuine]


def plan_of(complaint: Complaint, chosen: Mapping[str, tuple[str, str]], rules: Mapping[str, RuleVersion]) -> Plan:
    """What it would do to decide every pending target by `chosen`: target's public id → rule, facts; `rules` by code."""
    rows = list(rows_of(complaint).filter(outcome=ComplaintTarget.Outcome.PENDING))
    by_shop: dict[int, list[Planned]] = defaultdict(list)
    for panel in panels(complaint, rows):
        rule, facts = chosen[panel.key]
        by_shop[panel.target.seller.pk].append(Planned(panel, rules[rule], facts))
    shops = (
        Target.objects.filter(pk__in=by_shop)
        .select_related("operator", "marketplace")
        .prefetch_related("operator__memberships__user")
        .in_bulk()
    )
    # A target without a shop answers for itself.
    return Plan([PlannedShop(shops[pk], planned) for pk, planned in by_shop.items()])

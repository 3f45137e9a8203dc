"""What merchants and staff read about points and penalties. The number of queries does not grow with the history."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.models import StatementOfReasons
from core.errors import NotYours
from core.models import LedgerEntry
from governance.models import Penalty, ShopLink, Strike
from governance.penalties.ladder import Step, next_step, steps_of
from governance.penalty_lifecycle import PENALTY
from marketplace.models import Target
from rulebook.models import RuleVersion
from rulebook.selectors import ladder_in_force

State = Penalty.State
#: what the ledger tells of a penalty besides its steps
_TOLD = {
    "penalty.propose": _("Proposed"),
    "penalty.stated": _("The shop made a statement"),
    "penalty.early_end_asked": _("The shop asked for an early end"),
}


@dataclass(frozen=True)
class Standing:
    """Where one shop stands: its points, what they rest on, what is in force, and what comes next."""

    shop: Target
    strikes: Sequence[Strike]
    penalties: Sequence[Penalty]
    ladder: RuleVersion
    #: links by which it inherits the points of earlier shops
    links: Sequence[ShopLink]

    @property
    def counting(self) -> list[Strike]:
        return [s for s in self.strikes if s.counts]

    @property
    def points(self) -> int:
        return sum(s.points for s in self.counting)

    @property
    def steps(self) -> list[Step]:
        return steps_of(self.ladder)

    @property
    def next(self) -> Step | None:
        return next_step(self.points, self.steps)

    @property
    def to_next(self) -> int:
        return self.next.points - self.points if self.next else 0

    @property
    def in_force(self) -> list[Penalty]:
        return [p for p in self.penalties if p.state == State.IN_FORCE]

    @property
    def waiting(self) -> list[Penalty]:
        """What the shop has been told of and that is not decided yet."""
        return [p for p in self.penalties if p.state in (State.HEARING, State.CONFIRMED)]

    @property
    def next_expiry(self) -> datetime | None:
        return min((s.expires_at for s in self.counting), default=None)

    @property
    def tone(self) -> str:
        if any(p.holds_the_shop for p in self.in_force):
            return "danger"
        return "warning" if self.points or self.in_force else "success"


def shops_of(user: User) -> QuerySet[Target]:
    """The shops of the merchant for which this person acts; staff see every shop that ever had points."""
    shops = Target.objects.filter(kind=Target.Kind.SHOP).select_related("marketplace")
    if user.is_staff:
        return shops.filter(record__isnull=False).order_by("pk")
    m = user.membership
    return shops.filter(operator_id=m.organisation_id).order_by("title", "pk") if m else shops.none()


def standings(shops: Sequence[Target], viewer: User) -> list[Standing]:
    """The standing of each of these shops, in a fixed number of queries."""
    ids = [shop.pk for shop in shops]
    links: dict[int, list[ShopLink]] = defaultdict(list)
    for link in ShopLink.objects.filter(later__in=ids, state__in=ShopLink.INHERITS).select_related("earlier"):
        links[link.later_id].append(link)
    earlier = {link.earlier_id for found in links.values() for link in found}
    strikes: dict[int, list[Strike]] = defaultdict(list)
    for strike in (
        Strike.objects.filter(shop__in=[*ids, *earlier])
        .select_related("rule_version__rule", "statement", "shop")
        .order_by("-counted_at", "-pk")
    ):
        strikes[strike.shop_id].append(strike)
    penalties: dict[int, list[Penalty]] = defaultdict(list)
    told = Penalty.objects.filter(shop__in=ids).select_related("shop").order_by("-pk")
    for penalty in told if viewer.is_staff else told.filter(state__in=Penalty.TOLD):
        penalties[penalty.shop_id].append(penalty)
    ladder = ladder_in_force("shop")
    return [
        Standing(
            shop,
            [
                *strikes[shop.pk],
                *(s for k in links[shop.pk] for s in strikes[k.earlier_id] if s.counted_at < shop.first_seen_at),
            ],
            penalties[shop.pk], ladder, links[shop.pk],
        )
        for shop in shops
    ]  # fmt: skip


def shop_of(user: User, public_id: str) -> Target:
    """Raises NotYours."""
    found = shops_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def penalty_of(user: User, public_id: str) -> Penalty:
    """A penalty that this person may see: a merchant only what it has been told of. Raises NotYours."""
    seen = Penalty.objects.visible_to(user) if user.is_staff else Penalty.objects.visible_to(user).filter(state__in=Penalty.TOLD)  # type: ignore[attr-defined]  # fmt: skip
    found = seen.select_related("shop__operator", "shop__marketplace", "ladder__rule", "link__earlier").filter(public_id=public_id).first()  # fmt: skip
    if found is None:
        raise NotYours()
    return found


def strikes_of(penalty: Penalty) -> list[Strike]:
    """What it rests on, with the rules and the statements of reasons."""
    found = penalty.strikes.select_related("rule_version__rule", "statement", "shop")
    return list(found.order_by("-counted_at", "-pk"))


def link_behind(strike: Strike) -> ShopLink | None:
    """The link between shops for which points were counted, if it was for one."""
    return ShopLink.objects.filter(public_id=strike.cause).select_related("earlier").first()


def notice_behind(strike: Strike) -> StatementOfReasons | None:
    """The notice to the shop in whose case staff counted points by hand."""
    return StatementOfReasons.objects.filter(public_id=strike.cause).select_related("decision__complaint").first()


@dataclass(frozen=True)
class Event:
    """One line of a penalty's timeline."""

    at: datetime
    title: Any
    actor: str = ""
    tone: str = ""


def timeline(penalty: Penalty) -> list[Event]:
    """What happened, from the ledger; the platform's people are not named."""
    entries = LedgerEntry.objects.filter(subject=penalty.public_id, kind__startswith="penalty.")
    labels = {f"penalty.{t.name}": t.label for t in PENALTY.transitions} | _TOLD
    return [Event(e.at, labels.get(e.kind, e.kind)) for e in entries.order_by("pk")]

"""The ladder: which step the points of a shop have reached, and the penalty that is proposed for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from core import clock, ledger
from core.ids import next_number
from core.lifecycle import lock
from governance.models import Penalty, ShopLink, Strike
from governance.penalties import grounds, services
from governance.penalties.counting import of_operator, points_of, strikes_on
from governance.penalty_lifecycle import PENALTY
from marketplace.models import Target
from rulebook.models import Measure, RuleVersion
from rulebook.selectors import ladder_in_force

State = Penalty.State
#: what is undone when nothing is left that it rests on
UNDONE = (*Penalty.WAITING, State.IN_FORCE, State.ENDED, State.LIFTED)


@dataclass(frozen=True)
class Step:
    """From so many points on, this measure, for so many days."""

    points: int
    measure: str
    days: int | None

    @property
    def label(self) -> str:
        return str(Measure(self.measure).label)


def steps_of(ladder: RuleVersion) -> list[Step]:
    return [Step(**step) for step in ladder.steps]


def next_step(points: int, steps: Sequence[Step]) -> Step | None:
    """The lowest step that is not reached yet."""
    return next((step for step in steps if step.points > points), None)


def climb(*, shop: Target, gained: int, reason: str = "") -> Penalty | None:
    """Propose the penalty of the highest step that so many new points have reached; the caller holds the shop's record.

    A step that was reached before is not proposed again until points went below it. Lower ones that were merely
    proposed give way.
    """
    book = ladder_in_force("shop")
    points = points_of(shop)
    reached = [s for s in steps_of(book) if points - gained < s.points <= points]
    if not reached:
        return None
    return propose(
        shop=shop, step=reached[-1], ladder=book, points=points, strikes=list(strikes_on(shop)), reason=reason
    )  # fmt: skip


def propose(
    *, shop: Target, step: Step, ladder: RuleVersion, points: int, strikes: Sequence[Strike],
    link: ShopLink | None = None, by: Any = None, reason: str = "",
) -> Penalty | None:  # fmt: skip
    """A penalty that waits for a reviewer; None if one of this step waits already."""
    waiting = Penalty.objects.filter(shop=shop, state__in=Penalty.WAITING)
    if waiting.filter(step_points__gte=step.points).exists():
        return None
    for lower in waiting.filter(state=State.PROPOSED):
        lower = lock(lower)
        PENALTY.fire(lower, "drop", actor=None, payload={"gives_way_to": step.points})
    at = clock.now()
    penalty = Penalty.objects.create(
        number=next_number("P", clock.today().year), shop=shop, measure=step.measure, days=step.days,
        step_points=step.points, points=points, ladder=ladder, link=link, proposed_by=by, reason=reason,
        state=State.PROPOSED, state_since_at=at, created_at=at,
    )  # fmt: skip
    penalty.strikes.set(strikes)
    ledger.record(
        kind="penalty.propose", subject=penalty.public_id, actor=by,
        payload={
            "to": penalty.state, "shop": shop.public_id, "measure": step.measure, "days": step.days, "points": points,
            "strikes": [s.public_id for s in strikes], "ladder": ladder.cited(),
            **({"link": link.public_id} if link else {}),
        },
    )  # fmt: skip
    return penalty


def step_down(*, shop: Target, reason: str) -> None:
    """Undo the penalties of a shop that rest on too few points, since some were taken back or are inherited no more.

    Those that are merely proposed are dropped, those imposed are reversed. Points that merely expired change nothing: a
    penalty that was right stays right. What rests on a link falls with the link (`shops.undo`). What a person proposed
    rests on the grounds of clearance, whatever the points: it stays while one of them fits.
    """
    for penalty in Penalty.objects.filter(shop=shop, link__isnull=True, state__in=UNDONE).order_by("pk"):
        left = Strike.objects.standing().filter(of_operator(shop), penalties=penalty)  # type: ignore[attr-defined]
        is_less = left.count() < penalty.strikes.count()
        if not is_less or (left.aggregate(sum=Sum("points"))["sum"] or 0) >= penalty.step_points:
            continue
        if penalty.proposed_by_id is None or not grounds.still_fit(penalty):
            undo(penalty=penalty, reason=reason)


def undo(*, penalty: Penalty, reason: str) -> None:
    """By rule: what is merely proposed is dropped, what the shop was told of is reversed."""
    if penalty.state == State.PROPOSED:
        services.drop(penalty=penalty, by=None, reason=reason)
    else:
        services.reverse_penalty(penalty=penalty, by=None, reason=reason)

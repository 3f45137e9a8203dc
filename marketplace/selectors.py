"""What pages and the API read of the marketplace room.

The mirror shows what is public on the marketplaces anyway, so that every signed-in person may look up a
link; who holds what down, and why, is told only by the cases themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace import thumbnails
from marketplace.links import Resolved, resolve
from marketplace.models import Target


@dataclass(frozen=True, slots=True)
class LinkView:
    """One pasted line as people see it while they paste: what it is and whose, or why it is nothing."""

    resolved: Resolved
    #: the position of the first line that names the same target, if this is not the first
    same_as: int | None = None

    @property
    def link(self) -> str:
        return self.resolved.link

    @property
    def problem(self) -> str:
        return self.resolved.problem

    @property
    def message(self) -> str:
        return self.resolved.message

    @property
    def scene(self) -> str:
        return self.resolved.scene

    @property
    def seconds(self) -> int | None:
        return self.resolved.seconds

    @property
    def target(self) -> Target | None:
        return self.resolved.target

    @property
    def shop_name(self) -> str:
        seller = self.target.seller if self.target else None
        return seller.title if seller and seller.kind == Target.Kind.SHOP else ""

    @property
    def image(self) -> str:
        return self.target.images[0] if self.target and self.target.images else ""

    @property
    def thumbnail(self) -> str:
        """Where our pages show its first picture."""
        return thumbnails.href(self.target) if self.target else ""

    @property
    def is_down(self) -> bool:
        return self.target is not None and self.target.observed != Target.Observed.UP


def look_at_links(links: Sequence[str]) -> list[LinkView]:
    """What each pasted line is, with those that name a target a second time pointing at the first."""
    first: dict[int, int] = {}
    views = []
    for position, resolved in enumerate(resolve(links)):
        seen = None
        if resolved.target is not None:
            seen = first.setdefault(resolved.target.pk, position)
        views.append(LinkView(resolved, None if seen in (None, position) else seen))
    return views

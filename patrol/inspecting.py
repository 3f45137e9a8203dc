"""Listings → what is found of them: every profile's terms, pictures, prices and sellers in one pass. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.models import Target
from patrol.models import WatchProfile
from patrol.signals import Seen


@dataclass(frozen=True)
class Found:
    """One listing that looks like an infringement of one profile's right."""

    target: Target
    profile: WatchProfile
    seen: tuple[Seen, ...]
    #: 0..1, and what each signal adds to it
    score: float
    parts: dict[str, float]
    #: the same for copies of the same listing
    copy_key: str


def inspect(targets: Sequence[Target], *, profile: WatchProfile | None = None) -> list[Found]:
    """What looks like an infringement among these targets (as they are in memory, saved or not), surest first.

    Every profile that watches is asked, or only `profile`. Shops that may sell are left out. The number of queries does
    not depend on the number of targets.
    """
    return []

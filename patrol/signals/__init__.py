"""Signals: what tells an infringing listing, one file each. Each says what it saw as data, and in words.

A signal is asked about many listings at once and answers with what it saw of each; it decides nothing. What they add up
to stands in `patrol/risk.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Seen:
    """One thing that a signal saw of one listing, with regard to one profile.

    `signal` is its name (`text.name`, `text.code`, `price.floor`, `image.cover`, `seller.new`, …) and the name of the
    feature of the risk model; `strength` is 0..1; `data` is what the words are made of (plain JSON, no personal data).
    """

    signal: str
    strength: float
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"signal": self.signal, "strength": round(self.strength, 4), "data": dict(self.data)}


#: a listing, by its place among those looked at, and a profile, by its key
Pair = tuple[int, int]
#: what a signal saw. Every signal has `see(targets, …) -> Sights`: those that tie a listing to a profile (text, image) are
#: given all that watches, the others (wording, price, seller) the pairs that were tied
Sights = dict[Pair, list[Seen]]

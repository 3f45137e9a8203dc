"""Cases of which somebody of the staff must not know yet how they were decided: rooms above say which, and why.

Such a case stands in no list, sheet, search or API answer for them, whatever it is narrowed down by: that it is found among what
was upheld tells as much as its state. Its own page says where they go instead.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Hides:
    """Why cases are hidden from somebody."""

    #: the keys of the complaints that are hidden from somebody
    which: Callable[[Any], Iterable[int]]
    #: where somebody goes instead of the page of a case; empty if it is open to them
    instead: Callable[[Any, Any], str]


_hides: list[Hides] = []


def also_hidden_by(hides: Hides) -> None:
    """Let a room above hide cases from somebody who must not know yet how they were decided."""
    if hides not in _hides:
        _hides.append(hides)


def hidden_cases(user: Any) -> frozenset[int]:
    """The keys of what is hidden from somebody, by every reason that there is, asked once for each request.

    They are few, and every list, desk and count of a page leaves out the same: inside each statement it would be asked anew.
    """
    known: frozenset[int] | None = getattr(user, "_hidden_cases", None)
    if known is None:
        known = frozenset(key for hides in _hides for key in hides.which(user))
        user._hidden_cases = known
    return known


def ask_anew(user: Any) -> None:
    """Something that was hidden from somebody is open to them from now on."""
    user._hidden_cases = None


def hidden_from(complaint: Any, user: Any) -> str:
    """Where somebody goes instead of the page of this case; empty if it is open to them."""
    return next((address for hides in _hides if (address := hides.instead(complaint, user))), "")

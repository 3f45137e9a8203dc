"""How long the walkthrough waits for what programs do behind the pages: as long as they get on with it.

On an idle machine everything is there within seconds, on a busy one an engine may need minutes. So no fixed minute is waited:
the time begins anew whenever work that is due moves, up to an end. It fails early where nothing moves: nobody is at it.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ippro.visitor import PATIENCE_SECONDS, Unexpected, Visitor

Found = TypeVar("Found")
#: by its name, how much of each kind of work is due, and which of it comes next
Due = Mapping[str, tuple[int, frozenset[str]]]
#: the staff's lists of work that is done behind the pages, with what their count calls it
LISTS = {
    "core/outboxmessage": "outbox",
    "marketplace/enforcement": "enforcements",
    "imageguard/seenimage": "images on marketplaces",
    "imageguard/explanation": "explanations",
    "patrol/scanbatch": "batches of scans",
}
#: nothing is waited for longer than this, whatever moves
END_SECONDS = 900.0
#: what is due may stand still for so many times as long as it may take when nothing is
STILL = 3
#: what is there sooner needs no look at what is due; then so often
FIRST_LOOK_SECONDS, LOOK_SECONDS, SAY_SECONDS, ASK_SECONDS = 10.0, 5.0, 20.0, 0.3


@dataclass
class Patience:
    """`wait` until something is true. It fails when nothing has been due for so many `seconds`, or when what is due has stood
    still for three times as long: one picture may take an engine that has little of the machine a minute."""

    seconds: float = PATIENCE_SECONDS
    #: what is due now; asked only where it takes long
    due: Callable[[], Due] = dict
    #: told what is waited for, and what is due, where it takes long
    tell: Callable[[str], None] = lambda words: None

    def wait(self, asked: Callable[[], Found], words: str) -> Found:
        """The answer, as soon as it is one that counts as true. Raises Unexpected when patience is over."""
        began = moved = time.monotonic()
        look, say = began + FIRST_LOOK_SECONDS, began + SAY_SECONDS
        seen: Due | None = None
        while not (answer := asked()):
            now = time.monotonic()
            if now >= look:
                due = self.due()
                now = time.monotonic()
                # Nothing due, as before, is no progress: nothing ever asked for the work, or nothing comes of it.
                if due != seen and (due or seen):
                    moved = now
                seen, look = due, now + LOOK_SECONDS
                if now >= say:
                    self.tell(f"{now - began:.0f} s: waiting until {words}; due behind the pages: {_in_words(due)}")
                    say = now + SAY_SECONDS
            if now - moved > self.seconds * (STILL if seen else 1):
                raise Unexpected(self._why(words, now - began, f"nothing has moved for {now - moved:.0f} s", seen))
            if now - began > max(END_SECONDS, self.seconds):
                raise Unexpected(self._why(words, now - began, "work still moves", seen))
            time.sleep(ASK_SECONDS)
        return answer

    def _why(self, words: str, seconds: float, how: str, due: Due | None) -> str:
        left = _in_words(due or {})
        return f"Waited {seconds:.0f} s, and still it is not true that {words}: {how}; due behind the pages: {left}."


def _in_words(due: Due) -> str:
    return ", ".join(f"{count} {name}" for name, (count, _next) in due.items()) or "nothing"


def due_behind(staff: Visitor) -> dict[str, tuple[int, frozenset[str]]]:
    """What is due behind the pages, as the lists of staff who read English show it; lists with nothing are left out."""
    found = {}
    for path, name in LISTS.items():
        # A list that cannot be read at this moment says nothing.
        page = staff.get(f"/admin/{path}/?standing=due", expect=None)
        rows = frozenset(link.partition("?")[0] for link in page.links if "/change/" in link)
        counted = re.search(rf"\b([\d,]+) {name}\b", page.text)
        if rows:
            found[name] = (int(counted[1].replace(",", "")) if counted else len(rows), rows)
    return found

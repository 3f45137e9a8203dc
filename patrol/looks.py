"""What the pages of a case show of its re-checks: what was seen when, and what is next. It names no shop but the case's own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from complaints.models import Complaint
from core.errors import NotYours
from patrol import rechecks
from patrol.models import Candidate, CandidateDecision, Recheck

Outcome = Recheck.Outcome
#: of one case so many things stand on its page, those first of which something else was seen than that they are down
MOST = 20
TONES = {
    Outcome.DOWN: "success", Outcome.UP: "danger", Outcome.RELISTED_BY_SELLER: "danger",
    Outcome.RELISTED_BY_OTHER: "warning", Outcome.UNKNOWN: "warning",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """One re-check, as a page shows it."""

    row: Recheck
    words: str
    tone: str


@dataclass(frozen=True)
class Watched:
    """One thing that the case took down, with its looks in their order."""

    title: str
    looks: Sequence[Look]

    @property
    def is_quiet(self) -> bool:
        return all(look.row.outcome in ("", Outcome.DOWN, Outcome.RELEASED) for look in self.looks)


@dataclass(frozen=True)
class Looks:
    """The re-checks of one case."""

    case: str
    number: str
    things: Sequence[Watched]
    more: int
    #: (label, how many, tone) of what was seen so far
    summary: Sequence[tuple[str, int, str]]
    next_at: datetime | None


def of_case(user: User, case: str) -> Looks:
    """The re-checks of a complaint or a finding, to its holder and to staff. Raises NotYours."""
    number = _number_of(user, case)
    by_target: dict[int, list[Recheck]] = {}
    for row in rechecks.of_case(case):
        by_target.setdefault(row.target_id, []).append(row)
    rows = [row for its in by_target.values() for row in its]
    things = [Watched(str(its[0].target), [_look(row) for row in its]) for its in by_target.values()]
    things.sort(key=lambda thing: thing.is_quiet)
    seen = Counter(row.outcome for row in rows if row.outcome)
    return Looks(
        case=case, number=number, things=things[:MOST], more=max(0, len(things) - MOST),
        summary=[(str(Outcome(o).label), n, TONES.get(Outcome(o), "neutral")) for o, n in seen.most_common()],
        next_at=min((row.due_at for row in rows if row.due_at is not None), default=None),
    )  # fmt: skip


def _look(row: Recheck) -> Look:
    return Look(row, rechecks.words_of(row), TONES.get(Outcome(row.outcome), "neutral") if row.outcome else "")


def _number_of(user: User, case: str) -> str:
    found: Any = Complaint.objects.visible_to(user).filter(public_id=case).values_list("number", flat=True).first()
    if found is None:
        shown = Candidate.objects.visible_to(user)
        findings = CandidateDecision.objects.findings().filter(candidate__in=shown, public_id=case)
        found = findings.values_list("number", flat=True).first()
    if found is None:
        raise NotYours()
    return str(found)

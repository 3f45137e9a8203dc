"""Lifecycles are data: a table of transitions that reads like the rule book, and one way to fire them.

A case changes state only here: under a lock and by compare-and-set on the old state, so that a lost
race is an error and never an overwrite; with one ledger entry, the next deadline and the event.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise

from core import clock, ledger
from core.errors import Forbidden, NotYours, WrongState

Who = Callable[[Any, Any], bool]
Condition = Callable[[Any], str | Promise | None]


#: the target of a step that may be taken in several states and leads out of none of them
STAYS = ""


def the_clock(case: Any, actor: Any) -> bool:
    """Only the clock: no person can do it."""
    return actor is None


@dataclass(frozen=True)
class Transition:
    """One arrow: who may, from where, to where, under which conditions, with which deadline next.

    `who(case, actor)` says whether this actor may (None is the clock). A condition returns None, or the
    sentence that says what is missing. `deadline(case)` is when somebody's turn ends in the new state.
    A step whose target is `STAYS` leaves state and deadline as they are. One that is made `with_the_case` itself
    is never offered for a case that is there.
    """

    name: str
    label: str | Promise
    source: frozenset[str]
    target: str
    who: Who
    needs: tuple[Condition, ...] = ()
    deadline: Callable[[Any], datetime | None] = lambda case: None
    danger: bool = False
    with_the_case: bool = False

    def leads_to(self, state: str) -> str:
        """Where a case in `state` stands afterwards."""
        return state if self.target == STAYS else self.target


@dataclass(frozen=True)
class Turn:
    """What a state means to a reader: whose turn it is and what happens when the deadline passes."""

    whose: str | Promise
    next: str | Promise
    otherwise: str | Promise = ""


@dataclass(frozen=True)
class Lifecycle:
    """All transitions of one kind of case. `subject` prefixes the ledger's kinds, as in `complaint.uphold`."""

    subject: str
    initial: str
    transitions: tuple[Transition, ...]
    turns: dict[str, Turn] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Transition:
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise KeyError(name)

    @property
    def states(self) -> set[str]:
        targets = {t.target for t in self.transitions} - {STAYS}
        return {self.initial} | targets | {s for t in self.transitions for s in t.source}

    def available(self, case: Any, actor: Any) -> list[Transition]:
        """What this actor could do with the case now: buttons on pages, `available_actions` in the API."""
        return [t for t in self.transitions if not t.with_the_case and self._can(case, t, actor)]

    def allows(self, case: Any, name: str, actor: Any) -> bool:
        return self._can(case, self[name], actor)

    def _can(self, case: Any, t: Transition, actor: Any) -> bool:
        return case.state in t.source and t.who(case, actor) and not any(need(case) for need in t.needs)

    def check(self, case: Any, name: str, actor: Any) -> Transition:
        """Raises Forbidden or WrongState if the actor may not, now."""
        transition = self[name]
        if not transition.who(case, actor):
            raise Forbidden()
        if case.state not in transition.source:
            raise WrongState(state=case.state, action=name)
        for need in transition.needs:
            if missing := need(case):
                raise WrongState(missing, state=case.state, action=name)
        return transition

    def fire(
        self,
        case: Any,
        name: str,
        *,
        actor: Any,
        payload: dict[str, Any] | None = None,
        writes: Iterable[str] = (),
    ) -> None:
        """Move a locked case along one arrow; `writes` are further fields of the case to save with it.

        Raises Forbidden, WrongState (also when somebody else moved it since it was read).
        """
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("a transition is part of a transaction")
        transition = self.check(case, name, actor)
        old, at = case.state, clock.now()
        if transition.target != STAYS:
            case.state, case.state_since_at = transition.target, at
            case.deadline_at = transition.deadline(case)
        values = {f: getattr(case, f) for f in writes}
        moved = (
            type(case)
            ._base_manager.filter(pk=case.pk, state=old)
            .update(state=case.state, state_since_at=case.state_since_at, deadline_at=case.deadline_at, **values)
        )
        if not moved:
            raise WrongState(state=old, action=name)
        ledger.record(
            kind=f"{self.subject}.{name}",
            subject=case.public_id,
            actor=actor,
            payload={"from": old, "to": case.state, **(payload or {})},
        )

    def fire_all(self, cases: Sequence[Any], name: str, *, actor: Any) -> None:
        """Move many locked cases along the same arrow, with one entry in the ledger for each: what the clock does at once.

        Raises what `fire` raises, and then none of them has moved.
        """
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("a transition is part of a transaction")
        at = clock.now()
        moves: dict[tuple[str, str, datetime, datetime | None], list[Any]] = defaultdict(list)
        entries = []
        for case in cases:
            transition, old = self.check(case, name, actor), case.state
            if transition.target != STAYS:
                case.state, case.state_since_at = transition.target, at
                case.deadline_at = transition.deadline(case)
            moves[old, case.state, case.state_since_at, case.deadline_at].append(case)
            payload = {"from": old, "to": case.state}
            entries.append(
                ledger.entry(kind=f"{self.subject}.{name}", subject=case.public_id, actor=actor, payload=payload)
            )
        for (old, state, since, until), alike in moves.items():
            rows = type(alike[0])._base_manager.filter(pk__in=[case.pk for case in alike], state=old)
            if rows.update(state=state, state_since_at=since, deadline_at=until) < len(alike):
                raise WrongState(state=old, action=name)
        ledger.record_all(entries)

    def as_mermaid(self) -> str:
        """The state diagram of the docs."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {s} --> {t.leads_to(s)}: {t.name}" for t in self.transitions for s in sorted(t.source)]
        return "\n".join(lines)


def lock(case: Any) -> Any:
    """The same case, read anew under a row lock held until the transaction ends.

    Rows that refer to it can still be written meanwhile: a lock on its key would have them wait, and two people
    who each hold a case and write about the other's wait for ever. Raises NotYours if it is gone by now.
    """
    found = type(case)._base_manager.select_for_update(no_key=True).filter(pk=case.pk).first()
    if found is None:
        raise NotYours()
    return found

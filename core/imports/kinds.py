"""What a room says of one kind of sheet: whose it is, what its columns are, how a row is judged, and how it is done."""

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.imports import columns
from core.sheets import Row

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Fault:
    """Why a row is none: the role of the cell, its column as a spreadsheet names it ("" if it stands in none), and words."""

    role: str
    column: str
    words: str


@dataclass(kw_only=True)
class Judged:
    """One row with what is wrong with it; kinds add what it says. `name` is what people call it by."""

    number: int
    name: str
    faults: list[Fault] = field(default_factory=list)

    @property
    def why(self) -> str:
        """Every fault, with its cell as a spreadsheet names it."""
        return " ".join(f"{f.column}{self.number}: {f.words}" if f.column else f.words for f in self.faults)

    def wrong(self, sheet: Any, role: str, words: Any) -> None:
        """Add a fault in the cell of this role."""
        position = None if sheet.is_said else sheet.columns.get(role)
        self.faults.append(Fault(role, "" if position is None else columns.letter(position), str(words)))


#: something owed that is not yet written, with the rows of which it is made
Planned = tuple[Any, Sequence[Any]]


class Kind(ABC):
    """One kind of sheet. Its tables are a `Sheet`, an `Obligation` with a `sheet`, and a `SheetRow` with both."""

    sheets: type[Any]
    batches: type[Any]
    rows: type[Any]
    #: what a column can be, in the order in which people are asked
    roles: "Mapping[str, StrOrPromise]"
    #: those whose cell names several things, in lines or with commas: a program says a list of them
    lists: Collection[str] = ()
    #: words in a header that say what its column is
    words: Mapping[str, Sequence[str]]
    #: roles that have to be a column, with the sentence that asks for it
    needed: "Mapping[str, StrOrPromise]"
    #: roles that may be said once for all rows that say nothing themselves, and those of them that somebody has to say
    for_all: Sequence[str] = ()
    asked_for_all: Sequence[str] = ()
    #: the task that does what is owed, the beginning of its entries in the ledger, and what they call what is owed
    task: str
    ledger: str
    owed: str = "parts"
    #: the field of a batch by which the owners of sheets take turns
    in_turn_of: str
    related: Sequence[str] = ("sheet__by",)
    #: so many batches in one task, so that others of its queue come between, and how long each may take
    at_once = 5
    lease = timedelta(seconds=90)
    #: errors that say that there is no room for it at present, and how long it then waits
    no_room: tuple[type[Exception], ...] = ()
    waits = timedelta(hours=1)

    @abstractmethod
    def owner(self, by: Any, **where: Any) -> dict[str, Any]:
        """The columns of a sheet that say whose it is, when this person hands it in or goes on with it.

        Raises Forbidden, and NotYours for an owner that they do not act for.
        """

    @abstractmethod
    def is_owner(self, sheet: Any, by: Any) -> bool:
        """Whether this person may choose, confirm and stop this sheet. Raises Forbidden."""

    @abstractmethod
    def may_retry(self, by: Any) -> bool:
        """Whether this person of the staff has what was given up done once more."""

    def person(self, by: Any) -> Any:
        """Who is kept as the one who handed a sheet in or confirmed it."""
        return by

    def is_row(self, first: Sequence[str]) -> bool:
        """Whether the first row of a sheet is a row like all others, and names no columns."""
        return any("://" in cell for cell in first)

    @abstractmethod
    def say_for_all(self, sheet: Any, by: Any, said: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Write what holds for all rows into the sheet; what is wrong with it, by role. Raises NotYours."""

    @abstractmethod
    def said_for_all(self, sheet: Any) -> dict[str, Any]:
        """By role, what was said for all rows, as text."""

    @abstractmethod
    def judge(self, sheet: Any, rows: Sequence[Row], *, by: Any) -> list[Any]:
        """Every row, a `Judged`, with its faults. Writes nothing; asks the database as often for many as for few."""

    def becomes(self, sheet: Any, judged: Sequence[Any]) -> dict[str, int]:
        """How many of what would come of the good rows, beside the rows themselves."""
        return {}

    def prepare(self, sheet: Any, by: Any) -> None:  # noqa: B027 most kinds lock nothing more
        """What is locked or refused before a locked sheet is judged for good. Raises Forbidden."""

    @abstractmethod
    def plan(self, sheet: Any, judged: Sequence[Any], by: Any, said: Mapping[str, Any]) -> list[Planned]:
        """What is owed of a sheet that is confirmed; what was `said` with it is kept in the sheet. Raises Invalid."""

    def written(self, sheet: Any, planned: Sequence[Planned]) -> None:  # noqa: B027 most kinds keep nothing more
        """Keep what else belongs to what is owed, once that is written. Raises Invalid."""

    @abstractmethod
    def row(self, sheet: Any, judged: Any, batch: Any) -> Any:
        """The row to be written: it waits if it is of a batch, else it is left out."""

    @abstractmethod
    def carry_out(self, batch: Any) -> None:
        """Do one batch, and write what became of each of its rows; what somebody else did already is not done again."""

    @abstractmethod
    def result(self, sheet: Any) -> Iterator[list[Any]]:
        """The result sheet, header first: a line per row, with where what came of it stands now."""


class KeptKind(Kind):
    """A kind whose sheet has a JSON `for_all`, and whose rows are `KeptRow`s that keep what they say until it is done."""

    #: so many rows are done in one transaction
    together = 200

    def say_for_all(self, sheet: Any, by: Any, said: Mapping[str, Any]) -> dict[str, list[Any]]:
        sheet.for_all = {role: str(said[role]).strip() for role in self.for_all if said.get(role)}
        return {}

    def said_for_all(self, sheet: Any) -> dict[str, Any]:
        return dict(sheet.for_all)

    def plan(self, sheet: Any, judged: Sequence[Any], by: Any, said: Mapping[str, Any]) -> list[Planned]:
        good = [row for row in judged if not row.faults]
        if not good:
            words = _("No row of this sheet can be taken. Mend it, and hand it in again.")
            raise Invalid(errors={"__all__": [words]})
        return [(self.batches(), good[start : start + self.together]) for start in range(0, len(good), self.together)]

    @abstractmethod
    def kept(self, sheet: Any, judged: Any) -> Any:
        """What a row keeps until it is done, as JSON takes it."""

    def row(self, sheet: Any, judged: Any, batch: Any) -> Any:
        state = self.rows.State
        return self.rows(
            sheet=sheet, number=judged.number, name=judged.name, batch=batch, message=judged.why,
            said=json.dumps(self.kept(sheet, judged), ensure_ascii=False) if batch else "",
            state=state.WAITING if batch else state.LEFT_OUT,
        )  # fmt: skip


def cell(row: Row, position: int | None) -> str:
    """What stands in this column of a row; empty without one."""
    return row.cells[position] if position is not None and position < len(row.cells) else ""


def texts(sheet: Any, row: Row, roles: Mapping[str, Any], for_all: Mapping[str, str]) -> dict[str, str]:
    """By role, what a row says, or what was said for all rows."""
    return {role: cell(row, sheet.columns.get(role)) or for_all.get(role, "") for role in roles}

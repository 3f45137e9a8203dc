"""What pages and the API read of sheets of any kind: whose they are, and how far each is."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from core.errors import NotYours
from core.imports.kinds import Kind


def sheets_of(kind: Kind, user: Any) -> QuerySet[Any]:
    """The sheets that this person may see, newest first, without what stands in them."""
    found: QuerySet[Any] = kind.sheets.objects.visible_to(user).defer("cells").order_by("-pk")
    return found


def sheet_of(kind: Kind, user: Any, public_id: str) -> Any:
    """One sheet. Raises NotYours, for a foreign one as for one that does not exist."""
    found = kind.sheets.objects.visible_to(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


@dataclass(frozen=True)
class Progress:
    """How far a confirmed sheet is, in rows; `given_up` are those that failed for no fault of theirs."""

    total: int
    waiting: int
    left_out: int
    given_up: int

    @property
    def did(self) -> int:
        """Rows that were done as they ask."""
        return self.total - self.waiting - self.left_out - self.given_up

    @property
    def done(self) -> int:
        return self.total - self.waiting

    @property
    def is_done(self) -> bool:
        return self.waiting == 0


def progress_of(kind: Kind, sheet: Any) -> Progress:
    """In one query."""
    state = kind.rows.State
    waiting = Q(state=state.WAITING)
    return Progress(
        **sheet.rows.aggregate(
            total=Count("pk"),
            waiting=Count("pk", filter=waiting & Q(batch__dead_at=None)),
            left_out=Count("pk", filter=Q(state=state.LEFT_OUT)),
            given_up=Count("pk", filter=waiting & Q(batch__dead_at__isnull=False)),
        )
    )


def left_out_of(kind: Kind, sheet: Any) -> QuerySet[Any]:
    """The rows that were left out, with the words that say why."""
    found: QuerySet[Any] = sheet.rows.filter(state=kind.rows.State.LEFT_OUT).order_by("number")
    return found

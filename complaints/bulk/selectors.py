"""What pages read of sheets of complaints: how far each is, and what became of every row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from complaints.models import ComplaintTarget, Import, ImportBatch, ImportRow
from complaints.selectors import LinkRow, link_rows
from core.errors import NotYours

State = ImportRow.State


def imports_of(user: User) -> QuerySet[Import]:
    """The sheets of this person's organisation, newest first, without what stands in them."""
    return Import.objects.visible_to(user).defer("cells").order_by("-pk")


def import_of(user: User, public_id: str) -> Import:
    """One sheet. Raises NotYours, for a foreign one as for one that does not exist."""
    found = Import.objects.visible_to(user).select_related("organisation", "filing").filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


@dataclass(frozen=True)
class Progress:
    """How far a confirmed sheet is, in rows; `given_up` are those whose complaint failed for no fault of theirs."""

    total: int
    waiting: int
    complained: int
    left_out: int
    given_up: int
    complaints: int

    @property
    def done(self) -> int:
        return self.total - self.waiting

    @property
    def is_done(self) -> bool:
        return self.waiting == 0


def progress_of(sheet: Import) -> Progress:
    """In one query."""
    waiting = Q(state=State.WAITING)
    return Progress(
        **sheet.rows.aggregate(
            total=Count("pk"),
            waiting=Count("pk", filter=waiting & Q(batch__dead_at=None)),
            complained=Count("pk", filter=Q(state=State.COMPLAINED)),
            left_out=Count("pk", filter=Q(state=State.LEFT_OUT)),
            given_up=Count("pk", filter=waiting & Q(batch__dead_at__isnull=False)),
            complaints=Count("batch__complaint", distinct=True),
        )
    )


def left_out_of(sheet: Import) -> QuerySet[ImportRow]:
    """The rows of which nothing is complained, with the words that say why."""
    return sheet.rows.filter(state=State.LEFT_OUT).order_by("number")


def batches_of(sheet: Import) -> QuerySet[ImportBatch]:
    """What was owed, with the complaint that each became and the number of its rows."""
    return (
        sheet.batches.select_related("complaint", "filing")
        .annotate(row_count=Count("rows"), sent_count=Count("rows", filter=Q(rows__state=State.COMPLAINED)))
        .order_by("pk")
    )


def result(sheet: Import) -> Iterator[list[Any]]:
    """The result sheet, header first: a line per row, with what became of it and where its link stands now."""
    yield [_("Row"), _("Link"), _("What became of it"), _("Reason"), _("Complaint"), _("State of the complaint"),
           _("Decision about the link"), _("The link now"), _("Why")]  # fmt: skip
    shown: dict[tuple[int, int], LinkRow] = {}
    for batch in sheet.batches.exclude(complaint=None).select_related("complaint__filing"):
        assert batch.complaint is not None
        shown |= {(batch.pk, link.row.target_id): link for link in link_rows(batch.complaint)}
    for row in sheet.rows.select_related("batch__complaint").order_by("number"):
        line = [row.number, row.link, row.get_state_display(), row.message]
        complaint = row.batch.complaint if row.batch else None
        link = shown.get((row.batch_id or 0, row.target_id or 0)) if row.state == State.COMPLAINED else None
        if complaint and link:
            outcome = ComplaintTarget.Outcome(link.row.outcome).label
            line += [complaint.number, complaint.get_state_display(), outcome, link.standing.label, link.standing.why]
        yield line

"""What became of a sheet of links: the complaints that were owed, and every row with where its link stands now."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from complaints.models import ComplaintTarget, Import, ImportBatch, ImportRow
from complaints.selectors import LinkRow, link_rows

State = ImportRow.State
#: rows whose links are looked at together
PAGE = 1000


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
    rows = sheet.rows.order_by("number")
    for start in range(0, rows.count(), PAGE):
        for row in with_fates(sheet, list(rows[start : start + PAGE])):
            line = [row.number, row.link, row.get_state_display(), row.message]
            if row.case and row.shown:
                outcome = ComplaintTarget.Outcome(row.shown.row.outcome).label
                standing = row.shown.standing
                line += [row.case.number, row.case.get_state_display(), outcome, standing.label, standing.why]
            yield line


def with_fates(sheet: Import, rows: list[ImportRow]) -> list[Any]:
    """These rows, each with its `case` and its link in it as `shown`, as it stands now; None for what was not sent."""
    wanted: dict[int, list[int]] = {}
    for row in rows:
        if row.state == State.COMPLAINED and row.batch_id and row.target_id:
            wanted.setdefault(row.batch_id, []).append(row.target_id)
    sent = sheet.batches.exclude(complaint=None).filter(pk__in=wanted).select_related("complaint__filing")
    cases = {batch.pk: batch.complaint for batch in sent if batch.complaint is not None}
    links: dict[tuple[int, int], LinkRow] = {
        (pk, link.row.target_id): link for pk, case in cases.items() for link in link_rows(case, among=wanted[pk])
    }
    for row in rows:
        given: Any = row
        given.shown = links.get((row.batch_id or 0, row.target_id or 0))
        given.case = cases.get(row.batch_id or 0) if given.shown else None
    return rows

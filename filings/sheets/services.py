"""Rights from a spreadsheet: the journey of a sheet is that of `core/imports`; here is what becomes of its rows."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import Membership, User
from core.errors import Forbidden
from core.imports import kinds
from core.imports import services as sheets
from core.lifecycle import lock
from core.sheets import Row
from filings import services
from filings.models import FilingSheet, FilingSheetPart, FilingSheetRow
from filings.sheets import judging
from filings.sheets.columns import FOR_ALL, KIND, NEEDED, ROLES, WORDS
from filings.sheets.judging import Judged

State = FilingSheetRow.State


class FilingSheets(kinds.KeptKind):
    """Sheets of rights of one organisation, each row of which becomes a draft."""

    sheets, batches, rows = FilingSheet, FilingSheetPart, FilingSheetRow
    roles, words, needed = ROLES, WORDS, NEEDED
    for_all, asked_for_all = FOR_ALL, (KIND,)
    task = "filings.tasks.draft_rows"
    ledger = "filing_sheet"
    in_turn_of = "sheet__organisation"
    related = ("sheet__organisation", "sheet__by")
    lease = timedelta(seconds=60)

    def owner(self, by: User, **where: Any) -> dict[str, Any]:
        return {"organisation": roles.require_for_rights(by, roles.MAY_FILE_RIGHTS).organisation}

    def is_owner(self, sheet: FilingSheet, by: User) -> bool:
        return self.owner(by)["organisation"] == sheet.organisation

    def may_retry(self, by: Any) -> bool:
        return roles.is_reviewer(by)

    def judge(self, sheet: FilingSheet, rows: Sequence[Row], *, by: Any) -> list[Judged]:
        return judging.judge(sheet, [(row.number, kinds.texts(sheet, row, ROLES, sheet.for_all)) for row in rows])

    def kept(self, sheet: FilingSheet, judged: Judged) -> Any:
        return dict(judged.said)

    def carry_out(self, batch: FilingSheetPart) -> None:
        _draft(batch)

    def result(self, sheet: FilingSheet) -> Iterator[list[Any]]:
        yield [_("Row"), _("Name"), _("What became of it"), _("Reason"), _("Case"), _("State of the case"),
               _("Id in the API")]  # fmt: skip
        for row in sheet.rows.select_related("filing").order_by("number").iterator(500):
            line = [row.number, row.name, row.get_state_display(), row.message]
            if row.filing:
                line += [row.filing.number, row.filing.get_state_display(), row.filing.public_id]
            yield line


SHEETS = FilingSheets()


def draft_due() -> int:
    """Draft what is due of confirmed sheets, organisations in turn; returns how many parts were tried."""
    return sheets.carry_out_due(SHEETS)


@transaction.atomic
def _draft(batch: FilingSheetPart) -> None:
    """Draft the rows of one part that still can be, and write what became of each; nothing if somebody else did."""
    if not sheets.is_mine(batch):
        return
    sheet, rows = batch.sheet, list(batch.rows.filter(state=State.WAITING))
    # Who files for this organisation waits, so that no number is drafted twice.
    sheet.organisation = lock(sheet.organisation)
    refused = "" if _may_still_file(sheet) else str(Forbidden())
    judged = judging.judge(sheet, [(row.number, json.loads(row.said)) for row in rows])
    made = []
    for row, now in zip(rows, judged, strict=True):
        row.message, row.said = refused or now.why, ""
        row.state = State.LEFT_OUT if row.message else State.DONE
        if not row.message:
            row.filing = now.filing
            made.append(now.filing)
    services.create_drafts(drafts=[filing for filing in made if filing is not None], by=sheet.by)
    for row in rows:
        row.filing_id = row.filing.pk if row.filing else None  # it was made after it was set
    FilingSheetRow.objects.bulk_update(rows, ["filing", "state", "message", "said"], batch_size=sheets.CHUNK)
    FilingSheetPart.objects.settle([batch])


def _may_still_file(sheet: FilingSheet) -> bool:
    mine = Membership.objects.filter(user=sheet.by, user__is_active=True, organisation=sheet.organisation)
    return mine.filter(role__in=roles.MAY_FILE_RIGHTS).exists()

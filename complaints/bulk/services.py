"""Complaints from a spreadsheet: what a row of links says, which complaints become of a sheet, and how one is sent.

The journey of a sheet is that of `core/imports`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from accounts.models import User
from complaints import lanes, selectors, services
from complaints.bulk import judging, results
from complaints.bulk.columns import DESCRIPTION, EVIDENCE, FILING, FOR_ALL, INFRINGEMENT, LINK, ROLES, WORDS
from complaints.bulk.judging import Judged
from complaints.models import Import, ImportBatch, ImportFile, ImportRow, Infringement
from complaints.services import Notice
from core.errors import DomainError, Forbidden, Invalid, NotYours
from core.imports import kinds
from core.imports import services as sheets
from core.lifecycle import lock
from core.sheets import Row
from filings.standing import require_to_complain
from marketplace.links import resolve

State = ImportRow.State


class LinkSheets(kinds.Kind):
    """Sheets of links of one organisation, each row of which is complained of."""

    sheets, batches, rows = Import, ImportBatch, ImportRow
    roles, words, lists = ROLES, WORDS, (EVIDENCE,)
    needed = {LINK: gettext_lazy("Choose the column with the links.")}
    for_all = asked_for_all = FOR_ALL
    task = "complaints.tasks.complain_of_rows"
    ledger, owed = "import", "complaints"
    in_turn_of = "sheet__organisation"
    related = ("sheet__organisation", "sheet__by", "filing")
    no_room = (lanes.TooManyOpen,)

    def owner(self, by: User, **where: Any) -> dict[str, Any]:
        return {"organisation": require_to_complain(by).organisation}

    def is_owner(self, sheet: Import, by: User) -> bool:
        return require_to_complain(by).organisation == sheet.organisation

    def may_retry(self, by: Any) -> bool:
        return roles.is_reviewer(by)

    def say_for_all(self, sheet: Import, by: User, said: Mapping[str, Any]) -> dict[str, list[Any]]:
        filing, infringement = said.get(FILING), said.get(INFRINGEMENT) or ""
        if filing is not None and not selectors.rights_to_rest_on(by).filter(pk=filing.pk).exists():
            raise NotYours()
        sheet.filing, sheet.infringement, sheet.description = filing, infringement, said.get(DESCRIPTION) or ""
        if infringement and infringement not in Infringement.values:
            return {INFRINGEMENT: [_("Choose the kind of infringement.")]}
        return {}

    def said_for_all(self, sheet: Import) -> dict[str, Any]:
        filing = sheet.filing.public_id if sheet.filing else ""
        return {FILING: filing, INFRINGEMENT: sheet.infringement, DESCRIPTION: sheet.description.strip()}

    def judge(self, sheet: Import, rows: Sequence[Row], *, by: Any) -> list[Judged]:
        return judging.judge(sheet, rows)

    def becomes(self, sheet: Import, judged: Sequence[Judged]) -> dict[str, int]:
        most_links = lanes.placed(sheet.organisation).terms.links
        return {"complaints": sum(-(-len(group.rows) // most_links) for group in judging.groups_of(judged))}

    def prepare(self, sheet: Import, by: Any) -> None:
        """Two sheets at once are not both the last one: the organisation is locked before its lane is looked at."""
        if not sheet.organisation.is_verified:
            raise Forbidden(_("Your organisation must be verified before it can complain. Submit its papers first."))
        lock(sheet.organisation)

    def plan(
        self, sheet: Import, judged: Sequence[Judged], by: Any, said: Mapping[str, Any]
    ) -> list[tuple[ImportBatch, Sequence[Judged]]]:  # fmt: skip
        """One complaint after the other. Raises Suspended, TooManyOpen, Invalid."""
        where = lanes.place_of_a_notice(sheet.organisation)
        planned = list(judging.batches(judging.groups_of(judged), where.terms.links))
        owed = ImportBatch.objects.filter(sheet__organisation=sheet.organisation, due_at__isnull=False).count()
        room = max(0, where.terms.open_complaints - where.open_complaints - owed)
        _check(len(planned), room, **said)
        sheet.signature = said["signature"].strip()
        return [
            (ImportBatch(filing=g.filing, infringement=g.infringement, description=g.description), rows)
            for g, rows in planned
        ]

    def written(self, sheet: Import, planned: Sequence[tuple[ImportBatch, Sequence[Judged]]]) -> None:
        """Rows of one complaint name the same files. Raises Invalid for one that was swept away since it was judged."""
        named = [(batch, public_id) for batch, rows in planned for public_id in rows[0].evidence]
        found = selectors.files_named(sheet.organisation_id, [public_id for _batch, public_id in named], ["public_id"])
        for _batch, public_id in named:
            if public_id not in found:
                raise Invalid(errors={EVIDENCE: [_("%(id)s is no file of yours.") % {"id": public_id}]})
        kept = [ImportFile(batch=batch, file=found[public_id]) for batch, public_id in named]
        ImportFile.objects.bulk_create(kept, batch_size=sheets.CHUNK)

    def row(self, sheet: Import, judged: Judged, batch: ImportBatch | None) -> ImportRow:
        return ImportRow(
            sheet=sheet, number=judged.number, link=judged.name, batch=batch, target=judged.target,
            state=State.WAITING if batch else State.LEFT_OUT, message=judged.why,
        )  # fmt: skip

    def carry_out(self, batch: ImportBatch) -> None:
        _complain(batch)

    def result(self, sheet: Import) -> Iterator[list[Any]]:
        return results.result(sheet)


KIND = LinkSheets()


def _check(complaints: int, room: int, *, signature: str, good_faith: bool) -> None:
    errors: dict[str, list[Any]] = {}
    if not complaints:
        errors["__all__"] = [_("No row of this sheet can be complained of. Mend it, and hand it in again.")]
    elif complaints > room:
        errors["__all__"] = [
            _("These would be %(n)d complaints, and your lane takes %(room)d more at present. Use fewer different descriptions, or split the sheet.")
            % {"n": complaints, "room": room}
        ]  # fmt: skip
    if not signature.strip():
        errors["signature"] = [_("Sign with your full name.")]
    if not good_faith:
        errors["good_faith"] = [_("Confirm that the notice is true: without this assurance it cannot be accepted.")]
    if errors:
        raise Invalid(errors=errors)


# --- in the background -------------------------------------------------------------------------------------------


def complain_due(limit: int | None = None) -> int:
    """Send up to `limit` complaints of sheets that are due, organisations in turn; returns how many were tried."""
    return sheets.carry_out_due(KIND, limit)


@transaction.atomic
def _complain(batch: ImportBatch) -> None:
    """Send one complaint, and write what became of each of its rows; nothing if somebody else did."""
    if not sheets.is_mine(batch):
        return
    sheet, rows = batch.sheet, list(batch.rows.filter(state=State.WAITING))
    looked = resolve([row.link for row in rows])
    known = selectors.known_of(batch.filing, [link.target for link in looked if link.target])
    sent = []
    for row, link in zip(rows, looked, strict=True):
        # What happened since it was confirmed leaves out that row, not its neighbours.
        row.message = judging.why_not(link.target, *known) if link.target else link.message
        row.target, row.state = link.target or row.target, State.LEFT_OUT if row.message else State.COMPLAINED
        if not row.message:
            sent.append(link)
    if sent:
        try:
            notice = Notice(
                right=batch.filing.public_id, infringement=batch.infringement, links=sent,
                description=batch.description, signature=sheet.signature, good_faith=True, language=sheet.language,
                evidence=[kept.file for kept in batch.evidence.select_related("file")],
            )  # fmt: skip
            batch.complaint = services.submit_complaint(notice=notice, by=sheet.by, on_behalf_of=sheet.organisation)
        except DomainError as refused:
            if refused.status >= 500 or isinstance(refused, lanes.TooManyOpen):
                raise
            for row in rows:
                row.state, row.message = State.LEFT_OUT, row.message or sheets.words_of(refused)
    ImportRow.objects.bulk_update(rows, ["target", "state", "message"], batch_size=sheets.CHUNK)
    batch.save(update_fields=["complaint"])
    ImportBatch.objects.settle([batch])


# --- staff -------------------------------------------------------------------------------------------------------


def stop_as_staff(*, sheet: Import, by: User) -> None:
    """Leave out what is not sent yet of somebody's sheet. Raises Forbidden, WrongState."""
    if not roles.is_reviewer(by):
        raise Forbidden()
    sheets.stop(KIND, sheet=sheet, by=by, is_staff=True)

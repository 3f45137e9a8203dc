"""Complaints from a spreadsheet: hand in, choose columns, confirm; workers send one complaint after the other.

Until a sheet is confirmed nothing but the sheet is written. Then each complaint is owed with its rows, and sent in the
transaction that says so of them: a worker may be killed at any line, and every row is complained of once.
"""

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import User
from complaints import lanes, selectors, services
from complaints.bulk import columns, judging
from complaints.bulk.columns import LINK
from complaints.bulk.judging import Judged
from complaints.models import Import, ImportBatch, ImportRow, Infringement
from complaints.services import Notice
from core import clock, ledger, sheets
from core.errors import DomainError, Forbidden, Invalid, NotYours, WrongState
from core.lifecycle import lock
from core.outbox import hint
from core.pace import keep_pace
from core.preconditions import still_as_seen
from core.retries import retry_given_up
from core.sheets import Row
from core.text import without_unseen
from filings.models import Filing
from filings.standing import require_to_complain
from marketplace.links import resolve

log = logging.getLogger("ippro.bulk")

State = ImportRow.State
TASK = "complaints.tasks.complain_of_rows"
#: of one organisation: who hands in another one has given up the oldest
MOST_UNCONFIRMED = 5
SHEETS_A_MINUTE, PREVIEWS_A_MINUTE = 10, 30
#: complaints of a few hundred links, a second or two each, so that other tasks of the queue come between
BATCH = 5
LEASE = timedelta(seconds=90)
#: so long a complaint waits when its lane takes no more, before it is tried again
UNTIL_SOME_ARE_DECIDED = timedelta(hours=1)
_CHUNK = 500


# --- before it is confirmed ------------------------------------------------------------------------------------


def begin_import(*, by: User, upload: Any) -> Import:
    """Read a sheet and keep what it says, its columns chosen as for the last one with the same header.

    Raises Forbidden, NotForMerchants, TooOften, Busy, Invalid and TooLarge (field `file`).
    """
    organisation = require_to_complain(by).organisation
    keep_pace(what="sheet", who=by.public_id, most=SHEETS_A_MINUTE)
    rows = sheets.read(upload)
    header = rows[0].cells if columns.has_header(rows[0].cells) else []
    if len(rows) - bool(header) > sheets.MAX_ROWS:
        raise Invalid(
            _("The sheet has more than %(most)d rows. Split it into several.") % {"most": sheets.MAX_ROWS}, field="file"
        )
    fingerprint = columns.fingerprint(header)
    before = Import.objects.filter(organisation=organisation, fingerprint=fingerprint).exclude(columns={})
    last = before.order_by("-pk").first() if header else None
    with transaction.atomic():
        made = Import.objects.create(
            organisation=organisation,
            by=by,
            name=_shown(upload.name),
            cells=json.dumps([(row.number, row.cells) for row in rows], ensure_ascii=False),
            row_count=len(rows) - bool(header),
            fingerprint=fingerprint,
            columns=last.columns if last else columns.guessed(header),
            language=get_language() or "zh-hans",
        )
        unconfirmed = Import.objects.filter(organisation=organisation, confirmed_at=None).order_by("-pk")
        Import.objects.filter(pk__in=list(unconfirmed.values_list("pk", flat=True)[MOST_UNCONFIRMED:])).delete()
    return made


def _shown(name: str | None) -> str:
    return " ".join(without_unseen((name or "").replace("\\", "/").rpartition("/")[2]).split())[-150:] or "—"


def cells_of(sheet: Import) -> tuple[list[str], list[Row]]:
    """The header of an unconfirmed sheet, empty if it has none, and its rows."""
    rows = [Row(number, cells) for number, cells in json.loads(sheet.cells or "[]")]
    if rows and columns.has_header(rows[0].cells):
        return rows[0].cells, rows[1:]
    return [], rows


def previewed(*, sheet: Import, by: User) -> list[Judged]:
    """Every row with what would become of it. Raises TooOften: ten thousand rows take seconds."""
    keep_pace(what="sheet-preview", who=by.public_id, most=PREVIEWS_A_MINUTE)
    return judging.judge(sheet, cells_of(sheet)[1])


@transaction.atomic
def choose(
    *, sheet: Import, by: User, chosen: dict[str, int], filing: Filing | None, infringement: str, description: str
) -> Import:
    """Say which column is what, and what holds for all rows that say nothing themselves.

    Raises Forbidden, NotYours, WrongState (confirmed), Invalid by field.
    """
    sheet = _unconfirmed(sheet, by)
    errors: dict[str, list[str]] = {}
    if LINK not in chosen:
        errors["link"] = [_("Choose the column with the links.")]
    for role, position in chosen.items():
        if list(chosen.values()).count(position) > 1:
            errors.setdefault(role, []).append(_("This column is chosen twice. Choose another one."))
    for name, value in (("filing", filing), ("infringement", infringement), ("description", description.strip())):
        if name not in chosen and not value:
            errors[f"{name}_for_all"] = [_("Choose a column for it, or say here what holds for all rows.")]
    if filing is not None and not selectors.rights_to_rest_on(by).filter(pk=filing.pk).exists():
        raise NotYours()
    if infringement and infringement not in Infringement.values:
        errors["infringement_for_all"] = [_("Choose the kind of infringement.")]
    if errors:
        raise Invalid(errors=errors)
    sheet.columns, sheet.filing, sheet.infringement, sheet.description = chosen, filing, infringement, description
    sheet.save(update_fields=["columns", "filing", "infringement", "description"])
    return sheet


@transaction.atomic
def discard_import(*, sheet: Import, by: User) -> None:
    """Throw away a sheet that was not confirmed. Raises Forbidden, NotYours, WrongState."""
    _unconfirmed(sheet, by).delete()


def _unconfirmed(sheet: Import, by: User) -> Import:
    """The sheet, locked. Raises Forbidden, NotYours, WrongState (somebody confirmed it)."""
    sheet = lock(sheet)
    if require_to_complain(by).organisation != sheet.organisation:
        raise NotYours()
    if sheet.confirmed_at is not None:
        raise WrongState(_("This sheet was confirmed: what it asked for is being done."))
    return sheet


# --- confirmed --------------------------------------------------------------------------------------------------


@transaction.atomic
def confirm_import(*, sheet: Import, by: User, signature: str, good_faith: bool, seen: str = "") -> Import:
    """Owe the complaints of all rows without a fault; the others are left out, each with the words that say why.

    Whoever confirms signs every one of the complaints, as they saw them: `seen` is the tag of the sheet on their page. A
    sheet is confirmed once: again, it answers as it is. Raises Forbidden, Suspended, TooManyOpen, NotYours, WrongState
    (its columns were chosen anew since), Invalid by field.
    """
    sheet = lock(sheet)
    organisation = require_to_complain(by).organisation
    if organisation != sheet.organisation:
        raise NotYours()
    if sheet.confirmed_at is not None:
        return sheet
    still_as_seen(sheet, seen)
    if not organisation.is_verified:
        raise Forbidden(_("Your organisation must be verified before it can complain. Submit its papers first."))
    # Two sheets at once are not both the last one.
    organisation = lock(organisation)
    where = lanes.place_of_a_notice(organisation)
    judged = judging.judge(sheet, cells_of(sheet)[1])
    planned = list(judging.batches(judging.groups_of(judged), where.terms.links))
    owed_already = ImportBatch.objects.filter(sheet__organisation=organisation, due_at__isnull=False).count()
    room = max(0, where.terms.open_complaints - where.open_complaints - owed_already)
    _check(planned, room, signature=signature, good_faith=good_faith)
    at = clock.now()
    sheet.by, sheet.signature, sheet.confirmed_at, sheet.cells = by, signature.strip(), at, ""
    sheet.language = get_language() or sheet.language
    sheet.save(update_fields=["by", "signature", "confirmed_at", "cells", "language"])
    owed = ImportBatch.objects.bulk_create(
        [
            ImportBatch(
                sheet=sheet, filing=group.filing, infringement=group.infringement, description=group.description,
                due_at=at,
            )
            for group, _rows in planned
        ],
        batch_size=_CHUNK,
    )  # fmt: skip
    of = {row.number: batch for batch, (_group, rows) in zip(owed, planned, strict=True) for row in rows}
    ImportRow.objects.bulk_create((_row(sheet, row, of.get(row.number)) for row in judged), batch_size=_CHUNK)
    ledger.record(
        kind="import.confirmed",
        subject=sheet.public_id,
        actor=by,
        payload={"rows": len(judged), "left_out": len(judged) - len(of), "complaints": len(owed)},
    )
    hint(TASK)
    return sheet


def _check(
    planned: Sequence[tuple[judging.Group, list[Judged]]], room: int, *, signature: str, good_faith: bool
) -> None:
    errors: dict[str, list[Any]] = {}
    if not planned:
        errors["__all__"] = [_("No row of this sheet can be complained of. Mend it, and hand it in again.")]
    elif len(planned) > room:
        errors["__all__"] = [
            _("These would be %(n)d complaints, and your lane takes %(room)d more at present. Use fewer different descriptions, or split the sheet.")
            % {"n": len(planned), "room": room}
        ]  # fmt: skip
    if not signature.strip():
        errors["signature"] = [_("Sign with your full name.")]
    if not good_faith:
        errors["good_faith"] = [_("Confirm that the notice is true: without this assurance it cannot be accepted.")]
    if errors:
        raise Invalid(errors=errors)


def _row(sheet: Import, row: Judged, batch: ImportBatch | None) -> ImportRow:
    state = State.WAITING if batch else State.LEFT_OUT
    return ImportRow(
        sheet=sheet, number=row.number, link=row.link, batch=batch, target=row.target, state=state, message=row.why
    )


# --- in the background -------------------------------------------------------------------------------------------


def complain_due(limit: int = BATCH) -> int:
    """Send up to `limit` complaints of sheets that are due, organisations in turn; returns how many were tried."""
    tried = 0
    waiting = ImportBatch.objects.select_related("sheet__organisation", "sheet__by", "filing")
    for batch in waiting.in_turn(limit, of="sheet__organisation", lease=LEASE):
        tried += 1
        try:
            with translation.override(batch.sheet.language):
                _complain(batch)
        except lanes.TooManyOpen:
            batch.owe_later(due_at=clock.now() + UNTIL_SOME_ARE_DECIDED)
        except Exception as failure:  # whatever it is, the others go on and this one is tried again
            log.exception("a complaint of %s could not be sent", batch.sheet.public_id)
            batch.put_off(f"{type(failure).__name__}: {failure}")
            if isinstance(failure, SoftTimeLimitExceeded):
                raise
    if tried == limit:
        hint(TASK)
    return tried


@transaction.atomic
def _complain(batch: ImportBatch) -> None:
    """Send one complaint, and write what became of each of its rows; nothing if somebody else did."""
    mine = ImportBatch.objects.select_for_update(no_key=True).filter(pk=batch.pk, done_at=None)
    if not mine.exists():
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
    notice = Notice(
        right=batch.filing.public_id, infringement=batch.infringement, links=sent, description=batch.description,
        signature=sheet.signature, good_faith=True, language=sheet.language,
    )  # fmt: skip
    if sent:
        try:
            batch.complaint = services.submit_complaint(notice=notice, by=sheet.by, on_behalf_of=sheet.organisation)
        except DomainError as refused:
            if refused.status >= 500 or isinstance(refused, lanes.TooManyOpen):
                raise
            _leave_out(rows, refused)
    ImportRow.objects.bulk_update(rows, ["target", "state", "message"], batch_size=_CHUNK)
    batch.save(update_fields=["complaint"])
    ImportBatch.objects.settle([batch])


def _leave_out(rows: Sequence[ImportRow], refused: DomainError) -> None:
    errors: dict[str, Any] = getattr(refused, "errors", {})
    words = " ".join(str(sentence) for some in errors.values() for sentence in some) or str(refused)
    for row in rows:
        row.state, row.message = State.LEFT_OUT, row.message or words


@transaction.atomic
def stop_import(*, sheet: Import, by: User) -> None:
    """Leave out every row that is not sent yet, on the word of the organisation or of staff; what was sent stays.

    A complaint that is being sent at this moment is waited for. Raises Forbidden, NotYours, WrongState (all is done).
    """
    sheet = lock(sheet)
    if not roles.is_reviewer(by) and require_to_complain(by).organisation != sheet.organisation:
        raise NotYours()
    left = list(ImportBatch.objects.select_for_update(no_key=True).filter(sheet=sheet, done_at=None).order_by("pk"))
    if not left:
        raise WrongState(_("Nothing of this sheet is waiting any more."))
    with translation.override(sheet.language):
        words = _("The sheet was stopped before this row was sent.")
    rows = ImportRow.objects.filter(batch__in=left, state=State.WAITING).update(state=State.LEFT_OUT, message=words)
    ImportBatch.objects.settle(left)
    ledger.record(
        kind="import.stopped", subject=sheet.public_id, actor=by, payload={"rows": rows, "complaints": len(left)}
    )


def retry_batch(*, batch: ImportBatch, by: User) -> None:
    """Staff have a complaint that was given up sent once more. Raises Forbidden, NotDead."""
    if not roles.is_reviewer(by):
        raise Forbidden()
    retry_given_up(row=batch, by=by, kind="import.retried", subject=batch.sheet.public_id, task=TASK)

"""What people and workers do with sheets of any kind: hand in, choose columns, confirm; then batch after batch.

Until a sheet is confirmed nothing but the sheet is written. What is owed then is done in the transaction that says so of
its rows: a worker may be killed at any line, and every row is done once.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import clock, ledger, sheets
from core.errors import DomainError, Forbidden, Invalid, NotYours, WrongState
from core.imports import columns
from core.imports.kinds import Kind
from core.imports.models import SAID
from core.lifecycle import lock
from core.outbox import hint
from core.pace import keep_pace
from core.preconditions import still_as_seen
from core.retries import retry_given_up
from core.sheets import Row
from core.text import without_unseen

log = logging.getLogger("ippro.imports")

#: of one owner: who hands in another one has given up the oldest
MOST_UNCONFIRMED = 5
SHEETS_A_MINUTE, PREVIEWS_A_MINUTE = 10, 30
CHUNK = 500
#: so many bad rows are named where a sheet is refused for them
MOST_FAULTS = 100


# --- before it is confirmed ------------------------------------------------------------------------------------


def begin(kind: Kind, *, by: Any, upload: Any, **where: Any) -> Any:
    """Read a sheet and keep what it says, its columns chosen as for the last one with the same header.

    Raises Forbidden, NotYours, TooOften, Busy, Invalid and TooLarge (field `file`).
    """
    return keep(kind, by=by, name=upload.name, rows=read(kind, by=by, upload=upload, **where), **where)


def read(kind: Kind, *, by: Any, upload: Any, **where: Any) -> list[Row]:
    """The rows of a sheet that somebody may hand in, the header among them; with no transaction open: it takes its time."""
    kind.owner(by, **where)
    keep_pace(what="sheet", who=by.public_id, most=SHEETS_A_MINUTE)
    rows = sheets.read(upload)
    if kind.is_row(rows[0].cells) and len(rows) > sheets.MAX_ROWS:
        most = {"most": sheets.MAX_ROWS}
        raise Invalid(_("The sheet has more than %(most)d rows. Split it into several.") % most, field="file")
    return rows


def rows_of(kind: Kind, *, by: Any, said: Sequence[Mapping[str, str]], **where: Any) -> list[Row]:
    """The rows that a program says by role, numbered from 1, below a header of the roles that any of them names.

    Raises Forbidden, NotYours, TooOften.
    """
    kind.owner(by, **where)
    keep_pace(what="sheet", who=by.public_id, most=SHEETS_A_MINUTE)
    header = [role for role in kind.roles if role in kind.needed or any(row.get(role) for row in said)]
    rows = (Row(number, [row.get(role, "") for role in header]) for number, row in enumerate(said, 1))
    return [Row(0, header), *rows]


@transaction.atomic
def keep(
    kind: Kind, *, by: Any, name: str | None, rows: Sequence[Row], is_said: bool = False, waits: bool = True, **where: Any
) -> Any:  # fmt: skip
    """Keep what was read, or what a program said by role (`is_said`).

    Of the owner's sheets that nobody confirmed the oldest go, unless this one is confirmed at once and never `waits`.
    Raises Forbidden, NotYours.
    """
    owner = kind.owner(by, **where)
    header = [] if kind.is_row(rows[0].cells) else rows[0].cells
    fingerprint = SAID if is_said else columns.fingerprint(header)
    before = kind.sheets.objects.filter(**owner, fingerprint=fingerprint).exclude(columns={})
    last = before.order_by("-pk").first() if header and not is_said else None
    made = kind.sheets.objects.create(
        **owner,
        by=kind.person(by),
        name=_shown(name),
        cells=json.dumps([(row.number, row.cells) for row in rows], ensure_ascii=False),
        row_count=len(rows) - bool(header),
        fingerprint=fingerprint,
        columns=_columns(kind, header, last, is_said=is_said),
        language=get_language() or "zh-hans",
    )
    if waits:
        _forget_oldest(kind, owner)
    return made


def _forget_oldest(kind: Kind, owner: Mapping[str, Any]) -> None:
    unconfirmed = kind.sheets.objects.filter(**owner, confirmed_at=None).order_by("-pk").values_list("pk", flat=True)
    oldest = list(unconfirmed[MOST_UNCONFIRMED:])
    # One that is confirmed at this moment stays: whoever has it locked is at it.
    free = kind.sheets.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        pk__in=oldest, confirmed_at=None
    )
    kind.sheets.objects.filter(pk__in=[sheet.pk for sheet in free.only("pk")]).delete()


def _columns(kind: Kind, header: Sequence[str], last: Any, *, is_said: bool) -> dict[str, int]:
    if is_said:
        return {role: place for place, role in enumerate(header)}
    return last.columns if last else columns.guessed(header, kind.words)


def _shown(name: str | None) -> str:
    return " ".join(without_unseen((name or "").replace("\\", "/").rpartition("/")[2]).split())[-150:] or "—"


def cells_of(kind: Kind, sheet: Any) -> tuple[list[str], list[Row]]:
    """The header of an unconfirmed sheet, empty if it has none, and its rows."""
    rows = [Row(number, cells) for number, cells in json.loads(sheet.cells or "[]")]
    if rows and not kind.is_row(rows[0].cells):
        return rows[0].cells, rows[1:]
    return [], rows


def is_chosen(kind: Kind, sheet: Any) -> bool:
    """Whether a sheet can be judged: its columns are chosen, and what has to be said for all rows is said."""
    said = kind.said_for_all(sheet)
    return all(role in sheet.columns for role in kind.needed) and all(
        role in sheet.columns or said.get(role) for role in kind.asked_for_all
    )


def previewed(kind: Kind, *, sheet: Any, by: Any) -> list[Any]:
    """Every row with what would become of it. Raises TooOften: ten thousand rows take seconds."""
    keep_pace(what="sheet-preview", who=by.public_id, most=PREVIEWS_A_MINUTE)
    return kind.judge(sheet, cells_of(kind, sheet)[1], by=by)


@transaction.atomic
def choose(kind: Kind, *, sheet: Any, by: Any, chosen: Mapping[str, int], for_all: Mapping[str, Any]) -> Any:
    """Say which column is what, and what holds for all rows that say nothing themselves.

    Raises Forbidden, NotYours, WrongState (confirmed), Invalid: by role, or `…_for_all`.
    """
    sheet = _unconfirmed(kind, sheet, by)
    errors: dict[str, list[Any]] = {role: [words] for role, words in kind.needed.items() if role not in chosen}
    for role, position in chosen.items():
        if list(chosen.values()).count(position) > 1:
            errors.setdefault(role, []).append(_("This column is chosen twice. Choose another one."))
    for role in kind.asked_for_all:
        if role not in chosen and not for_all.get(role):
            errors[f"{role}_for_all"] = [_("Choose a column for it, or say here what holds for all rows.")]
    for role, words in kind.say_for_all(sheet, by, for_all).items():
        errors.setdefault(f"{role}_for_all", words)
    if errors:
        raise Invalid(errors=errors)
    sheet.columns = dict(chosen)
    sheet.save()
    return sheet


@transaction.atomic
def discard(kind: Kind, *, sheet: Any, by: Any) -> None:
    """Throw away a sheet that was not confirmed. Raises Forbidden, NotYours, WrongState."""
    _unconfirmed(kind, sheet, by).delete()


def _unconfirmed(kind: Kind, sheet: Any, by: Any) -> Any:
    """The sheet, locked. Raises Forbidden, NotYours, WrongState (somebody confirmed it)."""
    sheet = _owned(kind, sheet, by)
    if sheet.confirmed_at is not None:
        raise WrongState(_("This sheet was confirmed: what it asked for is being done."))
    return sheet


def _owned(kind: Kind, sheet: Any, by: Any) -> Any:
    sheet = lock(sheet)
    if not kind.is_owner(sheet, by):
        raise NotYours()
    return sheet


# --- confirmed --------------------------------------------------------------------------------------------------


@transaction.atomic
def confirm(kind: Kind, *, sheet: Any, by: Any, seen: str = "", all_or_nothing: bool = False, **said: Any) -> Any:
    """Owe what all rows without a fault ask for; the others are left out, each with the words that say why.

    Whoever confirms stands for all of it as they saw it: `seen` is the tag of the sheet on their page. A sheet is
    confirmed once: again, it answers as it is. `all_or_nothing` refuses a sheet that has any bad row. Raises Forbidden,
    NotYours, WrongState (its columns were chosen anew since), Invalid by field, or by row and role.
    """
    sheet = _owned(kind, sheet, by)
    if sheet.confirmed_at is not None:
        return sheet
    still_as_seen(sheet, seen)
    if not is_chosen(kind, sheet):
        raise Invalid(errors={"columns": [_("Say first which column is what.")]})
    kind.prepare(sheet, by)
    judged = kind.judge(sheet, cells_of(kind, sheet)[1], by=by)
    if all_or_nothing and (faults := _faults(judged)):
        raise Invalid(errors=faults)
    planned = kind.plan(sheet, judged, by, said)
    at = clock.now()
    sheet.by, sheet.confirmed_at, sheet.cells = kind.person(by), at, ""
    sheet.language = get_language() or sheet.language
    sheet.save()
    for batch, _rows in planned:
        batch.sheet, batch.due_at = sheet, at
    owed = kind.batches.objects.bulk_create([batch for batch, _rows in planned], batch_size=CHUNK)
    of = {row.number: batch for batch, (_planned, rows) in zip(owed, planned, strict=True) for row in rows}
    kind.rows.objects.bulk_create((kind.row(sheet, row, of.get(row.number)) for row in judged), batch_size=CHUNK)
    kind.written(sheet, planned)
    ledger.record(
        kind=f"{kind.ledger}.confirmed",
        subject=sheet.public_id,
        actor=by,
        payload={"rows": len(judged), "left_out": len(judged) - len(of), kind.owed: len(owed)},
    )
    hint(kind.task)
    return sheet


def _faults(judged: Sequence[Any]) -> dict[str, list[str]]:
    """What is wrong with the first bad rows, by row and role."""
    bad = [row for row in judged if row.faults][:MOST_FAULTS]
    return {f"rows.{row.number}.{fault.role}": [fault.words] for row in bad for fault in row.faults}


# --- in the background -------------------------------------------------------------------------------------------


def carry_out_due(kind: Kind, limit: int | None = None) -> int:
    """Do up to `limit` batches of sheets that are due, their owners in turn; returns how many were tried."""
    tried, limit = 0, limit or kind.at_once
    waiting = kind.batches.objects.select_related("sheet", *kind.related)
    for batch in waiting.in_turn(limit, of=kind.in_turn_of, lease=kind.lease):
        tried += 1
        try:
            with translation.override(batch.sheet.language):
                kind.carry_out(batch)
        except kind.no_room:
            batch.owe_later(due_at=clock.now() + kind.waits)
        except Exception as failure:  # whatever it is, the others go on and this one is tried again
            log.exception("a part of %s could not be done", batch.sheet.public_id)
            batch.put_off(f"{type(failure).__name__}: {failure}")
            if isinstance(failure, SoftTimeLimitExceeded):
                raise
    if tried == limit:
        hint(kind.task)
    return tried


def is_mine(batch: Any) -> bool:
    """Lock a batch that is to be done; False when somebody else did it. For `carry_out`, in its transaction."""
    mine = type(batch).objects.select_for_update(no_key=True).filter(pk=batch.pk, done_at=None)
    return bool(mine.exists())


def words_of(refused: DomainError) -> str:
    """What a service refused, as one line of a result sheet says it."""
    errors: dict[str, Any] = getattr(refused, "errors", {})
    return " ".join(str(sentence) for some in errors.values() for sentence in some) or str(refused)


@transaction.atomic
def stop(kind: Kind, *, sheet: Any, by: Any, is_staff: bool = False) -> None:
    """Leave out every row that is not done yet, on the word of the owner or of staff; what was done stays.

    What is being done at this moment is waited for. Raises Forbidden, NotYours, WrongState (all is done).
    """
    sheet = lock(sheet) if is_staff else _owned(kind, sheet, by)
    left = list(kind.batches.objects.select_for_update(no_key=True).filter(sheet=sheet, done_at=None).order_by("pk"))
    if not left:
        raise WrongState(_("Nothing of this sheet is waiting any more."))
    with translation.override(sheet.language):
        words = _("The sheet was stopped before this row was sent.")
    state = kind.rows.State
    waiting = kind.rows.objects.filter(batch__in=left, state=state.WAITING)
    rows = waiting.update(state=state.LEFT_OUT, message=words)
    kind.batches.objects.settle(left)
    ledger.record(
        kind=f"{kind.ledger}.stopped", subject=sheet.public_id, actor=by, payload={"rows": rows, kind.owed: len(left)}
    )


def retry(kind: Kind, *, batch: Any, by: Any) -> None:
    """Staff have what was given up done once more. Raises Forbidden, NotDead."""
    if not kind.may_retry(by):
        raise Forbidden()
    retry_given_up(row=batch, by=by, kind=f"{kind.ledger}.retried", subject=batch.sheet.public_id, task=kind.task)

"""Sheets of marketplaces: the journey is that of `core/imports`, and what rows say goes through `marketplace.ingest`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import roles
from core import clock
from core.errors import Forbidden, NotYours
from core.imports import kinds
from core.imports import services as sheets
from core.imports.names import codes_by_name
from core.sheets import Row
from marketplace.events import Rejected, read
from marketplace.ingest import Status, ingest
from marketplace.models import Marketplace, MarketSheet, MarketSheetPart, MarketSheetRow, Target
from marketplace.sheets.columns import FOR_ALL, ID, KIND, NEEDED, ROLES, SEEN_AT, STATE, WORDS

State = MarketSheetRow.State


@dataclass(frozen=True)
class Engineers:
    """Whoever signed a call with the secret of a marketplace: its engineers, who act for it alone."""

    signs_for: Marketplace
    is_authenticated = True
    is_staff = False
    membership = None

    @property
    def public_id(self) -> str:
        return self.signs_for.public_id

    @property
    def pk(self) -> str:
        return self.public_id


@dataclass(kw_only=True)
class Judged(kinds.Judged):
    """One row, and the event that says the same."""

    event: dict[str, Any]


class MarketSheets(kinds.KeptKind):
    """Sheets of one marketplace, each row of which is taken into the mirror."""

    sheets, batches, rows = MarketSheet, MarketSheetPart, MarketSheetRow
    roles, words, needed = ROLES, WORDS, NEEDED
    for_all, asked_for_all = FOR_ALL, (KIND,)
    task = "marketplace.tasks.take_in_rows"
    ledger = "market_sheet"
    in_turn_of = "sheet__marketplace"
    related = ("sheet__marketplace",)
    lease = timedelta(seconds=60)
    together = 500

    def owner(self, by: Any, *, marketplace: Marketplace | None = None, **where: Any) -> dict[str, Any]:
        if isinstance(by, Engineers):
            return {"marketplace": by.signs_for}
        if not roles.is_administrator(by):
            raise Forbidden()
        if marketplace is None:
            raise NotYours()
        return {"marketplace": marketplace}

    def may_retry(self, by: Any) -> bool:
        return roles.is_administrator(by)

    def is_owner(self, sheet: MarketSheet, by: Any) -> bool:
        if isinstance(by, Engineers):
            return sheet.marketplace_id == by.signs_for.pk
        if not roles.is_administrator(by):
            raise Forbidden()
        return True

    def person(self, by: Any) -> Any:
        return None if isinstance(by, Engineers) else by

    def is_row(self, first: Sequence[str]) -> bool:
        """A sheet without a header could not be understood; the addresses in its first row are those of a row."""
        return False

    def judge(self, sheet: MarketSheet, rows: Sequence[Row], *, by: Any) -> list[Judged]:
        # A row that says no time says how it is now.
        now = clock.unmoved()
        judged, first = [], dict[tuple[str, str], int]()
        for row in rows:
            said = kinds.texts(sheet, row, ROLES, sheet.for_all)
            event = _event(sheet, row.number, said, now.isoformat())
            one = Judged(number=row.number, name=said[ID][:200], event=event)
            try:
                known = read(event, now=now)
            except Rejected as wrong:
                one.wrong(sheet, _role_in(str(wrong)), str(wrong))
            else:
                same_as = first.setdefault((known.kind, known.external_id), row.number)
                if same_as != row.number:
                    one.wrong(sheet, ID, _("Row %(row)d names the same thing.") % {"row": same_as})
            judged.append(one)
        return judged

    def kept(self, sheet: MarketSheet, judged: Judged) -> Any:
        return judged.event

    def carry_out(self, batch: MarketSheetPart) -> None:
        _take_in(batch)

    def result(self, sheet: MarketSheet) -> Iterator[list[Any]]:
        yield [_("Row"), _("Id on the marketplace"), _("What became of it"), _("Reason"), _("What it said")]
        labels = dict(Status.choices)
        for row in sheet.rows.order_by("number").iterator(500):
            yield [row.number, row.name, row.get_state_display(), row.message, labels.get(row.status, "")]


SHEETS = MarketSheets()


def _event(sheet: MarketSheet, number: int, said: Mapping[str, str], now: str) -> dict[str, Any]:
    kind = _named(said[KIND], Target.Kind)
    data: dict[str, Any] = {role: text for role, text in said.items() if text and role not in (KIND, SEEN_AT)}
    if said["images"]:
        data["images"] = re.split(r"[\s|]+", said["images"])
    if said[STATE]:
        data[STATE] = _named(said[STATE], Target.Observed)
    if kind == Target.Kind.SHOP:
        data.pop("shop_external_id", None)
    return {
        "id": f"{sheet.public_id}:{number}", "type": f"{kind}.upserted", "occurred_at": said[SEEN_AT] or now,
        "data": data,
    }  # fmt: skip


def _role_in(words: str) -> str:
    """The column that a refusal of an event begins with: it names the field."""
    field = re.split(r"\W", words, maxsplit=1)[0]
    return {"type": KIND}.get(field, field if field in ROLES else ID)


def _named(text: str, choices: Any) -> str:
    """The code of what is called so in a language of the house; what is called nothing comes back as it is."""
    return codes_by_name(choices).get(text.casefold().strip(), text)


def take_in_due() -> int:
    """Take in what is due of confirmed sheets, marketplaces in turn; returns how many parts were tried."""
    return sheets.carry_out_due(SHEETS)


@transaction.atomic
def _take_in(batch: MarketSheetPart) -> None:
    """Take in the rows of one part, and write what became of each; nothing if somebody else did."""
    if not sheets.is_mine(batch):
        return
    rows = list(batch.rows.filter(state=State.WAITING))
    events = [json.loads(row.said) for row in rows]
    # Their ids are not remembered: what says for itself that it is done is the row.
    results = ingest(marketplace=batch.sheet.marketplace, events=events, remember=False)
    for row, became in zip(rows, results, strict=True):
        row.said, row.status, row.message = "", became.status, became.detail
        row.state = State.LEFT_OUT if became.status == Status.REJECTED else State.DONE
    MarketSheetRow.objects.bulk_update(rows, ["said", "status", "state", "message"], batch_size=sheets.CHUNK)
    MarketSheetPart.objects.settle([batch])

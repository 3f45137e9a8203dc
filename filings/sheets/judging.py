"""Which draft would become of every row of a sheet, or by which cell and why none does.

Nothing here writes. The number of statements does not grow with the rows of a sheet.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organisation
from core.errors import Invalid
from core.imports import kinds
from core.imports.names import codes_by_name, plain
from filings.agents import holders_to_file_for
from filings.models import Filing, FilingSheet, RightKind
from filings.numbers import number_key
from filings.requirements import FILED_BY_HAND, KINDS, clean_fields, wrong_in
from filings.services import CLAIMING, filed_for_another
from filings.sheets.columns import HOLDER, KIND

CHUNK = 400
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ]00:00(?::00(?:\.0+)?)?)?")
Said = Mapping[str, str]


@dataclass(kw_only=True)
class Judged(kinds.Judged):
    """One row: what it says by role, and the draft that would become of it."""

    said: Said
    filing: Filing | None = None


def judge(sheet: FilingSheet, rows: Sequence[tuple[int, Said]]) -> list[Judged]:
    """The rows, each with its number and what it says, with their faults."""
    holders = _Holders(sheet.organisation)
    judged = []
    for number, said in rows:
        name = " ".join(filter(None, (said["title"], said["registration_number"])))
        row = Judged(number=number, name=name[:200], said=said)
        _judge_one(row, sheet, holders)
        judged.append(row)
    _judge_together(judged, sheet)
    return judged


def _judge_one(row: Judged, sheet: FilingSheet, holders: "_Holders") -> None:
    said = row.said
    kind = codes_by_name(RightKind, plain).get(plain(said[KIND]), "")
    if kind not in FILED_BY_HAND:
        row.wrong(sheet, KIND, _("This is no kind of right that is filed. Write one of those that the page lists."))
        return
    holder, problem = holders.named(said[HOLDER])
    if holder is None:
        row.wrong(sheet, HOLDER, problem)
        return
    filing = Filing(kind=kind, organisation=holder, agency=None if holder == sheet.organisation else sheet.organisation)
    values, wrong = _values(kind, said)
    filing.owner_name = holder.name
    for name, value in _fitting(filing, values, wrong).items():
        setattr(filing, name, value)
    for name, sentences in (wrong_in(filing) | filed_for_another(filing)).items():
        # What cannot be read is not missing besides.
        wrong.setdefault(name, sentences)
    for name, sentences in wrong.items():
        for sentence in sentences:
            row.wrong(sheet, name, sentence)
    filing.number_key = number_key(kind=kind, text=filing.registration_number, territory=filing.territory)
    row.filing = filing


def _values(kind: str, said: Said) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """What a row says by the columns of a filing of its kind, and what of it cannot be read."""
    values: dict[str, Any] = {}
    wrong: dict[str, list[Any]] = {}
    for name in KINDS[kind].fields:
        text = said[name].strip()
        if not text:
            continue
        if name in ("valid_from_on", "valid_until_on"):
            day = _day(text)
            if day is None:
                wrong[name] = [_("Enter a date, such as 2030-12-31.")]
            else:
                values[name] = day
        elif name == "nice_classes":
            values[name] = [word.lstrip("0") or "0" for word in re.split(r"[\s,，、;；第类]+", text) if word]
        elif name == "mark_type":
            values[name] = codes_by_name(Filing.MarkType, plain).get(plain(text), text)
        else:
            values[name] = text
    return values, wrong


def _fitting(filing: Filing, values: dict[str, Any], wrong: dict[str, list[Any]]) -> dict[str, Any]:
    """Those values that a draft takes; what is wrong with the others goes to `wrong`."""
    try:
        return clean_fields(filing, values)
    except Invalid as refused:
        wrong |= refused.errors
        return clean_fields(filing, {name: value for name, value in values.items() if name not in refused.errors})


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None  # type: ignore[arg-type]
    except ValueError:
        return None


def _judge_together(judged: Sequence[Judged], sheet: FilingSheet) -> None:
    """What only shows beside other rows and other filings: the same number twice."""
    first: dict[tuple[int, str, str], int] = {}
    good = [row for row in judged if row.filing is not None and row.filing.number_key]
    known = _known([row.filing for row in good if row.filing])
    for row in good:
        filing: Any = row.filing
        key = (filing.organisation_id, filing.kind, filing.number_key)
        if number := known.get(key):
            said = _("This number is on file already, as %(number)s.") % {"number": number}
            row.wrong(sheet, "registration_number", said)
        elif (same_as := first.setdefault(key, row.number)) != row.number:
            row.wrong(sheet, "registration_number", _("Row %(row)d names the same right.") % {"row": same_as})


def _known(filings: Sequence[Filing]) -> dict[tuple[int, str, str], str]:
    """The numbers of filings, drafts among them, by holder, kind and key."""
    holders, keys = {f.organisation_id for f in filings}, sorted({f.number_key for f in filings})
    found: dict[tuple[int, str, str], str] = {}
    for start in range(0, len(keys), CHUNK):
        rows = Filing.objects.filter(
            organisation__in=holders, number_key__in=keys[start : start + CHUNK],
            state__in=[Filing.State.DRAFT, *CLAIMING],
        )  # fmt: skip
        for holder, kind, key, number in rows.values_list("organisation_id", "kind", "number_key", "number"):
            found[holder, kind, key] = number
    return found


# --- what cells name ---------------------------------------------------------------------------------------------


class _Holders:
    """The organisation that files, and for an agency those whose power lets it file for them, by name and id."""

    def __init__(self, own: Organisation) -> None:
        self._own = own
        self._found: dict[str, list[Organisation]] = {}
        for holder in [*holders_to_file_for(own), own]:
            for name in {plain(holder.public_id), plain(holder.name)}:
                self._found.setdefault(name, []).append(holder)

    def named(self, text: str) -> tuple[Organisation | None, str]:
        if not text.strip():
            return self._own, ""
        found = self._found.get(plain(text), [])
        if len(found) == 1:
            return found[0], ""
        if found:
            ids = ", ".join(holder.public_id for holder in found)
            return None, _("More than one of them has this name. Write the id of the one: %(ids)s.") % {"ids": ids}
        return None, _("No power of attorney over all rights of this holder is in force today. Choose another one.")

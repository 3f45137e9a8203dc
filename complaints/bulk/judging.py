"""What would become of every row of a sheet: which complaint it is part of, or by which cell and why it is none.

Nothing here writes. The number of statements grows with the rights that a sheet names, not with its rows.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import PowerOfAttorney
from complaints import lanes, selectors
from complaints.bulk.columns import DESCRIPTION, EVIDENCE, FILING, INFRINGEMENT, LINK, ROLES
from complaints.models import Import, Infringement
from complaints.reasons import REASON
from complaints.selectors import known_of
from complaints.services import SHORTEST_DESCRIPTION
from core.imports import kinds
from core.imports.kinds import cell
from core.imports.names import codes_by_name, plain
from core.sheets import Row
from core.text import clean_text
from filings.agents import Act, power_to_complain
from filings.models import Filing
from filings.standing import rights_to_complain_under
from marketplace.links import Resolved, resolve
from marketplace.models import Target

#: in one row, and so in one complaint of a sheet
MOST_FILES = 20
_COMMAS = str.maketrans(dict.fromkeys(",;，、；", " "))


@dataclass(kw_only=True)
class Judged(kinds.Judged):
    """One row: its link, what it names, and what is wrong with it."""

    resolved: Resolved
    filing: Filing | None = None
    infringement: str = ""
    description: str = ""
    #: public ids of files
    evidence: tuple[str, ...] = ()
    #: the power of attorney by which an agency complains of it; none under a right of its own
    power: PowerOfAttorney | None = None

    @property
    def target(self) -> Target | None:
        return self.resolved.target


@dataclass(frozen=True)
class Group:
    """Rows that go into the same complaints: as many as their links need."""

    filing: Filing
    infringement: str
    description: str
    evidence: tuple[str, ...]
    law: str
    rows: list[Judged]

    @property
    def infringement_label(self) -> str:
        return str(Infringement(self.infringement).label)


def judge(sheet: Import, rows: Sequence[Row]) -> list[Judged]:
    """Every row with its faults, by the columns and the words for all that were chosen."""
    rights, powers = _Rights(sheet), _Powers(sheet.organisation_id)
    texts = [{role: cell(row, sheet.columns.get(role)) for role in ROLES} for row in rows]
    judged = [
        Judged(number=row.number, name=said[LINK], resolved=resolved)
        for row, said, resolved in zip(rows, texts, resolve([said[LINK] for said in texts]), strict=True)
    ]
    for row, said in zip(judged, texts, strict=True):
        # In any order and however often a file is named, it is the same evidence.
        row.evidence = tuple(sorted(set(said[EVIDENCE].translate(_COMMAS).split())))
    named = {public_id for row in judged if len(row.evidence) <= MOST_FILES for public_id in row.evidence}
    mine = selectors.files_named(sheet.organisation_id, named, ["public_id"])
    taken = selectors.files_in_cases(mine.values())
    for row, said in zip(judged, texts, strict=True):
        _judge_one(row, said, sheet, rights, powers)
        _judge_evidence(row, sheet, mine, taken)
    _judge_together(judged, sheet)
    _judge_cases(judged, sheet)
    return judged


def groups_of(judged: Sequence[Judged]) -> list[Group]:
    """The rows without a fault by what makes them one complaint, in the order in which each comes."""
    found: dict[tuple[Any, ...], Group] = {}
    for row in judged:
        if row.faults or row.filing is None or row.target is None:
            continue
        law = row.target.marketplace.regime
        # One power has to cover a whole complaint.
        key = (row.filing.pk, row.infringement, row.description, row.evidence, law, row.power and row.power.pk)
        group = found.setdefault(key, Group(row.filing, row.infringement, row.description, row.evidence, law, []))
        group.rows.append(row)
    return list(found.values())


def batches(groups: Sequence[Group], most_links: int) -> Iterator[tuple[Group, list[Judged]]]:
    """One complaint after the other: a group, and those of its rows that go into this one."""
    for group in groups:
        for start in range(0, len(group.rows), most_links):
            yield group, group.rows[start : start + most_links]


# --- one row ---------------------------------------------------------------------------------------------------


def _judge_one(row: Judged, said: dict[str, str], sheet: Import, rights: "_Rights", powers: "_Powers") -> None:
    wrong = partial(row.wrong, sheet)

    if row.target is None:
        wrong(LINK, row.resolved.message)
    row.filing, problem = rights.named(said[FILING]) if said[FILING] else (sheet.filing, "")
    if row.filing is None:
        wrong(FILING, problem or _("No right is named. Fill in this cell, or choose a right for all rows."))
    elif not row.filing.is_in_force():
        wrong(FILING, _("“%(right)s” is not in force today.") % {"right": row.filing.title})
    row.infringement = (
        codes_by_name(Infringement, plain).get(plain(said[INFRINGEMENT]), "")
        if said[INFRINGEMENT]
        else sheet.infringement
    )
    reason = REASON.get(row.infringement)
    if reason is None:
        wrong(INFRINGEMENT, _("This is no kind of infringement. Write one of those that the page lists."))
    elif row.filing is not None and row.filing.kind not in reason.rights:
        wrong(INFRINGEMENT, _("“%(kind)s” does not fit this right.") % {"kind": reason.label})
    elif row.target is not None and row.target.kind not in reason.targets:
        wrong(INFRINGEMENT, _("“%(kind)s” does not fit what this link is.") % {"kind": reason.label})
    elif reason.attach and not row.evidence:
        wrong(
            INFRINGEMENT,
            _("“%(kind)s” needs an attachment: name its file as evidence, or write it as a complaint of its own.")
            % {"kind": reason.label},
        )
    if not row.faults:
        row.power, faults = powers.over(row)
        for name, words in faults.items():
            wrong({"links": LINK}.get(name, name), words)
    row.description = said[DESCRIPTION] or sheet.description
    if len(row.description.strip()) < SHORTEST_DESCRIPTION:
        wrong(DESCRIPTION, _("The description has fewer than %(least)d characters.") % {"least": SHORTEST_DESCRIPTION})
    else:
        try:
            row.description = clean_text(row.description, multiline=True)
        except ValidationError as unseen:
            wrong(DESCRIPTION, " ".join(unseen.messages))


def _judge_evidence(row: Judged, sheet: Import, mine: Collection[str], taken: Collection[str]) -> None:
    if len(row.evidence) > MOST_FILES:
        row.wrong(sheet, EVIDENCE, _("At most %(n)d files. Put the pages into one PDF.") % {"n": MOST_FILES})
        return
    for public_id in row.evidence:
        if public_id not in mine:
            row.wrong(sheet, EVIDENCE, _("%(id)s is no file of yours.") % {"id": public_id[:31]})
        elif public_id in taken:
            row.wrong(sheet, EVIDENCE, _("%(id)s belongs to another case. Upload it anew.") % {"id": public_id})


def _judge_cases(judged: Sequence[Judged], sheet: Import) -> None:
    """A file belongs to one case: rows that name it have to become one complaint."""
    if not any(row.evidence for row in judged):
        return
    first: dict[str, int] = {}
    most_links = lanes.placed(sheet.organisation).terms.links
    for group, rows in batches(groups_of(judged), most_links):
        elsewhere = [public_id for public_id in group.evidence if public_id in first]
        if not elsewhere:
            # Only what becomes a complaint takes its files: one that is left out stands in nobody's way.
            first.update(dict.fromkeys(group.evidence, rows[0].number))
        for public_id in elsewhere:
            said = {"id": public_id, "row": first[public_id], "most": most_links}
            words = _(
                "%(id)s stands in row %(row)d, which goes into another complaint: a complaint has one right, kind of "
                "infringement, description and set of files, and at most %(most)d links. Upload the file once for "
                "each."
            )
            for row in rows:
                row.wrong(sheet, EVIDENCE, words % said)


def _judge_together(judged: Sequence[Judged], sheet: Import) -> None:
    """What only shows beside other rows and other complaints."""
    first: dict[tuple[int, int], int] = {}
    by_right: dict[int, list[Judged]] = {}
    for row in judged:
        if row.target is None or row.filing is None:
            continue
        same_as = first.setdefault((row.filing.pk, row.target.pk), row.number)
        if same_as != row.number:
            words = _("Row %(row)d names the same thing under the same right.") % {"row": same_as}
            row.wrong(sheet, LINK, words)
        else:
            by_right.setdefault(row.filing.pk, []).append(row)
    for rows in by_right.values():
        filing: Any = rows[0].filing
        numbers, genuine = known_of(filing, [row.target for row in rows if row.target])
        for row in rows:
            if words := why_not(row.target, numbers, genuine):
                row.wrong(sheet, LINK, words)


def why_not(target: Any, numbers: dict[int, str], genuine: set[int]) -> str:
    """Why a known target cannot be complained of, by what `known_of` says; empty if it can."""
    if number := numbers.get(target.pk):
        return _("You already complained of it under this right in %(number)s.") % {"number": number}
    if target.seller.pk in genuine:
        return _("“%(shop)s” is a genuine seller of this right.") % {"shop": target.seller}
    return ""


# --- what cells name ---------------------------------------------------------------------------------------------


class _Rights:
    """The rights of a sheet's organisation, by everything that a cell may call them."""

    def __init__(self, sheet: Import) -> None:
        self._found: dict[str, set[int]] = {}
        self._rights: dict[int, Filing] = {}
        for filing in rights_to_complain_under(sheet.organisation).select_related("organisation"):
            self._rights[filing.pk] = filing
            for name in (filing.public_id, filing.number, filing.registration_number, filing.title):
                if name:
                    self._found.setdefault(plain(name), set()).add(filing.pk)

    def named(self, text: str) -> tuple[Filing | None, str]:
        """The one right that a cell names, or none and why."""
        found = [self._rights[pk] for pk in sorted(self._found.get(plain(text), ()))]
        # One that was renewed under the same number stands beside the old one.
        found = [right for right in found if right.is_in_force()] or found
        if len(found) == 1:
            return found[0], ""
        if found:
            return None, _("More than one right is called “%(name)s”. Write its registration number.") % {
                "name": text[:60]
            }
        return None, _("You have no right on file called “%(name)s”.") % {"name": text[:60]}


class _Powers:
    """The powers by which an agency complains under the rights of others, each asked once."""

    def __init__(self, organisation: int) -> None:
        self._organisation = organisation
        self._known: dict[tuple[Any, ...], tuple[PowerOfAttorney | None, dict[str, str]]] = {}

    def over(self, row: Judged) -> tuple[PowerOfAttorney | None, dict[str, str]]:
        """The power over a row, none under a right of its own; or what is wrong, by the field of the notice."""
        if row.filing is None or row.target is None or row.filing.organisation_id == self._organisation:
            return None, {}
        scene, place = str(row.resolved.scene), row.target.marketplace.slug
        key = (row.filing.pk, row.infringement, scene, place)
        if key not in self._known:
            act = Act(row.infringement, {scene}, {place})
            self._known[key] = power_to_complain(self._organisation, row.filing, act)
        return self._known[key]

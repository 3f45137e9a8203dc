"""What a row of a sheet of answers asks for, and how one complaint is answered. The journey is that of `core/imports`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import roles
from accounts.models import User
from complaints import services
from complaints.lifecycle import LIFECYCLE
from complaints.models import Answer, AnswerRow, AnswerSheet, Complaint, ComplaintTarget
from core.errors import DomainError, Forbidden, Invalid
from core.imports import kinds
from core.imports import services as sheets
from core.imports.names import codes_by_name
from core.sheets import Row
from core.text import clean_text, without_unseen
from filings.standing import require_to_complain

State = AnswerRow.State
Outcome = ComplaintTarget.Outcome
NUMBER, ACTION, TEXT = "number", "action", "text"
CHUNK = 400
#: the most that is ticked at once: a page of the list; and what no number or public id is longer than
MOST_TICKED, LONGEST_NUMBER = 200, 40


class Act(models.TextChoices):
    """What can be done with many complaints."""

    WITHDRAW = "withdraw", gettext_lazy("Withdraw")
    SUPPLEMENT = "supplement", gettext_lazy("Supplement")


@dataclass(kw_only=True)
class Judged(kinds.Judged):
    """One row: its complaint, what is to be done with it, and what that does, in words."""

    complaint: Complaint | None = None
    action: str = ""
    text: str = ""
    does: str = ""


class AnswerSheets(kinds.KeptKind):
    """Sheets of numbers of complaints of one organisation."""

    sheets, batches, rows = AnswerSheet, Answer, AnswerRow
    roles = {
        NUMBER: gettext_lazy("Number of the complaint"),
        ACTION: gettext_lazy("What to do: withdraw or supplement"),
        TEXT: gettext_lazy("Reason of a withdrawal, or words of a supplement"),
    }
    words = {
        NUMBER: ("投诉编号", "案号", "编号", "complaint", "case", "number"),
        ACTION: ("操作", "处理", "action", "what to do"),
        TEXT: ("说明", "理由", "补充", "reason", "text", "words", "supplement"),
    }
    needed = {NUMBER: gettext_lazy("Choose the column with the numbers of the complaints.")}
    for_all = asked_for_all = (ACTION,)
    task = "complaints.tasks.answer_rows"
    ledger, owed = "answers", "complaints"
    in_turn_of = "sheet__organisation"
    related = ("sheet__organisation", "sheet__by", "complaint")
    #: a withdrawal of hundreds of links takes a second
    at_once, lease = 25, timedelta(seconds=90)

    def may_retry(self, by: Any) -> bool:
        return roles.is_reviewer(by)

    def owner(self, by: User, **where: Any) -> dict[str, Any]:
        return {"organisation": require_to_complain(by).organisation}

    def is_owner(self, sheet: AnswerSheet, by: User) -> bool:
        return require_to_complain(by).organisation == sheet.organisation

    def judge(self, sheet: AnswerSheet, rows: Sequence[Row], *, by: Any) -> list[Judged]:
        said = [kinds.texts(sheet, row, self.roles, sheet.for_all) for row in rows]
        found = _named([one[NUMBER] for one in said], by)
        judged, first = [], dict[int, int]()
        for row, one in zip(rows, said, strict=True):
            complaint = found.get(one[NUMBER].strip().casefold())
            judged.append(new := Judged(number=row.number, name=one[NUMBER][:200], complaint=complaint, text=one[TEXT]))
            new.action = codes_by_name(Act).get(one[ACTION].strip().casefold(), "")
            try:
                new.text = clean_text(new.text, multiline=True)
            except ValidationError as unseen:
                new.wrong(sheet, TEXT, " ".join(unseen.messages))
            if new.action not in Act.values:
                new.wrong(sheet, ACTION, _("Write withdraw or supplement."))
            if complaint is None:
                new.wrong(sheet, NUMBER, _("There is no complaint of yours with this number."))
            elif (same_as := first.setdefault(complaint.pk, row.number)) != row.number:
                new.wrong(sheet, NUMBER, _("Row %(row)d names the same complaint.") % {"row": same_as})
            elif not new.faults:
                self._look(sheet, new, complaint, by)
        return judged

    def _look(self, sheet: AnswerSheet, row: Judged, complaint: Complaint, by: Any) -> None:
        """What it does in this complaint, or why it cannot be done."""
        live, held = complaint.live_count, complaint.held_count  # type: ignore[attr-defined]
        try:
            LIFECYCLE.check(complaint, row.action, by)
        except DomainError as refused:
            state = complaint.get_state_display()
            said = _("It is “%(state)s”: that cannot be done with it now.") % {"state": state}
            row.wrong(sheet, NUMBER, said if refused.code == "wrong_state" else refused)
            return
        if row.action == Act.SUPPLEMENT:
            row.does = _("Your words are added, and the notice is checked again.")
        elif not live:
            row.wrong(sheet, NUMBER, _("None of its links is left to be withdrawn."))
        else:
            row.does = ngettext("%(n)d link is withdrawn.", "%(n)d links are withdrawn.", live) % {"n": live}
            if held:
                up = ngettext(
                    "%(n)d that it holds down goes up again, unless another case holds it.",
                    "%(n)d that it holds down go up again, unless another case holds them.", held,
                )  # fmt: skip
                row.does += " " + up % {"n": held}

    def becomes(self, sheet: AnswerSheet, judged: Sequence[Judged]) -> dict[str, int]:
        good = [row.action for row in judged if not row.faults]
        return {action.value: good.count(action.value) for action in Act}

    def plan(
        self, sheet: AnswerSheet, judged: Sequence[Judged], by: Any, said: Mapping[str, Any]
    ) -> list[tuple[Answer, Sequence[Judged]]]:  # fmt: skip
        good = [row for row in judged if not row.faults]
        sheet.text = (said.get(TEXT) or "").strip()
        if not good:
            raise Invalid(errors={"__all__": [_("Nothing of this can be done. Choose other complaints.")]})
        if any(row.action == Act.SUPPLEMENT and not (row.text or sheet.text).strip() for row in good):
            raise Invalid(errors={TEXT: [_("Write what is added to the complaints that say nothing themselves.")]})
        return [(Answer(complaint=row.complaint), [row]) for row in good]

    def kept(self, sheet: AnswerSheet, judged: Judged) -> Any:
        return {ACTION: judged.action, TEXT: judged.text or sheet.text}

    def carry_out(self, batch: Answer) -> None:
        _answer(batch)

    def result(self, sheet: AnswerSheet) -> Iterator[list[Any]]:
        yield [_("Row"), _("Complaint"), _("What became of it"), _("Reason"), _("State of the complaint")]
        for row in sheet.rows.select_related("batch__complaint").order_by("number").iterator(500):
            state = row.batch.complaint.get_state_display() if row.batch else ""
            yield [row.number, row.name, row.get_state_display(), row.message, state]


ANSWERS = AnswerSheets()


def tick(*, numbers: Sequence[str], action: str, by: User) -> AnswerSheet:
    """Begin an answer to complaints that were ticked on a list. Raises Forbidden, Invalid."""
    if not numbers or action not in Act.values:
        raise Invalid(_("Tick at least one complaint."))
    if len(numbers) > MOST_TICKED:
        raise Invalid(_("Tick at most %(most)d at once, or hand in a sheet.") % {"most": MOST_TICKED})
    names = [without_unseen(number)[:LONGEST_NUMBER] for number in numbers]
    rows = [Row(n, [text]) for n, text in enumerate([str(_("Number")), *names], 1)]
    name = str(Act(action).label)
    with transaction.atomic():
        sheet = sheets.keep(ANSWERS, by=by, name=name, rows=rows)
        chosen: AnswerSheet = sheets.choose(ANSWERS, sheet=sheet, by=by, chosen={NUMBER: 0}, for_all={ACTION: action})
    return chosen


def answer_due() -> int:
    """Answer complaints of sheets that are due, organisations in turn; returns how many were tried."""
    return sheets.carry_out_due(ANSWERS)


@transaction.atomic
def _answer(answer: Answer) -> None:
    """Answer one complaint, and write what became of its row; nothing if somebody else did."""
    if not sheets.is_mine(answer):
        return
    by, row = answer.sheet.by, answer.rows.get()
    # They act here for the organisation for which they signed, wherever they are on their own pages by now.
    by.current_organisation_id = answer.sheet.organisation_id
    said = json.loads(row.said)
    row.said, row.state = "", State.DONE
    try:
        with transaction.atomic():
            if not by.is_active or by.organisation != answer.sheet.organisation:
                raise Forbidden()
            if said[ACTION] == Act.WITHDRAW:
                services.withdraw(complaint=answer.complaint, by=by, reason=said[TEXT])
            else:
                services.supplement(complaint=answer.complaint, by=by, text=said[TEXT])
    except DomainError as refused:
        if refused.status >= 500:
            raise
        row.state, row.message = State.LEFT_OUT, sheets.words_of(refused)
    row.save(update_fields=["said", "state", "message"])
    Answer.objects.settle([answer])


# --- what cells name ---------------------------------------------------------------------------------------------


def _named(texts: Sequence[str], by: User) -> dict[str, Complaint]:
    """The complaints that this person may see, by number and public id, with how many links are left in each."""
    names = sorted({text.strip() for text in texts if text.strip()})
    left = Q(targets__outcome__in=[Outcome.PENDING, Outcome.UPHELD])
    found: dict[str, Complaint] = {}
    for start in range(0, len(names), CHUNK):
        some = names[start : start + CHUNK]
        asked = Q(number__in=[name.upper() for name in some]) | Q(public_id__in=[name.lower() for name in some])
        seen = Complaint.objects.visible_to(by).filter(asked).select_related("organisation", "holder", "power")
        counted = seen.annotate(
            live_count=Count("targets", filter=left),
            held_count=Count("targets", filter=Q(targets__outcome=Outcome.UPHELD)),
        )
        for complaint in counted:
            found[complaint.number.casefold()] = found[complaint.public_id] = complaint
    return found

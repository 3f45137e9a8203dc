"""What pages and the API read of counter-notices: whose turn it is, each link and why it is up or down, what who sees.

Nothing here writes. The complainant reads of a counter-notice what its regime passes on, and nothing before that.
"""

import mimetypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import roles
from accounts.models import User
from complaints import counter_notices
from complaints.counter_lifecycle import LIFECYCLE, regime_for, waiting_period
from complaints.errors import AnswerRefused
from complaints.lifecycle import regime_of
from complaints.models import ComplaintTarget, CounterNotice, CounterNoticeTarget, Proceeding, StatementOfReasons
from complaints.passing import passed_on, statement_for_complainant
from complaints.redaction import without_persons
from complaints.regimes import Document, Party
from complaints.selectors import Entry, LinkRow, NextStep, ShownEvidence, link_rows
from complaints.told import TO_PARTIES, TOLD
from core.errors import NotYours
from core.lifecycle import Transition
from core.models import LedgerEntry
from core.spreadsheet import day

State = CounterNotice.State
#: what a reader calls the fields of a counter-notice
LABELS = {
    "signature": gettext_lazy("Signed by"),
    "name": gettext_lazy("Name"),
    "address": gettext_lazy("Address"),
    "phone": gettext_lazy("Telephone"),
    "good_faith": gettext_lazy("Assured to be true"),
    "jurisdiction": gettext_lazy("Consent to jurisdiction and service of process"),
}
#: whose turn it is in which state, by the side that reads
_TURN_OF = {State.RETURNED: "merchant", State.WAITING: "complainant", State.FORWARDED: "complainant"}


# --- lists ---------------------------------------------------------------------------------------------


def counter_notices_of(user: User) -> QuerySet[CounterNotice]:
    """The counter-notices this person may see, newest first, with what a list shows of each."""
    still = Q(links__outcome__in=CounterNoticeTarget.OPEN)
    return (
        CounterNotice.objects.visible_to(user)
        .select_related(
            "complaint__organisation", "complaint__filed_by", "statement__shop__marketplace", "organisation", "filed_by",
            "complaint__filing",
        )
        .annotate(link_count=Count("links", distinct=True), open_count=Count("links", filter=still, distinct=True))
        .order_by("-pk")
    )  # fmt: skip


def exported(answers: QuerySet[CounterNotice]) -> Iterator[list[Any]]:
    """The links of counter-notices as lines of a sheet, header first, those of the newest first; read bit by bit."""
    yield [_("Counter-notice"), _("State"), _("Date"), _("Next deadline"), _("Case"), _("Notice"), _("Shop"), _("Right"),
           _("Address"), _("What it names"), _("What became of it"), _("Reason")]  # fmt: skip
    links = CounterNoticeTarget.objects.filter(counter_notice__in=answers.order_by().values("pk")).select_related(
        "counter_notice__complaint__filing", "counter_notice__statement__shop", "complaint_target__target"
    )
    for link in links.order_by("-counter_notice", "pk").iterator(500):
        answer, target = link.counter_notice, link.complaint_target.target
        yield [
            answer.number, answer.get_state_display(), day(answer.created_at), day(answer.deadline_at),
            answer.complaint.number, answer.statement.number, str(answer.statement.shop),
            answer.complaint.filing.title, target.url, str(target), link.get_outcome_display(),
            link.get_ground_display(),
        ]  # fmt: skip


def counter_notice_of(user: User, public_id: str) -> CounterNotice:
    """One counter-notice. Raises NotYours, for one that was not passed on yet as for one that does not exist."""
    found = counter_notices_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def answers_to(statement: StatementOfReasons) -> list[CounterNotice]:
    """What was answered to one statement of reasons, newest first."""
    return list(statement.counter_notices.order_by("-pk"))


def answers_on(complaint: Any, user: User) -> list[CounterNotice]:
    """The counter-notices of a complaint that this person may see, newest first."""
    mine = CounterNotice.objects.visible_to(user).filter(complaint=complaint)
    return list(mine.select_related("statement__shop").order_by("-pk"))


def counts_for(user: User) -> dict[str, int]:
    """Figures of a desk: what is open, and what waits for this person's side."""
    mine = CounterNotice.objects.visible_to(user)
    org = user.membership.organisation_id if user.membership else None
    return {
        "open": mine.still_open().count(),
        "yours": mine.filter(
            Q(state=State.RETURNED, organisation=org)
            | Q(state__in=[State.FORWARDED, State.WAITING], complaint__organisation=org)
            | Q(state__in=[State.FORWARDED, State.WAITING], complaint__holder=org, complaint__holder__isnull=False)
        ).count(),
    }


# --- whether, and how, a statement can be answered -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answerable:
    """What of a statement can be answered now; if nothing, why and what can be done instead."""

    rows: list[ComplaintTarget]
    why_not: str = ""
    until: datetime | None = None


def answerable(statement: StatementOfReasons, user: User) -> Answerable:
    """What this person could answer for now."""
    merchant = statement.shop.operator
    if merchant is None or not user.has_org_role(merchant.pk, roles.MAY_ANSWER):
        return Answerable([], _("Your role looks at notices and does not answer them."))
    complaint = statement.decision.complaint
    try:
        counter_notices.check_time(complaint, statement)
    except AnswerRefused as refused:
        return Answerable([], str(refused))
    rows = counter_notices.links_to_answer(statement, None)
    if not rows:
        return Answerable([], _("Every link of this notice is answered, or not held down any more."))
    return Answerable(rows, until=complaint.deadline_at)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that is passed on, or kept: its name and what it says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class WhoSees:
    """Before it is sent: what of an answer the complainant will see, what stays with the platform, and under which rule."""

    shown: list[Told]
    kept: list[str]
    files_shown: int
    why: str
    source: str


# --- one case ------------------------------------------------------------------------------------------------


def side_of(answer: CounterNotice, user: User) -> str:
    """As what somebody reads it: staff, merchant or complainant."""
    if user.is_staff:
        return "staff"
    m = user.membership
    return "merchant" if m and m.organisation_id == answer.organisation_id else "complainant"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One link of a counter-notice: what became of it there, and how it stands on the marketplace."""

    link: CounterNoticeTarget
    seen: LinkRow
    #: the proceedings that were proved for it, as whoever reads may see them
    proceedings: list[Proceeding]

    @property
    def public_id(self) -> str:
        return self.link.complaint_target.public_id


def rows_of(answer: CounterNotice, *, viewer: User | None = None) -> list[AnswerRow]:
    """Every link of a counter-notice; a constant number of queries."""
    links = list(
        answer.links.select_related("complaint_target")
        .prefetch_related(Prefetch("proceedings", Proceeding.objects.filter(is_late=False).order_by("pk")))
        .order_by("pk")
    )
    seen = {row.row.pk: row for row in link_rows(answer.complaint, told_in=answer.statement, viewer=viewer)}
    return [AnswerRow(link, seen[link.complaint_target_id], list(link.proceedings.all())) for link in links]


def next_step(answer: CounterNotice, user: User) -> NextStep:
    """What is next, whose turn it is, until when, and what happens otherwise."""
    turn = LIFECYCLE.turns[answer.state]
    side = side_of(answer, user)
    yours = _TURN_OF.get(State(answer.state)) == side and bool(available_actions(answer, user))
    otherwise = str(turn.otherwise)
    if answer.state == State.WAITING and answer.is_provisional:
        otherwise += " " + _("The date is provisional: it rests on a calendar of holidays that is not published yet.")
    return NextStep(str(turn.whose), str(turn.next), answer.deadline_at, otherwise, yours)


def available_actions(answer: CounterNotice, user: User) -> list[Transition]:
    """What this person can do with the case now, by its lifecycle."""
    found = LIFECYCLE.available(answer, user)
    if not user.is_staff and any(t.name == "deliver" for t in found):
        # What has reached the complainant by being read here can be answered here.
        found = [*[t for t in found if t.name != "deliver"], LIFECYCLE["prove"], LIFECYCLE["concede"]]
    return found


def seen_by(answer: CounterNotice, user: User) -> CounterNotice:
    """A counter-notice with what this person may read of it and do about it, as the API says it."""
    answer.next = next_step(answer, user)  # type: ignore[attr-defined]
    answer.available_actions = [t.name for t in available_actions(answer, user)]  # type: ignore[attr-defined]
    answer.said = what_was_said(answer, user)  # type: ignore[attr-defined]
    return answer


def what_was_said(answer: CounterNotice, user: User) -> dict[str, Any]:
    """What the answer says, as this person may read it: a merchant reads its own whole, a complainant what is passed on."""
    whole = {
        "statement": answer.description,
        "signature": answer.signature,
        "name": answer.name,
        "address": answer.address,
        "phone": answer.phone,
        "good_faith": answer.good_faith_at is not None,
        "jurisdiction": answer.jurisdiction_at is not None,
    }
    side = side_of(answer, user)
    if side == "merchant":
        return whole
    if side == "staff":
        # Staff check completeness: that something was given, not who it is.
        masked = {field: bool(whole[field]) for field in ("signature", "name", "address", "phone")}
        return whole | {field: "…" if given else "" for field, given in masked.items()}
    shown = passed_on(answer)
    said = {field: value for field, value in whole.items() if field in shown}
    return said | ({"statement": statement_for_complainant(answer)} if "statement" in shown else {})


def facts_of(answer: CounterNotice, user: User) -> list[Told]:
    """The same, beside the statement, for a page."""
    said = what_was_said(answer, user)
    return [
        Told(str(label), _("yes") if said[field] is True else str(said[field]))
        for field, label in LABELS.items()
        if said.get(field)
    ]


def evidence_of(answer: CounterNotice, user: User) -> list[ShownEvidence]:
    """The merchant's files, as this person may see them; for the complainant under names that say nothing."""
    files = answer.evidence.select_related("file")
    side = side_of(answer, user)
    if side == "complainant":
        files = files.filter(is_passed_on=True) if "evidence" in passed_on(answer) else files.none()
        return [
            ShownEvidence(e.file, f"{answer.number}-{i}{mimetypes.guess_extension(e.file.media_type) or ''}")
            for i, e in enumerate(files, 1)
        ]
    return [ShownEvidence(e.file, e.file.name) for e in files]


def proceedings_of(answer: CounterNotice, user: User) -> list[Proceeding]:
    """What was proved, newest first; a merchant is not told of what came too late to keep anything down."""
    found = answer.proceedings.select_related("file").order_by("-pk")
    return list(found.filter(is_late=False) if side_of(answer, user) == "merchant" else found)


def counted(answer: CounterNotice) -> Sequence[str]:
    """How the end of the waiting period came about, step by step; empty where none runs."""
    if answer.delivered_at is None or regime_for(answer).waits_from is None:
        return ()
    return waiting_period(answer).steps


def timeline(answer: CounterNotice, *, viewer: User) -> list[Entry]:
    """What happened to a counter-notice, newest first."""
    rows = LedgerEntry.objects.filter(subject=answer.public_id, kind__in=TO_PARTIES).order_by("-pk")
    if side_of(answer, viewer) == "complainant":
        rows = rows.filter(at__gte=answer.forwarded_at)
    if side_of(answer, viewer) == "merchant":
        rows = rows.exclude(kind__in=["counter_notice.proved_too_late", "counter_notice.late_proceeding_ended"])
    return [_told(row, answer, viewer) for row in rows]


def _told(row: LedgerEntry, answer: CounterNotice, viewer: User) -> Entry:
    told = TOLD[row.kind]
    n = len(row.payload.get("targets", ()))
    text = ngettext("%(n)d link", "%(n)d links", n) % {"n": n} if n else ""
    return Entry(row.at, str(told.title), _who(row, answer, viewer), text, told.tone, told.icon)


def _who(row: LedgerEntry, answer: CounterNotice, viewer: User) -> str:
    if row.actor == viewer.public_id:
        return _("you")
    if row.actor == "system":
        return _("the clock")
    if row.kind in _BY_MERCHANT:
        return answer.organisation.name
    return answer.complaint.organisation.name if row.kind in _BY_COMPLAINANT else _("reviewer")


_BY_MERCHANT = {f"counter_notice.{step}" for step in ("submit", "supplement", "withdraw", "links_withdrawn")}
_BY_COMPLAINANT = {f"counter_notice.{step}" for step in ("deliver", "prove", "concede", "proved_too_late")}


def elements_of(statement: StatementOfReasons) -> dict[str, Any]:
    """What the law asks of a counter-notice to this statement, by field."""
    return {e.field: e for e in regime_of(statement.decision.complaint).counter_notice}


def who_sees(statement: StatementOfReasons, said: dict[str, Any], *, files: int, are_private: bool) -> WhoSees:
    """What of an answer that is being written the complainant will see, and under which rule."""
    regime = regime_of(statement.decision.complaint)
    rules = [p for p in regime.passes if (p.document, p.to) == (Document.COUNTER_NOTICE, Party.COMPLAINANT)]
    shown = {field for p in rules for field in p.fields}
    text = str(said.get("statement") or "")
    if not {"signature", "name", "phone"} <= shown:
        text = without_persons(text, names=(str(said.get("signature") or ""), str(said.get("name") or "")))
    told = [Told(_("Statement"), text)] if text and "statement" in shown else []
    kept = []
    for field, label in LABELS.items():
        if value := said.get(field):
            if field in shown:
                told.append(Told(str(label), _("yes") if value is True else str(value)))
            elif field not in ("good_faith", "jurisdiction"):
                kept.append(str(label))
    are_shown = "evidence" in shown and not are_private
    if files and not are_shown:
        kept.append(ngettext("%(n)d file", "%(n)d files", files) % {"n": files})
    return WhoSees(
        shown=told,
        kept=kept,
        files_shown=files if are_shown else 0,
        why=" ".join(str(p.why) for p in rules),
        source="; ".join(str(p.source) for p in rules),
    )

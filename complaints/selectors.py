"""What the parties' pages and the API read of the complaints room: cases, their links, what is next, and why.

Nothing here writes. What staff read stands in `queue.py` and `review.py`.
"""

import mimetypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from complaints.lifecycle import LIFECYCLE, OPEN, regime_of
from complaints.models import (
    Complaint,
    ComplaintTarget,
    Decision,
    Draft,
    Evidence,
    Finding,
    Removal,
    StatementOfReasons,
)
from complaints.told import TO_PARTIES, TOLD
from core.errors import NotYours
from core.lifecycle import Transition
from core.models import LedgerEntry, PrivateFile
from core.spreadsheet import day
from filings.models import Filing
from filings.standing import rights_to_complain_under
from marketplace import pictures
from marketplace.links import is_web_address
from marketplace.models import Enforcement, Hold, Marketplace, Scene, Target
from marketplace.pictures import Copy
from marketplace.selectors import LinkView, look_at_links
from rulebook.models import RuleVersion

Outcome = ComplaintTarget.Outcome
State = Complaint.State
CHUNK = 400


# --- lists ---------------------------------------------------------------------------------------------


def in_lists(complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """With no more of each than a list says over the API: what is kept encrypted is not opened for it."""
    said = ("number", "state", "state_since_at", "deadline_at", "created_at", "infringement", "lane", "lane_reason")
    right = ("public_id", "number", "title", "kind", "registration_number")
    shown = complaints.select_related(None).select_related("filing")
    return shown.only("public_id", *said, *(f"filing__{name}" for name in right))


def complaints_of(user: User) -> QuerySet[Complaint]:
    """The complaints this person may see, with what a list shows of each; a constant number of queries."""
    return (
        Complaint.objects.visible_to(user)
        .select_related("filing", "organisation", "holder")
        .annotate(link_count=link_count(), upheld_count=link_count(outcome=Outcome.UPHELD))
    )


def exported(complaints: QuerySet[Complaint]) -> Iterator[list[Any]]:
    """The links of complaints as lines of a sheet, header first, those of the newest complaint first; read bit by bit."""
    yield [_("Case"), _("State"), _("Submitted"), _("Next deadline"), _("Right"), _("Registration number"),
           _("Infringement"), _("Link"), _("What it names"), _("Seller"), _("Decision about the link")]  # fmt: skip
    links = ComplaintTarget.objects.filter(complaint__in=complaints.order_by().values("pk"))
    for ct in links.select_related("complaint__filing", "target__shop").order_by("-complaint", "pk").iterator(500):
        case = ct.complaint
        yield [
            case.number, case.get_state_display(), day(case.created_at), day(case.deadline_at), case.filing.title,
            case.filing.registration_number, case.get_infringement_display(), ct.link, str(ct.target),
            str(ct.target.seller), ct.get_outcome_display(),
        ]  # fmt: skip


def link_count(**which: str) -> Any:
    """How many links a complaint has, for a list: counted for the lines that are shown, not for all."""
    counted = ComplaintTarget.objects.filter(complaint=OuterRef("pk"), **which).order_by().values("complaint")
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0)


def complaint_of(user: User, public_id: str) -> Complaint:
    """One complaint. Raises NotYours, for a foreign one as for one that does not exist."""
    found = (
        Complaint.objects.visible_to(user)
        .select_related("filing", "organisation", "filed_by", "holder", "power")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotYours()
    return found


def as_submitted(complaint: Complaint, *, links: int) -> Complaint:
    """A complaint that was sent this moment, with what an answer says of it, without asking the database again."""
    complaint.link_count, complaint.upheld_count = links, 0  # type: ignore[attr-defined]
    complaint._prefetched_objects_cache = {"decisions": _no_decisions()}  # type: ignore[attr-defined]
    return complaint


@cache
def _no_decisions() -> QuerySet[Decision]:
    """What was asked and found empty: Django composes a statement even for what is known to be nothing."""
    nothing = Decision.objects.none()
    nothing._result_cache = []
    return nothing


def seen_by(complaint: Complaint, user: User) -> Complaint:
    """A complaint with what is next in it and what this person can do about it, as the API says it."""
    complaint.next = next_step(complaint, user)  # type: ignore[attr-defined]
    complaint.available_actions = [t.name for t in available_actions(complaint, user)]  # type: ignore[attr-defined]
    return complaint


def drafts_of(user: User) -> QuerySet[Draft]:
    """What this person's organisation has begun to write and not sent."""
    if user.membership is None:
        return Draft.objects.none()
    return Draft.objects.filter(organisation_id=user.membership.organisation_id, complaint__isnull=True).order_by(
        "-updated_at"
    )


def draft_of(user: User, public_id: str) -> Draft:
    """One draft of this person's organisation, sent or not. Raises NotYours."""
    m = user.membership
    found = Draft.objects.filter(public_id=public_id, organisation_id=m.organisation_id).first() if m else None
    if found is None:
        raise NotYours()
    return found


def rights_to_rest_on(user: User) -> QuerySet[Filing]:
    """The rights in force on which this person's organisation may base a complaint."""
    m = user.membership
    if m is None:
        return Filing.objects.none()
    rights = rights_to_complain_under(m.organisation).in_force()  # type: ignore[attr-defined]
    return rights.select_related("organisation").order_by("kind", "title")  # type: ignore[no-any-return]


# --- links while they are pasted --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PastedLink:
    """One pasted line, with what this holder should know before complaining of it."""

    seen: LinkView
    #: number of the holder's own open complaint about it under this right
    complained_in: str = ""
    is_genuine_seller: bool = False

    @property
    def scene_label(self) -> str:
        return str(Scene(self.seen.scene).label) if self.seen.scene else ""

    @property
    def is_usable(self) -> bool:
        return not (
            self.seen.target is None or self.seen.same_as is not None or self.complained_in or self.is_genuine_seller
        )


def law_of(looked: Iterable[PastedLink]) -> str:
    """The code of the one legal regime under which everything pasted lies; "" if there is none, or several."""
    places = {p.seen.target.marketplace_id for p in looked if p.seen.target is not None}
    laws = set(Marketplace.objects.filter(pk__in=places).values_list("regime", flat=True)) if places else set()
    return laws.pop() if len(laws) == 1 else ""


def look_at_pasted(*, lines: Sequence[str], user: User, filing: Filing | None) -> list[PastedLink]:
    """What each pasted line is, whose, whether it is down or already complained of by this holder."""
    views = look_at_links(lines)
    targets = [v.target for v in views if v.target is not None]
    numbers, genuine = known_of(filing, targets) if filing is not None else ({}, set())
    return [
        PastedLink(
            seen=v,
            complained_in=numbers.get(v.target.pk, "") if v.target else "",
            is_genuine_seller=v.target is not None and v.target.seller.pk in genuine,
        )
        for v in views
    ]


def files_named(organisation_id: int | None, ids: Iterable[str], only: Sequence[str] = ()) -> dict[str, PrivateFile]:
    """By id, those of these files that are this organisation's; with `only` these of their columns."""
    asked, found = list(dict.fromkeys(ids)), dict[str, PrivateFile]()
    mine = PrivateFile.objects.owned_by(organisation_id)
    if only:
        mine = mine.only(*only)
    for start in range(0, len(asked), CHUNK):
        found |= mine.in_bulk(asked[start : start + CHUNK], field_name="public_id")
    return found


def files_in_cases(files: Iterable[PrivateFile]) -> set[str]:
    """The ids of those of these files that are evidence in a complaint already."""
    keys, found = [file.pk for file in files], set()
    for start in range(0, len(keys), CHUNK):
        there = Evidence.objects.filter(file__in=keys[start : start + CHUNK])
        found |= set(there.values_list("file__public_id", flat=True))
    return found


def known_of(filing: Filing, targets: Sequence[Target]) -> tuple[dict[int, str], set[int]]:
    """What is known of targets under a right: by target the number of the holder's open complaint about it; and the
    shops that the holder named as genuine.
    """
    numbers: dict[int, str] = {}
    for start in range(0, len(targets), CHUNK):
        rows = ComplaintTarget.objects.filter(
            target__in=targets[start : start + CHUNK],
            complaint__filing=filing,
            complaint__state__in=OPEN,
            outcome__in=[Outcome.PENDING, Outcome.UPHELD],
        ).values_list("target_id", "complaint__number")
        numbers.update(rows)
    return numbers, set(filing.genuine_sellers.values_list("shop_id", flat=True))


# --- one case ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a link is up or down on the marketplace, and the sentence that says why."""

    label: str | Promise
    tone: str
    why: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link of a case as its parties see it."""

    row: ComplaintTarget
    standing: Standing
    finding: Finding | None = None
    #: our copy of its first picture; None if it showed none
    picture: Copy | None = None

    @property
    def rule(self) -> RuleVersion | None:
        return self.finding.rule_version if self.finding else None

    @property
    def address(self) -> str:
        """Where it stood on the marketplace; empty when that is no address of the web."""
        url = self.row.snapshot.get("url") or self.row.target.url
        return url if is_web_address(url) else ""


def link_rows(
    complaint: Complaint,
    *,
    told_in: StatementOfReasons | None = None,
    viewer: User | None = None,
    among: Sequence[int] | None = None,
) -> list[LinkRow]:
    """Every link of a case with what became of it; `told_in` a statement, those that it is about; `among` these targets.

    With a `viewer`, who may see the case, each row comes with our copy of its first picture.
    """
    rows = complaint.targets.select_related("target__shop", "target__marketplace", "target__enforcement")
    if told_in is not None:
        rows = rows.filter(findings__statement=told_in)
    if among is not None:
        rows = rows.filter(target__in=among)
    found = list(
        rows.order_by("pk").prefetch_related(
            Prefetch("findings", Finding.objects.select_related("decision", "rule_version__rule").order_by("pk"))
        )
    )
    holders = _active_holds([ct.target for ct in found])
    shown = _first_pictures(complaint, found, viewer) if viewer is not None else {}
    made = []
    for ct in found:
        causes = holders.get(ct.target_id, set()) | holders.get(ct.target.shop_id or 0, set())
        findings = list(ct.findings.all())
        # A statement goes on saying what it said, whatever was decided anew since.
        told = [f for f in findings if told_in is None or f.statement_id == told_in.pk]
        finding = told[-1] if told else None
        made.append(LinkRow(ct, standing_of(ct, complaint, causes), finding, shown.get(ct.pk)))
    return made


def _first_pictures(complaint: Complaint, rows: Sequence[ComplaintTarget], viewer: User) -> dict[int, Copy]:
    """By row, the copy that this case kept of the first picture in the row's snapshot."""
    first = {
        ct.pk: (ct.target.marketplace_id, images[0])
        for ct in rows
        if (images := pictures.keepable(ct.snapshot.get("images")))
    }
    found = pictures.copies(cause=complaint.public_id, viewer=viewer, wanted=first.values())
    return {pk: found[key] for pk, key in first.items()}


def _active_holds(targets: Sequence[Target]) -> dict[int, set[str]]:
    ids = sorted({t.pk for t in targets} | {t.shop_id for t in targets if t.shop_id})
    causes: dict[int, set[str]] = {}
    for start in range(0, len(ids), CHUNK):
        holds = Hold.objects.active().filter(target__in=ids[start : start + CHUNK])
        for target_id, cause in holds.values_list("target_id", "cause"):
            causes.setdefault(target_id, set()).add(cause)
    return causes


def standing_of(ct: ComplaintTarget, complaint: Complaint, causes: set[str]) -> Standing:
    """Why a link is up or down, in a sentence. `causes` are the cases that hold it or its shop."""
    target = ct.target
    if target.observed == Target.Observed.MISSING:
        return Standing(_("gone"), "neutral", _("The marketplace does not have it any more."))
    order: Enforcement | None = getattr(target, "enforcement", None)
    others = causes - {complaint.public_id}
    if complaint.public_id in causes:
        return _held(target, order)
    if others:
        shown = _("Another case holds it down, whatever becomes of this complaint.")
        return Standing(_("down"), "danger", shown)
    if order is not None and not order.is_settled and order.desired == Enforcement.State.UP:
        return _coming_back(order)
    if target.observed == Target.Observed.DOWN:
        return Standing(
            _("not on sale"),
            "neutral",
            _("The seller or the marketplace took it off sale; no case on this platform holds it down."),
        )
    return Standing(_("up"), "neutral", str(_WHY_UP[_why_up(ct, complaint)]))


def _held(target: Target, order: Enforcement | None) -> Standing:
    upheld = _("Held down because this complaint was upheld.")
    if order is None:
        # A shop on a marketplace that takes down items one by one.
        return Standing(_("down"), "success", upheld)
    if order.is_settled and target.observed != Target.Observed.UP:
        return Standing(_("down"), "success", upheld)
    if order.dead_at is not None:
        return Standing(
            _("still up"),
            "danger",
            _("The takedown was ordered, and the marketplace refused it. Staff have been shown it and try again."),
        )
    if order.attempts:
        return Standing(
            _("still up"),
            "warning",
            _("The takedown was ordered; the marketplace has not confirmed it yet. It is tried again until it does."),
        )
    return Standing(_("going down"), "warning", _("The takedown was ordered and is being carried out."))


def _coming_back(order: Enforcement) -> Standing:
    if order.dead_at is not None:
        return Standing(
            _("still down"), "danger", _("Nothing holds it any more, but the marketplace refused to put it up again.")
        )
    return Standing(_("going up"), "warning", _("Nothing holds it any more; it is being put up again."))


_WHY_UP = {
    "pending": gettext_lazy("Nothing has been decided about it yet."),
    "dismissed": gettext_lazy("The complaint about it was dismissed."),
    "withdrawn": gettext_lazy("The complaint about it was withdrawn."),
    "rejected": gettext_lazy("The notice was not accepted for decision."),
    "reinstated": gettext_lazy("The merchant's counter-notice, or an order of a court, brought it back."),
    "released": gettext_lazy("What held it down was released."),
}


def _why_up(ct: ComplaintTarget, complaint: Complaint) -> str:
    if complaint.state == State.REJECTED:
        return "rejected"
    return {Outcome.PENDING: "pending", Outcome.UPHELD: "released"}.get(ct.outcome, ct.outcome)  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is next in a case, whose turn it is, until when, and what happens otherwise."""

    whose: str
    next: str
    until: datetime | None
    otherwise: str
    is_yours: bool


def next_step(complaint: Complaint, user: User | None) -> NextStep:
    turn = LIFECYCLE.turns[complaint.state]
    yours = complaint.state == State.RETURNED and LIFECYCLE.allows(complaint, "supplement", user)
    return NextStep(str(turn.whose), str(turn.next), complaint.deadline_at, str(turn.otherwise), yours)


def decisions_against(complaint: Complaint) -> list[str]:
    """The decisions that burden the complainant, by public id: the rejection of its notice, or what dismissed links."""
    if complaint.state == State.REJECTED:
        return [complaint.public_id]
    dismissed = complaint.targets.filter(outcome=Outcome.DISMISSED)
    decisions = complaint.decisions.filter(
        findings__complaint_target__in=dismissed, findings__outcome=Outcome.DISMISSED
    )
    return list(decisions.distinct().order_by("pk").values_list("public_id", flat=True))


def available_actions(complaint: Complaint, user: User) -> list[Transition]:
    """What this person can do with the case now, by its lifecycle."""
    return LIFECYCLE.available(complaint, user)


# --- timeline -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    title: str
    actor: str = ""
    text: str = ""
    tone: str = "neutral"
    icon: str = ""
    targets: set[str] = field(default_factory=set)


def timeline(complaint: Complaint, *, viewer: User) -> list[Entry]:
    """What happened to a case, newest first, as its complainant may read it."""
    entries = [
        _told(row, complaint, viewer)
        for row in LedgerEntry.objects.filter(subject=complaint.public_id, kind__in=TO_PARTIES).order_by("pk")
    ]
    entries += _marketplace_said(complaint)
    return sorted(entries, key=lambda e: e.at, reverse=True)


def _told(row: LedgerEntry, complaint: Complaint, viewer: User) -> Entry:
    told = TOLD[row.kind]
    text = ""
    if row.kind in ("complaint.uphold", "complaint.dismiss", "complaint.decide_anew", "complaint.remove"):
        findings = row.payload.get("findings", {})
        upheld = sum(1 for up, _rule in findings.values() if up)
        text = _("%(upheld)d of %(n)d links upheld") % {"upheld": upheld, "n": len(findings)}
    elif row.kind in ("complaint.withdraw", "complaint.links_withdrawn"):
        n = len(row.payload.get("targets", []))
        text = ngettext("%(n)d link", "%(n)d links", n) % {"n": n}
    elif row.payload.get("is_automated"):
        text = _("Sent by itself, as was signed for this image.")
    return Entry(row.at, str(told.title), _who(row, complaint, viewer), text, told.tone, told.icon)


def _who(row: LedgerEntry, complaint: Complaint, viewer: User) -> str:
    if row.actor == viewer.public_id:
        return _("you")
    if row.kind == "complaint.adopt" and complaint.holder is not None:
        return complaint.holder.name
    if row.kind in ("complaint.submit", "complaint.supplement", "complaint.withdraw", "complaint.links_withdrawn"):
        return complaint.organisation.name
    return _("the clock") if row.actor == "system" else _("reviewer")


def _marketplace_said(complaint: Complaint) -> list[Entry]:
    """Confirmed takedowns and reinstatements since the decision, those of one minute in one line."""
    first = complaint.decisions.order_by("pk").values_list("decided_at", flat=True).first()
    if first is None:
        return []
    upheld = complaint.targets.filter(findings__outcome=Outcome.UPHELD).distinct()
    names = dict(upheld.values_list("target__public_id", "target__title"))
    lines: dict[tuple[str, datetime], Entry] = {}
    ids = list(names)
    for start in range(0, len(ids), CHUNK):
        rows = LedgerEntry.objects.filter(
            subject__in=ids[start : start + CHUNK],
            kind__in=["enforcement.down", "enforcement.up", "target.relisted"],
            at__gte=first,
        )
        for row in rows:
            key = (row.kind, row.at.replace(second=0, microsecond=0))
            line = lines.setdefault(key, Entry(row.at, "", _("marketplace")))
            line.targets.add(row.subject)
    for (kind, _minute), line in lines.items():
        n = len(line.targets)
        if kind == "enforcement.down":
            line.title = ngettext("Taken down: %(n)d link", "Taken down: %(n)d links", n) % {"n": n}
            line.tone, line.icon = "success", "check"
        elif kind == "enforcement.up":
            line.title = ngettext("Put up again: %(n)d link", "Put up again: %(n)d links", n) % {"n": n}
            line.icon = "refresh"
        else:
            line.title = ngettext("Relisted by the seller: %(n)d link", "Relisted by the seller: %(n)d links", n) % {
                "n": n
            }
            line.tone, line.icon = "warning", "alert"
        if n == 1:
            line.text = names[next(iter(line.targets))]
    return list(lines.values())


# --- notices: what a merchant sees ------------------------------------------------------------------------------


def notices_of(user: User) -> QuerySet[StatementOfReasons]:
    """Statements of reasons to the shops of this person's organisation, newest first."""
    return StatementOfReasons.objects.visible_to(user).select_related(
        "shop__marketplace", "decision__complaint__filing", "decision__complaint__filed_by"
    )


def exported_notices(statements: QuerySet[StatementOfReasons]) -> Iterator[list[Any]]:
    """The links of notices as lines of a sheet, header first, those of the newest notice first; read bit by bit."""
    yield [_("Notice"), _("Date"), _("Marketplace"), _("Shop"), _("Right"), _("Registration number"), _("Infringement"),
           _("Address"), _("What it names"), _("Rule"), _("Facts and reasons"), _("Decision about the link")]  # fmt: skip
    told = Finding.objects.filter(statement__in=statements.order_by().values("pk")).select_related(
        "statement__shop__marketplace", "decision__complaint__filing", "complaint_target__target"
    )
    for found in told.order_by("-statement", "pk").iterator(500):
        case, link = found.decision.complaint, found.complaint_target
        assert found.statement is not None
        yield [
            found.statement.number, day(found.statement.created_at), found.statement.shop.marketplace.name,
            str(found.statement.shop), case.filing.title, case.filing.registration_number,
            case.get_infringement_display(), link.target.url, str(link.target), found.rule, found.facts,
            link.get_outcome_display(),
        ]  # fmt: skip


def notice_of(user: User, public_id: str) -> StatementOfReasons:
    """One statement of reasons. Raises NotYours."""
    found = notices_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def links_of_notice(statement: StatementOfReasons, *, viewer: User | None = None) -> list[LinkRow]:
    """The links that this statement is about, whichever shop sells them now."""
    return link_rows(statement.decision.complaint, told_in=statement, viewer=viewer)


@dataclass(frozen=True, slots=True)
class Ground:
    """The law under which a shop is told, and what it can do."""

    law: str
    source: str
    redress: str


def is_by_holder(complaint: Complaint) -> bool:
    """Whether the holder decided by itself, under its privilege of self-service."""
    return Removal.objects.filter(complaint=complaint).exists()


def means_of(decision: Decision) -> str:
    """Who decided, and whether a machine did. Source: DSA art. 17(3)(c)."""
    if decision.is_automated:
        return _("used for this decision")
    first = decision.complaint.decisions.order_by("pk").values_list("pk", flat=True).first()
    if decision.pk == first and is_by_holder(decision.complaint):
        return _(
            "not used: a person of the holder of the right decided, under its privilege of taking down by itself;"
            " the platform reviews a share of what it takes down"
        )
    return _("not used: a person decided")


def ground_of(complaint: Complaint) -> Ground:
    regime = regime_of(complaint)
    return Ground(str(regime.name), str(regime.source), str(regime.redress) % {"contact": settings.CONTACT_EMAIL})


def next_for_merchant(statement: StatementOfReasons) -> NextStep:
    """What a shop can do about a statement, and what happens if it does nothing."""
    if statement.decision.complaint.state == State.WITHDRAWN:
        return NextStep(
            whose=_("Nobody"),
            next=_("The complaint was withdrawn. What nothing else holds down is being put up again."),
            until=None,
            otherwise="",
            is_yours=False,
        )
    return NextStep(
        whose=_("You, if you do not agree"),
        next=_("Read the facts and the rule. If you do not infringe, object as the statement says."),
        until=None,
        otherwise=_("The links stay down. If they are put up again, they are taken down again."),
        is_yours=False,
    )


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """A file that the merchant may see, under a name that says nothing of who handed it in."""

    file: PrivateFile
    name: str


def evidence_for_merchant(complaint: Complaint) -> list[ShownEvidence]:
    """The files that the law lets the merchant see: what was handed in as evidence and not kept back."""
    shown = complaint.evidence.filter(is_shown_to_merchant=True).select_related("file")
    return [
        ShownEvidence(e.file, f"{complaint.number}-{i}{mimetypes.guess_extension(e.file.media_type) or ''}")
        for i, e in enumerate(shown, 1)
    ]


# --- the desk ----------------------------------------------------------------------------------------------------


def counts_for_holder(user: User) -> dict[str, int]:
    """Figures of a holder's desk."""
    mine = Complaint.objects.visible_to(user)
    m = user.membership
    held = Hold.objects.active().filter(cause__in=mine.values("public_id")).count() if m else 0
    return {
        "open": mine.filter(state__in=OPEN).count(),
        "returned": mine.filter(state=State.RETURNED).count(),
        "held": held,
        "drafts": drafts_of(user).count(),
    }


def counts_for_merchant(user: User) -> dict[str, int]:
    """Figures of a merchant's desk."""
    mine = StatementOfReasons.objects.visible_to(user)
    shops = Target.objects.filter(operator_id=user.membership.organisation_id) if user.membership else []
    held = Hold.objects.active().filter(Q(target__in=shops) | Q(target__shop__in=shops)).values("target")
    return {
        "notices": mine.count(),
        "unread": mine.filter(first_read_at__isnull=True).count(),
        "held": held.distinct().count(),
    }

"""What pages, the API and staff read of appeals. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from complaints.models import Complaint
from complaints.selectors import Entry, NextStep
from core import clock
from core.errors import NotYours
from core.models import LedgerEntry
from governance.appealable import KINDS, Appealable, Contested, contested_by, contested_in, why_no_appeal_of
from governance.appeals.lifecycle import LIFECYCLE
from governance.appeals.periods import appeal_window
from governance.appeals.services import appeal_against, open_findings
from governance.models import Appeal, AppealedLink, OutOfCourtBody

State = Appeal.State


def appeals_of(user: User) -> QuerySet[Appeal]:
    """The appeals this person may see, newest first."""
    return Appeal.objects.visible_to(user).select_related("organisation", "beside").order_by("-pk")


def appeal_of(user: User, public_id: str) -> Appeal:
    """One appeal. Raises NotYours, for a foreign one as for one that does not exist."""
    found = appeals_of(user).select_related("filed_by", "assigned_to").filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


# --- before an appeal ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """Whether a decision can be appealed against by this person now, until when, and if not, why not."""

    contested: Contested
    closes_at: datetime | None
    #: the appeal that there is already, for whoever may see it
    appeal: Appeal | None
    findings: list[Any]
    why_not: str = ""

    @property
    def is_open(self) -> bool:
        return not self.why_not and self.appeal is None


def offer_to(user: User, subject: str) -> Offer:
    """What somebody whom a decision burdens can do about it. Raises NotYours."""
    contested = contested_by(user, subject)
    appeal = appeal_against(contested)
    closes = None
    if contested.notified_at is not None:
        closes = appeal_window(regime=contested.regime, notified_at=contested.notified_at).closes_at
    findings = open_findings(contested) if contested.is_by_links else []
    why_not = _why_not(user, contested, closes, findings)
    if appeal is not None and not Appeal.objects.visible_to(user).filter(pk=appeal.pk).exists():
        # The rights holder's own, sent when the agency had no power any more.
        appeal = None
        why_not = why_not or _(
            "Your side has appealed against this decision. Each decision can be appealed against once."
        )
    return Offer(contested, closes, appeal, findings, why_not)


def _why_not(user: User, contested: Contested, closes: datetime | None, findings: list[Any]) -> str:
    if not contested.stands:
        return _("There is nothing to appeal against any more: the decision does not stand.")
    if closes is None:
        return _("You will be told of this decision within the hour. From then on you can appeal.")
    if clock.now() >= closes:
        return _("The time for an appeal is over. A court or the competent authority can still be asked.")
    if contested.is_by_links and not findings:
        return _("Your side has appealed about these links once before. A body outside or a court can still be asked.")
    return why_no_appeal_of(user, contested)


# --- one appeal -----------------------------------------------------------------------------------------


def kind_of(appeal: Appeal) -> Appealable:
    return KINDS[appeal.kind]


def next_step(appeal: Appeal, user: User | None) -> NextStep:
    turn = LIFECYCLE.turns[appeal.state]
    yours = appeal.state == State.RETURNED and LIFECYCLE.allows(appeal, "supplement", user)
    return NextStep(str(turn.whose), str(turn.next), appeal.deadline_at, str(turn.otherwise), yours)


def actions_of(appeal: Appeal, user: User) -> set[str]:
    """What this person can do with an appeal now, by its lifecycle; going on to a body only where there is one."""
    names = {t.name for t in LIFECYCLE.available(appeal, user)}
    if "refer" in names and not bodies_for(appeal).exists():
        names.discard("refer")
    return names


def bodies_for(appeal: Appeal) -> QuerySet[OutOfCourtBody]:
    """The certified bodies outside that may look at it, by its law."""
    return OutOfCourtBody.objects.filter(is_active=True, regime=appeal.regime)


def links_of(appeal: Appeal) -> list[AppealedLink]:
    rows = appeal.links.select_related("finding__complaint_target__target__marketplace", "finding__decision")
    return list(rows.order_by("pk"))


@dataclass(frozen=True)
class Title:
    """What each step of an appeal is called where people read what happened."""

    words: str | Promise
    tone: str = "neutral"
    icon: str = ""


TOLD = {
    "appeal.submit": Title(gettext_lazy("Submitted"), "info", "scale"),
    "appeal.take": Title(gettext_lazy("Taken up by a reviewer"), "info", "user"),
    "appeal.give_back": Title(gettext_lazy("Put back into the queue"), "neutral", "undo"),
    "appeal.return": Title(gettext_lazy("Returned for supplement"), "warning", "undo"),
    "appeal.supplement": Title(gettext_lazy("Supplement sent"), "info", "upload"),
    "appeal.go_on": Title(gettext_lazy("Goes on without the supplement"), "neutral", "clock"),
    "appeal.uphold": Title(gettext_lazy("Decided: the decision stands"), "danger", "scale"),
    "appeal.reverse": Title(gettext_lazy("Decided: reversed"), "success", "scale"),
    "appeal.reverse_in_part": Title(gettext_lazy("Decided: reversed in part"), "success", "scale"),
    "appeal.withdraw": Title(gettext_lazy("Withdrawn"), "neutral", "undo"),
    "appeal.settle": Title(gettext_lazy("Settled: nothing is left to decide"), "neutral", "check"),
    "appeal.refer": Title(gettext_lazy("Before an out-of-court body"), "info", "building"),
    "appeal.conclude": Title(gettext_lazy("The body's finding was recorded"), "info", "building"),
}
_BY_APPELLANT = ("appeal.submit", "appeal.supplement", "appeal.withdraw", "appeal.refer")


def timeline(appeal: Appeal, *, viewer: User) -> list[Entry]:
    """What happened to an appeal, newest first."""
    rows = LedgerEntry.objects.filter(subject=appeal.public_id, kind__in=TOLD).order_by("-pk")
    return [
        Entry(
            row.at, str(TOLD[row.kind].words), _who(row, appeal, viewer), "", TOLD[row.kind].tone, TOLD[row.kind].icon
        )
        for row in rows
    ]


def _who(row: LedgerEntry, appeal: Appeal, viewer: User) -> str:
    if row.actor == viewer.public_id:
        return _("you")
    if row.actor == "system":
        return _("the clock")
    if row.kind not in _BY_APPELLANT:
        return _("reviewer")
    beside = appeal.beside
    if beside is not None and beside.memberships.filter(user__public_id=row.actor).exists():
        return beside.name
    return appeal.organisation.name


def address_of(contested: Contested) -> str:
    """Where the page of the decision stands; empty if there is none."""
    name = {
        "takedown": "complaints:notice", "dismissal": "complaints:detail", "rejected_complaint": "complaints:detail",
        "rejected_filing": "filings:detail", "refused_certificate": "originals:detail",
        "suspension": "complaints:standing", "privilege": "complaints:self-service",
        "penalty": "penalties:penalty", "finding": "patrol:finding",
    }.get(contested.kind.name, "accounts:organisation")  # fmt: skip
    subject = contested.case.public_id if contested.kind.name == "dismissal" else contested.subject
    of_oneself = ("accounts:organisation", "complaints:standing", "complaints:self-service")
    try:
        return reverse(name, args=[] if name in of_oneself else [subject])
    except NoReverseMatch:
        return ""


# --- staff ----------------------------------------------------------------------------------------------


def is_late(appeal: Appeal) -> bool:
    return appeal.state in Appeal.WAITING and appeal.deadline_at is not None and appeal.deadline_at <= clock.now()


def admin_address_of(appeal: Appeal) -> str:
    """Where staff look at what the appeal is about, with its evidence."""
    case = contested_in(appeal).case
    if isinstance(case, Complaint):
        return reverse("admin:complaints_complaint_review", args=[case.public_id])
    if appeal.kind == "finding":
        return reverse("patrol:finding", args=[appeal.subject])
    name = {"rejected_filing": "filings_filing_review"}.get(appeal.kind)
    if name:
        return reverse(f"admin:{name}", args=[case.public_id])
    opts = type(case)._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[case.pk])

"""What people and the clock do with appeals. One function, one transaction, one ledger entry.

A reversal is carried out in the transaction of the decision on the appeal, by the service that the table of
`governance/appealable.py` names: neither exists without the other.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import Organisation, User
from complaints.errors import OwnCase, TakenBySomebodyElse
from complaints.models import Complaint, CounterNotice, Decision
from complaints.rules import rules_at
from core import clock, ledger
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.ids import next_number
from core.lifecycle import lock
from core.models import PrivateFile
from core.obligations import each_due
from core.outbox import publish
from governance.appealable import (
    KINDS,
    Contested,
    Reversal,
    contested_by,
    contested_in,
    has_party,
    has_power,
    why_no_appeal_of,
)
from governance.appeals.lifecycle import LIFECYCLE, RUNNING
from governance.appeals.periods import appeal_window, until_decision
from governance.errors import AppealedBefore, DecidedTheFirst, NotTold, TooLate
from governance.models import Appeal, AppealDecision, AppealedLink, AppealEvidence, OutOfCourtBody, Referral
from patrol.models import CandidateDecision

State = Appeal.State
Outcome = AppealDecision.Outcome
SHORTEST_GROUNDS = 20
_ARROWS = {Outcome.UPHELD: "uphold", Outcome.REVERSED: "reverse", Outcome.PARTLY_REVERSED: "reverse_in_part"}


# --- appealing ---------------------------------------------------------------------------------------


@transaction.atomic
def submit_appeal(
    *,
    subject: str,
    by: User,
    grounds: str,
    links: Collection[str] | None = None,
    evidence: Sequence[PrivateFile] = (),
    language: str = "",
) -> Appeal:
    """Appeal against the decision with this public id, free of charge; against some of its links, or all.

    One appeal for each decision and side, which an agency and its rights holder share. A second is taken if the first was
    withdrawn and the time still runs, or if the decision was made anew; about one link each side appeals once, so that
    the two do not appeal in turns for ever. Raises NotYours, Forbidden, NotTold, TooLate (with the date it ended), AppealedBefore, WrongState, Invalid.
    Source: DSA art. 20(1), (2).
    """
    contested = contested_by(by, subject)
    organisation = by.organisation
    if organisation is None:
        raise Forbidden()
    if why_not := why_no_appeal_of(by, contested):
        raise Forbidden(why_not)
    # The appeals of one side take turns: a double click is one appeal.
    list(Organisation.objects.select_for_update(no_key=True).filter(pk__in=contested.side).order_by("pk"))
    contested = contested_by(by, subject)
    if earlier := appeal_against(contested):
        raise AppealedBefore(
            _("Your side appealed against this decision in %(number)s. Each decision can be appealed against once.")
            % {"number": earlier.number}
        )
    if contested.notified_at is None:
        raise NotTold()
    if not contested.stands:
        raise WrongState()
    time = appeal_window(regime=contested.regime, notified_at=contested.notified_at)
    at = clock.now()
    if at >= time.closes_at:
        raise TooLate(
            _(
                "This decision could be appealed against until %(date)s. A court or the competent authority can still be asked."
            )
            % {"date": f"{time.closes_on} 24:00 ({time.timezone})"}
        )
    chosen = _chosen(contested, links)
    grounds = grounds.strip()
    if len(grounds) < SHORTEST_GROUNDS:
        raise Invalid(_("Say in at least 20 characters why the decision is wrong."), field="grounds")
    appeal = Appeal(
        number=next_number("A", clock.today().year), organisation=organisation, filed_by=by,
        beside_id=_beside(contested, organisation), kind=contested.kind.name,
        subject=subject, subject_number=contested.number, decided_at=contested.decided_at,
        notified_at=contested.notified_at, closes_at=time.closes_at, regime=contested.regime, grounds=grounds,
        language=language or by.language, state=State.SUBMITTED, state_since_at=at, created_at=at,
        deadline_at=until_decision(regime=contested.regime, received_at=at),
    )  # fmt: skip
    appeal.save(force_insert=True)
    AppealedLink.objects.bulk_create([AppealedLink(appeal=appeal, finding=finding) for finding in chosen])
    _attach(appeal, evidence)
    ledger.record(
        kind="appeal.submit", subject=appeal.public_id, actor=by,
        payload={
            "to": appeal.state, "number": appeal.number, "kind": appeal.kind, "against": subject,
            "grounds_sha256": _digest(grounds), "evidence": [file.sha256 for file in evidence],
            "links": [finding.complaint_target.target.public_id for finding in chosen],
        },
    )  # fmt: skip
    publish("appeal.submitted", appeal.public_id)
    return appeal


def _beside(contested: Contested, organisation: Organisation) -> int | None:
    """Who else is on its side and reads along: an agency only while it has a power over the case."""
    other = contested.other_than(organisation.pk)
    if other is not None and other == contested.agency_id and not has_power(contested):
        return None
    return other


def appeal_against(contested: Contested) -> Appeal | None:
    """The appeal against a decision that counts as the one of its side; a withdrawn one does not."""
    of_side = Appeal.objects.filter(organisation__in=contested.side)
    mine = of_side.filter(subject=contested.subject, decided_at=contested.decided_at)
    return mine.exclude(state=State.WITHDRAWN).first()


def _chosen(contested: Contested, links: Collection[str] | None) -> list[Any]:
    """The findings that are appealed against. Raises Invalid, AppealedBefore."""
    if not contested.is_by_links:
        return []
    still_open = open_findings(contested)
    if not still_open:
        raise AppealedBefore(
            _("Your side has appealed about these links once before. A body outside or a court can still be asked.")
        )
    if links is None:
        return still_open
    by_link = {finding.complaint_target.public_id: finding for finding in still_open}
    if not links:
        raise Invalid(_("Choose at least one link."), field="links")
    if unknown := [link for link in links if link not in by_link]:
        raise Invalid(
            _("%(id)s is no link of this decision that you can appeal against.") % {"id": unknown[0][:31]},
            field="links",
        )
    return [by_link[link] for link in dict.fromkeys(links)]


def open_findings(contested: Contested) -> list[Any]:
    """The findings about whose links the side that they burden has not appealed before."""
    links = [finding.complaint_target_id for finding in contested.findings]
    before = AppealedLink.objects.filter(
        appeal__organisation__in=contested.side, appeal__kind=contested.kind.name, finding__complaint_target__in=links
    ).exclude(appeal__state=State.WITHDRAWN)
    done = set(before.values_list("finding__complaint_target_id", flat=True))
    return [finding for finding in contested.findings if finding.complaint_target_id not in done]


def _attach(appeal: Appeal, files: Sequence[PrivateFile]) -> None:
    sides = {appeal.organisation_id, appeal.beside_id}
    if any(file.organisation_id is None or file.organisation_id not in sides for file in files):
        raise NotYours()
    if AppealEvidence.objects.filter(file__in=[file.pk for file in files]).exists():
        raise Invalid(_("One of the files belongs to another appeal. Upload it anew."), field="evidence")
    AppealEvidence.objects.bulk_create(
        [AppealEvidence(appeal=appeal, file=file, created_at=clock.now()) for file in dict.fromkeys(files)]
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def supplement(*, appeal: Appeal, by: User, text: str, evidence: Sequence[PrivateFile] = ()) -> Appeal:
    """Add what a reviewer asked for. Raises Forbidden, WrongState, Invalid."""
    text = _said(text, "text")
    appeal = lock(appeal)
    appeal.grounds = f"{appeal.grounds}\n\n[{clock.now():%Y-%m-%d}] {text}"
    LIFECYCLE.fire(
        appeal, "supplement", actor=by, writes=["grounds"],
        payload={"grounds_sha256": _digest(appeal.grounds), "evidence": [file.sha256 for file in evidence]},
    )  # fmt: skip
    _attach(appeal, evidence)
    return appeal


@transaction.atomic
def withdraw(*, appeal: Appeal, by: User) -> Appeal:
    """Take an appeal back that was not decided yet; the decision stands as it was."""
    appeal = lock(appeal)
    LIFECYCLE.fire(appeal, "withdraw", actor=by)
    publish("appeal.moved", appeal.public_id)
    return appeal


# --- looking at it again ------------------------------------------------------------------------------


@transaction.atomic
def take(*, appeal: Appeal, by: User) -> Appeal:
    """Take an appeal up. Raises Forbidden, DecidedTheFirst, OwnCase, WrongState (somebody else was faster)."""
    appeal = _for_review(appeal, by)
    appeal.assigned_to, appeal.assigned_at = by, None
    LIFECYCLE.fire(appeal, "take", actor=by, writes=["assigned_to", "assigned_at"])
    return appeal


@transaction.atomic
def give_back(*, appeal: Appeal, by: User) -> Appeal:
    """Put an appeal back into the queue: one's own, or as a senior reviewer anybody's."""
    appeal = lock(appeal)
    LIFECYCLE.fire(appeal, "give_back", actor=by)
    appeal.assigned_to = None
    appeal.save(update_fields=["assigned_to"])
    return appeal


@transaction.atomic
def return_for_supplement(*, appeal: Appeal, by: User, missing: str) -> Appeal:
    """Ask the appellant for what is missing. Raises Invalid without the words."""
    appeal = _in_hand(appeal, by)
    appeal.supplement_request = _said(missing, "missing")
    LIFECYCLE.fire(appeal, "return", actor=by, writes=["supplement_request"])
    publish("appeal.returned", appeal.public_id)
    return appeal


@transaction.atomic
def decide(
    *,
    appeal: Appeal,
    by: User,
    is_reversed: bool,
    reasons: str,
    links: Collection[AppealedLink] | None = None,
    rule: str = "",
) -> AppealDecision:
    """Decide an appeal: the decision stands, or is reversed, for all of it or for `links` alone.

    What a reversal does is done in the same transaction. By a person, and by somebody else than who decided before.
    Raises Forbidden, DecidedTheFirst, OwnCase, TakenBySomebodyElse, WrongState, Invalid. Source: DSA art. 20(4)–(6).
    """
    reasons = _said(reasons, "reasons")
    appeal = _in_hand(appeal, by)
    outcome, turned = _outcome(appeal, is_reversed, links)
    decision = _write_decision(appeal, by, outcome, reasons=reasons)
    LIFECYCLE.fire(
        appeal, _ARROWS[outcome], actor=by,
        payload={"decision": decision.public_id, **_turned_words(appeal, turned), "reasons_sha256": _digest(reasons)},
    )  # fmt: skip
    _carry_out(decision, turned, rule)
    publish("appeal.decided", appeal.public_id)
    return decision


def _outcome(
    appeal: Appeal, is_reversed: bool, links: Collection[AppealedLink] | None
) -> tuple[Outcome, list[AppealedLink]]:
    """Whether all, some or none of it is reversed, and which links those are. Raises Invalid."""
    if not is_reversed:
        return Outcome.UPHELD, []
    if not KINDS[appeal.kind].is_by_links:
        return Outcome.REVERSED, []
    mine = list(appeal.links.select_related("finding__complaint_target__target").order_by("pk"))
    standing = {finding.pk for finding in contested_in(appeal).findings}
    live = [link for link in mine if link.finding_id in standing]
    wanted = {link.pk for link in (live if links is None else links)}
    turned = [link for link in live if link.pk in wanted]
    if len(turned) < len(wanted) or not turned:
        raise Invalid(_("Choose links of this appeal that are still as they were decided."), field="links")
    return (Outcome.REVERSED if len(turned) == len(live) else Outcome.PARTLY_REVERSED), turned


def _write_decision(
    appeal: Appeal, by: User, outcome: str, *, reasons: str, of_body: bool = False
) -> AppealDecision:  # fmt: skip
    return AppealDecision.objects.create(
        appeal=appeal, decided_by=by, decided_at=clock.now(), outcome=outcome, reasons=reasons, of_body=of_body
    )


def _carry_out(decision: AppealDecision, turned: Sequence[AppealedLink], rule: str) -> None:
    """Do what a decision on an appeal says. Raises WrongState where the first decision stands no longer, Invalid."""
    appeal = decision.appeal
    appeal.links.filter(pk__in=[link.pk for link in turned]).update(is_reversed=True)
    appeal.links.filter(is_reversed__isnull=True).update(is_reversed=False)
    if decision.outcome == Outcome.UPHELD:
        return
    kind = KINDS[appeal.kind]
    contested = contested_in(appeal)
    if not contested.stands:
        raise WrongState()
    if kind.is_by_links:
        cited = rules_at(contested.case).get(rule)
        if cited is None or cited.upholds != kind.reversal_upholds:
            raise Invalid(_("Choose the rule on which the links are decided anew."), field="rule")
    kind.reverse(
        Reversal(
            appeal=appeal, case=contested.case, by=decision.decided_by, links=turned, rule=rule,
            reasons=decision.reasons,
        )
    )  # fmt: skip


def _turned_words(appeal: Appeal, turned: Sequence[AppealedLink]) -> dict[str, Any]:
    if not KINDS[appeal.kind].is_by_links:
        return {}
    return {"reversed": [link.finding.complaint_target.target.public_id for link in turned]}


def _for_review(appeal: Appeal, by: User) -> Appeal:
    """The appeal under lock, for a reviewer who may look at it: not their own decision, not their own case."""
    appeal = lock(appeal)
    if not roles.is_reviewer(by):
        raise Forbidden()
    contested = contested_in(appeal)
    if by.pk in contested.deciders:
        raise DecidedTheFirst()
    if has_party(contested, by):
        raise OwnCase()
    return appeal


def _in_hand(appeal: Appeal, by: User) -> Appeal:
    """The same, taken up by this reviewer."""
    appeal = _for_review(appeal, by)
    if appeal.state == State.UNDER_REVIEW and appeal.assigned_to_id != by.pk:
        raise TakenBySomebodyElse()
    return appeal


def _said(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(_("Say why, in words that the other side can act on."), field=field)
    return text


# --- bodies outside -------------------------------------------------------------------------------------


@transaction.atomic
def refer(*, appeal: Appeal, by: User, body: OutOfCourtBody, reference: str, referred_on: date) -> Referral:
    """Record that a certified body outside was asked to look at the case. Raises Forbidden, WrongState, Invalid.

    The appellant chooses the body and tells us of it, or staff record what the body wrote. Source: DSA art. 21(1).
    """
    appeal = lock(appeal)
    LIFECYCLE.check(appeal, "refer", by)
    if not body.is_active or body.regime != appeal.regime:
        raise Invalid(_("Choose a body from the list for this law."), field="body")
    if not reference.strip():
        raise Invalid(_("Enter the number that the body gave to the case."), field="reference")
    if referred_on > clock.today() or referred_on < timezone.localdate(appeal.created_at):
        raise Invalid(_("Enter a day between the appeal and today."), field="referred_on")
    referral = Referral.objects.create(
        appeal=appeal, body=body, reference=reference.strip()[:64], referred_on=referred_on, recorded_by=by
    )
    LIFECYCLE.fire(appeal, "refer", actor=by, payload={"body": body.public_id, "reference": referral.reference})
    publish("appeal.moved", appeal.public_id)
    return referral


@transaction.atomic
def conclude(
    *,
    appeal: Appeal,
    by: User,
    finding: str,
    found_on: date,
    is_followed: bool,
    reasons: str,
    links: Collection[AppealedLink] | None = None,
    rule: str = "",
) -> AppealDecision:
    """Record what a body outside found, and carry it out, or say why not: it binds nobody (DSA art. 21(2)).

    Raises Forbidden, DecidedTheFirst, OwnCase, WrongState, Invalid.
    """
    reasons = _said(reasons, "reasons")
    appeal = _for_review(appeal, by)
    LIFECYCLE.check(appeal, "conclude", by)
    referral = appeal.referral
    if finding not in Referral.Finding.values:
        raise Invalid(_("Choose what the body found."), field="finding")
    if found_on > clock.today() or found_on < referral.referred_on:
        raise Invalid(_("Enter a day between the referral and today."), field="found_on")
    reverses = is_followed and finding != Referral.Finding.FOR_PLATFORM
    outcome, turned = _outcome(appeal, reverses, links)
    decision = _write_decision(appeal, by, outcome, reasons=reasons, of_body=True)
    referral.finding, referral.found_on, referral.is_followed = finding, found_on, is_followed
    referral.save(update_fields=["finding", "found_on", "is_followed"])
    LIFECYCLE.fire(
        appeal, "conclude", actor=by,
        payload={
            "decision": decision.public_id, "finding": finding, "is_followed": is_followed,
            **_turned_words(appeal, turned), "reasons_sha256": _digest(reasons),
        },
    )  # fmt: skip
    _carry_out(decision, turned, rule)
    publish("appeal.moved", appeal.public_id)
    return decision


@transaction.atomic
def keep_body(*, body: OutOfCourtBody, by: User) -> OutOfCourtBody:
    """Put a body on the list, or change what the list says of it; for administrators. Raises Forbidden."""
    if not roles.is_administrator(by):
        raise Forbidden(_("Only administrators of the platform do this."))
    body.save()
    ledger.record(
        kind="body.kept", subject=body.public_id, actor=by,
        payload={"name": body.name, "certified_by": body.certified_by, "is_active": body.is_active},
    )  # fmt: skip
    return body


# --- what the clock and other rooms do -------------------------------------------------------------------


def complaint_withdrawn(subject: str) -> None:
    """A complaint, or links of it, were withdrawn: appeals about nothing else have nothing left to decide."""
    about = Appeal.objects.running().filter(links__finding__complaint_target__complaint__public_id=subject)
    rejected = Appeal.objects.running().filter(subject=subject)
    for appeal in (about | rejected).distinct().order_by("pk"):
        settle_if_over(appeal=appeal)


def counter_notice_settled(subject: str) -> None:
    """Links went up again after a counter-notice: an appeal about nothing else has nothing left to decide."""
    complaint_withdrawn(CounterNotice.objects.values_list("complaint__public_id", flat=True).get(public_id=subject))


def decided_anew(subject: str) -> None:
    """Links were turned round, on review or on another appeal: one about nothing else has nothing left to decide."""
    complaint_withdrawn(Decision.objects.values_list("complaint__public_id", flat=True).get(public_id=subject))


def finding_decided(subject: str) -> None:
    """A finding of patrol was reversed by staff: an appeal against it has nothing left to decide."""
    of_it = CandidateDecision.objects.filter(candidate__decisions__public_id=subject).values("public_id")
    for appeal in Appeal.objects.running().filter(subject__in=of_it).order_by("pk"):
        settle_if_over(appeal=appeal)


@transaction.atomic
def settle_if_over(*, appeal: Appeal) -> bool:
    """End an appeal whose decision has come to an end by itself."""
    appeal = lock(appeal)
    if appeal.state not in RUNNING:
        return False
    contested = contested_in(appeal)
    standing = {finding.pk for finding in contested.findings}
    if contested.stands and (not contested.is_by_links or appeal.links.filter(finding__in=standing).exists()):
        return False
    LIFECYCLE.fire(appeal, "settle", actor=None)
    publish("appeal.moved", appeal.public_id)
    return True


def pass_deadlines(limit: int = 500) -> int:
    """Go on with appeals whose supplement did not come; returns how many moved. One that cannot stops no other."""
    return each_due(
        lambda: Appeal.objects.filter(state=State.RETURNED, deadline_at__lte=clock.now()).order_by("deadline_at", "pk"),
        lambda appeal: pass_deadline(appeal=appeal),
        limit=limit,
    )


@transaction.atomic
def pass_deadline(*, appeal: Appeal) -> bool:
    """Do what happens otherwise, once the time for a supplement is over; running it twice does it once."""
    appeal = lock(appeal)
    if appeal.state != State.RETURNED or appeal.deadline_at is None or appeal.deadline_at > clock.now():
        return False
    LIFECYCLE.fire(appeal, "go_on", actor=None)
    return True


def complaint_of(appeal: Appeal) -> Complaint | None:
    """The complaint that an appeal is about, if it is about one."""
    case = contested_in(appeal).case
    return case if isinstance(case, Complaint) else None

"""What people do with counter-notices: merchants answer, complainants prove or concede, staff check and record.

Staff check whether an answer is complete, never whether it is right, where the law lets time decide. Each function is
one transaction that locks the complaint first and the counter-notice next. What the clock does stands in
`counter_clock.py`, what becomes of the links in `counter_links.py`.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import User
from complaints import counter_links, court_orders, services
from complaints.counter_lifecycle import LIFECYCLE, until_checked, waiting_period
from complaints.court_orders import Ordered
from complaints.deadlines import window
from complaints.deciders import deciders
from complaints.errors import AnswerRefused, OwnCase, ProofTooLate
from complaints.lifecycle import LIFECYCLE as COMPLAINTS
from complaints.lifecycle import regime_of
from complaints.models import (
    Complaint,
    ComplaintTarget,
    CounterEvidence,
    CounterNotice,
    CounterNoticeTarget,
    CourtOrder,
    Evidence,
    Finding,
    Proceeding,
    StatementOfReasons,
)
from complaints.passing import record_passing
from complaints.regimes import Event, Regime
from complaints.representation import acts_for_complainant
from complaints.rules import USUAL_DISMISSAL
from core import clock, ledger
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.ids import next_number
from core.lifecycle import lock
from core.models import PrivateFile
from core.outbox import publish

State = CounterNotice.State
Outcome = CounterNoticeTarget.Outcome
Ground = CounterNoticeTarget.Ground
Held = ComplaintTarget.Outcome
SHORTEST_STATEMENT = 20


# --- a merchant answers ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a merchant says: everything that the regime asks of a counter-notice, by the regime's names."""

    statement: str
    signature: str = ""
    good_faith: bool = False
    name: str = ""
    address: str = ""
    phone: str = ""
    #: consents to jurisdiction and to service of process
    jurisdiction: bool = False
    #: the links it is about; None is every one that is still held
    targets: Sequence[ComplaintTarget] | None = None
    evidence: Sequence[PrivateFile] = ()
    #: the files stay between merchant and platform
    evidence_is_private: bool = False


@transaction.atomic
def submit_counter_notice(*, statement: StatementOfReasons, answer: Answer, by: User) -> CounterNotice:
    """Answer a statement of reasons, for all of its links that are held down or for some of them.

    While it is open the complaint does not close. Raises Forbidden, AnswerRefused (too late, or too early), Invalid
    (each missing element by its field). Source: E-Commerce Law art. 43; 17 U.S.C. § 512(g)(3); DSA art. 20.
    """
    merchant = statement.shop.operator
    if merchant is None or not by.has_org_role(merchant.pk, roles.MAY_ANSWER):
        raise Forbidden()
    complaint = lock(statement.decision.complaint)
    check_time(complaint, statement)
    rows = links_to_answer(statement, answer.targets)
    _check_elements(regime_of(complaint), answer, rows)
    at = clock.now()
    made = CounterNotice(
        number=next_number("N", clock.today().year), complaint=complaint, statement=statement, organisation=merchant,
        filed_by=by, state_since_at=at, created_at=at, received_at=at, **_said(answer),
    )  # fmt: skip
    made.deadline_at = until_checked(made)
    made.save(force_insert=True)
    CounterNoticeTarget.objects.bulk_create(
        [CounterNoticeTarget(counter_notice=made, complaint_target=row) for row in rows], batch_size=400
    )
    _attach(made, answer.evidence, by, is_private=answer.evidence_is_private)
    if COMPLAINTS.allows(complaint, "counter", None):
        COMPLAINTS.fire(complaint, "counter", actor=None, payload={"counter_notice": made.public_id})
    ledger.record(
        kind="counter_notice.submit",
        subject=made.public_id,
        actor=by,
        payload={
            "to": made.state,
            "number": made.number,
            "statement": statement.public_id,
            "statement_sha256": _sha256(answer.statement),
            "targets": [row.target.public_id for row in rows],
            "evidence": [file.sha256 for file in answer.evidence],
        },
    )
    publish("counter_notice.submitted", made.public_id)
    return made


def check_time(complaint: Complaint, statement: StatementOfReasons) -> None:
    """Whether a statement of reasons can be answered now. Raises AnswerRefused with what can be done instead."""
    state = Complaint.State
    if complaint.state in (state.NOTIFIED, state.COUNTERED):
        return
    if complaint.state == state.UPHELD:
        raise AnswerRefused(_("The takedown is still being carried out. You are told when it is done; answer it then."))
    if complaint.state == state.CLOSED and still_answerable(complaint, statement):
        return
    if complaint.state == state.CLOSED:
        raise AnswerRefused(
            _(
                "The case was closed, so that it cannot be answered here any more. You may still appeal while the time"
                " for appeals lasts, complain to the competent authority, or sue; what a court orders is carried out at"
                " once: send the order to %(contact)s with the number of the statement."
            )
            % {"contact": settings.CONTACT_EMAIL}
        )
    raise AnswerRefused(_("This complaint holds nothing down any more, so that there is nothing to answer."))


def still_answerable(complaint: Complaint, statement: StatementOfReasons) -> bool:
    """Whether an answer opens a closed case again.

    Where a person decides on it, one that comes in time: DSA art. 20(1). Elsewhere every one, while a link is held
    down: neither E-Commerce Law art. 43 nor 17 U.S.C. § 512(g) sets a merchant a day.
    """
    regime = regime_of(complaint)
    if regime.waits_from is not None:
        return True
    # The latest moment at which the parties were told: a day more is in favour of who answers.
    told = statement.created_at + regime.notification
    return clock.now() < window(regime, Event.DECISION_NOTIFIED, told).closes_at


def links_to_answer(statement: StatementOfReasons, chosen: Sequence[ComplaintTarget] | None) -> list[ComplaintTarget]:
    """The links of a statement that are answered. Raises Invalid for each that cannot be, with why."""
    mine = ComplaintTarget.objects.filter(findings__statement=statement).select_related("target").order_by("pk")
    known = {row.pk: row for row in mine}
    last = {
        link.complaint_target_id: link
        for link in CounterNoticeTarget.objects.filter(complaint_target__in=known)
        .select_related("counter_notice")
        .order_by("pk")
    }
    kept = counter_links.kept_by_law(known)
    if chosen is None:
        return [row for row in known.values() if not _why_not(row, last.get(row.pk), kept)]
    wanted = {row.pk for row in chosen}
    if not wanted <= set(known):
        raise Invalid(errors={"targets": [_("Choose among the links of this statement.")]})
    faults = [why for pk in sorted(wanted) if (why := _why_not(known[pk], last.get(pk), kept))]
    if faults:
        raise Invalid(errors={"targets": faults[:10]})
    return [row for row in known.values() if row.pk in wanted]


def _why_not(row: ComplaintTarget, last: CounterNoticeTarget | None, kept: Collection[int]) -> str:
    """Why a link cannot be answered now; empty if it can. A second answer comes after one that lapsed or was withdrawn."""
    what = {"target": str(row.target)[:60], "number": last.counter_notice.number if last else ""}
    if row.outcome != Held.UPHELD:
        return _("“%(target)s” is not held down by this complaint any more: nothing is to be answered.") % what
    if row.pk in kept and (last is None or last.outcome not in CounterNoticeTarget.OPEN):
        return (
            _(
                "A court's order or a pending proceeding keeps “%(target)s” down: until that has ended, no answer lifts it."
            )
            % what
        )
    if last is None or last.outcome in (Outcome.WITHDRAWN, Outcome.LAPSED):
        return ""
    if last.outcome in CounterNoticeTarget.OPEN:
        return (
            _("“%(target)s” is answered already in %(number)s. Wait for its outcome, or withdraw that one first.")
            % what
        )
    return (
        _(
            "What becomes of “%(target)s” was settled in %(number)s. A court or authority can still decide otherwise:"
            " its order is carried out at once."
        )
        % what
    )


def _check_elements(regime: Regime, answer: Answer, rows: Sequence[ComplaintTarget]) -> None:
    """Raises Invalid with every element that is missing, by its field."""
    present = {
        "signature": answer.signature.strip(),
        "targets": rows,
        "statement": len(answer.statement.strip()) >= SHORTEST_STATEMENT,
        "evidence": answer.evidence,
        "good_faith": answer.good_faith,
        "name": answer.name.strip(),
        "address": answer.address.strip(),
        "phone": answer.phone.strip(),
        "jurisdiction": answer.jurisdiction,
    }
    missing = {e.field: [e.missing] for e in regime.counter_notice if not present[e.field]}
    if missing:
        raise Invalid(errors=missing)


def _said(answer: Answer) -> dict[str, Any]:
    at = clock.now()
    return {
        "description": answer.statement,
        "signature": answer.signature,
        "name": answer.name,
        "address": answer.address,
        "phone": answer.phone,
        "good_faith_at": at if answer.good_faith else None,
        "jurisdiction_at": at if answer.jurisdiction else None,
    }


def _attach(made: CounterNotice, files: Sequence[PrivateFile], by: User, *, is_private: bool) -> None:
    _check_files(files, made.organisation_id, field="evidence")
    CounterEvidence.objects.bulk_create(
        [CounterEvidence(counter_notice=made, file=f, added_by=by, is_passed_on=not is_private) for f in files]
    )


def _check_files(files: Sequence[PrivateFile], *sides: int | None, field: str) -> None:
    """Raises NotYours for another organisation's file, Invalid for one that belongs to a case already."""
    if any(file.organisation_id is None or file.organisation_id not in sides for file in files):
        raise NotYours()
    taken = [model.objects.filter(file__in=files).exists() for model in (Evidence, CounterEvidence, Proceeding)]
    if any(taken) or len({file.pk for file in files}) < len(files):
        raise Invalid(errors={field: [_("One of the files belongs to another case. Upload it anew.")]})


@transaction.atomic
def supplement(
    *, counter_notice: CounterNotice, by: User, text: str, evidence: Sequence[PrivateFile] = (),
    evidence_is_private: bool = False, name: str = "", address: str = "", phone: str = "",
) -> CounterNotice:  # fmt: skip
    """The merchant adds what was missing; it is checked again, and counts as received now.

    A name, address or telephone that is given takes the place of the one before, and stands in no other text.
    """
    _require(text=text)
    made = _locked(counter_notice)
    given = {"name": name.strip(), "address": address.strip(), "phone": phone.strip()}
    corrected = {field: value for field, value in given.items() if value}
    for field, value in corrected.items():
        setattr(made, field, value)
    made.description = f"{made.description}\n\n[{clock.now():%Y-%m-%d}] {text}"
    made.received_at = clock.now()
    LIFECYCLE.fire(
        made,
        "supplement",
        actor=by,
        writes=["description", "received_at", *corrected],
        payload={
            "statement_sha256": _sha256(made.description),
            "evidence": [file.sha256 for file in evidence],
            "corrected": list(corrected),
        },
    )
    _attach(made, evidence, by, is_private=evidence_is_private)
    return made


@transaction.atomic
def withdraw(
    *, counter_notice: CounterNotice, by: User, links: Sequence[CounterNoticeTarget] | None = None
) -> CounterNotice:
    """The merchant withdraws its answer, or some links of it: these stay down as if it had not answered.

    What a proceeding or an injunction keeps down is the court's to decide, and not withdrawn any more: WrongState.
    """
    made = _locked(counter_notice)
    LIFECYCLE.check(made, "withdraw", by)
    chosen = _chosen(made, links, among=(Outcome.WAITING,))
    counter_links.settle(chosen, Outcome.WITHDRAWN)
    payload = {"targets": _ids(chosen)}
    if made.links.filter(outcome__in=CounterNoticeTarget.OPEN).exists():
        ledger.record(kind="counter_notice.links_withdrawn", subject=made.public_id, actor=by, payload=payload)
        counter_links.move_on(made)
    else:
        LIFECYCLE.fire(made, "withdraw", actor=by, payload=payload)
        counter_links.resume(made.complaint)
    publish("counter_notice.withdrawn", made.public_id)
    return made


# --- staff check whether it is complete ---------------------------------------------------------------


@transaction.atomic
def forward(*, counter_notice: CounterNotice, by: User) -> CounterNotice:
    """It is complete: pass it on to the complainant, with what the regime lets the complainant see.

    Source: E-Commerce Law art. 43; 17 U.S.C. § 512(g)(2)(B). Raises WrongState under a law that passes nothing on.
    """
    made = _checked_by(counter_notice, by)
    pass_on(made, "forward", by=by)
    return made


def pass_on(made: CounterNotice, step: str, *, by: User | None) -> None:
    """It goes to the complainant, with what the regime lets it see; under the locks of whoever calls."""
    made.forwarded_at = clock.now()
    LIFECYCLE.fire(made, step, actor=by, writes=["forwarded_at"])
    record_passing(made, to=made.complaint.organisation, by=by)
    publish("counter_notice.forwarded", made.public_id)


@transaction.atomic
def take_up(*, counter_notice: CounterNotice, by: User) -> CounterNotice:
    """It is complete, and under this law a person decides on it: an internal complaint (DSA art. 20)."""
    made = _checked_by(counter_notice, by)
    LIFECYCLE.fire(made, "take_up", actor=by)
    return made


@transaction.atomic
def return_for_supplement(*, counter_notice: CounterNotice, by: User, missing: str) -> CounterNotice:
    """It lacks an element that the law asks for: back to the merchant, with what is missing."""
    _require(missing=missing)
    made = _checked_by(counter_notice, by)
    made.supplement_request = missing
    LIFECYCLE.fire(made, "return", actor=by, writes=["supplement_request"])
    publish("counter_notice.returned", made.public_id)
    return made


@dataclass(frozen=True)
class Anew:
    """What somebody else finds of one link that was decided on before."""

    link: CounterNoticeTarget
    stands: bool
    reasons: str


def has_decided(made: CounterNotice, by: User) -> bool:
    """Whether somebody decided on its links before, so that somebody else looks at them anew."""
    rows = list(made.links.values_list("complaint_target_id", flat=True))
    return by.pk in deciders(rows) | {made.statement.decision.decided_by_id}


@transaction.atomic
def decide_anew(*, counter_notice: CounterNotice, by: User, findings: Sequence[Anew]) -> CounterNotice:
    """Decide an internal complaint on every link that is open, with reasons; never by who decided first.

    Where the first decision does not stand, the complaint about the link is dismissed: its complainant may appeal.
    Source: DSA art. 20(4)–(6).
    """
    made = _checked_by(counter_notice, by)
    LIFECYCLE.check(made, "decide", by)
    if has_decided(made, by):
        raise Forbidden(_("You decided this complaint yourself: somebody else looks at it anew."))
    # What an injunction keeps down meanwhile is the court's to decide.
    waiting = {link.pk: link for link in _open_links(made) if link.outcome == Outcome.WAITING}
    if sorted(f.link.pk for f in findings) != sorted(waiting):
        raise Invalid(errors={"findings": [_("Decide on every link that is still open, once.")]})
    if not all(f.reasons.strip() for f in findings):
        raise Invalid(errors={"reasons": [_("Write the facts and reasons for each link: both sides read them.")]})
    for f in findings:
        CounterNoticeTarget.objects.filter(pk=f.link.pk).update(reasons=f.reasons)
    LIFECYCLE.fire(
        made,
        "decide",
        actor=by,
        payload={
            "stands": {_id(waiting[f.link.pk]): f.stands for f in findings},
            "rules": _rules_of(list(waiting.values())),
        },
    )
    counter_links.settle([waiting[f.link.pk] for f in findings if f.stands], Outcome.KEPT, Ground.CONFIRMED)
    reversed_ = [
        services.Found(waiting[f.link.pk].complaint_target, False, USUAL_DISMISSAL, f.reasons.strip())
        for f in findings
        if not f.stands
    ]
    if not reversed_:
        return _settled(made)
    # A decision like any other on the complaint, so that all that follows from one follows: it also settles the links.
    services.decide_anew(complaint=made.complaint, by=by, findings=reversed_, answer=made.public_id)
    made.refresh_from_db()
    return made


def _rules_of(links: Sequence[CounterNoticeTarget]) -> dict[str, dict[str, Any]]:
    """The rule that was found broken on each link before, in the version that was cited, by target."""
    by_row = {link.complaint_target_id: link for link in links}
    found = Finding.objects.filter(complaint_target__in=by_row).select_related("rule_version").order_by("pk")
    return {_id(by_row[f.complaint_target_id]): {"rule": f.rule, **f.rule_version.cited()} for f in found}


# --- the complainant proves or concedes ----------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """Word of a complaint to an authority or of a lawsuit: where, under which number, since when, and the paper."""

    kind: str
    forum: str
    case_number: str
    filed_on: date
    file: PrivateFile | None


def prove(
    *, counter_notice: CounterNotice, by: User, proof: Proof, links: Sequence[CounterNoticeTarget] | None = None
) -> Proceeding:
    """The complainant has gone to an authority or court: what it proves in time stays down until that has spoken.

    Proof that comes after the day, or for links that are settled, is put on record and refused. Raises Forbidden,
    Invalid, WrongState, ProofTooLate. Source: E-Commerce Law art. 43(2); 17 U.S.C. § 512(g)(2)(C).
    """
    with transaction.atomic():
        proceeding = _take_proof(counter_notice, by, proof, links)
    if proceeding.is_late:
        # Said after the record has been committed: the complainant may need it before a court.
        raise ProofTooLate(
            _(
                "The waiting period is over. Your proof was recorded as %(id)s and keeps nothing down by itself: ask the"
                " court for an order or an interim injunction, which is carried out at once."
            )
            % {"id": proceeding.public_id}
        )
    return proceeding


def _take_proof(
    counter_notice: CounterNotice, by: User, proof: Proof, links: Sequence[CounterNoticeTarget] | None
) -> Proceeding:
    made = _locked(counter_notice)
    _check_complainant(made, by)
    _check_proof(made, proof)
    if LIFECYCLE.allows(made, "deliver", by):
        deliver(made, CounterNotice.Delivered.OPENED, actor=by)
    asked = list(made.links.select_related("complaint_target__target").order_by("pk")) if links is None else list(links)
    open_links = {link.pk: link for link in _open_links(made)}
    chosen = [open_links[link.pk] for link in asked if link.pk in open_links]
    if made.delivered_at is None or any(link.counter_notice_id != made.pk for link in asked):
        raise WrongState()
    # What a proceeding keeps down already may be kept down by another one too, whenever that is proved.
    too_late = clock.now() >= waiting_period(made).closes_at
    in_time = [link for link in chosen if link.outcome == Outcome.SUSTAINED or not too_late]
    is_late = not in_time
    assert proof.file is not None
    proceeding = Proceeding.objects.create(
        counter_notice=made, kind=proof.kind, forum=proof.forum, case_number=proof.case_number, filed_on=proof.filed_on,
        file=proof.file, proved_by=by, proved_at=clock.now(), is_late=is_late,
    )  # fmt: skip
    proceeding.links.set(asked if is_late else in_time)
    payload = {"proceeding": proceeding.public_id, "file_sha256": proof.file.sha256, "targets": _ids(asked)}
    if is_late:
        ledger.record(kind="counter_notice.proved_too_late", subject=made.public_id, actor=by, payload=payload)
        return proceeding
    LIFECYCLE.fire(made, "prove", actor=by, payload=payload | {"targets": _ids(in_time)})
    counter_links.settle(in_time, Outcome.SUSTAINED, Ground.PROVED)
    _settled(made)
    return proceeding


def _check_proof(made: CounterNotice, proof: Proof) -> None:
    faults: dict[str, list[str]] = {}
    regime = regime_of(made.complaint)
    if proof.kind not in regime.proofs:
        faults["kind"] = [str(regime.proof_asked)]
    if not proof.forum.strip():
        faults["forum"] = [_("Write the name of the court or authority.")]
    if not proof.case_number.strip():
        faults["case_number"] = [_("Write the number of the case, or of the receipt of your filing.")]
    if proof.filed_on > clock.today():
        faults["filed_on"] = [_("This day has not come yet. Write the day on which you filed.")]
    if proof.file is None:
        faults["file"] = [_("Attach the receipt of the authority or court.")]
    if faults:
        raise Invalid(errors=faults)
    assert proof.file is not None
    _check_files([proof.file], made.complaint.organisation_id, made.complaint.holder_id, field="file")


@transaction.atomic
def concede(
    *, counter_notice: CounterNotice, by: User, links: Sequence[CounterNoticeTarget] | None = None
) -> CounterNotice:
    """The complainant accepts the counter-notice, or some links of it: these go up again at once."""
    made = _locked(counter_notice)
    _check_complainant(made, by)
    if LIFECYCLE.allows(made, "deliver", by):
        deliver(made, CounterNotice.Delivered.OPENED, actor=by)
    LIFECYCLE.check(made, "concede", by)
    chosen = _chosen(made, links)
    LIFECYCLE.fire(made, "concede", actor=by, payload={"targets": _ids(chosen)})
    counter_links.let_go(chosen, Outcome.CONCEDED, Ground.CONCEDED, actor=by)
    return _settled(made)


@transaction.atomic
def open_as_complainant(*, counter_notice: CounterNotice, by: User) -> CounterNotice:
    """Somebody of the complainant opened what was forwarded: the first time, that delivers it."""
    if by.is_staff or not LIFECYCLE.allows(counter_notice, "deliver", by):
        return counter_notice
    made = _locked(counter_notice)
    if LIFECYCLE.allows(made, "deliver", by):
        deliver(made, CounterNotice.Delivered.OPENED, actor=by)
    return made


def deliver(made: CounterNotice, how: str, *, actor: User | None = None, at: Any = None) -> None:
    """It has reached the complainant: the waiting period runs, under some laws from here."""
    made.delivered_at, made.delivered_by = at or clock.now(), how
    made.is_provisional = waiting_period(made).is_provisional
    LIFECYCLE.fire(
        made,
        "deliver",
        actor=actor,
        writes=["delivered_at", "delivered_by", "is_provisional"],
        payload={"by": how, "delivered_at": made.delivered_at.isoformat()},
    )
    publish("counter_notice.waiting", made.public_id)


# --- staff record what courts and authorities say --------------------------------------------------------


@transaction.atomic
def end_proceeding(*, proceeding: Proceeding, by: User, result: str, ended_on: date) -> Proceeding:
    """A proceeding ended: what it found infringing stays down for good; the rest goes up.

    What another proceeding or a court's order keeps down stays; an interim injunction given in this one ends with it.
    """
    made = _checked_by(proceeding.counter_notice, by)
    proceeding = Proceeding.objects.select_for_update().get(pk=proceeding.pk)
    if proceeding.result != Proceeding.Result.PENDING:
        raise WrongState()
    if result not in set(Proceeding.Result.values) - {Proceeding.Result.PENDING}:
        raise Invalid(errors={"result": [_("Choose how the proceeding ended.")]})
    if not proceeding.filed_on <= ended_on <= clock.today():
        raise Invalid(errors={"ended_on": [_("Write a day from when it was filed until today.")]})
    proceeding.result, proceeding.ended_on, proceeding.recorded_by = result, ended_on, by
    proceeding.save(update_fields=["result", "ended_on", "recorded_by"])
    payload = {"proceeding": proceeding.public_id, "result": result}
    if proceeding.is_late:
        ledger.record(kind="counter_notice.late_proceeding_ended", subject=made.public_id, actor=by, payload=payload)
        return proceeding
    LIFECYCLE.fire(made, "end_proceeding", actor=by, payload=payload)
    kept_by_it = [link for link in _open_links(made) if proceeding.links.filter(pk=link.pk).exists()]
    if result == Proceeding.Result.INFRINGEMENT:
        counter_links.settle(kept_by_it, Outcome.KEPT, Ground.INFRINGEMENT)
    else:
        still = counter_links.kept_by_law([link.complaint_target_id for link in kept_by_it])
        free = [link for link in kept_by_it if link.complaint_target_id not in still]
        over = result == Proceeding.Result.OVER
        ground = Ground.PROCEEDING_OVER if over else Ground.NO_INFRINGEMENT
        counter_links.let_go(free, Outcome.RELEASED, ground, actor=by)
    _settled(made)
    return proceeding


@transaction.atomic
def record_order(
    *, counter_notice: CounterNotice, by: User, order: Ordered, links: Sequence[CounterNoticeTarget] | None = None
) -> CourtOrder:
    """The same as `court_orders.record_order`, for links that a counter-notice answers for; all of them if none is named."""
    every = {link.pk: link.complaint_target for link in counter_notice.links.select_related("complaint_target")}
    wanted = list(every) if links is None else [link.pk for link in links]
    if not wanted or not set(wanted) <= set(every):
        raise Invalid(errors={"links": [_("Choose among the links of this counter-notice.")]})
    rows = [every[pk] for pk in wanted]
    return court_orders.record_order(complaint=counter_notice.complaint, by=by, order=order, rows=rows)


# --- what every step asks first ---------------------------------------------------------------------------


def _locked(counter_notice: CounterNotice) -> CounterNotice:
    """The counter-notice under lock, after its complaint: whoever locks both does it in this order."""
    complaint = lock(counter_notice.complaint)
    made: CounterNotice = lock(counter_notice)
    made.complaint = complaint
    return made


def _checked_by(counter_notice: CounterNotice, by: User) -> CounterNotice:
    made = _locked(counter_notice)
    if not roles.is_reviewer(by):
        raise Forbidden()
    if made.has_party(by):
        raise OwnCase()
    return made


def _check_complainant(made: CounterNotice, by: User) -> None:
    if not acts_for_complainant(made.complaint, by, roles.MAY_COMPLAIN):
        raise Forbidden()


def _open_links(made: CounterNotice) -> list[CounterNoticeTarget]:
    found = list(
        made.links.filter(outcome__in=CounterNoticeTarget.OPEN)
        .select_related("complaint_target__target")
        .order_by("pk")
    )
    for link in found:
        link.counter_notice = made
    return found


def _chosen(
    made: CounterNotice,
    links: Sequence[CounterNoticeTarget] | None,
    *,
    among: Collection[str] = CounterNoticeTarget.OPEN,
) -> list[CounterNoticeTarget]:
    """The open links among those that were named, all of them if none were. Raises WrongState if one is not open."""
    open_links = {link.pk: link for link in _open_links(made) if link.outcome in among}
    if links is None:
        chosen = list(open_links.values())
    else:
        if any(link.pk not in open_links for link in links):
            raise WrongState()
        chosen = [open_links[link.pk] for link in links]
    if not chosen:
        raise WrongState()
    return chosen


def _settled(made: CounterNotice) -> CounterNotice:
    counter_links.move_on(made)
    publish("counter_notice.settled", made.public_id)
    return made


def _ids(links: Collection[CounterNoticeTarget]) -> list[str]:
    return [_id(link) for link in links]


def _id(link: CounterNoticeTarget) -> str:
    return link.complaint_target.target.public_id


def _require(**texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise Invalid(errors={name: [_("Say it in words that the other side can act on.")]})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

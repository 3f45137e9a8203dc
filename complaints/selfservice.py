"""Self-service takedown: the best complainants take down by themselves, and staff review a share of it.

Enter with 90 % upheld of at least 50 links decided within six months, as the owner of the rights and not an agent, after
a short test; stay while staff confirm 99 % of what they review; what was taken back before that is not confirmed. Each removal is a complaint that its holder decides:
hold, findings and a statement of reasons at once, and every way of redress that a decision of staff has. It is nobody's
word but the holder's: for its score it counts once staff reviewed it, against its shops once staff reviewed it or nobody
appealed in time.
Source: Amazon's Project Zero (docs/explanation/sources.md).
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import Organisation, User
from complaints import goodfaith, misuse, services
from complaints.abuse.letters import to_complainants
from complaints.counter_links import found_wrong
from complaints.deadlines import window
from complaints.goodfaith import score_of
from complaints.models import (
    Complaint,
    ComplaintTarget,
    CounterNotice,
    CounterNoticeTarget,
    Decision,
    Draft,
    Privilege,
    Removal,
    Suspension,
    TrainingAttempt,
)
from complaints.reasons import ITEMS, REASON
from complaints.regimes import REGIMES, Event
from complaints.rules import USUAL_DISMISSAL, USUAL_RULE
from complaints.selfservice_lifecycle import PRIVILEGE, has_passed
from complaints.services import Found, Notice
from complaints.training import PASS_MARK, QUESTIONS, RETRY_AFTER, TRIES, TRIES_WITHIN, correct_among
from core import clock, ledger
from core.crypto import derive
from core.errors import Forbidden, Invalid, WrongState
from core.ids import next_number
from core.lifecycle import lock
from core.outbox import publish
from filings.standing import require_to_complain

State = Privilege.State
#: links decided and share upheld within six months to enter; share confirmed to stay
ENTER_LINKS, ENTER_PERCENT, STAY_RATIO = 50, 90, 0.99
#: the share that was confirmed counts over this time; who lost the privilege earns none within it
STAY_TIME = timedelta(days=183)
#: it counts from so many reviewed links on, and from so many reversed ones: one mistake among a few may be chance, and of
#: two among fewer than twenty no run of confirmed ones makes 99 % again before two hundred were reviewed
STAY_LINKS, REVERSED_LINKS = 20, 2
#: the first removals of a holder are all reviewed, then so many of a hundred
FIRST_REVIEWED, SAMPLED_PERCENT = 10, 10


# --- earning it ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Condition:
    """One thing that the privilege needs, in words, and whether it is there."""

    words: str
    is_met: bool


def conditions(organisation: Organisation) -> list[Condition]:
    """What the privilege needs, each with whether this organisation has it."""
    score = score_of(organisation.pk)
    decided, percent = score.recent_decided, score.recent_upheld_percent
    return [
        Condition(_("You are the holder of the rights, not an agent."), _is_owner(organisation)),
        Condition(_("Your organisation is verified."), organisation.is_verified),
        Condition(
            _("At least %(need)d of your links were decided within six months: %(n)d.") % {"need": ENTER_LINKS, "n": decided},
            decided >= ENTER_LINKS,
        ),
        Condition(
            _("At least %(need)d %% of them were upheld and not reversed: %(n)d %%.") % {"need": ENTER_PERCENT, "n": percent},
            percent >= ENTER_PERCENT and decided > 0,
        ),
        Condition(
            _("No warning or suspension for misuse stands."),
            not Suspension.objects.standing().filter(organisation=organisation).exists(),
        ),
        Condition(
            _("Within the last %(days)d days you lost no self-service, by removals that were reversed or by staff.")
            % {"days": STAY_TIME.days},
            not _has_lost_one(organisation),
        ),
    ]  # fmt: skip


def _is_owner(organisation: Organisation) -> bool:
    return organisation.kind == Organisation.Kind.RIGHTS_HOLDER


def _has_lost_one(organisation: Organisation) -> bool:
    """Whether a privilege ended against it lately; who gives one up that is below the mark has lost it, too."""
    ended = [p for p in Privilege.objects.filter(organisation=organisation) if p.state == State.ENDED]
    since = clock.now() - STAY_TIME
    if any(
        p.ended_why in (Privilege.Ended.ACCURACY, Privilege.Ended.STAFF) and p.state_since_at > since for p in ended
    ):
        return True
    return bool(ended) and accuracy_of(ended[0]).is_below_the_mark


def standing_privilege(organisation: Organisation | None) -> Privilege | None:
    """The privilege that stands or is being trained for; None if there is none."""
    if organisation is None:
        return None
    return Privilege.objects.filter(organisation=organisation, state__in=[State.TRAINING, State.ACTIVE]).first()


def may_remove(user: User) -> bool:
    """Whether somebody may take down by themselves where they act now."""
    privilege = standing_privilege(user.organisation)
    return (
        privilege is not None
        and privilege.state == State.ACTIVE
        and has_passed(privilege, user)
        and _is_owner(privilege.organisation)
    )


@transaction.atomic
def ask(*, by: User) -> Privilege:
    """Ask for the privilege: the record is checked, then the test is open. Asked twice is asked once.

    Raises Forbidden, WrongState with what is missing.
    """
    organisation = lock(_administered(by))
    standing = standing_privilege(organisation)
    if standing is not None:
        return standing
    missing = [c.words for c in conditions(organisation) if not c.is_met]
    if missing:
        raise WrongState(_("This is not there yet: %(what)s") % {"what": " ".join(missing)})
    at = clock.now()
    # What was reviewed under an earlier one still counts: nobody is rid of it by giving up and asking again.
    earlier = Privilege.objects.filter(organisation=organisation).first()
    privilege = Privilege(
        number=next_number("PV", clock.today().year), organisation=organisation, asked_by=by, state_since_at=at,
        created_at=at, counts_since_at=earlier.counts_since_at if earlier else at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            privilege.save(force_insert=True)
    except IntegrityError as twice:
        raise WrongState() from twice
    score = score_of(organisation.pk)
    ledger.record(
        kind="privilege.ask", subject=privilege.public_id, actor=by,
        payload={
            "to": privilege.state, "organisation": organisation.public_id, "decided": score.recent_decided,
            "upheld_percent": score.recent_upheld_percent,
        },
    )  # fmt: skip
    return privilege


def _administered(by: User) -> Organisation:
    membership = require_to_complain(by)
    if membership.role not in roles.MAY_ADMINISTER:
        raise Forbidden()
    return membership.organisation


@transaction.atomic
def take_test(*, by: User, answers: dict[str, str]) -> TrainingAttempt:
    """Take the test; the first colleague who passes makes the privilege active, and each who passes may use it.

    Raises Forbidden, WrongState (no privilege, passed already, tried too often), Invalid naming what was not answered.
    """
    membership = require_to_complain(by)
    standing = standing_privilege(membership.organisation)
    if standing is None:
        raise WrongState(_("Ask for self-service first."))
    privilege = lock(standing)
    tries = may_try(privilege, by)
    if tries:
        raise WrongState(tries)
    open_ = [q.code for q in QUESTIONS if answers.get(q.code) not in dict(q.choices)]
    if open_:
        raise Invalid(errors={code: [_("Choose one answer.")] for code in open_})
    correct = correct_among(answers)
    attempt = TrainingAttempt.objects.create(
        privilege=privilege, by=by, answers={q.code: answers[q.code] for q in QUESTIONS}, correct=correct,
        questions=len(QUESTIONS), has_passed=correct >= PASS_MARK, at=clock.now(),
    )  # fmt: skip
    ledger.record(
        kind="privilege.test", subject=privilege.public_id, actor=by,
        payload={"correct": correct, "questions": len(QUESTIONS), "has_passed": attempt.has_passed},
    )  # fmt: skip
    if attempt.has_passed and privilege.state == State.TRAINING:
        privilege.notified_at = clock.now()
        PRIVILEGE.fire(privilege, "grant", actor=by, writes=["notified_at"])
        _tell(privilege, "privilege_granted")
    return attempt


def may_try(privilege: Privilege, by: User) -> str:
    """Why somebody cannot take the test now; empty if they can. A new privilege gives no new tries."""
    if privilege.attempts.filter(by=by, has_passed=True).exists():
        return _("You passed the test.")
    at = clock.now()
    failed = TrainingAttempt.objects.filter(
        by=by, privilege__organisation=privilege.organisation_id, has_passed=False, at__gt=at - TRIES_WITHIN
    )
    if failed.filter(at__gt=at - RETRY_AFTER).exists():
        return _("You can try again a day after the last test.")
    if failed.count() >= TRIES:
        return _("You tried three times within thirty days. Read the rules, and try again later.")
    return ""


# --- using it -----------------------------------------------------------------------------------------


@transaction.atomic
def remove(*, notice: Notice, by: User, draft: Draft | None = None) -> Complaint:
    """Take down what a notice names, at once. A draft sent twice is one removal.

    Raises Forbidden without the privilege, and everything that `submit_complaint` raises; whole shops, and what needs a
    comparison by a reviewer, are not taken down by oneself.
    """
    privilege = _privilege_of(by)
    _check_scope(notice)
    complaint = services.submit_complaint(notice=notice, by=by, draft=draft)
    if complaint.state != Complaint.State.SUBMITTED or Removal.objects.filter(complaint=complaint).exists():
        return complaint  # the draft had been sent before
    rule, facts = USUAL_RULE[notice.infringement], notice.description
    rows = list(complaint.targets.order_by("pk"))
    services.take_down_as_holder(
        complaint=complaint, by=by, findings=[Found(target=row, upheld=True, rule=rule, facts=facts) for row in rows]
    )
    complaint.refresh_from_db()
    earlier = Removal.objects.filter(privilege=privilege).count()
    Removal.objects.create(
        complaint=complaint, privilege=privilege, at=clock.now(),
        is_sampled=earlier < FIRST_REVIEWED or is_drawn(complaint.public_id), due_at=_end_of_appeals(complaint),
    )  # fmt: skip
    return complaint


def _end_of_appeals(complaint: Complaint) -> datetime:
    """When the shops' time to appeal is over, if they are told as late as may be."""
    told_at = complaint.deadline_at or clock.now()
    return window(REGIMES[complaint.regime], Event.DECISION_NOTIFIED, told_at).closes_at


def _privilege_of(by: User) -> Privilege:
    membership = require_to_complain(by)
    standing = standing_privilege(membership.organisation)
    if standing is None or standing.state != State.ACTIVE:
        raise Forbidden(_("Your organisation does not take down by itself. Send a complaint."))
    privilege = lock(standing)
    if privilege.state != State.ACTIVE or not has_passed(privilege, by):
        raise Forbidden(_("Take the test of self-service first."))
    if not _is_owner(membership.organisation):
        # It may have become an agent since it asked.
        raise Forbidden(_("Only the holder of the rights takes down by itself, not an agent. Send a complaint."))
    return privilege


def _check_scope(notice: Notice) -> None:
    errors: dict[str, list[str]] = {}
    shops = [link for link in notice.links if link.target is not None and link.target.kind not in ITEMS]
    if shops:
        errors["links"] = [_("A whole shop is not taken down by oneself. Send a complaint about it.")]
    reason = REASON.get(notice.infringement)
    if reason is not None and reason.attach:
        errors["infringement"] = [_("This needs a comparison by a reviewer. Send a complaint about it.")]
    if errors:
        raise Invalid(errors=errors)


def is_drawn(public_id: str) -> bool:
    """Whether a removal is drawn for review: by chance for everybody outside, and always the same for one removal."""
    key = derive(settings.SECRET_KEYS[-1], b"self-service-sample")
    drawn = hmac.new(key, public_id.encode(), sha256).digest()
    return int.from_bytes(drawn[:8]) % 100 < SAMPLED_PERCENT


# --- reviewing it ---------------------------------------------------------------------------------------


@transaction.atomic
def review(
    *, removal: Removal, by: User, wrong: Sequence[ComplaintTarget], reason: str, right: Sequence[ComplaintTarget] = ()
) -> Removal:
    """Staff review what a removal still holds down: it stands but for the links in `wrong`, which go up again.

    What its holder took back before a review for which it was drawn counts as not confirmed: nobody is rid of a mistake
    by undoing it once it has done its work. Of these the reviewer names in `right` those that infringed all the same.
    Raises Forbidden, OwnCase, WrongState if it was reviewed already, Invalid without a reason for a reversal, for links
    in `wrong` that are down no longer, for links in `right` that were not taken back. Below 99 % confirmed the
    privilege ends.
    """
    complaint = removal.complaint
    privilege = lock(standing_privilege(complaint.organisation) or removal.privilege)
    complaint, removal = lock(complaint), lock(removal)
    if not roles.is_reviewer(by):
        raise Forbidden()
    if complaint.has_party(by):
        raise services.OwnCase()
    if removal.reviewed_at is not None or any(row.complaint_id != complaint.pk for row in (*wrong, *right)):
        raise WrongState()
    held = set(complaint.targets.filter(outcome=ComplaintTarget.Outcome.UPHELD).values_list("pk", flat=True))
    if not {row.pk for row in wrong} <= held:
        raise Invalid(errors={"links": [_("Some of these links are down no longer. Name those that still are.")]})
    taken_back = set(taken_back_of(complaint).values_list("pk", flat=True))
    excused = {row.pk for row in right}
    if not excused <= taken_back:
        raise Invalid(errors={"right": [_("Name only links that the holder took back before the review.")]})
    if wrong and not reason.strip():
        raise Invalid(errors={"reason": [_("Say why, in words that both sides can answer.")]})
    at = clock.now()
    if wrong:
        # Before it is marked as reviewed: what was not, was not counted as upheld either.
        services.decide_anew(
            complaint=complaint, by=by, findings=[Found(row, False, USUAL_DISMISSAL, reason.strip()) for row in wrong]
        )
    else:
        ledger.record(kind="complaint.removal_confirmed", subject=complaint.public_id, actor=by)
    removal.taken_back_links = len(taken_back - excused) if removal.is_sampled else 0
    removal.reviewed_by, removal.reviewed_at, removal.reason = by, at, reason.strip()
    removal.reversed_links, removal.confirmed_links = len(wrong), len(held) - len(wrong)
    removal.stands_at, removal.due_at = removal.stands_at or at, None
    removal.save(
        update_fields=[
            "reviewed_by",
            "reviewed_at",
            "reason",
            "reversed_links",
            "confirmed_links",
            "taken_back_links",
            "stands_at",
            "due_at",
        ]
    )
    goodfaith.count(complaint.organisation_id, upheld=removal.confirmed_links)
    publish("removal.stands", complaint.public_id)
    _end_below_the_mark(privilege)
    return removal


def taken_back_of(complaint: Complaint) -> QuerySet[ComplaintTarget]:
    """Links of a removal that its holder withdrew, or gave up to a counter-notice: its own word that they need not be down."""
    withdrawn = Q(outcome=ComplaintTarget.Outcome.WITHDRAWN)
    conceded = Q(outcome=ComplaintTarget.Outcome.REINSTATED, answers__outcome=CounterNoticeTarget.Outcome.CONCEDED)
    return complaint.targets.filter(withdrawn | conceded).distinct()


@transaction.atomic
def let_stand(*, removal: Removal) -> None:
    """Nobody appealed against a removal in time: from now on it counts against its shops. A second time does nothing.

    For its holder it counts no more than before. When that time is over is the business of the room above.
    """
    complaint, removal = lock(removal.complaint), lock(removal)
    if removal.stands_at is not None:
        return
    removal.stands_at, removal.due_at = clock.now(), None
    removal.save(update_fields=["stands_at", "due_at"])
    ledger.record(kind="complaint.removal_stands", subject=complaint.public_id)
    publish("removal.stands", complaint.public_id)


@dataclass(frozen=True)
class Accuracy:
    """What staff confirmed of a holder's removals that they reviewed, in the time that counts."""

    confirmed: int
    reversed: int
    #: by their holder, before the review
    taken_back: int = 0

    @property
    def not_confirmed(self) -> int:
        return self.reversed + self.taken_back

    @property
    def reviewed(self) -> int:
        return self.confirmed + self.not_confirmed

    @property
    def percent(self) -> float | None:
        return round(100 * self.confirmed / self.reviewed, 1) if self.reviewed else None

    @property
    def is_below_the_mark(self) -> bool:
        is_enough = self.reviewed >= STAY_LINKS or self.not_confirmed >= REVERSED_LINKS
        return is_enough and self.confirmed < STAY_RATIO * self.reviewed


def accuracy_of(privilege: Privilege) -> Accuracy:
    """The last word counts: a link that was confirmed and then reversed is reversed, and the other way round.

    Whoever reversed it: somebody on appeal or on the merchant's answer, a proceeding, or a judgment.
    """
    since = max(privilege.counts_since_at, clock.now() - STAY_TIME)
    counted = Removal.objects.filter(
        complaint__organisation=privilege.organisation_id, reviewed_at__isnull=False, at__gte=since
    )
    sums = counted.aggregate(
        held=Sum(F("confirmed_links") + F("reversed_links")), taken_back=Sum("taken_back_links")
    )  # fmt: skip
    links = ComplaintTarget.objects.filter(complaint__removal__in=counted)
    # What was reversed before the review was no part of it.
    reversed_ = found_wrong(links, since="complaint__removal__reviewed_at").count()
    return Accuracy((sums["held"] or 0) - reversed_, reversed_, sums["taken_back"] or 0)


@transaction.atomic
def decided_anew(subject: str) -> None:
    """An appeal turned round what a review had confirmed: the share counts anew. Consumer of `complaint.decided_anew`."""
    _links_turned(Decision.objects.select_related("complaint__organisation").get(public_id=subject).complaint)


@transaction.atomic
def counter_notice_settled(subject: str) -> None:
    """A proceeding may have found links not to infringe: the share counts anew. Consumer of `counter_notice.settled`."""
    _links_turned(CounterNotice.objects.select_related("complaint__organisation").get(public_id=subject).complaint)


@transaction.atomic
def court_ordered(subject: str) -> None:
    """A judgment may have found links not to infringe: the share counts anew. Consumer of `complaint.ordered`."""
    _links_turned(Complaint.objects.select_related("organisation").get(public_id=subject))


def _links_turned(complaint: Complaint) -> None:
    standing = standing_privilege(complaint.organisation)
    if standing is not None:
        _end_below_the_mark(lock(standing))


def _end_below_the_mark(privilege: Privilege) -> None:
    accuracy = accuracy_of(privilege)
    if privilege.state == State.ACTIVE and accuracy.is_below_the_mark:
        _end(privilege, "end", Privilege.Ended.ACCURACY, None, {
            "confirmed": accuracy.confirmed, "reversed": accuracy.reversed, "taken_back": accuracy.taken_back,
        })  # fmt: skip


# --- ending it -----------------------------------------------------------------------------------------


@transaction.atomic
def take_away(*, privilege: Privilege, by: User, reason: str) -> Privilege:
    """Staff take the privilege away, with reasons. Raises Forbidden, Invalid, WrongState."""
    privilege = lock(privilege)
    PRIVILEGE.check(privilege, "take_away", by)
    _require(reason)
    privilege.reason = reason.strip()
    _end(privilege, "take_away", Privilege.Ended.STAFF, by, {})
    return privilege


@transaction.atomic
def give_up(*, privilege: Privilege, by: User) -> Privilege:
    """The holder gives its privilege up."""
    privilege = lock(privilege)
    _end(privilege, "give_up", Privilege.Ended.GIVEN_UP, by, {})
    return privilege


@transaction.atomic
def restore_privilege(*, privilege: Privilege, by: User, reason: str) -> Privilege:
    """Give an ended privilege back, as after an appeal; what was reviewed before counts no longer.

    Raises Forbidden, Invalid without a reason, WrongState (also while another one stands).
    """
    privilege = lock(privilege)
    PRIVILEGE.check(privilege, "restore", by)
    _require(reason)
    if standing_privilege(privilege.organisation) is not None:
        raise WrongState(_("Another privilege of this holder stands already."))
    privilege.reason, privilege.ended_why = reason.strip(), ""
    privilege.notified_at = privilege.counts_since_at = clock.now()
    PRIVILEGE.fire(
        privilege, "restore", actor=by, writes=["reason", "ended_why", "notified_at", "counts_since_at"]
    )  # fmt: skip
    _tell(privilege, "privilege_granted")
    return privilege


@transaction.atomic
def suspension_begun(subject: str) -> None:
    """A complainant was suspended: it does not take down by itself either. Consumer of `suspension.begun`."""
    suspension = Suspension.objects.get(public_id=subject)
    standing = standing_privilege(suspension.organisation)
    if standing is not None:
        privilege = lock(standing)
        if privilege.state != State.ENDED:
            _end(privilege, "end", Privilege.Ended.SUSPENDED, None, {"suspension": suspension.public_id})


def _require(reason: str) -> None:
    if not reason.strip():
        raise Invalid(errors={"reason": [_("Say why, in words that the holder can answer.")]})


def _end(privilege: Privilege, step: str, why: str, by: User | None, payload: dict[str, Any]) -> None:
    privilege.ended_why, privilege.notified_at = why, clock.now()
    PRIVILEGE.fire(
        privilege, step, actor=by, writes=["ended_why", "reason", "notified_at"], payload={"why": why, **payload, **misuse.cited([], misuse.SELF_SERVICE)}
    )  # fmt: skip
    publish("privilege.ended", privilege.public_id)
    _tell(privilege, "privilege_ended")


def _tell(privilege: Privilege, template: str) -> None:
    to_complainants(
        privilege.organisation_id, template, about=privilege.public_id,
        key=f"{template}:{privilege.public_id}:{privilege.state_since_at.timestamp():.6f}",
        context={"privilege": privilege, "accuracy": accuracy_of(privilege), "rule": misuse.rule_of_end(privilege)},
    )  # fmt: skip

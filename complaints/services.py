"""What people and the clock do with complaints. One function, one transaction, one ledger entry."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import roles
from accounts.models import Departure, Organisation, PowerOfAttorney, User
from complaints import counter_links, goodfaith, lanes, letters, passing
from complaints.deciders import barred
from complaints.errors import DecidedBefore, OwnCase, TakenBySomebodyElse
from complaints.lifecycle import LIFECYCLE, OPEN, until_admission
from complaints.models import (
    Complaint,
    ComplaintTarget,
    CounterNoticeTarget,
    Decision,
    Draft,
    Evidence,
    Finding,
    MatchedLink,
    ReviewerProfile,
    StaffNote,
    StatementOfReasons,
)
from complaints.reasons import REASON
from complaints.regimes import CN_ECOMMERCE, REGIMES, Regime
from complaints.representation import hold_power
from complaints.rules import fitting, rules_at
from core import clock, ledger
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.ids import next_number, next_numbers
from core.lifecycle import lock
from core.models import PrivateFile
from core.obligations import each_due
from core.outbox import publish
from core.sql import marks, write
from filings.agents import Act, power_to_complain
from filings.models import Filing, RightKind
from filings.standing import lock_right_to_complain_under, require_to_complain
from imageguard import watching
from imageguard.models import Match
from marketplace import pictures
from marketplace import services as enforcement
from marketplace.links import Resolved
from marketplace.models import Enforcement, Target
from marketplace.services import HoldCause
from rulebook.models import RuleVersion

State = Complaint.State
Outcome = ComplaintTarget.Outcome
CHUNK = 400
SHORTEST_DESCRIPTION = 20


# --- filing a complaint ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Notice:
    """What a complainant says: everything that the regime asks of a notice."""

    #: public id of the right on which it rests
    right: str
    infringement: str
    links: Sequence[Resolved]
    description: str
    signature: str
    good_faith: bool
    test_buy_order: str = ""
    language: str = "zh-hans"
    evidence: Sequence[PrivateFile] = ()
    #: the files stay between complainant and platform
    evidence_is_private: bool = False


@transaction.atomic
def submit_complaint(
    *, notice: Notice, by: User, draft: Draft | None = None, on_behalf_of: Organisation | None = None,
    is_automated: bool = False, channel: str = Complaint.Channel.ACCOUNT,
) -> Complaint:  # fmt: skip
    """File a notice of infringement against every target that its links name.

    A draft becomes a complaint once: sent again, it answers with the complaint that it became. One that is automated
    is sent by nobody's hand, on behalf of an organisation that `by` signed for. By the public form (`channel`) somebody
    complains who proved a mailbox, under a right that came with the notice; staff look at both together. Copies of the original whose
    certificate it rests on are complained of with it. Its lane is that of the complainant at this moment. Raises Forbidden,
    Suspended, TooManyOpen, NotYours, Invalid (each missing element by its field). Source: E-Commerce Law art. 42.
    """
    organisation = _who_complains(by, on_behalf_of, channel)
    if draft is not None:
        draft = lock(draft)
        if draft.organisation_id != organisation.pk:
            raise NotYours()
        if draft.complaint_id:
            return Complaint.objects.get(pk=draft.complaint_id)
    where = lanes.place_of_a_notice(organisation)
    filing = _right_of(notice, organisation)
    regime = _check_notice(notice, filing, organisation, where, channel)
    power = _power_used(notice, filing, organisation)
    at = clock.now()
    # Drawn after every wait for a lock: the numbers are drawn by all.
    complaint = Complaint(
        number=next_number("C", clock.today().year), organisation=organisation, filed_by=by, filing=filing,
        regime=regime.code, infringement=notice.infringement, description=notice.description,
        test_buy_order=notice.test_buy_order, signature=notice.signature, good_faith_at=at,
        language=notice.language, state=State.SUBMITTED, state_since_at=at, created_at=at, risk=_risk(notice),
        lane=where.lane, lane_reason=where.reason, lane_score=where.score.value, power=power,
        holder_id=None if power is None else power.holder_id, channel=channel,
    )  # fmt: skip
    complaint.deadline_at = until_admission(complaint)
    write([complaint])
    targets = [_capture(complaint, link, link.target) for link in notice.links if link.target is not None]
    write(targets)
    matches = _complain_of_matches(complaint, targets, None if is_automated else by)
    pictures.wanted(targets=[t.target for t in targets], cause=complaint.public_id)
    _attach(complaint, notice.evidence, by, is_private=notice.evidence_is_private)
    if draft is not None:
        draft.complaint = complaint
        draft.save(update_fields=["complaint"])
    ledger.record(
        kind="complaint.submit",
        subject=complaint.public_id,
        actor=by,
        payload={
            "to": complaint.state,
            "number": complaint.number,
            "filing": notice.right,
            "infringement": notice.infringement,
            "lane": [where.lane, where.reason, where.score.value],
            "description_sha256": _digest(notice.description),
            "evidence": [file.sha256 for file in notice.evidence],
            "targets": {t.target.public_id: t.snapshot_hash for t in targets},
            **({"matches": matches} if matches else {}),
            **({"is_automated": True} if is_automated else {}),
            **({"channel": channel} if channel != Complaint.Channel.ACCOUNT else {}),
            **({"power": power.public_id, "holder": power.holder.public_id} if power else {}),
        },
    )
    publish("complaint.submitted", complaint.public_id)
    return complaint


def _who_complains(by: User, on_behalf_of: Organisation | None, channel: str) -> Organisation:
    membership = require_to_complain(by, organisation=on_behalf_of)
    if channel == Complaint.Channel.ACCOUNT and not membership.organisation.is_verified:
        raise Forbidden(_("Your organisation must be verified before it can complain. Submit its papers first."))
    return membership.organisation


def _right_of(notice: Notice, organisation: Organisation) -> Filing | None:
    """The right on which a notice rests, locked; None if it names none. Raises NotYours.

    Notices under one right take turns, so that the same link is not complained of twice at once.
    """
    if not notice.right:
        return None
    filing = lock_right_to_complain_under(organisation, notice.right)
    if filing is None:
        raise NotYours()
    return filing


def _act_of(notice: Notice) -> Act:
    named = [link for link in notice.links if link.target is not None]
    places = {link.target.marketplace.slug for link in named if link.target is not None}
    return Act(notice.infringement, {str(link.scene) for link in named}, places)


def _power_used(notice: Notice, filing: Filing | None, organisation: Organisation) -> PowerOfAttorney | None:
    """The power under which an agency sends a notice, locked: whoever revokes it waits, or comes first. Raises Forbidden."""
    if filing is None or filing.organisation_id == organisation.pk:
        return None
    power, _faults = power_to_complain(organisation.pk, filing, _act_of(notice))
    power = None if power is None else lock(power)
    if power is None or not power.is_in_force():
        raise Forbidden(_("Your power of attorney ended at this moment. Nothing was sent."))
    return power


def _faults_of_power(notice: Notice, filing: Filing | None, organisation: Organisation) -> dict[str, str]:
    if filing is None or filing.organisation_id == organisation.pk:
        return {}
    return power_to_complain(organisation.pk, filing, _act_of(notice))[1]


def _check_notice(
    notice: Notice, filing: Filing | None, organisation: Organisation, where: lanes.Placed, channel: str
) -> Regime:
    """The regime that governs the notice. Raises Invalid with every fault by its field."""
    targets = [link.target for link in notice.links if link.target is not None]
    prefetch_related_objects(targets, "marketplace", "shop")
    laws = {t.marketplace.regime for t in targets}
    # Without links, or under several laws, the notice is refused; its other elements are looked at all the same.
    regime = REGIMES[laws.pop()] if len(laws) == 1 else CN_ECOMMERCE
    faults = {
        "filing": _faults_of_right(filing, channel),
        "links": _faults_of_links(notice, filing, targets, where),
        "infringement": _faults_of_infringement(notice, filing, targets),
        "evidence": _faults_of_evidence(notice),
    }
    present = {
        "filing": filing is not None,
        "signature": notice.signature.strip(),
        "links": notice.links,
        "description": len(notice.description.strip()) >= SHORTEST_DESCRIPTION,
        "contact": organisation.address or organisation.contact_phone,
        "good_faith": notice.good_faith,
    }
    for element in regime.notice:
        if not present[element.field]:
            faults[element.field] = [*faults.get(element.field, ()), element.missing]
    for field, sentence in _faults_of_power(notice, filing, organisation).items():
        faults[field] = [*faults.get(field, ()), sentence]
    if errors := {field: sentences for field, sentences in faults.items() if sentences}:
        raise Invalid(errors=errors)
    return regime


def _faults_of_right(filing: Filing | None, channel: str) -> list[str]:
    if filing is None or filing.is_in_force():
        return []
    if channel == Complaint.Channel.PUBLIC_FORM and filing.waits_with_notice:
        return []
    return [_("This right is not in force today. Renew it, or choose another one.")]


def _faults_of_links(
    notice: Notice, filing: Filing | None, targets: Sequence[Target], where: lanes.Placed
) -> list[str]:
    if len(notice.links) > where.terms.links:
        return [lanes.too_many_links(len(notice.links), where)]
    faults = [
        _("“%(link)s”: %(why)s") % {"link": link.link[:80], "why": link.message}
        for link in notice.links
        if link.target is None
    ][:10]
    if len({t.marketplace.regime for t in targets}) > 1:
        faults.append(_("The links lie on marketplaces under different laws. File one complaint for each."))
    if len({t.pk for t in targets}) < len(targets):
        faults.append(_("Some links name the same thing twice. Remove the repeated ones."))
    if faults or filing is None:
        return faults
    genuine, complained = _known_of(filing, targets)
    return [
        _("“%(target)s” is sold by “%(shop)s”, a genuine seller of this right. Remove the link.")
        % {"target": str(target)[:60], "shop": str(target.seller)[:60]}
        for target in [t for t in targets if t.seller.pk in genuine][:10]
    ] + [
        _("You already complained of “%(target)s” under this right in %(number)s.")
        % {"target": str(row.target)[:60], "number": row.complaint.number}
        for row in (_rows(complained[:10]) if complained else ())
    ]


def _faults_of_infringement(notice: Notice, filing: Filing | None, targets: Sequence[Target]) -> list[str]:
    reason = REASON.get(notice.infringement)
    if reason is None or (filing is not None and filing.kind not in reason.rights):
        return [_("This kind of infringement does not fit the chosen right. Choose another kind.")]
    return [
        _("This kind of infringement does not fit “%(target)s”. Choose another kind, or complain of it separately.")
        % {"target": str(target)[:60]}
        for target in targets
        if target.kind not in reason.targets
    ][:1]


def _faults_of_evidence(notice: Notice) -> list[Any]:
    reason = REASON.get(notice.infringement)
    return [reason.attach] if reason and reason.attach and not notice.evidence else []


def _known_of(filing: Filing, targets: Sequence[Target]) -> tuple[set[int], list[int]]:
    """Shops among the targets' sellers that the holder named as genuine, and links in its open complaints, by their ids.

    Mostly there are none, and every notice asks: one statement, which Django's ORM takes four times as long to build.
    """
    sellers, things = {t.seller.pk for t in targets}, {t.pk for t in targets}
    if not things:
        return set(), []
    standing = (Outcome.PENDING, Outcome.UPHELD)
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(
            f"SELECT shop_id, NULL FROM filings_genuineseller WHERE filing_id = %s AND shop_id IN ({marks(sellers)}) "  # noqa: S608
            "UNION ALL SELECT NULL, link.id FROM complaints_complainttarget link "
            "JOIN complaints_complaint complaint ON complaint.id = link.complaint_id "
            f"WHERE link.target_id IN ({marks(things)}) AND link.outcome IN ({marks(standing)}) "
            f"AND complaint.filing_id = %s AND complaint.state IN ({marks(OPEN)})",
            [filing.pk, *sellers, *things, *standing, filing.pk, *OPEN],
        )
        rows = cursor.fetchall()
    return {shop for shop, _link in rows if shop}, sorted(link for _shop, link in rows if link)


def _rows(pks: Sequence[int]) -> QuerySet[ComplaintTarget]:
    return ComplaintTarget.objects.filter(pk__in=pks).select_related("target", "complaint").order_by("pk")


def _risk(notice: Notice) -> int:
    """How early a reviewer should look, 0 to 100: danger to buyers, then reach."""
    dangerous = notice.infringement in ("counterfeit", "forged_authorisation")
    return min(100, (50 if dangerous else 20) + min(50, len(notice.links) // 10))


def _capture(complaint: Complaint, link: Resolved, target: Target) -> ComplaintTarget:
    """Keep how a target looked when it was complained of, with the hash that the ledger remembers."""
    snapshot = {
        "target": target.public_id,
        "marketplace": target.marketplace.slug,
        "kind": target.kind,
        "external_id": target.external_id,
        "url": target.url,
        "title": target.title,
        "description": target.description,
        "category": target.category,
        "price": None if target.price is None else str(target.price),
        "currency": target.currency,
        "images": target.images,
        "attributes": target.attributes,
        "seller": target.seller.title,
        "seller_id": target.seller.external_id,
        "version": target.version,
        "observed": target.observed,
        "last_seen_at": target.last_seen_at.isoformat(),
    }
    return ComplaintTarget(
        complaint=complaint, target=target, marketplace_id=target.marketplace_id, scene=link.scene, link=link.link[:1000],
        seconds=link.seconds,
        snapshot=snapshot, snapshot_hash=ledger.payload_hash(snapshot), captured_at=complaint.created_at,
    )  # fmt: skip


def _complain_of_matches(complaint: Complaint, targets: Sequence[ComplaintTarget], by: User | None) -> list[str]:
    """Join each link to the copies that were found under it, in a complaint that rests on their original's certificate.

    What the holder had still to decide about is complained of now; what an earlier complaint named keeps its state.
    """
    if complaint.filing.kind != RightKind.FIRST_PUBLICATION:
        return []
    links = {ct.target_id: ct for ct in targets}
    found: list[Match] = []
    for start in range(0, len(targets), CHUNK):
        some = Match.objects.filter(original__filing=complaint.filing, target__in=list(links)[start : start + CHUNK])
        joined = some.filter(state__in=[Match.State.CONFIRMED, Match.State.COMPLAINED])
        found += joined.order_by("pk").select_for_update(of=("self",), no_key=True)
    MatchedLink.objects.bulk_create([MatchedLink(link=links[m.target_id], match=m) for m in found], batch_size=CHUNK)
    waiting = [match for match in found if match.state == Match.State.CONFIRMED]
    watching.complained(matches=waiting, by=by, complaint=complaint.public_id)
    return [match.public_id for match in found]


def _attach(complaint: Complaint, files: Iterable[PrivateFile], by: User, *, is_private: bool = False) -> None:
    handed_in = {file.pk: file for file in files}
    if not handed_in:
        return
    sides = {complaint.organisation_id, complaint.holder_id}
    if any(file.organisation_id is None or file.organisation_id not in sides for file in handed_in.values()):
        raise NotYours()
    if Evidence.objects.filter(file__in=handed_in).exists():
        raise Invalid(errors={"evidence": [_("One of the files belongs to another case. Upload it anew.")]})
    Evidence.objects.bulk_create(
        [
            Evidence(complaint=complaint, file=f, added_by=by, is_shown_to_merchant=not is_private)
            for f in handed_in.values()
        ]
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# --- at the door -----------------------------------------------------------------------------------


@transaction.atomic
def accept(*, complaint: Complaint, by: User) -> Complaint:
    """The notice has all its elements and goes to decision."""
    complaint = _taken(complaint, by)
    hold_power(complaint)
    profile = ReviewerProfile.objects.filter(person=by).first()
    if profile is not None and ReviewerProfile.Queue.DECIDE not in profile.queues:
        # Whoever works at the door alone has done their part.
        complaint.assigned_to = None
    LIFECYCLE.fire(complaint, "accept", actor=by, writes=["assigned_to"])
    publish("complaint.accepted", complaint.public_id)
    return complaint


@transaction.atomic
def return_for_supplement(*, complaint: Complaint, by: User, missing: str) -> Complaint:
    """Send the notice back with the words that say what is missing. Raises Invalid without them."""
    _require(missing=missing)
    complaint = _taken(complaint, by)
    complaint.supplement_request = missing
    LIFECYCLE.fire(complaint, "return", actor=by, writes=["assigned_to", "supplement_request"])
    publish("complaint.returned", complaint.public_id)
    return complaint


@transaction.atomic
def reject(*, complaint: Complaint, by: User, reason: str) -> Complaint:
    """Refuse a notice that can never be accepted, with reasons."""
    _require(reason=reason)
    complaint = _taken(complaint, by)
    complaint.supplement_request = reason
    LIFECYCLE.fire(complaint, "reject", actor=by, writes=["assigned_to", "supplement_request"])
    publish("complaint.rejected", complaint.public_id)
    return complaint


@transaction.atomic
def supplement(
    *,
    complaint: Complaint,
    by: User,
    text: str,
    test_buy_order: str = "",
    evidence: Sequence[PrivateFile] = (),
    evidence_is_private: bool = False,
) -> Complaint:
    """The complainant adds what was missing; the notice is checked again."""
    _require(text=text)
    complaint = lock(complaint)
    stamp = clock.now().strftime("%Y-%m-%d")
    complaint.description = f"{complaint.description}\n\n[{stamp}] {text}"
    complaint.test_buy_order = test_buy_order or complaint.test_buy_order
    LIFECYCLE.fire(
        complaint,
        "supplement",
        actor=by,
        writes=["description", "test_buy_order"],
        payload={"description_sha256": _digest(complaint.description), "evidence": [file.sha256 for file in evidence]},
    )
    _attach(complaint, evidence, by, is_private=evidence_is_private)
    return complaint


@transaction.atomic
def adopt(*, complaint: Complaint, by: User) -> Complaint:
    """The rights holder stands by what its agency complained of: it is decided whatever becomes of the power.

    Raises Forbidden, WrongState. Source: Civil Code of the PRC, art. 171 (ratification).
    """
    complaint = lock(complaint)
    LIFECYCLE.fire(complaint, "adopt", actor=by)
    complaint.adopted_at = clock.now()
    complaint.save(update_fields=["adopted_at"])
    return complaint


@transaction.atomic
def assign(*, complaint: Complaint, by: User, to: User | None) -> Complaint:
    """Take a case, hand it on, or give it back. Taking one from somebody else needs a senior reviewer."""
    complaint = lock(complaint)
    if not roles.is_reviewer(by) or (to is not None and not roles.is_reviewer(to)):
        raise Forbidden()
    if complaint.assigned_to_id not in (None, by.pk) and not roles.is_senior(by):
        raise TakenBySomebodyElse()
    put_on_desk(complaint=complaint, to=to, by=by)
    return complaint


def put_on_desk(*, complaint: Complaint, to: User | None, by: User | None, why: str = "") -> None:
    """Give a locked case to somebody, or back to all; by the clock it says why. Raises OwnCase, DecidedBefore."""
    if to is not None and complaint.has_party(to):
        raise OwnCase()
    if to is not None and to.public_id in barred([complaint])[complaint.public_id]:
        raise DecidedBefore()
    holder = complaint.assigned_to if why else None
    complaint.assigned_to, complaint.assigned_at = to, clock.now() if to else None
    complaint.save(update_fields=["assigned_to", "assigned_at"])
    ledger.record(
        kind="complaint.assigned",
        subject=complaint.public_id,
        actor=by,
        payload={
            "to": to.public_id if to else None,
            **({"why": why} if why else {}),
            **({"from": holder.public_id} if holder else {}),
        },
    )


def _taken(complaint: Complaint, by: User) -> Complaint:
    """The case under lock, taken by `by`: nobody decides what somebody else is working on, or their own."""
    complaint = lock(complaint)
    if not roles.is_reviewer(by):
        raise Forbidden()
    if complaint.assigned_to_id not in (None, by.pk):
        raise TakenBySomebodyElse()
    if complaint.has_party(by):
        raise OwnCase()
    if by.public_id in barred([complaint])[complaint.public_id]:
        raise DecidedBefore()
    complaint.assigned_to = by
    return complaint


def _require(**texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise Invalid(errors={name: [_("Say why, in words that the other side can act on.")]})


# --- deciding --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What a reviewer finds of one target: upheld or dismissed, under which rule, on which facts."""

    target: ComplaintTarget
    upheld: bool
    rule: str
    facts: str


@transaction.atomic
def decide(*, complaint: Complaint, by: User, findings: Sequence[Found]) -> Decision:
    """Decide an accepted complaint, on every target that is still pending; hold down what is upheld.

    Writes decision, findings, and one statement of reasons for each shop; a target's state on the
    marketplace follows from the holds. Raises Forbidden, OwnCase, TakenBySomebodyElse, WrongState,
    Invalid. Source: E-Commerce Law art. 42; DSA art. 17.
    """
    return _decide(_taken(complaint, by), by, findings)


@transaction.atomic
def take_down_as_holder(*, complaint: Complaint, by: User, findings: Sequence[Found]) -> Decision:
    """Uphold one's own complaint on every link, at once, by the privilege of self-service (`selfservice.py`).

    The decision is the holder's, made by a person: it is not automated, and says whose it is. Raises Forbidden,
    WrongState, Invalid. Source: DSA art. 17 (a statement of reasons whoever restricts).
    """
    return _decide(lock(complaint), by, findings, uphold="remove")


def _decide(complaint: Complaint, by: User, findings: Sequence[Found], *, uphold: str = "uphold") -> Decision:
    hold_power(complaint)
    LIFECYCLE.check(complaint, uphold, by)
    pending = _links(complaint, outcome=Outcome.PENDING)

    def count(upheld: Sequence[ComplaintTarget], dismissed: Sequence[ComplaintTarget]) -> None:
        # What a holder decides for itself counts once somebody else has looked at it.
        if uphold != "remove":
            goodfaith.count(complaint.organisation_id, upheld=len(upheld), dismissed=len(dismissed))

    step = uphold if any(f.upheld for f in findings) else "dismiss"
    decision, _upheld, _dismissed = _write_decision(
        complaint, by, findings, links=pending, step=step, writes=["assigned_to"], count=count
    )
    publish("complaint.decided", complaint.public_id)
    return decision


@transaction.atomic
def decide_anew(
    *, complaint: Complaint, by: User, findings: Sequence[Found], appeal: str = "", answer: str = ""
) -> Decision:
    """Turn round what was decided on some links before: an appeal or a merchant's answer was right, or a review of what
    a holder took down.

    The earlier decision stays as it was said, and this one is added. What is dismissed now is held no longer; what is
    upheld now is held down, and its shop gets a statement of reasons. Who may appeal, until when, and who decides it is
    the business of the room above; `appeal` is the public id of the appeal, `answer` that of the counter-notice, whose
    own letters tell both sides; both are empty for a review. Raises Forbidden, OwnCase, WrongState (also for a link
    whose outcome is that already), Invalid. Source: DSA art. 20(4).
    """
    complaint = lock(complaint)
    LIFECYCLE.check(complaint, "decide_anew", by)
    if complaint.has_party(by):
        raise OwnCase()
    decided = _links(complaint, pk__in=[f.target.pk for f in findings], outcome__in=[Outcome.UPHELD, Outcome.DISMISSED])
    was_upheld = {pk: ct.outcome == Outcome.UPHELD for pk, ct in decided.items()}
    if not findings or any(was_upheld.get(f.target.pk) == f.upheld for f in findings):
        raise WrongState()
    ordered = counter_links.last_orders(decided)
    if any(ordered.get(f.target.pk, f.upheld) != f.upheld for f in findings):
        raise WrongState(_("A court ordered the opposite about one of these links: only a court can change that."))

    def count(upheld: Sequence[ComplaintTarget], dismissed: Sequence[ComplaintTarget]) -> None:
        goodfaith.count_upheld_anew(complaint, goodfaith.words_on(upheld))
        goodfaith.count_lost({complaint: len(dismissed)}, "reversed")

    decision, upheld, dismissed = _write_decision(
        complaint, by, findings, links=decided, step="decide_anew", appeal=appeal or answer, count=count
    )
    counter_links.end_with_complaint(
        complaint=complaint,
        rows=dismissed,
        outcome=CounterNoticeTarget.Outcome.RELEASED,
        ground=CounterNoticeTarget.Ground.REVERSED,
    )
    if upheld and LIFECYCLE.allows(complaint, "reopen", None):
        # The shops that are held now have as long to answer as anybody before them.
        LIFECYCLE.fire(complaint, "reopen", actor=None, payload={"decision": decision.public_id})
    if not answer:
        letters.tell_anew(decision)
    publish("complaint.decided_anew", decision.public_id)
    return decision


def _links(complaint: Complaint, **which: Any) -> dict[int, ComplaintTarget]:
    links = complaint.targets.filter(**which).select_related("target__shop", "target__marketplace")
    return {link.pk: link for link in links}


def _write_decision(
    complaint: Complaint, by: User, findings: Sequence[Found], *, links: dict[int, ComplaintTarget], step: str,
    count: Callable[[Sequence[ComplaintTarget], Sequence[ComplaintTarget]], None], writes: Sequence[str] = (),
    appeal: str = "",
) -> tuple[Decision, list[ComplaintTarget], list[ComplaintTarget]]:  # fmt: skip
    """Decide on every one of `links`, for the first time or anew: also returns those upheld, and those dismissed.

    `count` is told both between the holds and the numbers, where figures are locked. Raises what `_check_findings` does.
    """
    rules = rules_at(complaint)
    _check_findings(findings, links, rules, right=complaint.filing.kind)
    decision = Decision.objects.create(complaint=complaint, decided_by=by, decided_at=clock.now(), on_appeal=appeal)
    upheld = [links[f.target.pk] for f in findings if f.upheld]
    dismissed = [links[f.target.pk] for f in findings if not f.upheld]
    held = [link for link in dismissed if link.outcome == Outcome.UPHELD]
    _set_outcome(upheld, Outcome.UPHELD)
    _set_outcome(dismissed, Outcome.DISMISSED)
    complaint.upheld_before = complaint.upheld_before or bool(upheld)
    LIFECYCLE.fire(
        complaint,
        step,
        actor=by,
        writes=[*writes, "upheld_before"],
        payload={
            "decision": decision.public_id,
            **({"appeal": appeal} if appeal else {}),
            "findings": {links[f.target.pk].target.public_id: [f.upheld, f.rule] for f in findings},
            "rules": {code: rules[code].cited() for code in sorted({f.rule for f in findings})},
        },
    )
    enforcement.release_holds(
        cause=complaint.public_id,
        targets=[link.target for link in held],
        reason=gettext_noop("the decision was reversed"),
        actor=by,
    )
    enforcement.place_holds(
        targets=[link.target for link in upheld],
        cause=HoldCause(case=complaint.public_id, reason=complaint.number),
        actor=by,
    )
    count(upheld, dismissed)
    # Last: the numbers of statements are drawn by all, and whoever has drawn one waits for nobody any more.
    _write_findings(decision, findings, upheld, rules)
    return decision, upheld, dismissed


@transaction.atomic
def readmit(*, complaint: Complaint, by: User, appeal: str) -> Complaint:
    """Accept a notice that was rejected at the door, because an appeal against that was right; it goes to decision.

    Raises Forbidden, OwnCase, WrongState.
    """
    complaint = lock(complaint)
    if complaint.has_party(by):
        raise OwnCase()
    # Whoever rejected it does not find it on their desk again.
    complaint.assigned_to = None
    LIFECYCLE.fire(complaint, "readmit", actor=by, writes=["assigned_to"], payload={"appeal": appeal})
    publish("complaint.accepted", complaint.public_id)
    return complaint


def _write_findings(
    decision: Decision,
    findings: Sequence[Found],
    upheld: Sequence[ComplaintTarget],
    rules: dict[str, RuleVersion],
) -> None:
    """The findings of a decision, each upheld one in the statement of reasons to its shop."""
    statements = _state_reasons(decision, upheld)
    sellers = {ct.pk: ct.target.seller.pk for ct in upheld}
    of_shop = {s: [ct for ct in upheld if sellers[ct.pk] == shop] for shop, s in statements.items()}
    passing.record_notices(of_shop, by=decision.decided_by)
    Finding.objects.bulk_create(
        [
            Finding(
                decision=decision, complaint_target_id=f.target.pk, rule=f.rule, rule_version=rules[f.rule],
                facts=f.facts,
                outcome=Outcome.UPHELD if f.upheld else Outcome.DISMISSED,
                statement=statements[sellers[f.target.pk]] if f.upheld else None,
            )
            for f in findings
        ],
        batch_size=CHUNK,
    )  # fmt: skip


def _set_outcome(rows: Sequence[ComplaintTarget], outcome: str) -> None:
    for start in range(0, len(rows), CHUNK):
        ids = [row.pk for row in rows[start : start + CHUNK]]
        ComplaintTarget.objects.filter(pk__in=ids).update(outcome=outcome)


def _check_findings(
    findings: Sequence[Found], pending: dict[int, ComplaintTarget], rules: dict[str, RuleVersion], *, right: str
) -> None:
    named = [f.target.pk for f in findings]
    if len(named) != len(set(named)) or not set(named) <= set(pending):
        raise WrongState()
    if set(named) != set(pending):
        raise Invalid(
            errors={"findings": [_("Decide on every link: %(n)d are still open.") % {"n": len(pending) - len(named)}]}
        )
    for f in findings:
        rule = rules.get(f.rule)
        kind = pending[f.target.pk].target.kind
        if rule is None or rule.upholds != f.upheld or not rule.fits(right=right, kinds=[kind]):
            codes = [r.code for r in fitting(rules, right=right, kinds=[kind]) if r.upholds == f.upheld]
            said = _("Choose a rule that fits this right and carries this outcome: %(rules)s.")
            raise Invalid(errors={"rule": [said % {"rules": ", ".join(codes)}]})
        if not f.facts.strip():
            raise Invalid(errors={"facts": [_("Write the facts on which the decision rests.")]})


def _state_reasons(decision: Decision, upheld: Sequence[ComplaintTarget]) -> dict[int, StatementOfReasons]:
    """One statement of reasons for each shop whose targets go down, by shop."""
    shops = {ct.target.seller.pk: ct.target.seller for ct in upheld}
    numbers = next_numbers("S", clock.today().year, len(shops))
    made = StatementOfReasons.objects.bulk_create(
        [
            StatementOfReasons(decision=decision, shop=shop, number=number, created_at=decision.decided_at)
            for shop, number in zip(shops.values(), numbers, strict=True)
        ]
    )
    return {statement.shop_id: statement for statement in made}


# --- afterwards ------------------------------------------------------------------------------------


@transaction.atomic
def withdraw(
    *, complaint: Complaint, by: User, targets: Sequence[ComplaintTarget] | None = None, reason: str = ""
) -> Complaint:
    """Withdraw a complaint, or some of its links, at any time; what only it held down goes up again."""
    complaint = lock(complaint)
    LIFECYCLE.check(complaint, "withdraw", by)
    live = complaint.targets.filter(outcome__in=[Outcome.PENDING, Outcome.UPHELD]).select_related("target")
    chosen = list(live if targets is None else live.filter(pk__in=[t.pk for t in targets]))
    if not chosen:
        raise WrongState()
    upheld = goodfaith.upheld_among(chosen)
    _set_outcome(chosen, Outcome.WITHDRAWN)
    enforcement.release_holds(
        cause=complaint.public_id,
        targets=[t.target for t in chosen],
        reason=gettext_noop("complaint withdrawn"),
        actor=by,
    )
    goodfaith.count_lost({complaint: upheld}, "withdrawn")
    payload = {"targets": [t.target.public_id for t in chosen], "has_reason": bool(reason)}
    if complaint.targets.filter(outcome__in=[Outcome.PENDING, Outcome.UPHELD]).exists():
        ledger.record(kind="complaint.links_withdrawn", subject=complaint.public_id, actor=by, payload=payload)
    else:
        LIFECYCLE.fire(complaint, "withdraw", actor=by, payload=payload)
    counter_links.end_with_complaint(complaint=complaint, rows=chosen)
    if reason.strip():
        StaffNote.objects.create(complaint=complaint, author=by, text=reason)
    publish("complaint.withdrawn", complaint.public_id)
    return complaint


@transaction.atomic
def add_note(*, complaint: Complaint, by: User, text: str) -> StaffNote:
    """A note among staff; the parties never see it."""
    if not by.is_staff:
        raise Forbidden()
    _require(text=text)
    return StaffNote.objects.create(complaint=complaint, author=by, text=text, created_at=clock.now())


@transaction.atomic
def read_statement(*, statement: StatementOfReasons, by: User) -> None:
    """The merchant opened a statement of reasons: the first time is kept, as proof of delivery."""
    if by.is_staff or statement.first_read_at:
        return
    first = StatementOfReasons.objects.filter(pk=statement.pk, first_read_at__isnull=True)
    if first.update(first_read_at=clock.now()):
        ledger.record(kind="statement.read", subject=statement.public_id, actor=by)


# --- drafts ----------------------------------------------------------------------------------------


@transaction.atomic
def keep_draft(*, public_id: str, by: User, data: dict[str, Any]) -> Draft:
    """Keep a complaint that is being written, under the id that its page was given.

    One that was sent is answered as it is and not changed any more. Raises Forbidden, NotYours.
    """
    draft = _draft_to_write(public_id, by)
    if draft.complaint_id is None:
        draft.data, draft.updated_at = data, clock.now()
        draft.save(update_fields=["data", "updated_at"])
    return draft


@transaction.atomic
def begin_draft_for(*, organisation: Organisation, author: User, data: dict[str, Any]) -> Draft:
    """Begin a complaint for an organisation, which somebody of it looks at, signs and sends. Raises Forbidden, NotForMerchants."""
    require_to_complain(author, organisation=organisation)
    return Draft.objects.create(organisation=organisation, created_by=author, data=data)


@transaction.atomic
def change_draft_files(
    *, public_id: str, by: User, add: Sequence[PrivateFile] = (), remove: Sequence[str] = ()
) -> Draft:
    """Put files to a draft, or take some away by their public ids. Raises Forbidden, NotYours."""
    draft = _draft_to_write(public_id, by)
    if draft.complaint_id is None:
        draft.files.remove(*draft.files.filter(public_id__in=remove))
        draft.files.add(*add)
    return draft


@transaction.atomic
def discard_draft(*, draft: Draft, by: User) -> None:
    """Throw a draft away. Raises WrongState for one that was sent."""
    draft = _draft_to_write(draft.public_id, by)
    if draft.complaint_id is not None:
        raise WrongState()
    draft.delete()


def _draft_to_write(public_id: str, by: User) -> Draft:
    membership = require_to_complain(by)
    if not re.fullmatch(r"drf_[0-9a-z]{26}", public_id):
        raise NotYours()
    draft, _new = Draft.objects.select_for_update().get_or_create(
        public_id=public_id, defaults={"organisation": membership.organisation, "created_by": by}
    )
    if draft.organisation_id != membership.organisation_id:
        raise NotYours()
    return draft


def drafts_handed_over(subject: str) -> None:
    """Somebody left an organisation: the colleague who takes over goes on with what they had begun to write."""
    left = Departure.objects.get(public_id=subject)
    mine = Draft.objects.filter(organisation=left.organisation_id, created_by=left.person_id, complaint__isnull=True)
    mine.update(created_by=left.handed_to_id)


# --- what the clock and other rooms do ---------------------------------------------------------------


def enforcement_settled(subject: str) -> None:
    """A takedown was confirmed or given up: complaints that waited for nothing else tell the parties."""
    ours = Q(target__public_id=subject) | Q(target__items__public_id=subject)
    waiting = ComplaintTarget.objects.filter(ours, outcome=Outcome.UPHELD, complaint__state=State.UPHELD)
    for complaint in Complaint.objects.filter(pk__in=waiting.values("complaint")).order_by("pk"):
        notify_if_settled(complaint=complaint)


def tell_if_settled(subject: str) -> None:
    """A decision was made, or links were withdrawn: what waits for no takedown any more is told at once."""
    notify_if_settled(complaint=Complaint.objects.get(public_id=subject))


def tell_what_settled_anew(subject: str) -> None:
    """The same after links were decided anew: the last takedown that was waited for may have been among them."""
    notify_if_settled(complaint=Decision.objects.select_related("complaint").get(public_id=subject).complaint)


@transaction.atomic
def notify_if_settled(*, complaint: Complaint) -> bool:
    """Tell the parties once every takedown has been confirmed, or refused for good."""
    complaint = lock(complaint)
    if complaint.state == State.UPHELD and _open_takedowns(complaint).exists():
        return False
    return _notify(complaint)


def _open_takedowns(complaint: Complaint) -> QuerySet[Enforcement]:
    held = complaint.targets.filter(outcome=Outcome.UPHELD).values("target_id")
    return Enforcement.objects.filter(Q(target__in=held) | Q(target__shop__in=held), due_at__isnull=False)


def _notify(complaint: Complaint) -> bool:
    if not LIFECYCLE.allows(complaint, "notify", None):
        return False
    LIFECYCLE.fire(complaint, "notify", actor=None)
    letters.tell_outcome(complaint)
    publish("complaint.told", complaint.public_id)
    return True


@transaction.atomic
def pass_deadline(*, complaint: Complaint) -> bool:
    """Do what happens otherwise, once a complaint's deadline has passed; running it twice does it once."""
    complaint = lock(complaint)
    if complaint.deadline_at is None or complaint.deadline_at > clock.now():
        return False
    if complaint.state == State.RETURNED:
        LIFECYCLE.fire(complaint, "lapse", actor=None)
        publish("complaint.rejected", complaint.public_id)
    elif complaint.state in (State.UPHELD, State.DISMISSED):
        _notify(complaint)
    elif complaint.state == State.NOTIFIED:
        LIFECYCLE.fire(complaint, "close", actor=None)
    else:
        return letters.tell_overdue(complaint)
    return True


def pass_deadlines(limit: int = 500) -> int:
    """Work off complaints whose deadline has passed, `limit` of each kind at a time; returns how many moved.

    One that cannot be moved stops no other. Cases that wait for the platform keep their deadline: they are
    looked for apart, and those of which it was said already are left out.
    """

    def late() -> Any:
        return Complaint.objects.past_deadline(clock.now()).order_by("deadline_at", "pk")

    def moving() -> QuerySet:
        return late().filter(state__in=[State.RETURNED, State.UPHELD, State.DISMISSED, State.NOTIFIED])

    def waiting() -> QuerySet:
        return letters.not_yet_said(late().awaiting_staff(), "complaint.overdue")

    return sum(each_due(kind, lambda case: pass_deadline(complaint=case), limit=limit) for kind in (moving, waiting))

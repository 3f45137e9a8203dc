"""Counting points: what was decided adds them, what is reversed takes them back, and they count for 365 days.

Everything here looks at how things stand and brings the points in line with it, so that it may run twice, late, or
after something else has happened meanwhile.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import roles
from accounts.models import User
from complaints.counter_links import found_wrong
from complaints.models import Complaint, ComplaintTarget, CounterNotice, Decision, Finding, Removal, StatementOfReasons
from core import clock, ledger
from core.errors import Forbidden, Invalid, WrongState
from core.lifecycle import lock
from governance.models import Penalty, ShopRecord, Strike
from governance.penalties import ladder, letters
from governance.penalties.counting import heirs_of, strikes_on
from governance.penalties.offences import BY_HAND, COUNTS, OFFENCES, RELISTING
from marketplace.models import Hold, Target
from patrol.models import Candidate, CandidateDecision
from patrol.rechecks import is_same_seller
from rulebook.models import RuleVersion
from rulebook.selectors import rule_in_force

Outcome = ComplaintTarget.Outcome
#: why points for a relisting are taken back
NEVER_DOWN = gettext_noop("what held it down was reversed")


# --- what events bring ---------------------------------------------------------------------------------------


def complaint_changed(subject: str) -> None:
    """A complaint was decided, withdrawn, or a link of it put up again: points follow what is upheld now."""
    bring_in_line(complaint=Complaint.objects.get(public_id=subject))


def decided_anew(subject: str) -> None:
    """A complaint, or some links of it, was decided anew on appeal."""
    bring_in_line(complaint=Decision.objects.select_related("complaint").get(public_id=subject).complaint)


def counter_notice_settled(subject: str) -> None:
    """Links were released, or stay down, after a counter-notice."""
    bring_in_line(complaint=CounterNotice.objects.select_related("complaint").get(public_id=subject).complaint)


def relisted(subject: str) -> None:
    """Somebody put up again what is held down: a strike, at most once a day for each thing."""
    target = Target.objects.select_related("shop").get(public_id=subject)
    shop = target.seller
    if shop.kind != Target.Kind.SHOP:
        return
    at = clock.now()
    with transaction.atomic():
        take_turns([shop.pk])
        rule = rule_in_force(RELISTING, at)
        today = Strike.objects.filter(shop=shop, cause=target.public_id, occasion=at.date().isoformat())
        if today.exists():  # taken back, it does not come back with a second word of the same day
            return
        strike = _count(
            shop=shop, rule=rule, cause=target.public_id, occasion=at.date().isoformat(), number=str(target)[:40],
            counted_at=at, statement=None,
        )  # fmt: skip
        if strike is not None:
            _climb(strike)


def finding_decided(subject: str) -> None:
    """Patrol upheld something, or what it upheld was reversed."""
    decision = CandidateDecision.objects.select_related("candidate").get(public_id=subject)
    bring_finding_in_line(candidate=decision.candidate)


def penalty_over(subject: str) -> None:
    """A penalty was reversed: putting up again what only it held down was no offence."""
    penalty = Penalty.objects.select_related("shop").get(public_id=subject)
    if penalty.state != Penalty.State.REVERSED or not penalty.holds_the_shop:
        return
    with transaction.atomic():
        take_turns([penalty.shop_id])
        relistings = _relistings().filter(shop=penalty.shop_id)
        take_back_points(strikes=filter(_disregarded_nothing, relistings), reason=NEVER_DOWN)


@transaction.atomic
def bring_in_line(*, complaint: Complaint) -> None:
    """Each shop with at least one link that is upheld has one strike of this complaint; no other shop has one.

    The complaint is locked first: a withdrawal that commits between the look and the strike would find no strike to
    take back, and leave it for ever.
    """
    complaint = lock(complaint)
    upheld = _shops_with_upheld(complaint)
    struck = set(_standing_of(complaint).values_list("shop_id", flat=True))
    relistings = list(_relistings_of_reversed(complaint))
    take_turns({*upheld, *struck, *(strike.shop_id for strike in relistings)})
    code = OFFENCES[complaint.infringement]
    for strike in _standing_of(complaint).exclude(shop__in=list(upheld)):
        take_back_points(strikes=[strike], reason=gettext_noop("nothing of the decision stands any more"))
    take_back_points(strikes=filter(_disregarded_nothing, relistings), reason=NEVER_DOWN)
    rule: RuleVersion | None = None
    for shop_id, finding in sorted(upheld.items()):
        # What the book said when it was complained of: a rule that begins later does not look back.
        rule = rule or rule_in_force(code, complaint.created_at)
        struck_now = _count(
            shop=Target.objects.get(pk=shop_id), rule=rule, cause=complaint.public_id, number=complaint.number,
            counted_at=finding.decision.decided_at, statement=finding.statement,
        )  # fmt: skip
        if struck_now is not None:
            _climb(struck_now)


@transaction.atomic
def bring_finding_in_line(*, candidate: Candidate) -> None:
    """What was upheld together with a candidate has one strike for each rule that its shop broke, while any of it stands.

    Like the links of one complaint. The candidate is locked first, for the same reason as a complaint; what was decided
    together with it is looked at once the turn has come: whoever reverses that meanwhile comes here afterwards.
    """
    candidate = lock(candidate)
    findings = list(candidate.decisions.findings().order_by("pk"))
    is_over = bool(findings) and (candidate.state != Candidate.State.UPHELD or len(findings) > 1)
    of_it = _relistings().filter(Q(cause=candidate.target.public_id) | Q(shop=candidate.target_id))
    relistings = list(of_it) if is_over else []
    take_turns({*(f.shop_id for f in findings), *(strike.shop_id for strike in relistings)})
    acts = [_upheld_together(finding) for finding in findings]
    for together, stands in acts:
        _bring_strikes_in_line(together, stands)
    take_back_points(strikes=filter(_disregarded_nothing, relistings), reason=NEVER_DOWN)
    for together, stands in acts:
        _count_once(together, stands)


#: findings by the rule of points that they broke
Stands = dict[str, CandidateDecision]


def _upheld_together(finding: CandidateDecision) -> tuple[list[str], Stands]:
    """What was upheld in the same act against the same shop, and of each rule broken the first finding that stands."""
    first = finding.decided_with_id or finding.pk
    upheld = CandidateDecision.objects.findings()
    together = list(
        upheld.filter(Q(pk=first) | Q(decided_with=first))
        .select_related("shop", "candidate__target__shop")
        .prefetch_related("candidate__rechecks__target__shop")
        .order_by("pk")
    )
    of_each = upheld.filter(candidate__in=[f.candidate_id for f in together]).order_by("pk")
    last = dict(of_each.values_list("candidate", "pk"))
    stands: Stands = {}
    for one in together:
        if one.candidate.state == Candidate.State.UPHELD and last[one.candidate_id] == one.pk:
            stands.setdefault(_offence_of(one.candidate, one), one)
    return [one.public_id for one in together], stands


def _bring_strikes_in_line(together: list[str], stands: Stands) -> None:
    """Strikes of an act of which nothing stands any more are taken back; others rest on the first finding that does."""
    for strike in Strike.objects.standing().filter(cause__in=together).select_related("shop").order_by("pk"):  # type: ignore[attr-defined]
        finding = stands.get(strike.code)
        if finding is None:
            take_back_points(strikes=[strike], reason=gettext_noop("nothing of the decision stands any more"))
        elif strike.cause != finding.public_id:
            strike.cause, strike.number = finding.public_id, finding.number
            strike.save(update_fields=["cause", "number"])
            ledger.record(
                kind="strike.rests_on", subject=strike.shop.public_id,
                payload={"strike": strike.public_id, "cause": strike.cause},
            )  # fmt: skip


def _count_once(together: list[str], stands: Stands) -> None:
    """A strike for each rule that was broken, unless the act has it already."""
    for code, finding in sorted(stands.items()):
        known = Strike.objects.standing().filter(cause__in=together, code=code)  # type: ignore[attr-defined]
        if finding.shop.kind != Target.Kind.SHOP or known.exists():
            continue
        # What the book said when it was found on sale: a rule that begins later does not look back.
        rule = rule_in_force(code, finding.candidate.found_at)
        strike = _count(
            shop=finding.shop, rule=rule, cause=finding.public_id, number=finding.number,
            counted_at=finding.decided_at, statement=None,
        )  # fmt: skip
        if strike is not None:
            _climb(strike)


def _offence_of(candidate: Candidate, finding: CandidateDecision) -> str:
    """A relisting where a re-check upheld by itself what its seller put up again as another listing; else what was upheld.

    Whoever found it first. What another seller put up may be upheld without a person, too (`patrol/automatic.py`): that is
    no relisting.
    """
    looks = candidate.rechecks.all() if finding.is_automated else ()
    if any(is_same_seller(candidate.target, look.target) for look in looks):
        return RELISTING
    return OFFENCES[finding.infringement]


def _standing_of(complaint: Complaint) -> QuerySet[Strike]:
    return Strike.objects.standing().filter(cause=complaint.public_id).select_related("shop").order_by("pk")  # type: ignore[attr-defined]


def _relistings_of_reversed(complaint: Complaint) -> QuerySet[Strike]:
    """Strikes for putting up again what this complaint held down, and holds down no more because that was reversed."""
    gone = found_wrong(complaint.targets.all())
    of_these = Q(cause__in=gone.values("target__public_id")) | Q(shop__in=gone.values("target"))
    return _relistings().filter(of_these)


def _relistings() -> QuerySet[Strike]:
    """Strikes for putting up again the very thing that was held down: they have a day, a finding has none."""
    return Strike.objects.standing().filter(code=RELISTING).exclude(occasion="").order_by("pk")  # type: ignore[attr-defined,no-any-return]


def _disregarded_nothing(strike: Strike) -> bool:
    """Whether everything that held a thing down when it was put up again has been reversed since.

    What was withdrawn, lifted or released later was to be obeyed at the time: only what was wrong from the start is not.
    """
    target = Target.objects.get(public_id=strike.cause)
    held = Hold.objects.filter(Q(target=target) | Q(target=target.shop_id), placed_at__lte=strike.counted_at)
    holds = list(held.exclude(released_at__lt=strike.counted_at))
    return bool(holds) and all(_was_reversed(hold) for hold in holds)


def _was_reversed(hold: Hold) -> bool:
    links = ComplaintTarget.objects.filter(complaint__public_id=hold.cause, target=hold.target_id)
    finding = CandidateDecision.objects.findings().filter(public_id=hold.cause).first()
    if finding is not None:
        return finding.candidate.decisions.filter(
            outcome=CandidateDecision.Outcome.REVERSED, pk__gt=finding.pk
        ).exists()
    return (
        found_wrong(links).exists()
        or Penalty.objects.filter(public_id=hold.cause, state=Penalty.State.REVERSED).exists()
    )


def _shops_with_upheld(complaint: Complaint) -> dict[int, Finding]:
    """The shops that answer for what is upheld now, each with the latest finding against it.

    What its holder took down by itself is not among it before staff reviewed it, or the time to appeal is over.
    """
    findings = (
        Finding.objects.filter(complaint_target__complaint=complaint, complaint_target__outcome=Outcome.UPHELD)
        .filter(outcome=Outcome.UPHELD)
        .select_related("decision", "statement", "complaint_target__target")
        .order_by("pk")
    )
    if Removal.objects.filter(complaint=complaint, stands_at__isnull=True).exists():
        # The first decision is its holder's; what staff decided since counts.
        findings = findings.exclude(decision__on_appeal="")
    found: dict[int, Finding] = {}
    for finding in findings:
        target = finding.complaint_target.target
        shop_id = finding.statement.shop_id if finding.statement else (target.shop_id or target.pk)
        found[shop_id] = finding
    shops = set(Target.objects.filter(pk__in=found, kind=Target.Kind.SHOP).values_list("pk", flat=True))
    return {pk: finding for pk, finding in found.items() if pk in shops}


# --- writing -----------------------------------------------------------------------------------------------


def take_turns(shops: Iterable[int]) -> None:
    """Lock the records of these shops and of those that inherit from them, in one order. Needs a transaction.

    They are made where a shop has none yet.
    """
    ids = list(shops)
    if not ids:
        return
    ids = sorted({*ids, *heirs_of(ids).values_list("pk", flat=True)})
    ShopRecord.objects.bulk_create([ShopRecord(shop_id=pk) for pk in ids], ignore_conflicts=True)
    list(ShopRecord.objects.filter(shop__in=ids).select_for_update(no_key=True).order_by("shop_id"))


@transaction.atomic
def add_strike(
    *, shop: Target, code: str, cause: str, number: str, by: object, occasion: str = "", reason: str = ""
) -> Strike | None:
    """Points for an act that no decision on a complaint is about (M7, M9, M10), by staff. None if it counts already.

    Raises RuleNotInForce, Invalid for a rule that brings shops no points.
    """
    take_turns([shop.pk])
    rule = rule_in_force(code)
    if not rule.points or rule.ladder != "shop":
        raise Invalid(field="rule")
    strike = _count(
        shop=shop, rule=rule, cause=cause, occasion=occasion, number=number, counted_at=clock.now(), statement=None,
        by=by, reason=reason,
    )  # fmt: skip
    if strike is not None:
        _climb(strike)
    return strike


@transaction.atomic
def count_by_hand(*, statement: StatementOfReasons, code: str, reason: str, by: User) -> Strike:
    """A senior counts points for what a shop did in a case: it forged a paper (M7), or did not cooperate (M9).

    `statement` is the notice to the shop that the act is about. The shop is told why; what the points lead to is proposed
    and heard like any penalty. They stand by themselves: a reversal of the case leaves them, a senior takes them back.
    Raises Forbidden, Invalid (by `rule` or `reason`), WrongState if this counts already.
    """
    shop = statement.shop
    take_turns([shop.pk])
    _require_senior(shop, by)
    if code not in BY_HAND:
        raise Invalid(_("Choose what the shop did."), field="rule")
    if not reason.strip():
        raise Invalid(_("Say why, so that the shop can understand it."), field="reason")
    # A decision on a forged authorisation brought its points already.
    causes = [statement.public_id, statement.decision.complaint.public_id]
    if Strike.objects.standing().filter(shop=shop, cause__in=causes, code=code).exists():  # type: ignore[attr-defined]
        raise WrongState(_("Points under this rule count for this notice already."))
    strike = add_strike(
        shop=shop, code=code, cause=statement.public_id, number=statement.number, by=by, reason=reason.strip()
    )  # fmt: skip
    assert strike is not None  # its record is held, and none counts
    letters.tell_counted(strike)
    return strike


def _require_senior(shop: Target, by: User) -> None:
    """Raises Forbidden for whoever is no senior reviewer, or belongs to the merchant."""
    if not roles.is_senior(by):
        raise Forbidden()
    if shop.operator_id is not None and by.memberships.filter(organisation=shop.operator_id).exists():
        raise Forbidden(_("You belong to the merchant that runs this shop. Somebody else has to decide."))


def _climb(strike: Strike) -> None:
    """Propose what the points lead to: for the shop, and for one that inherits them because it opened afterwards.

    What is counted so late that it has expired already adds nothing, and leads to nothing.
    """
    if strike.expires_at <= clock.now():
        return
    ladder.climb(shop=strike.shop, gained=strike.points)
    for heir in heirs_of([strike.shop_id]).filter(first_seen_at__gt=strike.counted_at):
        ladder.climb(shop=heir, gained=strike.points)


def _count(
    *, shop: Target, rule: RuleVersion, cause: str, number: str, counted_at: datetime,
    statement: StatementOfReasons | None, occasion: str = "", by: object = None, reason: str = "",
) -> Strike | None:  # fmt: skip
    """A strike for one act; None if this act counts already."""
    if Strike.objects.standing().filter(shop=shop, cause=cause, code=rule.code, occasion=occasion).exists():  # type: ignore[attr-defined]
        return None
    doubled = _repeats(shop, rule.code, counted_at)
    strike = Strike.objects.create(
        shop=shop, rule_version=rule, code=rule.code, cause=cause, occasion=occasion, number=number,
        statement=statement, points=rule.points * (2 if doubled else 1), is_doubled=doubled, counted_at=counted_at,
        expires_at=counted_at + COUNTS, reason=reason,
    )  # fmt: skip
    ledger.record(
        kind="strike.counted", subject=shop.public_id, actor=by,
        payload={
            "strike": strike.public_id, "cause": cause, "points": strike.points, "doubled": doubled,
            "rule": rule.code, **rule.cited(),
        },
    )  # fmt: skip
    return strike


def _repeats(shop: Target, code: str, at: datetime) -> bool:
    """Whether the operator broke the same rule in the 365 days before, in this shop or in one that it inherits from."""
    return strikes_on(shop, at).filter(code=code, counted_at__lt=at).exists()


@transaction.atomic
def take_back_by_hand(*, strike: Strike, by: User, reason: str) -> Strike:
    """A senior takes back points that no decision is about: for a relisting, an evasion, an act that was none.

    What a decision brought follows the decision, and is turned round on appeal. Raises Forbidden, Invalid, WrongState.
    """
    take_turns([strike.shop_id])
    strike = Strike.objects.select_related("shop").get(pk=strike.pk)
    _require_senior(strike.shop, by)
    if strike.follows_decision:
        raise WrongState(_("These points follow a decision. They are taken back when that is reversed on appeal."))
    if strike.taken_back_at is not None:
        raise WrongState(_("These points were taken back already."))
    if not reason.strip():
        raise Invalid(_("Say why, so that the shop can understand it."), field="note")
    take_back_points(strikes=[strike], reason=reason.strip(), by=by)
    strike.refresh_from_db()
    return strike


@transaction.atomic
def take_back_points(*, strikes: Iterable[Strike], reason: str, by: object = None) -> list[Strike]:
    """Take points back because what brought them does not stand; a second time does nothing. Returns those taken back.

    Repetitions that were none without them count once again, and penalties that rest on nothing any more are undone.
    """
    wanted = list(strikes)
    take_turns({s.shop_id for s in wanted})
    taken = list(
        Strike.objects.standing().filter(pk__in=[s.pk for s in wanted]).select_related("shop").order_by("pk")  # type: ignore[attr-defined]
    )
    at = clock.now()
    Strike.objects.filter(pk__in=[s.pk for s in taken]).update(taken_back_at=at, taken_back_reason=reason[:300])
    for strike in taken:
        ledger.record(
            kind="strike.taken_back", subject=strike.shop.public_id, actor=by,
            payload={"strike": strike.public_id, "points": strike.points},
        )  # fmt: skip
    letters.tell_taken_back([s for s in taken if not s.follows_decision], reason)
    shops = {s.shop_id: s.shop for s in taken}
    for shop in [*shops.values(), *heirs_of(shops)]:
        look_again(shop=shop, reason=reason)
    return taken


def look_again(*, shop: Target, reason: str) -> None:
    """Something counts against a shop no more; the caller holds its record.

    Repetitions that are none without it count once, and penalties that rest on too little are undone.
    """
    _count_repetitions_again(shop)
    ladder.step_down(shop=shop, reason=reason)


def _count_repetitions_again(shop: Target) -> None:
    doubled = Strike.objects.standing().filter(shop=shop, is_doubled=True)  # type: ignore[attr-defined]
    for strike in doubled.select_related("rule_version", "shop").order_by("counted_at", "pk"):
        if not _repeats(shop, strike.code, strike.counted_at):
            strike.points, strike.is_doubled = strike.rule_version.points, False
            strike.save(update_fields=["points", "is_doubled"])
            ledger.record(
                kind="strike.not_doubled", subject=strike.shop.public_id,
                payload={"strike": strike.public_id, "points": strike.points},
            )  # fmt: skip

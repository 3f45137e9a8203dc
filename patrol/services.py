"""Candidates, and what people decide on them. One function, one transaction, one ledger entry.

A finding that was upheld holds its listing down by a hold of its own; reversed, that hold is released, and the listing
goes up again if nothing else holds it. The shop is told at once: nobody waits for a finding but the shop itself, so there
is nothing to be told once the takedown has settled.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from complaints import services as complaints
from complaints.forms import LONGEST_DESCRIPTION
from complaints.letters import readers
from complaints.models import Draft
from core import clock, ledger
from core.errors import Invalid, WrongState
from core.ids import draw, next_number, next_numbers
from core.lifecycle import lock
from core.obligations import each_due
from core.outbox import publish
from core.sql import write
from marketplace.links import links_of
from marketplace.models import Target
from marketplace.services import HoldCause, place_holds, release_holds
from patrol import letters
from patrol.errors import NobodyToTell, StaleCandidate
from patrol.inspecting import Found
from patrol.lifecycle import CANDIDATES
from patrol.models import BrandAnswer, Candidate, CandidateDecision, Scan, WatchProfile
from patrol.reasons import Dismissal, infringements_for, rules_that_fit
from rulebook.errors import RuleNotInForce
from rulebook.models import RuleVersion

State = Candidate.State
Outcome = CandidateDecision.Outcome
#: states from which it opens again only where the listing shows something else than what was decided on
DECIDED = (State.DISMISSED, State.HANDED_OVER, State.REVERSED)
Pair = tuple[int, int]


# --- what was found ------------------------------------------------------------------------------------------


@transaction.atomic
def write_candidates(
    found: Sequence[Found], *, looked_at: Sequence[Target], source: str, scan: Scan | None = None,
    profile: WatchProfile | None = None,
) -> list[Candidate]:  # fmt: skip
    """Bring the candidates of the targets that were looked at in line with what was found; a second time changes nothing.

    New ones are open; open ones that are not found any more vanish; decided ones open again only with other evidence;
    upheld ones stay. With `profile`, only its candidates were looked for. Returns those that were found, in order.
    """
    if source in _LOOKS_OF_PROFILES:
        found = _of_those_that_watch(found)
    wanted: dict[Pair, Found] = {(f.target.pk, f.profile.pk): f for f in found}
    known = _known(looked_at, wanted, profile)
    fresh = [pair for pair in wanted if pair not in known]
    made: dict[Pair, Candidate] = {}
    if fresh:
        made = _make([wanted[pair] for pair in fresh], source=source, scan=scan)
    again = []
    for pair, candidate in known.items():
        if pair in wanted and _shows_anew(candidate, wanted[pair], source, scan):
            again.append(candidate)
    open_ones = [c for c in known.values() if c.state in (State.OPEN, State.ASKED)]
    gone = [c for pair, c in known.items() if pair not in wanted and c in open_ones and _can_vanish(c)]
    CANDIDATES.fire_all(gone, "vanish", actor=None)
    CANDIDATES.fire_all(again, "find_again", actor=None)
    publish("candidate.found", *(c.public_id for c in [*made.values(), *again]))
    have = known | made
    return [have[pair] for pair in wanted if pair in have]


#: looks for what profiles look for, of which one may have been paused while they lasted
_LOOKS_OF_PROFILES = (Candidate.Source.FEED, Candidate.Source.SCAN)


def _of_those_that_watch(found: Sequence[Found]) -> Sequence[Found]:
    watching = set(
        WatchProfile.objects.watching().filter(pk__in={f.profile.pk for f in found}).values_list("pk", flat=True)
    )
    return [f for f in found if f.profile.pk in watching]


def _can_vanish(candidate: Candidate) -> bool:
    """Of a profile that does not watch at present nothing is found, which says nothing; what was bought stays evidence.

    What a re-check found was found by another look than this one: it is gone when the marketplace removed it.
    """
    if candidate.source == Candidate.Source.RECHECK:
        return candidate.target.observed == Target.Observed.MISSING
    return candidate.profile.state == WatchProfile.State.WATCHING and candidate.source != Candidate.Source.SAMPLE


#: looks that tell more than any other look can
_BETTER = (Candidate.Source.SAMPLE, Candidate.Source.RECHECK)


def _is_kept(candidate: Candidate, source: str) -> bool:
    """What a brand judged with the goods in its hands stays evidence, whatever the listing shows later.

    So does what a re-check saw, of which it is a relisting, until somebody bought it.
    """
    if candidate.source == Candidate.Source.RECHECK:
        return source not in _BETTER
    return candidate.source == Candidate.Source.SAMPLE != source


def _known(looked_at: Sequence[Target], wanted: Iterable[Pair], profile: WatchProfile | None) -> dict[Pair, Candidate]:
    """The candidates of these targets, locked in one order."""
    targets = {t.pk for t in looked_at} | {target for target, _profile in wanted}
    rows = Candidate.objects.filter(target__in=targets)
    if profile is not None:
        rows = rows.filter(profile=profile)
    locked = rows.select_for_update(of=("self",), no_key=True).select_related("profile").order_by("pk")
    return {(c.target_id, c.profile_id): c for c in locked}


def _make(found: Sequence[Found], *, source: str, scan: Scan | None) -> dict[Pair, Candidate]:
    """New candidates. Whoever makes some holds their numbers, so that two who look at the same make each once."""
    at = clock.now()
    draw("CA", at.year, 0)
    targets = {f.target.pk for f in found}
    there = {(c.target_id, c.profile_id): c for c in Candidate.objects.filter(target__in=targets)}
    found = [f for f in found if (f.target.pk, f.profile.pk) not in there]
    made = []
    for f, number in zip(found, next_numbers("CA", at.year, len(found)), strict=True):
        candidate = Candidate(
            number=number, target=f.target, profile=f.profile, source=source, scan=scan, state_since_at=at,
            created_at=at, first_found_at=at,
        )  # fmt: skip
        _write(candidate, f)
        made.append(candidate)
    write(made)
    ledger.record_all(
        [
            ledger.entry(
                kind="candidate.found", subject=c.public_id,
                payload={
                    "to": c.state, "target": c.target.public_id, "version": c.target_version,
                    "profile": c.profile.public_id, "evidence_sha256": c.evidence_hash, "score": round(c.score, 4),
                },
            )
            for c in made
        ]
    )  # fmt: skip
    return there | {(c.target_id, c.profile_id): c for c in made}


def _shows_anew(candidate: Candidate, found: Found, source: str, scan: Scan | None) -> bool:
    """Write what is seen now into a candidate that is still to be decided, or is to be decided again: then True."""
    evidence = found.evidence_hash
    again = candidate.state == State.GONE or (candidate.state in DECIDED and candidate.evidence_hash != evidence)
    is_open = candidate.state in (State.OPEN, State.ASKED) and not _is_kept(candidate, source)
    if not again and not (is_open and _differs(candidate, found, evidence, source)):
        return False
    if again or source in _BETTER:
        candidate.source, candidate.scan = source, scan
    if again:
        candidate.dismissal = candidate.note = ""
        candidate.first_found_at = clock.now()
    _write(candidate, found)
    candidate.save(
        update_fields=[
            "source", "scan", "dismissal", "note", "target_version", "score", "parts", "signals", "evidence_hash",
            "copy_key", "model", "found_at", "first_found_at",
        ]
    )  # fmt: skip
    return again


def _differs(candidate: Candidate, found: Found, evidence: str, source: str) -> bool:
    return (
        candidate.evidence_hash != evidence
        or (source in _BETTER and candidate.source != source)
        or candidate.target_version != found.target.version
        or abs(candidate.score - found.score) > 1e-6
    )


def _write(candidate: Candidate, found: Found) -> None:
    candidate.target_version = found.target.version
    candidate.score = min(max(found.score, 0.0), 1.0)
    candidate.parts = {name: round(part, 4) for name, part in found.parts.items()}
    candidate.signals = [seen.as_json() for seen in found.seen]
    candidate.evidence_hash, candidate.model = found.evidence_hash, found.model
    candidate.copy_key = found.copy_key[:64]
    candidate.found_at = clock.now()


# --- deciding --------------------------------------------------------------------------------------------------


@transaction.atomic
def uphold(
    *, candidate: Candidate, by: User | None, rule: str, facts: str, infringement: str = "", shown: str | None = None,
    decided_with: CandidateDecision | None = None,
) -> CandidateDecision:  # fmt: skip
    """Uphold a candidate and hold its target down, with a statement of reasons to its shop.

    `by` is None where a rule did it that staff switched on (`patrol/automatic.py`), or the same goods were put up again.
    Without `infringement` it is the usual one of such a right. `shown` is what the page showed, as `Candidate.as_shown`.
    `decided_with` is the first finding of the same act against the same shop: together they count once. Raises Forbidden,
    WrongState, StaleCandidate, Invalid (by `rule`, `facts`, `infringement`).
    Source: DSA art. 17, own initiative included; E-Commerce Law art. 45.
    """
    candidate = lock(candidate)
    CANDIDATES.check(candidate, "uphold", by)
    _require_as_shown(candidate, shown)
    if by is None and candidate.target.kind == Target.Kind.SHOP:
        raise WrongState(_("A whole shop is taken down by people alone."))
    version = _rule_of(candidate, rule)
    infringement = _infringement_of(candidate, infringement)
    facts = facts.strip()
    if not facts:
        raise Invalid(_("Say what was found, so that the shop can check it."), field="facts")
    decision = _decided(
        candidate, Outcome.UPHELD, by, rule_version=version, infringement=infringement, facts=facts, is_automated=by is None,
        decided_with=_same_shop(candidate, decided_with),
    )  # fmt: skip
    CANDIDATES.fire(
        candidate, "uphold", actor=by,
        payload={
            "decision": decision.public_id, "number": decision.number, "infringement": infringement,
            "rule": version.code, **version.cited(), "facts_sha256": _digest(decision, facts),
            "is_automated": decision.is_automated,
        },
    )  # fmt: skip
    reason = _("Statement of reasons %(number)s") % {"number": decision.number}
    place_holds(targets=[candidate.target], cause=HoldCause(decision.public_id, reason), actor=by)
    publish("candidate.decided", decision.public_id)
    return decision


@transaction.atomic
def dismiss(*, candidate: Candidate, by: User, why: str, note: str = "", shown: str | None = None) -> CandidateDecision:
    """Say that a candidate is none, and why; the risk model learns from it.

    `shown` is what the page showed, as `Candidate.as_shown`. Raises Forbidden, WrongState, StaleCandidate, Invalid.
    """
    candidate = lock(candidate)
    CANDIDATES.check(candidate, "dismiss", by)
    _require_as_shown(candidate, shown)
    note = note.strip()
    if why not in Dismissal.values:
        raise Invalid(_("Choose why it is no infringement."), field="why")
    if why == Dismissal.OTHER and not note:
        raise Invalid(_("Say why, in your own words."), field="note")
    decision = _decided(candidate, Outcome.DISMISSED, by, facts=note)
    candidate.dismissal, candidate.note = why, note
    CANDIDATES.fire(
        candidate, "dismiss", actor=by, writes=["dismissal", "note"],
        payload={"decision": decision.public_id, "why": why, "evidence_sha256": candidate.evidence_hash},
    )  # fmt: skip
    return decision


@transaction.atomic
def reverse(*, candidate: Candidate, by: User, reason: str, appeal: str = "") -> CandidateDecision:
    """Take back what was upheld: its hold is released, and its shop is told why.

    `appeal` is the public id of the appeal that asked for it: then any reviewer may who decides on that, and else a senior.
    Raises Forbidden, WrongState, Invalid (by `reason`).
    """
    step = "reverse_on_appeal" if appeal else "reverse"
    candidate = lock(candidate)
    CANDIDATES.check(candidate, step, by)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("Say why, so that the shop and the brand can understand it."), field="reason")
    upheld = finding_of(candidate)
    decision = _decided(
        candidate, Outcome.REVERSED, by, rule_version=upheld.rule_version, infringement=upheld.infringement,
        facts=reason, on_appeal=appeal, shop=upheld.shop,
    )  # fmt: skip
    CANDIDATES.fire(
        candidate, step, actor=by,
        payload={
            "decision": decision.public_id, "of": upheld.public_id, "appeal": appeal,
            "reason_sha256": _digest(decision, reason),
        },
    )  # fmt: skip
    released = _("Statement of reasons %(number)s was reversed") % {"number": upheld.number}
    release_holds(cause=upheld.public_id, reason=released, actor=by)
    publish("candidate.decided", decision.public_id)
    return decision


def _require_as_shown(candidate: Candidate, shown: str | None) -> None:
    """Nobody decides on what they have not seen; None: no page was shown. Raises StaleCandidate."""
    if shown is not None and shown != candidate.as_shown:
        raise StaleCandidate()


def _same_shop(candidate: Candidate, finding: CandidateDecision | None) -> CandidateDecision | None:
    """The finding with which another one counts once, if it is against the same shop."""
    if finding is None or finding.shop_id != candidate.target.seller.pk:
        return None
    return finding.decided_with or finding


def finding_of(candidate: Candidate) -> CandidateDecision:
    """The last finding on a candidate. Raises WrongState where nothing was upheld."""
    found: CandidateDecision | None = candidate.decisions.filter(outcome=Outcome.UPHELD).order_by("-pk").first()
    if found is None:
        raise WrongState()
    return found


def _rule_of(candidate: Candidate, code: str) -> RuleVersion:
    """The version that was in force when it was found on sale. Raises Invalid."""
    for version in rules_that_fit(candidate):
        if version.code == code:
            return version
    raise RuleNotInForce(
        _("Cite a rule that carries a takedown, fits the right, and was in force when this was found."), field="rule"
    )


def _infringement_of(candidate: Candidate, kind: str) -> str:
    fitting = [reason.kind for reason in infringements_for(candidate)]
    if kind and kind not in fitting:
        raise Invalid(_("This kind of infringement does not fit the right."), field="infringement")
    if not fitting:
        raise Invalid(_("Nothing of this kind can infringe this right."), field="infringement")
    return kind or fitting[0]


def _decided(
    candidate: Candidate, outcome: str, by: User | None, *, shop: Target | None = None, **said: Any
) -> CandidateDecision:
    target = candidate.target
    at = clock.now()
    return CandidateDecision.objects.create(
        number=next_number("FD", at.year), candidate=candidate, outcome=outcome, shop=shop or target.seller,
        snapshot=_as_it_is(candidate), decided_by=by, decided_at=at, **said,
    )  # fmt: skip


def _as_it_is(candidate: Candidate) -> dict[str, Any]:
    """How the target stands, for the statement of reasons, and what was seen of it: that is what is learned from."""
    target = candidate.target
    return {
        "title": target.title, "kind": target.kind, "external_id": target.external_id, "url": target.url,
        "price": None if target.price is None else str(target.price), "currency": target.currency,
        "seller": target.seller.title, "version": target.version, "found_at": candidate.found_at.isoformat(),
        "signals": candidate.signals, "score": candidate.score,
    }  # fmt: skip


def _digest(decision: CandidateDecision, text: str) -> str:
    """What the ledger keeps of words that may name people: salted, since nothing ever leaves it."""
    return hashlib.sha256(f"{decision.salt}{text}".encode()).hexdigest()


# --- the brand ---------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_brand(*, candidate: Candidate, by: User, shown: str | None = None) -> Candidate:
    """Ask the brand's contact whether the goods are genuine; unanswered, it comes back after the time in the rule book.

    Raises Forbidden, WrongState, StaleCandidate, NobodyToTell.
    """
    candidate = lock(candidate)
    CANDIDATES.check(candidate, "ask_brand", by)
    _require_as_shown(candidate, shown)
    _contacts(candidate.profile)
    candidate.was_shown_to_brand = True
    CANDIDATES.fire(candidate, "ask_brand", actor=by, writes=["was_shown_to_brand"])
    publish("candidate.brand_asked", candidate.public_id)
    return candidate


@transaction.atomic
def answer(*, candidate: Candidate, by: User, verdict: str, note: str = "") -> BrandAnswer:
    """The brand says whether the goods are genuine; the platform decides. Raises Forbidden, WrongState, Invalid."""
    candidate = lock(candidate)
    CANDIDATES.check(candidate, "answer", by)
    if verdict not in BrandAnswer.Verdict.values:
        raise Invalid(_("Choose one of the answers."), field="verdict")
    answered = BrandAnswer.objects.create(candidate=candidate, verdict=verdict, note=note.strip(), by=by)
    CANDIDATES.fire(candidate, "answer", actor=by, payload={"verdict": verdict})
    return answered


def _contacts(profile: WatchProfile) -> list[User]:
    """Who is asked for a brand: whoever filed the right, or else its administrators. Raises NobodyToTell."""
    people = readers(profile.filing.organisation_id, profile.filing.created_by_id)
    if not people:
        raise NobodyToTell()
    return people


def hand_over(*, candidate: Candidate, by: User, shown: str | None = None) -> Draft:
    """Leave a candidate to the brand: a complaint is begun for it, to be looked at, signed and sent.

    Raises Forbidden, WrongState, StaleCandidate, NobodyToTell.
    """
    said = None if shown is None else {candidate.pk: shown}
    return hand_over_all(candidates=[candidate], by=by, shown=said)[0]


@transaction.atomic
def hand_over_all(*, candidates: Sequence[Candidate], by: User, shown: Mapping[int, str] | None = None) -> list[Draft]:
    """Leave candidates to their brands: one complaint is begun for each profile, whatever their number.

    `shown` is what the page showed of each. Raises Forbidden, WrongState, StaleCandidate, NobodyToTell; then nothing was
    handed over.
    """
    by_profile: dict[int, list[Candidate]] = {}
    for candidate in sorted(candidates, key=lambda c: c.pk):
        candidate = lock(candidate)
        CANDIDATES.check(candidate, "hand_over", by)
        _require_as_shown(candidate, None if shown is None else shown.get(candidate.pk, ""))
        by_profile.setdefault(candidate.profile_id, []).append(candidate)
    drafts = []
    for some in by_profile.values():
        draft = _begin_complaint(some)
        for candidate in some:
            candidate.was_shown_to_brand, candidate.draft = True, draft
            CANDIDATES.fire(
                candidate, "hand_over", actor=by, payload={"draft": draft.public_id},
                writes=["was_shown_to_brand", "draft"],
            )  # fmt: skip
        letters.handed_over(draft, some)
        drafts.append(draft)
    return drafts


def _begin_complaint(candidates: Sequence[Candidate]) -> Draft:
    """A draft with links and description filled in, in the brand's language."""
    first = candidates[0]
    profile = first.profile
    contact = _contacts(profile)[0]
    with translation.override(contact.language):
        lines = [_("The platform's patrol found these offers; please check them before you sign.")]
        for candidate in candidates:
            target = candidate.target
            price = f", {target.price} {target.currency}" if target.price is not None else ""
            lines.append(f"– {target} ({target.seller}{price})")
        data = {
            "filing": profile.filing.public_id,
            "links": "\n".join(links_of([(c.target, None) for c in candidates])),
            "infringement": _infringement_of(first, ""),
            "description": "\n".join(lines)[:LONGEST_DESCRIPTION],
        }
    return complaints.begin_draft_for(organisation=profile.filing.organisation, author=contact, data=data)


# --- what the clock does -----------------------------------------------------------------------------------------


def pass_deadlines(limit: int = 500) -> int:
    """Take candidates back whose brand did not answer or complain in time; returns how many. One that cannot stops no other."""
    return each_due(_unanswered, lambda candidate: take_back(candidate=candidate), limit=limit)


def _unanswered() -> QuerySet[Candidate]:
    """What a brand was asked and did not answer; what it was handed and threw away, or did not complain of in time."""
    is_late = Q(deadline_at__lte=clock.now())
    handed = Q(state=State.HANDED_OVER, draft__complaint=None) & ~Q(profile__state=WatchProfile.State.ENDED)
    waits = Q(state=State.ASKED) & is_late | handed & (Q(draft=None) | is_late)
    return Candidate.objects.filter(waits).order_by("deadline_at", "pk")


@transaction.atomic
def take_back(*, candidate: Candidate) -> bool:
    """The platform decides without the brand; running it twice does it once."""
    candidate = lock(candidate)
    if not _unanswered().filter(pk=candidate.pk).exists():
        return False
    CANDIDATES.fire(candidate, "answer" if candidate.state == State.ASKED else "take_back", actor=None)
    return True

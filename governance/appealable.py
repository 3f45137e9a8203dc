"""What can be appealed against: one entry for each kind of adverse decision, and each reads like the rule.

An entry says by which public id the decision is named, whom it burdens, when it was notified, and which service of a
lower room carries out a reversal. A new kind is one entry here and nothing elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import review as verification
from accounts import roles
from accounts.models import Organisation, User
from complaints import selfservice
from complaints import services as complaints
from complaints.abuse import suspension as suspensions
from complaints.deciders import deciders
from complaints.models import Complaint, ComplaintTarget, Decision, Finding, Privilege, StatementOfReasons, Suspension
from complaints.representation import power_in_force
from complaints.services import Found
from core.errors import NotYours
from core.models import LedgerEntry
from filings import services as filings
from filings.agents import agency_behind, power_over
from filings.models import Filing
from governance.models import Appeal, AppealedLink, Penalty
from governance.penalties import services as penalties
from imageguard import services as originals
from imageguard.models import Original
from patrol import services as patrol
from patrol.models import Candidate, CandidateDecision

Outcome = ComplaintTarget.Outcome
_EU_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU = frozenset(_EU_MEMBERS.split())


@dataclass(frozen=True)
class Contested:
    """One decision, as whoever it burdens can appeal against it."""

    kind: "Appealable"
    #: public id and number by which the decision is known
    subject: str
    number: str
    #: whom it burdens; None where nobody with an account answers for it
    organisation_id: int | None
    regime: str
    decided_at: datetime
    #: None while the party was not told
    notified_at: datetime | None
    #: who decided, by their ids: none of them decides on the appeal
    deciders: frozenset[int]
    #: what was given as the reason
    reasons: str
    #: the complaint, filing, organisation, original or candidate that it is about
    case: Any
    #: whether it is still as it was decided
    stands: bool
    #: where a complaint was decided link by link: the findings that burden the party and stand
    findings: tuple[Finding, ...] = ()
    #: whom it burdens as well: the rights holder for whom an agency complained, or the agency that filed the holder's right
    beside_id: int | None = None
    #: which of the two is the agency: it acts while a power of the other is in force
    agency_id: int | None = None

    @property
    def side(self) -> frozenset[int]:
        """The organisations that it burdens: they appeal against it once, whichever of them does."""
        return frozenset(pk for pk in (self.organisation_id, self.beside_id) if pk is not None)

    def other_than(self, organisation_id: int) -> int | None:
        """Who else is on the side of this organisation."""
        return next(iter(self.side - {organisation_id}), None)

    @property
    def is_by_links(self) -> bool:
        return self.kind.is_by_links


@dataclass(frozen=True)
class Appealable:
    """One kind of decision that can be appealed against."""

    name: str
    label: str | Promise
    #: of the public id by which such a decision is named
    prefix: str
    #: whom it burdens, what a reversal does: the rule in words
    rule: str | Promise
    #: roles in the burdened organisation that may appeal
    who: frozenset[Any]
    #: the decision with this public id, or None if there is none of this kind
    find: Callable[["Appealable", str], Contested | None]
    #: carries out a reversal, in the transaction of the decision on the appeal
    reverse: Callable[["Reversal"], Any]
    #: whether it can be reversed for some links alone
    is_by_links: bool = False
    #: the rules that a reversal cites: those that uphold a complaint, or those that dismiss it
    reversal_upholds: bool = False


@dataclass(frozen=True)
class Reversal:
    """What a reversal is carried out with."""

    appeal: Appeal
    case: Any
    by: User
    links: Sequence[AppealedLink] = ()
    rule: str = ""
    reasons: str = ""


def _decided_by_state(
    kind: Appealable,
    case: Any,
    *,
    entries: Sequence[str],
    stands: bool,
    regime: str,
    organisation_id: int,
    reasons: str,
) -> Contested | None:
    """A decision that is the state of a case: when and by whom stands in the ledger, and the letter went out at once."""
    last = LedgerEntry.objects.filter(subject=case.public_id, kind__in=entries).order_by("-pk").first()
    if last is None:
        return None
    return Contested(
        kind=kind, subject=case.public_id, number=case.number, organisation_id=organisation_id, regime=regime,
        decided_at=last.at, notified_at=last.at, reasons=reasons, case=case, stands=stands,
        deciders=frozenset(User.objects.filter(public_id=last.actor).values_list("pk", flat=True)),
    )  # fmt: skip


def regime_of_organisation(organisation: Organisation) -> str:
    """Where no marketplace is concerned, the law is that of the organisation's seat; elsewhere the platform's own."""
    return "eu" if organisation.country in _EU else "us" if organisation.country == "US" else "cn"


# --- complaints ------------------------------------------------------------------------------------------


def told_at(decision: Decision) -> datetime | None:
    """When the parties were told of a decision: of the first once takedowns have settled, of a later one with it."""
    if Decision.objects.filter(complaint=decision.complaint_id, pk__lt=decision.pk).exists():
        return decision.decided_at
    told = LedgerEntry.objects.filter(
        subject=decision.complaint.public_id, kind="complaint.notify", at__gte=decision.decided_at
    )
    return told.order_by("pk").values_list("at", flat=True).first()


def _deciders(complaint: Complaint, findings: Sequence[Finding]) -> frozenset[int]:
    """Whoever decided anything on a complaint, at first or on appeal, or let stand what is found of these links."""
    first = frozenset(pk for pk in complaint.decisions.values_list("decided_by", flat=True) if pk is not None)
    return first | deciders([f.complaint_target_id for f in findings])


def _standing(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those among findings that are the last word on their link, and whose link nobody has withdrawn."""
    links = [f.complaint_target_id for f in findings]
    last: dict[int, int] = {}
    for link, pk in (
        Finding.objects.filter(complaint_target__in=links).order_by("pk").values_list("complaint_target_id", "pk")
    ):
        last[link] = pk
    return tuple(f for f in findings if last[f.complaint_target_id] == f.pk and f.complaint_target.outcome == f.outcome)


def _contested_links(
    kind: Appealable, decision: Decision, findings: Any, *, subject: str, number: str, organisation_id: int | None,
    beside_id: int | None = None,
) -> Contested:  # fmt: skip
    complaint = decision.complaint
    standing = _standing(list(findings.select_related("complaint_target__target").order_by("pk")))
    return Contested(
        kind=kind, subject=subject, number=number, organisation_id=organisation_id, regime=complaint.regime,
        decided_at=decision.decided_at, notified_at=told_at(decision), deciders=_deciders(complaint, standing),
        reasons="\n\n".join(dict.fromkeys(f.facts for f in standing)), case=complaint,
        stands=bool(standing) and complaint.state != Complaint.State.WITHDRAWN, findings=standing, beside_id=beside_id,
        agency_id=None if beside_id is None else organisation_id,
    )  # fmt: skip


def _takedown(kind: Appealable, public_id: str) -> Contested | None:
    statement = (
        StatementOfReasons.objects.select_related("shop", "decision__complaint").filter(public_id=public_id).first()
    )
    if statement is None:
        return None
    return _contested_links(
        kind, statement.decision, statement.findings.filter(outcome=Outcome.UPHELD), subject=statement.public_id,
        number=statement.number, organisation_id=statement.shop.operator_id,
    )  # fmt: skip


def _dismissal(kind: Appealable, public_id: str) -> Contested | None:
    decision = Decision.objects.select_related("complaint").filter(public_id=public_id).first()
    if decision is None:
        return None
    return _contested_links(
        kind, decision, decision.findings.filter(outcome=Outcome.DISMISSED), subject=decision.public_id,
        number=decision.complaint.number, organisation_id=decision.complaint.organisation_id,
        beside_id=decision.complaint.holder_id,
    )  # fmt: skip


def _turn_round(reversal: Reversal) -> None:
    """Decide the links anew: a hold is released or placed with it, and whom that burdens is told why."""
    upholds = KINDS[reversal.appeal.kind].reversal_upholds
    complaints.decide_anew(
        complaint=reversal.case, by=reversal.by, appeal=reversal.appeal.public_id,
        findings=[
            Found(link.finding.complaint_target, upholds, reversal.rule, reversal.reasons) for link in reversal.links
        ],
    )  # fmt: skip


def _rejected_complaint(kind: Appealable, public_id: str) -> Contested | None:
    complaint = Complaint.objects.filter(public_id=public_id).first()
    if complaint is None:
        return None
    found = _decided_by_state(
        kind, complaint, entries=["complaint.reject"], regime=complaint.regime, reasons=complaint.supplement_request,
        stands=complaint.state == Complaint.State.REJECTED, organisation_id=complaint.organisation_id,
    )  # fmt: skip
    if found is None or complaint.holder_id is None:
        return found
    return replace(found, beside_id=complaint.holder_id, agency_id=complaint.organisation_id)


# --- rights, images, organisations --------------------------------------------------------------------------


def _rejected_filing(kind: Appealable, public_id: str) -> Contested | None:
    filing = Filing.objects.select_related("organisation", "power").filter(public_id=public_id).first()
    if filing is None:
        return None
    found = _decided_by_state(
        kind, filing, entries=["filing.reject", "filing.revoke"], regime=regime_of_organisation(filing.organisation),
        stands=filing.state in (Filing.State.REJECTED, Filing.State.REVOKED), organisation_id=filing.organisation_id,
        reasons=filing.review_note,
    )  # fmt: skip
    agency = agency_behind(filing)
    return found and replace(found, beside_id=agency, agency_id=agency)


def _refused_certificate(kind: Appealable, public_id: str) -> Contested | None:
    original = Original.objects.select_related("organisation").filter(public_id=public_id).first()
    if original is None:
        return None
    lost = original.conflicts.filter(is_upheld=False).order_by("-settled_at").first()
    reasons = [original.public_reason, str(original.get_refusal_display()), lost.note if lost else ""]
    return _decided_by_state(
        kind, original, entries=["original.refuse", "original.settle_against", "original.revoke"],
        regime=regime_of_organisation(original.organisation), organisation_id=original.organisation_id,
        stands=original.state in (Original.State.REFUSED, Original.State.REVOKED),
        reasons="\n\n".join(filter(None, reasons)),
    )  # fmt: skip


def _rejected_organisation(kind: Appealable, public_id: str) -> Contested | None:
    organisation = Organisation.objects.filter(public_id=public_id).first()
    if organisation is None:
        return None
    return _decided_by_state(
        kind, organisation, entries=["organisation.reject"], regime=regime_of_organisation(organisation),
        stands=organisation.state == Organisation.State.REJECTED, organisation_id=organisation.pk,
        reasons=organisation.review_note,
    )  # fmt: skip


def _suspension(kind: Appealable, public_id: str) -> Contested | None:
    suspension = Suspension.objects.filter(public_id=public_id).first()
    if suspension is None:
        return None
    # A warning and the suspension after it are two decisions; DSA art. 20(1)(c) gives six months wherever it is.
    is_warning = suspension.suspended_at is None
    return Contested(
        kind=kind, subject=suspension.public_id, number=suspension.number, organisation_id=suspension.organisation_id,
        regime="eu", decided_at=suspension.suspended_at or suspension.created_at,
        notified_at=suspension.suspended_at or suspension.created_at, deciders=frozenset(filter(None, (suspension.warned_by_id, suspension.suspended_by_id))),
        reasons=suspension.facts if is_warning else suspension.suspended_facts, case=suspension,
        # Six months run for one that has ended or lapsed, too.
        stands=suspension.state in (*Suspension.STANDING, Suspension.State.ENDED, Suspension.State.LAPSED),
    )  # fmt: skip


def _privilege(kind: Appealable, public_id: str) -> Contested | None:
    privilege = Privilege.objects.select_related("organisation").filter(public_id=public_id).first()
    if privilege is None:
        return None
    is_ended = privilege.state == Privilege.State.ENDED and privilege.ended_why != Privilege.Ended.GIVEN_UP
    # The letter that it has ended is written in the transaction that ends it; who found removals wrong decided, too.
    found = _decided_by_state(
        kind, privilege, entries=["privilege.take_away", "privilege.end"], regime="eu",
        organisation_id=privilege.organisation_id,
        stands=is_ended and selfservice.standing_privilege(privilege.organisation) is None,
        reasons="\n\n".join(filter(None, (str(privilege.get_ended_why_display()), privilege.reason))),
    )  # fmt: skip
    reviewers = privilege.removals.filter(reversed_links__gt=0).values_list("reviewed_by", flat=True)
    return found and replace(found, deciders=found.deciders | frozenset(filter(None, reviewers)))


def _penalty(kind: Appealable, public_id: str) -> Contested | None:
    penalty = Penalty.objects.select_related("shop__marketplace").filter(public_id=public_id).first()
    if penalty is None or penalty.began_at is None:
        return None
    # The letter that it is in force is written in the transaction that begins it.
    return Contested(
        kind=kind, subject=penalty.public_id, number=penalty.number, organisation_id=penalty.shop.operator_id,
        regime=penalty.shop.marketplace.regime, decided_at=penalty.began_at, notified_at=penalty.began_at,
        deciders=frozenset(filter(None, (penalty.proposed_by_id, penalty.confirmed_by_id, penalty.put_in_force_by_id))),
        reasons=f"{penalty.get_measure_display()}. {penalty.reason}", case=penalty,
        stands=penalty.state in (Penalty.State.IN_FORCE, Penalty.State.ENDED, Penalty.State.LIFTED),
    )  # fmt: skip


# --- what patrol found --------------------------------------------------------------------------------------


def _finding(kind: Appealable, public_id: str) -> Contested | None:
    upheld = CandidateDecision.objects.findings()
    finding = upheld.select_related("shop__marketplace", "candidate").filter(public_id=public_id).first()
    if finding is None:
        return None
    of_it = upheld.filter(candidate=finding.candidate_id)
    # Whoever upheld it before it opened again has an opinion of it, too.
    people = set(of_it.filter(decided_by__isnull=False).values_list("decided_by", flat=True))
    for automatic in of_it.filter(is_automated=True).select_related("candidate__profile"):
        people |= _who_switched_on(automatic)
    is_last = not of_it.filter(pk__gt=finding.pk).exists()
    return Contested(
        kind=kind, subject=finding.public_id, number=finding.number, organisation_id=finding.shop.operator_id,
        regime=finding.shop.marketplace.regime, decided_at=finding.decided_at, notified_at=finding.notified_at,
        deciders=frozenset(people), reasons=finding.facts, case=finding.candidate,
        stands=is_last and finding.candidate.state == Candidate.State.UPHELD,
    )  # fmt: skip


def _who_switched_on(finding: CandidateDecision) -> set[int]:
    """Who let the profile of a finding take things down without a person at the time: its decider for an appeal."""
    switched = LedgerEntry.objects.filter(
        subject=finding.candidate.profile.public_id, kind="profile.automatic_on", at__lte=finding.decided_at
    )
    last = switched.order_by("-pk").values_list("actor", flat=True).first()
    return set(User.objects.filter(public_id=last).values_list("pk", flat=True)) if last else set()


# --- the table ------------------------------------------------------------------------------------------------

KINDS: dict[str, Appealable] = {
    kind.name: kind
    for kind in (
        Appealable(
            "takedown", gettext_lazy("Links taken down"), prefix="sor",
            rule=gettext_lazy(
                "The merchant whose links were taken down appeals against the statement of reasons, for some links or all."
                " Reversed, the complaint about them is dismissed, and what nothing else holds goes up again."
            ),
            who=roles.MAY_COMPLAIN, find=_takedown, reverse=_turn_round, is_by_links=True,
        ),
        Appealable(
            "dismissal", gettext_lazy("Complaint dismissed"), prefix="dec",
            rule=gettext_lazy(
                "The complainant, or the rights holder for whom an agency complained, appeals against the dismissal of the"
                " complaint, for some links or all. Reversed, they are"
                " taken down, and their shops get a statement of reasons that they may appeal against in turn."
            ),
            who=roles.MAY_COMPLAIN, find=_dismissal, reverse=_turn_round, is_by_links=True, reversal_upholds=True,
        ),
        Appealable(
            "rejected_complaint", gettext_lazy("Complaint rejected at the door"), prefix="cmp",
            rule=gettext_lazy(
                "The complainant, or the rights holder for whom an agency complained, appeals against the rejection of the"
                " notice. Reversed, the notice is accepted, and"
                " somebody decides on it."
            ),
            who=roles.MAY_COMPLAIN, find=_rejected_complaint,
            reverse=lambda r: complaints.readmit(complaint=r.case, by=r.by, appeal=r.appeal.public_id),
        ),
        Appealable(
            "rejected_filing", gettext_lazy("Right on file rejected or revoked"), prefix="flg",
            rule=gettext_lazy(
                "The holder, or the agency that filed it while its power of attorney is in force, appeals against the"
                " rejection or revocation of a right on file. Reversed, the filing goes back to review."
            ),
            who=roles.MAY_FILE_RIGHTS, find=_rejected_filing,
            reverse=lambda r: filings.reopen(filing=r.case, by=r.by, appeal=r.appeal.public_id),
        ),
        Appealable(
            "refused_certificate", gettext_lazy("Certificate of an image refused or revoked"), prefix="ori",
            rule=gettext_lazy(
                "The holder of an image appeals against the refusal or revocation of its certificate, or a lost conflict"
                " of first publication. Reversed, the image is examined anew; a lost conflict is settled anew."
            ),
            who=roles.MAY_FILE_RIGHTS, find=_refused_certificate,
            reverse=lambda r: originals.reexamine(original=r.case, by=r.by, appeal=r.appeal.public_id),
        ),
        Appealable(
            "rejected_organisation", gettext_lazy("Verification of an organisation rejected"), prefix="org",
            rule=gettext_lazy(
                "The organisation appeals against the rejection of its papers. Reversed, the papers go back to review."
            ),
            who=roles.MAY_ADMINISTER, find=_rejected_organisation,
            reverse=lambda r: verification.reopen(organisation=r.case, by=r.by, appeal=r.appeal.public_id),
        ),
        Appealable(
            "penalty", gettext_lazy("Penalty against a shop"), prefix="pen",
            rule=gettext_lazy(
                "The merchant whose shop was punished appeals against the penalty. Reversed, it counts as never imposed:"
                " what held the shop or limited it ends."
            ),
            who=roles.MAY_COMPLAIN, find=_penalty,
            reverse=lambda r: penalties.reverse_penalty(penalty=r.case, by=r.by, reason=r.reasons),
        ),
        Appealable(
            "finding", gettext_lazy("Finding of the platform's own initiative"), prefix="fnd",
            rule=gettext_lazy(
                "The merchant in whose shop patrol took something down appeals against the finding. Reversed, its"
                " hold is released, and what nothing else holds goes up again. What the automatic rule took down counts as"
                " decided by the senior reviewer who switched it on."
            ),
            who=roles.MAY_COMPLAIN, find=_finding,
            reverse=lambda r: patrol.reverse(candidate=r.case, by=r.by, reason=r.reasons, appeal=r.appeal.public_id),
        ),
        Appealable(
            "suspension", gettext_lazy("Complainant warned or suspended"), prefix="sus",
            rule=gettext_lazy(
                "The complainant appeals against a warning or suspension for misuse. Reversed, by a senior reviewer, it"
                " counts no more, and the complainant complains again."
            ),
            who=roles.MAY_COMPLAIN, find=_suspension,
            reverse=lambda r: suspensions.lift_suspension(suspension=r.case, by=r.by, reason=r.reasons, was_wrong=True),
        ),
        Appealable(
            "privilege", gettext_lazy("Self-service takedown ended"), prefix="prv",
            rule=gettext_lazy(
                "The holder appeals against the end of its self-service takedown, unless it gave it up. Reversed, by a"
                " senior reviewer, it takes down by itself again, and what was reviewed before counts no longer."
            ),
            who=roles.MAY_COMPLAIN, find=_privilege,
            reverse=lambda r: selfservice.restore_privilege(privilege=r.case, by=r.by, reason=r.reasons),
        ),
    )
}  # fmt: skip
BY_PREFIX = {kind.prefix: kind for kind in KINDS.values()}


def kinds() -> list[tuple[str, Any]]:
    """The kinds as choices: (name, label)."""
    return [(kind.name, kind.label) for kind in KINDS.values()]


def decision_named(public_id: str) -> Contested:
    """The decision with this public id. Raises NotYours for what is none."""
    kind = BY_PREFIX.get(public_id.partition("_")[0])
    found = kind.find(kind, public_id) if kind else None
    if found is None:
        raise NotYours()
    return found


def contested_by(user: User, public_id: str) -> Contested:
    """The same, if it burdens the organisation for which this person acts. Raises NotYours."""
    found = decision_named(public_id)
    m = user.membership
    if m is None or m.organisation_id not in found.side:
        raise NotYours()
    return found


def has_power(contested: Contested) -> bool:
    """Whether the agency on a side acts for its rights holder in the case today."""
    if isinstance(contested.case, Filing):
        return power_over(contested.agency_id, contested.case) is not None
    return power_in_force(contested.case) is not None


def acts_for_side(contested: Contested, actor: Any) -> bool:
    """Somebody who may appeal for whom a decision burdens: a rights holder at any time, its agency while it has a power."""
    m = actor.membership if actor is not None else None
    if m is None or m.organisation_id not in contested.side or m.role not in contested.kind.who:
        return False
    return m.organisation_id != contested.agency_id or has_power(contested)


def why_no_appeal_of(user: User, contested: Contested) -> str:
    """Why this person does not appeal for whom a decision burdens; "" for whoever does."""
    if acts_for_side(contested, user):
        return ""
    if not any(user.has_org_role(pk, contested.kind.who) for pk in contested.side):
        return _("Your role does not appeal. Ask an administrator of your organisation.")
    return _("The power of attorney under which you acted is not in force any more.")


def contested_in(appeal: Appeal) -> Contested:
    """The decision that an appeal is about, as it is now."""
    return decision_named(appeal.subject)


def title_of(appeal: Appeal) -> str:
    """What an appeal is against, in words."""
    return _("%(what)s (%(number)s)") % {"what": KINDS[appeal.kind].label, "number": appeal.subject_number}


def has_party(contested: Contested, person: User) -> bool:
    """Whether somebody belongs to a party of the case: whom the decision burdens, or the other side."""
    if isinstance(contested.case, Complaint):
        return contested.case.has_party(person)
    sides = set(contested.side)
    if isinstance(contested.case, Candidate):
        sides.add(contested.case.profile.filing.organisation_id)
    return person.memberships.filter(organisation__in=sides).exists()

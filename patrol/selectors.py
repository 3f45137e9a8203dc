"""What the pages and the API of the patrol room ask for. Everything starts from the person who looks."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from complaints.regimes import REGIMES
from core.errors import NotYours
from core.lifecycle import Transition, Turn
from filings.models import GenuineSeller
from marketplace.models import Hold
from patrol.lifecycle import CANDIDATES, PROFILES
from patrol.models import Candidate, CandidateDecision, WatchProfile, WatchTerm

Outcome = CandidateDecision.Outcome


# --- profiles --------------------------------------------------------------------------------------------------


def profiles_of(user: User) -> QuerySet[WatchProfile]:
    """The watch profiles of this person's organisation, with how many candidates wait for its answer; newest first."""
    asked = Count("candidates", filter=Q(candidates__state=Candidate.State.ASKED))
    upheld = Count("candidates", filter=Q(candidates__state=Candidate.State.UPHELD))
    mine = WatchProfile.objects.visible_to(user).select_related("filing__organisation")
    return mine.annotate(asked=asked, upheld=upheld).order_by("-pk")


def profile_of(user: User, public_id: str) -> WatchProfile:
    """One watch profile. Raises NotYours."""
    found = profiles_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def terms_of(profile: WatchProfile) -> dict[str, list[str]]:
    """The words of a profile, by their kind."""
    found: dict[str, list[str]] = {kind: [] for kind in WatchTerm.Kind.values}
    for term in profile.terms.all():
        found[term.kind].append(term.text)
    return found


def sellers_of_filing(profile: WatchProfile) -> QuerySet[GenuineSeller]:
    """Who sells the genuine goods by the filing; they may sell unless the profile says later that they may not."""
    return profile.filing.genuine_sellers.select_related("shop__marketplace")


def steps_of_profile(profile: WatchProfile, user: User) -> list[Transition]:
    """What this person could do with a profile now."""
    return PROFILES.available(profile, user)


def turn_of_profile(profile: WatchProfile) -> Turn:
    return PROFILES.turns[WatchProfile.State(profile.state)]


# --- candidates that a brand is asked about ------------------------------------------------------------------------


def candidates_of(user: User) -> QuerySet[Candidate]:
    """What a brand was asked about or handed, what waits for its answer first."""
    shown = Candidate.objects.visible_to(user).select_related("target__shop", "target__marketplace", "profile__filing")
    waits = When(state=Candidate.State.ASKED, then=Value(0))
    return shown.annotate(turn=Case(waits, default=Value(1), output_field=IntegerField())).order_by(
        "turn", "deadline_at", "-pk"
    )


def candidate_of(user: User, public_id: str) -> Candidate:
    """One candidate that this person's organisation was shown. Raises NotYours."""
    found = candidates_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def steps_of_candidate(candidate: Candidate, user: User) -> list[Transition]:
    return CANDIDATES.available(candidate, user)


# --- findings: what a merchant sees --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How a finding stands: whether it was reversed, and whether its hold is still in place."""

    reversed_by: CandidateDecision | None
    is_held: bool


@dataclass(frozen=True)
class Ground:
    """The law under which a shop is told, and what it can do."""

    law: str
    source: str
    redress: str


def findings_of(user: User) -> QuerySet[CandidateDecision]:
    """Findings against the shops of this person's organisation, newest first."""
    reversal = CandidateDecision.objects.filter(
        candidate=OuterRef("candidate"), outcome=Outcome.REVERSED, pk__gt=OuterRef("pk")
    )
    mine = CandidateDecision.objects.visible_to(user).filter(outcome=Outcome.UPHELD)
    return mine.annotate(is_reversed=Exists(reversal)).select_related(
        "shop__marketplace", "candidate__target", "candidate__profile__filing", "rule_version__rule"
    )


def finding_of(user: User, public_id: str) -> CandidateDecision:
    """One finding: a statement of reasons of the platform's own initiative. Raises NotYours."""
    found = findings_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def standing_of(finding: CandidateDecision) -> Standing:
    """What became of a finding."""
    later = finding.candidate.decisions.filter(outcome=Outcome.REVERSED, pk__gt=finding.pk)
    held = Hold.objects.active().filter(cause=finding.public_id)
    return Standing(reversed_by=later.order_by("pk").first(), is_held=held.exists())


def ground_of(finding: CandidateDecision) -> Ground:
    regime = REGIMES[finding.shop.marketplace.regime]
    return Ground(str(regime.name), str(regime.source), str(regime.redress) % {"contact": settings.CONTACT_EMAIL})


def means_of(finding: CandidateDecision) -> str:
    """Who found and decided, and whether a machine did. Source: DSA art. 17(3)(c)."""
    if finding.is_automated:
        return _("used to find it and for this decision")
    return _("used to find it; a person decided")


def next_for_merchant(finding: CandidateDecision, standing: Standing) -> dict[str, Any]:
    """What a shop can do about a finding, and what happens if it does nothing."""
    if standing.reversed_by is not None:
        return {
            "whose": _("Nobody"),
            "next": _("The finding was reversed. What nothing else holds down goes up again."),
        }
    return {
        "whose": _("You, if you do not agree"),
        "next": _("Read the facts and the rule. If you do not infringe, appeal."),
        "otherwise": _("It stays down. If it is put up again, it is taken down again."),
    }

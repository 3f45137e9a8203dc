"""What patrol takes down without a person: nothing, but for the sure finds of profiles for which staff switched it on.

It is allowed where people decided the same way as the score, over and over: the switch stands on measured precision and
falls by itself when that falls. The shop is told that no person decided, and can appeal. Source: DSA art. 17(3)(c).
"""

import logging
import math

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import User
from core import clock, ledger
from core.errors import DomainError, Forbidden, WrongState
from core.intervals import wilson
from core.lifecycle import lock
from core.obligations import each_due
from marketplace.models import Target
from patrol import inspecting, risk, services
from patrol.lifecycle import filing_is_in_force
from patrol.models import Candidate, CandidateDecision, WatchProfile
from patrol.reasons import rules_that_fit
from patrol.signals.words import words

log = logging.getLogger("ippro.patrol")
#: below so many decisions of people on sure finds of a profile no share of them says anything
DECIDED = 50
#: of a hundred listings that it takes down at most five may be wrong, as far as the decisions can show: people are asked
#: before less than that is known, since a merchant is heard only after its goods are down
PRECISION = 0.95


def lower_bound(share: float, decided: int) -> float:
    """What a share that was seen in so many decisions shows at least: the true one lies above it in 97.5 of 100 cases.

    73 decisions without a mistake reach `PRECISION`, or 110 with one.
    """
    return wilson(share * decided, decided)[0]


def why_not(profile: WatchProfile) -> str:
    """Why it cannot be switched on for a profile, in words with the figures; empty where it can."""
    if problem := filing_is_in_force(profile):
        return str(problem)
    share, decided = risk.measured_precision(profile)
    bound = lower_bound(share, decided)
    if decided >= DECIDED and bound >= PRECISION:
        return ""
    return _(
        "People decided on %(decided)d sure finds of this profile and upheld %(share)d %% of them: precision is at least "
        "%(bound)d %%. It needs %(least)d decisions, and at least %(precision)d %%. Decide on more by hand first."
    ) % {
        "decided": decided, "share": math.floor(100 * share), "bound": math.floor(100 * bound), "least": DECIDED,
        "precision": round(100 * PRECISION),
    }  # fmt: skip


# --- the switch ------------------------------------------------------------------------------------------------


@transaction.atomic
def switch_on(*, profile: WatchProfile, by: User) -> WatchProfile:
    """Let sure finds of a profile be taken down without a person, from now on. For seniors.

    Raises Forbidden, WrongState (with what was measured, where that is not enough).
    """
    profile = lock(profile)
    if not may_switch_on(profile, by):
        raise Forbidden()
    if profile.state != WatchProfile.State.WATCHING:
        raise WrongState(_("Only a profile that watches takes anything down."))
    if profile.is_automatic:
        return profile
    if problem := why_not(profile):
        raise WrongState(problem)
    profile.is_automatic, profile.automatic_by, profile.automatic_since_at = True, by, clock.now()
    share, decided = risk.measured_precision(profile)
    _switched(profile, by, share, decided)
    return profile


@transaction.atomic
def switch_off(*, profile: WatchProfile, by: User | None) -> WatchProfile:
    """Let people decide on everything again; `by` None: what was measured is not enough any more. Raises Forbidden."""
    profile = lock(profile)
    if by is not None and not may_switch_off(profile, by):
        raise Forbidden()
    if not profile.is_automatic:
        return profile
    profile.is_automatic = False
    share, decided = risk.measured_precision(profile)
    _switched(profile, by, share, decided)
    return profile


def may_switch_on(profile: WatchProfile, user: User) -> bool:
    return roles.is_senior(user) and not _belongs(profile, user)


def may_switch_off(profile: WatchProfile, user: User) -> bool:
    return roles.is_reviewer(user) and not _belongs(profile, user)


def _belongs(profile: WatchProfile, user: User) -> bool:
    return bool(user.memberships.filter(organisation=profile.filing.organisation_id).exists())


def _switched(profile: WatchProfile, by: User | None, share: float, decided: int) -> None:
    profile.save(update_fields=["is_automatic", "automatic_by", "automatic_since_at"])
    ledger.record(
        kind="profile.automatic_on" if profile.is_automatic else "profile.automatic_off", subject=profile.public_id,
        actor=by, payload={"precision": round(share, 4), "bound": round(lower_bound(share, decided), 4), "decided": decided},
    )  # fmt: skip


# --- what it does ------------------------------------------------------------------------------------------------


def sweep(limit: int = 500) -> int:
    """Switch off where precision fell, then uphold sure finds that wait; returns how many. One that cannot stops no other."""
    for profile in WatchProfile.objects.filter(is_automatic=True).select_related("filing").order_by("pk").iterator():
        if problem := why_not(profile):
            log.warning("%s takes nothing down by itself any more: %s", profile.number, problem)
            switch_off(profile=profile, by=None)
    first: dict[int, CandidateDecision] = {}
    return each_due(_sure, lambda candidate: _take_down_or_leave(candidate, first), limit=limit)


def _take_down_or_leave(candidate: Candidate, first: dict[int, CandidateDecision]) -> bool:
    """What cannot be upheld is left to a person, as it would have been without the rule.

    `first` are the findings of this sweep by shop: what is taken down of a shop in one go counts once.
    """
    try:
        finding = take_down(candidate=candidate, decided_with=first.get(candidate.target.seller.pk))
    except DomainError as refused:
        log.info("%s is left to a person: %s", candidate.number, refused)
        return False
    if finding is not None:
        first.setdefault(finding.shop_id, finding)
    return finding is not None


def _sure() -> QuerySet[Candidate]:
    """Sure finds that nobody was asked about yet.

    For people is what somebody reversed or dismissed before, and what was scored by hand: goods that were bought, and what
    a re-check left to them because no more than a picture tells that it came back.
    """
    waiting = Candidate.objects.filter(
        state=Candidate.State.OPEN, score__gte=risk.in_use().sure, profile__is_automatic=True,
        profile__state=WatchProfile.State.WATCHING, decisions__isnull=True, was_shown_to_brand=False,
        target__observed=Target.Observed.UP,
    )  # fmt: skip
    return (
        waiting.exclude(target__kind=Target.Kind.SHOP)
        .exclude(source__in=risk.SCORED_BY_HAND)
        .select_related("target__shop")
        .order_by("first_found_at", "pk")
    )


@transaction.atomic
def take_down(*, candidate: Candidate, decided_with: CandidateDecision | None = None) -> CandidateDecision | None:
    """Uphold one sure find by the first rule that fits, on what was seen; None where there is nothing to do any more.

    `decided_with` as for `services.uphold`. Raises WrongState, Invalid.
    """
    # The profile first: who switches it off waits until this is done, or this sees that it is off.
    profile = lock(candidate.profile)
    candidate = lock(candidate)
    if not profile.is_automatic or candidate.state != Candidate.State.OPEN or candidate.score < risk.in_use().sure:
        return None
    # As listing and seller stand now: what changed since is looked at first, and who was allowed since may sell.
    target = Target.objects.select_related("shop").get(pk=candidate.target_id)
    if target.version != candidate.target_version or inspecting.may_sell(target.seller, profile):
        return None
    rules = rules_that_fit(candidate)
    if not rules:
        raise WrongState(_("No rule in force fits."))
    language = candidate.target.seller.contact_language
    with translation.override(language or None):
        facts = facts_of(candidate)
        return services.uphold(
            candidate=candidate, by=None, rule=rules[0].code, facts=facts, decided_with=decided_with
        )  # fmt: skip


def facts_of(candidate: Candidate) -> str:
    """What was seen, what weighs most first, one sentence in each line."""
    parts = candidate.parts
    told = [seen for seen in candidate.signals if parts.get(seen["signal"], 0) > 0]
    told.sort(key=lambda seen: -parts[seen["signal"]])
    return "\n".join(dict.fromkeys(words(seen) for seen in told))

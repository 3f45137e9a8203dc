"""Letters about what patrol found: statements of reasons to shops, questions and handed-over candidates to brands."""

from collections.abc import Sequence

from complaints.letters import readers, to_merchant
from complaints.models import Draft
from core import clock, mail
from patrol.models import Candidate, CandidateDecision

#: lines of one letter; the rest is a number
MOST_LINES = 10


def decided(subject: str) -> None:
    """Consumer of `candidate.decided`: the shop is told what was upheld, or reversed. Source: DSA art. 17.

    At once: whether the marketplace has carried it out yet changes nothing of the reasons.
    """
    decision = CandidateDecision.objects.select_related(
        "shop__operator", "candidate__target", "candidate__profile__filing", "rule_version__rule"
    ).get(public_id=subject)
    is_upheld = decision.outcome == CandidateDecision.Outcome.UPHELD
    of = decision if is_upheld else finding_before(decision)
    to_merchant(
        decision.shop, "finding" if is_upheld else "finding_reversed", key=f"finding:{decision.public_id}",
        about=decision.public_id, context={"decision": decision, "finding": of},
    )  # fmt: skip
    # Where nobody can be told, the time to appeal runs all the same: the shop reads it on the marketplace.
    CandidateDecision.objects.filter(pk=decision.pk, notified_at__isnull=True).update(notified_at=clock.now())


def finding_before(decision: CandidateDecision) -> CandidateDecision:
    """The finding that a reversal is about."""
    return decision.candidate.decisions.findings().filter(pk__lt=decision.pk).order_by("-pk")[0]  # type: ignore[no-any-return]


def brand_asked(subject: str) -> None:
    """Consumer of `candidate.brand_asked`: the brand's contact is asked, with the day until which."""
    candidate = Candidate.objects.select_related("target__shop", "profile__filing__organisation").get(public_id=subject)
    if candidate.state != Candidate.State.ASKED:
        return  # decided in the meantime
    filing = candidate.profile.filing
    for reader in readers(filing.organisation_id, filing.created_by_id):
        mail.write_to(
            reader, template="candidate_asked", about=candidate.public_id, context={"candidate": candidate},
            dedupe_key=f"candidate_asked:{candidate.public_id}:{candidate.state_since_at.timestamp():.6f}",
        )  # fmt: skip


def handed_over(draft: Draft, candidates: Sequence[Candidate]) -> None:
    """The brand reads that a complaint was begun for it, in the transaction that begins it."""
    mail.write_to(
        draft.created_by, template="candidates_handed_over", about=draft.public_id,
        dedupe_key=f"candidates_handed_over:{draft.public_id}",
        context={
            "draft": draft, "candidates": candidates[:MOST_LINES], "profile": candidates[0].profile,
            "count": len(candidates), "more": max(0, len(candidates) - MOST_LINES),
        },
    )  # fmt: skip

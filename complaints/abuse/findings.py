"""What staff do with findings of abuse, and how they read to staff and to the complainant."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import User
from complaints import misuse
from complaints.abuse.patterns import PATTERNS, Pattern
from complaints.models import AbuseFinding
from core import clock, ledger
from core.errors import Forbidden, Invalid, WrongState
from core.lifecycle import lock
from rulebook.models import RuleVersion

State = AbuseFinding.State


@transaction.atomic
def confirm(*, finding: AbuseFinding, by: User, reason: str) -> AbuseFinding:
    """It is abuse, for this reason. A confirmed finding keeps out of the fast lane for a year, and may be warned on.

    Raises Forbidden, Invalid without a reason, WrongState if it was decided already.
    """
    return _decide(finding, by, State.CONFIRMED, reason)


@transaction.atomic
def dismiss(*, finding: AbuseFinding, by: User, reason: str) -> AbuseFinding:
    """It is none, for this reason; the same occasion is not found again."""
    return _decide(finding, by, State.DISMISSED, reason)


def _decide(finding: AbuseFinding, by: User, state: str, reason: str) -> AbuseFinding:
    finding = lock(finding)
    if not roles.is_reviewer(by) or by.memberships.filter(organisation=finding.organisation_id).exists():
        raise Forbidden()
    if finding.state != State.OPEN:
        raise WrongState()
    if not reason.strip():
        raise Invalid(errors={"reason": [_("Say why, in words that the complainant can answer.")]})
    finding.state, finding.reason = state, reason.strip()
    finding.decided_by, finding.decided_at = by, clock.now()
    finding.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    ledger.record(
        kind=f"abuse.{state}", subject=finding.public_id, actor=by,
        payload={
            "to": state, "pattern": finding.pattern, "organisation": finding.organisation.public_id,
            **misuse.cited([finding]),
        },
    )  # fmt: skip
    return finding


@dataclass(frozen=True)
class Told:
    """A finding in words."""

    finding: AbuseFinding
    #: which rule it broke, as that was at the time of the act; None where nobody asked
    rule: RuleVersion | None = None

    @property
    def pattern(self) -> Pattern:
        return PATTERNS[self.finding.pattern]

    @property
    def to_staff(self) -> str:
        return str(self.pattern.to_staff) % self.finding.figures

    @property
    def to_complainant(self) -> str:
        return str(self.pattern.to_complainant) % self.finding.figures

"""Where a complainant stands, as the page “Your standing”, the API and staff read it. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Organisation, User
from complaints import lanes, misuse
from complaints.abuse.findings import Told
from complaints.abuse.lifecycle import SUSPENSION
from complaints.goodfaith import Score
from complaints.models import AbuseFinding, Complaint, Suspension
from core.errors import NotYours
from core.lifecycle import Turn
from filings.standing import may_complain
from rulebook.models import RuleVersion

#: so many of each are shown
SHOWN = 20


@dataclass(frozen=True)
class HeldAgainst:
    """A finding that staff confirmed, as the complainant reads it: in words, with its own cases alone."""

    told: Told
    cases: Sequence[Complaint]

    @property
    def finding(self) -> AbuseFinding:
        return self.told.finding


@dataclass(frozen=True)
class Standing:
    """Everything that counts for or against one complainant, and what follows from it."""

    organisation: Organisation
    where: lanes.Placed
    held_against: Sequence[HeldAgainst]
    suspensions: Sequence[Suspension]
    #: what the book says of lanes now
    lane_rule: RuleVersion | None
    #: by warning or suspension, what the book said of consequences when it was decided
    rules: dict[int, RuleVersion]

    @property
    def score(self) -> Score:
        return self.where.score

    @property
    def suspension(self) -> Suspension | None:
        """The warning or suspension that stands at present."""
        return self.where.suspension

    @property
    def suspension_rule(self) -> RuleVersion | None:
        return self.rules.get(self.suspension.pk) if self.suspension else None

    @property
    def cited(self) -> list[tuple[Suspension, RuleVersion | None]]:
        """Each warning or suspension with the rule that it followed."""
        return [(row, self.rules.get(row.pk)) for row in self.suspensions]

    @property
    def is_suspended(self) -> bool:
        return self.suspension is not None and self.suspension.state == Suspension.State.SUSPENDED

    @property
    def turn(self) -> Turn | None:
        return SUSPENSION.turns[self.suspension.state] if self.suspension else None

    @property
    def all_terms(self) -> list[lanes.Terms]:
        return list(lanes.TERMS.values())


def standing_of(organisation: Organisation) -> Standing:
    """Where a complainant stands now; a constant number of queries."""
    where = lanes.placed(organisation)
    suspensions = list(Suspension.objects.filter(organisation=organisation).order_by("-pk")[:SHOWN])
    return Standing(
        organisation,
        where,
        _held_against(organisation),
        suspensions,
        misuse.rule_at(misuse.LANES),
        misuse.rules_of_suspensions(suspensions),
    )


def own_standing(user: User) -> Standing:
    """Where somebody's organisation stands. Raises NotYours for who complains for nobody."""
    if user.organisation is None or not (may_complain(user) or _complained(user.organisation)):
        raise NotYours()
    return standing_of(user.organisation)


def _complained(organisation: Organisation) -> bool:
    return Complaint.objects.filter(organisation=organisation).exists() or organisation.kind in (
        "rights_holder",
        "agency",
    )


def _held_against(organisation: Organisation) -> list[HeldAgainst]:
    confirmed = AbuseFinding.objects.filter(organisation=organisation, state=AbuseFinding.State.CONFIRMED)
    found = list(confirmed.order_by("-pk").prefetch_related("cases")[:SHOWN])
    named = {case.case for finding in found for case in finding.cases.all()}
    own: dict[Any, Complaint] = Complaint.objects.filter(organisation=organisation).in_bulk(
        sorted(named), field_name="public_id"
    )
    rules = misuse.rules_of(found)
    return [
        HeldAgainst(
            Told(finding, rules.get(finding.pk)), [own[c.case] for c in finding.cases.all() if c.case in own][:SHOWN]
        )
        for finding in found
    ]

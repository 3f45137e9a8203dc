"""Which rules of the book speak of how complainants behave, and which version of them was in force at the time of an act.

A version that was in force at some moment stays the one that was: so nothing is stored, and a page, a letter and the
API read the same that the ledger sealed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from complaints.models import AbuseCase, AbuseFinding, Complaint, Privilege, Suspension
from core import clock
from filings.models import Filing
from rulebook.models import RuleVersion
from rulebook.selectors import versions_at

#: what follows from misuse; lanes; self-service takedown
CONSEQUENCES, LANES, SELF_SERVICE = "L2", "L3", "L4"
#: which rule says that a pattern is misuse
RULE_OF = {
    "withdrawn_for_money": "C5",
    "right_not_in_force": "C1",
    "forged_papers": "C2",
    "serial_partial": "C4",
    "licensed_sellers": "C1",
    "claim_splitting": "C4",
    "shared_accounts": "C3",
    "boilerplate": "C4",
    "festival_burst": "C3",
    "later_works": "C1",
    "squatted_marks": "C3",
    "threats": "C5",
}


def rules_of(findings: Sequence[AbuseFinding]) -> dict[int, RuleVersion]:
    """By finding, the rule that was broken, as it was at the time of the last act that shows it; four queries."""
    at = _acts(findings)
    acts = {finding.pk: (RULE_OF[finding.pattern], at[finding.pk]) for finding in findings}
    versions = versions_at(acts.values())
    return {pk: versions[act] for pk, act in acts.items() if act in versions}


def _acts(findings: Sequence[AbuseFinding]) -> dict[int, datetime]:
    """When each finding's last act was: the latest of the complaints and rights that show it; else, when it was found."""
    cases = list(AbuseCase.objects.filter(finding__in=[f.pk for f in findings]).values_list("finding", "case"))
    named = {case for _finding, case in cases}
    sent: dict[str, datetime] = {}
    for model in (Complaint, Filing):
        sent |= dict(model.objects.filter(public_id__in=named).values_list("public_id", "created_at"))
    at: dict[int, datetime] = {}
    for pk, case in cases:
        if case in sent:
            at[pk] = max(at.get(pk, sent[case]), sent[case])
    return {f.pk: at.get(f.pk, f.found_at) for f in findings}


def rule_at(code: str, at: datetime | None = None) -> RuleVersion | None:
    """One of these rules as it was at that moment (default: now); None before there was any."""
    at = at or clock.now()
    return versions_at([(code, at)]).get((code, at))


def rules_of_suspensions(rows: Sequence[Suspension]) -> dict[int, RuleVersion]:
    """By warning or suspension, what the book said of consequences at its last decision; one query."""
    acts = {row.pk: (CONSEQUENCES, row.suspended_at or row.created_at) for row in rows}
    versions = versions_at(acts.values())
    return {pk: versions[act] for pk, act in acts.items() if act in versions}


def rule_of_end(privilege: Privilege) -> RuleVersion | None:
    """What the book said of self-service when a privilege ended."""
    return rule_at(SELF_SERVICE, privilege.state_since_at)


def cited(findings: Sequence[AbuseFinding] = (), *codes: str) -> dict[str, Any]:
    """For a ledger entry: the rules that these findings broke, and those of `codes` as they are now."""
    found: Iterable[RuleVersion | None] = [*rules_of(findings).values(), *(rule_at(code) for code in codes)]
    versions = {rule.pk: rule for rule in found if rule is not None}.values()
    return {"rules": [{"rule": v.code, **v.cited()} for v in sorted(versions, key=lambda v: (v.code, v.number))]}

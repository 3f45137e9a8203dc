"""Which rules of the book a decision on a complaint may cite: those that were in force when it was complained of.

What a rule says from a later day on is not applied to what was on sale before.
"""

from collections.abc import Iterable

from complaints.models import Complaint
from rulebook import selectors as rulebook
from rulebook.models import RuleVersion


def rules_at(complaint: Complaint) -> dict[str, RuleVersion]:
    """Every rule that a decision on complaints could cite at the time of the act, by its code; one query."""
    rules = rulebook.rules_in_force(complaint.created_at)
    return {code: rule for code, rule in rules.items() if rule.is_for_decisions}


def fitting(rules: dict[str, RuleVersion], *, right: str, kinds: Iterable[str]) -> list[RuleVersion]:
    """Those of `rules` that a decision may cite, by the kind of right and the kinds of targets."""
    kinds = set(kinds)
    return [rule for rule in rules.values() if rule.fits(right=right, kinds=kinds)]


#: the rule that a reviewer most probably means, by kind of infringement
USUAL_RULE = {
    "counterfeit": "U1", "trademark_use": "U2", "pirated_book": "U3", "copied_image": "U3",
    "pirated_software": "U4", "patent_product": "U5", "design_copy": "U5", "gi_misuse": "U6",
    "shop_name": "U7", "forged_authorisation": "U8",
}  # fmt: skip


#: the rule that a dismissal cites unless a person chooses another, in that person's words
USUAL_DISMISSAL = "D1"

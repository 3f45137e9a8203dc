"""Reading the rules: which was in force when, what fits a case, what everybody may read."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from core import clock
from core.errors import NotYours
from rulebook.errors import RuleNotInForce
from rulebook.models import Effect, Rule, RuleVersion


def rule_in_force(code: str, at: datetime | None = None) -> RuleVersion:
    """The version of a rule that was in force at that moment (default: now). Raises RuleNotInForce."""
    found = RuleVersion.objects.in_force(at).select_related("rule").filter(rule__code=code).first()
    if found is None:
        raise RuleNotInForce()
    return found


def rules_in_force(at: datetime | None = None) -> dict[str, RuleVersion]:
    """Every rule that was in force at that moment, by its code, in the order of the book; one query."""
    return {version.code: version for version in RuleVersion.objects.in_force(at).in_order()}


def versions_at(acts: Iterable[tuple[str, datetime]]) -> dict[tuple[str, datetime], RuleVersion]:
    """For many acts at once, the version of a rule that was in force then; nothing where none was. One query."""
    acts = set(acts)
    by_code: dict[str, list[RuleVersion]] = defaultdict(list)
    known = RuleVersion.objects.filter(rule__code__in={code for code, _at in acts}).select_related("rule")
    for version in known.order_by("effective_from", "number"):
        by_code[version.code].append(version)
    found = {}
    for code, at in acts:
        begun = [v for v in by_code[code] if v.effective_from <= at]
        if begun and (begun[-1].effective_until is None or begun[-1].effective_until > at):
            found[code, at] = begun[-1]
    return found


def rules_for(*, right: str, kinds: Iterable[str], at: datetime | None = None) -> list[RuleVersion]:
    """The rules that a decision may cite, by the kind of right and the kinds of targets."""
    kinds = set(kinds)
    return [rule for rule in rules_in_force(at).values() if rule.fits(right=right, kinds=kinds)]


def ladder_in_force(against: str, at: datetime | None = None) -> RuleVersion:
    """The ladder for shops or for complainants. Raises RuleNotInForce."""
    for rule in rules_in_force(at).values():
        if rule.effect == Effect.LADDER and rule.ladder == against:
            return rule
    raise RuleNotInForce()


# --- what everybody may read --------------------------------------------------------------------------------


def versions_of(code: str) -> list[RuleVersion]:
    """All published versions of a rule, the newest first, those to come among them. Raises NotYours."""
    found = list(RuleVersion.objects.filter(rule__code=code).select_related("rule").order_by("-number"))
    if not found:
        raise NotYours()
    return found


def standing_of(version: RuleVersion, versions: Iterable[RuleVersion]) -> tuple[str, datetime | None]:
    """Of one of a rule's `versions`: `coming`, `in_force` or `past`, and when it ends or ended, if that is known."""
    begins = [v.effective_from for v in versions if v.number > version.number]
    ends = min([*begins, *([version.effective_until] if version.effective_until else [])], default=None)
    now = clock.now()
    if version.effective_from > now:
        return "coming", ends
    return ("in_force" if ends is None or ends > now else "past"), ends


def coming() -> QuerySet[RuleVersion]:
    """Versions that are published and not in force yet, the next first."""
    return RuleVersion.objects.filter(effective_from__gt=clock.now()).select_related("rule").order_by("effective_from")


def published() -> QuerySet[RuleVersion]:
    """All versions, the latest published first: what the feed tells."""
    return RuleVersion.objects.select_related("rule").order_by("-published_at", "-pk")


def codes() -> list[str]:
    return list(Rule.objects.order_by("pk").values_list("code", flat=True))

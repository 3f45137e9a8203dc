"""Changing the rules: one person proposes, another approves. What is in force is never edited."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import roles
from core import clock, ledger
from core.errors import Forbidden, Invalid, WrongState
from core.ids import next_number
from core.lifecycle import lock
from rulebook.catalogue import RIGHTS, TARGETS
from rulebook.errors import OwnChange
from rulebook.lifecycle import LIFECYCLE
from rulebook.models import PERIOD, WORDING, Effect, Ladder, Measure, Rule, RuleChange, RuleVersion

State = RuleChange.State


@transaction.atomic
def propose_change(*, code: str, wording: Mapping[str, Any], reason: str, by: Any) -> RuleChange:
    """Propose the next version of a rule, or a new rule; nothing changes until somebody else approves it.

    `wording` has the columns of `WORDING` and the period. Raises Forbidden, Invalid (by field), WrongState when a
    change of this rule waits already.
    """
    if not roles.is_senior(by):
        raise Forbidden()
    change = RuleChange(
        code=code.strip(), reason=reason.strip(), proposed_by=by, number="", state=State.PROPOSED,
        state_since_at=clock.now(), created_at=clock.now(),
        **{name: wording[name] for name in (*WORDING, *PERIOD)},
    )  # fmt: skip
    _check(change)
    if RuleChange.objects.filter(code=change.code, state=State.PROPOSED).exists():
        raise WrongState(_("A change of this rule waits for a decision already. Decide on that one first."))
    change.number = next_number("RC", clock.today().year)
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as raced:
        raise WrongState() from raced
    ledger.record(
        kind="rule_change.propose", subject=change.public_id, actor=by,
        payload={"to": change.state, "rule": change.code, "sha256": change.digest()},
    )  # fmt: skip
    return change


@transaction.atomic
def approve_change(*, change: RuleChange, by: Any, note: str = "") -> RuleVersion:
    """Publish the new version; it is in force from its day on. Raises OwnChange, Forbidden, WrongState."""
    change = _mine_to_decide(change, by)
    LIFECYCLE.check(change, "approve", by)
    rule, _new = Rule.objects.get_or_create(code=change.code)
    # Held until the end: of two versions at the same moment each gets a number of its own.
    Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    last = rule.versions.order_by("-number").first()
    if last is not None and last.effective_from >= change.effective_from:
        raise WrongState(_("Version %(n)d begins on the same day or later. Propose a later day.") % {"n": last.number})
    version = RuleVersion.objects.create(
        rule=rule, number=last.number + 1 if last else 1, content_hash=change.digest(), published_at=clock.now(),
        **{name: getattr(change, name) for name in (*WORDING, *PERIOD)},
    )  # fmt: skip
    change.version, change.decided_by, change.note = version, by, note.strip()
    LIFECYCLE.fire(
        change, "approve", actor=by, writes=["version", "decided_by", "note"],
        payload={"rule": change.code, **version.cited()},
    )  # fmt: skip
    return version


@transaction.atomic
def decline_change(*, change: RuleChange, by: Any, note: str) -> RuleChange:
    """Leave the rule as it is. Raises OwnChange, Forbidden, WrongState, Invalid."""
    change = _mine_to_decide(change, by)
    LIFECYCLE.check(change, "decline", by)
    if not note.strip():
        raise Invalid(_("Say why, so that it can be proposed better."), field="note")
    change.decided_by, change.note = by, note.strip()
    LIFECYCLE.fire(change, "decline", actor=by, writes=["decided_by", "note"], payload={"rule": change.code})
    return change


@transaction.atomic
def withdraw_change(*, change: RuleChange, by: Any) -> RuleChange:
    """Whoever proposed it takes it back. Raises Forbidden, WrongState."""
    change = lock(change)
    LIFECYCLE.fire(change, "withdraw", actor=by, payload={"rule": change.code})
    return change


def _mine_to_decide(change: RuleChange, by: Any) -> RuleChange:
    change = lock(change)
    if by is not None and by.pk == change.proposed_by_id:
        raise OwnChange()
    return change


def _check(change: RuleChange) -> None:
    """Raises Invalid with every fault by its field."""
    faults: dict[str, list[Any]] = {}
    for name in ("code", "title_zh", "title_en", "text_zh", "text_en", "source_zh", "source_en", "reason"):
        if not getattr(change, name).strip():
            faults[name] = [_("This must be said.")]
    if not change.code.replace("-", "").isalnum() or len(change.code) > 16 or not change.code.isascii():
        faults["code"] = [_("Up to 16 letters, digits and hyphens, such as M11.")]
    if change.effective_from <= clock.now():
        faults["effective_from"] = [_("A rule changes for the future only. Choose a later moment.")]
    if change.effective_until is not None and change.effective_until <= change.effective_from:
        faults["effective_until"] = [_("It cannot end before it begins.")]
    if change.effect not in Effect.values:
        faults["effect"] = [_("Choose what citing it does.")]
    if (change.ladder != Ladder.NONE) != (change.effect in (Effect.POINTS, Effect.LADDER, Effect.CONDUCT)):
        faults["ladder"] = [_("Say against whom it counts if it brings points or is a ladder, and otherwise nothing.")]
    if change.effect == Effect.CONDUCT and change.ladder != Ladder.COMPLAINANT:
        faults["ladder"] = [_("What it says of conduct is about the complainant.")]
    if (change.points > 0) != (change.effect == Effect.POINTS) or change.points > 48:
        faults["points"] = [_("1 to 48 points for a rule that brings points, none for any other.")]
    for name, known in (("rights", RIGHTS), ("targets", TARGETS)):
        if unknown := [value for value in getattr(change, name) if value not in known]:
            faults[name] = [_("“%(value)s” is not known here. Known are: %(known)s.") % {"value": unknown[0], "known": ", ".join(known)}]  # fmt: skip
    faults |= _faults_of_steps(change)
    before = RuleVersion.objects.filter(rule__code=change.code).order_by("-number").first()
    if before is not None and before.effect != change.effect:
        faults["effect"] = [_("A rule keeps its effect: decisions cite it for that. Propose a new rule instead.")]
    if before is not None and before.effective_from >= change.effective_from:
        faults["effective_from"] = [_("Version %(n)d begins on the same day or later. Propose a later day.") % {"n": before.number}]  # fmt: skip
    if faults:
        raise Invalid(errors=faults)


def _faults_of_steps(change: RuleChange) -> dict[str, list[Any]]:
    if (change.effect == Effect.LADDER) != bool(change.steps):
        return {"steps": [_("A ladder has steps, and nothing else has any.")]}
    heights = [step["points"] for step in change.steps]
    if heights != sorted(set(heights)):
        return {"steps": [_("Each step is higher than the one before.")]}
    for step in change.steps:
        lasts = step["measure"] not in (Measure.WARNING, Measure.BAN)
        if step["measure"] not in Measure.values or step["points"] < 1 or lasts != bool(step["days"]):
            return {"steps": [_("A step has points, a measure, and days unless it is a warning or a ban.")]}
    return {}

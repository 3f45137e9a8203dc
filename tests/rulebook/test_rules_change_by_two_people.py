"""A rule changes for the future, by two people, and what it said before stays as it was."""

import json
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.roles import StaffRole
from core import clock
from core.errors import DomainError, Invalid
from core.models import LedgerEntry
from filings.models import RightKind
from marketplace.models import Target
from rulebook import catalogue, services
from rulebook.errors import OwnChange, RuleNotInForce
from rulebook.models import PERIOD, WORDING, Rule, RuleChange, RuleVersion
from rulebook.selectors import rule_in_force, rules_in_force
from tests.factories import staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def senior():
    return staff(StaffRole.SENIOR_REVIEWER)


def wording(code="M4", **changes):
    before = rule_in_force(code)
    said = {name: getattr(before, name) for name in (*WORDING, *PERIOD)}
    return said | {"effective_from": clock.now() + timedelta(days=7)} | changes


def proposed(by=None, code="M4", **changes):
    return services.propose_change(code=code, wording=wording(code, **changes), reason="Too mild.", by=by or senior())


def test_every_installation_has_the_rules_that_it_ships_and_loading_them_again_changes_nothing():
    before = list(RuleVersion.objects.values())
    assert len(before) == len(catalogue.CATALOGUE) + len(catalogue.REVISIONS)
    assert catalogue.load(Rule.objects, RuleVersion.objects) == 0
    assert list(RuleVersion.objects.values()) == before
    assert set(catalogue.RIGHTS) == set(RightKind.values)
    assert set(catalogue.TARGETS) == set(Target.Kind.values)


def test_what_complainants_do_brings_no_points_any_more_and_earlier_versions_say_what_they_said():
    now = rules_in_force()
    assert {now[code].effect for code in ("C1", "C2", "C3", "C4", "C5", "L2", "L3", "L4")} == {"conduct"}
    assert not [r for r in now.values() if r.points and r.ladder == "complainant"]
    assert (rule_in_force("C5").number, rule_in_force("C5", catalogue.BEGINNING).points) == (2, 24)


def test_what_was_shipped_once_is_never_edited():
    """A mended comma is a new version too: decisions cite the old one by its digest."""
    digests = {
        f"{code} v{number}": RuleVersion(**entry.columns()).digest()
        for code, entries in catalogue.shipped_versions().items()
        for number, entry in enumerate(entries, start=1)
    }
    pinned = json.loads((Path(__file__).parent / "shipped_versions.json").read_text())
    assert {name: digest for name, digest in digests.items() if pinned.get(name, digest) != digest} == {}
    assert digests == pinned, "a new version is pinned in shipped_versions.json"
    assert {str(version): version.content_hash for version in RuleVersion.objects.select_related("rule")} == pinned


def shipped_as(code, number, under):
    """A rule of an installation that has a shipped version of another one, and no later one."""
    entry = catalogue.shipped_versions()[code][number - 1]
    rule = Rule.objects.create(code=under)
    catalogue._publish(RuleVersion.objects, rule, 1, entry, since=entry.since, published_at=entry.since)
    return rule


def revised(*codes, at=None):
    """Bring the latest versions into rules that are named as the shipped ones with an X before."""
    versions = {f"X-{code}": entries for code, entries in catalogue.shipped_versions().items() if code in codes}
    with patch.object(catalogue, "shipped_versions", lambda: versions):
        return catalogue.revise(Rule.objects, RuleVersion.objects, at=at or clock.now())


def test_an_installation_that_began_with_earlier_versions_gets_the_latest_from_that_day_once(stopped):
    stopped.set(catalogue.AMENDED + timedelta(days=40))
    codes = {entry.code for entry in catalogue.REVISIONS}
    for code in codes:
        shipped_as(code, 1, f"X-{code}")
    at = clock.now()
    assert revised(*codes) == len(codes)
    assert revised(*codes) == 0
    for code in codes:
        assert rule_in_force(f"X-{code}", at).number == 2
        assert rule_in_force(f"X-{code}", at).text_en == rule_in_force(code, at).text_en
        assert rule_in_force(f"X-{code}", at - timedelta(microseconds=1)).number == 1
    assert rule_in_force("X-L1").published_at == at
    assert rule_in_force("X-L1").steps == rule_in_force("L1", catalogue.BEGINNING).steps


def test_a_revision_leaves_alone_what_two_people_changed_and_what_says_the_same_already(stopped):
    stopped.set(catalogue.AMENDED + timedelta(days=40))
    rule = shipped_as("L1", 1, "X-L1")
    change = proposed(code="X-L1", text_en="Our own ladder.")
    ours = services.approve_change(change=change, by=senior())
    shipped_as("L4", 2, "X-L4")
    assert revised("L1", "L4") == 0
    assert rule.versions.latest("number") == ours


def test_a_rule_that_is_new_to_a_book_in_use_does_not_look_back(stopped):
    stopped.set(catalogue.AMENDED + timedelta(days=40))
    versions = {"X-L4": catalogue.shipped_versions()["L4"]}
    with patch.object(catalogue, "shipped_versions", lambda: versions):
        assert catalogue.load(Rule.objects, RuleVersion.objects) == 1
    begun = RuleVersion.objects.get(rule__code="X-L4")
    assert (begun.effective_from, begun.published_at) == (clock.now(), clock.now())
    assert begun.text_en == versions["X-L4"][-1].text[1]


def test_a_change_that_somebody_else_approves_is_in_force_from_its_day_and_not_earlier(stopped):
    version = services.approve_change(change=proposed(points=6), by=senior())
    assert (version.number, rule_in_force("M4").points) == (2, 2)
    stopped.set(version.effective_from - timedelta(microseconds=1))
    assert rule_in_force("M4").number == 1
    stopped.advance(microseconds=1)
    assert (rule_in_force("M4").number, rule_in_force("M4").points) == (2, 6)
    assert rule_in_force("M4", clock.now() - timedelta(days=1)).number == 1
    entry = LedgerEntry.objects.get(kind="rule_change.approve")
    assert entry.payload["sha256"] == version.content_hash == version.digest()


def test_nobody_approves_or_declines_what_they_proposed_themselves():
    by = senior()
    change = proposed(by)
    for step in (services.approve_change, services.decline_change):
        with pytest.raises(OwnChange):
            step(change=change, by=by, note="Fine.")
    assert RuleVersion.objects.filter(rule__code="M4", number=2).count() == 0


def test_a_reviewer_neither_proposes_nor_approves():
    with pytest.raises(DomainError):
        proposed(staff())
    with pytest.raises(DomainError):
        services.approve_change(change=proposed(), by=staff())


def test_a_change_whose_day_has_passed_cannot_be_approved_any_more(stopped):
    change = proposed()
    stopped.advance(days=8)
    with pytest.raises(DomainError):
        services.approve_change(change=change, by=senior())
    services.decline_change(change=change, by=senior(), note="Too late.")
    change.refresh_from_db()
    assert change.state == RuleChange.State.DECLINED


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"effective_from": "yesterday"}, "effective_from"), ({"points": 0}, "points"), ({"points": 49}, "points"),
        ({"ladder": ""}, "ladder"), ({"effect": "upholds", "points": 0, "ladder": ""}, "effect"),
        ({"rights": ["moon"]}, "rights"), ({"title_zh": " "}, "title_zh"),
        ({"steps": [{"points": 2, "measure": "ban", "days": None}]}, "steps"),
    ],
)  # fmt: skip
def test_an_impossible_change_is_refused_by_its_field(fault, field):
    if fault.get("effective_from") == "yesterday":
        fault = {"effective_from": clock.now() - timedelta(days=1)}
    with pytest.raises(Invalid) as wrong:
        proposed(**fault)
    assert field in wrong.value.errors
    assert not RuleChange.objects.exists()


def test_one_change_of_a_rule_waits_at_a_time():
    proposed()
    with pytest.raises(DomainError):
        proposed()
    proposed(code="M5")


def test_a_rule_that_has_ended_is_in_force_no_longer(stopped):
    ends = clock.now() + timedelta(days=10)
    services.approve_change(change=proposed(effective_until=ends), by=senior())
    stopped.set(ends)
    assert "M4" not in rules_in_force()
    with pytest.raises(RuleNotInForce):
        rule_in_force("M4")


def test_the_database_itself_refuses_to_change_a_version():
    for change in (lambda: RuleVersion.objects.update(points=1), lambda: RuleVersion.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_staff_propose_see_what_would_change_and_somebody_else_approves_it(sign_in):
    first, second = senior(), senior()
    page = sign_in(first).get(reverse("admin:rulebook_rulechange_propose") + "?code=M4")
    form = page.context["form"]
    said = {name: form[name].value() for name in form.fields}
    said |= {"points": 5, "reason": "Too mild.", "effective_until": "", "effective_from": "2026-04-01T00:00"}
    answer = sign_in(first).post(reverse("admin:rulebook_rulechange_propose") + "?code=M4", said)
    assert answer.status_code == 302, answer.context["form"].errors
    preview = sign_in(second).get(answer.url).content.decode()
    assert 'class="is-new">5<' in preview
    assert sign_in(first).post(answer.url, {"step": "approve"}).status_code == 403
    assert sign_in(second).post(answer.url, {"step": "approve"}).status_code == 302
    assert RuleVersion.objects.get(rule__code="M4", number=2).points == 5

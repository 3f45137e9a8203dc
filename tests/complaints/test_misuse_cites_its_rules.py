"""Every effect on a complainant names the rule that it follows, in the version of the time of the act."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.roles import StaffRole
from complaints import misuse, selfservice
from complaints.abuse import findings, suspension
from complaints.abuse.patterns import PATTERNS
from complaints.models import AbuseFinding, Complaint, Privilege
from core import clock
from core.models import LedgerEntry, Letter
from filings.models import Filing
from rulebook import services as rulebook
from tests.complaints.helpers import shown_by_a_new_case
from tests.factories import complaint, staff
from tests.rulebook.test_rules_change_by_two_people import proposed

pytestmark = pytest.mark.django_db


def senior():
    return staff(StaffRole.SENIOR_REVIEWER)


@pytest.fixture
def confirmed(stopped, holder):
    made = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="q", figures={"n": 2})
    shown_by_a_new_case(made)
    return findings.confirm(finding=made, by=senior(), reason="They wrote it twice.")


@pytest.fixture
def warned(confirmed, holder):
    return suspension.warn(organisation=holder.organisation, by=senior(), findings=[confirmed], facts="Two threats.")


def rules_in(kind):
    return [(said["rule"], said["number"]) for said in LedgerEntry.objects.get(kind=kind).payload["rules"]]


def test_every_pattern_has_a_rule():
    assert set(misuse.RULE_OF) == set(PATTERNS)


def test_a_finding_and_the_warning_on_it_cite_their_rules_in_the_ledger_and_the_letter(warned):
    assert rules_in("abuse.confirmed") == [("C5", 2)]
    assert rules_in("suspension.warn") == [("C5", 2), ("L2", 2)]
    letter = Letter.objects.get(template="suspension_warned")
    assert "Rule C5 v2: Demanding money for a withdrawal" in letter.body
    assert reverse("rule-version", args=["L2", 2]) in letter.body


def test_the_version_is_that_of_the_act_however_late_it_is_found_and_however_the_rule_reads_since(
    stopped, holder, confirmed
):
    case = Filing.objects.get()
    change = proposed(code="C5", title_en="Extortion")
    version = rulebook.approve_change(change=change, by=senior())
    stopped.set(version.effective_from + timedelta(days=1))
    assert misuse.rules_of([confirmed])[confirmed.pk].number == 2
    made = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="r", figures={"n": 1})
    shown_by_a_new_case(made)
    assert misuse.rules_of([made])[made.pk].title_en == "Extortion"
    # Before the second version of the shipped rules the first one was in force, with points.
    Filing.objects.filter(pk=case.pk).update(created_at=datetime(2025, 5, 5, tzinfo=UTC))
    assert misuse.rules_of([confirmed])[confirmed.pk].points == 24


def test_a_suspension_cites_the_rule_and_so_do_the_complaints_that_it_slows_down(warned, holder, stopped):
    stopped.advance(days=3)
    again = AbuseFinding.objects.create(organisation=holder.organisation, pattern="threats", key="s", figures={"n": 1})
    shown_by_a_new_case(again)
    findings.confirm(finding=again, by=senior(), reason="Again.")
    complaint(by=holder)
    Complaint.objects.update(lane="normal")
    suspension.suspend(suspension=warned, by=senior(), findings=[again], facts="Two more.")
    assert rules_in("suspension.suspend") == [("C5", 2), ("L2", 2)]
    assert [r["rule"] for r in LedgerEntry.objects.filter(kind="complaint.slowed").first().payload["rules"]] == [
        "L2",
        "L3",
    ]
    assert "Rule C5 v2" in Letter.objects.get(template="suspension_begun").body


def test_self_service_that_ends_cites_the_rule(stopped, holder, sign_in):
    privilege = Privilege.objects.create(
        organisation=holder.organisation, number="PV-2026-1", asked_by=holder, state="active",
        state_since_at=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    selfservice.take_away(privilege=privilege, by=senior(), reason="Wrong links.")
    assert rules_in("privilege.take_away") == [("L4", 1)]
    assert reverse("rule-version", args=["L4", 1]) in Letter.objects.get(template="privilege_ended").body
    assert reverse("rule-version", args=["L4", 1]) in sign_in(holder).get("/standing/self-service/").content.decode()
    assert sign_in(holder).get("/api/v1/self-service").json()["rule"] == {"code": "L4", "version": 1}


def test_the_page_the_api_and_staff_read_which_rule_it_was(warned, confirmed, holder, sign_in):
    page = sign_in(holder).get("/standing/").content.decode()
    for code, number in (("C5", 2), ("L2", 2), ("L3", 1)):
        assert reverse("rule-version", args=[code, number]) in page
    said = sign_in(holder).get("/api/v1/standing").json()
    assert said["lane_rule"] == {"code": "L3", "version": 1}
    assert said["suspension_rule"] == {"code": "L2", "version": 2}
    assert said["held_against"][0]["rule"] == {"code": "C5", "version": 2}
    client = sign_in(senior())
    for model, row, code in (("abusefinding", confirmed, "C5"), ("suspension", warned, "L2")):
        shown = client.get(reverse(f"admin:complaints_{model}_change", args=[row.pk])).content.decode()
        assert reverse("rule-version", args=[code, 2]) in shown

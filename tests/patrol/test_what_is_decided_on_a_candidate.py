"""Upheld, dismissed, reversed, asked about, handed over: what each does to the listing, the shop and the brand."""

import pytest

from complaints import services as complaints
from complaints.models import Draft
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter, OutboxMessage
from filings.models import Filing
from marketplace.models import Enforcement, Hold
from marketplace.services import HoldCause, place_holds
from patrol import letters, profiles, services
from patrol.models import Candidate
from patrol.reasons import infringements_for, rules_that_fit
from tests.factories import ListingFactory, ShopFactory, complaint, member, merchant_of, staff
from tests.patrol.build import FACTS, a_candidate, a_finding, a_profile, a_senior

pytestmark = pytest.mark.django_db
State = Candidate.State


def desired(target):
    return Enforcement.objects.get(target=target).desired


# --- uphold ------------------------------------------------------------------------------------------------------


def test_what_is_upheld_is_held_down_and_its_shop_is_told_why(work_off):
    candidate = a_candidate()
    merchant = merchant_of(candidate.target.shop, language="en")
    finding = a_finding(candidate)
    work_off()
    candidate.refresh_from_db(), finding.refresh_from_db()
    assert candidate.state == State.UPHELD
    assert Hold.objects.active().get(target=candidate.target).cause == finding.public_id
    assert desired(candidate.target) == Enforcement.State.DOWN
    assert (finding.infringement, finding.rule_version.code, finding.is_automated) == ("counterfeit", "U1", False)
    assert finding.snapshot["title"] == candidate.target.title
    letter = Letter.objects.get(template="finding")
    assert letter.user == merchant
    assert finding.number in letter.subject
    assert FACTS in letter.body
    assert f"/findings/{finding.public_id}/" in letter.body
    assert "a person decided" in letter.body
    assert finding.notified_at is not None


def test_the_letter_is_written_once_however_often_the_event_comes(work_off):
    finding = a_finding()
    merchant_of(finding.shop)
    letters.decided(finding.public_id), letters.decided(finding.public_id)
    work_off()
    assert Letter.objects.filter(template="finding").count() == 1


def test_the_ledger_keeps_the_rule_and_no_words():
    finding = a_finding()
    payload = LedgerEntry.objects.get(kind="candidate.uphold").payload
    assert payload["rule"] == "U1"
    assert payload["sha256"] == finding.rule_version.content_hash
    assert FACTS not in str(payload)
    assert len(payload["facts_sha256"]) == 64


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"rule": "U3"}, "rule"),  # fits another right
        ({"rule": "D1"}, "rule"),
        ({"rule": "U99"}, "rule"),
        ({"facts": "  "}, "facts"),
        ({"infringement": "pirated_book"}, "infringement"),
    ],
)
def test_what_does_not_fit_the_right_is_refused_by_its_field_and_changes_nothing(said, field):
    candidate = a_candidate()
    with pytest.raises(Invalid) as refused:
        services.uphold(candidate=candidate, by=staff(), **{"rule": "U1", "facts": FACTS} | said)
    assert list(refused.value.errors) == [field]
    assert not Hold.objects.exists()
    assert not candidate.decisions.exists()


def test_nothing_is_taken_down_for_a_right_that_has_ended():
    candidate = a_candidate()
    Filing.objects.filter(pk=candidate.profile.filing_id).update(state=Filing.State.EXPIRED)
    candidate.profile.filing.refresh_from_db()
    with pytest.raises(WrongState):
        a_finding(candidate)


def test_a_book_is_a_pirated_book():
    candidate = a_candidate(a_profile(right="publishing"))
    decision = services.uphold(candidate=candidate, by=staff(), rule="U3", facts=FACTS)
    assert decision.infringement == "pirated_book"


def test_two_findings_on_one_listing_hold_it_each():
    target = ListingFactory()
    first, second = a_finding(a_candidate(target=target)), a_finding(a_candidate(target=target))
    assert set(Hold.objects.active().filter(target=target).values_list("cause", flat=True)) == {
        first.public_id, second.public_id,
    }  # fmt: skip


@pytest.mark.parametrize("who", [member, lambda: None])
def test_only_officers_decide(who):
    candidate, by = a_candidate(), who()
    with pytest.raises(Forbidden):
        services.dismiss(candidate=candidate, by=by or member(), why="resale")
    with pytest.raises(Forbidden):
        services.uphold(candidate=candidate, by=by or member(), rule="U1", facts=FACTS)


def test_nobody_decides_for_their_own_side():
    candidate = a_candidate()
    officer = staff()
    officer.memberships.create(organisation=candidate.profile.filing.organisation, role="reader")
    with pytest.raises(Forbidden):
        a_finding(candidate, by=officer)


# --- reverse -----------------------------------------------------------------------------------------------------


def test_a_reversal_releases_the_hold_and_tells_the_shop(work_off):
    finding = a_finding()
    merchant_of(finding.shop)
    decision = services.reverse(candidate=finding.candidate, by=a_senior(), reason="It is genuine.", appeal="apl_x")
    work_off()
    assert desired(finding.candidate.target) == Enforcement.State.UP
    assert (decision.outcome, decision.on_appeal) == ("reversed", "apl_x")
    assert finding.number in Letter.objects.get(template="finding_reversed").subject


def test_it_stays_down_while_something_else_holds_it():
    finding = a_finding()
    target = finding.candidate.target
    place_holds(targets=[target], cause=HoldCause("cmp_other"))
    services.reverse(candidate=finding.candidate, by=a_senior(), reason="It is genuine.")
    assert desired(target) == Enforcement.State.DOWN
    assert Hold.objects.active().get(target=target).cause == "cmp_other"


def test_a_reviewer_who_is_no_senior_cannot_reverse():
    finding = a_finding()
    with pytest.raises(Forbidden):
        services.reverse(candidate=finding.candidate, by=staff(), reason="It is genuine.")


# --- dismiss -----------------------------------------------------------------------------------------------------


def test_a_dismissal_says_why_and_holds_nothing():
    candidate = a_candidate()
    services.dismiss(candidate=candidate, by=staff(), why="compatible", note="For the Kivorro 3.")
    candidate.refresh_from_db()
    assert (candidate.state, candidate.dismissal) == (State.DISMISSED, "compatible")
    assert not Hold.objects.exists()


@pytest.mark.parametrize(("why", "field"), [("", "why"), ("because", "why"), ("other", "note")])
def test_a_dismissal_without_a_reason_is_refused(why, field):
    candidate = a_candidate()
    with pytest.raises(Invalid) as refused:
        services.dismiss(candidate=candidate, by=staff(), why=why)
    assert list(refused.value.errors) == [field]


# --- the brand ---------------------------------------------------------------------------------------------------


def test_a_brand_is_asked_and_answers(work_off):
    candidate = a_candidate()
    brand = candidate.profile.filing.created_by
    services.ask_brand(candidate=candidate, by=staff())
    work_off()
    assert Letter.objects.get(template="candidate_asked").user == brand
    services.answer(candidate=candidate, by=brand, verdict="infringes", note="No such print.")
    candidate.refresh_from_db()
    assert candidate.state == State.OPEN
    assert candidate.answers.get().verdict == "infringes"


def test_an_unanswered_question_comes_back_after_three_days(stopped):
    candidate = services.ask_brand(candidate=a_candidate(), by=staff())
    stopped.advance(days=2)
    assert services.pass_deadlines() == 0
    stopped.advance(days=1, minutes=1)
    assert services.pass_deadlines() == 1
    assert services.pass_deadlines() == 0
    candidate.refresh_from_db()
    assert candidate.state == State.OPEN
    assert not candidate.answers.exists()


def test_another_organisation_cannot_answer():
    candidate = services.ask_brand(candidate=a_candidate(), by=staff())
    with pytest.raises(Forbidden):
        services.answer(candidate=candidate, by=member(), verdict="genuine")


def test_a_group_is_handed_over_as_one_complaint_of_the_brand():
    profile = a_profile(member(language="en"))
    some = [a_candidate(profile, ListingFactory()) for _n in range(3)]
    (draft,) = services.hand_over_all(candidates=some, by=staff())
    assert Draft.objects.get() == draft
    assert draft.organisation == profile.filing.organisation
    assert draft.data["links"].count("\n") == 2
    assert draft.data["infringement"] == "counterfeit"
    assert some[0].target.title in draft.data["description"]
    assert f"/complaints/drafts/{draft.public_id}/" in Letter.objects.get(template="candidates_handed_over").body
    assert set(Candidate.objects.values_list("state", "draft")) == {(State.HANDED_OVER, draft.pk)}


def test_what_a_brand_throws_away_or_never_sends_comes_back(stopped):
    candidates = [a_candidate() for _n in range(4)]
    *_others, ended = candidates
    drafts = services.hand_over_all(candidates=candidates, by=staff())
    complaints.discard_draft(draft=drafts[0], by=drafts[0].created_by)
    Draft.objects.filter(pk=drafts[2].pk).update(complaint=complaint())
    profiles.end(profile=ended.profile, by=ended.profile.filing.created_by)
    assert (services.pass_deadlines(), services.pass_deadlines()) == (1, 0)
    stopped.advance(days=30)
    assert (services.pass_deadlines(), services.pass_deadlines()) == (1, 0)
    states = [Candidate.objects.get(pk=one.pk).state for one in candidates]
    assert states == [State.OPEN, State.OPEN, State.HANDED_OVER, State.HANDED_OVER]


def test_a_group_with_one_that_is_decided_already_is_not_handed_over():
    profile = a_profile()
    fresh, decided = a_candidate(profile, ListingFactory()), a_candidate(profile, ListingFactory())
    a_finding(decided)
    with pytest.raises(WrongState):
        services.hand_over_all(candidates=[fresh, decided], by=staff())
    assert not Draft.objects.exists()


def test_decisions_are_told_to_whoever_listens():
    finding = a_finding()
    assert OutboxMessage.objects.filter(event="candidate.decided", subject=finding.public_id).exists()
    services.dismiss(candidate=a_candidate(), by=staff(), why="resale")
    assert OutboxMessage.objects.filter(event="candidate.decided").values("subject").distinct().count() == 1


@pytest.mark.parametrize(
    ("right", "kind", "target", "rule", "infringement"),
    [
        ("publishing", "book", ShopFactory, "U3", "pirated_book"),
        ("copyright_software", "work", ShopFactory, "U4", "pirated_software"),
        ("copyright_work", "book", ShopFactory, "U7", "shop_name"),
        ("trademark", "brand", ShopFactory, "U7", "shop_name"),
        ("publishing", "book", ListingFactory, "U3", "pirated_book"),
        ("copyright_work", "work", ListingFactory, "U3", "copied_image"),
        ("patent_design", "brand", ListingFactory, "U5", "design_copy"),
    ],
)
def test_the_rule_offered_first_fits_the_kind_of_right(right, kind, target, rule, infringement):
    candidate = a_candidate(a_profile(right=right, kind=kind), target())
    assert rules_that_fit(candidate)[0].code == rule
    assert infringements_for(candidate)[0].kind == infringement
    decision = services.uphold(candidate=candidate, by=staff(), rule=rule, facts=FACTS)
    assert decision.infringement == infringement

"""What patrol takes down by itself brings points like a complaint, can be appealed against, and takes its points back."""

import pytest
from django.urls import reverse as address

from core import clock
from core.errors import Forbidden, NotYours, WrongState
from core.models import LedgerEntry
from governance.appealable import contested_in, has_party
from governance.appeals import services as appeals
from governance.appeals.selectors import admin_address_of
from governance.errors import DecidedTheFirst
from governance.models import Penalty, Strike
from governance.penalties import points
from governance.penalties.counting import points_of
from marketplace.models import Hold, Target
from marketplace.services import observed
from patrol import automatic
from patrol import services as patrol
from patrol.models import Candidate, CandidateDecision, Recheck
from rulebook import services as rulebook
from tests.factories import ListingFactory, ShopFactory, member
from tests.governance.helpers import appeal, carry_out, letters, reverse, stand, taken
from tests.governance.penalties import senior
from tests.patrol.build import FACTS, a_candidate, a_finding, a_profile, found
from tests.rulebook.test_rules_change_by_two_people import proposed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


@pytest.fixture
def finding(shop, merchant, first, work_off):
    """A listing that patrol took down; its shop was told, and points count."""
    made = a_finding(a_candidate(target=ListingFactory(shop=shop)), by=first)
    work_off()
    made.refresh_from_db()
    return made


# --- appeals -----------------------------------------------------------------------------------------------------


def test_a_finding_that_is_reversed_on_appeal_lets_its_listing_go_and_takes_its_points_back(
    finding, shop, merchant, work_off
):
    assert points_of(shop) == 12
    by = senior()
    case = taken(finding.public_id, merchant, by)
    assert (case.subject_number, contested_in(case).reasons) == (finding.number, FACTS)
    reverse(case, by)
    carry_out(work_off)
    case.refresh_from_db(), finding.candidate.refresh_from_db()
    assert (case.state, finding.candidate.state) == ("reversed", Candidate.State.REVERSED)
    assert CandidateDecision.objects.get(outcome="reversed").on_appeal == case.public_id
    assert not Hold.objects.active().exists()
    assert points_of(shop) == 0
    assert not Penalty.objects.filter(state__in=[*Penalty.WAITING, "in_force"]).exists()
    assert letters("finding_reversed")
    assert not letters("points_taken_back"), "the letter on the reversal says it"


def test_a_finding_that_stands_changes_nothing(finding, shop, merchant, second):
    stand(taken(finding.public_id, merchant, second), second)
    assert Hold.objects.active().get().cause == finding.public_id
    assert points_of(shop) == 12


def test_nobody_decides_on_what_they_found_and_any_other_reviewer_reverses_it(finding, merchant, first, second):
    case = appeal(finding.public_id, merchant)
    with pytest.raises(DecidedTheFirst):
        appeals.take(appeal=case, by=first)
    case = appeals.take(appeal=case, by=second)
    reverse(case, second)
    finding.candidate.refresh_from_db()
    assert finding.candidate.state == Candidate.State.REVERSED


def test_without_an_appeal_only_a_senior_reverses(finding, second):
    with pytest.raises(Forbidden):
        patrol.reverse(candidate=finding.candidate, by=second, reason="It is genuine.")


def test_who_switched_the_rule_on_decides_no_appeal_against_what_it_took_down(
    shop, merchant, monkeypatch, stopped, work_off
):
    monkeypatch.setattr(automatic, "why_not", lambda profile: "")
    by, other = senior(), senior()
    candidate = a_candidate(target=ListingFactory(shop=shop), score=0.99)
    profile = automatic.switch_on(profile=candidate.profile, by=by)
    assert automatic.sweep() == 1
    work_off()
    stopped.advance(minutes=1)
    # Whoever switches it on again later decided nothing of what went down before.
    automatic.switch_off(profile=profile, by=other)
    automatic.switch_on(profile=profile, by=other)
    case = appeal(CandidateDecision.objects.get().public_id, merchant)
    with pytest.raises(DecidedTheFirst):
        appeals.take(appeal=case, by=by)
    assert appeals.take(appeal=case, by=other).assigned_to == other


def test_neither_side_of_a_finding_decides_on_its_appeal(finding, merchant, second):
    contested = contested_in(appeal(finding.public_id, merchant))
    assert not has_party(contested, second)
    second.memberships.create(organisation=finding.candidate.profile.filing.organisation, role="reader")
    assert has_party(contested, second)


def test_only_its_merchant_appeals_and_not_against_what_was_reversed(finding, merchant):
    with pytest.raises(NotYours):
        appeal(finding.public_id, member())
    patrol.reverse(candidate=finding.candidate, by=senior(), reason="It is genuine.")
    with pytest.raises(WrongState):
        appeal(finding.public_id, merchant)
    with pytest.raises(NotYours):
        appeal(CandidateDecision.objects.get(outcome="reversed").public_id, merchant)


def test_an_appeal_against_what_staff_reversed_meanwhile_is_settled(finding, merchant, work_off):
    case = appeal(finding.public_id, merchant)
    patrol.reverse(candidate=finding.candidate, by=senior(), reason="It is genuine.")
    work_off()
    case.refresh_from_db()
    assert case.state == "settled"


def test_the_page_of_a_finding_leads_to_its_appeal_and_back(finding, merchant, client):
    client.force_login(merchant)
    page = client.get(address("patrol:finding", args=[finding.public_id])).content.decode()
    assert address("appeals:offer", args=[finding.public_id]) in page
    offer = client.get(address("appeals:offer", args=[finding.public_id]), follow=True)
    assert offer.status_code == 200
    assert finding.number in offer.content.decode()
    case = appeal(finding.public_id, merchant)
    assert client.get(address("appeals:detail", args=[case.public_id])).status_code == 200
    assert finding.public_id in admin_address_of(case)


# --- points ------------------------------------------------------------------------------------------------------


def test_a_finding_counts_once_however_often_its_event_comes(finding, shop):
    for _ in range(3):
        points.finding_decided(finding.public_id)
    strike = Strike.objects.get()
    assert (strike.shop, strike.code, strike.cause, strike.number) == (shop, "M1", finding.public_id, finding.number)
    assert strike.statement is None
    assert LedgerEntry.objects.filter(kind="strike.counted").count() == 1


def test_a_finding_that_was_reversed_before_its_event_came_counts_nothing(shop, work_off):
    made = a_finding(a_candidate(target=ListingFactory(shop=shop)))
    patrol.reverse(candidate=made.candidate, by=senior(), reason="It is genuine.")
    work_off()
    assert not Strike.objects.exists()


def test_the_points_are_those_of_the_version_in_force_when_it_was_found(shop, stopped, work_off):
    rulebook.approve_change(change=proposed(points=6), by=senior())
    profile = a_profile(right="copyright_work", kind="work")
    early = a_candidate(profile, ListingFactory(shop=shop))
    stopped.advance(days=8)
    patrol.uphold(candidate=early, by=senior(), rule="U3", facts=FACTS, infringement="copied_image")
    work_off()
    strike = Strike.objects.get()
    assert (strike.code, strike.points, strike.rule_version.number) == ("M4", 2, 1)


@pytest.mark.parametrize(("is_other", "counted"), [(False, ("M8", 6)), (True, ("M1", 12))])
def test_what_its_seller_put_up_again_counts_as_a_relisting_and_not_twice(finding, shop, work_off, is_other, counted):
    by = ShopFactory(marketplace=shop.marketplace) if is_other else shop
    one = found(finding.candidate.profile, ListingFactory(shop=by))
    again = patrol.write_candidates([one], looked_at=[one.target], source=Candidate.Source.RECHECK)[0]
    look = Recheck.objects.create(
        target=finding.candidate.target, cause=finding.public_id, taken_down_at=clock.now(), due_at=clock.now(),
        after_days=3,
    )  # fmt: skip
    look.relistings.add(again)
    made = patrol.uphold(candidate=again, by=None, rule="U1", facts=FACTS)
    work_off()
    assert list(Strike.objects.filter(shop=by).exclude(cause=finding.public_id).values_list("code", "points")) == [
        counted
    ]
    assert Strike.objects.get(code=counted[0], shop=by, number=made.number).cause == made.public_id


def test_a_listing_without_a_shop_brings_nobody_points(shop, work_off):
    made = a_finding(a_candidate(target=ListingFactory(shop=None, marketplace=shop.marketplace)))
    work_off()
    assert made.shop.kind != Target.Kind.SHOP
    assert not Strike.objects.exists()


def test_points_of_a_finding_follow_it_and_nobody_takes_them_back_by_hand(finding, sign_in):
    strike, by = Strike.objects.get(), senior()
    with pytest.raises(WrongState):
        points.take_back_by_hand(strike=strike, by=by, reason="Mine.")
    page = sign_in(by).get(address("admin:governance_strike_review", args=[strike.public_id])).content.decode()
    assert "when that is reversed on appeal" in page
    assert address("patrol:finding", args=[finding.public_id]) in page


def test_the_shop_reads_which_finding_brought_its_points(finding, shop, merchant, client):
    client.force_login(merchant)
    page = client.get(address("penalties:shop", args=[shop.public_id])).content.decode()
    assert address("patrol:finding", args=[finding.public_id]) in page


def test_putting_up_again_what_a_wrong_finding_held_down_was_no_offence(finding, shop, market, stopped, work_off):
    carry_out(work_off)
    stopped.advance(minutes=5)
    market.relist(finding.candidate.target)
    observed(target=finding.candidate.target, state="up", at=clock.now())
    work_off()
    assert points_of(shop) == 18
    patrol.reverse(candidate=finding.candidate, by=senior(), reason="It is genuine.")
    work_off()
    assert points_of(shop) == 0


# --- what was decided together -------------------------------------------------------------------------------------


@pytest.fixture
def together(shop, first, work_off):
    """Three listings of a shop that one person upheld in one act."""
    profile = a_profile()
    made = []
    for _n in range(3):
        candidate = a_candidate(profile, ListingFactory(shop=shop))
        with_it = made[0] if made else None
        made.append(patrol.uphold(candidate=candidate, by=first, rule="U1", facts=FACTS, decided_with=with_it))
    work_off()
    return made


def test_what_was_decided_together_counts_once_like_the_links_of_a_complaint(together, shop):
    strike = Strike.objects.get()
    assert (strike.cause, points_of(shop)) == (together[0].public_id, 12)


def test_points_of_an_act_stand_while_any_of_it_does(together, shop, work_off):
    by = senior()
    patrol.reverse(candidate=together[0].candidate, by=by, reason="It is genuine.")
    work_off()
    strike = Strike.objects.standing().get()
    assert (strike.cause, strike.number, points_of(shop)) == (together[1].public_id, together[1].number, 12)
    assert not Strike.objects.filter(taken_back_at__isnull=False).exists()
    for finding in together[1:]:
        patrol.reverse(candidate=finding.candidate, by=by, reason="It is genuine.")
    work_off()
    assert points_of(shop) == 0


def test_another_rule_broken_in_the_same_act_counts_for_itself(together, shop, first, work_off):
    candidate = a_candidate(together[0].candidate.profile, ListingFactory(shop=shop))
    patrol.uphold(
        candidate=candidate, by=first, rule="U2", facts=FACTS, infringement="trademark_use", decided_with=together[2]
    )
    work_off()
    assert sorted(Strike.objects.values_list("code", "points")) == [("M1", 12), ("M2", 4)]


def test_another_shop_counts_for_itself(together, shop, first, work_off):
    other = a_candidate(together[0].candidate.profile, ListingFactory(shop=ShopFactory(marketplace=shop.marketplace)))
    made = patrol.uphold(candidate=other, by=first, rule="U1", facts=FACTS, decided_with=together[0])
    work_off()
    assert made.decided_with is None
    assert points_of(made.shop) == 12


def test_what_is_decided_one_by_one_counts_one_by_one(shop, first, stopped, work_off):
    profile = a_profile()
    for _n in range(2):
        stopped.advance(minutes=1)
        a_finding(a_candidate(profile, ListingFactory(shop=shop)), by=first)
    work_off()
    assert points_of(shop) == 24 + 12, "the second is a repetition and counts double"

"""Nothing goes down on a score alone, but where people decided like the score so often that a senior switched it on."""

import pytest
from django.urls import reverse

from core.errors import Forbidden, WrongState
from core.models import LedgerEntry
from marketplace.models import Hold
from patrol import automatic, profiles
from patrol.models import Candidate, CandidateDecision
from patrol.tasks import take_down_sure_finds
from tests.factories import ListingFactory, ShopFactory, member, staff
from tests.patrol.build import a_candidate, a_profile, a_senior

pytestmark = pytest.mark.django_db


def decided(profile, *, upheld, dismissed=0, score=0.97):
    """So many sure finds on which people decided."""
    shop, by, start = ShopFactory(), staff(), Candidate.objects.count()
    outcomes = ["upheld"] * upheld + ["dismissed"] * dismissed
    targets = ListingFactory.create_batch(len(outcomes), shop=shop)
    rows = Candidate.objects.bulk_create(
        [
            Candidate(
                number=f"CA-T-{start + n}", target=t, profile=profile, state=outcome, target_version=1, score=score,
                evidence_hash="",
            )
            for n, (t, outcome) in enumerate(zip(targets, outcomes, strict=True))
        ]
    )  # fmt: skip
    CandidateDecision.objects.bulk_create(
        [
            CandidateDecision(number=f"FD-T-{start + n}", candidate=c, outcome=c.state, shop=shop, decided_by=by)
            for n, c in enumerate(rows)
        ]
    )


@pytest.mark.parametrize(
    ("share", "n", "bound"),
    [(1.0, 73, 0.95), (1.0, 72, 0.949), (109 / 110, 110, 0.950), (0.0, 0, 0.0), (1.0, 50, 0.928)],
)
def test_the_bound_is_wilsons(share, n, bound):
    assert automatic.lower_bound(share, n) == pytest.approx(bound, abs=1e-3)


def test_it_is_refused_until_enough_was_decided_and_says_what_was_measured():
    profile, senior = a_profile(), a_senior()
    decided(profile, upheld=20)
    with pytest.raises(WrongState, match="20 sure finds"):
        automatic.switch_on(profile=profile, by=senior)
    for by in (staff(), profile.filing.created_by):
        with pytest.raises(Forbidden):
            automatic.switch_on(profile=profile, by=by)
    profile.refresh_from_db()
    assert not profile.is_automatic


def test_sure_finds_go_down_by_themselves_and_others_wait():
    profile, other, senior = a_profile(), a_profile(), a_senior()
    decided(profile, upheld=80)
    before = LedgerEntry.objects.count()
    automatic.switch_on(profile=profile, by=senior)
    automatic.switch_on(profile=profile, by=senior)
    assert LedgerEntry.objects.count() == before + 1
    sure, unsure, foreign = a_candidate(profile), a_candidate(profile, score=0.7), a_candidate(other, score=0.99)
    Candidate.objects.filter(pk=sure.pk).update(score=0.97)
    assert take_down_sure_finds() == 1
    assert take_down_sure_finds() == 0
    decision = CandidateDecision.objects.get(candidate=sure)
    assert (decision.outcome, decision.is_automated, decision.decided_by) == ("upheld", True, None)
    assert decision.facts
    assert Hold.objects.active().filter(cause=decision.public_id, target=sure.target).exists()
    for waiting in (unsure, foreign):
        waiting.refresh_from_db()
        assert waiting.state == "open"


def test_one_that_cannot_be_upheld_stops_no_other():
    profile = a_profile()
    decided(profile, upheld=80)
    automatic.switch_on(profile=profile, by=a_senior())
    stuck, fine = a_candidate(profile), a_candidate(profile)
    Candidate.objects.filter(pk=stuck.pk).update(signals=[])
    assert take_down_sure_finds() == 1
    states = [Candidate.objects.get(pk=c.pk).state for c in (stuck, fine)]
    assert states == ["open", "upheld"]


def test_it_switches_itself_off_when_people_decide_otherwise():
    profile = a_profile()
    decided(profile, upheld=80)
    automatic.switch_on(profile=profile, by=a_senior())
    decided(profile, upheld=0, dismissed=5)
    waiting = a_candidate(profile)
    assert take_down_sure_finds() == 0
    profile.refresh_from_db()
    waiting.refresh_from_db()
    assert (profile.is_automatic, waiting.state) == (False, "open")
    last = LedgerEntry.objects.order_by("-pk")[0]
    assert (last.kind, last.subject, last.actor) == ("profile.automatic_off", profile.public_id, "system")


def test_any_officer_switches_it_off_and_a_paused_profile_takes_nothing_down():
    profile = a_profile()
    decided(profile, upheld=80)
    automatic.switch_on(profile=profile, by=a_senior())
    a_candidate(profile)
    profiles.pause(profile=profile, by=profile.filing.created_by)
    assert take_down_sure_finds() == 0
    with pytest.raises(Forbidden):
        automatic.switch_off(profile=profile, by=member())
    assert automatic.switch_off(profile=profile, by=staff()).is_automatic is False


def test_where_no_rule_fits_people_decide():
    profile = a_profile()
    decided(profile, upheld=80)
    automatic.switch_on(profile=profile, by=a_senior())
    waiting = a_candidate(profile)
    Candidate.objects.filter(pk=waiting.pk).update(found_at="1999-01-01T00:00Z")
    assert take_down_sure_finds() == 0


def test_the_staffs_page_tells_what_was_measured_and_has_the_switch(sign_in):
    profile = a_profile()
    page = reverse("admin:patrol_watchprofile_change", args=[profile.pk])
    on, off = (f"admin:patrol_watchprofile_switch_{name}" for name in ("on", "off"))
    senior, officer = sign_in(a_senior()), sign_in(staff())
    assert senior.get(reverse("admin:patrol_watchprofile_changelist")).status_code == 200
    assert "none yet" in senior.get(page).content.decode()
    switch = reverse(on, args=[profile.pk])
    refused = senior.post(switch, {"_form_submitted": "on"}, follow=True)
    assert "0 sure finds" in refused.content.decode()
    decided(profile, upheld=80)
    assert officer.post(switch, {"_form_submitted": "on"}).status_code == 403
    senior.post(switch, {"_form_submitted": "on"})
    profile.refresh_from_db()
    assert profile.is_automatic
    assert "precision is at least 95 %" in officer.get(page).content.decode()
    officer.post(reverse(off, args=[profile.pk]), {"_form_submitted": "on"})
    profile.refresh_from_db()
    assert not profile.is_automatic


@pytest.mark.parametrize("source", ["sample", "recheck"])
def test_what_was_scored_by_hand_is_for_people(source):
    profile = a_profile()
    decided(profile, upheld=80)
    automatic.switch_on(profile=profile, by=a_senior())
    waiting = a_candidate(profile, score=0.99)
    Candidate.objects.filter(pk=waiting.pk).update(source=source)
    assert take_down_sure_finds() == 0


def test_what_goes_down_of_a_shop_in_one_sweep_is_one_act():
    profile, first = a_profile(), ListingFactory()
    decided(profile, upheld=80)
    automatic.switch_on(profile=profile, by=a_senior())
    for listing in (first, ListingFactory(shop=first.shop), ListingFactory()):
        a_candidate(profile, listing, score=0.99)
    assert take_down_sure_finds() == 3
    one, same, other = CandidateDecision.objects.filter(is_automated=True).order_by("pk")
    assert [d.decided_with for d in (one, same, other)] == [None, one, None]

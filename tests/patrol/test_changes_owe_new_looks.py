"""What is looked for, or who may sell it, changes: what is on sale is looked at anew, once, and only what it concerns."""

import pytest

from core.models import LedgerEntry
from filings import services as filings
from filings.models import GenuineSeller
from marketplace.ingest import ingest
from marketplace.models import Target
from patrol import profiles, scanning
from patrol.models import Inspection, Scan, WatchProfile
from tests.factories import FilingFactory, ListingFactory, MarketplaceFactory, OrganisationFactory, ShopFactory, member
from tests.patrol.build import a_candidate, a_profile

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(stopped):
    """One that watches, of whose first scan nothing is left to do."""
    profile = a_profile()
    profiles.begin_owed_scans()
    while scanning.scan_due():
        pass
    return profile


def owed():
    return set(Inspection.objects.due().values_list("target__external_id", flat=True))


def test_a_profile_that_begins_is_scanned_for_at_once(stopped):
    profile = a_profile()
    assert profiles.begin_owed_scans() == 1
    assert profiles.begin_owed_scans() == 0
    assert Scan.objects.get().profile == profile


def test_an_afternoon_of_editing_is_one_scan(profile, stopped):
    by = profile.filing.created_by
    for minute in range(10):
        profiles.change(profile=profile, by=by, publisher=f"Press {minute}")
        stopped.advance(minutes=1)
        assert profiles.begin_owed_scans() == 0
    stopped.advance(minutes=5)
    assert profiles.begin_owed_scans() == 1
    assert Scan.objects.filter(profile=profile).count() == 2


def test_a_change_takes_the_place_of_the_scan_that_runs(profile, stopped):
    by = profile.filing.created_by
    ListingFactory()
    for _time in range(2):
        profiles.change(profile=profile, by=by, publisher=f"Press {_time}")
        stopped.advance(minutes=6)
        profiles.begin_owed_scans()
    assert list(Scan.objects.order_by("pk").values_list("state", flat=True)) == ["finished", "cancelled", "running"]


def test_a_scan_that_somebody_began_since_the_change_is_the_one_that_was_owed(stopped):
    profile = a_profile()
    ListingFactory()
    stopped.advance(seconds=1)
    theirs = scanning.start(by=None, profile=profile)
    profiles.begin_owed_scans()
    assert list(Scan.objects.values_list("number", "state")) == [(theirs.number, "running")]
    assert profiles.begin_owed_scans() == 0


def test_a_profile_that_was_paused_since_is_not_scanned_for(profile, stopped):
    by = profile.filing.created_by
    profiles.change(profile=profile, by=by, publisher="Press")
    profiles.pause(profile=profile, by=by)
    stopped.advance(minutes=6)
    assert profiles.begin_owed_scans() == 0


def test_one_profile_that_cannot_be_scanned_for_stops_no_other(stopped, monkeypatch):
    first, second = a_profile(), a_profile()
    really = scanning.start

    def start(*, by, profile):
        if profile == first:
            raise ValueError("this cannot be")
        return really(by=by, profile=profile)

    monkeypatch.setattr(scanning, "start", start)
    assert profiles.begin_owed_scans() == 1
    assert Scan.objects.get().profile == second
    first.refresh_from_db()
    assert first.scan_due_at is not None


def test_a_shop_of_which_a_profile_says_something_else_is_looked_at_anew_and_no_other(profile, work_off):
    by, shop = profile.filing.created_by, ShopFactory(external_id="s1")
    ListingFactory(shop=shop, external_id="p1")
    ListingFactory(external_id="elsewhere")
    for change in (
        lambda: profiles.say_of_shops(profile=profile, by=by, links=[shop.url]),
        lambda: profiles.say_of_shops(profile=profile, by=by, links=[shop.url], is_authorised=False),
        lambda: profiles.forget_shop(profile=profile, by=by, shop=shop.public_id),
    ):
        Inspection.objects.all().delete()
        change()
        work_off()
        assert owed() == {"s1", "p1"}
    profile.refresh_from_db()
    assert profile.scan_due_at is None


def test_a_shop_that_becomes_or_is_no_longer_a_genuine_seller_is_looked_at_anew(work_off):
    by = member()
    filing = FilingFactory(organisation=by.organisation, created_by=by)
    shop = ShopFactory(external_id="s1")
    ListingFactory(shop=shop, external_id="p1")
    filings.add_genuine_sellers(filing=filing, by=by, links=[shop.url])
    work_off()
    assert owed() == {"s1", "p1"}
    Inspection.objects.all().delete()
    filings.remove_genuine_seller(filing=filing, by=by, shop=shop.public_id)
    work_off()
    assert owed() == {"s1", "p1"}
    assert not GenuineSeller.objects.exists()


def test_all_of_a_shop_that_somebody_else_runs_is_looked_at_anew(work_off):
    code, mall = "91330100MA2AXXXX0X", MarketplaceFactory()
    operator = OrganisationFactory(uscc=code)
    shop = ShopFactory(marketplace=mall, external_id="s1", operator=operator, operator_uscc=code)
    ListingFactory(shop=shop, external_id="p1")

    def told(version, **data):
        event = {
            "id": f"e{version}", "type": "shop.upserted", "occurred_at": f"2026-03-03T1{version}:00:00Z",
            "version": version, "data": {"external_id": "s1", "title": f"Shop {version}", **data},
        }  # fmt: skip
        assert [r.status for r in ingest(marketplace=mall, events=[event])] == ["applied"]
        work_off()

    told(5)
    assert Target.objects.get(pk=shop.pk).operator is None
    assert owed() == {"s1", "p1"}
    Inspection.objects.all().delete()
    told(6)
    assert owed() == {"s1"}, "nobody ran it before, and nobody runs it now"


def test_what_an_ended_profile_found_is_let_go_of_some_at_a_time(profile, work_off, monkeypatch):
    monkeypatch.setattr(profiles, "LET_GO_AT_ONCE", 2)
    for _n in range(5):
        a_candidate(profile)
    profiles.end(profile=profile, by=profile.filing.created_by)
    assert profile.candidates.filter(state="gone").count() == 2
    work_off()
    assert profile.candidates.filter(state="gone").count() == 5


def test_with_the_end_of_a_profile_its_rule_is_switched_off_and_the_ledger_says_so(profile):
    WatchProfile.objects.filter(pk=profile.pk).update(is_automatic=True)
    ended = profiles.end(profile=profile, by=profile.filing.created_by)
    assert (ended.state, ended.is_automatic) == ("ended", False)
    assert LedgerEntry.objects.get(kind="profile.automatic_off").subject == profile.public_id
    profile.refresh_from_db()
    assert not profile.is_automatic

"""Killed anywhere, delivered twice, fed poison: each version of a listing is inspected once in effect, and stops no other."""

import pytest

from core.models import OutboxMessage
from core.obligations import MAX_ATTEMPTS
from marketplace.ingest import ingest
from marketplace.models import Target
from patrol import scanning
from patrol.models import Candidate, Inspection
from tests.factories import ListingFactory, MarketplaceFactory, staff
from tests.imageguard.test_watching_survives import Killed, die_at
from tests.patrol.helpers import FAKE, a_profile, inspected, inspection, looks

pytestmark = pytest.mark.django_db


@pytest.fixture
def looked(monkeypatch):
    return looks(monkeypatch)


def told(mall, title, *, version=1, external_id="p1"):
    event = {
        "id": f"e{external_id}{version}{title}", "type": "listing.upserted", "occurred_at": "2026-03-03T11:00:00Z",
        "version": version, "data": {"external_id": external_id, "shop_external_id": "s1", "title": title},
    }  # fmt: skip
    assert [r.status for r in ingest(marketplace=mall, events=[event])] == ["applied"]
    return Target.objects.get(kind="listing", external_id=external_id)


def owed(*titles):
    targets = [ListingFactory(title=title) for title in titles]
    scanning.owe(Target.objects.filter(pk__in=[t.pk for t in targets]))
    return targets


def test_what_is_new_or_changed_is_looked_at_and_what_is_not_found_any_more_is_gone(looked, work_off, stopped):
    a_profile()
    mall = MarketplaceFactory()
    listing = told(mall, f"A {FAKE}")
    work_off()
    inspected()
    assert looked == [("p1", 1)]
    assert Candidate.objects.get().state == "open"
    told(mall, "An honest one", version=2)
    work_off()
    inspected()
    assert looked == [("p1", 1), ("p1", 2)]
    assert (Candidate.objects.get().state, inspection(listing).inspected_version) == ("gone", 2)
    assert scanning.inspect_due() == 0


def test_the_same_word_twice_is_one_look(looked, stopped):
    (listing,) = owed("A shoe")
    scanning.target_changed(listing.public_id)
    scanning.target_changed(listing.public_id)
    inspected()
    assert len(looked) == 1


def test_what_changes_while_it_is_looked_at_writes_nothing_and_stays_due(looked, stopped, monkeypatch):
    a_profile()
    listing, other = owed(f"A {FAKE}", f"Another {FAKE}")
    really = scanning.inspecting.inspect

    def overtaken(targets, **which):
        seen = really(targets, **which)
        Target.objects.filter(pk=listing.pk, version=1).update(version=2, title="An honest one")
        return seen

    monkeypatch.setattr(scanning.inspecting, "inspect", overtaken)
    assert scanning.inspect_due() == 2
    assert Candidate.objects.get().target == other
    inspected()
    assert Candidate.objects.get().target == other
    assert inspection(listing).inspected_version == 2


def test_what_is_owed_anew_while_it_is_looked_at_is_looked_at_once_more(looked, stopped, monkeypatch):
    (listing,) = owed("A shoe")

    def asked(targets, **which):
        if not looked:
            scanning.target_changed(listing.public_id)
        looked.append("look")
        return []

    monkeypatch.setattr(scanning.inspecting, "inspect", asked)
    scanning.inspect_due()
    assert inspection(listing).due_at is not None
    inspected()
    assert (looked, inspection(listing).due_at) == (["look", "look"], None)


STEPS = [
    ("patrol.scanning._inspect_together", False),
    ("patrol.scanning.inspecting.inspect", False),
    ("patrol.scanning.inspecting.inspect", True),
    ("patrol.scanning._as_seen", True),
    ("patrol.scanning.services.write_candidates", False),
    ("patrol.scanning.services.write_candidates", True),
]


@pytest.mark.parametrize(("where", "after"), STEPS)
def test_a_worker_that_dies_leaves_all_of_it_to_the_next(looked, stopped, monkeypatch, where, after):
    a_profile()
    targets = owed(f"A {FAKE}", "A shoe", f"B {FAKE}")
    die_at(monkeypatch, where, after=after)
    with pytest.raises(Killed):
        scanning.inspect_due()
    assert scanning.inspect_due() == 0, "its lease still runs"
    stopped.advance(seconds=scanning.LEASE.total_seconds() + 1)
    inspected()
    assert Candidate.objects.filter(state="open").count() == 2
    assert {inspection(target).inspected_version for target in targets} == {1}
    assert OutboxMessage.objects.filter(event="candidate.found").count() <= 2


def test_one_that_cannot_be_read_stops_no_other_and_is_given_up_where_staff_see_it(looked, stopped, sign_in):
    a_profile()
    poison, *others = owed("poison", f"A {FAKE}", "A shoe")
    for _attempt in range(MAX_ATTEMPTS + 1):
        inspected()
        stopped.advance(hours=2)
    assert {inspection(target).inspected_version for target in others} == {1}
    row = inspection(poison)
    assert row.dead_at is not None
    assert "this cannot be read" in row.last_error
    page = sign_in(staff()).get("/admin/patrol/inspection/?standing=dead").content.decode()
    assert "this cannot be read" in page
    Target.objects.filter(pk=poison.pk).update(title="Mended")
    scanning.retry_inspection(row=row, by=staff())
    inspected()
    assert inspection(poison).inspected_version == 1


def test_one_that_kills_its_worker_each_time_takes_no_other_with_it(looked, stopped, monkeypatch):
    deadly, *others = owed("deadly", "A shoe", "A boot", "A hat")
    really = scanning.inspecting.inspect

    def mortal(targets, **which):
        if deadly in targets:
            raise Killed()
        return really(targets, **which)

    monkeypatch.setattr(scanning.inspecting, "inspect", mortal)
    deaths = 0
    while inspection(deadly).dead_at is None:
        try:
            if not scanning.inspect_due():
                stopped.advance(minutes=3)
        except Killed:
            deaths += 1
            stopped.advance(minutes=3)
    assert {inspection(target).inspected_version for target in others} == {1}
    assert sorted(looked) == sorted((other.external_id, 1) for other in others), "each once"
    assert deaths <= MAX_ATTEMPTS


def test_what_the_marketplace_removed_has_no_open_candidates_any_more(looked, stopped):
    a_profile()
    (listing,) = owed(f"A {FAKE}")
    inspected()
    Target.objects.filter(pk=listing.pk).update(observed="missing")
    scanning.target_changed(listing.public_id)
    inspected()
    assert Candidate.objects.get().state == "gone"


def test_each_marketplace_has_its_turn(looked, stopped):
    crowded, quiet = MarketplaceFactory(), MarketplaceFactory()
    for _n in range(6):
        ListingFactory(shop__marketplace=crowded)
    scanning.owe(Target.objects.filter(marketplace=crowded, kind="listing"))
    last = ListingFactory(shop__marketplace=quiet)
    scanning.owe(Target.objects.filter(pk=last.pk))
    scanning.inspect_due(4)
    assert (last.external_id, 1) in looked


def test_all_of_a_market_can_be_owed_at_once(stopped, monkeypatch):
    monkeypatch.setattr(scanning, "CHUNK", 2)
    shop = ListingFactory().shop
    for _n in range(4):
        ListingFactory(shop=shop)
    assert scanning.owe(scanning.on_sale().filter(kind="listing")) == 5
    assert Inspection.objects.due().count() == 5

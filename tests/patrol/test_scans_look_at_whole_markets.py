"""A scan looks at everything that is on sale: in batches, resumable, pausable, at each marketplace's pace."""

import contextlib

import pytest
from django.core.management import CommandError, call_command

from core import clock
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry
from core.obligations import MAX_ATTEMPTS
from marketplace.models import Target
from patrol import profiles, scanning, services
from patrol.models import Candidate, Scan, ScanBatch
from patrol.progress import progress_of
from tests.factories import ListingFactory, ShopFactory, member, staff
from tests.imageguard.test_watching_survives import Killed, die_at
from tests.patrol.helpers import FAKE, a_profile, found, inspected, inspection, looks, scanned

pytestmark = pytest.mark.django_db


@pytest.fixture
def looked(monkeypatch):
    monkeypatch.setattr(scanning, "SCAN_BATCH", 2)
    monkeypatch.setattr(scanning, "CUT_AT_ONCE", 2)
    return looks(monkeypatch)


@pytest.fixture
def market():
    """Two marketplaces with a shop each; seven listings, three of them copies."""
    shops = [ShopFactory(external_id=f"s{n}") for n in range(2)]
    titles = [f"A {FAKE}", "A shoe", "A boot", f"B {FAKE}", "A hat", f"C {FAKE}", "A coat"]
    for n, title in enumerate(titles):
        ListingFactory(shop=shops[n % 2], external_id=f"p{n}", title=title)
    return shops


def test_everything_is_looked_at_once_and_the_scan_says_what_it_found(looked, market, stopped):
    a_profile()
    ListingFactory(shop=market[0], observed="missing", external_id="gone")
    scan = scanned(scanning.start(by=staff()))
    assert sorted(looked) == sorted((t.external_id, 1) for t in scanning.on_sale())
    assert (scan.state, scan.listings, Candidate.objects.count()) == ("finished", 9, 3)
    assert {c.source for c in Candidate.objects.all()} == {"scan"}
    progress = progress_of(scan)
    assert (progress.done, progress.found, progress.percent, progress.left) == (9, 3, 100, 0)
    assert [e.kind for e in LedgerEntry.objects.filter(subject=scan.public_id).order_by("pk")] == [
        "scan.start", "scan.finish",
    ]  # fmt: skip


def test_it_can_be_of_one_marketplace_and_for_one_profile(looked, market, stopped):
    mine, other = a_profile(), a_profile()
    scan = scanned(scanning.start(by=staff(), marketplace=market[0].marketplace, profile=mine))
    assert {external_id for external_id, _version in looked} == {"s0", "p0", "p2", "p4", "p6"}
    assert scan.state == "finished"
    assert not other.candidates.exists()
    assert mine.candidates.count() == 1


def test_an_empty_market_is_finished_at_once(looked, stopped):
    assert scanned(scanning.start(by=None)).state == "finished"


def test_the_same_scan_runs_only_once_at_a_time(looked, market, stopped):
    by = staff()
    scanning.start(by=by)
    with pytest.raises(WrongState):
        scanning.start(by=by)
    scanning.start(by=by, marketplace=market[0].marketplace)


def test_who_may_start_one(looked, stopped):
    with pytest.raises(Forbidden):
        scanning.start(by=member())
    with pytest.raises(Invalid):
        scanning.start(by=staff(), listings_a_minute=0)
    with pytest.raises(Invalid):
        scanning.start(by=staff(), profile=a_profile(state="paused"))
    assert not Scan.objects.exists()


STEPS = [
    ("patrol.scanning._due_at", False),
    ("patrol.scanning._scan_batch", False),
    ("patrol.scanning.inspecting.inspect", False),
    ("patrol.scanning.inspecting.inspect", True),
    ("patrol.scanning.services.write_candidates", True),
    ("patrol.scanning._write", True),
    ("patrol.scanning._finish", False),
]


@pytest.mark.parametrize(("where", "after"), STEPS)
def test_a_scan_whose_worker_dies_goes_on_where_it_was(looked, market, stopped, monkeypatch, where, after):
    a_profile()
    scan = scanning.start(by=staff())
    die_at(monkeypatch, where, after=after)
    with pytest.raises(Killed):
        scanned(scan)
    stopped.advance(minutes=3)
    scanned(scan)
    assert (scan.state, Candidate.objects.filter(state="open").count()) == ("finished", 3)
    assert progress_of(scan).found == 3
    assert sum(scan.batches.values_list("scanned", flat=True)) == scan.listings == 9
    assert set(looked) == {(t.external_id, 1) for t in Target.objects.all()}


def test_killed_ten_times_over_while_listings_change_everything_is_looked_at_and_nothing_twice(
    looked, market, stopped, monkeypatch
):
    a_profile()
    scan = scanning.start(by=staff())
    listings = list(Target.objects.filter(kind="listing").order_by("pk"))
    for n in range(10):
        where, after = STEPS[n % len(STEPS)]
        with monkeypatch.context() as mortal:
            die_at(mortal, where, after=after)
            for work in (scanning.scan_due, scanning.inspect_due):
                with contextlib.suppress(Killed):
                    work()
        changed = listings[n % len(listings)]
        Target.objects.filter(pk=changed.pk).update(version=2, title=f"D {FAKE}")
        scanning.target_changed(changed.public_id)
        stopped.advance(minutes=3)
    inspected()
    assert scanned(scan).state == "finished"
    assert not ScanBatch.objects.filter(done_at=None).exists()
    assert {inspection(target).inspected_version for target in listings} == {2}
    assert Candidate.objects.filter(state="open").count() == len(listings), "one for each, of what it says now"
    assert set(Candidate.objects.values_list("target_version", flat=True)) == {2}
    assert LedgerEntry.objects.filter(kind="candidate.found").count() == len(listings)


def test_paused_it_looks_at_nothing_and_resumed_it_goes_on(looked, market, stopped):
    by = staff()
    scan = scanning.start(by=by)
    scanning.scan_due(1)
    before = len(looked)
    scanning.pause(scan=scan, by=by)
    scanned(scan)
    assert (scan.state, len(looked)) == ("paused", before)
    scanning.resume(scan=scan, by=by)
    assert scanned(scan).state == "finished"
    assert len(looked) == 9


def test_cancelled_it_looks_at_nothing_more_and_what_was_found_stays(looked, market, stopped):
    a_profile()
    by = staff()
    scan = scanning.start(by=by)
    scanning.scan_due(2)
    found = Candidate.objects.count()
    scanning.cancel(scan=scan, by=by)
    scanned(scan)
    assert (scan.state, Candidate.objects.filter(state="open").count()) == ("cancelled", found)
    assert not ScanBatch.objects.due().exists()
    with pytest.raises(WrongState):
        scanning.resume(scan=scan, by=by)


@pytest.mark.parametrize("step", ["pause", "end"])
def test_what_watches_no_more_is_scanned_no_more_and_finds_nothing(looked, market, stopped, step):
    profile, other = a_profile(), a_profile()
    scan, whole = scanning.start(by=None, profile=profile), scanning.start(by=None, profile=other)
    scanning.scan_due(1)
    getattr(profiles, step)(profile=profile, by=staff())
    had = profile.candidates.filter(state="open").count()
    assert (scanned(scan).state, scanned(whole).state) == ("cancelled", "finished")
    # A look that had begun before the step.
    listing = Target.objects.get(external_id="p5")
    services.write_candidates([found(listing, profile), found(listing, other)], looked_at=[listing], source="feed")
    assert profile.candidates.filter(state="open").count() == had
    assert other.candidates.count() == 3


def test_each_marketplace_is_looked_at_no_faster_than_asked(looked, market, stopped):
    by = staff()
    scan = scanning.start(by=by, listings_a_minute=2)
    scanned(scan)
    assert len(looked) == 4, "two of each marketplace, and the next ones a minute later"
    stopped.advance(seconds=61)
    scanned(scan)
    assert len(looked) > 4
    before = len(looked)
    scanning.pause(scan=scan, by=by)
    stopped.advance(hours=1)
    scanning.resume(scan=scan, by=by)
    scanned(scan)
    assert len(looked) == before, "an hour of pause is not made up for"
    for _minute in range(5):
        stopped.advance(minutes=1)
        scanned(scan)
    assert (scan.state, len(looked)) == ("finished", 9)


def test_two_scans_of_one_marketplace_share_the_slower_pace(looked, market, stopped):
    """And a scan without a pace takes none of it away either; another marketplace is not held up by them."""
    by, mall = staff(), market[0].marketplace
    slow = scanning.start(by=by, marketplace=mall, listings_a_minute=2)
    quick = scanning.start(by=by, marketplace=mall, profile=a_profile(), listings_a_minute=4)
    scanning.start(by=by, profile=a_profile())
    theirs = {t.external_id for t in Target.objects.filter(marketplace=mall)}

    def here():
        return len([one for one in looked if one[0] in theirs])

    scanned(slow)
    assert (here(), len(looked) - here()) == (2, 4), "two of this marketplace, all of the other one"
    for minute in range(2, 12):
        stopped.advance(seconds=61)
        scanned(slow)
        assert here() <= 2 * minute
    assert (scanned(slow).state, scanned(quick).state, here()) == ("finished", "finished", 15)


def test_what_waited_for_workers_is_not_made_up_for_above_the_pace(looked, market, stopped):
    scan = scanning.start(by=staff(), listings_a_minute=2)
    scanning.cut(scan)
    stopped.advance(hours=1)
    scanned(scan)
    assert len(looked) == 4, "two of each marketplace"


def test_what_changes_while_it_is_scanned_is_left_to_its_own_turn(looked, market, stopped, monkeypatch):
    a_profile()
    really = scanning.inspecting.inspect
    changing = Target.objects.get(external_id="p0")

    def overtaken(targets, **which):
        seen = really(targets, **which)
        if changing in targets and Target.objects.filter(pk=changing.pk, version=1).update(version=2, title="A shoe"):
            scanning.target_changed(changing.public_id)
        return seen

    monkeypatch.setattr(scanning.inspecting, "inspect", overtaken)
    scanned(scanning.start(by=staff()))
    inspected()
    assert not changing.candidates.exists()
    assert inspection(changing).inspected_version == 2


def test_one_listing_that_cannot_be_read_does_not_stop_the_scan(looked, market, stopped):
    a_profile()
    poison = ListingFactory(shop=market[0], title="poison")
    scan = scanned(scanning.start(by=staff()))
    assert (scan.state, Candidate.objects.count(), progress_of(scan).percent) == ("finished", 3, 100)
    assert "this cannot be read" in inspection(poison).last_error
    assert inspection(poison).due_at is not None


def test_a_batch_of_which_workers_die_again_and_again_is_taken_listing_by_listing(looked, market, stopped, monkeypatch):
    deadly = ListingFactory(shop=market[0], title="deadly")
    really = scanning.inspecting.inspect

    def mortal(targets, **which):
        if deadly in targets:
            raise Killed()
        return really(targets, **which)

    monkeypatch.setattr(scanning.inspecting, "inspect", mortal)
    scan = scanning.start(by=staff())
    for _time in range(2 * MAX_ATTEMPTS):
        for work in (scanning.scan_due, scanning.inspect_due):
            with contextlib.suppress(Killed):
                work()
        stopped.advance(minutes=3)
    scan.refresh_from_db()
    assert scan.state == "finished"
    assert inspection(deadly).dead_at is not None
    assert set(looked) >= {(f"p{n}", 1) for n in range(7)}


def test_a_batch_that_was_given_up_is_seen_and_tried_again(looked, market, stopped, monkeypatch, sign_in):
    def broken(*args, **kwargs):
        raise ValueError("the disk is full")

    whole = scanning.services.write_candidates
    monkeypatch.setattr(scanning.services, "write_candidates", broken)
    scan = scanning.start(by=staff())
    for _attempt in range(MAX_ATTEMPTS):
        scanned(scan)
        stopped.advance(hours=2)
    progress = progress_of(scan)
    assert (scan.state, progress.percent, progress.listings_given_up) == ("finished", 0, 9), "it does not run for ever"
    client = sign_in(staff())
    url = f"/admin/patrol/scan/{scan.public_id}/progress/"
    page = client.get(url).content.decode()
    assert "were given up; nobody looked at their 9 listings" in page
    assert "the disk is full" in page
    assert "Try again what was given up" in page
    monkeypatch.setattr(scanning.services, "write_candidates", whole)
    scanning.retry_batch(row=ScanBatch.objects.dead().first(), by=staff())
    scan.refresh_from_db()
    assert (scan.state, scan.finished_at) == ("running", None)
    client.post(url, {"step": "reopen"})
    assert not ScanBatch.objects.dead().exists()
    assert scanned(scan).state == "finished"
    assert len(looked) >= 9
    assert progress_of(scan).percent == 100
    assert client.post(url, {"step": "reopen"}).status_code == 409, "nothing is left to try"


def test_what_was_given_up_keeps_no_other_scan_from_beginning_and_runs_beside_none(looked, market, stopped):
    by = staff()
    first = scanning.start(by=by)
    while scanning.cut(first):
        pass
    ScanBatch.objects.filter(pk=ScanBatch.objects.first().pk).update(due_at=None, dead_at=clock.now())
    assert scanned(first).state == "finished"
    second = scanning.start(by=by)
    with pytest.raises(WrongState, match=second.number):
        scanning.retry_scan(scan=first, by=by)
    assert scanned(second).state == "finished"
    scanning.retry_scan(scan=first, by=by)
    assert scanned(first).state == "finished"
    assert not first.batches.open().exists()


def test_of_a_cancelled_scan_nothing_is_tried_again(looked, market, stopped):
    by = staff()
    scan = scanning.start(by=by)
    while scanning.cut(scan):
        pass
    row = ScanBatch.objects.first()
    ScanBatch.objects.filter(pk=row.pk).update(due_at=None, dead_at=clock.now())
    scanning.cancel(scan=scan, by=by)
    with pytest.raises(WrongState):
        scanning.retry_batch(row=row, by=by)
    with pytest.raises(Forbidden):
        scanning.retry_scan(scan=scan, by=member())


def test_staff_start_one_watch_it_pause_and_cancel_it(looked, market, stopped, sign_in):
    client = sign_in(staff())
    answer = client.post("/admin/patrol/scan/start/", {"marketplace": market[0].marketplace.public_id})
    scan = Scan.objects.get()
    page = f"/admin/patrol/scan/{scan.public_id}/progress/"
    assert answer.url == page
    assert "already" in client.post(
        "/admin/patrol/scan/start/", {"marketplace": market[0].marketplace.public_id}
    ).content.decode()  # fmt: skip
    scanning.scan_due(1)
    part = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "2 of 5 listings" in part
    assert "<html" not in part
    assert "hx-get" in part
    client.post(page, {"step": "pause"})
    assert "Resume" in client.get(page).content.decode()
    client.post(page, {"step": "cancel"})
    over = client.get(page).content.decode()
    assert "hx-get" not in over.split('id="progress"')[1].split(">")[0]
    assert client.post(page, {"step": "resume"}).status_code == 409
    assert scan.number in client.get("/admin/patrol/scan/").content.decode()
    assert sign_in(member()).get(page).status_code in (302, 403)


def test_a_command_scans_and_says_how_far_it_is(looked, market, stopped, capsys):
    a_profile()
    mall = market[1].marketplace
    call_command("scan_market", "--marketplace", mall.slug, "--wait")
    assert "4 of 4 listings, 2 found" in capsys.readouterr().out
    for wrong in (["--marketplace", "nowhere"], ["--profile", "wat_0"], ["--rate", "0"]):
        with pytest.raises(CommandError):
            call_command("scan_market", *wrong)
    call_command("scan_market")
    with pytest.raises(CommandError, match="already"):
        call_command("scan_market", "--wait")


def test_a_command_that_waits_fails_where_something_was_given_up(looked, market, stopped, monkeypatch):
    def broken(batch):
        batch.put_off("the disk is full", permanent=True)

    monkeypatch.setattr(scanning, "_scan_batch", broken)
    with pytest.raises(CommandError, match="given up"):
        call_command("scan_market", "--wait")


def test_a_whole_scan_begins_by_itself_where_the_installation_asks_for_it(looked, market, stopped, settings):
    from patrol.tasks import scan_by_calendar

    scan_by_calendar()
    assert not Scan.objects.exists()
    settings.SCAN_EVERY_DAYS = 7
    scan_by_calendar()
    scan_by_calendar()
    scanned(Scan.objects.get())
    stopped.advance(days=6)
    scan_by_calendar()
    assert Scan.objects.count() == 1
    stopped.advance(days=2)
    scan_by_calendar()
    assert Scan.objects.count() == 2


def test_a_scan_is_started_for_a_profile_by_its_number(looked, market, stopped, sign_in):
    client, profile, paused = sign_in(staff()), a_profile(), a_profile(state="paused")
    for wrong in ("W-2026-000000", "wat_0", paused.number):
        answer = client.post("/admin/patrol/scan/start/", {"profile": wrong})
        assert answer.status_code == 422
    assert not Scan.objects.exists()
    client.post("/admin/patrol/scan/start/", {"profile": profile.number})
    client.post(
        "/admin/patrol/scan/start/", {"profile": profile.public_id, "marketplace": market[0].marketplace.public_id}
    )
    assert {scan.profile for scan in Scan.objects.all()} == {profile}
    assert Scan.objects.count() == 2

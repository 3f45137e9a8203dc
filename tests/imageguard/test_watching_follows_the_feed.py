"""Whatever a marketplace says it shows is looked at: once, again when it may have changed, and no longer when it is gone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from core import clock
from core.fetch import Unreachable
from core.models import LedgerEntry
from core.tasks import drain_outbox
from imageguard import seeing, services, watching
from imageguard.models import Appearance, Match, SeenImage
from marketplace.catalogue import import_catalogue
from marketplace.ingest import ingest
from marketplace.models import Target, TargetVersion
from tests.factories import MarketplaceFactory, staff
from tests.imageguard.helpers import (
    a_match,
    a_merchant,
    a_picture,
    an_edit,
    certified,
    checked,
    registered,
    told,
    watch,
)

pytestmark = pytest.mark.django_db
State = Match.State
STOLEN, OTHER = "https://mall.example/img/1.jpg", "https://mall.example/img/2.jpg"


@pytest.fixture
def mall():
    return MarketplaceFactory(slug="mall")


@pytest.fixture
def shown(web):
    """A copy and something else, under two addresses."""
    web.put(STOLEN, an_edit(a_picture(), "mirror"))
    web.put(OTHER, a_picture(3, "jar"))
    return web


def the_match() -> Match:
    return Match.objects.get()


def the_shop() -> str:
    """The link of the one shop, which the marketplace has described by now."""
    Target.objects.filter(kind="shop").update(version=1, url="https://mall.example/shop/s1")
    return "https://mall.example/shop/s1"


def test_a_new_listing_is_looked_at_and_its_copy_is_found(mall, shown):
    original = certified()
    target = told(mall, images=[STOLEN, OTHER])
    assert watch() == 2
    match = the_match()
    assert (match.original, match.target, match.state) == (original, target, State.CONFIRMED)
    assert "mirrored" in match.edits
    assert match.file is not None
    assert match.file.sha256 == match.sha256
    assert SeenImage.objects.get(url=OTHER).file is None, "of what copies nothing we keep no bytes"


def test_a_marketplace_with_thousands_of_images_does_not_keep_others_waiting(mall, web):
    for n in range(12):
        told(mall, str(n), images=[f"https://mall.example/{n}.jpg"])
    other = MarketplaceFactory(slug="other")
    told(other, images=["https://other.example/1.jpg"])
    watching.look_due()
    assert "https://other.example/1.jpg" in web.asked


def test_what_is_put_on_sale_now_is_seen_now_however_much_waits_and_the_rest_goes_on(mall, web, stopped):
    for n in range(12):
        told(mall, str(n), images=[f"https://mall.example/{n}.jpg"])
    stopped.advance(minutes=1)
    told(mall, "now", images=[STOLEN])
    watching.look_due()
    assert STOLEN in web.asked
    assert "https://mall.example/0.jpg" in web.asked


def test_a_new_copy_waits_for_none_of_what_is_looked_at_again(mall, shown, web, stopped):
    certified()
    for n in range(6):
        told(mall, str(n), images=[web.put(f"https://mall.example/{n}.jpg", a_picture(n, "jar"))])
    watch()
    for n in range(6):
        told(mall, str(n), images=[f"https://mall.example/{n}.jpg"], title="Other words", version=2)
    stopped.advance(hours=3)
    told(mall, "new", images=[STOLEN])
    web.asked.clear()
    watching.look_due()
    assert STOLEN in web.asked
    assert Match.objects.filter(target__external_id="new").exists()
    assert len(web.asked) > 1, "and beside it what is looked at again goes on"
    watch()
    assert SeenImage.objects.filter(due_at__isnull=False).count() == 0


def test_new_pictures_keep_nothing_from_being_looked_at_again(mall, web, stopped):
    told(mall, "old", images=[web.put(OTHER, a_picture(3, "jar"))])
    watch()
    told(mall, "old", images=[OTHER], title="Other words", version=2)
    stopped.advance(hours=3)
    for n in range(6):
        told(mall, str(n), images=[web.put(f"https://mall.example/{n}.jpg", a_picture(n))])
    web.asked.clear()
    watching.look_due()
    assert OTHER in web.asked


def test_what_a_certificate_leaves_behind_is_let_go_some_at_a_time(mall, work_off, monkeypatch):
    monkeypatch.setattr(seeing, "AT_ONCE", 2)
    by = a_merchant()
    original = certified(by=by)
    matches = [a_match(original, state=State.CONFIRMED, tier="automatic", score=0.9) for _n in range(5)]
    services.withdraw(original=original, by=by)
    with transaction.atomic():
        seeing.original_ended(original.public_id)
    assert Match.objects.open().count() == 3
    work_off()
    assert {m.state for m in Match.objects.filter(pk__in=[m.pk for m in matches])} == {State.GONE}


def test_what_a_licence_allows_is_let_be_some_at_a_time(mall, shown, work_off, monkeypatch):
    monkeypatch.setattr(seeing, "AT_ONCE", 2)
    by = a_merchant()
    original = certified(by=by)
    for n in range(5):
        told(mall, str(n), images=[STOLEN])
    watch()
    assert Match.objects.filter(state=State.CONFIRMED).count() == 5
    services.grant_licence(original=original, by=by, shop_link=the_shop())
    work_off()
    assert Match.objects.filter(state=State.TOLERATED).count() == 5


def test_all_images_of_a_listing_are_looked_at(mall, web):
    urls = [web.put(f"https://mall.example/{n}.jpg", a_picture(n)) for n in range(12)]
    told(mall, images=urls)
    assert watch() == 12


def test_the_same_word_again_fetches_nothing(mall, shown):
    told(mall, images=[STOLEN, OTHER])
    watch()
    shown.asked.clear()
    seeing.see_target(Target.objects.get(kind="listing").public_id)
    assert watch() == 0
    assert shown.asked == []


def test_a_new_price_fetches_nothing_however_late(mall, shown, stopped):
    told(mall, images=[STOLEN])
    watch()
    shown.asked.clear()
    stopped.advance(days=40)
    told(mall, images=[STOLEN], version=2, price="9.00")
    told(mall, images=[STOLEN], version=3, price="8.00", currency="CNY")
    stopped.advance(days=1)
    assert (watch(), shown.asked) == (0, [])


def test_only_the_image_that_is_new_is_fetched(mall, shown, stopped):
    told(mall, images=[STOLEN])
    watch()
    shown.asked.clear()
    stopped.advance(minutes=5)
    told(mall, images=[STOLEN, OTHER], version=2)
    watch()
    assert shown.asked == [OTHER]


def test_other_bytes_under_the_same_address_are_found_within_the_hour_after_the_listing_changed(mall, web, stopped):
    certified()
    web.put(STOLEN, a_picture(3, "jar"))
    told(mall, images=[STOLEN])
    watch()
    assert not Match.objects.exists()
    stopped.advance(minutes=10)
    web.put(STOLEN, an_edit(a_picture(), "crop"))
    told(mall, images=[STOLEN], version=2, title="Now in blue")
    assert watch() == 0, "not more often than once an hour"
    stopped.advance(hours=1)
    assert watch() == 1
    assert the_match().state == State.CONFIRMED


def test_a_match_ends_where_the_bytes_changed_and_returns_with_them(mall, shown, stopped):
    certified()
    told(mall, images=[STOLEN])
    watch()
    first = the_match()
    stopped.advance(hours=3)
    copy = shown.pages[STOLEN]
    shown.put(STOLEN, a_picture(3, "jar"))
    told(mall, images=[STOLEN], version=2, title="Two")
    watch()
    assert the_match().state == State.GONE
    stopped.advance(hours=3)
    shown.put(STOLEN, copy)
    told(mall, images=[STOLEN], version=3, title="Three")
    watch()
    assert (the_match().pk, the_match().state) == (first.pk, State.CONFIRMED)


def test_an_image_that_leaves_a_listing_ends_its_match_and_one_that_returns_is_found_again(mall, shown, stopped):
    certified()
    target = told(mall, images=[STOLEN, OTHER])
    watch()
    told(mall, images=[OTHER], version=2)
    assert the_match().state == State.GONE
    gone = Appearance.objects.get(image__url=STOLEN)
    assert gone.gone_at is not None
    stopped.advance(minutes=1)
    told(mall, images=[STOLEN, OTHER], version=3)
    watch()
    assert the_match().state == State.CONFIRMED
    assert Appearance.objects.filter(target=target).count() == 2
    kinds = LedgerEntry.objects.filter(subject=the_match().public_id).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["match.find", "match.vanish", "match.find_again"]


def test_what_a_reviewer_dismissed_stays_dismissed_until_other_bytes_come(mall, shown, stopped):
    certified()
    told(mall, images=[STOLEN])
    watch()
    watching.dismiss(match=the_match(), by=staff(), reason="A licence on paper.")
    told(mall, images=[OTHER], version=2)
    told(mall, images=[STOLEN], version=3)
    watch()
    assert the_match().state == State.DISMISSED
    stopped.advance(hours=3)
    shown.put(STOLEN, an_edit(a_picture(), "banner"))
    told(mall, images=[STOLEN], version=4, title="Other")
    watch()
    assert (the_match().state, the_match().decided_by) == (State.CONFIRMED, None)


def test_a_listing_that_is_removed_shows_nothing_any_more(mall, shown):
    certified()
    target = told(mall, images=[STOLEN])
    watch()
    removed = {
        "id": "gone", "type": "target.removed", "occurred_at": (clock.now() + timedelta(seconds=1)).isoformat(),
        "data": {"kind": "listing", "external_id": target.external_id},
    }  # fmt: skip
    ingest(marketplace=mall, events=[removed])
    watch()
    assert the_match().state == State.GONE
    back = removed | {
        "id": "back",
        "type": "target.state_changed",
        "occurred_at": (clock.now() + timedelta(seconds=9)).isoformat(),
    }
    ingest(marketplace=mall, events=[back | {"data": removed["data"] | {"state": "up"}}])
    watch()
    assert the_match().state == State.CONFIRMED


def test_the_same_address_in_a_second_listing_is_a_second_match(mall, shown):
    certified()
    told(mall, "1", images=[STOLEN])
    watch()
    told(mall, "2", images=[STOLEN], shop="s2")
    watch()
    assert SeenImage.objects.count() == 1
    assert Match.objects.count() == 2


def test_a_thousand_events_owe_each_address_one_look(mall):
    events = [
        {
            "id": f"e{n}", "type": "listing.upserted", "occurred_at": "2026-03-02T12:00:00Z",
            "data": {"external_id": str(n), "title": "x", "images": [f"https://mall.example/{n % 50}.jpg"]},
        }
        for n in range(1000)
    ]  # fmt: skip
    ingest(marketplace=mall, events=events)
    while drain_outbox():
        pass
    assert SeenImage.objects.count() == 50
    assert Appearance.objects.count() == 1000


@pytest.mark.parametrize("images", [1, 50])
def test_seeing_a_target_takes_as_many_queries_for_fifty_images_as_for_one(mall, images, django_assert_max_num_queries):
    urls = [f"https://mall.example/{n}.jpg" for n in range(images)]
    target = told(mall, images=urls[:1])
    Target.objects.filter(pk=target.pk).update(images=urls)
    with django_assert_max_num_queries(24):
        seeing.see_target(target.public_id)
    assert Appearance.objects.count() == images


def test_a_full_import_is_looked_at_too(mall, shown, monkeypatch):
    class Shop:
        def catalogue(self):
            yield {"type": "listing.upserted", "data": {"external_id": "7", "title": "Shoe", "images": [STOLEN]}}

        def close(self):
            pass

    certified()
    monkeypatch.setattr("marketplace.catalogue.open_connector", lambda marketplace: Shop())
    import_catalogue(marketplace=mall)
    watch()
    assert the_match().target.external_id == "7"


# --- who shows it ---------------------------------------------------------------------------------------


def test_a_listing_that_moves_into_the_holders_own_shop_is_no_copy_and_one_that_leaves_it_is(mall, shown, stopped):
    by = a_merchant()
    certified(by=by)
    target = told(mall, images=[STOLEN], shop="thief")
    watch()
    own = Target.objects.get(kind="shop", external_id="thief")
    other = Target.objects.create(marketplace=mall, kind="shop", external_id="own", operator=by.organisation)
    told(mall, images=[STOLEN], shop="own", version=2)
    target.refresh_from_db()
    assert (target.shop, the_match().state) == (other, State.TOLERATED)
    assert own.operator is None


def test_a_listing_that_leaves_the_holders_shop_is_looked_at_again(mall, shown, stopped):
    by = a_merchant()
    certified(by=by)
    Target.objects.create(marketplace=mall, kind="shop", external_id="own", operator=by.organisation)
    told(mall, images=[STOLEN], shop="own")
    watch()
    assert not Match.objects.exists()
    stopped.advance(hours=2)
    told(mall, images=[STOLEN], shop="thief", version=2)
    watch()
    assert the_match().state == State.CONFIRMED


def test_matches_in_a_shop_that_turns_out_to_be_the_holders_are_let_be(mall, shown):
    by = a_merchant()
    by.organisation.uscc = "91330100MA2AXXXX0X"
    by.organisation.save()
    certified(by=by)
    told(mall, images=[STOLEN])
    watch()
    assert the_match().state == State.CONFIRMED
    event = {
        "id": "shop", "type": "shop.upserted", "occurred_at": clock.now().isoformat(),
        "data": {"external_id": "s1", "name": "Ours", "operator_uscc": "91330100MA2AXXXX0X"},
    }  # fmt: skip
    ingest(marketplace=mall, events=[event])
    watch()
    assert the_match().state == State.TOLERATED


def test_a_licence_lets_copies_be_and_its_end_brings_them_back(mall, shown, web):
    by = a_merchant()
    original = certified(by=by)
    told(mall, images=[STOLEN])
    watch()
    licence = services.grant_licence(original=original, by=by, shop_link=the_shop())
    watch()
    assert the_match().state == State.TOLERATED
    web.put(OTHER, an_edit(a_picture(), "banner"))
    told(mall, "2", images=[OTHER])
    watch()
    assert Match.objects.count() == 1
    services.end_licence(licence=licence, by=by)
    watch()
    checked(original)
    watch()
    assert [m.state for m in Match.objects.order_by("pk")] == [State.CONFIRMED, State.CONFIRMED]


def test_what_the_holder_let_be_in_person_stays_so_when_a_licence_ends(mall, shown):
    by = a_merchant()
    original = certified(by=by)
    told(mall, images=[STOLEN])
    watch()
    watching.tolerate(match=the_match(), by=by)
    licence = services.grant_licence(original=original, by=by, shop_link=the_shop())
    services.end_licence(licence=licence, by=by)
    watch()
    assert the_match().state == State.TOLERATED


@pytest.mark.parametrize("end", ["withdraw", "revoke"])
def test_the_end_of_a_certificate_ends_its_open_matches_and_nothing_matches_any_more(mall, shown, end):
    by = a_merchant()
    original = certified(by=by)
    told(mall, images=[STOLEN])
    watch()
    if end == "withdraw":
        services.withdraw(original=original, by=by)
    else:
        services.revoke(original=original, by=staff(), public_reason="Taken from a catalogue.")
    told(mall, "2", images=[STOLEN])
    watch()
    assert (Match.objects.count(), the_match().state) == (1, State.GONE)


def test_an_original_in_conflict_reports_nothing_until_it_stands(mall, shown):
    first = certified()
    later = checked(registered(an_edit(a_picture(), "banner")))
    assert later.state == "in_conflict"
    told(mall, images=[STOLEN])
    watch()
    assert Match.objects.count() == 1
    services.settle_conflict(
        conflict=later.conflicts.get(), by=staff(), is_upheld=True, both_stand=True, note="Bought from the first."
    )
    checked(later)
    watch()
    assert set(Match.objects.values_list("original", flat=True)) == {first.pk, later.pk}


def test_what_was_shown_before_its_holder_had_it_is_looked_at_by_a_person_first(mall, shown, stopped):
    by = a_merchant()
    mine = Target.objects.create(marketplace=mall, kind="shop", external_id="own", operator=by.organisation)
    stopped.set(datetime(2026, 3, 1, tzinfo=UTC))
    told(mall, "1", images=[STOLEN], shop="thief")
    stopped.set(datetime(2026, 3, 3, tzinfo=UTC))
    original = certified(by=by)  # not looked at yet, so nobody knew
    watch()
    match = the_match()
    assert (match.original, match.state, match.tier) == (original, State.IN_REVIEW, Match.Tier.REVIEW)
    assert match.deadline_at is not None
    assert mine.operator == by.organisation


# --- frames of films ------------------------------------------------------------------------------------


def test_key_frames_are_images_with_their_time_code(mall, shown):
    certified()
    frames = [{"url": OTHER, "seconds": 3}, {"url": STOLEN, "seconds": 95}, {"url": STOLEN, "seconds": 12}]
    target = told(mall, kind="video", frames=frames)
    assert target.frames == [{"url": OTHER, "seconds": 3}, {"url": STOLEN, "seconds": 12}]
    watch()
    assert (the_match().seconds, the_match().target) == (12, target)


def test_other_frames_are_another_version_and_none_is_the_same_as_before_there_were_any(mall):
    told(mall, kind="video", frames=[{"url": OTHER, "seconds": 3}])
    told(mall, kind="video", version=2, frames=[{"url": OTHER, "seconds": 4}])
    target = told(mall, kind="video", version=3)
    assert (target.version, target.frames) == (3, [])
    assert "frames" not in TargetVersion.objects.get(target=target, version=3).content
    assert Appearance.objects.get().gone_at is not None


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ("x", "a list of at most"),
        ([{"url": OTHER, "seconds": 1}] * 101, "a list of at most"),
        ([OTHER], "each is an object"),
        ([{"url": "ftp://mall.example/x", "seconds": 1}], "http"),
        ([{"url": OTHER}], "whole number"),
        ([{"url": OTHER, "seconds": -1}], "whole number"),
        ([{"url": OTHER, "seconds": True}], "whole number"),
        ([{"url": OTHER, "seconds": 1.5}], "whole number"),
        ([{"url": OTHER, "seconds": 10**9}], "whole number"),
    ],
)
def test_wrong_frames_are_rejected_with_a_word(mall, frames, said):
    event = {
        "id": "e", "type": "livestream.upserted", "occurred_at": "2026-03-02T12:00:00Z",
        "data": {"external_id": "1", "title": "Live", "frames": frames},
    }  # fmt: skip
    (result,) = ingest(marketplace=mall, events=[event])
    assert result.status == "rejected"
    assert said in result.detail
    assert not Target.objects.exists()


def test_frames_of_a_listing_mean_nothing(mall):
    assert told(mall, frames=[{"url": OTHER, "seconds": 1}]).frames == []


# --- what nobody shows any more -------------------------------------------------------------------------


def test_images_that_nobody_shows_are_forgotten_after_two_years_unless_they_prove_something(mall, shown, stopped):
    certified()
    told(mall, "1", images=[STOLEN, OTHER])
    watch()
    told(mall, "1", images=[], version=2)
    stopped.advance(days=700)
    assert seeing.forget_gone() == 0
    stopped.advance(days=40)
    assert seeing.forget_gone() == 1
    assert [image.url for image in SeenImage.objects.all()] == [STOLEN]


def test_a_marketplace_that_is_away_is_asked_again_later(mall, web, stopped):
    web.put(STOLEN, Unreachable("timed out", retry_after_seconds=120))
    told(mall, images=[STOLEN])
    watch()
    image = SeenImage.objects.get()
    assert (image.due_at, image.dead_at) == (clock.now() + timedelta(seconds=120), None)

"""Copies on a marketplace are found, explained to their owner, and not found where they may stand."""

import pytest

from imageguard import certificates, searching, services, watching
from imageguard.models import Match
from tests.factories import ShopFactory, staff
from tests.imageguard.helpers import (
    a_listing,
    a_merchant,
    a_picture,
    an_edit,
    an_upload,
    certified,
    checked,
    looked_at,
    registered,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["mirror", "crop", "banner", "recolour", "watermark"])
def test_an_edited_copy_is_found(kind):
    original = certified()
    (match,) = looked_at(a_listing(), an_edit(a_picture(), kind))
    assert match.original == original
    assert match.state == Match.State.CONFIRMED


def test_own_shops_and_allowed_ones_are_left_out(work_off):
    by = a_merchant()
    original = certified(by=by)
    assert looked_at(a_listing(ShopFactory(operator=by.organisation)), a_picture()) == []
    friend = ShopFactory()
    services.grant_licence(original=original, by=by, shop_link=friend.url)
    assert looked_at(a_listing(friend), a_picture()) == []


def test_what_was_there_before_the_certificate_is_looked_at_again():
    listing = a_listing()
    looked_at(listing, an_edit(a_picture(), "mirror"))
    by = a_merchant()
    own = a_listing(ShopFactory(operator=by.organisation), first_seen_at="2020-01-01T00:00:00Z")
    looked_at(own, a_picture())
    original = certified(by=by)
    assert watching.SeenImage.objects.filter(due_at__isnull=False, appearances__target=listing).exists()
    (match,) = looked_at(listing, an_edit(a_picture(), "mirror"))
    assert match.original == original


def test_staff_confirm_or_dismiss_what_the_engine_is_not_sure_of():
    original = certified()
    (match,) = looked_at(a_listing(), a_picture())
    Match.objects.filter(pk=match.pk).update(state=Match.State.IN_REVIEW, tier=Match.Tier.REVIEW)
    match.refresh_from_db()
    assert watching.dismiss(match=match, by=staff(), reason="Another photo.").state == Match.State.DISMISSED
    assert original.is_certified


@pytest.fixture
def few_are_judged(monkeypatch):
    """One search of the engine judges two candidates."""
    monkeypatch.setattr("imageguard.engine.thresholds.CANDIDATES", 2)


def test_copies_that_a_thief_hands_in_do_not_hide_the_original(few_are_judged):
    original = certified()
    thief = a_merchant()
    copies = [an_edit(a_picture(), kind) for kind in ("banner", "watermark", "recolour")]
    for copy in copies:
        assert checked(registered(copy, by=thief)).state == "in_conflict"
    (match,) = looked_at(a_listing(), copies[0])
    assert match.original == original
    assert certificates.is_protected(an_upload(copies[1])).is_protected


def test_every_copy_that_was_there_before_is_looked_at_again_however_many_there_are(few_are_judged):
    listings = [a_listing() for _ in range(5)]
    for n, listing in enumerate(listings):
        looked_at(listing, an_edit(a_picture(), "banner", seed=n))
    assert len(searching.listings_that_show(a_picture())) == 5
    by = a_merchant()
    own = a_listing(ShopFactory(operator=by.organisation), first_seen_at="2020-01-01T00:00:00Z")
    looked_at(own, a_picture())
    certified(by=by)
    again = watching.SeenImage.objects.filter(due_at__isnull=False, appearances__target__in=listings)
    assert again.count() == 5

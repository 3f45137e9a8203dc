"""What is seen of official pictures counts for their profile, in listings that show them now, and for nobody else's."""

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from core import files
from core.models import FilePurpose
from core.outbox import publish
from core.tasks import drain_outbox
from imageguard.models import Appearance, OfficialPicture, SeenImage, Sighting
from imageguard.official import put_due
from marketplace.models import Target
from patrol import official
from patrol.models import Inspection, OfficialImage
from patrol.signals.image import see, see_picture, strength
from tests.factories import ListingFactory
from tests.imageguard.conftest import empty_indexes  # noqa: F401 its indexes are in a folder of the test's own
from tests.imageguard.helpers import a_listing, a_picture, an_edit, as_jpeg, looked_at
from tests.imageguard.pictures import page_of_text
from tests.patrol.helpers import a_profile

pytestmark = pytest.mark.django_db


def given(profile, picture, *, is_cover=True):
    content = ContentFile(as_jpeg(picture, 92), name="cover.jpg")
    file = files.keep(upload=content, purpose=FilePurpose.PICTURE, by=None, organisation=None)
    image = OfficialImage.objects.create(profile=profile, file=file, is_cover=is_cover)
    happened("profile.picture_added", image)
    return image


def happened(event, subject):
    with transaction.atomic():
        publish(event, subject.public_id)
    drain_outbox()
    while put_due():
        drain_outbox()


def test_a_listing_that_shows_the_cover_is_owed_an_inspection_and_seen_until_the_picture_is_taken_away():
    profile, other = a_profile(), a_profile()
    image = given(profile, a_picture())
    listing, plain = a_listing(), a_listing()
    looked_at(listing, an_edit(a_picture(), "banner"))
    looked_at(plain, a_picture(5, "thermos"))
    Inspection.objects.all().delete()
    drain_outbox()
    assert Inspection.objects.get().target == listing
    seen = see([plain, Target(), listing], [profile.pk, other.pk])
    ((one,),) = seen.values()
    assert list(seen) == [(2, profile.pk)]
    assert (one.signal, one.data["official"], one.data["tier"]) == ("image.cover", image.public_id, "automatic")
    assert one.strength > 0.7
    assert see([listing], [other.pk]) == {}
    gone = image.public_id
    image.delete()
    image.public_id = gone
    happened("profile.picture_removed", image)
    assert see([listing], [profile.pk]) == {}
    assert OfficialPicture.objects.count() == 0


def test_an_image_that_a_listing_shows_no_longer_does_not_count():
    profile = a_profile()
    given(profile, a_picture(), is_cover=False)
    listing = a_listing()
    looked_at(listing, a_picture())
    assert [one.signal for one in see([listing], [profile.pk])[0, profile.pk]] == ["image.official"]
    Appearance.objects.update(gone_at=listing.first_seen_at)
    assert see([listing], [profile.pk]) == {}


def test_one_picture_that_stands_nowhere_yet_is_compared_too():
    profile, other = a_profile(), a_profile()
    given(profile, a_picture())
    listing = a_listing()
    seen, _originals = see_picture(an_edit(a_picture(), "mirror"), listing, [profile.pk, other.pk], seconds=5)
    ((one,),) = seen.values()
    assert (one.signal, one.data["is_mirrored"]) == ("image.cover", True)
    assert see_picture(a_picture(), listing, [other.pk], seconds=5) == ({}, [])


def test_a_picture_of_which_copies_cannot_be_told_is_refused_in_words():
    image = given(a_profile(), page_of_text())
    assert "text" in str(official.refusals([image])[image.public_id])


@pytest.mark.parametrize("count", [3, 60])
def test_many_listings_are_asked_about_at_once(django_assert_num_queries, count):
    profile = a_profile()
    picture = OfficialPicture.objects.get(subject=given(profile, page_of_text()).public_id)
    listings = [ListingFactory() for _ in range(count)]
    for n, listing in enumerate(listings):
        image = SeenImage.objects.create(marketplace=listing.marketplace, url=f"https://x.example/{n}", url_hash=str(n))
        Appearance.objects.create(image=image, target=listing)
        Sighting.objects.create(picture=picture, image=image, score=0.9, tier="automatic")
    with django_assert_num_queries(2):
        assert len(see(listings, [profile.pk])) == count


def test_what_is_only_perhaps_the_cover_or_a_photograph_of_it_says_less():
    assert strength(0.49, "review") < 0.5 * strength(0.5, "automatic")
    assert strength(0.95, "automatic", ["tilted"]) < strength(0.5, "automatic")
    assert 0 < strength(0.08, "review") < strength(0.4, "review") < strength(1, "automatic") <= 1

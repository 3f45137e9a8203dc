"""The pictures of own listings are fetched and registered; nobody hands in another seller's."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from core.errors import Invalid, NotYours
from core.fetch import Fetched, Refused, Unreachable
from imageguard import intake
from imageguard.models import IntakeItem, Original
from marketplace import pictures
from tests.factories import ListingFactory, ShopFactory
from tests.imageguard.helpers import a_merchant, a_picture, as_jpeg

pytestmark = pytest.mark.django_db
State = IntakeItem.State
A, B = "https://img.mall.example/a.jpg", "https://img.mall.example/b.jpg"


@pytest.fixture
def there(monkeypatch):
    """What lies under each address: bytes, or the failure."""
    lies = {A: as_jpeg(a_picture(0)), B: as_jpeg(a_picture(1))}
    asked = []

    def fetched(url, *, trusted, **limits):
        asked.append((url, trusted))
        if isinstance(lies[url], Exception):
            raise lies[url]
        return Fetched(content=lies[url], url=url)

    monkeypatch.setattr(pictures, "fetch_picture", fetched)
    lies["asked"] = asked
    return lies


def own(*images: str):
    by = a_merchant()
    return by, ListingFactory(shop=ShopFactory(operator=by.organisation), images=list(images), title="Red shoe")


def test_each_picture_becomes_an_original_fetched_as_the_marketplace_allows(there):
    by, listing = own(A, B)
    begun = intake.begin_listings(by=by, targets=[listing, listing])
    intake.take_in_due()
    assert intake.progress(begun) == intake.Progress(total=2, waiting=0, taken=2, refused=0, given_up=0)
    assert set(Original.objects.values_list("title", flat=True)) == {"Red shoe (1)", "Red shoe (2)"}
    trusted = pictures.trusted_origins(listing.marketplace)
    assert there["asked"] == [(A, trusted), (B, trusted)]


def test_another_sellers_listing_looks_like_none(there):
    by, listing = own(A)
    with pytest.raises(NotYours):
        intake.begin_listings(by=by, targets=[listing, ListingFactory(images=[B])])
    assert not IntakeItem.objects.exists()


def test_listings_without_pictures_are_refused():
    by, listing = own()
    with pytest.raises(Invalid, match="show no pictures"):
        intake.begin_listings(by=by, targets=[listing])


def test_what_cannot_be_fetched_now_is_tried_again_and_what_never_can_is_refused(there, stopped):
    by, listing = own(A, B)
    good, there[A], there[B] = there[A], Unreachable("no answer"), Refused("port 22 is not allowed")
    begun = intake.begin_listings(by=by, targets=[listing])
    intake.take_in_due()
    assert intake.progress(begun) == intake.Progress(total=2, waiting=1, taken=0, refused=1, given_up=0)
    assert "Send it as a file" in begun.items.get(state=State.REFUSED).why
    there[A] = good
    stopped.advance(minutes=5)
    intake.take_in_due()
    assert intake.progress(begun).taken == 1


def test_who_left_the_organisation_registers_nothing_more_for_it(there):
    by, listing = own(A)
    begun = intake.begin_listings(by=by, targets=[listing])
    by.memberships.all().delete()
    intake.take_in_due()
    assert intake.progress(begun).refused == 1
    assert not Original.objects.exists()


def test_a_worker_that_runs_out_of_time_ends_and_the_image_is_tried_again(there, stopped):
    by, listing = own(A, B)
    good, there[A] = there[A], SoftTimeLimitExceeded()
    begun = intake.begin_listings(by=by, targets=[listing])
    with pytest.raises(SoftTimeLimitExceeded):
        intake.take_in_due()
    there[A] = good
    stopped.advance(minutes=5)
    intake.take_in_due()
    assert intake.progress(begun).taken == 2

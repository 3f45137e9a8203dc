"""Where very many images are new, each is compared as a whole picture at once and looked at thoroughly later."""

import pytest

from imageguard import watching
from imageguard.models import Match, SeenImage, Sighting
from tests.factories import MarketplaceFactory
from tests.imageguard.helpers import a_picture, an_edit, certified, told, watch
from tests.imageguard.test_official_pictures_are_sighted import given
from tests.imageguard.test_watching_survives import Killed, die_at

pytestmark = pytest.mark.django_db
ADDRESS = "https://mall.example/img/{}.jpg"


@pytest.fixture
def crowd(monkeypatch):
    """One image that is due besides others is a crowd already."""
    monkeypatch.setattr(watching, "CROWD", 0)
    return MarketplaceFactory(slug="mall")


@pytest.fixture
def show(web, crowd):
    def shown(picture, n=1):
        told(crowd, str(n), images=[web.put(ADDRESS.format(n), picture)])
        return SeenImage.objects.get(url=ADDRESS.format(n))

    return shown


def test_the_whole_official_picture_is_sighted_at_once_and_an_edited_one_by_the_thorough_look(show, stopped):
    given(a_picture())
    whole, edited = show(a_picture(), 1), show(an_edit(a_picture(), "crop"), 2)
    watch()
    assert [sighting.image for sighting in Sighting.objects.all()] == [whole]
    edited.refresh_from_db()
    assert (edited.looked_at, edited.attempts, edited.last_error) == (None, 0, "")
    assert edited.due_at == edited.screened_at + watching.THOROUGH_AFTER
    stopped.advance(seconds=watching.THOROUGH_AFTER.total_seconds() + 1)
    watch()
    assert {sighting.image for sighting in Sighting.objects.all()} == {whole, edited}
    assert not SeenImage.objects.filter(due_at__isnull=False).exists()


def test_a_copy_of_an_original_is_looked_at_thoroughly_at_once(show):
    original = certified()
    show(a_picture())
    watch()
    assert Match.objects.get().original == original


def test_what_patrol_suspects_is_looked_at_before_the_rest(show):
    given(a_picture())
    suspicious, other = show(an_edit(a_picture(), "crop"), 1), show(an_edit(a_picture(), "banner"), 2)
    watch()
    assert Sighting.objects.count() == 0
    assert watching.look_soon([suspicious.pk]) == 1
    watch()
    assert Sighting.objects.get().image == suspicious
    other.refresh_from_db()
    assert other.looked_at is None


def test_a_worker_that_dies_while_it_screens_loses_nothing(show, stopped, monkeypatch):
    given(a_picture())
    image = show(a_picture())
    die_at(monkeypatch, "imageguard.watching.official.write", after=True)
    with pytest.raises(Killed):
        watching.look_due()
    stopped.advance(seconds=watching.LEASE.total_seconds() + 1)
    watch()
    assert Sighting.objects.get().image == image

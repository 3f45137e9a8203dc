"""Where a marketplace shows an official picture there is a sighting, as long as it does and the picture is looked for."""

import pytest
from django.core.files.base import ContentFile

from core import files
from core.models import FilePurpose, OutboxMessage
from imageguard import index, official
from imageguard.models import Collection, Match, OfficialPicture, SeenImage, Sighting
from tests.factories import MarketplaceFactory
from tests.imageguard.helpers import a_listing, a_picture, an_edit, as_jpeg, looked_at, told, watch
from tests.imageguard.pictures import page_of_text
from tests.imageguard.test_watching_survives import Killed, die_at

pytestmark = pytest.mark.django_db
COVER = "off_cover"


def given(picture, subject=COVER):
    """A brand gave this picture; the worker has put it."""
    content = ContentFile(as_jpeg(picture, 92), name="cover.jpg")
    file = files.keep(upload=content, purpose=FilePurpose.PICTURE, by=None, organisation=None)
    official.add(subject=subject, file=file)
    return put()


def put():
    while official.put_due():
        pass
    return OfficialPicture.objects.first()


def sighted():
    return set(OutboxMessage.objects.filter(event="image.sighted").values_list("subject", flat=True))


@pytest.mark.parametrize("kind", ["mirror", "banner"])
def test_an_edited_official_picture_is_sighted_and_is_no_match(kind):
    given(a_picture())
    assert looked_at(a_listing(), an_edit(a_picture(), kind)) == []
    sighting = Sighting.objects.get()
    assert (sighting.picture.subject, sighting.tier) == (COVER, "automatic")
    assert sighting.is_mirrored == (kind == "mirror")
    assert sighting.edits != []
    assert sighted() == {sighting.image.public_id}
    assert Match.objects.count() == 0


def test_the_same_look_again_says_nothing_new_and_other_bytes_end_it():
    given(a_picture())
    listing = a_listing()
    looked_at(listing, an_edit(a_picture(), "banner"))
    OutboxMessage.objects.all().delete()
    looked_at(listing, an_edit(a_picture(), "banner"))
    assert (Sighting.objects.count(), sighted()) == (1, set())
    looked_at(listing, a_picture(5, "thermos"))
    assert Sighting.objects.count() == 0
    assert sighted() == {SeenImage.objects.get().public_id}


def test_a_new_official_picture_finds_what_is_there_already():
    whole, edited, other = a_listing(), a_listing(), a_listing()
    looked_at(whole, a_picture())
    looked_at(edited, an_edit(a_picture(), "crop"))
    looked_at(other, a_picture(5, "thermos"))
    given(a_picture())
    image = {
        name: SeenImage.objects.get(appearances__target=t) for name, t in [("w", whole), ("e", edited), ("o", other)]
    }
    seen = set(Sighting.objects.values_list("image", flat=True))
    assert image["w"].pk in seen, "the whole picture is noted at once"
    assert image["e"].pk in seen or image["e"].due_at is not None
    assert image["o"].pk not in seen
    assert image["o"].due_at is None
    looked_at(edited, an_edit(a_picture(), "crop"))
    assert set(Sighting.objects.values_list("image", flat=True)) == {image["w"].pk, image["e"].pk}


def test_what_was_taken_away_is_seen_no_longer_and_may_come_back():
    row = given(a_picture())
    listing = a_listing()
    looked_at(listing, a_picture())
    OutboxMessage.objects.all().delete()
    official.take_away(COVER)
    looked_at(a_listing(), a_picture())
    assert Sighting.objects.count() == 1, "found no more from the moment it was taken away"
    put()
    assert (OfficialPicture.objects.count(), Sighting.objects.count()) == (0, 0)
    assert sighted() == {SeenImage.objects.get(appearances__target=listing).public_id}
    official.add(subject=COVER, file=row.file)
    put()
    assert Sighting.objects.count() == 2


def test_a_page_of_text_is_refused_in_words():
    given(page_of_text())
    assert "text" in str(official.refusals([COVER, "off_other"])[COVER])
    assert not index.holds(collection=Collection.OFFICIAL, subject=COVER)
    assert OfficialPicture.objects.get().due_at is None


@pytest.mark.parametrize(
    ("where", "after"),
    [
        ("imageguard.official._fingerprint", True),
        ("imageguard.official._note", True),
        ("imageguard.official.owe_look", False),
    ],
)
def test_a_worker_that_dies_over_an_official_picture_loses_nothing(stopped, monkeypatch, where, after):
    looked_at(a_listing(), a_picture())
    die_at(monkeypatch, where, after=after)
    with pytest.raises(Killed):
        given(a_picture())
    stopped.advance(seconds=official.LEASE.total_seconds() + 1)
    row = put()
    assert (row.due_at, row.dead_at, Sighting.objects.count()) == (None, None, 1)
    assert len(sighted()) == 1


def test_a_target_that_begins_to_show_what_was_sighted_before_says_so(web):
    mall = MarketplaceFactory(slug="mall")
    url = web.put("https://mall.example/img/1.jpg", a_picture())
    given(a_picture())
    told(mall, "1", images=[url])
    watch()
    OutboxMessage.objects.all().delete()
    later = told(mall, "2", images=[url])
    assert OutboxMessage.objects.get(event="target.sighted").subject == later.public_id


def test_one_picture_is_searched_among_official_pictures_and_whole_ones_need_no_points(monkeypatch):
    given(a_picture())
    (found,) = official.search(an_edit(a_picture(), "banner"), seconds=5)
    assert (found.collection, found.id, found.tier) == ("official", COVER, "automatic")
    assert official.search(a_picture(5, "thermos"), seconds=5) == []
    monkeypatch.setattr("imageguard.engine.features.extract", lambda *a, **k: pytest.fail("no points are needed"))
    assert [one.id for one in official.search(a_picture(), seconds=5)] == [COVER]
    assert official.search(an_edit(a_picture(), "banner"), seconds=0) == []

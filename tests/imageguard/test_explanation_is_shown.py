"""Why a picture is held to be a copy is said in words and shown in pictures, to those alone who may see the match."""

import zlib
from io import BytesIO

import pytest
from django.core.cache import caches
from PIL import Image

from core import clock
from imageguard import explanations
from imageguard.engine import Edit
from imageguard.explanations import View
from imageguard.models import Explanation, Match
from marketplace.errors import PictureLater
from tests.factories import ShopFactory, merchant_of, staff
from tests.imageguard.helpers import (
    a_listing,
    a_merchant,
    a_picture,
    an_edit,
    certified,
    checked,
    drawn,
    looked_at,
    registered,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    """The pictures of one test are those of the next: the same two are drawn."""
    caches["pictures"].clear()


@pytest.fixture
def match(owner) -> Match:
    certified(by=owner)
    (found,) = looked_at(a_listing(), an_edit(a_picture(), "mirror"))
    drawn()
    return found


def test_every_edit_has_words():
    assert set(explanations.EDITS) == set(Edit)
    assert len(set(map(str, explanations.EDITS.values()))) == len(Edit)


def test_a_code_without_words_is_not_lost():
    assert explanations.edits_in_words(["mirrored", "folded_twice"]) == ["mirrored left to right", "folded twice"]


def test_the_parts_of_a_score_are_said_with_bars(match):
    parts = {part.name: part for part in explanations.parts_in_words(match.parts)}
    assert set(parts) | explanations.UNTOLD >= set(match.parts)
    assert all(0 <= part.percent <= 100 for part in parts.values())
    assert "%" not in parts["agreement"].text.replace(f"{round(match.parts['agreement'] * 100)} %", "")
    assert explanations.parts_in_words({"agreement": "much", "unheard_of": 1.0}) == []


def test_a_bar_is_short_where_another_photograph_is_in_the_picture():
    """A tenth of it is too much for the engine to be sure."""
    clean, ground = (explanations.parts_in_words({"foreign": share})[0].percent for share in (0.0, 0.14))
    assert clean == 100
    assert ground < 50


@pytest.mark.parametrize("view", View)
def test_its_owner_sees_each_picture(match, owner, sign_in, view):
    answer = sign_in(owner).get(f"/originals/matches/{match.public_id}/{view}.jpg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"].startswith("private")
    assert max(Image.open(BytesIO(answer.content)).size) > 200


def test_a_page_draws_nothing_and_says_that_the_pictures_are_being_made(owner, sign_in, monkeypatch):
    certified(by=owner)
    (found,) = looked_at(a_listing(), an_edit(a_picture(), "mirror"))
    browser, page = sign_in(owner), f"/originals/matches/{found.public_id}/"
    htmx = {"HX-Request": "true"}
    with monkeypatch.context() as patch:
        patch.setattr(explanations, "draw", None)
        assert browser.get(f"{page}overlay.jpg").status_code == 503
        assert "are being laid on each other" in browser.get(page).content.decode()
        part = browser.get(f"{page}explanation/", headers=htmx).content.decode()
        assert f'hx-get="{page}explanation/"' in part
    drawn()
    part = browser.get(f"{page}explanation/", headers=htmx).content.decode()
    assert "overlay.jpg" in part
    assert "hx-get" not in part
    assert "overlay.jpg" in browser.get(page).content.decode()
    assert browser.get(f"{page}overlay.jpg").status_code == 200
    assert browser.get(f"{page}explanation/").url == page, "asked for without htmx it leads to the whole page"


def test_a_pair_is_drawn_once_however_many_listings_show_it(owner):
    certified(by=owner)
    for _n in range(3):
        looked_at(a_listing(), an_edit(a_picture(), "mirror"))
    assert Explanation.objects.count() == 1
    assert explanations.draw_due() == 1
    assert explanations.draw_due() == 0
    assert all(explanations.is_drawn(found) for found in Match.objects.all())


def test_what_was_found_before_there_were_explanations_is_owed_its_pictures_when_somebody_looks(match):
    Explanation.objects.all().delete()
    with pytest.raises(PictureLater):
        explanations.picture(match, View.OVERLAY)
    drawn()
    assert explanations.picture(match, View.OVERLAY)


def test_what_cannot_be_drawn_is_given_up_visibly_and_stops_no_other(match, owner, sign_in, monkeypatch):
    looked_at(a_listing(), an_edit(a_picture(), "banner"))
    Explanation.objects.update(drawn=None, due_at=clock.now())
    first = Explanation.objects.order_by("due_at", "pk").first()
    real = explanations.picture_of

    def lost(file):
        if file.pk == first.suspect_id:
            raise FileNotFoundError
        return real(file)

    monkeypatch.setattr(explanations, "picture_of", lost)
    assert explanations.draw_due() == 2
    first.refresh_from_db()
    assert first.dead_at is not None
    assert Explanation.objects.filter(drawn__isnull=False).count() == 1
    assert "Staff have been shown it" in sign_in(owner).get(f"/originals/matches/{match.public_id}/").content.decode()
    monkeypatch.undo()
    explanations.retry_drawing(row=first, by=staff())
    drawn()
    assert explanations.is_drawn(match)


def test_the_second_look_reads_nothing(match, monkeypatch):
    first = explanations.picture(match, View.OVERLAY)
    monkeypatch.setattr(explanations, "_drawn", None)
    assert explanations.picture(match, View.OVERLAY) == first
    assert explanations.picture(match, View.WARPED)


def test_what_is_kept_of_it_is_encrypted_like_the_files(match, tmp_path, settings):
    folder = tmp_path / "thumbnails"
    settings.CACHES = {**settings.CACHES, "pictures": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(folder),
    }}  # fmt: skip
    shown = explanations.picture(match, View.OVERLAY)
    kept = [zlib.decompress(file.read_bytes()[file.read_bytes().index(b"x\x9c") :]) for file in folder.iterdir()]
    assert len(kept) == len(View)
    assert not any(b"JFIF" in content for content in kept)
    assert explanations.picture(match, View.OVERLAY) == shown


def test_nobody_else_sees_them(match, sign_in, client):
    path = f"/originals/matches/{match.public_id}/overlay.jpg"
    for other in (a_merchant(), merchant_of(match.target.shop or ShopFactory())):
        assert sign_in(other).get(path).status_code == 404
    assert client.get(path).status_code == 302
    assert sign_in(staff()).get(path).status_code == 200


def test_a_picture_that_there_is_not_is_not_found(match, owner, sign_in):
    assert sign_in(owner).get(f"/originals/matches/{match.public_id}/heatmap.jpg").status_code == 404


def test_a_find_without_a_copy_of_ours_has_no_pictures(match):
    match.file = match.image.file = None
    assert explanations.shown(match) == []


def test_pictures_of_a_conflict_are_for_staff(sign_in):
    first, by = certified(), a_merchant()
    copy = checked(registered(an_edit(a_picture(), "banner"), by=by))
    conflict = copy.conflicts.get()
    drawn()
    path = f"/originals/conflicts/{conflict.public_id}/side-by-side.jpg"
    assert sign_in(staff()).get(path).status_code == 200
    assert sign_in(by).get(path).status_code == 404
    assert sign_in(first.registered_by).get(path).status_code == 404


def test_a_near_identical_copy_is_explained_too(owner):
    certified(by=owner)
    (found,) = looked_at(a_listing(), a_picture().resize((500, 500)))
    drawn()
    assert set(found.parts) <= {part.name for part in explanations.parts_in_words(found.parts)} | explanations.UNTOLD
    assert explanations.picture(found, View.SIDE_BY_SIDE)

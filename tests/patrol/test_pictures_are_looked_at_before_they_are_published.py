"""A pre-check looks at the pictures too, as far as the time goes; what shows none that could be looked at never passes."""

import pytest

from marketplace import pictures
from patrol import prechecks, terms
from tests.factories import MarketplaceFactory
from tests.imageguard.conftest import empty_indexes, web  # noqa: F401 its indexes are in a folder of the test's own
from tests.imageguard.helpers import a_picture
from tests.patrol.helpers import a_profile
from tests.patrol.test_official_pictures_count_for_their_profile import given

pytestmark = pytest.mark.django_db
COVER = "https://mall.example/img/new.jpg"
#: no word tells which book it is
LISTING = {"title": "高清扫描 复印版 A5", "images": [COVER], "price": "9.90", "currency": "CNY"}


@pytest.fixture
def ask(stopped, monkeypatch):
    terms.forget()
    monkeypatch.setattr(prechecks, "PICTURE_SECONDS", 30)
    mall = MarketplaceFactory()
    return lambda: prechecks.check(marketplace=mall, body=LISTING)


def test_a_cover_tells_what_no_word_says(ask, web):  # noqa: F811
    profile = a_profile(kind="book", list_price="168.00", price_floor="60.00")
    given(profile, a_picture())
    web.put(COVER, a_picture())
    row = ask()
    assert (row.answer, row.profile) != ("pass", None)
    assert row.profile == profile
    assert "image.cover" in {seen["signal"] for seen in row.signals}
    web.put(COVER, a_picture(5, "thermos"))
    assert ask().answer == "pass"


def test_what_shows_no_picture_that_could_be_looked_at_is_for_a_person(ask, web, monkeypatch):  # noqa: F811
    given(a_profile(kind="book"), a_picture())
    row = ask()
    assert (row.answer, row.profile) == ("review", None)
    assert prechecks.reasons(row) == ["1 picture could not be looked at in time."]
    monkeypatch.setattr(prechecks, "PICTURE_SECONDS", -1)
    monkeypatch.setattr(pictures, "fetch_picture", None)
    assert ask().pk == row.pk


def test_one_picture_that_was_looked_at_is_enough(ask, web, monkeypatch):  # noqa: F811
    given(a_profile(kind="book"), a_picture())
    web.put(COVER, a_picture(5, "thermos"))
    monkeypatch.setitem(LISTING, "images", [COVER, "https://mall.example/img/away.jpg"])
    row = ask()
    assert row.answer == "pass"
    assert prechecks.reasons(row) == ["1 picture could not be looked at in time."]


def test_where_no_official_picture_is_looked_for_nothing_is_fetched(ask, monkeypatch):
    a_profile()
    monkeypatch.setattr(pictures, "fetch_picture", None)
    assert ask().signals == []

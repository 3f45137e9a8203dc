"""A pre-check looks at the pictures too, as far as the time goes; what shows none that could be looked at never passes."""

import pytest

from imageguard.models import Licence
from marketplace import pictures
from patrol import prechecks, terms
from tests.factories import MarketplaceFactory, ShopFactory
from tests.imageguard.conftest import empty_indexes, web  # noqa: F401 its indexes are in a folder of the test's own
from tests.imageguard.helpers import a_picture, an_edit, certified
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


@pytest.mark.parametrize("is_public", [True, False])
def test_a_copy_of_a_certified_original_is_for_a_person(ask, web, is_public):  # noqa: F811
    original = certified(a_picture(), is_public=is_public)
    web.put(COVER, an_edit(a_picture(), "mirror"))
    row = ask()
    assert (row.answer, row.rule, row.profile) == ("review", "", None)
    (reason,) = prechecks.reasons(row)
    assert ("certified original" if not is_public else original.number) in reason
    assert (original.number in reason) == is_public, "whose it is, only the public register tells"
    web.put(COVER, a_picture(5, "thermos"))
    assert ask().answer == "pass"


def test_who_holds_the_original_or_is_allowed_to_use_it_shows_no_copy(ask, web, monkeypatch):  # noqa: F811
    original = certified(a_picture())
    web.put(COVER, a_picture())
    mall = MarketplaceFactory()
    own = ShopFactory(marketplace=mall, operator=original.organisation)
    licensed, other = ShopFactory(marketplace=mall), ShopFactory(marketplace=mall)
    Licence.objects.create(original=original, shop=licensed, granted_by=original.registered_by)
    answers = [
        prechecks.check(marketplace=mall, body={**LISTING, "shop_external_id": shop.external_id}).answer
        for shop in (own, licensed, other)
    ]
    assert answers == ["pass", "pass", "review"]


def test_where_no_picture_is_protected_nothing_is_fetched(ask, monkeypatch):
    a_profile()
    monkeypatch.setattr(pictures, "fetch_picture", None)
    assert ask().signals == []

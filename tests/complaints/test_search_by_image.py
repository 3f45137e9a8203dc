"""In the wizard a picture is dropped, and what shows it is listed to be ticked; also without JavaScript."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imageguard import searching
from tests.complaints.test_wizard import draft_id
from tests.factories import FilingFactory, member
from tests.imageguard.conftest import empty_indexes  # noqa: F401  used by every test
from tests.imageguard.helpers import a_listing, a_merchant, a_picture, an_edit, an_upload, certified, looked_at

pytestmark = pytest.mark.django_db
NEW, BY_IMAGE = "/complaints/new/", "/complaints/new/by-image/"


@pytest.fixture
def holder():
    user = member(name="Ada Holder")
    FilingFactory(organisation=user.organisation, created_by=user)
    return user


@pytest.fixture
def browser(sign_in, holder):
    return sign_in(holder)


@pytest.fixture
def listing():
    found = a_listing(title="A STOLEN PICTURE")
    looked_at(found, a_picture())
    return found


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_what_shows_an_edited_copy_is_listed_with_its_shop_and_score(browser, listing):
    other = a_listing(title="ANOTHER ARTICLE")
    looked_at(other, a_picture(family="watch"))
    answer = browser.post(BY_IMAGE, {"picture": an_upload(an_edit(a_picture(), "banner"))})
    assert answer.status_code == 200
    assert "A STOLEN PICTURE" in text(answer)
    assert listing.shop.title in text(answer)
    assert "ANOTHER ARTICLE" not in text(answer)


def test_what_is_not_sure_is_not_said_to_show_the_picture(browser, listing, monkeypatch):
    assert "1 listing shows this picture" in text(browser.post(BY_IMAGE, {"picture": an_upload(a_picture())}))
    monkeypatch.setattr(searching.Showing, "is_sure", False)
    said = text(browser.post(BY_IMAGE, {"picture": an_upload(a_picture())}))
    assert "1 listing perhaps shows it: look at it before you tick it" in said
    assert "shows this picture" not in said


def test_without_javascript_it_is_a_step_of_the_form_and_ticked_links_are_added(browser, listing):
    draft = draft_id(browser)
    said = {"draft": draft, "links": "https://elsewhere.example/1", "description": "half a sentence"}
    found = browser.post(NEW, {**said, "action": "search", "picture": an_upload(a_picture())})
    assert found.status_code == 200
    assert f'name="found" value="{listing.url}"' in text(found)
    assert "half a sentence" in text(found)
    added = browser.post(NEW, {**said, "action": "add", "found": [listing.url, listing.url]})
    assert added.context["form"].lines == ["https://elsewhere.example/1", listing.url]
    assert "half a sentence" in text(added)
    again = browser.get(f"/complaints/drafts/{draft}/")
    assert again.context["form"].lines == ["https://elsewhere.example/1", listing.url]


def test_an_own_original_can_be_searched_by(sign_in, listing):
    merchant = a_merchant()
    original = certified(a_picture(family="book"), by=merchant)
    copy = a_listing(title="A COPY OF IT")
    looked_at(copy, an_edit(a_picture(family="book"), "banner"))
    browser = sign_in(merchant)
    assert original.number in text(browser.get(NEW))
    answer = browser.post(BY_IMAGE, {"original": original.public_id})
    assert "A COPY OF IT" in text(answer)
    assert "covered in places" in text(answer)
    foreign = certified(a_picture(family="tea_tin"))
    assert "not yours to see" in text(browser.post(BY_IMAGE, {"original": foreign.public_id}))


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "The file is empty"), (b"no picture at all", "not a picture"), (b"\xff\xd8\xff\xe0" + b"0" * 64, "damaged")],
)
def test_what_is_no_picture_is_told_in_a_word(browser, content, word):
    upload = {"picture": SimpleUploadedFile("x.jpg", content, "image/jpeg")}
    assert word in text(browser.post(BY_IMAGE, dict(upload)))
    upload["picture"].seek(0)
    answer = browser.post(NEW, {"draft": draft_id(browser), "action": "search", **upload})
    assert answer.status_code == 422
    assert word in text(answer)


def test_no_picture_and_nothing_found_are_told(browser):
    assert "Choose a picture first." in text(browser.post(BY_IMAGE))
    assert "Nothing on the connected marketplaces" in text(browser.post(BY_IMAGE, {"picture": an_upload(a_picture())}))


def test_one_person_searches_so_often_a_minute(browser, monkeypatch):
    monkeypatch.setattr("imageguard.searching.MOST_A_MINUTE", 2)
    answers = [text(browser.post(BY_IMAGE, {"picture": an_upload(a_picture())})) for _ in range(3)]
    assert ["very often" in answer for answer in answers] == [False, False, True]


def test_a_listing_that_shows_it_no_more_is_not_found(browser, listing):
    listing.appearances.update(gone_at=listing.first_seen_at)
    assert "Nothing on the connected" in text(browser.post(BY_IMAGE, {"picture": an_upload(a_picture())}))


def test_one_picture_in_very_many_listings_costs_a_page_no_more(listing, monkeypatch):
    monkeypatch.setattr("imageguard.searching.MOST_IN_ONE", 1)
    for _ in range(4):
        looked_at(a_listing(), a_picture())
    found = searching.listings_that_show(a_picture(), limit=3)
    assert len({showing.target for showing in found}) == 3
    assert searching.listings_that_show(a_picture(7, "jar"), limit=3) == []

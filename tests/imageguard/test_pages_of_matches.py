"""What a holder sees of copies that were found, and what it may do about each of them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import OrgRole
from imageguard import watching
from imageguard.models import Licence, Match
from tests.factories import ListingFactory, ShopFactory, a_match, an_original, member, merchant_of, staff
from tests.imageguard.helpers import a_merchant

pytestmark = pytest.mark.django_db
State = Match.State


def url(name, *things):
    return reverse(f"originals:{name}", args=[t.public_id for t in things])


@pytest.fixture
def original(owner):
    return an_original(owner, title="Red sneaker")


@pytest.fixture
def match(original):
    return a_match(original, ListingFactory(title="Cheap sneaker", shop=ShopFactory(title="Bargains")))


def test_the_list_is_filtered_and_paged_with_a_constant_number_of_queries(browser, owner, original, match):
    a_match(an_original(a_merchant()), ListingFactory(title="FOREIGN"))
    browser.get(url("matches"))
    with CaptureQueriesContext(connection) as few:
        browser.get(url("matches"))
    for n in range(30):
        a_match(an_original(owner), state=State.TOLERATED if n % 2 else State.CONFIRMED)
    with CaptureQueriesContext(connection) as many:
        page = browser.get(url("matches"))
    assert len(page.context["page"].object_list) == 25
    assert len(many) <= len(few) + 1
    assert len(few) <= 12
    assert "FOREIGN" not in page.content.decode()
    shop = match.target.shop.public_id
    for asked in ({"q": "sneaker"}, {"shop": shop}, {"original": original.public_id}, {"q": match.number}):
        found = browser.get(url("matches"), {**asked, "state": "confirmed", "tier": "automatic"})
        assert [m.pk for m in found.context["page"]] == [match.pk], asked
    assert "Nothing matches" in browser.get(url("matches"), {"q": "nothing like it"}).content.decode()
    assert browser.get(url("matches"), {"q": "a\x00b", "shop": "nonsense", "page": "x"}).status_code == 200


def test_an_address_that_is_none_of_the_web_is_no_link(browser, original):
    match = a_match(original, ListingFactory(url="javascript:alert(1)"))
    assert "javascript:" not in browser.get(url("match", match)).content.decode()


def test_a_frame_of_a_film_is_named_by_kind_and_time_code(browser, original):
    early, late = (
        a_match(original, ListingFactory(kind="livestream", title="Tonight live"), seconds=seconds)
        for seconds in (73, 3725)
    )
    page = browser.get(url("match", late)).content.decode()
    assert "1:02:05" in page
    assert "<dt>Livestream</dt>" in page
    assert "1:13" in browser.get(url("match", early)).content.decode()
    assert {"at 1:02:05", "at 1:13"} <= set(re.findall(r"at [0-9:]+", browser.get(url("matches")).content.decode()))


def test_what_staff_still_look_at_is_not_told(browser, original):
    waiting = a_match(original, state=State.IN_REVIEW, tier=Match.Tier.REVIEW)
    nothing = a_match(original, state=State.DISMISSED, tier=Match.Tier.REVIEW)
    for hidden in (waiting, nothing):
        assert browser.get(url("match", hidden)).status_code == 404
        assert hidden.number not in browser.get(url("matches")).content.decode()


def test_what_was_told_and_then_dismissed_stays_with_its_reason(browser, match):
    watching.dismiss(match=match, by=staff(), reason="Another seam.")
    page = browser.get(url("match", match)).content.decode()
    assert "A reviewer found that it is no copy." in page
    assert "Another seam." in page
    assert match.number in browser.get(url("matches"), {"state": "dismissed"}).content.decode()


def test_a_match_says_what_was_done_and_how_sure_it_is(browser, match):
    page = browser.get(url("match", match)).content.decode()
    for words in ("mirrored left to right", "covered in places", "93 % of what can be compared", "91 of 100"):
        assert words in page, words
    assert "Cheap sneaker" in page
    assert "Bargains" in page


def test_nobody_elses_match_is_there_not_even_for_the_shop(match, sign_in):
    for stranger in (sign_in(a_merchant()), sign_in(merchant_of(match.target.shop))):
        for name in ("match", "match-tolerate", "match-allow-shop"):
            assert stranger.get(url(name, match)).status_code == 404
            assert stranger.post(url(name, match)).status_code == (405 if name == "match" else 404)


def test_staff_look_and_leave_it_to_the_holder(match, sign_in):
    page = sign_in(staff()).get(url("match", match))
    assert page.status_code == 200
    assert "/tolerate/" not in page.content.decode()


def test_a_reader_looks_and_does_nothing(owner, match, sign_in):
    reader = sign_in(member(owner.organisation, role=OrgRole.READER))
    page = reader.get(url("match", match)).content.decode()
    assert "/tolerate/" not in page
    assert "/allow-shop/" not in page
    for name in ("match-tolerate", "match-allow-shop"):
        assert reader.post(url(name, match)).status_code == 403
    match.refresh_from_db()
    assert match.state == State.CONFIRMED


def test_a_complainant_lets_be_but_does_not_license(owner, match, sign_in):
    complainant = sign_in(member(owner.organisation, role=OrgRole.COMPLAINANT))
    page = complainant.get(url("match", match)).content.decode()
    assert "/tolerate/" in page
    assert "/allow-shop/" not in page
    assert complainant.post(url("match-allow-shop", match)).status_code == 403


def test_a_copy_is_let_be_once(browser, match):
    assert browser.post(url("match-tolerate", match), {"reason": "A fan."}).status_code == 302
    match.refresh_from_db()
    assert (match.state, match.note) == (State.TOLERATED, "A fan.")
    assert browser.post(url("match-tolerate", match)).status_code == 409


def test_a_reason_that_is_no_text_is_refused(browser, match):
    assert browser.post(url("match-tolerate", match), {"reason": "a\x00b"}).status_code == 422
    match.refresh_from_db()
    assert match.state == State.CONFIRMED


def test_allowing_the_shop_settles_what_it_shows(browser, original, match, work_off):
    again = a_match(original, ListingFactory(shop=match.target.shop))
    elsewhere = a_match(original)
    assert browser.post(url("match-allow-shop", match)).status_code == 302
    work_off()
    assert Licence.objects.active().get().shop == match.target.shop
    states = {m.pk: m.state for m in Match.objects.all()}
    assert states == {match.pk: State.TOLERATED, again.pk: State.TOLERATED, elsewhere.pk: State.CONFIRMED}


def test_a_find_whose_shop_nobody_knows_cannot_be_allowed(browser, original):
    lone = a_match(original, ListingFactory(shop=None, marketplace=ShopFactory().marketplace))
    answer = browser.post(url("match-allow-shop", lone), follow=True)
    assert "Nobody is known to sell this" in answer.content.decode()
    assert not Licence.objects.exists()


def test_the_desk_says_what_waits(browser, sign_in, match, original):
    a_match(original, state=State.COMPLAINED)
    page = browser.get("/desk/").content.decode()
    assert "Copies waiting for you" in page
    assert "Cheap sneaker" in page
    assert "Protect your product pictures" in sign_in(a_merchant()).get("/desk/").content.decode()
    holder = member()
    assert "Protected images" not in sign_in(holder).get("/desk/").content.decode()
    an_original(holder)
    assert "Protected images" in sign_in(holder).get("/desk/").content.decode()

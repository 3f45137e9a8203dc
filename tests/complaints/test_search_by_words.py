"""In the wizard the marketplaces are searched by words, and what is ticked comes into the links; also without JavaScript."""

import re

import pytest

from accounts.models import Organisation
from complaints.models import Draft
from core import clock
from marketplace.search import access
from tests.complaints.test_wizard import draft_id
from tests.factories import FilingFactory, MarketplaceFactory, OrganisationFactory, complaint, member
from tests.marketplace.selling import a_shop, seen, sell

pytestmark = pytest.mark.django_db
NEW, SEARCH, ADD = "/complaints/new/", "/complaints/search/", "/complaints/search/add/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def holder():
    user = member(name="Ada Holder")
    FilingFactory(organisation=user.organisation, created_by=user)
    return user


@pytest.fixture
def browser(sign_in, holder):
    return sign_in(holder)


@pytest.fixture
def mall(db):
    made = MarketplaceFactory(slug="mall")
    a_shop(made, "Harbour Lane", "s1")
    return made


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_wizard_has_a_panel_that_finds(browser, mall):
    assert 'name="words"' in text(browser.get(NEW))
    shoe = sell(mall, "耐克 Nike 跑鞋", shop_external_id="s1", price="399.00", currency="CNY")
    found = browser.get(SEARCH, {"words": "耐克"}, headers=HTMX)
    said = text(found)
    assert "<html" not in said
    assert f'value="https://mall.example/product/{shoe.external_id}"' in said
    for told in ("耐克 Nike 跑鞋", "Harbour Lane", "399.00 CNY", 'value="add"'):
        assert told in said


@pytest.mark.parametrize(
    "asked", [{"seller": "harbour lane"}, {"words": "harbour lane"}, {"words": "lane", "kind": "shop"}]
)
def test_a_shop_that_sells_nothing_any_more_is_found_by_its_name_and_complained_of_as_a_whole(browser, mall, asked):
    shoe = sell(mall, "Nike 鞋", shop_external_id="s1")
    seen(mall, shoe, "missing", at=clock.now())
    said = text(browser.get(SEARCH, asked, headers=HTMX))
    link = "https://mall.example/shop/s1"
    assert f'value="{link}"' in said
    page = browser.post(NEW, {"draft": draft_id(browser), "found": [link], "action": "add", **asked})
    assert "1 link can be complained of." in text(page)


def test_what_is_wrong_is_said_inside_the_wizard(browser, mall):
    answer = browser.get(SEARCH, {"words": "nike", "price_from": "3"}, headers=HTMX)
    assert answer.status_code == 200
    assert "Say in which currency" in text(answer)
    assert "Say what you are looking for" in text(browser.get(SEARCH, {}, headers=HTMX))


def test_ticked_hits_come_below_the_links_of_the_wizard(browser, mall):
    shoe, sock = sell(mall, "Nike 鞋"), sell(mall, "Nike 袜")
    links = [f"https://mall.example/product/{t.external_id}" for t in (shoe, sock)]
    page = browser.post(
        NEW, {"draft": draft_id(browser), "links": links[0], "found": links, "action": "add", "words": "nike"}
    )
    assert page.status_code == 200
    assert Draft.objects.get().data["links"].split() == links
    assert "2 links can be complained of." in text(page)


def test_without_javascript_the_draft_is_kept_and_the_search_has_a_page_of_its_own(browser, mall):
    shoe = sell(mall, "Nike 鞋")
    draft = draft_id(browser)
    sent = {
        "draft": draft, "links": "https://mall.example/product/typed", "description": "Half a sentence", "action": "find",
        "words": "nike", "kind": ["listing", "video"],
    }  # fmt: skip
    page = browser.post(NEW, sent, follow=True)
    assert page.redirect_chain[0][0] == f"{SEARCH}?draft={draft}&words=nike&kind=listing&kind=video"
    assert "Nike 鞋" in text(page)
    link = f"https://mall.example/product/{shoe.external_id}"
    back = browser.post(ADD, {"draft": draft, "found": [link]}, follow=True)
    kept = Draft.objects.get()
    assert back.redirect_chain[0][0].endswith(f"/complaints/drafts/{kept.public_id}/")
    assert kept.data["links"].split() == ["https://mall.example/product/typed", link]
    assert kept.data["description"] == "Half a sentence"


def test_the_page_of_the_search_begins_a_complaint(browser, mall):
    shoe = sell(mall, "Nike 鞋")
    assert browser.get(SEARCH).status_code == 200
    page = browser.get(SEARCH, {"words": "nike"})
    (link,) = re.findall(r'name="found" value="([^"]+)"', text(page))
    browser.post(ADD, {"found": [link], "asked": "words=nike"})
    assert shoe.external_id in Draft.objects.get().data["links"]
    nothing = browser.post(ADD, {"asked": "words=nike"})
    assert nothing["Location"] == f"{SEARCH}?words=nike"
    assert "Nothing on sale fits" in text(browser.get(SEARCH, {"words": "zzyzx"}))
    assert browser.get(SEARCH, {"words": "nike", "price_to": "-1"}).status_code == 422


def test_pages_of_hits_follow_each_other(browser, mall):
    for number in range(30):
        sell(mall, f"Nike 鞋 {number}")
    first = text(browser.get(SEARCH, {"words": "nike"}))
    (more,) = re.findall(r'href="(/complaints/search/\?[^"]*cursor=[^"]+)"', first)
    second = text(browser.get(more.replace("&amp;", "&")))
    found = re.findall(r'name="found" value="([^"]+)"', first + second)
    assert len(found) == len(set(found)) == 30


def test_what_was_complained_of_already_says_so_to_its_complainant_alone(browser, holder, mall, sign_in):
    shoe = sell(mall, "Nike 鞋", shop_external_id="s1")
    case = complaint(shoe, by=holder)
    assert case.number in text(browser.get(SEARCH, {"words": "nike"}))
    assert case.number not in text(sign_in(member()).get(SEARCH, {"words": "nike"}))


def test_a_page_of_hits_takes_as_many_queries_whatever_it_shows(browser, mall, django_assert_max_num_queries):
    for number in range(20):
        sell(mall, f"Nike 鞋 {number}", shop_external_id="s1")
    browser.get(SEARCH, {"words": "nike"})
    with django_assert_max_num_queries(24):
        browser.get(SEARCH, {"words": "nike"})


def test_a_draft_of_others_takes_nothing(browser, mall, sign_in):
    other = sign_in(member())
    FilingFactory(organisation=OrganisationFactory())
    draft = draft_id(browser)
    browser.post(NEW, {"draft": draft, "links": "x", "action": "save"})
    answer = other.post(ADD, {"draft": draft, "found": ["https://mall.example/product/1"]})
    assert answer.status_code == 404
    assert Draft.objects.get().data["links"] == "x"


def test_search_is_for_the_verified_who_may_complain(sign_in, client, mall, monkeypatch):
    assert client.get(SEARCH).status_code == 302
    waiting = sign_in(member(OrganisationFactory(state=Organisation.State.SUBMITTED)))
    assert waiting.get(SEARCH).status_code == 403
    assert 'name="words"' not in text(waiting.get(NEW))
    assert sign_in(member(OrganisationFactory(kind=Organisation.Kind.MERCHANT))).get(SEARCH).status_code == 403
    monkeypatch.setattr(access, "MOST_A_MINUTE", 1)
    holder = sign_in(member())
    holder.get(SEARCH, {"words": "nike"})
    assert "very often" in text(holder.get(SEARCH, {"words": "nike"}, headers=HTMX))

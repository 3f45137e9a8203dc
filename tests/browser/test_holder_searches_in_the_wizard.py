"""A rights holder searches while writing a complaint, ticks, and goes on: with a script in the page, without on a page of its own."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.doors import looks_sound
from tests.factories import FilingFactory, MarketplaceFactory, member
from tests.marketplace.selling import a_shop, sell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    "how",
    [{}, {"size": PHONE, "language": "zh-hans"}, {"script": False}],
    ids=["wide", "phone-in-Chinese", "without-a-script"],
)
def test_what_is_ticked_stands_among_the_links(window, how):
    user = member(name="Ada Holder")
    FilingFactory(organisation=user.organisation, created_by=user)
    mall = MarketplaceFactory(slug="mall")
    a_shop(mall, "港湾小店", "s1")
    for number in range(30):
        sell(
            mall,
            f"耐克 Nike 跑鞋 {number}",
            shop_external_id="s1",
            price=f"{number}.90",
            currency="CNY",
            category="鞋靴/运动鞋",
        )
    has_script = how.get("script", True)
    page = window(user, **how)
    page.goto("/complaints/new/")
    page.fill("[name=description]", "The sole bears our mark, and the box does not.")
    page.locator("details:has([name=words]) > summary").first.click()
    page.fill("[name=words]", "耐克")
    if has_script:
        page.press("[name=words]", "Enter")
        expect(page.locator("#hits [name=found]")).to_have_count(25)
        page.locator("#hits [name=found]").first.check()
        page.locator("#hits [data-more] a").click()
        expect(page.locator("#hits [name=found]")).to_have_count(30)
        page.locator("#hits [name=found]").last.check()
        looks_sound(page)
        page.locator("#hits [name=action][value=add]").click()
    else:
        page.locator("#search-now").click()
        assert "/complaints/search/" in page.url
        expect(page.locator("[name=found]")).to_have_count(25)
        page.locator("[name=found]").first.check()
        page.locator("[name=found]").last.check()
        looks_sound(page)
        page.locator("form[action$='/search/add/'] .button--primary").click()
        expect(page.locator("[name=description]")).to_have_value("The sole bears our mark, and the box does not.")
    assert len(page.input_value("[name=links]").split()) == 2
    if not has_script:
        page.goto("/complaints/search/?words=nike")
        page.fill("[name=name]", "Nike")
        page.locator("form[action$='/searches/save/'] .button").click()
        looks_sound(page)
        page.goto("/complaints/searches/")
        looks_sound(page)

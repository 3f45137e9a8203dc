"""The administrator's journey: connect a marketplace, see an order that was given up, have it tried again."""

import pytest

from core import clock
from marketplace.models import Enforcement, Marketplace
from marketplace.services import HoldCause, place_holds
from tests.browser.doors import looks_sound, type_sign_in
from tests.factories import ListingFactory, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_new_connection_to_an_order_tried_again(window):
    page = window()
    type_sign_in(page, staff("administrator", language="en"))
    page.goto("/admin/marketplace/marketplace/add/")
    page.fill("[name=name]", "Grand Mall")
    page.fill("[name=slug]", "grand")
    page.fill("[name=storefront_url]", "https://grand.example")
    page.select_option("[name=connector]", "demo")
    page.fill("[name=new_secrets]", '{"token": "tok-SECRET"}')
    with page.expect_navigation():
        page.locator("[name=_save]").click()
    mall = Marketplace.objects.get()
    assert (mall.name, mall.connector) == ("Grand Mall", "demo")
    assert "Grand Mall" in page.inner_text("main, #main, body")
    assert "tok-SECRET" not in page.content()

    place_holds(
        targets=[ListingFactory(shop__marketplace=mall, title="Runner")], cause=HoldCause("cmp_1", "counterfeit")
    )
    Enforcement.objects.update(due_at=None, dead_at=clock.now(), last_error="403 forbidden", attempts=14)
    page.goto("/admin/")
    page.get_by_role("link", name="Orders given up").click()
    assert "403 forbidden" in page.inner_text("#changelist")
    looks_sound(page)
    page.get_by_role("link", name="Runner").first.click()
    page.get_by_role("link", name="Try again").click()
    dialog = page.locator("#dialog")
    dialog.wait_for()
    with page.expect_navigation():
        dialog.get_by_role("button", name="Try again").click()
    assert "It is tried again now." in page.inner_text("body")
    order = Enforcement.objects.get()
    assert order.dead_at is None
    assert order.due_at is not None

"""With a script, a reviewer decides by single keys, and what was chosen survives a reload; text fields stay text."""

import pytest

from complaints.models import Decision
from complaints.review import PANELS
from tests.complaints.desk import accepted, at, listings
from tests.factories import complaint, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reviewer():
    return staff(language="en")


def said(page):
    return page.inner_text("[data-total]")


def test_links_are_decided_by_single_keys(window, reviewer):
    case = accepted(*listings(3), by=reviewer)
    page = window(reviewer)
    page.goto(at(case))
    for key in ("u", "d", "k", "j", "u"):
        page.keyboard.press(key)
    assert said(page) == "3 of 3 links chosen"
    page.fill("#facts-uphold", "The seal is forged.")
    page.fill("#facts-dismiss", "Another brand.")
    page.locator("h1").first.click()
    with page.expect_navigation():
        page.keyboard.press("p")
    with page.expect_navigation():
        page.get_by_role("button", name="Decide 3 links").click()
    outcomes = list(case.targets.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["upheld", "dismissed", "upheld"]


def test_keys_do_nothing_while_somebody_types(window, reviewer):
    case = accepted(*listings(2), by=reviewer)
    page = window(reviewer)
    page.goto(at(case))
    page.keyboard.press("n")
    page.keyboard.type("u d j k p a r ?")
    assert page.input_value("#notes textarea") == "u d j k p a r ?"
    assert said(page) == "0 of 2 links chosen"
    assert not Decision.objects.exists()


def test_what_was_chosen_survives_a_reload_and_the_next_page_of_links(window, reviewer):
    case = accepted(*listings(PANELS + 1), by=reviewer)
    page = window(reviewer)
    page.goto(at(case))
    for _ in range(PANELS - 1):
        page.keyboard.press("u")
    with page.expect_navigation():
        page.keyboard.press("d")
    assert said(page) == f"{PANELS} of {PANELS + 1} links chosen"
    page.goto(at(case))
    assert said(page) == f"{PANELS} of {PANELS + 1} links chosen"
    assert page.locator(".rv-chip--open").count() == 1


def test_the_door_and_the_help_answer_to_keys(window, reviewer):
    case = complaint()
    page = window(reviewer)
    page.goto(at(case))
    page.keyboard.press("?")
    assert page.get_by_role("heading", name="Keyboard").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    assert page.locator("#return textarea").is_visible()
    page.locator("h1").first.click()
    with page.expect_navigation():
        page.keyboard.press("a")
    case.refresh_from_db()
    assert (case.state, case.assigned_to) == ("accepted", reviewer)

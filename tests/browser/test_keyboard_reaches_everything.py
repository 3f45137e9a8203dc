"""Without a mouse: the tab key goes from the link past the navigation to the main action, and what has focus is seen."""

import pytest

from tests.factories import FilingFactory, ListingFactory, complaint, member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOCUSED = """() => {
    const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
    return {
        words: (node.textContent.trim() || node.name || "").replace(/\\s+/g, " ").slice(0, 40),
        seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.bottom > 0 && box.top < innerHeight,
    };
}"""


def tab_to(page, words):
    """Press the tab key until what says `words` has the focus; the words of everything on the way."""
    passed = []
    for _press in range(80):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED)
        passed.append(now["words"])
        assert now["seen"], f"the focus on {now['words']} cannot be seen"
        if words in now["words"]:
            return passed
    raise AssertionError(f"{words} was not reached: {passed}")


@pytest.fixture
def holder():
    person = member(language="en", name="Hanna Holder")
    FilingFactory(organisation=person.organisation, created_by=person, title="SUNBIRD")
    return person


def test_the_wizard_is_filled_in_and_sent_by_keys_alone(window, holder):
    listing = ListingFactory()
    page = window(holder)
    page.goto("/complaints/new/")
    assert tab_to(page, "Skip to the content") == ["Skip to the content"]
    page.keyboard.press("Enter")
    tab_to(page, "links")
    page.keyboard.type(listing.url)
    page.locator("#links-preview tbody tr").wait_for()
    tab_to(page, "infringement")
    page.keyboard.press("Space")
    tab_to(page, "description")
    page.keyboard.type("The label carries no series number, and the seams differ.")
    tab_to(page, "good_faith")
    page.keyboard.press("Space")
    tab_to(page, "Send complaint")
    with page.expect_navigation(url="**/complaints/cmp_*/"):
        page.keyboard.press("Enter")


def test_menus_and_dialogs_give_the_focus_back(window, holder):
    case = complaint(by=holder)
    page = window(holder)
    page.goto(f"/complaints/{case.public_id}/")
    summary = page.locator(".menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Sign out").is_visible()
    assert summary.evaluate("node => node === document.activeElement")
    page.keyboard.press("?")
    assert page.get_by_role("heading", name="Keyboard").is_visible()
    page.keyboard.press("Escape")
    assert summary.evaluate("node => node === document.activeElement")

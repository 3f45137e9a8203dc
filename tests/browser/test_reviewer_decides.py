"""The reviewer's journey: in with a second factor, take the next case, accept and decide it by keys alone."""

import pytest

from marketplace.models import Hold
from tests.browser.doors import looks_sound, type_sign_in
from tests.complaints.desk import listings
from tests.factories import complaint, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_sign_in_to_a_decision_by_keys(window, work_off):
    case = complaint(*listings(3))
    page = window()
    type_sign_in(page, staff(language="en"))
    assert page.url.endswith("/desk/")
    looks_sound(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Staff workplace").first.click()
    looks_sound(page)
    page.goto("/admin/complaints/complaint/")
    with page.expect_navigation():
        page.get_by_role("button", name="Take next").click()
    assert case.public_id in page.url
    looks_sound(page)
    with page.expect_navigation():
        page.keyboard.press("a")
    for key in ("u", "u", "d"):
        page.keyboard.press(key)
    page.fill("#facts-uphold", "The label is a copy of the registered mark.")
    page.fill("#facts-dismiss", "The goods are those of another brand.")
    page.locator("h1").first.click()
    with page.expect_navigation():
        page.keyboard.press("p")
    assert not Hold.objects.exists()
    assert page.locator(".rv-sum--down").inner_text().startswith("2")
    looks_sound(page)
    with page.expect_navigation():
        # The button that confirms is the one that has the focus when the page opens.
        page.locator("button[autofocus]").press("Enter")
    work_off()
    case.refresh_from_db()
    outcomes = list(case.targets.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["upheld", "upheld", "dismissed"]
    assert Hold.objects.filter(released_at=None).count() == 2
    page.goto(f"/admin/complaints/complaint/{case.public_id}/review/")
    assert page.get_by_role("link", name="Decision (PDF)").is_visible()
    looks_sound(page)

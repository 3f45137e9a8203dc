"""The journey of a colleague: invited by letter, an account of their own, and in with the role that was offered."""

import pytest

from accounts.models import User
from tests.browser.doors import follow, looks_sound, send
from tests.factories import FilingFactory, member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_invitation_to_the_first_page_of_the_wizard(window):
    boss = member()
    FilingFactory(organisation=boss.organisation, created_by=boss)
    page = window(boss)
    page.goto("/organisation/")
    page.get_by_role("link", name="Invite a colleague").click()
    page.fill("[name=email]", "new@example.com")
    page.select_option("[name=role]", "complainant")
    send(page)
    assert "new@example.com" in page.inner_text("#invitations")
    looks_sound(page)

    theirs = window()
    follow(theirs, "invitation")
    looks_sound(theirs)
    theirs.get_by_role("link", name="Create an account").last.click()
    theirs.fill("[name=email]", "new@example.com")
    for name in ("password1", "password2"):
        theirs.fill(f"[name={name}]", "quite a long password 7")
    send(theirs)
    looks_sound(theirs)
    send(theirs)
    assert User.objects.get(email="new@example.com").membership.role == "complainant"
    theirs.get_by_role("link", name="New complaint").first.click()
    assert theirs.locator("[name=links]").is_visible()
    assert theirs.goto("/organisation/invite/").status == 403
    looks_sound(theirs)

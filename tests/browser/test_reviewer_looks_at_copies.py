"""The reviewer's journey with images: from the queue through two matches by keys alone, then a conflict; also on a phone."""

import pytest
from django.conf import settings
from django.urls import reverse

from imageguard import index
from imageguard.models import Match, Original
from tests.browser.conftest import PHONE
from tests.browser.doors import looks_sound
from tests.factories import staff
from tests.imageguard.helpers import a_listing, a_picture, an_edit, certified, checked, drawn, looked_at, registered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
State = Match.State


@pytest.fixture(autouse=True)
def empty_indexes(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    index.forget()
    yield
    index.forget()


def in_review(kind, score):
    (match,) = looked_at(a_listing(), an_edit(a_picture(), kind))
    Match.objects.filter(pk=match.pk).update(state=State.IN_REVIEW, tier=Match.Tier.REVIEW, score=score, told_at=None)
    drawn()
    return match


def state_of(match):
    match.refresh_from_db()
    return match.state


def test_two_matches_by_keys_alone(window):
    certified()
    first, second = in_review("banner", 0.45), in_review("crop", 0.4)
    page = window(staff(language="en"))
    page.goto(reverse("admin:imageguard_match_changelist"))
    looks_sound(page)
    with page.expect_navigation(url="**/review/"):
        page.keyboard.press("n")
    assert first.public_id in page.url
    looks_sound(page)
    page.wait_for_function("[...document.images].filter((i) => i.complete && i.naturalWidth > 0).length >= 1")
    page.fill("#note", "c and x are letters here, and decide nothing")
    assert state_of(first) == State.IN_REVIEW
    page.locator(".ig h1").click()
    with page.expect_navigation(url=f"**/{second.public_id}/review/"):
        page.keyboard.press("c")
    assert state_of(first) == State.CONFIRMED
    with page.expect_navigation(url="**/match/"):
        page.keyboard.press("x")
    assert state_of(second) == State.DISMISSED
    assert "No match waits for a decision" in page.inner_text("body")


@pytest.mark.parametrize("script", [True, False])
def test_on_a_phone_the_buttons_stay_in_reach(window, script):
    certified()
    match = in_review("banner", 0.45)
    page = window(staff(language="en"), size=PHONE, script=script)
    page.goto(reverse("admin:imageguard_match_review", args=[match.public_id]))
    button = page.get_by_role("button", name="It is a copy")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]
    with page.expect_navigation():
        button.click()
    assert state_of(match) == State.CONFIRMED


def test_a_conflict_is_settled(window):
    certified()
    original = checked(registered(an_edit(a_picture(), "banner")))
    drawn()
    page = window(staff(language="en"))
    page.goto(reverse("admin:imageguard_conflict_changelist"))
    looks_sound(page)
    with page.expect_navigation():
        page.locator("#result_list tbody a").first.click()
    looks_sound(page)
    page.get_by_label("Somebody else was first").check()
    page.fill("#note", "The other shows the raw file.")
    with page.expect_navigation():
        page.get_by_role("button", name="Settle").click()
    assert Original.objects.get(pk=original.pk).state == "refused"

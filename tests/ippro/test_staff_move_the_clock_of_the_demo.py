"""Every page of a demo says how far its clock is ahead; its staff move it, with a click, and cases go on."""

from datetime import timedelta

import pytest
from django.test import Client

from complaints.models import Complaint
from core import clock, demo_clock
from core.models import MovedClock
from tests.factories import PASSWORD, complaint, member, second_factor, staff

pytestmark = pytest.mark.django_db
PAGE = "/demo/clock/"


@pytest.fixture(autouse=True)
def demo(settings):
    settings.CLOCK_CAN_MOVE = settings.DEMO = True
    demo_clock.forget()
    yield
    demo_clock.forget()


def test_staff_move_it_by_a_click_and_are_back_where_they_were(sign_in):
    client = sign_in(staff())
    assert "+15 days" in client.get("/admin/").content.decode()
    answer = client.post(PAGE, {"by": "15d", "next": "/admin/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert clock.moved_by() == timedelta(days=15)
    page = client.get("/admin/").content.decode()
    assert page.count("15 days ahead") == 1
    assert f"Demo world · {clock.now().astimezone():%Y}" in page


def test_the_page_lists_what_comes_next_and_goes_there(sign_in):
    client, case = sign_in(staff()), complaint()
    assert case.number in client.get(PAGE).content.decode()
    client.post(PAGE, {"by": "next-deadline"})
    assert clock.now() > case.deadline_at


def test_a_case_runs_by_the_moved_clock(sign_in):
    """What is late is told to a senior reviewer by the task that beat sends."""
    from complaints.tasks import pass_deadlines

    senior = staff("senior_reviewer")
    case = complaint()
    assert pass_deadlines() == 0
    sign_in(senior).post(PAGE, {"by": "15d"})
    assert pass_deadlines() == 1
    assert Complaint.objects.get(pk=case.pk).deadline_at < clock.now()


@pytest.mark.parametrize("by", ["", "-1d", "soon", "0s", "next-deadline", "99999d"])
def test_what_is_no_way_forwards_is_said_beside_the_field(sign_in, by):
    answer = sign_in(staff()).post(PAGE, {"by": by})
    assert answer.status_code == 422
    assert 'id="id_by_error"' in answer.content.decode()
    assert not MovedClock.objects.exclude(ahead=timedelta(0)).exists()


def test_nobody_is_led_away_from_here(sign_in):
    answer = sign_in(staff()).post(PAGE, {"by": "1d", "next": "https://elsewhere.example/"})
    assert answer["Location"] == PAGE


def test_others_read_the_time_and_cannot_move_it(sign_in, client):
    demo_clock.move(by=timedelta(days=15))
    holder = sign_in(member())
    page = holder.get("/desk/").content.decode()
    assert "15 days ahead" in page
    assert "+15 days" not in page
    assert holder.post(PAGE, {"by": "1d"}).status_code == 403
    assert client.post(PAGE, {"by": "1d"}).status_code == 302
    assert clock.moved_by() == timedelta(days=15)


def test_there_is_no_such_page_outside_a_demo(sign_in, settings):
    settings.CLOCK_CAN_MOVE = False
    assert sign_in(staff()).post(PAGE, {"by": "1d"}).status_code == 404


def test_whoever_is_signed_in_stays_so_and_the_second_factor_still_opens(sign_in):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    holder, person = sign_in(member()), staff()
    person.set_password(PASSWORD)
    person.save()
    secret = second_factor(person)
    demo_clock.move(by=timedelta(days=400))
    assert holder.get("/desk/").status_code == 200
    browser = Client()
    browser.post("/account/login/", {"login": person.email, "password": PASSWORD})
    counters = list(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))
    browser.post("/account/2fa/authenticate/", {"code": code})
    assert browser.get("/admin/").status_code == 200


def test_wrong_passwords_lock_for_minutes_of_this_world():
    person = member()
    browser = Client()
    for _ in range(6):
        answer = browser.post("/account/login/", {"login": person.email, "password": "wrong"})
    said = answer.content.decode()
    demo_clock.move(by=timedelta(days=1))
    again = browser.post("/account/login/", {"login": person.email, "password": "wrong"}).content.decode()
    assert ("Too many" in again) == ("Too many" in said)
    assert browser.get("/desk/").status_code == 302

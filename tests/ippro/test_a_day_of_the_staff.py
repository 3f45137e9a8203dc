"""The dashboard of a day: what came in, was decided, went down and up, by hour and queue; what waits, and who has it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.services import Found, decide, withdraw
from core import clock
from ippro.day import day_of
from tests.complaints.desk import accepted, listings, text_of
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/day/"


def test_each_hour_says_what_came_in_was_decided_and_went_down_and_up(stopped):
    person = staff()
    holder = member()
    case = accepted(*listings(2), by=person)
    decide(complaint=case, by=person, findings=[Found(row, True, "U1", "A copy.") for row in case.targets.all()])
    mine = accepted(by=person)
    lifted = complaint(by=holder)
    withdraw(complaint=case, by=case.filed_by)
    found = day_of(clock.today())
    hour = found.hours[timezone.localtime(clock.now()).hour]
    # Three notices came to the door and two of them to the decision; two were let in and one was decided.
    assert (hour.came, hour.decided, hour.down, hour.up) == (5, 3, 2, 2)
    lines = {line.queue.name: line for line in found.lines}
    assert (lines["door"].came, lines["door"].decided, lines["door"].waiting) == (3, 2, 1)
    assert (lines["decide"].came, lines["decide"].decided, lines["decide"].waiting) == (2, 1, 1)
    assert lines["door"].oldest_at == lifted.state_since_at
    (row,) = [line for line in found.reviewers if line.person == person]
    assert (row.complaints, row.done) == (1, 3)
    assert mine.assigned_to == person


def test_another_day_has_nothing_of_it_and_a_queue_only_its_own(sign_in, stopped):
    complaint()
    client = sign_in(staff())
    today, before = clock.today(), clock.today() - timedelta(days=1)
    assert client.get(PAGE).context["day"].whole.came == 1
    assert client.get(PAGE, {"on": before.isoformat()}).context["day"].whole.came == 0
    assert client.get(PAGE, {"queue": "decide"}).context["day"].whole.came == 0
    for odd in ("yesterday", "1000-01-01", (today + timedelta(days=2)).isoformat(), "2026-13-01"):
        assert client.get(PAGE, {"on": odd, "queue": "moon"}).context["day"].on == today


def test_the_picture_has_a_table_and_each_table_a_file(sign_in, stopped):
    complaint()
    client = sign_in(staff())
    page = text_of(client.get(PAGE))
    assert 'role="img"' in page
    assert "Complaints at the door" in page
    for name, lines in (("hours", 25), ("reviewers", 1)):
        answer = client.get(f"{PAGE}{name}.csv")
        assert answer["Content-Type"].startswith("text/csv")
        assert b"".join(answer).decode().count("\r\n") == lines
    assert "Complaints at the door,1,0,1,0," in b"".join(client.get(f"{PAGE}queues.csv")).decode()
    assert client.get(f"{PAGE}moon.csv").status_code == 404


def test_it_asks_the_same_however_much_there_is(sign_in, stopped, django_assert_max_num_queries):
    client = sign_in(staff())
    for n in (1, 5):
        [accepted() for _ in range(n)]
        client.get(PAGE)
        with django_assert_max_num_queries(18):
            client.get(PAGE)


def test_only_staff_with_a_role_look(sign_in, client):
    without_role = staff()
    without_role.groups.clear()
    assert sign_in(without_role).get(PAGE).status_code == 403
    for address in (PAGE, f"{PAGE}hours.csv"):
        assert client.get(address).status_code == 302
        assert sign_in(member()).get(address).status_code == 302

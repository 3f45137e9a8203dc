"""A queue says how many cases will be late at the present pace, by lane, before any of them is."""

import pytest

from complaints import services
from complaints.models import Complaint, Lane
from complaints.servicelevels import forecast
from tests.factories import complaint

pytestmark = pytest.mark.django_db


def level(queue, lane=Lane.NORMAL):
    return next(found for found in forecast().levels if (found.queue.name, found.lane) == (queue, lane))


def test_with_nobody_working_what_is_due_within_a_day_is_at_risk(stopped):
    cases = [complaint() for _n in range(3)]
    assert (level("door").waiting, level("door").due, level("door").at_risk) == (3, 0, 0)
    stopped.set(cases[0].deadline_at)
    stopped.advance(hours=-23)
    assert (level("door").due, level("door").at_risk, level("door").breached) == (3, 3, 0)
    stopped.advance(hours=24)
    assert (level("door").at_risk, level("door").breached) == (0, 3)
    assert level("door").is_missed


def test_at_a_good_pace_only_those_at_the_end_are_at_risk(stopped, reviewer):
    cases = [complaint() for _n in range(6)]
    stopped.set(cases[0].deadline_at)
    stopped.advance(hours=-12)
    for case in [complaint() for _n in range(8)]:
        services.accept(complaint=case, by=reviewer)
    # Eight in the last day are one in three hours: in twelve hours four of the six.
    assert (level("door").due, level("door").at_risk) == (6, 2)
    assert level("decide").waiting == 8


def test_lanes_are_counted_apart(stopped):
    case = complaint()
    complaint()
    Complaint.objects.filter(pk=case.pk).update(lane=Lane.SLOW)
    assert (level("door").waiting, level("door", Lane.SLOW).waiting) == (1, 1)


def test_the_queue_warns_and_the_page_shows_all(stopped, sign_in, reviewer, django_assert_num_queries):
    case = complaint()
    stopped.set(case.deadline_at)
    stopped.advance(hours=-1)
    client = sign_in(reviewer)
    assert "1 case will be late within 24 hours" in client.get("/admin/complaints/complaint/").content.decode()
    page = client.get("/admin/complaints/complaint/service-levels/").content.decode()
    assert "At the door" in page
    assert "100 % / 95 %" in page
    with django_assert_num_queries(3):
        forecast()

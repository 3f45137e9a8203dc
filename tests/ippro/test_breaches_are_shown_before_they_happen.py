"""Every queue of the staff says how many cases will be late at the present pace, before any of them is."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse

from accounts.models import Organisation
from complaints import services
from complaints.models import AbuseFinding, Complaint, Lane
from core import clock, servicelevels
from core.models import LedgerEntry
from core.pages import count_all
from core.servicelevels import queues, standings, warnings_at
from filings.models import Filing
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/service-levels/"


@pytest.fixture
def reviewer(db):
    return staff()


def level(queue, lane=""):
    lane = lane or (Lane.NORMAL if queue in ("door", "decide", "messages") else "")
    return next(found for found in standings() if (found.queue.name, found.level.lane) == (queue, lane))


def test_with_nobody_working_what_is_due_within_a_day_is_at_risk(stopped):
    cases = [complaint() for _n in range(3)]
    assert (level("door").waiting, level("door").due, level("door").at_risk) == (3, 0, 0)
    assert level("door").next_due_at == cases[0].deadline_at
    stopped.set(cases[0].deadline_at)
    stopped.advance(hours=-23)
    assert (level("door").due, level("door").at_risk, level("door").late) == (3, 3, 0)
    stopped.advance(hours=24)
    assert (level("door").at_risk, level("door").late) == (0, 3)
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


def test_the_pace_of_a_day_with_more_entries_than_are_read_is_that_of_the_hours_that_they_tell_of(
    stopped, reviewer, monkeypatch
):
    cases = [complaint() for _n in range(6)]
    stopped.set(cases[0].deadline_at)
    stopped.advance(hours=-16)
    others, before = [complaint() for _n in range(4)], LedgerEntry.objects.latest("pk").pk
    stopped.advance(hours=4)
    for case in others:
        services.accept(complaint=case, by=reviewer)
    monkeypatch.setattr(servicelevels, "NEWEST_ENTRIES", LedgerEntry.objects.latest("pk").pk - before)
    # Four in four hours: in twelve hours all six. As four in a day they would be two.
    assert (level("door").due, level("door").at_risk) == (6, 0)


def test_lanes_are_counted_apart(stopped):
    case = complaint()
    complaint()
    Complaint.objects.filter(pk=case.pk).update(lane=Lane.SLOW)
    assert (level("door").waiting, level("door", Lane.SLOW).waiting) == (1, 1)


def test_what_has_no_deadline_of_its_own_is_due_by_what_its_queue_promises(stopped):
    AbuseFinding.objects.create(organisation=member().organisation, pattern="bursts", key="2026")
    promised = level("abuse").level.length
    assert (level("abuse").waiting, level("abuse").next_due_at) == (1, clock.now() + promised)
    stopped.advance(hours=promised.total_seconds() / 3600 - 1)
    assert (level("abuse").at_risk, level("abuse").late) == (1, 0)
    stopped.advance(hours=2)
    assert (level("abuse").at_risk, level("abuse").late) == (0, 1)


def test_each_queue_names_a_list_of_the_staff_and_shows_what_waits_there(sign_in, reviewer):
    """The link of each line opens, narrowed down as it says: an unknown filter would lead the admin to `?e=1`."""
    client = sign_in(reviewer)
    for queue in queues():
        answer = client.get(reverse(f"admin:{queue.place}_changelist") + f"?{queue.query}")
        assert answer.status_code == 200, queue.name
        assert queue.label
        assert queue.source
        assert all(0 < found.share <= 1 and found.length for found in queue.levels)


def test_the_steps_that_work_a_queue_off_are_recorded_by_somebody():
    """A kind of entry that nobody writes would leave the pace at nothing for ever."""
    rooms = [Path(config.path) for config in apps.get_app_configs()]
    ours = [room for room in rooms if room.parent == settings.BASE_DIR]
    source = "\n".join(path.read_text() for room in ours for path in room.rglob("*.py") if path.name != "queues.py")
    for step in [step for queue in queues() for step in queue.steps]:
        subject, name = step.split(".")
        by_a_lifecycle = f'subject="{subject}"' in source and f'"{name}", _(' in source
        assert by_a_lifecycle or f'kind="{step}"' in source or f'kind=f"{subject}.' in source, step


def test_the_queue_warns_and_the_page_shows_all(stopped, sign_in, reviewer, django_assert_num_queries):
    case = complaint()
    stopped.set(case.deadline_at)
    stopped.advance(hours=-1)
    client = sign_in(reviewer)
    assert "1 case will be late within 24 hours" in client.get("/admin/complaints/complaint/").content.decode()
    page = client.get(PAGE).content.decode()
    for queue in queues():
        assert str(queue.label) in page
    assert "1 case will be late within 24 hours" in page
    assert "100 % / 95 %" in page
    # What waits, what of it is due within a day, and the pace (the newest entry, and the steps before it).
    with django_assert_num_queries(4):
        standings()


def test_a_queue_warns_above_its_list_whichever_it_is(stopped, sign_in, reviewer):
    Organisation.objects.filter(pk=member().organisation.pk).update(
        state=Organisation.State.SUBMITTED, deadline_at=clock.now()
    )
    stopped.advance(hours=1)
    assert [(w.queue.name, w.late) for w in warnings_at("accounts_organisation")] == [("organisations", 1)]
    assert "1 case is late" in sign_in(reviewer).get("/admin/accounts/organisation/").content.decode()
    assert warnings_at("core_ledgerentry") == []


def test_who_has_no_role_at_the_platform_does_not_see_them(sign_in, reviewer):
    reviewer.groups.clear()
    assert sign_in(reviewer).get(PAGE).status_code == 403
    assert sign_in(member()).get(PAGE).status_code == 302


def test_many_counts_take_one_query(django_assert_num_queries):
    complaint()
    with django_assert_num_queries(1):
        counted = count_all(
            {"cases": Complaint.objects.all(), "none": Filing.objects.none(), "rights": Filing.objects.all()}
        )
    assert counted == {"cases": 1, "none": 0, "rights": 1}


@pytest.mark.parametrize("n", [1, 6])
def test_the_frame_of_a_staff_page_counts_everything_in_one_query(sign_in, reviewer, n, django_assert_num_queries):
    for _n in range(n):
        complaint()
    client = sign_in(reviewer)
    client.get("/admin/core/ledgerentry/")
    # Session, person, roles, second factor, saved views, the list itself, and one for all that waits.
    with django_assert_num_queries(11):
        page = client.get("/admin/core/letter/").content.decode()
    assert "Complaints" in page

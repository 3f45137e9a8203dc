"""Appeals go to whoever takes them, reads their language, decided nothing of it and has least to do; and come back to all."""

from datetime import timedelta

import pytest

from complaints import assigning as cases
from complaints import services as complaints
from complaints.models import ReviewerProfile
from core import clock
from core.models import LedgerEntry
from governance.appeals import assigning, services
from governance.models import Appeal
from governance.tasks import assign_appeals
from tests.complaints.test_cases_find_their_reviewer import works
from tests.factories import complaint, staff
from tests.governance.helpers import appeal, stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(told, statement, merchant):
    return appeal(statement.public_id, merchant, language="zh-hans")


def reviewer(**fields):
    return works(queues=["appeals"], **fields)


def holder_of(case):
    case.refresh_from_db()
    return case.assigned_to


def test_it_goes_to_who_takes_appeals_reads_it_and_has_the_smallest_share_of_a_day(case, stopped):
    works(), reviewer(languages=["en"]), reviewer(automatic=False), reviewer(away_from_on=clock.today())
    busy, free = reviewer(), reviewer()
    complaints.assign(complaint=complaint(), by=busy, to=busy)
    assert assign_appeals() == 1
    assert (holder_of(case), case.state) == (free, Appeal.State.SUBMITTED)
    entry = LedgerEntry.objects.get(kind="appeal.assigned", subject=case.public_id)
    assert (entry.actor, entry.payload["why"], entry.payload["to"]) == ("system", "load", free.public_id)
    assert assign_appeals() == 0


def test_never_to_who_decided_what_it_is_against_nor_to_who_belongs_to_a_party(case, first, merchant, stopped):
    party = reviewer()
    party.memberships.create(organisation=merchant.organisation, role="reader")
    ReviewerProfile.objects.create(
        person=first, languages=["zh"], queues=["appeals"], is_assigned_automatically=True, daily_capacity=9
    )
    assert assign_appeals() == 0
    other = reviewer()
    assert assign_appeals() == 1
    assert holder_of(case) == other


def test_what_is_not_taken_up_goes_back_and_by_itself_not_to_the_same_person(case, stopped):
    one = reviewer()
    assign_appeals()
    stopped.advance(hours=47)
    assert assign_appeals() == 0
    stopped.advance(hours=1)
    assert assign_appeals() == 1
    assert holder_of(case) is None
    two = reviewer()
    assert assign_appeals() == 1
    assert holder_of(case) == two
    # By hand it may come to whoever takes it up.
    services.take(appeal=case, by=one)
    assert (holder_of(case), case.state) == (one, Appeal.State.UNDER_REVIEW)
    stopped.advance(hours=72)
    assert assigning.release_left() == 0


def test_what_somebody_gave_back_does_not_come_to_them_again_by_itself(case, stopped):
    one = reviewer()
    assign_appeals()
    services.take(appeal=case, by=one)
    services.give_back(appeal=case, by=one)
    assert assign_appeals() == 0
    two = reviewer()
    assert assign_appeals() == 1
    assert holder_of(case) == two


@pytest.mark.parametrize("is_taken_up", [False, True])
def test_what_lies_with_who_is_away_or_has_left_goes_back_to_all(case, stopped, is_taken_up):
    one = reviewer()
    assign_appeals()
    if is_taken_up:
        services.take(appeal=case, by=one)
    ReviewerProfile.objects.filter(person=one).update(away_from_on=clock.today())
    assert assigning.release_left() == 1
    assert (holder_of(case), case.state) == (None, Appeal.State.SUBMITTED)
    ReviewerProfile.objects.filter(person=one).update(away_from_on=None)
    assign_appeals()
    one.is_active = False
    one.save()
    assert assigning.release_left() == 1
    assert holder_of(case) is None


def test_complaints_and_appeals_count_together_each_case_once(case, stopped):
    one = works(queues=["door", "decide", "appeals"])
    services.take(appeal=case, by=one)
    returned, rejected, kept = complaint(), complaint(), complaint()
    complaints.return_for_supplement(complaint=returned, by=one, missing="A photograph.")
    complaints.reject(complaint=rejected, by=one, reason="No right.")
    complaints.accept(complaint=kept, by=one)
    assert cases.loads([one])[one.pk] == 4
    stand(case, one)
    assert cases.loads([one])[one.pk] == 4
    stopped.advance(hours=24)
    assert cases.loads([one])[one.pk] == 1


def test_what_was_returned_or_rejected_today_fills_a_day_too(stopped):
    one = works(capacity=2)
    complaints.return_for_supplement(complaint=complaint(), by=one, missing="A photograph.")
    complaints.reject(complaint=complaint(), by=one, reason="No right.")
    waiting = complaint()
    assert cases.assign_waiting() == 0
    stopped.advance(hours=24)
    assert cases.assign_waiting() == 1
    waiting.refresh_from_db()
    assert waiting.assigned_to == one


def test_who_works_at_the_door_alone_has_worked_off_what_they_passed_on(stopped):
    one = works(queues=["door"])
    complaints.accept(complaint=complaint(), by=one)
    assert cases.loads([one])[one.pk] == 1


def test_an_appeal_that_somebody_took_first_is_not_laid_on_another_desk(case, stopped):
    services.take(appeal=case, by=staff())
    assert not assigning.put_on_desk(appeal=case, to=reviewer(), why="load")
    assert not assigning.release(appeal=case, why="idle")
    assert Appeal.objects.filter(assigned_at__gt=clock.now() - timedelta(days=1)).count() == 0

"""Cases go to whoever reads their language, takes their queue, may decide them and has least to do; and come back to all."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import StaffRole
from complaints import assigning, services
from complaints.assigning import Worker, assign_waiting, least_loaded, release_left
from complaints.errors import DecidedBefore, OwnCase
from complaints.models import Complaint, ReviewerProfile
from core import clock
from core.errors import Forbidden, Invalid
from core.models import LedgerEntry
from tests.complaints.desk import QUEUE, TAKE_NEXT, accepted, at, text_of
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db
PROFILES = "/admin/complaints/reviewerprofile/"


def works(*roles, languages=("zh", "en"), queues=("door", "decide"), capacity=10, automatic=True, **fields):
    """A reviewer at work."""
    person = staff(*roles)
    ReviewerProfile.objects.create(
        person=person, languages=list(languages), queues=list(queues), daily_capacity=capacity,
        is_assigned_automatically=automatic, **fields,
    )  # fmt: skip
    return person


def holders():
    return dict(Complaint.objects.values_list("pk", "assigned_to"))


# --- taking by hand ------------------------------------------------------------------------------------------


def test_the_next_is_in_a_language_that_they_read_and_of_a_queue_of_theirs(sign_in, stopped):
    chinese, english = complaint(language="zh-hans"), complaint(language="en")
    to_decide = services.assign(complaint=accepted(language="en"), by=staff(StaffRole.SENIOR_REVIEWER), to=None)
    for person, expected in (
        (works(languages=["en"], queues=["door"]), english),
        (works(languages=["zh"]), chinese),
        (works(languages=["en"], queues=["decide"]), to_decide),
    ):
        client = sign_in(person)
        assert client.get(QUEUE, {"p": "1"}).context["next_free"] == expected
        assert client.post(TAKE_NEXT)["Location"] == at(expected)
    nobody_reads_it = works(languages=[])
    assert sign_in(nobody_reads_it).get(QUEUE).context["next_free"] is None


def readmitted(by):
    """A case that `by` rejected, and that an appeal brought back."""
    case = services.reject(complaint=complaint(), by=by, reason="No right.")
    return services.readmit(complaint=case, by=staff(), appeal="apl_1")


def test_who_rejected_it_neither_takes_it_nor_is_given_it(sign_in, stopped):
    first = works()
    case, other = readmitted(first), complaint()
    Complaint.objects.filter(pk=case.pk).update(deadline_at=clock.now() - timedelta(days=1))
    assert sign_in(first).get(QUEUE).context["next_free"] == other
    with pytest.raises(DecidedBefore):
        services.assign(complaint=case, by=first, to=first)
    assert assign_waiting() == 1
    assert holders() == {case.pk: None, other.pk: first.pk}
    second = works()
    assert assign_waiting() == 1
    assert holders()[case.pk] == second.pk


def test_who_rejected_it_is_offered_no_step_on_its_page_and_cannot_take_one(sign_in, stopped):
    first = works(StaffRole.SENIOR_REVIEWER)
    case = readmitted(first)
    page = text_of(sign_in(first).get(at(case)))
    assert "Somebody else does." in page
    assert "Take it" not in page
    with pytest.raises(DecidedBefore):
        services.decide(complaint=case, by=first, findings=[])
    assert sign_in(first).post(at(case, "assign"), {"to": "me"}).status_code == 403
    assert holders() == {case.pk: None}


def test_nobody_is_offered_a_case_whose_holder_they_belong_to_nor_is_it_handed_to_them(sign_in, stopped):
    holder, person, senior = member(), works(), works(StaffRole.SENIOR_REVIEWER)
    person.memberships.create(organisation=holder.organisation, role="reader")
    case, other = complaint(), complaint()
    Complaint.objects.filter(pk=case.pk).update(holder=holder.organisation, deadline_at=clock.now() - timedelta(days=1))
    case.refresh_from_db()
    assert sign_in(person).get(QUEUE, {"p": "1"}).context["next_free"] == other
    assert [one for one, _fits in assigning.colleagues_for(case)] == [senior]
    assert [one for one, _fits in assigning.colleagues_for(other)] == [person, senior]


# --- by itself ---------------------------------------------------------------------------------------------------


def test_the_least_loaded_of_those_who_fit_gets_it(stopped):
    busy, free, chinese = works(), works(), works(languages=["zh"])
    for _ in range(3):
        services.assign(complaint=complaint(language="en"), by=busy, to=busy)
    cases = [complaint(language="en") for _ in range(4)]
    assert assign_waiting() == 4
    found = holders()
    assert [found[case.pk] for case in cases].count(free.pk) == 3
    assert [found[case.pk] for case in cases].count(busy.pk) == 1
    assert chinese.pk not in found.values()
    entry = LedgerEntry.objects.filter(kind="complaint.assigned", subject=cases[0].public_id).get()
    assert (entry.actor, entry.payload["why"]) == ("system", "load")
    assert assign_waiting() == 0


def test_nobody_gets_more_than_a_day_holds_and_what_was_decided_today_counts(stopped):
    one = works(capacity=2)
    decided = accepted(by=one)
    services.decide(
        complaint=decided, by=one, findings=[services.Found(decided.targets.get(), False, "D1", "Genuine.")]
    )
    cases = [complaint() for _ in range(3)]
    assert assign_waiting() == 1
    assert sum(holders()[case.pk] == one.pk for case in cases) == 1


def test_without_a_profile_or_by_hand_alone_nothing_comes_by_itself(stopped):
    staff(), works(automatic=False), works(away_from_on=clock.today())
    complaint()
    assert assign_waiting() == 0


def test_nobody_is_given_a_case_of_their_own(stopped):
    holder, person = member(), works()
    person.memberships.create(organisation=holder.organisation, role="reader")
    case = complaint(by=holder)
    assert assign_waiting() == 0
    with pytest.raises(OwnCase):
        services.assign(complaint=case, by=staff(StaffRole.SENIOR_REVIEWER), to=person)


def test_what_nobody_reads_stands_in_nobodys_way(stopped):
    person = works(languages=["en"])
    [complaint(language="zh-hans") for _ in range(3)]
    case = complaint(language="en")
    assert assign_waiting(limit=2) == 1
    assert holders()[case.pk] == person.pk


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.booleans(), st.integers(0, 9)), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from(["door", "decide"]), st.sampled_from(["zh-hans", "en"])), max_size=40),
)
def test_any_work_for_any_people_stays_inside_what_fits_and_balanced(people, cases):
    """Nobody gets what does not fit or is above their day; who is served was nobody's to serve better."""
    workers = []
    for pk, (capacity, is_chinese, is_door, load) in enumerate(people, 1):
        profile = ReviewerProfile(
            languages=["zh"] if is_chinese else ["en", "zh"], queues=["door"] if is_door else ["door", "decide"],
            daily_capacity=capacity,
        )  # fmt: skip
        person = type("Person", (), {"pk": pk})
        workers.append(Worker(person, profile, load))
    for queue, language in cases:
        fitting = [w for w in workers if w.profile.fits(queue, language) and w.load < w.profile.daily_capacity]
        chosen = least_loaded(workers, queue=queue, language=language)
        assert {w.person.pk for w in chosen} == {w.person.pk for w in fitting}
        if chosen:
            assert all(chosen[0].share <= w.share for w in fitting)
            chosen[0].load += 1
            assert chosen[0].load <= chosen[0].profile.daily_capacity


# --- back to all -----------------------------------------------------------------------------------------------


def test_cases_of_who_is_away_or_has_left_go_to_others(stopped):
    away, gone, here = works(), works(), works()
    cases = []
    for person in (away, gone, here):
        cases.append(case := complaint())
        services.assign(complaint=case, by=person, to=person)
    ReviewerProfile.objects.filter(person=away).update(away_from_on=clock.today(), away_until_on=clock.today())
    gone.is_active = False
    gone.save()
    assert release_left() == 2
    assert holders() == {cases[0].pk: None, cases[1].pk: None, cases[2].pk: here.pk}
    assert assign_waiting() == 2
    assert set(holders().values()) == {here.pk}
    assert release_left() == 0


def test_what_is_left_lying_goes_back_and_what_somebody_works_on_stays(stopped):
    person = staff()
    lying, noted, young = complaint(), complaint(), complaint()
    for case in (lying, noted):
        services.assign(complaint=case, by=person, to=person)
    Complaint.objects.update(
        state_since_at=clock.now() - assigning.LEFT_LYING, assigned_at=clock.now() - assigning.LEFT_LYING
    )
    services.assign(complaint=young, by=person, to=person)
    services.add_note(complaint=noted, by=person, text="I asked the brand.")
    assert release_left() == 1
    assert holders() == {lying.pk: None, noted.pk: person.pk, young.pk: person.pk}
    last = LedgerEntry.objects.filter(kind="complaint.assigned", subject=lying.public_id).last()
    assert (last.payload["to"], last.payload["why"]) == (None, "idle")


def test_what_somebody_left_lying_does_not_come_back_to_them_by_itself(sign_in, stopped):
    person = works()
    case = complaint()
    assert assign_waiting() == 1
    Complaint.objects.update(
        state_since_at=clock.now() - assigning.LEFT_LYING, assigned_at=clock.now() - assigning.LEFT_LYING
    )
    assert release_left() == 1
    assert assign_waiting() == 0
    other = works()
    assert assign_waiting() == 1
    assert holders() == {case.pk: other.pk}
    services.assign(complaint=case, by=other, to=None)
    assert sign_in(person).post(TAKE_NEXT)["Location"] == at(case)


def test_what_somebody_gave_back_does_not_come_back_to_them_by_itself(stopped):
    person = works()
    case = complaint()
    assert assign_waiting() == 1
    services.assign(complaint=case, by=person, to=None)
    assert assign_waiting() == 0
    other = works()
    assert assign_waiting() == 1
    assert holders() == {case.pk: other.pk}


def test_what_is_worked_on_while_the_clock_comes_stays(stopped):
    person = staff()
    case = services.assign(complaint=complaint(), by=person, to=person)
    Complaint.objects.update(
        state_since_at=clock.now() - assigning.LEFT_LYING, assigned_at=clock.now() - assigning.LEFT_LYING
    )
    services.add_note(complaint=case, by=person, text="I asked the brand.")
    assert not assigning.release(complaint=case, why="idle")
    assert holders() == {case.pk: person.pk}


def test_who_works_at_the_door_alone_keeps_nothing_that_waits_for_a_decision(stopped):
    door, whole = works(queues=["door"]), works()
    for person in (door, whole):
        case = services.accept(complaint=complaint(), by=person)
        assert holders()[case.pk] == (None if person == door else whole.pk)


# --- seniors and profiles ---------------------------------------------------------------------------------------------


def test_a_senior_hands_a_case_over_and_others_do_not(sign_in, stopped):
    one, two = staff(), staff(name="Bea Colleague")
    case = accepted(by=one)
    senior = sign_in(staff(StaffRole.SENIOR_REVIEWER))
    assert "Hand over" in text_of(senior.get(at(case)))
    sent = {"to": "colleague", "colleague": two.public_id}
    assert sign_in(staff()).post(at(case, "assign"), sent).status_code == 409
    assert "Hand over" not in text_of(sign_in(two).get(at(case)))
    senior.post(at(case, "assign"), sent)
    case.refresh_from_db()
    assert case.assigned_to == two
    wrong = senior.post(at(case, "assign"), {"to": "colleague", "colleague": member().public_id})
    assert wrong.status_code == 422


def test_filters_say_who_has_it_and_in_which_language(sign_in, stopped):
    person = staff()
    mine, free = accepted(by=person, language="en"), complaint(language="zh-hans")
    client = sign_in(person)
    for query, expected in (
        ({"desk": "nobody"}, {free}), ({"assignee": "nobody"}, {free}), ({"assignee": person.public_id}, {mine}),
        ({"language": "zh"}, {free}), ({"language": "en"}, {mine}), ({"assignee": "usr_unknown"}, {mine, free}),
    ):  # fmt: skip
        assert set(client.get(QUEUE, query).context["cl"].result_list) == expected, query


def test_seniors_say_how_somebody_works_and_a_reviewer_when_they_are_away(sign_in, stopped):
    person, senior = staff(), staff(StaffRole.SENIOR_REVIEWER)
    sent = {"person": person.pk, "languages": ["en"], "queues": ["door"], "daily_capacity": "5"}
    client = sign_in(senior)
    assert client.post(f"{PROFILES}add/", sent).status_code == 302
    profile = ReviewerProfile.objects.get()
    assert (profile.languages, profile.queues, profile.daily_capacity) == (["en"], ["door"], 5)
    assert "0 / 5" in text_of(client.get(PROFILES))
    own, day = sign_in(person), clock.today().isoformat()
    assert (
        own.post(f"{PROFILES}{profile.pk}/change/", {"away_from_on": day, "daily_capacity": "500"}).status_code == 302
    )
    profile.refresh_from_db()
    assert (profile.is_away(clock.today()), profile.daily_capacity) == (True, 5)
    assert sign_in(staff()).post(f"{PROFILES}{profile.pk}/change/", {"away_from_on": day}).status_code == 403
    assert LedgerEntry.objects.filter(kind="reviewer.changed").count() == 2
    late = {"away_from_on": day, "away_until_on": "2020-01-01"}
    assert "comes before the last one" in text_of(own.post(f"{PROFILES}{profile.pk}/change/", late))


def test_the_service_refuses_what_the_pages_do_not_offer():
    person = works()
    profile = person.reviewer_profile
    profile.daily_capacity = 99
    with pytest.raises(Forbidden):
        assigning.save_profile(profile=profile, by=person)
    with pytest.raises(Invalid):
        assigning.save_profile(profile=ReviewerProfile(person=member()), by=staff(StaffRole.SENIOR_REVIEWER))
    profile.languages = ["fr"]
    with pytest.raises(Invalid):
        assigning.save_profile(profile=profile, by=staff(StaffRole.SENIOR_REVIEWER))

"""The queue shows what is overdue first, then what is due next; a reviewer takes, finds and gives back cases."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from accounts.roles import StaffRole
from complaints.models import Complaint
from complaints.services import Found, assign, decide, return_for_supplement
from core import clock
from core.models import LedgerEntry
from marketplace.models import Scene
from tests.complaints.desk import QUEUE, TAKE_NEXT, accepted, at, listings, text_of
from tests.factories import FilingFactory, ListingFactory, ShopFactory, complaint, member, merchant_of, staff

pytestmark = pytest.mark.django_db


def listed(answer):
    return list(answer.context["cl"].result_list)


def make(risk, **due):
    case = complaint()
    Complaint.objects.filter(pk=case.pk).update(risk=risk, deadline_at=clock.now() + timedelta(**due))
    case.refresh_from_db()
    return case


def test_overdue_is_on_top_then_what_is_due_next_and_inside_a_day_the_riskiest(sign_in, stopped):
    later, today, risky_today = make(90, days=4), make(20, hours=1), make(70, hours=3)
    overdue, risky_overdue, tomorrow = make(20, hours=-30), make(50, hours=-2), make(95, hours=20)
    order = listed(sign_in(staff()).get(QUEUE))
    assert order == [risky_overdue, overdue, risky_today, today, tomorrow, later]


def test_each_desk_holds_its_cases_and_says_how_many(sign_in, stopped):
    reviewer = staff()
    client = sign_in(reviewer)
    at_the_door, to_decide, mine = complaint(), accepted(), accepted(by=reviewer)
    overdue = make(20, hours=-1)
    returned = return_for_supplement(complaint=complaint(), by=reviewer, missing="Which label?")
    decided = accepted(by=reviewer)
    decide(complaint=decided, by=reviewer, findings=[Found(decided.targets.get(), False, "D1", "Nothing to see.")])
    expected = {
        "": {at_the_door, to_decide, mine, overdue},
        "door": {at_the_door, overdue},
        "decide": {to_decide, mine},
        "mine": {mine},
        "overdue": {overdue},
        "returned": {returned},
        "decided": {decided},
        "all": {at_the_door, to_decide, mine, overdue, returned, decided},
    }
    for desk, cases in expected.items():
        answer = client.get(QUEUE, {"desk": desk})
        assert set(listed(answer)) == cases, desk
        shown = {tab["desk"].name: tab["n"] for tab in answer.context["desks"]}
        assert shown[desk] == (None if desk in ("decided", "all") else len(cases))
    assert set(listed(client.get(QUEUE, {"desk": "unheard-of"}))) == expected[""]


def test_a_line_says_number_state_deadline_risk_right_complainant_links_and_who_has_it(sign_in, stopped):
    case = accepted(*listings(3), by=staff(name="Ada Reviewer"))
    page = text_of(sign_in(staff()).get(QUEUE))
    for said in (case.number, "accepted", "in 5 days", case.filing.title, case.organisation.name, "Ada Reviewer"):
        assert said in page
    assert f'href="{at(case)}"' in page
    assert case.signature not in page


@pytest.mark.parametrize(
    "words",
    [
        lambda c, t: c.number,
        lambda c, t: c.number.lower(),
        lambda c, t: c.public_id,
        lambda c, t: t.external_id,
        lambda c, t: t.public_id,
        lambda c, t: t.url,
        lambda c, t: "knitted jumper",
        lambda c, t: c.filing.registration_number,
        lambda c, t: f"{t.marketplace.storefront_url}/mall/{t.external_id}",
    ],
)
def test_a_case_is_found_by_number_link_title_and_ids_in_whatever_state(sign_in, words):
    listing = ListingFactory(title="Blue Knitted Jumper", external_id="880011")
    case, other = complaint(listing), complaint()
    Complaint.objects.filter(pk=case.pk).update(state="closed", deadline_at=None)
    found = listed(sign_in(staff()).get(QUEUE, {"q": words(case, listing)}))
    assert found == [case]
    assert other not in found


@pytest.mark.parametrize("words", ["\x00", "‮gnp", "x" * 3000, "' OR 1=1 --", "https://[", "#%&*"])
def test_an_odd_search_finds_nothing_and_breaks_nothing(sign_in, words):
    case = complaint()
    answer = sign_in(staff()).get(QUEUE, {"q": words})
    assert answer.status_code == 200
    assert case not in listed(answer) or "\x00" in words


def test_filters_narrow_the_queue(sign_in):
    shop = ShopFactory()
    by = member()
    video = ListingFactory(kind="video", shop=shop)
    by_video = complaint(video, by=by)
    work = FilingFactory(kind="copyright_work", organisation=by.organisation, created_by=by)
    copied = complaint(by=by, filing=work, infringement="copied_image")
    client = sign_in(staff())
    for query, expected in (
        ({"scene": Scene.VIDEO}, {by_video}),
        ({"right": "copyright_work"}, {copied}),
        ({"infringement": "copied_image"}, {copied}),
        ({"marketplace": shop.marketplace.slug}, {by_video}),
        ({"regime": "cn"}, {by_video, copied}),
        ({"complainant": by.organisation.name[:8]}, {by_video, copied}),
        ({"scene": "moon"}, {by_video, copied}),
    ):
        assert set(listed(client.get(QUEUE, query))) == expected, query


@pytest.mark.parametrize("n", [2, 12])
def test_the_queue_needs_the_same_number_of_queries_however_long_it_is(sign_in, n, django_assert_max_num_queries):
    for _ in range(n):
        accepted(*listings(2))
    client = sign_in(staff())
    client.get(QUEUE)
    # Five of them count what waits on other desks, beside the navigation: original images, counter-notices, appeals.
    with django_assert_max_num_queries(32):
        assert len(listed(client.get(QUEUE))) == n


# --- taking the next -------------------------------------------------------------------------------------


def test_the_most_urgent_case_that_nobody_has_is_taken_and_opened(sign_in, stopped):
    reviewer = staff()
    make(90, days=3)
    urgent = make(20, hours=-3)
    assign(complaint=make(90, hours=-9), by=(other := staff()), to=other)
    client = sign_in(reviewer)
    assert urgent.number in text_of(client.get(QUEUE))
    answer = client.post(TAKE_NEXT, {"offered": urgent.public_id})
    assert answer["Location"] == at(urgent)
    urgent.refresh_from_db()
    assert urgent.assigned_to == reviewer
    assert LedgerEntry.objects.filter(kind="complaint.assigned", subject=urgent.public_id).count() == 1


def test_a_second_click_on_take_next_takes_no_second_case(sign_in):
    first, second = complaint(), complaint()
    reviewer = staff()
    client = sign_in(reviewer)
    offered = client.get(QUEUE).context["next_free"]
    for _ in range(2):
        assert client.post(TAKE_NEXT, {"offered": offered.public_id})["Location"] == at(offered)
    assert reviewer.assigned_complaints.count() == 1
    assert {first, second} - {offered}


def test_who_comes_second_gets_the_next_one(sign_in):
    complaint(), complaint()
    one, two = staff(), staff(StaffRole.SENIOR_REVIEWER)
    offered = sign_in(two).get(QUEUE).context["next_free"]
    sign_in(one).post(TAKE_NEXT, {"offered": offered.public_id})
    sign_in(two).post(TAKE_NEXT, {"offered": offered.public_id})
    assert one.assigned_complaints.get() == offered
    assert two.assigned_complaints.count() == 1


def test_nobody_is_given_a_case_of_their_own(sign_in):
    listing = ListingFactory()
    as_holder, as_merchant = staff(), staff()
    holder = member()
    complaint(listing, by=holder)
    merchant = merchant_of(listing.shop)
    for person, organisation in ((as_holder, holder.organisation), (as_merchant, merchant.organisation)):
        person.memberships.create(organisation=organisation, role="reader")
        client = sign_in(person)
        assert client.get(QUEUE).context["next_free"] is None
        assert client.post(TAKE_NEXT, follow=True).status_code == 200
        assert not person.assigned_complaints.exists()


def test_an_empty_queue_says_so(sign_in):
    client = sign_in(staff())
    assert "Nothing waits that nobody has." in text_of(client.get(QUEUE))
    assert client.post(TAKE_NEXT)["Location"] == QUEUE


@pytest.mark.django_db(transaction=True)
def test_reviewers_who_take_the_next_at_the_same_moment_get_different_cases(sign_in):
    people = [staff() for _ in range(6)]
    for _ in people:
        complaint()
    clients = [sign_in(person) for person in people]
    offered = clients[0].get(QUEUE).context["next_free"].public_id
    gate = threading.Barrier(len(people))

    def click(client: Client) -> None:
        gate.wait()
        try:
            client.post(TAKE_NEXT, {"offered": offered})
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [person.assigned_complaints.count() for person in people] == [1] * len(people)


# --- many at once ------------------------------------------------------------------------------------------


def bulk(client, action, *cases):
    return client.post(QUEUE, {"action": action, "_selected_action": [c.pk for c in cases]}, follow=True)


def test_chosen_cases_are_assigned_to_me_and_given_back(sign_in):
    reviewer = staff()
    client = sign_in(reviewer)
    one, two, closed = complaint(), complaint(), complaint()
    Complaint.objects.filter(pk=closed.pk).update(state="closed", deadline_at=None)
    page = text_of(bulk(client, "assign_to_me", one, two, closed))
    # A closed case does not stand on this desk, so that it is not even chosen.
    assert "2 cases are yours." in page
    assert set(reviewer.assigned_complaints.all()) == {one, two}
    assert "1 case was given back." in text_of(bulk(client, "give_back", one))
    assert set(reviewer.assigned_complaints.all()) == {two}


def test_what_a_colleague_has_is_left_with_them(sign_in):
    colleague = staff()
    theirs = accepted(by=colleague)
    page = text_of(bulk(sign_in(staff()), "assign_to_me", theirs))
    assert "1 case was left as it is" in page
    assert list(colleague.assigned_complaints.all()) == [theirs]
    bulk(sign_in(senior := staff(StaffRole.SENIOR_REVIEWER)), "assign_to_me", theirs)
    assert list(senior.assigned_complaints.all()) == [theirs]


# --- who may -----------------------------------------------------------------------------------------------------


def test_an_auditor_reads_the_queue_and_takes_nothing(sign_in):
    case = complaint()
    client = sign_in(staff(StaffRole.AUDITOR))
    page = text_of(client.get(QUEUE))
    assert case.number in page
    assert "Take next" not in page
    assert "assign_to_me" not in page
    assert client.post(TAKE_NEXT, {"offered": case.public_id}).status_code == 403
    bulk(client, "assign_to_me", case)
    case.refresh_from_db()
    assert case.assigned_to is None


def test_who_does_not_work_here_sees_no_queue(sign_in, client):
    complaint()
    assert client.get(QUEUE).status_code == 302
    assert sign_in(member()).get(QUEUE).status_code == 302
    assert sign_in(member()).post(TAKE_NEXT).status_code == 302
    without_role = staff()
    without_role.groups.clear()
    assert sign_in(without_role).get(QUEUE).status_code == 403
    assert sign_in(without_role).post(TAKE_NEXT).status_code == 403


def test_take_next_is_only_posted(sign_in):
    assert sign_in(staff()).get(TAKE_NEXT).status_code == 405


def test_nothing_is_added_changed_or_deleted_by_the_generated_pages(sign_in):
    case = complaint()
    client = sign_in(staff(StaffRole.ADMINISTRATOR))
    assert client.get(f"{QUEUE}add/").status_code == 403
    assert client.post(f"{QUEUE}{case.pk}/delete/", {"post": "yes"}).status_code == 403
    for name in (case.pk, case.public_id):
        assert client.get(f"{QUEUE}{name}/change/")["Location"] == at(case)
    assert client.get(f"{QUEUE}999999/change/").status_code == 404


@pytest.mark.parametrize("page", [QUEUE, "/admin/"])
def test_the_desks_are_counted_once_for_a_page(sign_in, page, django_assert_max_num_queries):
    client = sign_in(staff())
    with django_assert_max_num_queries(100) as asked:
        assert client.get(page).status_code == 200
    # Of all counts those of the desks alone count cases in which somebody wrote, each once.
    assert sum("COUNT(*) FROM (SELECT DISTINCT" in query["sql"] for query in asked.captured_queries) == 1

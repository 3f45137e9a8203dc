"""A court's order needs no counter-notice: it holds or releases links of a complaint at once, and only a court undoes it."""

import pytest
from django.urls import reverse

from complaints import counter_notices, court_orders, services
from complaints.errors import OwnCase
from complaints.models import CourtOrder
from complaints.services import Found
from complaints.tasks import pass_counter_deadlines
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry
from tests.complaints.counter import an_answer, an_order, deliver_letters, held, letters, statement_of, told, waiting
from tests.complaints.helpers import found
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(stopped, holder, listings, merchant):
    return told(*listings, by=holder)


def rows(case):
    return list(case.targets.order_by("pk"))


def outcomes(case):
    return [row.outcome for row in rows(case)]


def ordered(case, some=None, by=None, **said):
    return court_orders.record_order(complaint=case, by=by or staff(), order=an_order(**said), rows=some)


def answer(case, merchant, some=None):
    statement = statement_of(case)
    said = an_answer(merchant, targets=some)
    return counter_notices.submit_counter_notice(statement=statement, answer=said, by=merchant)


def test_an_order_to_release_lets_go_of_what_nobody_answered_and_both_sides_hear_of_it(case, merchant):
    made = ordered(case, rows(case)[:1], keeps_down=False)
    assert outcomes(case) == ["reinstated", "upheld", "upheld"]
    assert held(case) == {row.target_id for row in rows(case)[1:]}
    case.refresh_from_db()
    assert case.state == "notified"
    entry = LedgerEntry.objects.get(kind="complaint.order")
    assert (entry.payload["order"], entry.payload["keeps_down"]) == (made.public_id, False)
    deliver_letters()
    deliver_letters()
    assert len(letters("court_order")) == 1
    assert "Hangzhou Internet Court" in letters("court_order_shop")[0].body


def test_an_injunction_keeps_down_what_then_no_answer_lifts_until_another_order(case, merchant):
    first, _second, _third = rows(case)
    ordered(case, [first], kind="interim")
    with pytest.raises(Invalid) as refused:
        answer(case, merchant, [first])
    assert "court" in str(refused.value.errors["targets"][0])
    made = answer(case, merchant)
    assert first.pk not in made.links.values_list("complaint_target_id", flat=True)
    ordered(case, [first], keeps_down=False)
    assert outcomes(case) == ["reinstated", "upheld", "upheld"]


def test_an_order_reaches_answered_and_unanswered_links_at_once(case, merchant, stopped):
    first, second, third = rows(case)
    made = waiting(case, by=merchant, targets=[first, second])
    ordered(case)
    assert sorted(made.links.values_list("outcome", flat=True)) == ["kept", "kept"]
    made.refresh_from_db()
    case.refresh_from_db()
    assert (made.state, case.state) == ("concluded", "notified")
    stopped.advance(days=60)
    pass_counter_deadlines()
    assert len(held(case)) == 3
    deliver_letters()
    told_of = letters("court_order_shop")[0].body
    assert str(third.target) in told_of
    assert str(first.target) not in told_of


def test_an_order_takes_down_what_was_dismissed_and_the_complainant_may_still_withdraw_it(
    stopped, holder, listings, merchant, reviewer
):
    case = complaint(*listings, by=holder)
    services.accept(complaint=case, by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case, dismissed=listings))
    ordered(case, rows(case)[:1])
    assert outcomes(case) == ["upheld", "dismissed", "dismissed"]
    assert held(case) == {listings[0].pk}
    services.withdraw(complaint=case, by=holder)
    assert held(case) == set()


def test_no_appeal_turns_round_what_a_court_ordered(case):
    first = rows(case)[0]
    ordered(case, [first], kind="interim")
    with pytest.raises(WrongState):
        services.decide_anew(
            complaint=case, by=staff(), appeal="apl_x", findings=[Found(first, False, "D3", "Genuine.")]
        )
    assert len(held(case)) == 3


def test_orders_before_the_decision_and_about_withdrawn_links_are_refused_with_what_can_be_done(
    submitted, case, holder
):
    with pytest.raises(WrongState):
        ordered(submitted)
    first = rows(case)[0]
    services.withdraw(complaint=case, by=holder, targets=[first])
    with pytest.raises(Invalid) as refused:
        ordered(case, [first])
    assert "anew" in str(refused.value.errors["links"][0])
    with pytest.raises(Invalid):
        ordered(case, rows(submitted))
    ordered(case)
    assert outcomes(case) == ["withdrawn", "upheld", "upheld"]
    services.withdraw(complaint=case, by=holder)
    with pytest.raises(Invalid):
        ordered(case)


def test_only_reviewers_who_are_no_party_record_orders(case, merchant, holder):
    for by in (merchant, holder, member()):
        with pytest.raises(Forbidden):
            ordered(case, by=by)
    partial = staff()
    partial.memberships.create(organisation=case.organisation, role="reader")
    with pytest.raises(OwnCase):
        ordered(case, by=partial)
    assert not CourtOrder.objects.exists()


def test_staff_record_an_order_on_the_page_of_the_case_and_over_the_api(case, sign_in, holder):
    client = sign_in(staff())
    first, second, _third = (row.public_id for row in rows(case))
    page = client.get(reverse("admin:complaints_complaint_review", args=[case.public_id])).content.decode()
    assert 'name="order-case_number"' in page
    address = reverse("admin:complaints_complaint_order", args=[case.public_id])
    said = {
        "since": case.state_since_at.isoformat(), "order-kind": "judgment", "order-effect": "release",
        "order-forum": "Court", "order-case_number": "9", "order-ordered_on": "2026-03-01", "order-links": [first],
    }  # fmt: skip
    assert client.post(address, said | {"order-forum": ""}).status_code == 422
    assert client.post(address, said | {"since": "2020-01-01T00:00:00+00:00"}).status_code == 409
    assert client.post(address, said).status_code == 302
    assert outcomes(case)[0] == "reinstated"
    order = {
        "kind": "interim", "keeps_down": True, "forum": "Court", "case_number": "10", "ordered_on": "2026-03-01",
        "links": [second],
    }  # fmt: skip
    answer = client.post(f"/api/v1/complaints/{case.public_id}/order", order, content_type="application/json")
    assert (answer.status_code, answer.json()["keeps_down"]) == (201, True)
    seen = sign_in(holder).get(f"/api/v1/complaints/{case.public_id}/orders").json()
    assert [one["case_number"] for one in seen] == ["10", "9"]
    refused = sign_in(holder).post(f"/api/v1/complaints/{case.public_id}/order", order, content_type="application/json")
    assert refused.status_code == 403

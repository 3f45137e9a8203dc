"""A score is made of what became of the links, in the transaction that decides, and says what it is made of."""

from datetime import UTC, date, datetime

import pytest

from complaints import counter_notices, court_orders, services
from complaints.goodfaith import Month, Score, score_of
from complaints.models import ConductMonth, Lane
from complaints.regimes import CN_ECOMMERCE
from core import clock
from core.models import LedgerEntry
from tests.complaints.counter import a_proof, an_order, clock_says_told, waiting
from tests.complaints.helpers import found
from tests.complaints.selfservice import had
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db


def months(organisation):
    return list(
        ConductMonth.objects.filter(organisation=organisation)
        .order_by("month_on")
        .values_list("month_on", "upheld", "dismissed", "withdrawn", "reversed")
    )


def test_a_decision_counts_its_links_in_its_month(accepted, reviewer, listings, holder):
    services.decide(complaint=accepted, by=reviewer, findings=found(accepted, dismissed=listings[:1]))
    assert months(holder.organisation) == [(date(2026, 3, 1), 2, 1, 0, 0)]


def test_a_withdrawal_counts_only_what_had_been_upheld(upheld, holder, stopped):
    other = complaint(by=holder)
    services.withdraw(complaint=other, by=holder)
    stopped.advance(days=40)
    rows = list(upheld.targets.order_by("pk"))
    services.withdraw(complaint=upheld, by=holder, targets=rows[:2])
    services.withdraw(complaint=upheld, by=holder)
    assert months(holder.organisation) == [(date(2026, 3, 1), 3, 0, 0, 0), (date(2026, 4, 1), 0, 0, 3, 0)]


def test_what_is_refused_counts_nothing(submitted, holder, reviewer):
    with pytest.raises(services.WrongState):
        services.decide(complaint=submitted, by=reviewer, findings=found(submitted))
    assert months(holder.organisation) == []


def test_what_an_appeal_turned_round_does_not_count_against_its_complainant(upheld, holder, reviewer, stopped):
    """Reversed, then restored; and what was dismissed at first is upheld in another month."""
    row = upheld.targets.first()
    for n, (is_upheld, figures) in enumerate([(False, (3, 0, 0, 1)), (True, (3, 0, 0, 0))]):
        finding = services.Found(row, is_upheld, "U1" if is_upheld else "D1", "Looked at again.")
        services.decide_anew(complaint=upheld, by=staff(), findings=[finding], appeal=f"apl_{n}")
        assert months(holder.organisation) == [(date(2026, 3, 1), *figures)]
    other = services.accept(complaint=complaint(by=holder), by=reviewer)
    dismissed = [services.Found(row, False, "D1", "Not alike.") for row in other.targets.all()]
    services.decide(complaint=other, by=reviewer, findings=dismissed)
    services.notify_if_settled(complaint=other)
    assert months(holder.organisation) == [(date(2026, 3, 1), 3, 1, 0, 0)]
    stopped.advance(days=31)
    anew = [services.Found(found.target, True, "U1", "Alike.") for found in dismissed]
    services.decide_anew(complaint=other, by=staff(), findings=anew, appeal="apl_3")
    assert months(holder.organisation) == [(date(2026, 3, 1), 3, 0, 0, 0), (date(2026, 4, 1), 1, 0, 0, 0)]


def test_a_judgment_is_the_last_word_and_an_injunction_none(upheld, holder, reviewer, listings, stopped):
    case = services.accept(complaint=complaint(*listings[:2], by=member()), by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case, dismissed=listings[:1]))

    def after(kind, *, keeps_down, rows=None):
        stopped.advance(days=31)
        order = an_order(kind=kind, keeps_down=keeps_down)
        court_orders.record_order(complaint=case, by=staff(), order=order, rows=rows)
        return [sum(m[n] for m in months(case.organisation)) for n in (1, 2, 3, 4)]

    assert after("interim", keeps_down=True) == [1, 1, 0, 0]
    # Kept down for the time being, the link that was dismissed is upheld by nobody: nothing is reversed with it.
    assert after("judgment", keeps_down=False) == [1, 1, 0, 1]
    assert after("judgment", keeps_down=False) == [1, 1, 0, 1]
    assert after("interim", keeps_down=True) == [1, 1, 0, 1]
    assert after("judgment", keeps_down=True) == [2, 0, 0, 0]
    assert after("judgment", keeps_down=True) == [2, 0, 0, 0]
    assert after("interim", keeps_down=False) == [2, 0, 0, 0]


def test_what_only_an_injunction_kept_down_is_withdrawn_without_a_cost(upheld, reviewer, listings):
    case = services.accept(complaint=complaint(*listings[:2], by=member()), by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case, dismissed=listings[:1]))
    court_orders.record_order(complaint=case, by=staff(), order=an_order(kind="interim", keeps_down=True))
    services.withdraw(complaint=case, by=case.filed_by)
    assert months(case.organisation) == [(date(2026, 3, 1), 1, 1, 1, 0)]


def test_a_judgment_takes_back_what_a_proceeding_reversed(upheld, holder, merchant, stopped):
    clock_says_told(upheld)
    made = waiting(upheld, by=merchant)
    proved = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
    counter_notices.end_proceeding(proceeding=proved, by=staff(), result="no_infringement", ended_on=clock.today())
    assert months(holder.organisation) == [(date(2026, 3, 1), 3, 0, 0, 3)]
    stopped.advance(days=40)
    court_orders.record_order(complaint=upheld, by=staff(), order=an_order(keeps_down=True))
    assert months(holder.organisation) == [(date(2026, 3, 1), 3, 0, 0, 0)]


def test_who_sent_nothing_begins_with_seventy():
    assert Score().value == 70


@pytest.mark.parametrize(
    ("month", "value"),
    [
        (Month(0, upheld=19), 89),
        (Month(0, upheld=20), 90),
        (Month(0, dismissed=7), 41),
        (Month(0, dismissed=8), 38),
        (Month(0, upheld=20, withdrawn=20), 35),
        (Month(0, upheld=20, reversed=2), 78),
        (Month(0, upheld=50, dismissed=50), 51),
    ],
)
def test_the_formula_is_the_one_that_is_documented(month, value):
    assert Score((month,)).value == value


def test_what_is_older_weighs_less_and_what_is_a_year_old_nothing(stopped):
    holder = member()
    had(holder.organisation, dismissed=20)
    worst = score_of(holder.organisation.pk).value
    stopped.set(datetime(2026, 9, 3, 12, tzinfo=UTC))
    later = score_of(holder.organisation.pk).value
    stopped.set(datetime(2027, 3, 3, 12, tzinfo=UTC))
    assert (worst, later, score_of(holder.organisation.pk).value) == (23, 35, 70)


def test_a_score_takes_one_query_however_much_was_sent(stopped, django_assert_num_queries):
    holder = member()
    had(holder.organisation, upheld=40_000, dismissed=10_000)
    with django_assert_num_queries(1):
        assert score_of(holder.organisation.pk).value == 79


# --- lanes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "lane", "reason", "ratio"),
    [
        ({}, Lane.NORMAL, "usual", 1),
        ({"upheld": 20}, Lane.FAST, "high_score", 0.5),
        ({"dismissed": 20}, Lane.SLOW, "low_score", 2),
    ],
)
def test_the_lane_is_fixed_with_its_reason_when_a_complaint_is_sent(figures, lane, reason, ratio, stopped, holder):
    had(holder.organisation, **figures)
    case = complaint(by=holder)
    assert (case.lane, case.lane_reason) == (lane, reason)
    assert case.deadline_at - case.created_at == CN_ECOMMERCE.admission * ratio
    assert LedgerEntry.objects.get(kind="complaint.submit").payload["lane"] == [lane, reason, case.lane_score]
    ConductMonth.objects.all().delete()
    case.refresh_from_db()
    assert (case.lane, case.lane_reason) == (lane, reason)


def test_the_decision_is_due_by_the_lane_too(stopped, holder, reviewer):
    had(holder.organisation, upheld=20)
    case = services.accept(complaint=complaint(by=holder), by=reviewer)
    assert case.deadline_at - clock.now() == CN_ECOMMERCE.decision * 0.5


def test_the_slow_lane_takes_few_links_and_says_why(stopped, holder, listings):
    from tests.factories import ListingFactory

    had(holder.organisation, dismissed=20)
    many = [*listings, *ListingFactory.create_batch(48, shop=listings[0].shop)]
    with pytest.raises(services.Invalid) as refused:
        complaint(*many, by=holder)
    assert "at most 50 links" in refused.value.errors["links"][0]
    assert "score is low" in refused.value.errors["links"][0]


def test_the_slow_lane_takes_ten_open_complaints(stopped, holder):
    had(holder.organisation, dismissed=20)
    for _n in range(10):
        last = complaint(by=holder)
    with pytest.raises(services.Forbidden, match="10 complaints that wait"):
        complaint(by=holder)
    services.withdraw(complaint=last, by=holder)
    complaint(by=holder)

"""What a holder took down by itself burdens its shops once staff confirmed it or nobody appealed in time, and can be appealed."""

import pytest

from complaints import counter_notices, court_orders, selfservice
from complaints import services as complaints
from complaints.counter_notices import Anew
from complaints.goodfaith import score_of
from complaints.models import Privilege, Removal
from core import clock
from core.models import LedgerEntry
from governance.appeals import services
from governance.errors import DecidedTheFirst
from governance.models import Strike
from governance.penalties import removals
from governance.penalties.counting import points_of
from governance.tasks import let_removals_stand
from tests.complaints.counter import a_proof, an_answer, an_order, answered, statement_of, waiting
from tests.complaints.selfservice import privilege, reverse, take_down
from tests.governance import helpers
from tests.governance.helpers import appeal, carry_out, held, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def removed(stopped, holder, merchant, listings, work_off):
    """Three links of a shop that a holder took down by itself; both sides know."""
    case = take_down(privilege(holder), *listings)
    carry_out(work_off)
    case.refresh_from_db()
    assert case.state == "notified"
    return case


def kinds(case):
    return list(LedgerEntry.objects.filter(subject=case.public_id).order_by("pk").values_list("kind", flat=True))


# --- points ------------------------------------------------------------------------------------------------


def test_a_shop_has_no_points_before_anybody_but_the_holder_looked(removed, shop):
    assert not Strike.objects.exists()
    assert points_of(shop) == 0


def test_points_follow_what_a_review_confirms(removed, shop, first, work_off):
    reverse(removed, first, removed.targets.first())
    work_off()
    assert points_of(shop) == 12
    strike = Strike.objects.get()
    assert (strike.cause, strike.counted_at) == (removed.public_id, removed.decisions.first().decided_at)


def test_a_shop_whose_links_were_all_wrong_never_has_points(removed, shop, first, work_off, stopped):
    reverse(removed, first)
    work_off()
    stopped.advance(days=60)
    assert let_removals_stand() == 0
    work_off()
    assert not Strike.objects.exists()


def test_points_count_once_the_time_to_appeal_has_passed(removed, shop, work_off, stopped):
    stopped.advance(days=30)
    assert let_removals_stand() == 0
    stopped.advance(days=1, hours=1)
    assert let_removals_stand() == 1
    assert let_removals_stand() == 0
    work_off()
    assert points_of(shop) == 12
    assert "complaint.removal_stands" in kinds(removed)
    removed.removal.refresh_from_db()
    assert (removed.removal.stands_at, removed.removal.due_at) == (clock.now(), None)


def test_a_shop_that_was_told_late_has_its_whole_time(stopped, holder, merchant, listings, shop, work_off):
    """The beat stood still for three days: the shop was told when it went on."""
    take_down(privilege(holder), *listings)
    stopped.advance(days=3)
    carry_out(work_off)
    stopped.advance(days=29)
    assert let_removals_stand() == 1
    work_off()
    assert points_of(shop) == 0
    stopped.set(Removal.objects.get().due_at)
    assert let_removals_stand() == 1
    work_off()
    assert points_of(shop) == 12


def test_what_was_withdrawn_meanwhile_counts_for_nothing(removed, holder, work_off, stopped):
    complaints.withdraw(complaint=removed, by=holder)
    stopped.advance(days=32)
    assert let_removals_stand() == 1
    assert let_removals_stand() == 0
    assert "complaint.removal_stands" not in kinds(removed)


def test_points_wait_for_an_appeal_that_runs(removed, shop, merchant, second, work_off, stopped):
    statement = statement_of(removed)
    stopped.advance(days=20)
    case = taken(statement.public_id, merchant, second)
    stopped.advance(days=20)
    assert let_removals_stand() == 0
    helpers.stand(case, second)
    assert let_removals_stand() == 1
    work_off()
    assert points_of(shop) == 12


def test_an_appeal_that_is_withdrawn_holds_up_nothing(removed, shop, merchant, work_off, stopped):
    case = appeal(statement_of(removed).public_id, merchant)
    stopped.advance(days=32)
    assert let_removals_stand() == 0
    services.withdraw(appeal=case, by=merchant)
    assert let_removals_stand() == 1


def test_points_wait_for_an_answer_of_the_merchant(removed, shop, merchant, work_off, stopped):
    counter_notices.submit_counter_notice(statement=statement_of(removed), answer=an_answer(merchant), by=merchant)
    stopped.advance(days=32)
    assert let_removals_stand() == 0
    assert points_of(shop) == 0


@pytest.mark.parametrize("how", ["an answer", "an appeal"])
def test_what_comes_between_the_look_and_the_lock_is_waited_for(removed, shop, merchant, stopped, how):
    """The sweep found it due; then the merchant answered or appealed, and then the sweep had its turn."""
    stopped.advance(days=20)
    if how == "an answer":
        answered(removed, by=merchant)
    else:
        appeal(statement_of(removed).public_id, merchant)
    stopped.advance(days=20)
    found = Removal.objects.select_related("complaint").get()
    assert found.due_at <= clock.now()
    assert not removals.pass_deadline(removal=found)
    found.refresh_from_db()
    assert (found.stands_at, points_of(shop)) == (None, 0)


def test_one_that_is_not_due_does_not_move(removed):
    assert not removals.pass_deadline(removal=removed.removal)


# --- appeals -----------------------------------------------------------------------------------------------


def test_the_holder_appeals_against_the_reversal_of_its_removal(
    removed, holder, first, second, shop, listings, work_off
):
    reverse(removed, first)
    work_off()
    assert held(removed) == set()
    case = appeal(removed.decisions.last().public_id, holder)
    with pytest.raises(DecidedTheFirst):
        services.take(appeal=case, by=first)
    helpers.reverse(services.take(appeal=case, by=second), second)
    work_off()
    assert held(removed) == {listing.pk for listing in listings}
    assert points_of(shop) == 12
    assert selfservice.accuracy_of(Privilege.objects.get()).percent == 100


def test_an_appeal_about_what_a_review_put_up_is_settled(removed, merchant, first, work_off):
    statement = statement_of(removed)
    links = [row.public_id for row in removed.targets.order_by("pk")]
    case = appeal(statement.public_id, merchant, links=links[:2])
    reverse(removed, first, *removed.targets.filter(public_id__in=links[:2]))
    work_off()
    case.refresh_from_db()
    assert case.state == "settled"


def test_an_appeal_about_more_than_a_review_put_up_goes_on(removed, merchant, first, work_off):
    case = appeal(statement_of(removed).public_id, merchant)
    reverse(removed, first, removed.targets.first())
    work_off()
    case.refresh_from_db()
    assert case.state == "submitted"


def test_appeals_that_reverse_what_reviews_confirmed_end_the_privilege(removed, merchant, first, second, work_off):
    selfservice.review(removal=removed.removal, by=first, wrong=[], reason="")
    case = taken(statement_of(removed).public_id, merchant, second)
    helpers.reverse(case, second, links=case.links.all()[:2])
    work_off()
    assert (Privilege.objects.get().state, Privilege.objects.get().ended_why) == ("ended", "accuracy")


def test_a_removal_that_an_appeal_reverses_counts_twice_against_its_holder(removed, holder, merchant, second):
    before = score_of(holder.organisation.pk)
    helpers.reverse(taken(statement_of(removed).public_id, merchant, second), second)
    after = score_of(holder.organisation.pk)
    assert (after.upheld - before.upheld, after.reversed - before.reversed) == (3, 3)
    assert after.value < before.value


# --- words of others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shop", ["eu"], indirect=True)
def test_answers_that_reverse_what_reviews_confirmed_end_the_privilege(removed, merchant, first, second, work_off):
    selfservice.review(removal=removed.removal, by=first, wrong=[], reason="")
    answered(removed, by=merchant)
    made = counter_notices.take_up(counter_notice=removed.counter_notices.get(), by=first)
    findings = [Anew(link, False, "The invoices fit.") for link in made.links.all()]
    counter_notices.decide_anew(counter_notice=made, by=second, findings=findings)
    work_off()
    ended = Privilege.objects.get()
    assert (ended.state, ended.ended_why) == ("ended", "accuracy")
    assert selfservice.accuracy_of(ended).reversed == 3


@pytest.mark.parametrize("how", ["a proceeding", "a judgment"])
def test_so_do_proceedings_and_judgments_that_find_no_infringement(removed, holder, merchant, first, work_off, how):
    selfservice.review(removal=removed.removal, by=first, wrong=[], reason="")
    if how == "a judgment":
        court_orders.record_order(complaint=removed, by=first, order=an_order(keeps_down=False))
    else:
        made = waiting(removed, by=merchant)
        proved = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
        counter_notices.end_proceeding(proceeding=proved, by=first, result="no_infringement", ended_on=clock.today())
    work_off()
    ended = Privilege.objects.get()
    assert (ended.state, ended.ended_why) == ("ended", "accuracy")
    assert selfservice.accuracy_of(ended).reversed == 3


def test_what_is_conceded_was_not_found_wrong(removed, holder, merchant, first, work_off):
    selfservice.review(removal=removed.removal, by=first, wrong=[], reason="")
    counter_notices.concede(counter_notice=waiting(removed, by=merchant), by=holder)
    work_off()
    assert selfservice.accuracy_of(Privilege.objects.get()).percent == 100

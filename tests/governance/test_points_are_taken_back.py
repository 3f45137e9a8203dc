"""Points for a relisting or an evasion are taken back by a senior with reasons, and by rule when nothing held rightly."""

import pytest
from django.urls import reverse

from accounts.roles import OrgRole
from complaints import counter_notices, court_orders
from complaints import services as complaints
from complaints.counter_notices import Anew
from complaints.services import Found
from core import clock
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter
from governance.models import Penalty, Strike
from governance.penalties import points, services
from governance.penalties.counting import points_of
from marketplace.services import observed
from tests.complaints.counter import a_proof, an_order, answered, waiting
from tests.factories import staff
from tests.governance.helpers import carry_out
from tests.governance.penalties import decided, in_force, senior

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def put_up_again(target, market, stopped, work_off):
    carry_out(work_off)
    stopped.advance(minutes=5)
    market.relist(target)
    observed(target=target, state="up", at=clock.now())
    work_off()


@pytest.fixture
def case(shop, work_off):
    return decided(shop, work_off)


@pytest.fixture
def relisting(case, merchant, market, stopped, work_off):
    """Points because a listing that is held down was put up again."""
    put_up_again(case.targets.get().target, market, stopped, work_off)
    return Strike.objects.get(code="M8")


def test_a_senior_takes_points_back_with_reasons_that_the_merchant_reads(shop, relisting, client, merchant):
    before = points_of(shop)
    points.take_back_by_hand(strike=relisting, by=senior(), reason="A broken import put it up, not the seller.")
    assert points_of(shop) == before - 6
    entry = LedgerEntry.objects.get(kind="strike.taken_back")
    assert entry.payload == {"strike": relisting.public_id, "points": 6}
    letter = Letter.objects.get(template="points_taken_back", user=merchant)
    assert "A broken import put it up" in letter.body
    client.force_login(merchant)
    page = client.get(reverse("penalties:shop", args=[shop.public_id])).content.decode()
    assert "A broken import put it up" in page
    answer = client.get(f"/api/v1/shop-standings/{shop.public_id}").json()
    said = {s["rule"]: s["taken_back_reason"] for s in answer["strikes"]}
    assert said == {"M1": "", "M8": "A broken import put it up, not the seller."}


def test_points_that_are_taken_back_undo_what_rests_on_them_and_do_not_come_back(shop, relisting, stopped):
    suspended = in_force(Penalty.objects.get(measure="deposit", state="proposed"), stopped)
    points.take_back_by_hand(strike=relisting, by=senior(), reason="Not the seller.")
    suspended.refresh_from_db()
    assert suspended.state == "reversed"
    stopped.set(relisting.counted_at)
    points.relisted(relisting.cause)
    assert points_of(shop) == 12


@pytest.mark.parametrize("who", ["reviewer", "of the merchant"])
def test_nobody_else_takes_points_back(shop, relisting, who):
    by = staff() if who == "reviewer" else senior()
    if who == "of the merchant":
        by.memberships.create(organisation=shop.operator, role=OrgRole.READER)
    with pytest.raises(Forbidden):
        points.take_back_by_hand(strike=relisting, by=by, reason="Mine.")
    relisting.refresh_from_db()
    assert relisting.counts


def test_points_are_taken_back_once_with_a_reason_and_not_those_of_a_decision(relisting):
    by = senior()
    with pytest.raises(Invalid):
        points.take_back_by_hand(strike=relisting, by=by, reason=" ")
    with pytest.raises(WrongState):
        points.take_back_by_hand(strike=Strike.objects.get(code="M1"), by=by, reason="Wrong.")
    points.take_back_by_hand(strike=relisting, by=by, reason="Wrong.")
    with pytest.raises(WrongState):
        points.take_back_by_hand(strike=relisting, by=by, reason="Wrong.")


def test_putting_up_what_should_never_have_been_down_is_no_offence(shop, case, relisting, work_off):
    row = case.targets.get()
    complaints.decide_anew(
        complaint=case, by=staff(), appeal="apl_x", findings=[Found(row, False, "D3", "Genuine goods.")]
    )
    work_off()
    assert points_of(shop) == 0
    assert Letter.objects.filter(template="points_taken_back").count() == 1


@pytest.mark.parametrize(
    ("shop", "how"), [("eu", "an answer"), ("cn", "a proceeding"), ("cn", "a judgment")], indirect=["shop"]
)
def test_so_it_is_whoever_found_that_it_should_not_have_been_down(shop, case, relisting, merchant, work_off, how):
    by = staff()
    if how == "a judgment":
        court_orders.record_order(complaint=case, by=by, order=an_order(keeps_down=False))
    elif how == "an answer":
        made = counter_notices.take_up(counter_notice=answered(case, by=merchant), by=by)
        findings = [Anew(made.links.get(), False, "Genuine goods.")]
        counter_notices.decide_anew(counter_notice=made, by=by, findings=findings)
    else:
        made, holder = waiting(case, by=merchant), case.filed_by
        proved = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
        counter_notices.end_proceeding(proceeding=proved, by=by, result="no_infringement", ended_on=clock.today())
    work_off()
    assert points_of(shop) == 0


def test_what_is_withdrawn_later_was_to_be_obeyed_at_the_time(shop, case, relisting, work_off):
    complaints.withdraw(complaint=case, by=case.filed_by)
    work_off()
    assert points_of(shop) == 6


def test_a_relisting_in_a_suspended_shop_falls_with_the_suspension_that_is_reversed(
    shop, merchant, work_off, market, stopped
):
    for _ in range(2):
        decided(shop, work_off)
        stopped.advance(hours=1)
    suspension = in_force(Penalty.objects.get(measure="suspension", state="proposed"), stopped)
    put_up_again(shop, market, stopped, work_off)
    assert Strike.objects.filter(code="M8", taken_back_at__isnull=True).count() == 1
    services.reverse_penalty(penalty=suspension, by=senior(), reason="Wrong.")
    work_off()
    assert not Strike.objects.filter(code="M8", taken_back_at__isnull=True).exists()


def test_staff_take_points_back_on_the_page_of_the_strike(relisting, sign_in):
    page = sign_in(senior())
    address = reverse("admin:governance_strike_review", args=[relisting.public_id])
    assert b'value="take_back"' in page.get(address).content
    assert page.post(address, {"step": "take_back", "note": " "}).status_code == 422
    assert page.post(address, {"step": "take_back", "note": "Not the seller."}).status_code == 302
    relisting.refresh_from_db()
    assert relisting.taken_back_reason == "Not the seller."
    assert b'value="take_back"' not in page.get(address).content
    of_a_decision = Strike.objects.get(code="M1")
    address = reverse("admin:governance_strike_review", args=[of_a_decision.public_id])
    assert b'value="take_back"' not in page.get(address).content

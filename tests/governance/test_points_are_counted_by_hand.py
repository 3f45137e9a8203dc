"""A senior counts points for forged papers and refused cooperation, in a case, once; the shop is told, and heard."""

import pytest
from django.urls import reverse

from accounts.roles import OrgRole
from complaints import services as complaints
from complaints.services import Found
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter
from governance.models import Penalty, Strike
from governance.penalties import points
from governance.penalties.counting import points_of
from tests.factories import staff
from tests.governance.penalties import decided, senior

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]
WHY = "The invoice names a company that was never registered; its maker says that it is forged."


@pytest.fixture
def notice(shop, work_off):
    """The notice to the shop about a copied picture, which brought two points."""
    return decided(shop, work_off, infringement="copied_image").decisions.get().statements.get()


def counted(notice, code="M9", by=None, reason=WHY):
    return points.count_by_hand(statement=notice, code=code, reason=reason, by=by or senior())


def test_a_forged_paper_counts_and_the_shop_reads_why(shop, notice, merchant, sign_in, work_off):
    strike = counted(notice, "M7")
    assert (strike.shop, strike.points, strike.number, points_of(shop)) == (shop, 24, notice.number, 26)
    entry = LedgerEntry.objects.filter(kind="strike.counted").latest("pk")
    assert (entry.payload["rule"], entry.payload["cause"]) == ("M7", notice.public_id)
    assert WHY not in str(entry.payload)
    work_off()
    letter = Letter.objects.get(template="points_counted", user=merchant)
    for said in (WHY, notice.number, "24 points", reverse("rule-version", args=["M7", 1])):
        assert said in letter.subject + letter.body
    client = sign_in(merchant)
    assert WHY in client.get(reverse("penalties:shop", args=[shop.public_id])).content.decode()
    answer = client.get(f"/api/v1/shop-standings/{shop.public_id}").json()
    assert {s["rule"]: s["reason"] for s in answer["strikes"]} == {"M4": "", "M7": WHY}


def test_what_the_points_lead_to_is_proposed_and_heard(notice):
    counted(notice, "M7")
    assert Penalty.objects.get(state="proposed", step_points=24).measure == "suspension"


def test_one_act_counts_once_under_each_rule(notice):
    strike = counted(notice)
    with pytest.raises(WrongState):
        counted(notice)
    counted(notice, "M7")
    points.take_back_by_hand(strike=strike, by=senior(), reason="They had written in time.")
    assert counted(notice).points == 4, "what was taken back may be counted again"


def test_they_stand_whatever_becomes_of_the_case_until_a_senior_takes_them_back(shop, notice, work_off):
    strike, case = counted(notice), notice.decision.complaint
    row = case.targets.get()
    complaints.decide_anew(complaint=case, by=staff(), appeal="apl_x", findings=[Found(row, False, "D3", "Genuine.")])
    work_off()
    assert points_of(shop) == 4
    points.take_back_by_hand(strike=strike, by=senior(), reason="They had written in time.")
    assert points_of(shop) == 0


@pytest.mark.parametrize(("said", "field"), [({"code": "M1"}, "rule"), ({"code": "C1"}, "rule"), ({"reason": " "}, "reason")])  # fmt: skip
def test_other_rules_and_no_reason_are_refused_by_their_field(notice, said, field):
    with pytest.raises(Invalid) as refused:
        counted(notice, **said)
    assert list(refused.value.errors) == [field]
    assert not Strike.objects.filter(cause=notice.public_id).exists()


def test_nobody_else_counts(merchant, notice, sign_in):
    of_the_merchant = senior()
    of_the_merchant.memberships.create(organisation=merchant.organisation, role=OrgRole.READER)
    for by in (staff(), of_the_merchant):
        with pytest.raises(Forbidden):
            counted(notice, by=by)
    address = reverse("admin:governance_strike_count")
    for method in (sign_in(staff()).get, sign_in(staff()).post):
        assert method(address).status_code == 403
    assert sign_in(merchant).get(address).status_code == 302
    listed = sign_in(staff()).get(reverse("admin:governance_strike_changelist")).content.decode()
    assert address not in listed


def test_seniors_count_on_a_page_that_names_the_case(shop, notice, sign_in):
    client, address = sign_in(senior()), reverse("admin:governance_strike_count")
    listed = client.get(reverse("admin:governance_strike_changelist")).content.decode()
    assert address in listed
    of_the_decision = Strike.objects.get()
    page = client.get(reverse("admin:governance_strike_review", args=[of_the_decision.public_id])).content.decode()
    assert f"{address}?about={notice.number}" in page
    form = client.get(f"{address}?about={notice.number}").content.decode()
    assert f'value="{notice.number}"' in form
    assert "M7" in form
    assert "M1:" not in form
    said = {"about": notice.number, "rule": "M9", "reason": WHY}
    for wrong in ({"about": "S-2026-999999"}, {"rule": "M1"}, {"reason": ""}):
        assert client.post(address, said | wrong).status_code == 422
    assert Strike.objects.count() == 1
    answer = client.post(address, said)
    assert answer.status_code == 302
    made = client.get(answer.url).content.decode()
    assert WHY in made
    assert notice.decision.complaint.number in made
    assert b"count for this notice already" in client.post(address, said).content

"""Appeals as people and programs meet them: pages of the appellant, the staff's workplace, the API."""

import json

import pytest

from accounts.roles import StaffRole
from core.models import LedgerEntry
from governance.appeals import services
from governance.models import Appeal, OutOfCourtBody
from tests.factories import member, staff
from tests.governance.helpers import GROUNDS, REASONS, appeal, held, stand, taken

pytestmark = pytest.mark.django_db


def text(answer):
    return answer.content.decode()


# --- the appellant ---------------------------------------------------------------------------------------


def test_from_the_notice_to_the_appeal(told, statement, merchant, sign_in, listings):
    browser = sign_in(merchant)
    notice = text(browser.get(f"/notices/{statement.public_id}/"))
    offered = f"/appeals/against/{statement.public_id}/"
    assert offered in notice
    assert "Possible until" in text(browser.get(offered, headers={"HX-Request": "true"}))
    form = f"{offered}new/"
    assert browser.get(offered)["Location"] == form
    link = told.targets.get(target=listings[0]).public_id
    sent = browser.post(form, {"grounds": GROUNDS, "links": [link]})
    case = Appeal.objects.get()
    assert sent["Location"] == f"/appeals/{case.public_id}/"
    assert [row.finding.complaint_target.target for row in case.links.all()] == [listings[0]]
    page = text(browser.get(sent["Location"]))
    assert GROUNDS.split("'")[0] in page
    assert "Somebody takes it up who did not make the decision." in page
    # A second time, by a second click or from the page that stayed open, leads to the first.
    assert browser.get(offered)["Location"] == sent["Location"]
    assert browser.post(form, {"grounds": GROUNDS, "links": [link]})["Location"] == sent["Location"]
    assert case.number in text(browser.get("/appeals/"))


def test_what_is_wrong_is_said_beside_its_field_and_changes_nothing(told, statement, merchant, sign_in):
    answer = sign_in(merchant).post(f"/appeals/against/{statement.public_id}/new/", {"grounds": "No."})
    assert answer.status_code == 422
    assert "at least 20 characters" in text(answer)
    assert "Choose at least one link." in text(answer)
    assert not Appeal.objects.exists()


def test_late_the_form_is_gone_and_the_page_says_so(told, statement, merchant, sign_in, stopped):
    stopped.advance(days=40)
    browser = sign_in(merchant)
    page = browser.get(f"/appeals/against/{statement.public_id}/new/")
    assert "The time for an appeal is over." in text(page)
    assert "<textarea" not in text(page)
    assert browser.post(f"/appeals/against/{statement.public_id}/new/", {"grounds": GROUNDS}).status_code == 409


def test_the_complainant_appeals_from_its_case(told, decision, holder, sign_in):
    page = text(sign_in(holder).get(f"/complaints/{told.public_id}/"))
    assert f"/appeals/against/{decision.public_id}/" in page


def test_supplement_and_withdrawal_by_pages(told, statement, merchant, second, sign_in):
    case = taken(statement.public_id, merchant, second)
    services.return_for_supplement(appeal=case, by=second, missing="The invoices of May.")
    browser = sign_in(merchant)
    assert "The invoices of May." in text(browser.get(f"/appeals/{case.public_id}/"))
    browser.post(f"/appeals/{case.public_id}/supplement/", {"text": "Here are the invoices."})
    case.refresh_from_db()
    assert case.state == "under_review"
    browser.post(f"/appeals/{case.public_id}/withdraw/")
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_a_stranger_sees_nothing_of_it(told, statement, merchant, sign_in):
    case = appeal(statement.public_id, merchant)
    browser = sign_in(member())
    for address in (
        f"/appeals/{case.public_id}/",
        f"/appeals/against/{statement.public_id}/",
        f"/api/v1/appeals/{case.public_id}",
    ):
        assert browser.get(address).status_code == 404
    assert case.number not in text(browser.get("/appeals/"))


# --- staff -----------------------------------------------------------------------------------------------


def at(case):
    return f"/admin/governance/appeal/{case.public_id}/review/"


def step(browser, case, name, **said):
    case.refresh_from_db()
    return browser.post(at(case), {"step": name, "since": case.state_since_at.isoformat(), **said})


def test_a_reviewer_takes_it_from_the_queue_and_decides(told, statement, merchant, second, sign_in, listings):
    case = appeal(statement.public_id, merchant)
    browser = sign_in(second)
    assert case.number in text(browser.get("/admin/governance/appeal/"))
    page = text(browser.get(at(case)))
    assert "The seams differ from the certificate." in page
    assert "Rui First" in page
    step(browser, case, "take")
    chosen = case.links.get(finding__complaint_target__target=listings[0])
    answer = step(browser, case, "decide", outcome="reverse", links=[str(chosen.pk)], rule="D3", reasons=REASONS)
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "partly_reversed"
    assert held(told) == {listings[1].pk}


def test_who_decided_first_is_told_that_somebody_else_has_to(told, statement, merchant, first, sign_in):
    case = appeal(statement.public_id, merchant)
    browser = sign_in(first)
    assert "Somebody else has to look at it." in text(browser.get(at(case)))
    assert step(browser, case, "take").status_code == 403
    case.refresh_from_db()
    assert case.state == "submitted"


def test_an_old_page_changes_nothing(told, statement, merchant, second, sign_in):
    case = appeal(statement.public_id, merchant)
    browser = sign_in(second)
    old = case.state_since_at.isoformat()
    services.withdraw(appeal=case, by=merchant)
    Appeal.objects.update(state_since_at="2026-03-03T12:00:01Z")
    assert browser.post(at(case), {"step": "take", "since": old}).status_code == 409


def test_a_reversal_without_a_rule_is_refused_with_its_field(told, statement, merchant, second, sign_in):
    case = taken(statement.public_id, merchant, second)
    answer = step(
        sign_in(second), case, "decide", outcome="reverse", links=[str(case.links.first().pk)], rule="", reasons="So."
    )
    assert answer.status_code == 422
    assert "Choose the rule" in text(answer)


def test_late_appeals_stand_in_the_queue_as_late(told, statement, merchant, second, sign_in, stopped):
    appeal(statement.public_id, merchant)
    stopped.advance(days=8)
    assert "late" in text(sign_in(second).get("/admin/governance/appeal/"))


# --- bodies outside --------------------------------------------------------------------------------------


@pytest.fixture
def body(db):
    return OutOfCourtBody.objects.create(name="Appeals Centre", regime="cn", certified_by="Coimisiún na Meán")


def test_a_body_outside_looks_at_it_and_what_it_finds_is_carried_out(
    told, statement, merchant, second, sign_in, stopped, body, listings
):
    case = taken(statement.public_id, merchant, second)
    stand(case, second)
    browser = sign_in(merchant)
    said = {"body": body.public_id, "reference": "AC-77", "referred_on": "2026-03-03"}
    assert browser.post(f"/appeals/{case.public_id}/refer/", said).status_code == 302
    stopped.advance(days=30)
    third = sign_in(staff())
    answer = step(
        third, case, "conclude", finding="for_appellant", found_on="2026-04-01", outcome="reverse", rule="D3",
        links=[str(link.pk) for link in case.links.all()], reasons="The body found the invoices genuine.",
    )  # fmt: skip
    assert answer.status_code == 302, text(answer)
    case.refresh_from_db()
    assert (case.state, case.referral.is_followed, held(told)) == ("concluded", True, set())
    assert "Appeals Centre" in text(browser.get(f"/appeals/{case.public_id}/"))


def test_a_body_that_is_not_followed_changes_nothing_but_is_recorded(told, statement, merchant, second, body):
    case = taken(statement.public_id, merchant, second)
    stand(case, second)
    services.refer(appeal=case, by=merchant, body=body, reference="AC-78", referred_on=case.created_at.date())
    before = held(told)
    services.conclude(
        appeal=case, by=second, finding="for_appellant", found_on=case.created_at.date(), is_followed=False,
        reasons="The invoices that the body saw were not those of these goods.",
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.state, held(told)) == ("concluded", before)


def test_administrators_keep_the_list_and_others_do_not(sign_in):
    said = {"name": "Forum", "regime": "eu", "certified_by": "Arcom", "is_active": "on", "website": "", "languages": ""}
    assert sign_in(staff()).post("/admin/governance/outofcourtbody/add/", said).status_code == 403
    sign_in(staff(StaffRole.ADMINISTRATOR)).post("/admin/governance/outofcourtbody/add/", said)
    kept = OutOfCourtBody.objects.get()
    assert LedgerEntry.objects.filter(subject=kept.public_id, kind="body.kept").exists()


# --- the API ---------------------------------------------------------------------------------------------


def post(browser, address, said, **headers):
    return browser.post(address, json.dumps(said), content_type="application/json", headers=headers)


def test_an_appeal_by_api_once(told, statement, merchant, sign_in):
    browser = sign_in(merchant)
    said = {"against": statement.public_id, "grounds": GROUNDS}
    one = post(browser, "/api/v1/appeals", said, **{"Idempotency-Key": "a"})
    two = post(browser, "/api/v1/appeals", said, **{"Idempotency-Key": "a"})
    assert one.status_code == two.status_code == 201
    assert one.json()["id"] == two.json()["id"] == Appeal.objects.get().public_id
    assert one.json()["next"]["whose"] == "The platform"
    again = post(browser, "/api/v1/appeals", said)
    assert (again.status_code, again.json()["code"]) == (409, "appealed_before")


def test_staff_decide_by_api(told, statement, merchant, second, first, sign_in):
    case = appeal(statement.public_id, merchant)
    refused = post(sign_in(first), f"/api/v1/appeals/{case.public_id}/take", {})
    assert refused.json()["code"] == "decided_the_first"
    browser = sign_in(second)
    assert post(browser, f"/api/v1/appeals/{case.public_id}/take", {}).status_code == 200
    said = {"is_reversed": True, "reasons": REASONS, "rule": "D3"}
    answer = post(browser, f"/api/v1/appeals/{case.public_id}/decide", said)
    assert answer.json()["state"] == "reversed", answer.json()
    assert held(told) == set()


@pytest.mark.parametrize(
    "said",
    [
        {}, {"against": "sor_1"}, {"against": "x", "grounds": "short"}, {"against": "", "grounds": GROUNDS},
        {"against": "cmp_\x00", "grounds": GROUNDS}, [], {"against": 5, "grounds": []},
    ],
)  # fmt: skip
def test_bad_bodies_are_refused_and_change_nothing(merchant, sign_in, said):
    answer = post(sign_in(merchant), "/api/v1/appeals", said)
    assert answer.status_code in (404, 422)
    assert answer.json()["code"]
    assert not Appeal.objects.exists()

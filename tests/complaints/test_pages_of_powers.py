"""An agency hands a power in, the holder confirms and revokes it, staff review it beside the paper: on pages and the API."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, PowerOfAttorney
from accounts.powers import services as powers
from accounts.powers.services import Days, Scope
from accounts.roles import OrgRole
from core import clock
from tests.accounts.build import OTHER_USCC, letters, scan
from tests.accounts.powers import a_power, an_agency, both
from tests.factories import FilingFactory, OrganisationFactory, member, staff

pytestmark = pytest.mark.django_db


def form(**said):
    today = clock.today()
    return {
        "number": OTHER_USCC, "country": "CN", "name": "Kontor", "email": "", "valid_from_on": today.isoformat(),
        "valid_until_on": (today + timedelta(days=60)).isoformat(), "rights": "", "document": scan(), **said,
    }  # fmt: skip


def test_from_the_request_to_the_end(sign_in):
    holder, agent = member(OrganisationFactory(uscc=OTHER_USCC)), member(an_agency())
    right = FilingFactory(organisation=holder.organisation)
    asking = sign_in(agent)
    said = form(rights=right.registration_number, infringements=["counterfeit"], scenes=["shop"])
    answer = asking.post("/powers/new/", said)
    power = PowerOfAttorney.objects.get()
    assert answer["Location"] == f"/powers/{power.public_id}/"
    assert power.rights == [right.public_id]
    page = asking.get(f"/powers/{power.public_id}/").content.decode()
    assert right.title in page
    assert "counterfeit goods" in page
    assert "confirm/" not in page, "only the rights holder confirms it"
    assert "/powers/" in letters("power_submitted")[0].body

    holding = sign_in(holder)
    assert agent.organisation.name in holding.get("/powers/").content.decode()
    holding.post(f"/powers/{power.public_id}/confirm/")
    reviewing = sign_in(staff())
    assert power.number in reviewing.get("/admin/accounts/powerofattorney/?state__exact=submitted").content.decode()
    review = f"/admin/accounts/powerofattorney/{power.public_id}/review/"
    assert power.documents.get().file.name in reviewing.get(review).content.decode()
    reviewing.post(review, {"step": "approve"})
    power.refresh_from_db()
    assert power.is_in_force()

    refused = holding.post(f"/powers/{power.public_id}/revoke/", {"reason": ""})
    assert refused.status_code == 422
    holding.post(f"/powers/{power.public_id}/revoke/", {"reason": "Another agency does this now."})
    power.refresh_from_db()
    assert power.state == "revoked"
    assert "Another agency does this now." in asking.get(f"/powers/{power.public_id}/").content.decode()


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"document": ""}, "document", "Attach the signed power"),
        ({"valid_until_on": "2020-01-01"}, "valid_until_on", "ends before it begins"),
        ({"rights": "12345"}, "rights", "is no right of this holder"),
        ({"number": "123"}, "number", "has 18 characters"),
        ({"number": OTHER_USCC, "name": ""}, "name", "required"),
        ({"scenes": ["moon"]}, "scenes", "moon"),
        ({"country": "XX"}, "country", "no country code"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_changes_nothing(sign_in, said, field, words):
    answer = sign_in(member(an_agency())).post("/powers/new/", form(**said))
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert not PowerOfAttorney.objects.exists()


def test_a_holder_grants_one_to_an_agency_by_its_reference(sign_in):
    holder, agency = member(), an_agency()
    browser = sign_in(holder)
    refused = browser.post("/powers/new/", form(number="O-1999-000001", document=""))
    assert "No verified agency" in refused.content.decode()
    browser.post("/powers/new/", form(number=agency.number, document=""))
    power = PowerOfAttorney.objects.get()
    assert (power.agency, power.confirmed_by) == (agency, holder)


@pytest.mark.parametrize(
    "who",
    [
        lambda: member(OrganisationFactory(kind=Organisation.Kind.MERCHANT)),
        lambda: member(role=OrgRole.MANAGER),
        lambda: member(an_agency(), role=OrgRole.COMPLAINANT),
    ],
)
def test_who_may_not_is_told_so(sign_in, who):
    browser = sign_in(who())
    assert browser.get("/powers/").status_code == 200
    assert browser.get("/powers/new/").status_code == 403
    assert browser.post("/api/v1/powers-of-attorney", form()).status_code == 403


def test_what_was_returned_is_mended_on_a_page(sign_in):
    _holder, agent, power = both(state="confirmed")
    review = f"/admin/accounts/powerofattorney/{power.public_id}/review/"
    sign_in(staff()).post(review, {"step": "return", "note": "The seal cannot be read."})
    browser = sign_in(agent)
    assert "The seal cannot be read." in browser.get(f"/powers/{power.public_id}/supplement/").content.decode()
    said = {"valid_from_on": power.valid_from_on, "valid_until_on": power.valid_until_on, "document": scan((1, 2, 3))}
    browser.post(f"/powers/{power.public_id}/supplement/", said)
    power.refresh_from_db()
    assert (power.state, power.confirmed_at, power.documents.count()) == ("submitted", None, 2)


def test_the_api_hands_in_once_and_revokes(sign_in):
    agent = member(an_agency())
    api = sign_in(agent)
    sent = []
    for _time in range(2):
        said = form(scenes=["shop"])
        del said["rights"]
        sent.append(api.post("/api/v1/powers-of-attorney", said, headers={"Idempotency-Key": "once"}))
    assert [answer.status_code for answer in sent] == [201, 201]
    power = sent[0].json()
    assert PowerOfAttorney.objects.get().public_id == power["id"] == sent[1].json()["id"]
    assert (power["scenes"], power["is_in_force"], len(power["documents"])) == (["shop"], False, 1)
    assert api.get("/api/v1/powers-of-attorney?state=submitted").json()["results"][0]["id"] == power["id"]
    address = f"/api/v1/powers-of-attorney/{power['id']}"
    assert api.post(f"{address}/confirm", content_type="application/json").status_code == 403
    refused = api.post(f"{address}/revoke", {}, content_type="application/json")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["reason"])
    gone = api.post(f"{address}/revoke", {"reason": "Sent by mistake."}, content_type="application/json").json()
    assert (gone["state"], gone["revoked_by_side"]) == ("revoked", "agency")


def test_the_list_asks_the_database_as_often_for_many(sign_in):
    holder, agent = member(), member(an_agency())
    a_power(holder, agent)
    browser = sign_in(agent)
    browser.get("/powers/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/powers/")
    for days in (10, 20, 40):
        a_power(holder, agent, days=days)
    with CaptureQueriesContext(connection) as many:
        browser.get("/powers/")
    assert len(many) == len(few)


def test_a_power_that_is_refused_leaves_no_holder_behind(sign_in):
    browser, before = sign_in(member(an_agency())), Organisation.objects.count()
    for address in ("/powers/new/", "/api/v1/powers-of-attorney"):
        answer = browser.post(address, form(valid_until_on="2020-01-01"))
        assert answer.status_code == 422
        assert Organisation.objects.count() == before


def test_neither_side_says_yes_to_what_it_did_not_see(sign_in):
    holder, agent, power = both(state="submitted", scope=Scope(scenes=("shop",)))
    page, review = f"/powers/{power.public_id}/", f"/admin/accounts/powerofattorney/{power.public_id}/review/"
    holding, reviewing = sign_in(holder), sign_in(staff())

    def seen(browser, address):
        (tag,) = set(re.findall(r'name="seen" value="([^"]+)"', browser.get(address).content.decode()))
        return {"seen": unescape(tag)}

    of_holder, of_staff = seen(holding, page), seen(reviewing, review)
    powers.return_power(power=power, by=staff(), missing="The last page.")
    days = Days(power.valid_from_on, power.valid_until_on + timedelta(days=900))
    powers.supplement_power(power=power, scope=Scope(), days=days, kept=[], by=agent)
    refused = holding.post(page + "confirm/", of_holder)
    assert (refused.status_code, "changed after you opened" in refused.content.decode()) == (409, True)
    refused = reviewing.post(review, {"step": "return", "note": "The seal."} | of_staff)
    assert (refused.status_code, "changed after you opened" in refused.content.decode()) == (409, True)
    power.refresh_from_db()
    assert (power.state, power.confirmed_at) == ("submitted", None)
    assert holding.post(page + "confirm/", seen(holding, page)).status_code == 302
    reviewing.post(review, {"step": "approve"} | seen(reviewing, review))
    power.refresh_from_db()
    assert power.state == "approved"

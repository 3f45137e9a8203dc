"""Over the API a brand says what to look for and answers what it is asked; a merchant reads what was found."""

import pytest

from patrol import services
from patrol.models import BrandAnswer, WatchProfile
from tests.complaints.test_wizard import png
from tests.factories import FilingFactory, ListingFactory, OrganisationFactory, ShopFactory, member, staff
from tests.patrol.build import FACTS, a_candidate, a_finding, a_profile

pytestmark = pytest.mark.django_db
BASE = "/api/v1/watch-profiles"


@pytest.fixture
def holder():
    return member()


@pytest.fixture
def api(sign_in, holder):
    return sign_in(holder)


def post(api, path, body=None, **headers):
    return api.post(path, body or {}, content_type="application/json", headers=headers)


def patch(api, path, body):
    return api.patch(path, body, content_type="application/json")


def right_of(holder, **fields):
    return FilingFactory(organisation=holder.organisation, created_by=holder, **fields)


def test_a_right_is_watched_changed_and_stepped_over_the_api(api, holder):
    right = right_of(holder, title="Kivorro", kind="publishing")
    made = post(api, BASE, {"filing": right.public_id, "code_words": ["大嘴猴家"], "list_price": "39.80"})
    assert made.status_code == 201, made.content
    said = made.json()
    assert (said["names"], said["code_words"], said["kind"], said["state"]) == (
        ["Kivorro"],
        ["大嘴猴家"],
        "book",
        "draft",
    )
    assert set(said["available_actions"]) == {"start", "end"}
    path = f"{BASE}/{said['id']}"
    changed = patch(api, path, {"version": said["version"], "names": ["Kivorro", "凯沃罗"], "price_floor": "20.00"})
    assert (changed.json()["names"], changed.json()["price_floor"]) == (["Kivorro", "凯沃罗"], "20.00")
    stale = patch(api, path, {"version": said["version"], "names": ["Other"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    for step, state in [("start", "watching"), ("pause", "paused"), ("end", "ended"), ("begin-again", "draft")]:
        assert post(api, f"{path}/{step}").json()["state"] == state
    assert post(api, f"{path}/pause").status_code == 409
    [listed] = api.get(f"{BASE}?kind=book&state=draft").json()["results"]
    assert (listed["id"], listed["filing"]) == (said["id"], right.public_id)
    assert api.get(f"{BASE}?state=watching").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"names": ["a"]}, "names"),
        ({"list_price": "10", "price_floor": "20"}, "price_floor"),
        ({"isbn": "978-0-00"}, "isbn"),
        ({"kind": "shoe"}, "kind"),
        ({"filing": "flg_" + "0" * 26}, "filing"),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_makes_nothing(api, holder, body, field):
    refused = post(api, BASE, {"filing": right_of(holder, kind="publishing").public_id, **body})
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert list(refused.json()["errors"]) == [field]
    assert not WatchProfile.objects.exists()


def test_a_foreign_right_is_refused_like_an_unknown_one(api, holder):
    refused = [post(api, BASE, {"filing": i}) for i in (FilingFactory().public_id, "flg_" + "0" * 26)]
    assert refused[0].status_code == 422
    assert refused[0].json() == refused[1].json()


def test_a_repeated_key_makes_one_profile_and_one_picture(api, holder):
    body, key = {"filing": right_of(holder).public_id}, {"Idempotency-Key": "k1"}
    first, again = post(api, BASE, body, **key), post(api, BASE, body, **key)
    assert (first.status_code, first.json()) == (201, again.json())
    path = f"{BASE}/{first.json()['id']}/pictures"
    for _ in range(2):
        sent = api.post(path, {"picture": png(), "is_cover": "true"}, headers={"Idempotency-Key": "k2"})
        assert sent.status_code == 201, sent.content
    [picture] = sent.json()["pictures"]
    assert picture["is_cover"] is True
    assert api.get(picture["url"]).status_code == 200
    assert api.post(path, {"picture": png()}).json()["errors"].keys() == {"picture"}
    assert api.delete(f"{path}/{picture['id']}").status_code == 204
    assert api.delete(f"{path}/{picture['id']}").status_code == 404


def test_shops_may_sell_or_not_and_it_is_taken_back(api, holder):
    path = f"{BASE}/{a_profile(holder).public_id}/shops"
    shop = ShopFactory()
    said = post(api, path, {"shops": [shop.url], "is_authorised": False, "note": "ended"}).json()["shops"]
    assert [(s["id"], s["is_authorised"], s["note"]) for s in said] == [(shop.public_id, False, "ended")]
    wrong = post(api, path, {"shops": ["no link", ListingFactory().url]})
    assert (wrong.status_code, len(wrong.json()["errors"]["shops"])) == (422, 2)
    assert api.delete(f"{path}/{shop.public_id}").status_code == 204
    assert api.delete(f"{path}/{shop.public_id}").status_code == 404


def test_a_reader_and_a_merchant_change_nothing(sign_in, holder):
    path = f"{BASE}/{a_profile(holder).public_id}"
    reader = sign_in(member(holder.organisation, role="reader"))
    assert reader.get(path).json()["available_actions"] == []
    assert post(reader, f"{path}/pause").status_code == 403
    assert post(sign_in(member()), f"{path}/pause").status_code == 404


def test_a_brand_sees_what_it_is_asked_and_answers_once(api, holder, sign_in):
    profile = a_profile(holder)
    asked, own_business = a_candidate(profile), a_candidate(profile)
    services.ask_brand(candidate=asked, by=staff())
    [listed] = api.get("/api/v1/candidates?state=asked").json()["results"]
    assert listed["id"] == asked.public_id
    assert not {"score", "signals"} & listed.keys()
    assert api.get(f"/api/v1/candidates/{own_business.public_id}").status_code == 404
    path = f"/api/v1/candidates/{asked.public_id}"
    assert api.get(path).json()["available_actions"] == ["answer"]
    assert list(post(api, f"{path}/answer", {"verdict": "perhaps"}).json()["errors"]) == ["verdict"]
    said = {"verdict": "genuine", "note": "The lot is ours."}
    for _ in range(2):
        answered = post(api, f"{path}/answer", said, **{"Idempotency-Key": "a1"})
        assert (answered.status_code, answered.json()["state"]) == (200, "open")
    assert BrandAnswer.objects.count() == 1
    assert answered.json()["answers"][0]["note"] == "The lot is ours."
    assert post(api, f"{path}/answer", said).status_code == 409
    assert post(sign_in(member()), f"{path}/answer", said).status_code == 404


def test_a_merchant_reads_its_statement_of_reasons_and_its_reversal(sign_in):
    merchant = member(OrganisationFactory(kind="merchant"))
    listing = ListingFactory(shop=ShopFactory(operator=merchant.organisation))
    finding = a_finding(a_candidate(None, listing))
    a_finding()
    api = sign_in(merchant)
    [listed] = api.get("/api/v1/findings").json()["results"]
    assert (listed["id"], listed["is_reversed"], listed["target"]) == (finding.public_id, False, listing.public_id)
    said = api.get(f"/api/v1/findings/{finding.public_id}").json()
    assert (said["facts"], said["rule"]["code"], said["is_held"], said["reversal"]) == (FACTS, "U1", True, "")
    assert said["offer"]["title"] == listing.title
    assert said["ground"]
    assert said["redress"]
    services.reverse(candidate=finding.candidate, by=staff("senior_reviewer"), reason="It is genuine.")
    assert api.get(f"/api/v1/findings/{finding.public_id}").json()["reversal"] == "It is genuine."
    assert api.get("/api/v1/findings?is_reversed=false").json()["results"] == []
    assert sign_in(finding.candidate.profile.filing.created_by).get("/api/v1/findings").json()["results"] == []

"""The API does what the pages do: complain, follow, supplement, withdraw, decide, read notices."""

import pytest

from complaints import services
from complaints.models import Complaint
from complaints.services import Found
from marketplace.models import Enforcement
from tests.complaints.test_wizard import png
from tests.factories import FilingFactory, ListingFactory, complaint, member, merchant_of, staff

pytestmark = pytest.mark.django_db
URL = "/api/v1/complaints"


@pytest.fixture
def holder():
    return member(name="Ada Holder")


@pytest.fixture
def api(sign_in, holder):
    return sign_in(holder)


@pytest.fixture
def right(holder):
    return FilingFactory(organisation=holder.organisation, created_by=holder)


def body(right, *targets, **changes):
    return {
        "right": right.public_id,
        "infringement": "counterfeit",
        "links": [t.url for t in targets],
        "description": "The seams differ from ours and the label has no number.",
        "signature": "Ada Holder",
        "good_faith": True,
    } | changes


def post(client, path, data=None, **headers):
    return client.post(path, data or {}, content_type="application/json", headers=headers)


def test_a_complaint_is_submitted_and_says_what_is_next(api, right):
    listing = ListingFactory()
    answer = post(api, URL, body(right, listing))
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert made["state"] == "submitted"
    assert made["available_actions"] == ["withdraw"]
    assert made["next"]["whose"] == "The platform"
    assert api.get(f"{URL}/{made['id']}").json() == made
    link = api.get(f"{URL}/{made['id']}/links").json()[0]
    assert link["target"] == listing.public_id
    assert link["standing"]["label"] == "up"
    assert "Ada Holder" not in answer.content.decode()


def test_evidence_is_handed_in_first_and_named_in_the_complaint(api, right):
    file = api.post("/api/v1/evidence", {"file": png()})
    assert file.status_code == 201
    made = post(api, URL, body(right, ListingFactory(), evidence=[file.json()["id"]]))
    assert made.status_code == 201
    assert Complaint.objects.get().evidence.count() == 1


def test_a_replayed_key_brings_the_same_answer_and_another_body_is_refused(api, right):
    sent = body(right, ListingFactory())
    first = post(api, URL, sent, **{"Idempotency-Key": "k1"})
    again = post(api, URL, sent, **{"Idempotency-Key": "k1"})
    other = post(api, URL, sent | {"description": "Something else that is long enough."}, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert other.json()["code"] == "idempotency_key_reused"
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"links": ["https://elsewhere.example/1"]}, "links"),
        ({"links": []}, "links"),
        ({"links": ["https://x.example/"] * 501}, "links"),
        ({"links": "https://x.example/"}, "links"),
        ({"infringement": "pirated_book"}, "infringement"),
        ({"infringement": "nonsense"}, "infringement"),
        ({"description": "short"}, "description"),
        ({"description": "nul\x00 byte in a text that is long enough"}, "description"),
        ({"description": "turned \u202e round in a text that is long enough"}, "description"),
        ({"good_faith": False}, "good_faith"),
        ({"signature": ""}, "signature"),
        ({"right": "flg_" + "0" * 26}, "right"),
        ({"evidence": ["fil_" + "0" * 26]}, "evidence"),
    ],
)
def test_each_fault_is_named_by_its_field_and_nothing_is_written(api, right, change, field):
    answer = post(api, URL, body(right, ListingFactory()) | change)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert any(name.split(".")[0] == field for name in answer.json()["errors"]), answer.json()
    assert not Complaint.objects.exists()


def test_ten_megabytes_of_text_are_refused_unread(api, right):
    answer = post(api, URL, body(right, ListingFactory(), description="x" * 10_000_000))
    assert answer.status_code == 413
    assert not Complaint.objects.exists()


def test_a_complaint_runs_from_door_to_withdrawal(api, right, sign_in):
    made = post(api, URL, body(right, ListingFactory(), ListingFactory())).json()
    path = f"{URL}/{made['id']}"
    reviewer = sign_in(staff())
    assert post(reviewer, f"{path}/return", {"missing": "A photograph."}).json()["state"] == "returned"
    assert post(api, f"{path}/supplement", {"text": "It says 2019 on the label."}).json()["state"] == "submitted"
    assert post(reviewer, f"{path}/accept").json()["state"] == "accepted"
    links = reviewer.get(f"{path}/links").json()
    findings = [
        {"link": links[0]["id"], "upheld": True, "rule": "U1", "facts": "A copy."},
        {"link": links[1]["id"], "upheld": False, "rule": "D3", "facts": "Genuine."},
    ]
    decided = post(reviewer, f"{path}/decide", {"findings": findings})
    assert decided.json()["state"] == "upheld"
    assert len(decided.json()["decisions"]) == 1
    assert Enforcement.objects.get().desired == "down"
    assert post(api, f"{path}/withdraw", {"links": [links[0]["id"]]}).json()["state"] == "withdrawn"
    assert Enforcement.objects.get().desired == "up"


def test_a_decision_names_every_link_and_a_fitting_rule(api, holder, sign_in):
    case, by = complaint(ListingFactory(), ListingFactory(), by=holder), staff()
    services.accept(complaint=case, by=by)
    reviewer, path = sign_in(by), f"{URL}/{case.public_id}/decide"
    one = case.targets.first().public_id
    finding = {"link": one, "upheld": True, "rule": "U1", "facts": "A copy."}
    for findings in (
        [],
        [finding],
        [finding | {"rule": "D1"}],
        [finding | {"rule": "X9"}],
        [finding | {"link": "ctg_x"}],
    ):
        assert post(reviewer, path, {"findings": findings}).status_code == 422
    assert post(reviewer, path, {"findings": [finding, finding]}).status_code in (409, 422)
    case.refresh_from_db()
    assert case.state == "accepted"


@pytest.mark.parametrize("step", ["accept", "return", "reject", "decide"])
def test_only_reviewers_take_the_steps_of_staff(api, holder, step):
    case = complaint(by=holder)
    sent = {"missing": "x", "reason": "x", "findings": [{"link": "x", "upheld": True, "rule": "U1", "facts": "x"}]}
    assert post(api, f"{URL}/{case.public_id}/{step}", sent).status_code in (403, 422)
    case.refresh_from_db()
    assert case.state == "submitted"


def test_a_step_too_late_is_a_conflict(holder, sign_in):
    case = complaint(by=holder)
    reviewer = sign_in(staff())
    assert post(reviewer, f"{URL}/{case.public_id}/accept").status_code == 200
    late = post(reviewer, f"{URL}/{case.public_id}/accept")
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")


def test_a_foreign_case_looks_like_one_that_does_not_exist(holder, sign_in):
    case, stranger = complaint(by=holder), sign_in(member())
    unknown = "cmp_" + "0" * 26
    for tail in ("", "/links"):
        foreign, nothing = stranger.get(f"{URL}/{case.public_id}{tail}"), stranger.get(f"{URL}/{unknown}{tail}")
        assert foreign.status_code == nothing.status_code == 404
        assert foreign.content == nothing.content
    for step in ("supplement", "withdraw"):
        assert post(stranger, f"{URL}/{case.public_id}/{step}", {"text": "x"}).status_code == 404
    assert stranger.get(URL).json()["results"] == []


def test_nobody_gets_in_without_signing_in(client):
    for path in (URL, "/api/v1/notices"):
        assert client.get(path).status_code in (401, 403)


def test_the_list_is_filtered_and_has_a_constant_number_of_queries(api, holder, django_assert_max_num_queries):
    cases = [complaint(by=holder) for _ in range(6)]
    services.withdraw(complaint=cases[0], by=holder)
    found = api.get(URL, {"state": "withdrawn"}).json()["results"]
    assert [c["id"] for c in found] == [cases[0].public_id]
    with django_assert_max_num_queries(8):
        assert len(api.get(URL).json()["results"]) == 6


def test_a_merchant_reads_its_notices(holder, sign_in):
    case, by = complaint(by=holder), staff()
    services.accept(complaint=case, by=by)
    findings = [Found(target=ct, upheld=True, rule="U1", facts="A copy.") for ct in case.targets.all()]
    statement = services.decide(complaint=case, by=by, findings=findings).statements.get()
    merchant = sign_in(merchant_of(statement.shop))
    assert [n["id"] for n in merchant.get("/api/v1/notices").json()["results"]] == [statement.public_id]
    told = merchant.get(f"/api/v1/notices/{statement.public_id}").json()
    assert told["links"][0]["finding"]["facts"] == "A copy."
    assert told["first_read_at"]
    assert "Ada Holder" not in str(told)


def test_the_description_of_the_api_is_openapi_3_1_and_names_every_operation(client):
    import json

    answer = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    described = json.loads(answer.content)
    assert described["openapi"].startswith("3.1")
    for path in ("/api/v1/complaints", "/api/v1/complaints/{public_id}/decide", "/api/v1/marketplace/events"):
        assert path in described["paths"]

"""`POST /api/v1/marketplace/events`: signed, capped while it is read, and answered event by event."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from core import clock
from marketplace.models import Marketplace, Target

pytestmark = pytest.mark.django_db
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBtYWxsIGZvciB0ZXN0cw=="
NEW_SECRET = "whsec_YSBuZXdlciBzZWNyZXQgb2YgdGhlIG1hbGwgZm9yIHRlc3Rz"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "/api/v1/marketplace/events"


@pytest.fixture(autouse=True)
def stopped():
    with clock.frozen(NOW) as stopped:
        yield stopped


@pytest.fixture
def mall(db):
    return Marketplace.objects.create(slug="mall", name="Mall", connector="demo", inbound_secret=SECRET)


def event(number, **data):
    return {
        "id": f"e{number}",
        "type": "listing.upserted",
        "occurred_at": NOW.isoformat(),
        "data": {"external_id": str(number), "title": f"Shoe {number}", **data},
    }


def send(client, body, *, secret=SECRET, slug="mall", at=NOW, message_id="msg_1", **headers):
    text = body if isinstance(body, str) else json.dumps(body)
    signed = {
        "ippro-marketplace": slug,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, text),
    }
    return client.post(URL, text, content_type="application/json", headers={**signed, **headers})


def test_signed_events_are_taken_in_one_by_one(client, mall):
    answer = send(client, {"events": [event(1), event(2, price="cheap"), event(1)]})
    assert answer.status_code == 200
    assert [(r["id"], r["status"]) for r in answer.json()["results"]] == [
        ("e1", "applied"),
        ("e2", "rejected"),
        ("e1", "duplicate"),
    ]
    assert "price" in answer.json()["results"][1]["detail"]
    assert Target.objects.get().title == "Shoe 1"


def signed_with_the_call(body, *, path=URL, method="POST", secret=SECRET):
    text = json.dumps(body)
    signature = Webhook(secret).sign("msg_1", NOW, f"{method} {path}.{text}")
    return {"webhook-signature": signature.replace("v1,", "v2,", 1)}


def test_the_second_version_covers_the_call_too(client, mall):
    body = {"events": [event(1)]}
    assert send(client, body, **signed_with_the_call(body)).status_code == 200
    assert Target.objects.get().title == "Shoe 1"
    for wrong in (
        {"path": "/api/v1/marketplace/precheck"}, {"path": f"{URL}?x=1"}, {"method": "GET"}, {"secret": NEW_SECRET},
    ):  # fmt: skip
        assert send(client, body, **signed_with_the_call(body, **wrong)).status_code == 401, wrong
    # What was signed with its call is no signature of the body alone.
    bare = signed_with_the_call(body)["webhook-signature"].replace("v2,", "v1,", 1)
    assert send(client, body, **{"webhook-signature": bare}).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": NEW_SECRET},
        {"slug": "nobody"},
        {"slug": ""},
        {"at": NOW - timedelta(minutes=6)},
        {"at": NOW + timedelta(minutes=6)},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "noon"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "nan"},
    ],
)
def test_whatever_is_wrong_with_the_signature_looks_the_same(client, mall, wrong):
    unknown = send(client, {"events": [event(1)]}, slug="unknown")
    answer = send(client, {"events": [event(1)]}, **wrong)
    assert answer.status_code == unknown.status_code == 401
    assert answer.content == unknown.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Target.objects.exists()


def test_a_marketplace_that_is_disconnected_or_has_no_secret_is_refused(client, mall):
    Marketplace.objects.update(is_enabled=False)
    assert send(client, {"events": []}).status_code == 401
    Marketplace.objects.create(slug="open", name="Open", connector="demo")
    assert send(client, {"events": []}, slug="open").status_code == 401


def test_two_secrets_count_while_one_replaces_the_other(client, mall):
    mall.inbound_secret = f"{NEW_SECRET} {SECRET}"
    mall.save()
    assert send(client, {"events": []}).status_code == 200
    assert send(client, {"events": []}, secret=NEW_SECRET).status_code == 200


def test_old_and_new_signature_may_stand_side_by_side(client, mall):
    text = '{"events": []}'
    both = f"v1,AAAA {Webhook(SECRET).sign('msg_1', NOW, text)}"
    assert send(client, text, **{"webhook-signature": both}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[" * 100_000, 400),
        ('{"events": [NaN]}', 400),
        ("9" * 10_000, 400),
        ("[]", 422),
        ("{}", 422),
        ('{"events": {}}', 422),
        ({"events": [{}] * 1001}, 422),
    ],
)
def test_a_malformed_body_is_a_problem_and_nothing_is_written(client, mall, body, status):
    answer = send(client, body)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"]
    assert not Target.objects.exists()


def test_a_full_batch_larger_than_a_form_is_taken_in(client, mall, settings):
    events = [event(i, description="words " * 1000) for i in range(1000)]
    assert len(json.dumps({"events": events})) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    answer = send(client, {"events": events})
    assert answer.status_code == 200
    assert {r["status"] for r in answer.json()["results"]} == {"applied"}


def test_a_body_over_the_limit_is_refused_unread(client, mall, settings):
    settings.MAX_EVENTS_BODY_BYTES = 1000
    answer = send(client, {"events": [event(1, title="x" * 1000)]})
    assert answer.status_code == 413
    assert "1000" in answer.json()["title"]


def test_other_methods_are_not_allowed(client, mall):
    assert client.get(URL).status_code == 405


def test_an_id_with_half_of_a_character_is_answered_as_it_came(client, mall):
    answer = send(client, json.dumps({"events": [event(1) | {"id": "\ud800"}, event(2)]}))
    assert [(r["id"], r["status"]) for r in answer.json()["results"]] == [("\ud800", "rejected"), ("e2", "applied")]

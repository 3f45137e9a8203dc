"""Every POST of the API can be repeated, and every PATCH says what it is based on: walked over its description."""

import re

import pytest
from drf_spectacular.generators import SchemaGenerator

from accounts.api_keys.scopes import SCOPES
from core import clock
from core.api import IdempotentPosts
from core.models import IdempotencyKey
from core.preconditions import Tagged
from tests.factories import FilingFactory, an_original, member
from tests.patrol.sampling import a_profile
from tests.test_keys_open_what_their_scopes_say import NOWHERE, keyed, operations

pytestmark = pytest.mark.django_db


def each(method):
    return [(path, said) for found, path, said in operations() if found == method]


def to(path):
    return re.sub(r"\{\w+\}", NOWHERE, path)


def test_every_post_takes_an_idempotency_key(client):
    """Public ones have no caller whose key it could be: they look something up, or each event has an id of its own."""
    by = member()
    _row, key = keyed(*SCOPES, by=by)
    IdempotencyKey.objects.create(user=by, key="k", request_hash="", status=200, body={}, created_at=clock.now())
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}
    for path, said in each("post"):
        name = said["operationId"]
        assert "Idempotency-Key" in {p["name"] for p in said["parameters"]}, name
        kind = next(iter(said.get("requestBody", {}).get("content", {"application/json": {}})))
        body = {} if kind == "multipart/form-data" else "{}"
        sent = {} if kind == "multipart/form-data" else {"content_type": "application/json"}
        answer = client.post(to(path), body, headers=headers, **sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused"), name


def test_no_key_is_promised_where_nobody_keeps_it():
    """Calls that a marketplace signs are no person's; a client that trusts the description does not repeat them by itself."""
    described = SchemaGenerator().get_schema(request=None, public=True)
    signed = [
        said for methods in described["paths"].values() for said in methods.values()
        if "webhook-signature" in {p["name"] for p in said.get("parameters", ())}
    ]  # fmt: skip
    assert len(signed) > 5
    for said in signed:
        assert "Idempotency-Key" not in {p["name"] for p in said["parameters"]}, said["operationId"]


def test_a_post_that_is_repeated_is_answered_from_memory(client):
    from tests.complaints.test_wizard import png

    _row, key = keyed("complaints:write")
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "upload-1"}
    first, again = (client.post("/api/v1/evidence", {"file": png()}, headers=headers) for _n in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"


def test_every_change_says_what_it_is_based_on(client):
    _row, key = keyed(*SCOPES)
    headers = {"Authorization": f"Bearer {key}"}
    assert each("patch")
    for path, said in each("patch"):
        assert "If-Match" in {p["name"] for p in said["parameters"]}, said["operationId"]
        assert {"412", "428"} <= set(said["responses"])
        answer = client.patch(to(path), "{}", "application/json", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required"), said["operationId"]
    assert not [v for v in _viewsets() if hasattr(v, "partial_update") and not issubclass(v, Tagged)]


def _viewsets(of=None):
    for kind in (of or IdempotentPosts).__subclasses__():
        yield kind
        yield from _viewsets(kind)


THINGS = {
    "filings": (lambda by: FilingFactory(organisation=by.organisation, created_by=by, state="draft"), {"title": "NEW"}),
    "originals": (an_original, {"title": "NEW"}),
    "watch-profiles": (lambda by: a_profile(by), {"name": "NEW"}),
}


@pytest.mark.parametrize("kind", THINGS)
def test_nobody_changes_what_they_have_not_seen(kind, sign_in):
    build, change = THINGS[kind]
    by = member()
    path = f"/api/v1/{kind}/{build(by).public_id}"
    browser = sign_in(by)

    def patch(body, tag):
        return browser.patch(path, body, "application/json", headers={"If-Match": tag})

    seen = browser.get(path)["ETag"]
    assert seen == browser.get(path)["ETag"]
    changed = patch(change, seen)
    assert changed.status_code == 200, changed.content
    assert changed["ETag"] == browser.get(path)["ETag"] != seen
    stale = patch({next(iter(change)): "OLD"}, seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert browser.get(path).json()[next(iter(change))] == "NEW"
    assert patch(change, "*").status_code == 200
    for unreadable in ("[]", "7", '"version"', "null"):
        assert browser.patch(path, unreadable, "application/json").status_code == 428
    without = browser.patch(path, {"version": 1}, "application/json").status_code
    assert without == (428 if kind == "originals" else 409)

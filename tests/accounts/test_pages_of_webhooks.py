"""Administrators see and steer where events go, on pages and over the API."""

import re

import pytest

from accounts.tasks import send_webhooks
from accounts.webhooks import services
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from core import fetch
from core.models import IdempotencyKey
from tests.accounts.receiving import ADDRESS, Receiver, an_endpoint
from tests.factories import member

pytestmark = pytest.mark.django_db
PAGES, API = "/organisation/webhooks/", "/api/v1/webhooks"


@pytest.fixture
def receiver(monkeypatch):
    found = Receiver()
    monkeypatch.setattr(fetch, "post", found.post)
    monkeypatch.setattr(fetch, "check", lambda url, **rest: None)
    return found


@pytest.fixture
def by():
    return member()


@pytest.fixture
def browser(by, sign_in, receiver):
    return sign_in(by)


def test_an_address_is_added_tested_and_looked_after(browser, receiver):
    made = browser.post(f"{PAGES}new/", {"url": ADDRESS, "events": ["complaint.decided", "link.settled"]})
    secret = re.search(r"whsec_[\w+/=]+", made.content.decode())[0]
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secret == secret
    here = f"{PAGES}{endpoint.public_id}/"
    for page in (PAGES, here):
        assert secret not in browser.get(page).content.decode()
    receiver.answers = [503]
    assert browser.post(f"{here}test/").status_code == 302
    send_webhooks()
    message = WebhookDelivery.objects.get()
    page = browser.get(f"{here}messages/{message.public_id}/").content.decode()
    assert "503" in page
    assert "thanks" in page
    assert message.public_id in page
    assert secret not in page
    browser.post(f"{here}switch/", {"is_on": "no"})
    assert "switched off" in browser.get(PAGES).content.decode()
    browser.post(f"{here}switch/", {"is_on": "yes"})
    new = re.search(r"whsec_[\w+/=]+", browser.post(f"{here}rotate/", {"overlap_hours": "24"}).content.decode())[0]
    assert new != secret
    browser.post(f"{here}change/", {"url": ADDRESS, "events": ["appeal.decided"]})
    endpoint.refresh_from_db()
    assert (endpoint.events, endpoint.secrets()) == (["appeal.decided"], [new, secret])
    browser.post(f"{here}remove/")
    assert browser.get(here).status_code == 404


def test_a_message_is_sent_again_from_its_page(browser, by):
    endpoint = an_endpoint(by)
    message = services.send_test(endpoint=endpoint, by=by)
    send_webhooks()
    assert browser.post(f"{PAGES}{endpoint.public_id}/messages/{message.public_id}/again/").status_code == 302
    assert send_webhooks() == 1


def test_what_is_wrong_stands_by_its_field(by, sign_in):
    answer = sign_in(by).post(f"{PAGES}new/", {"url": "https://127.0.0.1/", "events": ["complaint.decided"]})
    assert answer.status_code == 422
    assert "begin with https://" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("role", ["manager", "complainant", "reader"])
def test_only_administrators_see_it(by, receiver, sign_in, role):
    endpoint = an_endpoint(by)
    colleague = sign_in(member(by.organisation, role=role))
    for path in (PAGES, f"{PAGES}new/", f"{PAGES}{endpoint.public_id}/", API, f"{API}/{endpoint.public_id}"):
        assert colleague.get(path).status_code == 403, path


def test_programs_do_the_same(browser, receiver):
    def post(path, body=None, **headers):
        return browser.post(f"{API}{path}", body or {}, content_type="application/json", headers=headers)

    said = {"url": ADDRESS, "events": ["complaint.decided"]}
    made = post("", said, **{"Idempotency-Key": "1"})
    assert made.status_code == 201, made.content
    assert made.json()["secret"] == WebhookEndpoint.objects.get().secret
    again = post("", said, **{"Idempotency-Key": "1"})
    assert (again.status_code, again.json()["id"], again.json()["secret"]) == (201, made.json()["id"], None)
    assert "whsec" not in str(IdempotencyKey.objects.values_list("body"))
    path = f"/{made.json()['id']}"
    seen = browser.get(API + path)
    assert "secret" not in seen.json()
    changed = browser.patch(API + path, {"is_on": False}, "application/json", headers={"If-Match": seen["ETag"]})
    assert changed.json()["is_on"] is False
    assert post(f"{path}/test").status_code == 409
    browser.patch(API + path, {"is_on": True}, "application/json", headers={"If-Match": changed["ETag"]})
    message = post(f"{path}/test").json()
    send_webhooks()
    [listed] = browser.get(f"{API}{path}/messages").json()["results"]
    assert (listed["id"], listed["state"]) == (message["id"], "delivered")
    one = browser.get(f"{API}{path}/messages/{message['id']}").json()
    assert one["tries"][0]["status"] == 204
    assert post(f"{path}/messages/{message['id']}/again").json()["state"] == "waiting"
    assert post(f"{path}/rotate-secret", {"overlap_hours": 24}).json()["secret"].startswith("whsec_")
    assert browser.delete(API + path).status_code == 204
    assert browser.get(API).json()["results"] == []


def test_an_address_that_may_not_be_called_is_refused_by_its_field(by, sign_in):
    answer = sign_in(by).post(API, {"url": "http://10.0.0.1/", "events": ["complaint.decided"]}, "application/json")
    assert answer.status_code == 422
    assert "url" in answer.json()["errors"]

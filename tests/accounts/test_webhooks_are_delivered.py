"""Events reach the systems of organisations: signed, once they happen, until they are taken in or given up visibly."""

import json

import pytest
from standardwebhooks import Webhook

from accounts.tasks import forget_webhooks, send_webhooks
from accounts.webhooks import sending, services
from accounts.webhooks.events import TEST, Event
from accounts.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from complaints.services import accept
from core import fetch, ledger, signatures
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.models import LedgerEntry, Letter
from core.pace import TooOften
from tests.accounts.receiving import ADDRESS, Receiver, an_endpoint
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(stopped):
    return member()


@pytest.fixture
def receiver(monkeypatch):
    found = Receiver()
    monkeypatch.setattr(fetch, "post", found.post)
    monkeypatch.setattr(fetch, "check", lambda url, **rest: None)
    return found


def happened(by, work_off):
    case = complaint(by=by)
    accept(complaint=case, by=staff())
    work_off()
    return case


def test_what_happens_to_a_case_is_sent_signed_and_names_nobody(by, receiver, work_off):
    endpoint, case = an_endpoint(by), happened(by, work_off)
    assert send_webhooks() == 1
    [sent] = receiver.sent
    said = json.loads(sent["body"])
    assert said["type"] == "complaint.accepted"
    assert said["timestamp"].endswith("Z")
    assert said["data"] == {
        "kind": "complaint", "id": case.public_id, "number": case.number, "state": "accepted",
    }  # fmt: skip
    assert sent["url"] == ADDRESS
    assert signatures.is_signed(endpoint.secret, _as_headers(sent), sent["body"].encode())
    assert not signatures.is_signed(signatures.new_secret(), _as_headers(sent), sent["body"].encode())
    assert WebhookDelivery.objects.get().state == "delivered"


def _as_headers(sent):
    return {name.title(): value for name, value in sent["headers"].items()}


def test_only_who_is_a_party_and_wants_it_is_told(by, receiver, work_off):
    an_endpoint(member())
    an_endpoint(by, events=["complaint.decided"])
    happened(by, work_off)
    assert send_webhooks() == 0
    assert not WebhookDelivery.objects.exists()


def test_the_usual_library_verifies_what_comes(by, receiver, work_off):
    from core import clock

    with clock.frozen(clock.datetime.now(clock.UTC)):
        endpoint = an_endpoint(by)
        services.send_test(endpoint=endpoint, by=by)
        send_webhooks()
    [sent] = receiver.sent
    assert Webhook(endpoint.secret).verify(sent["body"], sent["headers"])["type"] == TEST


def test_what_is_not_taken_in_is_tried_again_later_each_time_and_given_up_after_three_days(
    by, receiver, stopped, work_off
):
    an_endpoint(by)
    happened(by, work_off)
    receiver.answers = [500, fetch.Unreachable("no answer within 10 s"), *[503] * 20]
    for nth, wait in enumerate(sending.WAITS):
        assert send_webhooks() == 1, nth
        assert send_webhooks() == 0, "not before its time"
        assert WebhookDelivery.objects.get().state == "waiting"
        stopped.advance(seconds=wait.total_seconds())
    assert send_webhooks() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_error) == (
        "given_up",
        len(sending.WAITS) + 1,
        "answered 503",
    )
    assert {sent["headers"]["webhook-id"] for sent in receiver.sent} == {delivery.public_id}
    assert [t.error for t in delivery.tries.order_by("pk")][:2] == ["answered 500", "no answer within 10 s"]
    work_off()
    assert "could not be delivered" in Letter.objects.get(template="webhook_given_up").body


def test_whoever_asks_for_time_gets_it(by, receiver, stopped, work_off):
    an_endpoint(by)
    happened(by, work_off)
    receiver.answers = [fetch.Answered(429, b"", retry_after_seconds=600)]
    send_webhooks()
    stopped.advance(seconds=599)
    assert send_webhooks() == 0
    stopped.advance(seconds=1)
    assert send_webhooks() == 1
    assert WebhookDelivery.objects.get().state == "delivered"


def test_who_answers_gone_is_switched_off(by, receiver, work_off):
    endpoint = an_endpoint(by)
    happened(by, work_off)
    receiver.answers = [410]
    send_webhooks()
    endpoint.refresh_from_db()
    assert not endpoint.is_on
    assert WebhookDelivery.objects.get().state == "given_up"
    assert LedgerEntry.objects.filter(kind="webhook.switched_off", actor=ledger.SYSTEM).exists()
    happened(by, work_off)
    assert WebhookDelivery.objects.count() == 1


def test_one_address_that_fails_holds_up_no_other(by, receiver, work_off):
    an_endpoint(by)
    other = member()
    an_endpoint(other, url="https://other.example.com/")
    for who in (by, by, by, other):
        happened(who, work_off)
    receiver.answers = [500, 204, 500, 500]
    send_webhooks()
    assert [sent["url"] for sent in receiver.sent][:2].count("https://other.example.com/") == 1


def test_slow_addresses_of_one_organisation_cost_others_little(by, receiver, monkeypatch, stopped):
    passed = [0.0]
    monkeypatch.setattr(sending.time, "monotonic", lambda: passed[0])
    slow = [an_endpoint(by, url=f"https://slow.example.com/{n}") for n in range(5)]
    other = an_endpoint(member(), url="https://other.example.com/")
    for endpoint in (*slow, slow[0], other):
        services.send_test(endpoint=endpoint, by=endpoint.created_by)

    def post(url, **said):
        passed[0] += 9.9 if "slow" in url else 0.1
        return Receiver.post(receiver, url, **said)

    monkeypatch.setattr(fetch, "post", post)
    assert send_webhooks() == 4
    assert [sent["url"] for sent in receiver.sent].index(other.url) < 2, "organisations take turns, not addresses"
    assert not WebhookDelivery.objects.due().filter(endpoint=slow[0]).exists(), "a slow address rests"
    assert WebhookDelivery.objects.due().count() == 2
    assert len(WebhookDelivery.objects.claim(1)) == 1
    assert send_webhooks() == 0, "another worker is sending for this organisation"
    services.send_test(endpoint=slow[1], by=by)
    for _n in range(3):
        services.send_test(endpoint=slow[2], by=by)
    with pytest.raises(TooOften):
        services.send_test(endpoint=slow[3], by=by)


def test_what_was_given_up_or_taken_in_is_sent_once_more_under_its_id(by, receiver, work_off):
    an_endpoint(by)
    happened(by, work_off)
    with pytest.raises(WrongState):
        services.send_again(delivery=WebhookDelivery.objects.get(), by=by)
    send_webhooks()
    services.send_again(delivery=WebhookDelivery.objects.get(), by=by)
    assert send_webhooks() == 1
    assert len({sent["headers"]["webhook-id"] for sent in receiver.sent}) == 1
    assert WebhookAttempt.objects.count() == 2


def test_two_secrets_sign_while_one_replaces_the_other(by, receiver, stopped):
    endpoint = an_endpoint(by)
    old = endpoint.secret
    endpoint = services.rotate_secret(endpoint=endpoint, by=by, overlap_hours=24)
    services.send_test(endpoint=endpoint, by=by)
    send_webhooks()
    sent = receiver.sent[-1]
    for secret in (old, endpoint.secret):
        assert signatures.is_signed(secret, _as_headers(sent), sent["body"].encode())
    stopped.advance(days=1)
    services.send_test(endpoint=endpoint, by=by)
    send_webhooks()
    sent = receiver.sent[-1]
    assert not signatures.is_signed(old, _as_headers(sent), sent["body"].encode())
    assert signatures.is_signed(endpoint.secret, _as_headers(sent), sent["body"].encode())


def test_an_answer_is_kept_encrypted_and_in_part(by, receiver, work_off, settings):
    an_endpoint(by)
    services.send_test(endpoint=WebhookEndpoint.objects.get(), by=by)
    receiver.answers = [fetch.Answered(200, b"\x00\xff" + b"x" * 1000)]
    send_webhooks()
    assert WebhookAttempt.objects.get().answer.startswith("��x")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT answer, secret FROM accounts_webhookattempt, accounts_webhookendpoint")
        answer, secret = cursor.fetchone()
    assert "xxx" not in answer
    assert "whsec" not in secret


def test_what_is_removed_gets_nothing_more(by, receiver, work_off):
    endpoint = an_endpoint(by)
    happened(by, work_off)
    services.remove_endpoint(endpoint=endpoint, by=by)
    send_webhooks()
    assert not receiver.sent
    assert WebhookDelivery.objects.get().last_error == "its endpoint was removed or switched off"
    with pytest.raises(NotYours):
        services.send_test(endpoint=endpoint, by=by)


def test_old_messages_are_forgotten(by, receiver, work_off, stopped):
    an_endpoint(by)
    happened(by, work_off)
    send_webhooks()
    stopped.advance(days=29)
    assert forget_webhooks() == 0
    stopped.advance(days=2)
    assert forget_webhooks() == 1
    assert not WebhookAttempt.objects.exists()


@pytest.mark.parametrize("events", [[], ["complaint.invented"]])
def test_only_events_that_there_are_can_be_had(by, receiver, events):
    with pytest.raises(Invalid):
        an_endpoint(by, events=events)


def test_an_address_is_had_once(by, receiver):
    an_endpoint(by)
    with pytest.raises(Invalid):
        an_endpoint(by)


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example.com/", "https://127.0.0.1/", "https://①②⑦.⓪.⓪.①/", "https://[::1]/", "https://10.0.0.8/x",
        "https://100.100.100.200/", "https://[64:ff9b::7f00:1]/", "https://169.254.169.254/latest", "ftp://example.com/",
        "https://user:secret@example.com/", "https://203.0.113.5:8443/", "no address", "https://",
        "https://xn--a.com/",
    ],
)  # fmt: skip
def test_no_address_in_our_own_network_is_taken(by, url):
    with pytest.raises(Invalid):
        an_endpoint(by, url=url)
    assert not WebhookEndpoint.objects.exists()


def test_an_operator_may_name_one_in_its_own_network(by, settings):
    settings.WEBHOOK_ORIGINS = [f"{by.organisation.public_id}=http://127.0.0.1:8090"]
    assert an_endpoint(by, url="http://127.0.0.1:8090/in").is_on
    with pytest.raises(Invalid):
        an_endpoint(by, url="http://127.0.0.1:8091/in")
    with pytest.raises(Invalid):
        an_endpoint(member(), url="http://127.0.0.1:8090/in")


def test_what_a_system_in_the_operators_network_answers_is_not_kept(by, receiver, settings):
    settings.WEBHOOK_ORIGINS = [f"{by.organisation.public_id}={fetch.origin_of(ADDRESS)}"]
    for who in (by, member()):
        services.send_test(endpoint=an_endpoint(who), by=who)
    assert send_webhooks() == 2
    assert [(t.status, t.answer) for t in WebhookAttempt.objects.order_by("pk")] == [(204, ""), (204, "thanks")]


def test_it_is_really_called_and_no_redirect_is_followed(by, settings):
    from tests.core.fetch_server import Server

    server = Server()
    try:
        settings.WEBHOOK_ORIGINS = [f"{by.organisation.public_id}={server.origin}"]
        an_endpoint(by, url=server.says("/in", 302, Location="/elsewhere"))
        services.send_test(endpoint=WebhookEndpoint.objects.get(), by=by)
        send_webhooks()
        assert server.paths == ["/in"]
        assert WebhookAttempt.objects.get().status == 302
        assert WebhookDelivery.objects.get().state == "waiting"
    finally:
        server.stop()


def test_others_have_nothing_to_do_with_it(by, receiver):
    endpoint = an_endpoint(by)
    with pytest.raises(NotYours):
        services.change_endpoint(endpoint=endpoint, by=member(), is_on=False)
    with pytest.raises(Forbidden):
        services.rotate_secret(endpoint=endpoint, by=member(by.organisation, role="manager"), overlap_hours=0)


def test_every_event_on_offer_is_heard_of_somewhere():
    from ippro import webhooks
    from ippro.wiring import CONSUMERS

    heard = {
        c.path.rpartition(".")[2] for found in CONSUMERS.values() for c in found if c.path.startswith("ippro.webhooks.")
    }
    named = {e.value.replace(".", "_") for e in Event} - {"notice_sent", "link_settled"}
    assert named | {"notices_sent", "links_settled"} == heard
    assert all(callable(getattr(webhooks, name)) for name in heard)

"""The generated client: up to date with the description, and against a server: cases, pages, repetition, waits, refusals."""

import sys
from pathlib import Path

import httpx
import pytest
from django.utils import translation

from accounts.api_keys.services import make_key
from accounts.tasks import send_webhooks
from accounts.webhooks.models import WebhookDelivery
from clients import generate
from complaints import services
from complaints.models import Complaint
from complaints.services import Found
from core import fetch
from core.signatures import new_secret
from marketplace.models import Hold, Target
from tests.accounts.receiving import Receiver
from tests.factories import FilingFactory, ListingFactory, MarketplaceFactory, complaint, member, staff

sys.path.insert(0, str(Path(generate.__file__).parent / "python"))

from ippro_client import Client, Conflict, Forbidden, Invalid, NotAuthenticated, NotFound, TooOften
from ippro_client.marketplace import Signed
from ippro_client.webhooks import Forged, verified

SCOPES = ("complaints:write", "filings:write", "webhooks:write")


def test_what_is_generated_is_up_to_date():
    for name, text in generate.written().items():
        assert (generate.PACKAGE / name).read_text() == text, f"{name}: run `make client`"


@pytest.fixture
def by(db):
    return member()


@pytest.fixture
def right(by):
    return FilingFactory(organisation=by.organisation, created_by=by)


@pytest.fixture
def waited():
    return []


@pytest.fixture
def ippro(live_server, by, waited):
    """The client with a key of `by`, against a real server; what it waits for is written down instead."""
    _row, key = make_key(organisation=by.organisation, by=by, name="x", scopes=SCOPES, days=30)
    with Client(live_server.url, key, sleep=waited.append) as client:
        yield client


def notice(right, *links):
    return {
        "right": right.public_id, "infringement": "counterfeit", "links": list(links), "good_faith": True,
        "description": "The seams differ from ours and the label has no number.", "signature": "Person One",
    }  # fmt: skip


def test_a_complaint_goes_from_its_filing_to_the_takedown(ippro, right, work_off):
    [filed] = ippro.filings_list()
    listing = ListingFactory()
    made = ippro.complaints_submit(body=notice(right, listing.url))
    assert (filed["id"], made["state"]) == (right.public_id, "submitted")
    case, reviewer = Complaint.objects.get(), staff()
    services.accept(complaint=case, by=reviewer)
    found = [Found(target=target, upheld=True, rule="U1", facts="A copy.") for target in case.targets.all()]
    services.decide(complaint=case, by=reviewer, findings=found)
    work_off()
    assert ippro.complaints_retrieve(made["id"])["state"] in ("upheld", "notified")
    [link] = ippro.complaints_links(made["id"])
    assert link["outcome"] == "upheld"
    assert Hold.objects.filter(target=listing, released_at=None).exists()


def test_a_list_is_walked_page_by_page(ippro, by, right, live_server):
    made = [complaint(by=by, filing=right).public_id for _n in range(5)]
    assert [one["id"] for one in ippro.complaints_list(page_size=2)] == made[::-1]
    assert "cursor=" in str(ippro.last.request.url)


class Loses(httpx.HTTPTransport):
    """The first answer to a POST is lost on its way back."""

    is_lost = False

    def handle_request(self, request):
        answer = super().handle_request(request)
        if request.method == "POST" and not self.is_lost:
            self.is_lost = True
            answer.read()
            answer.close()
            raise httpx.ReadTimeout("the answer is lost", request=request)
        return answer


def test_after_a_lost_answer_the_same_is_sent_again_and_counts_once(live_server, by, right, waited):
    _row, key = make_key(organisation=by.organisation, by=by, name="x", scopes=SCOPES, days=30)
    listing = ListingFactory()
    with Client(live_server.url, key, sleep=waited.append, transport=Loses()) as ippro:
        made = ippro.complaints_submit(body=notice(right, listing.url), idempotency_key="one")
        assert ippro.last.headers["Idempotency-Replayed"] == "true"
        assert (Complaint.objects.get().public_id, waited) == (made["id"], [1.0])
        with pytest.raises(Invalid, match="idempotency_key_reused"):
            ippro.complaints_submit(body=notice(right, ListingFactory().url), idempotency_key="one")


def test_whoever_asks_too_often_waits_as_long_as_they_are_told(ippro, settings, stopped, waited):
    settings.API_CALLS_A_MINUTE = 2

    def sleep(seconds):
        waited.append(seconds)
        settings.API_CALLS_A_MINUTE = 0

    ippro._sleep = sleep
    for _n in range(3):
        list(ippro.filings_list())
    assert len(waited) == 1
    assert 0 < waited[0] <= 60
    settings.API_CALLS_A_MINUTE, ippro._longest_wait = 1, 0
    with pytest.raises(TooOften) as refused:
        list(ippro.filings_list())
    assert refused.value.code == "throttled"


def test_what_is_refused_is_an_exception_with_its_code_and_fields(ippro, right, live_server):
    with pytest.raises(NotFound) as unknown:
        ippro.complaints_retrieve("cmp_" + "0" * 26)
    assert (unknown.value.status, unknown.value.code) == (404, "not_found")
    with pytest.raises(Invalid) as wrong:
        ippro.complaints_submit(body=notice(right) | {"signature": ""})
    assert {"links", "signature"} <= set(wrong.value.errors)
    with pytest.raises(Forbidden, match="out_of_scope"):
        list(ippro.originals_list())
    with pytest.raises(NotAuthenticated, match="bad_key"), Client(live_server.url, "ippro_" + "x" * 43) as nobody:
        list(nobody.filings_list())
    draft = ippro.filings_create(
        body={"kind": "trademark", "title": "SUNBIRD", "registration_number": "99001207", "owner_name": "Sunbird Ltd"}
    )
    ippro.filings_retrieve(draft["id"])
    tag = ippro.etag
    ippro.filings_update(draft["id"], body={"title": "SUN BIRD"}, if_match=tag)
    with pytest.raises(Conflict, match="precondition_failed"):
        ippro.filings_update(draft["id"], body={"title": "SUN"}, if_match=tag)


def test_a_webhook_is_verified(ippro, by, right, work_off, monkeypatch):
    internet = Receiver()
    monkeypatch.setattr(fetch, "post", internet.post)
    monkeypatch.setattr(fetch, "check", lambda url, **rest: None)
    made = ippro.webhooks_create(body={"url": "https://erp.example.com/ippro", "events": ["complaint.submitted"]})
    case = complaint(by=by, filing=right)
    work_off()
    send_webhooks()
    [sent] = internet.sent
    body = sent["body"].encode()
    said = verified(body, sent["headers"], "whsec_YSBuZXdlciBzZWNyZXQgb2YgdGhlIG1hbGw=", made["secret"])
    assert (said["type"], said["data"]["id"]) == ("complaint.submitted", case.public_id)
    for changed in (
        (body.replace(b"submitted", b"upheld"), sent["headers"], made["secret"]),
        (body, sent["headers"] | {"webhook-timestamp": "1"}, made["secret"]),
        (body, sent["headers"], "whsec_YSBuZXdlciBzZWNyZXQgb2YgdGhlIG1hbGw="),
    ):
        with pytest.raises(Forged):
            verified(*changed)
    [message] = ippro.webhooks_messages(made["id"])
    assert (message["id"], message["state"]) == (WebhookDelivery.objects.get().public_id, "delivered")


def test_sentences_come_in_the_language_that_is_asked_for(live_server):
    with Client(live_server.url, language="zh-hans") as client, pytest.raises(NotAuthenticated) as refused:
        list(client.filings_list())
    with translation.override("en"):
        assert not refused.value.title.isascii()


def test_many_links_go_in_one_call_and_a_file_step_by_step(ippro, right):
    listing, other = ListingFactory(), ListingFactory()
    said = {"filing": right.public_id, "infringement": "counterfeit", "description": "The seams differ from ours."}
    signed = {"signature": "Lin Wen", "good_faith": True}
    sheet = ippro.complaints_sheets_create(body={"rows": [{"link": listing.url}], "confirm": signed, **said})
    assert (sheet["state"], sheet["row_count"]) == ("running", 1)
    file = {"file": ("links.csv", f"link\n{other.url}\n".encode(), "text/csv")}
    sheet = ippro.complaints_sheets_create(files=file, data=said)
    seen = ippro.etag
    with pytest.raises(Invalid):
        ippro.complaints_sheets_confirm(sheet["id"], body=signed)
    with pytest.raises(Conflict):
        ippro.complaints_sheets_confirm(sheet["id"], body=signed, if_match='"another"')
    assert ippro.complaints_sheets_confirm(sheet["id"], body=signed, if_match=seen)["state"] == "running"
    assert [row["row"] for row in ippro.complaints_sheets_rows(sheet["id"])] == [2]
    assert ippro.complaints_sheets_result_workbook(sheet["id"])[:2] == b"PK"


@pytest.mark.django_db
def test_a_marketplace_signs_its_calls(live_server):
    secret = new_secret()
    mall = MarketplaceFactory(inbound_secret=secret)
    event = {"id": "e1", "type": "listing.upserted", "occurred_at": "2026-03-02T12:00:00Z"}
    event["data"] = {"external_id": "1", "title": "Shoe"}
    with Client(live_server.url, auth=Signed(mall.slug, secret)) as ours:
        assert [one["status"] for one in ours.marketplace_events(body={"events": [event]})["results"]] == ["applied"]
        assert list(ours.marketplace_sheets_list(page_size=5)) == []
    assert Target.objects.get().title == "Shoe"
    with Client(live_server.url, auth=Signed(mall.slug, new_secret())) as others, pytest.raises(NotAuthenticated):
        others.marketplace_events(body={"events": [event]})

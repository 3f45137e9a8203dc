"""The examples of the developer guide do what they say: against the API, and against what is really sent."""

import importlib.util
import re
import threading
from pathlib import Path

import httpx
import pytest

from accounts.api_keys.services import make_key
from accounts.tasks import send_webhooks
from accounts.webhooks import services
from accounts.webhooks.models import WebhookDelivery
from complaints.bulk.services import complain_due
from tests.accounts.receiving import an_endpoint
from tests.factories import FilingFactory, ListingFactory, ShopFactory, member

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


def example(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Wire(httpx.BaseTransport):
    """Hands what httpx sends to Django."""

    def __init__(self, client):
        self.client = client

    def handle_request(self, request):
        answer = self.client.generic(
            request.method, request.url.raw_path.decode(), request.read(), request.headers.get("Content-Type", ""),
            headers={n: v for n, v in request.headers.items() if n.lower() not in ("content-type", "content-length", "host")},
        )  # fmt: skip
        return httpx.Response(answer.status_code, headers=dict(answer.items()), content=answer.content)


@pytest.mark.django_db
def test_a_complaint_is_sent_and_followed(client):
    by = member()
    FilingFactory(organisation=by.organisation, created_by=by)
    listing = ListingFactory()
    _row, key = make_key(
        organisation=by.organisation, by=by, name="x", scopes=["filings:read", "complaints:write"], days=30
    )
    calls = example("call_the_api")
    with httpx.Client(
        base_url="http://testserver", transport=Wire(client), headers={"Authorization": f"Bearer {key}"}
    ) as http:
        api = calls.Ippro(http)
        made = api.complain([listing.url])
        assert made["state"] == "submitted"
        [link] = api.call("GET", f"/complaints/{made['id']}/links")
        assert listing.url in str(link)
        with pytest.raises(calls.Problem, match="not_found"):
            api.call("GET", "/complaints/cmp_" + "0" * 26)


@pytest.mark.django_db
def test_many_links_are_sent_in_one_call_and_followed(client):
    by = member()
    FilingFactory(organisation=by.organisation, created_by=by)
    links = [listing.url for listing in ListingFactory.create_batch(3, shop=ShopFactory())]
    _row, key = make_key(
        organisation=by.organisation, by=by, name="x", scopes=["filings:read", "complaints:write"], days=30
    )
    many, waited = example("complain_of_many"), []

    def while_it_waits(seconds):
        waited.append(seconds)
        complain_due()

    with httpx.Client(
        base_url="http://testserver", transport=Wire(client), headers={"Authorization": f"Bearer {key}"}
    ) as http:
        sheet = many.complain(http, [*links, "https://unknown.example/1"])
        assert many.complain(http, [*links, "https://unknown.example/1"])["id"] == sheet["id"]
        rows = list(many.fates(http, sheet["id"], while_it_waits))
    assert [(row["row"], row["state"]) for row in rows] == [
        (1, "complained"), (2, "complained"), (3, "complained"), (4, "left_out"),
    ]  # fmt: skip
    assert waited == [2]


@pytest.mark.django_db
def test_a_receiver_takes_in_what_is_signed_and_once(settings):
    takes = example("take_events")
    taken, secrets = [], []
    server = takes.make_server(secrets, taken.append)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        by = member()
        settings.WEBHOOK_ORIGINS = [f"{by.organisation.public_id}={origin}"]
        endpoint = an_endpoint(by, url=f"{origin}/")
        services.send_test(endpoint=endpoint, by=by)
        send_webhooks()
        assert not taken, "nobody signed it with a secret that is known there"
        assert WebhookDelivery.objects.get().last_error == "answered 401"
        secrets.append(endpoint.secret)
        message = WebhookDelivery.objects.get()
        message.retry()
        send_webhooks()
        services.send_again(delivery=WebhookDelivery.objects.get(), by=by)
        send_webhooks()
        assert [said["type"] for said in taken] == ["ping"]
        assert WebhookDelivery.objects.get().state == "delivered"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def test_the_guide_names_what_there_is():
    from accounts.api_keys.scopes import SCOPES
    from accounts.webhooks.sending import WAITS

    guide = (DOCS / "how-to" / "use-the-api.md").read_text()
    assert set(re.findall(r"`(\w+:(?:read|write))`", guide)) <= set(SCOPES)
    assert len(WAITS) == len(
        re.search(r"after (5 s.*?34 h)", guide.replace("\n", " "))[1].replace(" and ", ", ").split(", ")
    )
    for target in re.findall(r"\]\((\.\./[^)]+)\)", guide):
        assert (DOCS / "how-to" / target).exists(), target

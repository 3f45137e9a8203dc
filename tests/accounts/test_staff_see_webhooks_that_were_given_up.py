"""Staff see which webhook messages were given up and why, and administrators try them again; addresses stay hidden."""

import pytest
from django.urls import reverse

from accounts.roles import StaffRole
from accounts.webhooks import services
from accounts.webhooks.addresses import check_address, is_trusted
from core import clock, fetch
from core.errors import Invalid
from tests.accounts.receiving import an_endpoint
from tests.factories import member, staff

pytestmark = pytest.mark.django_db
ADDRESS = "https://erp.example.com/ippro?token=secret-of-theirs"


@pytest.fixture
def given_up(monkeypatch):
    monkeypatch.setattr(fetch, "check", lambda url, **rest: None)
    by = member()
    message = services.send_test(endpoint=an_endpoint(by, url=ADDRESS), by=by)
    message.dead_at, message.due_at, message.last_error, message.attempts = clock.now(), None, "answered 500", 10
    message.save()
    return message


def test_a_reviewer_sees_what_was_given_up_and_to_whom_but_not_the_whole_address(sign_in, given_up):
    client = sign_in(staff())
    listed = client.get(reverse("admin:accounts_webhookdelivery_changelist"), {"standing": "dead"}).content.decode()
    one = client.get(reverse("admin:accounts_webhookdelivery_change", args=[given_up.pk])).content.decode()
    for page in (listed, one):
        assert "answered 500" in page
        assert "erp.example.com" in page
        assert "secret-of-theirs" not in page
        assert given_up.endpoint.organisation.name in page
    assert "Webhook messages given up" in client.get(reverse("admin:index")).content.decode()


def test_an_administrator_tries_it_again(sign_in, given_up):
    client = sign_in(staff(StaffRole.ADMINISTRATOR))
    address = reverse("admin:accounts_webhookdelivery_changelist")
    client.post(address, {"action": "try_again", "_selected_action": [given_up.pk]})
    given_up.refresh_from_db()
    assert (given_up.dead_at, given_up.attempts, given_up.state) == (None, 0, "waiting")


def test_only_a_demo_sends_to_this_computer(settings):
    organisation = member().organisation
    settings.DEMO_WEBHOOK_ORIGIN = "http://127.0.0.1:8002"
    settings.DEMO = True
    assert check_address("http://127.0.0.1:8002/ippro", organisation)
    assert is_trusted("http://127.0.0.1:8002/ippro", organisation)
    for other in ("http://127.0.0.1:8003/ippro", "http://localhost:8002/ippro", "https://127.0.0.1:8002/"):
        with pytest.raises(Invalid):
            check_address(other, organisation)
    settings.DEMO = False
    with pytest.raises(Invalid):
        check_address("http://127.0.0.1:8002/ippro", organisation)

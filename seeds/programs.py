"""What programs of the demo's organisations call the API with, and where they have events sent."""

from accounts.api_keys.models import ApiKey
from accounts.api_keys.services import make_key
from accounts.models import User
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from core import clock, signatures
from seeds.world import DOMAIN

#: what uses it, and what it may do
KEYS = (
    ("案件数据同步", ("filings:read", "complaints:read")),
    ("Bulk complaints from the brand desk", ("filings:read", "complaints:write", "counter_notices:read")),
)
#: nobody is there: what was sent once is shown as it was given up
ADDRESS, EVENTS = "https://erp.ippro.example/events", ("complaint.accepted", "complaint.decided", "link.settled")


def connect() -> None:
    """Keys and a webhook of a rights holder, whose secrets nobody was shown; a second time changes nothing."""
    holder = User.objects.get(email=f"holder@{DOMAIN}")
    assert holder.organisation is not None
    for name, scopes in KEYS:
        if not ApiKey.objects.filter(organisation=holder.organisation, name=name).exists():
            make_key(organisation=holder.organisation, by=holder, name=name, scopes=scopes, days=365)
    if not WebhookEndpoint.objects.filter(organisation=holder.organisation).exists():
        at = clock.now()
        endpoint = WebhookEndpoint.objects.create(
            organisation=holder.organisation, url=ADDRESS, events=list(EVENTS), secret=signatures.new_secret(),
            created_by=holder, created_at=at, switched_off_at=at,
        )  # fmt: skip
        message = WebhookDelivery.objects.create(
            endpoint=endpoint, event="ping", subject=endpoint.public_id, created_at=at, dead_at=at, attempts=1,
            body='{"type":"ping","data":{}}', last_error="erp.ippro.example is not known",
        )  # fmt: skip
        message.tries.create(at=at, took_ms=12, error="erp.ippro.example is not known")

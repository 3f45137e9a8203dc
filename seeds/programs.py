"""What programs of the demo's organisations call the API with."""

from accounts.api_keys.models import ApiKey
from accounts.api_keys.services import make_key
from accounts.models import User
from seeds.world import DOMAIN

#: what uses it, and what it may do
KEYS = (
    ("案件数据同步", ("filings:read", "complaints:read")),
    ("Bulk complaints from the brand desk", ("filings:read", "complaints:write", "counter_notices:read")),
)


def connect() -> None:
    """Keys of a rights holder, which nobody was shown; a second time changes nothing."""
    holder = User.objects.get(email=f"holder@{DOMAIN}")
    assert holder.organisation is not None
    for name, scopes in KEYS:
        if not ApiKey.objects.filter(organisation=holder.organisation, name=name).exists():
            make_key(organisation=holder.organisation, by=holder, name=name, scopes=scopes, days=365)

"""Who calls the API while it is fuzzed: every role, signed in or by key, in a world that has one of everything."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.api_keys.scopes import SCOPES
from accounts.api_keys.services import make_key
from accounts.models import Organisation
from accounts.roles import OrgRole, StaffRole
from accounts.webhooks.models import WebhookEndpoint
from marketplace.models import Target
from tests.factories import OrganisationFactory, UserFactory, member, second_factor, staff
from tests.test_foreign_ids_look_unknown import agent_of

#: with this and its name a header asks the run to sign the body as the marketplace would
SIGN = "sign-this-as-"
MALL_SECRET = "whsec_c2VjcmV0IG9mIHRoZSBtYWxsIGZvciB0ZXN0cw=="


@dataclass(frozen=True)
class Caller:
    """How somebody comes: with a session, with a key, with the signature of a marketplace, or with nothing."""

    session: str = ""
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    #: the addresses that this caller asks, where it is not all of them
    only: str = ""


def _signed_in(user: Any) -> Caller:
    from django.conf import settings
    from django.test import Client

    if user.is_staff:
        second_factor(user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return Caller(session=client.cookies[settings.SESSION_COOKIE_NAME].value)


def _with_key(user: Any, *scopes: str) -> Caller:
    _row, key = make_key(organisation=user.organisation, by=user, name="fuzz", scopes=scopes or SCOPES, days=30)
    return Caller(key=key)


def _holder(things: dict[str, str]) -> Any:
    return WebhookEndpoint.objects.get(public_id=things["webhook"]).created_by


def _merchant(things: dict[str, str]) -> Any:
    operator = Target.objects.get(public_id=things["shop"]).operator
    assert operator is not None
    return operator.memberships.get().user


def _marketplace(things: dict[str, str]) -> Caller:
    mall = Target.objects.get(public_id=things["shop"]).marketplace
    mall.inbound_secret = MALL_SECRET
    mall.save(update_fields=["inbound_secret"])
    return Caller(headers={"webhook-signature": SIGN + mall.slug}, only="^/api/v1/marketplace/")


def _agency(things: dict[str, str]) -> Caller:
    return _signed_in(member(OrganisationFactory(kind=Organisation.Kind.AGENCY)))


CALLERS: dict[str, Callable[[dict[str, str]], Caller]] = {
    "nobody": lambda things: Caller(),
    "rights holder": lambda things: _signed_in(_holder(things)),
    "reader of the holder": lambda things: _signed_in(member(_holder(things).organisation, role=OrgRole.READER)),
    "agency": _agency,
    "merchant": lambda things: _signed_in(_merchant(things)),
    "agent inside a power": lambda things: _signed_in(agent_of(_holder(things))),
    "person without organisation": lambda things: _signed_in(UserFactory()),
    "reviewer": lambda things: _signed_in(staff()),
    "senior reviewer": lambda things: _signed_in(staff(StaffRole.SENIOR_REVIEWER)),
    "auditor": lambda things: _signed_in(staff(StaffRole.AUDITOR)),
    "administrator": lambda things: _signed_in(staff(StaffRole.ADMINISTRATOR)),
    "marketplace": _marketplace,
    "key of the holder": lambda things: _with_key(_holder(things)),
    "key of the holder that reads": lambda things: _with_key(
        _holder(things), *(scope for scope in SCOPES if scope.endswith(":read"))
    ),
    "key of the holder for webhooks": lambda things: _with_key(_holder(things), "webhooks:write"),
    "key of the merchant": lambda things: _with_key(_merchant(things)),
}

"""Who calls the API with a key: its maker, acting for the key's organisation and within its scopes.

`Authorization: Bearer ippro_…` (RFC 6750). A session of somebody who signed in goes on to work beside it.
"""

import re
from typing import Any

from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api_keys.errors import KeyRefused, OutOfScope
from accounts.api_keys.models import ApiKey
from accounts.api_keys.scopes import needed, opens
from accounts.api_keys.services import PREFIX, digest_of
from accounts.models import Membership
from core import clock

_KEY = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{40,64}}")


class ApiKeyAuthentication(BaseAuthentication):
    """A good key becomes its maker, as they are in the key's organisation at this moment. Raises KeyRefused."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        said = get_authorization_header(request).decode("latin-1").split()
        if not said or said[0].lower() != "bearer":
            return None
        if len(said) != 2 or not _KEY.fullmatch(said[1]):
            raise KeyRefused()
        key = ApiKey.objects.filter(digest=digest_of(said[1])).first()
        if key is None or not key.is_good:
            raise KeyRefused()
        membership = (
            Membership.objects.filter(user_id=key.created_by_id, organisation_id=key.organisation_id)
            .select_related("user", "organisation")
            .first()
        )
        if membership is None or not membership.user.is_active or membership.user.is_staff:
            raise KeyRefused()
        today = clock.today()
        if key.last_used_on != today:
            ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
        user = membership.user
        # Whatever the person does elsewhere meanwhile: with this key they act here, and the ledger names it.
        user.membership, user.acts_through = membership, key.public_id  # type: ignore[attr-defined]
        if "Accept-Language" not in request.headers:
            translation.activate(user.language)
        return user, key

    def authenticate_header(self, request: Request) -> str:
        is_refused = get_authorization_header(request)[:7].lower() == b"bearer "
        return 'Bearer realm="ippro"' + (', error="invalid_token"' if is_refused else "")


class WithinScope(BasePermission):
    """A key does what its scopes say; whoever signed in is bound by their role alone. Raises OutOfScope."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return True
        wanted = needed(view, request.method or "")
        if not opens(request.auth.scopes, wanted):
            raise OutOfScope(wanted)
        return True


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the description of the API names it."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        said = "A key of your organisation, made under “API keys” by an administrator: `Bearer ippro_…`."
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ippro_…", "description": said}

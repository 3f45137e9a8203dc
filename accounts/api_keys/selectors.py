"""What the pages about keys ask for."""

from dataclasses import dataclass
from typing import Any

from accounts.api_keys.models import ApiKey
from accounts.api_keys.scopes import in_words
from accounts.models import Membership, Organisation, User
from core.errors import NotYours


@dataclass(frozen=True)
class Row:
    """One key as the page shows it."""

    key: ApiKey
    areas: list[tuple[Any, bool]]
    #: whether its maker still belongs to the organisation and may sign in: without them it opens nothing
    has_maker: bool

    @property
    def is_good(self) -> bool:
        return self.key.is_good and self.has_maker


def keys_of(organisation: Organisation) -> list[Row]:
    """All keys, those that are good first, of each the newest first."""
    keys = ApiKey.objects.filter(organisation=organisation).select_related("created_by", "replaced_by", "replaces")
    makers = set(
        Membership.objects.filter(organisation=organisation, user__is_active=True).values_list("user_id", flat=True)
    )
    rows = [Row(key, in_words(key.scopes), key.created_by_id in makers) for key in keys.order_by("-pk")]
    return sorted(rows, key=lambda row: not row.is_good)


def key_of(user: User, public_id: str) -> ApiKey:
    """A key of the organisation for which this person acts. Raises NotYours."""
    found = ApiKey.objects.visible_to(user).select_related("organisation").filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found

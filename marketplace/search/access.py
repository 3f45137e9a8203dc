"""Who may search the marketplaces by words, and how often."""

from typing import Any

from accounts import roles
from core.errors import Forbidden
from core.pace import keep_pace
from marketplace.errors import MayNotSearch

#: pages of hits of one person in a minute
MOST_A_MINUTE = 60


def require_to_search(user: Any) -> Any:
    """The membership by which somebody searches: of a verified rights holder or agency, for which they complain.

    Raises NotForMerchants, Forbidden, MayNotSearch.
    """
    membership = roles.require_for_rights(user, roles.MAY_COMPLAIN)
    if not membership.organisation.is_verified:
        raise MayNotSearch()
    return membership


def may_search(user: Any) -> bool:
    try:
        require_to_search(user)
    except Forbidden:
        return False
    return True


def begin_search(user: Any) -> Any:
    """As `require_to_search`, counted. Raises TooOften besides."""
    membership = require_to_search(user)
    keep_pace(what="search", who=user.public_id, most=MOST_A_MINUTE)
    return membership

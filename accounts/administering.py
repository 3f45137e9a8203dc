"""Who administers an organisation: asked under its lock by whatever changes it, and without one by its pages."""

from accounts import roles
from accounts.models import Membership, Organisation, User
from core.errors import Forbidden, NotYours
from core.lifecycle import lock


def administered(organisation: Organisation, by: User) -> Organisation:
    """The organisation under lock. Raises NotYours for a stranger, Forbidden for a colleague of another role."""
    organisation = lock(organisation)
    _require_administrator(Membership.objects.filter(user=by, organisation=organisation).first())
    return organisation


def own_administered(user: User) -> Organisation:
    """The organisation for which this person acts and which they administer. Raises NotYours, Forbidden."""
    return _require_administrator(user.membership).organisation


def _require_administrator(membership: Membership | None) -> Membership:
    if membership is None:
        raise NotYours()
    if membership.role not in roles.MAY_ADMINISTER:
        raise Forbidden()
    return membership

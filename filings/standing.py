"""Who may complain, and under which rights. The one place that says so.

Rights holders and agencies complain under every right of theirs. A merchant files no rights here, and complains only
under the certificates of its own images (`RightKind.FIRST_PUBLICATION`), which it registers in the imageguard room. An agency
complains under the rights of those who gave it a power of attorney, within its scope and days (`filings/agents.py`).
"""

from typing import Any

from django.db.models import QuerySet

from accounts import roles
from accounts.errors import NotForMerchants
from accounts.models import Membership, Organisation
from core.errors import Forbidden
from core.lifecycle import lock
from core.sql import Columns, for_update, marks, read
from filings.agents import AGENCY, rights_represented
from filings.models import Filing, RightKind

EVERY_KIND = frozenset(RightKind.values)
CERTIFICATES = frozenset({RightKind.FIRST_PUBLICATION})
_FILING = Columns(Filing, "filing")


def kinds_to_complain_under(organisation: Organisation) -> frozenset[str]:
    """The kinds of rights on which an organisation of this kind may rest a complaint."""
    return EVERY_KIND if organisation.kind in roles.KINDS_WITH_RIGHTS else CERTIFICATES


def rights_to_complain_under(organisation: Organisation) -> QuerySet[Filing]:
    """The rights on which an organisation's complaints may rest, its own and those over which it has a power today.

    Whether they are in force is asked of each.
    """
    own = Filing.objects.filter(organisation=organisation, kind__in=kinds_to_complain_under(organisation))
    return own | rights_represented(organisation) if organisation.kind == AGENCY else own


def lock_right_to_complain_under(organisation: Organisation, public_id: str) -> Filing | None:
    """One of these rights, under a lock held until the transaction ends; None if it is none of them."""
    kinds = kinds_to_complain_under(organisation)
    asked = Filing._meta.get_field("public_id").get_prep_value(public_id)
    found = read(
        f"SELECT {_FILING} FROM filings_filing filing "  # noqa: S608
        f"WHERE public_id = %s AND organisation_id = %s AND kind IN ({marks(kinds)}){for_update()}",
        [asked, organisation.pk, *kinds],
        _FILING,
    )
    for (filing,) in found:
        filing.organisation = organisation
        return filing  # type: ignore[no-any-return]
    if organisation.kind == AGENCY:
        represented = rights_represented(organisation).filter(public_id=public_id).first()
        return None if represented is None else lock(represented)
    return None


def require_to_complain(user: Any, *, organisation: Organisation | None = None) -> Membership:
    """The membership by which somebody complains: where they act now, or for this organisation.

    A merchant complains once it has got a certificate. Raises Forbidden, NotForMerchants.
    """
    membership = _membership(user, organisation)
    if membership is None or membership.role not in roles.MAY_COMPLAIN:
        raise Forbidden()
    organisation = membership.organisation
    if organisation.kind not in roles.KINDS_WITH_RIGHTS and not rights_to_complain_under(organisation).exists():
        raise NotForMerchants()
    return membership


def may_complain(user: Any) -> bool:
    """Whether somebody may complain where they act now."""
    try:
        require_to_complain(user)
    except Forbidden:
        return False
    return True


def _membership(user: Any, organisation: Organisation | None) -> Membership | None:
    if organisation is None:
        found: Membership | None = user.membership
        return found
    # Who is on nobody's page may have been locked out since they asked for it.
    found_there = Membership.objects.filter(user=user, user__is_active=True, organisation=organisation)
    return found_there.select_related("organisation").first()

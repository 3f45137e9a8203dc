"""Roles: who somebody is, for every `who` of a lifecycle and every page.

Organisation roles stand on the membership; platform roles are Django groups of staff.
"""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.errors import NotForMerchants
from core.errors import Forbidden


class OrgRole(models.TextChoices):
    ADMIN = "admin", _("administrator")
    MANAGER = "manager", _("rights manager")
    COMPLAINANT = "complainant", _("complainant")
    READER = "reader", _("read-only")


class StaffRole(models.TextChoices):
    REVIEWER = "reviewer", _("reviewer")
    SENIOR_REVIEWER = "senior_reviewer", _("senior reviewer")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


#: what each organisation role may do, besides reading
MAY_FILE_RIGHTS = frozenset({OrgRole.ADMIN, OrgRole.MANAGER})
MAY_COMPLAIN = frozenset({OrgRole.ADMIN, OrgRole.MANAGER, OrgRole.COMPLAINANT})
#: who answers a statement of reasons for the merchant it is addressed to
MAY_ANSWER = MAY_COMPLAIN
MAY_ADMINISTER = frozenset({OrgRole.ADMIN})
#: who signs powers of attorney for a rights holder, and who asks for them and gives them up for an agency
MAY_GRANT_POWERS = MAY_ADMINISTER
MAY_HOLD_POWERS = MAY_FILE_RIGHTS


#: the whole table, as the page of the organisation shows it; whoever belongs to it reads everything
WHO_MAY_WHAT: tuple[tuple[Any, frozenset[OrgRole]], ...] = (
    (_("Read rights, cases, notices and their papers"), frozenset(OrgRole)),
    (_("Complain, supplement and withdraw; answer notices; appeal"), MAY_COMPLAIN),
    (_("File, renew and withdraw rights; register images; watch the market"), MAY_FILE_RIGHTS),
    (_("For an agency: hand in powers of attorney and give them up"), MAY_HOLD_POWERS),
    (_("For a rights holder: grant, confirm and revoke powers of attorney"), MAY_GRANT_POWERS),
    (_("Colleagues, papers, API keys and the log of activity"), MAY_ADMINISTER),
)


def table() -> list[tuple[Any, list[bool]]]:
    """Each line of the table with a yes or no for each role, in their order."""
    return [(what, [role in may for role in OrgRole]) for what, may in WHO_MAY_WHAT]


#: kinds of organisations that file rights; who complains under which of them stands in `filings/standing.py`
KINDS_WITH_RIGHTS = frozenset({"rights_holder", "agency"})


def require_for_rights(user: Any, allowed: Collection[str]) -> Any:
    """The membership by which somebody files rights. Raises NotForMerchants, Forbidden."""
    membership = user.membership
    if membership is None or membership.role not in allowed:
        raise Forbidden()
    if membership.organisation.kind not in KINDS_WITH_RIGHTS:
        raise NotForMerchants()
    return membership


def acts_for_rights(user: Any, allowed: Collection[str]) -> bool:
    """Whether somebody may file rights, by one of these roles, where they act now."""
    try:
        require_for_rights(user, allowed)
    except Forbidden:
        return False
    return True


def is_reviewer(user: Any) -> bool:
    """Staff who decide cases."""
    return user is not None and user.has_staff_role(
        StaffRole.REVIEWER, StaffRole.SENIOR_REVIEWER, StaffRole.ADMINISTRATOR
    )


def is_senior(user: Any) -> bool:
    return user is not None and user.has_staff_role(StaffRole.SENIOR_REVIEWER, StaffRole.ADMINISTRATOR)


def is_administrator(user: Any) -> bool:
    return user is not None and user.has_staff_role(StaffRole.ADMINISTRATOR)

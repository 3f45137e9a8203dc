"""Roles: who somebody is, for every `who` of a lifecycle and every page.

Organisation roles stand on the membership; platform roles are Django groups of staff.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


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
MAY_ADMINISTER = frozenset({OrgRole.ADMIN})


def is_reviewer(user: Any) -> bool:
    """Staff who decide cases."""
    return user is not None and user.has_staff_role(
        StaffRole.REVIEWER, StaffRole.SENIOR_REVIEWER, StaffRole.ADMINISTRATOR
    )


def is_senior(user: Any) -> bool:
    return user is not None and user.has_staff_role(StaffRole.SENIOR_REVIEWER, StaffRole.ADMINISTRATOR)


def is_administrator(user: Any) -> bool:
    return user is not None and user.has_staff_role(StaffRole.ADMINISTRATOR)

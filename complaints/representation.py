"""Complaints that an agency made for a rights holder: whether it may still act in them, and whether they can be decided.

The agency acts while a power of the holder is in force that covers the case; the holder acts at any time. What was sent
under a power that has ended since is not upheld, unless the agency has a new one or the holder itself stands by it.
"""

from typing import Any

from django.utils.functional import Promise

from accounts.models import PowerOfAttorney
from complaints.models import Complaint
from core.lifecycle import lock
from filings.agents import NOT_REPRESENTED, Act, power_to_complain


def act_of(complaint: Complaint) -> Act:
    """What a complaint is about, as the scope of a power names it."""
    rows = complaint.targets.values_list("scene", "target__marketplace__slug").distinct()
    found = list(rows.order_by())
    return Act(complaint.infringement, {scene for scene, _slug in found}, {slug for _scene, slug in found})


def power_in_force(complaint: Complaint) -> PowerOfAttorney | None:
    """The power by which the agency acts in this case today; None for a case that nobody is represented in."""
    if complaint.holder_id is None:
        return None
    if complaint.power is not None and complaint.power.is_in_force():
        return complaint.power
    power, _faults = power_to_complain(complaint.organisation_id, complaint.filing, act_of(complaint))
    return power


def hold_power(complaint: Complaint) -> None:
    """Hold the power by which a locked case is decided until that is written.

    Whoever revokes it waits, or came first: then `is_still_represented`, asked after this, sees it.
    """
    power = None if complaint.adopted_at else power_in_force(complaint)
    if power is None:
        return
    held = lock(power)
    if complaint.power_id == held.pk:
        complaint.power = held


def acts_for_complainant(complaint: Complaint, actor: Any, allowed: frozenset[Any]) -> bool:
    """Somebody who by one of these roles acts for who complained: itself, its agency inside a power, or whom that represents."""
    if actor is None:
        return False
    if complaint.holder_id is None:
        own: bool = actor.has_org_role(complaint.organisation_id, allowed)
        return own
    if actor.has_org_role(complaint.holder_id, allowed):
        return True
    return actor.has_org_role(complaint.organisation_id, allowed) and power_in_force(complaint) is not None


def is_still_represented(complaint: Complaint) -> str | Promise | None:
    """A condition of what is decided for the complainant."""
    if complaint.holder_id is None or complaint.adopted_at is not None or power_in_force(complaint) is not None:
        return None
    return NOT_REPRESENTED

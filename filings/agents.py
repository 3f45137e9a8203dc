"""What an agency may do for a rights holder: inside a power of attorney that is in force, and within its scope.

Asked at the moment of acting, and again when staff decide: a power that was revoked or ran out meanwhile carries no
decision any more. Nothing here writes. Source: Civil Code of the PRC, arts. 161–174.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, PowerOfAttorney
from filings.models import Filing, covered_by

AGENCY = Organisation.Kind.AGENCY
NOT_REPRESENTED: str | Promise = gettext_lazy(
    "The power of attorney under which this was sent is not in force any more. Return it, so that the agency brings a "
    "new one or the rights holder stands by it."
)


@dataclass(frozen=True)
class Act:
    """What somebody complains of: the kind of infringement, where it was seen, on which marketplaces."""

    infringement: str
    scenes: Collection[str]
    #: slugs
    marketplaces: Collection[str]


def powers_of(agency: Organisation) -> QuerySet[PowerOfAttorney]:
    """The powers by which an agency acts today, the newest first."""
    found: QuerySet[PowerOfAttorney] = PowerOfAttorney.objects.filter(agency=agency).in_force()  # type: ignore[attr-defined]
    return found.select_related("holder").order_by("-pk")


def covers(power: PowerOfAttorney, filing: Filing) -> bool:
    """Whether a right lies within the scope of a power, whatever its days."""
    return power.holder_id == filing.organisation_id and (not power.rights or filing.public_id in power.rights)


def power_over(agency: int | None, filing: Filing) -> PowerOfAttorney | None:
    """The power by which this agency acts for the holder of a right, today; None if there is none."""
    live = PowerOfAttorney.objects.filter(agency=agency, holder=filing.organisation_id).in_force()  # type: ignore[attr-defined]
    return next((power for power in live.order_by("-pk") if covers(power, filing)), None)


def power_behind(filing: Filing) -> PowerOfAttorney | None:
    """The power that carries today what an agency handed in: of that agency, though another one filed the right first."""
    return None if filing.power is None else power_over(filing.power.agency_id, filing)


def agency_behind(filing: Filing) -> int | None:
    """The agency whom a right concerns beside its holder: that of the power by which it was handed in, else that which filed it."""
    return filing.power.agency_id if filing.power else filing.agency_id


def acts_for(filing: Filing, actor: Any, allowed: Collection[str]) -> bool:
    """Whether somebody acts for the holder of a right as its agency, by one of these roles, today."""
    m = actor.membership
    if m is None or m.role not in allowed or m.organisation.kind != AGENCY:
        return False
    return power_over(m.organisation_id, filing) is not None


def holders_to_file_for(organisation: Organisation) -> list[Organisation]:
    """The rights holders for whom an agency may file new rights: a power over named ones covers no other."""
    if organisation.kind != AGENCY:
        return []
    whole = {power.holder_id: power.holder for power in powers_of(organisation) if not power.rights}
    return sorted(whole.values(), key=lambda holder: holder.name)


def rights_represented(organisation: Organisation) -> QuerySet[Filing]:
    """The rights of others over which an agency has a power today."""
    powers = powers_of(organisation) if organisation.kind == AGENCY else ()
    return Filing.objects.filter(covered_by(powers))


def outside(power: PowerOfAttorney, act: Act) -> dict[str, str]:
    """What of a complaint lies outside the scope of a power, by the field of the notice; {} if nothing does."""
    number = {"number": power.number}
    faults = {}
    if power.infringements and act.infringement not in power.infringements:
        faults["infringement"] = (
            _("Your power of attorney %(number)s does not cover this kind of infringement.") % number
        )
    if power.scenes and not set(act.scenes) <= set(power.scenes):
        faults["links"] = _("Your power of attorney %(number)s does not cover every scene of these links.") % number
    elif power.marketplaces and not set(act.marketplaces) <= set(power.marketplaces):
        faults["links"] = (
            _("Your power of attorney %(number)s does not cover every marketplace of these links.") % number
        )
    return faults


def power_to_complain(agency: int, filing: Filing, act: Act) -> tuple[PowerOfAttorney | None, dict[str, str]]:
    """The power by which an agency complains of something under a holder's right today; without one, what is wrong."""
    live = PowerOfAttorney.objects.filter(agency=agency, holder=filing.organisation_id).in_force()  # type: ignore[attr-defined]
    return _fitting((power for power in live.order_by("-pk") if covers(power, filing)), act)


def _fitting(powers: Iterable[PowerOfAttorney], act: Act) -> tuple[PowerOfAttorney | None, dict[str, str]]:
    nearest = {"filing": _("No power of attorney of this right's holder to your agency is in force and covers it.")}
    for power in powers:
        faults = outside(power, act)
        if not faults:
            return power, {}
        if "filing" in nearest or len(faults) < len(nearest):
            nearest = faults
    return None, nearest

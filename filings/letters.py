"""Letters about filings, to everybody who may file rights for the organisation or its agency, each in their language."""

from typing import Any

from accounts.models import Membership
from accounts.roles import MAY_FILE_RIGHTS
from core import mail
from filings.agents import agency_behind, power_over
from filings.lifecycle import NOT_RENEWABLE
from filings.models import Filing


def approved(filing: Filing) -> None:
    _write(filing, "filing_approved", _moment(filing))


def returned(filing: Filing) -> None:
    _write(filing, "filing_returned", _moment(filing))


def rejected(filing: Filing, *, is_renewal: bool = False) -> None:
    _write(filing, "filing_rejected", _moment(filing), is_renewal=is_renewal)


def revoked(filing: Filing) -> None:
    _write(filing, "filing_revoked", _moment(filing))


def expiring(filing: Filing, *, days_left: int) -> None:
    """One letter for each of the reminders of one validity."""
    key = f"{filing.valid_until_on}:{filing.reminded_days}"
    _write(filing, "filing_expiring", key, days_left=days_left, can_be_renewed=filing.kind not in NOT_RENEWABLE)


def expired(filing: Filing) -> None:
    """One letter for each validity that ended."""
    _write(filing, "filing_expired", f"{filing.valid_until_on}", can_be_renewed=filing.kind not in NOT_RENEWABLE)


def _moment(filing: Filing) -> str:
    # A filing may be returned twice, and each time is a letter of its own.
    return f"{filing.state_since_at.timestamp():.6f}"


def _write(filing: Filing, template: str, key: str, **context: Any) -> None:
    told = [filing.organisation_id]
    agency = agency_behind(filing)
    if agency and power_over(agency, filing):
        told.append(agency)
    people = Membership.objects.filter(
        organisation_id__in=told, role__in=MAY_FILE_RIGHTS, user__is_active=True
    ).select_related("user")
    for membership in people.order_by("pk"):
        mail.write_to(
            membership.user,
            template=template,
            dedupe_key=f"{template}:{filing.public_id}:{key}",
            about=filing.public_id,
            context={"filing": filing, **context},
        )

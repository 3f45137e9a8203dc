"""Appeals of somebody before they had papers become their organisation's."""

from accounts.models import Organisation
from governance.models import Appeal


def carry(stub: Organisation, into: Organisation) -> dict[str, int]:
    """Move the appeals, and those in which an agency appealed for it."""
    return {
        "appeals": Appeal.objects.filter(organisation=stub).update(organisation=into),
        "appeals_of_agencies": Appeal.objects.filter(beside=stub).update(beside=into),
    }

"""Appeals of somebody before they had papers become their organisation's."""

from accounts.models import Organisation
from governance.models import Appeal


def carry(stub: Organisation, into: Organisation) -> dict[str, int]:
    """Move the appeals."""
    return {"appeals": Appeal.objects.filter(organisation=stub).update(organisation=into)}

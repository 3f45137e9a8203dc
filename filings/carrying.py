"""Rights that were filed for a holder before it had papers become its own (`accounts/guests/carrying.py`)."""

from django.db.models import F

from accounts.models import Organisation
from core import clock, ledger
from filings.models import Filing, FilingConflict, FilingSheet


def carry(stub: Organisation, into: Organisation) -> dict[str, int]:
    """Move the rights and their sheets; what was in conflict with a right of the same holder is so no more."""
    moved = Filing.objects.filter(organisation=stub).update(organisation=into)
    own = FilingConflict.objects.open().filter(  # type: ignore[attr-defined]
        filing__organisation=into, other__organisation=F("filing__organisation")
    )
    for conflict in own.select_related("filing", "other").order_by("pk"):
        conflict.settled_at = clock.now()
        conflict.save(update_fields=["settled_at"])
        ledger.record_all(
            [
                ledger.entry(
                    kind="filing.conflict_settled", subject=filing.public_id,
                    payload={"conflict": conflict.public_id, "in_favour_of": "both", "same_holder": into.public_id},
                )
                for filing in (conflict.other, conflict.filing)
            ]
        )  # fmt: skip
    return {
        "filings": moved,
        "sheets_of_filings": FilingSheet.objects.filter(organisation=stub).update(organisation=into),
    }

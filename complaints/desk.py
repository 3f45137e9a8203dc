"""What reviewers do at their desk beside deciding: taking the next case, looking at personal data, trying a
dead takedown again. Decisions stand in `services.py`.
"""

from django.db import transaction

from accounts import roles
from accounts.models import User
from complaints import assigning, review, services
from complaints.models import Complaint, ComplaintTarget
from core import ledger
from core.errors import Forbidden
from core.lifecycle import lock
from marketplace.errors import NotDead
from marketplace.models import Enforcement
from marketplace.services import retry_enforcement


@transaction.atomic
def take_next(*, by: User, offered: Complaint | None = None) -> Complaint | None:
    """Take the most urgent case that nobody has and that fits them (`assigning.py`); two people never get the same one.

    `offered` is the case that stood on the button: if it is this person's already (a second click), it is the
    answer; if somebody else was faster, the next one is.
    """
    if not roles.is_reviewer(by):
        raise Forbidden()
    if offered is not None:
        offered = lock(offered)
        if offered.assigned_to_id == by.pk and review.Standing(offered, by).waits_for_staff:
            return offered
    free = assigning.free_for(by, lambda found: found.select_for_update(skip_locked=True, of=("self",)))
    return None if free is None else services.assign(complaint=free, by=by, to=by)


@transaction.atomic
def look_at_signature(*, complaint: Complaint, by: User) -> str:
    """The name of who signed a notice. Each look is an entry in the ledger."""
    if not roles.is_reviewer(by):
        raise Forbidden()
    ledger.record(kind="complaint.signature_read", subject=complaint.public_id, actor=by)
    return complaint.signature


def retry_takedown(*, row: ComplaintTarget, by: User) -> None:
    """Try an order that was given up once more. Raises NotDead if it is on its way or was carried out."""
    if not roles.is_reviewer(by):
        raise Forbidden()
    order = Enforcement.objects.filter(target=row.target_id).first()
    if order is None:
        raise NotDead()
    retry_enforcement(enforcement=order, by=by)

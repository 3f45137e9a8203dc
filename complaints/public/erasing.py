"""What names a person without an account is removed, long after the last of their cases has ended.

What was decided, on which right and links, stays as it was, and so does the ledger, which holds no personal data.
"""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.guests.models import Guest
from accounts.models import Organisation, User
from complaints.models import Complaint, CounterNotice, PublicNotice
from core import clock, ledger
from core.models import Letter

#: claims lapse after three years (Civil Code of the PRC, art. 188), records of trade are kept as long (E-Commerce Law art. 31)
KEPT = timedelta(days=3 * 366)
State = Complaint.State
OVER = (State.REJECTED, State.CLOSED, State.WITHDRAWN)


def to_erase() -> QuerySet[Guest]:
    """Guests who never made an account of it, and none of whose cases has moved for so long."""
    cases = Complaint.objects.filter(organisation=OuterRef("organisation"))
    lively = cases.exclude(state__in=OVER, state_since_at__lt=clock.now() - KEPT)
    answered = CounterNotice.objects.filter(complaint__organisation=OuterRef("organisation"), deadline_at__isnull=False)
    old = Guest.objects.filter(created_at__lt=clock.now() - KEPT, carried_to__isnull=True, erased_at__isnull=True)
    unclaimed = old.filter(
        user__password__startswith=UNUSABLE_PASSWORD_PREFIX, organisation__state=Organisation.State.UNVERIFIED
    )
    return unclaimed.filter(~Exists(lively), ~Exists(answered))


def erase_guests(limit: int = 200) -> int:
    """Erase those whose time is over, each by itself; returns how many."""
    return sum(_erase(pk) for pk in list(to_erase().order_by("pk").values_list("pk", flat=True)[:limit]))


@transaction.atomic
def _erase(pk: int) -> bool:
    # Asked again under the lock: somebody may have confirmed a new notice, or chosen a password.
    guest = Guest.objects.select_for_update().filter(pk__in=to_erase().values("pk")).filter(pk=pk).first()
    if guest is None:
        return False
    user, organisation = guest.user, guest.organisation
    EmailAddress.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(
        email=f"{user.public_id}@erased.invalid", name="", phone="", is_active=False
    )  # fmt: skip
    Organisation.objects.filter(pk=organisation.pk).update(
        name=organisation.number, address="", contact_name="", contact_email="", contact_phone=""
    )  # fmt: skip
    Complaint.objects.filter(organisation=organisation, filed_by=user).update(signature="")
    notices = PublicNotice.objects.filter(guest=guest)
    notices.update(email="", email_key="")
    # The letter that proved the mailbox was to nobody who was known yet.
    theirs = Q(user=user) | Q(about__in=notices.values("public_id"))
    Letter.objects.filter(theirs, due_at__isnull=True).update(to="", body="")
    guest.links.all().delete()
    guest.erased_at = clock.now()
    guest.save(update_fields=["erased_at"])
    ledger.record(kind="guest.erased", subject=guest.public_id)
    return True

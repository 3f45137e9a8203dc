"""Complaints of somebody before they had papers become their organisation's, and its record with them."""

from accounts.models import Organisation
from complaints.models import AbuseFinding, Complaint, ConductMonth, Draft, Look, Message, Suspension


def carry(stub: Organisation, into: Organisation) -> dict[str, int]:
    """Move cases, messages and drafts; months add up, and a suspension goes along unless another one stands."""
    _add_months(stub, into)
    Look.objects.filter(organisation=stub).delete()
    Draft.objects.filter(organisation=stub).update(organisation=into)
    Message.objects.filter(party=stub).update(party=into)
    same = AbuseFinding.objects.filter(organisation=into).values_list("pattern", "key")
    for finding in AbuseFinding.objects.filter(organisation=stub).order_by("pk"):
        if (finding.pattern, finding.key) not in set(same):
            AbuseFinding.objects.filter(pk=finding.pk).update(organisation=into)
    standing = Suspension.objects.filter(organisation=into, state__in=Suspension.STANDING).exists()
    theirs = Suspension.objects.filter(organisation=stub)
    theirs = theirs.exclude(state__in=Suspension.STANDING) if standing else theirs
    return {
        "complaints": Complaint.objects.filter(organisation=stub).update(organisation=into),
        "complaints_of_agencies": Complaint.objects.filter(holder=stub).update(holder=into),
        "suspensions": theirs.update(organisation=into),
    }


def _add_months(stub: Organisation, into: Organisation) -> None:
    for month in ConductMonth.objects.select_for_update().filter(organisation=stub).order_by("month_on"):
        sum_, _new = ConductMonth.objects.select_for_update().get_or_create(organisation=into, month_on=month.month_on)
        for name in ("upheld", "dismissed", "withdrawn", "reversed"):
            setattr(sum_, name, getattr(sum_, name) + getattr(month, name))
        sum_.save(update_fields=["upheld", "dismissed", "withdrawn", "reversed"])
        month.delete()

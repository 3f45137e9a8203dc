"""Complaints of somebody before they had papers become their organisation's, and its record with them."""

from accounts.models import Organisation
from complaints.models import (
    AbuseFinding,
    AnswerSheet,
    Complaint,
    ConductMonth,
    Draft,
    Import,
    Look,
    Message,
    SavedSearch,
    Suspension,
)
from complaints.searches.services import LONGEST_NAME


def carry(stub: Organisation, into: Organisation) -> dict[str, int]:
    """Move cases, messages, drafts, sheets and searches; months add up, a suspension goes along unless another one stands."""
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
        "sheets_of_complaints": Import.objects.filter(organisation=stub).update(organisation=into),
        "sheets_of_answers": AnswerSheet.objects.filter(organisation=stub).update(organisation=into),
        "searches": _move_searches(stub, into),
    }


def _move_searches(stub: Organisation, into: Organisation) -> int:
    """Searches that are kept, with what they found; one whose name is taken gets a number behind it."""
    taken = set(SavedSearch.objects.filter(organisation=into).values_list("name", flat=True))
    moved = list(SavedSearch.objects.select_for_update().filter(organisation=stub).order_by("pk"))
    for search in moved:
        search.organisation, search.name = into, _free_name(search.name, taken)
        search.save(update_fields=["organisation", "name"])
        taken.add(search.name)
    return len(moved)


def _free_name(name: str, taken: set[str]) -> str:
    ending, n = "", 1
    while (free := f"{name[: LONGEST_NAME - len(ending)]}{ending}") in taken:
        n += 1
        ending = f" ({n})"
    return free


def _add_months(stub: Organisation, into: Organisation) -> None:
    for month in ConductMonth.objects.select_for_update().filter(organisation=stub).order_by("month_on"):
        sum_, _new = ConductMonth.objects.select_for_update().get_or_create(organisation=into, month_on=month.month_on)
        for name in ("upheld", "dismissed", "withdrawn", "reversed"):
            setattr(sum_, name, getattr(sum_, name) + getattr(month, name))
        sum_.save(update_fields=["upheld", "dismissed", "withdrawn", "reversed"])
        month.delete()

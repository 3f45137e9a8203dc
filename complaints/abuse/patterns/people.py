"""Shared accounts: several complainants behind whom the same people sit.

A device digest says that two people signed in from the same kind of browser in the same small network, no more: an
office of lawyers looks like that too. So it counts when it was seen again and again, and staff look at it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.models import Membership, Organisation, SignInTrace
from complaints.abuse.patterns.parts import MOST_CASES, MOST_ROWS, Evidence, half_year
from complaints.models import Complaint

DAYS, SEEN_TIMES = 90, 3


def shared_accounts(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """The same device, or the same credit code, behind several organisations that complain."""
    others = _by_device(organisation, at) | _by_credit_code(organisation)
    complaining = Complaint.objects.filter(organisation__in=others, created_at__gt=at - timedelta(days=2 * DAYS))
    others = set(complaining.values_list("organisation_id", flat=True).distinct())
    if others:
        cases = Complaint.objects.filter(organisation__in=[organisation.pk, *others]).order_by("-pk")
        named = list(cases.values_list("public_id", flat=True)[:MOST_CASES])
        yield Evidence(half_year(at), named, {"organisations": len(others) + 1})


def _by_device(organisation: Organisation, at: datetime) -> set[int]:
    """Organisations of people who sign in from the same device as ours, and who are none of ours."""
    seen = SignInTrace.objects.filter(last_at__gt=at - timedelta(days=DAYS), times__gte=SEEN_TIMES)
    ours = Membership.objects.filter(organisation=organisation).values("user")
    devices = list(seen.filter(user__in=ours).values_list("digest", flat=True)[:MOST_ROWS])
    if not devices:
        return set()
    people = seen.filter(digest__in=devices).exclude(user__in=ours).values("user")
    found = Membership.objects.filter(user__in=people).exclude(organisation=organisation)
    return set(found.values_list("organisation_id", flat=True)[:MOST_ROWS])


def _by_credit_code(organisation: Organisation) -> set[int]:
    if not organisation.uscc:
        return set()
    same = Organisation.objects.filter(uscc=organisation.uscc).exclude(pk=organisation.pk)
    return set(same.values_list("pk", flat=True)[:MOST_ROWS])

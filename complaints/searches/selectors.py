"""What is read of searches: hits as a complainant sees them, kept searches and what they found."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Organisation
from complaints.lifecycle import OPEN
from complaints.models import ComplaintTarget
from marketplace.search.engine import Hit

Outcome = ComplaintTarget.Outcome


@dataclass(frozen=True, slots=True)
class SeenHit:
    """Something on sale, and whether this organisation has complained of it."""

    hit: Hit
    #: number of its open complaint about it
    complained_in: str = ""


def seen_by(hits: Sequence[Hit], organisation: Organisation) -> list[SeenHit]:
    """One query for all of them."""
    numbers = complained_of(organisation, [hit.target.pk for hit in hits])
    return [SeenHit(hit, numbers.get(hit.target.pk, "")) for hit in hits]


def complained_of(organisation: Organisation, target_ids: Sequence[int]) -> dict[int, str]:
    """By target, the number of an open complaint about it that this organisation made, or had made for it."""
    rows = ComplaintTarget.objects.filter(
        Q(complaint__organisation=organisation) | Q(complaint__holder=organisation),
        target__in=target_ids,
        complaint__state__in=OPEN,
        outcome__in=[Outcome.PENDING, Outcome.UPHELD],
    )
    return dict(rows.values_list("target_id", "complaint__number"))

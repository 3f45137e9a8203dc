"""What is read of searches: hits as a complainant sees them, kept searches and what they found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.models import Organisation, User
from complaints.lifecycle import OPEN
from complaints.models import ComplaintTarget, SavedSearch, SavedSearchHit
from core.errors import NotYours
from marketplace.search import engine
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


def searches_of(user: User) -> QuerySet[SavedSearch]:
    """The saved searches of this person's organisation, newest first, with how much each found."""
    mine = SavedSearch.objects.visible_to(user).select_related("created_by").order_by("-pk")
    return mine.annotate(hit_count=Count("hits", filter=Q(hits__found_at__gte=F("created_at"))))


def search_of(user: User, public_id: str) -> SavedSearch:
    """One saved search. Raises NotYours, for a foreign one as for one that does not exist."""
    found = searches_of(user).select_related("organisation").filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def found_by(search: SavedSearch) -> QuerySet[SavedSearchHit]:
    """What it found that is still on sale, newest first."""
    found = search.hits.filter(found_at__gte=search.created_at, target__search_entry__isnull=False)
    return found.order_by("-pk")


def hits_of(rows: QuerySet[SavedSearchHit] | Sequence[Any], *, most: int | None = None) -> list[Hit]:
    """Rows of what was found as things on sale, newest first, in their order."""
    chosen = rows.order_by("-pk")[:most] if isinstance(rows, QuerySet) and most is not None else rows
    return engine.hits_of([row.target_id for row in chosen])

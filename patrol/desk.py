"""What staff read at their desk of candidates: the evidence of one, and what belongs together: one shop, one copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from marketplace import thumbnails
from marketplace.links import links_of
from marketplace.pictures import keepable
from patrol.models import Candidate
from patrol.signals import words

#: pictures of a listing that stand beside the official ones
MOST_PICTURES = 6
#: candidates of one group that are decided at once: each is a transaction of its own
MOST_AT_ONCE = 100
#: by what candidates are grouped
GROUPS = ("shop", "copy")
#: what the line of a candidate says beside itself
RELATED = ("target__shop", "target__marketplace", "profile__filing__organisation", "model", "scan")


@dataclass(frozen=True)
class SeenThing:
    """What one signal saw, in words, and what it adds to the score (log odds)."""

    name: str
    words: str
    adds: float
    #: 0..100, of the part that adds most
    bar: int


def candidates() -> QuerySet[Candidate]:
    """Every candidate with what its line says."""
    return Candidate.objects.select_related(*RELATED)


def what_was_seen(candidate: Candidate) -> list[SeenThing]:
    """Each signal in words with its part of the score, the heaviest first; parts that no signal has (the base) are left out."""
    parts: dict[str, float] = candidate.parts
    most = max((abs(adds) for adds in parts.values()), default=0.0) or 1.0
    seen = [
        SeenThing(
            words.name(one["signal"]), words.words(one), parts.get(one["signal"], 0.0),
            round(100 * abs(parts.get(one["signal"], 0.0)) / most),
        )
        for one in candidate.signals
    ]  # fmt: skip
    return sorted(seen, key=lambda one: -abs(one.adds))


def pictures_of(candidate: Candidate) -> list[str]:
    """Addresses of small pictures of the listing, as it is now."""
    target = candidate.target
    shown = range(min(len(keepable(target.images)), MOST_PICTURES))
    return [href for position in shown if (href := thumbnails.href(target, position))]


def link_of(candidate: Candidate) -> str:
    """Where the listing stands on the marketplace."""
    return str(links_of([(candidate.target, None)])[0])


def beside(candidate: Candidate) -> dict[str, int]:
    """How many open candidates are of the same shop, and how many show the same."""
    waiting = candidates().awaiting_decision().exclude(pk=candidate.pk)  # type: ignore[attr-defined]
    shop, copy = candidate.target.shop_id, candidate.copy_key
    return {
        "shop": waiting.filter(target__shop=shop).count() if shop else 0,
        "copy": waiting.filter(copy_key=copy).count() if copy else 0,
    }


def group_of(by: str, of: str) -> QuerySet[Candidate]:
    """The open candidates of one shop (by its public id), or of one copy (by its key); the surest first."""
    which = {"target__shop__public_id": of[:31]} if by == "shop" else {"copy_key": of[:64]}
    found: QuerySet[Candidate] = candidates().awaiting_decision().filter(**which)  # type: ignore[attr-defined]
    return found.order_by("-score", "pk")


def groups(by: str) -> list[dict[str, Any]]:
    """Shops, or copies, with most open candidates: what is best decided at once."""
    field = "target__shop__public_id" if by == "shop" else "copy_key"
    waiting = Candidate.objects.awaiting_decision().exclude(**{f"{field}": ""}).exclude(**{f"{field}__isnull": True})  # type: ignore[attr-defined]
    rows = list(waiting.values(field).annotate(n=Count("pk")).filter(n__gt=1).order_by("-n", field)[:MOST_AT_ONCE])
    first = _first_of_each(by, [row[field] for row in rows])
    return [{"of": row[field], "n": row["n"], "first": first.get(row[field])} for row in rows]


def _first_of_each(by: str, keys: Sequence[str]) -> dict[str, Candidate]:
    which = {"target__shop__public_id__in": keys} if by == "shop" else {"copy_key__in": keys}
    found: dict[str, Candidate] = {}
    for candidate in candidates().awaiting_decision().filter(**which).order_by("-score", "pk"):  # type: ignore[attr-defined]
        key = candidate.target.shop.public_id if by == "shop" and candidate.target.shop else candidate.copy_key
        found.setdefault(key, candidate)
    return found

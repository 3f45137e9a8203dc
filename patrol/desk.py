"""What staff read at their desk of candidates: the evidence of one, and what belongs together: one shop, one copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from complaints.reasons import Reason
from marketplace import thumbnails, titles
from marketplace.links import links_of
from marketplace.pictures import keepable
from patrol.models import Candidate, WatchProfile
from patrol.reasons import infringements_for, rules_that_fit
from patrol.signals import words
from rulebook.models import RuleVersion

#: pictures of a listing that stand beside the official ones
MOST_PICTURES = 6
#: candidates of one group that are decided at once: each is a transaction of its own
MOST_AT_ONCE = 100
GROUPS_ON_A_PAGE = 50
#: by what candidates are grouped
_FIELDS = {"shop": "target__shop__public_id", "copy": "copy_key"}
GROUPS = tuple(_FIELDS)
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


#: a search finds so many of each kind at most
HITS = 500


def search(candidates: QuerySet[Candidate], asked: str) -> QuerySet[Candidate]:
    """By number or id of a candidate, a profile or a target; else by words of a title, a shop's name or a profile's name."""
    if not asked:
        return candidates
    # Numbers are in capitals: compared as they are, their index answers.
    named = Q(number=asked.upper()) | Q(public_id=asked)
    profiles = WatchProfile.objects.filter(named)
    found = list(Candidate.objects.filter(named).values_list("pk", flat=True))
    found += _of(list(profiles.values_list("pk", flat=True)[:HITS]), titles.named(asked))
    if not found:
        called = WatchProfile.objects.filter(name__icontains=asked).values_list("pk", flat=True)
        found = _of(list(called[:HITS]), titles.with_words(asked))
    return candidates.filter(pk__in=found)


def _of(profiles: list[int], targets: list[int]) -> list[int]:
    """Candidates of these profiles, on these targets, or on listings of these shops, the surest first."""
    which = (Q(profile__in=profiles), Q(target__in=targets), Q(target__shop__in=targets))
    rows = (Candidate.objects.filter(one).order_by("-score").values_list("pk", flat=True)[:HITS] for one in which)
    return [pk for part in rows for pk in part]


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
    found: QuerySet[Candidate] = candidates().awaiting_decision().filter(**{_FIELDS[by]: of[:64]})  # type: ignore[attr-defined]
    return found.order_by("-score", "pk")


def groups(by: str) -> QuerySet[Candidate, dict[str, Any]]:
    """Shops, or copies, with several open candidates, as `{"of", "n"}`; those with most first: best decided at once."""
    field = _FIELDS[by]
    waiting = candidates().awaiting_decision().exclude(**{field: ""}).exclude(**{f"{field}__isnull": True})  # type: ignore[attr-defined]
    rows = waiting.order_by().values(of=F(field)).annotate(n=Count("pk"))
    return rows.filter(n__gt=1).order_by("-n", "of")  # type: ignore[no-any-return]


def surest_of_each(by: str, keys: Sequence[str]) -> dict[str, Candidate]:
    """Of each of these groups the open candidate with the highest score; one query, one row for each."""
    field = _FIELDS[by]
    place = Window(RowNumber(), partition_by=F(field), order_by=[F("score").desc(), F("pk").asc()])
    waiting = candidates().awaiting_decision().filter(**{f"{field}__in": list(keys)})  # type: ignore[attr-defined]
    first = waiting.annotate(of=F(field), place=place).filter(place=1)
    return {candidate.of: candidate for candidate in first}


@dataclass(frozen=True)
class Sort:
    """Candidates of a group that one rule upholds: of one kind of right, of goods, and of what is on sale."""

    name: str
    label: str
    rules: list[RuleVersion]
    infringements: list[Reason]


def sort_of(candidate: Candidate) -> str:
    """The name of the sort that a candidate is of."""
    return f"{candidate.profile.filing.kind}-{candidate.profile.kind}-{candidate.target.kind}"


def sorts_of(rows: Sequence[Candidate]) -> list[Sort]:
    """The sorts among these candidates, each with the rules and kinds of infringement that fit it, as they stand in `rows`."""
    first = {sort_of(row): row for row in reversed(rows)}
    return [
        Sort(
            name, f"{row.profile.filing.get_kind_display()} · {row.target.get_kind_display()}", rules_that_fit(row),
            infringements_for(row),
        )
        for name, row in reversed(first.items())
    ]  # fmt: skip


def facts_of(seen: Sequence[SeenThing]) -> str:
    """What speaks against an offer, one sentence in each line: what its shop is told unless a person writes it anew."""
    return "\n".join(dict.fromkeys(one.words for one in seen if one.adds > 0))

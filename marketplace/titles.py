"""Targets that staff look for by words, at a cost that does not grow with the mirror.

What is on sale is found by the index of search; of what is down, gone or not told of yet the newest are looked through as they
stand. Whoever looks for an older one names it: its id, its link, its shop.
"""

from django.db.models import Max, Q

from core.errors import Invalid
from marketplace.models import Marketplace, Target
from marketplace.search import engine

#: so many are found at most, and so many of the newest are looked through as they stand
HITS, LOOKED_THROUGH = 500, 5_000


def named(words: str) -> list[int]:
    """Targets with exactly this id, on their marketplace or of ours, share token or credit code of their operator."""
    # Together they are the beginning of an index, and so is the id alone.
    there = Q(marketplace__in=list(Marketplace.objects.values_list("pk", flat=True)), kind__in=Target.Kind.values)
    by_id = list(Target.objects.filter(there, external_id=words).values_list("pk", flat=True)[:HITS])
    ours = Q(public_id=words) | Q(share_token=words) & ~Q(share_token="") | Q(operator_uscc=words)
    return [*by_id, *Target.objects.filter(ours).values_list("pk", flat=True)[:HITS]]


def with_words(words: str) -> list[int]:
    """Targets with these words in their title, the newest first."""
    try:
        found = [pk for _key, pk in engine.newer(engine.Query(words=words), most=HITS)]
    except Invalid:
        found = []
    newest = Target.objects.aggregate(n=Max("pk"))["n"] or 0
    others = Target.objects.filter(pk__gt=newest - LOOKED_THROUGH, title__icontains=words).order_by("-pk")
    return list(dict.fromkeys([*found, *others.values_list("pk", flat=True)[:HITS]]))

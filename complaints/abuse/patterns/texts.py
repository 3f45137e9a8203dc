"""Copy-paste boilerplate: one text over many cases against many shops, most of which were dismissed.

Texts are compared by a sketch of them: the smallest hashes of their pieces of eight characters (bottom-k MinHash;
Broder 1997). A holder who uses one good text for copies that are upheld is no abuser: the outcome counts too.
"""

from collections.abc import Iterator
from datetime import datetime
from zlib import crc32

from django.db.models import Count, Q

from accounts.models import Organisation
from complaints.abuse.patterns.parts import MOST_CASES, Evidence, complaints_since, normalised, quarter
from complaints.models import ComplaintTarget

DAYS, NEWEST, PIECE, SKETCH = 90, 300, 8, 48
#: so alike are two texts that were copied; so many cases against so many shops, and no more than this share upheld
ALIKE, CASES, SHOPS, UPHELD_RATIO = 0.8, 8, 3, 0.5

Outcome = ComplaintTarget.Outcome


def sketch(text: str) -> frozenset[int]:
    """A few numbers by which texts can be compared; the numbers in them, which change from copy to copy, are left out."""
    plain = "".join(letter for letter in normalised(text) if not letter.isdigit())
    pieces = {crc32(plain[i : i + PIECE].encode()) for i in range(max(1, len(plain) - PIECE + 1))}
    return frozenset(sorted(pieces)[:SKETCH])


def alike(one: frozenset[int], other: frozenset[int]) -> float:
    """How alike two texts are, 0 to 1: an estimate of what their pieces have in common."""
    smallest = sorted(one | other)[:SKETCH]
    return sum(number in one and number in other for number in smallest) / len(smallest)


def boilerplate(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    recent = complaints_since(organisation, at, days=DAYS).order_by("-pk").values_list("pk", "public_id", "description")
    groups: list[tuple[frozenset[int], list[tuple[int, str]]]] = []
    for pk, case, text in recent[:NEWEST]:
        drawn = sketch(text)
        for known, members in groups:
            if alike(known, drawn) >= ALIKE:
                members.append((pk, case))
                break
        else:
            groups.append((drawn, [(pk, case)]))
    for drawn, members in groups:
        if len(members) >= CASES and (figures := _little_came_of([pk for pk, _case in members])):
            key = f"{quarter(at)}:{min(drawn):08x}"
            yield Evidence(key, [case for _pk, case in members[:MOST_CASES]], {"n": len(members), **figures})


def _little_came_of(complaints: list[int]) -> dict[str, int]:
    """Shops, decided and upheld links of these complaints; nothing if they were of few shops or mostly upheld."""
    links = ComplaintTarget.objects.filter(complaint__in=complaints)
    counted = links.aggregate(
        shops=Count("target__shop", distinct=True),
        upheld=Count("pk", filter=Q(outcome=Outcome.UPHELD)),
        dismissed=Count("pk", filter=Q(outcome=Outcome.DISMISSED)),
    )
    decided = counted["upheld"] + counted["dismissed"]
    if counted["shops"] < SHOPS or not decided or counted["upheld"] > UPHELD_RATIO * decided:
        return {}
    return {"shops": counted["shops"], "decided": decided, "upheld": counted["upheld"]}

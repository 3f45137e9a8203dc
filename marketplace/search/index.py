"""Keeping the entries of search: one for each target that is on sale, made anew in the transaction that changes it.

What a filter asks for is a word of the index as well (`=klisting`, `=m3`): so a common word under a rare filter is
found as quickly as a rare word. Who changes what a target says or whether it is up calls `refresh`.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import clock
from marketplace.models import SearchEntry, Target
from marketplace.search.words import readable, runs_of

#: raised with whatever changes what is kept of a text: folding, grams, words of filters, how much of a text. Entries of an
#: earlier version are made anew where they stand (`index_missing`)
VERSION = 1
#: of a description, so many characters are looked for, and so many of what else is said of it
MOST_OF_DESCRIPTION, MOST_OF_ATTRIBUTES = 200, 200
MOST_STEPS, LONGEST_STEP = 8, 40
#: what divides the steps of a category
_STEPS = str.maketrans(dict.fromkeys("/\\>›»|;,，、；", "\n"))
#: prices are words of the index by steps of a quarter, and of a fiftieth for narrow ranges
STEPS = {"p": math.log(1.25), "f": math.log(1.02)}
CHUNK = 400
AT_ONCE = 1000


def is_on_sale(target: Target) -> bool:
    """Whether everybody can see it on its marketplace, and the marketplace has said what it is."""
    return target.observed == Target.Observed.UP and target.version > 0


def refresh(targets: Collection[Target]) -> None:
    """Make the entries of these targets anew; they are saved, and locked by who changed them."""
    remove([target.pk for target in targets])
    SearchEntry.objects.bulk_create([entry_of(target) for target in targets if is_on_sale(target)], batch_size=CHUNK)


def remove(target_ids: Collection[int]) -> None:
    """Take targets out of the search."""
    ids = sorted(target_ids)
    for start in range(0, len(ids), CHUNK):
        SearchEntry.objects.filter(target__in=ids[start : start + CHUNK]).delete()


def index_missing() -> Iterator[tuple[int, int]]:
    """Walk over all targets and make right what is not; yields after each thousand how many were seen and mended.

    What was in the mirror before there was a search has no entry yet, and what an earlier version of it made is made
    anew. It may be stopped, and run again at any time.
    """
    seen = mended = last = 0
    while ids := list(Target.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        seen, last = seen + len(ids), ids[-1]
        mended += _mend(ids)
        yield seen, mended


def _mend(ids: list[int]) -> int:
    if not _wrong(ids):
        return 0
    with transaction.atomic():
        found = Target.objects.filter(pk__in=_wrong(ids)).select_for_update(of=("self",), no_key=True).order_by("pk")
        wrong = list(found)
        old = {
            entry.target_id: entry
            for entry in SearchEntry.objects.filter(target__in=wrong).exclude(version=VERSION).defer("text", "words")
        }
        stays = {target.pk for target in wrong if target.pk in old and is_on_sale(target)}
        _renew([target for target in wrong if target.pk in stays], old)
        refresh([target for target in wrong if target.pk not in stays])
    return len(wrong)


def _wrong(ids: list[int]) -> list[int]:
    """Those that are on sale and have no entry, or the other way round; and those whose entry is of an earlier version."""
    rows = Target.objects.filter(pk__in=ids).values_list("pk", "observed", "version", "search_entry__version")
    up = Target.Observed.UP
    return [
        pk
        for pk, observed, version, made_by in rows
        if made_by != (VERSION if observed == up and version > 0 else None)
    ]


def _renew(targets: Collection[Target], old: Mapping[int, SearchEntry]) -> None:
    """Make entries anew where they stand: nothing has changed, so that they keep their place in the order of change."""
    made = []
    for target in targets:
        entry, before = entry_of(target), old[target.pk]
        entry.pk, entry.changed_at = before.pk, before.changed_at
        made.append(entry)
    remove([target.pk for target in targets])
    SearchEntry.objects.bulk_create(made, batch_size=CHUNK)


# --- one entry ------------------------------------------------------------------------------------------


def entry_of(target: Target) -> SearchEntry:
    text, grams = readable(target.title, _rest(target))
    seller_id = target.pk if target.kind == Target.Kind.SHOP else target.shop_id
    entry = SearchEntry(
        target=target, text=text, marketplace_id=target.marketplace_id, kind=target.kind, seller_id=seller_id,
        categories=" ".join(["", *steps_of(target.category), ""]), price=target.price, currency=target.currency,
        published_at=target.first_seen_at, changed_at=clock.now(), version=VERSION,
    )  # fmt: skip
    entry.words = " ".join([*_filter_words(entry), *grams])
    return entry


def _rest(target: Target) -> str:
    said = " \n ".join(_values(target.attributes))[:MOST_OF_ATTRIBUTES]
    return f"{said} \n {target.description[:MOST_OF_DESCRIPTION]}"


def _values(attributes: Any) -> Iterable[str]:
    for value in attributes.values() if isinstance(attributes, dict) else ():
        if isinstance(value, str):
            yield value


def _filter_words(entry: SearchEntry) -> list[str]:
    published = entry.published_at.astimezone(UTC)
    found = [
        kind_word(entry.kind), marketplace_word(entry.marketplace_id),
        month_word(published.year, published.month), year_word(published.year),
        *(category_word(step) for step in entry.categories.split()),
    ]  # fmt: skip
    if entry.seller_id:
        found.append(seller_word(entry.seller_id))
    if entry.price is not None and entry.currency.isascii() and entry.currency.isalnum():
        found += [price_word(size, entry.currency, price_step(size, entry.price)) for size in STEPS]
    return found


def steps_of(category: str) -> list[str]:
    """The steps of a category and the whole of it, folded: Shoes / Running is shoes, running and shoesrunning."""
    steps = ["".join(runs_of(step))[:LONGEST_STEP] for step in category.translate(_STEPS).split("\n")]
    return list(dict.fromkeys(filter(None, ["".join(steps)[:LONGEST_STEP], *steps[:MOST_STEPS]])))


def kind_word(kind: str) -> str:
    return f"=k{kind}"


def marketplace_word(marketplace_id: int) -> str:
    return f"=m{marketplace_id}"


def seller_word(shop_id: int) -> str:
    return f"=s{shop_id}"


def category_word(step: str) -> str:
    return f"=c{step}"


def month_word(year: int, month: int) -> str:
    return f"=d{year:04d}{month:02d}"


def year_word(year: int) -> str:
    return f"=y{year:04d}"


def price_word(size: str, currency: str, step: int) -> str:
    return f"={size}{currency.lower()}{step}"


def price_step(size: str, price: Decimal) -> int:
    """Which step of this size a price lies on; 0 for what costs nothing."""
    return max(0, 1 + math.floor(math.log(max(float(price), 0.01) / 0.01) / STEPS[size])) if price > 0 else 0

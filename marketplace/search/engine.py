"""What is on sale by words, seller, category, price and time: one page of it, newest change first or best match.

Every word that was typed and every filter is a word of one index: a full-text index of SQLite, which is read from the
newest entry on, and an inverted index of PostgreSQL, which knows no order. There the newest entries are looked through
first, as they stand: a common word is found among them. What is not found so is rare, and the index has few of it to
sort. So nothing ever counts or sorts all that matches. Measured in docs/reference/benchmarks.md, decided in ADR 18.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.sql import marks
from marketplace import thumbnails
from marketplace.links import links_of
from marketplace.models import Marketplace, SearchEntry, Target
from marketplace.search import index
from marketplace.search.words import Word, runs_of, typed

PAGE, MOST_ON_A_PAGE = 25, 100
#: so many of the newest entries are looked through as they stand
LOOKED_THROUGH = 8_000
#: the best are chosen among so many of the newest that match
RANKED = 300
#: filters that would be more words of the index than this are looked at in what else was found
MOST_ALTERNATIVES = 60
#: entries written at the same moment may get their keys in another order than their times
_MARGIN, _ANY_ORDER = 10_000, timedelta(minutes=10)
_FIRST_YEAR = 1990
_INDEXED = "array_to_tsvector(string_to_array(entry.words, ' '))"


class Order(models.TextChoices):
    NEWEST = "newest", _("newest change first")
    BEST = "best", _("best match first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for. Everything that is left out narrows nothing."""

    words: str = ""
    kinds: Collection[str] = ()
    #: short name
    marketplace: str = ""
    #: public id of a shop
    shop: str = ""
    #: words of a shop's name
    seller: str = ""
    category: str = ""
    currency: str = ""
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    published_since: datetime | None = None
    published_until: datetime | None = None
    changed_since: datetime | None = None
    #: only entries made after the one with this key
    after: int = 0
    order: str = Order.NEWEST


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing on sale that was found."""

    target: Target
    published_at: datetime
    changed_at: datetime
    #: a line that the wizard reads as this target; "" where none is known
    link: str = ""

    @property
    def shop(self) -> Target | None:
        seller = self.target.seller
        return seller if seller.kind == Target.Kind.SHOP else None

    @property
    def thumbnail(self) -> str:
        """Where our pages show its first picture."""
        return thumbnails.href(self.target)

    @property
    def image(self) -> str:
        return self.target.images[0] if self.target.images else ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits; `cursor` leads to the next one, "" after the last."""

    hits: list[Hit] = field(default_factory=list)
    cursor: str = ""


def search(query: Query, *, cursor: str = "", size: int = PAGE) -> Found:
    """One page of what is publicly on sale and fits; a constant number of queries.

    Raises Invalid for a price without a currency, an unknown marketplace, and a cursor of no page.
    """
    size = max(1, min(size, MOST_ON_A_PAGE))
    asked = _asked(query)
    place = _place(cursor, query.order)
    if asked is None:
        return Found()
    if query.order == Order.BEST and asked.said:
        rows = _ranked(_rows(asked, below=None, most=RANKED), asked.said)[place or 0 :]
        return Found(_hits(rows[:size]), f"b{(place or 0) + size}" if len(rows) > size else "")
    rows = _rows(asked, below=place, most=size + 1)
    return Found(_hits(rows[:size]), f"n{rows[size - 1].key}" if len(rows) > size else "")


def newer(query: Query, *, most: int, below: int | None = None) -> list[tuple[int, int]]:
    """Key and target of at most so many entries after `query.after`, and below a key, that fit, newest first."""
    asked = _asked(query)
    return [] if asked is None else [(row.key, row.target_id) for row in _rows(asked, below=below, most=most)]


def hits_of(target_ids: Sequence[int]) -> list[Hit]:
    """Those of these targets that are on sale, in the order given."""
    entries = {row.target_id: row for row in SearchEntry.objects.filter(target__in=target_ids).defer("text", "words")}
    found = [entries[pk] for pk in target_ids if pk in entries]
    return _hits([_Row(row.pk, row.target_id, row.published_at, row.changed_at, "") for row in found])


def newest_key() -> int:
    """The key of the newest entry: what comes later lies above it."""
    return SearchEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _place(cursor: str, order: str) -> int | None:
    if not cursor:
        return None
    sign = "b" if order == Order.BEST else "n"
    if cursor[0] not in "nb" or not cursor[1:].isascii() or not cursor[1:].isdigit() or len(cursor) > 19:
        raise Invalid(
            _("This is no cursor of a page. Take the address of the next page as it was given."), field="cursor"
        )
    # That of a page in another order begins anew.
    return int(cursor[1:]) if cursor[0] == sign else None


# --- what is asked of the database -----------------------------------------------------------------------


@dataclass(slots=True)
class _Asked:
    """A query as words of the index, each group of alternatives; and as conditions on an entry."""

    said: list[Word] = field(default_factory=list)
    groups: list[tuple[str, ...]] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    above: int = 0
    #: found by the sellers' own index, beside which what other filters ask for is common
    is_by_sellers: bool = False

    def where(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values += values

    def one_of(self, column: str, wanted: Sequence[Any], word: Callable[[Any], str]) -> None:
        """The column is one of these values, each of which is a word of the index."""
        self.where(f"entry.{column} IN ({marks(wanted)})", *wanted)
        self.either([word(value) for value in wanted])

    def have(self, word: Word) -> None:
        """The grams of a word stand there."""
        self.groups += [(gram,) for gram in word.grams]
        self.groups += [(f"{beginning}*",) for beginning in word.beginnings]

    def either(self, words: Sequence[str]) -> None:
        if len(words) <= MOST_ALTERNATIVES:
            self.groups.append(tuple(words))


def _asked(query: Query) -> _Asked | None:
    """None where nothing can fit."""
    asked = _Asked(said=typed(query.words), above=query.after)
    for word in asked.said:
        asked.have(word)
    if query.words.strip() and not asked.said:
        return None
    of_words = list(asked.groups)
    if query.kinds:
        asked.one_of("kind", sorted(set(query.kinds)), index.kind_word)
    if not _places(asked, query) or not _sellers(asked, query):
        return None
    if query.category.strip():
        step = "".join(runs_of(query.category))[: index.LONGEST_STEP]
        if not step:
            return None
        asked.where("entry.categories LIKE %s", f"% {step} %")
        asked.either([index.category_word(step)])
    _prices(asked, query)
    _times(asked, query)
    if asked.is_by_sellers:
        asked.groups = of_words
    # Last, since it costs most.
    for word in asked.said:
        asked.where("entry.text LIKE %s", f"%{word.said}%")
    return asked


def _places(asked: _Asked, query: Query) -> bool:
    rows = list(Marketplace.objects.order_by("pk").values_list("pk", "slug", "is_enabled"))
    if query.marketplace:
        wanted = [pk for pk, slug, is_enabled in rows if slug == query.marketplace and is_enabled]
        if not wanted:
            raise Invalid(_("There is no marketplace with this short name."), field="marketplace")
        asked.one_of("marketplace_id", wanted, index.marketplace_word)
    elif away := [pk for pk, _slug, is_enabled in rows if not is_enabled]:
        asked.where(f"entry.marketplace_id NOT IN ({marks(away)})", *away)
    return bool(rows)


def _sellers(asked: _Asked, query: Query) -> bool:
    """False where there is no such shop."""
    shops: list[int] | None = None
    if query.shop:
        is_shop = Target.objects.filter(public_id=query.shop, kind=Target.Kind.SHOP)
        shops = list(is_shop.values_list("pk", flat=True))
    if query.seller.strip():
        named = _named(query.seller)
        if named is None:
            return False
        if shops is not None:
            named.where(f"entry.target_id IN ({marks(shops)})", *shops)
        found = [row.target_id for row in _rows(named, below=None, most=MOST_ALTERNATIVES + 1)]
        if len(found) > MOST_ALTERNATIVES:
            # A name of many shops: whose they are is asked of the shops' own entries.
            statement, values = _by_index(named, "entry.target_id")
            asked.where(f"entry.seller_id IN ({statement})", *values)
            asked.is_by_sellers = True
            return True
        shops = found
    if shops:
        asked.one_of("seller_id", shops, index.seller_word)
    return shops is None or bool(shops)


def _named(seller: str) -> _Asked | None:
    """Shops in whose name these words stand; None for no word."""
    named = _Asked(said=typed(seller))
    if not named.said:
        return None
    named.one_of("kind", [Target.Kind.SHOP], index.kind_word)
    for word in named.said:
        named.have(word)
        # The name ends where two blanks are.
        named.where("entry.text LIKE %s", f"%{word.said}%  %")
    return named


def _prices(asked: _Asked, query: Query) -> None:
    low, high = query.price_from, query.price_to
    if query.currency:
        asked.where("entry.currency = %s", query.currency.upper())
    if low is None and high is None:
        return
    if not query.currency:
        raise Invalid(_("Say in which currency the price is, such as CNY."), field="currency")
    asked.where("entry.price BETWEEN %s AND %s", low or 0, Decimal(10**12) if high is None else high)
    for size in ("f", "p"):
        first = index.price_step(size, low or Decimal(0))
        last = index.price_step(size, Decimal(10**12) if high is None else high)
        if last - first < MOST_ALTERNATIVES:
            # By the finest steps of which it takes few.
            asked.either([index.price_word(size, query.currency, step) for step in range(first, last + 1)])
            return


def _times(asked: _Asked, query: Query) -> None:
    since, until = query.published_since, query.published_until
    if since is not None:
        asked.where("entry.published_at >= %s", since)
    if until is not None:
        asked.where("entry.published_at < %s", until)
    if until is not None:
        asked.either(_published(since, until))
    if query.changed_since is not None:
        asked.where("entry.changed_at >= %s", query.changed_since)
        since = max(filter(None, [since, query.changed_since]))
    if since is not None:
        # What was published since then has changed since then: it lies above the newest entry before.
        before = SearchEntry.objects.filter(changed_at__lt=since - _ANY_ORDER).order_by("-changed_at")
        newest_before = before.values_list("pk", flat=True).first() or 0
        asked.above = max(asked.above, newest_before - _MARGIN)


def _published(since: datetime | None, until: datetime) -> list[str]:
    """The months and whole years of a time, as words of the index."""
    # As entries have them: by UTC. Before the first year nobody sold anything on a marketplace.
    until = until.astimezone(UTC)
    since = since.astimezone(UTC) if since is not None else datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
    words = []
    for year in range(since.year, until.year + 1):
        first, last = since.month if year == since.year else 1, until.month if year == until.year else 12
        is_whole = (first, last) == (1, 12)
        words += [index.year_word(year)] if is_whole else [index.month_word(year, m) for m in range(first, last + 1)]
    return words


# --- the rows of a page ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    key: int
    target_id: int
    published_at: datetime
    changed_at: datetime
    text: str


def _rows(asked: _Asked, *, below: int | None, most: int) -> list[_Row]:
    """The newest entries that fit, at most so many."""
    where = "".join(f" AND {condition}" for condition in asked.conditions)
    bounds = "entry.id > %s" + (" AND entry.id < %s" if below is not None else "")
    bound = [asked.above, *([below] if below is not None else [])]
    table = SearchEntry._meta.db_table
    if not asked.groups and (not asked.is_by_sellers or connection.vendor == "sqlite"):
        keys = _keys(
            f"SELECT entry.id FROM {table} entry WHERE {bounds}{where} ORDER BY entry.id DESC LIMIT %s",  # noqa: S608
            [*bound, *asked.values, most],
        )
    elif connection.vendor == "sqlite":
        statement, values = _by_index(asked, "entry.id")
        keys = _keys(
            f"{statement} AND found.rowid > %s{' AND found.rowid < %s' if below is not None else ''}"
            " ORDER BY found.rowid DESC LIMIT %s",
            [*values, *bound, most],
        )
    else:
        keys = _keys(
            f"SELECT entry.id FROM (SELECT * FROM {table} entry WHERE {bounds} ORDER BY id DESC LIMIT {LOOKED_THROUGH}) "  # noqa: S608
            f"entry WHERE true{where} ORDER BY entry.id DESC LIMIT %s",
            [*bound, *asked.values, most],
        )
        if len(keys) < most:
            # Not in the order of the index of keys, which would be walked along for a word that is rare.
            statement, values = _by_index(asked, "entry.id")
            keys = _keys(f"{statement} AND {bounds} ORDER BY entry.id + 0 DESC LIMIT %s", [*values, *bound, most])
    found = SearchEntry.objects.defer("words").in_bulk(keys)
    return [
        _Row(key, row.target_id, row.published_at, row.changed_at, row.text)
        for key in keys
        if (row := found.get(key)) is not None
    ]


def _by_index(asked: _Asked, column: str) -> tuple[str, list[Any]]:
    """A column of what fits, found by the index, in no order; the statement and its values."""
    table, where = SearchEntry._meta.db_table, "".join(f" AND {condition}" for condition in asked.conditions)
    if connection.vendor == "sqlite":
        return (
            f"SELECT {column} FROM marketplace_searchindex found JOIN {table} entry ON entry.id = found.rowid "  # noqa: S608
            f"WHERE found.marketplace_searchindex MATCH %s{where}",
            [_for_sqlite(asked.groups), *asked.values],
        )
    if not asked.groups:
        return f"SELECT {column} FROM {table} entry WHERE true{where}", asked.values  # noqa: S608
    return (
        f"SELECT {column} FROM {table} entry WHERE {_INDEXED} @@ %s::tsquery{where}",  # noqa: S608
        [_for_postgresql(asked.groups), *asked.values],
    )


def _keys(statement: str, values: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_prepared(value) for value in values])
        return [key for (key,) in cursor.fetchall()]


def _prepared(value: Any) -> Any:
    """A value as the columns of this database keep it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, Decimal) and connection.vendor == "sqlite":
        return float(value)
    return value


def _for_sqlite(groups: Sequence[Sequence[str]]) -> str:
    def quoted(word: str) -> str:
        return f'"{word[:-1]}"*' if word.endswith("*") else f'"{word}"'

    return " AND ".join(f"({' OR '.join(map(quoted, group))})" for group in groups)


def _for_postgresql(groups: Sequence[Sequence[str]]) -> str:
    def quoted(word: str) -> str:
        return f"'{word[:-1]}':*" if word.endswith("*") else f"'{word}'"

    return " & ".join(f"({' | '.join(map(quoted, group))})" for group in groups)


def _ranked(rows: Sequence[_Row], said: Sequence[Word]) -> list[_Row]:
    """Best first: most words in the title, then most of them as whole words, all in a row, early, newest."""
    phrase = " ".join(word.said.strip() for word in said)

    def rank(row: _Row) -> tuple[Any, ...]:
        title = row.text.partition("  ")[0] + " "
        whole = sum(f" {word.said.strip()} " in title for word in said)
        places = [title.find(word.said) for word in said]
        return sum(place >= 0 for place in places), whole, phrase in title, -max(places[0], 0), row.key

    return sorted(rows, key=rank, reverse=True)


def _hits(rows: Sequence[_Row]) -> list[Hit]:
    found = Target.objects.select_related("shop", "marketplace").defer(
        "description", "attributes", "frames", "contact_email", "shop__description", "shop__images", "shop__attributes",
        "shop__frames", "shop__contact_email", "marketplace__secrets", "marketplace__inbound_secret",
    )  # fmt: skip
    targets = found.in_bulk([row.target_id for row in rows])
    shown = [row for row in rows if row.target_id in targets]
    links = links_of([(targets[row.target_id], None) for row in shown])
    return [
        Hit(targets[row.target_id], row.published_at, row.changed_at, link)
        for row, link in zip(shown, links, strict=True)
    ]

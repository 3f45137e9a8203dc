"""Reading what people paste: a link of any scene, or a shop's share text, becomes a target or a clear word.

Nothing is ever fetched. Addresses are taken apart by urllib and compared with each marketplace's templates
piece by piece; there is no pattern that could be made to run long, and the time is linear in the line.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.sql import Columns, marks, read
from marketplace.models import LinkTemplate, Marketplace, Scene, Target

MAX_LINE = 4_000
MAX_ID = 128
MAX_SECONDS = 7 * 24 * 3600
MAX_QUERY_FIELDS = 100
CHUNK = 400
#: no link needs a connector's secrets, and to decrypt them takes longer than to read it
_MARKETPLACE = Columns(Marketplace, "marketplace", without=("secrets", "inbound_secret"))
_TARGET = Columns(Target, "target")
#: nor what a shop shows of itself, where it only sells what a link names
_SHOP = Columns(Target, "shop", without=("description", "images", "attributes", "frames", "contact_email"))

_ID, _SECONDS = "{id}", "{seconds}"
#: full-width forms of Chinese input methods, and the ideographic full stop and space
_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: " ", 0x3002: " "}
_LOWER = {ord(c): ord(c) + 32 for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
#: signs that turn the direction of writing and so can make an address look like another one
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ZERO_WIDTH = {ord(c): None for c in "\u200b\u200c\u200d\u2060\ufeff"}
#: ends of a sentence around a link, none of which ends an address
_AFTER_A_LINK = ".,;:!?'\"()[]{}<>|、，。！？；：”’》】」"


class Problem(models.TextChoices):
    """Why a line is no target, in words that say what to do."""

    NOT_A_LINK = (
        "not_a_link",
        _("This is not a link. Paste the address of the page, or the share text of the shop."),
    )
    HIDDEN_CHARACTERS = (
        "hidden_characters",
        _("This line contains hidden control characters. Copy the link again from the address bar."),
    )
    TOO_LONG = "too_long", _("This line is too long for a link. Paste one link per line.")
    UNKNOWN_MARKETPLACE = "unknown_marketplace", _("%(host)s is not a marketplace that is connected here.")
    NOT_REPORTABLE = (
        "not_reportable",
        _("This page of %(marketplace)s cannot be reported. Open the product, video, livestream or shop itself."),
    )
    UNKNOWN_TARGET = (
        "unknown_target",
        _("Nothing is known under this address of %(marketplace)s. Check that the link is complete."),
    )
    UNKNOWN_TOKEN = (
        "unknown_token",
        _("No shop is known by this share text. Share the shop again, or paste the link of its page."),
    )
    AMBIGUOUS_TOKEN = (
        "ambiguous_token",
        _("More than one shop used this share text. Paste the link of the shop's page."),
    )


@dataclass(slots=True)
class Resolved:
    """What one line is: a target in a scene, at a second of it for films; or the problem."""

    link: str
    target: Target | None = None
    scene: str = ""
    seconds: int | None = None
    problem: str = ""
    words: dict[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """Why there is no target, in the reader's language; empty when there is one."""
        return str(Problem(self.problem).label) % self.words if self.problem else ""


def is_web_address(url: Any) -> bool:
    """Whether an address may stand as a link on a page: no script, no data, no file."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def resolve(links: Sequence[str]) -> list[Resolved]:
    """What each line is, in the order given; a constant number of queries.

    Never raises for what people paste. The same target may come twice: that is for the caller to say.
    """
    book = _Book()
    found = [_read_line(line, book) for line in links]
    _look_up(found, book)
    return [reading.resolved for reading in found]


def links_of(places: Sequence[tuple[Target, int | None]]) -> list[str]:
    """A link of each target, at a second of it for films, which `resolve` reads as that target again.

    That is the address that the marketplace gave, or one after the operator's templates; "" if there is neither.
    """
    wanted = {target.marketplace_id for target, _seconds in places}
    templates: dict[tuple[int, str], list[str]] = {}
    for row in LinkTemplate.objects.filter(marketplace__in=wanted).order_by("pk"):
        templates.setdefault((row.marketplace_id, row.kind), []).append(row.template)
    return [_link_of(t, seconds, templates.get((t.marketplace_id, t.kind), [])) for t, seconds in places]


def _link_of(target: Target, seconds: int | None, templates: Sequence[str]) -> str:
    timed = [template for template in templates if _SECONDS in template] if seconds is not None else []
    if target.url and not timed:
        return target.url
    for template in timed or templates:
        return template.replace(_ID, quote(target.external_id, safe="")).replace(_SECONDS, str(seconds or 0))
    return ""


# --- one line ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """What an address stands for on a marketplace."""

    marketplace_id: int
    kind: str
    external_id: str
    scene: str
    seconds: int | None


@dataclass(slots=True)
class _Reading:
    resolved: Resolved
    place: _Place | None = None
    tokens: tuple[str, ...] = ()


def _read_line(line: Any, book: "_Book") -> _Reading:
    shown = line if isinstance(line, str) else ""
    reading = _Reading(Resolved(link=shown))
    text = shown.strip()
    if not text:
        reading.resolved.problem = Problem.NOT_A_LINK
    elif len(text) > MAX_LINE:
        reading.resolved.problem = Problem.TOO_LONG
        reading.resolved.link = shown[:200]
    elif not text.isprintable() and any(c != "\t" and not _is_harmless(c) for c in text):
        reading.resolved.problem = Problem.HIDDEN_CHARACTERS
        reading.resolved.link = "".join(c if _is_harmless(c) else "\ufffd" for c in shown)
    else:
        _read_text(text.translate(_ZERO_WIDTH).translate(_HALF_WIDTH), reading, book)
    return reading


def _is_harmless(c: str) -> bool:
    return c not in _BIDI and unicodedata.category(c) not in ("Cc", "Cs")


def _read_text(text: str, reading: _Reading, book: "_Book") -> None:
    reading.tokens = _share_tokens(text)
    result = reading.resolved
    result.problem = Problem.NOT_A_LINK
    for address in _addresses(text, book):
        place, problem, words = book.read(address)
        if place:
            reading.place, result.problem = place, ""
            return
        if result.problem == Problem.NOT_A_LINK or problem == Problem.NOT_REPORTABLE:
            result.problem, result.words = problem, words


def _share_tokens(text: str) -> tuple[str, ...]:
    """What may be a share token: what stands between two #, or a line that is a single word."""
    pieces = text.split("#")[1:-1] if text.count("#") > 1 else ([text] if "/" not in text else [])
    tokens = (piece.strip() for piece in pieces[:20])
    return tuple(t for t in tokens if 4 <= len(t) <= 64 and t.isascii() and " " not in t)


def _addresses(text: str, book: "_Book") -> Iterator[str]:
    """Every web address in a line of text, with a scheme; a host without one only if it looks like one."""
    lowered = text.translate(_LOWER)
    starts: list[int] = []
    position = 0
    while len(starts) < 5:
        hits = [i for scheme in ("http://", "https://") if (i := lowered.find(scheme, position)) >= 0]
        if not hits:
            break
        starts.append(min(hits))
        position = starts[-1] + 7
    for start, end in zip(starts, [*starts, len(text)][1:], strict=True):
        yield text[start:end].split(maxsplit=1)[0]
    if not starts:
        for word in text.split(maxsplit=20)[:20]:
            bare = word.lstrip("/")
            host, slash, _rest = bare.partition("/")
            if book.knows("https://" + bare) or (slash and _looks_like_a_host(host)):
                yield "https://" + bare


def _looks_like_a_host(word: str) -> bool:
    labels = word.partition(":")[0].split(".")
    return len(labels) > 1 and all(label and label.isascii() and label.replace("-", "").isalnum() for label in labels)


# --- templates ----------------------------------------------------------------------------------------


Host = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class _Template:
    marketplace_id: int
    kind: str
    scene: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]

    @property
    def weight(self) -> int:
        """How much of an address it prescribes: the one that says most is tried first."""
        return sum(map(_is_plain, self.path)) + sum(value != _SECONDS for _name, value in self.query)

    def match(self, path: Sequence[str], query: dict[str, str]) -> _Place | None:
        if len(path) != len(self.path):
            return None
        external_id: str | None = None
        seconds = None
        pairs = [*zip(self.path, path, strict=True), *((v, query.get(name)) for name, v in self.query)]
        for pattern, value in pairs:
            if pattern == _SECONDS:
                seconds = parse_seconds(value or "")
            elif value is None:
                return None
            elif _ID in pattern:
                before, _id, after = pattern.partition(_ID)
                inner = value[len(before) : len(value) - len(after)]
                if before + inner + after != value or not inner:
                    return None
                external_id = inner.strip()
            elif pattern != value:
                return None
        if not external_id:
            return None
        return _Place(self.marketplace_id, self.kind, external_id, self.scene, seconds)


def is_template(text: str) -> bool:
    """Whether an operator's template can be used: an address with one `{id}`, and `{seconds}` only by itself."""
    parts = _split(text)
    if parts is None or parts.fragment or not _is_plain(parts.netloc):
        return False
    pieces = [*_segments(parts.path), *_fields(parts.query).values()]
    marked = [piece for piece in pieces if piece != _SECONDS and not _is_plain(piece)]
    return len(marked) == 1 and marked[0].count(_ID) == 1 and _is_plain(marked[0].replace(_ID, ""))


def _is_plain(piece: str) -> bool:
    return "{" not in piece and "}" not in piece


def _aliases(marketplace: Marketplace) -> tuple[str, ...]:
    """Further hosts under which an operator says that a marketplace is found."""
    said = marketplace.config.get("hosts") if isinstance(marketplace.config, dict) else None
    return tuple(alias for alias in said if isinstance(alias, str)) if isinstance(said, list | tuple) else ()


@lru_cache(maxsize=8)
def _by_host(
    marketplaces: tuple[tuple[int, tuple[str, ...], str], ...], rows: tuple[tuple[int, str, str, str], ...]
) -> tuple[dict[Host, int], dict[Host, tuple[_Template, ...]]]:
    """Which marketplace has each host, and the templates of each host, those that say most first.

    What was read is compared, so a changed template counts at once; taking the addresses apart is what is spared.
    """
    owners: dict[Host, int] = {}
    templates: dict[Host, list[_Template]] = {}
    for pk, aliases, storefront_url in marketplaces:
        also = [h for alias in aliases if (h := _host("https://" + alias))]
        for host in [*also, *([h] if (h := _host(storefront_url)) else [])]:
            owners.setdefault(host, pk)
        for _pk, kind, scene, address in (row for row in rows if row[0] == pk):
            origin, parts = _host(address), _split(address)
            if origin is None or parts is None:
                continue
            template = _Template(pk, kind, scene, tuple(_segments(parts.path)), tuple(_fields(parts.query).items()))
            for each in {origin, *also}:
                if owners.setdefault(each, pk) == pk:
                    templates.setdefault(each, []).append(template)
    return owners, {host: tuple(sorted(found, key=lambda t: -t.weight)) for host, found in templates.items()}


class _Book:
    """The templates of every connected marketplace, by host."""

    def __init__(self) -> None:
        # Pasting asks this all day: by hand, in one statement, and a marketplace is made of its first line only.
        self.connected: dict[int, Marketplace] = {}
        templates = []
        for line in read(
            "SELECT template.marketplace_id, template.kind, template.scene, template.template, "  # noqa: S608
            f"marketplace.id, {_MARKETPLACE} FROM marketplace_marketplace marketplace "
            "LEFT JOIN marketplace_linktemplate template ON template.marketplace_id = marketplace.id "
            "WHERE marketplace.is_enabled ORDER BY marketplace.id, template.id",
            [],
        ):
            template, pk = line[:4], line[4]
            if pk not in self.connected:
                self.connected[pk] = _MARKETPLACE.row(line[5:])
            if template[0] is not None:
                templates.append(template)
        self.marketplaces, self.templates = _by_host(
            tuple((pk, _aliases(m), m.storefront_url) for pk, m in self.connected.items()),
            tuple(templates),
        )

    def _known(self, host: Host | None) -> Host | None:
        if host is None or host in self.marketplaces:
            return host
        bare = (host[0].removeprefix("www."), host[1])
        return bare if bare in self.marketplaces else None

    def knows(self, address: str) -> bool:
        return (self._known(_host(_cut(address))) or _host(_cut(address))) in self.marketplaces

    def read(self, address: str) -> tuple[_Place | None, str, dict[str, str]]:
        """The place that an address stands for; or the problem and the words for it.

        Text may follow without a space ("…/product/1看看"), and yet a search word in the address may be
        Chinese: it is read both ways, and the whole of it counts where both name the same thing.
        """
        cut = _cut(address)
        host = _host(cut)
        if host is None:
            return None, Problem.NOT_A_LINK, {}
        known = self._known(host)
        if known is None or known not in self.marketplaces:
            return None, Problem.UNKNOWN_MARKETPLACE, {"host": host[0]}
        readings = [self._match(known, cut)]
        if cut != address:
            whole = self._match(known, address.rstrip(_AFTER_A_LINK))
            if whole and (readings[0] is None or whole.external_id == readings[0].external_id):
                readings.insert(0, whole)
        for place in readings:
            if place:
                return place, "", {}
        return None, Problem.NOT_REPORTABLE, {"marketplace": self.connected[self.marketplaces[known]].name}

    def _match(self, host: Host, address: str) -> _Place | None:
        parts = _split(address)
        if parts is None:
            return None
        path, query = _segments(parts.path), _fields(parts.fragment) | _fields(parts.query)
        for template in self.templates.get(host, ()):
            if place := template.match(path, query):
                return place
        return None


def _cut(address: str) -> str:
    """The address without what follows it: up to the first sign that no address is written with."""
    for i, c in enumerate(address):
        if not c.isascii():
            # A host may be written in Chinese, as in `https://商城.example/`.
            if i < 8 or "/" not in address[8:i]:
                continue
            address = address[:i]
            break
    return address.rstrip(_AFTER_A_LINK)


def _split(address: str) -> Any:
    """`urlsplit`, or None for what is no web address."""
    try:
        parts = urlsplit(address.replace("&amp;", "&"))
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or "\\" in address:
        return None
    return parts


def _host(address: str) -> Host | None:
    """Host and port, comparable: lower case, IDNA, without a port that the scheme implies."""
    parts = _split(address)
    if parts is None or len(parts.hostname) > 253:
        return None
    name = parts.hostname.rstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            return None
    default = {"http": 80, "https": 443}[parts.scheme]
    return (name, None if parts.port in (None, default) else parts.port) if name else None


def _segments(path: str) -> list[str]:
    return [unquote(segment) for segment in path.split("/") if segment]


def _fields(query: str) -> dict[str, str]:
    """The first value of each field; nothing at all from a query with too many."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def parse_seconds(text: str) -> int | None:
    """Seconds from `83`, `83s`, `83.5`, `1m23s`, `1h2m3s`, `1:23` or `1:02:03`; None for anything else."""
    text = text.strip().lower()
    if not text or len(text) > 16 or not text.isascii():
        return None
    if ":" in text:
        parts = text.split(":")
        if len(parts) > 3 or not all(part.isdigit() for part in parts):
            return None
        total = 0
        for part in parts:
            total = total * 60 + int(part)
        return _plausible(total)
    total, digits, units = 0, "", "hms"
    for c in text.partition(".")[0]:
        if c.isdigit():
            digits += c
        elif digits and c in units:
            total += int(digits) * {"h": 3600, "m": 60, "s": 1}[c]
            # Each unit once, in falling order.
            units, digits = units[units.index(c) + 1 :], ""
        else:
            return None
    return _plausible(total + (int(digits) if digits else 0))


def _plausible(seconds: int) -> int | None:
    return seconds if seconds <= MAX_SECONDS else None


# --- the database --------------------------------------------------------------------------------------


def _look_up(readings: list[_Reading], book: _Book) -> None:
    """Find the targets of all lines at once."""
    places = [r.place for r in readings if r.place and _is_storable(r.place.external_id)]
    known = {
        (target.marketplace_id, target.kind, target.external_id): target
        for target in _targets("external_id", {p.external_id for p in places}, {p.kind for p in places}, book)
    }
    tokens = {token for r in readings if r.place is None for token in r.tokens}
    shops: dict[str, list[Target]] = {}
    for shop in _targets("share_token", tokens, {Target.Kind.SHOP}, book):
        shops.setdefault(shop.share_token, []).append(shop)
    for reading in readings:
        if reading.place:
            _answer_place(reading.resolved, reading.place, known, book)
        elif reading.tokens:
            _answer_tokens(reading.resolved, reading.tokens, shops)


def _targets(column: str, values: Iterable[str], kinds: Collection[str], book: _Book) -> Iterator[Target]:
    ordered = sorted(values)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        # What is named and the shops that sell it in one statement, as it is: pasting asks this all day.
        # Version 0 was only named by others: nobody has told us what it is.
        rows = read(
            f"SELECT {_TARGET}, {_SHOP} FROM marketplace_target target "  # noqa: S608
            "LEFT JOIN marketplace_target shop ON shop.id = target.shop_id "
            f"WHERE target.version > 0 AND target.marketplace_id IN ({marks(book.connected)}) "
            f"AND target.kind IN ({marks(kinds)}) AND target.{column} IN ({marks(chunk)}) ORDER BY target.id",
            [*book.connected, *kinds, *chunk],
            _TARGET,
        )
        shops: dict[int, Target] = {}
        for target, *shop in rows:
            target.marketplace = book.connected[target.marketplace_id]
            if target.shop_id:
                # Many links are of one shop: it is made of the first line.
                if target.shop_id not in shops:
                    shops[target.shop_id] = _SHOP.row(shop)
                    shops[target.shop_id].marketplace = target.marketplace
                target.shop = shops[target.shop_id]
            yield target


def _is_storable(external_id: str) -> bool:
    return len(external_id) <= MAX_ID and external_id.isprintable()


def _answer_place(resolved: Resolved, place: _Place, known: dict[tuple[int, str, str], Target], book: _Book) -> None:
    target = known.get((place.marketplace_id, place.kind, place.external_id))
    if target is None:
        name = book.connected[place.marketplace_id].name
        resolved.problem, resolved.words = Problem.UNKNOWN_TARGET, {"marketplace": name}
        return
    resolved.target, resolved.scene, resolved.seconds = target, place.scene, place.seconds


def _answer_tokens(resolved: Resolved, tokens: Sequence[str], shops: dict[str, list[Target]]) -> None:
    for token in tokens:
        found = shops.get(token, [])
        if len(found) == 1:
            resolved.target, resolved.scene = found[0], Scene.SHOP.value
            resolved.problem, resolved.words = "", {}
            return
        if found:
            resolved.problem, resolved.words = Problem.AMBIGUOUS_TOKEN, {}
            return
    if resolved.problem == Problem.NOT_A_LINK and "#" in resolved.link.translate(_HALF_WIDTH):
        resolved.problem = Problem.UNKNOWN_TOKEN

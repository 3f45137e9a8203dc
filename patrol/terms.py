"""All terms of all profiles that watch, looked for in one pass over a title.

One Aho–Corasick automaton is kept per process and made anew when a profile changed. What is looked for besides the term
itself is made here, on the side of the terms: its pinyin, its initials, its ISBN in both lengths.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rapidfuzz.distance import OSA

from core import clock, normalise
from core.normalise import Text, is_han
from filings.models import Filing
from patrol.models import WatchProfile, WatchTerm

#: the shortest terms that are looked for: letters and digits of a word, characters of a Chinese one
SHORTEST_LATIN, SHORTEST_HAN = 3, 2
#: from so many characters on, pinyin and initials of a Chinese term are looked for too
PINYIN_FROM, INITIALS_FROM = 2, 3
PINYIN_SHORTEST = 6
#: from so many letters on a word is looked for with digits in the place of letters
LEET_FROM = 4
#: names from so many letters or characters on are looked for with a mistake; a longer one may have two
FUZZY_LATIN, FUZZY_HAN, TWO_MISTAKES = 5, 4, 9
LONGEST_LATIN = 20
#: of a title that is nearly many names, so many are told
NEAR_AT_MOST = 3
#: as plain text: to compare it with a choice, Python asks the enumeration each time
NAME = WatchTerm.Kind.NAME.value
_WORD = re.compile("[a-z]+")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0002ffff]+")
#: so much of a name, and so many characters of it, are part of it
PART_RATIO, PART_HAN = 0.6, 3
#: a half that so many names have says nothing of any of them
COMMON_PIECE = 40
#: of the list price; below it a price speaks against a listing
LOW_RATIO = 0.5
#: words that stand in every second title: as a term they would hit everything
COMMON = frozenset(
    """the and for with new hot sale pro max mini plus men women kids shoes shirt book books case bag gift set free
    正品 新款 现货 包邮 特价 官方 旗舰 旗舰店 正版 图书 书籍 男女 男士 女士 儿童 学生 运动 鞋子 衣服 手机 电脑 礼物 爆款 热卖
    促销 同款 适用 通用 配件 全新 二手 批发 厂家 直销 高清 家用 户外 春季 夏季 秋季 冬季 中国 教材 小说 考试 英语 数学
    语文""".split()  # noqa: SIM905 words
)


def faults_of_term(text: str, kind: str = WatchTerm.Kind.NAME) -> list[str]:
    """Why a profile may not look for this term; empty if it may. In words that say how to mend it."""
    core = normalise.squeezed(unicodedata.normalize("NFKC", text))
    if not core:
        return [_("Enter letters or digits: signs alone are not looked for.")]
    if core in COMMON and kind != WatchTerm.Kind.HONEST:
        return [
            _("“%(term)s” stands in very many honest titles. Enter the whole name, or leave it out.") % {"term": text}
        ]
    if core.isdigit() and len(core) < 5:
        return [_("A short number stands in very many titles. Enter the name beside it.")]
    han = any(is_han(char) for char in core)
    shortest = SHORTEST_HAN if han else SHORTEST_LATIN
    if len(core) < shortest:
        return [
            ngettext(
                "This is too short: it would be found everywhere. Enter at least %(shortest)d character.",
                "This is too short: it would be found everywhere. Enter at least %(shortest)d characters.",
                shortest,
            )
            % {"shortest": shortest}
        ]
    return []


@dataclass(frozen=True, slots=True)
class Watched:
    """What the signals need to know of a profile, without a query."""

    pk: int
    kind: str
    filing_id: int
    organisation_id: int
    categories: frozenset[str]
    isbn: str
    publisher: str
    model: str
    currency: str
    list_price: Decimal | None
    usual_price: Decimal | None
    price_floor: Decimal | None
    #: below this a price speaks against a listing; 0 if no price is known
    low_below: float
    #: texts of its terms by kind
    names: tuple[str, ...]
    honest: tuple[str, ...]

    def fits_category(self, category: str) -> bool:
        return bool(category) and normalise.squeezed(category) in self.categories


class Term(NamedTuple):
    """One thing that is looked for: a term of a profile, and whether this is it or what is written in its place.

    Like `Hit` a tuple, which takes a fifth of the time of a frozen dataclass to make.
    """

    profile: int
    kind: str
    text: str
    #: plain, pinyin, initials, leet, isbn; of what is nearly it: fuzzy, part, homophone
    way: str = "plain"

    @property
    def key(self) -> str:
        """Its text in the form in which it is looked for."""
        return _key(self.text)


class Hit(NamedTuple):
    """A term that stands in a text: in which words of the original, and how they hide it."""

    term: Term
    words: str
    first: int
    last: int
    #: bidi, zero_width, homoglyph, full_width, traditional, inserted, leet, pinyin, initials; empty if openly
    disguises: tuple[str, ...]
    #: 0..1: how much of the term it is
    alike: float = 1.0


Keys = dict[str, list[Term]]


@dataclass
class Watch:
    """All profiles that are looked for at one time, and the automata of their terms."""

    profiles: Mapping[int, Watched]
    main: Any = None
    leet: Any = None
    #: halves of names: of a name with one mistake one half is whole
    pieces: Any = None
    #: names in letters with one letter left out
    typos: Mapping[str, Sequence[Term]] = field(default_factory=dict)

    @classmethod
    def of(cls, profiles: Iterable[WatchProfile]) -> "Watch":
        """Of these profiles, with their filings and terms. Faulty terms are left out, so that they do no harm."""
        watched: dict[int, Watched] = {}
        main: Keys = {}
        leet: Keys = {}
        pieces: Keys = {}
        typos: Keys = {}
        for profile in profiles:
            terms = [term for term in profile.terms.all() if not faults_of_term(term.text, term.kind)]
            watched[profile.pk] = _watched(profile, terms)
            for term in terms:
                if term.kind == WatchTerm.Kind.HONEST:
                    continue
                plain = _key(term.text)
                for key, way in ways(term.text) if term.kind == WatchTerm.Kind.NAME else ((plain, "plain"),):
                    _add(main, key, Term(profile.pk, term.kind, term.text, way))
                if term.kind == WatchTerm.Kind.NAME and len(plain) >= LEET_FROM and plain.isascii() and plain.isalpha():
                    _add(leet, normalise.unleet(term.text), Term(profile.pk, term.kind, term.text, "leet"))
                if term.kind == WatchTerm.Kind.NAME:
                    nearly = Term(profile.pk, term.kind, term.text, "fuzzy")
                    for piece in _halves(plain):
                        _add(pieces, piece, nearly)
                    if plain.isascii() and plain.isalpha() and FUZZY_LATIN <= len(plain) < LONGEST_LATIN:
                        for key in _deletions(plain):
                            _add(typos, key, nearly)
            for number in _isbns(profile.isbn):
                _add(main, number, Term(profile.pk, "isbn", profile.isbn, "isbn"))
            if profile.model_number and not faults_of_term(profile.model_number):
                _add(main, _key(profile.model_number), Term(profile.pk, "model", profile.model_number))
        pieces = {piece: terms for piece, terms in pieces.items() if len(terms) <= COMMON_PIECE}
        return cls(
            profiles=watched, main=_automaton(main), leet=_automaton(leet), pieces=_automaton(pieces), typos=typos
        )  # fmt: skip

    def hits(self, text: Text) -> list[Hit]:
        """Every term that stands in a text, as a word of its own where it is written in letters."""
        found: list[Hit] = []
        if self.main is not None:
            for end, (length, terms) in self.main.iter(text.squeezed):
                found += _hits(text, end, length, terms)
        if self.leet is not None and normalise.may_be_leet(text.original):
            for end, (length, terms) in self.leet.iter(text.leet):
                found += _leet_hits(text, end, length, terms, found)
        return self._longest(found) if len(found) > 1 else found

    def _longest(self, hits: list[Hit]) -> list[Hit]:
        """Without names that only stand inside a longer one of the same holder: in `现代汉语辞典` nothing is named 现代汉语.

        What another holder watches makes nobody's own name go unseen.
        """
        names = [hit for hit in hits if hit.term.kind == NAME]
        if len({(hit.first, hit.last) for hit in names}) < 2:
            return hits
        return [
            hit
            for hit in hits
            if hit.term.kind != NAME
            or not any(
                other.first <= hit.first
                and hit.last <= other.last
                and other.last - other.first > hit.last - hit.first
                and self._have_one_holder(hit, other)
                for other in names
            )
        ]

    def _have_one_holder(self, one: Hit, other: Hit) -> bool:
        mine, its = one.term.profile, other.term.profile
        return mine == its or self.profiles[mine].organisation_id == self.profiles[its].organisation_id

    def near(self, text: Text, is_worth_it: Callable[[int], bool]) -> list[Hit]:
        """The name that nearly stands in a text: misspelt, in characters that sound alike, or cut off. Of several the
        likeliest; more than one where they are equally near.

        Only of profiles for which it is worth it: comparing costs, and what is nearly a name says little.
        """
        best: list[Hit] = []
        for hit in self._nearly(text, is_worth_it):
            nearness = self._nearness(text, hit)
            if not best or nearness > self._nearness(text, best[0]):
                best = [hit]
            elif nearness == self._nearness(text, best[0]) and hit.term not in {b.term for b in best}:
                best.append(hit)
        return best[:NEAR_AT_MOST]

    def _nearness(self, text: Text, hit: Hit) -> tuple[bool, float]:
        publisher = self.profiles[hit.term.profile].publisher if hit.term.profile in self.profiles else ""
        return hit.term.way == "homophone", hit.alike + (0.3 if publisher and publisher in text.squeezed else 0.0)

    def _nearly(self, text: Text, is_worth_it: Callable[[int], bool]) -> Iterator[Hit]:
        said = text.squeezed
        if self.pieces is not None:
            for end, (length, terms) in self.pieces.iter(said):
                for term in terms:
                    if is_worth_it(term.profile) and (hit := _near(text, end - length + 1, end + 1, term)):
                        yield hit
        if not self.typos:
            return
        # Of a word with one mistake, and of the name, one letter left out gives the same.
        for word in _WORD.finditer(said):
            if FUZZY_LATIN - 1 <= len(word[0]) <= LONGEST_LATIN:
                for term in {term for key in _deletions(word[0]) for term in self.typos.get(key, ())}:
                    if is_worth_it(term.profile) and (hit := _misspelt(text, word.start(), word.end(), term)):
                        yield hit


def ways(name: str) -> Iterator[tuple[str, str]]:
    """What is looked for of a name: itself, and what is written in the place of Chinese characters."""
    yield from _ways(name)


@lru_cache(maxsize=100_000)
def _ways(name: str) -> tuple[tuple[str, str], ...]:
    plain = _key(name)
    found = [(plain, "plain")]
    han = sum(is_han(char) for char in plain)
    if han and han == len(plain):
        from pypinyin import lazy_pinyin

        syllables = [re.sub("[^a-z]", "", s.replace("ü", "v")) for s in lazy_pinyin(plain)]
        if all(syllables):
            whole, initials = "".join(syllables), "".join(s[0] for s in syllables)
            if han >= PINYIN_FROM and len(whole) >= PINYIN_SHORTEST:
                found.append((whole, "pinyin"))
            if han >= INITIALS_FROM:
                found.append((initials, "initials"))
    return tuple(found)


def _halves(key: str) -> tuple[str, ...]:
    """Of a name with one mistake in it, one of these is whole."""
    if len(key) < FUZZY_HAN or not any(is_han(char) for char in key):
        return ()
    middle = (len(key) + 1) // 2
    return (key[:middle], key[middle:]) if key[:middle] != key[middle:] else (key[:middle],)


def _deletions(word: str) -> list[str]:
    """The word, and each that is left when one letter is left out."""
    return [word, *{word[:n] + word[n + 1 :] for n in range(len(word))}]


def _misspelt(text: Text, start: int, end: int, term: Term) -> Hit | None:
    """A word that is one mistake away from a name; two letters that changed places are one mistake."""
    mistakes = OSA.distance(text.squeezed[start:end], term.key, score_cutoff=1)
    return _hit_of(text, start, end, term, (), 1 - mistakes / len(term.key)) if mistakes <= 1 else None


def _near(text: Text, start: int, end: int, term: Term) -> Hit | None:
    """What stands around a half of a name, if it is nearly the name."""
    key, said = term.key, text.squeezed
    middle = (len(key) + 1) // 2
    is_first = end - start == middle and said.startswith(key[:middle], start)
    if sounding := _sounds_like(said, start, end, key, is_first):
        return _hit_of(text, sounding[0], sounding[1], term._replace(way="homophone"), ("homophone",), 1.0)
    best: tuple[float, int, int] | None = None
    most = 2 if len(key) >= TWO_MISTAKES else 1
    for size in (len(key), len(key) - 1, len(key) + 1):
        first, last = (start, start + size) if is_first else (end - size, end)
        if first < 0 or last > len(said):
            continue
        mistakes = OSA.distance(said[first:last], key, score_cutoff=most)
        if mistakes <= most and (best is None or 1 - mistakes / len(key) > best[0]):
            best = (1 - mistakes / len(key), first, last)
    if best is not None:
        return _hit_of(text, best[1], best[2], term, (), best[0])
    # As much of it as stands there in one piece.
    if is_first:
        while end < len(said) and end - start < len(key) and said[end] == key[end - start]:
            end += 1
    else:
        while start > 0 and end - start < len(key) and said[start - 1] == key[len(key) - (end - start) - 1]:
            start -= 1
    run = end - start
    if run >= PART_HAN and run / len(key) >= PART_RATIO:
        return _hit_of(text, start, end, term._replace(way="part"), (), run / len(key))
    return None


def _hit_of(text: Text, start: int, end: int, term: Term, disguises: tuple[str, ...], alike: float) -> Hit | None:
    first, last = text.span(start, end - 1)
    if not _stands_alone(text, first, last):
        return None
    return Hit(term, text.original[first:last], first, last, disguises, alike)


def _sounds_like(said: str, start: int, end: int, key: str, is_first: bool) -> tuple[int, int] | None:
    """Where the other half is written in other characters, or letters, that sound the same."""
    if not _HAN.fullmatch(key):
        return None
    middle = (len(key) + 1) // 2
    wanted = _sound(key[middle:] if is_first else key[:middle])
    heard, place = "", end if is_first else start
    while len(heard) < len(wanted):
        if not (place < len(said) if is_first else place > 0):
            return None
        char = said[place] if is_first else said[place - 1]
        heard = heard + _sound(char) if is_first else _sound(char) + heard
        place += 1 if is_first else -1
        if not (wanted.startswith(heard) if is_first else wanted.endswith(heard)):
            return None
    return (start, place) if is_first else (place, end)


@lru_cache(maxsize=50_000)
def _sound(chars: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(chars)).replace("ü", "v")


@lru_cache(maxsize=100_000)
def _key(text: str) -> str:
    return normalise.squeezed(unicodedata.normalize("NFKC", text))


def _isbns(isbn: str) -> list[str]:
    """A book's number in both lengths, in small letters as the automaton reads them."""
    if len(isbn) != 13 or not isbn.isdigit():
        return []
    if not isbn.startswith("978"):
        return [isbn]
    body = isbn[3:12]
    check = (11 - sum((10 - n) * int(digit) for n, digit in enumerate(body)) % 11) % 11
    return [isbn, body + ("x" if check == 10 else str(check))]


def _add(keys: Keys, key: str, term: Term) -> None:
    if key:
        keys.setdefault(key, []).append(term)


def _automaton(keys: Keys) -> Any:
    import ahocorasick

    if not keys:
        return None
    automaton = ahocorasick.Automaton()
    for key, terms in keys.items():
        automaton.add_word(key, (len(key), terms))
    automaton.make_automaton()
    return automaton


def _watched(profile: WatchProfile, terms: Sequence[WatchTerm]) -> Watched:
    def of(kind: str) -> tuple[str, ...]:
        return tuple(term.text for term in terms if term.kind == kind)

    return Watched(
        pk=profile.pk, kind=profile.kind, filing_id=profile.filing_id,
        organisation_id=profile.filing.organisation_id,
        categories=frozenset(normalise.squeezed(c) for c in profile.categories if isinstance(c, str)),
        isbn=profile.isbn, publisher=normalise.squeezed(profile.publisher), model=_key(profile.model_number),
        currency=profile.currency, list_price=profile.list_price, usual_price=profile.usual_price,
        price_floor=profile.price_floor,
        low_below=max(float(profile.price_floor or 0), float(profile.list_price or 0) * LOW_RATIO), names=of(WatchTerm.Kind.NAME), honest=of(WatchTerm.Kind.HONEST),
    )  # fmt: skip


def _hits(text: Text, end: int, length: int, terms: Sequence[Term]) -> list[Hit]:
    first, last = text.span(end - length + 1, end)
    if not _stands_alone(text, first, last):
        return []
    words = text.original[first:last]
    said = words.casefold()
    found = []
    for term in terms:
        if term.way == "plain" and said == term.text.casefold():
            found.append(Hit(term, words, first, last, ()))
        elif (hidden := _hidden(words, term)) is not None:
            found.append(Hit(term, words, first, last, hidden))
    return found


def _leet_hits(text: Text, end: int, length: int, terms: Sequence[Term], others: Sequence[Hit]) -> list[Hit]:
    first, last = text.span(end - length + 1, end, leet=True)
    words = text.original[first:last]
    if words.split() != [words] or sum(map(str.isalpha, words)) * 2 < length or not _stands_alone(text, first, last):
        return []
    taken = {(hit.term.profile, hit.first, hit.last) for hit in others}
    return [
        Hit(term, words, first, last, ("leet", *normalise.disguises(words, term.text)))
        for term in terms
        if (term.profile, first, last) not in taken
    ]


def _stands_alone(text: Text, first: int, last: int) -> bool:
    """Whether what is written in letters is a word: `nike` in `nike2025` and `买nike鞋`, not in `cannikerr`."""
    begin, end = text.original[first], text.original[last - 1]
    if is_han(begin) and is_han(end):
        return True
    begin, end = normalise.shown(begin)[:1], normalise.shown(end)[-1:]
    return not (_clings(begin, text.before(first)) or _clings(end, text.after(last)))


def _clings(mine: str, other: str) -> bool:
    if not mine or not other or is_han(mine) or is_han(other):
        return False
    return (mine.isalpha() and other.isalpha()) or (mine.isdigit() and other.isdigit())


def _hidden(words: str, term: Term) -> tuple[str, ...] | None:
    """How these words hide a term; None if they are not meant as it."""
    found = normalise.disguises(words, term.text)
    if term.way in ("pinyin", "initials"):
        found.append(term.way)
    pieces = list(normalise.gaps(words))
    if term.kind in ("isbn", "model") or len(pieces) == 1 or _spaced_as(pieces, term.text):
        return tuple(found)
    between = [gap for gap, _piece in pieces[1:]]
    signs = sum(not gap.isspace() for gap in between)
    shattered = len(between) >= max(2, (len(term.key) - 1) * 0.6)
    if term.way == "initials":
        return None if not shattered else (*found, "inserted")
    if shattered or (signs and len(term.key) >= 4):
        return (*found, "inserted")
    if term.way == "pinyin":
        return tuple(found)
    if signs or len(term.key) < 4:
        # `小米,粉色` is not 米粉, and `go pro` only perhaps GoPro: what stands in two words is two words.
        return None
    return tuple(found)


def _spaced_as(pieces: Sequence[tuple[str, str]], term: str) -> bool:
    return [piece for _gap, piece in pieces] == [piece for _gap, piece in normalise.gaps(term)]


# --- kept per process ---------------------------------------------------------------------------------

#: a transaction that changes a profile ends within this time
LONGEST_CHANGE = timedelta(hours=1)


#: by hand, because every pre-check asks it
_CHANGED = 'SELECT COUNT(*), COALESCE(SUM("version"), 0) FROM "patrol_watchprofile" WHERE "changed_at" >= %s'


@dataclass(frozen=True)
class _Kept:
    watch: Watch
    made_at: datetime
    day: date
    #: how many profiles changed since `LONGEST_CHANGE` before, and the sum of their versions
    changed: tuple[int, int]


_lock = Lock()
_kept: _Kept | None = None


def watch() -> Watch:
    """Everything that watches now; made anew when a profile changed, and each day, on which rights may end.

    One query where nothing changed, which reads none but the profiles that changed last: every change makes a version.
    """
    global _kept
    now, kept = clock.now(), _kept
    if kept is not None and _still_stands(kept, now):
        return kept.watch
    with _lock:
        kept = _kept
        if kept is None or not _still_stands(kept, now):
            # Counted before they are read: what changes meanwhile counts next time.
            changed = _changed_since(now - LONGEST_CHANGE)
            profiles = WatchProfile.objects.watching().filter(filing__in=Filing.objects.in_force())
            made = Watch.of(profiles.select_related("filing").prefetch_related("terms").order_by("pk"))
            kept = _kept = _Kept(made, now, clock.today(), changed)
        return kept.watch


def _still_stands(kept: _Kept, now: datetime) -> bool:
    is_of_today = kept.made_at <= now and kept.day == clock.today()
    return is_of_today and _changed_since(kept.made_at - LONGEST_CHANGE) == kept.changed


def _changed_since(at: datetime) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [connection.ops.adapt_datetimefield_value(at)])
        count, versions = cursor.fetchone()
    return count, versions


def forget() -> None:
    """Keep nothing: for tests, in which another world may have the same versions."""
    global _kept
    _kept = None


def watch_for(profile: WatchProfile) -> Watch:
    """Only for one profile, whether it watches or not."""
    found = WatchProfile.objects.filter(pk=profile.pk).select_related("filing").prefetch_related("terms")
    return Watch.of(found)

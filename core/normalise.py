"""What a title says, whatever it was dressed up as: one form of text in which disguises look alike.

`squeezed` is what terms are looked for in: full width (NFKC), case, accents, characters that nobody sees, homoglyphs and
traditional characters undone, and everything between letters taken out. `Text` goes back from a find to the words of the
original and says which disguise they wore. Source of homoglyphs: Unicode TS 39 (confusable_homoglyphs); of simplified
characters: OpenCC t2s, character by character.
"""

import re
import string
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import compress, count

#: of what lies above, nothing is text: emoji components, tags, private use
_END = 0x30000
_ABOVE = re.compile("[\U00030000-\U0010ffff]+")
_RLO, _PDF = "\u202e", "\u202c\u2069\u202d"
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: blanks that are no blanks: fillers of Hangul, the Mongolian separator
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u180e\u034f")
_MARKS = ((0x300, 0x370), (0x483, 0x48A), (0x1AB0, 0x1B00), (0x1DC0, 0x1E00), (0x20D0, 0x2100), (0xFE00, 0xFE10), (0xFE20, 0xFE30))  # fmt: skip
#: letters in shapes that Unicode has no compatibility mapping for: negative circled, negative squared, flags
_SHAPES = {
    first + n: letter for first in (0x1F150, 0x1F170, 0x1F1E6) for n, letter in enumerate(string.ascii_lowercase)
}
#: digits and signs that stand for letters; what looks alike is one sign on both sides (i, l and 1 are i)
_LEET = str.maketrans({"0": "o", "1": "i", "l": "i", "!": "i", "|": "i", "3": "e", "4": "a", "@": "a", "5": "s", "$": "s", "7": "t", "+": "t", "8": "b", "9": "g", "2": "z"})  # fmt: skip


def is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\U00020000" <= char < "\U00030000"


def _is_unseen(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in ("Cf", "Cs", "Co", "Cn")
        or (unicodedata.category(char) == "Cc" and not char.isspace())
        or char in _FILLERS
        or any(first <= code < last for first, last in _MARKS)
    )


#: that people read as one letter, though Unicode does not count them as alike
_READ_AS = {
    "τ": "t", "κ": "k", "ν": "v", "ρ": "p", "ω": "w", "η": "n", "μ": "u", "ι": "i", "α": "a", "ε": "e", "υ": "u", "γ": "y",
    "σ": "o", "χ": "x", "β": "b", "г": "r", "п": "n", "к": "k", "т": "t", "в": "b", "н": "h", "м": "m", "ш": "w", "ь": "b",
    "З": "e", "з": "e", "ɑ": "a", "ɡ": "g", "ı": "i", "ŀ": "l", "ł": "l", "ø": "o", "đ": "d",
}  # fmt: skip


@lru_cache(maxsize=1)
def _homoglyphs() -> dict[str, str]:
    """What looks like a letter of ASCII, as that letter; of several, the one of its own case."""
    from confusable_homoglyphs.confusables import confusables_data

    found: dict[str, str] = {}
    for letter in string.ascii_letters:
        for other in confusables_data.get(letter, ()):
            char = other["c"]
            if len(char) != 1 or char.isascii() or is_han(char) or not char.isalnum():
                continue
            if char not in found or char.isupper() == letter.isupper():
                # The first that fits stays: of I and l, both of which look like an upper-case І, it is I.
                if char in found and found[char].isupper() == char.isupper():
                    continue
                found[char] = letter
    # An upper-case sign that looks like l is an I.
    for char, letter in _READ_AS.items():
        found.setdefault(char, letter)
        found.setdefault(char.upper() if len(char.upper()) == 1 else char, letter)
    return {char: "i" if letter == "l" and char.isupper() else letter.lower() for char, letter in found.items()}


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    from opencc import OpenCC

    chars = [chr(code) for block in ((0x3400, 0xA000), (0x20000, 0x2A6E0)) for code in range(*block)]
    told = OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {char: plain for char, plain in zip(chars, told, strict=True) if char != plain and len(plain) == 1}


@lru_cache(maxsize=1)
def _fold_table() -> list[str | None]:
    """By code point: what a character is folded to; None where nobody sees it.

    A list, not a dictionary: what is missing in a dictionary costs `str.translate` an exception for each character.
    """
    alike, plain = _homoglyphs(), _simplified()
    table: list[str | None] = []
    for code in range(_END):
        char = chr(code)
        if is_han(char):
            table.append(plain.get(char, char))
        elif code in _SHAPES:
            table.append(_SHAPES[code])
        elif _is_unseen(char):
            table.append(None)
        elif code < 0x80:
            table.append(char.lower())
        else:
            table.append("".join(_folded_char(c, alike, plain) for c in unicodedata.normalize("NFKC", char)))
    return table


def _folded_char(char: str, alike: dict[str, str], plain: dict[str, str]) -> str:
    if char in plain:
        return plain[char]
    if char in alike:
        return alike[char]
    bare = "".join(c for c in unicodedata.normalize("NFKD", char) if not _is_unseen(c)) if char.isalpha() else char
    small = (bare or char).casefold()
    return "".join(alike.get(c, plain.get(c, c)) for c in small)


@lru_cache(maxsize=1)
def _squeeze_table() -> list[str | None]:
    return [None if folded is None else "".join(c for c in folded if c.isalnum()) or None for folded in _fold_table()]


@lru_cache(maxsize=1)
def _leet_table() -> list[str | None]:
    """As `_squeeze_table`, with digits and signs as the letters they stand for."""
    return [
        squeezed if _LEET.keys().isdisjoint(map(ord, folded or "")) else _squeezed_leet(folded or "")
        for folded, squeezed in zip(_fold_table(), _squeeze_table(), strict=True)
    ]


def _squeezed_leet(folded: str) -> str | None:
    return "".join(c for c in folded.translate(_LEET) if c.isalnum()) or None


def folded(text: str) -> str:
    """With disguises of single characters undone; what stands between letters stays."""
    return _without_tags(text).translate(_fold_table())  # type: ignore[arg-type]


def squeezed(text: str) -> str:
    """Letters and digits alone, folded: the form in which terms are looked for."""
    return _without_tags(text).translate(_squeeze_table())  # type: ignore[arg-type]


def _without_tags(text: str) -> str:
    """Without what lies above all scripts: tags and selectors that nobody sees."""
    return text if text.isascii() else _ABOVE.sub("", text)


def shown(char: str) -> str:
    """One character folded; empty where nobody sees it."""
    code = ord(char)
    return (_fold_table()[code] or "") if code < _END else ""


def turned(text: str) -> str:
    """With stretches that are shown from right to left written as they are seen; mostly the same text."""
    if _RLO not in text:
        return text
    seen: list[str] = []
    rest = text
    while _RLO in rest:
        before, _sign, after = rest.partition(_RLO)
        end = next((n for n, char in enumerate(after) if char in _PDF), len(after))
        # The mark stands between all of them, so that what is found in there is known to have been turned.
        seen += [before, _RLO.join(after[:end][::-1])]
        rest = after[end:]
    return "".join([*seen, rest])


def may_be_leet(text: str) -> bool:
    """A cheap test: whether digits or signs stand inside words."""
    return _maybe_leet().search(text) is not None


@lru_cache(maxsize=1)
def _maybe_leet() -> re.Pattern[str]:
    """Also where a foreign sign may be an i as well as an l: read as leet the two are one."""
    either = "".join(char for char, letter in _homoglyphs().items() if letter in "il")
    either = re.escape(either)
    # One sign at first, so that most of a title is passed over quickly; then a letter on either side of it.
    return re.compile(rf"[0-9@$!|+I{either}](?:(?=[a-z])|(?<=[a-z].)|(?<=[{either}]))")


def unleet(text: str) -> str:
    """Folded text with digits and signs as the letters they stand for, and nothing else between."""
    return _without_tags(text).translate(_leet_table())  # type: ignore[arg-type]


class Text:
    """One text, in all forms that terms are looked for in; each is made when it is asked for."""

    __slots__ = ("_folded", "_leet", "_leet_places", "_places", "original", "squeezed")

    def __init__(self, original: str) -> None:
        self.original = turned(original)
        self.squeezed = squeezed(self.original)
        self._folded: str | None = None
        self._leet: str | None = None
        self._places: list[int] | None = None
        self._leet_places: list[int] | None = None

    @property
    def folded(self) -> str:
        if self._folded is None:
            self._folded = folded(self.original)
        return self._folded

    @property
    def leet(self) -> str:
        if self._leet is None:
            self._leet = unleet(self.original)
        return self._leet

    @property
    def places(self) -> list[int]:
        """For each character of `squeezed`: where in the original it comes from."""
        if self._places is None:
            self._places = _places(self.original, _squeeze_table(), len(self.squeezed))
        return self._places

    @property
    def leet_places(self) -> list[int]:
        if self._leet_places is None:
            self._leet_places = _places(self.original, _leet_table(), len(self.leet))
        return self._leet_places

    def span(self, first: int, last: int, *, leet: bool = False) -> tuple[int, int]:
        """Where in the original these characters of `squeezed` (or `leet`) stand: first and past the last."""
        places = self.leet_places if leet else self.places
        return places[first], places[last] + 1

    def before(self, at: int) -> str:
        """The character that is seen before this place of the original, folded; empty at the beginning."""
        for place in range(at - 1, -1, -1):
            if seen := shown(self.original[place]):
                return seen[-1]
        return ""

    def after(self, at: int) -> str:
        for place in range(at, len(self.original)):
            if seen := shown(self.original[place]):
                return seen[0]
        return ""


def _places(text: str, table: list[str | None], length: int) -> list[int]:
    """For each of the `length` characters that a table makes of a text: where in the text it comes from."""
    if text.isascii() or not _ABOVE.search(text):
        # Nearly always each character becomes one, or none.
        places = list(compress(count(), map(table.__getitem__, map(ord, text))))
        if len(places) == length:
            return places
    return [n for n, char in enumerate(text) for _c in (table[ord(char)] or "" if ord(char) < _END else "")]


def gaps(words: str) -> Iterator[tuple[str, str]]:
    """The pieces of what was found, each with what stands before it: `新*华 字典` is 新, (*) 华, (blank) 字典."""
    piece, gap, last_gap = "", "", ""
    for char in words:
        seen = shown(char)
        if not seen:
            continue
        if seen.isalnum() or any(c.isalnum() for c in seen):
            if gap and piece:
                yield last_gap, piece
                piece, last_gap = "", gap
            piece, gap = piece + seen, ""
        else:
            gap += seen
    yield last_gap, piece


def disguises(words: str, term: str) -> list[str]:
    """How these words hide the term, worst first: bidi, zero_width, homoglyph, full_width, traditional; none if openly."""
    if words.casefold() == term.casefold():
        return []
    own, found = set(term.casefold()) | set(term), set()
    alike, plain = _homoglyphs(), _simplified()
    for char in words:
        if char in own or char.casefold() in own or char.isascii():
            continue
        if char in _BIDI:
            found.add("bidi")
        elif _is_unseen(char):
            found.add("zero_width")
        elif char in plain:
            found.add("traditional")
        elif (wide := unicodedata.normalize("NFKC", char)) != char and wide.isascii():
            if wide.isalnum():
                found.add("full_width")
        elif ord(char) in _SHAPES:
            found.add("full_width")
        elif char in alike or (char.isalpha() and not is_han(char) and folded(char).isascii()):
            found.add("homoglyph")
    return [name for name in ("bidi", "zero_width", "homoglyph", "full_width", "traditional") if name in found]

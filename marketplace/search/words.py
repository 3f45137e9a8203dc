"""What a text is looked for as: runs of letters in which disguises are undone, and the grams that an index keeps of them.

Chinese, Japanese, Korean and Thai are written without blanks between words: each two neighbouring characters are a
gram, and what was put between them is taken out (茅 台, 茅*台). Of other scripts a gram is three letters of a word, and
the beginning of each word is one of its own. A word that is typed is found wherever it stands, 茅台 in 贵州茅台酒 and phone
in iPhone15; of one or two Latin letters only where a word begins, since LV is not looked for in silver.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from core.normalise import folded, turned

MOST_WORDS = 8
MOST_TYPED = 200
#: marks the beginning of a word in the index; `engine` says which other signs stand before words of filters
BEGINNING = "^"
_DENSE = "\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0002ffff"
_RUN = re.compile(rf"[{_DENSE}]+|[^\W_{_DENSE}]+")
_IS_DENSE = re.compile(rf"[{_DENSE}]")
#: so many letters by themselves are one word that was pulled apart: n.i.k.e
PULLED_APART = 3


@dataclass(frozen=True, slots=True)
class Word:
    """One word as somebody typed it, folded: what must stand in the text, and the grams that such a text has."""

    said: str
    grams: tuple[str, ...]
    #: grams of which only the beginning is known
    beginnings: tuple[str, ...]


def runs_of(text: str) -> list[str]:
    """The runs of letters and digits of a text, folded, each of one way of writing."""
    made: list[str] = []
    for way, found in groupby(_RUN.findall(folded(turned(text))), _way_of):
        runs = list(found)
        joins = way == "dense" or (way == "letter" and len(runs) >= PULLED_APART)
        made += ["".join(runs)] if joins else runs
    return made


def _way_of(run: str) -> str:
    if _IS_DENSE.match(run):
        return "dense"
    return "letter" if len(run) == 1 and run.isalpha() else "word"


def grams_of(runs: Iterable[str]) -> Iterator[str]:
    """What the index keeps of these runs."""
    for run in runs:
        if _IS_DENSE.match(run):
            # The last by itself, so that each character is the beginning of a gram.
            yield from (run[place : place + 2] for place in range(len(run)))
        else:
            yield BEGINNING + run[:3]
            yield from (run[place : place + 3] for place in range(len(run) - 2))


def typed(words: str) -> list[Word]:
    """The words that somebody typed, the first of them, each once."""
    found: dict[str, Word] = {}
    for piece in words[:MOST_TYPED].split():
        if runs := runs_of(piece):
            word = _word(runs)
            found.setdefault(word.said, word)
    return list(found.values())[:MOST_WORDS]


def _word(runs: list[str]) -> Word:
    grams: dict[str, None] = {}
    beginnings: dict[str, None] = {}
    for run in runs:
        if _IS_DENSE.match(run):
            pairs = [run[place : place + 2] for place in range(len(run) - 1)]
            grams.update(dict.fromkeys(pairs))
            if not pairs:
                beginnings[run] = None
        elif len(run) < 3:
            beginnings[BEGINNING + run] = None
        else:
            grams.update(dict.fromkeys(run[place : place + 3] for place in range(len(run) - 2)))
    said = " ".join(runs)
    is_short = not _IS_DENSE.match(runs[0]) and len(runs[0]) < 3
    return Word(f" {said}" if is_short else said, tuple(grams), tuple(beginnings))


def readable(title: str, rest: str) -> tuple[str, list[str]]:
    """A text as it is kept to be looked through, its title apart by two blanks; and the grams of it, each once."""
    first, then = runs_of(title), runs_of(rest)
    text = f" {' '.join(first)}  {' '.join(then)} "
    return text, list(dict.fromkeys([*grams_of(first), *grams_of(then)]))

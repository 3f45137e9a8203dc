"""What a listing's words say: whose name it bears, how the name is hidden, and whether it is used as a brand at all."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from core import normalise
from core.normalise import Text
from marketplace.models import Target
from patrol.models import WatchProfile, WatchTerm
from patrol.signals import Seen, Sights, wording
from patrol.signals.reading import texts
from patrol.terms import NAME, Hit, Watch, Watched

#: how sure each disguise is: nobody puts a zero-width character into a name by mistake, but many write full width
DISGUISES = {
    "bidi": 1.0, "homoglyph": 1.0, "homophone": 0.8, "zero_width": 1.0, "leet": 0.9, "inserted": 0.8, "pinyin": 0.4, "full_width": 0.35,
    "traditional": 0.15,
}  # fmt: skip
#: where a name stands, and how much that says
WHERE = {"title": 1.0, "attributes": 1.0, "description": 0.4}

_LIST = r"(?:[\w+]{1,12}\s*[/、,，|&和]\s*)*\s*[《“\"'【\[(（「]?\s*$"
#: what stands before a name that only says what the goods go with. Source: Trademark Law art. 59
_COMPATIBLE_BEFORE = re.compile(
    r"(?:适用于?|适合|适配|兼容|通用于?|配套|用于|专为|搭配|替代|代用|支持|"
    r"\b(?:for|fits?|compatible with|works with|suitable for|suits|replacement for|designed for|made for))\s*[:：]?\s*"
    + _LIST
)
_COMPATIBLE_AFTER = re.compile(
    r"^\s*[》”\"'】\])）」]?\s*(?:适用|专用|通用|可用|兼容|配件|周边|风格|平替|替代|compatible\b|style\b|"
    r"读书笔记|读后感|导读|解读|赏析|辅导|同步|配套|习题|练习|题库|笔记|参考答案|学习指导|书皮|书套|书评|名师|"
    r"study guide\b|workbook\b|summary\b)"
)
#: “the same as X” is what copies of branded goods say; of a book it is what belongs to it
_SAME_AS = re.compile(r"^\s*[》”\"'】\])）」]?\s*同款")
_NEGATED_BEFORE = re.compile(
    r"(?:非|不是|并非|恶搞|戏仿|致敬|吐槽|\b(?:not|non|anti|parody of|inspired by|unlike))[\s\-:：]*[《“\"']?$"
)
_NEGATED_AFTER = re.compile(r"^\s*[》”\"']?\s*(?:恶搞|戏仿|致敬|吐槽|parody\b|spoof\b|inspired\b|tribute\b)")
_AROUND = 40
#: what else than names stands in a listing, and its signal
_NUMBERS = ((WatchTerm.Kind.CODE, "text.code"), ("isbn", "text.isbn"), ("model", "text.model"))
#: ways of a term that may be something else as well
_GUESSES = frozenset({"initials", "fuzzy", "part"})


def see(targets: Sequence[Target], watch: Watch) -> Sights:
    """What each listing says of each profile's goods, by (place of the listing in `targets`, key of the profile)."""
    sights: Sights = {}
    if not watch.profiles:
        return sights
    for index, target in enumerate(targets):
        by_profile: dict[int, list[tuple[str, Text, Hit]]] = {}
        for where, text in texts(target):
            hits = watch.hits(text)
            # Where a whole name stands nothing is searched for what might nearly be one: it is mostly part of that.
            if where == "title" and not (hits and any(map(_is_whole, hits))):
                hits += watch.near(text, _worth_a_second_look(target, text, watch))
            for hit in hits:
                by_profile.setdefault(hit.term.profile, []).append((where, text, hit))
        for profile, found in by_profile.items():
            if seen := _seen(found, watch.profiles[profile]):
                sights[index, profile] = seen
    return sights


def _is_whole(hit: Hit) -> bool:
    return hit.term.kind == NAME and hit.term.way not in _GUESSES


def _worth_a_second_look(target: Target, text: Text, watch: Watch) -> Callable[[int], bool]:
    """Whether a name that is nearly written counts: only where something else speaks against the listing, a word of copies
    or, in the profile's own category, the price. Asked for each name, so it has to be cheap."""
    price, currency = float(target.price or 0), target.currency
    category = normalise.squeezed(target.category) if target.category else ""
    profiles = watch.profiles
    speaks_of_copies: list[bool] = []

    def is_worth_it(profile: int) -> bool:
        watched = profiles[profile]
        if (
            0 < price < watched.low_below
            and currency == watched.currency
            and (not watched.categories or not category or category in watched.categories)
        ):
            return True
        if not speaks_of_copies:
            speaks_of_copies.append(wording.speaks_of_copies(text))
        return speaks_of_copies[0]

    return is_worth_it


def use_of(text: Text, hit: Hit, watched: Watched) -> str:
    """How a name is used: as a brand, for what the goods are `compatible` with, or `negated` (parody, "not by")."""
    before = normalise.folded(text.original[max(0, hit.first - _AROUND) : hit.first]) if hit.first else ""
    after = normalise.folded(text.original[hit.last : hit.last + _AROUND])
    if (before and _NEGATED_BEFORE.search(before)) or _NEGATED_AFTER.match(after):
        return "negated"
    if (before and _COMPATIBLE_BEFORE.search(before)) or _COMPATIBLE_AFTER.match(after):
        return "compatible"
    if watched.kind != WatchProfile.Kind.BRAND and _SAME_AS.match(after):
        return "compatible"
    return "brand"


def _seen(hits: Sequence[tuple[str, Text, Hit]], watched: Watched) -> list[Seen]:
    seen: list[Seen] = []
    data: dict[str, Any]
    honest, publisher = watched.honest, watched.publisher
    named = [(where, text, hit, use_of(text, hit, watched)) for where, text, hit in hits if hit.term.kind == NAME]
    if len(named) > 1:
        # The title says what is sold; what the description speaks of besides is other goods.
        named = [n for n in named if n[0] != "description"] or named
    whole = [n for n in named if n[2].term.way not in _GUESSES]
    as_brand = [n for n in whole if n[3] == "brand"]
    otherwise = [n for n in named if n[3] != "brand"]
    if as_brand:
        surest = max(as_brand, key=lambda n: (WHERE[n[0]], not n[2].disguises)) if len(as_brand) > 1 else as_brand[0]
        where, _text, hit, _use = surest
        seen.append(Seen("text.name", WHERE[where], {"words": hit.words, "term": hit.term.text, "where": where}))
        hidden = [(n[0], n[2], name, DISGUISES[name] * WHERE[n[0]]) for n in as_brand for name in n[2].disguises]
        if hidden:
            where, hit, worst, strength = max(hidden, key=lambda n: n[3])
            data = {"words": _shown(hit.words), "term": hit.term.text, "how": worst, "where": where}
            seen.append(Seen("text.disguised", strength, data))
    elif otherwise:
        where, text, hit, use = otherwise[0]
        words = text.original[max(0, hit.first - 8) : hit.last + 8]
        seen.append(Seen(f"text.{use}", 1.0, {"words": words, "term": hit.term.text, "where": where}))
    elif named:
        hit = max((n[2] for n in named), key=lambda hit: hit.alike)
        data = {"words": hit.words, "term": hit.term.text, "percent": round(hit.alike * 100)}
        if hit.term.way == "part":
            data["publisher"] = bool(publisher) and any(publisher in n[1].squeezed for n in named)
        seen.append(Seen(f"text.{hit.term.way}", hit.alike, data))
    for kind, signal in _NUMBERS if len(named) < len(hits) else ():
        found = [(where, hit) for where, _text, hit in hits if hit.term.kind == kind]
        if found:
            where, hit = max(found, key=lambda n: WHERE[n[0]])
            # A name and a number beside it say the same thing twice.
            strength = 0.3 if as_brand and kind != WatchTerm.Kind.CODE else 1.0
            if kind != "isbn":
                strength *= WHERE[where]
            seen.append(Seen(signal, strength, {"words": hit.words, "term": hit.term.text, "where": where}))
    if honest and seen:
        title = hits[0][1].squeezed
        for word in honest:
            if normalise.squeezed(word) in title:
                seen.append(Seen("text.honest", 1.0, {"term": word}))
                break
    return seen


def _shown(words: str) -> str:
    """With characters that nobody sees made visible: `Ni⟨U+200B⟩ke`."""
    return "".join(char if normalise.folded(char) else f"⟨U+{ord(char):04X}⟩" for char in words)

"""Words by which those who sell copies say so to those who look for them."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from core import normalise
from core.normalise import Text
from marketplace.models import Target
from patrol.models import WatchProfile
from patrol.signals import Pair, Seen, Sights
from patrol.signals.reading import texts
from patrol.terms import Watch

#: of books and other works: how sure each word is. Chinese words are looked for with everything between them taken out
COPIES: Mapping[str, float] = {
    "盗印": 1.0, "盗版": 1.0, "翻印": 1.0, "影印": 0.8, "复印": 0.9, "扫描": 0.8, "电子版": 0.9, "电子档": 0.9, "网盘": 0.9,
    "云盘": 0.9, "百度云": 0.9, "打印版": 0.9, "打印": 0.7, "自印": 0.9, "缩印": 0.6, "纸张略薄": 0.8, "纸张一般": 0.7,
    "内页黑白": 0.8, "不影响阅读": 0.6, "秒发": 0.4, "高清版": 0.4, "非原版": 0.8, "pdf": 0.9, "epub": 0.9, "mobi": 0.9,
    "azw3": 0.9, "scan": 0.8, "scanned": 0.9, "photocopy": 1.0, "photocopied": 1.0, "a5 reprint": 1.0, "reprint": 0.6,
    "ebook": 0.6, "bootleg": 1.0,
}  # fmt: skip
#: of brands
REPLICAS: Mapping[str, float] = {
    "高仿": 1.0, "精仿": 1.0, "仿真": 0.5, "复刻": 0.9, "a货": 1.0, "超a": 1.0, "1:1": 0.9, "一比一": 0.9, "原单": 0.9, "尾单": 0.9,
    "尾货": 0.4, "外贸单": 0.7, "纯原": 0.8, "公司级": 0.8, "莆田": 0.9, "专柜品质": 0.7, "专柜同品质": 0.9, "过验": 0.9,
    "可过检": 0.9, "剪标": 0.7, "同厂": 0.6, "工厂直销": 0.3, "工厂货": 0.5, "原版复刻": 1.0, "顶级": 0.3, "贴牌": 0.8, "replica": 1.0,
    "aaa": 0.8, "mirror quality": 1.0, "super copy": 1.0, "1st copy": 1.0, "first copy": 1.0, "knockoff": 1.0,
    "unauthorized authentic": 1.0,
}  # fmt: skip

#: from this strength on a word of copies says it plainly; weaker ones (“sent at once”) honest sellers use, too
PLAIN = 0.8


def see(targets: Sequence[Target], watch: Watch, pairs: Collection[Pair]) -> Sights:
    """What words of copies stand in the listings that bear a profile's name, number or picture."""
    read: dict[int, tuple[str, str]] = {}
    sights: Sights = {}
    for index, profile in pairs:
        if index not in read:
            found = [text for _where, text in texts(targets[index])]
            read[index] = (" \n ".join(t.folded for t in found), "\n".join(t.squeezed for t in found))
        watched = watch.profiles[profile]
        brand = watched.kind == WatchProfile.Kind.BRAND
        words, pattern, signal = (
            (REPLICAS, _REPLICAS, "wording.replica") if brand else (COPIES, _COPIES, "wording.copy")
        )
        own = "\n".join(normalise.squeezed(name) for name in watched.names)
        said = {w for text in read[index] for w in pattern.findall(text) if normalise.squeezed(w) not in own}
        if said:
            # Each further word leaves half of the doubt.
            strengths = sorted((words[w] for w in said), reverse=True)
            strength = min(1.0, sum(s / 2**n for n, s in enumerate(strengths)))
            sights[index, profile] = [Seen(signal, strength, {"words": sorted(said, key=lambda w: -words[w])[:5]})]
    return sights


def speaks_of_copies(text: Text) -> bool:
    """A cheap test: whether any of the words may stand in it, whatever is sold."""
    return next(_any().iter(text.squeezed), None) is not None or "1:1" in text.original


@lru_cache(maxsize=1)
def _any() -> Any:
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for word in {normalise.squeezed(word) for word in (*COPIES, *REPLICAS)} - {"11"}:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton


def _pattern(words: Mapping[str, float]) -> re.Pattern[str]:
    """Longest first; what is written in letters as a word of its own. What comes as a gift is not what is sold."""
    alone = [rf"(?<![a-z0-9]){re.escape(w)}(?![a-z0-9])" if w.isascii() else re.escape(w) for w in words]
    return re.compile(r"(?<![赠送附])(?:" + "|".join(sorted(alone, key=len, reverse=True)) + ")")


_COPIES, _REPLICAS = _pattern(COPIES), _pattern(REPLICAS)

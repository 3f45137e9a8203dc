"""A market with known truth: honest sellers of every sort, and pirates with every disguise. Knows nothing of patrol.

What is sold is invented; the same seed gives the same market. What pirates do besides hiding the name (price, words, new
shops) is drawn apart from the disguise, and some of them do none of it: at the usual price, under the open name, in an
old shop, a copy cannot be told from a listing, and counts as missed.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import opencc
from pypinyin import Style, lazy_pinyin

SYLLABLES = "ba co da fen gor hul ki lo mar nex po qua rin so tev un vel wix yar zo lun dra pel sto tri mek nov cal bri fol".split()  # noqa: SIM905
BRAND_CHARS = "岚泊澜霁朔曜屿砚棠栩隽珂翎瑭旻晗沅漪舸骁祺煦澈朗峥"
TOPICS = (
    "现代汉语",
    "古代文学",
    "高等数学",
    "线性代数",
    "中国通史",
    "世界地理",
    "儿童心理",
    "城市规划",
    "临床护理",
    "机械制图",
    "会计基础",
    "西方哲学",
    "唐诗宋词",
    "海洋生物",
    "家常菜谱",
    "围棋定式",
    "经济法",
    "数据结构",
    "信号处理",
    "建筑构造",
    "葡萄种植",
    "陶瓷鉴赏",
    "书法技法",
    "昆虫图谱",
    "星空观测",
    "针灸经络",
    "茶道文化",
    "铁路运输",
    "纺织工艺",
    "水墨山水",
)
FORMS = (
    "辞典",
    "教程",
    "三百讲",
    "入门与提高",
    "通论",
    "精解",
    "手册",
    "图鉴",
    "导引",
    "札记",
    "问答",
    "新编",
    "纲要",
    "讲义",
    "百科",
)
MOODS = ("", "", "", "实用", "简明", "图解", "新编", "漫话", "速成")
PRESSES = ("汉语书局", "长河出版社", "砚田文艺社", "北辰教育社", "青山科技社")
GOODS = ("跑鞋", "双肩包", "保温杯", "耳机", "连衣裙", "面霜", "手表", "充电宝", "羽绒服", "口红")
HONEST_WORDS = (
    "现货速发",
    "专柜正品",
    "支持验货",
    "正版新书",
    "包邮",
    "官方授权",
    "2026新款",
    "学生党",
    "送礼",
    "★热卖★",
    "【次日达】",
    "七天无理由",
)
#: what copyists say of their goods; the last of each are in no list of words
BOOK_GIVEAWAYS = (
    "影印版", "PDF电子版 秒发", "复印装订", "扫描版高清", "特价 纸张略薄", "网盘发货", "A5 打印版", "内页黑白 不影响阅读", "介意勿拍", "资料完整 懂的来",
)  # fmt: skip
BRAND_GIVEAWAYS = (
    "高仿",
    "1:1复刻",
    "原单尾货",
    "A货",
    "莆田直发",
    "过验",
    "专柜同品质",
    "纯原版本",
    "懂货的来",
    "渠道特殊",
)
ACCESSORIES = ("鞋带", "收纳盒", "保护套", "钢化膜", "清洁剂", "替换芯", "支架", "挂绳")
COMPANIONS = ("读书笔记", "书套 包书膜", "同步练习册", "学习指导 自编", "书签 12枚")
OTHERS = (
    "牛皮纸笔记本",
    "中性笔 0.5mm 12支",
    "不锈钢书立",
    "家用插线板",
    "棉麻窗帘",
    "陶瓷花盆",
    "折叠雨伞",
    "儿童积木 100粒",
    "洗衣液 2kg",
    "瑜伽垫",
)
DISGUISES = (
    "full_width", "zero_width", "bidi", "homoglyph", "traditional", "pinyin", "initials", "inserted", "leet", "typo",
    "homophone", "isbn_only", "vague", "wording", "code", "new_shop",
)  # fmt: skip
#: an honest title that names nothing, and the cover of a book whose right somebody holds: only its picture tells
IMAGE_ONLY = "image_only"
#: what says of itself that it goes with the goods, and in the next word that it is a copy of them
COMPANION = "companion"
#: genuine goods that somebody read or wore, for less than any pirate asks
CHEAP_USED = "cheap_used"
HONEST = (
    "resale", "used", "authorised", "compatible", "parody", "unrelated", "decorated", "similar", "shows_cover", CHEAP_USED,
)  # fmt: skip
#: what stands in titles that name nothing
UNNAMED = ("正版图书", "教材", "畅销书", "学生读物", "考研用书", "课外书")
#: of a hundred listings
PIRATES, SHARE = (
    15,
    {
        "resale": 38,
        "used": 4,
        "authorised": 6,
        "compatible": 10,
        "parody": 3,
        "unrelated": 18,
        "decorated": 3,
        "similar": 3,
    },
)
_LOOKALIKE = {
    "a": "а",
    "c": "с",
    "e": "е",
    "o": "о",
    "p": "р",
    "x": "х",
    "y": "у",
    "i": "і",
    "n": "ո",
    "l": "ӏ",
    "s": "ѕ",
    "v": "ν",
    "u": "υ",
    "r": "г",
    "k": "κ",
    "t": "τ",
    "b": "Ь",
}
_LEET = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7", "b": "8", "l": "1"}
_HOMOPHONES = {
    "现": "线",
    "代": "带",
    "汉": "旱",
    "语": "羽",
    "学": "雪",
    "中": "终",
    "国": "帼",
    "史": "使",
    "典": "点",
    "程": "成",
    "图": "涂",
    "教": "较",
    "新": "心",
    "精": "经",
    "解": "姐",
    "讲": "奖",
    "文": "纹",
    "地": "弟",
    "数": "树",
    "手": "首",
    "册": "策",
    "论": "轮",
    "通": "同",
}


@dataclass(frozen=True)
class Good:
    """Something whose right somebody holds, and what its watch profile would say of it."""

    kind: str
    names: tuple[str, ...]
    category: str
    list_price: int
    floor: int
    isbn: str = ""
    publisher: str = ""
    model: str = ""
    code: str = ""


@dataclass(frozen=True)
class Shop:
    days_old: int
    nature: str
    #: places in `Market.goods` of what it may sell
    may_sell: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Offer:
    """A listing, and the truth about it."""

    nature: str
    good: int | None
    shop: int
    title: str
    price: float
    category: str
    attributes: dict[str, str] = field(default_factory=dict)
    #: how a pirate hides; empty: honest
    disguise: str = ""
    #: the good whose cover it shows, and what was done to that; None: it shows no picture
    picture: tuple[int, str] | None = None


@dataclass(frozen=True)
class Market:
    goods: tuple[Good, ...]
    shops: tuple[Shop, ...]
    offers: tuple[Offer, ...]


def make_market(*, seed: int, goods: int, offers: int) -> Market:
    rng = random.Random(seed)
    things = make_goods(rng, goods)
    shops = _shops(rng, things, max(40, offers // 40))
    by_nature: dict[str, list[int]] = {}
    for n, shop in enumerate(shops):
        by_nature.setdefault(shop.nature, []).append(n)
    natures = [n for n, share in SHARE.items() for _n in range(share)] + ["pirate"] * PIRATES
    made = []
    for n in range(offers):
        nature = rng.choice(natures)
        made.append(
            _pirate(rng, things, by_nature, DISGUISES[n % len(DISGUISES)])
            if nature == "pirate"
            else _honest(rng, nature, things, shops, by_nature)
        )
    return Market(goods=tuple(things), shops=tuple(shops), offers=tuple(made))


def with_pictures(market: Market, *, seed: int, covers: int, edits: Sequence[str], offers: int) -> Market:
    """The market, and so many offers more that show a picture: covers of its first books, whole or edited, and others.

    Half of them are pirates whom nothing but their picture tells. The others are honest and show the same covers: sellers
    of genuine copies, by name or without it, new or used; of what goes with the book; and of other books, whose cover
    nobody watches. They are drawn apart, so that the rest of the market is what it is without them.
    """
    rng = random.Random(f"pictures {seed}")
    books = [n for n, good in enumerate(market.goods) if good.kind == "book"]
    watched, others = books[:covers], books[covers : covers + 12]
    by_nature: dict[str, list[int]] = {}
    for n, shop in enumerate(market.shops):
        by_nature.setdefault(shop.nature, []).append(n)
    made = [
        _pictured_pirate(rng, market, watched, by_nature, edits)
        if n % 2
        else _pictured_honest(rng, market, watched, others, by_nature)
        for n in range(offers)
    ]
    return replace(market, offers=(*market.offers, *made))


def _pictured_pirate(
    rng: random.Random, market: Market, watched: list[int], by_nature: dict[str, list[int]], edits: Sequence[str]
) -> Offer:
    index = rng.choice(watched)
    good = market.goods[index]
    title = f"{rng.choice(UNNAMED)} {rng.choice(HONEST_WORDS)}"
    shop = rng.choice(by_nature["pirate" if rng.random() < 0.7 else "honest"])
    # At the usual price nothing tells it from a genuine copy.
    price = round(good.list_price * rng.uniform(0.05, 0.33), 2)
    return Offer("pirate", index, shop, title, price, good.category, {}, IMAGE_ONLY, (index, rng.choice(edits)))


def _pictured_honest(
    rng: random.Random, market: Market, watched: list[int], others: list[int], by_nature: dict[str, list[int]]
) -> Offer:
    nature = rng.choice(("shows_cover", "shows_cover", "resale", "used", "compatible", "unrelated"))
    index = rng.choice(others if nature == "unrelated" else watched)
    good = market.goods[index]
    name, shop, edit = good.names[0], rng.choice(by_nature["honest"]), rng.choice(("as it is", "small", "photographed"))
    price, category = good.list_price * rng.uniform(0.7, 1.0), good.category
    if nature == "resale":
        title = _decorated(rng, name, good)
    elif nature == "used":
        title, price = f"{name} 二手 九成新 {rng.choice(HONEST_WORDS)}", good.list_price * rng.uniform(0.42, 0.65)
    elif nature == "compatible":
        title, price = f"适用《{name}》{rng.choice(COMPANIONS)}", rng.uniform(5, 30)
    else:
        title = f"{rng.choice(UNNAMED)} {rng.choice(HONEST_WORDS)}"
        # Other books are cheap, too; nobody watches them.
        price *= rng.uniform(0.1, 1.0) if nature == "unrelated" else 1.0
    good_of = None if nature == "unrelated" else index
    return Offer(nature, good_of, shop, title, round(price, 2), category, {}, "", (index, edit))


def with_cheap_ones(market: Market, *, seed: int, offers: int) -> Market:
    """The market, and so many offers more at 8 to 40 % of the list price: half of them honest used goods, half companions.

    They are drawn apart, so that the rest of the market is what it is without them.
    """
    rng = random.Random(f"cheap {seed}")
    honest = [n for n, shop in enumerate(market.shops) if shop.nature == "honest"]
    pirates = [n for n, shop in enumerate(market.shops) if shop.nature == "pirate"]
    made = []
    for n in range(offers):
        index = rng.randrange(len(market.goods))
        good = market.goods[index]
        name, price = rng.choice(good.names), round(good.list_price * rng.uniform(0.08, 0.4), 2)
        if n % 2:
            shop = rng.choice(pirates if rng.random() < 0.7 else honest)
            made.append(Offer("pirate", index, shop, _companion(rng, name, good), price, good.category, {}, COMPANION))
        else:
            title = f"{name} 二手 {rng.choice(('九成新', '有笔记', '有使用痕迹'))} {rng.choice(HONEST_WORDS)}"
            made.append(Offer(CHEAP_USED, index, rng.choice(honest), title, price, good.category))
    return replace(market, offers=(*market.offers, *made))


def _companion(rng: random.Random, name: str, good: Good) -> str:
    if good.kind == "book":
        said = rng.choice(("电子版", "PDF 秒发", "影印版", "扫描版高清"))
        return rng.choice(
            (f"用于《{name}》{said}", f"《{name}》同步 {said}", f"适用《{name}》 {said}", f"{name} 配套 {said}")
        )
    said = rng.choice(("高仿", "1:1复刻", "A货", "莆田直发"))
    return rng.choice(
        (f"{name}同款 {said} {good.category}", f"适用 {name} {said}", f"{good.category} for {name} {said}")
    )


def make_goods(rng: random.Random, count: int) -> list[Good]:
    """Half books, half brands; no two have the same name."""
    found: list[Good] = []
    taken: set[str] = set()
    while len(found) < count:
        good = _book(rng, len(found)) if len(found) % 2 else _brand(rng, len(found))
        if taken.isdisjoint(good.names):
            taken |= set(good.names)
            found.append(good)
    return found


def _book(rng: random.Random, n: int) -> Good:
    title = (
        rng.choice(MOODS) + rng.choice(TOPICS) + (rng.choice(TOPICS) if rng.random() < 0.3 else "") + rng.choice(FORMS)
    )
    if rng.random() < 0.5:
        title += rng.choice(("上册", "下册", "第一卷", "第二卷", "青年版", "珍藏本", "全彩本"))
    body = f"9787{rng.randrange(10**8):08d}"
    check = (10 - sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(body)) % 10) % 10
    price = rng.randrange(30, 180)
    code = rng.choice(("老地方", "灰机", "小蓝本", "那套书", "红宝")) + str(1000 + n)
    return Good("book", (title,), "图书", price, round(price * 0.4), f"{body}{check}", rng.choice(PRESSES), code=code)


def _brand(rng: random.Random, n: int) -> Good:
    latin = "".join(rng.choice(SYLLABLES) for _n in range(rng.choice((2, 3, 3, 4))))
    while len(latin) < 5:
        latin += rng.choice(SYLLABLES)
    chinese = "".join(rng.sample(BRAND_CHARS, 3))
    price = rng.randrange(80, 1500)
    return Good(
        "brand", (latin.capitalize(), chinese), rng.choice(GOODS), price, round(price * 0.4),
        model=f"{rng.choice('ABDKLMXZ')}{rng.choice('ABDKLMXZ')}{rng.randrange(1000, 9999)}-{rng.randrange(10, 99)}",
        code=f"{latin[:1].upper()}家{1000 + n}号",
    )  # fmt: skip


def _shops(rng: random.Random, goods: list[Good], count: int) -> list[Shop]:
    shops = []
    for n in range(count):
        nature = ("honest", "honest", "honest", "authorised", "pirate")[n % 5]
        if nature == "pirate":
            # Some bought an old shop.
            shops.append(Shop(rng.choice((2, 5, 9, 20, 40, 400)), nature))
        elif nature == "authorised":
            own = frozenset(rng.sample(range(len(goods)), max(1, len(goods) // 50)))
            shops.append(Shop(rng.randrange(100, 3000), nature, own))
        else:
            # Honest shops are new once, too.
            shops.append(Shop(rng.choice((10, 45, 200, 700, 1500, 2500)), nature))
    return shops


def _decorated(rng: random.Random, name: str, good: Good) -> str:
    what = good.category if good.kind == "brand" else good.publisher
    parts = [
        name,
        what if rng.random() < 0.8 else "",
        rng.choice(HONEST_WORDS),
        rng.choice(HONEST_WORDS) if rng.random() < 0.4 else "",
    ]
    if rng.random() < 0.2:
        parts.insert(0, rng.choice(HONEST_WORDS))
    return " ".join(p for p in parts if p)


def _honest(
    rng: random.Random, nature: str, goods: list[Good], shops: list[Shop], by_nature: dict[str, list[int]]
) -> Offer:
    index = rng.randrange(len(goods))
    good = goods[index]
    name = rng.choice(good.names)
    shop = rng.choice(by_nature["honest"])
    price, category, attributes = good.list_price * rng.uniform(0.7, 1.0), good.category, {}
    if nature == "authorised":
        shop = rng.choice(by_nature["authorised"])
        index = rng.choice(sorted(shops[shop].may_sell))
        good = goods[index]
        category = good.category
        title, price = _decorated(rng, rng.choice(good.names), good), good.list_price * rng.uniform(0.2, 1.0)
    elif nature == "used":
        title, price = f"{name} 二手 九成新 {rng.choice(HONEST_WORDS)}", good.list_price * rng.uniform(0.42, 0.65)
    elif nature == "compatible":
        price = rng.uniform(5, 30)
        if good.kind == "book":
            title = rng.choice(
                (
                    f"适用《{name}》{rng.choice(COMPANIONS)}",
                    f"《{name}》配套 {rng.choice(COMPANIONS)}",
                    f"《{name}》{rng.choice(COMPANIONS[:1])}",
                )
            )
            category = rng.choice(("文具", "图书"))
        else:
            thing = rng.choice(ACCESSORIES)
            title = rng.choice(
                (
                    f"{thing} 适用于{name}",
                    f"{thing} for {name}",
                    f"适用 {name} {thing}",
                    f"{name}专用 {thing} 高品质",
                    f"{name}通用 {thing}",
                    f"{thing} compatible with {name} {good.category}",
                    f"兼容{name} {thing}",
                )
            )
            category = rng.choice(("配件", good.category))
    elif nature == "parody":
        title, price = (
            rng.choice(
                (
                    f"恶搞{name} T恤 文字衫",
                    f"致敬{name} 手绘贴纸",
                    f"非{name} 原创设计",
                    f"{name} parody 马克杯",
                    f"not {name} 帆布袋",
                )
            ),
            rng.uniform(9, 60),
        )
        category = "文创"
    elif nature == "unrelated":
        title, price, category = f"{rng.choice(OTHERS)} {rng.choice(HONEST_WORDS)}", rng.uniform(5, 90), "日用"
    elif nature == "decorated":
        # The same tricks without a bad thought: sellers from elsewhere, shouting titles, bonuses.
        form = rng.choice((_full_width, _traditional, lambda n: f"★{n}★", lambda n: f"【{n}】", str))
        title = f"{_decorated(rng, form(name), good)} {rng.choice(('', '附赠PDF课件', '送电子书签', ''))}".strip()
    elif nature == "similar":
        half = name[: max(2, (len(name) + 1) // 2)]
        title = f"{half}{rng.choice(FORMS)} 正版" if good.kind == "book" else f"{half}ix {good.category} 新款"
        price = good.list_price * rng.uniform(0.35, 1.0)
    else:
        title = _decorated(rng, name, good)
        if good.kind == "book" and rng.random() < 0.4:
            attributes = {"isbn": good.isbn}
    return Offer(nature, index if nature != "unrelated" else None, shop, title, round(price, 2), category, attributes)


def _pirate(rng: random.Random, goods: list[Good], by_nature: dict[str, list[int]], disguise: str) -> Offer:
    index = rng.choice([n for n, g in enumerate(goods) if disguise not in _ONLY or g.kind == _ONLY[disguise]])
    good = goods[index]
    latin, chinese = good.names[0], good.names[-1]
    attributes: dict[str, str] = {}
    if disguise in _DRESSED:
        dress, of_latin = _DRESSED[disguise]
        name = dress(latin if of_latin and good.kind == "brand" else chinese, rng)
    elif disguise == "isbn_only":
        name = rng.choice(("工具书", "正版图书", "教材"))
        if rng.random() < 0.5:
            attributes = {"isbn": good.isbn}
        else:
            name += f" {good.isbn[:3]}-{good.isbn[3:4]}-{good.isbn[4:8]}-{good.isbn[8:12]}-{good.isbn[12]}"
    elif disguise == "vague":
        name = (
            f"{good.category} {good.model}"
            if good.kind == "brand"
            else f"{chinese[: max(3, round(len(chinese) * 0.7))]} {good.publisher}"
        )
    elif disguise == "code":
        name = f"{good.code} {good.category if good.kind == 'brand' else '整套'}"
    else:
        name = rng.choice(good.names)
    cheap = rng.random()
    share = (
        rng.uniform(0.08, 0.35) if cheap < 0.8 else rng.uniform(0.35, 0.5) if cheap < 0.95 else rng.uniform(0.75, 0.95)
    )
    if disguise in ("vague", "new_shop"):
        share = rng.uniform(0.05, 0.33)
    words = BOOK_GIVEAWAYS if good.kind == "book" else BRAND_GIVEAWAYS
    said = [rng.choice(HONEST_WORDS)]
    if disguise == "wording" or (disguise not in ("new_shop", "vague") and rng.random() < 0.6):
        said.append(rng.choice(words[:-2] if disguise == "wording" else words))
    rng.shuffle(said)
    shop = rng.choice(by_nature["pirate" if disguise == "new_shop" or rng.random() < 0.7 else "honest"])
    category = good.category if rng.random() < 0.9 else "其他"
    return Offer(
        "pirate",
        index,
        shop,
        " ".join([name, *said]),
        round(good.list_price * share, 2),
        category,
        attributes,
        disguise,
    )


def _full_width(name: str, rng: random.Random | None = None) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


_s2t = opencc.OpenCC("s2t")


def _traditional(name: str, rng: random.Random | None = None) -> str:
    return str(_s2t.convert(name))


def _some(name: str, rng: random.Random, table: dict[str, str], *, at_most: float = 0.6) -> str:
    """Some letters as the table has them, at least one where there is any."""
    places = [n for n, c in enumerate(name.lower()) if c in table]
    chosen = set(rng.sample(places, max(1, min(len(places), round(len(places) * at_most))))) if places else set()
    return "".join(table[c.lower()] if n in chosen else c for n, c in enumerate(name))


def _typo(name: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(name) - 1)
    kind = rng.choice(("swap", "double", "drop", "other"))
    if kind == "swap":
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == "double":
        return name[:at] + name[at] + name[at:]
    if kind == "drop":
        return name[:at] + name[at + 1 :]
    return name[:at] + rng.choice("aeio" if name.isascii() else "的之大小") + name[at + 1 :]


def _bidi(name: str, rng: random.Random) -> str:
    if rng.random() < 0.5:
        return f"\u202e{name[::-1]}\u202c"
    at = rng.randrange(1, len(name))
    return f"{name[:at]}\u200f\u202a{name[at:]}"


#: disguises of a name: what is done to it, and whether to its Latin form
_DRESSED: dict[str, tuple[Callable[[str, random.Random], str], bool]] = {
    "full_width": (_full_width, True),
    "zero_width": (lambda name, rng: rng.choice("\u200b\u200c\u200d\u2060\ufeff").join(name), True),
    "bidi": (_bidi, True),
    "homoglyph": (lambda name, rng: _some(name, rng, _LOOKALIKE), True),
    "traditional": (_traditional, False),
    "pinyin": (lambda name, rng: rng.choice(("", " ")).join(lazy_pinyin(name)), False),
    "initials": (lambda name, rng: "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)), False),
    "inserted": (lambda name, rng: rng.choice("*·./-_~|，🔥 ").join(name), True),
    "leet": (lambda name, rng: _some(name, rng, _LEET, at_most=0.5), True),
    "typo": (_typo, True),
    "homophone": (lambda name, rng: _some(name, rng, _HOMOPHONES, at_most=0.3), False),
}
#: disguises that only goods of one kind can wear
_ONLY = {
    "homoglyph": "brand",
    "leet": "brand",
    "isbn_only": "book",
    "homophone": "book",
    "traditional": "book",
    "full_width": "brand",
}

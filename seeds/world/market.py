"""The book market of the demo: two thousand listings of small shops, honest ones and pirates with every disguise.

It draws no pictures of its own: like on real markets, many sellers show the same few covers.
"""

import random
from collections.abc import Callable
from dataclasses import replace

import opencc
from pypinyin import Style, lazy_pinyin

from seeds.world import numbers
from seeds.world.tables import PUBLISHERS, Book, Publisher
from seeds.world.things import Item, Nature, Organisation, Person, Picture, Shop, World

#: listings at scale 1, and the shops that they are spread over
LISTINGS, HONEST_SHOPS, PIRATE_SHOPS = 2000, 32, 10
#: ids of the pirates' shops begin so
PIRATES = "s25"
#: of a thousand listings, so many of each nature
MIX: tuple[tuple[Nature, int], ...] = (
    ("resale", 520), ("unrelated", 200), ("compatible", 130), ("pirated_book", 150),
)  # fmt: skip
SHOP_NAMES = ("晨光", "半亩", "青禾", "拾光", "南窗", "知行", "小满", "问渠", "方塘", "云起", "归舟", "松间")
SHOP_KINDS = ("图书专营店", "书店", "旧书铺", "文化用品店")
PIRATE_NAMES = ("特价书仓", "考试资料库", "清仓书屋", "电子书速发", "教辅批发部")
RESOLD = ("正版新书", "正版图书 现货", "二手 九成新 正版", "闲置转让 正版")
BESIDE = ("读书笔记本 读后感摘抄", "书套 通用包书膜", "主题书签 12 枚", "配套练习册 自编")
OTHERS = (
    ("牛皮纸活页笔记本 A5", 18), ("按动中性笔 0.5mm 12 支", 15), ("书立 加厚金属", 22), ("旧版世界地图册", 35), ("家庭烘焙一百例", 39),
    ("毛笔字帖 楷书入门", 28), ("阅读支架 可折叠", 45), ("植物标本图鉴", 66),
)  # fmt: skip
GIVEAWAYS = ("影印 A5", "PDF 电子版 秒发", "复印装订 不影响阅读", "扫描版 高清", "特价 纸张略薄")
DOMAIN = "market.demo.ippro.example"

_traditional = opencc.OpenCC("s2t")


def _initials(title: str) -> str:
    return "".join(lazy_pinyin(title, style=Style.FIRST_LETTER)).upper()


#: what pirates do to a title so that nobody finds it
DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": lambda title: f"《{title}》",
    "symbols": "·".join,
    "zero_width": "\u200b".join,
    "spaced": " ".join,
    "traditional": _traditional.convert,
    "pinyin": lambda title: " ".join(lazy_pinyin(title)),
    "initials": lambda title: f"{_initials(title)} {title[:2]}",
    "part": lambda title: title[: max(2, len(title) - 2)],
}


def add_book_market(world: World) -> None:
    """Add shops and listings to the world; the same seed and scale add the same."""
    rng = random.Random(f"{world.seed} books")
    honest = [_shop(world, n, is_honest=True) for n in range(max(1, round(HONEST_SHOPS * min(1.0, world.scale))))]
    pirates = [_shop(world, n, is_honest=False) for n in range(max(1, round(PIRATE_SHOPS * min(1.0, world.scale))))]
    world.shops += honest + pirates
    covers = _covers(world)
    natures = [nature for nature, share in MIX for _n in range(share)]
    for n in range(round(LISTINGS * world.scale)):
        nature = rng.choice(natures)
        press = rng.choice(PUBLISHERS)
        book = rng.choice(press.books)
        shop = rng.choice(pirates if nature == "pirated_book" else honest)
        world.items.append(_listing(rng, n, nature, shop, press, book, covers))


def _covers(world: World) -> dict[tuple[str, str], list[Picture]]:
    """By title: what shows the book as its publisher drew it, or as a copyist edited that."""
    found: dict[tuple[str, str], list[Picture]] = {}
    for item in world.items:
        if item.kind == "listing" and item.nature in ("genuine", "resale", "pirated_book"):
            side = "copied" if item.infringes else "own"
            found.setdefault((item.subject, side), []).append(item.pictures[0])
    return found


def _shop(world: World, n: int, *, is_honest: bool) -> Shop:
    side = 0 if is_honest else 1
    if is_honest:
        name = f"{SHOP_NAMES[n % len(SHOP_NAMES)]}{SHOP_KINDS[n // len(SHOP_NAMES) % len(SHOP_KINDS)]}"
        operator = n
    else:
        name = f"{PIRATE_NAMES[n % len(PIRATE_NAMES)]}{n // len(PIRATE_NAMES) + 1}号"
        # Each operator has two shops: where one is shut, the other goes on.
        operator = n // 2
    company = f"{'书香' if is_honest else '惠源'}{operator + 1}号图书经营部"
    organisation = Organisation(
        slug=f"books-{side}-{operator}", kind="merchant", name=company, name_en=company, country="CN",
        uscc=numbers.uscc(5000 + side * 500 + operator), address=f"汀州市书院路 {operator * 2 + 1} 号",
        people=(Person(f"books-{side}-{operator}@{DOMAIN}", company),), licence=world.shops[0].avatar,
    )  # fmt: skip
    return Shop(
        external_id=f"s{20001 + side * 5000 + n}", name=name, token=f"SHOP-BK{side}{n:05d}", operator=organisation,
        avatar=world.shops[n % len(world.shops)].avatar, nature="reseller" if is_honest else "copyist", brands=(),
        description="图书文具，支持七天无理由退换。" if is_honest else "海量资料，低价速发，介意勿拍。",
        days_old=0 if is_honest else 9 + n * 3,
    )  # fmt: skip


def _listing(
    rng: random.Random, n: int, nature: Nature, shop: Shop, press: Publisher, book: Book,
    covers: dict[tuple[str, str], list[Picture]],
) -> Item:  # fmt: skip
    side, price, subject = "own", book.price, book.title
    category = "图书"
    if nature == "resale":
        price = round(book.price * rng.uniform(0.68, 0.98))
        title = f"《{book.title}》{book.author} {press.short} {rng.choice(RESOLD)}"
    elif nature == "compatible":
        price = rng.randrange(6, 30)
        title, category = f"适用《{book.title}》{rng.choice(BESIDE)} 非出版社出品", "文具"
        side = ""
    elif nature == "unrelated":
        title, price = rng.choice(OTHERS)
        subject, category, side = title, "文具", ""
    else:
        disguise = rng.choice(list(DISGUISES.values()))
        price = max(3, round(book.price * rng.uniform(0.1, 0.32)))
        title = f"{disguise(book.title)} {rng.choice(GIVEAWAYS)}"
        side = "copied" if rng.random() < 0.6 else "own"
    pictures = covers.get((subject, side)) or covers.get((book.title, "own")) or [shop.avatar]
    picture = rng.choice(pictures) if side else shop.avatar
    return Item(
        kind="listing", external_id=f"{810_000_000_000 + n * 7907}", shop=shop, title=title,
        title_en=f"{book.title_en} ({nature.replace('_', ' ')})", description=f"{title}\n店铺：{shop.name}", category=category,
        price=price, pictures=(replace(picture),), scenes=("product_page", "search"), nature=nature, brand=press.slug,
        subject=subject,
    )  # fmt: skip

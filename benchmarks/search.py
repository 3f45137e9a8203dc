"""How search bears growth: the first page over HTTP with 10,000, 100,000 and a million listings on PostgreSQL.

python -m benchmarks.search [--sizes 10000 100000 1000000] [--picture FILE.svg] [--rounds 40]

Titles are invented: Chinese and English, with words that stand in nearly half of them and names that hardly any has.
Timed by the clock; `cpu` is what this process and the one of the database have computed, however busy the machine was.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.setting import ROOT, begin, installation, tell
from tests.postgres import NoPostgres

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 40
#: 95 of a hundred first pages
TARGET_MS = 200
BATCH, ITEMS_OF_A_SHOP, CURRENCY = 5_000, 100, "CNY"
URL = "/api/v1/marketplace/search"
GOODS = (
    "跑鞋", "双肩包", "保温杯", "蓝牙耳机", "连衣裙", "面霜", "机械手表", "充电宝", "羽绒服", "口红", "茅台酒", "台灯", "手机壳", "积木",
    "词典", "雨伞", "瑜伽垫", "行李箱", "太阳镜", "牛仔裤", "电动牙刷", "咖啡机", "鼠标", "键盘", "窗帘", "炒锅", "奶粉", "玩具车", "钢笔", "香水",
)  # fmt: skip
ENGLISH = (
    "running shoes", "backpack", "thermos", "earphones", "dress", "cream", "watch", "power bank", "down jacket", "lipstick",
    "liquor", "lamp", "phone case", "bricks", "dictionary", "umbrella", "yoga mat", "suitcase", "sunglasses", "jeans",
    "toothbrush", "coffee machine", "mouse", "keyboard", "curtain", "pan", "milk powder", "toy car", "pen", "perfume",
)  # fmt: skip
WORDS = (
    "包邮", "2026新款", "正品保证", "男女同款", "透气", "轻便", "大容量", "送礼", "学生", "高级感", "防水", "现货速发", "秋冬", "家用", "便携",
    "复古", "ins风", "加厚", "韩版", "商务", "户外", "限量", "联名", "儿童", "情侣", "原单", "尾货", "清仓", "官方", "旗舰",
)  # fmt: skip
SYLLABLES = "ba co da fen gor hul ki lo mar nex po qua rin so tev un vel wix yar zo lun dra pel sto tri mek nov cal bri fol".split()  # noqa: SIM905
CHARS = "岚泊澜霁朔曜屿砚棠栩隽珂翎瑭旻晗沅漪舸骁祺煦澈朗峥安达森林华美佳丽康乐宝贝天龙金星海尔青山长河北辰"
SENTENCES = (
    "厂家直销，支持七天无理由退换，收到货有问题请联系客服。", "实物拍摄，因光线不同略有色差，介意勿拍。", "面料柔软舒适，四季可用，尺码齐全，偏小建议拍大一码。",
    "Ships within 24 hours from our warehouse; please check the size chart.", "下单请备注颜色与尺码，默认发圆通快递，偏远地区补差价。",
)  # fmt: skip


class Market:
    """Listings that are told apart by a number; the same number is the same listing."""

    def __init__(self) -> None:
        told = random.Random(7)
        self.latin = list(dict.fromkeys("".join(told.sample(SYLLABLES, 3)) for _n in range(3_000)))
        self.chinese = ["".join(told.sample(CHARS, told.choice((2, 2, 3)))) for _n in self.latin]
        #: the first names are those of many listings, the last of a few
        self.weights = [1 / (n + 3) for n in range(len(self.latin))]
        self.brands = told.choices(range(len(self.latin)), self.weights, k=200_000)

    def listing(self, n: int) -> dict[str, Any]:
        told = random.Random(n)
        kind, brand = told.randrange(len(GOODS)), self.brands[told.randrange(len(self.brands))]
        words = told.sample(WORDS, 3) + (["包邮"] if told.random() < 0.4 else [])
        parts = [self.chinese[brand], self.latin[brand].title(), GOODS[kind], *words]
        if told.random() < 0.3:
            parts.append(ENGLISH[kind])
        told.shuffle(parts)
        return {
            "title": " ".join(parts) if told.random() < 0.5 else "".join(parts),
            "description": "".join(told.sample(SENTENCES, 2)),
            "category": f"{GOODS[kind][-1]}类/{GOODS[kind]}",
            "price": Decimal(f"{told.lognormvariate(4.5, 1):.2f}"),
            "attributes": {
                "brand": self.latin[brand].title(),
                "model": f"{told.choice('KVXRT')}{told.randrange(10**5)}",
            },
        }


def here(sizes: list[int], rounds: int, picture: str) -> int:
    begin()
    from django.conf import settings
    from django.test import Client

    from core import clock
    from marketplace.search import access
    from tests import factories

    access.MOST_A_MINUTE, settings.API_CALLS_A_MINUTE = 10**9, 0
    market, mall, client = Market(), factories.MarketplaceFactory(), Client()
    client.force_login(factories.member(), backend="django.contrib.auth.backends.ModelBackend")
    rows, have, failed = [], 0, 0
    for size in sizes:
        seconds = grow(market, mall, have, size, begin_at=clock.now() - timedelta(days=400))
        have = size
        for row in measured(market, client, size, rounds):
            rows.append(row)
            failed |= tell(__spec__.name, database="postgresql", **row)
        tell(__spec__.name, database="postgresql", listings=size, **seconds, load=round(os.getloadavg()[0], 1))
    if picture:
        Path(picture).write_text(svg(rows))
    return failed


def grow(market: Market, mall: Any, have: int, size: int, *, begin_at: Any) -> dict[str, Any]:
    """Put so many listings on sale, as many events would; the index is made at the end, as after an import."""
    from django.db import connection

    from marketplace.models import SearchEntry, Target
    from marketplace.search.index import entry_of
    from marketplace.search.tables import _AWAY, _POSTGRESQL

    shops_have, shops = have // ITEMS_OF_A_SHOP, size // ITEMS_OF_A_SHOP
    made = Target.objects.bulk_create(
        [
            Target(
                marketplace=mall,
                kind="shop",
                external_id=f"S{n}",
                title=f"{market.chinese[n % len(market.chinese)]}小店 {n}",
            )
            for n in range(shops_have, shops)
        ]
    )
    SearchEntry.objects.bulk_create(map(entry_of, made))
    ids = list(Target.objects.filter(kind="shop").order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(_AWAY["postgresql"][0])
    seconds = 0.0
    for start in range(have, size, BATCH):
        batch = [
            Target(
                marketplace=mall, kind="listing", shop_id=ids[n * 31 % len(ids)], external_id=f"L{n}", currency=CURRENCY,
                first_seen_at=begin_at + timedelta(seconds=n * 34), images=["https://mall.example/1.jpg"], **market.listing(n),
            )
            for n in range(start, min(start + BATCH, size))
        ]  # fmt: skip
        Target.objects.bulk_create(batch)
        began = time.process_time()
        entries = [entry_of(target) for target in batch]
        seconds += time.process_time() - began
        SearchEntry.objects.bulk_create(entries)
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(_POSTGRESQL[0])
        built = time.perf_counter() - began
        cursor.execute("VACUUM ANALYZE marketplace_searchentry")
        cursor.execute("ANALYZE marketplace_target")
        cursor.execute(
            "SELECT pg_relation_size('marketplace_searchindex'), pg_total_relation_size('marketplace_searchentry')"
        )
        index_bytes, all_bytes = cursor.fetchone()
    return {
        "folding_ms_each": round(seconds * 1000 / max(1, size - have), 3), "index_built_seconds": round(built, 1),
        "index_mb": index_bytes >> 20, "table_and_indexes_mb": all_bytes >> 20,
    }  # fmt: skip


def questions(market: Market) -> dict[str, Callable[[random.Random], dict[str, Any]]]:
    """What people ask, by its kind; each time something else of it."""

    def priced(told: random.Random, words: str, width: float) -> dict[str, Any]:
        low = told.uniform(20, 200)
        return {"words": words, "price_from": f"{low:.2f}", "price_to": f"{low + width:.2f}", "currency": CURRENCY}

    rare = len(market.latin) - 500
    return {
        "a word in half of all": lambda told: {"words": "包邮"},
        "a common word": lambda told: {"words": told.choice(GOODS[:10] + ENGLISH[:10])},
        "one character": lambda told: {"words": told.choice("酒鞋灯笔锅表")},
        "a name of two characters": lambda told: {"words": market.chinese[told.randrange(20, 1_000)][:2]},
        "茅台": lambda told: {"words": "茅台"},
        "a rare name": lambda told: {"words": market.latin[told.randrange(rare, len(market.latin))]},
        "a model number": lambda told: {"words": f"{told.choice('KVXRT')}{told.randrange(10**5)}"},
        "several words": lambda told: {"words": f"{told.choice(GOODS)} {told.choice(WORDS)} {told.choice(WORDS)}"},
        "a name and its goods": lambda told: {"words": f"{market.latin[told.randrange(200)]} {told.choice(GOODS)}"},
        "common, narrow price": lambda told: priced(told, "包邮", 0.05),
        "common, wide price": lambda told: priced(told, told.choice(GOODS), 50),
        "common, other category": lambda told: {"words": "包邮 茅台", "category": told.choice(GOODS[:10])},
        "common, of one seller": lambda told: {"words": "包邮", "seller": f"小店 {told.randrange(100)}"},
        "common, long ago": lambda told: {
            "words": told.choice(GOODS), "published_until": f"2025-{told.randrange(11, 13)}-15", "order": "newest",
        },
        "best match": lambda told: {"words": told.choice(GOODS), "order": "best"},
        "price alone": lambda told: {**priced(told, "", 0.05), "words": ""},
        "found nowhere": lambda told: {"words": f"饕餮{told.randrange(1000)}zzyzx"},
        "pieces everywhere, found nowhere": lambda told: {"words": f"{told.choice(WORDS)}{told.choice(WORDS)}包邮包邮"},
    }  # fmt: skip


def measured(market: Market, client: Any, size: int, rounds: int) -> Iterator[dict[str, Any]]:
    from django.db import connection

    asked, everything = questions(market), []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        # Nanoseconds on a processor, as Linux counts them.
        computed = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    everything_computed: list[float] = []
    for name, ask in asked.items():
        told, taken, cpu, hits = random.Random(name), [], [], 0
        for _round in range(rounds + 3):
            what = ask(told)
            began, ours, theirs = time.perf_counter(), time.process_time(), int(computed.read_text().split()[0])
            answer = client.get(URL, what)
            taken.append((time.perf_counter() - began) * 1000)
            theirs = int(computed.read_text().split()[0]) - theirs
            cpu.append((time.process_time() - ours) * 1000 + theirs / 1e6)
            if answer.status_code != 200:
                raise RuntimeError(answer.content.decode())
            hits += len(answer.json()["results"])
        taken, cpu = taken[3:], cpu[3:]
        everything, everything_computed = everything + taken, everything_computed + cpu
        yield {"listings": size, "asked": name, **figures(taken, cpu), "hits": round(hits / (rounds + 3), 1)}
    said = figures(everything, everything_computed)
    yield {
        "listings": size,
        "asked": "everything",
        **said,
        "target_p95_ms": TARGET_MS,
        "passed": said["p95_ms"] <= TARGET_MS,
    }


def figures(taken: list[float], cpu: list[float]) -> dict[str, float]:
    cut, of_cpu = (statistics.quantiles(row, n=100, method="inclusive") for row in (taken, cpu))
    said = {"cpu_p50_ms": round(of_cpu[49], 1), "cpu_p95_ms": round(of_cpu[94], 1)}
    return said | {"p50_ms": round(cut[49], 1), "p95_ms": round(cut[94], 1), "p99_ms": round(cut[98], 1)}


def svg(rows: list[dict[str, Any]]) -> str:
    """The slowest kinds of questions and all of them together, over the number of listings."""
    last = max(row["listings"] for row in rows)
    slow = sorted((r for r in rows if r["listings"] == last and r["asked"] != "everything"), key=lambda r: -r["p95_ms"])
    names = ["everything", *(row["asked"] for row in slow[:4])]
    colours = ("#111827", "#2563eb", "#059669", "#d97706", "#9333ea")
    sizes = sorted({row["listings"] for row in rows})
    top = max(TARGET_MS * 1.1, *(row["p95_ms"] for row in rows if row["asked"] in names))
    left, width, base, height = 60, 500, 270, 230

    def at(row: dict[str, Any]) -> tuple[float, float]:
        step = width / max(1, len(sizes) - 1)
        return left + step * sizes.index(row["listings"]), base - height * row["p95_ms"] / top

    goal = base - height * TARGET_MS / top
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 310" font-family="sans-serif" font-size="13">',
        f'<text x="{left}" y="22" font-weight="bold">first page, p95 ms</text>',
        f'<path d="M{left} 40V{base}H{left + width}" fill="none" stroke="#888"/>',
        f'<path d="M{left} {goal:.1f}H{left + width}" stroke="#b33" stroke-dasharray="5 4"/>',
        f'<text x="{left + width + 12}" y="{goal + 4:.1f}" fill="#b33">target {TARGET_MS}</text>',
    ]
    for n, (name, colour) in enumerate(zip(names, colours, strict=False)):
        points = [at(row) for row in rows if row["asked"] == name]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        at_end = next(row["p95_ms"] for row in rows if row["asked"] == name and row["listings"] == last)
        parts.append(f'<text x="{left + width + 12}" y="{120 + n * 22}" fill="{colour}">{name}: {at_end}</text>')
    for n, size in enumerate(sizes):
        x = left + width / max(1, len(sizes) - 1) * n
        parts.append(f'<text x="{x:.1f}" y="{base + 20}" text-anchor="middle" fill="#555">{size:,}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each kind of question is asked")
    parser.add_argument("--picture", default="", help="where to draw the growth, as SVG")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.here:
        return here(said.sizes, said.rounds, said.picture)
    picture = str(Path(said.picture).resolve()) if said.picture else ""
    again = ["--here", "--rounds", str(said.rounds), "--picture", picture, "--sizes", *map(str, said.sizes)]
    try:
        with installation("postgresql") as env:
            return subprocess.call([sys.executable, "-m", __spec__.name, *again], cwd=ROOT, env=env)
    except NoPostgres as missing:
        return tell(__spec__.name, database="postgresql", left_out=str(missing))


if __name__ == "__main__":
    sys.exit(main())

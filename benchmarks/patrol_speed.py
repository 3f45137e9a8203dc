"""How fast patrol is: a whole scan, and a marketplace that asks before it publishes.

python -m benchmarks.patrol_speed [--listings N] [--profiles N] [--originals N]

The scan goes over a market of generated listings in one process, at three sizes of the market and three numbers of profiles,
so that the growth can be seen; the time of a whole market of 346,000 listings on two cores is told from the rate of the
largest, which is said with the size at which it was measured. Each listing shows one image that was looked at already.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

from benchmarks.setting import DATABASES, ROOT, begin, installation, tell
from tests.postgres import NoPostgres

WHOLE_MARKET, CORES = 346_000, 2
TARGET_MINUTES, TEXT_MS, IMAGE_MS = 60, 20, 300
BULK, ASKED, PICTURES = 2_000, 300, 40
SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "jin",
    "ka",
    "lu",
    "mei",
    "no",
    "pai",
    "qi",
    "ran",
    "su",
    "tao",
    "wu",
    "xi",
)
GOODS = ("跑鞋", "保温杯", "小说", "耳机", "台灯", "背包", "手表", "茶叶", "键盘", "雨伞", "衬衫", "词典")


def name(rng: random.Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _n in range(rng.randint(3, 4))).capitalize() + str(rng.randint(10, 99))


def here(database: str, listings: int, profiles: int, originals: int) -> int:
    begin()
    from patrol import terms

    rng = random.Random(6)
    names = [name(rng) for _n in range(profiles)]
    failed = 0
    watched = 0
    for part in (profiles // 16, profiles // 4, profiles):
        watched = watch(names[watched:part], watched)
        terms.forget()
        started = time.perf_counter()
        terms.watch()
        failed |= tell(
            __spec__.name, database=database, asked="all terms read anew", profiles=watched,
            seconds=round(time.perf_counter() - started, 2),
        )  # fmt: skip
        rate, found = scan(min(2_000, listings), rng, names)
        failed |= tell(
            __spec__.name, database=database, asked="scan, growth with profiles", profiles=watched, scanned=min(2_000, listings),
            listings_a_second=round(rate), found=found,
        )  # fmt: skip
    rate = 0.0
    for size in (listings // 16, listings // 4, listings):
        rate, found = scan(size, rng, names)
        failed |= tell(
            __spec__.name, database=database, asked="scan, growth with listings", profiles=watched, scanned=size,
            listings_a_second=round(rate), found=found,
        )  # fmt: skip
    minutes = WHOLE_MARKET / rate / CORES / 60
    failed |= tell(
        __spec__.name, database=database, asked="whole scan on two cores", listings=WHOLE_MARKET, measured_on=listings,
        minutes=round(minutes, 1), target_minutes=TARGET_MINUTES, passed=minutes <= TARGET_MINUTES,
    )  # fmt: skip
    failed |= precheck(database, names, rng)
    if originals:
        failed |= precheck_with_image(database, names, rng, originals)
    return failed


def watch(names: list[str], there: int) -> int:
    """More profiles that watch, each for a name, as they were left the day before; returns how many there are now."""
    from core import clock
    from filings.models import Filing
    from patrol.models import WatchProfile, WatchTerm
    from tests import factories

    if names:
        holder = factories.member()
        filings = Filing.objects.bulk_create(
            [
                factories.FilingFactory.build(
                    organisation=holder.organisation, created_by=holder, number=f"F-2020-{there + n:06d}", title=named,
                    registration_number=str(there + n), number_key=f"trademark:CN:{there + n}", owner_name="x",
                )
                for n, named in enumerate(names)
            ],
            batch_size=BULK,
        )  # fmt: skip
        made = WatchProfile.objects.bulk_create(
            [
                WatchProfile(
                    filing=filing, number=f"WP-2020-{there + n:06d}", kind="brand", state="watching", name=filing.title,
                    price_floor="50.00", changed_at=clock.now() - timedelta(days=1),
                )
                for n, filing in enumerate(filings)
            ],
            batch_size=BULK,
        )  # fmt: skip
        WatchTerm.objects.bulk_create(
            [WatchTerm(profile=profile, text=profile.name) for profile in made], batch_size=BULK
        )
    return there + len(names)


def scan(size: int, rng: random.Random, names: list[str]) -> tuple[float, int]:
    """Listings a second of a scan over a market of its own of that size, with writing; and how much it found."""
    from imageguard.models import Appearance, SeenImage
    from marketplace.models import Target
    from patrol import scanning
    from patrol.models import Candidate
    from tests import factories

    mall: Any = factories.MarketplaceFactory(slug=f"bench{random.randrange(10**9)}")
    shops = Target.objects.bulk_create(
        [
            Target(marketplace=mall, kind="shop", external_id=f"s{n}", title=f"Shop {n}")
            for n in range(max(1, size // 100))
        ]
    )
    made = Target.objects.bulk_create(
        [
            Target(
                marketplace=mall, kind="listing", external_id=f"p{n}", shop=shops[n % len(shops)], title=title(rng, names),
                description=f"{rng.choice(GOODS)} 正品 包邮 七天无理由", category="goods", price=f"{rng.randint(5, 300)}.00", currency="CNY",
            )
            for n in range(size)
        ],
        batch_size=BULK,
    )  # fmt: skip
    images = SeenImage.objects.bulk_create(
        [
            SeenImage(marketplace=mall, url=f"https://img.example/{t.pk}.jpg", url_hash=f"{t.pk:064d}", sha256=f"{t.pk:064d}")
            for t in made
        ],
        batch_size=BULK,
    )  # fmt: skip
    Appearance.objects.bulk_create(
        [Appearance(image=image, target=t) for image, t in zip(images, made, strict=True)], batch_size=BULK
    )
    run = scanning.start(by=None, marketplace=mall)
    started = time.perf_counter()
    while scanning.scan_due():
        pass
    taken = time.perf_counter() - started
    run.refresh_from_db()
    assert run.state == "finished", run.state
    return run.listings / taken, Candidate.objects.filter(scan=run).count()


def title(rng: random.Random, names: list[str]) -> str:
    """One in thirty bears a watched name, half of these with the words of copies."""
    goods = f"{rng.choice(GOODS)} {name(rng)} {rng.choice(GOODS)} 新款"
    if rng.random() < 1 / 30:
        return f"{rng.choice(names)} {goods}" + (" 高仿 复刻" if rng.random() < 0.5 else "")
    return goods


def asked(bodies: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of each answer over HTTP in this process: signature, reading, signals, the row that is kept."""
    import json

    from django.test import Client
    from standardwebhooks import Webhook

    from core import clock
    from marketplace.models import Marketplace

    secret = "whsec_c2VjcmV0IG9mIHRoZSBtYWxsIGZvciB0ZXN0cw=="
    mall = Marketplace.objects.order_by("pk").last()
    assert mall is not None
    mall.inbound_secret = secret
    mall.save()
    client, taken = Client(), []
    for n, body in enumerate(bodies):
        text, at = json.dumps(body), clock.unmoved()
        headers = {
            "Ippro-Marketplace": mall.slug, "webhook-id": f"m{n}", "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(f"m{n}", at, text),
        }  # fmt: skip
        started = time.perf_counter()
        answer = client.post("/api/v1/marketplace/precheck", text, content_type="application/json", headers=headers)
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, answer.content
    return taken


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def precheck(database: str, names: list[str], rng: random.Random) -> int:
    bodies = [
        {
            "title": title(rng, names),
            "price": "9.90",
            "currency": "CNY",
            "category": "goods",
            "shop_external_id": f"s{n % 9}",
        }
        for n in range(ASKED)
    ]
    asked(bodies[:3])
    taken = asked(bodies[3:])
    return tell(
        __spec__.name, database=database, asked="pre-check, text only", profiles=len(names),
        median_ms=round(statistics.median(taken), 1), p95_ms=round(p95(taken), 1), target_ms=TEXT_MS,
        passed=p95(taken) <= TEXT_MS,
    )  # fmt: skip


def precheck_with_image(database: str, names: list[str], rng: random.Random, originals: int) -> int:
    """With one picture each, half of them official ones; fetching it is left out, decoding in the limited worker is not."""
    from io import BytesIO
    from types import SimpleNamespace

    from django.db import transaction

    from benchmarks.imageguard import MadeUp, drawn
    from imageguard import index
    from imageguard.engine import NotDistinctive
    from imageguard.models import Collection
    from marketplace import pictures
    from patrol.models import OfficialImage, WatchProfile
    from tests import factories

    engine = index.engine(Collection.OFFICIAL)
    shown, real = {}, []
    profiles = list(WatchProfile.objects.order_by("pk")[:PICTURES])
    for n, picture in enumerate(drawn(PICTURES)):
        content = BytesIO()
        picture.save(content, "JPEG", quality=85)
        shown[f"https://img.example/{n}.jpg"] = content.getvalue()
        if n % 2:
            continue
        try:
            made = engine.register(f"real-{n}", picture)
        except NotDistinctive:
            continue
        real.append(made.fingerprint)
        file = factories.a_file(factories.member())
        image = OfficialImage.objects.create(profile=profiles[n], file=file)
        with transaction.atomic():
            index.put(collection=Collection.OFFICIAL, subject=image.public_id, data=made.fingerprint.to_bytes())
    made_up = MadeUp(real)
    for collection, many in ((Collection.OFFICIAL, len(names)), (Collection.ORIGINALS, originals)):
        for start in range(0, many, 500):
            with transaction.atomic():
                for n in range(start, min(start + 500, many)):
                    index.put(collection=collection, subject=f"made-up-{n}", data=made_up.one().to_bytes())
            index.engine(collection).refresh()
        index.engine(collection).compact()
    pictures.fetch_picture = lambda url, **limits: SimpleNamespace(content=shown[url])  # type: ignore[assignment]
    bodies = [
        {"title": title(rng, names), "price": "9.90", "currency": "CNY", "category": "goods", "images": [url]}
        for _round in range(3)
        for url in shown
    ]
    asked(bodies[:5])
    taken = asked(bodies)
    return tell(
        __spec__.name, database=database, asked="pre-check with an image", profiles=len(names), official_pictures=len(names), originals=originals,
        median_ms=round(statistics.median(taken), 1), p95_ms=round(p95(taken), 1), target_ms=IMAGE_MS,
        passed=p95(taken) <= IMAGE_MS,
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog=__spec__.name, description=__doc__)
    parser.add_argument("--listings", type=int, default=32_000, help="in the largest market; 346000: the whole of it")
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument(
        "--originals",
        type=int,
        default=50_000,
        help="that a picture is compared with, beside an official one for each profile",
    )
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--here", choices=DATABASES, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.here:
        return here(said.here, said.listings, said.profiles, said.originals)
    failed = 0
    for database in [said.only] if said.only else DATABASES:
        try:
            with installation(database) as env:
                failed |= subprocess.call(
                    [sys.executable, "-m", __spec__.name, "--here", database, *sys.argv[1:]], cwd=ROOT, env=env
                )  # fmt: skip
        except NoPostgres as missing:
            tell(__spec__.name, database=database, left_out=str(missing))
    return failed


if __name__ == "__main__":
    sys.exit(main())

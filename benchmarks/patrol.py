"""How well patrol tells pirates from honest sellers on a market with known truth, and how fast it reads.

python -m benchmarks.patrol [--seed N] [--small] [--json]
"""

import hashlib
import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from benchmarks.patrol_covers import EDITED, cover, shown
from benchmarks.patrol_market import (
    CHEAP_USED,
    COMPANION,
    DISGUISES,
    HONEST,
    IMAGE_ONLY,
    Market,
    make_goods,
    make_market,
    with_cheap_ones,
    with_pictures,
)
from benchmarks.setting import begin, installation

#: weights and thresholds were set by looking at the markets of seeds 1 and 20261126; this one was not looked at
SEED = 20261127
PRECISION, RECALL, WORST = 0.98, 0.90, 0.75
TERMS, TITLES_A_SECOND = 20_000, 20_000
#: of fewer examples than so many no share is held against a target: of 25 one more or less is four per cent
FEW = 100
BATCH = 500


def here(asked: Namespace) -> int:
    begin()
    figures: dict[str, Any] = {"benchmark": "patrol", "seed": asked.seed}
    goods, offers, covers, pictured, cheap = (120, 3_000, 2, 24, 60) if asked.small else (400, 16_000, 20, 300, 300)
    market = make_market(seed=asked.seed, goods=goods, offers=offers)
    edits = list(EDITED)[2:6] if asked.small else list(EDITED)
    market = with_pictures(market, seed=asked.seed, covers=covers, edits=edits, offers=pictured)
    market = with_cheap_ones(market, seed=asked.seed, offers=cheap)
    figures["quality"] = quality = _quality(market)
    figures["speed"] = speed = _speed(asked.seed, small=asked.small)
    missed = [
        name
        for name, met in (
            ("precision", quality["precision"] >= PRECISION),
            ("recall", quality["recall"] >= RECALL),
            ("recall of each disguise", quality["worst_recall_judged"] >= WORST),
            ("honest listings in the top hundred", not quality["honest_in_top_hundred"]),
            ("titles a second", speed["titles_a_second"] >= TITLES_A_SECOND),
        )
        if not met
    ]
    figures["missed"], figures["passed"] = missed, not missed
    if asked.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _tell(figures)
    return 1 if missed else 0


def _quality(market: Market) -> dict[str, Any]:
    from patrol.inspecting import inspect

    profiles, targets = _stored(market)
    looked = _looked_at(market, profiles, targets)
    by_target = {target.pk: offer for target, offer in zip(targets, market.offers, strict=True)}
    started = time.perf_counter()
    found = []
    for start in range(0, len(targets), BATCH):
        found += inspect(targets[start : start + BATCH])
    seconds = time.perf_counter() - started
    found.sort(key=lambda f: -f.score)

    def is_right(f: Any) -> bool:
        offer = by_target[f.target.pk]
        return bool(offer.disguise) and profiles[f.profile.pk] == offer.good

    right = {f.target.pk for f in found if is_right(f)}
    wrong = [f for f in found if not is_right(f)]
    all_by, hit_by = Counter(o.disguise for o in market.offers), Counter(by_target[pk].disguise for pk in right)
    used = [f for f in found if by_target[f.target.pk].nature == CHEAP_USED]
    wrong_by = Counter(by_target[f.target.pk].nature for f in wrong)
    wrongly_by = Counter((by_target[f.target.pk].nature, s) for f in wrong for s in f.parts)
    recalls = {d: round(hit_by[d] / all_by[d], 4) for d in (*DISGUISES, IMAGE_ONLY, COMPANION) if all_by[d]}
    edited = {pk: offer.picture[1] for pk, offer in by_target.items() if offer.disguise == IMAGE_ONLY and offer.picture}
    all_edited, hit_edited = Counter(edited.values()), Counter(e for pk, e in edited.items() if pk in right)
    pirates = sum(n for d, n in all_by.items() if d)
    sure = [f for f in found if f.score >= _sure()]
    return {
        "listings": len(targets), "pirates": pirates, "profiles": len(profiles), "found": len(found),
        # Genuine used goods at a pirate's price are told by nothing that a listing says: the aim is held against the others.
        "precision": round(1 - (len(wrong) - len(used)) / max(1, len(found) - len(used)), 4),
        "precision_with_cheap_used": round(1 - len(wrong) / max(1, len(found)), 4),
        "cheap_used": {
            "listings": sum(o.nature == CHEAP_USED for o in market.offers), "found": len(used),
            "sure": sum(f.score >= _sure() for f in used),
        },
        "recall": round(len(right) / pirates, 4),
        "worst_recall": min(recalls.values()), "recall_by_disguise": recalls,
        "worst_recall_judged": min((share for d, share in recalls.items() if all_by[d] >= FEW), default=1.0),
        "found_by_nature": {n: wrong_by[n] for n in (*HONEST, "pirate")},
        "honest_in_top_hundred": sum(not by_target[f.target.pk].disguise for f in found[:100]),
        "top_hundred": Counter(by_target[f.target.pk].disguise or by_target[f.target.pk].nature for f in found[:100]),
        "sure": len(sure), "sure_precision": round(sum(map(is_right, sure)) / len(sure), 4) if sure else 0.0,
        "listings_a_second": round(len(targets) / seconds), "pictures": looked,
        "recall_by_edit": {e: round(hit_edited[e] / n, 4) for e, n in all_edited.items()},
        "examples": {
            "wrong": [[by_target[f.target.pk].nature, f.target.title, str(f.target.price), round(f.score, 3), f.parts] for f in wrong[:12]],
            "signals_of_wrong": [[n, s, c] for (n, s), c in wrongly_by.most_common(8)],
            "missed": [[o.disguise, o.title, market.goods[o.good or 0].names, o.price / market.goods[o.good or 0].list_price]
                       for pk, o in by_target.items() if o.disguise and pk not in right][:30],
        },
    }  # fmt: skip


def _sure() -> float:
    from patrol import risk

    return risk.in_use().sure


def _stored(market: Market) -> tuple[dict[int, int], list[Any]]:
    """The market in the database: places of goods by key of their profile, and the listings in their order."""
    from core import clock
    from filings.models import Filing
    from marketplace.models import Target
    from patrol.models import AuthorisedShop, WatchProfile, WatchTerm
    from tests import factories

    now, holder, mall = clock.now(), factories.member(), factories.MarketplaceFactory()
    filings = Filing.objects.bulk_create(
        Filing(
            number=f"F-2020-{n:06d}", organisation=holder.organisation, created_by=holder, kind="trademark",
            title=good.names[0], registration_number=str(n), number_key=f"trademark:CN:{n}", owner_name="x",
            state=Filing.State.APPROVED,
        )
        for n, good in enumerate(market.goods)
    )  # fmt: skip
    profiles = WatchProfile.objects.bulk_create(
        WatchProfile(
            number=f"W-2020-{n:06d}", filing=filing, kind=good.kind, state=WatchProfile.State.WATCHING, name=good.names[0],
            categories=[good.category], isbn=good.isbn, publisher=good.publisher, model_number=good.model,
            list_price=good.list_price, price_floor=good.floor,
        )
        for n, (good, filing) in enumerate(zip(market.goods, filings, strict=True))
    )  # fmt: skip
    WatchTerm.objects.bulk_create(
        WatchTerm(profile=profile, kind=kind, text=text)
        for profile, good in zip(profiles, market.goods, strict=True)
        for kind, text in (*(("name", name) for name in good.names), ("code", good.code))
    )
    shops = Target.objects.bulk_create(
        Target(
            marketplace=mall, kind="shop", external_id=f"s{n}", title=f"店铺{n}",
            first_seen_at=now - timedelta(days=shop.days_old),
        )
        for n, shop in enumerate(market.shops)
    )  # fmt: skip
    AuthorisedShop.objects.bulk_create(
        AuthorisedShop(profile=profiles[good], shop=row)
        for row, shop in zip(shops, market.shops, strict=True)
        for good in shop.may_sell
    )
    targets = Target.objects.bulk_create(
        (
            Target(
                marketplace=mall, kind="listing", external_id=f"p{n}", shop=shops[offer.shop], title=offer.title,
                price=offer.price, currency="CNY", category=offer.category, attributes=offer.attributes,
                first_seen_at=now - timedelta(days=min(60, market.shops[offer.shop].days_old)),
            )
            for n, offer in enumerate(market.offers)
        ),
        batch_size=1000,
    )  # fmt: skip
    return {profile.pk: n for n, profile in enumerate(profiles)}, list(targets)


def _looked_at(market: Market, profiles: dict[int, int], targets: list[Any]) -> dict[str, Any]:
    """Have the covers watched and the pictures of listings looked at, as the watch does with what it fetched.

    Each different picture is looked at once: as when listings share an address.
    """
    from django.core.files.base import ContentFile
    from django.db import transaction

    from core import files, imaging
    from core.models import FilePurpose
    from imageguard import official
    from imageguard.engine import Suspect
    from imageguard.models import Appearance, OfficialPicture, SeenImage, Sighting
    from imageguard.showing import picture_from
    from imageguard.watching import LOOKED_PX
    from patrol.models import OfficialImage
    from tests import factories

    pictured = [(target, offer.picture) for target, offer in zip(targets, market.offers, strict=True) if offer.picture]
    covers = {place: cover(place, _in_letters(market, place)) for place in {place for _t, (place, _e) in pictured}}
    watched = {offer.good for offer in market.offers if offer.picture and offer.good is not None}
    by = factories.staff()
    keys = {place: pk for pk, place in profiles.items()}
    for place in sorted(watched):
        file = files.keep(
            upload=ContentFile(shown(covers[place], "as it is"), name="cover.jpg"), purpose=FilePurpose.PICTURE, by=by
        )
        of_profile = OfficialImage.objects.create(profile_id=keys[place], file=file, is_cover=True)
        official.add(subject=of_profile.public_id, file=file)
    while official.put_due():
        pass
    images: dict[tuple[int, str], Any] = {}
    started = time.process_time()
    for target, (place, edit) in pictured:
        if (place, edit) not in images:
            content = shown(covers[place], edit)
            sha256 = hashlib.sha256(content).hexdigest()
            image = images[place, edit] = SeenImage.objects.create(
                marketplace=target.marketplace, url=f"https://img.example/{sha256}.jpg", url_hash=sha256, sha256=sha256
            )
            suspect = Suspect.of(picture_from(imaging.decode(content, preview_px=LOOKED_PX).preview))
            found = official.found_in(image, sha256, suspect)
            with transaction.atomic():
                official.write(image, sha256, found)
        Appearance.objects.create(image=images[place, edit], target=target)
    return {
        "covers": OfficialPicture.objects.filter(refusal="").count(), "refused": OfficialPicture.objects.exclude(refusal="").count(),
        "looked_at": len(images), "sightings": Sighting.objects.count(), "listings": len(pictured),
        "ms_a_look": round((time.process_time() - started) / len(images) * 1000),
    }  # fmt: skip


def _in_letters(market: Market, place: int) -> str:
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(market.goods[place].names[0])).upper()


def _speed(seed: int, *, small: bool) -> dict[str, Any]:
    """Titles a second with all terms, and how that grows: with listings, and with terms."""
    market = make_market(seed=seed, goods=400, offers=4_000 if small else 20_000)
    targets = _in_memory(market)
    growth = []
    sizes = [
        (TERMS // 16, len(targets)),
        (TERMS // 4, len(targets)),
        (TERMS, len(targets) // 4),
        (TERMS, len(targets) // 2),
        (TERMS, len(targets)),
    ]
    for terms, count in sizes[::2] if small else sizes:
        watch, building = _watch_of(terms, market)
        growth.append(_timed(watch, targets[:count], terms, building))
    return {"titles_a_second": growth[-1]["titles_a_second"], "growth": growth}


def _timed(watch: Any, targets: Sequence[Any], terms: int, building: float) -> dict[str, Any]:
    from patrol.signals import text

    best = float("inf")
    for _round in range(3):
        started = time.process_time()
        text.see(targets, watch)
        best = min(best, time.process_time() - started)
    return {
        "terms": terms, "titles": len(targets), "titles_a_second": round(len(targets) / best),
        "microseconds_a_title": round(best / len(targets) * 1e6, 1), "seconds_to_build": round(building, 2),
    }  # fmt: skip


def _in_memory(market: Market) -> list[Any]:
    from marketplace.models import Target

    return [
        Target(kind="listing", title=o.title, price=o.price, currency="CNY", category=o.category) for o in market.offers
    ]


def _watch_of(terms: int, market: Market) -> tuple[Any, float]:
    """So many terms, those of the market's goods among them. In memory."""
    import random

    from filings.models import Filing
    from patrol.models import WatchProfile, WatchTerm
    from patrol.terms import Watch

    goods = make_goods(random.Random(7), terms)
    goods[: min(len(market.goods), terms // 4)] = market.goods[: terms // 4]
    profiles, count = [], 0
    for n, good in enumerate(goods):
        if count >= terms:
            break
        profile = WatchProfile(
            pk=n + 1, filing=Filing(pk=n + 1, organisation_id=1), kind=good.kind, name=good.names[0],
            categories=[good.category], list_price=good.list_price, price_floor=good.floor,
        )  # fmt: skip
        rows = [WatchTerm(profile=profile, kind="name", text=name) for name in good.names]
        profile._prefetched_objects_cache = {"terms": rows}  # type: ignore[attr-defined]
        count += len(rows)
        profiles.append(profile)
    started = time.perf_counter()
    return Watch.of(profiles), time.perf_counter() - started


def _tell(figures: dict[str, Any]) -> None:
    quality, speed = figures["quality"], figures["speed"]
    for disguise, recall in quality["recall_by_disguise"].items():
        print(f"{disguise:<12} recall {recall:.3f}")
    for edit, recall in quality["recall_by_edit"].items():
        print(f"{IMAGE_ONLY}, {edit:<12} recall {recall:.3f}")
    for nature, count in quality["found_by_nature"].items():
        print(f"{nature:<12} wrongly found {count}")
    for example in (*quality["examples"]["wrong"], *quality["examples"]["missed"]):
        print("  ", json.dumps(example, ensure_ascii=False))
    print(json.dumps({name: quality[name] for name in ("pictures", "top_hundred", "cheap_used")}))
    for row in speed["growth"]:
        print(json.dumps(row))
    summary = {
        k: quality[k]
        for k in (
            "listings",
            "precision",
            "precision_with_cheap_used",
            "recall",
            "worst_recall",
            "honest_in_top_hundred",
            "sure_precision",
        )
    }
    print(json.dumps({
        "benchmark": "patrol", "seed": figures["seed"], **summary, "titles_a_second": speed["titles_a_second"],
        "target": {"precision": PRECISION, "recall": RECALL, "worst_recall": WORST, "titles_a_second": TITLES_A_SECOND},
        "missed": figures["missed"], "passed": figures["passed"],
    }))  # fmt: skip


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--here", action="store_true")
    asked = parser.parse_args()
    if asked.here:
        return here(asked)
    import subprocess

    with installation("sqlite") as env:
        return subprocess.call([sys.executable, "-m", "benchmarks.patrol", *sys.argv[1:], "--here"], env=env)


if __name__ == "__main__":
    sys.exit(main())

"""The demo's watch: publishers and two brands say what to look for, the market is looked at, some finds are decided.

One book of the publisher with the easy address stays unwatched: whoever walks through the demo begins with it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.core.files.base import ContentFile

from accounts.models import User
from core import clock
from filings.models import Filing
from patrol import inspecting, leads, profiles, scanning, services
from patrol.models import Candidate, WatchProfile
from seeds import gallery
from seeds.world import DOMAIN, Right, World
from seeds.world.market import PIRATES
from seeds.world.tables import PUBLISHERS

#: brands that are watched, and the book that is not
BRANDS, UNWATCHED = ("sonquill", "vantelier"), "她在北方种月亮"
CATEGORY = "图书"
#: words of honest offers beside a book
HONEST_WORDS = ["读书笔记本", "包书膜", "书签", "练习册 自编"]
BATCH = 500
#: finds decided before anybody opens the demo: upheld, dismissed, and left with the brand to answer
UPHELD, DISMISSED, ASKED = 14, 4, 2
#: a copy sold for less than this share of the list price
FLOOR = Decimal("0.4")
FACTS = "标题写明影印或电子版，售价远低于定价，封面与官方封面一致。The offer says that it is a photocopy or a file, costs a fraction of the list price and shows the official cover."


def watch(
    *, world: World, folder: Path, filings: dict[str, Filing], until: datetime, say: Callable[[str], None]
) -> int:
    """Make profiles, look at the market once, decide some of what was found; returns how many candidates. Safe to repeat."""
    if not WatchProfile.objects.exists():
        with clock.frozen(until - timedelta(days=20)):
            for right in _watched(world):
                if filings[right.slug].is_in_force():
                    _profile(right, filings[right.slug], folder)
        with clock.frozen(until - timedelta(days=2)):
            _look_at_everything()
            _decide({item.external_id for item in world.items if item.infringes})
            leads.find_leads()
    say(f"{WatchProfile.objects.count()} watch profiles, {Candidate.objects.count()} candidates")
    return Candidate.objects.count()


def _watched(world: World) -> list[Right]:
    books = [r for r in world.rights if r.kind == "publishing" and UNWATCHED not in r.title]
    return books + [r for r in world.rights if r.kind == "trademark" and r.brand in BRANDS]


def _profile(right: Right, filing: Filing, folder: Path) -> None:
    by = filing.created_by
    if right.kind == "publishing":
        press = next(p for p in PUBLISHERS if p.slug == right.brand)
        title = right.title.strip("《》")
        price = Decimal(next(book.price for book in press.books if book.title == title))
        profile = profiles.create(
            filing=filing, by=by, kind="book", name=title, names=[title],
            honest_words=HONEST_WORDS, categories=[CATEGORY], isbn=right.number, publisher=press.name, list_price=price,
            usual_price=price, price_floor=(price * FLOOR).quantize(Decimal("0.01")),
        )  # fmt: skip
        _picture(profile, right, folder, is_cover=True)
    else:
        profile = profiles.create(filing=filing, by=by, kind="brand", name=right.title, names=right.title.split(" "))
        _picture(profile, right, folder, is_cover=False)
    profiles.start(profile=profile, by=by)


def _picture(profile: WatchProfile, right: Right, folder: Path, *, is_cover: bool) -> None:
    picture = right.pictures[0]
    upload = ContentFile(gallery.read(folder, picture), name=picture.name)
    profiles.add_image(profile=profile, by=profile.filing.created_by, upload=upload, is_cover=is_cover)


def _look_at_everything() -> None:
    everything = list(scanning.on_sale().select_related("marketplace", "shop").order_by("pk"))
    for start in range(0, len(everything), BATCH):
        some = everything[start : start + BATCH]
        services.write_candidates(inspecting.inspect(some), looked_at=some, source=Candidate.Source.SCAN)


def _decide(infringing: set[str]) -> None:
    """The surest finds of the pirates' shops are upheld, some that are none are dismissed, of some the brand is asked."""
    reviewer = User.objects.get(email=f"reviewer@{DOMAIN}")
    found = Candidate.objects.awaiting_decision().select_related("profile__filing", "target__shop")
    books = list(
        found.filter(profile__kind="book", target__shop__external_id__startswith=PIRATES).order_by("-score", "pk")
    )
    honest = list(found.exclude(target__external_id__in=infringing).order_by("score", "pk"))
    for candidate in books[:UPHELD]:
        services.uphold(candidate=candidate, by=reviewer, rule="U3", facts=FACTS, infringement="pirated_book")
    for candidate in honest[:DISMISSED]:
        services.dismiss(candidate=candidate, by=reviewer, why="resale", note="正版转售。Genuine goods, resold.")
    for candidate in books[UPHELD : UPHELD + ASKED]:
        services.ask_brand(candidate=candidate, by=reviewer)

"""The walk of the patrol: a book is watched, the market scanned, what was found decided, what comes back held at once.

Each walk sells a pirated copy of its own in a shop of the demo's pirates, so that there is always something to find.
"""

import csv
import hashlib
import io
import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest

import httpx
from PIL import Image

from ippro import penalty_walk
from ippro.image_walk import as_jpeg
from ippro.visitor import Form, Page, Unexpected, Visitor
from seeds.patrol import UNWATCHED
from seeds.pictures import pirated
from seeds.world import World
from seeds.world.market import PIRATES

LIST_PRICE, PRICE_FLOOR, CATEGORY = "49", "19.6", "图书"
#: below the floor, as pirates sell it
PIRATES_PRICE = "9.90"
HONEST_WORDS = "读书笔记本\n包书膜\n书签\n练习册"
FACTS = "The offer says that it is a photocopy, costs a fifth of the list price and shows the publisher's cover."
ANSWER = "We print no A5 edition, and this shop never bought from us."
REASON = "The shop put up again twice what had been taken down; the copies are photocopies of one publisher's book."
#: finds of the scan that are decided besides the walk's own
OTHERS = 2
DRAWN = 24
#: when a takedown is looked at for the first time, and for the second
FIRST_LOOK, SECOND_LOOK = timedelta(days=1), timedelta(days=2)


@dataclass(frozen=True)
class Sold:
    """A pirated copy on sale, in one shop under one title."""

    shop: str
    title: str
    address: str

    @property
    def external_id(self) -> str:
        return self.address.rstrip("/").rpartition("/")[2]

    def has_left(self, storefront: Visitor) -> bool:
        return storefront.get(self.address, expect=None).status == httpx.codes.GONE


# --- what is watched -------------------------------------------------------------------------------------------


def cover(world: World, storefront: Visitor) -> bytes:
    """The cover of the book, as an honest shop shows it."""
    item = next(i for i in world.items if i.subject == UNWATCHED and i.nature == "genuine")
    return storefront.request("GET", f"{storefront.base_url}/pictures/{item.pictures[0].name}").content


def watch(publisher: Visitor, picture: bytes) -> str:
    """The profile of the book, made, filled in and started; of an earlier walk it is there already. Its public id."""
    known = re.search(rf'/watch/(wat_[0-9a-z]+)/">{UNWATCHED}<', publisher.get("/watch/").html)
    if known:
        return known[1]
    rights = publisher.get("/filings/?q=" + UNWATCHED)
    right = re.search(r"/filings/(flg_[0-9a-z]+)/", rights.link("/filings/flg_"))
    assert right is not None
    page = publisher.send(publisher.get("/watch/new/").form(has="filing"), filing=right[1])
    page = publisher.send(
        page.form(has="honest_words"), name=UNWATCHED, names=UNWATCHED, honest_words=HONEST_WORDS, categories=CATEGORY,
        list_price=LIST_PRICE, usual_price=LIST_PRICE, price_floor=PRICE_FLOOR,
    )  # fmt: skip
    page = publisher.send(
        page.form(has="picture"), is_cover="on", files={"picture": [("cover.jpg", picture, "image/jpeg")]}
    )
    page = publisher.send(page.form(action="/start/"))
    if "Start watching" in page.text:
        raise Unexpected(f"{page.url}: the profile is not watching")
    return page.url.rstrip("/").rpartition("/")[2]


# --- what is on sale ---------------------------------------------------------------------------------------------


def sell(storefront: Visitor, picture: bytes, *, like: Sold | None = None) -> Sold:
    """Offer a pirated copy in a shop of the pirates, or once more what one of them sold before."""
    form = _stall(storefront)
    shop = like.shop if like else _pirates_shop(form)
    title = like.title if like else _new_title()
    return Sold(shop, title, _offer(storefront, form, picture, shop, title).url)


def is_blocked(storefront: Visitor, picture: bytes) -> list[str]:
    """The storefront asks before it publishes: why ippro will not have this copy on sale. Raises Unexpected."""
    form = _stall(storefront)
    page = _offer(storefront, form, picture, _pirates_shop(form), _new_title(), ask="1", expect=422)
    said = re.search(r"before it was published:(.*?)</ul>", page.html, re.DOTALL)
    reasons = re.findall(r"<li>(.+?)</li>", said[1]) if said else []
    if not reasons:
        raise Unexpected(f"{page.url} does not say why it is not published: {page.errors}")
    return reasons


def _stall(storefront: Visitor) -> Form:
    return storefront.get("/sell").form(has="picture")


def _offer(
    storefront: Visitor, form: Form, picture: bytes, shop: str, title: str, *, ask: str | None = None, expect: int = 200
) -> Page:
    files = {"picture": [("cover.jpg", picture, "image/jpeg")]}
    return storefront.send(
        form, shop=shop, title=title, price=PIRATES_PRICE, category=CATEGORY, ask=ask, files=files, expect=expect
    )


def _pirates_shop(form: Form) -> str:
    """A shop of the pirates that may still sell. Raises Unexpected when earlier walks had all of them banned."""
    left = [shop for shop in form.choices["shop"] if shop.startswith(PIRATES)]
    if not left:
        raise Unexpected("every shop of the pirates was banned by earlier walks: start the demo anew")
    return left[0]


def _new_title() -> str:
    """What no other walk has sold: it must not be taken for a copy that came back."""
    return f"《{UNWATCHED}》 影印 A5 第 {time.time_ns() // 10**6 % 10**8} 批"


def copied(picture: bytes) -> bytes:
    """The cover as a pirate shows it."""
    with Image.open(io.BytesIO(picture)) as image:
        copy = pirated(image.convert("RGB"), "crop", seed=time.time_ns() % 1000)
    return as_jpeg(copy, 86)


# --- scan and candidates -----------------------------------------------------------------------------------------


def scan(staff: Visitor, profile: str) -> str:
    """Start a scan of the whole market for one profile, or take the one that its start began; the page of its progress."""
    page = staff.send(staff.get("/admin/patrol/scan/start/").form(has="profile"), profile=profile, expect=None)
    if "under way already" in page.text:
        page = staff.get(staff.get(f"/admin/patrol/scan/?q={UNWATCHED}").link("/progress/"))
    if page.status != httpx.codes.OK:
        raise Unexpected(f"{page.url} answered {page.status}: {page.errors}")
    return page.url


def is_scanned(staff: Visitor, address: str) -> bool:
    """Whether the scan is finished. Raises Unexpected if its page shows no progress, or batches that were given up."""
    page = staff.get(address)
    if "<progress" not in page.html or "given up" in page.text:
        raise Unexpected(f"{page.url} shows no progress, or what was given up: {page.text[:600]}")
    return ">finished<" in page.html and 'value="100"' in page.html


def candidate_of(staff: Visitor, sold: Sold) -> str:
    """The page on which the find is decided; empty while it was not found."""
    return next(iter(_candidates(staff, f"q={sold.external_id}")), "")


def others(staff: Visitor) -> list[str]:
    """The surest other finds that name the book and wait for a decision."""
    return _candidates(staff, f"q={UNWATCHED}&state__exact=open")[:OTHERS]


def _candidates(staff: Visitor, asked: str) -> list[str]:
    listed = staff.get(f"/admin/patrol/candidate/?{asked}")
    return list(dict.fromkeys(link for link in listed.links if re.search(r"/candidate/can_[0-9a-z]+/review/", link)))


def ask_brand(staff: Visitor, candidate: str) -> None:
    staff.send(staff.get(candidate).form(has="facts"), press="ask_brand")


def answer(publisher: Visitor, candidate: str) -> None:
    """The publisher says that the goods are not its own."""
    case = re.search(r"can_[0-9a-z]+", candidate)
    assert case is not None
    form = publisher.get(f"/watch/candidates/{case[0]}/").form(has="verdict")
    publisher.send(form, verdict="infringes", note=ANSWER)


def uphold(staff: Visitor, candidate: str) -> None:
    form = staff.get(candidate).form(has="facts")
    staff.send(form, press="uphold", rule=form.option("rule", "U3"), facts=FACTS)


# --- a sample that anybody can draw again -------------------------------------------------------------------------


@dataclass(frozen=True)
class Announced:
    """A sample whose seed is public, and nothing drawn."""

    address: str
    public_id: str
    seed: str
    frame_hash: str


def announce(staff: Visitor, stranger: Visitor) -> Announced:
    """Announce a sample; the seed as a stranger reads it before anything is drawn."""
    form = staff.get(staff.get("/admin/patrol/sample/").link("announce")).form(has="size")
    page = staff.send(form, title="What is on sale this month", size=str(DRAWN))
    public_id = page.url.rstrip("/").split("/")[-2]
    public = stranger.get(f"/samples/{public_id}/")
    seed, frame_hash = re.findall(r'<code class="break">([0-9a-f]{64})</code>', public.html)[:2]
    return Announced(page.url, public_id, seed, frame_hash)


def draw(staff: Visitor, sample: Announced) -> list[str]:
    """Let the lot fall; the ids that were drawn, as the sample says them."""
    page = staff.send(staff.get(sample.address).form(has="note"), press="draw")
    rows = csv.DictReader(io.StringIO(_file(staff, page, "draw").decode("utf-8-sig")))
    return [f"{row['stratum']} {row['listing']}" for row in rows]


def draw_again(staff: Visitor, sample: Announced, drawn: list[str]) -> list[str]:
    """The same draw from seed and frame alone, by no code of ippro's. Raises Unexpected for another frame."""
    frame = _file(staff, staff.get(sample.address), "frame")
    if hashlib.sha256(frame).hexdigest() != sample.frame_hash:
        raise Unexpected("the frame is not the one whose hash was announced")
    wanted = Counter(one.split()[0] for one in drawn)
    listings = [line.split("\t") for line in frame.decode().splitlines()]
    return [
        f"{stratum} {one}"
        for stratum in sorted(wanted)
        for one in nsmallest(
            wanted[stratum], (i for i, s in listings if s == stratum),
            key=lambda i: hashlib.sha256(f"{sample.seed}:{i}".encode()).hexdigest(),
        )
    ]  # fmt: skip


def _file(staff: Visitor, page: Page, name: str) -> bytes:
    return staff.request("GET", page.link(f"/file/{name}")).content


# --- a shop that lives from it --------------------------------------------------------------------------------------


def propose_ban(staff: Visitor, shop: str) -> str:
    """From the list of shops to clear: the address of the ban of the shop of this name; empty while it is not on the list."""
    page = staff.get("/admin/governance/clearance/")
    card = next((card for card in page.html.split("<section")[1:] if f">{shop}<" in card), "")
    if known := re.search(r"/admin/governance/penalty/pen_[0-9a-z]+/review/", card):
        return known[0]
    if button := re.search(r'name="shop" value="(tgt_[0-9a-z]+)"', card):
        form = next(form for form in page.forms if any(b.value == button[1] for b in form.buttons))
        return staff.send(form, press=button[1]).url
    return ""


def hear(staff: Visitor, ban: str) -> timedelta:
    """Open the hearing; how long the shop, which has no account, can say something."""
    penalty_walk.decide(staff, ban, "hear", REASON)
    page = staff.get(ban)
    until = re.search(r'Hearing until <time datetime="([^"]+)"', page.html)
    moments = {datetime.fromisoformat(at) for at in re.findall(r'<time datetime="([^"]+T[^"]+)"', page.html)}
    if not until or datetime.fromisoformat(until[1]) not in moments:
        raise Unexpected(f"{page.url} does not say until when the shop is heard")
    ends = datetime.fromisoformat(until[1])
    # What is latest before it is the hearing's beginning, just now.
    return ends - max(at for at in moments if at < ends)

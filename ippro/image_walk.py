"""The walkthrough's second half: a merchant's image is registered, stolen, found, and the thief's listing goes down.

As in the first half, everything goes through the pages of the running servers; the certificate is checked with the
stand-alone script as a stranger would, in a Python of its own.
"""

import io
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image, ImageDraw

from ippro.visitor import Page, Unexpected, Visitor
from seeds.pictures import pirated

#: a copyist's shop, and what it does to the picture
THIEF, EDIT = "s10022", "banner"
#: of the merchant's picture: its sides in pixels, and what is printed on it
SIDE, SHAPES = 800, 120
WORDS = "大牌平替 同款低价"
#: what the explanation shows; each is drawn when it is asked for
VIEWS = ("side-by-side", "warped", "overlay")


@dataclass(frozen=True)
class Registered:
    """An original that was registered for this walk."""

    public_id: str
    picture: Image.Image


def new_picture() -> Image.Image:
    """The pattern of a printed scarf that nobody has seen before: the demo's drawn goods all resemble each other."""
    rng = random.Random(time.time_ns())  # noqa: S311 a picture, no secret
    picture = Image.new("RGB", (SIDE, SIDE), _colour(rng))
    draw = ImageDraw.Draw(picture)
    for _n in range(SHAPES):
        x, y, reach = rng.randrange(SIDE), rng.randrange(SIDE), rng.randrange(20, 110)
        corners = [
            (x + rng.randint(-reach, reach), y + rng.randint(-reach, reach)) for _corner in range(rng.randint(3, 7))
        ]
        if rng.random() < 0.6:
            draw.polygon(corners, fill=_colour(rng), outline=_colour(rng), width=rng.randint(1, 5))
        else:
            draw.ellipse(
                (x - reach, y - reach // 2, x + reach, y + reach // 2), fill=_colour(rng), outline=_colour(rng)
            )
    return picture


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def register(merchant: Visitor) -> Registered:
    """Hand in one image on the page without JavaScript; its certificate is still to come."""
    picture = new_picture()
    form = merchant.get("/originals/register/").form(has="images")
    page = merchant.send(form, files={"images": [("launch.jpg", as_jpeg(picture, 94), "image/jpeg")]})
    return Registered(page.link("/originals/ori_").rstrip("/").rpartition("/")[2], picture)


def is_certified(merchant: Visitor, original: Registered) -> bool:
    """Whether its page offers the certificate. Raises Unexpected if it was refused or is contested."""
    page = merchant.get(f"/originals/{original.public_id}/")
    for state in ("in conflict", "refused"):
        if state in page.text:
            raise Unexpected(f"{page.url}: a picture that nobody has seen before is {state}: {page.text[:400]}")
    return any("certificate.pdf" in link for link in page.links)


def steal(storefront: Visitor, original: Registered) -> str:
    """A copyist puts an edited copy on sale; the address of its listing."""
    copy = pirated(original.picture, EDIT, seed=time.time_ns() % 1000)
    form = storefront.get("/sell").form(has="picture")
    files = {"picture": [("new.jpg", as_jpeg(copy, 86), "image/jpeg")]}
    return storefront.send(form, shop=THIEF, title=WORDS, price="19.90", files=files).url


def match_of(merchant: Visitor, original: Registered) -> str:
    """The public id of the match that was found; nothing while it is looked for."""
    page = merchant.get(f"/originals/matches/?original={original.public_id}")
    found = [link for link in page.links if "/originals/matches/mat_" in link]
    return found[0].rstrip("/").rpartition("/")[2] if found else ""


def read_explanation(merchant: Visitor, match: str) -> bool:
    """The match says in words and pictures why it is one; False while the pictures are drawn. Raises Unexpected."""
    page = merchant.get(f"/originals/matches/{match}/")
    for words in ("Why it is held to be a copy", "What was done to it", WORDS):
        if words not in page.text:
            raise Unexpected(f"{page.url} does not say {words!r}. It says: {page.text[:400]}")
    for view in VIEWS:
        answer = merchant.request("GET", f"{merchant.base_url}/originals/matches/{match}/{view}.jpg")
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return False
        if answer.status_code != httpx.codes.OK or not answer.headers["content-type"].startswith("image/"):
            raise Unexpected(f"{answer.url} is no picture: {answer.status_code}")
    return True


def complain(merchant: Visitor, match: str) -> Page:
    """The match becomes a complaint that only waits to be signed; the page of the case."""
    page = merchant.get(f"/originals/matches/{match}/")
    page = merchant.send(page.form(action="/complaints/from-matches/"))
    return merchant.send(page.form(has="links"), press="send", signature="贺云帆", good_faith="on")


def certificate_of(merchant: Visitor, original: Registered) -> str:
    """The public address of the certificate with which its holder shows it to somebody; Unexpected if there is none."""
    return merchant.get(f"/originals/{original.public_id}/").link("/verify/FP-")


def verify(base_url: str, certificate: str) -> bool:
    """Whether the stand-alone script finds the certificate in order; False while the ledger is still being sealed.

    Raises Unexpected if it finds anything wrong.
    """
    stranger = Visitor(base_url)
    number = next(part for part in certificate.split("/") if part.startswith("FP-"))
    page = stranger.get(certificate)
    proof = [link for link in page.links if "/bundle.json" in link]
    if not proof:
        return False
    keys = stranger.request("GET", f"{base_url}/api/v1/ledger/keys").json()["keys"]
    with tempfile.TemporaryDirectory(prefix="ippro-walk-") as folder:
        script, bundle = Path(folder) / "verify_ledger.py", Path(folder) / f"{number}.json"
        for address, path in ((page.link("verify_ledger.py"), script), (proof[0], bundle)):
            path.write_bytes(stranger.request("GET", address).content)
        checked = subprocess.run(  # noqa: S603 the script that the page offers, on the file that it offers
            [sys.executable, "-I", str(script), str(bundle), "--json", *(f"--key={key}" for key in keys)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if checked.returncode:
        raise Unexpected(f"{number} does not verify: {checked.stdout or checked.stderr}")
    if number not in checked.stdout:
        raise Unexpected(f"the proof of {number} is about something else: {checked.stdout}")
    return True


def as_jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()

"""Pictures for tests, drawn by code, and the workers' steps done by hand."""

from functools import lru_cache
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from accounts.models import Organisation, User
from accounts.roles import OrgRole
from core import clock
from core.fetch import Fetched, Refused
from core.ids import new_id, next_number
from core.tasks import drain_outbox
from imageguard import explanations, seeing, services, watching
from imageguard.models import Appearance, Match, Original, SeenImage
from marketplace.ingest import ingest
from marketplace.models import Marketplace, Target
from seeds.pictures import Look, Shot, pirated, product
from tests.factories import ListingFactory, OrganisationFactory, ShopFactory, member


@lru_cache(maxsize=32)
def a_picture(n: int = 0, family: str = "sneaker", ground: str = "studio") -> Image.Image:
    """A product photo; another `n` shows another article."""
    colours = ("#c0392b", "#2471a3", "#1e8449", "#b7950b", "#6c3483", "#a04000", "#117864", "#7b241c")
    look = Look(main=colours[n % 8], accent=colours[(n * 3 + 1) % 8], word=f"MARK {n}", seed=n)
    return product(Shot(family=family, look=look, ground=ground, seed=n))


def as_jpeg(picture: Image.Image, quality: int = 88) -> bytes:
    out = BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def an_edit(picture: Image.Image, kind: str = "banner", seed: int = 1) -> Image.Image:
    """What a copyist makes of it."""
    return pirated(picture, kind, seed=seed)


def an_upload(picture: Image.Image | bytes, name: str = "product.jpg") -> SimpleUploadedFile:
    content = picture if isinstance(picture, bytes) else as_jpeg(picture, 92)
    return SimpleUploadedFile(name, content, "image/jpeg")


def a_merchant(**fields: Any) -> User:
    """Somebody of a verified merchant."""
    return member(OrganisationFactory(kind=Organisation.Kind.MERCHANT), role=OrgRole.ADMIN, **fields)


def registered(picture: Image.Image | None = None, *, by: User | None = None, **fields: Any) -> Original:
    """An original that was registered and is still to be checked."""
    by = by or a_merchant()
    return services.register_original(upload=an_upload(picture or a_picture()), by=by, **fields)


def certified(picture: Image.Image | None = None, *, by: User | None = None, **fields: Any) -> Original:
    """An original that came through its check with a certificate."""
    original = checked(registered(picture, by=by, **fields))
    assert original.is_certified, (original.state, original.refusal)
    return original


def checked(original: Original) -> Original:
    while services.check_due():
        pass
    original.refresh_from_db()
    return original


def a_listing(shop: Target | None = None, *urls: str, **fields: Any) -> Target:
    """A listing that shows these images, seen by the watch."""
    shop = shop or ShopFactory()
    urls = urls or (f"https://img.{shop.marketplace.slug}.example/{new_id('x')}.jpg",)
    listing = ListingFactory(shop=shop, images=list(urls), **fields)
    seeing.see_target(listing.public_id)
    return listing


def looked_at(listing: Target, *pictures: Image.Image) -> list[Any]:
    """The watch finds these pictures under the listing's addresses; returns new matches."""
    images = SeenImage.objects.filter(appearances__target=listing).order_by("appearances__position")
    return [
        match
        for image, picture in zip(images, pictures, strict=True)
        for match in watching.look_at(image, as_jpeg(picture))
    ]


def drawn() -> None:
    """The worker draws the explanations that are owed."""
    while explanations.draw_due():
        pass


class Web:
    """What lies under addresses of marketplaces, instead of the internet; `asked` says what was fetched, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.asked: list[str] = []

    def put(self, url: str, what: Any) -> str:
        self.pages[url] = as_jpeg(what) if isinstance(what, Image.Image) else what
        return url

    def fetch(self, url: str, **limits: Any) -> Fetched:
        self.asked.append(url)
        found = self.pages.get(url, Refused("404"))
        if isinstance(found, Exception):
            raise found
        return Fetched(found, url)


def watch() -> int:
    """What the worker of the queue `images` does until nothing is due; returns how many looks it took."""
    looks = 0
    while True:
        delivered, tried = drain_outbox(), watching.look_due()
        looks += tried
        if not delivered and not tried:
            return looks


def told(mall: Marketplace, external_id: str = "1", *, kind: str = "listing", version: int = 1, **data: Any) -> Target:
    """The marketplace says something of what it shows; what follows from it is done."""
    shop = data.pop("shop", "s1")
    said = {"external_id": external_id, "shop_external_id": shop, "title": "Shoe", "price": "10.00", **data}
    event = {
        "id": new_id("evt"), "type": f"{kind}.upserted", "occurred_at": clock.now().isoformat(), "version": version,
        "data": said,
    }  # fmt: skip
    (result,) = ingest(marketplace=mall, events=[event])
    assert result.status == "applied", result
    drain_outbox()
    return Target.objects.get(marketplace=mall, kind=kind, external_id=external_id)


def a_match(original: Original, **fields: Any) -> Match:
    """A match of an original in a listing of its own, as the watch would have written it; without any picture."""
    fields.setdefault("state", Match.State.IN_REVIEW)
    fields.setdefault("tier", Match.Tier.REVIEW)
    fields.setdefault("score", 0.4)
    listing = ListingFactory()
    url = f"https://img.example/{new_id('x')}.jpg"
    image = SeenImage.objects.create(marketplace=listing.marketplace, url=url, url_hash=new_id("x"), sha256="0" * 64)
    Appearance.objects.create(image=image, target=listing)
    with transaction.atomic():
        number = next_number("M", clock.now().year)
    return Match.objects.create(
        number=number, original=original, image=image, target=listing, sha256="0" * 64, edits=["cropped"], **fields
    )

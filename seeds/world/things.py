"""What the demo world consists of. Plain data; what is true of a listing stays here and is told to nobody."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from seeds.pictures import Look, Shot

Nature = Literal[
    "genuine", "resale", "compatible", "unrelated", "counterfeit", "trademark_use", "copied_image",
    "pirated_book", "design_copy", "patent_product", "pirated_software", "gi_misuse",
]  # fmt: skip
INFRINGING = frozenset(
    {"counterfeit", "trademark_use", "copied_image", "pirated_book", "design_copy", "patent_product",
     "pirated_software", "gi_misuse"}
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """How to draw one picture: `name` is its file, `kind` says which of the rest matters."""

    name: str
    kind: Literal["product", "pirated", "video", "livestream", "avatar", "logo", "certificate", "licence", "cover"]
    shot: Shot | None = None
    edit: str = ""
    seed: int = 0
    shots: tuple[Shot, ...] = ()
    words: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: str = "admin"
    language: str = "zh-hans"
    phone: str = ""


@dataclass(frozen=True)
class Organisation:
    """A rights holder, agency or merchant, with its people (the first is its administrator)."""

    slug: str
    kind: Literal["rights_holder", "agency", "merchant"]
    name: str
    name_en: str
    uscc: str
    country: str
    address: str
    people: tuple[Person, ...]
    licence: Picture
    registration_number: str = ""


@dataclass(frozen=True)
class Right:
    """One right that a holder files. `brand` is the slug under which shops and listings know it."""

    slug: str
    organisation: str
    brand: str
    kind: str
    title: str
    number: str
    owner: str
    valid_from: date | None
    valid_until: date | None
    description: str
    certificate: Picture
    pictures: tuple[Picture, ...]
    mark_type: str = ""
    nice: tuple[int, ...] = ()
    territory: str = "CN"


@dataclass(frozen=True)
class Shop:
    external_id: str
    name: str
    token: str
    operator: Organisation
    avatar: Picture
    nature: str
    brands: tuple[str, ...]
    description: str
    #: for so many days it has been open; 0: for most of the year
    days_old: int = 0


@dataclass(frozen=True)
class Item:
    """A listing, short video or livestream of a shop."""

    kind: Literal["listing", "video", "livestream"]
    external_id: str
    shop: Shop
    title: str
    title_en: str
    description: str
    category: str
    price: int
    pictures: tuple[Picture, ...]
    scenes: tuple[str, ...]
    nature: Nature
    brand: str
    subject: str = ""
    seconds: int = 0
    shows: tuple[str, ...] = ()

    @property
    def infringes(self) -> bool:
        return self.nature in INFRINGING


@dataclass
class World:
    """The whole demo world, the same for the same seed and scale."""

    seed: int
    scale: float
    organisations: list[Organisation] = field(default_factory=list)
    rights: list[Right] = field(default_factory=list)
    shops: list[Shop] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def organisation(self, slug: str) -> Organisation:
        return next(o for o in self.organisations if o.slug == slug)

    def right(self, slug: str) -> Right:
        return next(r for r in self.rights if r.slug == slug)

    def listings(self, *natures: str, brand: str = "") -> list[Item]:
        return self._items("listing", natures, brand)

    def videos(self, *natures: str, brand: str = "") -> list[Item]:
        return self._items("video", natures, brand)

    def livestreams(self, *natures: str, brand: str = "") -> list[Item]:
        return self._items("livestream", natures, brand)

    def _items(self, kind: str, natures: tuple[str, ...], brand: str) -> list[Item]:
        return [
            item
            for item in self.items
            if item.kind == kind and (not natures or item.nature in natures) and brand in ("", item.brand)
        ]

    def shop(self, name: str) -> Shop:
        return next(s for s in self.shops if s.name == name)

    def marketplace_pictures(self) -> list[Picture]:
        """Every picture that the marketplace shows, once each: many sellers show the same."""
        shown = [s.avatar for s in self.shops] + [p for item in self.items for p in item.pictures]
        return list({picture.name: picture for picture in shown}.values())


__all__ = [
    "INFRINGING",
    "Item",
    "Look",
    "Nature",
    "Organisation",
    "Person",
    "Picture",
    "Right",
    "Shop",
    "Shot",
    "World",
]

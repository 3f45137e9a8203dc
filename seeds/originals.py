"""The demo world's original images: launch photographs that a merchant registered, and what copied them on the mall.

What the mall shows beyond that is owed a look like everywhere; the demo spreads those looks over half an hour, so that
what a visitor puts on sale is looked at first.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path

from django.core.files.base import ContentFile
from django.db.models import F, QuerySet

from accounts.models import Organisation, User
from core import clock
from core.models import OutboxMessage
from core.outbox import deliver
from imageguard import seeing, services, watching
from imageguard.models import Original, SeenImage
from marketplace.models import Target
from patrol import scanning
from seeds import gallery
from seeds.world import DOMAIN, Item, Picture, World

#: who registers its launch photographs, and the reseller that may show them
MERCHANT, RESELLER = "yunfan", "jinghe"
#: so many photographs, and so many copies that were found before anybody opens the demo; the rest is found meanwhile
MOST_ORIGINALS, MOST_COPIES = 14, 10
SECONDS_BETWEEN_LOOKS = 4
#: of a market in which nothing was looked at yet, each takes in all that there is
AT_ONCE: dict[str, Callable[[QuerySet[Target]], object]] = {
    "imageguard.seeing.see_target": seeing.see_first,
    "patrol.scanning.target_changed": scanning.owe,
}


def pictures(world: World) -> list[Picture]:
    """The photographs to be drawn, unedited, of which copyists' listings show copies."""
    return [picture for picture, _copies in _stolen(world)]


def _stolen(world: World) -> list[tuple[Picture, list[Item]]]:
    """A launch photograph of each model, with the listings that show an edited copy of it.

    Of each model one: its other colours are the same drawing, which no comparison of shapes tells apart.
    """
    brands = {b for shop in world.shops if shop.operator.slug == MERCHANT for b in shop.brands}
    by_model: dict[str, tuple[Picture, list[Item]]] = {}
    for item in world.items:
        first = item.pictures[0]
        if item.kind != "listing" or item.nature != "copied_image" or item.brand not in brands or not first.edit:
            continue
        original = Picture(f"original-{len(by_model) + 1}.jpg", "product", shot=first.shot)
        photograph, copies = by_model.setdefault(f"{item.brand} {item.subject}", (original, []))
        if photograph.shot == first.shot:
            copies.append(item)
    return list(by_model.values())[:MOST_ORIGINALS]


def register(*, world: World, folder: Path, until: datetime, say: Callable[[str], None]) -> int:
    """Register the photographs as their merchant did before anybody could copy them, look at some of the copies; how many originals.

    Does nothing where there are originals already.
    """
    if Original.objects.exists():
        return 0
    _deliver()
    stolen = _stolen(world)
    by = User.objects.get(email=f"merchant.original@{DOMAIN}")
    with clock.frozen(until - timedelta(days=310)):
        for n, (picture, copies) in enumerate(stolen):
            upload = ContentFile(gallery.read(folder, picture), name=picture.name)
            services.register_original(upload=upload, by=by, title=copies[0].subject, is_public=n % 2 == 0)
        while services.check_due():
            pass
    _licence(by)
    with clock.frozen(until - timedelta(days=1)):
        for item in _in_turn([copies for _picture, copies in stolen]):
            for image in _images(item):
                watching.look_at(image, gallery.read(folder, item.pictures[0]))
    _spread_looks(clock.now())
    say(f"{len(stolen)} originals")
    return len(stolen)


def _in_turn(copies: Sequence[list[Item]]) -> Iterator[Item]:
    """First one copy of each photograph, then the second ones, as long as there are some left to be found."""
    turns = [item for turn in zip_longest(*copies) for item in turn if item is not None]
    yield from turns[:MOST_COPIES]


def _images(item: Item) -> list[SeenImage]:
    return list(SeenImage.objects.filter(appearances__target__external_id=item.external_id, appearances__position=0))


def _licence(by: User) -> None:
    reseller = Organisation.objects.filter(name__startswith="景和").first()
    shops = Target.objects.filter(kind=Target.Kind.SHOP, operator=reseller) if reseller else Target.objects.none()
    for original in Original.objects.certified().filter(organisation=by.organisation)[:3]:
        for shop in shops[:1]:
            services.grant_licence(original=original, by=by, shop_link=shop.url, note="经销商 · dealer")


def _spread_looks(at: datetime) -> None:
    """What the mall has shown for months can wait its turn."""
    waiting = SeenImage.objects.filter(due_at__isnull=False, looked_at__isnull=True)
    first = waiting.order_by("pk").values_list("pk", flat=True).first()
    for image in waiting.annotate(nth=F("pk") - first) if first else ():
        image.due_at = at + timedelta(seconds=SECONDS_BETWEEN_LOOKS * image.nth)
        image.save(update_fields=["due_at"])


def _deliver() -> None:
    """Carry what happened to its consumers; what is new on the mall to those that take in a whole market at once."""
    while messages := OutboxMessage.objects.claim(1000):
        for consumer, take_in in AT_ONCE.items():
            mine = [message for message in messages if message.consumer == consumer]
            take_in(Target.objects.filter(public_id__in=[message.subject for message in mine]))
            OutboxMessage.objects.settle(mine)
        for message in messages:
            if message.consumer not in AT_ONCE:
                deliver(message)

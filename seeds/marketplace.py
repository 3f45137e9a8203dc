"""The demo marketplace: its row, its link templates, and the world as the events that it would send."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from marketplace.connectors.base import Connection
from marketplace.connectors.http import call, open_client, secret
from marketplace.ingest import Status, ingest
from marketplace.models import LinkTemplate, Marketplace
from seeds.world import Item, Shop, World

SLUG = "demo-mall"
NAME = "Demo Mall 演示商城"
#: scene, kind, path of a link; {seconds} is a time code
LINKS = (
    ("product_page", "listing", "/product/{id}"),
    ("mall", "listing", "/mall/item/{id}"),
    ("supermarket", "listing", "/supermarket/item/{id}"),
    ("search", "listing", "/search?item={id}"),
    ("video", "video", "/video/{id}?t={seconds}"),
    ("livestream", "livestream", "/live/{id}?t={seconds}"),
    ("shop", "shop", "/shop/{id}"),
)


def link(storefront_url: str, scene: str, external_id: str, seconds: int | None = None) -> str:
    """The address that a visitor of the storefront would copy."""
    path = next(path for s, _kind, path in LINKS if s == scene)
    if seconds is None:
        path = path.partition("?t=")[0]
    return storefront_url.rstrip("/") + path.format(id=external_id, seconds=seconds)


def connect_demo_mall(*, storefront_url: str, ops_url: str, ops_token: str, inbound_secret: str) -> Marketplace:
    """The demo marketplace, made or brought up to these addresses."""
    before = Marketplace.objects.filter(slug=SLUG).first()
    generation = before.config.get("generation", 1) if before else 1
    if before and before.storefront_url != storefront_url:
        generation += 1
    mall, _made = Marketplace.objects.update_or_create(
        slug=SLUG,
        defaults={
            "name": NAME, "connector": "demo", "regime": "cn", "storefront_url": storefront_url,
            "config": {"url": ops_url or storefront_url, "generation": generation},
            "secrets": json.dumps({"token": ops_token}),
            "inbound_secret": inbound_secret,
        },
    )  # fmt: skip
    wanted = {storefront_url.rstrip("/") + path: (scene, kind) for scene, kind, path in LINKS}
    mall.link_templates.exclude(template__in=wanted).delete()
    known = set(mall.link_templates.values_list("template", flat=True))
    LinkTemplate.objects.bulk_create(
        LinkTemplate(marketplace=mall, scene=scene, kind=kind, template=template)
        for template, (scene, kind) in wanted.items()
        if template not in known
    )
    return mall


def mirror(*, mall: Marketplace, world: World) -> int:
    """Fill the mirror with the world; returns how many events said something new."""
    said = list(events(world, mall.storefront_url, mall.created_at, version=mall.config["generation"]))
    results = ingest(marketplace=mall, events=said, remember=False)
    wrong = [r for r in results if r.status == Status.REJECTED]
    if wrong:
        raise ValueError(f"the demo world is not acceptable: {wrong[0].id}: {wrong[0].detail}")
    return sum(r.status == Status.APPLIED for r in results)


def fill_storefront(*, mall: Marketplace, world: World, pictures: Path) -> None:
    """Give the running storefront the world and the folder of its pictures. Raises ConnectorError."""
    connection = Connection(
        slug=mall.slug,
        storefront_url=mall.storefront_url,
        config=mall.config,
        secrets=json.loads(mall.secrets),
    )
    said = list(events(world, mall.storefront_url, mall.created_at, version=mall.config["generation"]))
    with open_client(connection, {"Authorization": f"Bearer {secret(connection, 'token')}"}) as client:
        call(
            client,
            "POST",
            f"{mall.config['url']}/ops/load",
            effect=True,
            json={"events": said, "pictures": str(pictures)},
        )


def events(world: World, storefront_url: str, until: datetime, *, version: int = 1) -> Iterator[dict[str, Any]]:
    """What the marketplace tells of the world, shops first; everything came up in the year before `until`.

    The version stays small: what the marketplace says later of the same thing is not overruled by a second
    load. It grows only when the storefront moves to another address.
    """
    base = storefront_url.rstrip("/")
    for i, shop in enumerate(world.shops):
        yield _event(
            "shop", shop.external_id, until - timedelta(days=shop.days_old or 360 - i), _shop(shop, base), version
        )
    for i, item in enumerate(world.items):
        days = 300 - (i * 37) % 290
        if item.shop.days_old:
            days = 1 + days % item.shop.days_old
        yield _event(
            item.kind,
            item.external_id,
            until - timedelta(days=days, minutes=i % 600),
            _item(item, base),
            version,
        )


def _event(kind: str, external_id: str, at: datetime, data: dict[str, Any], version: int) -> dict[str, Any]:
    return {
        "id": f"seed:{kind}:{external_id}", "type": f"{kind}.upserted", "occurred_at": at.isoformat(), "version": version,
        "data": {"external_id": external_id, **data},
    }  # fmt: skip


def picture_url(base: str, name: str) -> str:
    return f"{base}/pictures/{name}"


def _shop(shop: Shop, base: str) -> dict[str, Any]:
    return {
        "name": shop.name, "url": link(base, "shop", shop.external_id), "description": shop.description,
        "images": [picture_url(base, shop.avatar.name)], "share_token": shop.token,
        "operator_name": shop.operator.name, "operator_uscc": shop.operator.uscc,
        "contact_email": shop.operator.people[0].email, "contact_language": shop.operator.people[0].language,
    }  # fmt: skip


def _item(item: Item, base: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {"title_en": item.title_en, "scenes": list(item.scenes)}
    if item.shows:
        attributes |= {"seconds": item.seconds, "shows": list(item.shows)}
    return {
        "shop_external_id": item.shop.external_id, "title": item.title, "description": item.description,
        "url": link(base, item.scenes[0], item.external_id), "category": item.category,
        "price": f"{item.price}.00", "currency": "CNY", "images": [picture_url(base, p.name) for p in item.pictures],
        "attributes": attributes,
    }  # fmt: skip

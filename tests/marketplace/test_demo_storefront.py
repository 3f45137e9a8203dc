"""The demo storefront as a visitor and as an operator meet it, in its own process, killed at will."""

import json
import re
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from marketplace.connectors.base import Connection
from marketplace.connectors.demo.connector import DemoConnector
from marketplace.connectors.demo.store import Store
from marketplace.connectors.demo.storefront import Storefront
from marketplace.ingest import ingest
from marketplace.models import Enforcement, Target
from marketplace.services import HoldCause, place_holds, reconcile_batch, release_holds
from seeds.marketplace import LINKS, connect_demo_mall, events
from seeds.world import build_world
from tests.marketplace.harnesses import SECRET, TOKEN, Mall

SHOP = ("shop", "s1")
GOODS = [("listing", f"p{n}") for n in range(1, 5)]
ALL_SCENES = {"scenes": ["product_page", "mall", "supermarket", "search"]}


@pytest.fixture(scope="module")
def running():
    mall = Mall()
    yield mall
    mall.close()


@pytest.fixture
def mall(running):
    """The mall with one shop, four listings, a film and a stream; nothing was ever taken down."""
    running.events = [
        {"type": "shop.upserted", "data": {"external_id": "s1", "name": "鞋铺 Shoe shop", "share_token": "TOK-1"}},
        *(
            {
                "type": f"{kind}.upserted", "version": 1,
                "data": {
                    "external_id": i, "shop_external_id": "s1", "title": f"跑鞋 {i} <b>&", "price": "19.90",
                    "category": "运动户外", "images": [f"https://elsewhere.example/pictures/{i}.jpg"],
                    "attributes": {"title_en": f"Running shoe {i}", "seconds": 90, "shows": ["p1", "p2"], **ALL_SCENES},
                },
            }
            for kind, i in (*GOODS, ("video", "v1"), ("livestream", "r1"))
        ),
    ]  # fmt: skip
    running.operate("load", {"events": running.events, "pictures": running.folder, "reset": True})
    return running


def text(mall, path, **headers):
    return mall.client.get(path, headers=headers).text


def test_every_link_of_the_demo_world_opens_a_page(mall):
    ids = {"listing": "p1", "video": "v1", "livestream": "r1", "shop": "s1"}
    for _scene, kind, path in LINKS:
        assert mall.status(path.format(id=ids[kind], seconds=30)) == 200, path


@pytest.mark.parametrize(
    "path", ["/", "/mall", "/supermarket", "/search?q=running", "/shop/s1", "/video/v1", "/live/r1"]
)
def test_a_removed_listing_vanishes_from_every_page_and_comes_back(mall, path):
    assert "/item/p1" in text(mall, path)
    mall.order("k1", "listing", "p1", "down")
    assert "/item/p1" not in text(mall, path)
    assert "/item/p2" in text(mall, path)
    mall.order("k2", "listing", "p1", "up")
    assert "/item/p1" in text(mall, path)


def test_the_page_of_a_removed_listing_says_so_in_both_languages_in_every_scene(mall):
    mall.order("k1", "listing", "p1", "down")
    for path in ("/product/p1", "/mall/item/p1", "/supermarket/item/p1", "/search?item=p1"):
        answer = mall.client.get(path)
        assert answer.status_code == 410
        assert "该内容已下架" in answer.text
        assert "No longer available" in answer.text
        assert "跑鞋" not in answer.text


def test_what_never_was_is_not_found(mall):
    for path in ("/product/nope", "/search?item=nope", "/shop/nope", "/live/nope", "/pictures/nope.jpg", "/nope"):
        assert mall.status(path) == 404


def test_with_a_shop_everything_in_it_goes_and_only_what_was_not_removed_itself_returns(mall):
    mall.order("k1", "listing", "p1", "down")
    mall.order("k2", "shop", "s1", "down")
    assert [mall.status(p) for p in ("/shop/s1", "/product/p2", "/video/v1", "/live/r1")] == [410] * 4
    assert "/item/p2" not in text(mall, "/")
    mall.order("k3", "shop", "s1", "up")
    assert [mall.status(p) for p in ("/shop/s1", "/product/p2", "/product/p1")] == [200, 200, 410]


def test_search_finds_words_in_both_languages_and_shows_what_sellers_typed_as_text(mall):
    assert "/item/p3" in text(mall, "/search?q=running+P3")
    assert "/item/p3" in text(mall, "/search?q=跑鞋")
    assert "/item/p3" not in text(mall, "/search?q=100%25")
    assert "&lt;b&gt;&amp;" in text(mall, "/product/p1")
    assert "<script>" not in text(mall, "/search?q=<script>")


def test_pages_speak_the_visitors_language(mall):
    assert "超市" in text(mall, "/", **{"Accept-Language": "zh-CN"})
    assert "Supermarket" in text(mall, "/", **{"Accept-Language": "en-GB"})
    assert "Supermarket" in text(mall, "/?lang=en", **{"Accept-Language": "zh-CN"})
    mall.client.cookies.clear()


def test_pictures_come_only_from_the_folder_that_was_given(mall):
    with open(f"{mall.folder}/p1.jpg", "wb") as picture:
        picture.write(b"a picture")
    assert mall.client.get("/pictures/p1.jpg").content == b"a picture"
    assert mall.status("/pictures/storefront.sqlite3") == 404
    assert mall.status("/pictures/..%2f..%2fetc%2fpasswd") == 404
    assert "/pictures/p1.jpg" in text(mall, "/product/p1")


def test_loading_again_changes_nothing_and_resurrects_nothing(mall):
    mall.order("k1", "listing", "p1", "down")
    for _time in range(2):
        assert mall.operate("load", {"events": mall.events, "pictures": mall.folder}) == {"things": 7}
    assert [mall.status(f"/product/p{n}") for n in (1, 2)] == [410, 200]


def test_a_load_replaces_the_world(mall):
    mall.operate("load", {"events": mall.events[:2], "pictures": mall.folder})
    assert [mall.status(f"/product/p{n}") for n in (1, 2)] == [200, 404]


def test_an_order_that_was_overtaken_has_no_effect_when_it_comes_again(mall):
    mall.order("k1", "listing", "p1", "down")
    mall.order("k2", "listing", "p1", "up")
    assert mall.order("k1", "listing", "p1", "down") == "done"
    assert mall.status("/product/p1") == 200


def test_the_latest_order_repeated_undoes_what_a_seller_did_meanwhile(mall):
    mall.order("k1", "listing", "p1", "down")
    mall.operate("relist", {"kind": "listing", "external_id": "p1"})
    assert mall.status("/product/p1") == 200
    assert mall.order("k1", "listing", "p1", "down") == "done"
    assert mall.status("/product/p1") == 410


def test_a_key_means_one_order(mall):
    mall.order("k1", "listing", "p1", "down")
    assert mall.order("k1", "listing", "p2", "down") == "refused"
    assert mall.order("k1", "listing", "p1", "up") == "refused"
    assert mall.order("k9", "listing", "nope", "down") == "unknown"


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("orders", {"orders": "all"}, 422),
        ("orders", {"orders": [1]}, 422),
        ("orders", [], 422),
        ("load", {"events": [{"type": "coupon.upserted", "data": {"external_id": "1"}}]}, 422),
        ("load", {"events": [{"type": "listing.upserted", "data": {}}]}, 422),
        ("relist", {"kind": "listing", "external_id": "nope"}, 404),
        ("nope", {}, 404),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_and_changes_nothing(mall, call, body, status):
    assert mall.client.post(f"/ops/{call}", json=body).status_code == status
    assert mall.status("/product/p1") == 200


def test_operators_need_their_token(mall):
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer no"}, {"Authorization": TOKEN + "x"}):
        assert mall.client.post("/ops/orders", json={"orders": []}, headers=headers).status_code == 401


def test_before_it_is_stocked_orders_are_put_off_and_not_refused(tmp_path):
    said = []
    body = json.dumps({"orders": []}).encode()
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/ops/orders", "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": "Bearer t", "wsgi.input": BytesIO(body),
    }  # fmt: skip
    store = Store(tmp_path / "storefront.sqlite3")
    Storefront(store, token="t")(environ, lambda status, headers: said.append((status, dict(headers))))
    store.close()
    assert said[0][0].startswith("503")
    assert said[0][1]["Retry-After"] == "2"


def test_what_was_confirmed_survives_a_kill(mall):
    assert mall.order("k1", "listing", "p1", "down") == "done"
    mall.kill()
    mall.open()
    assert [mall.status(f"/product/p{n}") for n in (1, 2)] == [410, 200]
    assert mall.order("k1", "listing", "p1", "down") == "done"


def test_the_whole_demo_world_fits_and_its_catalogue_has_every_thing(running):
    said = list(events(build_world(), running.url, datetime(2026, 3, 1, tzinfo=UTC)))
    assert running.operate("load", {"events": said, "pictures": running.folder, "reset": True}) == {"things": len(said)}
    connector = DemoConnector(Connection("m", config={"url": running.url}, secrets={"token": TOKEN}))
    listed = list(connector.catalogue())
    connector.close()
    assert {e["data"]["external_id"] for e in listed} == {e["data"]["external_id"] for e in said}
    assert listed[0]["type"] == "shop.upserted"
    for path in ("/", "/mall", "/supermarket?page=2", "/search?q=kivorro", "/videos", "/lives", "/shops"):
        assert running.status(path) == 200


@pytest.mark.django_db(transaction=True)
def test_a_seller_who_relists_a_held_listing_is_noticed_and_it_goes_down_again(live_server):
    def reconcile():
        while reconcile_batch():
            pass

    url = f"{live_server.url}/api/v1/marketplace/events"
    mall = Mall("--events-url", url, "--events-secret", SECRET)
    try:
        row = connect_demo_mall(storefront_url=mall.url, ops_url=mall.url, ops_token=TOKEN, inbound_secret=SECRET)
        mall.stock(("listing", "p1"))
        ingest(
            marketplace=row,
            events=[{"id": "1", "occurred_at": "2026-01-01T00:00:00Z", **mall.events[0]}],
            remember=False,
        )
        listing = Target.objects.get(external_id="p1")
        place_holds(targets=[listing], cause=HoldCause("cmp_1"))
        reconcile()
        assert mall.status("/product/p1") == 410
        mall.operate("relist", {"kind": "listing", "external_id": "p1"})
        assert mall.status("/product/p1") == 200
        _soon(lambda: Enforcement.objects.get().due_at is not None)
        reconcile()
        assert mall.status("/product/p1") == 410
        release_holds(cause="cmp_1", reason="withdrawn")
        reconcile()
        assert mall.status("/product/p1") == 200
    finally:
        mall.close()


def _soon(holds):
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


# --- a visitor plays a seller ----------------------------------------------------------------------------------


def a_jpeg(colour="red"):
    out = BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return out.getvalue()


def sell(mall, picture=None, **said):
    form = {"shop": "s1", "title": "偷来的图 Stolen picture", "price": "9.90", "category": "运动户外"} | said
    return mall.client.post("/sell", data=form, files={"picture": ("p.jpg", picture or a_jpeg(), "image/jpeg")})


def test_a_visitor_puts_a_thing_on_sale_and_ippro_is_told(mall):
    answer = sell(mall)
    assert answer.status_code == 303
    page = mall.client.get(answer.headers["location"])
    assert "Stolen picture" in page.text
    address = re.search(r"/pictures/[0-9a-f]+\.jpg", page.text)[0]
    assert mall.client.get(address).content == a_jpeg()
    ((_id, event),) = Store(Path(mall.folder) / "storefront.sqlite3").outgoing(10)
    assert event["type"] == "listing.upserted"
    assert event["data"]["images"] == [mall.url + address]


def test_what_a_visitor_put_on_sale_survives_a_new_load(mall):
    path = sell(mall).headers["location"]
    mall.operate("load", {"events": mall.events, "pictures": mall.folder})
    assert mall.status(path) == 200


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": "x" * 201}, {"price": "cheap"}, {"shop": "s999"}, {"picture": b"%PDF-1.7"}, {"picture": b"\xff\xd8\xff" * 2**21}],
    ids=["no title", "long title", "no price", "no such shop", "no picture", "too large"],
)  # fmt: skip
def test_what_cannot_be_sold_is_refused_with_a_word(mall, wrong):
    answer = sell(mall, **wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert not Store(Path(mall.folder) / "storefront.sqlite3").outgoing(10)

"""A sheet of what is on a marketplace goes the way of its events: by administrators on pages, by engineers signed."""

import base64
import csv
import hmac
import io
import json
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.roles import StaffRole
from core import clock, signatures
from core.imports import services as imports
from core.models import LedgerEntry
from marketplace import ingest
from marketplace.models import MarketSheet, MarketSheetPart, MarketSheetRow, Target
from marketplace.sheets import services as sheets
from tests.factories import MarketplaceFactory, member, staff
from tests.sheets import xlsx

pytestmark = pytest.mark.django_db
NEW = "/market-sheets/"
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBtYWxsIGZvciB0ZXN0cw=="
HEADER = ["商品编号", "类型", "店铺编号", "标题", "价格", "币种", "图片", "状态", "contact_email"]
ROWS = [
    ["s-88", "shop", "", "Shoes & Co", "", "", "", "", "shop@example.com"],
    ["10086", "listing", "s-88", "Running shoe", "129.00", "CNY", "https://a.example/1.jpg https://a.example/2.jpg", "up", ""],
    ["v9", "short video", "s-88", "Unboxing", "", "", "", "down", ""],
]  # fmt: skip


@pytest.fixture
def mall():
    return MarketplaceFactory(inbound_secret=SECRET)


@pytest.fixture
def browser(sign_in):
    return sign_in(staff(StaffRole.ADMINISTRATOR))


def as_csv(rows):
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode()


def preview_of(browser, mall, rows, *, name="market.csv", **said):
    data = xlsx(rows) if name.endswith("xlsx") else as_csv(rows)
    answer = browser.post(NEW, {"file": SimpleUploadedFile(name, data), "marketplace": mall.pk})
    assert answer.status_code == 302, answer.content.decode()
    sheet = MarketSheet.objects.latest("pk")
    answer = browser.post(answer.url, {role: str(place) for role, place in sheet.columns.items()} | said)
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def confirmed(browser, mall, rows, **said):
    preview = preview_of(browser, mall, rows, **said)
    assert browser.post(preview).status_code == 302
    return preview.removesuffix("preview/")


def worked_off():
    while sheets.take_in_due():
        pass


def result(browser, page):
    text = b"".join(browser.get(page + "result.csv").streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("name", ["market.csv", "market.xlsx"])
def test_a_sheet_is_in_the_mirror_once_it_is_confirmed(browser, mall, name):
    preview = preview_of(browser, mall, [HEADER, *ROWS], name=name)
    assert "Take in 3 rows" in browser.get(preview).content.decode()
    page = browser.post(preview).url
    assert not Target.objects.exists()
    worked_off()
    assert "3 taken in, 0 left out, 0 still waiting" in browser.get(page).content.decode()
    shop, listing, video = (Target.objects.get(external_id=i) for i in ("s-88", "10086", "v9"))
    assert (listing.marketplace, listing.shop, listing.title, str(listing.price)) == (
        mall,
        shop,
        "Running shoe",
        "129.00",
    )
    assert listing.images == ["https://a.example/1.jpg", "https://a.example/2.jpg"]
    assert (shop.contact_email, video.kind, video.observed) == ("shop@example.com", "video", "down")
    assert [line[4] for line in result(browser, page)[1:]] == ["applied"] * 3
    assert {row.said for row in MarketSheetRow.objects.all()} == {""}


def test_every_bad_cell_is_named_by_what_an_event_would_be_refused_for(browser, mall):
    good = ROWS[1]

    def but(place, cell):
        return [cell if i == place else value for i, value in enumerate(good)]

    rows = [HEADER, good, but(0, ""), but(1, "smell"), but(4, "cheap"), but(6, "ftp://a/1"), but(7, "gone"), good]
    preview = preview_of(browser, mall, rows)
    shown = re.sub(r"\s+", " ", browser.get(preview).content.decode())
    for cell, words in (
        ("A3", "1 to 128"), ("B4", "not an event"), ("E5", "decimal number"), ("G6", "https://"), ("H7", "up or down"),
        ("A8", "Row 2 names the same thing"),
    ):  # fmt: skip
        assert re.search(rf"<strong>{cell}</strong> [^<]*{words}", shown), (cell, words)
    page = browser.post(preview).url
    worked_off()
    assert [line[2] for line in result(browser, page)[1:]] == ["done"] + ["left out"] * 6


def test_of_two_sheets_the_later_one_counts_and_the_same_again_changes_nothing(browser, mall):
    confirmed(browser, mall, [HEADER, *ROWS])
    worked_off()
    dearer = [HEADER, ["10086", "listing", "s-88", "Running shoe", "199.00", "CNY", "", "", ""]]
    confirmed(browser, mall, dearer)
    worked_off()
    listing = Target.objects.get(external_id="10086")
    assert (str(listing.price), listing.version) == ("199.00", 2)
    confirmed(browser, mall, dearer)
    worked_off()
    listing.refresh_from_db()
    assert listing.version == 2


def test_what_the_marketplace_says_after_it_was_confirmed_is_not_overruled(browser, mall):
    page = confirmed(browser, mall, [HEADER, *ROWS])
    later = clock.unmoved().isoformat()
    data = {"external_id": "10086", "title": "Newer words"}
    event = {"id": "e1", "type": "listing.upserted", "occurred_at": later, "data": data}
    ingest.ingest(marketplace=mall, events=[event])
    worked_off()
    assert Target.objects.get(external_id="10086").title == "Newer words"
    assert [line[4] for line in result(browser, page)[1:]] == ["applied", "applied", "applied"]
    assert [line[2] for line in result(browser, page)[1:]] == ["done"] * 3


@pytest.mark.parametrize("line", range(3))
def test_a_worker_that_dies_at_any_line_leaves_each_row_to_be_done_once(browser, mall, line, monkeypatch):
    page = confirmed(browser, mall, [HEADER, *ROWS])

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed()

    where = [
        (ingest, "publish"),
        (type(MarketSheetRow.objects), "bulk_update"),
        (type(MarketSheetPart.objects.all()), "settle"),
    ][line]
    with monkeypatch.context() as dying:
        dying.setattr(*where, die)
        with pytest.raises(Killed):
            sheets.take_in_due()
    assert not Target.objects.exists()
    MarketSheetPart.objects.update(leased_until=clock.unmoved())
    worked_off()
    assert Target.objects.count() == 3
    assert [line[4] for line in result(browser, page)[1:]] == ["applied"] * 3


def test_a_sheet_is_stopped_and_what_was_given_up_is_tried_again(browser, mall):
    page = confirmed(browser, mall, [HEADER, *ROWS])
    MarketSheetPart.objects.update(due_at=None, dead_at=clock.now())
    part = MarketSheetPart.objects.get()
    browser.post("/admin/marketplace/marketsheetpart/", {"action": "try_again", "_selected_action": [part.pk]})
    assert MarketSheetPart.objects.get().due_at is not None
    assert browser.post(page + "stop/").status_code == 302
    worked_off()
    assert not Target.objects.exists()
    assert LedgerEntry.objects.get(kind="market_sheet.stopped").payload["rows"] == 3


def test_only_administrators_hand_in_and_look(sign_in, mall, browser):
    page = confirmed(browser, mall, [HEADER, *ROWS])
    for person in (member(), staff()):
        client = sign_in(person)
        assert client.get(NEW).status_code == 403
        upload = {"file": SimpleUploadedFile("a.csv", as_csv([HEADER, *ROWS])), "marketplace": mall.pk}
        assert client.post(NEW, upload).status_code == 403
        assert client.get(page).status_code == 404
    assert MarketSheet.objects.count() == 1


# --- engineers -----------------------------------------------------------------------------------------------

URL = "/api/v1/marketplace/sheets"


def signed(client, method, path, body=b"", *, slug, secret=SECRET, kind="application/json", **more):
    at = str(int(time.time()))
    text = body.decode("latin-1")
    message = f"msg_{len(text)}"
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), f"{message}.{at}.".encode() + body, "sha256")
    headers = {
        "ippro-marketplace": slug, "webhook-id": message, "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }  # fmt: skip
    return client.generic(method, path, body, content_type=kind, headers={**headers, **more})


@pytest.mark.parametrize("name", ["market.csv", "market.xlsx"])
def test_engineers_hand_a_sheet_in_by_a_signed_call(client, mall, name):
    rows = [HEADER, *ROWS, ["x", "smell", "", "", "", "", "", "", ""]]
    data = xlsx(rows) if name.endswith("xlsx") else as_csv(rows)
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, data)})
    answer = signed(client, "POST", URL, body, slug=mall.slug, kind=MULTIPART_CONTENT)
    assert answer.status_code == 201, answer.content
    sheet = answer.json()
    assert (sheet["preview"]["good"], sheet["preview"]["bad"]) == (3, 1)
    assert sheet["preview"]["faults"][0]["cells"][0]["cell"] == "B5"
    seen = {"if-match": answer["ETag"]}
    said = signed(client, "POST", f"{URL}/{sheet['id']}/confirm", b"{}", slug=mall.slug, **seen)
    assert said.json()["state"] == "running"
    worked_off()
    rows = signed(client, "GET", f"{URL}/{sheet['id']}/rows", slug=mall.slug).json()["results"]
    assert [(row["name"], row["state"], row["status"]) for row in rows] == [
        ("s-88", "done", "applied"), ("10086", "done", "applied"), ("v9", "done", "applied"), ("x", "left_out", ""),
    ]  # fmt: skip
    assert MarketSheet.objects.get().by is None
    entry = LedgerEntry.objects.get(kind="market_sheet.confirmed")
    assert entry.actor == mall.public_id


def test_engineers_say_rows_and_confirm_them_in_one_signed_call(client, mall):
    rows = [{"external_id": "s-88", "kind": "shop", "title": "Shoes"}, {"external_id": "10086", "title": "Shoe"}]
    said = {"rows": rows, "kind": "listing", "shop_external_id": "s-88", "confirm": {"all_or_nothing": True}}
    answer = signed(client, "POST", URL, json.dumps(said).encode(), slug=mall.slug)
    assert answer.status_code == 201, answer.content
    worked_off()
    rows = signed(client, "GET", f"{URL}/{answer.json()['id']}/rows", slug=mall.slug).json()["results"]
    assert [(row["row"], row["name"], row["status"]) for row in rows] == [
        (1, "s-88", "applied"), (2, "10086", "applied"),
    ]  # fmt: skip


def test_without_a_good_signature_or_of_another_marketplace_nothing_is_seen(client, mall, sign_in):
    other = MarketplaceFactory(inbound_secret=signatures.new_secret())
    by = sheets.Engineers(mall)
    upload = SimpleUploadedFile("a.csv", as_csv([HEADER, *ROWS]))
    sheet = imports.begin(sheets.SHEETS, by=by, upload=upload)
    at = f"{URL}/{sheet.public_id}"
    assert signed(client, "GET", at, slug=mall.slug).status_code == 200
    assert signed(client, "GET", at, slug=other.slug, secret=SECRET).status_code == 401
    assert signed(client, "GET", at, slug=other.slug, secret=other.inbound_secret).status_code == 404
    assert client.get(at).status_code == 401
    assert sign_in(staff(StaffRole.ADMINISTRATOR)).get(at).status_code == 401
    changed = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.csv", b"id\n1\n")})
    answer = client.generic("POST", URL, changed, MULTIPART_CONTENT, headers={"ippro-marketplace": mall.slug})
    assert answer.status_code == 401
    assert json.loads(answer.content)["code"] == "bad_signature"

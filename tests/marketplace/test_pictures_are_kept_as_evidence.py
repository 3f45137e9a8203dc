"""What was complained of is kept as it looked: captured once, by each case for itself, whatever happens on the way."""

import hashlib
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from core import clock, files
from core.errors import Invalid
from core.fetch import Refused, Unreachable
from core.imaging import Decoded
from core.models import FilePurpose, LedgerEntry, PrivateFile
from core.obligations import MAX_ATTEMPTS
from marketplace import pictures
from marketplace.errors import NotDead
from marketplace.models import Picture
from marketplace.tasks import capture_pictures
from tests.core.fetch_server import Server
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, complaint, member, staff

pytestmark = pytest.mark.django_db


def png(colour: str | int = "red", size=(40, 30), mode="RGB"):
    out = BytesIO()
    Image.new(mode, size, colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def mall(server):
    return MarketplaceFactory(storefront_url=server.origin)


@pytest.fixture
def shop(mall):
    return ShopFactory(marketplace=mall)


@pytest.fixture
def listing(shop, server):
    return ListingFactory(shop=shop, images=[server.on("/a.png", png("red")), server.on("/b.png", png("blue"))])


def digest(content):
    return hashlib.sha256(content).hexdigest()


def kept(case):
    return {p.url.rpartition("/")[2]: p for p in Picture.objects.filter(cause=case.public_id)}


def work_off_pictures():
    while capture_pictures():
        pass


# --- owed with the complaint --------------------------------------------------------------------------------------


def test_a_complaint_owes_itself_a_copy_of_every_picture_of_its_targets(
    listing, no_broker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        case = complaint(listing)
    assert set(kept(case)) == {"a.png", "b.png"}
    assert Picture.objects.due().count() == 2
    assert no_broker.count("marketplace.tasks.capture_pictures") == 1


def test_a_complaint_that_fails_owes_nothing(listing, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("complaints.services.publish", fail)
    with pytest.raises(RuntimeError):
        complaint(listing)
    assert not Picture.objects.exists()


def test_a_picture_that_several_links_show_is_owed_once_and_at_most_nine_of_each(shop, server):
    many = [f"{server.origin}/{n}.png" for n in range(12)]
    case = complaint(ListingFactory(shop=shop, images=many), ListingFactory(shop=shop, images=many[:3]))
    assert set(kept(case)) == {f"{n}.png" for n in range(9)}


def test_what_is_no_address_of_the_web_is_not_owed(shop):
    case = complaint(
        ListingFactory(shop=shop, images=["", "data:image/png;base64,AA==", "javascript:1", "file:///x", 7])
    )
    assert kept(case) == {}


def test_asked_twice_nothing_is_owed_twice(listing):
    case = complaint(listing)
    pictures.wanted(targets=[listing], cause=case.public_id)
    assert len(kept(case)) == 2


# --- captured once -------------------------------------------------------------------------------------------------


def test_a_captured_picture_is_the_very_bytes_with_a_preview_and_its_hash_in_the_ledger(listing, stopped):
    case = complaint(listing)
    stopped.advance(minutes=3)
    work_off_pictures()
    a = kept(case)["a.png"]
    assert a.sha256 == digest(png("red"))
    assert (a.captured_at, a.due_at, a.dead_at, a.leased_until) == (clock.now(), None, None, None)
    assert files.read(a.file) == png("red")
    assert files.read_preview(a.file).startswith(b"\xff\xd8\xff")
    assert (a.file.purpose, a.file.name, a.file.uploaded_by, a.file.organisation) == (
        FilePurpose.PICTURE,
        "a.png",
        None,
        None,
    )
    entry = LedgerEntry.objects.get(kind="picture.captured", subject=a.public_id)
    assert entry.payload == {"case": case.public_id, "sha256": a.sha256, "url_sha256": digest(a.url.encode())}


def test_the_task_delivered_twice_captures_once(listing, server):
    case = complaint(listing)
    work_off_pictures()
    first = kept(case)["a.png"].file_id
    assert capture_pictures() == 0
    assert kept(case)["a.png"].file_id == first
    assert server.paths.count("/a.png") == 1
    assert LedgerEntry.objects.filter(kind="picture.captured").count() == 2


def test_more_than_a_batch_goes_on_with_the_next_hint(shop, server, monkeypatch):
    images = [server.on(f"/{n}.png", png("green", (n + 1, 9))) for n in range(9)]
    case = complaint(ListingFactory(shop=shop, images=images))
    hints = []
    monkeypatch.setattr(pictures, "hint", lambda task, *, queue: hints.append((task, queue)))
    assert capture_pictures() == pictures.BATCH
    assert hints == [("marketplace.tasks.capture_pictures", "images")]
    assert [capture_pictures(), capture_pictures()] == [1, 0]
    assert len(hints) == 1
    assert all(p.captured_at for p in kept(case).values())


def test_a_worker_killed_between_fetch_and_record_leaves_it_to_the_next(listing, stopped, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*args):
        raise Killed

    case = complaint(listing)
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "_record", die)
        with pytest.raises(Killed):
            capture_pictures()
    assert not any(p.captured_at for p in kept(case).values())
    assert capture_pictures() == 0
    stopped.advance(seconds=pictures.LEASE.total_seconds() + 1)
    work_off_pictures()
    assert all(p.captured_at for p in kept(case).values())
    named = {p.file_id for p in Picture.objects.all()}
    assert PrivateFile.objects.exclude(pk__in=named).count() == 1
    stopped.advance(days=2)
    files.sweep_orphans()
    assert set(PrivateFile.objects.values_list("pk", flat=True)) == named


def test_a_slow_worker_that_comes_second_changes_nothing(listing, server, stopped):
    """Its lease ran out, another captured; what it brings now, picture or failure, is no longer asked for."""
    case = complaint(listing)
    slow = Picture.objects.claim(1, lease=pictures.LEASE)[0]
    stopped.advance(seconds=pictures.LEASE.total_seconds() + 1)
    work_off_pictures()
    first = Picture.objects.get(pk=slow.pk)
    server.on("/a.png", png("black"))
    pictures._settle(slow, png("black"))
    pictures._settle(slow, Unreachable("late"))
    pictures._settle(slow, Refused("late"))
    now = Picture.objects.get(pk=slow.pk)
    assert (now.sha256, now.file_id, now.due_at, now.dead_at) == (first.sha256, first.file_id, None, None)
    assert LedgerEntry.objects.filter(kind="picture.captured").count() == len(kept(case))


# --- evidence ------------------------------------------------------------------------------------------------------


def test_each_case_keeps_the_picture_as_it_was_when_it_complained(listing, server):
    before = complaint(listing)
    work_off_pictures()
    server.on("/a.png", png("white"))
    after = complaint(listing)
    work_off_pictures()
    assert files.read(kept(before)["a.png"].file) == png("red")
    assert files.read(kept(after)["a.png"].file) == png("white")


def test_what_has_not_changed_is_stored_once(listing):
    one, two = complaint(listing), complaint(listing)
    work_off_pictures()
    assert kept(one)["a.png"].file_id == kept(two)["a.png"].file_id
    assert PrivateFile.objects.count() == 2
    assert LedgerEntry.objects.filter(kind="picture.captured").count() == 4


# --- when it cannot be -------------------------------------------------------------------------------------------


def test_a_picture_that_is_gone_is_given_up_visibly_and_can_be_tried_again(listing, server, no_broker):
    server.says("/a.png", 404)
    case = complaint(listing)
    work_off_pictures()
    a = kept(case)["a.png"]
    assert a.dead_at is not None
    assert "404" in a.last_error
    assert kept(case)["b.png"].captured_at
    server.on("/a.png", png("red"))
    pictures.retry_picture(picture=a, by=staff("administrator"))
    work_off_pictures()
    assert kept(case)["a.png"].sha256 == digest(png("red"))
    assert LedgerEntry.objects.filter(kind="picture.retried", subject=a.public_id).count() == 1
    with pytest.raises(NotDead):
        pictures.retry_picture(picture=a, by=staff("administrator"))


def test_a_server_in_trouble_is_tried_again_when_it_asks_to_until_it_is_given_up(listing, server, stopped):
    server.says("/a.png", 503, Retry_After="300")
    case = complaint(listing)
    work_off_pictures()
    a = kept(case)["a.png"]
    assert a.due_at == clock.now() + timedelta(seconds=300)
    for _ in range(MAX_ATTEMPTS):
        stopped.advance(seconds=301)
        capture_pictures()
    a.refresh_from_db()
    assert (a.attempts, a.due_at, a.dead_at is not None) == (MAX_ATTEMPTS, None, True)


@pytest.mark.parametrize(
    "hostile",
    [
        b"<html>Sign in to see this picture</html>",
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        b"%PDF-1.7\n%%EOF",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    ],
    ids=["page", "nothing", "damaged", "paper", "script"],
)
def test_what_is_no_picture_is_given_up_and_stored_nowhere(shop, server, hostile):
    case = complaint(ListingFactory(shop=shop, images=[server.on("/x.png", hostile)]))
    work_off_pictures()
    x = kept(case)["x.png"]
    assert x.dead_at is not None
    assert x.last_error
    assert not PrivateFile.objects.exists()


def test_a_picture_that_is_a_bomb_is_given_up(shop, server):
    case = complaint(ListingFactory(shop=shop, images=[server.on("/bomb.png", png(1, (8000, 6000), "1"))]))
    work_off_pictures()
    assert "pixels" in kept(case)["bomb.png"].last_error


def test_a_storage_that_is_away_is_tried_again(listing, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError("no storage")

    case = complaint(listing)
    with monkeypatch.context() as patch:
        patch.setattr(files, "keep", away)
        capture_pictures()
    assert all(p.due_at and not p.captured_at for p in kept(case).values())
    Picture.objects.update(due_at=clock.now())
    work_off_pictures()
    assert all(p.captured_at for p in kept(case).values())


# --- whose network ---------------------------------------------------------------------------------------------------


def test_only_the_origins_of_a_connected_marketplace_may_lie_in_our_network(server, listing, mall):
    inside = Server()
    try:
        secret = inside.on("/secret.png", png())
        listing.images = [secret, *listing.images]
        listing.save()
        case = complaint(listing)
        work_off_pictures()
        assert kept(case)["secret.png"].dead_at is not None
        assert inside.seen == []
        mall.config = {"image_origins": [inside.origin]}
        mall.save()
        pictures.retry_picture(picture=kept(case)["secret.png"], by=staff("administrator"))
        work_off_pictures()
        assert kept(case)["secret.png"].captured_at
    finally:
        inside.stop()


def test_the_origins_of_one_marketplace_are_not_those_of_another(server):
    elsewhere = ShopFactory()
    case = complaint(ListingFactory(shop=elsewhere, images=[server.on("/a.png", png())]))
    work_off_pictures()
    assert kept(case)["a.png"].dead_at is not None
    assert server.seen == []


def test_a_marketplace_that_was_disconnected_is_trusted_no_longer(listing, mall, server):
    case = complaint(listing)
    mall.is_enabled = False
    mall.save()
    work_off_pictures()
    assert all(p.dead_at for p in kept(case).values())
    assert server.seen == []


# --- showing ---------------------------------------------------------------------------------------------------------


def test_copies_are_found_in_one_query_and_every_picture_has_an_answer(
    listing, mall, server, django_assert_num_queries
):
    server.says("/b.png", 404)
    case, viewer = complaint(listing), member()
    asked = [(mall.pk, url) for url in [*listing.images, f"{server.origin}/never-asked.png"]]
    with django_assert_num_queries(1):
        found = pictures.copies(cause=case.public_id, viewer=viewer, wanted=asked)
    assert [(found[key].href, found[key].is_awaited) for key in asked] == [("", True), ("", True), ("", False)]
    work_off_pictures()
    with django_assert_num_queries(1):
        found = pictures.copies(cause=case.public_id, viewer=viewer, wanted=asked)
    a, b, never = (found[key] for key in asked)
    assert a.href.startswith("/files/")
    assert a.sha256 == digest(png("red"))
    assert (b.href, b.is_awaited) == (never.href, never.is_awaited) == ("", False)


def test_a_worker_without_place_to_decode_comes_back_later(listing, monkeypatch):
    class Busy(Invalid):
        status = 503

    def busy(data) -> Decoded:
        raise Busy("no place")

    case = complaint(listing)
    monkeypatch.setattr("core.imaging.decode", busy)
    capture_pictures()
    assert all(p.due_at for p in kept(case).values())

"""No page tells a marketplace who looks: cases show their own copies, the mirror small pictures fetched by us."""

import re
from io import BytesIO

import pytest
from django.core import signing
from django.core.cache import caches
from PIL import Image

from complaints import services
from complaints.services import Found
from core import imaging
from core.imaging import Busy
from marketplace import thumbnails
from marketplace.models import Picture, Target
from marketplace.tasks import capture_pictures
from tests.core.fetch_server import Server
from tests.factories import (
    FilingFactory,
    ListingFactory,
    MarketplaceFactory,
    ShopFactory,
    complaint,
    member,
    merchant_of,
    staff,
)

pytestmark = pytest.mark.django_db


def png(colour: str | tuple[int, ...] = "red", size=(400, 300), mode="RGB"):
    out = BytesIO()
    Image.new(mode, size, colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def no_pictures_yet():
    caches["pictures"].clear()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def shop(server):
    return ShopFactory(marketplace=MarketplaceFactory(storefront_url=server.origin))


@pytest.fixture
def listing(shop, server):
    return ListingFactory(shop=shop, images=[server.on("/a.png", png())])


@pytest.fixture
def holder():
    return member()


def sources(answer):
    return re.findall(r'<img[^>]+src="([^"]+)"', answer.content.decode())


def work_off_pictures():
    while capture_pictures():
        pass


def upheld(listing, holder, reviewer):
    case = services.accept(complaint=complaint(listing, by=holder), by=reviewer)
    found = [Found(target=ct, upheld=True, rule="U1", facts="The label is a copy.") for ct in case.targets.all()]
    services.decide(complaint=case, by=reviewer, findings=found)
    return case


# --- cases ---------------------------------------------------------------------------------------------------------


def test_holder_merchant_and_reviewer_see_our_copy_each_by_a_link_of_their_own(listing, shop, holder, sign_in, server):
    reviewer, merchant = staff(), merchant_of(shop)
    case = upheld(listing, holder, reviewer)
    work_off_pictures()
    statement = case.decisions.get().statements.get()
    links = set()
    for person, page in (
        (holder, f"/complaints/{case.public_id}/"),
        (merchant, f"/notices/{statement.public_id}/"),
        (reviewer, f"/admin/complaints/complaint/{case.public_id}/review/"),
    ):
        browser = sign_in(person)
        answer = browser.get(page)
        assert answer.status_code == 200
        assert server.origin + "/a.png" not in sources(answer)
        link = next(src for src in sources(answer) if src.startswith("/files/"))
        shown = browser.get(link)
        assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
        links.add(link)
    assert len(links) == 3
    assert sign_in(merchant).get(link).status_code == 404


def test_until_it_is_captured_a_placeholder_stands_there(listing, holder, sign_in, server):
    case = complaint(listing, by=holder)
    for person, page in (
        (holder, f"/complaints/{case.public_id}/"),
        (staff(), f"/admin/complaints/complaint/{case.public_id}/review/"),
    ):
        answer = sign_in(person).get(page)
        assert "icture not captured yet" in answer.content.decode()
        assert not [src for src in sources(answer) if src.startswith(("http", "/files/"))]
    server.says("/a.png", 404)
    work_off_pictures()
    answer = sign_in(holder).get(f"/complaints/{case.public_id}/")
    assert "picture could not be captured" in answer.content.decode()


def test_a_case_of_many_links_looks_for_its_pictures_once(shop, holder, sign_in, server, django_assert_max_num_queries):
    many = [ListingFactory(shop=shop, images=[f"{server.origin}/{n}.png"]) for n in range(30)]
    case = complaint(*many, by=holder)
    browser = sign_in(holder)
    browser.get(f"/complaints/{case.public_id}/")
    with django_assert_max_num_queries(20):
        browser.get(f"/complaints/{case.public_id}/")


def test_no_page_may_show_a_picture_of_another_host(client):
    policy = client.get("/")["Content-Security-Policy"]
    assert re.search(r"img-src ([^;]+)", policy).group(1).split() == ["'self'", "data:"]


# --- links while they are pasted --------------------------------------------------------------------------------------


def test_a_pasted_link_shows_a_small_picture_that_we_fetched(listing, holder, sign_in, server):
    FilingFactory(organisation=holder.organisation, created_by=holder)
    browser = sign_in(holder)
    answer = browser.post("/complaints/new/links/", {"links": f"{server.origin}/product/{listing.external_id}"})
    (src,) = [src for src in sources(answer) if src.startswith("/pictures/")]
    shown = browser.get(src)
    assert (shown.status_code, shown["Content-Type"], shown["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert Image.open(BytesIO(shown.content)).size == (thumbnails.WIDEST_PX, 180)


def test_a_small_picture_is_fetched_once_a_day_for_everybody(listing, holder, sign_in, server):
    link = thumbnails.href(listing)
    for person in (holder, member(), staff()):
        assert sign_in(person).get(link).status_code == 200
    assert server.paths == ["/a.png"]


def test_nobody_sees_it_without_signing_in_or_by_a_link_that_is_not_ours(listing, holder, client, sign_in):
    assert client.get(thumbnails.href(listing)).status_code == 404
    browser = sign_in(holder)
    forged = signing.Signer(salt="thumbnail", key="another key").sign_object([listing.public_id, 0, 1])
    foreign = signing.Signer(salt="private-file").sign_object([listing.public_id, 0, 1])
    for token in ("x", forged, foreign, thumbnails.href(listing).rpartition("/")[2][:-1]):
        assert browser.get(f"/pictures/{token}").status_code == 404


def test_only_what_stands_in_the_mirror_now_can_be_asked_for(listing, holder, sign_in, server):
    link, browser = thumbnails.href(listing), sign_in(holder)
    Target.objects.filter(pk=listing.pk).update(images=[])
    assert browser.get(link).status_code == 404
    listing.delete()
    assert browser.get(link).status_code == 404
    assert server.seen == []
    assert thumbnails.href(ListingFactory(images=["javascript:alert(1)"])) == ""


def test_a_new_version_of_a_listing_has_a_new_link(listing):
    before = thumbnails.href(listing)
    listing.version += 1
    assert thumbnails.href(listing) != before


def test_what_is_no_picture_is_a_placeholder_and_is_not_asked_for_again_at_once(shop, holder, sign_in, server):
    browser = sign_in(holder)
    server.says("/gone.png", 404)
    server.on("/page.png", b"<html>Sign in</html>")
    for path in ("/gone.png", "/page.png"):
        link = thumbnails.href(ListingFactory(shop=shop, images=[server.origin + path]))
        for _ in range(2):
            answer = browser.get(link)
            assert (answer.status_code, answer["Content-Type"]) == (404, "image/svg+xml")
    assert server.paths == ["/gone.png", "/page.png"]


def test_a_host_in_trouble_is_left_alone_for_a_minute(listing, shop, holder, sign_in, server):
    server.says("/a.png", 503)
    other = ListingFactory(shop=shop, images=[server.on("/b.png", png())])
    browser = sign_in(holder)
    for target in (listing, other, listing):
        answer = browser.get(thumbnails.href(target))
        assert (answer.status_code, answer["Cache-Control"]) == (503, "no-store")
    assert server.paths == ["/a.png"]


def test_when_all_places_are_taken_a_page_does_not_wait(listing, holder, sign_in, server, monkeypatch):
    monkeypatch.setattr(thumbnails, "WAIT_SECONDS", 0.01)
    browser, link = sign_in(holder), thumbnails.href(listing)
    taken = [thumbnails._places.acquire(blocking=False) for _ in range(2)]
    try:
        assert all(taken)
        assert browser.get(link).status_code == 503
    finally:
        for _ in taken:
            thumbnails._places.release()
    assert browser.get(link).status_code == 200


def test_a_place_is_given_back_whatever_happens(listing, holder, sign_in, server, monkeypatch):
    def busy(data, *, preview_px):
        raise Busy()

    browser, link = sign_in(holder), thumbnails.href(listing)
    with monkeypatch.context() as patch:
        patch.setattr(imaging, "decode", busy)
        assert [browser.get(link).status_code for _ in range(4)] == [503] * 4
    assert browser.get(link).status_code == 200


def test_a_picture_inside_our_network_is_not_shown(listing, holder, sign_in):
    inside = Server()
    try:
        Target.objects.filter(pk=listing.pk).update(images=[inside.on("/secret.png", png())])
        assert sign_in(holder).get(thumbnails.href(listing)).status_code == 404
        assert inside.seen == []
    finally:
        inside.stop()


# --- the staff's workplace --------------------------------------------------------------------------------------------


def test_staff_see_pictures_in_the_admin_and_try_again_what_was_given_up(listing, holder, sign_in, server):
    server.says("/a.png", 404)
    complaint(listing, by=holder)
    work_off_pictures()
    picture = Picture.objects.get()
    browser = sign_in(staff("administrator"))
    at = "/admin/marketplace/picture/"
    assert "answered 404" in browser.get(at, {"standing": "dead"}).content.decode()
    page = browser.get(f"{at}{picture.pk}/change/")
    assert "picture could not be captured" in page.content.decode()
    server.on("/a.png", png())
    browser.post(at, {"action": "try_again", "_selected_action": [picture.pk]})
    work_off_pictures()
    page = browser.get(f"{at}{picture.pk}/change/")
    assert [src for src in sources(page) if src.startswith("/files/")]


def test_the_mirror_in_the_admin_shows_small_pictures_of_ours(listing, sign_in, server):
    page = sign_in(staff()).get(f"/admin/marketplace/target/{listing.pk}/change/")
    assert [src for src in sources(page) if src.startswith("/pictures/")]
    assert not [src for src in sources(page) if src.startswith(server.origin)]

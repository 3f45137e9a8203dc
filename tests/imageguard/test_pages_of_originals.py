"""A holder's pages of originals: seen by its people and staff, changed by those who may, and unknown to everybody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import OrgRole
from core import clock
from imageguard.models import Licence, Original
from tests.factories import ShopFactory, a_conflict, a_match, an_original, member, staff
from tests.imageguard.cameras import SERIAL, a_scene, told
from tests.imageguard.cameras import jpeg as camera_jpeg
from tests.imageguard.helpers import a_merchant, a_picture, an_upload, registered

pytestmark = pytest.mark.django_db
State = Original.State


def url(name, *things, **kwargs):
    return reverse(f"originals:{name}", args=[t.public_id for t in things], **kwargs)


@pytest.fixture
def reader(owner, sign_in):
    return sign_in(member(owner.organisation, role=OrgRole.READER))


@pytest.fixture
def original(owner):
    return an_original(owner, title="Red sneaker")


STEPS = [
    ("change", {"title": "Mine"}),
    ("by-itself", {"complains_automatically": "on", "signature": "Me", "good_faith": "on"}),
    ("withdraw", {}),
    ("camera", {}),
    ("licences", {"shop": "https://mall.example/shop/1"}),
    ("licence-end", {"licence": "lic_1"}),
]


# --- who sees what -------------------------------------------------------------------------------------------


def test_its_people_and_staff_see_an_original(browser, reader, original, sign_in):
    for who in (browser, reader, sign_in(staff())):
        page = who.get(url("detail", original))
        assert page.status_code == 200
        assert "Red sneaker" in page.content.decode()


def test_nobody_elses_original_is_there(original, sign_in):
    stranger = sign_in(a_merchant())
    for name in ("detail", "picture", "certificate-pdf", *(name for name, _data in STEPS)):
        assert stranger.get(url(name, original)).status_code == 404, name
    for name, data in STEPS:
        assert stranger.post(url(name, original), data).status_code == 404, name


def test_who_is_not_signed_in_is_asked_to(client, original):
    for name in ("list", "matches", "register"):
        assert client.get(url(name)).status_code == 302
    assert client.get(url("detail", original)).status_code == 302


def test_a_reader_looks_and_changes_nothing(reader, original):
    page = reader.get(url("detail", original)).content.decode()
    for name, _data in STEPS:
        assert url(name, original) not in page
    assert url("register") not in reader.get(url("list")).content.decode()
    original.licences.create(shop=ShopFactory(), granted_by=original.registered_by, public_id="lic_1")
    for name, data in STEPS:
        answer = reader.post(url(name, original), data)
        assert answer.status_code in (403, 422), name
    original.refresh_from_db()
    assert (original.title, original.state) == ("Red sneaker", State.CERTIFIED)
    assert Licence.objects.active().count() == 1


# --- the list -----------------------------------------------------------------------------------------------


def test_the_list_is_filtered_and_paged_with_a_constant_number_of_queries(browser, owner):
    an_original(owner, title="FEW")
    an_original(a_merchant(), title="FOREIGN")
    browser.get(url("list"))
    with CaptureQueriesContext(connection) as few:
        browser.get(url("list"))
    for n in range(30):
        a_match(an_original(owner, title=f"MANY {n}", state=State.REFUSED if n % 2 else State.CERTIFIED))
    with CaptureQueriesContext(connection) as many:
        page = browser.get(url("list"))
    assert len(page.context["page"].object_list) == 24
    assert len(many) <= len(few) + 1
    assert len(few) <= 12
    assert "FOREIGN" not in page.content.decode()
    found = browser.get(url("list"), {"q": "FEW", "state": "certified"})
    assert [o.title for o in found.context["page"]] == ["FEW"]
    assert "Nothing matches" in browser.get(url("list"), {"q": "nothing like it"}).content.decode()
    assert browser.get(url("list"), {"q": "a\x00b", "state": "nonsense", "page": "x"}).status_code == 200


def test_a_list_without_images_says_how_to_begin(browser):
    assert "Register images" in browser.get(url("list")).content.decode()


def test_its_small_picture_is_shown_to_its_people(owner, browser, sign_in):
    original = registered(a_picture(), by=owner)
    answer = browser.get(url("picture", original))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert len(answer.content) < 80_000
    assert sign_in(a_merchant()).get(url("picture", original)).status_code == 404


# --- one original -------------------------------------------------------------------------------------------


def test_the_holder_changes_what_it_may_choose(browser, original):
    answer = browser.post(url("change", original), {"title": "Blue   sneaker", "is_public": "on"})
    assert answer.status_code == 302
    original.refresh_from_db()
    assert (original.title, original.is_public) == ("Blue sneaker", True)
    browser.post(url("change", original), {"title": "Blue sneaker"})
    original.refresh_from_db()
    assert not original.is_public


def test_complaining_by_itself_takes_a_signature(browser, original):
    wish = {"complains_automatically": "on"}
    answer = browser.post(url("by-itself", original), wish)
    assert answer.status_code == 422
    assert set(answer.context["by_itself_form"].errors) == {"signature", "good_faith"}
    original.refresh_from_db()
    assert not original.complains_automatically
    browser.post(url("by-itself", original), {**wish, "signature": "Mei Chen", "good_faith": "on"})
    original.refresh_from_db()
    assert original.complains_automatically
    browser.post(url("by-itself", original), {})
    original.refresh_from_db()
    assert not original.complains_automatically


@pytest.mark.parametrize("title", ["", "a\x00b", "x" * 201])
def test_a_title_that_is_none_is_said_beside_its_field(browser, original, title):
    answer = browser.post(url("change", original), {"title": title})
    assert answer.status_code == 422
    assert answer.context["change_form"].errors["title"]
    original.refresh_from_db()
    assert original.title == "Red sneaker"


def test_a_shop_is_allowed_and_no_longer(browser, original):
    shop = ShopFactory(title="Outlet")
    browser.post(url("licences", original), {"shop": shop.url, "note": "until May"})
    licence = Licence.objects.active().get(original=original, shop=shop)
    assert "Outlet" in browser.get(url("detail", original)).content.decode()
    browser.post(url("licence-end", original), {"licence": licence.public_id})
    assert not Licence.objects.active().exists()
    assert browser.post(url("licence-end", original), {"licence": licence.public_id}).status_code == 404


@pytest.mark.parametrize("link", ["", "no link", "https://elsewhere.example/shop/1", "javascript:alert(1)"])
def test_a_link_that_is_no_shop_is_said_beside_its_field(browser, original, link):
    answer = browser.post(url("licences", original), {"shop": link})
    assert answer.status_code == 422
    assert answer.context["licence_form"].errors["shop"]
    assert not Licence.objects.exists()


def test_a_licence_of_another_original_is_not_ended_here(browser, owner, original):
    other = an_original(owner)
    licence = other.licences.create(shop=ShopFactory(), granted_by=owner)
    assert browser.post(url("licence-end", original), {"licence": licence.public_id}).status_code == 404
    assert Licence.objects.active().exists()


def test_withdrawing_asks_first_and_is_done_once(browser, original):
    page = browser.get(url("withdraw", original))
    assert "cannot be taken back" in page.content.decode()
    original.refresh_from_db()
    assert original.state == State.CERTIFIED
    assert browser.post(url("withdraw", original)).status_code == 302
    original.refresh_from_db()
    assert original.state == State.WITHDRAWN
    assert browser.post(url("withdraw", original)).status_code == 409


def test_a_conflict_is_told_without_whose_the_earlier_one_is(browser, owner):
    rival_of = a_merchant()
    rival = an_original(rival_of, title="Rival's secret title", created_at=clock.now() - timedelta(days=40))
    mine = an_original(owner, certified_at=None, state=State.CHECKED)
    a_conflict(mine, rival, edits=["mirrored"])
    page = browser.get(url("detail", mine)).content.decode()
    assert "An image that somebody else registered" in page
    assert "mirrored left to right" in page
    for secret in (rival.title, rival.number, rival.public_id, rival_of.organisation.name):
        assert secret not in page


def test_a_refusal_says_why(browser, owner):
    flat = an_original(owner, state=State.REFUSED, refusal=Original.Refusal.FLAT, certified_at=None)
    assert "cannot be told from others" in browser.get(url("detail", flat)).content.decode()


def test_a_camera_original_is_added_and_says_what_supports_the_claim(owner, browser, sign_in):
    scene = a_scene()
    mine = registered(scene.crop((100, 100, 1300, 1000)), by=owner)
    upload = an_upload(camera_jpeg(scene, told()), "DSC_0001.jpg")
    answer = browser.post(url("camera", mine), {"file": upload}, follow=True)
    page = answer.content.decode()
    assert "DSC_0001.jpg" in page
    assert "Supports it" in page
    (proof,) = answer.context["proofs"]
    assert proof.speaks_for
    assert all(len(words) > 10 for words in (*proof.speaks_for, *proof.speaks_against, *proof.neither))
    for secret in (SERIAL, "Hangzhou", "120.1"):
        assert secret not in page
    assert sign_in(a_merchant()).post(url("camera", mine), {"file": upload}).status_code == 404


@pytest.mark.parametrize("content", [b"", b"no picture", b"%PDF-1.4 %%EOF"])
def test_a_camera_original_that_is_none_is_said_beside_its_field(browser, original, content):
    answer = browser.post(url("camera", original), {"file": an_upload(content, "DSC_0001.jpg")})
    assert answer.status_code == 422
    assert answer.context["camera_form"].errors["file"]
    assert not original.camera_originals.exists()


def test_a_camera_original_needs_a_file(browser, original):
    answer = browser.post(url("camera", original), {})
    assert answer.status_code == 422
    assert answer.context["camera_form"].errors["file"]

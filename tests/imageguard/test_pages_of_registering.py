"""Handing in images: with a form alone, or one by one for the page's script; each refusal beside its image."""

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from accounts.models import Organisation
from accounts.roles import OrgRole
from imageguard import intake as intakes
from imageguard.models import Intake, IntakeItem, Original
from tests.factories import ListingFactory, OrganisationFactory, ShopFactory, member
from tests.imageguard.helpers import a_merchant, a_picture, an_upload, as_jpeg, checked

pytestmark = pytest.mark.django_db


def url(name, *ids):
    return reverse(f"originals:{name}", args=ids)


@pytest.fixture
def by():
    return a_merchant()


@pytest.fixture
def browser(by, sign_in):
    return sign_in(by)


def a_zip(**entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("_", "."), data)
    return an_upload(out.getvalue(), "pictures.zip")


# --- without JavaScript ------------------------------------------------------------------------------------------


def test_a_form_alone_registers_several_images_and_says_what_became_of_each(browser):
    files = [
        an_upload(a_picture(0), "one.jpg"),
        an_upload(a_picture(1, "jar"), "two.jpg"),
        an_upload(b"no picture", "no.jpg"),
    ]
    answer = browser.post(url("register"), {"images": files, "is_public": "on"}, follow=True)
    intake = Intake.objects.get()
    assert answer.redirect_chain[-1][0] == url("intake", intake.public_id)
    page = answer.content.decode()
    refused = intake.items.get(state=IntakeItem.State.REFUSED)
    assert refused.name in page
    assert refused.why in page
    assert Original.objects.filter(is_public=True).count() == 2
    for original in Original.objects.all():
        assert checked(original).is_certified
        assert original.number in browser.get(url("intake", intake.public_id)).content.decode()


def test_a_refusal_is_read_in_the_language_of_whoever_reads_it(browser, by):
    files = [
        an_upload(b"no picture", "no.jpg"),
        an_upload(a_picture(), "one.jpg"),
        a_zip(**{"more.zip": b"x", "large.jpg": bytes(27_000_000)}),
    ]
    browser.post(url("register"), {"images": files}, headers={"Accept-Language": "zh-hans"})
    browser.post(
        url("register"), {"images": [an_upload(a_picture(), "one.jpg")]}, headers={"Accept-Language": "zh-hans"}
    )
    with translation.override("zh-hans"):
        chinese = {item.why for item in IntakeItem.objects.exclude(message="")}
    with translation.override("en"):
        english = {item.why for item in IntakeItem.objects.exclude(message="")}
    number = Original.objects.get().number
    assert english == {
        "This is not a picture that can be opened here. Send JPEG, PNG, WebP or GIF.",
        "It is an archive within the archive, and not opened. Pack the pictures themselves.",
        "The picture is larger than 25.0\xa0MB. Make it smaller.",
        f"You registered this picture before, as {number}; that certificate goes on.",
    }
    assert len(chinese) == 4
    assert not any("picture" in why for why in chinese)
    pages = [browser.get(url("intake", i.public_id), headers={"Accept-Language": "en"}) for i in Intake.objects.all()]
    said = "".join(page.content.decode() for page in pages)
    assert all(why in said for why in english)


def test_an_archive_in_the_same_form_is_an_intake_of_its_own(browser):
    browser.post(url("register"), {"images": [a_zip(a_jpg=as_jpeg(a_picture())), an_upload(a_picture(2), "b.jpg")]})
    assert {intake.source for intake in Intake.objects.all()} == {"zip", "files"}


def test_an_archive_that_is_none_is_said_in_words(browser):
    answer = browser.post(url("register"), {"images": [an_upload(b"PK\x03\x04 broken", "x.zip")]}, follow=True)
    assert "x.zip" in answer.content.decode()
    assert not Intake.objects.exists()


def test_nothing_chosen_is_said_beside_the_field(browser):
    answer = browser.post(url("register"), {})
    assert answer.status_code == 422
    assert "Choose at least one image" in answer.content.decode()
    assert not Intake.objects.exists()


def test_an_empty_file_is_refused_by_itself(browser):
    browser.post(url("register"), {"images": [an_upload(b"", "empty.jpg"), an_upload(a_picture(), "full.jpg")]})
    assert sorted(Intake.objects.get().items.values_list("name", "state")) == [
        ("empty.jpg", "refused"), ("full.jpg", "taken"),
    ]  # fmt: skip


def test_too_many_at_once_are_told_the_limit(browser):
    files = [an_upload(b"x%d" % n, f"{n}.jpg") for n in range(21)]
    assert browser.post(url("register"), {"images": files}).status_code == 413
    assert not Intake.objects.exists()


# --- for the page's script ----------------------------------------------------------------------------------------


def begun(browser, **choices):
    answer = browser.post(url("begin"), choices)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_images_come_one_by_one_and_the_same_again_is_the_same(browser):
    places = begun(browser, is_public="on")
    one = browser.post(places["files"], {"file": an_upload(a_picture(), "one.jpg")})
    assert (one.status_code, one.json()["state"]) == (201, "taken")
    again = browser.post(places["files"], {"file": an_upload(a_picture(), "one.jpg")})
    assert again.json()["key"] == one.json()["key"]
    assert browser.get(places["files"]).json() == {"keys": [one.json()["key"]]}
    assert Original.objects.get().is_public
    assert "one.jpg" in browser.get(places["items"]).content.decode()


def test_a_bad_image_is_refused_with_its_sentence(browser):
    places = begun(browser)
    answer = browser.post(places["files"], {"file": an_upload(b"no picture", "no.jpg")})
    assert answer.json()["state"] == "refused"
    assert len(answer.json()["message"]) > 20
    assert browser.post(places["files"], {}).status_code == 422
    assert not Original.objects.exists()


def test_a_whole_archive_is_taken_in_at_once_and_its_images_by_a_worker(browser):
    answer = browser.post(url("begin"), {"archive": a_zip(a_jpg=as_jpeg(a_picture()), notes_txt=b"hello")})
    assert answer.status_code == 201
    page = browser.get(answer.json()["page"]).content.decode()
    assert "hx-get" in page
    while intakes.take_in_due():
        pass
    checked(Original.objects.get())
    page = browser.get(answer.json()["page"]).content.decode()
    assert "Everything is done." in page
    assert "hx-get" not in page


def test_an_archive_that_cannot_be_taken_is_said_to_the_script(browser):
    answer = browser.post(url("begin"), {"archive": an_upload(b"PK\x03\x04 broken", "x.zip")})
    assert answer.status_code == 422
    assert answer.json()["message"]


# --- from own listings ----------------------------------------------------------------------------------------------


def test_pictures_of_own_listings_are_owed(browser, by):
    shop = ShopFactory(operator=by.organisation)
    mine = ListingFactory(shop=shop, images=["https://img.example/1.jpg"], title="My own sneaker")
    ListingFactory(shop=shop, images=[], title="Without pictures")
    foreign = ListingFactory(images=["https://img.example/2.jpg"], title="FOREIGN")
    page = browser.get(url("listings")).content.decode()
    assert "My own sneaker" in page
    assert "FOREIGN" not in page
    assert "Without pictures" not in page
    assert "My own sneaker" not in browser.get(url("listings"), {"q": "jar"}).content.decode()
    for wrong in ({}, {"listings": [foreign.public_id]}, {"listings": ["nonsense"]}):
        assert browser.post(url("listings"), wrong).status_code == 422
    assert not Intake.objects.exists()
    answer = browser.post(url("listings"), {"listings": [mine.public_id], "is_public": "on"})
    intake = Intake.objects.get()
    assert answer["Location"] == url("intake", intake.public_id)
    assert (intake.source, intake.is_public, intake.items.count()) == ("listings", True, 1)


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_reader_and_a_person_alone_do_not_hand_in(by, sign_in, client):
    reader = sign_in(member(by.organisation, role=OrgRole.READER))
    intake = intakes.begin_intake(by=by)
    for name in ("register", "listings"):
        assert reader.get(url(name)).status_code == 403
        assert client.get(url(name)).status_code == 302
    assert reader.get(url("intake", intake.public_id)).status_code == 200
    for name in ("begin", "register", "listings"):
        assert reader.post(url(name), {"images": [an_upload(a_picture())]}).status_code in (403, 422)
    for name in ("intake", "intake-files"):
        answer = reader.post(
            url(name, intake.public_id), {"images": an_upload(a_picture()), "file": an_upload(a_picture())}
        )
        assert answer.status_code == 403, name
    assert not Original.objects.exists()
    assert Intake.objects.count() == 1


def test_an_organisation_that_is_not_verified_is_told_so(sign_in):
    browser = sign_in(member(OrganisationFactory(state=Organisation.State.UNVERIFIED)))
    assert "not verified yet" in browser.get(url("register")).content.decode()
    assert browser.post(url("begin")).status_code == 403
    assert browser.post(url("register"), {"images": [an_upload(a_picture())]}).status_code == 403
    assert not Intake.objects.exists()


def test_nobody_elses_intake_is_there(by, sign_in):
    intake = intakes.begin_intake(by=by)
    stranger = sign_in(a_merchant())
    for name in ("intake", "intake-items", "intake-files"):
        assert stranger.get(url(name, intake.public_id)).status_code == 404
    assert stranger.post(url("intake-files", intake.public_id), {"file": an_upload(a_picture())}).status_code == 404


def test_a_form_of_another_site_is_refused(by, sign_in):
    client = Client(enforce_csrf_checks=True)
    client.cookies = sign_in(by).cookies
    assert client.post(url("begin")).status_code == 403


def test_an_image_that_shows_nothing_is_refused_after_its_check_with_the_reason(browser):
    places = begun(browser)
    browser.post(places["files"], {"file": an_upload(Image.new("RGB", (640, 480), "white"), "white.jpg")})
    checked(Original.objects.get())
    assert "cannot be told from others" in browser.get(places["page"]).content.decode()

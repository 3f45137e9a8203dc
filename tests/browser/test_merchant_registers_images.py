"""The merchant's journey with images: drop several, see each arrive, lose the connection, reload and go on; on a phone."""

import base64
import io
import zipfile

import pytest
from django.conf import settings

from accounts.models import Membership, Organisation
from accounts.roles import OrgRole
from accounts.services import switch_organisation
from imageguard import index, services
from imageguard.models import Intake, IntakeItem, Original
from tests.browser.conftest import PHONE
from tests.browser.doors import looks_sound
from tests.factories import OrganisationFactory
from tests.imageguard.helpers import a_merchant, a_picture, as_jpeg

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
#: makes files of base64 text and drops them where somebody would
DROP = """([selector, files]) => {
  const transfer = new DataTransfer();
  for (const [name, type, content] of files)
    transfer.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name, { type }));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector(selector).dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""

#: whether so many files are kept in the browser
COUNT = """(most) => new Promise((resolve) => {
  const asked = indexedDB.open("ippro-uploads", 1);
  asked.onsuccess = () => {
    const counted = asked.result.transaction("files").objectStore("files").count();
    counted.onsuccess = () => { asked.result.close(); resolve(counted.result === most); };
  };
})"""


@pytest.fixture(autouse=True)
def empty_indexes(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    index.forget()
    yield
    index.forget()


def dropped(page, *files):
    encoded = [(name, kind, base64.b64encode(content).decode()) for name, kind, content in files]
    page.evaluate(DROP, ["form[data-uploader] .dropzone", encoded])


def picture(n, family="sneaker"):
    return f"{family}-{n}.jpg", "image/jpeg", as_jpeg(a_picture(n, family))


def results(page):
    return page.locator("#results .item")


def check_all():
    while services.check_due():
        pass


def test_what_is_too_large_is_said_before_it_is_sent_and_nothing_waits_for_it(window, monkeypatch):
    monkeypatch.setattr(settings, "MAX_ORIGINAL_BYTES", 200_000)
    monkeypatch.setattr(settings, "MAX_ARCHIVE_BYTES", 300_000)
    page = window(a_merchant())
    page.goto("/originals/register/")
    sent = []
    page.on("request", lambda asked: asked.method == "POST" and sent.append(asked.url))
    dropped(page, ("huge.jpg", "image/jpeg", bytes(200_001)), ("huge.zip", "application/zip", bytes(300_001)))
    page.get_by_text("The picture is larger than 195.3").wait_for()
    page.get_by_text("The archive is too large. Split it into several.").wait_for()
    page.get_by_text("All images were sent.").wait_for()
    assert not sent
    page.get_by_role("button", name="Remove: huge.zip").click()
    dropped(page, picture(0))
    page.get_by_text("1 taken in, 0 refused at once").wait_for()
    assert page.locator(".upload").count() == 1


def test_dropped_images_arrive_one_by_one_and_each_says_what_became_of_it(window):
    page = window(a_merchant())
    page.goto("/originals/")
    page.get_by_role("link", name="Register images").first.click()
    looks_sound(page)
    assert not page.get_by_role("button", name="Register", exact=True).is_visible()
    page.get_by_label("Show these images to the public").check()
    dropped(page, picture(0), picture(1, "jar"), ("notes.jpg", "image/jpeg", b"no picture at all"))
    page.get_by_text("All images were sent.").wait_for()
    page.locator("#results .item").nth(2).wait_for()
    assert "/originals/intakes/" in page.url
    refused = results(page).filter(has_text="notes.jpg")
    assert "refused" in refused.inner_text()
    assert IntakeItem.objects.get(state="refused").why in refused.inner_text()
    assert {o.is_public for o in Original.objects.all()} == {True}
    looks_sound(page)
    check_all()
    # The page asks by itself until all is settled.
    page.get_by_text("Everything is done.").wait_for()
    assert results(page).filter(has_text="certified").count() == 2
    results(page).filter(has_text="jar-1.jpg").get_by_role("link").click()
    assert "The image is protected" in page.inner_text("main")
    looks_sound(page)


def test_what_was_not_sent_goes_on_after_the_connection_and_the_page_come_back(window, faults):
    page = window(a_merchant())
    page.goto("/originals/register/")
    page.route("**/files/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    dropped(page, picture(0), picture(1, "jar"))
    page.get_by_text("No connection. It is tried again by itself.").first.wait_for()
    assert Intake.objects.count() == 1
    assert not IntakeItem.objects.exists()
    page.unroute("**/files/")
    page.reload()
    page.get_by_text("All images were sent.").wait_for()
    results(page).nth(1).wait_for()
    assert sorted(Intake.objects.get().items.values_list("name", "state")) == [
        ("jar-1.jpg", "taken"), ("sneaker-0.jpg", "taken"),
    ]  # fmt: skip
    # The same folder once more: what was taken is not even sent.
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    dropped(page, picture(0), picture(1, "jar"))
    page.wait_for_function("document.querySelector('[data-state-bar]').value === 4")
    assert [url for url in sent if "/files/" in url] == []
    assert Original.objects.count() == 2
    faults[:] = [fault for fault in faults if "net::ERR_FAILED" not in fault]


def a_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.jpg", as_jpeg(a_picture(0)))
    return "pictures.zip", "application/zip", out.getvalue()


def test_an_archive_whose_page_was_reloaded_is_sent_again_by_itself_and_once(window, faults):
    page = window(a_merchant())
    page.goto("/originals/register/")
    page.route("**/begin/", lambda route: route.abort())
    dropped(page, a_zip())
    page.get_by_text("No connection. It is tried again by itself.").wait_for()
    page.reload()
    page.get_by_text("No connection. It is tried again by itself.").wait_for()
    page.unroute("**/begin/")
    page.reload()
    page.get_by_role("link", name="pictures.zip").wait_for()
    page.get_by_text("All images were sent.").wait_for()
    page.reload()
    page.get_by_role("heading", name="Handed in last").wait_for()
    assert page.locator(".upload").count() == 0
    assert Intake.objects.count() == 1
    faults[:] = [fault for fault in faults if "net::ERR_FAILED" not in fault]


def test_an_archive_that_goes_on_is_for_the_organisation_and_with_the_choices_of_whoever_chose_it(
    window, faults, settings
):
    settings.TSA_URL = "http://localhost:8200"  # never asked
    person = a_merchant()
    first = person.organisation
    second = OrganisationFactory(kind=Organisation.Kind.MERCHANT)
    Membership.objects.create(user=person, organisation=second, role=OrgRole.ADMIN)
    page = window(person)
    page.route("**/begin/", lambda route: route.abort())
    page.goto("/originals/register/")
    page.get_by_label("Show these images to the public").check()
    page.get_by_label("With the time-stamp of an independent authority").check()
    dropped(page, a_zip())
    page.get_by_text("No connection. It is tried again by itself.").wait_for()
    page.unroute("**/begin/")
    switch_organisation(user=person, public_id=second.public_id)
    page.goto("/originals/register/")
    dropped(page, picture(0))
    page.get_by_text("All images were sent.").wait_for()
    assert page.locator(".upload").count() == 0
    assert Intake.objects.get().organisation == second
    switch_organisation(user=person, public_id=first.public_id)
    page.goto("/originals/register/")
    page.get_by_role("link", name="pictures.zip").wait_for()
    sent = Intake.objects.get(source="zip")
    assert (sent.organisation, sent.is_public, sent.wants_timestamp) == (first, True, True)
    faults[:] = [fault for fault in faults if "net::ERR_FAILED" not in fault]


def test_an_archive_added_to_earlier_images_has_their_choices(window, settings):
    settings.TSA_URL = "http://localhost:8200"  # never asked
    page = window(a_merchant())
    page.goto("/originals/register/")
    page.get_by_label("With the time-stamp of an independent authority").check()
    dropped(page, picture(0))
    page.get_by_text("All images were sent.").wait_for()
    page.reload()
    dropped(page, a_zip())
    page.get_by_role("link", name="pictures.zip").wait_for()
    assert list(Intake.objects.values_list("is_public", "wants_timestamp")) == [(False, True)] * 2


def test_what_is_tried_again_by_itself_can_be_removed(window, faults):
    page = window(a_merchant())
    page.goto("/originals/register/")
    page.route("**/begin/", lambda route: route.abort())
    dropped(page, a_zip())
    page.get_by_role("button", name="Remove: pictures.zip").click()
    page.get_by_text("All images were sent.").wait_for()
    assert page.locator(".upload").count() == 0
    page.unroute("**/begin/")
    page.wait_for_function(COUNT, arg=0)
    page.reload()
    page.get_by_role("heading", name="Register images").first.wait_for()
    assert not Intake.objects.exists()
    faults[:] = [fault for fault in faults if "net::ERR_FAILED" not in fault]


#: the browser has no room for one more
FULL = """() => {
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...given) {
    const asked = add.apply(this, given);
    asked.onsuccess = () => this.transaction.abort();
    return asked;
  };
}"""


def test_an_archive_that_cannot_be_kept_at_its_new_page_stays_at_the_old_one(window, faults):
    page = window(a_merchant())
    page.goto("/originals/register/")
    archives = lambda route: route.abort() if b"pictures.zip" in route.request.post_data_buffer else route.continue_()  # noqa: E731
    page.route("**/begin/", archives)
    dropped(page, a_zip())
    page.wait_for_function(COUNT, arg=1)
    page.evaluate(FULL)
    dropped(page, picture(0))
    results(page).first.wait_for()
    page.unroute("**/begin/")
    page.goto("/originals/register/")
    page.get_by_role("link", name="pictures.zip").wait_for()
    faults[:] = [fault for fault in faults if "net::ERR_FAILED" not in fault]


def test_what_was_kept_for_more_than_a_week_is_not_sent(window, faults):
    page = window(a_merchant())
    page.route("**/begin/", lambda route: route.abort())
    page.goto("/originals/register/")
    mine = page.evaluate(
        "({ by: document.body.dataset.person, acting: document.querySelector('[data-uploader] [name=acting]').value })"
    )
    for name, days in (("old.zip", 8), ("new.zip", 6)):
        page.evaluate(KEEP, {**mine, "page": "/originals/register/", "name": name, "days": days})
    page.reload()
    page.locator(".upload").first.wait_for()
    page.get_by_text("No connection. It is tried again by itself.").wait_for()
    assert page.locator(".upload__name").all_inner_texts() == ["new.zip"]
    faults[:] = [fault for fault in faults if "net::ERR_FAILED" not in fault]


def test_an_archive_beside_images_goes_on_at_their_page_and_not_in_a_second_tab(window, faults):
    page = window(a_merchant())
    page.goto("/originals/register/")
    archives = lambda route: route.abort() if b"pictures.zip" in route.request.post_data_buffer else route.continue_()  # noqa: E731
    page.context.route("**/begin/", archives)
    dropped(page, picture(0), a_zip())
    page.get_by_text("No connection. It is tried again by itself.").wait_for()
    results(page).first.wait_for()
    second = page.context.new_page()
    second.goto(page.url)
    second.goto("/originals/register/")
    second.get_by_role("heading", name="Handed in last").wait_for()
    assert second.locator(".upload").count() == 0
    second.close()
    page.context.unroute("**/begin/")
    page.reload()
    page.get_by_role("link", name="pictures.zip").wait_for()
    assert sorted(Intake.objects.values_list("source", flat=True)) == ["files", "zip"]
    faults[:] = [fault for fault in faults if "net::ERR_FAILED" not in fault]


def test_an_archive_is_sent_and_leads_to_its_own_page(window):
    page = window(a_merchant())
    page.goto("/originals/register/")
    dropped(page, a_zip())
    page.get_by_role("link", name="pictures.zip").click()
    assert "1 image" in page.inner_text("main")
    assert Intake.objects.get().source == "zip"
    looks_sound(page)


def test_on_a_phone_files_are_chosen_and_nothing_is_too_wide(window, tmp_path):
    name, _kind, content = picture(0)
    (tmp_path / name).write_bytes(content)
    page = window(a_merchant(), size=PHONE)
    page.goto("/originals/register/")
    looks_sound(page)
    page.get_by_label("Images", exact=True).set_input_files(tmp_path / name)
    page.get_by_text("All images were sent.").wait_for()
    results(page).first.wait_for()
    looks_sound(page)


def test_without_javascript_the_form_sends_all_at_once(window, tmp_path):
    paths = []
    for name, _kind, content in (picture(0), picture(1, "jar")):
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    page = window(a_merchant(), script=False)
    page.goto("/originals/register/")
    page.get_by_label("Images", exact=True).set_input_files(paths)
    page.get_by_role("button", name="Register", exact=True).click()
    assert results(page).count() == 2
    check_all()
    page.get_by_role("link", name="Look again").click()
    assert "Everything is done." in page.inner_text("main")


KEEP = """({ name = "mine.jpg", days = 0, ...row }) => new Promise((resolve) => {
  const asked = indexedDB.open("ippro-uploads", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("files", { autoIncrement: true });
  asked.onsuccess = () => {
    const writing = asked.result.transaction("files", "readwrite");
    writing.objectStore("files").add({ page: "/x/", file: new File(["secret"], name), at: Date.now() - days * 86400000, ...row });
    writing.oncomplete = () => { asked.result.close(); resolve(); };
  };
})"""
KEPT = "async () => (await indexedDB.databases()).map((database) => database.name)"


def test_what_was_not_sent_yet_does_not_stay_in_the_browser_after_signing_out(window):
    page = window(a_merchant())
    page.goto("/originals/register/")
    page.evaluate(KEEP, {})
    page.goto("/originals/")
    assert page.evaluate(KEPT) == ["ippro-uploads"], "the same person goes on where it was"
    page.evaluate("document.querySelector('form[action*=logout]').requestSubmit()")
    page.wait_for_function("!document.body.dataset.person")
    page.wait_for_function("indexedDB.databases().then((all) => all.length === 0)")


def test_nor_for_another_person_who_signs_in_after_the_session_ran_out(window, sign_in):
    page = window(a_merchant())
    page.goto("/originals/register/")
    page.evaluate(KEEP, {})
    session = sign_in(a_merchant()).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": page.url}])
    page.goto("/originals/")
    page.wait_for_function("indexedDB.databases().then((all) => all.length === 0)")

"""The rights holder's journey, from an address nobody knows to a complaint withdrawn: with a script, without, on a phone."""

import base64

import pytest
from playwright.sync_api import expect

from accounts import review
from accounts.models import Organisation
from complaints.models import Complaint
from filings import services as filings
from filings.models import Filing
from tests.accounts.build import USCC
from tests.browser.conftest import PHONE
from tests.browser.doors import a_file, follow, looks_sound, send
from tests.factories import ListingFactory, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "quite a long password 7"
LIKE = "The label carries no series number, and the seams differ from ours."


@pytest.mark.parametrize(
    "how",
    [{}, {"script": False}, {"language": "zh-hans", "size": PHONE}],
    ids=["with-a-script", "without-a-script", "on-a-phone-in-Chinese"],
)
def test_from_sign_up_to_withdrawal(window, work_off, how):
    page = window(**how)
    has_script = how.get("script", True)
    sign_up(page)
    found_an_organisation(page)
    review.verify(organisation=Organisation.objects.get(), by=staff())
    file_a_right(page)
    filings.approve(filing=Filing.objects.get(), by=staff())
    listings = ListingFactory.create_batch(2)
    complain(page, [listing.url for listing in listings], has_script=has_script)
    work_off()
    withdraw(page)
    if how.get("language"):
        assert page.get_attribute("html", "lang") == "zh-Hans"


def sign_up(page):
    page.goto("/")
    page.locator('main a[href$="/account/signup/"]').first.click()
    page.fill("[name=email]", "hanna@holder.example")
    page.fill("[name=password1]", NEW)
    page.fill("[name=password2]", NEW)
    looks_sound(page)
    send(page)
    looks_sound(page)
    follow(page, "account_confirm_email")
    send(page)
    if "/login/" in page.url:
        page.fill("[name=login]", "hanna@holder.example")
        page.fill("[name=password]", NEW)
        send(page)
    page.goto("/desk/")
    looks_sound(page)


def found_an_organisation(page):
    page.locator('main a[href$="/organisation/new/"]').click()
    page.check("[name=kind][value=rights_holder]")
    page.fill("[name=name]", "Sunbird 太阳鸟 Ltd")
    send(page)
    looks_sound(page)
    page.locator('main a[href$="/organisation/identity/"]').first.click()
    page.fill("[name=uscc]", USCC)
    send(page)
    page.set_input_files("[name=file]", a_file())
    send(page, 'form[action$="/organisation/papers/"]')
    looks_sound(page)
    send(page, 'form[action$="/organisation/submit/"]')
    assert Organisation.objects.get().state == "submitted"
    looks_sound(page)


def file_a_right(page):
    page.goto("/filings/")
    looks_sound(page)
    page.locator('main a[href$="/filings/new/"]').first.click()
    page.check("[name=kind][value=trademark]")
    send(page)
    page.fill("[name=title]", "SUNBIRD")
    page.fill("[name=registration_number]", "20000001")
    page.fill("[name=owner_name]", "Sunbird Ltd")
    page.check("[name=mark_type][value=word]")
    page.fill("[name=nice_classes]", "9, 25")
    page.fill("[name=valid_until_on]", "2035-12-31")
    page.set_input_files("[name=certificate]", a_file("certificate.png", (10, 90, 30)))
    page.set_input_files("[name=pictures]", a_file("mark.png", (10, 30, 90)))
    send(page, "main form", "button[value=submit]")
    filing = Filing.objects.get()
    assert (filing.state, filing.nice_classes) == ("submitted", [9, 25])
    assert page.url.endswith(f"/filings/{filing.public_id}/")
    looks_sound(page)


def complain(page, links, *, has_script):
    page.goto("/complaints/new/")
    # The only right in force is chosen already.
    assert page.input_value("[name=filing]") == Filing.objects.get().public_id
    page.fill("[name=links]", "\n".join([*links, "https://nowhere.example/1"]))
    if not has_script:
        send(page, "main form", "button[value=check]")
    rows = page.locator("#links-preview tbody tr")
    expect(rows).to_have_count(3)
    looks_sound(page)
    send(page, "main form", "button[value=clean]")
    expect(rows).to_have_count(2)
    page.check("[name=infringement][value=counterfeit]")
    page.fill("[name=description]", LIKE)
    if has_script:
        drop(page, a_file("seams.png"))
        expect(page.locator("[data-dropzone-files] li")).to_have_count(1)
        expect(page.locator("[data-autosave-status]")).not_to_be_empty()
    else:
        page.set_input_files("[name=evidence]", a_file("seams.png"))
    page.fill("[name=signature]", "Hanna Holder")
    page.check("[name=good_faith]")
    send(page, "main form", "button[value=send]")
    case = Complaint.objects.get()
    assert page.url.endswith(f"/complaints/{case.public_id}/")
    assert case.number in page.inner_text("h1")
    assert page.locator("main tbody tr").count() == 2
    assert [kept.file.name for kept in case.evidence.all()] == ["seams.png"]
    assert page.locator('main img[alt="seams.png"]').is_visible()
    looks_sound(page)


def drop(page, file):
    """Let a file fall on the wizard's place for evidence, as from a folder of the desktop."""
    given = page.evaluate_handle(
        """([name, type, data]) => {
            const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type }));
            return transfer;
        }""",
        [file["name"], file["mimeType"], base64.b64encode(file["buffer"]).decode()],
    )
    page.dispatch_event("[data-dropzone]:has([name=evidence])", "drop", {"dataTransfer": given})


def withdraw(page):
    case = Complaint.objects.get()
    page.goto("/complaints/")
    looks_sound(page)
    page.locator(f'main a[href$="/complaints/{case.public_id}/"]').click()
    page.locator('main a[href$="/withdraw/"]').click()
    looks_sound(page)
    page.fill("[name=reason]", "It was our own distributor.")
    send(page)
    case.refresh_from_db()
    assert case.state == "withdrawn"
    assert page.locator('main a[href$="/withdraw/"]').count() == 0
    looks_sound(page)

"""A rights holder writes a complaint: one page, links that are looked at, drafts that keep themselves."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Organisation
from accounts.roles import OrgRole
from complaints.models import Complaint, Draft
from filings.models import Filing
from tests.factories import FilingFactory, ListingFactory, OrganisationFactory, ShopFactory, complaint, member

pytestmark = pytest.mark.django_db
NEW = "/complaints/new/"


@pytest.fixture
def holder():
    return member(name="Ada Holder")


@pytest.fixture
def right(holder):
    return FilingFactory(organisation=holder.organisation, created_by=holder)


@pytest.fixture
def browser(sign_in, holder):
    return sign_in(holder)


def draft_id(browser):
    return re.search(r'name="draft" value="(drf_\w+)"', browser.get(NEW).content.decode())[1]


def png(name="seam.png"):
    made = BytesIO()
    Image.new("RGB", (80, 60), "navy").save(made, "PNG")
    return SimpleUploadedFile(name, made.getvalue(), "image/png")


def filled(right, *targets, draft, **changes):
    return {
        "draft": draft,
        "action": "send",
        "filing": right.public_id,
        "links": "\n".join(t.url for t in targets),
        "infringement": "counterfeit",
        "description": "The seams differ from ours and the label has no number.",
        "signature": "Ada Holder",
        "good_faith": "on",
    } | changes


def test_a_returning_holder_finds_right_and_name_filled_in(browser, holder, right):
    FilingFactory(organisation=holder.organisation, created_by=holder, title="OTHER")
    complaint(by=holder, filing=right)
    page = browser.get(NEW).content.decode()
    assert re.search(rf'<option value="{right.public_id}" selected', page)
    assert 'value="Ada Holder"' in page


def test_a_complete_notice_becomes_a_complaint_with_its_evidence(browser, right):
    listing, shop = ListingFactory(), ShopFactory()
    other = ListingFactory(shop=shop)
    answer = browser.post(NEW, filled(right, listing, other, draft=draft_id(browser), evidence=[png()]), follow=True)
    made = Complaint.objects.get()
    assert answer.redirect_chain == [(f"/complaints/{made.public_id}/", 302)]
    assert {ct.target_id for ct in made.targets.all()} == {listing.pk, other.pk}
    assert made.evidence.get().file.name == "seam.png"
    assert made.evidence.get().is_shown_to_merchant


def test_evidence_can_be_kept_from_the_seller(browser, right):
    sent = filled(right, ListingFactory(), draft=draft_id(browser), evidence=[png()], evidence_is_private="on")
    browser.post(NEW, sent)
    assert not Complaint.objects.get().evidence.get().is_shown_to_merchant


def test_a_double_click_sends_one_complaint(browser, right):
    sent = filled(right, ListingFactory(), draft=draft_id(browser))
    first, second = browser.post(NEW, sent), browser.post(NEW, sent)
    assert first.url == second.url
    assert Complaint.objects.count() == 1


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_sent(browser, right):
    answer = browser.post(NEW, {"draft": draft_id(browser), "action": "send", "filing": right.public_id})
    form = answer.context["form"]
    assert answer.status_code == 422
    assert set(form.errors) == {"links", "infringement", "description", "signature", "good_faith"}
    assert not Complaint.objects.exists()


def test_what_was_typed_and_uploaded_survives_a_refusal(browser, right):
    draft = draft_id(browser)
    sent = filled(right, ListingFactory(), draft=draft, description="too short", evidence=[png()])
    page = browser.post(NEW, sent).content.decode()
    assert "too short" in page
    assert "seam.png" in page
    sent |= {"description": "Long enough now to say what infringes.", "evidence": []}
    browser.post(NEW, sent)
    assert Complaint.objects.get().evidence.count() == 1


def test_a_file_can_be_taken_out_of_a_draft(browser, right):
    draft = draft_id(browser)
    browser.post(NEW, filled(right, ListingFactory(), draft=draft, action="check", evidence=[png()]))
    file = Draft.objects.get().files.get()
    browser.post(NEW, filled(right, ListingFactory(), draft=draft, action="save", remove_file=[file.public_id]))
    assert not Draft.objects.get().files.exists()


def test_each_pasted_line_says_what_it_is_or_what_is_wrong(browser, holder, right):
    listing, known, genuine = ListingFactory(), ListingFactory(), ListingFactory()
    complaint(known, by=holder, filing=right)
    right.genuine_sellers.create(shop=genuine.shop)
    lines = [listing.url, listing.url, known.url, genuine.url, "https://elsewhere.example/1", "hello"]
    answer = browser.post(NEW + "links/", {"filing": right.public_id, "links": "\n".join(lines)})
    looked = answer.context["looked"]
    assert [p.is_usable for p in looked] == [True, False, False, False, False, False]
    page = answer.content.decode()
    for words in ("on sale", "repeated", "already complained of", "genuine seller", "not a marketplace", "not a link"):
        assert words in page


def test_one_click_removes_the_lines_that_cannot_be_sent(browser, right):
    listing = ListingFactory()
    lines = f"{listing.url}\nhttps://elsewhere.example/1\n{listing.url}"
    sent = filled(right, draft=draft_id(browser), links=lines, action="clean")
    assert browser.post(NEW, sent).context["form"]["links"].value() == listing.url


def test_only_fitting_kinds_of_infringement_are_offered(browser, right):
    shop = ShopFactory()
    answer = browser.post(NEW + "links/", {"filing": right.public_id, "links": shop.url})
    assert {r.kind for r in answer.context["reasons"]} == {"shop_name", "forged_authorisation"}
    mixed = f"{shop.url}\n{ListingFactory().url}"
    answer = browser.post(NEW + "links/", {"filing": right.public_id, "links": mixed})
    assert answer.context["no_reason_fits"]


def test_five_hundred_and_one_links_are_refused_with_the_way_out(browser, right):
    lines = "\n".join(f"https://mall.example/{i}" for i in range(501))
    answer = browser.post(NEW, filled(right, draft=draft_id(browser), links=lines))
    assert answer.status_code == 422
    assert "500" in str(answer.context["form"].errors["links"])
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    "bad", ["nul\x00byte and more text to be long enough", "turned \u202eround, long enough to pass"]
)
def test_unseen_characters_are_refused_with_a_word(browser, right, bad):
    answer = browser.post(NEW, filled(right, ListingFactory(), draft=draft_id(browser), description=bad))
    assert answer.status_code == 422
    assert "description" in answer.context["form"].errors
    assert not Complaint.objects.exists()


def test_emoji_are_welcome(browser, right):
    said = "The seller writes 正品 🔥 and ships a copy 👟 instead."
    browser.post(NEW, filled(right, ListingFactory(), draft=draft_id(browser), description=said))
    assert Complaint.objects.get().description == said


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_sent(browser, right):
    fake = SimpleUploadedFile("seam.png", b"MZ\x90\x00 not a picture at all", "image/png")
    answer = browser.post(NEW, filled(right, ListingFactory(), draft=draft_id(browser), evidence=[fake]))
    assert answer.status_code == 422
    assert "seam.png" in str(answer.context["form"].errors["evidence"])
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("action", ["save", "check", "clean"])
def test_a_refused_file_is_a_refusal_whatever_was_asked_for_and_the_rest_is_kept(browser, right, action):
    fake = SimpleUploadedFile("seam.png", b"MZ\x90\x00 not a picture at all", "image/png")
    draft = draft_id(browser)
    sent = filled(right, ListingFactory(), draft=draft, action=action, evidence=[fake, png("label.png")])
    answer = browser.post(NEW, sent)
    assert answer.status_code == 422
    assert "seam.png: " in answer.context["refused"][0]
    kept = Draft.objects.get(public_id=draft)
    assert [file.name for file in kept.files.all()] == ["label.png"]


def test_a_draft_keeps_itself_without_the_signature(browser, holder, right):
    draft = draft_id(browser)
    typed = filled(right, draft=draft, description="half a sent", links="")
    assert browser.post(NEW + "autosave/", typed).json() == {"saved": True}
    kept = Draft.objects.get()
    assert kept.data["description"] == "half a sent"
    assert "Ada Holder" not in str(kept.data)
    page = browser.get(f"/complaints/drafts/{kept.public_id}/").content.decode()
    assert "half a sent" in page
    assert kept.public_id in browser.get("/complaints/").content.decode()


def test_a_draft_that_was_sent_leads_to_its_complaint(browser, right):
    draft = draft_id(browser)
    browser.post(NEW, filled(right, ListingFactory(), draft=draft))
    made = Complaint.objects.get()
    assert browser.get(f"/complaints/drafts/{draft}/").url == f"/complaints/{made.public_id}/"
    assert browser.post(f"/complaints/drafts/{draft}/discard/").status_code == 409


def test_a_draft_can_be_thrown_away(browser, right):
    draft = draft_id(browser)
    browser.post(NEW, filled(right, draft=draft, action="save"))
    browser.post(f"/complaints/drafts/{draft}/discard/")
    assert not Draft.objects.exists()


def test_a_foreign_draft_looks_like_one_that_does_not_exist(browser, right, sign_in):
    draft = draft_id(browser)
    browser.post(NEW, filled(right, draft=draft, action="save"))
    other = member()
    stranger = sign_in(other)
    theirs = FilingFactory(organisation=other.organisation, created_by=other)
    unknown = "drf_" + "0" * 26
    for path in (f"/complaints/drafts/{draft}/", f"/complaints/drafts/{unknown}/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(NEW, filled(theirs, ListingFactory(), draft=draft)).status_code == 404
    assert Draft.objects.get().organisation == right.organisation


def test_a_right_of_somebody_else_cannot_be_chosen(browser, right):
    foreign = FilingFactory()
    answer = browser.post(NEW, filled(foreign, ListingFactory(), draft=draft_id(browser)))
    assert answer.status_code == 422
    assert "filing" in answer.context["form"].errors


def test_who_may_only_read_gets_no_wizard(sign_in, holder):
    reader = sign_in(member(holder.organisation, role=OrgRole.READER))
    assert reader.get(NEW).status_code == 403
    assert reader.post(NEW + "autosave/", {"draft": "drf_" + "0" * 26}).status_code == 403


def test_an_unverified_organisation_can_write_and_not_send(sign_in):
    newcomer = member(OrganisationFactory(state=Organisation.State.UNVERIFIED))
    right = FilingFactory(organisation=newcomer.organisation, created_by=newcomer)
    browser = sign_in(newcomer)
    draft = draft_id(browser)
    refused = browser.post(NEW, filled(right, ListingFactory(), draft=draft))
    assert refused.status_code == 422
    assert "must be verified before it can complain" in refused.content.decode()
    assert not Complaint.objects.exists()
    assert Draft.objects.exists()


def test_without_a_right_in_force_the_page_says_where_to_begin(sign_in):
    lapsed = member()
    FilingFactory(organisation=lapsed.organisation, created_by=lapsed, state=Filing.State.EXPIRED)
    assert "No right in force on file" in sign_in(lapsed).get(NEW).content.decode()


def test_looking_at_five_hundred_links_takes_a_constant_number_of_queries(
    browser, right, django_assert_max_num_queries
):
    shop = ShopFactory()
    listings = [ListingFactory(shop=shop) for _ in range(40)]
    links = "\n".join(t.url for t in listings)
    with django_assert_max_num_queries(20):
        answer = browser.post(NEW + "links/", {"filing": right.public_id, "links": links})
    assert answer.context["usable"] == 40

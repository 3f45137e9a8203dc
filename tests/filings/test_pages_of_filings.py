"""What a rights holder sees and does in a browser."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation
from core.models import LedgerEntry
from filings import services
from filings.models import Filing, FilingConflict, RightKind
from filings.requirements import FILED_BY_HAND, KINDS
from tests.factories import FilingFactory, ListingFactory, OrganisationFactory, ShopFactory, member, staff
from tests.filings.build import a_draft, a_picture, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def url(name, filing=None):
    return reverse(f"filings:{name}", args=[filing.public_id] if filing else [])


def typed(filing, **changes):
    """What a browser sends from the page of a draft."""
    return {
        "version": filing.version, "title": "SUNBIRD", "registration_number": "20000001", "owner_name": "Owner Ltd",
        "mark_type": "word", "nice_classes": "25, 9", "territory": "CN", "valid_from_on": "2020-01-01",
        "valid_until_on": "2029-12-31", "description": "", "sellers": "", "action": "save", **changes,
    }  # fmt: skip


@pytest.fixture
def holder():
    return member()


@pytest.fixture
def browser(sign_in, holder):
    return sign_in(holder)


def test_a_right_is_filed_from_beginning_to_end(browser, holder):
    shop = ShopFactory()
    assert browser.get(url("new")).status_code == 200
    begun = browser.post(url("new"), {"kind": "trademark"})
    draft = Filing.objects.get()
    assert begun.url == url("edit", draft)
    papers = {"certificate": [a_picture(), a_picture()], "pictures": [a_picture()]}
    kept = browser.post(url("edit", draft), typed(draft, sellers=shop.url) | papers)
    assert kept.url == url("edit", draft)
    draft.refresh_from_db()
    assert (draft.nice_classes, draft.files.count(), draft.genuine_sellers.get().shop) == ([9, 25], 3, shop)
    page = browser.get(url("edit", draft)).content.decode()
    assert "Everything is here" in page
    sent = browser.post(url("edit", draft), typed(draft, action="submit"), follow=True)
    assert sent.redirect_chain[-1][0] == url("detail", draft)
    assert "A reviewer compares the data with the certificate." in sent.content.decode()
    draft.refresh_from_db()
    assert draft.state == Filing.State.SUBMITTED


@pytest.mark.parametrize("kind", FILED_BY_HAND)
def test_the_page_asks_only_for_what_the_kind_needs(browser, holder, kind):
    draft = services.create_draft(kind=kind, by=holder)
    form = browser.get(url("edit", draft)).context["form"]
    assert set(form.fields) == {*KINDS[kind].fields, "certificate", "pictures", "sellers", "version"}
    assert ("nice_classes" in form.fields) == (kind == RightKind.TRADEMARK)


def test_a_draft_keeps_itself_and_tells_the_version_for_the_next_time(browser, holder):
    draft = services.create_draft(kind="trademark", by=holder)
    half = {"version": 1, "title": "SUN", "registration_number": "12", "nice_classes": "x", "territory": "C"}
    kept = browser.post(url("edit", draft), half, headers={"X-Autosave": "1"})
    assert (kept.status_code, kept["X-Version"]) == (200, "2")
    draft.refresh_from_db()
    assert (draft.title, draft.registration_number, draft.nice_classes) == ("SUN", "12", [])
    stale = browser.post(url("edit", draft), half | {"title": "OLD"}, headers={"X-Autosave": "1"})
    assert stale.status_code == 409
    assert browser.post(url("edit", draft), half | {"version": 2}, headers={"X-Autosave": "1"})["X-Version"] == "3"


def test_a_stale_form_and_a_double_click_make_one_result_and_a_409_page(browser, holder):
    draft = a_draft(by=holder)
    first = browser.post(url("edit", draft), typed(draft, action="submit"))
    assert first.status_code == 302
    second = browser.post(url("edit", draft), typed(draft, action="submit"))
    assert second.status_code == 409
    assert "Nothing was changed." in second.content.decode()
    assert LedgerEntry.objects.filter(kind="filing.submit").count() == 1
    other = a_draft(by=holder)
    services.update_draft(filing=other, by=holder, version=other.version, title="COLLEAGUE'S")
    late = browser.post(url("edit", other), typed(other, title="MINE") | {"pictures": [a_picture()]})
    assert late.status_code == 409
    assert "Somebody changed this filing after you opened it" in late.content.decode()
    other.refresh_from_db()
    assert (other.title, other.files.count()) == ("COLLEAGUE'S", 2)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"nice_classes": "46"}, "nice_classes", "from 1 to 45"),
        ({"nice_classes": "shoes"}, "nice_classes", "from 1 to 45"),
        ({"valid_until_on": "2019-12-31"}, "valid_until_on", "ends before it begins"),
        ({"valid_until_on": "soon"}, "valid_until_on", "Enter a date"),
        ({"territory": "C1"}, "territory", "two letters"),
        ({"territory": "ZZ"}, "territory", "two letters"),
        ({"title": "SUN\u202eBIRD"}, "title", "invisible character"),
        ({"sellers": "https://nowhere.example/shop/1"}, "sellers", "not a marketplace"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_still_there(browser, holder, changes, field, words):
    draft = services.create_draft(kind="trademark", by=holder)
    page = browser.post(url("edit", draft), typed(draft, **changes))
    assert page.status_code == 422
    assert words in str(page.context["form"].errors[field])
    assert "20000001" in page.content.decode()
    draft.refresh_from_db()
    assert draft.state == Filing.State.DRAFT


def test_submitting_marks_everything_that_is_missing_and_can_be_sent_again(browser, holder):
    draft = services.create_draft(kind="publishing", by=holder)
    sent = {"title": "Book", "registration_number": "9787111128060", "valid_until_on": "2029-12-31", "action": "submit"}
    page = browser.post(url("edit", draft), typed(draft) | sent)
    assert page.status_code == 422
    assert {"registration_number", "certificate", "pictures"} == set(page.context["form"].errors)
    draft.refresh_from_db()
    assert page.context["form"]["version"].value() == str(draft.version)
    papers = {"certificate": [a_picture()], "pictures": [a_picture()]}
    again = browser.post(url("edit", draft), typed(draft) | sent | {"registration_number": "9787111128069"} | papers)
    assert again.status_code == 302
    draft.refresh_from_db()
    assert draft.state == Filing.State.SUBMITTED


def test_a_file_of_the_wrong_type_is_refused_and_the_others_are_kept(browser, holder):
    from django.core.files.uploadedfile import SimpleUploadedFile

    draft = services.create_draft(kind="trademark", by=holder)
    wrong = SimpleUploadedFile("macro.docm", b"PK\x03\x04" + b"\x00" * 100)
    page = browser.post(url("edit", draft), typed(draft) | {"certificate": [a_picture(), wrong]})
    assert page.status_code == 422
    assert "macro.docm" in str(page.context["form"].errors["certificate"])
    assert draft.files.count() == 1


def test_files_and_sellers_are_removed_with_what_was_typed_kept(browser, holder):
    draft = a_draft(by=holder)
    shop = ShopFactory()
    services.add_genuine_sellers(filing=draft, by=holder, links=[shop.url])
    draft.refresh_from_db()
    file = draft.files.first().file
    browser.post(url("edit", draft), typed(draft, title="NEW", remove=f"file:{file.public_id}"))
    draft.refresh_from_db()
    assert (draft.title, draft.files.count()) == ("NEW", 1)
    browser.post(url("edit", draft), typed(draft, remove=f"shop:{shop.public_id}"))
    assert not draft.genuine_sellers.exists()


def test_the_detail_page_says_what_is_next_and_what_happened(browser, holder):
    filing = submitted(by=holder)
    services.return_for_supplement(filing=filing, by=staff(name="Reviewer Wang"), missing="The seal page is cut off.")
    page = browser.get(url("detail", filing)).content.decode()
    for words in ("The seal page is cut off.", "Your turn", "Add what is missing", "Returned for supplement"):
        assert words in page
    assert holder.name in page
    assert "Reviewer Wang" not in page


def test_a_holder_learns_of_a_conflict_but_not_with_whom(browser, holder):
    rival = FilingFactory(registration_number="12345678", number_key="trademark:CN:12345678")
    filing = submitted(by=holder, registration_number="12345678")
    assert FilingConflict.objects.count() == 1
    page = browser.get(url("detail", filing)).content.decode()
    assert "Another organisation filed this number too" in page
    assert rival.organisation.name not in page
    assert rival.number not in page


def test_submit_withdraw_and_renewal_from_the_detail_page(browser, holder):
    draft = a_draft(by=holder)
    assert browser.get(url("submit", draft)).status_code == 302
    assert browser.post(url("submit", draft), {"version": draft.version}).status_code == 302
    assert browser.post(url("withdraw", draft), {"version": draft.version}).status_code == 409
    draft.refresh_from_db()
    assert browser.post(url("withdraw", draft), {"version": draft.version}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == Filing.State.WITHDRAWN
    empty = services.create_draft(kind="trademark", by=holder)
    marked = browser.post(url("submit", empty), {"version": empty.version})
    assert marked.status_code == 422
    assert "Add the certificate" in marked.content.decode()
    filing = FilingFactory(organisation=holder.organisation)
    page = browser.get(url("renew", filing)).content.decode()
    assert "2030-07-01" in page
    wrong = browser.post(
        url("renew", filing), {"version": 1, "valid_until_on": "2029-01-01", "certificate": [a_picture()]}
    )
    assert wrong.status_code == 422
    right = {"version": 1, "valid_until_on": "2040-01-01", "certificate": [a_picture()]}
    assert browser.post(url("renew", filing), right).url == url("detail", filing)
    assert browser.post(url("renew", filing), right).status_code == 409
    filing.refresh_from_db()
    assert browser.post(url("drop-renewal", filing), {"version": filing.version}).status_code == 302
    filing.refresh_from_db()
    assert filing.state == Filing.State.APPROVED


def test_genuine_sellers_of_a_right_in_force(browser, holder):
    filing, shop, listing = FilingFactory(organisation=holder.organisation), ShopFactory(), ListingFactory()
    assert browser.post(url("sellers", filing), {"sellers": listing.url}).status_code == 422
    assert browser.post(url("sellers", filing), {"sellers": shop.url}).status_code == 302
    assert shop.title in browser.get(url("detail", filing)).content.decode()
    browser.post(url("sellers", filing), {"remove": shop.public_id})
    assert not filing.genuine_sellers.exists()


def test_a_reader_sees_and_does_nothing(sign_in, holder):
    reader = sign_in(member(holder.organisation, role="reader"))
    draft, filing = a_draft(by=holder), FilingFactory(organisation=holder.organisation)
    assert reader.get(url("list")).status_code == 200
    for shown in (draft, filing):
        page = reader.get(url("detail", shown)).content.decode()
        assert "Your turn" not in page
        assert '<form method="post" action="/filings/' not in page
    assert reader.get(url("new")).status_code == 403
    assert reader.post(url("edit", draft), typed(draft)).status_code == 403
    assert reader.post(url("submit", draft)).status_code == 403
    assert reader.get(url("renew", filing)).status_code == 403


PAGES = ("detail", "edit", "submit", "withdraw", "renew", "drop-renewal", "sellers")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_filing_looks_exactly_like_one_that_does_not_exist(browser, page, method):
    foreign, unknown = a_draft(), Filing(public_id="flg_00000000000000000000000000")
    answers = [getattr(browser, method)(url(page, f)) for f in (foreign, unknown)]
    assert [a.status_code for a in answers] == [405 if (page, method) == ("detail", "post") else 404] * 2
    one, other = (re.sub(r"flg_\w+|[A-Za-z0-9]{64}", "", answer.content.decode()) for answer in answers)
    assert one == other


def test_who_is_not_signed_in_is_asked_to(client):
    assert client.get(url("list")).status_code == 302
    assert client.get(url("detail", FilingFactory())).status_code == 302


def test_the_list_is_filtered_and_paged_with_a_constant_number_of_queries(browser, holder):
    FilingFactory(organisation=holder.organisation, title="FEW")
    FilingFactory(title="FOREIGN")
    browser.get(url("list"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(url("list"))
    for n in range(40):
        FilingFactory(organisation=holder.organisation, title=f"MANY {n}", state="expiring" if n % 2 else "approved")
    with CaptureQueriesContext(connection) as many:
        page = browser.get(url("list"))
    assert len(page.context["page"].object_list) == 25
    # Counting the pages is all that more rows cost.
    assert len(many) <= len(few) + 1
    assert "FOREIGN" not in page.content.decode()
    found = browser.get(url("list"), {"q": "FEW", "state": "approved", "kind": "trademark"})
    assert [f.title for f in found.context["page"]] == ["FEW"]
    assert "Nothing matches" in browser.get(url("list"), {"q": "nothing like it"}).content.decode()
    assert browser.get(url("list"), {"q": "a\x00b", "state": "nonsense", "page": "x"}).status_code == 200


def test_an_organisation_that_is_not_verified_is_told_so(sign_in):
    by = member(OrganisationFactory(state=Organisation.State.UNVERIFIED))
    draft = a_draft(by=by)
    page = sign_in(by).post(url("edit", draft), typed(draft, action="submit"))
    assert page.status_code == 403
    assert "must be verified" in page.content.decode()

"""A sheet of links becomes complaints: its columns are known again, every bad cell is named, each row is done once."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Organisation
from accounts.powers.services import Scope, revoke_power
from accounts.roles import OrgRole
from complaints import lanes, services
from complaints.bulk import services as bulk
from complaints.models import Complaint, ComplaintTarget, Import, ImportBatch, ImportRow
from core import clock, sheets
from core.imports import services as imports
from core.models import LedgerEntry
from filings.services import file_certificate
from tests.accounts.powers import both
from tests.factories import (
    FilingFactory,
    ListingFactory,
    MarketplaceFactory,
    OrganisationFactory,
    ShopFactory,
    complaint,
    member,
    staff,
)
from tests.sheets import xlsx

pytestmark = pytest.mark.django_db
NEW = "/complaints/import/"
HEADER = ["链接", "商标注册号", "侵权类型", "说明"]
WORDS = "The seams differ from ours and the label has no number."


@pytest.fixture
def holder():
    return member(name="Ada Holder")


@pytest.fixture
def right(holder):
    return FilingFactory(organisation=holder.organisation, created_by=holder, title="OWN MARK")


@pytest.fixture
def browser(sign_in, holder):
    return sign_in(holder)


@pytest.fixture
def listings():
    return ListingFactory.create_batch(3, shop=ShopFactory())


def as_csv(rows, encoding="utf-8"):
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode(encoding)


def sheet_of(listings, right, **changes):
    said = {"right": right.registration_number, "kind": "counterfeit", "words": WORDS} | changes
    return [HEADER, *([listing.url, said["right"], said["kind"], said["words"]] for listing in listings)]


def handed_in(browser, rows, *, name="links.csv", encoding="utf-8"):
    """The address of the sheet's page."""
    data = xlsx(rows) if name.endswith("xlsx") else as_csv(rows, encoding)
    answer = browser.post(NEW, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


COLUMNS = {"link": "0", "filing": "1", "infringement": "2", "description": "3"}


def chosen(browser, page, **said):
    answer = browser.post(page, COLUMNS | said)
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def confirmed(browser, rows, **said):
    page = handed_in(browser, rows)
    preview = chosen(browser, page, **said)
    answer = browser.post(preview, {"signature": "Ada Holder", "good_faith": "on"})
    assert answer.status_code == 302, answer.content.decode()
    return page


def worked_off():
    while bulk.complain_due():
        pass


def result(browser, page):
    answer = browser.get(page + "result.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def selected(page, name):
    """The option that is chosen in a select of a page."""
    field = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)[0]
    found = re.search(r'value="(\d+)" selected', field)
    return found and found[1]


@pytest.mark.parametrize("name", ["links.csv", "gbk.csv", "links.xlsx"])
def test_a_sheet_becomes_one_complaint_and_says_what_became_of_each_row(browser, holder, right, listings, name):
    page = handed_in(browser, sheet_of(listings, right), name=name, encoding="gbk" if name == "gbk.csv" else "utf-8")
    asked = browser.get(page).content.decode()
    assert [selected(asked, role) for role in COLUMNS] == list(COLUMNS.values())
    preview = chosen(browser, page)
    seen = browser.get(preview).content.decode()
    assert "3 rows would be complained of" in seen
    assert "in 1 complaint" in seen
    assert not Complaint.objects.exists()
    browser.post(preview, {"signature": "Ada Holder", "good_faith": "on"})
    assert "3 still waiting" in browser.get(page).content.decode()
    assert not Complaint.objects.exists()
    worked_off()
    case = Complaint.objects.get()
    assert (case.organisation, case.filed_by, case.filing) == (holder.organisation, holder, right)
    assert (case.infringement, case.description, case.signature) == ("counterfeit", WORDS, "Ada Holder")
    assert set(case.targets.values_list("target", flat=True)) == {t.pk for t in listings}
    shown = browser.get(page + "progress/").content.decode()
    assert "3 complained of, 0 left out, 0 still waiting" in shown
    assert "every 2s" not in shown
    lines = result(browser, page)
    assert [line[0] for line in lines[1:]] == ["2", "3", "4"]
    assert {(line[2], line[4], line[7]) for line in lines[1:]} == {("complained of", case.number, "up")}


def test_a_row_may_rest_on_a_certificate_of_first_publication_by_its_number(browser, holder, right, listings):
    certificate = file_certificate(organisation=holder.organisation, by=holder, number="FP-2026-000123", title="Poster")
    confirmed(browser, sheet_of(listings[:2], certificate, kind="copied_image"))
    worked_off()
    case = Complaint.objects.get()
    assert (case.filing, case.infringement, case.targets.count()) == (certificate, "copied_image", 2)


def test_the_result_sheet_says_where_each_link_stands_now(browser, right, listings):
    page = confirmed(browser, sheet_of(listings, right))
    worked_off()
    case, reviewer = Complaint.objects.get(), staff()
    services.accept(complaint=case, by=reviewer)
    findings = [
        services.Found(ct, ct.target_id == listings[0].pk, "U1" if ct.target_id == listings[0].pk else "D1", "Seen.")
        for ct in case.targets.all()
    ]
    services.decide(complaint=case, by=reviewer, findings=findings)
    assert [line[6:8] for line in result(browser, page)[1:]] == [["upheld", "going down"], *[["dismissed", "up"]] * 2]


def test_the_columns_of_a_header_are_remembered_for_the_organisation_alone(browser, sign_in, holder, right, listings):
    rows = [["A1", "B1"], *[[WORDS, listing.url] for listing in listings]]
    page = handed_in(browser, rows)
    assert selected(browser.get(page).content.decode(), "link") is None
    said = {"filing_for_all": right.public_id, "infringement_for_all": "counterfeit"}
    chosen(browser, page, link="1", description="0", filing="", infringement="", **said)
    colleague = sign_in(member(holder.organisation))
    assert selected(colleague.get(handed_in(colleague, rows)).content.decode(), "link") == "1"
    stranger = sign_in(member())
    assert selected(stranger.get(handed_in(stranger, rows)).content.decode(), "link") is None


def test_what_no_column_says_is_said_once_for_all_rows(browser, right, listings):
    rows = [["link"], *[[listing.url] for listing in listings]]
    said = {"filing": "", "infringement": "", "description": ""}
    page = handed_in(browser, rows)
    answer = browser.post(page, {"link": "0"})
    assert answer.status_code == 422
    assert answer.content.decode().count("field--invalid") == 3
    for_all = {
        "filing_for_all": right.public_id, "infringement_for_all": "counterfeit", "description_for_all": WORDS
    }  # fmt: skip
    confirmed(browser, rows, **said, **for_all)
    worked_off()
    assert Complaint.objects.get().targets.count() == 3


def test_a_sheet_without_a_header_has_its_first_row_read_too(browser, right, listings):
    page = handed_in(browser, sheet_of(listings, right)[1:])
    assert "3 rows" in browser.get(page).content.decode()
    browser.post(chosen(browser, page), {"signature": "Ada Holder", "good_faith": "on"})
    worked_off()
    assert Complaint.objects.get().targets.count() == 3


def test_every_bad_cell_is_named_with_its_reason_and_its_row_left_out(browser, holder, right, listings):
    known = complaint(listings[0], by=holder, filing=right)
    expired = FilingFactory(organisation=holder.organisation, created_by=holder, state="revoked")
    foreign = FilingFactory()
    genuine = ListingFactory()
    right.genuine_sellers.create(shop=genuine.shop)
    shop, good = listings[0].shop, listings[1]
    rows = [
        HEADER,
        [good.url, "own mark", "Counterfeit goods", WORDS],
        ["https://unknown.example/1", right.number, "counterfeit", WORDS],
        [good.url, right.public_id, "counterfeit", WORDS],
        [listings[0].url, right.registration_number, "counterfeit", WORDS],
        [genuine.url, right.registration_number, "counterfeit", WORDS],
        [listings[2].url, expired.registration_number, "counterfeit", WORDS],
        [listings[2].url, foreign.registration_number, "counterfeit", WORDS],
        [listings[2].url, right.registration_number, "theft", WORDS],
        [listings[2].url, right.registration_number, "pirated_book", WORDS],
        [shop.url, right.registration_number, "shop_name", WORDS],
        [listings[2].url + "?x=1", right.registration_number, "counterfeit", "too short"],
    ]
    page = handed_in(browser, rows)
    preview = chosen(browser, page)
    shown = re.sub(r"\s+", " ", browser.get(preview).content.decode())
    for cell, words in (
        ("A3", "is not a marketplace that is connected"),
        ("A4", "Row 2 names the same thing"),
        ("A5", f"already complained of it under this right in {known.number}"),
        ("A6", "is a genuine seller of this right"),
        ("B7", "is not in force today"),
        ("B8", "You have no right on file called"),
        ("C9", "This is no kind of infringement"),
        ("C10", "does not fit this right"),
        ("C11", "needs an attachment"),
        ("D12", "fewer than 20 characters"),
    ):
        assert re.search(rf"<strong>{cell}</strong> [^<]*{words}", shown), (cell, words)
    assert foreign.title not in shown
    browser.post(preview, {"signature": "Ada Holder", "good_faith": "on"})
    worked_off()
    case = Complaint.objects.exclude(pk=known.pk).get()
    assert [ct.target for ct in case.targets.all()] == [good]
    lines = result(browser, page)
    assert [line[2] for line in lines[1:]] == ["complained of"] + ["left out"] * 10
    assert all(line[3] for line in lines[2:])


def test_rows_are_grouped_by_right_infringement_words_and_law_up_to_the_links_of_the_lane(
    browser, holder, right, monkeypatch
):
    other = FilingFactory(organisation=holder.organisation, created_by=holder)
    european = ShopFactory(marketplace=MarketplaceFactory(regime="eu"))
    here, there = ListingFactory.create_batch(5, shop=ShopFactory()), ListingFactory(shop=european)
    terms = lanes.TERMS[lanes.Lane.NORMAL]
    monkeypatch.setitem(lanes.TERMS, lanes.Lane.NORMAL, lanes.Terms(terms.lane, 2, 1000, 1.0, terms.words))
    rows = sheet_of(here[:3], right) + sheet_of(here[3:4], other)[1:] + sheet_of([there], right)[1:]
    rows += sheet_of(here[4:], right, words=WORDS + " The box too.")[1:]
    confirmed(browser, rows)
    worked_off()
    cases = Complaint.objects.order_by("pk")
    assert [case.targets.count() for case in cases] == [2, 1, 1, 1, 1]
    assert [case.regime for case in cases] == ["cn", "cn", "cn", "eu", "cn"]


def test_nothing_is_sent_without_signature_and_good_faith(browser, right, listings):
    preview = chosen(browser, handed_in(browser, sheet_of(listings, right)))
    answer = browser.post(preview, {"signature": "Ada Holder"})
    assert answer.status_code == 422
    assert browser.post(preview, {"signature": "", "good_faith": "on"}).status_code == 422
    assert not ImportRow.objects.exists()
    assert Import.objects.get().confirmed_at is None


def test_a_second_click_is_the_same_sheet_and_what_it_said_lies_open_no_more(browser, holder, right, listings):
    page = confirmed(browser, sheet_of(listings, right))
    made = Import.objects.get()
    again = imports.confirm(bulk.KIND, sheet=made, by=holder, signature="Ada Holder", good_faith=True)
    assert again == made
    assert browser.post(page + "preview/", {"signature": "A", "good_faith": "on"}).status_code == 302
    assert browser.post(page + "discard/").status_code == 409
    assert (ImportRow.objects.count(), ImportBatch.objects.count(), made.cells) == (3, 1, "")
    assert LedgerEntry.objects.get(kind="import.confirmed").payload == {"rows": 3, "left_out": 0, "complaints": 1}


def test_more_complaints_than_the_lane_takes_are_refused_before_anything_is_sent(browser, right, monkeypatch):
    listings = ListingFactory.create_batch(3, shop=ShopFactory())
    terms = lanes.TERMS[lanes.Lane.NORMAL]
    monkeypatch.setitem(lanes.TERMS, lanes.Lane.NORMAL, lanes.Terms(terms.lane, 1, 2, 1.0, terms.words))
    preview = chosen(browser, handed_in(browser, sheet_of(listings, right)))
    answer = browser.post(preview, {"signature": "Ada Holder", "good_faith": "on"})
    assert answer.status_code == 422
    assert "These would be 3 complaints, and your lane takes 2 more" in answer.content.decode()
    assert not ImportRow.objects.exists()


def test_what_other_sheets_owe_counts_and_what_finds_no_room_waits_for_it(browser, right, monkeypatch, stopped):
    listings = ListingFactory.create_batch(3, shop=ShopFactory())
    terms = lanes.TERMS[lanes.Lane.NORMAL]

    def takes(most):
        monkeypatch.setitem(lanes.TERMS, lanes.Lane.NORMAL, lanes.Terms(terms.lane, 1, most, 1.0, terms.words))

    takes(2)
    page = confirmed(browser, sheet_of(listings[:2], right))
    preview = chosen(browser, handed_in(browser, sheet_of(listings[2:], right)))
    answer = browser.post(preview, {"signature": "Ada Holder", "good_faith": "on"})
    assert "These would be 1 complaints, and your lane takes 0 more" in answer.content.decode()
    takes(1)
    worked_off()
    assert [line[2] for line in result(browser, page)[1:]] == ["complained of", "waiting"]
    takes(2)
    stopped.advance(hours=1)
    worked_off()
    assert [line[2] for line in result(browser, page)[1:]] == ["complained of", "complained of"]


def test_a_preview_is_asked_for_so_often_and_no_more(browser, right, listings, monkeypatch):
    monkeypatch.setattr(imports, "PREVIEWS_A_MINUTE", 1)
    preview = chosen(browser, handed_in(browser, sheet_of(listings, right)))
    assert [browser.get(preview).status_code for _n in range(2)] == [200, 429]


def test_what_happened_since_it_was_confirmed_leaves_out_that_row_and_no_other(browser, holder, right, listings):
    page = confirmed(browser, sheet_of(listings, right))
    between = complaint(listings[0], by=holder, filing=right)
    worked_off()
    lines = result(browser, page)
    assert [line[2] for line in lines[1:]] == ["left out", "complained of", "complained of"]
    assert between.number in lines[1][3]


def test_a_right_that_ended_since_leaves_out_every_row_with_the_words_of_the_refusal(browser, right, listings):
    page = confirmed(browser, sheet_of(listings, right))
    right.state = "revoked"
    right.save()
    worked_off()
    assert not Complaint.objects.exists()
    assert {tuple(line[2:4]) for line in result(browser, page)[1:]} == {
        ("left out", "This right is not in force today. Renew it, or choose another one.")
    }
    assert "Everything is done" in browser.get(page).content.decode()


@pytest.mark.parametrize("line", range(3))
def test_a_worker_that_dies_at_any_line_leaves_each_row_to_be_done_once(browser, right, listings, line, monkeypatch):
    confirmed(browser, sheet_of(listings, right))

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed()

    where = [
        (services, "publish"),
        (type(ImportRow.objects), "bulk_update"),
        (type(ImportBatch.objects.all()), "settle"),
    ][line]
    with monkeypatch.context() as dying:
        dying.setattr(*where, die)
        with pytest.raises(Killed):
            bulk.complain_due()
    assert not Complaint.objects.exists()
    assert bulk.complain_due() == 0, "its lease still runs"
    ImportBatch.objects.update(leased_until=clock.unmoved())
    worked_off()
    worked_off()
    assert ComplaintTarget.objects.count() == 3
    assert set(ImportRow.objects.values_list("state", flat=True)) == {"complained"}


def test_a_fault_of_ours_is_tried_again_and_given_up_before_the_eyes_of_staff(
    browser, sign_in, right, listings, monkeypatch
):
    page = confirmed(browser, sheet_of(listings, right))
    with monkeypatch.context() as broken:
        broken.setattr(services, "publish", lambda *args: 1 / 0)
        bulk.complain_due()
    batch = ImportBatch.objects.get()
    assert "ZeroDivisionError" in batch.last_error
    ImportBatch.objects.update(due_at=None, dead_at=clock.now())
    assert "3 could not be sent for a fault of ours" in browser.get(page).content.decode()
    reviewer = sign_in(staff())
    assert "ZeroDivisionError" in reviewer.get("/admin/complaints/importbatch/?standing=dead").content.decode()
    reviewer.post(reverse("admin:complaints_importbatch_try_this_again", args=[batch.pk]), {"_form_submitted": "true"})
    worked_off()
    assert Complaint.objects.get().targets.count() == 3


def test_an_agency_sends_what_its_power_covers_and_nothing_once_it_was_revoked(sign_in, listings):
    principal, agent, power = both(scope=Scope(marketplaces=(listings[0].marketplace.slug,)))
    right = FilingFactory(organisation=principal.organisation, created_by=principal)
    elsewhere = ListingFactory()
    client = sign_in(agent)
    rows = sheet_of([listings[0], elsewhere], right)
    page = confirmed(client, rows)
    worked_off()
    case = Complaint.objects.get()
    assert (case.organisation, case.holder) == (agent.organisation, principal.organisation)
    assert [line[2] for line in result(client, page)[1:]] == ["complained of", "left out"]
    assert "does not cover every marketplace" in result(client, page)[2][3]
    second = confirmed(client, sheet_of(listings[1:], right))
    revoke_power(power=power, by=principal, reason="We part.")
    worked_off()
    assert Complaint.objects.count() == 1
    assert {line[2] for line in result(client, second)[1:]} == {"left out"}


def test_who_may_not_complain_hands_in_nothing(sign_in, right, listings):
    merchant = sign_in(member(OrganisationFactory(kind=Organisation.Kind.MERCHANT)))
    reader = sign_in(member(right.organisation, role=OrgRole.READER))
    for client in (merchant, reader):
        assert client.get(NEW).status_code == 403
        upload = SimpleUploadedFile("links.csv", as_csv(sheet_of(listings, right)))
        assert client.post(NEW, {"file": upload}).status_code == 403
    assert not Import.objects.exists()


def test_a_colleague_who_only_reads_sees_what_became_of_a_sheet(browser, sign_in, right, listings):
    page = confirmed(browser, sheet_of(listings, right))
    worked_off()
    reader = sign_in(member(right.organisation, role=OrgRole.READER))
    assert reader.get(page).status_code == 200
    assert len(result(reader, page)) == 4


def test_an_organisation_that_is_not_verified_sees_everything_and_sends_nothing(sign_in, listings):
    holder = member(OrganisationFactory(state=Organisation.State.UNVERIFIED))
    right = FilingFactory(organisation=holder.organisation, created_by=holder)
    client = sign_in(holder)
    preview = chosen(client, handed_in(client, sheet_of(listings, right)))
    answer = client.post(preview, {"signature": "Ada", "good_faith": "on"})
    assert answer.status_code == 422
    assert "must be verified" in answer.content.decode()
    assert not ImportRow.objects.exists()


def test_what_is_no_sheet_is_said_beside_the_field(browser):
    for data in (b"\x89PNG\r\n\x1a\n\x00", b"link\n", b""):
        answer = browser.post(NEW, {"file": SimpleUploadedFile("links.xlsx", data)})
        assert answer.status_code == 422
        assert "field--invalid" in answer.content.decode()
    assert browser.post(NEW, {}).status_code == 422
    assert not Import.objects.exists()


def test_a_formula_in_a_link_is_disarmed_in_the_result_sheet(browser, right, listings):
    rows = sheet_of(listings, right)
    rows[1][0] = '=HYPERLINK("https://evil.example")'
    page = confirmed(browser, rows)
    worked_off()
    assert result(browser, page)[1][1].startswith("'=HYPERLINK")


def test_of_sheets_that_nobody_confirms_the_oldest_go(browser, right, listings):
    pages = [handed_in(browser, sheet_of(listings, right)) for _ in range(imports.MOST_UNCONFIRMED + 1)]
    assert browser.get(pages[0]).status_code == 404
    assert browser.get(pages[-1]).status_code == 200
    assert browser.post(pages[-1] + "discard/").status_code == 302
    assert browser.get(pages[-1]).status_code == 404


def test_previewing_asks_the_database_as_often_for_many_rows_as_for_few(
    browser, right, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(sheets, "MAX_ROWS", 200)
    listings = ListingFactory.create_batch(120, shop=ShopFactory())
    preview = chosen(browser, handed_in(browser, sheet_of(listings, right)))
    with django_assert_max_num_queries(30):
        assert "120 rows would be complained of" in browser.get(preview).content.decode()


def test_what_a_locked_account_confirmed_goes_on_no_more(browser, holder, right, listings):
    confirmed(browser, sheet_of(listings, right))
    holder.is_active = False
    holder.save(update_fields=["is_active"])
    worked_off()
    assert not Complaint.objects.exists()
    assert set(ImportRow.objects.values_list("state", flat=True)) == {"left_out"}


@pytest.mark.parametrize("who", ["holder", "staff"])
def test_a_sheet_is_stopped_and_what_is_not_sent_is_left_out(browser, sign_in, holder, right, listings, who):
    page = confirmed(browser, sheet_of(listings, right))
    assert "Stop: leave out" in browser.get(page).content.decode()
    if who == "holder":
        assert browser.post(page + "stop/").status_code == 302
    else:
        batch = ImportBatch.objects.get()
        sign_in(staff()).post(
            "/admin/complaints/importbatch/", {"action": "stop_sheets", "_selected_action": [batch.pk]}
        )
    worked_off()
    assert not Complaint.objects.exists()
    assert "was stopped before" in result(browser, page)[1][3]
    assert LedgerEntry.objects.get(kind="import.stopped").payload == {"rows": 3, "complaints": 1}
    assert "Stop: leave out" not in browser.get(page).content.decode()
    assert browser.post(page + "stop/").status_code == 409


def test_nobody_signs_a_sheet_that_was_changed_after_its_preview(browser, holder, right, listings):
    preview = chosen(browser, handed_in(browser, sheet_of(listings, right)))
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', browser.get(preview).content.decode())
    seen = seen.replace("&quot;", '"')
    sheet = Import.objects.get()
    imports.choose(
        bulk.KIND, sheet=sheet, by=holder, chosen={"link": 0, "filing": 1, "infringement": 2},
        for_all={"description": "Something that nobody has read, and at length."},
    )  # fmt: skip
    said = {"signature": "Ada Holder", "good_faith": "on"}
    answer = browser.post(preview, said | {"seen": seen})
    assert "changed after you opened the page" in answer.content.decode()
    assert Import.objects.get().confirmed_at is None
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', answer.content.decode())
    assert browser.post(preview, said | {"seen": seen.replace("&quot;", '"')}).status_code == 302

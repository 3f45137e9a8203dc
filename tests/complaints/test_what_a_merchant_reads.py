"""A merchant reads why, and nothing that identifies a person of the complainant."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints import services
from complaints.models import Complaint
from complaints.redaction import without_persons
from complaints.services import Found
from core import files
from core.models import FilePurpose
from tests.complaints.test_wizard import png
from tests.factories import ListingFactory, a_notice, complaint, member, merchant_of, staff


@pytest.mark.parametrize(
    "personal",
    [
        "13812345678", "138-1234-5678", "138 1234 5678", "+86 138 1234 5678", "0591-87654321", "(0571) 8888 8888",
        "+44 20 7946 0958", "(415) 555-0132", "ada@holder.example", "11010519491231002X",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["电话{}，谢谢", "call {} now", "李雷{}转2", "手机：{}", "{}"])
def test_numbers_of_people_are_taken_out_whatever_stands_beside_them(personal, around):
    assert personal not in without_persons(around.format(personal))


@pytest.mark.parametrize(
    "evidence",
    [
        "[2026-11-24] label without number", "ISBN 978-7-100-12345-1", "ISBN 9787100123451", "trademark 99001207",
        "国作登字-2020-F-01234567", "ZL202010123456.7", "order DM20260318-77120", "item 730001868884", "价格 129.00",
    ],
)  # fmt: skip
def test_dates_numbers_of_rights_and_orders_stay(evidence):
    assert without_persons(evidence, names=["s", "Ada"]) == evidence


def test_names_are_taken_out_as_whole_words_and_single_letters_never():
    said = without_persons(
        "Ada says the label of the Adams shop lacks the series; 张伟在此声明", names=["ada", "张伟", "s"]
    )
    assert said == "… says the label of the Adams shop lacks the series; …在此声明"


def test_accounts_of_messengers_are_taken_out():
    assert "holder_88" not in without_persons("微信：holder_88，QQ 1234567")


@pytest.fixture
def holder(db):
    return member(name="张伟")


def told(case):
    reviewer = staff()
    services.accept(complaint=case, by=reviewer)
    findings = [Found(target=ct, upheld=True, rule="U1", facts="The label is a copy.") for ct in case.targets.all()]
    return services.decide(complaint=case, by=reviewer, findings=findings).statements.get()


def test_the_pasted_line_never_reaches_the_merchant(holder, sign_in):
    listing = ListingFactory()
    notice = a_notice(listing, by=holder)
    notice.links[0].link = f"张伟13812345678的分享 {listing.url}"
    statement = told(services.submit_complaint(notice=notice, by=holder))
    merchant = sign_in(merchant_of(statement.shop))
    for path in (f"/notices/{statement.public_id}/", f"/api/v1/notices/{statement.public_id}"):
        text = merchant.get(path).content.decode()
        assert "13812345678" not in text
        assert "张伟" not in text
    assert merchant.get(f"/api/v1/notices/{statement.public_id}").json()["links"][0]["link"] == listing.url


def test_a_pasted_line_is_never_a_link_of_the_page(holder, sign_in):
    listing = ListingFactory()
    notice = a_notice(listing, by=holder)
    notice.links[0].link = f"javascript:alert(1)//{listing.url}"
    case = services.submit_complaint(notice=notice, by=holder)
    page = sign_in(holder).get(f"/complaints/{case.public_id}/").content.decode()
    assert "javascript:" not in page
    assert f'href="{listing.url}"' in page


def test_the_page_says_what_is_next_the_ground_and_how_to_object(holder, sign_in, settings):
    settings.CONTACT_EMAIL = "ip@platform.example"
    statement = told(complaint(by=holder))
    page = sign_in(merchant_of(statement.shop)).get(f"/notices/{statement.public_id}/").content.decode()
    for words in (
        "What is next",
        "Otherwise",
        "E-Commerce Law",
        "ip@platform.example",
        statement.decision.complaint.number,
    ):
        assert words in page


def test_evidence_that_is_no_picture_can_be_downloaded_under_a_neutral_name(holder, sign_in):
    case = complaint(by=holder)
    paper = SimpleUploadedFile("statement of 张伟.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    kept = files.keep(upload=paper, purpose=FilePurpose.EVIDENCE, by=holder, organisation=case.organisation)
    case.evidence.create(file=kept, added_by=holder)
    statement = told(case)
    merchant = sign_in(merchant_of(statement.shop))
    page = merchant.get(f"/notices/{statement.public_id}/").content.decode()
    link = page[page.index("/files/") :].split('"')[0]
    answer = merchant.get(link)
    assert answer.status_code == 200
    assert f"{case.number}-1.pdf" in answer["Content-Disposition"]
    assert "张伟" not in page


def test_what_was_kept_from_the_seller_stays_kept_in_a_supplement(holder, sign_in):
    case = complaint(by=holder)
    hidden = files.keep(upload=png(), purpose=FilePurpose.EVIDENCE, by=holder, organisation=case.organisation)
    case.evidence.create(file=hidden, added_by=holder, is_shown_to_merchant=False)
    services.return_for_supplement(complaint=case, by=staff(), missing="A photograph.")
    browser, path = sign_in(holder), f"/complaints/{case.public_id}/supplement/"
    page = browser.get(path)
    assert page.status_code == 200
    assert page.context["form"]["evidence_is_private"].value() is True
    browser.post(path, {"text": "Here it is.", "evidence": [png()], "evidence_is_private": "on"})
    assert Complaint.objects.get().evidence.filter(is_shown_to_merchant=False).count() == 2

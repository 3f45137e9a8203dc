"""Complaints and filings are for rights holders and agencies. A merchant hears so, and how to go on if it owns a
right itself, wherever it tries.
"""

import pytest

from accounts.errors import NotForMerchants
from accounts.models import Organisation
from complaints.models import Draft
from complaints.services import keep_draft, submit_complaint
from core.errors import Forbidden
from core.ids import new_id
from core.models import PrivateFile
from filings.models import Filing
from filings.services import create_draft
from tests.complaints.test_wizard import png
from tests.factories import FilingFactory, OrganisationFactory, a_notice, member

pytestmark = pytest.mark.django_db
SENTENCE = "register it once more as a rights holder"


@pytest.fixture
def merchant():
    return member(OrganisationFactory(kind=Organisation.Kind.MERCHANT))


@pytest.fixture
def browser(merchant, sign_in):
    return sign_in(merchant)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/complaints/new/"),
        ("post", "/complaints/new/"),
        ("post", "/complaints/new/links/"),
        ("post", "/complaints/new/autosave/"),
        ("get", "/filings/new/"),
        ("post", "/filings/new/"),
    ],
)
def test_pages_say_what_a_merchant_with_a_right_does(browser, method, path):
    data = {"draft": new_id("drf"), "kind": "trademark"} if method == "post" else {}
    answer = getattr(browser, method)(path, data)
    assert answer.status_code == 403
    assert SENTENCE in answer.content.decode()
    assert not Draft.objects.exists()
    assert not Filing.objects.exists()


@pytest.mark.parametrize("path", ["/complaints/", "/filings/"])
def test_lists_offer_a_merchant_nothing_it_may_not_do(browser, path):
    page = browser.get(path).content.decode()
    assert "/complaints/new/" not in page
    assert "/filings/new/" not in page


@pytest.mark.parametrize(("path", "body"), [("/api/v1/complaints", {}), ("/api/v1/filings", {"kind": "trademark"})])
def test_the_api_says_it_too(browser, path, body):
    if path.endswith("complaints"):
        body = {
            "right": "flg_x", "infringement": "counterfeit", "links": ["https://mall.example/product/1"],
            "description": "The seams differ from ours.", "signature": "Person One", "good_faith": True,
        }  # fmt: skip
    answer = browser.post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_for_merchants")
    assert SENTENCE in answer.json()["title"]


def test_a_merchant_hands_in_evidence_for_its_answers_and_its_readers_none(browser, merchant, sign_in):
    assert browser.post("/api/v1/evidence", {"file": png()}).status_code == 201
    reader = sign_in(member(merchant.organisation, role="reader"))
    assert reader.post("/api/v1/evidence", {"file": png()}).status_code == 403
    assert PrivateFile.objects.get().uploaded_by == merchant


def test_services_refuse_whoever_calls_them(merchant):
    right = FilingFactory(organisation=merchant.organisation, created_by=merchant)
    for step in (
        lambda: submit_complaint(notice=a_notice(by=merchant, filing=right), by=merchant),
        lambda: keep_draft(public_id=new_id("drf"), by=merchant, data={}),
        lambda: create_draft(kind="trademark", by=merchant),
    ):
        with pytest.raises(NotForMerchants):
            step()


def test_an_agency_files_and_complains():
    agent = member(OrganisationFactory(kind=Organisation.Kind.AGENCY))
    assert create_draft(kind="trademark", by=agent).organisation == agent.organisation
    assert submit_complaint(notice=a_notice(by=agent), by=agent).organisation == agent.organisation


def test_a_reader_of_a_merchant_is_told_about_the_role_first():
    reader = member(OrganisationFactory(kind=Organisation.Kind.MERCHANT), role="reader")
    with pytest.raises(Forbidden) as refused:
        create_draft(kind="trademark", by=reader)
    assert not isinstance(refused.value, NotForMerchants)

"""What a notice must say, and what its signatory states, are those of the law of the marketplace it names."""

from dataclasses import replace

import pytest

from complaints.models import Complaint
from complaints.regimes import CN_ECOMMERCE, EU_DSA, US_DMCA
from complaints.services import submit_complaint
from core.errors import Invalid
from tests.complaints.test_wizard import NEW, draft_id, filled
from tests.factories import (
    FilingFactory,
    ListingFactory,
    MarketplaceFactory,
    OrganisationFactory,
    ShopFactory,
    a_notice,
    member,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder():
    return member(OrganisationFactory(address="1 Main Street"), name="Ada Holder")


@pytest.fixture
def right(holder):
    return FilingFactory(organisation=holder.organisation, created_by=holder)


def listing_under(law: str):
    return ListingFactory(shop=ShopFactory(marketplace=MarketplaceFactory(regime=law)))


@pytest.mark.parametrize("regime", [CN_ECOMMERCE, US_DMCA, EU_DSA], ids=lambda r: r.code)
def test_the_statement_of_the_law_is_shown_as_soon_as_the_links_are_known(sign_in, holder, right, regime):
    listing = listing_under(regime.code)
    page = sign_in(holder).post("/complaints/new/links/", filled(right, listing, draft="drf_x")).content.decode()
    assert f'name="law" value="{regime.code}"' in page
    assert str(regime.assurance)[:60] in page


def test_who_confirmed_the_statement_of_another_law_is_asked_for_this_one(sign_in, holder, right):
    browser, listing = sign_in(holder), listing_under("us")
    said = filled(right, listing, draft=draft_id(browser))
    answer = browser.post(NEW, said | {"law": "cn"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "under penalty of perjury" in page
    assert 'id="id_good_faith_error"' in page
    assert 'name="good_faith" checked' not in page.replace(" required", "")
    assert not Complaint.objects.exists()
    answer = browser.post(NEW, said | {"law": "us"})
    assert answer.status_code == 302
    assert Complaint.objects.get().regime == "us"


def test_without_assurance_every_statement_of_the_law_is_asked_for(holder, right):
    notice = replace(a_notice(listing_under("us"), by=holder, filing=right), good_faith=False)
    with pytest.raises(Invalid) as refused:
        submit_complaint(notice=notice, by=holder)
    assert refused.value.errors == {"good_faith": [e.missing for e in US_DMCA.notice if e.field == "good_faith"]}


def test_in_the_united_states_a_complainant_can_be_reached():
    unknown = member()
    with pytest.raises(Invalid) as refused:
        submit_complaint(notice=a_notice(listing_under("us"), by=unknown), by=unknown)
    assert set(refused.value.errors) == {"contact"}
    assert submit_complaint(notice=a_notice(listing_under("eu"), by=unknown), by=unknown).regime == "eu"


def test_an_element_that_is_missing_of_the_organisation_is_said_on_the_page(sign_in):
    unknown = member(name="Ada Holder")
    right = FilingFactory(organisation=unknown.organisation, created_by=unknown)
    browser = sign_in(unknown)
    answer = browser.post(NEW, filled(right, listing_under("us"), draft=draft_id(browser), law="us"))
    assert answer.status_code == 422
    assert "neither address nor telephone" in answer.content.decode()


def test_a_reviewer_returns_a_notice_by_the_elements_of_its_law(sign_in, holder, right):
    case = submit_complaint(notice=a_notice(listing_under("us"), by=holder, filing=right), by=holder)
    page = sign_in(staff()).get(f"/admin/complaints/complaint/{case.public_id}/review/").content.decode()
    for element in US_DMCA.notice:
        assert str(element.label) in page

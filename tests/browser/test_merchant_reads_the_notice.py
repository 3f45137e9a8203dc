"""The merchant's journey: sign in, see what was taken down and why, take the statement along as a PDF."""

import pytest

from complaints import services
from complaints.models import StatementOfReasons
from tests.browser.doors import looks_sound, type_sign_in
from tests.complaints.helpers import found
from tests.factories import ListingFactory, ShopFactory, complaint, member, merchant_of, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_sign_in_to_the_statement_as_pdf(window, work_off):
    shop = ShopFactory(title="Bargain Shoes")
    listing = ListingFactory(shop=shop, title="Runner, nearly new")
    merchant = merchant_of(shop)
    holder, reviewer = member(name="Hanna Holder", email="hanna@holder.example"), staff()
    case = services.accept(complaint=complaint(listing, by=holder), by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case))
    work_off()
    statement = StatementOfReasons.objects.get()
    page = window()
    type_sign_in(page, merchant)
    looks_sound(page)
    page.locator("main").get_by_role("link", name=statement.number).click()
    said = page.inner_text("main")
    assert "Runner, nearly new" in said
    assert "The seams differ from the certificate." in said
    assert "Hanna Holder" not in page.content()
    assert "hanna@holder.example" not in page.content()
    looks_sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Statement (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    page.goto("/notices/")
    looks_sound(page)

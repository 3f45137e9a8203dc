"""What the parties see of a case: what is next, why each link is up or down, and what they can do."""

import io
import re

import pytest
from pypdf import PdfReader

from accounts.roles import OrgRole
from complaints import services
from complaints.models import Complaint
from complaints.services import Found
from marketplace.models import Enforcement, Target
from tests.factories import ListingFactory, ShopFactory, complaint, member, merchant_of, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder():
    return member(name="Ada Holder", phone="13912345678")


@pytest.fixture
def browser(sign_in, holder):
    return sign_in(holder)


@pytest.fixture
def reviewer():
    return staff()


def page_of(browser, case):
    answer = browser.get(f"/complaints/{case.public_id}/")
    assert answer.status_code == 200
    return answer


def decided(case, reviewer, *, dismissed=()):
    services.accept(complaint=case, by=reviewer)
    return services.decide(
        complaint=case,
        by=reviewer,
        findings=[
            Found(target=ct, upheld=False, rule="D3", facts="A genuine pair, by its number.")
            if ct.target in dismissed
            else Found(target=ct, upheld=True, rule="U1", facts="The label is a copy.")
            for ct in case.targets.select_related("target")
        ],
    )


def confirm(*targets):
    Enforcement.objects.filter(target__in=targets).update(confirmed="down", due_at=None)
    Target.objects.filter(pk__in=[t.pk for t in targets]).update(observed="down")


def whys(answer):
    return {str(r.row.target_id): r.standing for r in answer.context["page"]}


def test_the_page_says_what_is_next_whose_turn_and_what_happens_otherwise(browser, holder):
    page = page_of(browser, complaint(by=holder)).content.decode()
    assert "A reviewer checks whether the notice has all its elements." in page
    assert "The platform" in page
    assert "moves to the top of the queue" in page


def test_a_returned_notice_shows_what_is_missing_and_can_be_completed(browser, holder, reviewer):
    case = complaint(by=holder)
    services.return_for_supplement(complaint=case, by=reviewer, missing="A photograph of the label.")
    page = page_of(browser, case).content.decode()
    assert "A photograph of the label." in page
    assert "Your turn" in page
    answer = browser.post(f"/complaints/{case.public_id}/supplement/", {"text": "Here is what the label shows."})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == Complaint.State.SUBMITTED
    assert browser.post(f"/complaints/{case.public_id}/supplement/", {"text": "once more"}).status_code == 409


def test_an_empty_supplement_is_refused_beside_its_field(browser, holder, reviewer):
    case = complaint(by=holder)
    services.return_for_supplement(complaint=case, by=reviewer, missing="A photograph.")
    answer = browser.post(f"/complaints/{case.public_id}/supplement/", {"text": " "})
    assert answer.status_code == 422
    assert "text" in answer.context["form"].errors


def test_each_link_says_why_it_is_up_or_down(browser, holder, reviewer):
    shop = ShopFactory()
    going, down, refused, genuine = (ListingFactory(shop=shop) for _ in range(4))
    case = complaint(going, down, refused, genuine, by=holder)
    decided(case, reviewer, dismissed=[genuine])
    confirm(down)
    Enforcement.objects.filter(target=refused).update(dead_at="2026-03-03T00:00Z", due_at=None, attempts=3)
    seen = whys(page_of(browser, case))
    assert seen[str(going.pk)].label == "going down"
    assert seen[str(down.pk)].label == "down"
    assert "refused" in seen[str(refused.pk)].why
    assert "dismissed" in seen[str(genuine.pk)].why


def test_a_withdrawn_link_that_another_case_holds_says_so(browser, holder, reviewer):
    listing = ListingFactory()
    mine, theirs = complaint(listing, by=holder), complaint(listing)
    decided(mine, reviewer)
    decided(theirs, reviewer)
    confirm(listing)
    services.withdraw(complaint=mine, by=holder)
    assert "Another case" in whys(page_of(browser, mine))[str(listing.pk)].why


def test_some_links_can_be_withdrawn_and_the_rest_stays_down(browser, holder, reviewer):
    shop = ShopFactory()
    one, two = ListingFactory(shop=shop), ListingFactory(shop=shop)
    case = complaint(one, two, by=holder)
    decided(case, reviewer)
    chosen = case.targets.get(target=one)
    path = f"/complaints/{case.public_id}/withdraw/"
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"targets": [chosen.public_id], "reason": "settled"}).status_code == 302
    assert Enforcement.objects.get(target=one).desired == "up"
    assert Enforcement.objects.get(target=two).desired == "down"
    case.refresh_from_db()
    assert case.state == Complaint.State.UPHELD
    assert "settled" not in page_of(browser, case).content.decode()


def test_withdrawing_nothing_is_refused_with_a_word(browser, holder):
    case = complaint(by=holder)
    answer = browser.post(f"/complaints/{case.public_id}/withdraw/", {})
    assert answer.status_code == 422
    assert "Choose at least one link." in answer.content.decode()


def test_a_reader_sees_the_case_and_cannot_withdraw(sign_in, holder):
    case = complaint(by=holder)
    reader = sign_in(member(holder.organisation, role=OrgRole.READER))
    assert "Withdraw" not in page_of(reader, case).content.decode()
    assert reader.post(f"/complaints/{case.public_id}/withdraw/", {}).status_code == 403


def test_a_foreign_case_looks_like_one_that_does_not_exist(sign_in, holder):
    case, stranger = complaint(by=holder), sign_in(member())
    unknown = "cmp_" + "0" * 26
    for tail in ("", "supplement/", "withdraw/", "decision.pdf"):
        foreign = stranger.get(f"/complaints/{case.public_id}/{tail}")
        nothing = stranger.get(f"/complaints/{unknown}/{tail}")
        assert foreign.status_code == nothing.status_code == 404
        assert without_token(foreign, case.public_id) == without_token(nothing, unknown)


def without_token(answer, public_id):
    """A page without what differs between any two requests."""
    text = re.sub(r"csrfmiddlewaretoken[^>]*|X-CSRFToken[^}]*", "", answer.content.decode())
    return text.replace(public_id, "")


def test_the_decision_can_be_taken_away_as_a_document(browser, holder, reviewer):
    case = complaint(by=holder)
    assert browser.get(f"/complaints/{case.public_id}/decision.pdf").status_code == 404
    decided(case, reviewer)
    answer = browser.get(f"/complaints/{case.public_id}/decision.pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.content)).pages)
    assert case.number in text
    assert "The label is a copy." in text


def test_the_timeline_tells_steps_and_confirmed_takedowns(browser, holder, reviewer, stopped):
    case = complaint(by=holder)
    stopped.advance(hours=1)
    decided(case, reviewer)
    titles = [e.title for e in page_of(browser, case).context["timeline"]]
    assert titles[-1] == "Submitted"
    assert {"Accepted for decision", "Decided: upheld"} <= set(titles)


def test_notes_of_staff_are_never_shown(browser, holder, reviewer):
    case = complaint(by=holder)
    services.add_note(complaint=case, by=reviewer, text="Known for wrong notices.")
    assert "wrong notices" not in page_of(browser, case).content.decode()


def test_the_list_is_found_by_number_right_and_link_and_has_a_constant_number_of_queries(
    browser, holder, django_assert_max_num_queries
):
    cases = [complaint(by=holder) for _ in range(8)]
    listing = cases[3].targets.get().target
    for wanted in (cases[3].number, cases[3].filing.title, listing.url):
        found = browser.get("/complaints/", {"q": wanted}).context["page"].object_list
        assert cases[3] in list(found)
    with django_assert_max_num_queries(14):
        browser.get("/complaints/")


# --- the merchant ---


@pytest.fixture
def notice(holder, reviewer):
    listing = ListingFactory()
    case = complaint(listing, by=holder)
    Complaint.objects.filter(pk=case.pk).update(
        description="Call me at 139 1234 5678 or ada@holder.example, says Ada Holder; the seams differ."
    )
    return decided(case, reviewer).statements.get()


def test_a_merchant_reads_why_without_the_complainants_personal_data(sign_in, notice):
    merchant = sign_in(merchant_of(notice.shop))
    assert notice.number in merchant.get("/notices/").content.decode()
    page = merchant.get(f"/notices/{notice.public_id}/").content.decode()
    assert "The label is a copy." in page
    assert "the seams differ" in page
    for personal in ("Ada Holder", "1234 5678", "ada@holder.example"):
        assert personal not in page
    document = merchant.get(f"/notices/{notice.public_id}/statement.pdf").content
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(document)).pages)
    assert "The label is a copy." in text
    assert "Ada Holder" not in text


def test_the_first_reading_is_kept_as_proof_of_delivery(sign_in, notice, stopped):
    merchant = sign_in(merchant_of(notice.shop))
    merchant.get(f"/notices/{notice.public_id}/")
    notice.refresh_from_db()
    first = notice.first_read_at
    stopped.advance(days=1)
    merchant.get(f"/notices/{notice.public_id}/")
    notice.refresh_from_db()
    assert notice.first_read_at == first


def test_a_merchant_sees_neither_the_complaint_nor_other_shops_notices(sign_in, notice):
    merchant, other = sign_in(merchant_of(notice.shop)), sign_in(merchant_of(ShopFactory()))
    assert merchant.get(f"/complaints/{notice.decision.complaint.public_id}/").status_code == 404
    assert other.get(f"/notices/{notice.public_id}/").status_code == 404
    assert notice.number not in other.get("/notices/").content.decode()


def test_a_shop_is_told_only_of_its_own_links(sign_in, holder, reviewer):
    one, two = ListingFactory(), ListingFactory()
    two.marketplace = one.marketplace
    case = complaint(one, two, by=holder)
    decision = decided(case, reviewer)
    statement = decision.statements.get(shop=one.shop)
    page = sign_in(merchant_of(one.shop)).get(f"/notices/{statement.public_id}/").content.decode()
    assert one.title in page
    assert two.title not in page


def test_evidence_kept_from_the_seller_is_not_shown(sign_in, notice):
    from complaints.models import Evidence
    from core.files import keep
    from core.models import FilePurpose
    from tests.complaints.test_wizard import png

    case = notice.decision.complaint
    kept = keep(upload=png(), purpose=FilePurpose.EVIDENCE, by=case.filed_by, organisation=case.organisation)
    evidence = Evidence.objects.create(complaint=case, file=kept, added_by=case.filed_by, is_shown_to_merchant=False)
    merchant = sign_in(merchant_of(notice.shop))
    assert "/files/" not in merchant.get(f"/notices/{notice.public_id}/").content.decode()
    Evidence.objects.filter(pk=evidence.pk).update(is_shown_to_merchant=True)
    page = merchant.get(f"/notices/{notice.public_id}/").content.decode()
    assert "/files/" in page
    assert "seam.png" not in page

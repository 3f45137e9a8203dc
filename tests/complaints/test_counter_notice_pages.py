"""From the notice to the outcome over the pages and the API: merchant, complainant, staff."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import StaffRole
from complaints import counter_notices
from complaints.models import CounterNotice
from complaints.tasks import pass_counter_deadlines
from core.models import LedgerEntry
from tests.complaints.counter import a_proof, answered, forwarded, held, statement_of, told, waiting
from tests.complaints.desk import text_of
from tests.complaints.test_wizard import png
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, merchant_of, staff

pytestmark = pytest.mark.django_db
WORDS = "We bought these shoes from the holder's own distributor; call 13812345678."


@pytest.fixture
def case(stopped, holder, listings, merchant):
    return told(*listings, by=holder)


@pytest.fixture
def seller(case, merchant, sign_in):
    merchant.language = "en"
    merchant.save()
    return sign_in(merchant)


def form(case, **fields):
    given = {
        "targets": list(case.targets.values_list("public_id", flat=True)),
        "statement": WORDS, "signature": "Mei Merchant", "good_faith": "on", "action": "send",
    }  # fmt: skip
    return given | fields


def address(case):
    return f"/notices/{statement_of(case).public_id}/answer/"


# --- the merchant -----------------------------------------------------------------------------------------


def test_a_merchant_answers_after_seeing_what_the_complainant_will_see(case, seller):
    notice = seller.get(f"/notices/{statement_of(case).public_id}/")
    assert address(case) in text_of(notice)
    assert seller.get(address(case)).status_code == 200
    looked = seller.post(address(case), form(case, action="preview", evidence=png()))
    text = text_of(looked)
    assert looked.status_code == 200
    assert "What the complainant will see" in text
    seen = text[text.index("What the complainant will see") : text.index("Stays with the platform")]
    assert "distributor" in seen
    assert "13812345678" not in seen
    assert not CounterNotice.objects.exists()
    kept = re.findall(r'name="kept" value="(fil_\w+)"', text)
    sent = seller.post(address(case), form(case, kept=kept))
    made = CounterNotice.objects.get()
    assert sent.status_code == 302
    assert (made.links.count(), made.evidence.count(), made.signature) == (3, 1, "Mei Merchant")
    page = text_of(seller.get(sent.url))
    assert made.number in page
    assert "A reviewer checks whether the counter-notice has all its elements." in page


def test_what_is_missing_is_said_beside_its_field_and_files_stay(case, seller):
    refused = seller.post(address(case), form(case, statement="No.", good_faith="", signature="", evidence=png()))
    text = text_of(refused)
    assert refused.status_code == 422
    assert "Explain in at least 20 characters" in text
    assert "without this assurance" in text
    assert re.findall(r'name="kept" value="(fil_\w+)"', text)
    assert not CounterNotice.objects.exists()


def test_a_file_that_is_none_is_refused_with_its_name(case, seller):
    refused = seller.post(address(case), form(case, evidence=SimpleUploadedFile("run.exe", b"MZ" + b"\0" * 60)))
    assert refused.status_code == 422
    assert "run.exe" in text_of(refused)


def test_a_foreign_kept_file_is_not_taken(case, seller, holder):
    from tests.factories import a_file

    refused = seller.post(address(case), form(case, kept=[a_file(holder).public_id]))
    assert refused.status_code == 422
    assert not CounterNotice.objects.exists()


def test_nothing_that_the_law_asks_for_is_called_optional(case, seller):
    page = text_of(seller.get(address(case)))
    assert "Signed by (full name)" in page
    assert "optional" not in page


def test_a_case_that_cannot_be_answered_any_more_says_on_the_page_what_can_be_done(stopped, market, sign_in):
    """Under European law: six months after the decision."""
    from complaints.tasks import pass_deadlines

    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="eu"))
    case = told(ListingFactory(shop=shop))
    seller = sign_in(merchant_of(shop))
    stopped.advance(days=200)
    pass_deadlines()
    notice = text_of(seller.get(f"/notices/{statement_of(case).public_id}/"))
    assert address(case) not in notice
    page = seller.get(address(case))
    assert "authority" in text_of(page)
    assert seller.post(address(case), form(case, evidence=png())).status_code in (409, 422)
    assert not CounterNotice.objects.exists()


def test_who_sends_an_answer_is_corrected_in_its_own_fields(stopped, market, holder, sign_in):
    holder.organisation.contact_phone = "+1 212 555 0100"
    holder.organisation.save()
    case = told(
        ListingFactory(shop=ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="us"))), by=holder
    )
    made = answered(case)
    counter_notices.return_for_supplement(counter_notice=made, by=staff(), missing="The whole address.")
    seller, page = sign_in(made.filed_by), f"/counter-notices/{made.public_id}/supplement/"
    assert "street-address" in seller.get(page).content.decode()
    assert seller.post(page, {"text": "Corrected.", "address": "77 Long Street, Springfield"}).status_code == 302
    before, made = made, CounterNotice.objects.get()
    assert (made.address, made.name) == ("77 Long Street, Springfield", before.name)
    assert "77 Long Street" not in made.description
    entry = LedgerEntry.objects.get(kind="counter_notice.supplement")
    assert entry.payload["corrected"] == ["address"]
    assert "77 Long" not in str(entry.payload)


def test_a_returned_answer_is_supplemented_on_its_page(case, seller, merchant):
    made = answered(case, by=merchant)
    counter_notices.return_for_supplement(counter_notice=made, by=staff(), missing="The invoice of March.")
    page = f"/counter-notices/{made.public_id}/"
    assert "The invoice of March." in text_of(seller.get(page))
    assert seller.post(page + "supplement/", {"text": ""}).status_code == 422
    assert seller.post(page + "supplement/", {"text": "Here.", "evidence": png()}).status_code == 302
    made.refresh_from_db()
    assert made.state == "submitted"


def test_a_merchant_withdraws_some_links(case, seller, merchant):
    made = answered(case, by=merchant)
    first = made.links.order_by("pk").first().complaint_target.public_id
    page = f"/counter-notices/{made.public_id}/"
    assert seller.get(page + "withdraw/").status_code == 200
    assert seller.post(page + "withdraw/", {}).status_code == 422
    assert seller.post(page + "withdraw/", {"links": [first]}).status_code == 302
    assert list(made.links.order_by("pk").values_list("outcome", flat=True)) == ["withdrawn", "waiting", "waiting"]


# --- the complainant -----------------------------------------------------------------------------------------


def proof(made, **fields):
    links = [link.complaint_target.public_id for link in made.links.all()]
    given = {
        "links": links, "kind": "lawsuit", "forum": "Hangzhou Internet Court", "case_number": "77",
        "filed_on": "2026-03-01", "file": png(),
    }  # fmt: skip
    return given | fields


def test_the_complainant_reads_what_is_passed_on_and_nothing_else(case, merchant, holder, sign_in):
    made = forwarded(case, by=merchant, statement=WORDS, evidence_is_private=True)
    page = text_of(sign_in(holder).get(f"/counter-notices/{made.public_id}/"))
    assert "distributor" in page
    assert "No files were passed on." in page
    for kept in ("13812345678", "Mei Merchant", "217 555"):
        assert kept not in page
    said = sign_in(holder).get(f"/api/v1/counter-notices/{made.public_id}").json()
    assert set(said["said"]) == {"statement"}
    assert (said["evidence"], said["state"]) == ([], "waiting")


def test_under_american_law_the_complainant_reads_the_whole(db, holder, market, sign_in):
    holder.organisation.contact_phone = "+1 212 555 0100"
    holder.organisation.save()
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="us"))
    made = forwarded(told(ListingFactory(shop=shop), by=holder))
    page = text_of(sign_in(holder).get(f"/counter-notices/{made.public_id}/"))
    for passed in ("Mei Merchant", "+1 217 555 0188", "1 Market Street"):
        assert passed in page


def test_the_complainant_proves_a_lawsuit(case, merchant, holder, sign_in):
    made = waiting(case, by=merchant)
    client = sign_in(holder)
    page = f"/counter-notices/{made.public_id}/"
    assert f"{page}proof/" in text_of(client.get(page))
    assert client.post(page + "proof/", proof(made, forum="", file="")).status_code == 422
    assert client.post(page + "proof/", proof(made)).status_code == 302
    made.refresh_from_db()
    assert made.state == "in_proceedings"
    assert "Hangzhou Internet Court" in text_of(client.get(page))


def test_under_american_law_no_complaint_to_an_authority_is_offered_or_taken(stopped, market, holder, sign_in):
    holder.organisation.contact_phone = "+1 212 555 0100"
    holder.organisation.save()
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="us"))
    made = forwarded(told(ListingFactory(shop=shop), by=holder))
    client = sign_in(holder)
    page = f"/counter-notices/{made.public_id}/"
    for shown in (page, page + "proof/"):
        assert "Copyright Claims Board" in text_of(client.get(shown))
    assert 'value="authority"' not in client.get(page + "proof/").content.decode()
    assert client.post(page + "proof/", proof(made, kind="authority")).status_code == 422
    api = f"/api/v1/counter-notices/{made.public_id}"
    assert client.get(api).json()["proofs"] == ["lawsuit"]
    receipt = client.post("/api/v1/evidence", {"file": png()}).json()["id"]
    said = {"kind": "authority", "forum": "Customs", "case_number": "7", "filed_on": "2026-03-01", "file": receipt}
    refused = client.post(f"{api}/prove", said, "application/json")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["kind"])
    assert client.post(f"{api}/prove", said | {"kind": "lawsuit"}, "application/json").status_code == 200


def test_late_proof_is_refused_with_a_word_and_kept(case, merchant, holder, sign_in, stopped):
    made = waiting(case, by=merchant)
    stopped.set(made.deadline_at)
    pass_counter_deadlines()
    client = sign_in(holder)
    refused = client.post(f"/counter-notices/{made.public_id}/proof/", proof(made))
    assert refused.status_code == 409
    assert "recorded" in text_of(refused)
    assert made.proceedings.get().is_late
    assert "came too late" in text_of(client.get(f"/counter-notices/{made.public_id}/"))
    seller = text_of(sign_in(merchant).get(f"/counter-notices/{made.public_id}/"))
    assert "Hangzhou Internet Court" not in seller


def test_the_complainant_concedes_some_links(case, merchant, holder, sign_in):
    made = waiting(case, by=merchant)
    first = made.links.order_by("pk").first()
    client = sign_in(holder)
    page = f"/counter-notices/{made.public_id}/concede/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"links": [first.complaint_target.public_id]}).status_code == 302
    assert len(held(case)) == 2


def test_neither_side_takes_the_steps_of_the_other(case, merchant, holder, sign_in):
    made = waiting(case, by=merchant)
    page = f"/counter-notices/{made.public_id}/"
    assert sign_in(merchant).get(page + "proof/").status_code == 403
    assert sign_in(merchant).get(page + "concede/").status_code == 403
    assert sign_in(holder).get(page + "withdraw/").status_code == 403


def test_a_page_costs_the_same_however_many_links_and_steps(
    stopped, holder, shop, sign_in, django_assert_max_num_queries
):
    merchant = merchant_of(shop)
    counts = {}
    for n in (1, 12):
        case = told(*ListingFactory.create_batch(n, shop=shop), by=holder)
        made = waiting(case, by=merchant)
        for link in list(made.links.all())[:-1]:
            counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder), links=[link])
        for who in (holder, merchant):
            client = sign_in(who)
            client.get(f"/counter-notices/{made.public_id}/")
            for path in (f"/counter-notices/{made.public_id}/", f"/complaints/{case.public_id}/"):
                if who is merchant and "complaints" in path:
                    path = f"/notices/{statement_of(case).public_id}/"
                with django_assert_max_num_queries(60) as asked:
                    assert client.get(path).status_code == 200
                counts.setdefault((who.pk, path.split("/")[1]), []).append(len(asked))
    assert all(few == many for few, many in counts.values()), counts


# --- staff -----------------------------------------------------------------------------------------------------


def at(made, step="review"):
    tail = "" if step == "review" else f"{step}/"
    return f"/admin/complaints/counternotice/{made.public_id}/review/{tail}"


def since(made):
    made.refresh_from_db()
    return {"since": made.state_since_at.isoformat()}


def test_staff_check_completeness_and_forward(case, merchant, sign_in, django_assert_max_num_queries):
    made = answered(case, by=merchant)
    client = sign_in(staff())
    listed = text_of(client.get("/admin/complaints/counternotice/"))
    assert made.number in listed
    with django_assert_max_num_queries(50):
        page = text_of(client.get(at(made)))
    assert "Is it complete?" in page
    assert "Mei Merchant" not in page
    assert client.post(at(made, "forward"), {"since": "2020-01-01"}).status_code == 409
    assert client.post(at(made, "forward"), since(made)).status_code == 302
    made.refresh_from_db()
    assert made.state == "forwarded"
    assert client.post(at(made, "forward"), since(made)).status_code == 409


def test_staff_return_with_what_is_missing(case, merchant, sign_in):
    made = answered(case, by=merchant)
    client = sign_in(staff())
    assert client.post(at(made, "return"), since(made)).status_code == 422
    assert client.post(at(made, "return"), since(made) | {"missing": "The invoice."}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.supplement_request) == ("returned", "The invoice.")


def test_staff_record_orders_and_ends(case, merchant, holder, sign_in):
    made = waiting(case, by=merchant)
    proceeding = counter_notices.prove(counter_notice=made, by=holder, proof=a_proof(holder))
    client = sign_in(staff())
    first = made.links.order_by("pk").first().complaint_target.public_id
    order = {
        "order-kind": "judgment", "order-effect": "release", "order-forum": "Court", "order-case_number": "9",
        "order-ordered_on": "2026-03-01", "order-links": [first],
    }  # fmt: skip
    assert client.post(at(made, "order"), since(made) | order | {"order-forum": ""}).status_code == 422
    assert client.post(at(made, "order"), since(made) | order).status_code == 302
    assert len(held(case)) == 2
    end = {"proceeding": proceeding.public_id, "result": "no_infringement", "ended_on": "2026-03-03"}
    assert client.post(at(made, "end"), end | {"ended_on": "soon"}).status_code == 422
    assert client.post(at(made, "end"), end).status_code == 302
    assert held(case) == set()


def test_staff_decide_anew_under_european_law(stopped, market, sign_in):
    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake", regime="eu"))
    case = told(ListingFactory(shop=shop))
    made = answered(case)
    client = sign_in(staff())
    assert client.post(at(made, "forward"), since(made)).status_code == 302
    key = made.links.get().complaint_target.public_id
    assert client.post(at(made, "decide"), since(made)).status_code == 422
    said = {f"stands-{key}": "no", f"reasons-{key}": "The licence covers it."}
    assert client.post(at(made, "decide"), since(made) | said).status_code == 302
    assert held(case) == set()
    assert "The licence covers it." in text_of(sign_in(made.filed_by).get(f"/counter-notices/{made.public_id}/"))


def test_who_only_reads_changes_nothing(case, merchant, sign_in):
    made = answered(case, by=merchant)
    client = sign_in(staff(StaffRole.AUDITOR))
    assert client.get(at(made)).status_code == 200
    assert client.post(at(made, "forward"), since(made)).status_code == 403


# --- the API ----------------------------------------------------------------------------------------------------


def test_the_whole_way_over_the_api(case, merchant, holder, sign_in):
    seller, complainant, reviewer = sign_in(merchant), sign_in(holder), sign_in(staff())
    uploaded = seller.post("/api/v1/evidence", {"file": png()})
    assert uploaded.status_code == 201
    body = {
        "notice": statement_of(case).public_id, "statement": WORDS, "signature": "Mei", "good_faith": True,
        "evidence": [uploaded.json()["id"]],
    }  # fmt: skip
    refused = seller.post("/api/v1/counter-notices", {"notice": body["notice"]}, "application/json")
    assert refused.status_code == 422
    assert set(refused.json()["errors"]) == {"statement", "signature", "good_faith", "evidence"}
    made = seller.post("/api/v1/counter-notices", body, "application/json")
    assert made.status_code == 201, made.json()
    api = f"/api/v1/counter-notices/{made.json()['id']}"
    assert "withdraw" in made.json()["available_actions"]
    assert complainant.get(api).status_code == 404
    assert seller.post(f"{api}/forward", {}, "application/json").status_code == 403
    assert reviewer.post(f"{api}/forward", {}, "application/json").status_code == 200
    read = complainant.get(api).json()
    assert (read["state"], read["next"]["is_yours"]) == ("waiting", True)
    receipt = complainant.post("/api/v1/evidence", {"file": png()}).json()["id"]
    links = [link["id"] for link in read["links"]]
    said = {
        "kind": "authority", "forum": "Market Supervision", "case_number": "7", "filed_on": "2026-03-01",
        "file": receipt, "links": links[:1],
    }  # fmt: skip
    proved = complainant.post(f"{api}/prove", said, "application/json")
    assert [link["outcome"] for link in proved.json()["links"]] == ["sustained", "waiting", "waiting"]
    conceded = complainant.post(f"{api}/concede", {"links": links[1:]}, "application/json").json()
    assert (conceded["state"], conceded["open_count"]) == ("in_proceedings", 1)
    end = {"proceeding": proved.json()["proceedings"][0]["id"], "result": "over", "ended_on": "2026-03-03"}
    assert reviewer.post(f"{api}/end-proceeding", end, "application/json").json()["state"] == "concluded"
    assert held(case) == set()
    assert len(seller.get("/api/v1/counter-notices").json()["results"]) == 1

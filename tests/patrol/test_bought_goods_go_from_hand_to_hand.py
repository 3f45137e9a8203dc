"""From the order to the brand's verdict: papers, every change of hands in the ledger, and nobody else sees anything."""

from decimal import Decimal

import pytest
from django.urls import reverse

from core import crypto
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter
from patrol import desk, sampled, sampling, test_buys
from patrol.models import Candidate, TestBuy
from tests.complaints.test_wizard import png
from tests.factories import a_file, member, merchant_of, staff
from tests.patrol.sampling import a_profile, drawn, handed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


@pytest.fixture
def officer(db):
    return staff()


@pytest.fixture
def brand(db):
    return member(name="Bo Brand")


@pytest.fixture
def buy(officer):
    return TestBuy.objects.filter(listing__sample=drawn(officer)).first()


def test_every_change_of_hands_is_one_entry_that_names_nobody(buy, officer, brand):
    handed(buy, officer, a_profile(brand))
    test_buys.pass_on(test_buy=buy, by=officer, keeper="laboratory", who="Dr Zhou, room 7")
    letter = Letter.objects.get(template="test_buy_handed")
    assert (letter.user, reverse("samples:test-buy", args=[buy.public_id]) in letter.body) == (brand, True)
    entries = LedgerEntry.objects.filter(subject=buy.public_id).order_by("pk")
    assert [e.kind for e in entries] == ["test_buy.order", "test_buy.receive", "test_buy.hand_over", "test_buy.pass_on"]
    hands = [e.payload for e in entries if "custody" in e.payload]
    assert [said["keeper"] for said in hands] == ["platform", "brand", "laboratory"]
    assert not any(name in str(said) for said in hands for name in ("Li Na", "Wang", "Zhou"))
    # With the salt the words can be proved, and without it they are gone.
    kept = buy.custody.last()
    assert hands[-1]["who"] == crypto.digest("Dr Zhou, room 7", salt=kept.salt)
    assert next(e.custody.who for e in test_buys.timeline(buy) if e.custody) == "Li Na, shelf 3, seal 0815"
    assert entries[0].payload["papers"] == [{"kind": "receipt", "sha256": buy.files.first().file.sha256}]


def test_a_step_without_its_papers_or_words_is_refused_and_changes_nothing(buy, officer):
    with pytest.raises(Invalid):
        test_buys.order(test_buy=buy, by=officer, order_number="1", paid=None, receipts=[])
    with pytest.raises(WrongState):
        test_buys.receive(test_buy=buy, by=officer, who="shelf", photographs=[a_file(officer)])
    test_buys.order(test_buy=buy, by=officer, order_number="1", paid=Decimal("9.90"), receipts=[a_file(officer)])
    with pytest.raises(Invalid):
        test_buys.receive(test_buy=buy, by=officer, who=" ", photographs=[a_file(officer)])
    buy.refresh_from_db()
    assert buy.state == "ordered"
    assert not buy.custody.exists()
    assert buy.files.count() == 1


def test_the_brand_gives_its_verdict_on_its_page_and_sees_no_receipt(buy, officer, brand, sign_in):
    client = sign_in(brand)
    page = reverse("samples:test-buy", args=[buy.public_id])
    profile = a_profile(brand)
    TestBuy.objects.filter(pk=buy.pk).update(profile=profile)
    # What was not handed over is nobody's business yet.
    assert client.get(page).status_code == 404
    handed(buy, officer, profile)
    shown = client.get(page).content.decode()
    assert "photograph" in shown
    assert "receipt" not in shown
    assert "2026-77" not in shown
    assert client.post(page, {"judge-verdict": "genuine", "judge-note": ""}).status_code == 422
    assert client.post(page, {"judge-verdict": "genuine", "judge-note": "The hologram is ours."}).status_code == 302
    buy.refresh_from_db()
    assert (buy.state, buy.verdict, buy.judged_by) == ("judged", "genuine", brand)
    assert buy.number in client.get(reverse("samples:test-buys")).content.decode()


def test_nobody_else_sees_it_or_may_judge(buy, officer, brand, sign_in):
    handed(buy, officer, a_profile(brand))
    seller = merchant_of(buy.listing.target.shop)
    for stranger in (member(), seller):
        client = sign_in(stranger)
        assert client.get(reverse("samples:test-buy", args=[buy.public_id])).status_code == 404
        assert buy.number not in client.get(reverse("samples:test-buys")).content.decode()
        with pytest.raises(Forbidden):
            test_buys.judge(test_buy=buy, by=stranger, verdict="genuine", note="Ours.")
    # Nor staff who belong to a side.
    partial = staff()
    partial.memberships.create(organisation=seller.organisation, role="admin")
    with pytest.raises(Forbidden):
        test_buys.judge(test_buy=buy, by=partial, verdict="genuine", note="Ours.")


def test_a_pirated_copy_becomes_a_candidate_that_a_person_decides_on(buy, officer, brand):
    profile = a_profile(brand)
    handed(buy, officer, profile)
    test_buys.judge(test_buy=buy, by=officer, verdict="pirated", note="Ms Wang by phone: the paper is not ours.")
    candidate = Candidate.objects.get()
    assert (candidate.target, candidate.profile, candidate.source) == (buy.listing.target, profile, "sample")
    assert candidate.state == "open"
    assert candidate.signals[0]["data"]["test_buy"] == buy.public_id
    facts = desk.facts_of(desk.what_was_seen(candidate))
    assert f"A test buy of these goods was judged pirated ({buy.number})." in facts.splitlines()
    assert not buy.listing.target.holds.exists()
    # A later look that finds nothing does not undo what the brand had in its hands.
    sampled.write_candidates([], looked_at=[candidate.target], source="scan")
    candidate.refresh_from_db()
    assert candidate.state == "open"


def test_a_parcel_that_is_lost_after_it_was_received_is_given_up(buy, officer):
    TestBuy.objects.filter(pk=buy.pk).update(state="received")
    assert test_buys.give_up(test_buy=buy, by=officer, reason="It was lost on the way.").state == "not_bought"


def test_once_all_is_judged_or_given_up_the_estimate_is_reported(officer, brand):
    sample = drawn(officer)
    first, *others = TestBuy.objects.filter(listing__sample=sample).order_by("pk")
    handed(first, officer, a_profile(brand))
    test_buys.judge(test_buy=first, by=officer, verdict="genuine", note="All as it should be.")
    for other in others:
        with pytest.raises(WrongState):
            sampling.report(sample=sample, by=officer)
        test_buys.give_up(test_buy=other, by=officer, reason="Sold out.")
    done = sampling.report(sample=sample, by=officer)
    assert (done.report["genuine"], done.report["not_bought"], done.report["rate"]) == (1, 3, 0.0)
    assert LedgerEntry.objects.get(kind="sample.report").payload["estimate"]["drawn"] == 4
    # What is over stays as it is; the goods themselves may go on to a court.
    with pytest.raises(WrongState):
        test_buys.give_up(test_buy=others[0], by=officer, reason="Again.")
    test_buys.pass_on(test_buy=first, by=officer, keeper="authority", who="Market supervision, receipt 12")


def test_staff_buy_on_a_page_with_uploads(buy, officer, sign_in):
    client = sign_in(officer)
    page = reverse("admin:patrol_testbuy_review", args=[buy.public_id])
    refused = client.post(page, {"step": "order", "order-order_number": "77"})
    assert refused.status_code == 422
    assert "Add the receipt" in refused.content.decode()
    said = {"step": "order", "order-order_number": "77", "order-paid": "12.50", "order-files": png()}
    assert client.post(page, said).status_code == 302
    buy.refresh_from_db()
    assert (buy.state, buy.order_number, buy.paid) == ("ordered", "77", Decimal("12.50"))
    assert client.get(reverse("admin:patrol_testbuy_changelist")).status_code == 200

"""Who is told what, in which language, once; and what a merchant never learns of the complainant."""

from datetime import timedelta

import pytest

from accounts.models import Membership
from accounts.roles import StaffRole
from complaints import letters, selectors, services
from complaints.models import StatementOfReasons
from core.models import LedgerEntry, Letter, OutboxMessage
from marketplace.tasks import reconcile_due
from tests.complaints.helpers import found
from tests.factories import ListingFactory, ShopFactory, complaint, member, staff
from tests.marketplace import fake

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(work_off, mailoutbox):
    """Delivers what is owed; the letters so far as `(address, template)`."""

    def delivered():
        work_off()
        return sorted((letter.to, letter.template) for letter in Letter.objects.all())

    return delivered


def again(event):
    """The same event once more, as if the first delivery had not been noted."""
    OutboxMessage.objects.filter(event=event).update(due_at="2020-01-01T00:00Z", done_at=None, leased_until=None)


def body(template, to=None):
    found = [x for x in Letter.objects.filter(template=template) if to in (None, x.to)]
    return found[0].subject + "\n" + found[0].body


# --- the complainant ----------------------------------------------------------------------------------------------


def test_who_files_is_told_of_every_step_once(submitted, holder, reviewer, post, stopped):
    steps = [
        ("submitted", lambda: None),
        ("returned", lambda: services.return_for_supplement(complaint=submitted, by=reviewer, missing="The label.")),
        ("", lambda: services.supplement(complaint=submitted, by=holder, text="Attached.")),
        (
            "returned",
            lambda: services.return_for_supplement(complaint=submitted, by=reviewer, missing="A sharper one."),
        ),
        ("", lambda: services.supplement(complaint=submitted, by=holder, text="Attached.")),
        ("accepted", lambda: services.accept(complaint=submitted, by=reviewer)),
        ("withdrawn", lambda: services.withdraw(complaint=submitted, by=holder)),
    ]
    expected = []
    for told, step in steps:
        stopped.advance(hours=1)
        step()
        post()
        again(f"complaint.{told}")
        expected += [(holder.email, f"complaint_{told}")] if told else []
        assert post() == sorted(expected)
    assert "The label." in " ".join(x.body for x in Letter.objects.filter(template="complaint_returned"))


def test_rejected_with_the_reason_and_lapsed_without_supplement(submitted, holder, reviewer, post, stopped):
    services.reject(complaint=submitted, by=reviewer, reason="Parallel imports are no counterfeits.")
    lapsing = services.return_for_supplement(complaint=complaint(by=holder), by=reviewer, missing="The order.")
    stopped.set(lapsing.deadline_at)
    services.pass_deadlines()
    post()
    lapsed, rejected = Letter.objects.filter(template="complaint_rejected")
    assert "Parallel imports" in rejected.body
    assert "The order." in lapsed.body


def test_letters_are_in_the_language_of_the_reader(submitted, holder, post):
    holder.language = "zh-hans"
    holder.save()
    post()
    assert Letter.objects.get().language == "zh-hans"


def test_administrators_are_told_once_who_filed_has_left(submitted, holder, post):
    administrator = member(submitted.organisation)
    member(submitted.organisation, role="reader")
    gone = member(submitted.organisation)
    gone.is_active = False
    gone.save()
    elsewhere = member()
    elsewhere.memberships.create(organisation=submitted.organisation, role="reader")
    Membership.objects.filter(user=holder).delete()
    assert post() == [(administrator.email, "complaint_submitted")]


# --- the decision -------------------------------------------------------------------------------------------------


def test_parties_are_told_when_every_takedown_is_confirmed(upheld, holder, merchant, post, market):
    post()
    assert "complaint_decided" not in str(post())
    reconcile_due()
    told = post()
    assert (holder.email, "complaint_decided") in told
    assert (merchant.email, "notice_to_merchant") in told
    upheld.refresh_from_db()
    assert upheld.state == "notified"
    again("enforcement.settled")
    again("complaint.decided")
    assert post() == told


def test_parties_are_told_when_a_takedown_is_refused_for_good(upheld, merchant, post, market):
    market.then(fake.refused)
    reconcile_due()
    assert (merchant.email, "notice_to_merchant") in post()


def test_parties_are_told_in_time_though_the_marketplace_is_silent(upheld, merchant, post, market, stopped):
    market.then(*[fake.no_connection] * 50)
    reconcile_due()
    assert "notice_to_merchant" not in str(post())
    stopped.set(upheld.deadline_at)
    services.pass_deadlines()
    assert (merchant.email, "notice_to_merchant") in post()


def test_dismissal_is_told_at_once_and_to_the_complainant_alone(accepted, reviewer, listings, merchant, post):
    services.decide(complaint=accepted, by=reviewer, findings=found(accepted, dismissed=listings))
    told = post()
    assert "complaint_decided" in str(told)
    assert merchant.email not in str(told)
    accepted.refresh_from_db()
    assert accepted.state == "notified"


def test_shop_taken_down_item_by_item_is_told_when_its_items_are_down(holder, reviewer, post, market, stopped):
    from tests.factories import MarketplaceFactory, a_file

    shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake_items"), contact_email="shop@items.example")
    ListingFactory.create_batch(2, shop=shop)
    case = complaint(shop, by=holder, infringement="shop_name", evidence=[a_file(holder)])
    services.accept(complaint=case, by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case))
    post()
    assert "notice_to_merchant" not in str(post())
    reconcile_due()
    assert ("shop@items.example", "notice_to_merchant") in post()


def test_withdrawn_link_is_not_waited_for(upheld, holder, listings, merchant, post, market):
    market.then(fake.only(*[x.external_id for x in listings[1:]], otherwise=fake.TransientError("busy")))
    reconcile_due()
    post()
    services.withdraw(complaint=upheld, by=holder, targets=upheld.targets.filter(target=listings[0]))
    assert (merchant.email, "notice_to_merchant") in post()
    assert str(listings[0]) not in body("notice_to_merchant")
    assert str(listings[1]) in body("notice_to_merchant")


# --- the merchant -------------------------------------------------------------------------------------------------


@pytest.fixture
def two_shops(holder, reviewer, shop, market, stopped):
    """Upheld against two shops of different merchants; each with one link, the first with a dismissed one too."""
    other = ShopFactory(marketplace=shop.marketplace, title="Other Shop", contact_email="other@shop.example")
    other.contact_language = "zh-hans"
    other.save()
    targets = [
        ListingFactory(shop=shop, title="Shoe of Bargain"), ListingFactory(shop=shop, title="Genuine of Bargain"),
        ListingFactory(shop=other, title="Shoe of Other"),
    ]  # fmt: skip
    case = services.accept(complaint=complaint(*targets, by=holder), by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case, dismissed=[targets[1]]))
    return case


def test_each_shop_reads_of_its_own_upheld_links_alone(two_shops, merchant, post):
    reconcile_due()
    post()
    mine, theirs = body("notice_to_merchant", merchant.email), body("notice_to_merchant", "other@shop.example")
    assert "Shoe of Bargain" in mine
    assert "Genuine of Bargain" not in mine
    assert "Shoe of Other" not in mine
    assert "Shoe of Other" in theirs
    assert "Bargain" not in theirs
    languages = dict(Letter.objects.filter(template="notice_to_merchant").values_list("user", "language"))
    assert languages == {merchant.pk: "zh-hans", None: "zh-hans"}


def test_shop_is_told_of_a_link_that_another_shop_sells_since(two_shops, holder, merchant, post):
    moved = two_shops.targets.get(target__title="Shoe of Other")
    moved.target.shop = ShopFactory(marketplace=moved.target.marketplace, contact_email="new@shop.example")
    moved.target.save()
    reconcile_due()
    post()
    assert "Shoe of Other" in body("notice_to_merchant", "other@shop.example")
    statement = StatementOfReasons.objects.get(shop__title="Other Shop")
    assert [link.row for link in selectors.links_of_notice(statement)] == [moved]
    services.withdraw(complaint=two_shops, by=holder, targets=two_shops.targets.filter(pk=moved.pk))
    post()
    assert statement.number in body("notice_withdrawn", "other@shop.example")
    assert "new@shop.example" not in {letter.to for letter in Letter.objects.all()}


def test_merchant_never_reads_personal_data_of_the_complainant(two_shops, holder, reviewer, merchant, post):
    reconcile_due()
    post()
    services.withdraw(complaint=two_shops, by=holder, reason="We met.")
    post()
    letters_to_merchants = [x for x in Letter.objects.all() if x.template.startswith("notice_")]
    assert len(letters_to_merchants) == 4
    for letter in letters_to_merchants:
        for secret in (
            holder.name, holder.email, holder.phone, "Person One", two_shops.description, "We met.", two_shops.number,
            reviewer.name, reviewer.email,
        ):  # fmt: skip
            assert secret not in letter.subject + letter.body


def test_everybody_active_at_the_merchant_is_told_once(upheld, merchant, shop, post):
    colleague = member(shop.operator, role="reader")
    gone = member(shop.operator, is_active=False)
    reconcile_due()
    told = [to for to, template in post() if template == "notice_to_merchant"]
    assert sorted(told) == sorted([merchant.email, colleague.email])
    assert gone.email not in told


def test_shop_without_account_and_address_stops_nobody(upheld, holder, post):
    reconcile_due()
    assert [t for _to, t in post() if t.startswith("notice")] == []
    assert (holder.email, "complaint_decided") in post()


def test_merchant_is_told_of_each_withdrawal_once(upheld, holder, listings, merchant, post):
    reconcile_due()
    post()
    for count, listing in enumerate(listings, start=1):
        services.withdraw(complaint=upheld, by=holder, targets=upheld.targets.filter(target=listing))
        post()
        again("complaint.withdrawn")
        assert len([t for _to, t in post() if t == "notice_withdrawn"]) == count


def test_merchant_that_was_not_told_of_a_takedown_is_told_of_no_withdrawal(upheld, holder, merchant, post):
    services.withdraw(complaint=upheld, by=holder)
    assert merchant.email not in str(post())


def test_shop_whose_links_stay_down_is_not_told_of_the_withdrawal_of_others(two_shops, holder, merchant, post):
    reconcile_due()
    post()
    others = two_shops.targets.filter(target__title="Shoe of Other")
    services.withdraw(complaint=two_shops, by=holder, targets=others)
    assert [to for to, t in post() if t == "notice_withdrawn"] == ["other@shop.example"]


# --- senior reviewers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["submitted", "accepted"])
def test_seniors_are_told_once_that_a_case_waits_too_long(request, stage, stopped, post):
    case = request.getfixturevalue(stage)
    senior = staff(StaffRole.SENIOR_REVIEWER)
    stopped.set(case.deadline_at - timedelta(seconds=1))
    assert services.pass_deadlines() == 0
    stopped.set(case.deadline_at)
    assert services.pass_deadlines() == 1
    stopped.advance(days=3)
    assert services.pass_deadlines() == 0
    assert not letters.tell_overdue(case)
    told = [x for x in post() if x[1] == "complaint_overdue"]
    assert told == [(senior.email, "complaint_overdue")]
    assert LedgerEntry.objects.filter(kind="complaint.overdue").count() == 1
    case.refresh_from_db()
    assert case.state == stage


def test_statement_numbers_are_named_in_the_letter(upheld, merchant, post):
    reconcile_due()
    post()
    assert StatementOfReasons.objects.get().number in body("notice_to_merchant")

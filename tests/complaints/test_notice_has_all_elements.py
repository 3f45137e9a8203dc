"""A notice is taken in with all elements that its law asks for; what is wrong is said by its field."""

from dataclasses import replace
from datetime import date

import pytest

from accounts.errors import NotForMerchants
from accounts.models import Organisation, User
from accounts.roles import OrgRole
from accounts.services import create_organisation
from complaints.models import Complaint, ComplaintTarget
from complaints.reasons import REASONS
from complaints.regimes import CN_ECOMMERCE, REGIMES
from complaints.services import submit_complaint, withdraw
from core.errors import Forbidden, Invalid, NotYours
from core.models import LedgerEntry, OutboxMessage
from filings.models import Filing, GenuineSeller, RightKind
from marketplace.links import Problem, Resolved
from marketplace.models import Target
from tests.factories import (
    FilingFactory,
    ListingFactory,
    MarketplaceFactory,
    OrganisationFactory,
    ShopFactory,
    a_file,
    a_notice,
    complaint,
    link_to,
    member,
    merchant_of,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(db):
    return member()


def refused(notice, by):
    """The errors of a notice that is refused; nothing of it stays."""
    with pytest.raises(Invalid) as wrong:
        submit_complaint(notice=notice, by=by)
    assert not Complaint.objects.exists()
    assert not LedgerEntry.objects.filter(kind="complaint.submit").exists()
    assert not OutboxMessage.objects.exists()
    return {field: [str(s) for s in sentences] for field, sentences in wrong.value.errors.items()}


def test_complete_notice_becomes_a_complaint_with_snapshots_and_one_ledger_entry(holder, stopped):
    listing = ListingFactory(title="Running shoe", price="19.90")
    case = complaint(listing, by=holder)
    assert case.state == "submitted"
    assert case.number == "C-2026-000001"
    assert case.deadline_at == case.created_at + CN_ECOMMERCE.admission
    row = case.targets.get()
    assert row.snapshot["title"] == "Running shoe"
    assert row.snapshot["seller"] == listing.shop.title
    entry = LedgerEntry.objects.get(subject=case.public_id)
    assert (entry.kind, entry.actor) == ("complaint.submit", holder.public_id)
    assert entry.payload["targets"] == {listing.public_id: row.snapshot_hash}
    assert {m.event for m in OutboxMessage.objects.all()} == {"complaint.submitted"}


def test_snapshot_keeps_how_it_looked_though_the_listing_changes(holder):
    listing = ListingFactory(title="Replica of the original")
    case = complaint(listing, by=holder)
    listing.title = "Plain shoe"
    listing.save()
    assert case.targets.get().snapshot["title"] == "Replica of the original"


def test_ledger_has_no_word_of_the_notice_and_no_name(holder):
    complaint(by=holder)
    written = " ".join(str(e.payload) for e in LedgerEntry.objects.all())
    for secret in ("seams", "Person One", holder.name, holder.email):
        assert secret not in written


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("filing", {"right": ""}),
        ("signature", {"signature": "  "}),
        ("links", {"links": []}),
        ("description", {"description": "too short"}),
        ("good_faith", {"good_faith": False}),
    ],
)
def test_each_missing_element_is_named_by_its_field(holder, field, change):
    errors = refused(replace(a_notice(by=holder), **change), holder)
    element = next(e for e in CN_ECOMMERCE.notice if e.field == field)
    assert errors == {field: [str(element.missing)]}


def test_everything_missing_is_said_at_once(holder):
    empty = replace(a_notice(by=holder), right="", signature="", links=[], description="", good_faith=False)
    assert set(refused(empty, holder)) == {e.field for e in CN_ECOMMERCE.notice}


@pytest.mark.parametrize("right", RightKind.values)
@pytest.mark.parametrize("reason", REASONS, ids=lambda r: r.kind)
def test_kind_of_infringement_must_fit_the_right(holder, reason, right):
    target = ShopFactory() if Target.Kind.SHOP in reason.targets else ListingFactory()
    filing = FilingFactory(organisation=holder.organisation, kind=right)
    notice = a_notice(target, by=holder, filing=filing, infringement=reason.kind, evidence=[a_file(holder)])
    if right in reason.rights:
        assert submit_complaint(notice=notice, by=holder).infringement == reason.kind
    else:
        assert set(refused(notice, holder)) == {"infringement"}


@pytest.mark.parametrize("reason", REASONS, ids=lambda r: r.kind)
def test_kind_of_infringement_must_fit_every_target(holder, reason):
    wrong = (
        ListingFactory(title="The wrong one")
        if Target.Kind.SHOP in reason.targets
        else ShopFactory(title="The wrong one")
    )
    filing = FilingFactory(organisation=holder.organisation, kind=min(reason.rights))
    notice = a_notice(wrong, by=holder, filing=filing, infringement=reason.kind, evidence=[a_file(holder)])
    errors = refused(notice, holder)
    assert set(errors) == {"infringement"}
    assert "The wrong one" in errors["infringement"][0]


def test_unknown_kind_of_infringement_is_refused(holder):
    assert set(refused(a_notice(by=holder, infringement="bad taste"), holder)) == {"infringement"}


@pytest.mark.parametrize("reason", [r for r in REASONS if r.attach], ids=lambda r: r.kind)
def test_what_must_be_attached_is_asked_for(holder, reason):
    target = ShopFactory() if Target.Kind.SHOP in reason.targets else ListingFactory()
    filing = FilingFactory(organisation=holder.organisation, kind=min(reason.rights))
    errors = refused(a_notice(target, by=holder, filing=filing, infringement=reason.kind), holder)
    assert errors == {"evidence": [str(reason.attach)]}


# --- links -----------------------------------------------------------------------------------------------


def test_links_under_one_law_carry_its_code(holder, monkeypatch):
    monkeypatch.setitem(REGIMES, "eu", replace(CN_ECOMMERCE, code="eu"))
    abroad = ShopFactory(marketplace=MarketplaceFactory(regime="eu"))
    assert complaint(ListingFactory(shop=abroad), ListingFactory(shop=abroad), by=holder).regime == "eu"


def test_links_under_different_laws_need_a_complaint_each(holder, monkeypatch):
    monkeypatch.setitem(REGIMES, "eu", replace(CN_ECOMMERCE, code="eu"))
    abroad = ShopFactory(marketplace=MarketplaceFactory(regime="eu"))
    errors = refused(a_notice(ListingFactory(), ListingFactory(shop=abroad), by=holder), holder)
    assert set(errors) == {"links"}
    assert "different laws" in errors["links"][0]


def test_links_of_two_marketplaces_under_one_law_are_one_complaint(holder):
    assert complaint(ListingFactory(), ListingFactory(), by=holder).targets.count() == 2


def test_same_target_twice_is_refused_whichever_way_it_was_linked(holder):
    listing = ListingFactory()
    notice = replace(a_notice(by=holder), links=[link_to(listing), link_to(listing, "search")])
    assert "twice" in refused(notice, holder)["links"][0]


def test_link_that_was_not_understood_is_quoted_with_the_reason(holder):
    wrong = Resolved(link="https://elsewhere.example/1", problem=Problem.TOO_LONG)
    errors = refused(replace(a_notice(by=holder), links=[link_to(ListingFactory()), wrong]), holder)
    assert "https://elsewhere.example/1" in errors["links"][0]
    assert wrong.message in errors["links"][0]


def test_at_most_ten_links_are_quoted(holder):
    wrong = [Resolved(link=f"nonsense {i}", problem=Problem.NOT_A_LINK) for i in range(30)]
    assert len(refused(replace(a_notice(by=holder), links=wrong), holder)["links"]) == 10


def test_second_complaint_about_the_same_link_under_the_same_right_names_the_first(holder):
    listing, filing = ListingFactory(), FilingFactory(organisation=holder.organisation)
    first = complaint(listing, by=holder, filing=filing)
    with pytest.raises(Invalid) as wrong:
        complaint(listing, ListingFactory(), by=holder, filing=filing)
    assert first.number in wrong.value.errors["links"][0]
    assert Complaint.objects.count() == 1


def test_the_same_link_may_be_complained_of_under_another_right_by_others_and_after_a_withdrawal(holder):
    listing, filing = ListingFactory(), FilingFactory(organisation=holder.organisation)
    first = complaint(listing, by=holder, filing=filing)
    complaint(listing, by=holder)
    complaint(listing)
    withdraw(complaint=first, by=holder)
    complaint(listing, by=holder, filing=filing)
    assert ComplaintTarget.objects.filter(target=listing).count() == 4


def test_genuine_sellers_of_the_right_are_not_complained_of_by_mistake(holder):
    listing, filing = ListingFactory(title="The real thing"), FilingFactory(organisation=holder.organisation)
    GenuineSeller.objects.create(filing=filing, shop=listing.shop)
    errors = refused(a_notice(listing, ListingFactory(), by=holder, filing=filing), holder)
    assert set(errors) == {"links"}
    assert len(errors["links"]) == 1
    assert "The real thing" in errors["links"][0]
    assert listing.shop.title in errors["links"][0]


def test_five_hundred_links_are_one_complaint_in_a_bounded_number_of_queries(holder, django_assert_max_num_queries):
    shops = ShopFactory.create_batch(5, marketplace=MarketplaceFactory())
    Target.objects.bulk_create(
        Target(
            marketplace=shops[0].marketplace, kind="listing", external_id=f"x{i}", shop=shops[i % 5], title=f"Shoe {i}"
        )
        for i in range(500)
    )
    notice = a_notice(*Target.objects.filter(kind="listing"), by=holder)
    with django_assert_max_num_queries(25):
        case = submit_complaint(notice=notice, by=holder)
    assert case.targets.count() == 500
    assert {t.snapshot["seller"] for t in case.targets.all()} == {s.title for s in shops}


def test_one_link_too_many_is_refused_with_the_limit(holder, settings):
    shop = ShopFactory()
    Target.objects.bulk_create(
        Target(marketplace=shop.marketplace, kind="listing", external_id=f"x{i}", shop=shop)
        for i in range(settings.MAX_LINKS_PER_COMPLAINT + 1)
    )
    errors = refused(a_notice(*Target.objects.filter(kind="listing"), by=holder), holder)
    assert set(errors) == {"links"}
    assert "500" in errors["links"][0]
    assert "501" in errors["links"][0]


# --- the right, the organisation, the person ------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"valid_until_on": date(2026, 3, 2)},
        {"valid_from_on": date(2026, 3, 4)},
        *({"state": s} for s in Filing.State if s not in Filing.IN_FORCE),
    ],
    ids=str,
)
def test_right_must_be_in_force_on_the_day(holder, stopped, fields):
    filing = FilingFactory(organisation=holder.organisation, **fields)
    assert set(refused(a_notice(by=holder, filing=filing), holder)) == {"filing"}


def test_right_counts_as_it_stands_now_not_as_it_was_loaded(holder):
    notice = a_notice(by=holder)
    Filing.objects.update(state=Filing.State.REVOKED)
    assert set(refused(notice, holder)) == {"filing"}


def test_right_of_somebody_else_looks_as_if_it_did_not_exist(holder):
    with pytest.raises(NotYours):
        submit_complaint(notice=a_notice(by=holder, filing=FilingFactory()), by=holder)


def test_evidence_of_another_organisation_looks_as_if_it_did_not_exist(holder):
    with pytest.raises(NotYours):
        complaint(by=holder, evidence=[a_file(holder), a_file(member())])
    assert not Complaint.objects.exists()


def test_file_that_belongs_to_another_case_must_be_uploaded_anew(holder):
    file = a_file(holder)
    complaint(by=holder, evidence=[file, file])
    with pytest.raises(Invalid) as wrong:
        complaint(by=holder, evidence=[file])
    assert set(wrong.value.errors) == {"evidence"}
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize("state", [s for s in Organisation.State if s != Organisation.State.VERIFIED])
def test_organisation_must_be_verified_first(state):
    holder = member(OrganisationFactory(state=state))
    with pytest.raises(Forbidden):
        submit_complaint(notice=a_notice(by=holder), by=holder)


@pytest.mark.parametrize("role", OrgRole)
def test_everybody_but_a_reader_may_complain_for_the_organisation(role):
    person = member(role=role)
    if role == OrgRole.READER:
        with pytest.raises(Forbidden):
            complaint(by=person)
    else:
        assert complaint(by=person).filed_by == person


def test_staff_without_an_organisation_cannot_complain():
    with pytest.raises(Forbidden):
        submit_complaint(notice=a_notice(by=member()), by=staff())


def test_a_merchant_complains_as_a_rights_holder_that_it_founds_beside():
    seller = merchant_of(ShopFactory())
    with pytest.raises(NotForMerchants):
        complaint(by=seller)
    holder = create_organisation(
        kind="rights_holder", name=seller.organisation.name, country=seller.organisation.country, by=seller
    )
    Organisation.objects.filter(pk=holder.pk).update(state=Organisation.State.VERIFIED)
    assert complaint(by=User.objects.get(pk=seller.pk)).organisation == holder


def test_every_law_that_a_marketplace_can_have_is_known_here():
    from complaints.regimes import REGIMES
    from marketplace.models import Marketplace

    assert set(REGIMES) == set(Marketplace.Regime.values)

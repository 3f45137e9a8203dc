"""A draft takes what fits; what is handed in is complete, verified and in its proper form."""

from datetime import date

import pytest

from accounts.models import Organisation
from accounts.roles import OrgRole
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.models import FilePurpose, LedgerEntry
from filings import services
from filings.errors import Incomplete, NotVerified, StaleForm
from filings.models import Filing, RightKind
from filings.requirements import FILED_BY_HAND
from tests.factories import FilingFactory, ListingFactory, OrganisationFactory, ShopFactory, member
from tests.filings.build import a_draft, a_picture, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


@pytest.mark.parametrize("kind", FILED_BY_HAND)
def test_a_complete_filing_of_each_kind_goes_to_review(kind):
    by = member()
    filing = services.submit_filing(filing=a_draft(kind, by=by), by=by)
    assert filing.state == Filing.State.SUBMITTED
    assert filing.number.startswith("F-2026-")
    assert filing.number_key
    entry = LedgerEntry.objects.get(kind="filing.submit", subject=filing.public_id)
    assert entry.actor == by.public_id
    assert len(entry.payload["papers"]) == 2


@pytest.mark.parametrize("kind", FILED_BY_HAND)
def test_an_empty_draft_is_told_everything_that_is_missing(kind):
    by = member()
    draft = services.create_draft(kind=kind, by=by)
    with pytest.raises(Incomplete) as told:
        services.submit_filing(filing=draft, by=by)
    assert {"title", "registration_number", "certificate"} <= set(told.value.errors)
    if kind == RightKind.TRADEMARK:
        assert {"mark_type", "nice_classes"} <= set(told.value.errors)
    if kind == RightKind.PUBLISHING:
        assert "cover" in str(told.value.errors["pictures"])
    draft.refresh_from_db()
    assert draft.state == Filing.State.DRAFT


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("trademark", {"registration_number": "123"}, "registration_number"),
        ("trademark", {"valid_until_on": date(2025, 1, 1)}, "valid_until_on"),
        ("trademark", {"valid_until_on": None}, "valid_until_on"),
        ("patent_utility", {"valid_until_on": date(2031, 1, 1)}, "valid_until_on"),
        ("publishing", {"registration_number": "9787111128060"}, "registration_number"),
    ],
)
def test_what_cannot_be_right_is_not_handed_in(kind, said, field):
    by = member()
    with pytest.raises(Incomplete) as told:
        services.submit_filing(filing=a_draft(kind, by=by, **said), by=by)
    assert list(told.value.errors) == [field]


def test_a_figure_needs_its_picture():
    by = member()
    draft = a_draft(by=by, mark_type="figure", papers=False)
    services.add_file(filing=draft, by=by, upload=a_picture(), purpose=FilePurpose.CERTIFICATE)
    with pytest.raises(Incomplete) as told:
        services.submit_filing(filing=draft, by=by)
    assert list(told.value.errors) == ["pictures"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": "SUN\x00BIRD"}, "title"),
        ({"title": "SUN\u202eBIRD"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"registration_number": "1" * 65}, "registration_number"),
        ({"description": "x" * 10_000_000}, "description"),
        ({"nice_classes": [46]}, "nice_classes"),
        ({"nice_classes": ["shoes"]}, "nice_classes"),
        ({"mark_type": "sound"}, "mark_type"),
        ({"territory": "China"}, "territory"),
        ({"territory": "ZZ"}, "territory"),
        ({"valid_from_on": date(2030, 1, 1), "valid_until_on": date(2029, 1, 1)}, "valid_until_on"),
        ({"valid_until_on": date(9999, 1, 1)}, "valid_until_on"),
    ],
)
def test_a_draft_refuses_what_does_not_fit_and_keeps_what_it_had(said, field):
    by = member()
    draft = a_draft(by=by, papers=False)
    with pytest.raises(Invalid) as told:
        services.update_draft(filing=draft, by=by, version=draft.version, **said)
    assert list(told.value.errors) == [field]
    draft.refresh_from_db()
    assert (draft.title, draft.version) == ("SUNBIRD", 1)


def test_a_draft_keeps_an_unfinished_number_and_emoji():
    by = member()
    draft = services.create_draft(kind="trademark", by=by)
    draft = services.update_draft(filing=draft, by=by, version=1, registration_number="12", title="SUN 🐦", isbn="x")
    assert (draft.registration_number, draft.number_key, draft.title) == ("12", "", "SUN 🐦")


def test_a_stale_form_changes_nothing():
    by = member()
    draft = services.create_draft(kind="trademark", by=by)
    services.update_draft(filing=draft, by=by, version=1, title="FIRST")
    with pytest.raises(StaleForm):
        services.update_draft(filing=draft, by=by, version=1, title="SECOND")
    draft.refresh_from_db()
    assert draft.title == "FIRST"


def test_a_draft_begun_twice_is_one_draft():
    by = member()
    first = services.create_draft(kind="trademark", by=by)
    assert services.create_draft(kind="trademark", by=by) == first
    services.update_draft(filing=first, by=by, version=1, title="SUNBIRD")
    assert services.create_draft(kind="trademark", by=by) != first


def test_an_organisation_is_verified_before_it_hands_in():
    by = member(OrganisationFactory(state=Organisation.State.SUBMITTED))
    with pytest.raises(NotVerified):
        services.submit_filing(filing=a_draft(by=by), by=by)


@pytest.mark.parametrize("role", [OrgRole.COMPLAINANT, OrgRole.READER])
def test_who_may_not_file_rights_only_reads(role):
    by = member(role=role)
    with pytest.raises(Forbidden):
        services.create_draft(kind="trademark", by=by)
    filing = a_draft(by=member(by.organisation))
    for act in (
        lambda: services.update_draft(filing=filing, by=by, version=filing.version, title="x"),
        lambda: services.submit_filing(filing=filing, by=by),
        lambda: services.withdraw(filing=filing, by=by),
        lambda: services.add_file(filing=filing, by=by, upload=a_picture(), purpose="certificate"),
        lambda: services.add_genuine_sellers(filing=filing, by=by, links=[]),
    ):
        with pytest.raises(Forbidden):
            act()
    assert by.organisation.filings.visible_to(by).get() == filing


def test_the_same_number_twice_by_one_organisation_is_a_mistake():
    by = member()
    first = submitted(by=by)
    with pytest.raises(Incomplete) as told:
        submitted(by=by, registration_number=f"No. {first.registration_number}")
    assert first.number in str(told.value.errors["registration_number"])


def test_a_double_click_hands_in_once():
    by = member()
    draft = a_draft(by=by)
    services.submit_filing(filing=draft, by=by, version=draft.version)
    with pytest.raises(WrongState):
        services.submit_filing(filing=draft, by=by, version=draft.version)
    assert LedgerEntry.objects.filter(kind="filing.submit", subject=draft.public_id).count() == 1


def test_a_returned_filing_is_supplemented_and_one_under_review_is_not_touched():
    by = member()
    filing = submitted(by=by)
    with pytest.raises(WrongState):
        services.update_draft(filing=filing, by=by, version=filing.version, title="OTHER")
    with pytest.raises(WrongState):
        services.add_file(filing=filing, by=by, upload=a_picture(), purpose="certificate")
    Filing.objects.filter(pk=filing.pk).update(state="returned")
    filing.refresh_from_db()
    file = filing.files.first()
    services.remove_file(filing=filing, by=by, file=file.file.public_id)
    services.add_file(filing=filing, by=by, upload=a_picture(), purpose="certificate")
    assert services.submit_filing(filing=filing, by=by).state == "submitted"


def test_the_same_file_twice_and_another_filings_file_are_refused():
    by = member()
    draft, other = a_draft(by=by), a_draft(by=member())
    upload = a_picture()
    services.add_file(filing=draft, by=by, upload=upload, purpose="picture")
    with pytest.raises(Invalid, match="already here"):
        services.add_file(filing=draft, by=by, upload=upload, purpose="picture")
    with pytest.raises(NotYours):
        services.remove_file(filing=draft, by=by, file=other.files.first().file.public_id)


def test_genuine_sellers_are_named_by_the_links_of_their_shops():
    by, shop, listing = member(), ShopFactory(), ListingFactory()
    filing = FilingFactory(organisation=by.organisation)
    assert services.add_genuine_sellers(filing=filing, by=by, links=[shop.url, "", shop.url]) == 1
    assert services.add_genuine_sellers(filing=filing, by=by, links=[shop.url]) == 0
    for wrong, words in ((listing.url, "is not a shop"), ("https://nowhere.example/s/1", "not a marketplace")):
        with pytest.raises(Invalid) as told:
            services.add_genuine_sellers(filing=filing, by=by, links=[wrong])
        assert words in str(told.value.errors["sellers"])
    services.remove_genuine_seller(filing=filing, by=by, shop=shop.public_id)
    with pytest.raises(NotYours):
        services.remove_genuine_seller(filing=filing, by=by, shop=shop.public_id)
    assert LedgerEntry.objects.filter(kind="filing.sellers_changed", subject=filing.public_id).count() == 2

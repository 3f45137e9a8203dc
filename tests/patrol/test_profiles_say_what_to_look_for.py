"""A profile is made from a right in force, checked word by word, and ends with its right."""

from decimal import Decimal

import pytest

from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry
from filings.models import Filing, GenuineSeller
from patrol import profiles
from patrol.errors import NotWatchable, StaleProfile
from patrol.models import Candidate, WatchProfile
from tests.complaints.test_wizard import png
from tests.factories import FilingFactory, ShopFactory, member, staff
from tests.patrol.build import a_candidate, a_profile

pytestmark = pytest.mark.django_db
State = WatchProfile.State


def texts(profile, kind):
    return list(profile.terms.filter(kind=kind).values_list("text", flat=True))


def test_a_profile_begins_with_the_name_of_its_right():
    holder = member()
    right = FilingFactory(organisation=holder.organisation, title="Kivorro", kind="publishing")
    profile = profiles.create(filing=right, by=holder)
    assert (profile.name, profile.kind, profile.state) == ("Kivorro", "book", State.DRAFT)
    assert texts(profile, "name") == ["Kivorro"]


@pytest.mark.parametrize("fields", [{"state": "expired"}, {"state": "draft"}, {"kind": "first_publication"}])
def test_what_is_not_in_force_cannot_be_watched(fields):
    holder = member()
    with pytest.raises(NotWatchable):
        profiles.create(filing=FilingFactory(organisation=holder.organisation, **fields), by=holder)


def test_a_right_is_watched_once_and_by_its_own_people():
    profile = a_profile()
    with pytest.raises(NotWatchable, match="watched already"):
        profiles.create(filing=profile.filing, by=profile.filing.created_by)
    with pytest.raises(Forbidden):
        profiles.create(filing=FilingFactory(), by=member())
    assert profiles.create(filing=FilingFactory(), by=staff()).state == State.DRAFT


def test_each_change_is_one_entry_and_one_version():
    profile = a_profile()
    by = profile.filing.created_by
    before = LedgerEntry.objects.count(), profile.version
    changed = profiles.change(
        profile=profile, by=by, names=["Kivorro", "凯沃罗", "Kivorro"], code_words=["大嘴猴家"], list_price="39.80",
        price_floor=Decimal(20), isbn="0-306-40615-2",
    )  # fmt: skip
    assert (LedgerEntry.objects.count() - before[0], changed.version - before[1]) == (1, 1)
    assert texts(changed, "name") == ["Kivorro", "凯沃罗"]
    assert texts(changed, "code") == ["大嘴猴家"]
    assert (changed.isbn, changed.list_price) == ("9780306406157", Decimal("39.80"))
    payload = LedgerEntry.objects.order_by("-pk")[0].payload
    assert payload["fields"] == ["code_words", "isbn", "list_price", "names", "price_floor"]
    assert "Kivorro" not in str(payload)
    assert profiles.change(profile=changed, by=by, names=["凯沃罗", "Kivorro"]).version == changed.version


def test_a_draft_owes_no_scan_for_its_changes():
    profile = a_profile(starts=False)
    by = profile.filing.created_by
    assert profiles.change(profile=profile, by=by, publisher="Press").scan_due_at is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"names": ["a"]}, "names"),
        ({"names": ["书"]}, "names"),
        ({"names": ["…·—"]}, "names"),
        ({"code_words": ["ok"]}, "code_words"),
        ({"names": ["x" * 101]}, "names"),
        ({"names": ["same"], "code_words": ["same"]}, "code_words"),
        ({"isbn": "978-7-111-11111-1"}, "isbn"),
        ({"list_price": "10", "price_floor": "11"}, "price_floor"),
        ({"price_floor": "-1"}, "price_floor"),
        ({"price_floor": "NaN"}, "price_floor"),
        ({"list_price": "a lot"}, "list_price"),
        ({"currency": "yuan"}, "currency"),
        ({"kind": "book"}, "kind"),
        ({"name": " "}, "name"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_by_its_field_and_changes_nothing(said, field):
    profile = a_profile()
    before = profile.version, sorted(profile.terms.values_list("text", flat=True))
    with pytest.raises(Invalid) as refused:
        profiles.change(profile=profile, by=profile.filing.created_by, **said)
    assert list(refused.value.errors) == [field]
    profile.refresh_from_db()
    assert (profile.version, sorted(profile.terms.values_list("text", flat=True))) == before


def test_two_people_do_not_write_over_each_other():
    profile = a_profile()
    by = profile.filing.created_by
    profiles.change(profile=profile, by=by, version=profile.version, publisher="One")
    with pytest.raises(StaleProfile):
        profiles.change(profile=profile, by=by, version=profile.version, publisher="Two")


def test_shops_are_named_by_link_or_share_token_and_the_later_word_counts():
    profile, shop = a_profile(), ShopFactory(share_token="SHARE123")
    by = profile.filing.created_by
    GenuineSeller.objects.create(filing=profile.filing, shop=shop)
    assert profiles.say_of_shops(profile=profile, by=by, links=[shop.url]) == 1
    assert profiles.contradictions(profile) == []
    profiles.say_of_shops(profile=profile, by=by, links=[shop.url], is_authorised=False)
    assert [said.shop for said in profiles.contradictions(profile)] == [shop]
    profiles.forget_shop(profile=profile, by=by, shop=shop.public_id)
    assert not profile.shops.exists()


def test_what_is_no_shop_is_said_line_by_line():
    profile = a_profile()
    with pytest.raises(Invalid) as refused:
        profiles.say_of_shops(profile=profile, by=profile.filing.created_by, links=["nonsense", ShopFactory().url])
    assert "nonsense" in refused.value.errors["shops"][0]
    assert not profile.shops.exists()


def test_official_pictures_come_and_go():
    profile = a_profile()
    by = profile.filing.created_by
    image = profiles.add_image(profile=profile, by=by, upload=png(), is_cover=True)
    with pytest.raises(Invalid):
        profiles.add_image(profile=profile, by=by, upload=png())
    profiles.remove_image(profile=profile, by=by, image=image.public_id)
    assert not profile.images.exists()


def test_a_profile_that_would_find_nothing_does_not_start():
    profile = a_profile(starts=False, names=[])
    with pytest.raises(WrongState, match="what to look for"):
        profiles.start(profile=profile, by=profile.filing.created_by)


def test_with_its_right_a_profile_ends_and_what_it_found_is_let_go(work_off):
    candidate = a_candidate()
    profile = candidate.profile
    Filing.objects.filter(pk=profile.filing_id).update(state=Filing.State.EXPIRED)
    profiles.filing_ended(profile.filing.public_id)
    profiles.filing_ended(profile.filing.public_id)
    profile.refresh_from_db(), candidate.refresh_from_db()
    assert (profile.state, candidate.state) == (State.ENDED, Candidate.State.GONE)
    with pytest.raises(WrongState):
        profiles.change(profile=profile, by=profile.filing.created_by, publisher="Press")
    with pytest.raises(WrongState):
        profiles.begin_again(profile=profile, by=profile.filing.created_by)
    Filing.objects.filter(pk=profile.filing_id).update(state=Filing.State.APPROVED)
    profile.refresh_from_db()
    assert profiles.begin_again(profile=profile, by=profile.filing.created_by).state == State.DRAFT


def test_a_right_that_is_in_force_again_by_then_is_watched_on():
    profile = a_profile()
    profiles.filing_ended(profile.filing.public_id)
    profile.refresh_from_db()
    assert profile.state == State.WATCHING


def test_others_change_nothing():
    profile = a_profile()
    for stranger in (member(), member(profile.filing.organisation, role="reader")):
        with pytest.raises(Forbidden):
            profiles.change(profile=profile, by=stranger, publisher="Press")
        with pytest.raises(Forbidden):
            profiles.pause(profile=profile, by=stranger)

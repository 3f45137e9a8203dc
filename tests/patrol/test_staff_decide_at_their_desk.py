"""The staff's desk of candidates: the list, one with its evidence, a whole shop at once."""

import pytest

from accounts.roles import StaffRole
from complaints.models import Draft
from marketplace.models import Hold, Target
from patrol import desk as desk_of_candidates
from patrol import services
from patrol.models import Candidate, CandidateDecision
from tests.factories import ListingFactory, ShopFactory, staff
from tests.patrol.build import FACTS, a_candidate, a_profile, found

pytestmark = pytest.mark.django_db
LIST = "/admin/patrol/candidate/"
UPHOLD = {"step": "uphold", "rule": "U1", "facts": FACTS, "infringement": "counterfeit"}
BRANDS = {"rule-trademark-brand-listing": "U1", "infringement-trademark-brand-listing": "counterfeit"}


def page_of(candidate):
    return f"{LIST}{candidate.public_id}/review/"


def group_of(candidate):
    return f"{LIST}group/?by=shop&of={candidate.target.shop.public_id}"


def seen(candidate, **said):
    """What a person sends who saw the page as it stands now."""
    now = Candidate.objects.get(pk=candidate.pk)
    return {"shown": now.as_shown, **said}


def ticked(*candidates, **said):
    """The same of the page of a group."""
    rows = [Candidate.objects.get(pk=candidate.pk) for candidate in candidates]
    shown = {f"shown-{row.public_id}": row.as_shown for row in rows}
    facts = {f"facts-{row.public_id}": f"{FACTS} {row.number}" for row in rows}
    return {"candidate": [row.public_id for row in rows], **shown, **facts, **said}


def state_of(candidate):
    return Candidate.objects.get(pk=candidate.pk).state


def test_the_surest_stands_first_and_leads_to_its_evidence(sign_in):
    weak, strong = a_candidate(score=0.6), a_candidate(score=0.97)
    desk = sign_in(staff())
    listed = desk.get(LIST).content.decode()
    assert listed.index(strong.number) < listed.index(weak.number)
    shown = desk.get(page_of(strong)).content.decode()
    assert "below the price floor" in shown
    assert "97" in shown


def test_one_key_upholds_and_holds_down(sign_in):
    candidate = a_candidate()
    answer = sign_in(staff()).post(page_of(candidate), seen(candidate, **UPHOLD))
    assert answer.status_code == 302
    assert state_of(candidate) == "upheld"
    assert Hold.objects.active().filter(target=candidate.target).count() == 1


def test_a_dismissal_needs_its_reason(sign_in):
    candidate = a_candidate()
    desk = sign_in(staff())
    refused = desk.post(page_of(candidate), seen(candidate, step="dismiss"))
    assert refused.status_code == 422
    assert "Choose why it is no infringement." in refused.content.decode()
    assert state_of(candidate) == "open"
    desk.post(page_of(candidate), seen(candidate, step="dismiss", why="resale"))
    assert state_of(candidate) == "dismissed"


def test_the_brand_is_asked_or_handed_the_case(sign_in):
    asked, handed = a_candidate(), a_candidate()
    desk = sign_in(staff())
    desk.post(page_of(asked), seen(asked, step="ask_brand"))
    desk.post(page_of(handed), seen(handed, step="hand_over"))
    assert (state_of(asked), state_of(handed)) == ("asked", "handed_over")


def test_what_is_ticked_of_a_shop_is_decided_at_once_and_nothing_else(sign_in):
    profile, first = a_profile(), ListingFactory()
    mine = [a_candidate(profile, first), *(a_candidate(profile, ListingFactory(shop=first.shop)) for _n in range(2))]
    other = a_candidate(profile)
    desk = sign_in(staff())
    shown = desk.get(group_of(mine[0])).content.decode()
    assert all(c.public_id in shown for c in mine)
    assert other.public_id not in shown
    desk.post(group_of(mine[0]), ticked(mine[0], mine[1], other, step="uphold", **BRANDS))
    assert [state_of(c) for c in (*mine, other)] == ["upheld", "upheld", "open", "open"]


def test_what_is_ticked_is_decided_though_surer_ones_came_meanwhile(sign_in, monkeypatch):
    monkeypatch.setattr(desk_of_candidates, "MOST_AT_ONCE", 2)
    profile, first = a_profile(), ListingFactory()
    mine, over = a_candidate(profile, first), a_candidate(profile, ListingFactory(shop=first.shop))
    said = ticked(mine, over, step="uphold", **BRANDS)
    for _n in range(2):
        a_candidate(profile, ListingFactory(shop=first.shop), score=0.99)
    services.dismiss(candidate=over, by=staff(), why="resale")
    page = sign_in(staff()).post(group_of(mine), said, follow=True).content.decode()
    assert (state_of(mine), state_of(over)) == ("upheld", "dismissed")
    assert "1 decided." in page
    assert "1 was decided meanwhile" in page


def test_nothing_ticked_decides_nothing(sign_in):
    candidate = a_candidate()
    refused = sign_in(staff()).post(group_of(candidate), {"step": "uphold", **BRANDS})
    assert refused.status_code == 422
    assert state_of(candidate) == "open"


def test_nobody_decides_on_what_changed_after_the_page_was_shown(sign_in):
    """Refused are a page that shows other evidence, another version of the listing, or no word of what it showed."""
    profile = a_profile()
    candidate = a_candidate(profile)
    desk = sign_in(staff())
    page = page_of(candidate)
    before = seen(candidate)
    assert before["shown"] in desk.get(page).content.decode()
    services.write_candidates(
        [found(profile, candidate.target, word="kivorro replica")], looked_at=[candidate.target], source="feed"
    )
    for step in (UPHOLD, {"step": "dismiss", "why": "resale"}, {"step": "ask_brand"}, {"step": "hand_over"}):
        for shown in (before, {}):
            refused = desk.post(page, {**step, **shown})
            assert refused.status_code == 409
            assert "changed after you opened the page" in refused.content.decode()
    before = seen(candidate)
    Target.objects.filter(pk=candidate.target_id).update(version=99, title="Another title")
    assert desk.post(page, {**UPHOLD, **before}).status_code == 409
    assert state_of(candidate) == "open"
    assert desk.post(page, seen(candidate, **UPHOLD)).status_code == 302


def test_each_of_a_group_is_told_what_was_seen_of_it_and_counts_with_the_others(sign_in):
    profile, first = a_profile(), ListingFactory()
    mine = [a_candidate(profile, first), a_candidate(profile, ListingFactory(shop=first.shop))]
    desk = sign_in(staff())
    shown = desk.get(group_of(mine[0])).content.decode()
    assert all(f'name="facts-{c.public_id}"' in shown for c in mine)
    desk.post(group_of(mine[0]), ticked(*mine, step="uphold", **BRANDS))
    one, other = CandidateDecision.objects.order_by("pk")
    assert [d.facts for d in (one, other)] == [f"{FACTS} {d.candidate.number}" for d in (one, other)]
    assert (one.decided_with, other.decided_with) == (None, one)


def test_each_kind_of_right_has_a_rule_of_its_own(sign_in):
    brand = a_candidate(a_profile())
    book = a_candidate(a_profile(right="publishing", kind="book"), ListingFactory(shop=brand.target.shop))
    desk = sign_in(staff())
    page = desk.get(group_of(brand)).content.decode()
    assert 'name="rule-trademark-brand-listing"' in page
    assert 'name="rule-publishing-book-listing"' in page
    said = {**BRANDS, "rule-publishing-book-listing": "U3", "infringement-publishing-book-listing": "pirated_book"}
    desk.post(group_of(brand), ticked(brand, book, step="uphold", **said))
    cited = CandidateDecision.objects.order_by("pk").values_list("rule_version__rule__code", "infringement")
    assert sorted(cited) == [("U1", "counterfeit"), ("U3", "pirated_book")]


def test_a_whole_group_is_handed_to_the_brand_in_one_complaint(sign_in):
    profile, first = a_profile(), ListingFactory()
    mine = [a_candidate(profile, first), a_candidate(profile, ListingFactory(shop=first.shop))]
    desk = sign_in(staff())
    desk.post(group_of(mine[0]), ticked(*mine, step="hand_over"))
    assert [state_of(c) for c in mine] == ["handed_over"] * 2
    assert Draft.objects.count() == 1


def test_a_group_stops_where_one_of_it_changed_and_says_how_far_it_went(sign_in):
    profile, first = a_profile(), ListingFactory()
    sure, other = a_candidate(profile, first, score=0.95), a_candidate(profile, ListingFactory(shop=first.shop))
    said = ticked(sure, other, step="uphold", **BRANDS)
    Target.objects.filter(pk=other.target_id).update(version=99)
    stopped = sign_in(staff()).post(group_of(sure), said)
    assert stopped.status_code == 409
    page = stopped.content.decode()
    assert "1 decided." in page
    assert f"{other.number}: What was seen here changed" in page
    assert (state_of(sure), state_of(other)) == ("upheld", "open")


def test_groups_are_turned_over_page_by_page(sign_in, monkeypatch):
    monkeypatch.setattr(desk_of_candidates, "GROUPS_ON_A_PAGE", 1)
    profile = a_profile()
    shops = [ShopFactory(title=f"Shop number {n}") for n in range(2)]
    for shop in shops:
        for _n in range(2):
            a_candidate(profile, ListingFactory(shop=shop))
    desk = sign_in(staff())
    pages = [desk.get(f"{LIST}by-shop/?page={n}").content.decode() for n in (1, 2)]
    assert ["Shop number 0" in page for page in pages].count(True) == 1
    assert ["Shop number 1" in page for page in pages].count(True) == 1
    assert "Page 1 of 2" in pages[0]


def test_auditors_look_and_decide_nothing(sign_in):
    candidate = a_candidate()
    desk = sign_in(staff(StaffRole.AUDITOR))
    assert desk.get(page_of(candidate)).status_code == 200
    assert desk.post(page_of(candidate), seen(candidate, **UPHOLD)).status_code == 403
    assert state_of(candidate) == "open"


def test_the_list_asks_as_often_for_many_as_for_few(sign_in, django_assert_max_num_queries):
    profile = a_profile()
    for _n in range(12):
        a_candidate(profile)
    desk = sign_in(staff())
    desk.get(LIST)
    with django_assert_max_num_queries(30):
        desk.get(LIST)
    for by in ("by-shop", "by-copy"):
        assert desk.get(f"{LIST}{by}/").status_code == 200
